"""Ways to say a hunk in the header or docstring of a Python definition, by what changed there."""

from __future__ import annotations

import ast
import inspect
import warnings
from collections.abc import Iterator, Sequence
from functools import lru_cache
from textwrap import dedent

from sorte_cli.edits.model import Address, Operation
from sorte_cli.edits.python.definitions import Definition
from sorte_cli.edits.python.tree import PythonTree
from sorte_cli.edits.replay.hunks import Hunk

Node = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def by_header(
    tree: PythonTree,
    lines: Sequence[str],
    definition: Definition,
    place: tuple[int, int],
    hunk: Hunk,
) -> Iterator[list[Operation]]:
    """Decorators, parameters, return annotation or docstring, where nothing else changed."""
    low, high = place
    before = "".join(lines[low:high])
    if hunk.start - low >= _header_lines(before):
        return
    after = "".join([*lines[low : hunk.start], *hunk.new, *lines[hunk.end : high]])
    old, new = _definition(before), _definition(after)
    if old is None or new is None or _body(old) != _body(new) or old.name != new.name:
        return
    target = Address(tree.path, definition.qualified_name)
    operations = [*_decorators(target, before, old, after, new)]
    if isinstance(old, ast.ClassDef) or isinstance(new, ast.ClassDef):
        if ast.dump(_bare(old)) != ast.dump(_bare(new)):
            return
    else:
        operations += _parameters(target, before, old, after, new)
        operations += _returns(target, old, after, new)
    documented = ast.get_docstring(new, clean=False)
    if documented and documented != ast.get_docstring(old, clean=False):
        block = inspect.cleandoc(documented)
        operations.append(Operation("set_docstring", target, (), (f"{block}\n",)))
    if operations:
        yield operations


@lru_cache(maxsize=64)
def _header_lines(text: str) -> int:
    """How many lines of a definition stand before its first statement, docstring included."""
    node = _definition(text)
    if node is None:
        return 0
    documented = ast.get_docstring(node, clean=False) is not None
    rest = node.body[documented:]
    return rest[0].lineno if rest else text.count("\n")


@lru_cache(maxsize=16)
def _definition(text: str) -> Node | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            body = ast.parse(dedent(text)).body
        except (SyntaxError, ValueError, RecursionError):
            return None
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return body[0] if len(body) == 1 and isinstance(body[0], kinds) else None


def _body(node: Node) -> list[str]:
    """The statements of a definition without its docstring."""
    skip = ast.get_docstring(node, clean=False) is not None
    return [ast.dump(statement) for statement in node.body[skip:]]


def _bare(node: Node) -> ast.ClassDef:
    assert isinstance(node, ast.ClassDef)
    return ast.ClassDef(node.name, node.bases, node.keywords, [], [])


def _decorators(
    target: Address, before: str, old: Node, after: str, new: Node
) -> Iterator[Operation]:
    was, now = _segments(before, old.decorator_list), _segments(after, new.decorator_list)
    for verb, texts in (
        ("remove_decorator", [t for t in was if t not in now]),
        ("add_decorator", [t for t in now if t not in was]),
    ):
        for text in texts:
            yield Operation(verb, target, (("decorator", " ".join(text.split())),))


def _segments(text: str, nodes: Sequence[ast.expr]) -> list[str]:
    code = dedent(text)
    return [ast.get_source_segment(code, node) or "" for node in nodes]


def _parameters(
    target: Address, before: str, old: Node, after: str, new: Node
) -> Iterator[Operation]:
    was, now = _declared(before, old), _declared(after, new)
    for name in was:
        if name not in now:
            yield Operation(
                "remove_parameter", Address(target.path, target.symbol, parameter=name.strip("*"))
            )
    for name, declaration in now.items():
        if name not in was:
            yield Operation("add_parameter", target, (("declaration", declaration),))
        elif was[name] != declaration:
            parameter = Address(target.path, target.symbol, parameter=name.strip("*"))
            yield Operation("change_parameter", parameter, (("declaration", declaration),))


def _declared(text: str, node: Node) -> dict[str, str]:
    """Each parameter as it is declared, by its name (`*args` and `**kwargs` with their stars)."""
    assert not isinstance(node, ast.ClassDef)
    code = dedent(text)
    a = node.args
    plain = [*a.posonlyargs, *a.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(a.defaults)) + list(a.defaults)
    found: dict[str, str] = {}
    starred = [("*", a.vararg, None)] if a.vararg else []
    last = [("**", a.kwarg, None)] if a.kwarg else []
    rows = [("", p, d) for p, d in zip(plain, defaults, strict=True)]
    rows_only = [("", p, d) for p, d in zip(a.kwonlyargs, a.kw_defaults, strict=True)]
    for stars, parameter, default in [*rows, *starred, *rows_only, *last]:
        parts = [stars, ast.get_source_segment(code, parameter) or parameter.arg]
        if default is not None:
            value = ast.get_source_segment(code, default) or ast.unparse(default)
            parts.append(f" = {value}" if parameter.annotation else f"={value}")
        found[stars + parameter.arg] = " ".join("".join(parts).split())
    return found


def _returns(target: Address, old: Node, after: str, new: Node) -> Iterator[Operation]:
    assert not isinstance(old, ast.ClassDef)
    assert not isinstance(new, ast.ClassDef)
    if new.returns is None:
        return
    if old.returns is None or ast.dump(old.returns) != ast.dump(new.returns):
        text = " ".join((ast.get_source_segment(dedent(after), new.returns) or "").split())
        yield Operation("set_return_type", target, (("type", text),))
