"""A file as tree-sitter reads it: its definitions, each with its whole span, and its mistakes.

Offsets that leave this module are characters of `SourceText.text`; tree-sitter counts bytes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from sorte_cli.edits.kinds import syntax_language
from sorte_cli.edits.model import Address, EditError
from sorte_cli.edits.safety import AST_LIMIT_CHARACTERS
from sorte_cli.edits.source import SourceText
from sorte_cli.edits.suggest import did_you_mean, nearest
from sorte_cli.edits.syntax.grammars import LANGUAGES, Language, parser

if TYPE_CHECKING:
    from tree_sitter import Node, Range

Span = tuple[int, int]
_SECTION = re.compile(rb"<(script|template|style)\b([^>]*)>", re.I)
_TESTS = frozenset(("describe", "it", "test", "context", "beforeEach", "suite"))


@dataclass(frozen=True, eq=False)
class Definition:
    """A named thing. `node` is the definition itself, `outer` with what wraps it (`export`, the
    `const` of a constant that is declared alone); `shared` says that it is declared with others.
    `start` and `end` take in attributes and decorators, `comment_start` the comment above too.
    """

    name: str
    qualified: str
    kind: str  # class, function, method, constant, field, option, scope, test, rule, element ...
    node: Node
    outer: Node
    name_span: Span | None
    start: int
    end: int
    comment_start: int
    parent: Definition | None = None
    shared: bool = False

    @property
    def is_callable(self) -> bool:
        return self.kind in ("function", "method")


class SyntaxTree:
    """A parsed file. Raises EditError (from `parse`) where the file has no grammar here."""

    def __init__(self, source: SourceText, language: Language) -> None:
        self.source = source
        self.path = source.path
        self.language = language
        self.data = source.text.encode("utf-8", "surrogateescape")
        self._chars = None if source.text.isascii() else _char_starts(source.text)
        ranges: list[Range] = []
        if language.name == "vue":
            ranges = _script_ranges(self.data)
        self.scripts = [(self.char(r.start_byte), self.char(r.end_byte)) for r in ranges]
        parse = parser(_grammar_of(language, self.data))
        if language.name == "vue":
            parse.included_ranges = ranges or _nothing()
        self._tree = parse.parse(self.data)
        if language.name == "vue":
            parse.included_ranges = _everything()
        self.root = self._tree.root_node
        from sorte_cli.edits.syntax.definitions import definitions_of

        self.definitions = definitions_of(self)

    # --- offsets ---

    def char(self, offset: int) -> int:
        """The character at which a byte stands."""
        return offset if self._chars is None else bisect_right(self._chars, offset) - 1

    def byte(self, offset: int) -> int:
        """The byte at which a character begins."""
        return offset if self._chars is None else self._chars[offset]

    def span(self, node: Node) -> Span:
        """[start, end) of a node in characters."""
        return self.char(node.start_byte), self.char(node.end_byte)

    def text(self, node: Node) -> str:
        """The source text of a node."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "surrogateescape")

    def line(self, node: Node) -> int:
        """The 1-based line on which a node begins."""
        return self.source.position(self.char(node.start_byte))[0]

    def node_at(self, offset: int) -> Node:
        """The smallest named node at a character."""
        byte = self.byte(offset)
        found = self.root.named_descendant_for_byte_range(byte, byte)
        return found if found is not None else self.root

    # --- layout ---

    def indent_at(self, offset: int) -> str:
        """The white space that the line of `offset` begins with."""
        start = self.source.line_start(offset)
        match = re.compile(r"[ \t]*").match(self.source.text, start)
        return match.group() if match else ""

    @property
    def unit(self) -> str:
        """One step of indentation in this file."""
        return indent_unit(self.source.text)

    def whole_lines(self, start: int, end: int) -> Span:
        """[start, end) widened to whole lines where nothing else stands on them."""
        text = self.source.text
        first, last = self.source.line_start(start), self.source.line_end(end)
        if end > start and end == self.source.line_start(end):
            last = end
        low = first if not text[first:start].strip() else start
        high = last if not text[end:last].strip() else end
        return (low, high) if low == first and high == last else (start, end)

    # --- finding ---

    def resolve(self, address: Address) -> Definition:
        """The definition that an address names.

        Raises EditError with the nearest names where there is none, and with the candidates where
        there are several.
        """
        if address.position:
            return self._at(address.position)
        wanted = address.symbol
        found = [d for d in self.definitions if d.qualified == wanted]
        if not found:
            found = self._loosely(wanted)
        kept = [d for d in found if d.kind != "scope"] or found
        if len(kept) == 1:
            return kept[0]
        if kept:
            lines = "; ".join(
                f"line {self.source.position(d.start)[0]}: "
                f"{self.source.line_text(self.source.position(d.start)[0]).strip()[:60]}"
                for d in kept[:5]
            )
            line, column = self.source.position(kept[0].name_span[0] if kept[0].name_span else 0)
            raise EditError(
                f"{self.path} defines {wanted!r} {len(kept)} times.",
                hint=f"Name one by its place, like {self.path}@{line}:{column}. {lines}.",
            )
        known = [d.qualified for d in self.definitions]
        raise EditError(
            f"{self.path} has no symbol {wanted!r}.",
            hint=did_you_mean(nearest(wanted, known)) or _has(known),
        )

    def _loosely(self, wanted: str) -> list[Definition]:
        """Definitions whose address leaves out levels of objects: store.load for store.actions.load
        (as the project index writes them).
        """
        parts = wanted.split(".")
        loose = ("option", "method", "function", "test", "rule", "element", "field")
        return [
            d
            for d in self.definitions
            if d.name == parts[-1]
            and d.kind in loose
            and d.parent is not None
            and _subsequence(parts, d.qualified.split("."))
        ]

    def _at(self, position: tuple[int, int]) -> Definition:
        offset = self.source.offset(*position)
        around = [d for d in self.definitions if d.start <= offset < d.end]
        named = [d for d in around if d.name_span and d.name_span[0] <= offset <= d.name_span[1]]
        if named or around:
            return min(named or around, key=lambda d: d.end - d.start)
        line, column = position
        raise EditError(f"Nothing that has a name stands at {self.path}@{line}:{column}.")

    def children(self, owner: Definition | None) -> list[Definition]:
        """The definitions directly inside another; at the top level for None."""
        return [d for d in self.definitions if d.parent is owner]

    def address(self, definition: Definition) -> str:
        return f"{self.path}::{definition.qualified}"

    @property
    def errors(self) -> int:
        """How many places the grammar could not read."""
        return count_errors(self.root)


def parse(source: SourceText) -> SyntaxTree:
    """Parse a file of a language that tree-sitter reads. Raises EditError for any other."""
    language = LANGUAGES.get(syntax_language(source.path))
    if language is None:
        raise EditError(
            f"Sorte does not know the symbols of {source.path}.",
            hint="Use replace_text, or lines: insert_after PATH#L4.",
        )
    return SyntaxTree(source, language)


def count_errors(root: Node) -> int:
    """ERROR and missing nodes in a tree."""
    if not root.has_error:
        return 0
    count = 0
    stack = [root]
    while stack:
        node = stack.pop()
        count += node.is_error or node.is_missing
        if node.has_error:
            stack += node.children
    return count


def mistakes(source: SourceText) -> tuple[int, str]:
    """How many places of a file its grammar cannot read, and the first: `line 4: x = = 1`."""
    if len(source.text) > AST_LIMIT_CHARACTERS:
        return 0, ""
    tree = parse(source)
    place = first_error(tree.root)
    if place is None:
        return 0, ""
    line = tree.line(place)
    missing = f" ({place.type!r} is missing)" if place.is_missing else ""
    return tree.errors, f"line {line}: {source.line_text(line).strip()[:80]}{missing}"


def first_error(root: Node) -> Node | None:
    """The first place that the grammar could not read."""
    node = root
    while node.has_error and not node.is_error and not node.is_missing:
        inner = next((c for c in node.children if c.has_error or c.is_missing), None)
        if inner is None:
            return node
        node = inner
    return node if node.is_error or node.is_missing else None


def indent_unit(text: str) -> str:
    """One step of indentation: a tab, or the smallest step of spaces that most lines take."""
    widths: dict[int, int] = {}
    previous = 0
    for match in re.finditer(r"^([ \t]*)\S", text, re.M):
        space = match[1]
        if "\t" in space:
            return "\t"
        if text.startswith("*", match.end() - 1):
            continue  # the lines of a block comment
        step = len(space) - previous
        previous = len(space)
        if step > 1:
            widths[step] = widths.get(step, 0) + 1
    return " " * max(widths, key=lambda w: (widths[w], -w)) if widths else "    "


def walk(node: Node) -> Iterator[Node]:
    """A node and everything in it, in the order of the source."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack += reversed(current.children)


def leaves(node: Node, types: frozenset[str]) -> Iterator[Node]:
    """The nodes of some types inside a node, in the order of the source."""
    return (n for n in walk(node) if n.type in types)


def _subsequence(parts: list[str], of: list[str]) -> bool:
    rest = iter(of)
    return all(part in rest for part in parts)


def _has(names: list[str]) -> str:
    if not names:
        return "It defines nothing that has a name."
    shown = ", ".join(names[:12])
    return f"It has: {shown}{', ...' if len(names) > 12 else ''}."


def _char_starts(text: str) -> list[int]:
    def width(character: str) -> int:
        code = ord(character)
        if code < 0x80 or 0xDC80 <= code <= 0xDCFF:
            return 1
        return 2 if code < 0x800 else 3 if code < 0x10000 else 4

    return list(accumulate((width(c) for c in text), initial=0))


def _grammar_of(language: Language, data: bytes) -> str:
    if language.name == "vue" and re.search(rb"<script\b[^>]*\blang=['\"][jt]sx['\"]", data):
        return "tsx"
    return language.grammar


def sections(text: str) -> Iterator[tuple[str, str, Span, Span]]:
    """The parts of a single-file component: tag, attributes, whole span, span of the inside."""
    data_text = text
    position = 0
    opening = re.compile(r"<(script|template|style)\b([^>]*)>", re.I)
    while match := opening.search(data_text, position):
        tag = match[1].lower()
        close = _closing(data_text, tag, match.end())
        if close is None:
            return
        yield tag, match[2], (match.start(), close.end()), (match.end(), close.start())
        position = close.end()


def _closing(text: str, tag: str, position: int) -> re.Match[str] | None:
    """The tag that closes a part; templates may hold templates."""
    depth = 1
    either = re.compile(rf"<(/?){tag}\b[^>]*?(/?)>", re.I)
    while match := either.search(text, position):
        if match[1]:
            depth -= 1
        elif not match[2] and tag == "template":
            depth += 1
        if depth == 0:
            return match
        position = match.end()
    return None


def _script_ranges(data: bytes) -> list[Range]:
    from tree_sitter import Range

    found: list[Range] = []
    text = data.decode("latin-1")  # one character, one byte
    for tag, _attributes, _whole, (start, end) in sections(text):
        if tag == "script":
            found.append(Range(_point(data, start), _point(data, end), start, end))
    return found


def _point(data: bytes, offset: int) -> tuple[int, int]:
    return data.count(b"\n", 0, offset), offset - (data.rfind(b"\n", 0, offset) + 1)


def _nothing() -> list[Range]:
    from tree_sitter import Range

    return [Range((0, 0), (0, 0), 0, 0)]


def _everything() -> list[Range]:
    from tree_sitter import Range

    return [Range((0, 0), (0xFFFFFFFF, 0xFFFFFFFF), 0, 0xFFFFFFFF)]
