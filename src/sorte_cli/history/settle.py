"""Bringing a landing that stopped halfway to one of its two ends.

The branch decides: if it has moved, the landing is done, for it moves last. If not, every file that
still is what the landing made of it goes back to what it was. A file that is neither is the user's
and stays. The same code serves a failure in this process and the start after a crash.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.history.intent import Entry, Intent
from sorte_cli.history.objects import TreeEntry, index_entries, read_blob, tree_entries
from sorte_cli.history.repository import Repository
from sorte_cli.history.treefiles import Blocked, Content, FileState
from sorte_cli.history.userindex import index_lock, release_own_lock, update_index

LOCK_GRACE_S = 0.3
# Time stamps of files may be coarser, and come from another clock, than time.time().
CLOCK_SLACK_S = 2.0


@dataclass(frozen=True, slots=True)
class Settled:
    """`landed`: the branch had moved. `kept`: files that are the user's own by now."""

    landed: bool
    kept: tuple[str, ...] = ()


def settle(repo: Repository, intent: Intent) -> Settled:
    """Finish or undo `intent`; may itself be stopped anywhere and repeated.

    `repo` must be the worktree that the intent names. Raises RefusedError when another program
    keeps the index locked.
    """
    remove_ref_locks(repo, intent)
    for number, entry in enumerate(intent.entries):
        repo.files.forget_temporary(entry.path, intent.temporary(number))
    if _has_moved(repo, intent):
        release_own_lock(repo.git_dir)
        return Settled(landed=True)
    head = tree_entries(repo, "HEAD", [e.path for e in intent.entries])
    ours = [e for e in intent.entries if head.get(e.path) == e.old]
    kept = _restore_files(repo, intent, ours)
    _restore_index(repo, ours)
    release_own_lock(repo.git_dir)
    return Settled(landed=False, kept=tuple(kept))


def _has_moved(repo: Repository, intent: Intent) -> bool:
    if intent.old == intent.new:
        return False  # no branch was to move: with the intent still there it was not finished
    now = repo.commit_of(intent.ref)
    if now is None or now == intent.old:
        return False
    if now == intent.new:
        return True
    # The user went on after the crash: which of the two do those commits stand on?
    if repo.is_ancestor(intent.old, intent.new):
        return repo.is_ancestor(intent.new, now)
    return repo.is_ancestor(intent.new, now) and not repo.is_ancestor(intent.old, now)


def _restore_files(repo: Repository, intent: Intent, entries: list[Entry]) -> list[str]:
    """Put back what the landing changed; returns the paths that the user has changed since."""
    numbers = {entry.path: number for number, entry in enumerate(intent.entries)}
    kept = []
    # What the landing made goes first: it may stand where a folder has to come back.
    for entry in sorted(entries, key=lambda e: (e.before is not None, e.path)):
        try:
            found = repo.files.read(entry.path)
        except Blocked:
            # A file that was to become a folder: the landing may have come no further than that.
            if not repo.files.is_empty_folder(entry.path):
                kept.append(entry.path)
                continue
            found = None
        state = found.state(repo.object_format) if found else None
        if _same(state, entry.before, intent.filemode):
            continue
        if not _same(state, entry.after, intent.filemode):
            kept.append(entry.path)
        elif entry.before is None:
            repo.files.remove(entry.path)
        else:
            content = Content(
                entry.before.kind, read_blob(repo, entry.before.oid), entry.before.perm
            )
            temporary = intent.temporary(numbers[entry.path])
            repo.files.write(entry.path, content, temporary=temporary, executable=False)
    for folder in sorted(intent.folders, reverse=True):
        repo.files.prune(folder)
    return kept


def _same(one: FileState | None, other: FileState | None, filemode: bool) -> bool:
    return one is other if one is None else one.same(other, filemode=filemode)


def _restore_index(repo: Repository, entries: list[Entry]) -> None:
    now = index_entries(repo, [e.path for e in entries])
    wanted: dict[str, TreeEntry | None] = {}
    for entry in entries:
        found = now.get(entry.path, [])
        current = found[0].entry if found else None
        if len(found) <= 1 and current == entry.new and current != entry.old:
            wanted[entry.path] = entry.old
    if not wanted:
        return
    release_own_lock(repo.git_dir)
    with index_lock(repo):
        update_index(repo, wanted)


def remove_ref_locks(repo: Repository, intent: Intent) -> None:
    """Remove the ref locks that a killed `git update-ref` of this landing left behind."""
    for lock in (
        repo.common_dir / f"{intent.ref}.lock",
        repo.git_dir / "HEAD.lock",
        repo.common_dir / "reftable" / "tables.list.lock",
    ):
        remove_if_stale(lock, intent.since, (b"", intent.new.encode()))


def remove_if_stale(lock: Path, since: float, contents: tuple[bytes, ...] | None = None) -> bool:
    """Remove a lock file of git that a killed command of ours left; returns whether it did.

    It must be younger than `since`, hold one of `contents` (None: anything), stay the same for a
    moment, and be open in no process. Our own git commands have all ended when this is called.
    """
    try:
        first = lock.stat()
        if first.st_mtime < since - CLOCK_SLACK_S:
            return False
        if contents is not None and lock.read_bytes().strip() not in contents:
            return False
        time.sleep(LOCK_GRACE_S)
        second = lock.stat()
        changed = (first.st_ino, first.st_mtime_ns) != (second.st_ino, second.st_mtime_ns)
        if changed or _is_open(lock):
            return False
        lock.unlink()
    except FileNotFoundError:
        return False
    return True


def _is_open(path: Path) -> bool:
    """Whether a process of ours has `path` open (where /proc tells)."""
    wanted = str(path)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(fd.readlink()) == wanted for fd in (process / "fd").iterdir()):
                return True
        except OSError:
            continue  # ended meanwhile, or not ours to look into
    return False
