"""The deterministic half of a review: what is staged, exactly, and what it makes worse."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.domain import ChangeSet, FileChange, Finding
from sorte_cli.errors import EnvironmentFailure
from sorte_cli.guardian.checks import check

_REGULAR = ("100644", "100755")
_FILE_LIMIT_BYTES = 2_000_000
_TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of `git diff --raw`: blobs before and after, empty where there is none to read."""

    path: str
    before: str
    after: str


def review_staged(
    repository_root: Path, *, cancel: threading.Event | None = None
) -> tuple[Finding, ...]:
    """New findings of what is staged, worst first. See `review_staged_with_notes`."""
    return review_staged_with_notes(repository_root, cancel=cancel)[0]


def review_staged_with_notes(
    repository_root: Path, *, cancel: threading.Event | None = None
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """New findings of the index against HEAD, and notes about what could not be looked at.

    Reads the index itself, as a commit would take it: what lies in the working tree plays no part.
    Raises EnvironmentFailure when git does not answer.
    """
    changes, notes = staged_changes(repository_root)
    findings, more = check(changes, root=repository_root, cancel=cancel)
    return findings, (*notes, *more)


def staged_changes(repository_root: Path) -> tuple[ChangeSet, tuple[str, ...]]:
    """The staged files before and after, and notes about those that were left out.

    Left out are links, submodules and very large files. Before the first commit everything is new.
    """
    base = _git(repository_root, "rev-parse", "--verify", "--quiet", "HEAD^{tree}", codes=(0, 1))
    against = base.strip() or _git(repository_root, "hash-object", "-t", "tree", os.devnull).strip()
    raw = _git(
        repository_root,
        *("diff-index", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev"),
        against.decode(),
    )
    entries = list(_entries(raw))
    blobs, large = _contents(repository_root, entries)
    changes = [
        FileChange(e.path, blobs.get(e.before), blobs.get(e.after))
        for e in entries
        if not {e.before, e.after} & large
    ]
    left_out = [e.path for e in entries if {e.before, e.after} & large]
    return ChangeSet.of(changes), tuple(f"{p} is too large to be looked at" for p in left_out)


def _entries(raw: bytes) -> Iterator[_Entry]:
    """From `:MODE MODE BLOB BLOB STATUS NUL PATH NUL`. Only regular files have content to read."""
    fields = raw.split(b"\0")
    for header, path in zip(fields[::2], fields[1::2], strict=False):
        old_mode, new_mode, old, new, _ = header.decode("ascii").lstrip(":").split(" ")
        yield _Entry(
            os.fsdecode(path),
            old if old_mode in _REGULAR else "",
            new if new_mode in _REGULAR else "",
        )


def _contents(root: Path, entries: Sequence[_Entry]) -> tuple[dict[str, bytes], set[str]]:
    """Blob id -> content, through one git process each way; and ids of blobs that are too large."""
    wanted = sorted({b for e in entries for b in (e.before, e.after) if b})
    if not wanted:
        return {}, set()
    listing = "".join(f"{blob}\n" for blob in wanted).encode()
    sizes = _git(root, "cat-file", "--batch-check=%(objectname) %(objectsize)", given=listing)
    large = {
        name
        for name, size in (line.split() for line in sizes.decode("ascii").splitlines())
        if not size.isdigit() or int(size) > _FILE_LIMIT_BYTES
    }
    small = [blob for blob in wanted if blob not in large]
    listing = "".join(f"{blob}\n" for blob in small).encode()
    data = _git(root, "cat-file", "--batch=%(objectname) %(objectsize)", given=listing)
    found: dict[str, bytes] = {}
    position = 0
    while position < len(data):
        end = data.index(b"\n", position)
        name, size = data[position:end].decode("ascii").split()
        found[name] = data[end + 1 : end + 1 + int(size)]
        position = end + 1 + int(size) + 1
    return found, large


def _git(
    root: Path, *arguments: str, given: bytes | None = None, codes: tuple[int, ...] = (0,)
) -> bytes:
    """Git's answer. In a hook, GIT_INDEX_FILE names the index that is being committed: kept."""
    try:
        ran = subprocess.run(
            ["git", "-C", str(root), *arguments],
            input=given,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EnvironmentFailure(f"git did not answer: {error}") from error
    if ran.returncode not in codes:
        said = ran.stderr.decode("utf-8", "replace").strip()
        raise EnvironmentFailure(f"git {arguments[0]} failed in {root}: {said}")
    return ran.stdout
