"""Which paths an operation may read and write. Pure but for `check_on_disk`.

Refused: absolute paths, paths that climb out, anything inside `.git`, symlinks that leave the
repository, directories, and what an ignore file for assistants names (gitignore syntax).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sorte_cli.edits.model import EditError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILES = (".sorteignore", ".aiignore", ".aiexclude", ".agentsignore")
"""Names of ignore files that are honoured, in every folder from the root down."""

AST_LIMIT_CHARACTERS = 2_000_000
"""Files beyond this are not parsed: no one wrote them by hand, and it would take seconds."""


def check_path(path: str) -> None:
    """Refuse a path that is not a plain repository-relative one. Raises EditError."""
    if reason := path_refusal(path):
        raise EditError(
            f"The path {path!r} {reason}.",
            hint="Name files by their path inside the repository, like shop/orders.py.",
        )


def path_refusal(path: str) -> str:
    """Why a path may not be touched, judged by its text alone; empty where it may."""
    parts = path.split("/")
    if not path or path.endswith("/"):
        return "names no file"
    if path.startswith(("/", "~")) or path[1:2] == ":":
        return "is not relative to the repository"
    if "\\" in path:
        return "is not written with forward slashes"
    if any(ord(character) < 32 or character == "\x7f" for character in path):
        return "holds a control character"
    if ".." in parts:
        return "leaves the repository"
    if "." in parts or "" in parts:
        return "is not in its plain form"
    if any(_is_git_folder(part) for part in parts):
        return "lies inside a .git folder"
    return ""


def _is_git_folder(part: str) -> bool:
    # Case-insensitive file systems, and NTFS, which drops trailing dots and spaces and knows the
    # short name git~1 and streams (git's own verify_path guards against the same).
    plain = part.lower().split(":")[0].rstrip(". ")
    return plain in (".git", "git~1")


class IgnoreRules:
    """The rules of every ignore file of a project; each file is read when first needed."""

    def __init__(self, read: Callable[[str], bytes | None]) -> None:
        self._read = read
        self._specs: dict[str, GitIgnoreSpec | None] = {}

    def ignored(self, path: str) -> bool:
        """Whether an ignore file in the root or in a folder above `path` names it."""
        parts = path.split("/")
        for depth in range(len(parts) - 1, -1, -1):
            folder = "/".join(parts[:depth])
            if (spec := self._spec(folder)) is None:
                continue
            verdict = spec.check_file("/".join(parts[depth:])).include
            if verdict is not None:
                return verdict  # the nearest file that says anything wins, as with .gitignore
        return False

    def check(self, path: str) -> None:
        """Refuse an ignored path. Raises EditError."""
        if self.ignored(path):
            raise EditError(
                f"{path} is named in an ignore file ({', '.join(IGNORE_FILES[:2])} ...).",
                hint="Take it out of the ignore file if Sorte may change it.",
            )

    def _spec(self, folder: str) -> GitIgnoreSpec | None:
        if folder not in self._specs:
            prefix = f"{folder}/" if folder else ""
            lines = [
                line
                for name in IGNORE_FILES
                for line in (self._read(prefix + name) or b"")
                .decode("utf-8", "replace")
                .split("\n")
            ]
            self._specs[folder] = _compile(lines)
        return self._specs[folder]


def _compile(lines: list[str]) -> GitIgnoreSpec | None:
    if not any(line.strip() for line in lines):
        return None
    from pathspec import GitIgnoreSpec

    kept: list[str] = []
    for line in lines:
        try:
            GitIgnoreSpec.from_lines([line])
        except ValueError:
            continue  # a malformed pattern matches nothing, as in git
        kept.append(line)
    return GitIgnoreSpec.from_lines(kept)


def check_on_disk(root: Path, path: str) -> None:
    """Refuse what the file system makes unsafe: symlinks (their target has a path of its own, or
    lies outside), directories, devices. A path that does not exist yet is judged by its nearest
    existing folder.

    Raises EditError.
    """
    check_path(path)
    real_root = Path(os.path.realpath(root))
    real = Path(os.path.realpath(real_root / path))
    if not real.is_relative_to(real_root):
        raise EditError(
            f"{path} leads out of the repository through a symbolic link.",
            hint="Work on the link's target in its own repository.",
        )
    inside = real.relative_to(real_root).as_posix()
    if inside != path:
        if reason := path_refusal(inside):
            raise EditError(f"{path} is a link to {inside}, which {reason}.")
        raise EditError(f"{path} is a symbolic link.", hint=f"Name the file itself: {inside}.")
    if real.is_dir():
        raise EditError(f"{path} is a folder.", hint="Operations act on files.")
    if real.exists() and not real.is_file():
        raise EditError(f"{path} is not a regular file.")
    for parent in real.parents:
        if parent == real_root:
            break
        if parent.is_file():
            raise EditError(f"{parent.relative_to(real_root).as_posix()} is a file, not a folder.")
