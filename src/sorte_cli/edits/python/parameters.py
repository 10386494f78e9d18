"""`add_parameter`, `change_parameter`, `remove_parameter`: signatures change, callers follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from sorte_cli.edits.model import EditError, Operation, Resolution, SpanEdit
from sorte_cli.edits.python.binder import BUILTIN_NAMES, first_parameter
from sorte_cli.edits.python.calls import CallSite, CallSites, call_sites, parameter_names
from sorte_cli.edits.python.comma_lists import (
    Item,
    argument_items,
    insert_item,
    parameter_items,
    remove_items,
)
from sorte_cli.edits.python.index import ProjectIndex
from sorte_cli.edits.python.references import (
    MemberTarget,
    NameTarget,
    ParameterTarget,
    ReferenceFinder,
    describe,
    functions_named,
)
from sorte_cli.edits.python.rename import captured_reads, check_identifier, rename_target
from sorte_cli.edits.python.scopes import FunctionInfo, ModuleFacts
from sorte_cli.edits.python.targets import facts_of, function_info, resolve_target
from sorte_cli.edits.python.tree import parameters_of

if TYPE_CHECKING:
    from sorte_cli.edits.model import Address
    from sorte_cli.edits.registry import Project

_LISTED = 10


@dataclass(frozen=True, slots=True)
class Declaration:
    """A parameter as it is written: `timeout: float = 30.0`, `*args`, or `*, timeout` (only by
    keyword).
    """

    name: str
    annotation: str = ""
    default: str = ""
    star: str = ""
    keyword_only: bool = False

    @property
    def text(self) -> str:
        """The declaration as a formatter would write it."""
        return self.star + self.name + tail(self.annotation, self.default)


def tail(annotation: str, default: str) -> str:
    """What follows the name: `: float = 30.0`, `=30.0`."""
    if annotation:
        return f": {annotation} = {default}" if default else f": {annotation}"
    return f"={default}" if default else ""


def parse_declaration(text: str, name: str = "") -> Declaration:
    """Read a declaration; without a name of its own (`: int`, `= 5`) it takes `name`.

    Raises EditError where it is not exactly one parameter.
    """
    text = text.strip()
    if name and text.startswith((":", "=")):
        text = name + text
    wrong = EditError(
        f"{text!r} does not declare a parameter.",
        hint='Write it as in a signature: "timeout: float = 30.0".',
    )
    try:
        module = cst.parse_module(f"def f({text}): pass\n")
    except cst.ParserSyntaxError as error:
        raise wrong from error
    function = module.body[0] if len(module.body) == 1 else None
    if not isinstance(function, cst.FunctionDef) or function.returns is not None:
        raise wrong
    found = list(parameters_of(function.params))
    if len(found) != 1 or isinstance(function.params.posonly_ind, cst.ParamSlash):
        raise wrong
    only = found[0]

    def code(node: cst.CSTNode | None) -> str:
        return module.code_for_node(node).strip() if node is not None else ""

    return Declaration(
        only.name.value,
        code(only.annotation.annotation if only.annotation else None),
        code(only.default),
        only.star if isinstance(only.star, str) else "",
        only in function.params.kwonly_params,
    )


def _function_of(index: ProjectIndex, finder: ReferenceFinder, address: Address) -> FunctionInfo:
    facts = facts_of(index, address.path)
    if address.position is None:
        return function_info(facts, address.symbol)
    target = resolve_target(finder, address)
    if isinstance(target, NameTarget):
        for definition in target.bound.binding.definitions:
            scope = target.bound.facts.scopes.get(definition.node)
            if scope is not None and scope.function_info is not None:
                return scope.function_info
    elif isinstance(target, MemberTarget):
        found = functions_named(index, target.info, target.name)
        if found:
            return found[-1]
    raise EditError(f"No function has its name at {address.path}:{address.position}.")


def _facts(finder: ReferenceFinder, function: FunctionInfo) -> ModuleFacts:
    return facts_of(finder.index, function.path)


def _below(finder: ReferenceFinder, function: FunctionInfo) -> list[FunctionInfo]:
    """The function with its overloads and stubs, and the overrides in subclasses."""
    related = finder.related_functions(function)
    if function.owner is None:
        return related
    lineage = {function.owner, *finder.hierarchy.descendants(function.owner)}
    paths = {(c.path.removesuffix("i"), c.qualname) for c in lineage}
    return [
        f
        for f in related
        if f.owner is not None and (f.path.removesuffix("i"), f.owner.qualname) in paths
    ]


# --- adding ----------------------------------------------------------------------------------


def add_parameter(operation: Operation, project: Project) -> Resolution:
    """Resolve `add_parameter PATH::function "declaration"`."""
    index = ProjectIndex.of(project)
    finder = ReferenceFinder(index)
    function = _function_of(index, finder, operation.target)
    declaration = parse_declaration(operation.get("declaration"))
    check_identifier(declaration.name)
    _check_new(finder, function, declaration)
    required = not declaration.default and not declaration.star
    possible: list[str] = []
    if required:
        possible = _check_no_callers(finder, function, declaration)
    edits: list[SpanEdit] = []
    followed = 0
    for one in _below(finder, function):
        if one is not function:
            if declaration.name in parameter_names(one) or _takes_any_keyword(one):
                continue
            _check_new(finder, one, declaration)
            followed += 1
        edits.extend(_insertion(_facts(finder, one), one, declaration))
    summary = f"added parameter {declaration.text} to {function.path}::{function.qualname}"
    if followed:
        summary += f"; {followed} more that override or declare it"
    return Resolution(tuple(edits), summary, tuple(possible))


def _takes_any_keyword(function: FunctionInfo) -> bool:
    return function.node.params.star_kwarg is not None


def _check_new(finder: ReferenceFinder, function: FunctionInfo, declaration: Declaration) -> None:
    """Refuse a name that the function already uses for something."""
    facts = _facts(finder, function)
    name = declaration.name
    binding = function.scope.bindings.get(name)
    if name in parameter_names(function):
        raise EditError(
            f"{function.path}::{function.qualname} already has a parameter {name!r}.",
            hint=f"Use change_parameter {function.path}::{function.qualname}({name}).",
        )
    if binding is not None:
        raise EditError(
            f"{function.path}::{function.qualname} already has a local name {name!r}.",
            hint=describe(facts, binding.occurrences[0].start),
        )
    outer = [
        start
        for start in captured_reads(facts, function.scope, name)
        if not _is_undefined(facts, name, start)
    ]
    if outer:
        raise EditError(
            f"{function.path}::{function.qualname} uses another {name!r}, which a parameter of "
            "that name would hide.",
            hint=describe(facts, outer[0]),
        )
    parameters = function.node.params
    star = parameters.star_arg
    if (declaration.star == "*" and isinstance(star, cst.Param)) or (
        declaration.star == "**" and parameters.star_kwarg is not None
    ):
        raise EditError(
            f"{function.path}::{function.qualname} already has a {declaration.star} parameter."
        )


def _is_undefined(facts: ModuleFacts, name: str, start: int) -> bool:
    """Whether the name at an offset means nothing yet: the body was written for the parameter."""
    return name not in BUILTIN_NAMES and any(
        o.start == start for o in facts.unresolved.get(name, ())
    )


def _check_no_callers(
    finder: ReferenceFinder, function: FunctionInfo, declaration: Declaration
) -> list[str]:
    """Refuse a parameter without default where callers exist; lines that may be callers."""
    calls = call_sites(finder, _below(finder, function))
    lines = [site.describe() for site in calls.sites]
    uses = [use.describe() for use in finder.value_uses(function)]
    lines += [line for line in uses if line not in lines]
    if lines:
        raise EditError(
            f"{declaration.name!r} has no default, and {len(lines)} "
            f"place{'' if len(lines) == 1 else 's'} would no longer work:\n{listed(lines)}",
            hint=f'Give it a default: "{declaration.text}{" = " if declaration.annotation else "="}'
            'VALUE".',
        )
    return calls.possible


def listed(lines: list[str]) -> str:
    """Up to ten lines, then how many more there are."""
    shown = lines[:_LISTED]
    more = len(lines) - len(shown)
    return "\n".join([f"  {line}" for line in shown] + ([f"  and {more} more"] if more else []))


def _insertion(
    facts: ModuleFacts, function: FunctionInfo, declaration: Declaration
) -> list[SpanEdit]:
    tree = facts.tree
    parameters = function.node.params
    items = parameter_items(tree, parameters)
    star = parameters.star_arg
    opening = _opening(facts, function.node)
    if declaration.star == "*" and isinstance(star, cst.ParamStar):
        item = next(i for i in items if i.node is star)
        return [SpanEdit(tree.path, item.start, item.end, declaration.text)]
    place, text = _place(parameters, items, declaration)
    return insert_item(tree, items, place, text, opening)


def _place(
    parameters: cst.Parameters, items: list[Item], declaration: Declaration
) -> tuple[int, str]:
    """The index at which the new parameter keeps every existing call working, and its text."""
    end = len(items) - (parameters.star_kwarg is not None)
    has_star = isinstance(parameters.star_arg, cst.Param | cst.ParamStar)
    if declaration.star == "**":
        return len(items), declaration.text
    if declaration.star == "*":
        return end - len(parameters.kwonly_params), declaration.text
    if has_star:
        return end, declaration.text
    if declaration.keyword_only:
        return end, f"*, {declaration.text}"
    if declaration.default:
        return end, declaration.text
    for index, item in enumerate(items):
        if isinstance(item.node, cst.Param) and item.node.default is not None:
            return index, declaration.text
    return end, declaration.text


def _opening(facts: ModuleFacts, node: cst.FunctionDef) -> int:
    """The offset behind the parenthesis that opens the parameters."""
    start = facts.span(node.name)[1]
    if node.type_parameters is not None:
        start = facts.span(node.type_parameters)[1]
    return facts.text.index("(", start) + 1


# --- changing --------------------------------------------------------------------------------


def change_parameter(operation: Operation, project: Project) -> Resolution:
    """Resolve `change_parameter PATH::function(parameter) "declaration"`."""
    index = ProjectIndex.of(project)
    finder = ReferenceFinder(index)
    target = _parameter_of(finder, operation.target)
    function, name = target.function, target.name
    declaration = parse_declaration(operation.get("declaration"), name)
    node = facts_of(index, function.path).tree.parameter(function.node, name)
    before = _declaration_of(_facts(finder, function), node)
    if declaration.star and declaration.star != before.star:
        raise EditError(
            f"{name!r} cannot be turned into {declaration.text!r}: every call would change.",
            hint="Remove the parameter and add another one.",
        )
    edits: list[SpanEdit] = []
    possible: tuple[str, ...] = ()
    if declaration.name != name:
        renamed = rename_target(finder, target, declaration.name)
        edits += [e for e in renamed.edits if isinstance(e, SpanEdit)]
        possible = renamed.possible
    for one in _below(finder, function):
        if name not in parameter_names(one):
            continue
        facts = _facts(finder, one)
        other = facts.tree.parameter(one.node, name)
        known = _declaration_of(facts, other)
        if one is function or (known.annotation, known.default) == (
            before.annotation,
            before.default,
        ):
            edits += _rewritten(facts, one, other, known, declaration)
    if not edits:
        raise EditError(f"{name!r} is already declared as {before.text!r}.")
    after = Declaration(
        declaration.name,
        declaration.annotation or before.annotation,
        declaration.default or before.default,
        before.star,
    )
    summary = (
        f"changed parameter {before.text} of {function.path}::{function.qualname} to {after.text}"
    )
    return Resolution(tuple(edits), summary, possible)


def _parameter_of(finder: ReferenceFinder, address: Address) -> ParameterTarget:
    target = resolve_target(finder, address)
    if not isinstance(target, ParameterTarget):
        raise EditError(
            f"{address.path} has no parameter there.",
            hint="Name it as path::function(parameter).",
        )
    return target


def _declaration_of(facts: ModuleFacts, node: cst.Param) -> Declaration:
    def code(part: cst.BaseExpression | None) -> str:
        if part is None:
            return ""
        start, end = facts.tree.outer_span(part)
        return facts.text[start:end]

    return Declaration(
        node.name.value,
        code(node.annotation.annotation if node.annotation else None),
        code(node.default),
        node.star if isinstance(node.star, str) else "",
    )


def _rewritten(
    facts: ModuleFacts,
    function: FunctionInfo,
    node: cst.Param,
    before: Declaration,
    wanted: Declaration,
) -> list[SpanEdit]:
    annotation = wanted.annotation or before.annotation
    default = wanted.default or before.default
    if (annotation, default) == (before.annotation, before.default):
        return []
    if default and not before.default:
        _check_default_allowed(function, node)
    if (annotation == before.annotation) and before.default:
        assert node.default is not None
        start, end = facts.tree.outer_span(node.default)
        return [SpanEdit(facts.path, start, end, default)]
    start = facts.span(node.name)[1]
    last = node.default or (node.annotation.annotation if node.annotation else node.name)
    end = facts.tree.outer_span(last)[1]
    return [SpanEdit(facts.path, start, end, tail(annotation, default))]


def _check_default_allowed(function: FunctionInfo, node: cst.Param) -> None:
    parameters = function.node.params
    positional = [*parameters.posonly_params, *parameters.params]
    if node not in positional:
        return
    following = [
        p.name.value for p in positional[positional.index(node) + 1 :] if p.default is None
    ]
    if following:
        raise EditError(
            f"{node.name.value!r} cannot have a default: {', '.join(following)} after it "
            f"{'has' if len(following) == 1 else 'have'} none.",
            hint="Give those defaults first, from the last one on.",
        )


# --- removing --------------------------------------------------------------------------------


def remove_parameter(operation: Operation, project: Project) -> Resolution:
    """Resolve `remove_parameter PATH::function(parameter)`."""
    index = ProjectIndex.of(project)
    finder = ReferenceFinder(index)
    target = _parameter_of(finder, operation.target)
    function, name = target.function, target.name
    _check_removable(finder, function, name)
    functions = [f for f in _below(finder, function) if name in parameter_names(f)]
    calls = call_sites(finder, functions)
    edits, dropped = _without_arguments(calls, name)
    for one in functions:
        _check_unused(_facts(finder, one), one, name, dropped)
        edits += _without_parameter(_facts(finder, one), one, name)
    summary = (
        f"removed parameter {name} of {function.path}::{function.qualname}; "
        f"{len(dropped)} call{'' if len(dropped) == 1 else 's'} followed"
    )
    return Resolution(tuple(edits), summary, tuple(calls.possible))


def _check_removable(finder: ReferenceFinder, function: FunctionInfo, name: str) -> None:
    first = first_parameter(function.node)
    is_method = function.owner is not None and not function.decorated("staticmethod")
    if is_method and first is not None and first.name.value == name:
        raise EditError(f"{name!r} of {function.qualname} is filled by Python itself.")
    below = _below(finder, function)
    for other in finder.related_functions(function):
        if other not in below and name in parameter_names(other):
            raise EditError(
                f"{function.qualname} overrides {other.path}::{other.qualname}, which has "
                f"{name!r} too.",
                hint=f"remove_parameter {other.path}::{other.qualname}({name}); overrides follow.",
            )
    if any(
        isinstance(d.decorator, cst.Call)
        and "parametrize" in _facts(finder, function).tree.text(d)
        and name in _facts(finder, function).tree.text(d)
        for d in function.node.decorators
    ):
        raise EditError(f"{name!r} of {function.qualname} is filled by pytest.mark.parametrize.")


def _without_arguments(
    calls: CallSites, name: str
) -> tuple[list[SpanEdit], list[tuple[ModuleFacts, int, int]]]:
    """Edits that drop the argument at every call, and the spans that go."""
    edits: list[SpanEdit] = []
    dropped: list[tuple[ModuleFacts, int, int]] = []
    hidden: list[CallSite] = []
    for site in calls.sites:
        index, certain = site.argument(name)
        if index is None:
            if not certain:
                hidden.append(site)
            continue
        tree = site.facts.tree
        items = argument_items(tree, site.call.args)
        edits += remove_items(tree, items, {index})
        dropped.append((site.facts, items[index].start, items[index].end))
    # A call inside an argument that goes away goes with it.
    edits = [e for e in edits if not any(_contains(other, e) for other in edits)]
    starred = [s for s in hidden if any(a.star == "*" for a in s.call.args)]
    if starred:
        lines = [s.describe() for s in starred]
        raise EditError(
            f"Which argument fills {name!r} cannot be told where * is used:\n{listed(lines)}",
            hint="Write those arguments out first.",
        )
    calls.possible += [s.describe() for s in hidden if s.describe() not in calls.possible]
    return edits, dropped


def _contains(outer: SpanEdit, inner: SpanEdit) -> bool:
    return (
        outer is not inner
        and outer.path == inner.path
        and outer.start <= inner.start
        and inner.end <= outer.end
    )


def _check_unused(
    facts: ModuleFacts,
    function: FunctionInfo,
    name: str,
    dropped: list[tuple[ModuleFacts, int, int]],
) -> None:
    binding = function.scope.bindings[name]
    definitions = {d.occurrence for d in binding.definitions if d.kind == "parameter"}
    used = [
        describe(facts, o.start)
        for o in binding.occurrences
        if o not in definitions
        and not any(f is facts and start <= o.start < end for f, start, end in dropped)
    ]
    if used:
        raise EditError(
            f"{function.path}::{function.qualname} still uses {name!r}:\n"
            f"{listed(list(dict.fromkeys(used)))}",
            hint="Change those statements first.",
        )


def _without_parameter(facts: ModuleFacts, function: FunctionInfo, name: str) -> list[SpanEdit]:
    parameters = function.node.params
    items = parameter_items(facts.tree, parameters)
    index = next(
        i
        for i, item in enumerate(items)
        if isinstance(item.node, cst.Param) and item.node.name.value == name
    )
    gone = {index}
    # A bare `*` or `/` may not be left alone.
    only_keyword = [p.name.value for p in parameters.kwonly_params] == [name]
    if isinstance(parameters.star_arg, cst.ParamStar) and only_keyword:
        gone.add(index - 1)
    if [p.name.value for p in parameters.posonly_params] == [name]:
        gone.add(index + 1)
    return remove_items(facts.tree, items, gone)
