"""Line-addressed edits (`#L4-9`): insert, replace, delete, wrap, in any text but Python.

Lines of a symbol count from the first line of its declaration (attributes and decorators are part
of it, the comment above is not); without a symbol they are the lines of the file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sorte_cli.edits.kinds import data_format, family_of
from sorte_cli.edits.model import Address, EditError, Operation, Resolution, SpanEdit
from sorte_cli.edits.source import SourceText, decode
from sorte_cli.edits.syntax.layout import closed, indent_of
from sorte_cli.edits.syntax.tree import SyntaxTree, parse

if TYPE_CHECKING:
    from sorte_cli.edits.registry import Project


def insert_before(operation: Operation, project: Project) -> Resolution:
    """Insert the block before the first of the lines."""
    source, first, _last = lines_of(operation, project)
    start = source.line_starts[first - 1]
    text = _fitted(source, operation.blocks[0], first)
    summary = f"Inserted {_count(text)} before line {first} of {source.path}."
    return _done(source, start, start, text, summary)


def insert_after(operation: Operation, project: Project) -> Resolution:
    """Insert the block behind the last of the lines."""
    source, _first, last = lines_of(operation, project)
    end = source.line_end(source.line_starts[last - 1])
    text = _fitted(source, operation.blocks[0], last)
    if end == len(source.text) and not source.final_newline:
        text = "\n" + text.removesuffix("\n")
    summary = f"Inserted {_count(text)} after line {last} of {source.path}."
    return _done(source, end, end, text, summary)


def replace_statement(operation: Operation, project: Project) -> Resolution:
    """Replace the lines by the block."""
    source, first, last = lines_of(operation, project)
    start, end = source.line_starts[first - 1], source.line_end(source.line_starts[last - 1])
    text = closed(source, _fitted(source, operation.blocks[0], first), end)
    summary = f"Replaced lines {first} to {last} of {source.path}."
    if first == last:
        summary = f"Replaced line {first} of {source.path}."
    return _done(source, start, end, text, summary)


def delete_statement(operation: Operation, project: Project) -> Resolution:
    """Delete the lines."""
    source, first, last = lines_of(operation, project)
    start, end = source.line_starts[first - 1], source.line_end(source.line_starts[last - 1])
    summary = f"Deleted lines {first} to {last} of {source.path}."
    if first == last:
        summary = f"Deleted line {first} of {source.path}."
    return _done(source, start, end, "", summary)


def wrap(operation: Operation, project: Project) -> Resolution:
    """Put the block around the lines; a line of `...` marks their place."""
    source, first, last = lines_of(operation, project)
    start, end = source.line_starts[first - 1], source.line_end(source.line_starts[last - 1])
    block = _fitted(source, operation.blocks[0], first).split("\n")
    marks = [i for i, line in enumerate(block) if line.strip().rstrip(";") == "..."]
    if len(marks) != 1:
        raise EditError(
            f"The block of wrap holds {len(marks)} lines of `...`.",
            hint="Write `...` once, on a line of its own, where the wrapped lines belong.",
        )
    margin = indent_of(source.line_text(first))
    deeper = indent_of(block[marks[0]])
    inner = [
        deeper + line.removeprefix(margin) if line.strip() else ""
        for line in (source.line_text(n) for n in range(first, last + 1))
    ]
    text = "\n".join([*block[: marks[0]], *inner, *block[marks[0] + 1 :]])
    summary = f"Wrapped lines {first} to {last} of {source.path}."
    if first == last:
        summary = f"Wrapped line {first} of {source.path}."
    return _done(source, start, end, closed(source, text, end), summary)


def lines_of(operation: Operation, project: Project) -> tuple[SourceText, int, int]:
    """The file and the 1-based first and last line of it that an address means.

    Raises EditError where it names no lines, or such as are not there.
    """
    address = operation.target
    if address.lines is None:
        raise EditError(
            f"Statements of {address.path} have no numbers.",
            hint=f"Name lines: {operation.verb} {address.path}"
            f"{'::' + address.symbol if address.symbol else ''}#L4-9.",
        )
    source = project.source(address.path)
    low, high = address.lines
    offset, count, what = _extent(source, address, lambda: project.syntax(address.path))
    if high > count:
        raise EditError(f"{what} has no line {high}.", hint=f"It has {count} lines.")
    return source, low + offset, high + offset


def numbered_lines(address: Address, data: bytes) -> tuple[tuple[int, str], ...]:
    """(number, text) of the lines that `#L` counts: of a symbol, or of a whole file.

    Raises EditError where the symbol is not there, or the file is binary or has no grammar.
    """
    source = decode(address.path, data)
    offset, count, _ = _extent(source, address, lambda: parse(source))
    return tuple((n, source.line_text(n + offset)) for n in range(1, count + 1))


def _extent(
    source: SourceText, address: Address, tree_of: Callable[[], SyntaxTree]
) -> tuple[int, int, str]:
    """(lines before the first that is counted, how many are, what they are lines of)."""
    if not address.symbol:
        count = len(source.line_starts) - (source.final_newline and bool(source.text))
        return 0, count, address.path
    if family_of(address.path) != "syntax":
        raise EditError(f"{address.path} has no symbols.", hint="Name the lines of the file.")
    tree = tree_of()
    definition = tree.resolve(address)
    offset = source.position(definition.start)[0] - 1
    count = source.position(max(definition.start, definition.end - 1))[0] - offset
    return offset, count, tree.address(definition)


def _fitted(source: SourceText, block: str, line: int) -> str:
    """The block with its first line at the indentation of a line of the file, if it has none; in
    prose as it is, where indentation has a meaning of its own.
    """
    prose = family_of(source.path) == "text" and not source.path.endswith(".blade.php")
    if prose or data_format(source.path) == "markdown":
        return block
    lines = block.split("\n")[:-1]
    first = next((text for text in lines if text.strip()), "")
    indent = indent_of(source.line_text(line))
    number = line
    while not source.line_text(number).strip() and number > 1:
        number -= 1
        indent = indent_of(source.line_text(number))
    if not first or indent_of(first) or not indent:
        return block
    return "".join(f"{indent}{text}\n" if text.strip() else "\n" for text in lines)


def _done(source: SourceText, start: int, end: int, text: str, summary: str) -> Resolution:
    edits = () if source.text[start:end] == text else (SpanEdit(source.path, start, end, text),)
    return Resolution(edits, summary)


def _count(text: str) -> str:
    lines = text.strip("\n").count("\n") + 1
    return f"{lines} line{'s' * (lines != 1)}"
