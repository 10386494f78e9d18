"""`clone`: copy a symbol or a file as a pattern for a new one, renaming consistently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from sorte_cli.edits.model import Edit, EditError, FileCreation, Operation, Resolution, SpanEdit
from sorte_cli.edits.python.carry import needs_of
from sorte_cli.edits.python.clone_copy import Copy
from sorte_cli.edits.python.clone_imports import import_edits
from sorte_cli.edits.python.clone_naming import (
    Renaming,
    Stem,
    derive_stem,
    pairs,
    stem_of_path,
    words_of,
)
from sorte_cli.edits.python.clone_values import parse_values, set_values
from sorte_cli.edits.python.counterparts import Counterparts
from sorte_cli.edits.python.exports import add_export_edits
from sorte_cli.edits.python.import_model import Wanted
from sorte_cli.edits.python.import_style import wanted_for
from sorte_cli.edits.python.imports import add_imports_edits
from sorte_cli.edits.python.index import ProjectIndex, exported_names
from sorte_cli.edits.python.load_order import check_loads
from sorte_cli.edits.python.new_files import append_edit, new_file_text, newline_bytes
from sorte_cli.edits.python.references import (
    MemberTarget,
    NameTarget,
    ReferenceFinder,
    Target,
    describe,
)
from sorte_cli.edits.python.removal import definition_statements
from sorte_cli.edits.python.rename import check_identifier
from sorte_cli.edits.python.scopes import CLASS, MODULE, Binding, ModuleFacts
from sorte_cli.edits.python.targets import facts_of, resolve_target
from sorte_cli.edits.source import is_python

if TYPE_CHECKING:
    from sorte_cli.edits.registry import Project

Span = tuple[int, int]


def clone(operation: Operation, project: Project) -> Resolution:
    """Resolve `clone`, of a symbol or of a file."""
    values = parse_values(operation.get("with"))
    address = operation.target
    if not address.symbol and address.position is None:
        return _clone_file(project, address.path, operation.get("new_path"), values)
    finder = ReferenceFinder(ProjectIndex.of(project))
    target = resolve_target(finder, address)
    return _clone_symbol(
        project, finder, target, operation.get("new_name"), operation.get("to"), values
    )


# --- symbols ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A symbol to copy: its binding and the whole lines of its definitions."""

    facts: ModuleFacts
    binding: Binding
    spans: tuple[Span, ...]
    kind: str

    @property
    def address(self) -> str:
        info = self.binding.scope.class_info
        owner = f"{info.qualname}." if info is not None else ""
        return f"{self.facts.path}::{owner}{self.binding.name}"


def _clone_symbol(
    project: Project,
    finder: ReferenceFinder,
    target: Target,
    new_name: str,
    destination: str,
    values: dict[str, str],
) -> Resolution:
    check_identifier(new_name)
    pattern = _pattern_of(finder, target)
    facts, binding = pattern.facts, pattern.binding
    destination = destination or facts.path
    if destination != facts.path and binding.scope.kind != MODULE:
        raise EditError(
            f"{pattern.address} stands inside another symbol; only top-level symbols can be "
            "copied to another file.",
            hint="Leave out `to`, or clone the whole class.",
        )
    _check_free(finder.index, pattern, new_name, destination)
    counterparts = Counterparts(finder.index, _stems(finder, pattern, new_name, destination))
    copy = Copy(finder, facts, list(pattern.spans), counterparts, {binding: new_name})
    copy.run()
    set_values(copy, [binding], values)
    code = _joined(copy, pattern)
    if destination == facts.path:
        edits = _beside(project, copy, pattern, code, new_name)
    else:
        edits = _elsewhere(project, copy, pattern, code, new_name, destination)
        check_loads(finder.index, edits, destination)
    summary = f"copied {pattern.address} as {new_name}"
    if destination != facts.path:
        summary = f"copied {pattern.address} as {new_name} to {destination}"
    return Resolution(tuple(edits), summary + _stem_note(counterparts.renaming))


def _stem_note(renaming: Renaming) -> str:
    shown = ", ".join(f"{old} -> {new}" for old, new in pairs(renaming) if old != new)
    return f" ({shown})" if shown else ""


def _pattern_of(finder: ReferenceFinder, target: Target) -> _Pattern:
    if isinstance(target, MemberTarget):
        facts = facts_of(finder.index, target.info.path)
        found = target.info.scope.bindings.get(target.name)
        if found is None:
            raise EditError(
                f"{target.info.qualname}.{target.name} is set in a method; it has no statement of "
                "its own to copy."
            )
        binding = found
    elif isinstance(target, NameTarget):
        facts, binding = target.bound.facts, target.bound.binding
    else:
        raise EditError("A parameter cannot be copied.", hint="Use add_parameter.")
    statements = definition_statements(facts, binding)
    spans = [facts.tree.statement_span(statement) for statement in statements]
    kind = next(d.kind for d in binding.definitions if d.statement is statements[0])
    return _Pattern(facts, binding, tuple(_adjacent(facts.text, spans)), kind)


def _adjacent(text: str, spans: list[Span]) -> list[Span]:
    """Spans with only white space between them as one (a property and its setter)."""
    merged: list[Span] = []
    for start, end in spans:
        if merged and not text[merged[-1][1] : start].strip():
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def _check_free(index: ProjectIndex, pattern: _Pattern, new_name: str, destination: str) -> None:
    scope, facts = pattern.binding.scope, pattern.facts
    if destination != facts.path:
        other = index.facts(destination)
        if other is None:
            if not is_python(destination):
                raise EditError(f"{destination} is not a Python file.")
            if index.project.exists(destination):
                facts_of(index, destination)  # raises with the reason
            return
        scope, facts = other.root, other
    taken = scope.bindings.get(new_name)
    if taken is not None:
        raise EditError(
            f"The name {new_name!r} is already taken: "
            f"{describe(facts, taken.occurrences[0].start)}",
            hint="Choose another name.",
        )


def _stems(
    finder: ReferenceFinder, pattern: _Pattern, new_name: str, destination: str
) -> list[Stem]:
    siblings = [
        b.name
        for b in pattern.binding.scope.bindings.values()
        if b is not pattern.binding and b.definitions and b.definitions[0].kind == pattern.kind
    ]
    first_words = {words_of(name)[0].lower() for name in siblings if words_of(name)}
    stem = derive_stem(pattern.binding.name, new_name, frozenset(first_words))
    stems = [stem]
    of_file = derive_stem(stem_of_path(pattern.facts.path), stem_of_path(destination))
    alone = len([b for b in pattern.facts.root.bindings.values() if _is_definition(b)]) == 1
    # A file that holds nothing else is named for the symbol, by whatever word.
    same_words = of_file.new == stem.new and of_file.old != stem.old
    if destination != pattern.facts.path and alone and same_words:
        stems.append(of_file)
    return stems


def _is_definition(binding: Binding) -> bool:
    return any(d.kind in ("class", "function") for d in binding.definitions)


def _joined(copy: Copy, pattern: _Pattern) -> str:
    blank = "\n" if pattern.binding.scope.kind == CLASS else "\n\n"
    parts = [copy.text(start, end) for start, end in pattern.spans]
    return blank.join(_ended(part) for part in parts)


def _ended(text: str) -> str:
    return text if text.endswith(("\n", "\r")) else text + "\n"


def _beside(
    project: Project, copy: Copy, pattern: _Pattern, code: str, new_name: str
) -> list[Edit]:
    facts = pattern.facts
    offset = pattern.spans[-1][1]
    if pattern.kind in ("class", "function"):
        blank = "\n\n" if pattern.binding.scope.kind == MODULE else "\n"
    else:
        blank = ""
    text = blank + code
    if offset == len(facts.text) and not facts.tree.source.final_newline:
        text = "\n" + text.removesuffix("\n")
    edits: list[Edit] = [SpanEdit(facts.path, offset, offset, text)]
    if pattern.binding.scope is facts.root:
        edits += add_export_edits(facts, new_name, beside=pattern.binding.name)
    wanted = _exchanged_imports(project, copy, facts.path)
    return [*edits, *add_imports_edits(project, facts.path, wanted)]


def _exchanged_imports(project: Project, copy: Copy, destination: str) -> list[Wanted]:
    """Imports of counterparts that stand in another file than the copy."""
    return [
        wanted_for(project, destination, bound.facts.path, bound.binding.name, like=copy.facts.path)
        for binding, bound in copy.exchanged.items()
        if bound.facts.path != destination and binding.scope is copy.facts.root
    ]


def _elsewhere(
    project: Project,
    copy: Copy,
    pattern: _Pattern,
    code: str,
    new_name: str,
    destination: str,
) -> list[Edit]:
    facts = pattern.facts
    skip = frozenset({pattern.binding, *copy.exchanged})
    needs = needs_of(project, facts, list(pattern.spans), destination, skip)
    needs.imports += _exchanged_imports(project, copy, destination)
    is_value = pattern.kind not in ("class", "function")
    existing = ProjectIndex.of(project).facts(destination)
    if existing is None:
        listed = exported_names(facts)
        exported = listed is not None and pattern.binding.name in listed
        text = new_file_text(
            project,
            facts,
            needs,
            code,
            destination,
            exports=new_name if exported else "",
            docstring=_docstring(copy),
            is_value=is_value,
        )
        return [FileCreation(destination, newline_bytes(facts, text))]
    edits: list[Edit] = [append_edit(facts, existing, needs, code, is_value=is_value)]
    edits += add_export_edits(existing, new_name)
    known = [w for w in needs.typing_only if w.bound not in existing.root.bindings]
    return [*edits, *add_imports_edits(project, destination, [*needs.imports, *known])]


def _docstring(copy: Copy) -> str:
    """The module's docstring, where it speaks of what is copied."""
    body = copy.facts.tree.module.body
    first = body[0] if body else None
    if not isinstance(first, cst.SimpleStatementLine) or not isinstance(first.body[0], cst.Expr):
        return ""
    node = first.body[0].value
    if not isinstance(node, cst.SimpleString):
        return ""
    text = copy.facts.tree.text(node)
    renamed = copy.renaming.prose(text)
    return renamed + "\n" if renamed != text else ""


# --- files -----------------------------------------------------------------------------------


def _clone_file(project: Project, path: str, new_path: str, values: dict[str, str]) -> Resolution:
    source = project.source(path)
    if project.exists(new_path):
        raise EditError(f"{new_path} exists already.", hint="Choose another path.")
    stem = derive_stem(stem_of_path(path), stem_of_path(new_path))
    if not is_python(path):
        text = Renaming((stem,)).literal(source.text)
        content = source.encode(text)
        return Resolution((FileCreation(new_path, content),), f"copied {path} to {new_path}")
    index = ProjectIndex.of(project)
    finder = ReferenceFinder(index)
    facts = facts_of(index, path)
    counterparts = Counterparts(index, [stem])
    whole = [(0, len(facts.text) + 1)]
    copy = Copy(finder, facts, whole, counterparts, {}, whole_file=True)
    copy.run()
    for edit in import_edits(project, copy, new_path):
        copy.override(edit.start, edit.end, edit.text)
    if values:
        top = [
            b
            for b in facts.root.bindings.values()
            if b.definitions and b.definitions[0].imported is None
        ]
        set_values(copy, top, values)
    content = source.encode(source.localise(copy.text(0, len(facts.text)), 0))
    exchanged = sorted({b.binding.name for b in copy.exchanged.values()})
    note = f"; it uses {', '.join(exchanged)}" if exchanged else ""
    summary = f"copied {path} to {new_path}{_stem_note(counterparts.renaming)}{note}"
    return Resolution((FileCreation(new_path, content),), summary)
