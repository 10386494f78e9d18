"""The blank lines that whole lines leave behind when they go."""

from __future__ import annotations

from collections.abc import Iterable

from sorte_cli.edits.model import SpanEdit
from sorte_cli.edits.python.scopes import ModuleFacts

Span = tuple[int, int]


def tidied(facts: ModuleFacts, edits: Iterable[SpanEdit]) -> list[SpanEdit]:
    """The edits of one file, where whole lines that go take the blank lines around them along.

    What stays is spaced as if the lines had never been there: of the gaps above and below, the
    wider one is left.
    """
    ordered = sorted(dict.fromkeys(edits), key=lambda e: (e.start, e.end))
    text = facts.text
    result: list[SpanEdit] = []
    position = 0
    while position < len(ordered):
        first = last = ordered[position]
        position += 1
        if not _is_whole_lines(facts, first):
            result.append(first)
            continue
        while position < len(ordered) and _is_whole_lines(facts, ordered[position]):
            if text[last.end : ordered[position].start].strip():
                break
            last = ordered[position]
            position += 1
        lowest = result[-1].end if result else 0
        highest = ordered[position].start if position < len(ordered) else len(text)
        start, end = _widened(facts, first.start, last.end, lowest, highest)
        result.append(SpanEdit(facts.path, start, end, ""))
    return result


def _is_whole_lines(facts: ModuleFacts, edit: SpanEdit) -> bool:
    text = facts.text
    at_start = edit.start == 0 or text[edit.start - 1] in "\r\n"
    at_end = edit.end == len(text) or text[edit.end - 1] in "\r\n"
    return not edit.text and edit.start < edit.end and at_start and at_end


def _widened(facts: ModuleFacts, start: int, end: int, lowest: int, highest: int) -> Span:
    """Whole lines [start, end) with the narrower of the gaps around, within the given bounds."""
    source = facts.tree.source
    text = source.text
    after, before = end, start
    while after < highest and not text[after : source.line_end(after)].strip():
        after = source.line_end(after)
    while before > lowest and not text[source.line_start(before - 1) : before].strip():
        before = source.line_start(before - 1)
    above = len(text[before:start].splitlines())
    below = len(text[end:after].splitlines())
    indent = facts.tree.indent_at(start)
    following = facts.tree.indent_at(after) if after < len(text) else None
    if before == 0 or _opens_body(facts, before):
        return start, max(end, after)
    if following is None or len(following) < len(indent):
        return before, end if after < len(text) else len(text)
    if not above or not below:
        return start, end
    return (before, end) if below >= above else (start, after)


def _opens_body(facts: ModuleFacts, offset: int) -> bool:
    """Whether the line before `offset` begins the block of the line at `offset`."""
    source = facts.tree.source
    line = source.text[source.line_start(offset - 1) : offset]
    return line.split("#")[0].rstrip().endswith(":")
