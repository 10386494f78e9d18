"""A parsed Python file: where every node stands in the text, and what each name defines.

libcst gives the nodes; this module gives each of them its character offsets in the file as it is
(any line endings), finds definitions by qualified name, and says what was nearest on a miss.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import libcst as cst
from libcst.metadata import MetadataWrapper

from sorte_cli.edits.checks import compile_error
from sorte_cli.edits.model import Address, EditError
from sorte_cli.edits.python.offsets import node_spans
from sorte_cli.edits.python.parsing import parse_module, too_deep
from sorte_cli.edits.source import SourceText, is_python
from sorte_cli.edits.suggest import did_you_mean, nearest

if TYPE_CHECKING:
    from sorte_cli.edits.model import SpanEdit

Span = tuple[int, int]
Suite = cst.Module | cst.IndentedBlock | cst.SimpleStatementSuite
ValueNode = cst.Assign | cst.AnnAssign | cst.TypeAlias
DefinitionNode = cst.FunctionDef | cst.ClassDef | ValueNode

_REMEMBERED_LIMIT = 200_000  # characters; a tree takes about a hundred times its text
_LEADING_FORM_FEED = re.compile(r"(?m)^[ \t]*(\f+)")
_SPECIAL_COMMENT = re.compile(r"#!|#.*?coding[:=]")


@dataclass(frozen=True, eq=False)
class Definition:
    """A name that a statement of the file binds: class, function, constant or field.

    `kind` is "class", "function", "method", "constant" or "field". `node` is the definition,
    `statement` the whole statement it stands in (the same node for classes and functions), `suite`
    the body that holds the statement. `conditional` is true inside `if`, `try` and the like.
    """

    qualified_name: str
    kind: str
    node: DefinitionNode
    statement: cst.BaseStatement | cst.BaseSmallStatement
    name_node: cst.Name
    suite: Suite
    parent: Definition | None
    conditional: bool

    @property
    def name(self) -> str:
        return self.name_node.value

    @property
    def value(self) -> cst.BaseExpression | None:
        """What a constant or field is set to; None for a bare annotation and for other kinds."""
        if isinstance(self.node, cst.Assign | cst.AnnAssign | cst.TypeAlias):
            return self.node.value
        return None


class PythonTree:
    """One Python file, parsed once. Offsets are characters of `source.text`."""

    def __init__(self, source: SourceText, module: cst.Module, dropped: Sequence[int]) -> None:
        self.source = source
        self.module = module
        self._dropped = dropped

    @property
    def path(self) -> str:
        return self.source.path

    @cached_property
    def wrapper(self) -> MetadataWrapper:
        """For libcst's own metadata (scopes, parents); its nodes are those of `module`."""
        return MetadataWrapper(self.module, unsafe_skip_copy=True)

    @cached_property
    def _spans(self) -> dict[cst.CSTNode, Span]:
        try:
            spans, text = node_spans(self.module)
        except RecursionError as error:
            raise too_deep(self.path) from error
        if text != self._parsed_text:
            raise EditError(
                f"{self.path} cannot be represented exactly as a syntax tree.",
                hint="Use replace_text for this file.",
            )
        return spans

    @property
    def _parsed_text(self) -> str:
        return for_parser(self.source.text)[0]

    def _original(self, offset: int) -> int:
        return offset + bisect_right(self._dropped, offset) if self._dropped else offset

    def span(self, node: cst.CSTNode) -> Span:
        """[start, end) of a node's own code: without the space and comments around it, without
        the decorators of a definition (see `definition_span`).
        """
        start, end = self._spans[node]
        return self._original(start), min(self._original(end), len(self.source.text))

    def outer_span(self, node: cst.CSTNode) -> Span:
        """Like `span`, with the parentheses that stand around an expression."""
        start, end = self.span(node)
        if lpar := getattr(node, "lpar", None):
            start, end = self.span(lpar[0])[0], self.span(node.rpar[-1])[1]  # type: ignore[attr-defined]
        return start, end

    def text(self, node: cst.CSTNode) -> str:
        """A node's own code as it stands in the file."""
        start, end = self.span(node)
        return self.source.text[start:end]

    def line(self, node: cst.CSTNode) -> int:
        """The 1-based line where a node's own code begins."""
        return self.source.position(self.span(node)[0])[0]

    # --- definitions -------------------------------------------------------------------------

    @cached_property
    def definitions(self) -> tuple[Definition, ...]:
        """Every definition in the order of the file, names inside functions only where they are
        functions or classes themselves.
        """
        return tuple(_definitions(self.module, self.module.body, None, conditional=False))

    @cached_property
    def _by_name(self) -> dict[str, list[Definition]]:
        found: dict[str, list[Definition]] = {}
        for definition in self.definitions:
            found.setdefault(definition.qualified_name, []).append(definition)
        return found

    def find_all(self, qualified_name: str) -> list[Definition]:
        """Every definition of a name, in the order of the file; empty where there is none."""
        return list(self._by_name.get(qualified_name, ()))

    def find(self, qualified_name: str) -> Definition:
        """The definition of `PixPayment.charge`.

        Of overloads it is the implementation, of a bare annotation and an assignment the
        assignment, of a property the getter. Raises EditError where there is none (with the
        nearest names) or where several remain (with their lines).
        """
        found = self._by_name.get(qualified_name, [])
        if not found:
            names = nearest(qualified_name, self._by_name)
            raise EditError(
                f"{self.path} has no symbol {qualified_name!r}.", hint=did_you_mean(names)
            )
        chosen = _narrow(found)
        if len(chosen) > 1:
            lines = ", ".join(str(self.line(d.name_node)) for d in chosen)
            line, column = self.source.position(self.span(chosen[0].name_node)[0])
            raise EditError(
                f"{self.path} defines {qualified_name!r} {len(chosen)} times (lines {lines}).",
                hint=f"Name one by its place, for example {self.path}@{line}:{column}.",
            )
        return chosen[0]

    def at(self, line: int, column: int) -> Definition:
        """The definition whose name stands at a 1-based line and column, or the only one that a
        plain name standing there can mean. Raises EditError where there is none.
        """
        offset = self.source.offset(line, column)
        for definition in self.definitions:
            start, end = self.span(definition.name_node)
            if start <= offset < end:
                return definition
        word = self._word_at(offset)
        found = [d for d in self.definitions if d.name == word and d.parent is None]
        if len(found) == 1:
            return found[0]
        raise EditError(f"No symbol of {self.path} has its name at line {line}, column {column}.")

    def _word_at(self, offset: int) -> str:
        for match in re.finditer(r"\w+", self.source.text):
            if match.start() <= offset < match.end():
                return match.group()
        return ""

    def resolve(self, address: Address) -> Definition:
        """The definition an address means, by name or by place."""
        if address.position:
            return self.at(*address.position)
        return self.find(address.symbol)

    def function(self, address: Address) -> tuple[Definition, cst.FunctionDef]:
        """The function an address means. Raises EditError where it is something else."""
        definition = self.resolve(address)
        if not isinstance(definition.node, cst.FunctionDef):
            raise EditError(
                f"{self.path}::{definition.qualified_name} is a {definition.kind}, not a function."
            )
        return definition, definition.node

    def parameter(self, function: cst.FunctionDef, name: str) -> cst.Param:
        """A parameter by name (`args` for `*args`). Raises EditError with the nearest names."""
        parameters = list(parameters_of(function.params))
        for parameter in parameters:
            if parameter.name.value == name:
                return parameter
        names = nearest(name, (p.name.value for p in parameters))
        raise EditError(
            f"{self.path}::{function.name.value} has no parameter {name!r}.",
            hint=did_you_mean(names)
            or f"It has: {', '.join(p.name.value for p in parameters) or 'no parameters'}.",
        )

    # --- places ------------------------------------------------------------------------------

    def definition_span(self, definition: Definition, *, comments: bool = True) -> Span:
        """[start, end) of whole lines: decorators, body, and comments that touch it from above.

        A definition that shares its line with others (`a = 1; b = 2`) has no lines of its own:
        the whole line is returned.
        """
        return self.statement_span(definition.statement, comments=comments)

    def statement_span(self, statement: cst.CSTNode, *, comments: bool = True) -> Span:
        """[start, end) of the whole lines of a statement, its line ending included; comments at
        the end of its body that are indented more than itself belong to it.
        """
        start = self.span(statement)[0]
        if isinstance(statement, cst.FunctionDef | cst.ClassDef) and statement.decorators:
            start = self.span(statement.decorators[0])[0]
        end = self.source.line_end(max(start, self.span(last_node(statement))[1]))
        if isinstance(statement, cst.BaseCompoundStatement):
            end = self._with_footer(end, self.indent_at(start))
        start = self.source.line_start(start)
        return (self._with_comments(statement, start) if comments else start), end

    def _with_footer(self, end: int, indent: str) -> int:
        text = self.source.text
        position = end
        while position < len(text):
            line_end = self.source.line_end(position)
            line = text[position:line_end]
            if line.strip():
                if not re.match(rf"{re.escape(indent)}[ \t]+#", line):
                    break
                end = line_end
            position = line_end
        return end

    def _with_comments(self, statement: cst.CSTNode, start: int) -> int:
        owned = list(getattr(statement, "leading_lines", ()))
        if self.module.body and statement is self.module.body[0]:
            owned = [*self.module.header, *owned]
        indent = self.indent_at(start)
        first_line = self.source.position(start)[0]
        for empty in reversed(owned):
            text = self.source.line_text(first_line - 1) if first_line > 1 else ""
            same_indent = text.startswith(indent + "#")
            if empty.comment is None or not same_indent or _SPECIAL_COMMENT.match(text):
                break
            first_line -= 1
        return self.source.line_starts[first_line - 1]

    def indent_at(self, offset: int) -> str:
        """The white space at the beginning of the line of an offset."""
        start = self.source.line_start(offset)
        match = re.compile(r"[ \t\f]*").match(self.source.text, start)
        return match.group() if match else ""

    @property
    def indent_unit(self) -> str:
        """One level of this file's indentation."""
        return self.module.default_indent

    def unit_at(self, indent: str) -> str:
        """One level of indentation at a place whose own indentation is `indent`: files that mix
        tabs and spaces go on with what stands there.
        """
        unit = self.indent_unit
        if indent and ("\t" in indent) != ("\t" in unit):
            return "\t" if "\t" in indent else "    "
        return unit

    def enclosing_indent(self, suite: Suite) -> str:
        """The indentation of the statements of a body."""
        if isinstance(suite, cst.Module):
            return ""
        return self.indent_at(self.span(suite.body[0])[0]) if suite.body else ""


def parse_tree(source: SourceText) -> PythonTree:
    """Parse a Python file. The last few small ones are remembered: a run looks at the same files
    again and again, for its prompts, its operations and its repairs.

    Raises EditError where it is no Python file, where Python could not decode it, or where it has
    a syntax error (with its place).
    """
    return _remembered(source) if len(source.text) < _REMEMBERED_LIMIT else _parse(source)


@lru_cache(maxsize=8)
def _remembered(source: SourceText) -> PythonTree:
    return _parse(source)


def _parse(source: SourceText) -> PythonTree:
    if not is_python(source.path):
        raise EditError(
            f"{source.path} is not a Python file.", hint="Use replace_text for other files."
        )
    if not source.python_can_read:
        raise EditError(
            f"{source.path} is not valid UTF-8 and has no coding cookie, so Python cannot read it.",
            hint="Only text operations (replace_text) work on it.",
        )
    text, dropped = for_parser(source.text)
    try:
        module = parse_module(text, source.path)
    except cst.ParserSyntaxError as error:
        # Python's own words are better than the parser's, unless it is only older than the file.
        place = f"line {error.raw_line}: {error.message}"
        raise EditError(
            f"{source.path} has a syntax error at {compile_error(source.text, '') or place}",
            hint="Operations on its syntax need a file that parses; replace_text works.",
        ) from error
    return PythonTree(source, module, dropped)


def for_parser(text: str) -> tuple[str, list[int]]:
    """Text in the only form that libcst gives back exactly: "\\n" lines, no form feed before code.

    Also the offsets (in the result) before which a character was left out.
    """
    if "\r" not in text and "\f" not in text:
        return text, []
    holes = [
        match.start(1) + i
        for match in _LEADING_FORM_FEED.finditer(text)
        for i in range(len(match.group(1)))
    ]
    holes += [match.end() - 1 for match in re.finditer(r"\r\n", text)]
    holes.sort()
    kept: list[str] = []
    last = 0
    for hole in holes:
        kept.append(text[last:hole])
        last = hole + 1
    kept.append(text[last:])
    return "".join(kept).replace("\r", "\n"), [hole - i for i, hole in enumerate(holes)]


def parameters_of(parameters: cst.Parameters) -> Iterator[cst.Param]:
    """Every parameter in order, `*args` and `**kwargs` included."""
    yield from parameters.posonly_params
    yield from parameters.params
    if isinstance(parameters.star_arg, cst.Param):
        yield parameters.star_arg
    yield from parameters.kwonly_params
    if parameters.star_kwarg is not None:
        yield parameters.star_kwarg


def suites_of(statement: cst.CSTNode) -> Iterator[cst.BaseSuite]:
    """The bodies of a compound statement in the order of the file."""
    body = getattr(statement, "body", None)
    if isinstance(body, cst.BaseSuite):
        yield body
    if isinstance(statement, cst.Match):
        for case in statement.cases:
            yield case.body
    if isinstance(statement, cst.Try | cst.TryStar):
        for handler in statement.handlers:
            yield handler.body
    orelse = getattr(statement, "orelse", None)
    while isinstance(orelse, cst.If):  # `elif`: a loop, for chains are longer than the stack
        yield orelse.body
        orelse = orelse.orelse
    if isinstance(orelse, cst.Else):
        yield orelse.body
    finalbody = getattr(statement, "finalbody", None)
    if isinstance(finalbody, cst.Finally):
        yield finalbody.body


def last_node(statement: cst.CSTNode) -> cst.CSTNode:
    """The innermost statement that ends where `statement` ends (blank lines and comments after it
    belong to libcst's block, not to the statement).
    """
    suites = list(suites_of(statement))
    if not suites or not suites[-1].body:
        return statement
    return last_node(suites[-1].body[-1])


def _narrow(found: list[Definition]) -> list[Definition]:
    """Drop definitions that only announce or extend another one of the same name."""
    if len(found) == 1:
        return found
    with_value = [d for d in found if not (isinstance(d.node, cst.AnnAssign) and d.value is None)]
    if 0 < len(with_value) < len(found):
        return _narrow(with_value)
    functions = [d.node for d in found if isinstance(d.node, cst.FunctionDef)]
    if len(functions) == len(found):
        plain = [
            d
            for d in found
            if not ({"overload", "setter", "deleter"} & set(_decorator_names(d.node)))
        ]
        return plain or found
    return found


def _decorator_names(node: cst.CSTNode) -> Iterator[str]:
    for decorator in getattr(node, "decorators", ()):
        expression = decorator.decorator
        if isinstance(expression, cst.Call):
            expression = expression.func
        if isinstance(expression, cst.Attribute):
            yield expression.attr.value
        elif isinstance(expression, cst.Name):
            yield expression.value


def _definitions(
    suite: Suite,
    body: Sequence[cst.CSTNode],
    parent: Definition | None,
    *,
    conditional: bool,
) -> Iterator[Definition]:
    for statement in body:
        if isinstance(statement, cst.SimpleStatementLine):
            for small in statement.body:
                yield from _values(small, statement, suite, parent, conditional)
        elif isinstance(statement, cst.BaseSmallStatement):
            yield from _values(statement, statement, suite, parent, conditional)
        elif isinstance(statement, cst.FunctionDef | cst.ClassDef):
            definition = Definition(
                _qualify(parent, statement.name.value),
                _kind(statement, parent),
                statement,
                statement,
                statement.name,
                suite,
                parent,
                conditional,
            )
            yield definition
            yield from _inner(statement.body, definition, conditional=False)
        else:
            for inner in suites_of(statement):
                yield from _inner(inner, parent, conditional=True)


def _inner(
    suite: cst.BaseSuite, parent: Definition | None, *, conditional: bool
) -> Iterator[Definition]:
    if isinstance(suite, cst.IndentedBlock | cst.SimpleStatementSuite):
        yield from _definitions(suite, suite.body, parent, conditional=conditional)


def _values(
    small: cst.CSTNode,
    statement: cst.SimpleStatementLine | cst.BaseSmallStatement,
    suite: Suite,
    parent: Definition | None,
    conditional: bool,
) -> Iterator[Definition]:
    if parent is not None and not isinstance(parent.node, cst.ClassDef):
        return  # a local variable
    if not isinstance(small, cst.Assign | cst.AnnAssign | cst.TypeAlias):
        return
    kind = "constant" if parent is None else "field"
    for name in _bound_names(small):
        qualified = _qualify(parent, name.value)
        yield Definition(qualified, kind, small, statement, name, suite, parent, conditional)


def _bound_names(node: ValueNode) -> Iterator[cst.Name]:
    if isinstance(node, cst.TypeAlias):
        yield node.name
    elif isinstance(node, cst.AnnAssign):
        if isinstance(node.target, cst.Name):
            yield node.target
    else:
        for target in node.targets:
            yield from _names_in_target(target.target)


def _names_in_target(target: cst.BaseExpression) -> Iterator[cst.Name]:
    if isinstance(target, cst.Name):
        yield target
    elif isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            yield from _names_in_target(element.value)


def _qualify(parent: Definition | None, name: str) -> str:
    return f"{parent.qualified_name}.{name}" if parent else name


def _kind(node: cst.FunctionDef | cst.ClassDef, parent: Definition | None) -> str:
    if isinstance(node, cst.ClassDef):
        return "class"
    return "method" if parent and isinstance(parent.node, cst.ClassDef) else "function"


def replace_node(tree: PythonTree, node: cst.CSTNode, text: str) -> SpanEdit:
    """The edit that puts `text` in the place of a node's own code."""
    from sorte_cli.edits.model import SpanEdit

    start, end = tree.span(node)
    return SpanEdit(tree.path, start, end, text)
