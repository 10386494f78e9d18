"""TOML under edit: keys, tables and items as spans, in the file's own style."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sorte_cli.edits.data.keys import Part, item, no_key, python_literal, written
from sorte_cli.edits.model import EditError, SpanEdit
from sorte_cli.edits.source import SourceText
from sorte_cli.edits.syntax.containers import Container
from sorte_cli.edits.syntax.grammars import LANGUAGES
from sorte_cli.edits.syntax.layout import blank_after, blank_before, insert_lines
from sorte_cli.edits.syntax.tree import SyntaxTree

if TYPE_CHECKING:
    from tree_sitter import Node

_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass
class _Table:
    """A `[table]` (None: the top of the file, or what only a dotted key implies)."""

    path: tuple[Part, ...]
    node: Node | None
    pairs: list[Node] = field(default_factory=list)


def open_file(source: SourceText, form: str) -> TomlFile:
    """The file as a tree. Raises EditError where it is no TOML."""
    return TomlFile(source)


class TomlFile:
    """One TOML file."""

    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.tree = SyntaxTree(source, LANGUAGES["toml"])
        if self.tree.errors:
            raise EditError(f"{source.path} is not valid TOML.", hint="Use replace_text for it.")
        self.tables = self._read_tables()

    def set(self, path: Sequence[Part], value: str) -> tuple[SpanEdit, str]:
        text = toml_value(value)
        found = self._value(path)
        if found is not None:
            start, end = self.tree.span(found)
            return SpanEdit(self.source.path, start, end, text), self.source.text[start:end]
        if not path or isinstance(path[-1], int):
            raise no_key(self.source, path, self._known(path[:-1]))
        if self._table(tuple(path)) is not None:
            raise EditError(
                f"{written(path)} of {self.source.path} is a table.",
                hint="Set the keys inside it.",
            )
        holder = self._value(path[:-1]) if len(path) > 1 else None
        key = toml_key(str(path[-1]))
        if holder is not None:
            if holder.type != "inline_table":
                raise no_key(self.source, path, [])
            edit = Container(self.tree, holder, "object", " = ").insert(f"{key} = {text}")
            return self._spaced(holder, edit), ""
        return self._new_key(path, f"{key} = {text}"), ""

    def delete(self, path: Sequence[Part]) -> SpanEdit:
        table = self._table(tuple(path))
        if table is not None and table.node is not None:
            return self._without_table(table)
        found = self._value(path)
        if found is None:
            raise no_key(self.source, path, self._known(path[:-1]))
        parent = found.parent
        assert parent is not None
        if parent.type == "array":
            return Container(self.tree, parent, "list", "").remove(found)
        holder = parent.parent
        if holder is not None and holder.type == "inline_table":
            return Container(self.tree, holder, "object", " = ").remove(parent)
        start, end = self.tree.span(parent)
        end = self.source.line_end(end)
        return SpanEdit(self.source.path, self.source.line_start(start), end, "")

    def add(self, path: Sequence[Part], value: str) -> SpanEdit:
        found = self._value(path)
        if found is None:
            raise no_key(self.source, path, self._known(path[:-1]))
        if found.type != "array":
            raise EditError(
                f"{written(path)} of {self.source.path} is no list.", hint="Use set_key."
            )
        text = toml_value(value)
        container = Container(self.tree, found, "list", "")
        if any(self.tree.text(e).strip("'\"") == text.strip("'\"") for e in container.elements):
            raise EditError(f"{written(path)} of {self.source.path} already has {text}.")
        return container.insert(text)

    # --- finding ---

    def _read_tables(self) -> list[_Table]:
        top = _Table((), None)
        found = [top]
        counts: dict[tuple[Part, ...], int] = {}
        for node in self.tree.root.named_children:
            if node.type == "pair":
                top.pairs.append(node)
            elif node.type in ("table", "table_array_element"):
                path: tuple[Part, ...] = tuple(self._key(node.named_children[0]))
                for size in range(len(path), 0, -1):
                    prefix = path[:size]
                    if prefix in counts and not (
                        node.type.endswith("element") and size == len(path)
                    ):
                        path = (*prefix, counts[prefix] - 1, *path[size:])
                        break
                if node.type == "table_array_element":
                    counts[path] = counts.get(path, 0) + 1
                    path = (*path, counts[path] - 1)
                pairs = [c for c in node.named_children if c.type == "pair"]
                found.append(_Table(path, node, pairs))
        return found

    def _key(self, node: Node) -> list[str]:
        if node.type == "dotted_key":
            return [part for child in node.named_children for part in self._key(child)]
        text = self.tree.text(node)
        if node.type == "quoted_key":
            return [text[1:-1] if text[0] == "'" else _unquoted(text)]
        return [text]

    def _table(self, path: tuple[Part, ...]) -> _Table | None:
        if not path:
            return self.tables[0]
        counted = self._from_front(path)
        exact = next((t for t in self.tables if t.path == counted), None)
        if exact is not None:
            return exact
        # `[[x]]` without an index means its only element.
        elements = [
            t for t in self.tables if t.path[:-1] == counted and isinstance(t.path[-1], int)
        ]
        return elements[0] if len(elements) == 1 else None

    def _from_front(self, path: tuple[Part, ...]) -> tuple[Part, ...]:
        parts: list[Part] = []
        for part in path:
            if isinstance(part, int) and part < 0:
                size = len(parts)
                same = {
                    t.path[size]
                    for t in self.tables
                    if t.path[:size] == tuple(parts) and len(t.path) > size
                }
                part += sum(isinstance(p, int) for p in same)
            parts.append(part)
        return tuple(parts)

    def _value(self, path: Sequence[Part]) -> Node | None:
        """The value at a path: in the table that takes most of it, then inside inline values."""
        for size in range(len(path) - 1, -1, -1):
            table = self._table(tuple(path[:size]))
            if table is None:
                continue
            found = self._in_pairs(table.pairs, path[size:], path)
            if found is not None:
                return found
        return None

    def _in_pairs(
        self, pairs: Sequence[Node], rest: Sequence[Part], path: Sequence[Part]
    ) -> Node | None:
        for pair in pairs:
            key = self._key(pair.named_children[0])
            value = pair.named_children[1]
            for size in range(1, len(rest) + 1):
                names = [str(p) for p in rest[:size]]
                if key == names or (len(key) == 1 and key[0] == ".".join(names)):
                    found = self._inside(value, rest[size:], path)
                    if found is not None:
                        return found
        return None

    def _inside(self, value: Node, rest: Sequence[Part], path: Sequence[Part]) -> Node | None:
        if not rest:
            return value
        if isinstance(rest[0], int):
            if value.type != "array":
                return None
            items = [c for c in value.named_children if c.type != "comment"]
            return self._inside(items[item(items, rest[0], self.source, path)], rest[1:], path)
        if value.type != "inline_table":
            return None
        return self._in_pairs([c for c in value.named_children if c.type == "pair"], rest, path)

    def _known(self, path: Sequence[Part]) -> list[str]:
        size = len(path)
        names = [str(t.path[size]) for t in self.tables if t.path[:size] == tuple(path)
                 and len(t.path) > size]  # fmt: skip
        table = self._table(tuple(path))
        for pair in table.pairs if table else []:
            names.append(".".join(self._key(pair.named_children[0])))
        return list(dict.fromkeys(names))

    # --- inserting ---

    def _new_key(self, path: Sequence[Part], entry: str) -> SpanEdit:
        """In its table, behind the last key; a table that is not there is added at the end."""
        table = self._table(tuple(path[:-1]))
        if table is not None and table.pairs:
            last = table.pairs[-1]
            end = self.source.line_end(self.tree.char(last.end_byte))
            indent = self.tree.indent_at(self.tree.char(last.start_byte))
            return insert_lines(self.source, end, f"{indent}{entry}\n")
        if table is not None and table.node is not None:
            head = self.tree.char(table.node.start_byte)
            return insert_lines(self.source, self.source.line_end(head), f"{entry}\n")
        if len(path) == 1:
            first = next((t.node for t in self.tables if t.node is not None), None)
            offset = self._above(first) if first is not None else len(self.source.text)
            return insert_lines(self.source, offset, f"{entry}\n", below=1 if first else 0)
        if any(isinstance(p, int) for p in path):
            raise no_key(self.source, path, self._known(path[:-1]))
        header = ".".join(toml_key(str(p)) for p in path[:-1])
        return insert_lines(
            self.source, self._behind_family(path), f"[{header}]\n{entry}\n", above=1, below=1
        )

    def _behind_family(self, path: Sequence[Part]) -> int:
        """Behind the last table that shares most with the new one; else the end of the file."""
        for size in range(len(path) - 2, 0, -1):
            same = [t for t in self.tables if t.path[:size] == tuple(path[:size]) and t.node]
            if same:
                node = same[-1].node
                assert node is not None
                last = same[-1].pairs[-1] if same[-1].pairs else node.named_children[0]
                return self.source.line_end(self.tree.char(last.end_byte))
        return len(self.source.text)

    def _above(self, node: Node) -> int:
        """Where the comment above a table begins, or the table."""
        start = self.source.line_start(self.tree.char(node.start_byte))
        while start:
            line = self.source.line_start(start - 1)
            if not self.source.text[line:start].strip().startswith("#"):
                break
            start = line
        return start if self.source.text[:start].strip() or start == 0 else 0

    def _spaced(self, holder: Node, edit: SpanEdit) -> SpanEdit:
        """`{ a = 1 }` keeps the space before its brace."""
        empty = not Container(self.tree, holder, "object", " = ").elements
        return (
            SpanEdit(edit.path, edit.start, edit.end, f" {edit.text.strip()} ") if empty else edit
        )

    def _without_table(self, table: _Table) -> SpanEdit:
        node = table.node
        assert node is not None
        start = self._above(node)
        last = table.pairs[-1] if table.pairs else node.named_children[0]
        end = self.source.line_end(self.tree.char(last.end_byte))
        if blank_before(self.source, start) or not self.source.text[:start].strip():
            line = self.source.position(end)[0]
            end = self.source.line_starts[
                min(line - 1 + blank_after(self.source, end), len(self.source.line_starts) - 1)
            ]
        if not self.source.text[end:].strip():
            line = self.source.position(start)[0]
            start = self.source.line_starts[line - 1 - blank_before(self.source, start)]
        return SpanEdit(self.source.path, start, max(start, end), "")


def toml_key(key: str) -> str:
    """A key as TOML writes it: bare where it may be."""
    return key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def toml_value(value: str) -> str:
    """The value as TOML: as it stands where it is TOML, else as a string of it."""
    text = value.strip()
    try:
        tomllib.loads(f"x = {text}")
    except (tomllib.TOMLDecodeError, RecursionError):
        if text[:1] in "{[\"'":
            raise EditError(
                f"{text!r} is not a TOML value.", hint='Write text in quotes: "like this".'
            ) from None
        literal = python_literal(text)
        if literal == "null":
            raise EditError("TOML has no null.", hint="Use delete_key.") from None
        return literal or json.dumps(text, ensure_ascii=False)
    return text


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(text))
    except json.JSONDecodeError:
        return text[1:-1]
