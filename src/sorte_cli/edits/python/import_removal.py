"""Taking names out of import statements, and statements that import nothing any more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import libcst as cst

from sorte_cli.edits.model import EditError, SpanEdit
from sorte_cli.edits.python.blank_lines import tidied
from sorte_cli.edits.python.import_model import Wanted, parse_imports, wanted_of
from sorte_cli.edits.python.index import ProjectIndex
from sorte_cli.edits.python.scopes import ModuleFacts
from sorte_cli.edits.python.targets import facts_of

if TYPE_CHECKING:
    from sorte_cli.edits.registry import Project


def remove_import_edits(project: Project, path: str, statement: str) -> list[SpanEdit]:
    """The edits that remove the names of an import statement, wherever in the file it stands.

    Raises EditError where the file does not import one of them.
    """
    index = ProjectIndex.of(project)
    facts = facts_of(index, path)
    wanted = parse_imports(statement)
    found = [
        (node, [w for w in wanted_of(facts.tree.module, node) if w in wanted])
        for node in _import_nodes(facts)
    ]
    removed = {w for _, matching in found for w in matching}
    for item in wanted:
        if item not in removed:
            known = [
                w.element if not w.name else f"from {w.source} import {w.element}"
                for node in _import_nodes(facts)
                for w in wanted_of(facts.tree.module, node)
            ]
            raise EditError(
                f"{path} does not have the import `{statement}`.",
                hint=f"It imports: {'; '.join(known[:8])}." if known else "It imports nothing.",
            )
    return tidied(
        facts, drop_imported(facts, {node: set(matching) for node, matching in found if matching})
    )


def _import_nodes(facts: ModuleFacts) -> list[cst.Import | cst.ImportFrom]:
    return list(dict.fromkeys(i.statement for i in facts.imports))


def drop_imported(
    facts: ModuleFacts, dropped: dict[cst.Import | cst.ImportFrom, set[Wanted]]
) -> list[SpanEdit]:
    """The edits that take names out of import statements, whole statements where none is left."""
    edits: list[SpanEdit] = []
    for node, gone in dropped.items():
        if isinstance(node.names, cst.ImportStar):
            edits.append(_remove_statement(facts, node))
            continue
        wanted = wanted_of(facts.tree.module, node)
        keep = [w not in gone for w in wanted]
        if not any(keep):
            edits.append(_remove_statement(facts, node))
            continue
        edits.extend(_remove_elements(facts, list(node.names), keep))
    return edits


def _remove_elements(
    facts: ModuleFacts, names: Sequence[cst.ImportAlias], keep: Sequence[bool]
) -> list[SpanEdit]:
    """Remove runs of names: each with what stands between it and the next one that stays."""
    tree = facts.tree
    starts = [tree.span(a)[0] for a in names]
    ends = [tree.span(a.asname.name if a.asname is not None else a.name)[1] for a in names]
    edits: list[SpanEdit] = []
    position = 0
    while position < len(names):
        if keep[position]:
            position += 1
            continue
        last = position
        while last + 1 < len(names) and not keep[last + 1]:
            last += 1
        if last + 1 < len(names):
            edits.append(SpanEdit(facts.path, starts[position], starts[last + 1], ""))
        else:
            edits.append(SpanEdit(facts.path, ends[position - 1], ends[last], ""))
        position = last + 1
    return edits


def _remove_statement(facts: ModuleFacts, node: cst.Import | cst.ImportFrom) -> SpanEdit:
    """Remove a whole import statement; `pass` takes its place where a block would be empty."""
    tree = facts.tree
    line = next(i.line for i in facts.imports if i.statement is node)
    start, end = tree.span(node)
    if not isinstance(line, cst.SimpleStatementLine):
        return SpanEdit(facts.path, start, end, "pass")
    if len(line.body) > 1:
        place = line.body.index(node)
        if place + 1 < len(line.body):
            return SpanEdit(facts.path, start, tree.span(line.body[place + 1])[0], "")
        return SpanEdit(facts.path, tree.span(line.body[place - 1])[1], end, "")
    if _only_statement(facts, line):
        return SpanEdit(facts.path, start, end, "pass")
    start, end = tree.statement_span(line, comments=False)
    return SpanEdit(facts.path, start, end, "")


def _only_statement(facts: ModuleFacts, line: cst.SimpleStatementLine) -> bool:
    if line in facts.tree.module.body:
        return False
    found: list[bool] = []

    class Finder(cst.CSTVisitor):
        def visit_IndentedBlock(self, node: cst.IndentedBlock) -> None:
            if line in node.body:
                found.append(len(node.body) == 1)

    facts.tree.module.visit(Finder())
    return any(found)
