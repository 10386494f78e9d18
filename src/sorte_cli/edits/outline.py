"""What the operations can address in a file, by the very trees that resolve them."""

from __future__ import annotations

from collections.abc import Iterator

from sorte_cli.domain import Symbol
from sorte_cli.edits.addresses import print_address
from sorte_cli.edits.kinds import data_format, family_of
from sorte_cli.edits.model import Address, EditError
from sorte_cli.edits.source import SourceText, decode


def outline(path: str, data: bytes) -> tuple[Symbol, ...]:
    """The symbols of one file in its order: definitions of code, headings of Markdown.

    `detail` of a Python function is its parameters by name; empty for everything else. Kinds are
    those of `Symbol` for Python and what their trees call them elsewhere ("option", "rule", ...).
    Empty where nothing is named, and where the file is binary or does not parse.
    """
    try:
        source = decode(path, data)
        family = family_of(path)
        if family == "python":
            return tuple(_python(source))
        if family == "syntax":
            return tuple(_syntax(source))
        if data_format(path) == "markdown":
            return tuple(_markdown(source))
    except (EditError, RecursionError):
        return ()
    return ()


def _python(source: SourceText) -> Iterator[Symbol]:
    import libcst as cst

    from sorte_cli.edits.python.definitions import parameters_of
    from sorte_cli.edits.python.tree import parse_tree

    tree = parse_tree(source)
    for definition in tree.definitions:
        detail = ""
        if isinstance(definition.node, cst.FunctionDef):
            names = (p.name.value for p in parameters_of(definition.node.params))
            detail = f"({', '.join(names)})"
        span = tree.definition_span(definition, comments=False)
        yield _symbol(source, definition.qualified_name, definition.kind, detail, span)


def _syntax(source: SourceText) -> Iterator[Symbol]:
    from sorte_cli.edits.syntax.tree import parse

    for definition in parse(source).definitions:
        span = (definition.start, definition.end)
        yield _symbol(source, definition.qualified, definition.kind, "", span)


def _markdown(source: SourceText) -> Iterator[Symbol]:
    from sorte_cli.edits.data.markdown import sections

    for section in sections(source):
        yield _symbol(source, section.title, "heading", "", (section.start, section.end))


def _symbol(source: SourceText, name: str, kind: str, detail: str, span: tuple[int, int]) -> Symbol:
    start, end = span
    first, last = source.position(start)[0], source.position(max(start, end - 1))[0]
    return Symbol(print_address(Address(source.path, name)), kind, detail, first, last)
