"""Moving the user's branch, index and files from one commit to another: all, or nothing.

Intent written (fsync) -> objects and a ref that keeps them -> files -> index -> branch by compare
and swap -> marked in the journal. Only paths in which the two commits differ are touched, and only
after it is certain that each of them is what the old commit says.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace

from sorte_cli.errors import NotLandedError, RefusedError
from sorte_cli.history.intent import Entry, Intent, discard, save
from sorte_cli.history.journal import Journal, Mark
from sorte_cli.history.objects import (
    EXECUTABLE,
    GITLINK,
    TreeChange,
    entries_on_disk,
    index_entries,
    missing_objects,
    tree_changes,
)
from sorte_cli.history.repository import RUN_REFS, GitError, Repository
from sorte_cli.history.settle import remove_ref_locks, settle
from sorte_cli.history.treefiles import (
    FILE,
    Blocked,
    Content,
    FileState,
    told,
    with_executable,
)
from sorte_cli.history.userindex import index_lock, update_index

_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
KEEPER = {
    "GIT_AUTHOR_NAME": "Sorte",
    "GIT_AUTHOR_EMAIL": "sorte@localhost",
    "GIT_COMMITTER_NAME": "Sorte",
    "GIT_COMMITTER_EMAIL": "sorte@localhost",
}


class DirtyConflict(RefusedError):
    """Files that would be replaced hold work of the user. `files` maps path to what is there."""

    def __init__(self, files: Mapping[str, str]) -> None:
        lines = "".join(f"\n  {path}: {what}" for path, what in sorted(files.items()))
        super().__init__(
            f"your own changes are in the way, nothing was touched:{lines}",
            hint="Commit these files or move them aside, then try again.",
        )
        self.files = dict(files)


class HeadMovedError(NotLandedError):
    """The branch is not where the run began any more; nothing was touched."""


@dataclass(frozen=True, slots=True)
class Landing:
    """What landed: the branch went from commit `old` to `new`; `paths` were touched."""

    old: str
    new: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """What to land. `ref` is a full branch name, or None for a detached HEAD.

    `contents` gives the bytes on disk afterwards, from the changes between `old` and `new`; a path
    that it leaves out is removed. `marks` is what the journal says afterwards.
    """

    run: str
    ref: str | None
    old: str
    new: str
    contents: Callable[[list[TreeChange]], Mapping[str, Content]]
    marks: tuple[Mark, ...] = ()


def check_landing(repo: Repository, old: str, new: str) -> list[TreeChange]:
    """Raise what `land` would raise for the working tree as it is; returns the changes."""
    changes = tree_changes(repo, old, new)
    _survey(repo, changes)
    return changes


def land(repo: Repository, journal: Journal, move: Move) -> Landing:
    """Carry out `move`. The caller holds the run lock.

    Raises DirtyConflict or RefusedError before anything is touched, HeadMovedError when the branch
    is elsewhere. On any failure the tree, index and branch are as they were.
    """
    _check_head(repo, move)
    repo.check_nothing_in_progress()
    changes = tree_changes(repo, move.old, move.new)
    before = _survey(repo, changes)
    after = move.contents(changes)
    intent = plan(repo, move, changes, before, after)
    with undisturbed(), told("the landing stopped"):
        _carry_out(repo, journal, intent, before, after)
    return Landing(move.old, move.new, tuple(c.path for c in changes))


def _check_head(repo: Repository, move: Move) -> None:
    ref, head = repo.head_ref(), repo.head()
    if ref != move.ref:
        raise RefusedError(
            f"the current branch is {_short(ref)}, the run began on {_short(move.ref)}",
            hint=f"Go back to it first: git switch {_short(move.ref)}",
        )
    if head != move.old:
        raise HeadMovedError(f"{_short(ref)} has moved to {head[:10]} meanwhile")
    if move.ref is not None:
        _check_other_worktrees(repo, move.ref)


def _short(ref: str | None) -> str:
    return ref.removeprefix("refs/heads/") if ref else "a detached HEAD"


def _check_other_worktrees(repo: Repository, ref: str) -> None:
    """A branch checked out twice (git allows it by force) cannot move under the other tree."""
    lines = repo.git("worktree", "list", "--porcelain").decode("utf-8", "replace").split("\n")
    if lines.count(f"branch {ref}") > 1:
        raise RefusedError(
            f"{_short(ref)} is checked out in more than one working tree",
            hint="Switch the other one to another branch; see: git worktree list",
        )


def _survey(repo: Repository, changes: list[TreeChange]) -> dict[str, Content | None]:
    """What is on disk now at the paths to be touched; DirtyConflict if any of it is the user's."""
    conflicts: dict[str, str] = {}
    found: dict[str, Content | None] = {}
    leaving = frozenset(c.path for c in changes if c.new is None)
    for change in changes:
        if GITLINK in {entry.mode for entry in (change.old, change.new) if entry}:
            raise RefusedError(f"{change.path} is a submodule; Sorte does not move those")
        try:
            found[change.path] = repo.files.read(change.path)
        except Blocked as blocked:
            found[change.path] = None
            if change.old is not None or not repo.files.makes_room(change.path, blocked, leaving):
                conflicts[change.path] = str(blocked)
            continue
        conflict = _conflict(repo, change, found[change.path])
        if conflict:
            conflicts[change.path] = conflict
    known = {c.path: c.old for c in changes if c.old and found[c.path] is not None}
    for path, entry in entries_on_disk(repo, known).items():
        if entry != known[path]:
            conflicts.setdefault(path, "changed and not committed")
    for path in _staged(repo, changes):
        conflicts.setdefault(path, "staged and not committed")
    if conflicts:
        raise DirtyConflict(conflicts)
    return found


def _conflict(repo: Repository, change: TreeChange, found: Content | None) -> str:
    """Why this path may not be touched, or nothing."""
    if change.old is not None:
        return "" if found is not None else "deleted and not committed (or not checked out)"
    if found is not None:
        return "exists and is not in the repository"
    nested = repo.files.repository_above(change.path)
    return f"{nested} is a repository of its own" if nested else ""


def _staged(repo: Repository, changes: list[TreeChange]) -> list[str]:
    index = index_entries(repo, [c.path for c in changes])
    staged = []
    for change in changes:
        entries = [e.entry for e in index.get(change.path, [])]
        if entries != ([change.old] if change.old else []):
            staged.append(change.path)
    return staged


def plan(
    repo: Repository,
    move: Move,
    changes: list[TreeChange],
    before: Mapping[str, Content | None],
    after: Mapping[str, Content],
) -> Intent:
    """What `move` will do, path by path: `before` and `after` are what is on disk."""
    entries = []
    folders: list[str] = []
    for change in changes:
        now = before[change.path]
        state = now.state(repo.object_format) if now else None
        wanted = None
        raw = after.get(change.path)
        if raw is not None:
            oid = raw.state(repo.object_format).oid
            wanted = FileState(raw.kind, oid, _permission(state, change, raw))
            folders += repo.files.missing_folders(change.path)
        entries.append(Entry(change.path, state, wanted, change.old, change.new))
    asked = ("config", "--type=bool", "--get", "core.fileMode")
    filemode = repo.git_result(*asked, accept=(0, 1)).stdout
    return Intent(
        run=move.run,
        root=str(repo.root),
        git_dir=str(repo.git_dir),
        ref=move.ref or "HEAD",
        old=move.old,
        new=move.new,
        filemode=filemode.strip() != b"false",
        entries=tuple(entries),
        folders=tuple(dict.fromkeys(folders)),
        marks=tuple(_remember(mark, move.run, entries) for mark in move.marks),
    )


def _remember(mark: Mark, run: str, entries: list[Entry]) -> Mark:
    """The run's own mark, with what was on disk before, for undo to bring back exactly."""
    if mark.run != run:
        return mark
    before = {e.path: asdict(e.before) if e.before else None for e in entries}
    return replace(mark, data={**mark.data, "at": time.time(), "before": before})


def _permission(before: FileState | None, change: TreeChange, raw: Content) -> int | None:
    """Permissions after the landing: those there are, the executable bit changed if committed so.

    For a file that is not there yet, those that `raw` had once (None: what the umask gives).
    """
    if raw.kind != FILE:
        return None
    if before is None or before.perm is None or change.old is None or change.new is None:
        return raw.perm
    if change.old.mode == change.new.mode:
        return before.perm
    return with_executable(before.perm, change.new.mode == EXECUTABLE)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ctrl-C and the like wait until the landing is over: a fraction of a second."""
    former = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)


def _carry_out(
    repo: Repository,
    journal: Journal,
    intent: Intent,
    before: Mapping[str, Content | None],
    after: Mapping[str, Content],
) -> None:
    save(repo, intent)
    moved = False
    try:
        keep_objects(repo, intent, before, after)
        with index_lock(repo):
            moved = _touch(repo, intent, after)
    finally:
        if not moved:
            # Whatever stopped us (a full disk, a user who saved a file just now): put it back.
            moved = settle(repo, intent).landed
            if not moved:
                discard(repo)
    if moved:
        journal.mark(intent.marks)
        discard(repo)


def keep_objects(
    repo: Repository,
    intent: Intent,
    before: Mapping[str, Content | None],
    after: Mapping[str, Content],
) -> None:
    """Store the bytes on disk that no commit holds as such, and let a ref keep all of it."""
    extra: dict[str, bytes] = {}
    for entry in intent.entries:
        known = {e.oid for e in (entry.old, entry.new) if e}
        for state, content in (
            (entry.before, before[entry.path]),
            (entry.after, after.get(entry.path)),
        ):
            if state and content and state.oid not in known:
                extra[state.oid] = content.data
    for oid, data in extra.items():
        stored = repo.git("hash-object", "-w", "--stdin", input=data).decode().strip()
        if stored != oid:
            raise GitError(("hash-object",), 0, f"expected {oid}, git says {stored}")
    kept = intent.new if repo.is_ancestor(intent.old, intent.new) else intent.old
    if extra:
        rows = "".join(f"100644 blob {oid}\t{oid}\n" for oid in sorted(extra))
        tree = repo.git("mktree", input=rows.encode()).decode().strip()
        message = f"files as they were on disk: sorte {intent.run}"
        out = repo.git("commit-tree", tree, "-p", kept, "-m", message, env=KEEPER)
        kept = out.decode().strip()
    repo.git("update-ref", f"{RUN_REFS}{intent.run}", kept)
    if lost := missing_objects(repo, [intent.old, intent.new, *extra]):
        raise NotLandedError(f"objects vanished while landing: {', '.join(lost)}")


def _touch(repo: Repository, intent: Intent, after: Mapping[str, Content]) -> bool:
    """Files, index, branch. True once the branch has moved. The index is locked."""
    if repo.head_ref() != (None if intent.ref == "HEAD" else intent.ref):
        raise RefusedError("the branch was switched just now; nothing was changed")
    if staged := _staged(repo, [TreeChange(e.path, e.old, e.new) for e in intent.entries]):
        raise DirtyConflict(dict.fromkeys(staged, "staged just now"))
    write_files(repo, intent, after)
    update_index(repo, {entry.path: entry.new for entry in intent.entries})
    args = ["update-ref", "-m", f"sorte: {intent.run}"]
    args += ["--no-deref"] if intent.ref == "HEAD" else []
    # The user's reference-transaction hook may have its say; no other hook runs here.
    result = repo.git_result(*args, intent.ref, intent.new, intent.old, hooks=True, accept=None)
    now = repo.commit_of(intent.ref)
    if result.code:
        # A git that was killed may have moved the branch and left its lock on HEAD.
        remove_ref_locks(repo, intent)
    if now == intent.new:
        _check_not_switched(repo, intent)
        return True
    if now != intent.old:
        raise HeadMovedError(f"{_short(intent.ref)} has moved to {str(now)[:10]} meanwhile")
    raise NotLandedError(f"git did not move {_short(intent.ref)}: {result.stderr.strip()}")


def _check_not_switched(repo: Repository, intent: Intent) -> None:
    """To go to a new branch where one stands, git takes no lock: it may have come between.

    Then the files and the index would be those of a branch that the user has left.
    """
    if intent.ref in ("HEAD", repo.head_ref()):
        return
    back = ("update-ref", "-m", f"sorte: {intent.run} taken back", intent.ref)
    if repo.git_result(*back, intent.old, intent.new, accept=None).code == 0:
        raise RefusedError("the branch was switched just now; nothing was changed")


def write_files(repo: Repository, intent: Intent, after: Mapping[str, Content]) -> None:
    """Bring the working tree to `after`. DirtyConflict where a file was changed a moment ago."""
    numbered = list(enumerate(intent.entries))
    for _, entry in reversed(numbered):
        if entry.after is None and entry.before is not None:
            _check_unchanged(repo, intent, entry)
            repo.files.remove(entry.path)
    for number, entry in numbered:
        if entry.after is None:
            continue
        if entry.before and entry.before.same(entry.after, filemode=True):
            continue  # the same on disk; only the commits tell them apart
        _write_file(repo, intent, number, after[entry.path].data)


def _write_file(repo: Repository, intent: Intent, number: int, data: bytes) -> None:
    entry = intent.entries[number]
    assert entry.after is not None
    _check_unchanged(repo, intent, entry)
    try:
        repo.files.write(
            entry.path,
            Content(entry.after.kind, data, entry.after.perm),
            temporary=intent.temporary(number),
            executable=entry.new is not None and entry.new.mode == EXECUTABLE,
            check=lambda: _check_unchanged(repo, intent, entry),
            new=entry.before is None,
        )
    except FileExistsError as error:
        raise DirtyConflict({entry.path: "made just now"}) from error


def _check_unchanged(repo: Repository, intent: Intent, entry: Entry) -> None:
    """The user may have saved the file a moment ago."""
    try:
        found = repo.files.read(entry.path)
    except Blocked as blocked:
        # What stood in the way was surveyed: only empty folders are left of it.
        if entry.before is None and repo.files.is_empty_folder(entry.path):
            return
        raise DirtyConflict({entry.path: str(blocked)}) from blocked
    state = found.state(repo.object_format) if found else None
    same = (
        state is None
        if entry.before is None
        else entry.before.same(state, filemode=intent.filemode)
    )
    if not same:
        raise DirtyConflict({entry.path: "changed just now"})
