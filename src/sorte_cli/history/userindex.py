"""Changing some paths of the user's index under git's own lock, without ever leaving that lock.

The lock is a hard link to a marker file of ours, so that after a crash its inode tells whether the
lock is ours or another program's. The new index is made beside it and renamed into place.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sorte_cli.errors import RefusedError
from sorte_cli.history.objects import (
    IndexEntry,
    TreeEntry,
    index_entries,
    index_lines,
    null_oid,
)
from sorte_cli.history.repository import Repository
from sorte_cli.history.treefiles import fsync_folder

PATIENCE_S = 5.0
_MARKER = "sorte-index-marker"
_FRESH = "sorte-index"
_WORDS = b"sorte holds this lock for a moment\n"


@contextmanager
def index_lock(repo: Repository) -> Iterator[None]:
    """Hold the index's lock. RefusedError when another program keeps it for PATIENCE_S."""
    _take(repo.git_dir)
    try:
        yield
    finally:
        release_own_lock(repo.git_dir)


def _take(git_dir: Path) -> None:
    release_own_lock(git_dir)
    marker, lock = git_dir / _MARKER, git_dir / "index.lock"
    marker.write_bytes(_WORDS)
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            _link(marker, lock)
            return
        except FileExistsError:
            if time.monotonic() > deadline:
                marker.unlink(missing_ok=True)
                raise RefusedError(
                    f"{lock} exists: another git command works here, or one ended badly",
                    hint="Wait for it. If none is running, remove that file.",
                ) from None
            time.sleep(0.05)


def _link(marker: Path, lock: Path) -> None:
    try:
        lock.hardlink_to(marker)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links: our words in the lock say whose it is.
        fd = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        os.write(fd, _WORDS)
        os.close(fd)


def release_own_lock(git_dir: Path) -> bool:
    """Remove index.lock if it is ours, and what else we keep beside the index.

    Returns whether a lock of ours was there.
    """
    marker, lock = git_dir / _MARKER, git_dir / "index.lock"
    ours = False
    with contextlib.suppress(FileNotFoundError):
        ours = marker.samefile(lock) or lock.read_bytes() == _WORDS
        if ours:
            lock.unlink()
    for name in (f"{_FRESH}.lock", _FRESH, _MARKER):
        (git_dir / name).unlink(missing_ok=True)
    return ours


def update_index(repo: Repository, wanted: Mapping[str, TreeEntry | None]) -> None:
    """Set these paths of the index (None removes one); all others stay as they are.

    The caller holds `index_lock`.
    """
    index, fresh = repo.git_dir / "index", repo.git_dir / _FRESH
    env = {"GIT_INDEX_FILE": str(fresh)}
    if index.exists():
        # With its time: git looks again at files as young as their index, so that a younger copy
        # would make it miss an edit.
        shutil.copy2(index, fresh)
    flags = index_entries(repo, wanted, env)
    lines = index_lines(wanted, null_oid(repo))
    repo.git("update-index", "-z", "--index-info", input=lines, env=env)
    _keep_flags(repo, env, [p for p, entry in wanted.items() if entry is not None], flags)
    repo.git("update-index", "-q", "--refresh", env=env, check=False)
    fd = os.open(fresh, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
    fresh.rename(index)
    fsync_folder(repo.git_dir)


def _keep_flags(
    repo: Repository,
    env: Mapping[str, str],
    paths: Iterable[str],
    flags: Mapping[str, list[IndexEntry]],
) -> None:
    """Set skip-worktree and assume-unchanged again where the user had set them."""
    tags = {path: flags[path][0].tag for path in paths if path in flags}
    marks = (
        ("--skip-worktree", [p for p, tag in tags.items() if tag.upper() == "S"]),
        ("--assume-unchanged", [p for p, tag in tags.items() if tag.islower()]),
    )
    for option, names in marks:
        if names:
            stdin = b"".join(os.fsencode(name) + b"\0" for name in names)
            repo.git("update-index", option, "-z", "--stdin", input=stdin, env=env)
