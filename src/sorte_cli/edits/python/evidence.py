"""What an expression evidently is: a module, class, function or instance of the project.

Evidence is what a reader sees without running anything: `self`, annotations, constructor calls,
return annotations, plain `return Class(...)`, pytest fixtures. Nothing is guessed: whatever is not
evident is UNKNOWN, and what is known to be from outside the project is OUTSIDE.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from sorte_cli.edits.python.binder import BUILTIN_NAMES, first_parameter
from sorte_cli.edits.python.index import Bound, Origin, ProjectIndex
from sorte_cli.edits.python.modules import ModuleRef
from sorte_cli.edits.python.scopes import (
    Binding,
    ClassInfo,
    Definition,
    FunctionInfo,
    ModuleFacts,
    Scope,
    last_name,
    words,
)

if TYPE_CHECKING:
    from sorte_cli.edits.python.hierarchy import Hierarchy


@dataclass(frozen=True, slots=True)
class ClassType:
    """The class itself."""

    info: ClassInfo


@dataclass(frozen=True, slots=True)
class InstanceType:
    """An instance of a class of the project."""

    info: ClassInfo


@dataclass(frozen=True, slots=True)
class SuperType:
    """What `super()` gives in a method of the class."""

    info: ClassInfo


@dataclass(frozen=True, slots=True)
class FunctionType:
    """A function; `bound` when the first parameter is already given."""

    info: FunctionInfo
    bound: bool = False


@dataclass(frozen=True, slots=True)
class ElementsType:
    """A collection with elements of one type (and keys of another, for mappings)."""

    element: Type
    key: Type | None = None


@dataclass(frozen=True, slots=True)
class Special:
    """UNKNOWN, or OUTSIDE: certainly nothing of this project."""

    name: str


Type = ModuleRef | ClassType | InstanceType | SuperType | FunctionType | ElementsType | Special
Types = frozenset[Type]

UNKNOWN = Special("unknown")
OUTSIDE = Special("outside")
NOTHING: Types = frozenset()
DONT_KNOW: Types = frozenset({UNKNOWN})
FOREIGN: Types = frozenset({OUTSIDE})

_SEQUENCES = words(
    "list List set Set frozenset FrozenSet tuple Tuple Sequence MutableSequence Iterable "
    "Iterator Collection Generator AsyncIterator AsyncIterable AsyncGenerator deque Deque "
    "KeysView ValuesView AbstractSet MutableSet Container Reversible"
)
_MAPPINGS = words("dict Dict Mapping MutableMapping defaultdict DefaultDict OrderedDict ItemsView")
_TRANSPARENT = words(
    "Optional Union Annotated Final ClassVar Required NotRequired ReadOnly Awaitable "
    "Coroutine InitVar"
)
_PASS_THROUGH_CALLS = words("list tuple set frozenset sorted reversed iter deepcopy copy")
_OPEN_ANNOTATIONS = frozenset({"Any", "object", "Mock", "MagicMock", "AsyncMock"})
_CONSTRUCTORS = words(
    "str int float bool bytes bytearray dict complex len repr format hash id ord chr range"
)


class Evidence:
    """Answers `types(facts, expression, scope)`, remembering what it found."""

    def __init__(self, index: ProjectIndex, hierarchy: Hierarchy) -> None:
        self.index = index
        self.hierarchy = hierarchy
        self._known: dict[cst.CSTNode, Types] = {}
        self._bindings: dict[Binding, Types] = {}
        self._busy: set[object] = set()

    # --- expressions -------------------------------------------------------------------------

    def types(self, facts: ModuleFacts, node: cst.BaseExpression, scope: Scope) -> Types:
        """Everything `node` may evidently be; contains UNKNOWN where that is not all."""
        if node in self._known:
            return self._known[node]
        if node in self._busy or len(self._busy) > 60:
            return DONT_KNOW
        self._busy.add(node)
        found = self._types(facts, node, scope)
        self._busy.discard(node)
        if not self._busy:
            # Inside a cycle an answer can be less than what is known from elsewhere.
            self._known[node] = found
        return found

    def _types(self, facts: ModuleFacts, node: cst.BaseExpression, scope: Scope) -> Types:
        match node:
            case cst.Name():
                return self._name(facts, node, scope)
            case cst.Attribute():
                return self._attribute(facts, node, scope)
            case cst.Call():
                return self._call(facts, node, scope)
            case cst.Subscript():
                return self._subscript(facts, node, scope)
            case cst.Await():
                return self.types(facts, node.expression, scope)
            case cst.NamedExpr():
                return self.types(facts, node.value, scope)
            case cst.IfExp():
                return self.types(facts, node.body, scope) | self.types(facts, node.orelse, scope)
            case cst.BooleanOperation():
                return self.types(facts, node.left, scope) | self.types(facts, node.right, scope)
            case cst.List() | cst.Tuple() | cst.Set():
                return self._literal(facts, [e.value for e in node.elements], scope)
            case cst.Dict():
                values = [e.value for e in node.elements]
                return self._literal(facts, values, scope, mapping=True)
            case cst.ListComp() | cst.SetComp() | cst.GeneratorExp():
                inner = facts.scopes.get(node, scope)
                return self._elements(self.types(facts, node.elt, inner))
            case (
                cst.BaseString()
                | cst.BaseNumber()
                | cst.Comparison()
                | cst.DictComp()
                | cst.Lambda()
            ):
                return FOREIGN
        return DONT_KNOW

    def _literal(
        self,
        facts: ModuleFacts,
        values: Iterable[cst.BaseExpression],
        scope: Scope,
        *,
        mapping: bool = False,
    ) -> Types:
        inner: Types = NOTHING
        for value in values:
            inner |= self.types(facts, value, scope)
        return self._elements(inner, FOREIGN if mapping else NOTHING)

    @staticmethod
    def _elements(inner: Types, keys: Types = NOTHING) -> Types:
        key = next(iter(keys), None)
        return frozenset(ElementsType(t, key) for t in inner) or FOREIGN

    def _name(self, facts: ModuleFacts, node: cst.Name, scope: Scope) -> Types:
        name = node.value
        if name in ("None", "True", "False"):
            return NOTHING if name == "None" else FOREIGN
        binding = self.index.binding_at(name, scope)
        if binding is not None:
            return self.binding_types(facts, binding)
        found = self.index.lookup(facts, name, scope)
        if found:
            return self.origin_types(found)
        return FOREIGN if name in BUILTIN_NAMES else DONT_KNOW

    def origin_types(self, origins: Iterable[Origin]) -> Types:
        """The types of what an import leads to."""
        found: Types = NOTHING
        for origin in origins:
            if isinstance(origin, ModuleRef):
                found |= {origin}
            else:
                found |= self.binding_types(origin.facts, origin.binding)
        return found

    def _attribute(self, facts: ModuleFacts, node: cst.Attribute, scope: Scope) -> Types:
        found: Types = NOTHING
        for base in self.types(facts, node.value, scope):
            found |= self.member_types(base, node.attr.value)
        return found or DONT_KNOW

    def member_types(self, base: Type, name: str) -> Types:
        """What `base.name` is."""
        if isinstance(base, ModuleRef):
            origins = self.index.exported(base, name)
            return self.origin_types(origins) if origins else DONT_KNOW
        if isinstance(base, FunctionType | ElementsType):
            return FOREIGN
        if isinstance(base, Special):
            return frozenset({base})
        owners = self.hierarchy.definers(base.info, name, above=isinstance(base, SuperType))
        if not owners:
            return DONT_KNOW
        instance = not isinstance(base, ClassType)
        return self._member_of(owners[0], name, instance=instance)

    def _member_of(self, owner: ClassInfo, name: str, *, instance: bool) -> Types:
        facts = self.index.facts(owner.path)
        assert facts is not None  # a class is only known from facts
        found: Types = NOTHING
        binding = owner.scope.bindings.get(name)
        if binding is not None:
            for kind in self.binding_types(facts, binding):
                if isinstance(kind, FunctionType):
                    found |= self._accessed_function(kind.info, instance=instance)
                elif self.hierarchy.is_enum(owner) and not isinstance(kind, ClassType):
                    found |= {InstanceType(owner)}
                else:
                    found |= {kind}
        for use in owner.self_attributes.get(name, ()):
            if use.annotation is not None:
                found |= self.annotation_types(facts, use.annotation, use.scope)
            elif use.assigned is not None:
                found |= self.types(facts, use.assigned, use.scope)
            else:
                found |= DONT_KNOW
        return found

    def _accessed_function(self, info: FunctionInfo, *, instance: bool) -> Types:
        if info.decorated("property", "cached_property", "setter", "getter", "deleter"):
            return self.return_types(info) if instance else DONT_KNOW
        bound = info.decorated("classmethod") or (instance and not info.decorated("staticmethod"))
        return frozenset({FunctionType(info, bound)})

    def _call(self, facts: ModuleFacts, node: cst.Call, scope: Scope) -> Types:
        name = last_name(node.func)
        if isinstance(node.func, cst.Name) and self.index.binding_at(name, scope) is None:
            if name == "super":
                return self._super(scope)
            if name in _PASS_THROUGH_CALLS and node.args:
                return self.types(facts, node.args[0].value, scope)
            if name == "next" and node.args:
                return self.element_types(self.types(facts, node.args[0].value, scope))
            if name == "type" and len(node.args) == 1:
                inner = self.types(facts, node.args[0].value, scope)
                return frozenset(
                    ClassType(t.info) if isinstance(t, InstanceType) else UNKNOWN for t in inner
                )
            if name in _CONSTRUCTORS:
                return FOREIGN
        if isinstance(node.func, cst.Attribute) and name in (
            "values",
            "get",
            "pop",
            "setdefault",
            "items",
            "popitem",
            "popleft",
        ):
            found = self._collection_method(facts, node.func, name, scope)
            if found is not None:
                return found
        if name in ("cast", "replace", "deepcopy", "copy") and node.args:
            origin = self.types(facts, node.func, scope)
            if not any(isinstance(t, FunctionType) for t in origin):
                if name == "cast":
                    return self.annotation_types(facts, node.args[0].value, scope)
                if isinstance(node.func, cst.Name) or name in ("deepcopy",):
                    return self.types(facts, node.args[0].value, scope)
        found = NOTHING
        for kind in self.types(facts, node.func, scope):
            found |= self._called(kind)
        return found or DONT_KNOW

    def _collection_method(
        self, facts: ModuleFacts, func: cst.Attribute, name: str, scope: Scope
    ) -> Types | None:
        bases = self.types(facts, func.value, scope)
        if not any(isinstance(b, ElementsType) for b in bases):
            return None
        found: Types = NOTHING
        for base in bases:
            if not isinstance(base, ElementsType):
                found |= DONT_KNOW
            elif name == "values":
                found |= {ElementsType(base.element)}
            elif name == "items":
                found |= {ElementsType(ElementsType(base.element, base.key or UNKNOWN), OUTSIDE)}
            else:
                found |= {base.element}
        return found

    def _called(self, kind: Type) -> Types:
        if isinstance(kind, ClassType):
            return frozenset({InstanceType(kind.info)})
        if isinstance(kind, FunctionType):
            return self.return_types(kind.info)
        return DONT_KNOW

    @staticmethod
    def _super(scope: Scope) -> Types:
        owner = scope.enclosing_class()
        return frozenset({SuperType(owner)}) if owner is not None else DONT_KNOW

    def _subscript(self, facts: ModuleFacts, node: cst.Subscript, scope: Scope) -> Types:
        found: Types = NOTHING
        for base in self.types(facts, node.value, scope):
            if isinstance(base, ElementsType):
                sliced = any(isinstance(e.slice, cst.Slice) for e in node.slice)
                found |= {base} if sliced else {base.element}
            elif isinstance(base, ClassType):
                is_member = self.hierarchy.is_enum(base.info)
                found |= {InstanceType(base.info) if is_member else base}
            else:
                found |= DONT_KNOW
        return found or DONT_KNOW

    @staticmethod
    def element_types(collections: Types) -> Types:
        """What iterating gives."""
        found: Types = NOTHING
        for kind in collections:
            if isinstance(kind, ElementsType):
                found |= {kind.element if kind.key is None else kind.key}
            elif kind is OUTSIDE:
                found |= FOREIGN
            else:
                found |= DONT_KNOW
        return found or DONT_KNOW

    def return_types(self, info: FunctionInfo) -> Types:
        """What calling a function gives, by its annotation or its plain return statements."""
        if info in self._busy or len(self._busy) > 60:
            return DONT_KNOW
        facts = self.index.facts(info.path)
        assert facts is not None
        if info.decorated("contextmanager", "asynccontextmanager"):
            return DONT_KNOW
        self._busy.add(info)
        found: Types = NOTHING
        if info.node.returns is not None:
            found = self.annotation_types(facts, info.node.returns.annotation, info.outer, info)
        elif info.yields or not info.returns:
            found = DONT_KNOW
        else:
            for value in info.returns:
                found |= self.types(facts, value, info.scope)
        self._busy.discard(info)
        return found or DONT_KNOW

    # --- bindings ----------------------------------------------------------------------------

    def binding_types(self, facts: ModuleFacts, binding: Binding) -> Types:
        """What a name can be, over all its definitions."""
        if binding in self._bindings:
            return self._bindings[binding]
        if binding in self._busy or len(self._busy) > 60:
            return DONT_KNOW
        self._busy.add(binding)
        found: Types = NOTHING
        for definition in binding.definitions:
            found |= self._definition_types(facts, binding, definition)
        self._busy.discard(binding)
        found = found or DONT_KNOW
        if not self._busy:
            self._bindings[binding] = found
        return found

    def _definition_types(
        self, facts: ModuleFacts, binding: Binding, definition: Definition
    ) -> Types:
        scope = definition.occurrence.scope
        kind = definition.kind
        if kind == "import":
            assert definition.imported is not None
            origins = self.index.imported_origins(facts, definition.imported)
            return self.origin_types(origins) if origins else FOREIGN
        if kind in ("class", "function"):
            inner = facts.scopes[definition.node]
            if inner.class_info is not None:
                return frozenset({ClassType(inner.class_info)})
            assert inner.function_info is not None
            return frozenset({FunctionType(inner.function_info)})
        if kind in ("delete", "augmented"):
            return NOTHING
        if kind == "parameter":
            return self._parameter(facts, binding, definition)
        if definition.annotation is not None:
            return self.annotation_types(facts, definition.annotation, scope)
        if definition.value is None:
            return DONT_KNOW
        value = self.types(facts, definition.value, scope)
        if kind == "for":
            return self.element_types(value)
        if kind == "with":
            return self._entered(value)
        if kind == "except":
            return frozenset(InstanceType(t.info) if isinstance(t, ClassType) else t for t in value)
        return value

    def _entered(self, managers: Types) -> Types:
        """What `with manager as name` binds: the manager itself where `__enter__` says so."""
        found: Types = NOTHING
        for kind in managers:
            if isinstance(kind, InstanceType):
                owners = self.hierarchy.definers(kind.info, "__enter__")
                owners = owners or self.hierarchy.definers(kind.info, "__aenter__")
                binding = owners[0].scope.bindings.get("__enter__") if owners else None
                entered: Types = DONT_KNOW
                if binding is not None:
                    facts = self.index.facts(owners[0].path)
                    assert facts is not None
                    for enter in self.binding_types(facts, binding):
                        if isinstance(enter, FunctionType):
                            entered = self.return_types(enter.info)
                found |= {kind} if kind in entered or entered == DONT_KNOW else entered
            else:
                found |= DONT_KNOW
        return found

    def _parameter(self, facts: ModuleFacts, binding: Binding, definition: Definition) -> Types:
        function = binding.scope.function_info
        if function is None:
            return DONT_KNOW
        first = first_parameter(function.node)
        is_first = first is not None and first.name.value == binding.name
        if function.owner is not None and is_first and not function.decorated("staticmethod"):
            of_class = function.decorated("classmethod") or function.name in (
                "__new__",
                "__init_subclass__",
                "__class_getitem__",
            )
            return frozenset(
                {ClassType(function.owner) if of_class else InstanceType(function.owner)}
            )
        if definition.annotation is not None:
            inner = self.annotation_types(facts, definition.annotation, function.outer, function)
            star = isinstance(definition.node, cst.Param) and definition.node.star
            if star == "*":
                return self._elements(inner)
            return self._elements(inner, FOREIGN) if star == "**" else inner
        fixture = self.hierarchy.fixture(facts, function, binding.name)
        if fixture is not None:
            return self._fixture_types(fixture)
        if definition.value is not None:
            default = self.types(facts, definition.value, function.outer)
            return default | DONT_KNOW
        return DONT_KNOW

    def _fixture_types(self, info: FunctionInfo) -> Types:
        if info.yields and info.node.returns is None:
            facts = self.index.facts(info.path)
            assert facts is not None
            found: Types = NOTHING
            for value in info.yields:
                found |= self.types(facts, value, info.scope)
            return found
        returned = self.return_types(info)
        return self.element_types(returned) if info.yields else returned

    # --- annotations -------------------------------------------------------------------------

    def annotation_types(
        self,
        facts: ModuleFacts,
        node: cst.BaseExpression,
        scope: Scope,
        function: FunctionInfo | None = None,
    ) -> Types:
        """Instances that an annotation promises."""
        if isinstance(node, cst.SimpleString):
            quoted = facts.annotations.get(node)
            if quoted is None:
                return DONT_KNOW
            return self.annotation_types(facts, quoted, scope, function)
        if isinstance(node, cst.BinaryOperation):
            left = self.annotation_types(facts, node.left, scope, function)
            return left | self.annotation_types(facts, node.right, scope, function)
        if isinstance(node, cst.Subscript):
            return self._generic(facts, node, scope, function)
        name = last_name(node)
        if name == "None":
            return NOTHING
        if name == "Self":
            owner = scope.enclosing_class()
            return frozenset({InstanceType(owner)}) if owner is not None else DONT_KNOW
        if name in _OPEN_ANNOTATIONS or not isinstance(node, cst.Name | cst.Attribute):
            return DONT_KNOW
        found: Types = NOTHING
        for kind in self.types(facts, node, scope):
            if isinstance(kind, ClassType):
                found |= {InstanceType(kind.info)}
            else:
                found |= FOREIGN if kind is OUTSIDE else DONT_KNOW
        return found or DONT_KNOW

    def _generic(
        self,
        facts: ModuleFacts,
        node: cst.Subscript,
        scope: Scope,
        function: FunctionInfo | None,
    ) -> Types:
        name = last_name(node.value)
        arguments = [e.slice.value for e in node.slice if isinstance(e.slice, cst.Index)]
        if not arguments:
            return DONT_KNOW

        def inner(argument: cst.BaseExpression) -> Types:
            return self.annotation_types(facts, argument, scope, function)

        if name in _TRANSPARENT:
            if name in ("Annotated", "Required", "NotRequired", "ReadOnly", "Final", "ClassVar"):
                return inner(arguments[0])
            if name == "Coroutine":
                return inner(arguments[-1])
            found: Types = NOTHING
            for argument in arguments:
                found |= inner(argument)
            return found
        if name in ("type", "Type"):
            return frozenset(
                ClassType(t.info) if isinstance(t, InstanceType) else t for t in inner(arguments[0])
            )
        if name in _SEQUENCES:
            fixed_length = len(arguments) > 1 and not isinstance(arguments[1], cst.Ellipsis)
            if name in ("tuple", "Tuple") and fixed_length:
                return DONT_KNOW
            return self._elements(inner(arguments[0]))
        if name in _MAPPINGS and len(arguments) > 1:
            return self._elements(inner(arguments[1]), inner(arguments[0]))
        return self.annotation_types(facts, node.value, scope, function)


def bound_types(evidence: Evidence, bound: Bound) -> Types:
    """The types of a binding of the project."""
    return evidence.binding_types(bound.facts, bound.binding)
