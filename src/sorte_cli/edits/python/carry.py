"""What a piece of code needs from its file, so that it also works in another one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from sorte_cli.edits.python.import_model import Wanted
from sorte_cli.edits.python.import_style import prefers_relative, relative_name, wanted_for
from sorte_cli.edits.python.index import Bound, ProjectIndex
from sorte_cli.edits.python.scopes import Binding, Definition, ImportedName, ModuleFacts, Occurrence

if TYPE_CHECKING:
    from sorte_cli.edits.registry import Project

Span = tuple[int, int]


@dataclass(slots=True)
class Needs:
    """Imports for the other file; those in `typing_only` belong under `if TYPE_CHECKING:`.

    `statements` are statements to copy along, such as the logger of the module.
    """

    imports: list[Wanted] = field(default_factory=list)
    typing_only: list[Wanted] = field(default_factory=list)
    statements: list[cst.CSTNode] = field(default_factory=list)


def outside_names(facts: ModuleFacts, spans: list[Span]) -> dict[Binding, list[Occurrence]]:
    """The bindings of the module's own scope that are used inside `spans` but made outside."""
    found: dict[Binding, list[Occurrence]] = {}
    for binding in facts.root.bindings.values():
        inside = [o for o in binding.occurrences if _within(o.start, spans)]
        made_inside = any(_within(d.occurrence.start, spans) for d in binding.definitions)
        if inside and not made_inside:
            found[binding] = inside
    return found


def _within(offset: int, spans: list[Span]) -> bool:
    return any(start <= offset < end for start, end in spans)


def needs_of(
    project: Project,
    facts: ModuleFacts,
    spans: list[Span],
    destination: str,
    skip: frozenset[Binding] = frozenset(),
) -> Needs:
    """What the code in `spans` needs when it stands in the file `destination`.

    Bindings in `skip` are taken care of by the caller.
    """
    index = ProjectIndex.of(project)
    needs = Needs()
    queue = list(spans)
    done: set[Binding] = set(skip)
    while queue:
        for binding in outside_names(facts, [queue.pop()]):
            if binding in done:
                continue
            done.add(binding)
            statement = _module_bound(facts, binding)
            if statement is not None:
                needs.statements.append(statement)
                queue.append(facts.tree.statement_span(statement))
                continue
            _add(project, index, facts, binding, destination, needs)
    for name, occurrences in facts.unresolved.items():
        if any(_within(o.start, spans) for o in occurrences):
            for origin in index.lookup(facts, name, facts.root):
                if isinstance(origin, Bound) and origin.facts.path != destination:
                    path = origin.facts.path
                    wanted = wanted_for(project, destination, path, name, like=facts.path)
                    needs.imports.append(wanted)
    needs.imports = list(dict.fromkeys(needs.imports))
    needs.typing_only = [w for w in dict.fromkeys(needs.typing_only) if w not in needs.imports]
    return needs


def _module_bound(facts: ModuleFacts, binding: Binding) -> cst.CSTNode | None:
    """The statement of a name that each module has for itself (`logger = getLogger(__name__)`)."""
    if len(binding.definitions) != 1:
        return None
    definition = binding.definitions[0]
    statement = definition.statement
    if definition.kind not in ("assign", "annotated") or statement is None:
        return None
    start, end = facts.tree.span(statement)
    dunder = facts.unresolved.get("__name__", ())
    return statement if any(start <= o.start < end for o in dunder) else None


def _add(
    project: Project,
    index: ProjectIndex,
    facts: ModuleFacts,
    binding: Binding,
    destination: str,
    needs: Needs,
) -> None:
    definition = _import_of(binding)
    if definition is None or definition.imported is None:
        if destination != facts.path:
            made = wanted_for(project, destination, facts.path, binding.name, like=facts.path)
            needs.imports.append(made)
        return
    imported = definition.imported
    wanted = import_for(index, facts.path, imported, destination)
    if wanted is None:
        return
    under_condition = imported.line is not None and imported.line not in facts.tree.module.body
    if under_condition and is_typing_only(facts, imported):
        needs.typing_only.append(wanted)
    else:
        needs.imports.append(wanted)


def _import_of(binding: Binding) -> Definition | None:
    return next((d for d in binding.definitions if d.imported is not None), None)


def is_typing_only(facts: ModuleFacts, imported: ImportedName) -> bool:
    """Whether an import stands under `if TYPE_CHECKING:`."""
    for statement in facts.tree.module.body:
        if isinstance(statement, cst.If) and "TYPE_CHECKING" in facts.tree.text(statement.test):
            start, end = facts.tree.span(statement)
            if imported.line is not None and start <= facts.tree.span(imported.line)[0] < end:
                return True
    return False


def import_for(
    index: ProjectIndex, path: str, imported: ImportedName, destination: str
) -> Wanted | None:
    """An import of `path` as `destination` has to write it; None where it is of that very file."""
    alias = imported.bound if imported.has_alias else ""
    if not imported.level:
        return Wanted(imported.module, imported.name, alias)
    module = index.imported_module(path, imported)
    inner = index.modules.submodule(module, imported.name) if module is not None else None
    if module is None:
        return Wanted(imported.module, imported.name, alias, imported.level)
    if destination in (module.path, inner.path if inner is not None else None):
        return None
    root = index.modules.package_root(path)
    if index.modules.package_root(destination) == root and prefers_relative(index, path):
        target = module.path if not module.path.endswith("/") else f"{module.path}__init__.py"
        level, dotted = relative_name(destination, target)
        return Wanted(dotted, imported.name, alias, level)
    return Wanted(index.modules.name_of(module.path), imported.name, alias)
