"""Every place in a project that means one name, member or parameter, by scope and by evidence.

A place is listed in `found` only where it certainly means the target. Places that may mean it but
cannot be decided (an attribute of the same name on an object nobody can tell the class of) are
listed in `possible` for people to look at; operations leave those alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import libcst as cst

from sorte_cli.edits.python.binder import find_binding
from sorte_cli.edits.python.evidence import (
    UNKNOWN,
    ClassType,
    ElementsType,
    Evidence,
    FunctionType,
    InstanceType,
    SuperType,
    Type,
    Types,
)
from sorte_cli.edits.python.hierarchy import Hierarchy, fixture_name, is_fixture
from sorte_cli.edits.python.index import (
    Bound,
    ProjectIndex,
    all_strings,
    star_imports,
    word_pattern,
)
from sorte_cli.edits.python.modules import ModuleRef
from sorte_cli.edits.python.scopes import (
    CLASS,
    MODULE,
    Binding,
    ClassInfo,
    FunctionInfo,
    ImportedName,
    ModuleFacts,
    Occurrence,
    Scope,
    last_name,
)

# Beyond this many characters of candidate files, those that do not even mention a class of the
# family are not parsed for an attribute: its uses there are listed as possible.
PARSE_BUDGET = 1_500_000
_NAMED_ATTRIBUTE_CALLS = (
    "getattr",
    "setattr",
    "hasattr",
    "delattr",
    "object",
    "attrgetter",
    "methodcaller",
)
_CONFIGURATION = (".toml", ".cfg", ".ini", ".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class NameTarget:
    """A name in a module or function."""

    bound: Bound


@dataclass(frozen=True, slots=True)
class MemberTarget:
    """A method, field or instance attribute of a class."""

    info: ClassInfo
    name: str


@dataclass(frozen=True, slots=True)
class ParameterTarget:
    """A parameter of a function or method."""

    function: FunctionInfo
    name: str


Target = NameTarget | MemberTarget | ParameterTarget


@dataclass(frozen=True, slots=True)
class Callee:
    """A function that a call runs; `bound` when its first parameter is given already."""

    function: FunctionInfo
    bound: bool


@dataclass(frozen=True, slots=True)
class Callees:
    """What a call runs; without `certain` it may run something else too."""

    known: tuple[Callee, ...]
    certain: bool
    through_partial: bool


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """One place that means the target.

    `kind`: "definition", "name", "import", "attribute", "keyword", "export" (a string in
    `__all__`), "string" (any other string that names it), "alias" (a use under another name that
    an import gave it). `node` is the Name or Attribute, where there is one.
    """

    facts: ModuleFacts
    start: int
    end: int
    kind: str
    node: cst.CSTNode | None = None
    imported: ImportedName | None = None
    scope: Scope | None = None

    @property
    def path(self) -> str:
        return self.facts.path

    @property
    def line(self) -> int:
        return self.facts.tree.source.position(self.start)[0]

    def describe(self) -> str:
        """`path:line: source line`"""
        return describe(self.facts, self.start)


def describe(facts: ModuleFacts, offset: int) -> str:
    """`path:line: source line` of an offset."""
    source = facts.tree.source
    line = source.position(offset)[0]
    return f"{facts.path}:{line}: {source.line_text(line).strip()}"


@dataclass(slots=True)
class References:
    """What was found for one target; `bindings` are all bindings that carry its name."""

    found: list[Reference] = field(default_factory=list)
    possible: list[str] = field(default_factory=list)
    bindings: list[Bound] = field(default_factory=list)
    classes: list[ClassInfo] = field(default_factory=list)
    functions: list[FunctionInfo] = field(default_factory=list)
    _seen: set[tuple[str, int]] = field(default_factory=set)

    def add(
        self,
        facts: ModuleFacts,
        span: tuple[int, int],
        kind: str,
        *,
        node: cst.CSTNode | None = None,
        imported: ImportedName | None = None,
        scope: Scope | None = None,
    ) -> None:
        key = (facts.path, span[0])
        if key not in self._seen:
            self._seen.add(key)
            self.found.append(Reference(facts, *span, kind, node, imported, scope))

    def maybe(self, facts: ModuleFacts, offset: int) -> None:
        line = describe(facts, offset)
        if line not in self.possible:
            self.possible.append(line)

    @property
    def named(self) -> list[Reference]:
        """The places where the target stands under its own name."""
        return [r for r in self.found if r.kind != "alias"]

    @property
    def paths(self) -> list[str]:
        return sorted({r.path for r in self.found})


class ReferenceFinder:
    """Finds references in one project."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self.hierarchy = Hierarchy(index)

    @property
    def evidence(self) -> Evidence:
        return self.hierarchy.evidence

    def find(self, target: Target) -> References:
        """All references to a target, in the order of paths and offsets."""
        if isinstance(target, NameTarget):
            references = self._of_name(target.bound)
        elif isinstance(target, MemberTarget):
            references = self._of_member(target.info, target.name)
        else:
            references = self._of_parameter(target.function, target.name)
        references.found.sort(key=lambda r: (r.path, r.start))
        references.possible.sort()
        return references

    # --- names -------------------------------------------------------------------------------

    def _of_name(self, bound: Bound) -> References:
        references = References()
        if bound.binding.scope.kind != MODULE:
            self._add_binding(references, bound, bound.binding.name)
            return references
        name = bound.binding.name
        fixture = self._fixture_of(bound)
        for path in self._name_candidates(bound, is_fixture=fixture is not None):
            facts = self.index.facts(path)
            if facts is None:
                self._unreadable(references, path, name)
                continue
            self._names_in(references, facts, bound)
            self._module_attributes_in(references, facts, bound)
            self._strings_in(references, facts, NameTarget(bound), name)
            if fixture is not None:
                self._fixture_uses_in(references, facts, fixture, name)
        self._configuration(references, bound.facts.path, name)
        if any(d.kind == "class" for d in bound.binding.definitions):
            self._dispatched(references, name)
        return references

    def _names_in(self, references: References, facts: ModuleFacts, bound: Bound) -> None:
        name = bound.binding.name
        twin = self.index.modules.twin(bound.facts.path)
        if facts is bound.facts:
            self._add_binding(references, bound, name)
        elif facts.path == twin and name in facts.root.bindings:
            self._add_binding(references, Bound(facts, facts.root.bindings[name]), name)
        for imported in facts.imports:
            if imported.name != name or imported.name_span is None:
                continue
            if not self._leads_to(self.index.imported_origins(facts, imported), bound):
                continue
            references.add(facts, imported.name_span, "import", imported=imported)
            if imported.has_alias and imported.bound == name and imported.alias_span:
                references.add(facts, imported.alias_span, "import", imported=imported)
            binding = find_binding(imported.bound, imported.scope)
            if binding is not None:
                self._add_binding(references, Bound(facts, binding), name)
        for occurrence in facts.unresolved.get(name, ()):
            if self._leads_to(self.index.lookup(facts, name, facts.root), bound):
                span = (occurrence.start, occurrence.end)
                references.add(facts, span, "name", node=occurrence.node, scope=occurrence.scope)
        self._exports_in(references, facts, bound)

    def _exports_in(self, references: References, facts: ModuleFacts, bound: Bound) -> None:
        name = bound.binding.name
        strings = [s for s in all_strings(facts) if s.evaluated_value == name]
        if strings and self._leads_to(self.index.lookup(facts, name, facts.root), bound):
            for string in strings:
                start, end = facts.span(string)
                skip = len(string.prefix) + len(string.quote)
                references.add(facts, (start + skip, end - len(string.quote)), "export")

    def _add_binding(self, references: References, bound: Bound, name: str) -> None:
        if any(b.binding is bound.binding for b in references.bindings):
            return
        references.bindings.append(bound)
        definitions = {d.occurrence: d for d in bound.binding.definitions}
        own = bound.binding.name == name
        for occurrence in bound.binding.occurrences:
            definition = definitions.get(occurrence)
            kind = "name" if own else "alias"
            if own and definition is not None and definition.imported is None:
                kind = "definition"
            references.add(
                bound.facts,
                (occurrence.start, occurrence.end),
                kind,
                node=occurrence.node,
                imported=definition.imported if definition is not None else None,
                scope=occurrence.scope,
            )

    def _module_attributes_in(
        self, references: References, facts: ModuleFacts, bound: Bound
    ) -> None:
        name = bound.binding.name
        for use in facts.attributes.get(name, ()):
            for base in self.evidence.types(facts, use.node.value, use.scope):
                if isinstance(base, ModuleRef) and self._leads_to(
                    self.index.exported(base, name), bound
                ):
                    span = (use.start, use.end)
                    references.add(facts, span, "attribute", node=use.node, scope=use.scope)

    @staticmethod
    def _leads_to(origins: Iterable[object], bound: Bound) -> bool:
        return any(bound.is_same(origin) for origin in origins)

    def _name_candidates(self, bound: Bound, *, is_fixture: bool) -> list[str]:
        """The files that may mean a module-level name, by a look at their text alone.

        Others must import it, or its module, or everything from somewhere.
        """
        name = bound.binding.name
        mentioning = self.index.mentions(name)
        if is_fixture:
            return mentioning
        word = re.escape(name)
        imported = re.compile(
            rf"\bimport\b[^#\n(]*(?<!\w){word}(?!\w)|\bimport\s*\([^)]*(?<!\w){word}(?!\w)"
        )
        by_attribute = re.compile(rf"\.\s*{word}(?!\w)|[\"'].*{word}")
        own = {bound.facts.path, self.index.modules.twin(bound.facts.path)}
        carriers = [p for p in mentioning if imported.search(self.index.text(p))]
        stems = {_stem(p) for p in [bound.facts.path, *carriers]}
        stem_pattern = re.compile(
            r"(?<!\w)(?:" + "|".join(map(re.escape, sorted(stems))) + r")(?!\w)"
        )
        kept = []
        for path in mentioning:
            text = self.index.text(path)
            if (
                path in own
                or path in carriers
                or "import *" in text
                or (by_attribute.search(text) and stem_pattern.search(text))
            ):
                kept.append(path)
        return kept

    # --- pytest fixtures ---------------------------------------------------------------------

    def _fixture_of(self, bound: Bound) -> FunctionInfo | None:
        for definition in bound.binding.definitions:
            scope = bound.facts.scopes.get(definition.node)
            function = scope.function_info if scope is not None else None
            if function is not None and is_fixture(function):
                return function if fixture_name(function) == bound.binding.name else None
        return None

    def _fixture_uses_in(
        self, references: References, facts: ModuleFacts, fixture: FunctionInfo, name: str
    ) -> None:
        for function in facts.functions:
            binding = function.scope.bindings.get(name)
            if binding is None or not any(d.kind == "parameter" for d in binding.definitions):
                continue
            if self.hierarchy.fixture(facts, function, name) is fixture:
                self._add_binding(references, Bound(facts, binding), name)
        for call_name in ("usefixtures", "getfixturevalue"):
            for call, _ in facts.calls.get(call_name, ()):
                for argument in call.args:
                    self._whole_string(references, facts, argument.value, name)

    @staticmethod
    def _whole_string(
        references: References, facts: ModuleFacts, node: cst.BaseExpression, name: str
    ) -> None:
        if isinstance(node, cst.SimpleString) and node.raw_value == name:
            start, end = facts.span(node)
            skip = len(node.prefix) + len(node.quote)
            references.add(facts, (start + skip, end - len(node.quote)), "string")

    # --- members -----------------------------------------------------------------------------

    def _of_member(self, info: ClassInfo, name: str) -> References:
        references = References()
        family = self.hierarchy.family(info, name)
        family += [t for c in family if (t := self._twin_class(c)) is not None and t not in family]
        references.classes = family
        for cls in family:
            facts = self.index.facts(cls.path)
            assert facts is not None
            binding = cls.scope.bindings.get(name)
            if binding is not None:
                self._add_binding(references, Bound(facts, binding), name)
            self._slots(references, facts, cls, name)
        for path in self._member_candidates(references, family, name):
            facts = self.index.facts(path)
            if facts is None:
                self._unreadable(references, path, name)
                continue
            self._attributes_in(references, facts, family, name)
            self._field_keywords_in(references, facts, family, name)
            self._strings_in(references, facts, MemberTarget(info, name), name)
        return references

    def _twin_class(self, info: ClassInfo) -> ClassInfo | None:
        twin = self.index.modules.twin(info.path)
        facts = self.index.facts(twin) if twin is not None else None
        if facts is None:
            return None
        return next((c for c in facts.classes if c.qualname == info.qualname), None)

    def _slots(self, references: References, facts: ModuleFacts, cls: ClassInfo, name: str) -> None:
        for listing in ("__slots__", "__match_args__"):
            binding = cls.scope.bindings.get(listing)
            for definition in binding.definitions if binding is not None else ():
                value = definition.value
                if isinstance(value, cst.Tuple | cst.List | cst.Set):
                    for element in value.elements:
                        self._whole_string(references, facts, element.value, name)
                elif value is not None:
                    self._whole_string(references, facts, value, name)

    def _attributes_in(
        self, references: References, facts: ModuleFacts, family: list[ClassInfo], name: str
    ) -> None:
        for use in facts.attributes.get(name, ()):
            found = self.evidence.types(facts, use.node.value, use.scope)
            verdict = self._is_member(found, family, name)
            if verdict is None:
                references.maybe(facts, use.start)
            elif verdict:
                span = (use.start, use.end)
                references.add(facts, span, "attribute", node=use.node, scope=use.scope)

    def _is_member(self, types: Types, family: list[ClassInfo], name: str) -> bool | None:
        """Whether `x.name` is the family's member; None where it cannot be decided."""
        verdicts = {self._type_has(t, family, name) for t in types} or {None}
        return verdicts.pop() if len(verdicts) == 1 else None

    def _type_has(self, kind: Type, family: list[ClassInfo], name: str) -> bool | None:
        if kind == UNKNOWN:
            return None
        if not isinstance(kind, ClassType | InstanceType | SuperType):
            return False
        owners = self.hierarchy.definers(kind.info, name, above=isinstance(kind, SuperType))
        if owners:
            return owners[0] in family
        below = [c for c in self.hierarchy.descendants(kind.info) if c.defines(name)]
        if not any(c in family for c in below):
            # A mixin's super() reaches classes that only a subclass brings in.
            return None if isinstance(kind, SuperType) and not below else False
        return True if all(c in family for c in below) else None

    def _field_keywords_in(
        self, references: References, facts: ModuleFacts, family: list[ClassInfo], name: str
    ) -> None:
        for use in facts.keywords.get(name, ()):
            if isinstance(use.call, cst.MatchClass):
                types = self.evidence.types(facts, use.call.cls, use.scope)
                if self._is_member(types, family, name):
                    references.add(facts, (use.start, use.end), "keyword", scope=use.scope)
            elif isinstance(use.call, cst.Call) and self._fills_field(
                facts, use.call, use.scope, family, name
            ):
                references.add(facts, (use.start, use.end), "keyword", scope=use.scope)

    def _fills_field(
        self,
        facts: ModuleFacts,
        call: cst.Call,
        scope: Scope,
        family: list[ClassInfo],
        name: str,
    ) -> bool:
        """Whether `name=` in a call sets a field through a constructor nobody wrote."""
        types = self.evidence.types(facts, call.func, scope)
        classes = [t.info for t in types if isinstance(t, ClassType)]
        if not classes and last_name(call.func) in ("replace", "evolve") and call.args:
            first = self.evidence.types(facts, call.args[0].value, scope)
            classes = [t.info for t in first if isinstance(t, InstanceType)]
        if not classes and last_name(call.func) == "_replace":
            assert isinstance(call.func, cst.Attribute | cst.Name)
            if isinstance(call.func, cst.Attribute):
                first = self.evidence.types(facts, call.func.value, scope)
                classes = [t.info for t in first if isinstance(t, InstanceType)]
        return bool(classes) and all(
            not self.hierarchy.definers(c, "__init__")
            and next(iter(self.hierarchy.definers(c, name)), None) in family
            for c in classes
        )

    def _member_candidates(
        self, references: References, family: list[ClassInfo], name: str
    ) -> list[str]:
        mentioning = self.index.mentions(name)
        if sum(len(self.index.text(p)) for p in mentioning) <= PARSE_BUDGET:
            return mentioning
        names = {c.name for c in family}
        for cls in family:
            names.update(c.name for c in self.hierarchy.descendants(cls))
        near = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, sorted(names))) + r")(?!\w)")
        own = {c.path for c in family}
        kept = []
        attribute = re.compile(rf"\.\s*{re.escape(name)}(?!\w)")
        for path in mentioning:
            text = self.index.text(path)
            if path in own or near.search(text):
                kept.append(path)
                continue
            for number, line in enumerate(text.splitlines(), 1):
                if attribute.search(line) and not line.lstrip().startswith("#"):
                    references.possible.append(f"{path}:{number}: {line.strip()}")
        return kept

    # --- parameters --------------------------------------------------------------------------

    def _of_parameter(self, function: FunctionInfo, name: str) -> References:
        references = References()
        related = self.related_functions(function)
        related = [f for f in related if _parameter_binding(f, name) is not None]
        references.functions = related
        for one in related:
            facts = self.index.facts(one.path)
            assert facts is not None
            self._add_binding(references, Bound(facts, one.scope.bindings[name]), name)
            self.parametrized(references, facts, one, name)
        callees = {f.name for f in related}
        if callees & {"__init__", "__new__"}:
            callees |= {f.owner.name for f in related if f.owner is not None}
        for path in self.index.mentions(name):
            text = self.index.text(path)
            if not re.search(rf"(?<!\w){re.escape(name)}\s*=(?!=)", text):
                continue
            facts = self.index.facts(path)
            if facts is not None:
                self._keywords_in(references, facts, related, name, callees)
        if function.owner is None:
            for use in self.value_uses(function):
                references.maybe(use.facts, use.start)
        return references

    def value_uses(self, function: FunctionInfo) -> list[Reference]:
        """Places that hand a function on without calling it: whoever gets it may call it so."""
        facts = self.index.facts(function.path)
        binding = function.outer.bindings.get(function.name)
        if function.owner is not None:
            if function.name.startswith("__"):
                return []
            found = self.find(MemberTarget(function.owner, function.name)).found
        elif facts is not None and binding is not None:
            found = self.find(NameTarget(Bound(facts, binding))).found
        else:
            return []
        called = {call.func for r in found for calls in r.facts.calls.values() for call, _ in calls}
        kinds = ("name", "attribute", "alias")
        return [r for r in found if r.kind in kinds and r.imported is None and r.node not in called]

    def _keywords_in(
        self,
        references: References,
        facts: ModuleFacts,
        related: list[FunctionInfo],
        name: str,
        callees: set[str],
    ) -> None:
        for use in facts.keywords.get(name, ()):
            if not isinstance(use.call, cst.Call):
                continue
            found = self.called_functions(facts, use.call, use.scope)
            if found and all(f in related for f in found):
                references.add(facts, (use.start, use.end), "keyword", scope=use.scope)
            elif (found is None and last_name(use.call.func) in callees) or (
                found and any(f in related for f in found)
            ):
                references.maybe(facts, use.start)

    def called_functions(
        self, facts: ModuleFacts, call: cst.Call, scope: Scope
    ) -> list[FunctionInfo] | None:
        """The functions a call certainly runs (a constructor's `__init__`); None: not decided."""
        callees = self.callees(facts, call, scope)
        return [c.function for c in callees.known] if callees.certain else None

    def callees(self, facts: ModuleFacts, call: cst.Call, scope: Scope) -> Callees:
        """What a call runs. `functools.partial(f, ...)` counts as a call of `f`."""
        types = self.evidence.types(facts, call.func, scope)
        through_partial = False
        if last_name(call.func) in ("partial", "partialmethod") and call.args:
            first = self.evidence.types(facts, call.args[0].value, scope)
            if any(isinstance(t, FunctionType | ClassType) for t in first):
                types, through_partial = first, True
        found: list[Callee] = []
        for kind in types:
            if isinstance(kind, FunctionType):
                found.append(Callee(kind.info, kind.bound))
            elif isinstance(kind, ClassType):
                found.extend(Callee(f, True) for f in self._constructors(kind.info))
            elif isinstance(kind, InstanceType):
                found.extend(Callee(f, True) for f in self._methods(kind.info, "__call__"))
        return Callees(tuple(found), UNKNOWN not in types, through_partial)

    def _constructors(self, info: ClassInfo) -> list[FunctionInfo]:
        return self._methods(info, "__init__") or self._methods(info, "__new__")

    def _methods(self, info: ClassInfo, name: str) -> list[FunctionInfo]:
        owners = self.hierarchy.definers(info, name)
        return functions_named(self.index, owners[0], name) if owners else []

    def related_functions(self, function: FunctionInfo) -> list[FunctionInfo]:
        """The function with its overloads, stubs and, for methods, overrides and base methods."""
        if function.owner is None:
            return self._same_named(function)
        if function.name in ("__init__", "__new__", "__post_init__", "__init_subclass__"):
            classes = [function.owner]
        else:
            classes = self.hierarchy.family(function.owner, function.name)
        classes += [
            t for c in classes if (t := self._twin_class(c)) is not None and t not in classes
        ]
        found: list[FunctionInfo] = []
        for cls in classes:
            found.extend(functions_named(self.index, cls, function.name))
        return found or [function]

    def _same_named(self, function: FunctionInfo) -> list[FunctionInfo]:
        found = [function]
        for path in (function.path, self.index.modules.twin(function.path)):
            facts = self.index.facts(path) if path is not None else None
            for other in facts.functions if facts is not None else ():
                same = other.qualname == function.qualname and other is not function
                if same and (path != function.path or other.outer is function.outer):
                    found.append(other)
        return found

    def parametrized(
        self, references: References, facts: ModuleFacts, function: FunctionInfo, name: str
    ) -> None:
        """Names in `@pytest.mark.parametrize("amount, expected", ...)`."""
        for decorator in function.node.decorators:
            call = decorator.decorator
            if not isinstance(call, cst.Call) or last_name(call) != "parametrize" or not call.args:
                continue
            first = call.args[0].value
            strings = (
                [e.value for e in first.elements]
                if isinstance(first, cst.List | cst.Tuple)
                else [first]
            )
            for string in strings:
                if isinstance(string, cst.SimpleString):
                    start, end = facts.span(string)
                    for match in word_pattern(name).finditer(facts.text, start, end):
                        references.add(facts, match.span(), "string")

    # --- strings and other files -------------------------------------------------------------

    def _strings_in(
        self, references: References, facts: ModuleFacts, target: Target, name: str
    ) -> None:
        decided = self._named_attributes_in(references, facts, target, name)
        exported = set(all_strings(facts))
        for string, _ in facts.strings:
            if name not in string.value or string in decided or string in exported:
                continue
            content = string.raw_value
            if re.fullmatch(r"\w+(?:\.\w+)+(?::\w+(?:\.\w+)*)?", content):
                self._dotted_string(references, facts, string, target, name)
            elif content == name and isinstance(target, NameTarget) and len(name) > 2:
                references.maybe(facts, facts.span(string)[0])

    def _named_attributes_in(
        self, references: References, facts: ModuleFacts, target: Target, name: str
    ) -> set[cst.SimpleString]:
        """Strings that name an attribute of something evident: `getattr(order, "total")`."""
        decided: set[cst.SimpleString] = set()
        for call_name in _NAMED_ATTRIBUTE_CALLS:
            for call, scope in facts.calls.get(call_name, ()):
                string = call.args[1].value if len(call.args) > 1 else None
                if call_name in ("attrgetter", "methodcaller") and call.args:
                    string = call.args[0].value
                if not isinstance(string, cst.SimpleString) or string.raw_value != name:
                    continue
                decided.add(string)
                if call_name in ("attrgetter", "methodcaller"):
                    references.maybe(facts, facts.span(string)[0])
                    continue
                types = self.evidence.types(facts, call.args[0].value, scope)
                verdict = self._means(types, target, name)
                if verdict:
                    self._whole_string(references, facts, string, name)
                elif verdict is None:
                    references.maybe(facts, facts.span(string)[0])
        return decided

    def _means(self, types: Types, target: Target, name: str) -> bool | None:
        """Whether attribute `name` of something of these types is the target."""
        if isinstance(target, MemberTarget):
            return self._is_member(types, self.hierarchy.family(target.info, target.name), name)
        if isinstance(target, NameTarget):
            modules = [t for t in types if isinstance(t, ModuleRef)]
            return any(self._leads_to(self.index.exported(m, name), target.bound) for m in modules)
        return False

    def _dotted_string(
        self,
        references: References,
        facts: ModuleFacts,
        string: cst.SimpleString,
        target: Target,
        name: str,
    ) -> None:
        """`"shop.pix.PixPayment.charge"`, as in `mock.patch` and in settings."""
        start = facts.span(string)[0] + len(string.prefix) + len(string.quote)
        parts = list(re.finditer(r"\w+", string.raw_value))
        base: Types | None = None
        for index, part in enumerate(parts):
            dotted = ".".join(p.group() for p in parts[: index + 1])
            if base is not None and part.group() == name and self._means(base, target, name):
                references.add(facts, (start + part.start(), start + part.end()), "string")
                return
            module = self.index.modules.absolute(dotted, facts.path)
            following: Types | None = frozenset({module}) if module is not None else None
            if following is None and base is not None:
                following = frozenset().union(
                    *(self.evidence.member_types(t, part.group()) for t in base)
                )
            base = following

    def _unreadable(self, references: References, path: str, name: str) -> None:
        """List the lines of a file that does not parse."""
        pattern = word_pattern(name)
        for number, line in enumerate(self.index.text(path).splitlines(), 1):
            if pattern.search(line):
                references.possible.append(f"{path}:{number}: {line.strip()}")

    def _dispatched(self, references: References, name: str) -> None:
        """Methods such as `visit_Call`, which visitors find by the name of a class."""
        pattern = re.compile(rf"^[ \t]*(?:async )?def \w+_{re.escape(name)}\(", re.MULTILINE)
        raw = f"_{name}(".encode()
        for path in self.index.paths:
            data = self.index.project.snapshot.read(path)
            if data is None or raw not in data:
                continue
            text = self.index.text(path)
            for match in pattern.finditer(text):
                number = text.count("\n", 0, match.start()) + 1
                references.possible.append(f"{path}:{number}: {match.group().strip()}...)")

    def _configuration(self, references: References, path: str, name: str) -> None:
        """Entry points and the like in data files: `shop.main:run`."""
        modules = "|".join(re.escape(m) for m in self.index.modules.names_of(path))
        if not modules:
            return
        pattern = re.compile(rf"(?<![\w.])(?:{modules})[.:]{re.escape(name)}(?!\w)")
        for other in self.index.project.paths():
            if not other.endswith(_CONFIGURATION):
                continue
            data = self.index.project.snapshot.read(other)
            if data is None or len(data) > 500_000 or name.encode() not in data:
                continue
            for number, line in enumerate(self.index.text(other).splitlines(), 1):
                if pattern.search(line):
                    references.possible.append(f"{other}:{number}: {line.strip()}")


def functions_named(index: ProjectIndex, info: ClassInfo, name: str) -> list[FunctionInfo]:
    """The functions a class body defines under a name (overloads, setters)."""
    facts = index.facts(info.path)
    assert facts is not None
    return [f for f in facts.functions if f.owner is info and f.name == name]


def _parameter_binding(function: FunctionInfo, name: str) -> Binding | None:
    binding = function.scope.bindings.get(name)
    if binding is None or not any(d.kind == "parameter" for d in binding.definitions):
        return None
    return binding


def _stem(path: str) -> str:
    """The name by which a module is mentioned: `pix` of shop/pix.py, `shop` of shop/__init__.py."""
    head, _, base = path.rpartition("/")
    stem = base.removesuffix(".pyi").removesuffix(".py")
    return head.rpartition("/")[2] or stem if stem == "__init__" else stem


def occurrences_in(facts: ModuleFacts) -> Iterator[tuple[Binding, Occurrence]]:
    """Every occurrence of every binding of a module."""
    for scope in facts.all_scopes():
        for binding in scope.bindings.values():
            for occurrence in binding.occurrences:
                yield binding, occurrence


__all__ = [
    "CLASS",
    "ElementsType",
    "MemberTarget",
    "NameTarget",
    "ParameterTarget",
    "Reference",
    "ReferenceFinder",
    "References",
    "Target",
    "describe",
    "functions_named",
    "occurrences_in",
    "star_imports",
]
