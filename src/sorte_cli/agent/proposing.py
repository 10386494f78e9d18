"""Steps that are shown before they are applied: what is proposed, and what a person may answer.

A refusal loses nothing: the steps that were approved stay in the transaction, and what becomes of
them is asked at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sorte_cli.errors import NotLandedError

GO, ALL, EDIT, SKIP, STOP = "go", "all", "edit", "skip", "stop"


@dataclass(frozen=True, slots=True)
class Proposal:
    """The operations of one step, before anything is written. Its diff was shown as an event.

    `number` counts from 1. `problem` says why they cannot be taken as they are: then only an edit,
    a skip or a stop is an answer.
    """

    step: str
    number: int
    total: int
    script: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the person answered: GO, ALL (this step and the later ones), EDIT with the new
    `script`, SKIP (this step only) or STOP (this step and the later ones)."""

    kind: str
    script: str = ""


ApproveStep = Callable[[Proposal], Decision]


class StepSkipped(Exception):
    """The person does not want this step."""


class RunStopped(Exception):
    """The person wants neither this step nor a later one."""


def nothing_approved() -> NotLandedError:
    """The end of a run of which no step was wanted."""
    return NotLandedError(
        "no step was approved; nothing was changed",
        hint="say the task differently, or edit a step before it is applied",
    )
