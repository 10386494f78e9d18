"""Carrying out a plan in a transaction: every step written, verified, repaired or dropped whole.

A step whose tests can only pass after a later one is held back and folded into that one's commit,
so that every commit is green.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sorte_cli.agent.executing import Draft, follow
from sorte_cli.agent.gating import Gate
from sorte_cli.agent.messages import Habit, commit_message
from sorte_cli.agent.prompting import render_step
from sorte_cli.agent.proposing import ApproveStep, RunStopped, StepSkipped
from sorte_cli.agent.report import StepReport, unified_diff
from sorte_cli.agent.verifying import Verifier, blame
from sorte_cli.agent.workspace import Workspace
from sorte_cli.domain import ChangeSet, FileChange, Step, Verdict
from sorte_cli.edits import DirectorySnapshot, Operation
from sorte_cli.history.commits import HookFailedError
from sorte_cli.history.transaction import Transaction
from sorte_cli.texts import N_

AGAIN_OR_WAIT = "answer again; with the very same where a later step of the plan makes it good"
RED_WITHOUT = N_("the tests are red without the skipped step")

Attempt = Callable[[Step, str], Draft]
"""Writes the operations of a step: (step, remarks on an earlier answer) -> Draft."""


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """What became of a plan: a report for each step, and why it stopped, if it did. `stopped`: at
    the person's word. `hopeless`: no other plan would do better."""

    steps: tuple[StepReport, ...]
    problem: str = ""
    stopped: bool = False
    hopeless: bool = False

    @property
    def committed(self) -> bool:
        return any(s.status == "committed" for s in self.steps)


class UnverifiableError(Exception):
    """The tests run neither with the change nor without it: no other answer would be better."""

    def __init__(self, draft: Draft, problem: str) -> None:
        super().__init__(problem)
        self.draft = draft
        self.problem = problem


def merged(first: ChangeSet, then: ChangeSet) -> ChangeSet:
    """Two change sets in a row as one."""
    total: dict[str, FileChange] = {c.path: c for c in first.changes}
    for change in then.changes:
        earlier = total.get(change.path)
        if earlier is not None:
            bit = change.executable if change.executable is not None else earlier.executable
            change = FileChange(change.path, earlier.before, change.after, bit)
        total[change.path] = change
    return ChangeSet.of(total.values())


class Carrier:
    """Carries out the steps of one plan."""

    def __init__(
        self,
        workspace: Workspace,
        transaction: Transaction,
        verifier: Verifier,
        attempt: Attempt,
        *,
        task: str,
        assistant: str,
        habit: Habit,
        max_repairs: int,
        after_step: Callable[[ChangeSet], None] = lambda changes: None,
        approve: ApproveStep | None = None,
    ) -> None:
        self._workspace = workspace
        self._observer = workspace.observer
        self._transaction = transaction
        self._verifier = verifier
        self._attempt = attempt
        self._task = task
        self._assistant = assistant
        self._habit = habit
        self._max_repairs = max_repairs
        self._after_step = after_step
        self._held = ChangeSet()
        self._held_operations: list[Operation] = []
        self._reports: list[StepReport] = []
        self._total = 0
        self._gate = Gate(
            approve,
            self._show,
            lambda: DirectorySnapshot(transaction.root, transaction.paths()),
            lambda event, data: workspace.journal.record(workspace.run_id, event, data),
        )

    def carry_out(self, steps: Sequence[Step]) -> CarriedOut:
        """All steps in order; stops at the first that cannot be made good."""
        queue = tuple(steps)
        self._total = len(queue)
        while queue:
            step, queue = queue[0], queue[1:]
            self._observer.event("step_started", step=render_step(step), total=self._total)
            try:
                draft, problem = self._make_good(step, last=not queue)
            except StepSkipped:
                self._leave_out(step)
                continue
            except RunStopped:
                self._drop_held()
                return CarriedOut(tuple(self._reports), stopped=True)
            except UnverifiableError as error:
                self._drop(step, error.draft, error.problem)
                return CarriedOut(tuple(self._reports), error.problem, hopeless=True)
            if problem:
                self._drop(step, draft, problem)
                return CarriedOut(tuple(self._reports), problem)
            queue = follow(queue, draft.operations)
            self._after_step(draft.changes)
        if self._held:  # the step that would have made the tests green was not wanted
            self._drop_held()
            return CarriedOut(tuple(self._reports), RED_WITHOUT)
        return CarriedOut(tuple(self._reports))

    def _make_good(self, step: Step, *, last: bool) -> tuple[Draft, str]:
        """The accepted draft of a step, or the last one tried and its problem."""
        draft, problem = self._attempts(step, last=last)
        while problem and self._gate.asks:
            draft = self._gate.mended(draft, problem, *self._place(step))
            problem = draft.problem or self._try(step, draft, last=last)
        return draft, problem

    def _place(self, step: Step) -> tuple[str, int, int]:
        """A step as a person reads it, which it is, and of how many."""
        return render_step(step), len(self._reports) + 1, self._total

    def _attempts(self, step: Step, *, last: bool) -> tuple[Draft, str]:
        """The executor's answers, each with the reason why the one before was no good."""
        remarks = problem = ""
        seen: set[str] = set()
        draft = Draft("")
        for attempt in range(self._max_repairs + 1):
            written = self._attempt(step, remarks)
            # Red tests may wait for a later step where the executor has nothing else to say.
            waits = not last and (attempt == self._max_repairs or written.text in seen)
            draft, problem = self._first_good(step, written, last=not waits)
            if not problem:
                return draft, ""
            self._workspace.journal.record(
                self._workspace.run_id, "repair", {"script": draft.text, "reason": problem}
            )
            if draft.text in seen:
                return draft, problem  # the same answer twice: asking again will not help
            seen.add(draft.text)
            if attempt < self._max_repairs:
                self._observer.event("repair", attempt=attempt + 1, reason=problem)
            again = "answer again" if last or draft.problem else AGAIN_OR_WAIT
            remarks = f"your answer:\n{draft.text.strip()}\nit failed: {problem}\n{again}"
        return draft, problem

    def _first_good(self, step: Step, written: Draft, *, last: bool) -> tuple[Draft, str]:
        """Of an answer and its `others` the first that all checks accept, or the answer itself and
        its problem. None is held for a later step while another one may be green.
        """
        drafts = (written, *written.others)
        tried: list[tuple[Draft, str]] = []
        for number, one in enumerate(drafts, start=1):
            draft = self._gate.passed(one, *self._place(step))
            problem = draft.problem or self._try(step, draft, last=last or len(drafts) > 1)
            if not problem:
                return draft, ""
            tried.append((draft, problem))
            if number < len(drafts):
                self._workspace.journal.record(
                    self._workspace.run_id, "candidate", {"script": draft.text, "reason": problem}
                )
                self._observer.event(
                    "note", text=f"candidate {number} of {len(drafts)} is no good: {problem}"
                )
        draft, problem = tried[0]
        if len(drafts) > 1 and not last and not draft.problem:
            problem = self._try(step, draft, last=False)
        return draft, problem

    def _show(self, draft: Draft) -> None:
        """What a draft would do."""
        self._observer.event("operations", script=draft.text, summaries=draft.summaries)
        self._observer.event("diff", text=unified_diff(draft.changes))
        for place in draft.possible:
            self._observer.event("note", text=f"possible reference, not changed: {place}")

    def _try(self, step: Step, draft: Draft, *, last: bool) -> str:
        """Write and verify a draft; commit it, hold it, or take it back and say why."""
        together = merged(self._held, draft.changes)
        self._transaction.write(draft.changes)
        try:
            verdict = self._verifier.step(together)
            if verdict.ok:
                self._commit(step, draft, together)
                return ""
        except HookFailedError as error:
            self._take_back()
            return error.message
        if verdict.tests is not None and verdict.tests.unusable:
            self._take_back()
            raise UnverifiableError(draft, blame(verdict))
        if not last and not verdict.blocking:
            self._hold(step, draft, together)
            return ""
        self._take_back()
        return blame(verdict)

    def _commit(self, step: Step, draft: Draft, together: ChangeSet) -> None:
        operations = (*self._held_operations, *draft.operations)
        # The tests could write here: what is committed is what was verified, byte for byte.
        self._transaction.restore()
        self._transaction.write(together)
        number = len(self._reports) + 1
        commit = self._transaction.commit(
            together,
            commit_message(operations, self._task, self._habit, step),
            {
                "Sorte-Run": self._workspace.run_id,
                "Sorte-Step": f"{number}/{self._total}",
                "Assisted-by": self._assistant,
            },
        )
        self._reports = [
            replace(r, commit=commit) if r.status == "folded" and not r.commit else r
            for r in self._reports
        ]
        report = StepReport(
            render_step(step), "committed", draft.text, commit, "; ".join(draft.summaries)
        )
        self._reports.append(report)
        self._held, self._held_operations = ChangeSet(), []
        self._workspace.journal.record(
            self._workspace.run_id,
            "step",
            {"step": report.text, "script": report.script, "commit": commit},
        )
        self._observer.event("step_committed", commit=commit, step=report.text)

    def _hold(self, step: Step, draft: Draft, together: ChangeSet) -> None:
        self._held = together
        self._held_operations.extend(draft.operations)
        report = StepReport(render_step(step), "folded", draft.text, "", "; ".join(draft.summaries))
        self._reports.append(report)
        self._workspace.journal.record(
            self._workspace.run_id, "step_held", {"step": report.text, "script": report.script}
        )
        self._observer.event("note", text="tests are red; folded into the next step's commit")

    def _take_back(self) -> None:
        self._transaction.restore()
        if self._held:
            self._transaction.write(self._held)

    def _leave_out(self, step: Step) -> None:
        """A step that the person did not want."""
        text = render_step(step)
        self._reports.append(StepReport(text, "skipped"))
        self._observer.event("step_skipped", step=text)

    def _drop_held(self) -> None:
        """What was held back for a later commit goes: there will be none."""
        self._transaction.restore()
        self._held, self._held_operations = ChangeSet(), []
        self._reports = [
            replace(r, status="dropped") if r.status == "folded" and not r.commit else r
            for r in self._reports
        ]

    def _drop(self, step: Step, draft: Draft, problem: str) -> None:
        self._drop_held()
        text = render_step(step)
        self._reports.append(StepReport(text, "dropped", draft.text, "", problem))
        self._workspace.journal.record(
            self._workspace.run_id, "step_dropped", {"step": text, "reason": problem}
        )
        self._observer.event("step_dropped", step=text, reason=problem)


def verdict_summary(verdict: Verdict) -> str:
    """One line for a journal or log."""
    tests = verdict.tests
    counted = f"{tests.passed} passed, {tests.failed} failed" if tests else "no tests run"
    return f"{counted}; {len(verdict.findings)} new findings"
