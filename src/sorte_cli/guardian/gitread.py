"""Reads changes out of git: staged, in the working tree, between revisions. Writes nothing."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.domain import ChangeSet, FileChange
from sorte_cli.errors import EnvironmentFailure, UsageError
from sorte_cli.texts import N_

FILE_LIMIT_BYTES = 2_000_000
TOTAL_LIMIT_BYTES = 24_000_000
"""Beyond this much text in one review, further files are named and left out."""
_REGULAR = ("100644", "100755")
_GITLINK = "160000"
_NONE = frozenset("0")
_TIMEOUT_S = 60
_MERGE = N_("a merge: only what differs from every parent was looked at")


@dataclass(frozen=True, slots=True)
class Read:
    """Files before and after, and notes about what was left out."""

    changes: ChangeSet
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of `git diff --raw`: blobs before and after, empty where there is none to read.

    `dirty` says that the content after is the file in the working tree.
    """

    path: str
    before: str
    after: str
    dirty: bool = False
    note: str = ""


def toplevel(directory: Path) -> Path:
    """The top of the working tree that `directory` lies in. EnvironmentFailure where it is none."""
    if not directory.is_dir():
        raise EnvironmentFailure(f"{directory} is not a folder")
    try:
        found = git(directory, "rev-parse", "--show-toplevel")
    except EnvironmentFailure as error:
        if "not a git repository" in error.message:
            raise EnvironmentFailure(
                f"{directory} is not a git repository",
                hint="go to your project's folder, or name it with -C",
            ) from error
        if "must be run in a work tree" in error.message:
            raise EnvironmentFailure(
                f"{directory} has no working tree", hint="run it in a clone, outside of .git"
            ) from error
        raise
    return Path(os.fsdecode(found.removesuffix(b"\n")))


def read_staged(root: Path) -> Read:
    """The index against HEAD, as a commit would take it; before the first commit, all of it.

    What lies in the working tree plays no part. While a merge is being committed, only what
    differs from every parent is looked at: the rest was reviewed where it was made.
    """
    against = _tree(root, "HEAD") or _empty_tree(root)
    entries = _raw(root, "diff-index", "--cached", against)
    notes: list[str] = []
    for parent in _merge_heads(root):
        own = {e.path for e in _raw(root, "diff-index", "--cached", parent)}
        entries = [e for e in entries if e.path in own]
        notes = [_MERGE]
    return _read(root, entries, notes)


def read_working_tree(root: Path) -> Read:
    """Files as they lie in the working tree against HEAD, new ones that are not ignored too."""
    against = _tree(root, "HEAD") or _empty_tree(root)
    entries = [
        e if e.after or e.note else _Entry(e.path, e.before, "", dirty=True)
        for e in _raw(root, "diff-index", against)
    ]
    known = {e.path for e in entries}
    others = git(root, "ls-files", "--others", "--exclude-standard", "-z").split(b"\0")
    for path in map(os.fsdecode, others):
        if path and not path.endswith("/") and path not in known:
            entries.append(_Entry(path, "", "", dirty=True))
    return _read(root, entries, [])


def read_range(root: Path, text: str) -> Read:
    """`A..B` compares two revisions, `A...B` what B has done since it left A."""
    old, new = _ends(root, text)
    return _read(root, _raw(root, "diff-tree", "-r", old, new), [])


def _ends(root: Path, text: str) -> tuple[str, str]:
    """The commits that `A..B` or `A...B` compares."""
    since, dots, until = text.partition("...")
    if not dots:
        since, dots, until = text.partition("..")
    if not dots:
        raise UsageError(
            f"`{text}` is no range", hint="write A..B, for example main..HEAD, or use --commit"
        )
    since, until = since or "HEAD", until or "HEAD"
    old, new = _commit(root, since), _commit(root, until)
    if dots == "...":
        base = git(root, "merge-base", old, new, codes=(0, 1)).decode("ascii").split()
        if not base:
            raise UsageError(f"{since} and {until} have no common history")
        old = base[0]
    return old, new


def read_commit(root: Path, revision: str) -> Read:
    """What one commit did. Of a merge, only what differs from every parent."""
    commit = _commit(root, revision)
    line = git(root, "rev-list", "--parents", "--max-count=1", commit).decode("ascii").split()
    parents = line[1:] or [_empty_tree(root)]
    entries = _raw(root, "diff-tree", "-r", parents[0], commit)
    notes: list[str] = []
    for parent in parents[1:]:
        own = {e.path for e in _raw(root, "diff-tree", "-r", parent, commit)}
        entries = [e for e in entries if e.path in own]
        notes = [_MERGE]
    return _read(root, entries, notes)


def base_tree(root: Path, kind: str, text: str = "") -> str:
    """The tree that a change of that kind (as in `review.Source`) is made to."""
    if kind == "range":
        return _ends(root, text)[0]
    if kind == "commit":
        return _tree(root, f"{_commit(root, text)}^1") or _empty_tree(root)
    return _tree(root, "HEAD") or _empty_tree(root)


def common_dir(root: Path) -> Path:
    """The repository's git directory; of a linked worktree that of its repository."""
    name = git(root, "rev-parse", "--git-common-dir").removesuffix(b"\n")
    return (root / os.fsdecode(name)).resolve()


def read_pushed(root: Path, local: str, there: str, remote: str) -> Read:
    """What a push brings: the commit `local` against `there`, what the other side has.

    For a new branch, or where that commit is not known here: against where its history leaves
    what the remote is known to have.
    """
    known = (
        git(root, "cat-file", "-t", there, codes=(0, 128)).strip() if set(there) > _NONE else b""
    )
    if known == b"commit":
        return _read(root, _raw(root, "diff-tree", "-r", there, local), [])
    line = git(root, "rev-list", "--boundary", local, "--not", f"--remotes={remote}")
    words = line.decode("ascii").split()
    if not words:
        return Read(ChangeSet())  # the remote has all of it
    edges = [w[1:] for w in words if w.startswith("-")]
    base = edges[0] if edges else _empty_tree(root)
    return _read(root, _raw(root, "diff-tree", "-r", base, local), [])


def read_blobs(root: Path, names: Sequence[str]) -> dict[str, bytes]:
    """The contents of those of `names` (ids, perhaps shortened) that are blobs here."""
    found: dict[str, bytes] = {}
    for name in names:
        kind = git(root, "cat-file", "-t", name, codes=(0, 128)).strip()
        if kind == b"blob":
            found[name] = git(root, "cat-file", "blob", name)
    return found


def read_file(root: Path, path: str) -> tuple[bytes | None, str]:
    """A file of the working tree and a note. None for what is no regular file any more."""
    place = root / path
    try:
        status = place.lstat()
        if not stat.S_ISREG(status.st_mode):
            return None, ""
        if status.st_size > FILE_LIMIT_BYTES:
            return None, N_(f"{path} is too large to be looked at")
        return place.read_bytes(), ""
    except FileNotFoundError:
        return None, ""
    except OSError as error:
        return None, N_(f"{path} cannot be read: {error.strerror}")


def _read(root: Path, entries: Sequence[_Entry], notes: Sequence[str]) -> Read:
    blobs, large = _contents(root, entries)
    said = [*notes, *(e.note for e in entries if e.note)]
    changes: list[FileChange] = []
    total_bytes = 0
    for number, entry in enumerate(entries):
        if {entry.before, entry.after} & large:
            said.append(N_(f"{entry.path} is too large to be looked at"))
            continue
        before = blobs.get(entry.before)
        after = blobs.get(entry.after)
        if entry.dirty:
            after, note = read_file(root, entry.path)
            if note:
                said.append(note)
                continue
        total_bytes += len(before or b"") + len(after or b"")
        if total_bytes > TOTAL_LIMIT_BYTES:
            left = len(entries) - number
            said.append(N_(f"the change is very large: {left} file(s) were not looked at"))
            break
        changes.append(FileChange(entry.path, before, after))
    return Read(ChangeSet.of(changes), tuple(said))


def _raw(root: Path, command: str, *arguments: str) -> list[_Entry]:
    options = ("--raw", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=dirty")
    # A rename is a file that goes and one that comes: findings that moved along are not new.
    return list(_entries(git(root, command, *options, *arguments)))


def _entries(raw: bytes) -> Iterator[_Entry]:
    """From `:MODE MODE BLOB BLOB STATUS NUL PATH NUL`. Only regular files have content to read."""
    fields = raw.split(b"\0")
    for header, name in zip(fields[::2], fields[1::2], strict=False):
        old_mode, new_mode, old, new, status = header.decode("ascii").lstrip(":").split(" ")
        path = os.fsdecode(name)
        if status == "U":
            yield _Entry(path, "", "", note=N_(f"{path} has a conflict that is not resolved"))
            continue
        if _GITLINK in (old_mode, new_mode):
            yield _Entry(
                path, "", "", note=N_(f"{path} is a submodule; its own commits are not read")
            )
            continue
        yield _Entry(
            path,
            old if old_mode in _REGULAR else "",
            # All zeros: git has no blob of it, the content is in the working tree.
            new if new_mode in _REGULAR and set(new) != _NONE else "",
        )


def _contents(root: Path, entries: Sequence[_Entry]) -> tuple[dict[str, bytes], set[str]]:
    """Blob id -> content, through one git process each way; and ids of blobs that are too large."""
    wanted = sorted({b for e in entries for b in (e.before, e.after) if b})
    if not wanted:
        return {}, set()
    listing = "".join(f"{blob}\n" for blob in wanted).encode()
    sizes = git(root, "cat-file", "--batch-check=%(objectname) %(objectsize)", given=listing)
    large = {
        name
        for name, size in (line.split() for line in sizes.decode("ascii").splitlines())
        if not size.isdigit() or int(size) > FILE_LIMIT_BYTES
    }
    small = [blob for blob in wanted if blob not in large]
    listing = "".join(f"{blob}\n" for blob in small).encode()
    data = git(root, "cat-file", "--batch=%(objectname) %(objectsize)", given=listing)
    found: dict[str, bytes] = {}
    position = 0
    while position < len(data):
        end = data.index(b"\n", position)
        name, size = data[position:end].decode("ascii").split()
        found[name] = data[end + 1 : end + 1 + int(size)]
        position = end + 1 + int(size) + 1
    return found, large


def _tree(root: Path, revision: str) -> str:
    """The tree of a revision; empty where there is none (before the first commit)."""
    found = git(root, "rev-parse", "--verify", "--quiet", f"{revision}^{{tree}}", codes=(0, 1))
    return found.decode("ascii").strip()


def _empty_tree(root: Path) -> str:
    return git(root, "hash-object", "-t", "tree", os.devnull).decode("ascii").strip()


def _commit(root: Path, revision: str) -> str:
    found = git(
        root,
        *("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"),
        codes=(0, 1, 128),
    )
    if not found.strip():
        raise UsageError(
            f"there is no commit `{revision}` here", hint="`git log --oneline` lists them"
        )
    return found.decode("ascii").strip()


def _merge_heads(root: Path) -> list[str]:
    name = os.fsdecode(git(root, "rev-parse", "--git-path", "MERGE_HEAD").removesuffix(b"\n"))
    try:
        return (root / name).read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        return []


def git(
    root: Path,
    *arguments: str,
    given: bytes | None = None,
    codes: tuple[int, ...] = (0,),
    env: Mapping[str, str] | None = None,
) -> bytes:
    """Git's answer. In a hook, GIT_INDEX_FILE names the index that is being committed: kept.

    Raises EnvironmentFailure when git is missing, does not answer, or fails otherwise than `codes`.
    """
    try:
        ran = subprocess.run(
            ["git", "-C", str(root), *arguments],
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C", **(env or {})},
        )
    except FileNotFoundError as error:
        raise EnvironmentFailure(
            "git was not found", hint="install git and make sure it is on PATH"
        ) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EnvironmentFailure(f"git did not answer: {error}") from error
    if ran.returncode not in codes:
        said = ran.stderr.decode("utf-8", "replace").strip()
        raise EnvironmentFailure(f"git {arguments[0]} failed in {root}: {said}")
    return ran.stdout
