"""Ways to say one hunk as operations, from any text: lines, minimal texts, imports, entries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sorte_cli.edits.kinds import family_of
from sorte_cli.edits.model import Address, Operation
from sorte_cli.edits.replay.hunks import Hunk, lines_of
from sorte_cli.edits.text import LEFT_OUT

_LEAST = 4  # characters of a piece of a line that is replaced, where a file or symbol is named
_EDGES = 80  # places where a piece may begin or end that are tried on either side
_WORD = re.compile(r"\w+|[^\w\s]|\s+")
_IMPORT = {
    ".php": re.compile(r"use\s+(?:function |const )?[\w\\]+(?:\s+as\s+\w+)?;"),
    ".java": re.compile(r"import\s+[\w.*\s]+;"),
    ".rs": re.compile(r"use\s+[\w:]+;"),
    ".cs": re.compile(r"using\s+[\w.]+;"),
    ".go": re.compile(r"(?:\w+\s+)?\"[^\"\s]+\""),
}
_SCRIPT_IMPORT = re.compile(r"import\s.*['\"];?")
_ENTRY = re.compile(r"(?P<key>'[^']*'|\"[^\"]*\"|[\w.$]+)\s*(?:=>|:)\s*(?P<value>.+?),?")


def by_lines(path: str, lines: Sequence[str], hunk: Hunk) -> Iterator[list[Operation]]:
    """Line-addressed operations; only for files that are not Python."""
    if family_of(path) == "python" or not lines:
        return
    block = _block(hunk.text)
    if not hunk.inserts:
        target = Address(path, lines=(hunk.start + 1, hunk.end))
        yield from by_text(path, lines, hunk, target, (hunk.start, hunk.end))
    if not hunk.new:
        yield [Operation("delete_statement", Address(path, lines=(hunk.start + 1, hunk.end)))]
    elif not hunk.inserts:
        target = Address(path, lines=(hunk.start + 1, hunk.end))
        yield [Operation("replace_statement", target, (), (block,))]
    elif hunk.start:
        target = Address(path, lines=(hunk.start, hunk.start))
        yield [Operation("insert_after", target, (), (block,))]
    if hunk.inserts and hunk.start < len(lines):
        target = Address(path, lines=(hunk.start + 1, hunk.start + 1))
        yield [Operation("insert_before", target, (), (block,))]


def by_imports(path: str, lines: Sequence[str], hunk: Hunk) -> Iterator[list[Operation]]:
    """`add_import` and `remove_import` where a hunk is nothing but imports of one line each."""
    ending = path[path.rfind(".") :] if "." in path else ""
    pattern = _IMPORT.get(ending)
    if ending in (".js", ".ts", ".tsx", ".jsx", ".vue", ".mjs"):
        pattern = _SCRIPT_IMPORT
    if pattern is None:
        return
    old = [line.strip() for line in lines[hunk.start : hunk.end] if line.strip()]
    new = [line.strip() for line in hunk.new if line.strip()]
    if not all(pattern.fullmatch(line) for line in (*old, *new)):
        return
    target = Address(path)
    operations = [
        Operation("remove_import", target, (("statement", s),)) for s in old if s not in new
    ]
    operations += [
        Operation("add_import", target, (("statement", s),)) for s in new if s not in old
    ]
    if operations:
        yield operations


def by_entry(path: str, name: str, hunk: Hunk) -> Iterator[list[Operation]]:
    """`add_entry` for one inserted line inside the literal that `name` holds."""
    rows = [line.strip() for line in hunk.new if line.strip()]
    if not hunk.inserts or len(rows) != 1 or rows[0].startswith(("#", "//", "/*")):
        return
    target = Address(path, name)
    match = _ENTRY.fullmatch(rows[0])
    if match:
        arguments = (("key", match["key"]), ("value", match["value"]))
        yield [Operation("add_entry", target, arguments)]
    yield [Operation("add_entry", target, (("value", rows[0].rstrip(",")),))]


def by_text(
    path: str,
    lines: Sequence[str],
    hunk: Hunk,
    target: Address | None = None,
    scope: tuple[int, int] | None = None,
) -> Iterator[list[Operation]]:
    """`replace_text`: the smallest unique piece of a line, else whole lines with few around. With
    a target (whose lines are `scope`) the piece need only be unique inside it.
    """
    first, last = scope or (0, len(lines))
    inside = lines[first:last]
    moved = Hunk(hunk.start - first, hunk.end - first, hunk.new)
    if moved.start < 0 or moved.end > len(inside):
        return
    target = target or Address(path)
    text = "".join(inside)
    yield from _pieces(target, text, inside, moved)
    for around in (0, 1, 2, 3, 5, 8, 13, 21):
        low, high = max(0, moved.start - around), min(len(inside), moved.end + around)
        old = "".join(inside[low:high])
        if not old.strip() or _count_lines(text, old) != 1:
            continue
        new = "".join([*inside[low : moved.start], *moved.new, *inside[moved.end : high]])
        yield [_replace(target, old, new)]
        yield from _with_lines_left_out(target, *_replace(target, old, new).blocks)
        break
    for above, below in ((1, 0), (0, 1), (2, 0), (0, 2)):
        low, high = max(0, moved.start - above), min(len(inside), moved.end + below)
        old = "".join(inside[low:high])
        if old.strip() and _count_lines(text, old) == 1:
            new = "".join([*inside[low : moved.start], *moved.new, *inside[moved.end : high]])
            yield [_replace(target, old, new)]
            break


def _replace(target: Address, old: str, new: str) -> Operation:
    if not new and old.endswith("\n"):
        return Operation("replace_text", target, (), (old, ""))
    if old.endswith("\n") or not new.endswith("\n"):
        return Operation("replace_text", target, (), (_block(old), _block(new)))
    return Operation("replace_text", target, (), (_block(old), f"{new}\n"))


def differing(lines: Sequence[str], hunk: Hunk) -> tuple[int, int, int]:
    """[start, end) of the characters that a hunk changes in the text of `lines`, and how many
    characters stand there afterwards.
    """
    base = sum(map(len, lines[: hunk.start]))
    old, new = "".join(lines[hunk.start : hunk.end]), hunk.text
    shortest = min(len(old), len(new))
    start = 0
    while start < shortest and old[start] == new[start]:
        start += 1
    tail = 0
    while tail < shortest - start and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return base + start, base + len(old) - tail, len(new) - tail - start


def _pieces(
    target: Address, text: str, lines: Sequence[str], hunk: Hunk
) -> Iterator[list[Operation]]:
    """The differing piece widened to whole words, and on until it stands once in the text; of an
    insertion also the end of the line before it.
    """
    start, end, size = differing(lines, hunk)
    fresh = hunk.text
    base = sum(map(len, lines[: hunk.start]))
    inserted = fresh[start - base : start - base + size]
    yield from _widened(target, text, start, end, inserted)
    if hunk.inserts and start == base and start and text[start - 1] == "\n":
        # The same insertion, seen as standing at the end of the line before.
        yield from _widened(target, text, start - 1, start - 1, "\n" + inserted.removesuffix("\n"))


def _widened(
    target: Address, text: str, start: int, end: int, inserted: str
) -> Iterator[list[Operation]]:
    """The shortest piece of whole words around [start, end), in its lines, that stands once."""
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    edges = {line_start, line_end}
    edges |= {m.start() + line_start for m in _WORD.finditer(text[line_start:line_end])}
    lows = sorted((e for e in edges if e <= start), reverse=True)[:_EDGES]
    highs = sorted(e for e in edges if e >= end)[:_EDGES]
    least = _LEAST if target.statements is None and target.lines is None else 1
    best: tuple[str, str] | None = None
    reach = len(highs)
    for low in lows:
        if best and start - low >= len(best[0]):
            break
        # The further it begins to the left, the sooner it may end.
        while reach and text.count(text[low : highs[reach - 1]]) == 1:
            reach -= 1
        for high in highs[reach:]:
            old, new = text[low:high], text[low:start] + inserted + text[end:high]
            if len(old) >= least and not _poor(old, new):
                best = min(best or (old, new), (old, new), key=lambda pair: len(pair[0]))
                break
    if best:
        yield [Operation("replace_text", target, (), (f"{best[0]}\n", _line(best[1])))]
        yield from _with_lines_left_out(target, f"{best[0]}\n", _line(best[1]))


def _with_lines_left_out(target: Address, old: str, new: str) -> Iterator[list[Operation]]:
    """The same with `...` for what stands between the first lines and the last one."""
    lines = lines_of(old)
    for kept in (1, 2):
        if len(lines) > kept + 2 and "".join(lines[:kept]).strip() and lines[-1].strip():
            shorter = "".join([*lines[:kept], f"{LEFT_OUT}\n", lines[-1]])
            yield [Operation("replace_text", target, (), (shorter, new))]


def _poor(old: str, new: str) -> bool:
    """Whether a piece says nothing by itself, or begins or ends where a reader cannot see it."""
    if not re.search(r"\w", old):
        return True
    return "\n" in old + new and (old != old.strip() or new != new.rstrip())


def _line(text: str) -> str:
    return f"{text}\n" if text else ""


def _count_lines(text: str, wanted: str) -> int:
    """How often a run of whole lines stands in a text."""
    count, position = 0, text.find(wanted)
    while position >= 0:
        count += position == 0 or text[position - 1] == "\n"
        position = text.find(wanted, position + 1)
    return count


def _block(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"
