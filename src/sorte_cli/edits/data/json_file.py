"""JSON under edit, with or without comments: keys and items as spans, in the file's own style."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from sorte_cli.edits.data.keys import Part, item, joined, no_key, python_literal, written
from sorte_cli.edits.model import EditError, SpanEdit
from sorte_cli.edits.source import SourceText
from sorte_cli.edits.syntax.containers import Container
from sorte_cli.edits.syntax.grammars import LANGUAGES
from sorte_cli.edits.syntax.tree import SyntaxTree

if TYPE_CHECKING:
    from tree_sitter import Node


def open_file(source: SourceText, form: str) -> JsonFile:
    """The file as a tree. Raises EditError where it is no JSON."""
    return JsonFile(source)


class JsonFile:
    """One JSON file."""

    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.tree = SyntaxTree(source, LANGUAGES["json"])
        if self.tree.errors:
            raise EditError(f"{source.path} is not valid JSON.", hint="Use replace_text for it.")

    def set(self, path: Sequence[Part], value: str) -> tuple[SpanEdit, str]:
        text = json_value(value)
        node, rest = self._walk(path)
        if not rest:
            start, end = self.tree.span(node)
            old = self.source.text[start:end]
            if _unstyled(old) == _unstyled(text):
                text = old  # the same value in other white space
            indent = self.tree.indent_at(start)
            return SpanEdit(self.source.path, start, end, _indented(text, indent)), old
        if node.type != "object" or not isinstance(rest[0], str):
            raise no_key(self.source, path, self._known(node))
        key, *deeper = rest
        indent = self._indent_of(node) + self.tree.unit
        for part in reversed(deeper):
            if isinstance(part, int):
                raise no_key(self.source, path, self._known(node))
            text = f"{{\n{self.tree.unit}{json.dumps(part, ensure_ascii=False)}: " + (
                _indented(text, self.tree.unit) + "\n}"
            )
        entry = f"{json.dumps(key, ensure_ascii=False)}: {_indented(text, indent)}"
        return self._insert(node, str(key), entry), ""

    def delete(self, path: Sequence[Part]) -> SpanEdit:
        node, rest = self._walk(path)
        parent = node.parent
        if rest or parent is None:
            raise no_key(self.source, path, self._known(node))
        element = parent if parent.type == "pair" else node
        holder = element.parent
        assert holder is not None
        return Container(self.tree, holder, "object", ": ").remove(element)

    def add(self, path: Sequence[Part], value: str) -> SpanEdit:
        node, rest = self._walk(path)
        if rest:
            raise no_key(self.source, path, self._known(node))
        if node.type != "array":
            raise EditError(
                f"{written(path) or 'The top'} of {self.source.path} is no list.",
                hint="Use set_key for an object's key.",
            )
        text = json_value(value)
        container = Container(self.tree, node, "list", "")
        if any(_unstyled(self.tree.text(e)) == _unstyled(text) for e in container.elements):
            raise EditError(f"{written(path)} of {self.source.path} already has {text}.")
        return container.insert(_indented(text, self._indent_of(node) + self.tree.unit))

    # --- finding ---

    def _walk(self, path: Sequence[Part]) -> tuple[Node, list[Part]]:
        """The deepest node of a path, and the parts that are not there."""
        node = next((c for c in self.tree.root.named_children if c.type != "comment"), None)
        if node is None:
            raise EditError(
                f"{self.source.path} is empty.", hint="Use create_file or replace_text."
            )
        rest = list(path)
        while rest:
            first = rest[0]
            if isinstance(first, int):
                if node.type != "array":
                    break
                items = [c for c in node.named_children if c.type != "comment"]
                node = items[item(items, first, self.source, path)]
                rest = rest[1:]
                continue
            pairs = self._pairs(node)
            key, count = joined(rest, list(pairs))
            if key not in pairs:
                break
            node, rest = pairs[key], rest[count:]
        return node, rest

    def _pairs(self, node: Node) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for pair in node.named_children:
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            if pair.type == "pair" and key is not None and value is not None:
                found[_key_text(self.tree.text(key))] = value
        return found

    def _known(self, node: Node) -> list[str]:
        return list(self._pairs(node)) if node.type == "object" else []

    # --- inserting ---

    def _indent_of(self, node: Node) -> str:
        return self.tree.indent_at(self.tree.char(node.start_byte))

    def _insert(self, node: Node, key: str, entry: str) -> SpanEdit:
        container = Container(self.tree, node, "object", ": ")
        keys = list(self._pairs(node))
        if not keys:
            base = self._indent_of(node)
            inside = f"\n{base}{self.tree.unit}{entry}\n{base}"
            multi = "\n" in self.source.text
            start, end = self.tree.span(node)
            return SpanEdit(
                self.source.path, start, end, f"{{{inside}}}" if multi else f"{{{entry}}}"
            )
        in_order = len(keys) > 2 and all(a <= b for a, b in pairwise(keys))
        following = next((k for k in keys if k > key), None) if in_order else None
        if following is None:
            return container.insert(entry)
        pair = self._pairs(node)[following].parent
        assert pair is not None
        start = self.tree.char(pair.start_byte)
        line = self.source.line_start(start)
        alone = not self.source.text[line:start].strip()
        lead = f",\n{self.source.text[line:start]}" if alone else ", "
        return SpanEdit(self.source.path, start, start, entry + lead)


def json_value(value: str) -> str:
    """The value as JSON: as it stands where it is JSON, else as a string of it."""
    text = value.strip()
    try:
        json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        if text[:1] in '{["' or text[-1:] in '}]"':
            raise EditError(
                f"{text!r} is not a JSON value.", hint='Write text in quotes: "like this".'
            ) from None
        return python_literal(text) or json.dumps(text, ensure_ascii=False)
    return text


def _key_text(text: str) -> str:
    try:
        return str(json.loads(text))
    except json.JSONDecodeError:
        return text.strip("'\"")


def _unstyled(text: str) -> str:
    try:
        return json.dumps(json.loads(text))
    except json.JSONDecodeError:
        return re.sub(r"\s", "", text)


def _indented(text: str, indent: str) -> str:
    return text.replace("\n", f"\n{indent}")
