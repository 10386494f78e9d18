"""Operations on what surrounds a body: return annotation, decorators, docstring."""

from __future__ import annotations

import libcst as cst

from sorte_cli.edits.model import EditError, Operation, Resolution, SpanEdit
from sorte_cli.edits.python.docstrings import QUOTES, docstring_literal
from sorte_cli.edits.python.layout import parse_expression, reindent
from sorte_cli.edits.python.placement import insert_lines
from sorte_cli.edits.python.statement_ops import expand_suite
from sorte_cli.edits.python.tree import Definition, PythonTree
from sorte_cli.edits.registry import Project
from sorte_cli.edits.source import unify_newlines
from sorte_cli.edits.statements import docstring_of
from sorte_cli.edits.suggest import did_you_mean, nearest

# Decorators that must stay outermost: they turn a function into something that is no function.
_OUTERMOST = frozenset(
    ("property", "cached_property", "staticmethod", "classmethod", "overload", "setter", "getter")
) | {"deleter", "fixture"}
# Methods of applications and routers that register what they get: what is above them is lost.
_REGISTERING = frozenset(
    ("route", "get", "post", "put", "delete", "patch", "head", "options", "websocket", "command")
) | {"group", "callback", "task", "errorhandler", "before_request", "after_request", "register"}
_INNERMOST = frozenset(("abstractmethod", "override"))


def set_return_type(operation: Operation, project: Project) -> Resolution:
    """Set or replace a function's return annotation."""
    tree = project.tree(operation.target.path)
    definition, node = tree.function(operation.target)
    text = operation.get("type").removeprefix("->").strip()
    parse_expression(text, "the return type")
    name = f"{tree.path}::{definition.qualified_name}"
    if node.returns is not None:
        start, end = tree.outer_span(node.returns.annotation)
        edit = SpanEdit(tree.path, start, end, text)
        if tree.source.text[start:end] == text:
            return Resolution((), f"{name} returns {text} already.")
    else:
        place = tree.span(node.whitespace_before_colon)[0]
        edit = SpanEdit(tree.path, place, place, f" -> {text}")
    return Resolution((edit,), f"Set the return type of {name} to {text}.")


def add_decorator(operation: Operation, project: Project) -> Resolution:
    """Add a decorator to a function or class: outermost, but below those that register it or turn
    it into a property or the like.
    """
    tree, definition, node = _decorated(operation, project)
    text = operation.get("decorator")
    new = parse_expression(text, "the decorator")
    name = f"{tree.path}::{definition.qualified_name}"
    if any(_code(d.decorator) == _code(new) for d in node.decorators):
        raise EditError(f"{name} already has the decorator @{text}.")
    index = _place_of(new, node)
    start = tree.span(node)[0]
    if index < len(node.decorators):
        start = tree.span(node.decorators[index])[0]
    offset = tree.source.line_start(start)
    edit = insert_lines(tree.source, offset, f"{tree.indent_at(offset)}@{text}\n")
    return Resolution((edit,), f"Added @{text} to {name}.")


def remove_decorator(operation: Operation, project: Project) -> Resolution:
    """Remove a decorator, named whole (`cached(60)`) or by its name (`cached`)."""
    tree, definition, node = _decorated(operation, project)
    text = operation.get("decorator")
    wanted = parse_expression(text, "the decorator")
    name = f"{tree.path}::{definition.qualified_name}"
    found = [d for d in node.decorators if _code(d.decorator) == _code(wanted)]
    if not found:
        found = [d for d in node.decorators if text in _names_of(d.decorator)]
    if len(found) != 1:
        shown = [tree.text(d.decorator) for d in node.decorators]
        if not shown:
            raise EditError(f"{name} has no decorators.")
        how_many = f"{len(found)} decorators" if found else "no decorator"
        raise EditError(
            f"{name} has {how_many} @{text}.",
            hint=did_you_mean(nearest(text, shown)) or f"It has: @{', @'.join(shown)}.",
        )
    start, end = tree.span(found[0])
    edit = SpanEdit(tree.path, tree.source.line_start(start), tree.source.line_end(end), "")
    return Resolution((edit,), f"Removed @{tree.text(found[0].decorator)} from {name}.")


def set_docstring(operation: Operation, project: Project) -> Resolution:
    """Set or replace the docstring of a function, a class, or (for a file) the module."""
    tree = project.tree(operation.target.path)
    suite: cst.CSTNode = tree.module
    name = tree.path
    owner: cst.CSTNode | None = None
    if operation.target.symbol or operation.target.position:
        definition = tree.resolve(operation.target)
        name = f"{tree.path}::{definition.qualified_name}"
        owner = definition.node
        if not isinstance(owner, cst.FunctionDef | cst.ClassDef):
            raise EditError(f"{name} is a {definition.kind}, which has no docstring.")
        suite = owner.body
    text = operation.blocks[0]
    old = docstring_of(suite)
    if old is not None:
        return Resolution((_replace(tree, old, text),), f"Replaced the docstring of {name}.")
    return Resolution((_insert(tree, suite, owner, text),), f"Added a docstring to {name}.")


def _replace(tree: PythonTree, old: cst.CSTNode, text: str) -> SpanEdit:
    expression = _string_of(old)
    start, end = tree.outer_span(expression)
    quotes = QUOTES
    if isinstance(expression, cst.SimpleString) and expression.quote == "'''":
        quotes = "'''"
    indent = tree.indent_at(start)
    literal = reindent(docstring_literal(text, quotes), indent).strip("\n").removeprefix(indent)
    return SpanEdit(tree.path, start, end, literal)


def _string_of(statement: cst.CSTNode) -> cst.CSTNode:
    small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else statement
    assert isinstance(small, cst.Expr)
    return small.value


def _insert(tree: PythonTree, suite: cst.CSTNode, owner: cst.CSTNode | None, text: str) -> SpanEdit:
    literal = docstring_literal(text)
    if isinstance(suite, cst.SimpleStatementSuite):
        start, end = tree.span(suite.body[0])[0], tree.span(suite.body[-1])[1]
        old = unify_newlines(tree.source.text[start:end])
        return expand_suite(tree, suite, owner, f"{literal}\n{old}")
    if isinstance(suite, cst.IndentedBlock):
        indent = tree.indent_at(tree.span(suite.body[0])[0])
        offset = tree.source.line_end(tree.span(suite.header)[0])
        below = 1 if isinstance(owner, cst.ClassDef) else 0
        return insert_lines(tree.source, offset, reindent(literal, indent), below=below)
    return insert_lines(tree.source, _head_end(tree), f"{literal}\n", below=1)


def _head_end(tree: PythonTree) -> int:
    """Behind the comments that a file begins with (interpreter, encoding, licence)."""
    source = tree.source
    line = 1
    while line <= len(source.line_starts) and source.line_text(line).startswith("#"):
        line += 1
    if line > len(source.line_starts):
        return len(source.text)
    return source.line_starts[line - 1]


def _decorated(
    operation: Operation, project: Project
) -> tuple[PythonTree, Definition, cst.FunctionDef | cst.ClassDef]:
    tree = project.tree(operation.target.path)
    definition = tree.resolve(operation.target)
    if not isinstance(definition.node, cst.FunctionDef | cst.ClassDef):
        raise EditError(
            f"{tree.path}::{definition.qualified_name} is a {definition.kind}; only functions and "
            "classes have decorators."
        )
    return tree, definition, definition.node


def _place_of(new: cst.BaseExpression, node: cst.FunctionDef | cst.ClassDef) -> int:
    """Before which of the present decorators a new one goes."""
    own = _last_name(new)
    if own in _OUTERMOST:
        return 0
    if own in _INNERMOST:
        return len(node.decorators)
    index = 0
    for position, decorator in enumerate(node.decorators):
        name = _last_name(decorator.decorator)
        call = decorator.decorator
        registers = (
            isinstance(call, cst.Call)
            and isinstance(call.func, cst.Attribute)
            and name in _REGISTERING
        )
        if name in _OUTERMOST or registers:
            index = position + 1
    return index


def _last_name(expression: cst.BaseExpression) -> str:
    return next(iter(_names_of(expression)), "")


def _names_of(expression: cst.BaseExpression) -> list[str]:
    """`cached_property` and `functools.cached_property` for either spelling, called or not."""
    if isinstance(expression, cst.Call):
        expression = expression.func
    if isinstance(expression, cst.Attribute):
        return [expression.attr.value, _code(expression)]
    return [expression.value] if isinstance(expression, cst.Name) else []


def _code(node: cst.CSTNode) -> str:
    return "".join(cst.Module(()).code_for_node(node).split())
