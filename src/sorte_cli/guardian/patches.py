"""Unified diffs as text: reads them, and puts them on or takes them off a file's lines.

Pure: text in, values out. What a diff says may be wrong, cut off or hostile; then it does not fit,
and that is all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_INDEX = re.compile(rb"^index ([0-9a-f]{4,64})\.\.([0-9a-f]{4,64})")
_NO_NEWLINE = b"\\ No newline at end of file"
_ESCAPES = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b'"': b'"', b"\\": b"\\", b"a": b"\a"}
_MOST_SHIFT = 400


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines before and after (with their newlines) and where they stand, counted from 0."""

    old_start: int
    new_start: int
    old: tuple[bytes, ...]
    new: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class FilePatch:
    """One file of a diff. `old_path` or `new_path` is empty for a file that is created or deleted.

    `old_blob` is git's (perhaps shortened) id of the content before, where the diff names it.
    """

    old_path: str
    new_path: str
    hunks: tuple[Hunk, ...] = ()
    old_blob: str = ""
    binary: bool = False

    @property
    def path(self) -> str:
        return self.new_path or self.old_path


def parse_diff(text: bytes) -> list[FilePatch]:
    """The files of a diff as `git diff` or `diff -u` write it. What is no diff is passed over."""
    return [p for part in _parts(text.split(b"\n")) if (p := _file(part)) is not None]


def _parts(lines: Sequence[bytes]) -> Iterator[list[bytes]]:
    """The lines of each file: from `diff --git` on, or from `---` where there is no such line."""
    part: list[bytes] = []
    left_old = left_new = 0
    for number, line in enumerate(lines):
        if left_old > 0 or left_new > 0:  # inside a hunk every line is content, whatever it says
            kind = line[:1]
            left_old -= kind in (b"-", b" ", b"")
            left_new -= kind in (b"+", b" ", b"")
            part.append(line)
            continue
        begins = line.startswith(b"diff --git ") or (
            line.startswith(b"--- ")
            and number + 1 < len(lines)
            and lines[number + 1].startswith(b"+++ ")
            and not _is_header(part)
        )
        if begins and part:
            yield part
            part = []
        if found := _HUNK.match(line):
            left_old, left_new = int(found[2] or 1), int(found[4] or 1)
        if begins or part:
            part.append(line)
    if part:
        yield part


def _is_header(part: Sequence[bytes]) -> bool:
    """Whether these lines are git's header of a file, and nothing else yet."""
    return bool(part) and part[0].startswith(b"diff --git ") and not _has_names(part)


def _has_names(part: Iterable[bytes]) -> bool:
    return any(line.startswith((b"--- ", b"@@ ")) for line in part)


def _file(lines: Sequence[bytes]) -> FilePatch | None:
    old_path = new_path = blob = ""
    binary = created = deleted = False
    if lines[0].startswith(b"diff --git "):
        old_path, new_path = _paths_of(lines[0].removeprefix(b"diff --git "))
    at = len(lines)
    for number, line in enumerate(lines):
        if line.startswith(b"@@ "):
            at = number
            break
        if line.startswith(b"--- "):
            old_path = _path(line[4:])
        elif line.startswith(b"+++ "):
            new_path = _path(line[4:])
        elif line.startswith(b"new file mode"):
            created = True
        elif line.startswith(b"deleted file mode"):
            deleted = True
        elif line.startswith(b"rename from "):
            old_path = _unquoted(line[12:])
        elif line.startswith(b"rename to "):
            new_path = _unquoted(line[10:])
        elif line.startswith((b"Binary files ", b"GIT binary patch")):
            binary = True
        elif found := _INDEX.match(line):
            blob = found[1].decode("ascii")
    old_path, new_path = "" if created else old_path, "" if deleted else new_path
    if not old_path and not new_path:
        return None
    if set(blob) == {"0"}:
        blob = ""
    return FilePatch(old_path, new_path, tuple(_hunks(lines[at:])), blob, binary)


def _paths_of(rest: bytes) -> tuple[str, str]:
    """The two names in `a/x b/x`; they are told apart only where they are the same or quoted."""
    if rest.startswith(b'"'):
        end = rest.find(b'" ', 1)
        if end > 0:
            return _path(rest[: end + 1]), _path(rest[end + 2 :])
    middle = len(rest) // 2
    if rest[middle : middle + 1] == b" ":
        return _path(rest[:middle]), _path(rest[middle + 1 :])
    old, _, new = rest.partition(b" b/")
    return _path(old), _path(b"b/" + new)


def _path(name: bytes) -> str:
    """A file name without `a/` or `b/` and what `diff -u` puts behind it; empty for /dev/null."""
    name = name.split(b"\t")[0].rstrip(b"\r")
    text = _unquoted(name)
    if text == "/dev/null":
        return ""
    return text[2:] if text.startswith(("a/", "b/")) else text


def _unquoted(name: bytes) -> str:
    """Git's quoting of odd names: `"a\\303\\247.py"`."""
    name = name.rstrip(b"\r")
    if len(name) >= 2 and name.startswith(b'"') and name.endswith(b'"'):
        name = re.sub(rb"\\([0-7]{3}|.)", _unescaped, name[1:-1])
    return name.decode("utf-8", "surrogateescape")


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    if len(code) == 3:
        return bytes([int(code, 8) & 0xFF])
    return _ESCAPES.get(code, code)


def _hunks(lines: Sequence[bytes]) -> Iterator[Hunk]:
    at = 0
    while at < len(lines):
        found = _HUNK.match(lines[at])
        at += 1
        if not found:
            continue
        old_left, new_left = int(found[2] or 1), int(found[4] or 1)
        old: list[bytes] = []
        new: list[bytes] = []
        touched: list[list[bytes]] = []
        while at < len(lines):
            line = lines[at]
            if line.startswith(_NO_NEWLINE):
                for side in touched:
                    side[-1] = side[-1].removesuffix(b"\n")
            elif old_left <= 0 and new_left <= 0:
                break
            else:
                kind, content = line[:1], line[1:] + b"\n"
                touched = [old, new] if kind in (b" ", b"") else [old] if kind == b"-" else [new]
                if kind not in (b" ", b"", b"-", b"+"):
                    break
                for side in touched:
                    side.append(content)
                old_left -= any(side is old for side in touched)
                new_left -= any(side is new for side in touched)
            at += 1
        # Git counts lines from 1, and an empty side by the line before it.
        starts = (int(found[1]) - bool(old), int(found[3]) - bool(new))
        yield Hunk(max(starts[0], 0), max(starts[1], 0), tuple(old), tuple(new))


def applied(content: bytes, hunks: Sequence[Hunk]) -> bytes | None:
    """`content` with the hunks put on; None where they do not fit."""
    return _replaced(content, [(h.old_start, h.old, h.new) for h in hunks])


def reverted(content: bytes, hunks: Sequence[Hunk]) -> bytes | None:
    """`content` with the hunks taken off; None where they do not fit."""
    return _replaced(content, [(h.new_start, h.new, h.old) for h in hunks])


def _replaced(
    content: bytes, edits: Sequence[tuple[int, tuple[bytes, ...], tuple[bytes, ...]]]
) -> bytes | None:
    lines = _lines(content)
    result: list[bytes] = []
    position = shift = 0
    for start, wanted, given in edits:
        at = _place(lines, wanted, start + shift, position)
        if at is None:
            return None
        shift = at - start
        result += [*lines[position:at], *given]
        position = at + len(wanted)
    result += lines[position:]
    return b"".join(result)


def _lines(content: bytes) -> list[bytes]:
    parts = [line + b"\n" for line in content.split(b"\n")]
    last = parts.pop().removesuffix(b"\n")
    return [*parts, last] if last else parts


def _place(
    lines: Sequence[bytes], wanted: Sequence[bytes], expected: int, floor: int
) -> int | None:
    """Where `wanted` stands, as near as can be to where it is expected."""
    if not wanted:
        return expected if floor <= expected <= len(lines) else None
    for distance in range(_MOST_SHIFT):
        for at in {expected - distance, expected + distance}:
            if floor <= at and tuple(lines[at : at + len(wanted)]) == tuple(wanted):
                return at
    return None


def fragment(hunks: Sequence[Hunk]) -> tuple[bytes, bytes]:
    """What the hunks show of a file, before and after, other lines left empty.

    For a diff whose file is not at hand: lines keep their numbers.
    """
    before: list[bytes] = []
    after: list[bytes] = []
    for hunk in hunks:
        for lines, start, shown in ((before, hunk.old_start, hunk.old),
                                    (after, hunk.new_start, hunk.new)):  # fmt: skip
            if start < 1_000_000:  # a number that is a lie must not fill the memory
                lines += [b"\n"] * (start - len(lines))
            lines += shown
    return b"".join(before), b"".join(after)
