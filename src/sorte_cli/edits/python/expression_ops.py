"""`replace_expression`: one expression for another, wherever in a statement it stands.

Expressions are compared by what they mean, so spaces, line breaks, quotes and redundant
parentheses do not matter. The standard library's tree is used: it says where each one stands.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from functools import lru_cache

from sorte_cli.edits.model import EditError, Operation, Resolution, SpanEdit
from sorte_cli.edits.python.tree import PythonTree, Span, for_parser
from sorte_cli.edits.registry import Project
from sorte_cli.edits.source import SourceText
from sorte_cli.edits.statements import select
from sorte_cli.edits.suggest import did_you_mean, nearest
from sorte_cli.texts import N_

_SHOWN = 5  # candidates named in a refusal
_NO_MEANING = frozenset(("ctx", "kind", "type_comment"))  # fields that do not tell two apart
_CHILDREN = frozenset(("JoinedStr", "TemplateStr"))  # what is inside has no places of its own


def replace_expression(operation: Operation, project: Project) -> Resolution:
    """Replace the only place where an expression stands in the file, the symbol or the statements
    that the address names. Parentheses are added where the new one would come apart without them.

    Raises EditError where it stands nowhere (with the nearest) or several times (with the lines).
    """
    tree = project.tree(operation.target.path)
    old, new = operation.get("old"), operation.get("new")
    wanted = _expression(old)
    _expression(new)
    low, high = _scope(operation, tree)
    source = tree.source
    every = [s for s in expression_places(source) if low <= s[1] and s[2] <= high]
    if operation.target.position:
        every = [s for s in expression_places(source) if s[1] <= low < s[2]]
    found = list(dict.fromkeys((s[1], s[2]) for s in every if _same(s[0], wanted)))
    if not found:
        raise EditError(
            f"{_where(operation)} has no expression {old!r}.", hint=_nearest(source, old, every)
        )
    if len(found) > 1:
        lines = [source.position(start)[0] for start, _ in found]
        shown = "; ".join(f"line {n}: {source.line_text(n).strip()[:60]}" for n in lines[:_SHOWN])
        more = f"; and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
        raise EditError(
            f"The expression {old!r} stands {len(found)} times in {_where(operation)}.",
            hint=f"Name the statement (#k) or take more of it. Candidates: {shown}{more}.",
        )
    start, end = found[0]
    edit = SpanEdit(source.path, start, end, _fitting(tree, start, end, new))
    line = source.position(start)[0]
    return Resolution((edit,), f"Replaced an expression in {source.path}, line {line}.")


def _expression(text: str) -> ast.expr:
    """The tree of an expression. Raises EditError for anything else."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(f"({text}\n)", mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise EditError(
                f"{text!r} is not an expression.",
                hint="Write: replace_expression PATH::SYMBOL#k OLD with NEW",
            ) from None


def _scope(operation: Operation, tree: PythonTree) -> Span:
    """[start, end) of what the address names."""
    target = operation.target
    if target.position:
        offset = tree.source.offset(*target.position)
        return offset, offset
    definition = tree.find(target.symbol) if target.symbol else None
    if target.statements:
        chosen = select(tree, definition, target.statements)
        first = tree.statement_span(chosen[0].node, comments=False)[0]
        return first, tree.statement_span(chosen[-1].node, comments=False)[1]
    if definition is not None:
        return tree.definition_span(definition, comments=False)
    return 0, len(tree.source.text)


def _where(operation: Operation) -> str:
    from sorte_cli.edits.addresses import print_address

    return print_address(operation.target)


@lru_cache(maxsize=8)
def expression_places(source: SourceText) -> tuple[tuple[ast.expr, int, int], ...]:
    """Every expression of a file with its [start, end), in the order of the file."""
    text, dropped = for_parser(source.text)
    if dropped or "\f" in text:
        raise EditError(
            f"{source.path} has line ends or form feeds that hide where expressions stand.",
            hint="Use replace_statement or replace_text.",
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            module = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise EditError(f"{source.path} does not parse.") from error
    starts = source.line_starts
    lines = text.split("\n")

    def offset(line: int, column: int) -> int:
        row = lines[line - 1]
        return starts[line - 1] + (
            column if row.isascii() else len(row.encode()[:column].decode("utf-8", "replace"))
        )

    return tuple(
        (
            node,
            offset(node.lineno, node.col_offset),
            offset(node.end_lineno or node.lineno, node.end_col_offset or 0),
        )
        for node in _expressions(module)
    )


def _expressions(module: ast.Module) -> Iterator[ast.expr]:
    waiting: list[ast.AST] = [module]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.expr):
            yield node
        if type(node).__name__ not in _CHILDREN:
            waiting.extend(reversed(list(ast.iter_child_nodes(node))))


def _same(one: object, other: object) -> bool:
    """Whether two trees mean the same."""
    if isinstance(one, ast.AST):
        return type(one) is type(other) and all(
            _same(getattr(one, name, None), getattr(other, name, None))
            for name in one._fields
            if name not in _NO_MEANING
        )
    if isinstance(one, list):
        return (
            isinstance(other, list)
            and len(one) == len(other)
            and all(_same(a, b) for a, b in zip(one, other, strict=True))
        )
    return type(one) is type(other) and one == other


def _fitting(tree: PythonTree, start: int, end: int, new: str) -> str:
    """`new`, in parentheses where its surroundings would pull it apart."""
    text = tree.source.text
    low, high = 0, len(text)
    for statement in tree.module.body:
        first, last = tree.statement_span(statement)
        if first <= start and end <= last:
            low, high = first, last
            break
    bare = _meaning(f"{text[low:start]}{new}{text[end:high]}")
    held = _meaning(f"{text[low:start]}({new}){text[end:high]}")
    if held is None or bare == held:
        return new
    return f"({new})"


def _meaning(code: str) -> str | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.dump(ast.parse(code))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _nearest(source: SourceText, old: str, every: list[tuple[ast.expr, int, int]]) -> str:
    texts = {source.text[start:end]: start for _, start, end in every if end - start < 200}
    close = nearest(old, texts)
    if not close:
        return N_("Write it as it stands there, or use replace_statement.")
    return did_you_mean(close)
