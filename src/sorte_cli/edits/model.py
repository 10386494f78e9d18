"""The operation language as values: addresses, operations, scripts, source texts and span edits.

Pure data. Parsing and printing live in `language.py`, the table of verbs in `verbs.py`. Every
operation is turned into span edits against one snapshot; the script engine in `script.py` merges
them, refuses overlaps, checks that the result parses, and hands back a ChangeSet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sorte_cli.errors import ExitCode, SorteError


class EditError(SorteError):
    """An operation that cannot be done exactly. Nothing has been applied.

    `message` is one or two lines fit for a person and for a model; `hint` names the nearest names
    or the candidates with their lines. `line` is the 1-based line in the script (0: unknown).
    """

    exit_code = ExitCode.REFUSED

    def __init__(self, message: str, *, hint: str = "", line: int = 0) -> None:
        super().__init__(message, hint=hint)
        self.line = line


@dataclass(frozen=True, slots=True)
class Address:
    """Where an operation acts.

    `path`; `path::Qualified.name`; `path::function(parameter)`; `path::function:local`;
    `path@LINE:COL` (1-based); `path::symbol#k` or `#k-m` (statements, pre-order, 1-based);
    `path::symbol#L4-9` (lines of the symbol, for languages other than Python).
    """

    path: str
    symbol: str = ""
    parameter: str = ""
    local: str = ""
    position: tuple[int, int] | None = None
    statements: tuple[int, int] | None = None
    lines: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One edit. `arguments` are (name, text) in the order of the verb's signature, absent ones
    left out; `blocks` are raw payloads without their fences, each line ended by a newline.
    `line` is where it stood in its script; it plays no part in equality.
    """

    verb: str
    target: Address
    arguments: tuple[tuple[str, str], ...] = ()
    blocks: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)

    def get(self, name: str, default: str = "") -> str:
        """The text of the argument `name`, or `default` where it was not given."""
        return next((text for key, text in self.arguments if key == name), default)


@dataclass(frozen=True, slots=True)
class Script:
    """Operations that are resolved against one snapshot and applied all or none."""

    operations: tuple[Operation, ...] = ()


class Snapshot(Protocol):
    """A frozen view of a project's files. Paths are repository-relative POSIX strings."""

    def paths(self) -> Sequence[str]:
        """Every file an operation may see, sorted."""
        ...

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, or None where there is no such file."""
        ...


@dataclass(frozen=True, slots=True)
class SpanEdit:
    """Replace characters [start, end) of the decoded text of `path` by `text`.

    Offsets count characters of `SourceText.text` (BOM excluded, line endings as in the file).
    `text` is written with "\\n"; the script engine converts to the file's own line ending.
    Two edits of one script may touch (end == start of the next) but not overlap. Identical edits
    count once.
    """

    path: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class FileCreation:
    """A file that must not exist yet, with its whole content."""

    path: str
    content: bytes
    executable: bool = False


@dataclass(frozen=True, slots=True)
class FileReplacement:
    """A file that exists, with other content altogether."""

    path: str
    content: bytes
    executable: bool | None = None


@dataclass(frozen=True, slots=True)
class FileDeletion:
    """A file that goes away."""

    path: str


Edit = SpanEdit | FileCreation | FileReplacement | FileDeletion


@dataclass(frozen=True, slots=True)
class Resolution:
    """What one operation comes to: its edits, one sentence saying what it did, and places that
    may refer to the thing but could not be decided (`path:line: source line`), left unchanged.
    """

    edits: tuple[Edit, ...]
    summary: str
    possible: tuple[str, ...] = ()
