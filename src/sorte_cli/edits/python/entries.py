"""Entries of a dict, list, set, tuple or call: adding and removing one in the layout that is there.

One-line containers stay on one line, others get a line an entry; trailing commas and the kind of
quotes are kept as they are.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from sorte_cli.edits.model import EditError, SpanEdit
from sorte_cli.edits.python.tree import PythonTree, Span

ContainerNode = cst.Dict | cst.List | cst.Set | cst.Tuple | cst.Call
ElementNode = cst.BaseDictElement | cst.BaseElement | cst.Arg

_BRACKETS = {cst.Dict: "{}", cst.Set: "{}", cst.List: "[]", cst.Tuple: "()", cst.Call: "()"}
_EMPTY_CALLS = frozenset(("dict", "list", "set", "tuple", "frozenset"))


@dataclass(frozen=True, eq=False)
class Container:
    """A literal (or a call with keywords only, like `dict(a=1)`) whose entries can be edited."""

    tree: PythonTree
    node: ContainerNode

    @property
    def elements(self) -> Sequence[ElementNode]:
        return self.node.args if isinstance(self.node, cst.Call) else self.node.elements

    @property
    def kind(self) -> str:
        return "call" if isinstance(self.node, cst.Call) else type(self.node).__name__.lower()

    @property
    def bracketed(self) -> bool:
        return not isinstance(self.node, cst.Tuple) or bool(self.node.lpar)

    @property
    def outer(self) -> Span:
        """[start, end) with its brackets."""
        return self.tree.outer_span(self.node)

    @property
    def inner(self) -> Span:
        """[start, end) between its brackets."""
        start, end = self.outer
        if isinstance(self.node, cst.Call):
            return self.tree.span(self.node.whitespace_before_args)[0], end - 1
        if isinstance(self.node, cst.Tuple):
            return (start + 1, end - 1) if self.bracketed else (start, end)
        inside = self.tree.span(self.node)
        return inside[0] + 1, inside[1] - 1

    def element_span(self, element: ElementNode) -> Span:
        """[start, end) of an entry without its comma."""
        if isinstance(element, cst.DictElement):
            return self.tree.outer_span(element.key)[0], self.tree.outer_span(element.value)[1]
        if isinstance(element, cst.Element):
            return self.tree.outer_span(element.value)
        start = self.tree.span(element)[0]
        if isinstance(element, cst.Arg) and element.keyword is not None:
            start = self.tree.span(element.keyword)[0]
        return start, self.tree.outer_span(element.value)[1]

    def comma_end(self, element: ElementNode) -> int | None:
        """The offset behind an entry's comma; None where it has none."""
        if not isinstance(element.comma, cst.Comma):
            return None
        return self.tree.span(element.comma.whitespace_before)[1] + 1

    def key(self, element: ElementNode) -> cst.BaseExpression | None:
        """What identifies an entry: a dict's key, a keyword, or the value itself."""
        if isinstance(element, cst.DictElement):
            return element.key
        if isinstance(element, cst.Arg):
            return element.keyword
        return element.value if isinstance(element, cst.Element) else None

    def on_own_line(self, element: ElementNode) -> bool:
        """Whether nothing but space stands before an entry on its line."""
        start = self.element_span(element)[0]
        return not self.tree.source.text[self.tree.source.line_start(start) : start].strip()

    # --- adding ------------------------------------------------------------------------------

    def insert(self, entry: str, index: int | None = None) -> list[SpanEdit]:
        """The edits that add `entry`, last or before the entry at `index`."""
        if not self.elements:
            return [self._insert_first(entry)]
        if index is not None and index < len(self.elements):
            return [self._insert_before(self.elements[index], entry)]
        return self._append(entry)

    def _edit(self, start: int, end: int, text: str) -> SpanEdit:
        return SpanEdit(self.tree.path, start, end, text)

    def _insert_first(self, entry: str) -> SpanEdit:
        start, end = self.inner
        source = self.tree.source
        inside = source.text[start:end]
        comma = "," if isinstance(self.node, cst.Tuple) else ""
        if "\n" not in inside and "\r" not in inside:
            return self._edit(start, end, entry + comma)
        closing = source.line_start(end)
        outer = self.tree.indent_at(self.outer[0])
        comment = self.tree.indent_at(closing - 1) if inside.strip() else ""
        indent = comment or outer + self.tree.unit_at(outer)
        return self._edit(closing, closing, f"{indent}{entry},\n")

    def _insert_before(self, element: ElementNode, entry: str) -> SpanEdit:
        start = self.element_span(element)[0]
        if self.on_own_line(element):
            indent = self.tree.indent_at(start)
            return self._edit(start, start, f"{entry},\n{indent}")
        return self._edit(start, start, f"{entry}, ")

    def _append(self, entry: str) -> list[SpanEdit]:
        last = self.elements[-1]
        end = self.element_span(last)[1]
        comma = self.comma_end(last)
        closing = self.inner[1]
        source = self.tree.source
        if not self.on_own_line(last) or not self.bracketed or not self._many_lines():
            if comma is None:
                return [self._edit(end, end, f", {entry}")]
            alone = isinstance(self.node, cst.Tuple) and len(self.elements) == 1
            return [self._edit(comma, comma, f" {entry}" if alone else f" {entry},")]
        indent = self.tree.indent_at(self.element_span(last)[0])
        if source.line_start(closing) == source.line_start(comma or end):
            if comma is None:
                return [self._edit(end, end, f",\n{indent}{entry}")]
            return [self._edit(comma, comma, f"\n{indent}{entry},")]
        line = source.position(comma or end)[0]
        place = source.line_content_end(line)  # behind a comment on the last entry's line
        if comma is None:
            return [self._edit(end, end, ","), self._edit(place, place, f"\n{indent}{entry}")]
        return [self._edit(place, place, f"\n{indent}{entry},")]

    def _many_lines(self) -> bool:
        source = self.tree.source
        return source.line_start(self.outer[0]) != source.line_start(self.outer[1])

    # --- removing ----------------------------------------------------------------------------

    def remove(self, index: int) -> list[SpanEdit]:
        """The edits that take the entry at `index` out."""
        if len(self.elements) == 1:
            return [self._empty()]
        element = self.elements[index]
        start, end = self.element_span(element)
        comma = self.comma_end(element)
        last = index == len(self.elements) - 1
        if self._has_lines_of_its_own(index):
            source = self.tree.source
            lines = self._edit(source.line_start(start), source.line_end(comma or end), "")
            if not last or comma is not None:
                return self._keep_tuple(index, [lines])
            before = self.comma_end(self.elements[index - 1])
            assert before is not None
            return self._keep_tuple(index, [self._edit(before - 1, before, ""), lines])
        if last:
            previous = self.element_span(self.elements[index - 1])[1]
            return self._keep_tuple(index, [self._edit(previous, end, "")])
        following = self.element_span(self.elements[index + 1])[0]
        return self._keep_tuple(index, [self._edit(start, following, "")])

    def _keep_tuple(self, index: int, edits: list[SpanEdit]) -> list[SpanEdit]:
        """A tuple of one needs its comma."""
        if not isinstance(self.node, cst.Tuple) or len(self.elements) != 2:
            return edits
        left = self.elements[1 - index]
        if index == 0 and self.comma_end(left) is None:
            end = self.element_span(left)[1]
            return [*edits, self._edit(end, end, ",")]
        if index == 1 and self.comma_end(self.elements[1]) is None:
            comma = self.comma_end(left)
            end = self.element_span(self.elements[1])[1]
            return [self._edit(comma or end, end, "")]
        return edits

    def _has_lines_of_its_own(self, index: int) -> bool:
        source = self.tree.source
        element = self.elements[index]
        if not self.on_own_line(element):
            return False
        line_end = source.line_end(self.comma_end(element) or self.element_span(element)[1])
        if index + 1 < len(self.elements):
            return self.element_span(self.elements[index + 1])[0] >= line_end
        return self.inner[1] >= line_end

    def _empty(self) -> SpanEdit:
        if isinstance(self.node, cst.Set):
            return self._edit(*self.outer, "set()")
        if isinstance(self.node, cst.Tuple) and not self.bracketed:
            return self._edit(*self.outer, "()")
        return self._edit(*self.inner, "")


def container_of(tree: PythonTree, value: cst.BaseExpression | None) -> Container | None:
    """The container that a value is or wraps (`frozenset({...})`); None where there is none, or
    more than one.
    """
    if isinstance(value, cst.Dict | cst.List | cst.Set | cst.Tuple):
        return Container(tree, value)
    if not isinstance(value, cst.Call):
        return None
    if value.args and all(a.keyword is not None for a in value.args) and called(value) == "dict":
        return Container(tree, value)
    found = [
        inner
        for argument in value.args
        if argument.star == "" and (inner := container_of(tree, _argument(argument))) is not None
    ]
    return found[0] if len(found) == 1 else None


def _argument(argument: cst.Arg) -> cst.BaseExpression:
    # field(default_factory=lambda: [...])
    value = argument.value
    return value.body if isinstance(value, cst.Lambda) else value


def called(call: cst.Call) -> str:
    """The last part of the name that is called."""
    function = call.func
    if isinstance(function, cst.Attribute):
        return function.attr.value
    return function.value if isinstance(function, cst.Name) else ""


def empty_call(value: cst.BaseExpression | None) -> str:
    """`set` for `set()` and the like; empty for anything else."""
    if isinstance(value, cst.Call) and not value.args and isinstance(value.func, cst.Name):
        return value.func.value if value.func.value in _EMPTY_CALLS else ""
    return ""


def identity(expression: cst.BaseExpression | None) -> object:
    """What makes two keys the same: their meaning, whatever quotes and spaces they have."""
    if expression is None:
        return None
    if isinstance(expression, cst.SimpleString | cst.ConcatenatedString):
        return expression.evaluated_value
    code = cst.Module(()).code_for_node(expression)
    try:
        return ("expression", ast.dump(ast.parse(f"({code})", mode="eval")))
    except (SyntaxError, ValueError, RecursionError):
        return ("code", "".join(code.split()))  # syntax newer than this interpreter


def like_quotes(text: str, expression: cst.BaseExpression, others: Sequence[cst.CSTNode]) -> str:
    """`text` with the quotes that all string literals among `others` have, where `expression` is a
    plain string that can have them too.
    """
    if not isinstance(expression, cst.SimpleString) or expression.quote not in ("'", '"'):
        return text
    quotes = {q for node in others for q in _quotes_in(node)}
    if len(quotes) != 1:
        return text
    quote = quotes.pop()
    content = expression.raw_value
    if quote == expression.quote or any(c in content for c in "'\"\\"):
        return text
    return f"{expression.prefix}{quote}{content}{quote}"


def _quotes_in(node: cst.CSTNode) -> list[str]:
    if isinstance(node, cst.SimpleString):
        return [node.quote] if node.quote in ("'", '"') else []
    return [quote for child in node.children for quote in _quotes_in(child)]


def refuse_existing(container: Container, key: cst.BaseExpression, name: str) -> None:
    """Raise EditError where an entry of that key or value is there already."""
    wanted = identity(key)
    for element in container.elements:
        found = container.key(element)
        if found is not None and identity(found) == wanted:
            raise EditError(
                f"{name} already has the entry {container.tree.text(element)} "
                f"(line {container.tree.line(found)}).",
                hint="Remove it first with remove_entry, or choose another key.",
            )
