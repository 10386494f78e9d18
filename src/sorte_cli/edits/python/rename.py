"""`rename`: a new name for a function, class, member, parameter or local, wherever it is meant."""

from __future__ import annotations

import keyword
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sorte_cli.edits.model import EditError, Operation, Resolution, SpanEdit
from sorte_cli.edits.python.binder import BUILTIN_NAMES
from sorte_cli.edits.python.import_order import all_kept_sorted
from sorte_cli.edits.python.index import Bound, ProjectIndex, word_pattern
from sorte_cli.edits.python.references import (
    MemberTarget,
    NameTarget,
    ParameterTarget,
    ReferenceFinder,
    References,
    Target,
    describe,
)
from sorte_cli.edits.python.scopes import CLASS, MODULE, Binding, ModuleFacts, Occurrence, Scope
from sorte_cli.edits.python.targets import resolve_target
from sorte_cli.edits.suggest import counted
from sorte_cli.texts import N_

if TYPE_CHECKING:
    from sorte_cli.edits.registry import Project


def rename(operation: Operation, project: Project) -> Resolution:
    """Resolve `rename ADDRESS new_name`."""
    finder = ReferenceFinder(ProjectIndex.of(project))
    target = resolve_target(finder, operation.target)
    return rename_target(finder, target, operation.get("new_name"))


def rename_parameter(operation: Operation, project: Project) -> Resolution:
    """Resolve `rename_parameter FUNCTION(PARAMETER) new_name`: a rename that takes nothing else.

    Raises EditError where a place names something that is no parameter.
    """
    finder = ReferenceFinder(ProjectIndex.of(project))
    target = resolve_target(finder, operation.target)
    if not isinstance(target, ParameterTarget):
        raise EditError(
            f"{target_name(target)!r} is no parameter.", hint="Write: rename ADDRESS NEW_NAME"
        )
    return rename_target(finder, target, operation.get("new_name"))


def rename_target(finder: ReferenceFinder, target: Target, new_name: str) -> Resolution:
    """The edits that give a target a new name.

    Raises EditError for a name that cannot be used, or that something else there already has.
    """
    old = target_name(target)
    check_identifier(new_name)
    if new_name == old:
        raise EditError(f"{old!r} already has this name.")
    _check_target(finder, target, old)
    references = finder.find(target)
    edits = [SpanEdit(r.path, r.start, r.end, new_name) for r in references.named]
    _check_conflicts(finder, target, references, new_name)
    if any(r.kind == "import" for r in references.named):
        edits = all_kept_sorted(finder.index, edits)
    return Resolution(
        tuple(edits), _summary(finder, target, references, new_name), tuple(references.possible)
    )


def target_name(target: Target) -> str:
    """The name a target has now."""
    return target.bound.binding.name if isinstance(target, NameTarget) else target.name


def check_identifier(name: str) -> None:
    """Raise EditError unless `name` can name something in Python."""
    if not name.isidentifier():
        raise EditError(
            f"{name!r} is not a valid Python name.",
            hint="Use letters, digits and underscores, not beginning with a digit.",
        )
    if keyword.iskeyword(name):
        raise EditError(f"{name!r} is a Python keyword.", hint="Choose another name.")


def _check_target(finder: ReferenceFinder, target: Target, old: str) -> None:
    if isinstance(target, MemberTarget) and old.startswith("__") and old.endswith("__"):
        raise EditError(
            f"{target.info.path}::{target.info.qualname}.{old} is a special method that Python "
            "calls by its name.",
            hint="Write a method of another name that calls it instead.",
        )
    if isinstance(target, NameTarget):
        for definition in target.bound.binding.definitions:
            imported = definition.imported
            if imported is not None and not imported.has_alias:
                raise EditError(
                    f"{old!r} in {target.bound.facts.path} is imported from {imported.module!r}, "
                    "outside this project.",
                    hint="Its name is not this project's to change.",
                )
        if (
            target.bound.binding.scope.kind == MODULE
            and old.startswith("__")
            and old.endswith("__")
        ):
            raise EditError(f"{old!r} has a meaning of its own for Python.")
    if isinstance(target, ParameterTarget):
        facts = finder.index.facts(target.function.path)
        assert facts is not None
        fixture = finder.hierarchy.fixture(facts, target.function, old)
        if fixture is not None:
            raise EditError(
                f"{old!r} is a parameter that pytest fills from the fixture of that name.",
                hint=f"Rename the fixture: rename {fixture.path}::{fixture.qualname} NEW_NAME.",
            )


# --- conflicts -------------------------------------------------------------------------------


def _check_conflicts(
    finder: ReferenceFinder, target: Target, references: References, new_name: str
) -> None:
    for bound in references.bindings:
        if bound.binding.name == target_name(target):
            _check_scope(finder, bound, new_name)
    for cls in references.classes:
        for other in [*finder.hierarchy.ancestry(cls), *finder.hierarchy.descendants(cls)]:
            if other.defines(new_name):
                facts = finder.index.facts(other.path)
                assert facts is not None
                uses = other.self_attributes.get(new_name, [])
                binding = other.scope.bindings.get(new_name)
                start = binding.occurrences[0].start if binding else uses[0].start
                _refuse(facts, start, new_name)


def _check_scope(finder: ReferenceFinder, bound: Bound, new_name: str) -> None:
    """Refuse where the new name is taken in the scope, would be hidden, or would hide another."""
    facts, binding = bound.facts, bound.binding
    scope = binding.scope
    taken = scope.bindings.get(new_name)
    if taken is not None and taken.occurrences:
        _refuse(facts, taken.occurrences[0].start, new_name)
    if scope.kind == CLASS:
        _check_class_body(facts, binding, new_name)
        return
    for occurrence in binding.occurrences:
        hidden = _bound_between(occurrence, scope, binding.name, new_name)
        if hidden is not None:
            _refuse(facts, hidden.occurrences[0].start, new_name)
    for captured in captured_reads(facts, scope, new_name):
        raise EditError(
            f"Renaming {binding.name!r} to {new_name!r} would change what {new_name!r} means "
            f"in {facts.path}.",
            hint=describe(facts, captured),
        )


def _check_class_body(facts: ModuleFacts, binding: Binding, new_name: str) -> None:
    """Names read directly in a class body must not become the member."""
    first = binding.occurrences[0].start
    for name, occurrences in _outer_names(facts, binding.scope):
        if name != new_name:
            continue
        for occurrence in occurrences:
            if occurrence.scope is binding.scope and occurrence.start > first:
                _refuse(facts, occurrence.start, new_name)


def _outer_names(facts: ModuleFacts, scope: Scope) -> Iterator[tuple[str, list[Occurrence]]]:
    outer = scope.parent
    while outer is not None:
        for name, binding in outer.bindings.items():
            yield name, binding.occurrences
        outer = outer.parent
    yield from facts.unresolved.items()


def _bound_between(occurrence: Occurrence, outer: Scope, old: str, new: str) -> Binding | None:
    """A binding of `new` in a scope that would come first when looking up from an occurrence."""
    inner = occurrence.scope
    scope: Scope | None = inner
    while scope is not None and scope is not outer:
        binding = scope.bindings.get(new)
        in_class = scope.kind == CLASS
        if binding is not None and (not in_class or scope is inner):
            bound_later = all(d.occurrence.order > occurrence.order for d in binding.definitions)
            # A class body reads what it binds only later straight from the globals.
            return None if in_class and bound_later and outer.kind == MODULE else binding
        if old in scope.global_names:
            return None  # the declaration is renamed too, and leads straight to the module
        scope = scope.parent
    return None


def captured_reads(facts: ModuleFacts, scope: Scope, new_name: str) -> list[int]:
    """Offsets where `new_name` is read inside `scope` and means something further out."""
    candidates = list(facts.unresolved.get(new_name, ()))
    outer: Scope | None = scope.parent
    while outer is not None:
        if new_name in outer.bindings:
            candidates.extend(outer.bindings[new_name].occurrences)
        outer = outer.parent
    return sorted(o.start for o in candidates if _looks_through(o.scope, scope, new_name))


def _looks_through(inner: Scope, scope: Scope, name: str) -> bool:
    """Whether looking up `name` from `inner` passes `scope`."""
    current: Scope | None = inner
    while current is not None and current is not scope:
        if name in current.global_names:
            return False
        current = current.parent
    return current is scope


def _refuse(facts: ModuleFacts, offset: int, new_name: str) -> None:
    raise EditError(
        f"The name {new_name!r} is already taken: {describe(facts, offset)}",
        hint="Choose another name, or rename that one first.",
    )


# --- summary ---------------------------------------------------------------------------------


def _summary(finder: ReferenceFinder, target: Target, references: References, new_name: str) -> str:
    old = target_name(target)
    places = counted(len(references.named), "place")
    files = counted(len({r.path for r in references.named}), "file")
    text = N_(f"renamed {old} to {new_name}: {places} in {files}")
    notes = []
    if new_name in BUILTIN_NAMES and not isinstance(target, MemberTarget):
        notes.append(N_(f"{new_name} hides the builtin of that name"))
    if isinstance(target, MemberTarget):
        outside = finder.hierarchy.outside_bases(target.info)
        if outside:
            notes.append(N_(f"{target.info.name} derives from {', '.join(outside)}, not checked"))
    remaining = _mentions_in_prose(references, old)
    if remaining:
        found = counted(remaining, "mention")
        notes.append(N_(f"{found} in comments or other text left as it was"))
    return "; ".join([text, *notes])


def _mentions_in_prose(references: References, old: str) -> int:
    """How often the old name stays as a word in comments and strings of the changed files."""
    pattern = word_pattern(old)
    count = 0
    for facts in {id(r.facts): r.facts for r in references.named}.values():
        starts = {r.start for r in references.named if r.facts is facts}
        for match in pattern.finditer(facts.text):
            if match.start() in starts:
                continue
            line = facts.text[: match.start()].rpartition("\n")[2]
            if "#" in line:
                count += 1
        for string, _ in facts.strings:
            if old in string.value and facts.span(string)[0] not in starts:
                count += len(pattern.findall(string.value))
    return count
