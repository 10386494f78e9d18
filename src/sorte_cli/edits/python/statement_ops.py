"""Operations on numbered statements: insert, replace, delete, wrap."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import libcst as cst

from sorte_cli.edits.model import EditError, Operation, Resolution, SpanEdit
from sorte_cli.edits.python.layout import parse_block, reindent, unit_of
from sorte_cli.edits.python.placement import (
    blank_lines_after,
    blank_lines_before,
    closed,
    gap,
    insert_lines,
)
from sorte_cli.edits.python.tree import Definition, PythonTree, Span, Suite
from sorte_cli.edits.registry import Project
from sorte_cli.edits.scanning import LineKind, line_kinds
from sorte_cli.edits.source import unify_newlines
from sorte_cli.edits.statements import Statement, docstring_of, select, statements_of

_PRAGMAS = ("# type:", "# noqa", "# nosec", "# pragma", "# pyright:", "# pylint:", "# fmt:")
_PLACEHOLDER = "..."


def insert_before(operation: Operation, project: Project) -> Resolution:
    """Insert the block before a statement, above the comments that stand on top of it. Blank lines
    that the block begins or ends with are wanted there; those that the file has count.
    """
    return _insert(_Place.of(operation, project), operation, after=False)


def insert_after(operation: Operation, project: Project) -> Resolution:
    """Insert the block after a statement."""
    return _insert(_Place.of(operation, project), operation, after=True)


def replace_statement(operation: Operation, project: Project) -> Resolution:
    """Replace one or more neighbouring statements by the block; comments around them stay, and
    blank lines that the block begins or ends with are wanted there.
    """
    place = _Place.of(operation, project)
    block = _block(operation)
    if not place.chosen:
        edit = place.fill(block)
    elif place.inline:
        edit = place.expand(block)
    else:
        start, end = place.lines
        text = place.in_their_place(_keep_comment(place.trailing_comment, block))
        text = place.spaced(text, operation.blocks[0])
        edit = SpanEdit(place.tree.path, start, end, closed(place.tree.source, text, end))
    (first, last), name = place.span, place.name
    summary = f"Replaced statements #{first}-{last} of {name}."
    if first == last:
        summary = f"Replaced statement #{first} of {name}."
    return Resolution((edit,), summary)


def delete_statement(operation: Operation, project: Project) -> Resolution:
    """Delete one or more neighbouring statements; a body that would be empty gets `pass`."""
    place = _Place.of(operation, project)
    source = place.tree.source
    if not place.chosen:
        raise EditError(f"{place.name} has no statements.")
    if place.placeholder and _is_pass(place):
        raise EditError(
            f"The `pass` of {place.name} is all that its body has.",
            hint="Use replace_statement to put something in its place.",
        )
    if place.inline:
        edit = SpanEdit(source.path, *place.inline_span, "pass")
    elif place.whole_suite:
        start, end = place.lines
        edit = SpanEdit(source.path, start, end, closed(source, f"{place.indent}pass\n", end))
    else:
        start, end = _with_blank_lines(place, *place.lines_and_comments)
        edit = SpanEdit(source.path, start, end, "")
    return Resolution((edit,), f"Deleted {place.words}.")


def wrap(operation: Operation, project: Project) -> Resolution:
    """Put neighbouring statements into the block, where its line `...` stands."""
    place = _Place.of(operation, project)
    source = place.tree.source
    if not place.chosen:
        raise EditError(f"{place.name} has no statements to wrap.")
    template = _block(operation)
    if place.inline:
        start, end = place.inline_span
        inner = unify_newlines(source.text[start:end])
        edit = place.expand(_put_inside(template, inner))
    else:
        start, end = place.lines
        inner = unify_newlines(source.text[start:end])
        text = _put_inside(place.indented(template), inner)
        edit = SpanEdit(source.path, start, end, closed(source, text, end))
    return Resolution((edit,), f"Wrapped {place.words}.")


def _insert(place: _Place, operation: Operation, *, after: bool) -> Resolution:
    block = _block(operation)
    if not place.chosen:
        edit = place.fill(block)
    elif place.placeholder:
        edit = place.replace_placeholder(block)
    elif place.inline:
        start, end = place.inline_span
        old = unify_newlines(place.tree.source.text[start:end]) + "\n"
        edit = place.expand(old + block if after else block + old)
    else:
        edit = place.insert(block, _blank_ends(operation.blocks[0]), after=after)
    count = _count(block)
    summary = f"Inserted {count} before {place.words}."
    if after:
        summary = f"Inserted {count} after {place.words}."
    return Resolution((edit,), summary)


@dataclass(frozen=True, eq=False)
class _Place:
    """Where a statement operation acts. `chosen` is empty for a body without statements."""

    tree: PythonTree
    definition: Definition | None
    chosen: tuple[Statement, ...]
    span: Span

    @staticmethod
    def of(operation: Operation, project: Project) -> _Place:
        address = operation.target
        if address.statements is None:
            raise EditError(
                f"{operation.verb} in Python counts statements, not lines.",
                hint=f"Write {address.path}::{address.symbol or 'function'}#1.",
            )
        tree = project.tree(address.path)
        definition = tree.find(address.symbol) if address.symbol else None
        if definition is not None and definition.kind in ("constant", "field"):
            raise EditError(
                f"{address.path}::{address.symbol} is a {definition.kind}; it has no statements.",
                hint="Use set_value.",
            )
        if address.statements == (1, 1) and not statements_of(tree, definition):
            return _Place(tree, definition, (), address.statements)
        return _Place(
            tree, definition, select(tree, definition, address.statements), address.statements
        )

    @property
    def name(self) -> str:
        if self.definition is None:
            return self.tree.path
        return f"{self.tree.path}::{self.definition.qualified_name}"

    @property
    def words(self) -> str:
        (first, last), name = self.span, self.name
        summary = f"statements #{first}-{last} of {name}"
        if first == last:
            summary = f"statement #{first} of {name}"
        return summary

    @property
    def inline(self) -> bool:
        return bool(self.chosen) and self.chosen[0].inline

    @property
    def inline_span(self) -> Span:
        """[start, end) of the statements that share a line with their header."""
        body = self.chosen[0].suite.body
        return self.tree.span(body[0])[0], self.tree.span(body[-1])[1]

    @property
    def whole_suite(self) -> bool:
        """Whether nothing would be left of an indented body."""
        suite = self.chosen[0].suite
        return isinstance(suite, cst.IndentedBlock) and len(suite.body) == len(self.chosen)

    @property
    def placeholder(self) -> bool:
        """Whether the statement is a `pass` or `...` that only holds its body's place."""
        if len(self.chosen) != 1:
            return False
        statement = self.chosen[0]
        docstring = docstring_of(statement.suite)
        nodes = [node for node in statement.suite.body if node is not docstring]
        if len(nodes) != 1 or statement.owner is None:
            return False
        node = nodes[0]
        small = node.body[0] if isinstance(node, cst.SimpleStatementLine) else node
        return isinstance(small, cst.Pass) or (
            isinstance(small, cst.Expr) and isinstance(small.value, cst.Ellipsis)
        )

    @cached_property
    def indent(self) -> str:
        """The indentation of the chosen statements."""
        return self.tree.indent_at(self.tree.span(self.chosen[0].node)[0])

    @cached_property
    def lines(self) -> Span:
        """[start, end) of the lines of the chosen statements, decorators included."""
        start, _ = self.tree.statement_span(self.chosen[0].node, comments=False)
        return start, self.tree.statement_span(self.chosen[-1].node, comments=False)[1]

    @property
    def lines_and_comments(self) -> Span:
        """`lines`, and comments on top that nothing but these statements can be meant by."""
        start, end = self.lines
        source = self.tree.source
        following = source.text[end : source.line_end(end)] if end < len(source.text) else ""
        if following.strip() and self.tree.indent_at(end) == self.indent:
            return start, end
        return self.tree.statement_span(self.chosen[0].node)[0], end

    @property
    def trailing_comment(self) -> str:
        """The comment behind a single simple statement."""
        node = self.chosen[0].node
        if len(self.chosen) == 1 and isinstance(node, cst.SimpleStatementLine):
            comment = node.trailing_whitespace.comment
            return comment.value if comment else ""
        return ""

    def indented(self, block: str) -> str:
        return reindent(block, self.indent, self.tree.unit_at(self.indent))

    def in_their_place(self, block: str) -> str:
        """The block indented as the chosen statements are."""
        start, end = self.lines
        own = unit_of(unify_newlines(self.tree.source.text[start:end]))
        return reindent(block, self.indent, own or self.tree.unit_at(self.indent))

    def spaced(self, text: str, block: str) -> str:
        """`text`, which takes the place of the chosen statements, with the blank lines around that
        its block asks for and the file does not have.
        """
        source, (start, end) = self.tree.source, self.lines
        above, below = _blank_ends(block)
        lead = max(0, above - blank_lines_before(source, start)) if start else 0
        at_end = end == len(source.text)
        trail = 0 if at_end else max(0, below - blank_lines_after(source, end))
        return "\n" * lead + text + "\n" * trail

    def insert(self, block: str, asked: tuple[int, int], *, after: bool) -> SpanEdit:
        suite = self.chosen[0].suite
        _, module = parse_block(block)
        if after:
            offset, anchor = self.lines[1], self.chosen[-1].node
        else:
            # The first comment of a file is about the file, not about its first statement.
            first = isinstance(suite, cst.Module) and self.chosen[0].node is suite.body[0]
            offset = self.tree.statement_span(self.chosen[0].node, comments=not first)[0]
            anchor = self.chosen[0].node
        above = below = gap(self.tree, suite, module.body, anchor)
        if isinstance(self.definition and self.definition.node, cst.FunctionDef):
            above = below = 0
        above, below = max(above, asked[0]), max(below, asked[1])
        return insert_lines(
            self.tree.source, offset, self.indented(block), above=above, below=below
        )

    def replace_placeholder(self, block: str) -> SpanEdit:
        if self.inline:
            return self.expand(block)
        start, end = self.lines
        text = self.indented(_keep_comment(self.trailing_comment, block))
        return SpanEdit(self.tree.path, start, end, closed(self.tree.source, text, end))

    def expand(self, block: str) -> SpanEdit:
        """Give a one-line body lines of its own."""
        suite = self.chosen[0].suite
        assert isinstance(suite, cst.SimpleStatementSuite)
        return expand_suite(self.tree, suite, self.chosen[0].owner, block)

    def fill(self, block: str) -> SpanEdit:
        """Put the first statements into a body that has at most a docstring."""
        suite: Suite | cst.BaseSuite = self.tree.module
        owner = None
        if self.definition is not None:
            owner = self.definition.node
            assert isinstance(owner, cst.FunctionDef | cst.ClassDef)
            suite = owner.body
        docstring = docstring_of(suite)
        if isinstance(suite, cst.SimpleStatementSuite):
            start = self.tree.span(suite.body[0])[0]
            old = self.tree.source.text[start : self.tree.span(suite.body[-1])[1]]
            return expand_suite(self.tree, suite, owner, f"{unify_newlines(old)}\n{block}")
        if docstring is None:
            return insert_lines(self.tree.source, len(self.tree.source.text), block)
        indent = self.tree.indent_at(self.tree.span(docstring)[0])
        text = reindent(block, indent, self.tree.unit_at(indent))
        offset = self.tree.statement_span(docstring)[1]
        above = 1 if isinstance(suite, cst.Module) else 0
        return insert_lines(self.tree.source, offset, text, above=above)


def _is_pass(place: _Place) -> bool:
    start, end = place.tree.span(place.chosen[0].node)
    return place.tree.source.text[start:end].strip() == "pass"


def expand_suite(
    tree: PythonTree, suite: cst.SimpleStatementSuite, owner: cst.CSTNode | None, block: str
) -> SpanEdit:
    """The edit that makes `block` the body of `if x: y`, on lines of its own."""
    header = tree.span(owner)[0] if owner is not None else tree.span(suite)[0]
    indent = tree.indent_at(header)
    unit = tree.unit_at(indent)
    text = reindent(block, indent + unit, unit).removesuffix("\n")
    start = tree.span(suite.leading_whitespace)[0]
    return SpanEdit(tree.path, start, tree.span(suite.body[-1])[1], f"\n{text}")


def _block(operation: Operation) -> str:
    """The operation's block at the left margin. Raises EditError where it does not parse."""
    text, module = parse_block(operation.blocks[0])
    if not module.body and not module.header:
        raise EditError("The block is empty.", hint="Use delete_statement to remove statements.")
    return text


def _blank_ends(block: str) -> tuple[int, int]:
    """How many blank lines a block begins and ends with."""
    filled = [bool(line.strip()) for line in block.removesuffix("\n").split("\n")]
    return filled.index(True), filled[::-1].index(True)


def _count(block: str) -> str:
    count = sum(1 for line in block.split("\n") if line.strip())
    return f"{count} line{'s' * (count != 1)}"


def _keep_comment(comment: str, block: str) -> str:
    """The block with the comment that stood behind the statement it replaces."""
    if not comment:
        return block
    lines = block.removesuffix("\n").split("\n")
    if len(lines) == 1:
        return block if "#" in block else f"{lines[0]}  {comment}\n"
    return block if comment.startswith(_PRAGMAS) else f"{comment}\n{block}"


def _put_inside(template: str, inner: str) -> str:
    """`template` with its line `...` replaced by `inner`, indented to fit."""
    lines = template.split("\n")
    kinds = line_kinds(template)
    marks = [
        index
        for index, (line, kind) in enumerate(zip(lines, kinds, strict=True))
        if kind is LineKind.CODE and line.strip() == _PLACEHOLDER
    ]
    if len(marks) != 1:
        raise EditError(
            f"The block of wrap needs exactly one line `...`, it has {len(marks)}.",
            hint="Put `...` alone on a line, indented, where the statements go.",
        )
    mark = lines[marks[0]]
    body = reindent(inner, mark[: len(mark) - len(mark.lstrip())]).removesuffix("\n")
    return "\n".join([*lines[: marks[0]], body, *lines[marks[0] + 1 :]])


def _follows_docstring(place: _Place) -> bool:
    body = place.chosen[0].suite.body
    docstring = docstring_of(place.chosen[0].suite)
    return docstring is not None and len(body) > 1 and body[1] is place.chosen[0].node


def _with_blank_lines(place: _Place, start: int, end: int) -> Span:
    """Lines to delete, with the blank lines that would be left over."""
    source = place.tree.source
    before, after = blank_lines_before(source, start), blank_lines_after(source, end)
    suite = place.chosen[0].suite
    first_line = source.position(start)[0]
    if not source.text[end:].strip():
        start = source.line_starts[first_line - 1 - before]
        return (start, len(source.text)) if source.final_newline else (start, end)
    spare = min(before, after)
    if before == 0 and _follows_docstring(place):
        spare = after  # what comes next stands as close to the docstring as this did
    elif place.chosen[0].node is suite.body[0]:
        spare = after if before == 0 and start > 0 and place.indent else spare
    end_line = source.position(end)[0]
    return start, source.line_starts[end_line - 1 + spare]
