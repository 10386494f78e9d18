"""Frozen views of a project's files: a folder on disk, or a mapping in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from sorte_cli.edits.model import EditError, Snapshot
from sorte_cli.edits.safety import IgnoreRules, check_on_disk, check_path


class MemorySnapshot:
    """Files given as a mapping from path to bytes (text is taken as UTF-8)."""

    def __init__(self, files: Mapping[str, bytes | str]) -> None:
        self._files = {
            path: content.encode("utf-8") if isinstance(content, str) else content
            for path, content in files.items()
        }
        self._rules = IgnoreRules(self._files.get)
        self._paths = tuple(sorted(p for p in self._files if not self._rules.ignored(p)))

    def paths(self) -> tuple[str, ...]:
        return self._paths

    def read(self, path: str) -> bytes | None:
        return self._files.get(path)

    def check(self, path: str) -> None:
        """Refuse a path that no operation may touch. Raises EditError."""
        check_path(path)
        self._rules.check(path)


class DirectorySnapshot:
    """A folder on disk. Files are read when first asked for and remembered from then on.

    `paths` are the files that operations may see (tracked ones, usually); other existing files can
    still be named, so that nothing is ever created over them.
    """

    def __init__(self, root: Path, paths: Iterable[str]) -> None:
        self._root = root
        self._contents: dict[str, bytes | None] = {}
        self._rules = IgnoreRules(self.read)
        self._all = tuple(sorted(set(paths)))
        self._paths: tuple[str, ...] | None = None

    def paths(self) -> tuple[str, ...]:
        if self._paths is None:
            self._paths = tuple(p for p in self._all if self._visible(p))
        return self._paths

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, or None where there is none or where it may not be read (a link
        that leaves the folder, a directory).
        """
        if path not in self._contents:
            self._contents[path] = self._load(path)
        return self._contents[path]

    def check(self, path: str) -> None:
        """Refuse a path that no operation may touch. Raises EditError."""
        check_on_disk(self._root, path)
        self._rules.check(path)

    def _visible(self, path: str) -> bool:
        # A link's target is listed under its own path; editing it twice would be wrong.
        return not self._rules.ignored(path) and not (self._root / path).is_symlink()

    def _load(self, path: str) -> bytes | None:
        try:
            check_on_disk(self._root, path)
        except EditError:
            return None
        try:
            return (self._root / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise EditError(
                f"{path} cannot be read: {error.strerror}.", hint="Check its permissions."
            ) from error


class Overlay:
    """A snapshot with some files changed, added, or (as None) taken away."""

    def __init__(self, base: Snapshot, contents: Mapping[str, bytes | None]) -> None:
        self._base = base
        self._contents = dict(contents)

    def paths(self) -> tuple[str, ...]:
        kept = {path for path in self._base.paths() if self._contents.get(path, b"") is not None}
        kept.update(path for path, content in self._contents.items() if content is not None)
        return tuple(sorted(kept))

    def read(self, path: str) -> bytes | None:
        return self._contents[path] if path in self._contents else self._base.read(path)
