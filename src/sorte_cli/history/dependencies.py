"""Lending the user's installed dependencies to the transaction while commit hooks run.

A hook such as lint-staged or a local formatter starts programs from node_modules or .venv, which
git ignores and a worktree therefore lacks. Without them every commit there would be refused.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sorte_cli.history.repository import Repository

_NAMES = frozenset({"node_modules", "vendor", ".venv", "venv"})
_HOOKS = ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit")


@contextmanager
def lent_dependencies(
    repo: Repository, root: Path, hooks_path: str
) -> Iterator[tuple[tuple[str, str], ...]]:
    """Link ignored dependency folders of the user's tree into the worktree `root`.

    Yields configuration for git, so that nobody commits the links. Does nothing where no commit
    hook is installed (`hooks_path`: their folder) or nothing is missing.
    """
    folder = root / hooks_path
    if not any((folder / name).exists() for name in _HOOKS):
        yield ()
        return
    links = [path for path in _ignored_folders(repo) if _is_missing(root / path)]
    made: list[tuple[Path, bool]] = []
    try:
        for path in links:
            place = root / path
            was_folder = place.is_dir()
            if was_folder:
                place.rmdir()
            place.symlink_to(repo.root / path)
            made.append((place, was_folder))
        with _excluding(repo, links) as config:
            yield config
    finally:
        for place, was_folder in made:
            if place.is_symlink():
                place.unlink()
            if was_folder:
                place.mkdir(exist_ok=True)


def _ignored_folders(repo: Repository) -> list[str]:
    args = ("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
    found = [os.fsdecode(row) for row in repo.git(*args).split(b"\0")]
    folders = [path.rstrip("/") for path in found if path.endswith("/")]
    return [path for path in folders if path.rpartition("/")[2] in _NAMES]


def _is_missing(place: Path) -> bool:
    """Not there, or (a mount point of the sandbox) an empty folder; its parent is there."""
    if not place.parent.is_dir() or place.is_symlink():
        return False
    return not place.exists() or (place.is_dir() and not any(place.iterdir()))


@contextmanager
def _excluding(repo: Repository, links: list[str]) -> Iterator[tuple[tuple[str, str], ...]]:
    """The user's own excludes file with the links added: "node_modules/" fits no link."""
    if not links:
        yield ()
        return
    args = ("config", "--type=path", "--get", "core.excludesFile")
    value = os.fsdecode(repo.git_result(*args, accept=(0, 1)).stdout).rstrip("\n")
    configured = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    own = Path(value) if value else Path(configured) / "git" / "ignore"
    lines = own.read_bytes() if own.is_file() else b""
    with tempfile.NamedTemporaryFile(prefix="scratch-", dir=repo.sorte_dir) as file:
        file.write(lines + b"\n" + b"".join(b"/" + os.fsencode(p) + b"\n" for p in links))
        file.flush()
        yield (("core.excludesFile", file.name),)
