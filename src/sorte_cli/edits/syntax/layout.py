"""Putting blocks of code into a file that tree-sitter reads: indentation, lines, checks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from sorte_cli.edits.model import EditError, SpanEdit
from sorte_cli.edits.pieces import PieceTable
from sorte_cli.edits.source import SourceText
from sorte_cli.edits.syntax.grammars import Language, parser
from sorte_cli.edits.syntax.tree import SyntaxTree, first_error, indent_unit, parse, walk

_INDENT = re.compile(r"[ \t]*")
_LITERAL = frozenset(
    ("template_string", "heredoc", "nowdoc", "heredoc_body", "raw_string_literal",
     "encapsed_string",
     "string", "string_literal", "verbatim_string_literal", "text_block", "raw_string")
)  # fmt: skip


def indent_of(line: str) -> str:
    match = _INDENT.match(line)
    return match.group() if match else ""


def reindent(block: str, indent: str, unit: str, language: Language) -> str:
    """The block with its first line at `indent` and deeper lines in the file's own steps. Every
    line is ended by a newline; blank lines before and after are dropped, and blanks on an empty
    line where the block has to be moved; the lines inside a string stay as they are.
    """
    lines = block.split("\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        return ""
    kept = _lines_in_strings("\n".join(lines), language)
    margin = indent_of(lines[0])
    own = indent_unit("\n".join(lines)) if len(lines) > 1 else unit
    if margin == indent and own == unit:
        return "".join(f"{line}\n" for line in lines)
    moved = [
        line if number in kept else _moved(line, margin, indent, own, unit)
        for number, line in enumerate(lines)
    ]
    return "".join(f"{line}\n" for line in moved)


def _moved(line: str, margin: str, indent: str, own: str, unit: str) -> str:
    if not line.strip():
        return ""
    space = indent_of(line)
    body = line[len(space) :]
    deeper = space[len(margin) :] if space.startswith(margin) else ""
    if own != unit:
        steps = 0
        while own and deeper.startswith(own):
            deeper = deeper[len(own) :]
            steps += 1
        deeper = unit * steps + deeper
    return indent + deeper + body


def _lines_in_strings(text: str, language: Language) -> set[int]:
    """The 0-based lines that begin inside a string."""
    if language.name in ("css", "html") or "\n" not in text:
        return set()
    head = "<?php class A {\n" if language.name == "php" else ""
    shift = head.count("\n")
    root = parser(language.grammar).parse((head + text).encode("utf-8", "replace")).root_node
    found: set[int] = set()
    for node in walk(root):
        if node.type in _LITERAL and node.end_point[0] > node.start_point[0]:
            found.update(range(node.start_point[0] - shift + 1, node.end_point[0] - shift + 1))
    return found


def insert_lines(
    source: SourceText, offset: int, text: str, *, above: int = 0, below: int = 0
) -> SpanEdit:
    """The edit that inserts whole lines at `offset` (where a line begins, or the end of the file)
    with at least so many blank lines around them.
    """
    lead = trail = ""
    if offset == len(source.text) and not source.final_newline:
        lead = "\n"
        text = text.removesuffix("\n")
    if source.text[:offset].strip():
        lead += "\n" * max(0, above - blank_before(source, offset))
    if source.text[offset:].strip():
        trail = "\n" * max(0, below - blank_after(source, offset))
    return SpanEdit(source.path, offset, offset, f"{lead}{text}{trail}")


def blank_before(source: SourceText, offset: int) -> int:
    """How many blank lines end at `offset` (the beginning of a line)."""
    line = source.position(offset)[0]
    if offset == len(source.text) and not source.final_newline:
        line += 1
    count = 0
    while line - 1 - count >= 1 and not source.line_text(line - 1 - count).strip():
        count += 1
    return count


def blank_after(source: SourceText, offset: int) -> int:
    """How many blank lines begin at `offset` (the beginning of a line)."""
    line = source.position(offset)[0]
    count = 0
    while line + count < len(source.line_starts) and not source.line_text(line + count).strip():
        count += 1
    return count


def closed(source: SourceText, text: str, end: int) -> str:
    """`text` without its last newline where it ends a file that has none."""
    at_end = end == len(source.text) and not source.final_newline
    return text.removesuffix("\n") if at_end else text


def removal(tree: SyntaxTree, start: int, end: int) -> SpanEdit:
    """The edit that takes whole lines away, with the blank lines that would be one too many."""
    source = tree.source
    start, end = tree.whole_lines(start, end)
    if start != source.line_start(start) or end not in (source.line_start(end), len(source.text)):
        return SpanEdit(source.path, start, end, "")
    before, after = blank_before(source, start), blank_after(source, end)
    first = source.text[:start].rstrip().endswith(("{", "(", "[", ">")) or not start
    last = source.text[end:].lstrip().startswith(("}", ")", "]", "</", "end"))
    last = last or not source.text[end:].strip()
    if (first or last or before) and after and (first or before >= after or not last):
        line = source.position(end)[0]
        end = source.offset(line + (after if first else min(before, after)))
    elif last and before:
        line = source.position(start)[0]
        start = source.offset(line - before)
    return SpanEdit(source.path, start, end, "")


def after_edits(tree: SyntaxTree, edits: Iterable[SpanEdit]) -> SyntaxTree:
    """The tree as it would be with the edits of its own file."""
    own = sorted({e: None for e in edits if e.path == tree.path}, key=lambda e: (e.start, e.end))
    for before, following in pairwise(own):
        if following.start < before.end:
            raise EditError(
                f"Edits of {tree.path} overlap in line {tree.source.position(following.start)[0]}."
            )
    table = PieceTable(tree.source.text)
    table.apply(
        [
            SpanEdit(e.path, e.start, e.end, tree.source.localise(e.text, e.start, e.end))
            for e in own
        ]
    )
    return parse(replace(tree.source, text=table.text))


def require_parses(before: SyntaxTree, after: SyntaxTree, what: str) -> None:
    """Refuse a result with more mistakes than there were. Raises EditError naming the place."""
    if after.errors <= before.errors:
        return
    place = first_error(after.root)
    shown = ""
    if place is not None:
        line = after.source.position(after.char(place.start_byte))[0]
        wanted = f" (a {place.type!r} is missing)" if place.is_missing else ""
        shown = f" near {after.source.line_text(line).strip()[:60]!r}{wanted}"
    raise EditError(
        f"{what} does not parse as {before.language.name} in its place{shown}.",
        hint="Write whole declarations, with their brackets closed.",
    )


def new_names(before: SyntaxTree, after: SyntaxTree) -> list[str]:
    """Qualified names that `after` defines more often than `before`."""
    counts: dict[str, int] = {}
    for definition in before.definitions:
        counts[definition.qualified] = counts.get(definition.qualified, 0) + 1
    found: list[str] = []
    for definition in after.definitions:
        left = counts.get(definition.qualified, 0)
        if left:
            counts[definition.qualified] = left - 1
        else:
            found.append(definition.qualified)
    return found


def listed(names: Sequence[str]) -> str:
    """`a, b and c` of at most six names."""
    shown = list(dict.fromkeys(names))[:6]
    return ", ".join(shown) or "nothing"
