"""What old runs have left in a repository and in the journal, and how to let go of it."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sorte_cli.history.journal import Journal, RunRecord
from sorte_cli.history.kept import KeptTree, drop, kept_tree
from sorte_cli.history.locking import RunLock
from sorte_cli.history.recovery import delete_refs, recover
from sorte_cli.history.repository import Repository

DAY_S = 86_400.0
BRANCHES = "refs/heads/sorte/"


@dataclass(frozen=True, slots=True)
class KeptBranch:
    """A branch `sorte/<run>` of a run that did not land. `age_s` counts from the run's end."""

    name: str
    tip: str
    run: RunRecord
    age_s: float


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What `clean` would remove, or has removed. `kept`: branches left alone, with the reason.

    `tree` is the one checked out for the next run, where no run has used it for so long.
    """

    branches: tuple[KeptBranch, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    old_events: int = 0
    recovered: tuple[str, ...] = ()
    tree: KeptTree | None = None


def survey(
    repo: Repository,
    journal: Journal,
    *,
    branch_days: float,
    event_days: float,
    now: float | None = None,
) -> Cleaning:
    """What is older than so many days: branches of runs that did not land, events, a kept tree.

    A branch that is not exactly what its run left, or is checked out, is the user's: it is kept.
    """
    now = time.time() if now is None else now
    runs = {f"sorte/{run.id}": run for run in journal.runs(repo, -1)}
    checked_out = _checked_out(repo)
    branches: list[KeptBranch] = []
    kept: list[tuple[str, str]] = []
    for name, tip in _branches(repo):
        run = runs.get(name)
        if run is None:
            kept.append((name, "not of a run that the journal knows"))
        elif name in checked_out:
            kept.append((name, "checked out"))
        elif run.id not in _trailer(repo, tip):
            kept.append((name, "has commits that its run did not make"))
        elif (age := now - (run.ended or run.started)) >= branch_days * DAY_S:
            branches.append(KeptBranch(name, tip, run, age))
    old = journal.count_events(repo, now - event_days * DAY_S)
    tree = kept_tree(repo, now)
    if tree is not None and tree.age_s < branch_days * DAY_S:
        tree = None
    return Cleaning(tuple(branches), tuple(kept), old, tree=tree)


def clean(repo: Repository, journal: Journal, *, branch_days: float, event_days: float) -> Cleaning:
    """Remove what `survey` finds, and what crashed runs left; what was removed."""
    with RunLock(repo):
        said = recover(repo, journal)
        found = survey(repo, journal, branch_days=branch_days, event_days=event_days)
        delete_refs(repo, [(f"refs/heads/{b.name}", b.tip) for b in found.branches])
        if found.old_events:
            journal.drop_events(repo, time.time() - event_days * DAY_S)
        if found.tree is not None:
            drop(repo)
        return replace(found, recovered=tuple(said))


def _branches(repo: Repository) -> Sequence[tuple[str, str]]:
    args = ("for-each-ref", "--format=%(refname) %(objectname)", BRANCHES)
    rows = os.fsdecode(repo.git(*args)).splitlines()
    pairs = [row.rsplit(" ", 1) for row in rows]
    return [(name.removeprefix("refs/heads/"), tip) for name, tip in pairs]


def _checked_out(repo: Repository) -> set[str]:
    lines = os.fsdecode(repo.git("worktree", "list", "--porcelain")).splitlines()
    prefix = "branch refs/heads/"
    return {line.removeprefix(prefix) for line in lines if line.startswith(prefix)}


def _trailer(repo: Repository, commit: str) -> str:
    args = ("show", "-s", "--format=%(trailers:key=Sorte-Run,valueonly)", commit)
    return os.fsdecode(repo.git(*args))
