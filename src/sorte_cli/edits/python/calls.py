"""Where a function is called, and which argument fills which parameter there."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from sorte_cli.edits.python.references import ReferenceFinder, describe
from sorte_cli.edits.python.scopes import FunctionInfo, ModuleFacts, Scope, last_name
from sorte_cli.edits.python.tree import parameters_of

_CONSTRUCTORS = ("__init__", "__new__")


@dataclass(frozen=True, slots=True)
class CallSite:
    """One call that certainly runs `function`.

    `bound`: the first parameter (`self`) is not among the arguments. `skip`: leading arguments
    that are not the function's own (the function itself, in `functools.partial`).
    """

    facts: ModuleFacts
    call: cst.Call
    scope: Scope
    function: FunctionInfo
    bound: bool
    skip: int = 0

    def describe(self) -> str:
        """`path:line: source line`"""
        return describe(self.facts, self.facts.span(self.call)[0])

    def argument(self, name: str) -> tuple[int | None, bool]:
        """The index (into the call's arguments) of what fills a parameter, and whether that is
        certain: `*args` and `**kwargs` in the call hide it.
        """
        parameters = self.function.node.params
        positional = [p.name.value for p in (*parameters.posonly_params, *parameters.params)]
        if self.bound:
            positional = positional[1:]
        place = positional.index(name) if name in positional else None
        position = 0
        certain = True
        for index, argument in enumerate(self.call.args):
            if index < self.skip:
                continue
            if argument.keyword is not None:
                if argument.keyword.value == name:
                    return index, certain
            elif argument.star == "**":
                certain = False
            elif argument.star == "*":
                certain = certain and place is None
            else:
                if position == place and certain:
                    return index, True
                position += 1
        return None, certain


@dataclass(slots=True)
class CallSites:
    """The calls of a function, and lines that may call it but cannot be decided."""

    sites: list[CallSite] = field(default_factory=list)
    possible: list[str] = field(default_factory=list)


def call_sites(finder: ReferenceFinder, functions: list[FunctionInfo]) -> CallSites:
    """Every call of one of `functions` (overrides of one method, or one function's overloads)."""
    result = CallSites()
    names = {f.name for f in functions} - set(_CONSTRUCTORS)
    classes = {f.owner for f in functions if f.name in _CONSTRUCTORS and f.owner is not None}
    for cls in classes:
        names.add(cls.name)
        names.update(c.name for c in finder.hierarchy.descendants(cls))
    if any(f.name == "__call__" for f in functions):
        names |= {f.owner.name for f in functions if f.owner is not None}
    paths = {p for name in names for p in finder.index.mentions(name)}
    wanted = set(functions)
    for path in sorted(paths):
        facts = finder.index.facts(path)
        if facts is None:
            continue
        for calls in facts.calls.values():
            for call, scope in calls:
                _classify(finder, facts, call, scope, wanted, names, result)
    result.sites.sort(key=lambda s: (s.facts.path, s.facts.span(s.call)[0]))
    return result


def _classify(
    finder: ReferenceFinder,
    facts: ModuleFacts,
    call: cst.Call,
    scope: Scope,
    wanted: set[FunctionInfo],
    names: set[str],
    result: CallSites,
) -> None:
    callees = finder.callees(facts, call, scope)
    found = [c for c in callees.known if c.function in wanted]
    if found and callees.certain and len(found) == len(callees.known):
        first = found[0]
        skip = 1 if callees.through_partial else 0
        result.sites.append(CallSite(facts, call, scope, first.function, first.bound, skip))
    elif found or (not callees.certain and last_name(call.func) in names):
        result.possible.append(describe(facts, facts.span(call)[0]))


def parameter_names(function: FunctionInfo) -> list[str]:
    """The names of all parameters in order."""
    return [p.name.value for p in parameters_of(function.node.params)]
