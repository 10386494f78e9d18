"""Changing some paths of the user's index under git's own lock, without ever leaving that lock.

The lock is a hard link to a marker file of ours, so that after a crash its inode tells whether the
lock is ours or another program's. The new index is made beside it and renamed into place.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sorte_cli.errors import RefusedError
from sorte_cli.history.objects import (
    TreeEntry,
    index_entries,
    index_lines,
    null_oid,
    without_filters,
)
from sorte_cli.history.repository import GitError, Repository
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
    try:
        _prepare(repo, index, fresh, wanted, ())
    except GitError:
        # Writing an index, git may look into other files, through filters that are not installed.
        # Only contents that we name are entered here, so that it can do without.
        filters = without_filters(repo)
        if not filters:
            raise
        _prepare(repo, index, fresh, wanted, filters)
    fd = os.open(fresh, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
    fresh.rename(index)
    fsync_folder(repo.git_dir)


def _prepare(
    repo: Repository,
    index: Path,
    fresh: Path,
    wanted: Mapping[str, TreeEntry | None],
    config: Sequence[tuple[str, str]],
) -> None:
    """Make in `fresh` what the index is to become."""
    fresh.with_name(f"{_FRESH}.lock").unlink(missing_ok=True)
    fresh.unlink(missing_ok=True)
    if index.exists():
        # With its time: git looks again at files as young as their index, so that a younger copy
        # would make it miss an edit.
        shutil.copy2(index, fresh)
    env = {"GIT_INDEX_FILE": str(fresh)}
    flags = index_entries(repo, wanted, env)
    lines = index_lines(wanted, null_oid(repo))
    update = ("update-index", "-z")
    repo.git_result(*update, "--index-info", input=lines, env=env, config=config)
    tags = {p: flags[p][0].tag for p, e in wanted.items() if e is not None and p in flags}
    for option, names in (
        ("--skip-worktree", [p for p, tag in tags.items() if tag.upper() == "S"]),
        ("--assume-unchanged", [p for p, tag in tags.items() if tag.islower()]),
    ):
        if names:
            stdin = b"".join(os.fsencode(name) + b"\0" for name in names)
            repo.git_result(*update, option, "--stdin", input=stdin, env=env, config=config)
    _refresh(repo, [path for path, entry in wanted.items() if entry is not None], env, config)


def _refresh(
    repo: Repository,
    paths: Sequence[str],
    env: Mapping[str, str],
    config: Sequence[tuple[str, str]],
) -> None:
    """Let the index know the times of the files at `paths`: only those were written."""
    existing = [path for path in paths if os.path.lexists(repo.root / path)]
    if existing:
        names = b"".join(os.fsencode(path) + b"\0" for path in existing)
        args = ("add", "--refresh", "--pathspec-from-file=-", "--pathspec-file-nul")
        repo.git_result(*args, input=names, env=env, config=config, accept=(0, 1))
