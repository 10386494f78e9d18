"""A parsed Python file: where every node stands in the text, and what each name defines.

libcst gives the nodes; this module gives each of them its character offsets in the file as it is
(any line endings), finds definitions by qualified name, and says what was nearest on a miss.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property, lru_cache

import libcst as cst
from libcst.metadata import MetadataWrapper

from sorte_cli.edits.checks import compile_error
from sorte_cli.edits.model import Address, EditError
from sorte_cli.edits.python.definitions import (
    Definition,
    Suite,
    definitions_in,
    last_node,
    narrow,
    parameters_of,
)
from sorte_cli.edits.python.offsets import node_spans
from sorte_cli.edits.python.parsing import parse_module, too_deep
from sorte_cli.edits.source import SourceText, is_python
from sorte_cli.edits.suggest import did_you_mean, nearest

__all__ = ["Definition", "PythonTree", "Span", "Suite", "for_parser", "parameters_of", "parse_tree"]

Span = tuple[int, int]

_REMEMBERED_LIMIT = 200_000  # characters; a tree takes about a hundred times its text
_LEADING_FORM_FEED = re.compile(r"(?m)^[ \t]*(\f+)")
_SPECIAL_COMMENT = re.compile(r"#!|#.*?coding[:=]")


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
        if text != (parsed := for_parser(self.source.text)[0]):
            lost = _lost_blanks(parsed, text)
            if lost is None:
                raise EditError(
                    f"{self.path} cannot be represented exactly as a syntax tree.",
                    hint="Use replace_text for this file.",
                )
            before = (offset - bisect_left(lost, offset) for offset in self._dropped)
            after = (offset - number for number, offset in enumerate(lost))
            self._dropped = sorted((*before, *after))
        return spans

    def span(self, node: cst.CSTNode) -> Span:
        """[start, end) of a node's own code: without the space and comments around it, without
        the decorators of a definition (see `definition_span`).
        """
        start, end = self._spans[node]
        if not self._dropped:
            return start, end
        first = start + bisect_right(self._dropped, start)
        return first, max(first, end + bisect_left(self._dropped, end))

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
        return tuple(definitions_in(self.module, self.module.body, None, conditional=False))

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
            shown = ", ".join(list(self._by_name)[:10]) or "nothing that has a name"
            raise EditError(
                f"{self.path} has no symbol {qualified_name!r}.",
                hint=did_you_mean(names) or f"It has: {shown}.",
            )
        chosen = narrow(found)
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
        # Python's own words are better than the parser's. Where Python finds nothing wrong, it is
        # one of the few things that libcst does not read, such as `(x): int`.
        place = f"line {error.raw_line}: {error.message}"
        wrong = compile_error(source.text, "")
        what = f"a syntax error at {wrong}" if wrong else f"syntax that is not supported ({place})"
        raise EditError(
            f"{source.path} has {what}.",
            hint="Operations on its syntax need a file that parses; replace_text works.",
        ) from error
    return PythonTree(source, module, dropped)


def _lost_blanks(text: str, generated: str) -> list[int] | None:
    """Offsets of the blanks of `text` that libcst does not give back, as in `except KeyError :`.

    None where it differs in more than blanks.
    """
    lost: list[int] = []
    for offset, character in enumerate(text):
        if generated[offset - len(lost) : offset - len(lost) + 1] == character:
            continue
        if character not in " \t":
            return None
        lost.append(offset)
    return lost if len(generated) + len(lost) == len(text) else None


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
