"""Arrays, objects, maps, enums and match arms: what they hold, and one entry more or less."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sorte_cli.edits.model import EditError, SpanEdit
from sorte_cli.edits.syntax.layout import indent_of, reindent
from sorte_cli.edits.syntax.tree import Definition, SyntaxTree, walk

if TYPE_CHECKING:
    from tree_sitter import Node

# Node type -> (kind, what stands between a key and its value).
_CONTAINERS = {
    "array_creation_expression": ("either", " => "),  # PHP
    "match_block": ("match", " => "),
    "object": ("object", ": "),
    "array": ("list", ""),
    "literal_value": ("either", ": "),  # Go
    "array_initializer": ("list", ""),  # Java
    "array_expression": ("list", ""),  # Rust
    "initializer_expression": ("list", ""),  # C#
    "collection_expression": ("list", ""),
    "hash": ("dict", " => "),  # Ruby
    "enum_body": ("enum", " = "),
    "enum_declaration_list": ("enum", " = "),
    "enum_variant_list": ("enum", " = "),
    "enum_member_declaration_list": ("enum", " = "),
    "inline_table": ("object", " = "),  # TOML
}
# What a value may be wrapped in.
_WRAPPERS = frozenset(
    ("as_expression", "satisfies_expression", "parenthesized_expression", "reference_expression",
     "expression_list", "composite_literal", "unary_expression", "object_creation_expression",
     "array_creation_expression", "implicit_array_creation_expression", "argument",
     "return_statement", "arrow_function", "equals_value_clause", "as_const")
)  # fmt: skip
_SKIPPED = frozenset(("comment", "line_comment", "block_comment", "enum_body_declarations"))


@dataclass(frozen=True)
class Container:
    """The inside of one literal: `kind` is dict, list, object, match or enum."""

    tree: SyntaxTree
    node: Node
    kind: str
    joiner: str

    @property
    def elements(self) -> list[Node]:
        return [c for c in self.node.named_children if c.type not in _SKIPPED]

    @property
    def open(self) -> int:
        """The character behind the opening bracket."""
        first = next(c for c in self.node.children if c.type in ("[", "{", "("))
        return self.tree.char(first.end_byte)

    @property
    def close(self) -> int:
        """The character of the closing bracket."""
        return self.tree.char(self.node.end_byte) - 1

    def key(self, element: Node) -> str:
        """The text that identifies an element: its key, or all of it."""
        named = element.child_by_field_name("key") or element.child_by_field_name("name")
        if named is None and element.type == "match_conditional_expression":
            named = element.child_by_field_name("conditional_expressions")
        if named is None and element.type == "array_element_initializer":
            parts = [c for c in element.named_children if c.type not in _SKIPPED]
            named = parts[0] if len(parts) > 1 else None
        return self.tree.text(named if named is not None else element)

    def value(self, element: Node) -> Node | None:
        """The value of a keyed element."""
        value = element.child_by_field_name("value")
        if value is None and element.type == "array_element_initializer":
            parts = [c for c in element.named_children if c.type not in _SKIPPED]
            value = parts[-1] if parts else None
        if value is None:
            value = element.child_by_field_name("return_expression")
        return value

    @property
    def keyed(self) -> bool:
        """Whether the entries have keys (an empty container decides nothing)."""
        types = {"pair", "keyed_element", "match_conditional_expression"}
        return any(
            e.type in types
            or (e.type == "array_element_initializer" and self.key(e) != self.tree.text(e))
            for e in self.elements
        )

    def insert(self, entry: str) -> SpanEdit:
        """The edit that adds an entry behind the last one, laid out as its neighbours are."""
        elements = self.elements
        if self.kind == "match":
            default = [
                e for e in elements
                if e.type == "match_default_expression" or self.key(e).strip() in ("_", "default")
            ]  # fmt: skip
            if default:
                return self._before(default[0], entry)
        if not elements:
            return self._first(entry)
        return self._behind(elements[-1], entry)

    def insert_block(self, block: str) -> SpanEdit:
        """Like `insert`, for members that take several lines."""
        elements = self.elements
        tree, source = self.tree, self.tree.source
        multi = "\n" in source.text[self.open : self.close]
        if not elements or not multi:
            base = tree.indent_at(self.open - 1)
            text = reindent(block, base + tree.unit, tree.unit, tree.language)
            if not elements:
                return SpanEdit(tree.path, self.open, self.close, f"\n{text.rstrip()},\n{base}")
            end = tree.char(elements[-1].end_byte)
            return SpanEdit(tree.path, end, end, f",\n{text.rstrip()}")
        last = elements[-1]
        gap = 0
        if len(elements) > 1:
            between = source.text[tree.char(elements[-2].end_byte) : tree.char(last.start_byte)]
            gap = max(0, between.count("\n") - 1) if between.strip() == "," else 0
        text = reindent(block, tree.indent_at(tree.char(last.start_byte)), tree.unit, tree.language)
        return self._append(last, f"{chr(10) * (1 + gap)}{text.rstrip()}")

    def remove(self, element: Node) -> SpanEdit:
        """The edit that takes an element away with its comma and, if it stands alone, its line."""
        tree, text = self.tree, self.tree.source.text
        start, end = tree.span(element)
        behind = re.compile(r"[ \t]*,").match(text, end)
        if behind:
            end = behind.end()
        comment = re.compile(r"[ \t]*(?://|#|/\*)[^\n]*").match(text, end)
        lines = tree.whole_lines(start, comment.end() if comment else end)
        if lines[0] < start or lines[1] > (comment.end() if comment else end):
            start, end = lines
            if not behind and (comma := re.search(r",(\s*)$", text[self.open : start])):
                start = self.open + comma.start()
                return SpanEdit(tree.path, start, end, "\n" if text[start:end][-1:] == "\n" else "")
            return SpanEdit(tree.path, start, end, "")
        if behind:
            end += len(text[end:]) - len(text[end:].lstrip(" "))
        elif comma := re.search(r",\s*$", text[self.open : start]):
            start = self.open + comma.start()
        return SpanEdit(tree.path, start, end, "")

    # --- places ---

    def _first(self, entry: str) -> SpanEdit:
        inside = self.tree.source.text[self.open : self.close]
        if "\n" in inside:
            base = self.tree.indent_at(self.close)
            comment = inside.rstrip()
            text = f"{comment}\n{base}{self.tree.unit}{entry},\n{base}"
            return SpanEdit(self.tree.path, self.open, self.close, text)
        space = " " if self.kind == "object" or self.node.type in ("hash", "match_block") else ""
        return SpanEdit(self.tree.path, self.open, self.close, f"{space}{entry}{space}")

    def _behind(self, last: Node, entry: str) -> SpanEdit:
        text = self.tree.source.text
        start = self.tree.char(last.start_byte)
        alone = not text[self.tree.source.line_start(start) : start].strip()
        lead = f"\n{self.tree.indent_at(start)}" if alone else " "
        return self._append(last, lead + entry)

    def _append(self, last: Node, entry: str) -> SpanEdit:
        """Insert behind the last element, with the trailing comma where the file has one."""
        text = self.tree.source.text
        end = self.tree.char(last.end_byte)
        comma = re.compile(r"\s*,").match(text, end)
        separator = ";" if self.node.type == "enum_declaration_list" else ","
        if separator == ";":
            return SpanEdit(self.tree.path, end, end, entry)
        if comma and comma.end() <= self.close:
            place = comma.end()
            note = re.compile(r"[ \t]*(?://|#|/\*)[^\n]*").match(text, place)
            if note and entry.startswith("\n"):
                place = note.end()
            trailing = "," if entry.startswith("\n") else ""
            return SpanEdit(self.tree.path, place, place, f"{entry}{trailing}")
        note = re.compile(r"[ \t]*(?://|#|/\*)[^\n]*").match(text, end)
        if note and entry.startswith("\n"):
            # The comma belongs behind the element, not behind the remark on it.
            return SpanEdit(self.tree.path, end, note.end(), f",{note.group()}{entry}")
        needs = self._needs_trailing_comma() and entry.startswith("\n")
        return SpanEdit(self.tree.path, end, end, f",{entry}{',' if needs else ''}")

    def _needs_trailing_comma(self) -> bool:
        # Go refuses a line that ends a literal without one.
        return self.tree.language.name == "go"

    def _before(self, element: Node, entry: str) -> SpanEdit:
        text = self.tree.source.text
        start = self.tree.char(element.start_byte)
        line = self.tree.source.line_start(start)
        if text[line:start].strip():
            return SpanEdit(self.tree.path, start, start, f"{entry}, ")
        return SpanEdit(self.tree.path, line, line, f"{text[line:start]}{entry},\n")


def value_node(definition: Definition) -> Node | None:
    """The expression that gives a constant, field or option its value."""
    node = definition.node
    value = node.child_by_field_name("value") or node.child_by_field_name("default_value")
    if value is None and node.type == "assignment":
        value = node.child_by_field_name("right")
    if value is None and node.type in ("const_element", "variable_declarator"):
        parts = [c for c in node.named_children if c.type not in _SKIPPED]
        value = parts[-1] if len(parts) > 1 else None
    if node.type in ("pair", "variable_declarator") and value is not None:
        return value
    return value


def container_in(tree: SyntaxTree, definition: Definition) -> Container | None:
    """The container that a definition holds: its value, the members of an enum, what a function
    returns, or the arms of its only match. None where there is none, or more than one.
    """
    node = definition.node
    if definition.kind == "class":
        body = node.child_by_field_name("body")
        if body is not None and body.type.startswith("enum_"):
            return _container(tree, body)
        return None
    value = value_node(definition)
    if definition.is_callable or (value is not None and "function" in value.type):
        return _returned(tree, value if value is not None else node)
    return _unwrapped(tree, value) if value is not None else None


def _unwrapped(tree: SyntaxTree, node: Node) -> Container | None:
    current: Node | None = node
    while current is not None:
        if current.type in _CONTAINERS and (made := _container(tree, current)):
            return made
        if current.type in ("call_expression", "call", "method_invocation", "new_expression"):
            current = _argument(current)
        elif current.type == "macro_invocation":
            return None
        elif current.type in _WRAPPERS:
            inner = [c for c in current.named_children if c.type not in _SKIPPED]
            current = inner[-1] if inner else None
        else:
            return None
    return None


def _argument(call: Node) -> Node | None:
    """The literal that a call is given: new Set([...]), defineProps({...}), [...].freeze."""
    arguments = call.child_by_field_name("arguments")
    if arguments is None or not arguments.named_children:
        return call.child_by_field_name("receiver")
    holders = [c for c in arguments.named_children if c.type in ("array", "object", "hash")]
    return holders[-1] if len(holders) == 1 else None


def _container(tree: SyntaxTree, node: Node) -> Container | None:
    if not any(c.type in ("[", "{", "(") for c in node.children):
        return None
    kind, joiner = _CONTAINERS[node.type]
    made = Container(tree, node, kind, joiner)
    if node.type == "hash":
        symbols = [e for e in made.elements if ":" in tree.text(e).split("=>")[0]]
        joiner = ": " if symbols or not made.elements else " => "
    if kind == "either":
        kind = "dict" if made.keyed else "list" if made.elements else "either"
    return Container(tree, node, kind, joiner)


def _returned(tree: SyntaxTree, function: Node) -> Container | None:
    body = function.child_by_field_name("body")
    if body is None:
        return None
    if body.type in ("object", "array", "parenthesized_expression"):
        return _unwrapped(tree, body)
    found: list[Container] = []
    stack = [body]
    while stack:
        node = stack.pop()
        if node.type in ("anonymous_function", "arrow_function", "function_expression"):
            continue
        if node.type == "match_block" and (made := _container(tree, node)):
            return made if not found else None
        if node.type in ("return_statement", "return_expression", "return"):
            inner = [c for c in node.named_children if c.type not in _SKIPPED]
            held = _unwrapped(tree, inner[0]) if inner else None
            if held is not None:
                found.append(held)
                continue
        stack += node.children
    if len(found) == 1:
        return found[0]
    if not found and body.named_children:
        return _unwrapped(tree, body.named_children[-1])
    return None


def require_container(tree: SyntaxTree, definition: Definition) -> Container:
    """`container_in`, or EditError saying what stands there instead."""
    container = container_in(tree, definition)
    if container is not None:
        return container
    name = tree.address(definition)
    value = value_node(definition)
    shown = " ".join(tree.text(value).split())[:60] if value is not None else "no literal"
    if definition.is_callable:
        matches = sum(n.type in ("match_block", "switch_block") for n in walk(definition.node))
        why = "more than one" if matches > 1 else "no single"
        raise EditError(
            f"{name} returns {why} array, object or match.",
            hint="Name a constant or field that holds one, or use replace_statement with #L.",
        )
    raise EditError(
        f"{name} holds {shown}, which is no array, object, map or enum.",
        hint="Use set_value or replace_statement.",
    )


def first_indent(text: str) -> str:
    """The indentation of the first line that holds anything."""
    return next((indent_of(line) for line in text.split("\n") if line.strip()), "")
