"""Edits to parameters and arguments: one more in a list or one less, in the list's own layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from sorte_cli.edits.model import SpanEdit
from sorte_cli.edits.python.tree import PythonTree


@dataclass(frozen=True, slots=True)
class Item:
    """One element of a comma-separated list: [start, end) without comma, space and comments."""

    start: int
    end: int
    node: cst.CSTNode


def parameter_items(tree: PythonTree, parameters: cst.Parameters) -> list[Item]:
    """Parameters in order, with `*` and `/` as items of their own."""
    nodes: list[cst.CSTNode] = [*parameters.posonly_params]
    if isinstance(parameters.posonly_ind, cst.ParamSlash):
        nodes.append(parameters.posonly_ind)
    nodes += parameters.params
    if isinstance(parameters.star_arg, cst.Param | cst.ParamStar):
        nodes.append(parameters.star_arg)
    nodes += parameters.kwonly_params
    if parameters.star_kwarg is not None:
        nodes.append(parameters.star_kwarg)
    return [_item(tree, node) for node in nodes]


def argument_items(tree: PythonTree, arguments: Sequence[cst.Arg]) -> list[Item]:
    """Arguments in order."""
    return [_item(tree, argument) for argument in arguments]


def _item(tree: PythonTree, node: cst.CSTNode) -> Item:
    if isinstance(node, cst.Param):
        star = len(node.star) if isinstance(node.star, str) else 0
        start = tree.span(node.name)[0]
        if star:  # white space may stand between the star and the name
            start = tree.source.text.rindex("*" * star, 0, start)
        last = node.default or (node.annotation.annotation if node.annotation else node.name)
        return Item(start, tree.outer_span(last)[1], node)
    if isinstance(node, cst.Arg):
        start, end = tree.outer_span(node.value)
        if node.keyword is not None:
            start = tree.span(node.keyword)[0]
        elif node.star:
            start = tree.source.text.rindex(node.star, 0, start)
        return Item(start, end, node)
    start = tree.span(node)[0]
    return Item(start, start + 1, node)


def on_own_lines(tree: PythonTree, items: Sequence[Item]) -> bool:
    """Whether every item begins a line."""
    source = tree.source
    return bool(items) and all(
        not source.text[source.line_start(i.start) : i.start].strip() for i in items
    )


def insert_item(
    tree: PythonTree, items: Sequence[Item], place: int, text: str, opening: int
) -> list[SpanEdit]:
    """Put `text` at index `place`; `opening` is the offset behind the opening parenthesis."""
    path = tree.path
    if not items:
        return [SpanEdit(path, opening, opening, text)]
    own_lines = on_own_lines(tree, items)
    separator = "\n" + tree.indent_at(items[0].start) if own_lines else " "
    if place < len(items):
        offset = items[place].start
        return [SpanEdit(path, offset, offset, f"{text},{separator}")]
    last = items[-1].end
    comma = _comma_after(tree, last)
    if own_lines:
        line_end = _end_of_content(tree, last if comma is None else comma)
        if comma is not None:
            return [SpanEdit(path, line_end, line_end, f"{separator}{text},")]
        if line_end > last and "#" in tree.source.text[last:line_end]:
            edit = SpanEdit(path, line_end, line_end, separator + text)
            return [SpanEdit(path, last, last, ","), edit]
    return [SpanEdit(path, last, last, f",{separator}{text}")]


def remove_items(tree: PythonTree, items: Sequence[Item], gone: set[int]) -> list[SpanEdit]:
    """Take out the items at the indices in `gone`."""
    path = tree.path
    edits: list[SpanEdit] = []
    position = 0
    while position < len(items):
        if position not in gone:
            position += 1
            continue
        last = position
        while last + 1 in gone:
            last += 1
        if last + 1 < len(items):
            edits.append(SpanEdit(path, items[position].start, items[last + 1].start, ""))
        elif position == 0:
            comma = _comma_after(tree, items[last].end)
            edits.append(SpanEdit(path, items[0].start, comma or items[last].end, ""))
        elif on_own_lines(tree, items) and _comma_after(tree, items[last].end) is not None:
            start = tree.source.line_start(items[position].start)
            edits.append(SpanEdit(path, start, tree.source.line_end(items[last].end), ""))
        else:
            edits.append(SpanEdit(path, items[position - 1].end, items[last].end, ""))
        position = last + 1
    return edits


def _comma_after(tree: PythonTree, offset: int) -> int | None:
    """The offset behind a comma that directly follows, or None."""
    text = tree.source.text
    while offset < len(text) and text[offset] in " \t\r\n\f":
        offset += 1
    return offset + 1 if text[offset : offset + 1] == "," else None


def _end_of_content(tree: PythonTree, offset: int) -> int:
    """The end of the line of `offset`, its comment included, or the closing parenthesis."""
    text = tree.source.text
    end = tree.source.line_content_end(tree.source.position(offset)[0])
    rest = text[offset:end]
    if rest.strip() and not rest.lstrip().startswith("#"):
        return offset
    return offset + len(rest.rstrip())
