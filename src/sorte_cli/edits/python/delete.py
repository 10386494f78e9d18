"""`delete`: take a symbol away that nothing refers to; imports of it go with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from sorte_cli.edits.model import EditError, Operation, Resolution, SpanEdit
from sorte_cli.edits.python.blank_lines import tidied
from sorte_cli.edits.python.evidence import ClassType, InstanceType, SuperType
from sorte_cli.edits.python.import_model import Wanted
from sorte_cli.edits.python.imports import drop_imported
from sorte_cli.edits.python.index import ProjectIndex
from sorte_cli.edits.python.modules import ModuleRef
from sorte_cli.edits.python.parameters import listed
from sorte_cli.edits.python.references import (
    MemberTarget,
    NameTarget,
    Reference,
    ReferenceFinder,
    References,
    functions_named,
)
from sorte_cli.edits.python.removal import (
    definition_statements,
    drop_export,
    removal_edits,
    unused_after,
    written,
)
from sorte_cli.edits.python.scopes import FUNCTION, Binding, ModuleFacts
from sorte_cli.edits.python.targets import facts_of, resolve_target
from sorte_cli.edits.suggest import counted

if TYPE_CHECKING:
    from sorte_cli.edits.registry import Project

Span = tuple[int, int]


def delete(operation: Operation, project: Project) -> Resolution:
    """Resolve `delete PATH::symbol`. Raises EditError with the places that still refer to it."""
    finder = ReferenceFinder(ProjectIndex.of(project))
    target = resolve_target(finder, operation.target)
    if isinstance(target, MemberTarget):
        return _delete_member(finder, target)
    if isinstance(target, NameTarget):
        return _delete_name(finder, target)
    raise EditError(
        f"{target.name!r} is a parameter.",
        hint=f"remove_parameter {target.function.path}::{target.function.qualname}({target.name})",
    )


def _delete_name(finder: ReferenceFinder, target: NameTarget) -> Resolution:
    facts, binding = target.bound.facts, target.bound.binding
    if binding.scope.kind == FUNCTION and not any(
        d.kind in ("function", "class") for d in binding.definitions
    ):
        raise EditError(
            f"{binding.name!r} is a local variable.", hint="Use delete_statement for its statement."
        )
    references = finder.find(target)
    places = _definitions(finder, facts, binding, references)
    uses = [r for r in references.found if not _goes_with_it(r, places)]
    _refuse_if_used(f"{facts.path}::{binding.name}", uses)
    edits: list[SpanEdit] = []
    for path, statements in places.items():
        there = facts_of(finder.index, path)
        edits += removal_edits(there, statements)
        edits += unused_after(there, _spans(there, statements))
    edits += _dropped_imports(references)
    for there in {id(r.facts): r.facts for r in references.found if r.kind == "export"}.values():
        edits += drop_export(there, binding.name)
    edits = _tidied(finder, edits)
    files = len({e.path for e in edits})
    summary = f"deleted {facts.path}::{binding.name}"
    if files > 1:
        summary += f"; its imports in {counted(files - 1, 'other file')} went too"
    return Resolution(tuple(edits), summary, tuple(references.possible))


def _tidied(finder: ReferenceFinder, edits: list[SpanEdit]) -> list[SpanEdit]:
    """The edits with the blank lines that would be left, file by file."""
    by_path: dict[str, list[SpanEdit]] = {}
    for edit in edits:
        by_path.setdefault(edit.path, []).append(edit)
    return [e for path, own in by_path.items() for e in tidied(facts_of(finder.index, path), own)]


def _definitions(
    finder: ReferenceFinder, facts: ModuleFacts, binding: Binding, references: References
) -> dict[str, list[cst.CSTNode]]:
    """The defining statements, in the file and in its stub."""
    twin = finder.index.modules.twin(facts.path)
    found: dict[str, list[cst.CSTNode]] = {}
    for bound in references.bindings:
        defined = any(d.imported is None for d in bound.binding.definitions)
        in_stub = bound.facts.path == twin and bound.binding.scope is bound.facts.root
        own = bound.binding.name == binding.name and (bound.binding is binding or in_stub)
        if own and defined:
            found[bound.facts.path] = definition_statements(bound.facts, bound.binding)
    return found


def _spans(facts: ModuleFacts, statements: list[cst.CSTNode]) -> list[Span]:
    return [facts.tree.statement_span(s) for s in statements]


def _goes_with_it(reference: Reference, places: dict[str, list[cst.CSTNode]]) -> bool:
    """Whether a reference is no use: an import, an export, or inside what is deleted."""
    if reference.kind in ("import", "export") or reference.imported is not None:
        return True
    spans = _spans(reference.facts, places.get(reference.path, []))
    return any(start <= reference.start < end for start, end in spans)


def _refuse_if_used(what: str, uses: list[Reference]) -> None:
    if uses:
        lines = list(dict.fromkeys(r.describe() for r in uses))
        count = len(lines)
        raise EditError(
            f"{what} is still used in {count} place{'' if count == 1 else 's'}:\n{listed(lines)}",
            hint="Change those first, or delete what uses it.",
        )


def _dropped_imports(references: References) -> list[SpanEdit]:
    by_facts: dict[int, tuple[ModuleFacts, dict[cst.Import | cst.ImportFrom, set[Wanted]]]] = {}
    for reference in references.found:
        imported = reference.imported
        if imported is None or not imported.name:
            continue
        _, dropped = by_facts.setdefault(id(reference.facts), (reference.facts, {}))
        gone = written(reference.facts, imported)
        dropped.setdefault(imported.statement, set()).update(gone)
    return [edit for facts, dropped in by_facts.values() for edit in drop_imported(facts, dropped)]


# --- members ---------------------------------------------------------------------------------


def _delete_member(finder: ReferenceFinder, target: MemberTarget) -> Resolution:
    info, name = target.info, target.name
    facts = facts_of(finder.index, info.path)
    binding = info.scope.bindings.get(name)
    if binding is None:
        raise EditError(
            f"{info.qualname}.{name} is set in methods; it has no statement of its own.",
            hint="Use delete_statement for those statements.",
        )
    statements = definition_statements(facts, binding)
    references = finder.find(target)
    places = {info.path: statements}
    uses = [
        r for r in references.found if not _goes_with_it(r, places) and _needs(finder, r, target)
    ]
    _refuse_if_used(f"{info.path}::{info.qualname}.{name}", uses)
    edits = removal_edits(facts, statements) + unused_after(facts, _spans(facts, statements))
    edits = _tidied(finder, edits)
    summary = f"deleted {info.path}::{info.qualname}.{name}"
    if above := finder.hierarchy.definers(info, name, above=True):
        summary += f"; {above[0].path}::{above[0].qualname}.{name} takes its place"
    return Resolution(tuple(edits), summary, tuple(references.possible))


def _needs(finder: ReferenceFinder, reference: Reference, target: MemberTarget) -> bool:
    """Whether a reference would have nothing left to mean without this very definition."""
    info, name = target.info, target.name
    above = finder.hierarchy.definers(info, name, above=True)
    functions = [f for cls in above for f in functions_named(finder.index, cls, name)]
    if above and not any(f.decorated("abstractmethod") for f in functions):
        return False  # what it inherits takes its place
    if reference.kind == "definition":
        return False  # another class's own definition
    if isinstance(reference.node, cst.Attribute) and reference.scope is not None:
        types = finder.evidence.types(reference.facts, reference.node.value, reference.scope)
        owners = [
            finder.hierarchy.definers(t.info, name, above=isinstance(t, SuperType))[:1]
            for t in types
            if isinstance(t, ClassType | InstanceType | SuperType)
        ]
        return any(not found or found[0] is info for found in owners)
    return True


# --- files -----------------------------------------------------------------------------------


def importers_of(project: Project, path: str) -> list[str]:
    """The lines (`path:line: source line`) of other files that import a Python file."""
    index = ProjectIndex.of(project)
    names = {n.rpartition(".")[2] for n in index.modules.names_of(path)}
    found: list[str] = []
    for other in sorted({p for name in names for p in index.mentions(name)} - {path}):
        facts = index.facts(other)
        for imported in facts.imports if facts is not None else ():
            module = index.imported_module(other, imported)
            origins = index.imported_origins(facts, imported) if facts is not None else []
            if (module is not None and module.path == path) or ModuleRef(path) in origins:
                assert facts is not None
                start = facts.span(imported.statement)[0]
                source = facts.tree.source
                line = source.position(start)[0]
                found.append(f"{other}:{line}: {source.line_text(line).strip()}")
    return list(dict.fromkeys(found))


def check_file_unused(project: Project, path: str) -> None:
    """Raise EditError where other files still import a Python file."""
    lines = importers_of(project, path)
    if lines:
        count = len(lines)
        raise EditError(
            f"{path} is still imported in {count} place{'' if count == 1 else 's'}:\n"
            f"{listed(lines)}",
            hint="Remove those imports first.",
        )
