"""Import statements as values: reading them, ordering them, writing them."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from sorte_cli.edits.model import EditError
from sorte_cli.edits.python.index import ProjectIndex

if TYPE_CHECKING:
    from sorte_cli.edits.registry import Project

DEFAULT_LINE_LENGTH = 88
FUTURE, STANDARD, THIRD_PARTY, FIRST_PARTY, RELATIVE = range(5)

NameKey = Callable[[str], tuple[int, str, str]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One import: `from ..module import name as alias` (`level` dots), or, without a name,
    `import module as alias`.
    """

    module: str
    name: str = ""
    alias: str = ""
    level: int = 0

    @property
    def source(self) -> str:
        """The module as it is written after `from`."""
        return "." * self.level + self.module

    @property
    def bound(self) -> str:
        """The name that the import brings into the file."""
        return self.alias or self.name or self.module.partition(".")[0]

    @property
    def element(self) -> str:
        """`name as alias`, as it is written after `import`."""
        plain = self.name or self.module
        return f"{plain} as {self.alias}" if self.alias else plain


def parse_imports(statement: str) -> list[Wanted]:
    """The imports of one statement. Raises EditError where it is no import statement."""
    try:
        module = cst.parse_module(statement.strip() + "\n")
    except cst.ParserSyntaxError as error:
        raise _no_import(statement) from error
    found: list[Wanted] = []
    for line in module.body:
        for small in line.body if isinstance(line, cst.SimpleStatementLine) else (line,):
            if not isinstance(small, cst.Import | cst.ImportFrom):
                raise _no_import(statement)
            found.extend(wanted_of(module, small))
    if not found:
        raise _no_import(statement)
    return found


def _no_import(statement: str) -> EditError:
    return EditError(
        f"{statement!r} is not an import statement.",
        hint="Write it as in Python: from decimal import Decimal.",
    )


def wanted_of(module: cst.Module, node: cst.Import | cst.ImportFrom) -> list[Wanted]:
    """The imports of a statement's node."""

    def alias_of(item: cst.ImportAlias) -> str:
        return module.code_for_node(item.asname.name) if item.asname is not None else ""

    if isinstance(node, cst.Import):
        return [Wanted(module.code_for_node(a.name), alias=alias_of(a)) for a in node.names]
    source = module.code_for_node(node.module) if node.module is not None else ""
    level = len(node.relative)
    if isinstance(node.names, cst.ImportStar):
        return [Wanted(source, "*", level=level)]
    return [Wanted(source, module.code_for_node(a.name), alias_of(a), level) for a in node.names]


# --- order -----------------------------------------------------------------------------------


def section_of(
    index: ProjectIndex, path: str, wanted: Wanted, own: frozenset[str] = frozenset()
) -> int:
    """The group an import belongs to in a file, in isort's order.

    `own` are top-level modules of the project that are about to be made.
    """
    if wanted.level:
        return RELATIVE
    top = wanted.module.partition(".")[0]
    if top == "__future__":
        return FUTURE
    if top in own or index.modules.absolute(top, path) is not None:
        return FIRST_PARTY
    return STANDARD if top in sys.stdlib_module_names else THIRD_PARTY


def sort_key(wanted: Wanted) -> tuple[int, int, str]:
    """isort's default: `import` before `from`, then by module; more dots first."""
    return (int(bool(wanted.name)), -wanted.level, wanted.module.lower())


def mixed_key(wanted: Wanted) -> tuple[int, str, int]:
    """By module alone, whichever form of import (isort's force_sort_within_sections)."""
    return (-wanted.level, wanted.module.lower(), int(bool(wanted.name)))


def plain_key(element: str) -> tuple[int, str, str]:
    """Alphabetical order without regard to case."""
    return (0, element.lower(), element)


def case_key(element: str) -> tuple[int, str, str]:
    """The default of isort and ruff: CONSTANTS, Classes, functions."""
    name = element.split(" as ")[0]
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return (kind, name.lower(), name)


def _exact_key(element: str) -> tuple[int, str, str]:
    return (0, element, "")


NAME_KEYS: tuple[NameKey, ...] = (case_key, plain_key, _exact_key)


def order_of(names: Sequence[str]) -> NameKey | None:
    """The sort key that the names of a statement follow; None where they follow none."""
    for key in NAME_KEYS:
        if list(names) == sorted(names, key=key):
            return key
    return None


def in_order(items: Sequence[Wanted], key: NameKey | None) -> list[Wanted]:
    """Imports of one module sorted by a key, or as they are."""
    return sorted(items, key=lambda w: key(w.element)) if key is not None else list(items)


# --- text ------------------------------------------------------------------------------------


def render(group: Sequence[Wanted], width: int) -> str:
    """One import statement with its newline, in parentheses where it would be too long."""
    first = group[0]
    if not first.name:
        return f"import {first.element}\n"
    elements = [w.element for w in group]
    line = f"from {first.source} import {', '.join(elements)}"
    if len(line) <= width or elements == ["*"]:
        return line + "\n"
    inner = "".join(f"    {e},\n" for e in elements)
    return f"from {first.source} import (\n{inner})\n"


def compose(index: ProjectIndex, path: str, wanted: Sequence[Wanted], width: int) -> str:
    """The import block of a new file: grouped, sorted, one statement a module."""
    groups: dict[tuple[int, int, str, str, bool], list[Wanted]] = {}
    for item in dict.fromkeys(wanted):
        own = item.element if not item.name or item.name == "*" else ""
        key = (section_of(index, path, item), item.level, item.module, own, bool(item.name))
        groups.setdefault(key, []).append(item)
    ordered = sorted(groups.items(), key=lambda g: (g[0][0], *sort_key(g[1][0])))
    lines: list[str] = []
    for position, (key, group) in enumerate(ordered):
        if position and ordered[position - 1][0][0] != key[0]:
            lines.append("\n")
        lines.append(render(in_order(group, case_key), width))
    return "".join(lines)


def line_length(project: Project) -> int:
    """The line length that the project's formatter is set to."""
    data = project.snapshot.read("pyproject.toml")
    if data is None:
        return DEFAULT_LINE_LENGTH
    try:
        tools = tomllib.loads(data.decode("utf-8")).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return DEFAULT_LINE_LENGTH
    for tool in ("ruff", "black"):
        settings = tools.get(tool, {})
        if isinstance(settings, dict) and isinstance(settings.get("line-length"), int):
            return int(settings["line-length"])
    return DEFAULT_LINE_LENGTH
