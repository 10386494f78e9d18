"""What a Vue file names beside its functions: options of the component, parts of the template.

Options bear the names under which operations address them: `methods.clear`, `props.items`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sorte_cli.context.definition import Definition

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_NAMED_PARTS = 200
DETAIL_LIMIT = 90
_PART = re.compile(rb"^<(template|script|style)\b([^>]*)>", re.M | re.I)
_NAMED = re.compile(
    rb"<slot\b[^>]*?\sname=[\"']([\w-]+)[\"']|\s(?:ref|id|data-testid)=[\"']([\w-]+)[\"']|"
    rb"<template\b[^>]*?\s(?:v-slot:|#)([\w-]+)"
)


def sections(data: bytes) -> Iterator[Definition]:
    """Template, script and style, and what the template gives a name: slots, refs, ids."""
    starts = [(m.start(), m.end(), m[1].lower().decode(), m[2]) for m in _PART.finditer(data)]
    for begin, inside, tag, attributes in starts:
        close = data.rfind(b"</" + tag.encode(), inside, _next(starts, begin, len(data)))
        if close < 0:
            continue
        setup = tag == "script" and re.search(rb"\bsetup\b", attributes)
        name = "script setup" if setup else tag
        yield Definition(name, "section", "", _line(data, begin), _line(data, close))
        if tag == "template":
            yield from _named_parts(data, inside, close)


def _next(starts: list[tuple[int, int, str, bytes]], begin: int, end: int) -> int:
    return min((other for other, *_ in starts if other > begin), default=end)


def _named_parts(data: bytes, start: int, end: int) -> Iterator[Definition]:
    seen: set[str] = set()
    for match in _NAMED.finditer(data, start, end):
        name = (match[1] or match[2] or match[3]).decode()
        if name not in seen:
            seen.add(name)
            line = _line(data, match.end())
            yield Definition(f"template.{name}", "section", "", line, line)
        if len(seen) == MAX_NAMED_PARTS:
            return


def _line(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1


def options(root: Node, data: bytes) -> Iterator[Definition]:
    """The options of `export default { ... }`, and their members, in the order of the source."""
    for node in root.named_children:
        if node.type == "export_statement" and (component := _component(node)) is not None:
            for member in component.named_children:
                yield from _member(member, "", data)


def _component(node: Node) -> Node | None:
    """The object of `export default {...}` or `export default defineComponent({...})`."""
    value = node.child_by_field_name("value")
    if value is not None and value.type == "call_expression":
        arguments = value.child_by_field_name("arguments")
        value = arguments.named_children[0] if arguments and arguments.named_children else None
    return value if value is not None and value.type == "object" else None


def _member(node: Node, owner: str, data: bytes) -> Iterator[Definition]:
    key = node.child_by_field_name("name" if node.type == "method_definition" else "key")
    if key is None or key.type not in ("property_identifier", "identifier"):
        return
    name = data[key.start_byte : key.end_byte].decode("utf-8", "replace")
    qualified = f"{owner}.{name}" if owner else name
    value = node if node.type == "method_definition" else node.child_by_field_name("value")
    kind, detail = "field", ""
    if (value is not None and "function" in value.type) or node.type == "method_definition":
        kind = "method"
        parameters = value.child_by_field_name("parameters") if value is not None else None
        if parameters is not None:
            detail = " ".join(data[parameters.start_byte : parameters.end_byte].decode(
                "utf-8", "replace").split())  # fmt: skip
    yield Definition(
        qualified, kind, detail[:DETAIL_LIMIT], node.start_point[0] + 1, node.end_point[0] + 1
    )
    if not owner and value is not None and value.type == "object":
        for member in value.named_children:
            yield from _member(member, qualified, data)
