"""Between writing a step and applying it: the person sees it, and agrees, edits, skips or stops."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sorte_cli.agent.agreement import Objection
from sorte_cli.agent.executing import Draft, draft
from sorte_cli.agent.proposing import (
    ALL,
    EDIT,
    SKIP,
    STOP,
    ApproveStep,
    Proposal,
    RunStopped,
    StepSkipped,
)
from sorte_cli.agent.report import Observer
from sorte_cli.edits.model import Snapshot
from sorte_cli.errors import NotLandedError
from sorte_cli.texts import N_

_REASONS = {
    "unused": N_("look closely: the task says {word}, and what the model wrote does not"),
    "thought up": N_("look closely: the model wrote {word}, and the task does not say it"),
    "one of many": N_("look closely: the model chose the name {word}; the task may mean another"),
}


def let_through(
    written: Draft, objected: Sequence[Objection], *, yes: bool, observer: Observer
) -> Draft:
    """A small model's draft that nothing in the sentence speaks against. For others: raises
    NotLandedError with nobody looking (`yes`), else tells the person what to look at."""
    if written.problem or not objected:
        return written
    if yes:
        raise disagreement(objected[0])
    observer.event("note", text=_REASONS[objected[0].kind].format(word=objected[0].word))
    return written


def disagreement(objection: Objection) -> NotLandedError:
    """The refusal to carry out unseen what does not agree with the sentence."""
    word = objection.word
    if objection.kind == "unused":
        return NotLandedError(
            f"nothing was done: the task says {word}, and what the model wrote does not",
            hint="say it with names from the code and values in quotes, or run it without --yes",
        )
    if objection.kind == "thought up":
        return NotLandedError(
            f"nothing was done: the model wrote {word}, and the task does not say it",
            hint="say it with names from the code and values in quotes, or run it without --yes",
        )
    return NotLandedError(
        f"nothing was done: the model chose the name {word}, and the task may mean another",
        hint="put the new name in quotes, or run it without --yes",
    )


class Gate:
    """Lets a draft through when the person agrees; without `approve`, always."""

    def __init__(
        self,
        approve: ApproveStep | None,
        show: Callable[[Draft], None],
        snapshot: Callable[[], Snapshot],
        record: Callable[[str, Mapping[str, Any]], None],
    ) -> None:
        self._approve = approve
        self._show = show
        self._snapshot = snapshot
        self._record = record

    @property
    def asks(self) -> bool:
        """Whether the next step will be asked about."""
        return self._approve is not None

    def passed(self, written: Draft, step: str, number: int, total: int) -> Draft:
        """The draft to carry out, perhaps edited. Raises StepSkipped or RunStopped.

        A draft that cannot be applied goes back to the executor first, unasked.
        """
        if written.problem:
            return written
        self._show(written)
        return self._ask(written, step, number, total) if self.asks else written

    def mended(self, tried: Draft, problem: str, step: str, number: int, total: int) -> Draft:
        """What to try instead of a draft that came to nothing: the person may edit it."""
        return self._ask(replace(tried, problem=problem), step, number, total)

    def _ask(self, proposed: Draft, step: str, number: int, total: int) -> Draft:
        while self._approve is not None:
            decision = self._approve(Proposal(step, number, total, proposed.text, proposed.problem))
            self._record(
                "step_answer", {"step": step, "answer": decision.kind, "script": proposed.text}
            )
            if decision.kind == SKIP:
                raise StepSkipped
            if decision.kind == STOP:
                raise RunStopped
            if decision.kind == EDIT:
                proposed = draft(decision.script, self._snapshot())
                if not proposed.problem:
                    self._show(proposed)
                continue
            if decision.kind == ALL:
                self._approve = None
            if not proposed.problem:
                return proposed
        return proposed
