"""Where the files of a project come from: the working tree through git's own index, or a commit.

Git is called as a subprocess with its environment variables scrubbed, so that a hook or another
tool that set GIT_DIR cannot point the index at a different repository.
"""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Protocol

from sorte_cli.errors import EnvironmentFailure

IGNORE_FILES = (".sorteignore", ".aiignore", ".aiexclude", ".agentsignore")
MAX_FILE_BYTES = 512 * 1024
_TIMEOUT_S = 120.0


class Entry(NamedTuple):
    """A file of the project. `sha` is git's blob id; "" where only the content can tell."""

    path: str
    sha: str


@dataclass(frozen=True, slots=True)
class Repository:
    """What git says of a folder: its working tree, and the git directory all worktrees share."""

    root: Path
    common_dir: Path


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a project in path order, and what was left out with the reason."""

    entries: tuple[Entry, ...]
    left_out: tuple[tuple[str, str], ...] = ()


class Source(Protocol):
    """Something that lists files and reads them."""

    @property
    def root(self) -> Path: ...

    def head(self) -> str:
        """The commit whose history counts; "" while there is none."""
        ...

    def listing(self) -> Listing: ...

    def read(self, entries: Sequence[Entry]) -> Iterator[tuple[Entry, bytes | None]]:
        """Contents with their true blob ids; None where a file cannot be read."""
        ...

    def content(self, path: str) -> bytes | None:
        """The content of one listed file as it is now; None where it cannot be read."""
        ...


def scrubbed_environment() -> dict[str, str]:
    """The environment without GIT_* variables, in the C locale, never waiting for a terminal."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    return kept | {
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "LC_ALL": "C",
    }


def git(directory: Path, *arguments: str, check: bool = True, stdin: bytes | None = None) -> bytes:
    """Standard output of one git command run in `directory`.

    Raises EnvironmentFailure with git's own words when it fails and `check` is set; else "".
    """
    command = ["git", "-C", str(directory), "-c", "core.quotepath=off", *arguments]
    try:
        done = subprocess.run(
            command,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            env=scrubbed_environment(),
            timeout=_TIMEOUT_S,
            check=False,
        )
    except FileNotFoundError as error:
        raise EnvironmentFailure("git is not installed.", hint="Install git.") from error
    except subprocess.TimeoutExpired as error:
        raise EnvironmentFailure(
            f"git {arguments[0]} did not answer within {_TIMEOUT_S:.0f} s in {directory}."
        ) from error
    if done.returncode == 0:
        return done.stdout
    words = done.stderr.decode("utf-8", "replace").strip().splitlines()
    if any("dubious ownership" in w for w in words):
        raise EnvironmentFailure(
            f"git does not trust {directory}, which belongs to another user.",
            hint=f"If you trust it: git config --global --add safe.directory {directory}",
        )
    if not check:
        return b""
    raise EnvironmentFailure(
        f"git {arguments[0]} failed in {directory}: {words[-1] if words else 'no reason given'}"
    )


def is_partial(directory: Path) -> bool:
    """Whether objects may be missing here, to be fetched from a remote on demand."""
    pattern = r"^(extensions\.partialclone|remote\..*\.promisor)$"
    return bool(git(directory, "config", "--get-regexp", pattern, check=False))


def is_shallow(directory: Path) -> bool:
    """Whether the past was cut off when this was cloned."""
    return git(directory, "rev-parse", "--is-shallow-repository", check=False).strip() == b"true"


def find_repository(start: Path) -> Repository:
    """The repository that `start` lies in. Raises EnvironmentFailure where there is none."""
    if not start.is_dir():
        raise EnvironmentFailure(f"{start} is not a folder.")
    raw = git(start, "rev-parse", "--show-toplevel", "--git-common-dir", check=False)
    lines = os.fsdecode(raw).splitlines()
    if len(lines) < 2:
        raise EnvironmentFailure(
            f"{start} is not inside a git working tree.",
            hint="Run this inside a repository, or make one with `git init`.",
        )
    root, common = Path(lines[0]), Path(lines[1])
    return Repository(root, (common if common.is_absolute() else start / common).resolve())


def blob_id(data: bytes, like: str = "") -> str:
    """Git's id of a content; SHA-256 where `like` (another id of the repository) is that long."""
    digest = hashlib.sha256 if len(like) == 64 else hashlib.sha1
    return digest(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


@lru_cache(maxsize=200_000)
def usable_name(path: bytes) -> str | None:
    """The path as text; None where it is not UTF-8 or has characters no address can hold."""
    try:
        text = path.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None


def _entry(name: bytes, sha: str) -> Entry | None:
    """None where no address can hold the name."""
    text = usable_name(name)
    return None if text is None else Entry(text, sha)


class WorkingTree:
    """The tracked and the untracked, not ignored files of a working tree, as they are on disk."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._known: dict[bytes, tuple[bytes, Entry]] = {}
        """Record of git -> name and entry of a plain tracked file: most are the same next time."""

    def head(self) -> str:
        raw = git(self.root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}", check=False)
        return raw.decode("ascii", "replace").strip()

    def content(self, path: str) -> bytes | None:
        return read_regular(self.root / path)

    def listing(self) -> Listing:
        raw = git(
            self.root,
            "ls-files", "-z", "-t", "-s", "-c", "-m", "-d", "-o", "--exclude-standard",
        )  # fmt: skip
        known = self._known
        tracked: dict[bytes, Entry | None] = {}
        changed: set[bytes] = set()
        gone: set[bytes] = set()
        left_out: list[tuple[str, str]] = []
        for record in raw.split(b"\0"):
            if (plain := known.get(record)) is not None:
                tracked[plain[0]] = plain[1]
                continue
            if not record:
                continue
            tag = record[:1]
            if tag == b"?":
                name = record[2:]
                if name.endswith(b"/"):
                    left_out.append((os.fsdecode(name), "another repository"))
                else:
                    changed.add(name)
                    tracked[name] = _entry(name, "")
                continue
            head, _, name = record.partition(b"\t")
            if tag == b"R":
                gone.add(name)
            elif tag == b"C":
                changed.add(name)
            else:
                _tag, mode, sha, stage = head.split(b" ")
                if mode in (b"160000", b"120000"):
                    reason = "submodule" if mode == b"160000" else "symbolic link"
                    left_out.append((os.fsdecode(name), reason))
                    continue
                tracked[name] = entry = _entry(name, sha.decode())
                if tag == b"S":  # skip-worktree: not on disk in a sparse checkout
                    gone.add(name)
                elif stage != b"0":
                    changed.add(name)
                elif entry is not None:
                    known[record] = (name, entry)
        if len(known) > 2 * len(tracked):
            known.clear()  # mostly of other commits by now
        return self._sorted_out(tracked, changed, gone, left_out)

    def _sorted_out(
        self,
        tracked: dict[bytes, Entry | None],
        changed: set[bytes],
        gone: set[bytes],
        left_out: list[tuple[str, str]],
    ) -> Listing:
        ignored = self._ignored(tracked)
        entries: list[Entry] = []
        for raw in sorted(tracked):
            if raw in gone:
                continue
            entry = tracked[raw]
            if raw in ignored:
                left_out.append((os.fsdecode(raw), "ignored"))
            elif entry is None:
                left_out.append((os.fsdecode(raw), "unusable name"))
            else:
                entries.append(Entry(entry.path, "") if raw in changed else entry)
        return Listing(tuple(entries), tuple(left_out))

    def _ignored(self, known: Iterable[bytes]) -> set[bytes]:
        """What Sorte's own ignore files exclude, by git's own matcher."""
        wanted = {name.encode() for name in IGNORE_FILES}
        present = {p.rpartition(b"/")[2] for p in known} & wanted
        present |= {n for n in wanted if (self.root / os.fsdecode(n)).is_file()}
        found: set[bytes] = set()
        for name in sorted(present):
            option = f"--exclude-per-directory={os.fsdecode(name)}"
            raw = git(self.root, "ls-files", "-z", "-c", "-o", "-i", option)
            found.update(p for p in raw.split(b"\0") if p)
        return found

    def read(self, entries: Sequence[Entry]) -> Iterator[tuple[Entry, bytes | None]]:
        filtered: list[Entry] = []
        for entry in entries:
            data = read_regular(self.root / entry.path)
            if data is None:
                yield entry, None
                continue
            sha = blob_id(data, entry.sha)
            if entry.sha and sha != entry.sha:
                # Line endings converted at checkout, or changed since git looked: the blob is true.
                filtered.append(entry)
                continue
            yield Entry(entry.path, sha), data
        if filtered:
            yield from read_blobs(self.root, filtered)


def read_regular(path: Path) -> bytes | None:
    """The bytes of a regular file; None for anything else, for huge files, or when it is gone."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    # Without a file object, which would take four times as long for a small file.
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_FILE_BYTES:
            return None
        data = os.read(descriptor, status.st_size + 1)
        if len(data) != status.st_size:  # it grew meanwhile, or the read was cut short
            while len(data) <= MAX_FILE_BYTES and (more := os.read(descriptor, MAX_FILE_BYTES)):
                data += more
        return data
    except OSError:
        return None
    finally:
        os.close(descriptor)


class CommitTree:
    """The files of one commit, read from git's objects; nothing need be checked out."""

    def __init__(self, repository: Path, commit: str) -> None:
        self.root = repository
        self.commit = commit

    def head(self) -> str:
        return self.commit

    def content(self, path: str) -> bytes | None:
        found = list(self.read([Entry(path, f"{self.commit}:{path}")]))
        return found[0][1]

    def listing(self) -> Listing:
        entries: list[Entry] = []
        left_out: list[tuple[str, str]] = []
        for record in git(self.root, "ls-tree", "-r", "-z", self.commit).split(b"\0"):
            if not record:
                continue
            head, _, raw = record.partition(b"\t")
            mode, kind, sha = head.split(b" ")
            name = usable_name(raw)
            if kind != b"blob" or mode == b"120000":
                left_out.append((os.fsdecode(raw), "not a file"))
            elif name is None:
                left_out.append((os.fsdecode(raw), "unusable name"))
            else:
                entries.append(Entry(name, sha.decode()))
        entries.sort(key=lambda e: e.path)
        return Listing(tuple(entries), tuple(left_out))

    def read(self, entries: Sequence[Entry]) -> Iterator[tuple[Entry, bytes | None]]:
        yield from read_blobs(self.root, entries)


def read_blobs(repository: Path, entries: Sequence[Entry]) -> Iterator[tuple[Entry, bytes | None]]:
    """Contents from git's objects, in bounded batches; None where missing or huge."""
    for start in range(0, len(entries), 200):
        batch = entries[start : start + 200]
        request = "".join(f"{e.sha}\n" for e in batch).encode()
        raw = git(repository, "cat-file", "--batch", stdin=request)
        offset = 0
        for entry in batch:
            line_end = raw.index(b"\n", offset)
            header = raw[offset:line_end].split()
            offset = line_end + 1
            if len(header) != 3:
                yield entry, None
                continue
            size = int(header[2])
            data = raw[offset : offset + size]
            offset += size + 1
            yield entry, data if size <= MAX_FILE_BYTES and header[1] == b"blob" else None
