"""Statements by number: what `#k` in an address means, and what a prompt shows for it.

Numbers count from 1 in pre-order. A docstring has none. A compound statement has one, shown as its
header, and the statements in its bodies follow; `else`, `except`, `case` and the like are part of
their statement and have none. Inside a function everything counts, nested functions included; for
a module or a class the bodies of its functions and classes do not (they have their own addresses).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from sorte_cli.edits.model import EditError
from sorte_cli.edits.python.definitions import Definition, Suite, suites_of
from sorte_cli.edits.python.tree import PythonTree, parse_tree
from sorte_cli.edits.source import decode

StatementNode = cst.SimpleStatementLine | cst.BaseCompoundStatement | cst.SimpleStatementSuite


@dataclass(frozen=True, eq=False)
class Statement:
    """A numbered statement. `suite` holds it (the body of a one-line `if x: y` holds itself), and
    `owner` is the compound statement or definition that the suite belongs to (None: the module).
    """

    number: int
    node: StatementNode
    suite: Suite
    owner: cst.CSTNode | None
    last: int  # the number of the last statement inside it

    @property
    def inline(self) -> bool:
        """Whether it shares its line with the header that it belongs to."""
        return isinstance(self.node, cst.SimpleStatementSuite)


def numbered_statements(source: bytes, qualified_name: str) -> tuple[tuple[int, str], ...]:
    """(number, text) of each statement of a function or class; of the module for "".

    The text is one line: a simple statement whole, of a compound one the header. Empty for a
    constant or field. Raises EditError where the file does not parse or has no such symbol.
    """
    tree = parse_tree(decode("source.py", source))
    definition = tree.find(qualified_name) if qualified_name else None
    try:
        return tuple((s.number, shown(tree, s)) for s in statements_of(tree, definition))
    except RecursionError as error:
        raise EditError(f"{qualified_name or 'The module'} is nested too deeply.") from error


def annotated_source(source: bytes, qualified_name: str) -> str:
    """The lines of a function or class as they stand (of the module for ""), with `#k` in front of
    each where a statement begins; `#3,4` where several do.

    Raises EditError where the file does not parse or has no such symbol.
    """
    tree = parse_tree(decode("source.py", source))
    definition = tree.find(qualified_name) if qualified_name else None
    numbers: dict[int, list[int]] = {}
    for statement in statements_of(tree, definition):
        line = tree.source.position(tree.span(statement.node)[0])[0]
        numbers.setdefault(line, []).append(statement.number)
    span = (0, len(tree.source.text))
    if definition is not None:
        span = tree.definition_span(definition, comments=False)
    first, last = (tree.source.position(at)[0] for at in (span[0], max(span[0], span[1] - 1)))
    marks = {line: f"#{','.join(map(str, found))}" for line, found in numbers.items()}
    width = max(map(len, marks.values()), default=0) + 1
    lines = (
        f"{marks.get(line, ''):<{width}}{tree.source.line_text(line)}".rstrip()
        for line in range(first, last + 1)
    )
    return "\n".join(lines)


def statements_of(tree: PythonTree, definition: Definition | None) -> tuple[Statement, ...]:
    """The numbered statements of a function or class, or of the module for None."""
    if definition is None:
        suite: cst.CSTNode = tree.module
    elif isinstance(definition.node, cst.FunctionDef | cst.ClassDef):
        suite = definition.node.body
    else:
        return ()
    inside = definition is not None and isinstance(definition.node, cst.FunctionDef)
    found: list[Statement] = []
    owner = definition.node if definition else None
    _number(suite, owner, found, deep=inside, docstring=True)
    return tuple(found)


def shown(tree: PythonTree, statement: Statement) -> str:
    """One line for a prompt: a simple statement, or the header of a compound one."""
    return " ".join(source_of(tree, statement.node).split())


def source_of(tree: PythonTree, node: StatementNode) -> str:
    """The code of a simple statement or the header of a compound one, colon included."""
    start, end = tree.span(node)
    if isinstance(node, cst.SimpleStatementSuite):
        start, end = tree.span(node.body[0])[0], tree.span(node.body[-1])[1]
    elif isinstance(node, cst.Match):
        end = tree.span(node.whitespace_after_colon)[0]
    elif isinstance(node, cst.BaseCompoundStatement):
        body = node.body
        space = body.header if isinstance(body, cst.IndentedBlock) else None
        if isinstance(body, cst.SimpleStatementSuite):
            space = body.leading_whitespace  # type: ignore[assignment]
        end = tree.span(space)[0] if space is not None else end
    return tree.source.text[start:end]


def select(
    tree: PythonTree, definition: Definition | None, span: tuple[int, int]
) -> tuple[Statement, ...]:
    """The neighbouring statements that `#k` or `#k-m` means.

    Raises EditError where a number does not exist or where the range leaves a body half way.
    """
    every = statements_of(tree, definition)
    name = f"{tree.path}::{definition.qualified_name}" if definition else tree.path
    first, last = span
    if last > len(every):
        raise EditError(
            f"{name} has no statement #{last}.",
            hint=f"It has {len(every)}: {_overview(tree, every)}" if every else "It has none.",
        )
    chosen = [every[first - 1]]
    while chosen[-1].number != last and chosen[-1].last < last:
        following = every[chosen[-1].last]
        if following.suite is not chosen[0].suite:
            break
        chosen.append(following)
    if last not in (chosen[-1].number, chosen[-1].last):
        raise EditError(
            f"#{first}-{last} of {name} begins and ends in different bodies.",
            hint=f"Statements: {_overview(tree, every)}",
        )
    return tuple(chosen)


def docstring_of(suite: cst.CSTNode) -> cst.BaseStatement | cst.BaseSmallStatement | None:
    """The statement that is the docstring of a module, class or function body."""
    body: Sequence[cst.CSTNode] = getattr(suite, "body", ())
    if not body:
        return None
    first = body[0]
    small = first.body[0] if isinstance(first, cst.SimpleStatementLine) else first
    if isinstance(small, cst.Expr) and _is_text(small.value):
        return first  # type: ignore[return-value]
    return None


def _is_text(expression: cst.BaseExpression) -> bool:
    if isinstance(expression, cst.ConcatenatedString):
        return _is_text(expression.left) and _is_text(expression.right)
    return isinstance(expression, cst.SimpleString) and "b" not in expression.prefix.lower()


def _number(
    suite: cst.CSTNode,
    owner: cst.CSTNode | None,
    found: list[Statement],
    *,
    deep: bool,
    docstring: bool,
) -> None:
    skipped = docstring_of(suite) if docstring else None
    if isinstance(suite, cst.SimpleStatementSuite):
        if skipped is None or len(suite.body) > 1:
            found.append(Statement(len(found) + 1, suite, suite, owner, len(found) + 1))
        return
    if not isinstance(suite, cst.Module | cst.IndentedBlock):
        return
    for node in suite.body:
        if node is skipped and _only_docstring(node):
            continue
        if not isinstance(node, cst.SimpleStatementLine | cst.BaseCompoundStatement):
            continue
        index = len(found)
        found.append(Statement(index + 1, node, suite, owner, index + 1))
        named = isinstance(node, cst.FunctionDef | cst.ClassDef)
        if not named or deep:
            for inner in suites_of(node):
                _number(inner, node, found, deep=deep, docstring=named)
        found[index] = Statement(index + 1, node, suite, owner, len(found))


def _only_docstring(node: cst.CSTNode) -> bool:
    return not isinstance(node, cst.SimpleStatementLine) or len(node.body) == 1


def _overview(tree: PythonTree, statements: Sequence[Statement], limit: int = 12) -> str:
    lines = [f"#{s.number} {shown(tree, s)[:50]}" for s in statements[:limit]]
    if len(statements) > limit:
        lines.append(f"... to #{len(statements)}")
    return "; ".join(lines)
