"""The person's word on a run, kept in the journal beside it; and what the runs came to in all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.errors import UsageError
from sorte_cli.history.journal import Journal, RunRecord
from sorte_cli.history.repository import Repository

RUNS_COUNTED = 10_000


def rate(root: Path, run: str, *, good: bool, note: str) -> RunRecord:
    """Note that a run (the latest for "") was good or bad. UsageError where there is none."""
    repository = Repository.discover(root, writing=False)
    with Journal.open() as journal:
        if run:
            record = journal.run(repository, run)
        else:
            changes = [r for r in journal.runs(repository, 50) if r.kind in ("do", "apply")]
            if not changes:
                raise UsageError("there are no runs here yet", hint='start one: sorte do "..."')
            record = changes[0]
        journal.record(record.id, "feedback", {"good": good, "note": note})
    return record


@dataclass(frozen=True, slots=True)
class Figures:
    """What the runs in a repository came to. `statuses` counts runs by status, most first."""

    runs: int
    statuses: tuple[tuple[str, int], ...]
    good: int
    bad: int
    seconds: float


def figures(root: Path) -> Figures:
    """Counted over all runs of `sorte do` and `sorte apply` here."""
    repository = Repository.discover(root, writing=False)
    with Journal.open() as journal:
        runs = [r for r in journal.runs(repository, RUNS_COUNTED) if r.kind in ("do", "apply")]
    return count(runs)


def count(runs: Sequence[RunRecord]) -> Figures:
    """The figures of these runs."""
    said = [r.data["feedback"].get("good") for r in runs if "feedback" in r.data]
    return Figures(
        len(runs),
        tuple(Counter(r.status for r in runs).most_common()),
        sum(bool(x) for x in said),
        sum(not x for x in said),
        sum(r.ended - r.started for r in runs if r.ended is not None),
    )
