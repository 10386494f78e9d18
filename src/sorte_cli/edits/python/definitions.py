"""What the statements of a Python file define, and how compound statements are walked. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

Suite = cst.Module | cst.IndentedBlock | cst.SimpleStatementSuite
ValueNode = cst.Assign | cst.AnnAssign | cst.TypeAlias
DefinitionNode = cst.FunctionDef | cst.ClassDef | ValueNode


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


def narrow(found: list[Definition]) -> list[Definition]:
    """Drop definitions that only announce or extend another one of the same name."""
    if len(found) == 1:
        return found
    with_value = [d for d in found if not (isinstance(d.node, cst.AnnAssign) and d.value is None)]
    if 0 < len(with_value) < len(found):
        return narrow(with_value)
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


def definitions_in(
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
        yield from definitions_in(suite, suite.body, parent, conditional=conditional)


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
