"""What a landing is about to do, written down before it begins, so that a crash can be settled."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sorte_cli.errors import EnvironmentFailure
from sorte_cli.history.journal import Mark
from sorte_cli.history.objects import TreeEntry
from sorte_cli.history.repository import Repository
from sorte_cli.history.treefiles import FileState, fsync_folder, replace_file


@dataclass(frozen=True, slots=True)
class Entry:
    """One path: `before`/`after` on disk, `old`/`new` in the commits (None: absent)."""

    path: str
    before: FileState | None
    after: FileState | None
    old: TreeEntry | None
    new: TreeEntry | None


@dataclass(frozen=True, slots=True)
class Intent:
    """A landing: `ref` ("refs/heads/main", or "HEAD" when detached) goes from `old` to `new`.

    `root` and `git_dir` are those of the worktree that lands; `folders` those that it makes;
    `marks` what the journal says once it is done; `since` seconds since 1970.
    """

    run: str
    root: str
    git_dir: str
    ref: str
    old: str
    new: str
    filemode: bool
    entries: tuple[Entry, ...]
    folders: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    since: float = field(default_factory=time.time)

    def temporary(self, number: int) -> str:
        """The name of the temporary file while entry `number` is written."""
        return f".sorte-{self.run}-{number}.tmp"


def _path(repo: Repository) -> Path:
    return repo.common_dir / "sorte" / "landing.json"


def save(repo: Repository, intent: Intent) -> None:
    """Write the intent durably: it is there whole, or not at all."""
    folder = repo.sorte_dir
    # The folder itself may be new: its name must be durable too.
    fsync_folder(folder.parent)
    replace_file(_path(repo), json.dumps(_plain(intent)).encode())


def load(repo: Repository) -> Intent | None:
    """The landing that has not been settled, if there is one."""
    try:
        words = json.loads(_path(repo).read_bytes())
        return _intent(words)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise EnvironmentFailure(
            f"{_path(repo)} cannot be read ({error}): an unfinished landing cannot be settled",
            hint="Compare your files with git status, then move that file away.",
        ) from error


def discard(repo: Repository) -> None:
    """The landing is settled."""
    _path(repo).unlink(missing_ok=True)
    fsync_folder(_path(repo).parent)


def _plain(value: Any) -> Any:
    """Dataclasses as JSON objects (names that are not UTF-8 become \\udcXX escapes)."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return os.fspath(value) if isinstance(value, Path) else value


def _state(words: dict[str, Any] | None) -> FileState | None:
    return FileState(**words) if words else None


def _tree(words: dict[str, Any] | None) -> TreeEntry | None:
    return TreeEntry(**words) if words else None


def _mark(words: dict[str, Any]) -> Mark:
    commits = words["commits"]
    return Mark(**{**words, "commits": None if commits is None else tuple(commits)})


def _intent(words: dict[str, Any]) -> Intent:
    entries = tuple(
        Entry(e["path"], _state(e["before"]), _state(e["after"]), _tree(e["old"]), _tree(e["new"]))
        for e in words["entries"]
    )
    marks = tuple(_mark(m) for m in words["marks"])
    return Intent(
        **{**words, "entries": entries, "marks": marks, "folders": tuple(words["folders"])}
    )
