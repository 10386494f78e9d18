"""A copy of the project for one shell command: what it changes there is kept only when the person
says so. Their own files cannot be reached from the sandbox at all.
"""

from __future__ import annotations

import itertools
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sorte_cli.domain import ChangeSet, FileChange
from sorte_cli.errors import RefusedError
from sorte_cli.paths import cache_dir

if TYPE_CHECKING:
    from sorte_cli.history import Repository

FILES_LIMIT = 30_000
BYTES_LIMIT = 1_000_000_000
KEPT_FILE_LIMIT_BYTES = 50_000_000
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Seen:
    """How a file looked: enough to know whether it is still the same."""

    size: int
    changed_ns: int
    mode: int

    @classmethod
    def of(cls, path: Path) -> Seen | None:
        try:
            found = path.lstat()
        except OSError:
            return None
        return cls(found.st_size, found.st_mtime_ns, found.st_mode)


class Trial:
    """The copy at `root`, and how the files looked when it was made."""

    def __init__(self, repository: Repository, root: Path) -> None:
        self.root = root
        self._repository = repository
        self._own: dict[str, Seen] = {}
        self._copied: dict[str, Seen] = {}

    def fill(self, paths: list[str]) -> None:
        """Copy the files, with their times, so that build tools find nothing new."""
        made: set[Path] = set()
        for path in paths:
            source, place = self._repository.root / path, self.root / path
            own = Seen.of(source)
            if own is None or not (stat.S_ISREG(own.mode) or stat.S_ISLNK(own.mode)):
                continue
            if place.parent not in made:
                place.parent.mkdir(parents=True, exist_ok=True)
                made.add(place.parent)
            shutil.copy2(source, place, follow_symlinks=False)
            copied = Seen.of(place)
            assert copied is not None
            self._own[path], self._copied[path] = own, copied
        pointer = f"gitdir: {self._repository.git_dir}\n"
        (self.root / ".git").write_text(pointer, encoding="utf-8")

    def changes(self) -> ChangeSet:
        """What the command left: files as they are in the copy against those of the person.

        Ignored files, links and very large files are left out.
        """
        from sorte_cli.history.repository import list_paths

        found: list[FileChange] = []
        now = set(list_paths(self._repository, self.root))
        for path in sorted(now | set(self._copied)):
            seen, before = Seen.of(self.root / path), self._copied.get(path)
            if seen == before or not _plain(seen) or not _plain(before):
                continue
            old, new = _read(self._repository.root, path), _read(self.root, path)
            if old != new or (seen and before and seen.mode != before.mode):
                bit = bool(seen.mode & stat.S_IXUSR) if seen else None
                found.append(FileChange(path, old, new, bit))
        return ChangeSet.of(found)

    def keep(self, changes: ChangeSet) -> None:
        """Take the changes over into the person's files, each at once and whole.

        Raises RefusedError, before anything is written, where one changed there meanwhile.
        """
        from sorte_cli.history.treefiles import FILE, Content, TreeFiles, check_path, told

        for change in changes.changes:
            check_path(change.path)
            if Seen.of(self._repository.root / change.path) != self._own.get(change.path):
                raise RefusedError(
                    f"{change.path} was changed meanwhile; nothing was taken over",
                    hint="run the command again",
                )
        files = TreeFiles(self._repository.root)
        with told(f"could not write in {self._repository.root}"):
            for change in changes.changes:
                if change.after is None:
                    files.remove(change.path)
                    continue
                own = self._own.get(change.path)
                perm = stat.S_IMODE(own.mode) if own else None
                if perm is not None and change.executable is not None:
                    perm = perm | 0o100 if change.executable else perm & ~0o111
                files.write(
                    change.path,
                    Content(FILE, change.after, perm),
                    temporary=".sorte-shell.tmp",
                    executable=bool(change.executable),
                )


@contextmanager
def trial(repository: Repository) -> Iterator[Trial | None]:
    """A copy of the working tree as it is, gone afterwards; None where the project is too large."""
    _remove_leftovers()
    paths = repository.paths()
    if len(paths) > FILES_LIMIT or _size(repository.root, paths) > BYTES_LIMIT:
        yield None
        return
    folder = _home() / f"{os.getpid()}-{next(_numbers)}"
    root = folder / (repository.root.name or "tree")
    try:
        root.mkdir(parents=True, mode=0o700)
        copy = Trial(repository, root)
        copy.fill(paths)
        yield copy
    finally:
        _remove(folder)


def _plain(seen: Seen | None) -> bool:
    """Whether this is nothing, or a file that may be taken over."""
    return seen is None or (stat.S_ISREG(seen.mode) and seen.size <= KEPT_FILE_LIMIT_BYTES)


def _read(root: Path, path: str) -> bytes | None:
    """A file's bytes; never through a link, which the command may have put on the way."""
    from sorte_cli.history.treefiles import FILE, Blocked, TreeFiles

    try:
        found = TreeFiles(root).read(path)
    except Blocked:
        return None
    return found.data if found is not None and found.kind == FILE else None


def _size(root: Path, paths: list[str]) -> int:
    total = 0
    for path in paths:
        seen = Seen.of(root / path)
        total += seen.size if seen else 0
    return total


def _home() -> Path:
    return cache_dir() / "shell"


def _remove_leftovers() -> None:
    """The copies of processes that were killed."""
    with suppress(OSError):
        for folder in _home().iterdir():
            pid = folder.name.partition("-")[0]
            if pid.isdigit() and not Path("/proc", pid).exists():
                _remove(folder)


def _remove(folder: Path) -> None:
    from sorte_cli.history.worktrees import remove_tree

    with suppress(OSError):
        remove_tree(folder)
