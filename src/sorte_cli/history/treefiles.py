"""Reading and replacing files of a working tree, never through a symbolic link, never half.

Every path is walked component by component from the root with O_NOFOLLOW, so that a link that
appears meanwhile cannot lead a write elsewhere. A file is replaced by a rename; a kill leaves the
old one or the new one.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.errors import EnvironmentFailure, RefusedError

FILE = "file"
LINK = "link"

_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class Blocked(RefusedError):
    """Something stands where a plain file or a folder is needed. `path` names it."""

    def __init__(self, path: str, what: str) -> None:
        super().__init__(f"{path} is {what}; it is left alone")
        self.path = path


@contextmanager
def told(what: str) -> Iterator[None]:
    """Say an error of the operating system (a full disk) for people: EnvironmentFailure."""
    try:
        yield
    except OSError as error:
        place = f" ({os.fsdecode(error.filename)})" if error.filename else ""
        raise EnvironmentFailure(
            f"{what}: {error.strerror or error}{place}",
            hint="Your own files are as they were; should anything be left half done, the next"
            " start of Sorte puts it right.",
        ) from error


@dataclass(frozen=True, slots=True)
class FileState:
    """What is at a path: `kind` "file" or "link", `oid` git's hash of the raw bytes, permissions.

    `perm` is the octal permission as an int (0o644); None: whatever the umask gives a new file.
    """

    kind: str
    oid: str
    perm: int | None

    def same(self, other: FileState | None, *, filemode: bool) -> bool:
        """Whether git would see the same thing (`filemode`: the executable bit counts)."""
        if other is None or (self.kind, self.oid) != (other.kind, other.oid):
            return False
        return not filemode or self.kind == LINK or self.executable == other.executable

    @property
    def executable(self) -> bool:
        return bool((self.perm or 0) & 0o100)


@dataclass(frozen=True, slots=True)
class Content:
    """A file's or link's raw bytes (for a link: its target) and its permissions."""

    kind: str
    data: bytes
    perm: int | None

    def state(self, algorithm: str) -> FileState:
        return FileState(self.kind, blob_oid(self.data, algorithm), self.perm)


def blob_oid(data: bytes, algorithm: str) -> str:
    """git's object id of a blob with these bytes; `algorithm` is "sha1" or "sha256"."""
    digest = hashlib.new(algorithm, b"blob %d\0" % len(data), usedforsecurity=False)
    digest.update(data)
    return digest.hexdigest()


def check_path(path: str) -> None:
    """Refuse a path that is not plainly inside the repository (RefusedError)."""
    parts = path.split("/")
    plain = all(p not in ("", ".", "..") for p in parts) and "\0" not in path
    if not plain:
        raise RefusedError(f"{path!r} is not a path inside the repository")
    if any(p.lower() in (".git", "git~1") for p in parts):
        raise RefusedError(f"{path} lies in the repository's own .git; it is never touched")


def fsync_folder(folder: Path) -> None:
    """Make renames and creations in `folder` durable."""
    fd = os.open(folder, _FOLDER_FLAGS)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def replace_file(path: Path, data: bytes, perm: int = 0o600) -> None:
    """Replace one of our own files atomically and durably."""
    temporary = path.with_name(f"{path.name}.new")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, perm)
    try:
        _write_all(fd, data)
        os.fsync(fd)
    finally:
        os.close(fd)
    temporary.rename(path)
    fsync_folder(path.parent)


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


class TreeFiles:
    """The files below `root`. Paths are repository-relative POSIX strings."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def _parent(self, path: str, *, create: bool = False) -> Iterator[tuple[int, str]]:
        """The open parent folder of `path` and the name in it. FileNotFoundError, Blocked."""
        *folders, name = path.split("/")
        fd = os.open(self.root, _FOLDER_FLAGS)
        try:
            for depth, folder in enumerate(folders):
                inner = self._enter(fd, folder, "/".join(folders[: depth + 1]), create)
                os.close(fd)
                fd = inner
            yield fd, name
        finally:
            os.close(fd)

    @staticmethod
    def _enter(fd: int, folder: str, path: str, create: bool) -> int:
        flags = _FOLDER_FLAGS | os.O_NOFOLLOW
        try:
            return os.open(folder, flags, dir_fd=fd)
        except FileNotFoundError:
            if not create:
                raise
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENOTDIR):
                raise Blocked(path, "not a folder here") from error
            raise
        os.mkdir(folder, dir_fd=fd)
        os.fsync(fd)
        return os.open(folder, flags, dir_fd=fd)

    def read(self, path: str) -> Content | None:
        """What is at `path`, or None. Blocked where it is a folder, a device, or beyond a link."""
        try:
            with self._parent(path) as (folder, name):
                info = os.stat(name, dir_fd=folder, follow_symlinks=False)
                if stat.S_ISLNK(info.st_mode):
                    target = os.readlink(name, dir_fd=folder)
                    return Content(LINK, os.fsencode(target), None)
                if not stat.S_ISREG(info.st_mode):
                    kind = "a folder" if stat.S_ISDIR(info.st_mode) else "not a plain file"
                    raise Blocked(path, kind)
                fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
                with os.fdopen(fd, "rb") as file:
                    return Content(FILE, file.read(), stat.S_IMODE(info.st_mode))
        except FileNotFoundError:
            return None

    def is_empty_folder(self, path: str, *, ignoring: frozenset[str] = frozenset()) -> bool:
        """Whether `path` is a folder without any file, `ignoring` given as paths aside."""
        top = self.root / path
        if top.is_symlink() or not top.is_dir():
            return False
        for folder, _, names in os.walk(top):
            inside = Path(folder).relative_to(self.root).as_posix()
            if any(f"{inside}/{name}" not in ignoring for name in names):
                return False
        return True

    def makes_room(self, path: str, blocked: Blocked, leaving: frozenset[str]) -> bool:
        """Whether what blocks `path` goes away when the files `leaving` do (or is empty)."""
        return blocked.path in leaving or self.is_empty_folder(path, ignoring=leaving)

    def repository_above(self, path: str) -> str | None:
        """The folder on the way to `path` that is a repository of its own, if there is one."""
        folders = path.split("/")[:-1]
        for depth in range(1, len(folders) + 1):
            inside = "/".join(folders[:depth])
            if os.path.lexists(self.root / inside / ".git"):
                return inside
        return None

    def missing_folders(self, path: str) -> list[str]:
        """The folders above `path` that do not exist yet, outermost first."""
        folders = path.split("/")[:-1]
        inside = ["/".join(folders[: depth + 1]) for depth in range(len(folders))]
        return [folder for folder in inside if not os.path.lexists(self.root / folder)]

    def write(
        self,
        path: str,
        content: Content,
        *,
        temporary: str,
        executable: bool,
        check: Callable[[], None] | None = None,
        new: bool = False,
    ) -> None:
        """Put `content` at `path`: a temporary file beside it, fsync, rename.

        A `perm` of None takes what the umask gives, with the executable bits if `executable`.
        `check` is called at the last moment and may raise. With `new`, FileExistsError when
        something has appeared at `path`, however late.
        """
        self._clear_empty_folder(path)
        with self._parent(path, create=True) as (folder, name):
            self._forget(folder, temporary)
            if content.kind == LINK:
                os.symlink(os.fsdecode(content.data), temporary, dir_fd=folder)
            else:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
                wanted = 0o777 if executable else 0o666
                fd = os.open(temporary, flags, wanted, dir_fd=folder)
                try:
                    _write_all(fd, content.data)
                    if content.perm is not None:
                        # Some file systems (vfat) know no permissions; the content counts.
                        with contextlib.suppress(PermissionError):
                            os.fchmod(fd, content.perm)
                    os.fsync(fd)
                finally:
                    os.close(fd)
            try:
                if check is not None:
                    check()
                self._put(folder, temporary, name, new)
            finally:
                self._forget(folder, temporary)
            os.fsync(folder)

    @staticmethod
    def _put(folder: int, temporary: str, name: str, new: bool) -> None:
        """Give the temporary file its name; a link, unlike a rename, never replaces anything."""
        if new:
            try:
                os.link(
                    *(temporary, name),
                    src_dir_fd=folder,
                    dst_dir_fd=folder,
                    follow_symlinks=False,
                )
                return
            except FileExistsError:
                raise
            except OSError as error:
                if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK):
                    raise
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)

    def _clear_empty_folder(self, path: str) -> None:
        """git may put a file where only empty folders were; so may we."""
        if not self.is_empty_folder(path):
            return
        for folder, _, _ in os.walk(self.root / path, topdown=False):
            Path(folder).rmdir()

    def remove(self, path: str) -> None:
        """Remove a file and, like git, the folders that it leaves empty."""
        with self._parent(path) as (folder, name):
            os.unlink(name, dir_fd=folder)
            os.fsync(folder)
        self.prune(path.rpartition("/")[0])

    def prune(self, folder: str) -> None:
        """Remove `folder` and the ones above it as long as they are empty (never the root)."""
        while folder:
            try:
                with self._parent(folder) as (above, name):
                    os.rmdir(name, dir_fd=above)
            except (OSError, Blocked):
                return
            folder = folder.rpartition("/")[0]

    def forget_temporary(self, path: str, temporary: str) -> None:
        """Remove the temporary file that a killed write of `path` may have left."""
        try:
            with self._parent(path) as (folder, _):
                self._forget(folder, temporary)
        except (FileNotFoundError, Blocked):
            return

    @staticmethod
    def _forget(folder: int, temporary: str) -> None:
        try:
            os.unlink(temporary, dir_fd=folder)
        except FileNotFoundError:
            return


def with_executable(perm: int, executable: bool) -> int:
    """`perm` with the executable bits on for those who may read, or off for all."""
    return perm | ((perm & 0o444) >> 2) if executable else perm & ~0o111
