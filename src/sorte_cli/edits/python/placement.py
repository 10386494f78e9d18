"""Inserting whole lines: where a line begins, with the blank lines that the file itself uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import libcst as cst

from sorte_cli.edits.model import SpanEdit
from sorte_cli.edits.python.tree import PythonTree, Suite
from sorte_cli.edits.source import SourceText

TOP_LEVEL_GAP = 2  # PEP 8, where the file shows no habit of its own
INNER_GAP = 1


def insert_lines(
    source: SourceText, offset: int, text: str, *, above: int = 0, below: int = 0
) -> SpanEdit:
    """The edit that inserts whole lines at `offset` (where a line begins, or the end of the file).

    `above` and `below` are the blank lines wanted around them; those already there count.
    """
    file_text = source.text
    lead = trail = ""
    if offset == len(file_text) and not source.final_newline:
        lead = "\n"
        text = text.removesuffix("\n")
    if file_text[:offset].strip():
        lead += "\n" * max(0, above - blank_lines_before(source, offset))
    if file_text[offset:].strip():
        trail = "\n" * max(0, below - blank_lines_after(source, offset))
    return SpanEdit(source.path, offset, offset, f"{lead}{text}{trail}")


def blank_lines_before(source: SourceText, offset: int) -> int:
    """How many blank lines end at `offset`."""
    line = source.position(offset)[0]
    count = 0
    while line - 1 - count >= 1 and not source.line_text(line - 1 - count).strip():
        count += 1
    return count


def blank_lines_after(source: SourceText, offset: int) -> int:
    """How many blank lines begin at `offset` (the beginning of a line)."""
    line = source.position(offset)[0]
    count = 0
    while line + count < len(source.line_starts) and not source.line_text(line + count).strip():
        count += 1
    return count


def gap_between_definitions(tree: PythonTree, suite: Suite) -> int:
    """The number of blank lines that most definitions of a body have above them."""
    default = TOP_LEVEL_GAP if isinstance(suite, cst.Module) else INNER_GAP
    counted: Counter[int] = Counter()
    for before, node in zip(suite.body, suite.body[1:], strict=False):
        if is_definition(node) and is_definition(before):
            counted[blank_lines_before(tree.source, tree.statement_span(node)[0])] += 1
    best = counted.most_common(1)
    return best[0][0] if best else default


def gap(tree: PythonTree, suite: Suite, one: Sequence[cst.CSTNode], other: cst.CSTNode) -> int:
    """Blank lines wanted between new statements and an existing one."""
    if any(is_definition(node) for node in (*one, other)):
        return gap_between_definitions(tree, suite)
    return 0


def is_definition(node: cst.CSTNode) -> bool:
    """Whether a statement is a function or a class."""
    return isinstance(node, cst.FunctionDef | cst.ClassDef)


def closed(source: SourceText, text: str, end: int) -> str:
    """`text` without its last newline where it ends a file that has none."""
    at_end = end == len(source.text) and not source.final_newline
    return text.removesuffix("\n") if at_end else text
