"""Between writing a step and applying it: the person sees it, and agrees, edits, skips or stops."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

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
from sorte_cli.edits.model import Snapshot


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
