"""Making the commits that revert a run, or apply it again, in a transaction's worktree."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from sorte_cli.domain import ChangeSet, FileChange
from sorte_cli.errors import NotLandedError, RefusedError
from sorte_cli.history.journal import RunRecord
from sorte_cli.history.landing import KEEPER
from sorte_cli.history.objects import EXECUTABLE, tree_changes
from sorte_cli.history.repository import Repository
from sorte_cli.history.transaction import Transaction

_SUBJECT_LENGTH = 72


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of history: what leads from commit `base` to commit `tip`."""

    base: str
    tip: str


def pieces_of(repo: Repository, record: RunRecord) -> list[Piece]:
    """Where the changes of a landed run stand in the history of HEAD, oldest first.

    Usually one stretch; after a rebase by the user one per commit. RefusedError when they are not
    there, or were changed since (amended, squashed).
    """
    if repo.commit_of(record.tip) and repo.is_ancestor(record.tip, repo.head()):
        return [Piece(record.base, record.tip)]
    grep = f"--grep=^Sorte-Run: {record.id}$"
    found = repo.git("log", "--reverse", "--format=%H", grep, "HEAD").decode().split()
    here = repo.branch() or "this detached HEAD"
    if not found:
        raise RefusedError(
            f"run {record.id} is not in the history of {here}",
            hint=f"It landed on {record.branch or 'a detached HEAD'}; go there to undo it.",
        )
    wanted = sorted(_patch_id(repo, commit) for commit in record.commits)
    if sorted(_patch_id(repo, commit) for commit in found) != wanted:
        raise RefusedError(
            f"the commits of run {record.id} were changed after it landed (amended or squashed)",
            hint="To take back what they hold now: git revert " + " ".join(c[:10] for c in found),
        )
    return [Piece(f"{commit}^", commit) for commit in found]


def _patch_id(repo: Repository, commit: str) -> str:
    if repo.commit_of(commit) is None:
        return ""
    patch = repo.git("diff-tree", "-p", "--no-ext-diff", "--no-textconv", f"{commit}^", commit)
    return repo.git("patch-id", "--stable", input=patch).decode().split(" ")[0]


def stage_reverted(transaction: Transaction, pieces: Sequence[Piece]) -> None:
    """Put the opposite of `pieces` into the worktree. RefusedError when later work conflicts."""
    for piece in reversed(pieces):
        _merge(transaction, "revert", _squashed(transaction.repo, piece))


def stage_reapplied(transaction: Transaction, commits: Sequence[str]) -> None:
    """Put `commits` into the worktree, one on the other, without committing."""
    for commit in commits:
        _merge(transaction, "cherry-pick", commit)


def commit_reverted(
    transaction: Transaction, pieces: Sequence[Piece], record: RunRecord, run: str, verb: str
) -> None:
    """One commit that reverts `pieces`; `verb` opens its subject ("revert", "reapply")."""
    stage_reverted(transaction, pieces)
    commits = [
        commit
        for piece in pieces
        for commit in transaction.repo.git("rev-list", "--reverse", f"{piece.base}..{piece.tip}")
        .decode()
        .split()
    ]
    subject = f"{verb}: {' '.join(record.task.split())}"
    if len(subject) > _SUBJECT_LENGTH:
        subject = subject[: _SUBJECT_LENGTH - 3].rstrip() + "..."
    body = "This reverts:\n" + "\n".join(commits)
    _commit_staged(
        transaction, f"{subject}\n\n{body}", {"Sorte-Run": run, "Sorte-Undo": record.id}, None
    )


def commit_reapplied(transaction: Transaction, commits: Sequence[str]) -> None:
    """The commits again, each with its message and author, on top of the transaction's tip."""
    for commit in commits:
        stage_reapplied(transaction, [commit])
        message = transaction.repo.git("show", "-s", "--format=%B", commit)
        _commit_staged(transaction, message.decode("utf-8", "surrogateescape"), {}, commit)


def staged_tree(transaction: Transaction) -> str:
    """The tree that a commit would have now."""
    return transaction.repo.git("write-tree", cwd=transaction.root).decode().strip()


def _squashed(repo: Repository, piece: Piece) -> str:
    """One commit with all that `piece` changes, so that it is reverted as a whole."""
    args = ("commit-tree", f"{piece.tip}^{{tree}}", "-p", piece.base, "-m", "sorte")
    return repo.git(*args, env=KEEPER).decode().strip()


def _merge(transaction: Transaction, verb: str, commit: str) -> None:
    repo, root = transaction.repo, transaction.root
    args = (verb, "--no-commit", commit)
    result = repo.git_result(*args, cwd=root, accept=(0, 1), config=transaction.config)
    # git's own removal of these notes, at the commit, would lock the user's packed-refs.
    for note in ("REVERT_HEAD", "CHERRY_PICK_HEAD"):
        (transaction.git_dir / note).unlink(missing_ok=True)
    if result.code == 0:
        return
    out = repo.git("diff", "--name-only", "--diff-filter=U", "-z", cwd=root)
    files = [os.fsdecode(name) for name in out.split(b"\0") if name]
    if not files:
        raise RefusedError(f"git could not {verb} {commit[:10]}: {result.stderr.strip()}")
    raise RefusedError(
        f"later changes are in the way in {', '.join(files)}; nothing was touched",
        hint="Undo or revert the later changes first, or edit these files by hand.",
    )


def _commit_staged(
    transaction: Transaction, message: str, trailers: dict[str, str], author_of: str | None
) -> None:
    rows = tree_changes(transaction.repo, transaction.tip, staged_tree(transaction))
    if not rows:
        raise NotLandedError("nothing is left to do: the changes are gone, or there, already")
    changes = ChangeSet(
        tuple(
            FileChange(
                row.path,
                b"" if row.old else None,
                b"" if row.new else None,
                row.new.mode == EXECUTABLE if row.new and row.old != row.new else None,
            )
            for row in rows
        )
    )
    transaction.commit_staged(changes, message, trailers, author_of)
