"""The import statements of a copied file, as they have to be in the copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from sorte_cli.edits.model import SpanEdit
from sorte_cli.edits.python.carry import import_for
from sorte_cli.edits.python.clone_copy import Copy, TextEdit
from sorte_cli.edits.python.import_model import Wanted, line_length, render
from sorte_cli.edits.python.import_order import kept_sorted
from sorte_cli.edits.python.import_style import relative_name
from sorte_cli.edits.python.index import Bound, ProjectIndex
from sorte_cli.edits.python.scopes import ImportedName

if TYPE_CHECKING:
    from sorte_cli.edits.registry import Project


def import_edits(project: Project, copy: Copy, new_path: str) -> list[TextEdit]:
    """Edits of the import statements of the pattern, for a copy at `new_path`."""
    index = ProjectIndex.of(project)
    by_statement: dict[cst.Import | cst.ImportFrom, list[ImportedName]] = {}
    for imported in copy.facts.imports:
        by_statement.setdefault(imported.statement, []).append(imported)
    edits: list[SpanEdit] = []
    for statement, names in by_statement.items():
        before = [_as_written(i) for i in names]
        after = [_in_copy(index, copy, i, new_path) for i in names]
        if before != after:
            start, end = copy.facts.span(statement)
            indent = copy.facts.tree.indent_at(start)
            text = _statements(after, indent, line_length(project))
            edits.append(SpanEdit(copy.facts.path, start, end, text))
    in_order = kept_sorted(index, copy.facts, edits)
    return [TextEdit(e.start, e.end, e.text) for e in in_order]


def _as_written(imported: ImportedName) -> Wanted:
    alias = imported.bound if imported.has_alias else ""
    return Wanted(imported.module, imported.name, alias, imported.level)


def _in_copy(index: ProjectIndex, copy: Copy, imported: ImportedName, new_path: str) -> Wanted:
    binding = imported.scope.bindings.get(imported.bound)
    plain = import_for(index, copy.facts.path, imported, new_path) or _as_written(imported)
    if binding is None:
        return plain
    alias = copy.renamed.get(binding, imported.bound) if imported.has_alias else ""
    if binding in copy.exchanged:
        return _exchanged(index, copy, imported, new_path, alias, copy.exchanged[binding])
    if binding in copy.modules:
        return _module(index, copy, imported, new_path, alias, copy.modules[binding])
    return plain


def _exchanged(
    index: ProjectIndex,
    copy: Copy,
    imported: ImportedName,
    new_path: str,
    alias: str,
    other: Bound,
) -> Wanted:
    """The import of a counterpart: from the same place where that exports it, else from its own."""
    name = other.binding.name
    module = index.imported_module(copy.facts.path, imported)
    if module is not None and any(other.is_same(o) for o in index.exported(module, name)):
        plain = import_for(index, copy.facts.path, imported, new_path) or _as_written(imported)
        return Wanted(plain.module, name, alias, plain.level)
    if imported.level:
        level, dotted = relative_name(new_path, other.facts.path)
        return Wanted(dotted, name, alias, level)
    return Wanted(_dotted(index, imported.module, copy, other.facts.path), name, alias)


def _module(
    index: ProjectIndex, copy: Copy, imported: ImportedName, new_path: str, alias: str, other: str
) -> Wanted:
    dotted = _dotted(index, imported.module, copy, other)
    if not imported.name:
        return Wanted(dotted, alias=alias)
    package, _, name = dotted.rpartition(".")
    if imported.level:
        plain = import_for(index, copy.facts.path, imported, new_path) or _as_written(imported)
        return Wanted(plain.module, name, alias, plain.level)
    return Wanted(package, name, alias)


def _dotted(index: ProjectIndex, written: str, copy: Copy, path: str) -> str:
    """The name of a module, counted from the same root as the one that was written."""
    before = index.modules.absolute(written, copy.facts.path)
    names = index.modules.names_of(path)
    if before is not None:
        known = index.modules.names_of(before.path)
        if written in known and len(known) == len(names):
            return names[known.index(written)]
    return names[0] if names else index.modules.name_of(path)


def _statements(wanted: list[Wanted], indent: str, width: int) -> str:
    groups: dict[tuple[int, str, str], list[Wanted]] = {}
    for item in wanted:
        key = (item.level, item.module, item.element if not item.name else "")
        groups.setdefault(key, []).append(item)
    lines = [render(group, width - len(indent)).rstrip("\n") for group in groups.values()]
    return "\n".join(lines).replace("\n", "\n" + indent)
