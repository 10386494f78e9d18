"""Taking a landed run back, and bringing it again: as a move of the branch, or as new commits.

When the branch stands exactly at the run's last commit and nobody else has it, the branch simply
moves back. Otherwise the run is reverted by a commit, made and checked in a transaction of its own.
Both go through the landing protocol, so that they survive a crash like any run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sorte_cli.errors import NotLandedError, RefusedError, SorteError
from sorte_cli.history.journal import Journal, Mark, RunRecord, as_text
from sorte_cli.history.landing import Move, check_landing, land
from sorte_cli.history.locking import RunLock
from sorte_cli.history.objects import (
    TreeChange,
    checkout_contents,
    missing_objects,
    read_blob,
)
from sorte_cli.history.recovery import recover
from sorte_cli.history.repository import Repository
from sorte_cli.history.reverting import (
    Piece,
    commit_reapplied,
    commit_reverted,
    pieces_of,
    stage_reapplied,
    stage_reverted,
    staged_tree,
)
from sorte_cli.history.transaction import Transaction
from sorte_cli.history.treefiles import Content, FileState

MOVED_BACK = "moved back"
REVERTED = "reverted"
MOVED_FORWARD = "moved forward"
REAPPLIED = "reapplied"

_Marks = Callable[[str, str, str], Mark]
"""From our own run id and the commits that the branch moved between to the target's mark."""


@dataclass(frozen=True, slots=True)
class UndoResult:
    """What an undo or redo did (or, as a dry run, would do).

    `run` is the run it was done to; `how` "moved back" or "reverted", for redo "moved forward" or
    "reapplied"; `paths` the files that it touched; `commit` where the branch stands now (for the
    dry run of a commit: where it stands before); `reason` why it was not a move, for people;
    `recovered` what had to be settled first, in sentences.
    """

    run: str
    how: str
    paths: tuple[str, ...]
    commit: str
    reason: str = ""
    recovered: tuple[str, ...] = ()


def undo(
    repo: Repository, journal: Journal, run: str | None = None, *, dry_run: bool = False
) -> UndoResult:
    """Take back a landed run, by default the one that landed last on this branch.

    Raises NotLandedError when there is nothing to undo, DirtyConflict when files that it would
    touch hold uncommitted work, RefusedError when later commits are in the way. Then nothing
    has changed.
    """
    with RunLock(repo):
        recovered = tuple(recover(repo, journal))
        target = _target(repo, journal, run, "undo")
        return _Step(repo, journal, target, "undo", dry_run, recovered).undo()


def redo(
    repo: Repository, journal: Journal, run: str | None = None, *, dry_run: bool = False
) -> UndoResult:
    """Bring back an undone run, by default the one undone last. Raises as `undo` does."""
    with RunLock(repo):
        recovered = tuple(recover(repo, journal))
        target = _target(repo, journal, run, "redo")
        return _Step(repo, journal, target, "redo", dry_run, recovered).redo()


def _target(repo: Repository, journal: Journal, run: str | None, verb: str) -> RunRecord:
    """The run to work on; NotLandedError where there is none."""
    status = "landed" if verb == "undo" else "undone"
    if run is not None:
        record = journal.run(repo, run)
        if record.kind in ("undo", "redo"):
            of = record.data.get("of", {}).get("run", "")
            raise NotLandedError(
                f"{record.id} is itself an {record.kind}", hint=f"Name the run it was done to: {of}"
            )
        if record.status != status:
            raise NotLandedError(f"run {record.id} is {record.status}: there is nothing to {verb}")
        return record
    found = [r for r in journal.with_status(repo, (status,)) if r.kind not in ("undo", "redo")]
    # A run of another branch is not touched by accident; it can still be named.
    here = as_text(repo.branch() or "")
    ours = [r for r in found if r.branch == here]
    if ours:
        return max(ours, key=lambda record: _when(record, status))
    hint = f"To {verb} one that landed elsewhere: sorte {verb} {found[0].id}" if found else ""
    raise NotLandedError(f"there is nothing to {verb} on {here or 'this detached HEAD'}", hint=hint)


def _when(record: RunRecord, status: str) -> float:
    """When the run got this status, seconds since 1970."""
    name = "undone" if status == "undone" else "applied"
    at = record.data.get(name, record.data.get("landed", {})).get("at", record.started)
    return float(at)


@dataclass(frozen=True, slots=True)
class _Step:
    """One undo or redo of the run `target`."""

    repo: Repository
    journal: Journal
    target: RunRecord
    verb: str
    dry_run: bool
    recovered: tuple[str, ...]

    def undo(self) -> UndoResult:
        target = self.target
        reason = self._why_no_move(target.base, target.tip)
        if not reason:
            by = str(target.data.get("applied", {}).get("by", target.id))
            return self._move(MOVED_BACK, target.tip, target.base, by, self._undone(MOVED_BACK))
        pieces = pieces_of(self.repo, target)
        return self._commit(
            REVERTED,
            reason,
            lambda transaction: stage_reverted(transaction, pieces),
            lambda transaction, own: commit_reverted(transaction, pieces, target, own, "revert"),
            self._undone(REVERTED),
        )

    def redo(self) -> UndoResult:
        undone = self.target.data.get("undone", {})
        base, tip, by = (str(undone.get(key, "")) for key in ("base", "tip", "run"))
        if undone.get("how") == REVERTED:
            return self._redo_reverted(Piece(base, tip), by)
        return self._redo_moved(by)

    def _redo_moved(self, by: str) -> UndoResult:
        target = self.target
        if self.repo.commit_of(target.tip) is None:
            raise NotLandedError(f"the commits of run {target.id} are no longer kept")
        reason = self._why_not_at(target.base)
        if not reason:
            return self._move(MOVED_FORWARD, target.base, target.tip, by, self._applied(same=True))
        commits = target.commits
        return self._commit(
            REAPPLIED,
            reason,
            lambda transaction: stage_reapplied(transaction, commits),
            lambda transaction, _: commit_reapplied(transaction, commits),
            self._applied(same=False),
        )

    def _redo_reverted(self, revert: Piece, by: str) -> UndoResult:
        target = self.target
        reason = self._why_no_move(revert.base, revert.tip)
        if not reason:
            mark = Mark(target.id, "landed", event="applied", data=self._former_application())
            return self._move(MOVED_FORWARD, revert.tip, revert.base, by, lambda *_: mark)
        if not self.repo.is_ancestor(revert.tip, self.repo.head()):
            raise RefusedError(
                f"the commit that reverted run {target.id} is not on this branch",
                hint="Go to the branch that it is on, then redo.",
            )
        return self._commit(
            REAPPLIED,
            reason,
            lambda transaction: stage_reverted(transaction, [revert]),
            lambda transaction, own: commit_reverted(transaction, [revert], target, own, "reapply"),
            self._applied(same=False),
        )

    def _why_not_at(self, commit: str) -> str:
        """Why the branch does not stand at `commit` as the run left it; nothing if it does."""
        if self.repo.head() != commit:
            return "there are other commits since"
        if as_text(self.repo.branch() or "") != self.target.branch:
            return f"it landed on {self.target.branch or 'a detached HEAD'}"
        return ""

    def _why_no_move(self, base: str, tip: str) -> str:
        """Why the branch cannot simply go from `tip` back to `base`; nothing if it can."""
        reason = self._why_not_at(tip)
        if reason:
            return reason
        first = self.repo.git("rev-list", "--reverse", f"{base}..{tip}").decode().split()[0]
        contains = ("for-each-ref", "--count=1", f"--contains={first}", "refs/remotes")
        return "it has been pushed" if self.repo.git(*contains) else ""

    def _undone(self, how: str) -> _Marks:
        def mark(own: str, old: str, new: str) -> Mark:
            data = {"how": how, "run": own, "base": old, "tip": new, "at": time.time()}
            return Mark(self.target.id, "undone", event="undone", data=data)

        return mark

    def _applied(self, *, same: bool) -> _Marks:
        """The target is in force again: with its own commits (`same`), or with new ones."""

        def mark(own: str, old: str, new: str) -> Mark:
            data = {"by": own, "at": time.time()}
            if same:
                return Mark(self.target.id, "landed", event="applied", data=data)
            commits = tuple(
                self.repo.git("rev-list", "--reverse", f"{old}..{new}").decode().split()
            )
            return Mark(
                self.target.id,
                "landed",
                old,
                new,
                as_text(self.repo.branch() or ""),
                commits,
                "applied",
                data,
            )

        return mark

    def _former_application(self) -> dict[str, Any]:
        by = self.target.data.get("applied", {}).get("by", self.target.id)
        return {"by": by, "at": time.time()}

    def _own_mark(self, own: str, old: str, new: str) -> Mark:
        branch = as_text(self.repo.branch() or "")
        return Mark(own, "landed", old, new, branch, (), "landed", {})

    def _move(self, how: str, old: str, new: str, by: str, marks: _Marks) -> UndoResult:
        """The branch goes from `old` to `new`; run `by` knows what was on disk there."""
        if self.dry_run:
            changes = check_landing(self.repo, old, new)
            return self._result(how, tuple(c.path for c in changes), old, "")
        recorded = _recorded(self.repo, self.journal, by)
        with self._journalled() as own:
            move = Move(
                own,
                self.repo.head_ref(),
                old,
                new,
                lambda changes: _contents(self.repo, changes, recorded),
                (self._own_mark(own, old, new), marks(own, old, new)),
            )
            landing = land(self.repo, self.journal, move)
        return self._result(how, landing.paths, landing.new, "")

    def _commit(
        self,
        how: str,
        reason: str,
        stage: Callable[[Transaction], None],
        commit: Callable[[Transaction, str], None],
        marks: _Marks,
    ) -> UndoResult:
        """New commits on top, made in a transaction."""
        if self.dry_run:
            with Transaction.begin(self.repo, f"preview-{self.target.id}") as transaction:
                stage(transaction)
                tree = staged_tree(transaction)
                changes = check_landing(self.repo, transaction.base, tree)
            return self._result(how, tuple(c.path for c in changes), transaction.base, reason)
        with (
            self._journalled() as own,
            Transaction.begin(self.repo, own) as transaction,
        ):
            commit(transaction, own)
            ends = transaction.base, transaction.tip
            both = (self._own_mark(own, *ends), marks(own, *ends))
            landing = transaction.land(self.journal, own, both)
        return self._result(how, landing.paths, landing.new, reason)

    def _result(self, how: str, paths: tuple[str, ...], commit: str, reason: str) -> UndoResult:
        return UndoResult(self.target.id, how, paths, commit, reason, self.recovered)

    @contextmanager
    def _journalled(self) -> Iterator[str]:
        """A run of our own in the journal; its id."""
        task, command = self.target.task, f"sorte {self.verb} {self.target.id}"
        own = self.journal.start_run(self.repo, task, self.verb, command).id
        self.journal.record(own, "of", {"run": self.target.id})
        status = "interrupted"
        try:
            yield own
            status = "landed"
        except RefusedError:
            status = "refused"
            raise
        except SorteError:
            status = "not landed"
            raise
        finally:
            self.journal.set_status(own, status)


def _recorded(repo: Repository, journal: Journal, run: str) -> dict[str, FileState]:
    """What was on disk before run `run` landed, as far as it is known."""
    before = journal.run(repo, run).data.get("landed", {}).get("before", {})
    return {path: FileState(**state) for path, state in before.items() if state}


def _contents(
    repo: Repository, changes: list[TreeChange], recorded: Mapping[str, FileState]
) -> dict[str, Content]:
    """The exact bytes that were on disk; where they are not kept, what a checkout writes."""
    lost = set(missing_objects(repo, [state.oid for state in recorded.values()]))
    found: dict[str, Content] = {}
    others = {}
    for change in changes:
        state = recorded.get(change.path)
        if state is not None and state.oid not in lost:
            found[change.path] = Content(state.kind, read_blob(repo, state.oid), state.perm)
        elif change.new is not None:
            others[change.path] = change.new
    return found | checkout_contents(repo, others, cwd=repo.root)
