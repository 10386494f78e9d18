"""Transactions, landing, undo and redo, the journal, recovery and locking: nothing is lost.

A run works in a git worktree of its own (`transaction`). It lands by a protocol that a crash can
interrupt anywhere (`landing`); the next start finishes or undoes it (`recovery`, `settle`).
`undoing` takes a landed run back and brings it again. `journal` remembers all of it, `locking`
keeps two runs apart, `repository` is the one door to git, `treefiles` the one to the working tree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sorte_cli.history.commits import HookFailedError
    from sorte_cli.history.journal import Journal, Run, RunRecord
    from sorte_cli.history.landing import DirtyConflict, HeadMovedError, Landing
    from sorte_cli.history.locking import RunLock
    from sorte_cli.history.recovery import recover
    from sorte_cli.history.repository import GitError, Repository
    from sorte_cli.history.transaction import Transaction
    from sorte_cli.history.undoing import UndoResult, redo, undo

_HOMES = {
    "DirtyConflict": "landing",
    "GitError": "repository",
    "HeadMovedError": "landing",
    "HookFailedError": "commits",
    "Journal": "journal",
    "Landing": "landing",
    "Repository": "repository",
    "Run": "journal",
    "RunLock": "locking",
    "RunRecord": "journal",
    "Transaction": "transaction",
    "UndoResult": "undoing",
    "recover": "recovery",
    "redo": "undoing",
    "undo": "undoing",
}

__all__ = [
    "DirtyConflict",
    "GitError",
    "HeadMovedError",
    "HookFailedError",
    "Journal",
    "Landing",
    "Repository",
    "Run",
    "RunLock",
    "RunRecord",
    "Transaction",
    "UndoResult",
    "recover",
    "redo",
    "undo",
]


def __getattr__(name: str) -> Any:
    """The public names, imported when first asked for: most commands need only a few."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
