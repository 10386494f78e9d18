"""What an address of the operation language means in a Python project."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from sorte_cli.edits.model import Address, EditError
from sorte_cli.edits.python.evidence import ClassType, InstanceType
from sorte_cli.edits.python.hierarchy import Hierarchy
from sorte_cli.edits.python.index import Bound, ProjectIndex
from sorte_cli.edits.python.modules import ModuleRef
from sorte_cli.edits.python.references import (
    MemberTarget,
    NameTarget,
    ParameterTarget,
    ReferenceFinder,
    Target,
    occurrences_in,
)
from sorte_cli.edits.python.scopes import (
    CLASS,
    Binding,
    ClassInfo,
    FunctionInfo,
    ModuleFacts,
    Scope,
)
from sorte_cli.edits.suggest import did_you_mean, nearest


def facts_of(index: ProjectIndex, path: str) -> ModuleFacts:
    """The facts of a file that an operation names. Raises EditError where it cannot be read."""
    facts = index.facts(path)
    if facts is None:
        index.project.tree(path)  # raises with the reason
        raise EditError(f"{path} is nested too deeply to be understood.")
    return facts


def resolve_target(finder: ReferenceFinder, address: Address) -> Target:
    """The name, member or parameter at an address. Raises EditError with the nearest names."""
    facts = facts_of(finder.index, address.path)
    if address.position is not None:
        return _at_position(finder, facts, address.position)
    if address.parameter:
        return parameter_target(facts, address.symbol, address.parameter)
    if address.local:
        return _local(finder.index, facts, address.symbol, address.local)
    return _symbol(finder, facts, address.symbol)


def _symbol(finder: ReferenceFinder, facts: ModuleFacts, qualname: str) -> Target:
    scope, last = scope_of(facts, qualname)
    binding = scope.bindings.get(last)
    if scope.class_info is not None:
        if binding is not None or last in scope.class_info.self_attributes:
            return MemberTarget(scope.class_info, last)
        _inherited(finder.hierarchy, scope.class_info, last)
    if binding is None:
        _unknown_symbol(facts, qualname)
    assert binding is not None
    return _followed(finder.index, facts, binding)


def _followed(index: ProjectIndex, facts: ModuleFacts, binding: Binding) -> Target:
    """The definition behind an import that keeps its name, else the binding itself."""
    if all(d.imported is not None and not d.imported.has_alias for d in binding.definitions):
        for origin in index.origins(facts, binding):
            if isinstance(origin, Bound) and origin.binding.name == binding.name:
                return target_of(origin)
            if isinstance(origin, ModuleRef):
                raise EditError(
                    f"{binding.name!r} in {facts.path} is the module {origin.path}.",
                    hint=f"Use move_file {origin.path} to rename a module.",
                )
    return target_of(Bound(facts, binding))


def target_of(bound: Bound) -> Target:
    """A binding as a target: names in class bodies are members, parameters are parameters."""
    scope = bound.binding.scope
    if scope.kind == CLASS and scope.class_info is not None:
        return MemberTarget(scope.class_info, bound.binding.name)
    function = scope.function_info
    if function is not None and any(d.kind == "parameter" for d in bound.binding.definitions):
        return ParameterTarget(function, bound.binding.name)
    return NameTarget(bound)


def scope_of(facts: ModuleFacts, qualname: str) -> tuple[Scope, str]:
    """The scope in which the last part of a qualified name is bound, and that part."""
    *outer, last = qualname.split(".")
    scope = facts.root
    for part in outer:
        inner = _inner_scope(facts, scope, part)
        if inner is None:
            _unknown_symbol(facts, qualname)
        assert inner is not None
        scope = inner
    return scope, last


def _inner_scope(facts: ModuleFacts, scope: Scope, name: str) -> Scope | None:
    binding = scope.bindings.get(name)
    if binding is None:
        return None
    for definition in reversed(binding.definitions):
        if definition.kind in ("class", "function"):
            return facts.scopes.get(definition.node)
    return None


def known_symbols(facts: ModuleFacts) -> list[str]:
    """Qualified names that can be addressed in a file."""
    names = list(facts.root.bindings)
    for cls in facts.classes:
        names += [f"{cls.qualname}.{n}" for n in (*cls.scope.bindings, *cls.self_attributes)]
    names += [f.qualname for f in facts.functions]
    return list(dict.fromkeys(names))


def _unknown_symbol(facts: ModuleFacts, qualname: str) -> None:
    names = nearest(qualname, known_symbols(facts))
    raise EditError(f"{facts.path} has no symbol {qualname!r}.", hint=did_you_mean(names))


def _inherited(hierarchy: Hierarchy, info: ClassInfo, name: str) -> None:
    owners = hierarchy.definers(info, name)
    if owners:
        where = f"{owners[0].path}::{owners[0].qualname}.{name}"
        raise EditError(
            f"{info.path}::{info.qualname} inherits {name!r}.", hint=f"It is defined in {where}."
        )


def function_info(facts: ModuleFacts, qualname: str) -> FunctionInfo:
    """The function of a qualified name; for a class its `__init__`.

    Raises EditError where there is none. Of overloads and property parts it is the plain one.
    """
    found = [f for f in facts.functions if f.qualname == qualname]
    if not found:
        scope, last = scope_of(facts, qualname)
        inner = _inner_scope(facts, scope, last)
        if inner is not None and inner.class_info is not None:
            init = [f for f in facts.functions if f.qualname == f"{qualname}.__init__"]
            if init:
                return init[-1]
            raise EditError(
                f"{facts.path}::{qualname} is a class without __init__.",
                hint="Name a method, as in Class.method, or add a field with add_symbol.",
            )
        if last in scope.bindings:
            raise EditError(f"{facts.path}::{qualname} is not a function.")
        _unknown_symbol(facts, qualname)
    plain = [f for f in found if not f.decorated("overload", "setter", "deleter")]
    return (plain or found)[-1]


def parameter_target(facts: ModuleFacts, qualname: str, name: str) -> ParameterTarget:
    """A parameter by name. Raises EditError with the parameters there are."""
    info = function_info(facts, qualname)
    facts.tree.parameter(info.node, name)
    return ParameterTarget(info, name)


def _local(index: ProjectIndex, facts: ModuleFacts, qualname: str, name: str) -> Target:
    info = function_info(facts, qualname)
    scopes = [s for s in facts.all_scopes() if s is info.scope or _is_inside(s, info.scope)]
    found = [s.bindings[name] for s in scopes if name in s.bindings and s.kind != CLASS]
    if not found:
        names = [n for s in scopes for n in s.bindings]
        raise EditError(
            f"{facts.path}::{qualname} binds no local name {name!r}.",
            hint=did_you_mean(nearest(name, names)),
        )
    if len(found) > 1 and found[0].scope is not info.scope:
        source = facts.tree.source
        lines = [str(source.position(b.occurrences[0].start)[0]) for b in found]
        line, column = source.position(found[0].occurrences[0].start)
        raise EditError(
            f"{facts.path}::{qualname} binds {name!r} in several inner scopes "
            f"(lines {', '.join(lines)}).",
            hint=f"Name one by its place, for example {facts.path}@{line}:{column}.",
        )
    return _followed(index, facts, found[0])


def _is_inside(scope: Scope | None, outer: Scope) -> bool:
    """Whether a scope is a comprehension, lambda or function inside another scope's body."""
    while scope is not None:
        if scope is outer:
            return True
        scope = scope.parent
    return False


# --- by position -----------------------------------------------------------------------------


def _at_position(finder: ReferenceFinder, facts: ModuleFacts, position: tuple[int, int]) -> Target:
    offset = facts.tree.source.offset(*position)
    index = finder.index
    for imported in facts.imports:
        span = imported.name_span
        if span is not None and span[0] <= offset < span[1]:
            for origin in index.imported_origins(facts, imported):
                if isinstance(origin, Bound):
                    return target_of(origin)
    for binding, occurrence in occurrences_in(facts):
        if occurrence.start <= offset < occurrence.end:
            return _followed(index, facts, binding)
    for uses in facts.attributes.values():
        for use in uses:
            if use.start <= offset < use.end:
                types = finder.evidence.types(facts, use.node.value, use.scope)
                found = list(_members(finder, types, use.name))
                return _only(found, facts, position, use.name)
    for keywords in facts.keywords.values():
        for keyword in keywords:
            if keyword.start <= offset < keyword.end and isinstance(keyword.call, cst.Call):
                found = list(
                    _keyword_targets(finder, facts, keyword.call, keyword.scope, keyword.name)
                )
                return _only(found, facts, position, keyword.name)
    for name, occurrences in facts.unresolved.items():
        for occurrence in occurrences:
            if occurrence.start <= offset < occurrence.end:
                for origin in index.lookup(facts, name, facts.root):
                    if isinstance(origin, Bound):
                        return target_of(origin)
                raise EditError(
                    f"{name!r} at {facts.path}:{position[0]}:{position[1]} is not defined in this "
                    "project."
                )
    raise EditError(f"No name stands at line {position[0]}, column {position[1]} of {facts.path}.")


def _only(found: list[Target], facts: ModuleFacts, position: tuple[int, int], name: str) -> Target:
    if not found:
        raise EditError(
            f"What {name!r} at {facts.path}:{position[0]}:{position[1]} belongs to cannot be told.",
            hint="Name it where it is defined, as in path::Class.name.",
        )
    return found[0]


def _members(finder: ReferenceFinder, types: Iterable[object], name: str) -> Iterable[Target]:
    for kind in types:
        if isinstance(kind, ClassType | InstanceType):
            for owner in finder.hierarchy.definers(kind.info, name)[:1]:
                yield MemberTarget(owner, name)
        elif isinstance(kind, ModuleRef):
            for origin in finder.index.exported(kind, name):
                if isinstance(origin, Bound):
                    yield target_of(origin)


def _keyword_targets(
    finder: ReferenceFinder, facts: ModuleFacts, call: cst.Call, scope: Scope, name: str
) -> Iterable[Target]:
    for function in finder.called_functions(facts, call, scope) or ():
        if name in function.scope.bindings:
            yield ParameterTarget(function, name)
    for kind in finder.evidence.types(facts, call.func, scope):
        if isinstance(kind, ClassType):
            for owner in finder.hierarchy.definers(kind.info, name)[:1]:
                yield MemberTarget(owner, name)
