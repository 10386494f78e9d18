"""Removing the worktrees of runs, whole, with git's notes of them."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sorte_cli.history.repository import Repository
from sorte_cli.history.settle import CLOCK_SLACK_S, LOCK_GRACE_S

KEPT = "kept"
READY = ".sorte-ready"
"""In a run's folder: its tree was checked out to the end, so that another run may use it."""


def remove_worktrees(repo: Repository, only: Path | None = None) -> None:
    """Remove the worktrees of runs (or the one in folder `only`) and git's notes of them.

    The notes go first: as long as the folder is there, a later start knows what is left to do.
    """
    home = repo.common_dir / "sorte"
    folders = [only] if only else [p for p in entries(home) if p.is_dir() and not p.is_symlink()]
    folders = [p for p in folders if only or not is_kept(p)]
    began = min((p.stat().st_mtime for p in folders if p.is_dir()), default=None)
    for admin, place in notes(repo):
        if place is None:
            if began is not None and _is_abandoned(admin, began):
                remove_tree(admin)
        elif place.is_relative_to(only or home):
            remove_tree(admin)
    with contextlib.suppress(OSError):
        (repo.common_dir / "worktrees").rmdir()
    for folder in folders:
        # Half removed it must not be taken for a whole one.
        (folder / READY).unlink(missing_ok=True)
        remove_tree(folder)


def is_kept(folder: Path) -> bool:
    """Whether `folder` is the tree that waits for the next run (see `kept`)."""
    return folder.name == KEPT and (folder / READY).is_file()


def notes(repo: Repository) -> Iterator[tuple[Path, Path | None]]:
    """git's folder for each linked worktree, and where that worktree is (None: not yet known)."""
    for admin in filter(Path.is_dir, entries(repo.common_dir / "worktrees")):
        try:
            yield admin, Path(os.fsdecode((admin / "gitdir").read_bytes()).rstrip("\n"))
        except FileNotFoundError:
            yield admin, None


def _is_abandoned(admin: Path, began: float) -> bool:
    """Whether a note of git without its main file was left by a killed `git worktree add` of ours.

    It is younger than our folder, and no git goes on with it.
    """
    first = admin.stat().st_mtime_ns
    if first < (began - CLOCK_SLACK_S) * 1e9:
        return False
    time.sleep(LOCK_GRACE_S)
    return admin.stat().st_mtime_ns == first and not (admin / "gitdir").exists()


def entries(folder: Path) -> list[Path]:
    """What lies in `folder`; nothing where it does not exist."""
    return list(folder.iterdir()) if folder.is_dir() else []


def remove_tree(folder: Path) -> None:
    """Remove a folder of ours, also where tests made parts of it unreadable."""

    def unlock(function: Callable[..., object], name: str, _: object) -> None:
        with contextlib.suppress(OSError):
            parent = Path(name).parent
            parent.chmod(parent.stat().st_mode | stat.S_IRWXU)
            Path(name).chmod(stat.S_IRWXU, follow_symlinks=False)
        with contextlib.suppress(OSError):
            if Path(name).is_dir() and not Path(name).is_symlink():
                shutil.rmtree(name, ignore_errors=True)
            else:
                function(name)

    if folder.is_dir():
        shutil.rmtree(folder, onerror=unlock)
