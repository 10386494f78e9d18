"""Putting a block of Python into its place: indentation in the file's own style, blank lines.

Text inside string values is never touched; docstrings are indented along with their code. Pure.
"""

from __future__ import annotations

import re
from itertools import pairwise

import libcst as cst

from sorte_cli.edits.model import EditError
from sorte_cli.edits.python import parsing
from sorte_cli.edits.scanning import LineKind, line_kinds

_SPACE = re.compile(r"[ \t\f]*")


def parse_block(block: str) -> tuple[str, cst.Module]:
    """The block moved to the left margin, and its syntax tree.

    The first line gives the margin. Raises EditError where the block does not parse.
    """
    text = reindent(block, "")
    try:
        return text, parsing.parse_module(text, "The block")
    except cst.ParserSyntaxError as error:
        lines = text.split("\n")
        shown = lines[error.raw_line - 1].strip() if error.raw_line <= len(lines) else ""
        raise EditError(
            f"The block does not parse at its line {error.raw_line}: {shown!r}.",
            hint=str(error.message).split("\n")[0],
        ) from error


def parse_expression(text: str, what: str) -> cst.BaseExpression:
    """The tree of an expression. Raises EditError naming `what` it was meant for."""
    try:
        return parsing.parse_expression(text, "The expression")
    except cst.ParserSyntaxError as error:
        raise EditError(
            f"{text!r} is not a Python expression ({what}).",
            hint='Write text in quotes ("pix"), names bare, calls whole.',
        ) from error


def reindent(block: str, indent: str, unit: str = "") -> str:
    """The block with its first line at `indent`, deeper levels in steps of `unit` (empty: as they
    are). Every line is ended by a newline; blank lines before and after are dropped, and blanks on
    an empty line where the block has to be moved.
    """
    lines = block.strip("\n").split("\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        return ""
    kinds = line_kinds("\n".join(lines))
    margin = _indent_of(lines[0])
    own = _unit_of(lines, kinds)
    shift = _Shift(margin, indent, own, unit)
    moved = [shift.line(line, kind) for line, kind in zip(lines, kinds, strict=True)]
    in_place = margin == indent and own in ("", unit or own)
    return "".join(f"{line}\n" for line in (lines if in_place else moved))


class _Shift:
    """Moves line after line of one block, remembering the open indentation levels."""

    def __init__(self, margin: str, indent: str, old_unit: str, new_unit: str) -> None:
        self._levels = [(margin, indent)]
        self._old_unit = old_unit
        self._new_unit = new_unit or old_unit

    def line(self, line: str, kind: LineKind) -> str:
        if kind is LineKind.STRING:
            return line
        if not line.strip():
            return ""
        old = _indent_of(line)
        body = line[len(old) :]
        if kind is LineKind.CODE:
            return self._code_level(old) + body
        if kind is LineKind.COMMENT:
            known = [new for o, new in self._levels if o == old]
            return (known[-1] if known else self._relative(old)) + body
        return self._relative(old) + body

    def _code_level(self, old: str) -> str:
        while len(self._levels) > 1 and len(old) < len(self._levels[-1][0]):
            self._levels.pop()
        known, new = self._levels[-1]
        if old == known:
            return new
        if not old.startswith(known):
            raise EditError(
                "A line of the block is indented less than its first line.",
                hint="Indent the block as if its first line stood at the left margin.",
            )
        deeper = new + (self._new_unit or old[len(known) :])
        if self._new_unit == self._old_unit:
            deeper = new + old[len(known) :]
        self._levels.append((old, deeper))
        return deeper

    def _relative(self, old: str) -> str:
        """Indentation of a line that continues the last statement."""
        for known, new in reversed(self._levels):
            if old.startswith(known):
                rest = old[len(known) :]
                if self._old_unit and self._new_unit != self._old_unit:
                    steps = 0
                    while rest.startswith(self._old_unit):
                        rest = rest[len(self._old_unit) :]
                        steps += 1
                    rest = self._new_unit * steps + rest
                return new + rest
        return self._levels[0][1]


def _indent_of(line: str) -> str:
    match = _SPACE.match(line)
    return match.group() if match else ""


def unit_of(text: str) -> str:
    """The first step of indentation that a piece of code takes; empty where it takes none."""
    lines = text.split("\n")
    return _unit_of(lines, line_kinds(text)) if len(lines) > 1 else ""


def _unit_of(lines: list[str], kinds: list[LineKind]) -> str:
    """The first step of indentation that a block takes; empty where it takes none."""
    levels = [
        _indent_of(line) for line, kind in zip(lines, kinds, strict=True) if kind is LineKind.CODE
    ]
    for before, after in pairwise(levels):
        if after.startswith(before) and len(after) > len(before):
            return after[len(before) :]
    return ""
