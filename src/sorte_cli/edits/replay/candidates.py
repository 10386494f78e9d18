"""Ways to say one hunk as operations, from any text: lines, minimal texts, imports, entries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sorte_cli.edits.kinds import family_of
from sorte_cli.edits.model import Address, Operation
from sorte_cli.edits.replay.hunks import Hunk, applied

_LEAST = 6  # characters of a piece of a line that is replaced
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


def by_text(path: str, lines: Sequence[str], hunk: Hunk) -> Iterator[list[Operation]]:
    """`replace_text`: the smallest unique piece of a line, else whole lines with few around."""
    text, after = "".join(lines), applied(lines, hunk)
    yield from _piece(path, text, after)
    for around in (0, 1, 2, 3, 5, 8, 13, 21):
        low, high = max(0, hunk.start - around), min(len(lines), hunk.end + around)
        old = "".join(lines[low:high])
        if not old.strip() or _count_lines(text, old) != 1:
            continue
        new = "".join([*lines[low : hunk.start], *hunk.new, *lines[hunk.end : high]])
        yield [_replace(path, old, new)]
        break
    if hunk.inserts or not hunk.new:
        for low, high in ((1, 0), (0, 1), (2, 0), (0, 2)):
            first, last = max(0, hunk.start - low), min(len(lines), hunk.end + high)
            old = "".join(lines[first:last])
            if old.strip() and _count_lines(text, old) == 1:
                new = "".join([*lines[first : hunk.start], *hunk.new, *lines[hunk.end : last]])
                yield [_replace(path, old, new)]
                break


def _replace(path: str, old: str, new: str) -> Operation:
    if old.endswith("\n") or not new.endswith("\n"):
        return Operation("replace_text", Address(path), (), (_block(old), _block(new)))
    return Operation("replace_text", Address(path), (), (_block(old), f"{new}\n"))


def _piece(path: str, text: str, after: str) -> Iterator[list[Operation]]:
    """The differing piece widened to whole words, and on until it stands once in the file."""
    start = 0
    shortest = min(len(text), len(after))
    while start < shortest and text[start] == after[start]:
        start += 1
    tail = 0
    while tail < shortest - start and text[-1 - tail] == after[-1 - tail]:
        tail += 1
    end = len(text) - tail
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    edges = sorted({line_start, line_end, *(m.start() + line_start for m in
                    _WORD.finditer(text[line_start:line_end]))})  # fmt: skip
    while True:
        low = max((e for e in edges if e <= start), default=line_start)
        high = min((e for e in edges if e >= end), default=line_end)
        old = text[low:high]
        new = after[low : len(after) - (len(text) - high)]
        blank = not old.strip() or old != old.strip() or new != new.strip()
        # A piece that says nothing by itself would be a poor anchor.
        blank = blank or len(old) < _LEAST
        if not blank and text.count(old) == 1 and "\n" not in old:
            yield [Operation("replace_text", Address(path), (), (f"{old}\n", f"{new}\n"))]
            return
        if (low, high) == (line_start, line_end) or len(edges) > 200:
            return
        start, end = max(line_start, low - 1), min(line_end, high + 1)


def _count_lines(text: str, wanted: str) -> int:
    """How often a run of whole lines stands in a text."""
    count, position = 0, text.find(wanted)
    while position >= 0:
        count += position == 0 or text[position - 1] == "\n"
        position = text.find(wanted, position + 1)
    return count


def _block(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"
