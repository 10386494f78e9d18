"""Definitions of one file, with addresses as the operation language writes them.

Bytes and a language in, plain values out; no file system, no database.
"""

from __future__ import annotations

import re
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING

from sorte_cli.context import bodies, data_keys, languages, vue
from sorte_cli.context.bodies import Function
from sorte_cli.context.definition import Definition

__all__ = ["Definition", "definitions"]

if TYPE_CHECKING:
    from tree_sitter import Node, Range

    _Captured = tuple[int, int, str, Node | Function]

DETAIL_LIMIT = 400
"""Characters; a signature is worth having whole, whoever shows it may cut it shorter."""
ENTRY_LIMIT_BYTES = 20_000
FLAT_LIMIT_BYTES = 2_000
_NAME_TYPES_TEXT = """
identifier name type_identifier property_identifier field_identifier constant simple_identifier
private_property_identifier word variable_name
"""
_NAME_TYPES = frozenset(_NAME_TYPES_TEXT.split())
_IDENTIFIER = re.compile(rb"[A-Za-z_]\w*")
_CLASS_NAME = re.compile(r"[A-Za-z_][\w.:\\]*")
_SCRIPT = re.compile(rb"<script\b[^>]*>(.*?)</script\s*>", re.S | re.I)
_HEADING = re.compile(rb"^(#{1,6})[ \t]+(.+?)[ \t#]*$", re.M)
_FENCE = re.compile(rb"^(```+|~~~+).*?^\1", re.M | re.S)
_COMMENT = re.compile(r"(?m)(?:^|\s)#[^\n\"']*$")
_SCRIPTS = frozenset(("javascript", "typescript", "tsx", "vue", "svelte"))
_AFTER_OPENING = re.compile(r"([(\[{]) ")
_BEFORE_CLOSING = re.compile(r",? ([)\]}])")
_SPACED = ("( ", "[ ", "{ ", " )", " ]", " }")
_PHP_DEFINES = re.compile(
    rb"(?:class|interface|trait|enum|function|const)\b(?<!\wclass)(?<!\winterface)(?<!\wtrait)"
    rb"(?<!\wenum)(?<!\wfunction)(?<!\wconst)(?<!use function)(?<!use const)"
    rb"(?:\s++(?:&\s*+)?[\w\x80-\xff]|(?<=class)\s*[({])"
)
"""Without one of these no PHP file defines anything."""
_QUALIFIER = re.compile(r"::|\.|\\")
_PARTS = re.compile(r"[.:\\]+")
_COMMAS = re.compile(r"\s*(?:,\s*)+")
_ARGUMENTS = re.compile(r"\[[^\]]*\]|<[^>]*>|\([^)]*\)|\w+\s*=\s*[^,]+")
_UNFIT = re.compile(r"[\s(){}\[\],:]")
_WITHOUT_LOCALS = frozenset(("go", "rust", "php"))
_OVERLOAD = re.compile(rb"@(?:\w+\.)?overload\b")
_BEFORE = itemgetter(0, 1, 2)
_BY_LINE = attrgetter("line", "end_line", "qualified")


def definitions(language: str, data: bytes) -> tuple[Definition, ...]:
    """The definitions of a file in source order; empty for a language without a grammar."""
    if language == "markdown":
        return _headings(data)
    if language not in languages.QUERIES:
        return data_keys.keys(language, data.decode("utf-8-sig", "replace"))
    code = None
    if language == "php":
        if not _PHP_DEFINES.search(data.lower()):
            return ()  # settings and translations: often the most of a project's bytes
        code = bodies.code_of(language, data)
        if code is not None and not _PHP_DEFINES.search(code.lower()):
            return ()
    from tree_sitter import QueryCursor

    parser = languages.parser(language)
    whole = data
    data, functions = bodies.without_bodies(language, data, code)
    parts = tuple(vue.sections(data)) if language == "vue" else ()
    if language in ("vue", "svelte"):
        ranges = _script_ranges(data)
        if not ranges:
            return parts
        parser.included_ranges = ranges
    root = parser.parse(data).root_node
    if data is not whole and root.has_error:
        data, functions = whole, []
        root = parser.parse(data).root_node
    cursor = QueryCursor(languages.query(language))
    cursor.set_max_start_depth(languages.DEPTHS.get(language, languages.DEPTH))
    captures = cursor.captures(root)
    nodes: list[_Captured] = [
        (n.start_byte, -n.end_byte, role, n) for role, ns in captures.items() for n in ns
    ]
    nodes += [(f.start, -f.end, "function", f) for f in functions]
    nodes.sort(key=_BEFORE)
    found = _Reader(language, data).read(nodes)
    if language != "vue":
        return found
    own = {d.qualified: d for d in (*parts, *vue.options(root, data), *found)}
    return tuple(sorted(own.values(), key=_BY_LINE))


class _Reader:
    """Turns captured nodes, outermost first, into definitions."""

    def __init__(self, language: str, data: bytes) -> None:
        self.language = language
        self.data = data

    def read(self, nodes: list[_Captured]) -> tuple[Definition, ...]:
        found: dict[str, Definition] = {}
        scopes: list[tuple[int, str, str]] = []
        seen: set[tuple[int, int]] = set()
        decorated: Node | None = None
        for start, negative_end, role, node in nodes:
            end = -negative_end
            if isinstance(node, Function):
                while scopes and scopes[-1][0] < end:
                    scopes.pop()
                if node.name != "_":
                    definition = self._left_out(node, *(scopes[-1][1:] if scopes else ("", "")))
                    if not node.is_overload:
                        found.setdefault(definition.qualified, definition)
                    scopes.append((end, definition.qualified, "function"))
                continue
            if role == "decorated":
                decorated = node  # what it decorates comes next, and ends where it does
                continue
            around, decorated = decorated, None
            if around is not None and around.end_byte != end:
                around = None
            if (start, end) in seen:
                continue
            seen.add((start, end))
            while scopes and scopes[-1][0] < end:
                scopes.pop()
            owner, inside = (scopes[-1][1], scopes[-1][2]) if scopes else ("", "")
            if _has_no_address(self.language, node, inside):
                continue
            if role in ("field", "constant") and self.language == "python":
                for definition in self._python_assignment(node, role, owner):
                    found.setdefault(definition.qualified, definition)
                continue
            name = self._name(node, role)
            if name in ("", "_"):
                continue
            if role == "function" and self.language == "go":
                owner = self._go_receiver(node) or owner
                inside = "class" if owner else inside
            qualified = f"{owner}.{name}" if owner else name
            definition = self._definition(node, role, qualified, inside, around)
            if role != "scope" and not self._is_overload(node, around):
                found.setdefault(qualified, definition)
            if role in ("class", "scope", "function", "variable"):
                is_class = role == "class" or node.type == "impl_item"
                scopes.append((end, qualified, "class" if is_class else role))
        return tuple(sorted(found.values(), key=_BY_LINE))

    def _left_out(self, function: Function, owner: str, inside: str) -> Definition:
        name = function.name
        detail = self._flattened(function.parameters)
        if function.result:
            detail = f"{detail} -> {self._flattened(function.result)}"
        return Definition(
            f"{owner}.{name}" if owner else name,
            "method" if inside == "class" else "function",
            _cut(detail),
            function.line,
            function.end_line,
        )

    def _definition(
        self, node: Node, role: str, qualified: str, inside: str, decorated: Node | None
    ) -> Definition:
        kind, detail = role, ""
        bases: tuple[str, ...] = ()
        entries: tuple[str, ...] = ()
        if role == "variable":
            value = node.child_by_field_name("value")
            is_function = value is not None and "function" in value.type
            if is_function and value is not None:
                kind, detail = "function", self._signature(value)
            else:
                kind, detail, entries = "constant", self._value(value), self._entries(value)
        elif role == "function":
            kind = "method" if inside == "class" else "function"
            detail = self._signature(node)
        elif role == "class":
            bases, detail = self._bases(node)
        elif role in ("constant", "field"):
            value = node.child_by_field_name("value") or node.child_by_field_name("default_value")
            if value is None and node.type == "const_element":
                value = node.named_children[-1]
            detail, entries = self._value(value), self._entries(value)
            if value is None:
                declared = self._flat(node.child_by_field_name("type")).removeprefix(":").strip()
                detail = f": {declared}" if declared else ""
        line = (decorated or node).start_point[0] + 1
        end_row, end_column = node.end_point
        end_line = max(end_row + (end_column > 0), line)
        return Definition(qualified, kind, _cut(detail), line, end_line, bases, entries)

    def _is_overload(self, node: Node, decorated: Node | None) -> bool:
        if decorated is None:
            return False
        return bool(_OVERLOAD.match(self.data, decorated.start_byte, node.start_byte))

    def _name(self, node: Node, role: str) -> str:
        named = node.child_by_field_name("name")
        if named is not None:
            text = self._text(named)
            text = text[1:] if self.language == "php" and text[:1] == "$" else text
            if text.isidentifier() and len(text) <= 120:
                return text
        if named is None and node.type == "impl_item":
            named = node.child_by_field_name("type")
        if named is None:
            named = node.child_by_field_name("left") or node.child_by_field_name("declarator")
        if named is None and node.type in ("property_identifier", "identifier"):
            named = node
        if named is None:
            named = next((c for c in node.named_children if c.type in _NAME_TYPES), None)
        while named is not None and named.type.endswith("declarator"):
            named = named.child_by_field_name("declarator") or named.child(0)
        if named is None:
            return ""
        text = self._text(named).split("<", 1)[0].strip().strip("'\"")
        text = text.removeprefix("$") if self.language == "php" else text
        if role in ("scope", "function") and not text.isidentifier():
            text = _QUALIFIER.split(text)[-1]
        return text if text and len(text) <= 120 and not _UNFIT.search(text) else ""

    def _go_receiver(self, node: Node) -> str:
        receiver = node.child_by_field_name("receiver")
        if receiver is None:
            return ""
        names = re.findall(r"\w+", self._text(receiver).split("[", 1)[0])
        return names[-1] if names else ""

    def _python_assignment(self, node: Node, role: str, owner: str) -> list[Definition]:
        targets, value = [node.child_by_field_name("left")], node.child_by_field_name("right")
        while value is not None and value.type == "assignment":
            targets.append(value.child_by_field_name("left"))
            value = value.child_by_field_name("right")
        annotation = node.child_by_field_name("type")
        if value is not None:
            detail = self._value(value)
        else:
            detail = f": {self._flat(annotation)}" if annotation is not None else ""
        line, end_line = node.start_point[0] + 1, node.end_point[0] + 1
        if node.type == "type_alias_statement":
            targets = [node.named_children[0].named_children[0]]
        names = [self._text(t) for t in targets if t is not None and t.type == "identifier"]
        entries = self._entries(value)
        return [
            Definition(
                f"{owner}.{n}" if owner else n, role, _cut(detail), line, end_line, (), entries
            )
            for n in names
        ]

    def _signature(self, node: Node) -> str:
        parameters = node.child_by_field_name("parameters")
        if parameters is None and self.language in ("c", "cpp"):
            declarator = node.child_by_field_name("declarator")
            while declarator is not None and declarator.type == "pointer_declarator":
                declarator = declarator.child_by_field_name("declarator")
            if declarator is not None:
                parameters = declarator.child_by_field_name("parameters")
        detail = self._flat(parameters) if parameters is not None else "()"
        detail = detail if detail.startswith("(") else f"({detail})"
        result = node.child_by_field_name("return_type") or node.child_by_field_name("result")
        if result is None:
            return detail
        text = self._flat(result).removeprefix(":").removeprefix("->").strip()
        return f"{detail} -> {text}" if text else detail

    def _bases(self, node: Node) -> tuple[tuple[str, ...], str]:
        parts: list[str] = []
        for child in node.named_children:
            if child.type in (
                "argument_list", "base_clause", "class_interface_clause", "class_heritage",
                "extends_type_clause", "extends_clause", "implements_clause", "superclass",
                "super_interfaces", "base_list", "trait_bounds", "delegation_specifiers",
                "extends_interfaces", "inheritance_specifier",
            ):  # fmt: skip
                parts.append(self._flat(child))
        text = ", ".join(parts)
        for word in ("extends ", "implements "):
            text = text.replace(word, ", " if text.find(word) > 0 else "")
        text = _COMMAS.sub(", ", text.strip("():<, ").strip())
        if not text:
            return (), ""
        plain = _ARGUMENTS.sub("", text)
        names = (m.group() for m in _CLASS_NAME.finditer(plain))
        bases = tuple(dict.fromkeys(_PARTS.split(n)[-1] for n in names))
        return tuple(b for b in bases if b), f"({text})"

    def _value(self, node: Node | None) -> str:
        return f"= {self._flat(node)}" if node is not None else ""

    def _entries(self, node: Node | None) -> tuple[str, ...]:
        if node is None or node.end_byte - node.start_byte > ENTRY_LIMIT_BYTES:
            return ()
        if not self._is_collection(node):
            return ()
        words = _IDENTIFIER.findall(self.data, node.start_byte, node.end_byte)
        return tuple(dict.fromkeys(w.decode() for w in words if len(w) > 2))[:400]

    def _is_collection(self, node: Node) -> bool:
        kind = node.type
        if kind in ("call", "call_expression"):
            return any(
                c.type in ("dictionary", "list", "tuple", "set", "array", "object")
                for child in node.named_children
                for c in child.named_children
            )
        return kind in (
            "dictionary", "list", "tuple", "set", "array", "object", "array_creation_expression",
            "hash", "composite_literal", "expression_list", "array_expression",
            "reference_expression", "initializer_expression", "as_expression",
            "satisfies_expression", "array_initializer",
        )  # fmt: skip

    def _text(self, node: Node) -> str:
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def _flat(self, node: Node | None) -> str:
        """The node's text on one line, with the spaces inside brackets closed up."""
        if node is None:
            return ""
        return self._flattened(self.data[node.start_byte : node.end_byte])

    def _flattened(self, raw: bytes) -> str:
        text = raw[:FLAT_LIMIT_BYTES].decode("utf-8", "replace")
        if "#" in text and "\n" in text and self.language == "python":
            text = _COMMENT.sub("", text)
        text = " ".join(text.split())
        if " " not in text or not any(map(text.__contains__, _SPACED)):
            return text
        return _BEFORE_CLOSING.sub(r"\1", _AFTER_OPENING.sub(r"\1", text))


def _has_no_address(language: str, node: Node, inside: str) -> bool:
    """Whether operations have no name for a definition: types and functions inside of functions,
    whatever stands in a function without a name, methods of an object that is no named value."""
    if inside == "function" and language in _WITHOUT_LOCALS:
        return True
    if language not in _SCRIPTS or node.start_point[1] == 0:
        return False
    if _in_callback(node):
        return True
    holder = node.parent
    if node.type != "method_definition" or holder is None or holder.type != "object":
        return False
    while holder is not None and holder.type in ("object", "as_expression", "satisfies_expression"):
        holder = holder.parent
    return holder is None or holder.type != "variable_declarator"


def _in_callback(node: Node) -> bool:
    around = node.parent
    while around is not None:
        if around.type in ("arrow_function", "function_expression"):
            holder = around.parent
            if holder is None or holder.type not in ("variable_declarator", "pair"):
                return True
        around = around.parent
    return False


def _cut(text: str) -> str:
    return text if len(text) <= DETAIL_LIMIT else text[: DETAIL_LIMIT - 3] + "..."


def _script_ranges(data: bytes) -> list[Range]:
    from tree_sitter import Range

    found = []
    for match in _SCRIPT.finditer(data):
        start, end = match.span(1)
        found.append(Range(_point(data, start), _point(data, end), start, end))
    return found


def _point(data: bytes, offset: int) -> tuple[int, int]:
    return data.count(b"\n", 0, offset), offset - (data.rfind(b"\n", 0, offset) + 1)


def _headings(data: bytes) -> tuple[Definition, ...]:
    # Fenced code is blanked, so that a shell comment is no heading.
    text = _FENCE.sub(lambda m: re.sub(rb"[^\n]", b" ", m.group()), data)
    found: dict[str, Definition] = {}
    for match in _HEADING.finditer(text):
        title = match.group(2).decode("utf-8", "replace")
        line = data.count(b"\n", 0, match.start()) + 1
        found.setdefault(title, Definition(title, "heading", "", line, line))
    return tuple(found.values())
