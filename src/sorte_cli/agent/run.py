"""`sorte do`: task -> context -> plan -> operations -> verdict -> commits -> landing -> report."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sorte_cli.agent import planning
from sorte_cli.agent.agreement import objections_to_step
from sorte_cli.agent.briefing import Background, brief
from sorte_cli.agent.carrying import CarriedOut, Carrier
from sorte_cli.agent.executing import Draft, write_operations
from sorte_cli.agent.exploring import Library
from sorte_cli.agent.gating import let_through
from sorte_cli.agent.landing import Outcome, finish
from sorte_cli.agent.loading import Loading
from sorte_cli.agent.meaning import with_meaning
from sorte_cli.agent.messages import habit_of
from sorte_cli.agent.planning import Situation
from sorte_cli.agent.plans import parse_plan, print_plan
from sorte_cli.agent.proposing import nothing_approved
from sorte_cli.agent.report import Observer, RunReport, RunRequest
from sorte_cli.agent.verifying import Verifier
from sorte_cli.agent.workspace import (
    Workspace,
    choose_sandbox,
    open_workspace,
    recent_subjects,
)
from sorte_cli.context.index import ProjectIndex
from sorte_cli.domain import ChangeSet, Plan, Step, Symbol
from sorte_cli.edits import DirectorySnapshot
from sorte_cli.errors import ExitCode, NotLandedError, UsageError
from sorte_cli.history.transaction import Transaction
from sorte_cli.inference import Engine, ModelSpec
from sorte_cli.inference.adapters import AdapterStore, with_adapter
from sorte_cli.inference.manager import ModelManager
from sorte_cli.inference.specs import spec_for
from sorte_cli.memory import notes
from sorte_cli.settings import Settings, routes
from sorte_cli.texts import N_

TASK_LIMIT_CHARS = 4_000
LAND_APPROVED = N_("You stopped. Test and land the steps that you approved?")


def do(request: RunRequest, observer: Observer) -> RunReport:
    """Run a task to the end.

    Returns a report whose `exit_code` is 0 only when something landed (or was kept or planned, as
    asked). Raises SorteError for everything that is not a result: wrong usage, environment,
    refusals, Ctrl-C. Whatever happens, the user's files change only at the landing.
    """
    task = checked_task(request.task)
    started = time.monotonic()
    with open_workspace(
        request.directory, request.flags, observer, kind="do", task=task
    ) as workspace:
        report = _Run(workspace, request, task).go()
        return replace(report, duration_s=time.monotonic() - started)


def checked_task(task: str) -> str:
    """The task as one clean text. Raises UsageError where it is empty or far too long."""
    kept = "".join(
        c for c in task if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs")
    )
    if not kept.strip():
        raise UsageError(
            "the task is empty", hint='say what to do, for example: sorte do "rename a to b"'
        )
    if len(kept) > TASK_LIMIT_CHARS:
        raise UsageError(
            f"the task has {len(kept):,} characters; at most {TASK_LIMIT_CHARS:,} are read",
            hint="say it in a few sentences; long specifications belong in a file of the project",
        )
    return kept.strip()


def model_specs(settings: Settings) -> tuple[ModelSpec, ModelSpec]:
    """The models of brain and executor, as set."""

    def spec(name: str) -> ModelSpec:
        return spec_for(
            name,
            context_tokens=settings.context_tokens,
            gpu_layers=settings.gpu_layers,
            threads=settings.threads,
            workers=settings.rpc_workers,
        )

    return spec(settings.brain_name), spec(settings.executor_name)


class _Run:
    """One run of a task: holds what its phases share."""

    def __init__(self, workspace: Workspace, request: RunRequest, task: str) -> None:
        self.workspace = workspace
        self.request = request
        self.task = task
        self.observer = workspace.observer
        self.notes = list(workspace.notes)
        self.names: dict[str, str] = {}

    def go(self) -> RunReport:
        brain, executor = (self._adapted(s) for s in model_specs(self.workspace.settings))
        with ModelManager(
            brain,
            executor,
            keep_alive_s=self.workspace.settings.keep_alive,
            routes=routes(self.workspace.settings.roles),
            on_progress=Loading(self.observer, (brain, executor)),
        ) as models:
            remarks, previous = "", ""
            profile = self._profile(models.engine("plan"))
            attempts_left = planning.bounds(self.workspace.settings, profile)[1] + 1
            while True:
                attempts_left -= 1
                with self._transaction() as transaction:
                    index = self._index(transaction)
                    situation = self._situation(models, transaction, index)
                    snapshot = DirectorySnapshot(transaction.root, transaction.paths())
                    library = Library(index, snapshot.read)
                    plan = self._plan(models, situation, remarks, library)
                    if self.request.plan_only:
                        return self._report("planned", ExitCode.OK, plan)
                    text = print_plan(plan)
                    if text != previous:
                        plan = self._approved(plan, planning.is_sure(plan, profile, situation))
                        carried = self._carry_out(models, transaction, index, situation, plan)
                        if not carried.problem:
                            return self._finish(transaction, plan, self._wanted(carried))
                    if carried.hopeless:
                        attempts_left = 0
                    if self.request.approve_step and carried.committed:
                        attempts_left = 0  # what was approved is kept, not planned anew
                    if attempts_left == 0 or text == previous:
                        branch = transaction.abandon(keep_branch=carried.committed) or ""
                        return self._not_landed(plan, carried, branch)
                    remarks, previous = carried.problem, text
                    self.observer.event("note", text="planning again")

    def _adapted(self, spec: ModelSpec) -> ModelSpec:
        """The model with what `sorte train` has taught it here, where that is in force."""
        store = AdapterStore(self.workspace.repository.identity)
        adapted, note = with_adapter(spec, store)
        if note:
            self.observer.event("note", text=note)
        if adapted is not spec:
            name = adapted.adapters[-1][0].stem
            self.workspace.journal.record(self.workspace.run_id, "with_adapter", {"name": name})
        return adapted

    def _profile(self, engine: Engine) -> str:
        return planning.profile_for(engine.info, self.workspace.settings.profile)

    @contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        transaction = Transaction.begin(self.workspace.repository, self.workspace.run_id)
        try:
            yield transaction
        finally:
            transaction.abandon(keep_branch=False)

    def _index(self, transaction: Transaction) -> ProjectIndex:
        """The index of exactly what the run will edit: the transaction's tree, that is HEAD."""
        self.observer.event("index")
        index = ProjectIndex.open(transaction.root)
        index.update()
        return index

    def _situation(
        self, models: ModelManager, transaction: Transaction, index: ProjectIndex
    ) -> Situation:
        engine = models.engine("plan")
        self.names["brain"] = engine.info.name
        root = self.workspace.repository.root
        background = Background(
            planning.project_instructions(transaction.root),
            notes.as_prompt(notes.notes(root)),
            self.request.talk,
        )
        repository, profile = self.workspace.repository, self._profile(engine)
        with with_meaning(index, self.workspace.settings):
            chosen = brief(engine, profile, self.task, index, repository, background)
        situation = chosen.situation
        self.observer.event("selected", files=chosen.selection.files, symbols=situation.symbols)
        return situation

    def _plan(
        self, models: ModelManager, situation: Situation, remarks: str, library: Library
    ) -> Plan:
        engine = models.engine("reflect" if remarks else "plan")
        profile = self._profile(engine)
        plan = planning.make_plan(
            engine, profile, situation, self.observer, remarks,
            thinking_tokens=self.workspace.settings.thinking_tokens, library=library,
        )  # fmt: skip
        text = print_plan(plan)
        self.workspace.journal.record(self.workspace.run_id, "plan", {"plan": text})
        self.observer.event("plan", text=text)
        if not plan.steps:
            raise NotLandedError(
                f"nothing was done: {plan.reason or 'the model found nothing to do'}",
                hint="name the function, class or value to change, or use a larger model (--brain)",
            )
        return plan

    def _approved(self, plan: Plan, sure: bool) -> Plan:
        if self.request.yes:
            if not sure:
                raise unsure(plan)
            return plan
        if not sure:
            self.observer.event("note", text="the model is not sure of this plan")
        answer = self.observer.approve_plan(print_plan(plan))
        if answer is None:
            raise NotLandedError(
                "the plan was not approved; nothing was changed",
                hint="pass --yes to go on without being asked",
            )
        edited = parse_plan(answer)
        if not edited.steps:
            raise NotLandedError("the edited plan is empty; nothing was changed")
        if edited != plan:
            self.workspace.journal.record(
                self.workspace.run_id, "plan_edited", {"plan": print_plan(edited)}
            )
        return edited

    def _carry_out(
        self,
        models: ModelManager,
        transaction: Transaction,
        index: ProjectIndex,
        situation: Situation,
        plan: Plan,
    ) -> CarriedOut:
        sandbox, note = choose_sandbox(self.workspace)
        self.notes += [note] if note else []
        engine = models.engine("operations")
        self.names["executor"] = engine.info.name
        profile = self._profile(engine)
        self.verifier = Verifier(self.workspace, transaction, sandbox)
        known = {s.address for s in situation.symbols}
        created: dict[str, Symbol] = {}
        settings = self.workspace.settings

        def attempt(step: Step, remarks: str) -> Draft:
            snapshot = DirectorySnapshot(transaction.root, transaction.paths())
            written = write_operations(
                engine, profile, situation, step, snapshot, self.observer,
                created=tuple(created.values()), remarks=remarks,
                candidates=settings.candidates, thinking_tokens=settings.thinking_tokens,
            )  # fmt: skip
            if profile != "compact" or self.request.approve_step:
                return written
            symbols, mentions = situation.symbols, situation.mentions
            objected = objections_to_step(written.text, step, plan, symbols, mentions)
            return let_through(written, objected, yes=self.request.yes, observer=self.observer)

        def note_created(changes: ChangeSet) -> None:
            index.update()
            for path in changes.paths:
                for symbol in index.symbols(path):
                    if symbol.address not in known:
                        created[symbol.address] = symbol

        for path in plan_paths(plan):
            known.update(s.address for s in index.symbols(path))
        carrier = Carrier(
            self.workspace, transaction, self.verifier, attempt,
            task=self.task,
            assistant=f"sorte:{engine.info.name}",
            habit=habit_of(recent_subjects(self.workspace), self.request.language),
            max_repairs=planning.bounds(self.workspace.settings, profile)[0],
            after_step=note_created,
            approve=self.request.approve_step,
        )  # fmt: skip
        return carrier.carry_out(plan.steps)

    def _wanted(self, carried: CarriedOut) -> CarriedOut:
        """What the person approved. Raises NotLandedError where that is nothing."""
        if self.request.approve_step and not carried.committed:
            raise nothing_approved()
        return carried

    def _finish(self, transaction: Transaction, plan: Plan, carried: CarriedOut) -> RunReport:
        outcome = Outcome(
            self.task, plan_lines(plan), carried.steps, tuple(self.notes), dict(self.names)
        )
        land = self.request.land
        if land and carried.stopped:
            land = self.observer.consent("land_approved", LAND_APPROVED)
        return finish(self.workspace, transaction, self.verifier, outcome, land=land)

    def _not_landed(self, plan: Plan, carried: CarriedOut, branch: str) -> RunReport:
        self.workspace.journal.set_status(self.workspace.run_id, "not landed")
        if branch:
            self.observer.event("kept_branch", branch=branch)
        report = self._report("not landed", ExitCode.NOT_LANDED, plan)
        return replace(report, steps=carried.steps, message=carried.problem, branch=branch)

    def _report(self, status: str, exit_code: ExitCode, plan: Plan) -> RunReport:
        if status == "planned":
            self.workspace.journal.set_status(self.workspace.run_id, "planned")
        return RunReport(
            run_id=self.workspace.run_id,
            status=status,
            exit_code=exit_code,
            task=self.task,
            plan=plan_lines(plan),
            notes=tuple(self.notes),
            models=dict(self.names),
        )


def unsure(plan: Plan) -> NotLandedError:
    """The refusal to carry out unseen what a small model is not sure of."""
    return NotLandedError(
        f"nothing was done: the model is only {plan.certainty:.0%} sure of its plan, "
        + "; ".join(plan_lines(plan)),
        hint='say it with names from the code ("rename calc_total to sum_up"), or run it without '
        "--yes and look at the plan, or use a larger model (--brain)",
    )


def plan_lines(plan: Plan) -> tuple[str, ...]:
    return tuple(print_plan(plan).splitlines())


def plan_paths(plan: Plan) -> tuple[str, ...]:
    """The files that a plan's targets live in."""
    paths = (t.partition("::")[0] for s in plan.steps for t in s.targets)
    return tuple(dict.fromkeys(paths))
