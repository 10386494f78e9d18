"""Changing files of the user's working tree without a commit: all of them, or none.

The same protocol as a landing, only that no branch moves: while the intent is there, whatever
stops us takes every file back that is what we made of it.
"""

from __future__ import annotations

from sorte_cli.domain import ChangeSet
from sorte_cli.errors import RefusedError
from sorte_cli.history.intent import discard, save
from sorte_cli.history.journal import Journal, Mark
from sorte_cli.history.landing import Move, keep_objects, plan, undisturbed, write_files
from sorte_cli.history.objects import TreeChange, tree_entries
from sorte_cli.history.repository import Repository
from sorte_cli.history.settle import settle
from sorte_cli.history.treefiles import FILE, Content, told


def leave_files(repo: Repository, journal: Journal, changes: ChangeSet, mark: Mark) -> None:
    """Write `changes` (to files that are there) over the working tree; `mark` is of the run.

    The caller holds the run lock. RefusedError where a file is not what `before` says; then, and on
    any other failure, the files are as they were.
    """
    head = repo.head()
    known = tree_entries(repo, head, changes.paths)
    before: dict[str, Content | None] = {}
    after: dict[str, Content] = {}
    for change in changes.changes:
        found = repo.files.read(change.path)
        if found is None or found.kind != FILE or found.data != change.before:
            raise RefusedError(f"{change.path} was changed meanwhile; nothing was touched")
        if change.after is None:
            raise RefusedError(f"{change.path} would be removed; files are only changed here")
        before[change.path] = found
        after[change.path] = Content(FILE, change.after, found.perm)
    rows = [TreeChange(path, known.get(path), known.get(path)) for path in changes.paths]
    move = Move(mark.run, repo.head_ref(), head, head, lambda _: after, (mark,))
    intent = plan(repo, move, rows, before, after)
    with undisturbed(), told("the files could not be written"):
        save(repo, intent)
        done = False
        try:
            keep_objects(repo, intent, before, after)
            write_files(repo, intent, after)
            journal.mark(intent.marks)
            done = True
        finally:
            if not done:
                settle(repo, intent)
            discard(repo)
