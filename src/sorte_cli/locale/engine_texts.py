"""Collects what the engines say to people: the messages and hints of their errors, as templates.

Engines and agent speak English and know no terminal. `raise EditError(f"{path} has no {name}")`
gives the template "{path} has no {name}"; `engines.po` translates it, and
`terminal.engine_messages` finds the template that a message was made of.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from sorte_cli.locale.catalogue import PACKAGE, Text

ROOT_ERROR = "SorteError"
MARK = "N_"
"""`N_("...")` marks a text for people that is no error's."""
BROKEN = "_broken"
"""Methods of this name make an error of what is wrong and where it stands."""
SUMMARISED = "Resolution"
SUMMARY = "summary"
"""What an operation did: the second argument of the one, or a variable called the other."""
_OWN = ("commands", "terminal", "locale", "demo")
_LEAST_LETTERS = 6
"""Fewer fixed letters ("{name} has {rest}") would fit messages that they did not make."""


def collect_engine_texts(package: Path = PACKAGE) -> list[Text]:
    """The templates of all modules that do not translate by themselves, in order, each once."""
    trees = [
        ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(package.rglob("*.py"))
        if path.relative_to(package).parts[0] not in _OWN
    ]
    family = _family(trees)
    found: dict[str, None] = {}
    for tree in trees:
        for said in _said(tree, family):
            for template in _templates(said):
                if _says_something(template):
                    found[template.removeprefix("; ")] = None
    return [Text(template) for template in found]


def _says_something(template: str) -> bool:
    fixed = re.sub(r"\{\w+\}", "", template)
    return sum(map(str.isalpha, fixed)) >= _LEAST_LETTERS


def _family(trees: Iterable[ast.Module]) -> set[str]:
    """The names of SorteError and all that derives from it."""
    bases = {
        node.name: {b.id for b in node.bases if isinstance(b, ast.Name)}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    family = {ROOT_ERROR}
    while more := {name for name, of in bases.items() if of & family} - family:
        family |= more
    return family


def _said(tree: ast.Module, family: set[str]) -> Iterator[ast.expr]:
    """The expressions that become messages and hints."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in family:
            yield from _arguments(n for n in ast.walk(node) if _calls_super(n))
        if isinstance(node, ast.Call) and _name(node.func) in family | {BROKEN}:
            yield from _arguments([node])
        if isinstance(node, ast.Call) and _name(node.func) == MARK:
            yield from node.args[:1]
        if isinstance(node, ast.Call) and _name(node.func) == SUMMARISED:
            yield from node.args[1:2]
        if isinstance(node, ast.Call) and _name(node.func) == "event":
            yield from (k.value for k in node.keywords if k.arg == "text")
        if isinstance(node, ast.Assign) and [_name(t) for t in node.targets] == [SUMMARY]:
            yield node.value
        if isinstance(node, ast.AugAssign) and _name(node.target) == SUMMARY:
            yield node.value  # a part of its own where "; " comes before it


def _arguments(calls: Iterable[ast.AST]) -> Iterator[ast.expr]:
    for call in calls:
        assert isinstance(call, ast.Call)
        yield from call.args[:1]
        yield from (k.value for k in call.keywords if k.arg in ("message", "hint"))


def _calls_super(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "__init__"
    )


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


def _templates(node: ast.expr) -> Iterator[str]:
    """The texts that an expression may give; nothing for what is only known when it runs."""
    if isinstance(node, ast.IfExp):
        yield from _templates(node.body)
        yield from _templates(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _templates(value)
    elif isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp):
        template = _template(node, {})
        if template is not None:
            yield template


def _template(node: ast.expr, names: dict[str, int]) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        parts = [
            _field(v, names) if isinstance(v, ast.FormattedValue) else str(_constant(v))
            for v in node.values
        ]
        return "".join(parts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left = _template(node.left, names)
        right = _template(node.right, names)
        # A part that only the run knows is a field too: `"Did you mean " + near`.
        known = (left if left is not None else _field_for(node.left, names)) + (
            right if right is not None else _field_for(node.right, names)
        )
        return known if left is not None or right is not None else None
    return None


def _constant(node: ast.expr) -> object:
    assert isinstance(node, ast.Constant)
    return node.value


def _field(value: ast.FormattedValue, names: dict[str, int]) -> str:
    return _field_for(value.value, names)


def _field_for(node: ast.expr, names: dict[str, int]) -> str:
    """`{error_strerror}` for `error.strerror`; a number makes the second of a name another."""
    name = re.sub(r"\W+", "_", ast.unparse(node)).strip("_")[:32].strip("_") or "value"
    name = f"n{name}" if name[0].isdigit() else name
    names[name] = names.get(name, 0) + 1
    return f"{{{name}}}" if names[name] == 1 else f"{{{name}_{names[name]}}}"
