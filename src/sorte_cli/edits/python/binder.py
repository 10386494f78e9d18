"""Reads one libcst tree and says what each name in it is bound to (see `scopes.py`).

Why not libcst's ScopeProvider: it costs several times the parse (a rename over a large project
would take tens of seconds), gives no place for names in imports, keywords and `global`, and does
not tell a class-level name from the global it hides until it is bound.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING

import libcst as cst

from sorte_cli.edits.python.offsets import node_spans
from sorte_cli.edits.python.scopes import (
    CLASS,
    COMPREHENSION,
    FUNCTION,
    LAMBDA,
    MODULE,
    TYPE_PARAMETERS,
    AttributeUse,
    Binding,
    ClassInfo,
    Definition,
    FunctionInfo,
    ImportedName,
    KeywordUse,
    ModuleFacts,
    Occurrence,
    Scope,
    last_name,
    words,
)

if TYPE_CHECKING:
    from sorte_cli.edits.python.tree import PythonTree

BUILTIN_NAMES = frozenset(dir(builtins))

_LAYOUT_FIELDS = words(
    "lpar rpar lbracket rbracket lbrace rbrace operator semicolon comma equal indent dot "
    "from_ leading_lines lines_after_decorators header footer trailing_whitespace colon "
    "star"
)


@cache
def _meaning_fields(node_type: type[cst.CSTNode]) -> tuple[str, ...]:
    """The fields of a node that can hold names: everything but layout."""
    names = (f.name for f in fields(node_type))
    return tuple(n for n in names if not n.startswith("whitespace") and n not in _LAYOUT_FIELDS)


def dotted_name(node: cst.BaseExpression) -> list[cst.Name]:
    """The Name nodes of `a.b.c`; empty where it is anything else."""
    parts: list[cst.Name] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, cst.Name):
        return []
    parts.append(node)
    return parts[::-1]


def _parse_quoted(
    text: str,
) -> tuple[cst.BaseExpression, dict[cst.CSTNode, tuple[int, int]]] | None:
    """The expression in a string annotation with the spans of its nodes; None where it is none."""
    try:
        module = cst.parse_module(text)
    except cst.ParserSyntaxError:
        return None
    if len(module.body) != 1 or not isinstance(module.body[0], cst.SimpleStatementLine):
        return None
    statement = module.body[0].body[0]
    spans, generated = node_spans(module)
    if not isinstance(statement, cst.Expr) or not generated.startswith(text):
        return None
    return statement.value, spans


def bind_module(tree: PythonTree) -> ModuleFacts:
    """The facts of a parsed module."""
    binder = _Binder(tree)
    binder.run()
    return binder.facts


class _Load:
    """A name that waits until all bindings are known.

    `unbound_here`: its own scope had not bound it yet when it was read, so that a class body (or
    a builtin at module level) looks further out.
    """

    __slots__ = ("name", "occurrence", "unbound_here")

    def __init__(self, name: str, occurrence: Occurrence, unbound_here: bool) -> None:
        self.name = name
        self.occurrence = occurrence
        self.unbound_here = unbound_here


class _Binder:
    def __init__(self, tree: PythonTree) -> None:
        self.tree = tree
        self.scope = Scope(MODULE, tree.module, None)
        self.facts = ModuleFacts(tree, self.scope)
        self.span = self.facts.span
        self.statement: cst.CSTNode | None = None
        self.qualname: list[str] = []
        self.loads: list[_Load] = []
        self.deferred: list[tuple[_Load, Definition]] = []
        self.in_annotation = False
        self.order = 0
        self.handlers: dict[type[cst.CSTNode], Callable[..., None]] = {
            cst.Name: self.on_name,
            cst.Attribute: self.on_attribute,
            cst.SimpleString: self.on_string,
            cst.Call: self.on_call,
            cst.Subscript: self.on_subscript,
            cst.Annotation: self.on_annotation,
            cst.FunctionDef: self.on_function,
            cst.ClassDef: self.on_class,
            cst.Lambda: self.on_lambda,
            cst.GeneratorExp: self.on_comprehension,
            cst.ListComp: self.on_comprehension,
            cst.SetComp: self.on_comprehension,
            cst.DictComp: self.on_comprehension,
            cst.NamedExpr: self.on_walrus,
            cst.SimpleStatementLine: self.on_statement_line,
            cst.Assign: self.on_assign,
            cst.AnnAssign: self.on_annotated_assign,
            cst.AugAssign: self.on_augmented_assign,
            cst.For: self.on_for,
            cst.With: self.on_with,
            cst.ExceptHandler: self.on_except,
            cst.ExceptStarHandler: self.on_except,
            cst.Del: self.on_delete,
            cst.Global: self.on_global,
            cst.Nonlocal: self.on_nonlocal,
            cst.Import: self.on_import,
            cst.ImportFrom: self.on_import_from,
            cst.Return: self.on_return,
            cst.Yield: self.on_yield,
            cst.MatchAs: self.on_match_as,
            cst.MatchStar: self.on_match_star,
            cst.MatchMapping: self.on_match_mapping,
            cst.MatchClass: self.on_match_class,
            cst.TypeAlias: self.on_type_alias,
        }

    def run(self) -> None:
        self.visit_all(self.tree.module.body)
        self.resolve_all()
        self.collect_self_attributes()

    # --- walking -----------------------------------------------------------------------------

    def visit(self, node: cst.CSTNode) -> None:
        handler = self.handlers.get(node.__class__)
        if handler is None:
            self.children(node)
        else:
            handler(node)

    def children(self, node: cst.CSTNode) -> None:
        for name in _meaning_fields(node.__class__):
            value = getattr(node, name)
            if isinstance(value, cst.CSTNode):
                self.visit(value)
            elif value.__class__ is tuple or value.__class__ is list:
                for item in value:
                    self.visit(item)

    def visit_all(self, nodes: Sequence[cst.CSTNode]) -> None:
        for node in nodes:
            self.visit(node)

    @contextmanager
    def inside(self, scope: Scope) -> Iterator[None]:
        before, self.scope = self.scope, scope
        self.facts.scopes.setdefault(scope.node, scope)
        yield
        self.scope = before

    @contextmanager
    def annotating(self, on: bool = True) -> Iterator[None]:
        before, self.in_annotation = self.in_annotation, on
        yield
        self.in_annotation = before

    # --- names -------------------------------------------------------------------------------

    def occurrence(self, node: cst.Name, stores: bool = False) -> Occurrence:
        start, end = self.span(node)
        self.order += 1
        return Occurrence(start, end, self.scope, stores, node, self.order)

    def on_name(self, node: cst.Name) -> None:
        bound = self.scope.bindings
        unbound = node.value not in bound and (
            self.scope.kind == CLASS or (self.scope.kind == MODULE and node.value in BUILTIN_NAMES)
        )
        self.loads.append(_Load(node.value, self.occurrence(node), unbound))

    def bind(
        self,
        node: cst.Name,
        kind: str,
        owner: cst.CSTNode,
        *,
        value: cst.BaseExpression | None = None,
        annotation: cst.BaseExpression | None = None,
        imported: ImportedName | None = None,
        scope: Scope | None = None,
    ) -> None:
        scope = scope or self.scope
        occurrence = self.occurrence(node, stores=True)
        definition = Definition(
            kind, owner, occurrence, self.statement, value, annotation, imported
        )
        if node.value in scope.global_names or node.value in scope.nonlocal_names:
            self.deferred.append((_Load(node.value, occurrence, False), definition))
            return
        self.record(scope, node.value, definition)

    @staticmethod
    def record(scope: Scope, name: str, definition: Definition) -> None:
        binding = scope.bindings.get(name)
        if binding is None:
            binding = scope.bindings[name] = Binding(name, scope)
        binding.definitions.append(definition)
        binding.occurrences.append(definition.occurrence)

    def bind_target(
        self,
        target: cst.BaseExpression,
        kind: str,
        owner: cst.CSTNode,
        value: cst.BaseExpression | None,
        annotation: cst.BaseExpression | None = None,
    ) -> None:
        """Bind what stands left of an `=`, after `for`, after `as`."""
        if isinstance(target, cst.Name):
            self.bind(target, kind, owner, value=value, annotation=annotation)
        elif isinstance(target, cst.Tuple | cst.List):
            for element in target.elements:
                self.bind_target(element.value, "unpack", owner, None)
        elif isinstance(target, cst.StarredElement):
            self.bind_target(target.value, "unpack", owner, None)
        elif isinstance(target, cst.Attribute):
            self.visit(target.value)
            use = self.attribute_use(target, stores=True)
            if kind in ("assign", "annotated"):
                use.assigned, use.annotation = value, annotation
        else:
            self.visit(target)

    def attribute_use(self, node: cst.Attribute, stores: bool = False) -> AttributeUse:
        start, end = self.span(node.attr)
        use = AttributeUse(node, node.attr.value, start, end, self.scope, stores)
        self.facts.attributes.setdefault(use.name, []).append(use)
        return use

    def on_attribute(self, node: cst.Attribute) -> None:
        self.visit(node.value)
        self.attribute_use(node)

    # --- expressions -------------------------------------------------------------------------

    def on_string(self, node: cst.SimpleString) -> None:
        if not self.in_annotation:
            self.facts.strings.append((node, self.scope))
            return
        content = node.raw_value
        if "b" in node.prefix.lower() or "\\" in content or not content.strip():
            return
        parsed = _parse_quoted(content)
        if parsed is None:
            return
        expression, spans = parsed
        start = self.span(node)[0] + len(node.prefix) + len(node.quote)
        for inner, (first, last) in spans.items():
            self.facts.quoted_spans[inner] = (start + first, start + last)
        self.facts.annotations[node] = expression
        self.visit(expression)

    def on_call(self, node: cst.Call) -> None:
        name = last_name(node.func)
        self.facts.calls.setdefault(name, []).append((node, self.scope))
        self.visit(node.func)
        for index, argument in enumerate(node.args):
            if argument.keyword is not None:
                self.keyword(node, argument.keyword)
            is_type = (
                (name == "cast" and index == 0)
                or (name == "TypeVar" and argument.keyword and argument.keyword.value == "bound")
                or (name == "TypeVar" and index > 0 and argument.keyword is None)
            )
            with self.annotating(bool(is_type)):
                self.visit(argument.value)

    def keyword(self, call: cst.CSTNode, name: cst.Name) -> None:
        start, end = self.span(name)
        use = KeywordUse(call, name.value, start, end, self.scope)
        self.facts.keywords.setdefault(name.value, []).append(use)

    def on_subscript(self, node: cst.Subscript) -> None:
        self.visit(node.value)
        name = last_name(node.value)
        if not self.in_annotation or name == "Literal":
            with self.annotating(False):
                self.visit_all(node.slice)
        elif name == "Annotated":
            self.visit(node.slice[0])
            with self.annotating(False):
                self.visit_all(node.slice[1:])
        else:
            self.visit_all(node.slice)

    def on_annotation(self, node: cst.Annotation) -> None:
        with self.annotating():
            self.visit(node.annotation)

    def on_lambda(self, node: cst.Lambda) -> None:
        self.parameter_defaults(node.params)
        scope = Scope(LAMBDA, node, self.scope)
        with self.inside(scope):
            self.parameters(node.params, node)
            self.visit(node.body)

    def on_comprehension(self, node: cst.BaseComp) -> None:
        loop: cst.CompFor = node.for_in
        self.visit(loop.iter)
        scope = Scope(COMPREHENSION, node, self.scope)
        with self.inside(scope):
            first = True
            current: cst.CompFor | None = loop
            while current is not None:
                if not first:
                    self.visit(current.iter)
                self.bind_target(current.target, "for", current, current.iter)
                self.visit_all(current.ifs)
                current, first = current.inner_for_in, False
            if isinstance(node, cst.DictComp):
                self.visit(node.key)
                self.visit(node.value)
            else:
                self.visit(node.elt)  # type: ignore[attr-defined]

    def on_walrus(self, node: cst.NamedExpr) -> None:
        self.visit(node.value)
        scope = self.scope
        while scope.kind == COMPREHENSION and scope.parent is not None:
            scope = scope.parent
        if isinstance(node.target, cst.Name):
            self.bind(node.target, "walrus", node, value=node.value, scope=scope)

    # --- statements --------------------------------------------------------------------------

    def on_statement_line(self, node: cst.SimpleStatementLine) -> None:
        self.statement = node
        self.visit_all(node.body)

    def on_assign(self, node: cst.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.bind_target(target.target, "assign", node, node.value)

    def on_annotated_assign(self, node: cst.AnnAssign) -> None:
        self.visit(node.annotation)
        if node.value is not None:
            alias = last_name(node.annotation.annotation) == "TypeAlias"
            with self.annotating(alias):
                self.visit(node.value)
        annotation = node.annotation.annotation
        self.bind_target(node.target, "annotated", node, node.value, annotation)

    def on_augmented_assign(self, node: cst.AugAssign) -> None:
        self.visit(node.value)
        self.bind_target(node.target, "augmented", node, node.value)

    def on_for(self, node: cst.For) -> None:
        self.statement = node
        self.visit(node.iter)
        self.bind_target(node.target, "for", node, node.iter)
        self.visit(node.body)
        if node.orelse is not None:
            self.visit(node.orelse)

    def on_with(self, node: cst.With) -> None:
        self.statement = node
        for item in node.items:
            self.visit(item.item)
            if item.asname is not None:
                self.bind_target(item.asname.name, "with", item, item.item)
        self.visit(node.body)

    def on_except(self, node: cst.ExceptHandler | cst.ExceptStarHandler) -> None:
        self.statement = node
        if node.type is not None:
            self.visit(node.type)
        if node.name is not None:
            self.bind_target(node.name.name, "except", node, node.type)
        self.visit(node.body)

    def on_delete(self, node: cst.Del) -> None:
        if isinstance(node.target, cst.Name | cst.Tuple | cst.List | cst.Attribute):
            self.bind_target(node.target, "delete", node, None)
        else:
            self.visit(node.target)

    def on_global(self, node: cst.Global) -> None:
        for item in node.names:
            self.scope.global_names.add(item.name.value)
            self.loads.append(_Load(item.name.value, self.occurrence(item.name), False))

    def on_nonlocal(self, node: cst.Nonlocal) -> None:
        for item in node.names:
            self.scope.nonlocal_names.add(item.name.value)
            self.loads.append(_Load(item.name.value, self.occurrence(item.name), False))

    def on_return(self, node: cst.Return) -> None:
        if node.value is not None:
            function = self.scope.enclosing_function()
            if function is not None:
                function.returns.append(node.value)
            self.visit(node.value)

    def on_yield(self, node: cst.Yield) -> None:
        function = self.scope.enclosing_function()
        if function is not None and isinstance(node.value, cst.BaseExpression):
            function.yields.append(node.value)
        if node.value is not None:
            self.visit(node.value)

    # --- definitions -------------------------------------------------------------------------

    def on_function(self, node: cst.FunctionDef) -> None:
        statement = self.statement
        self.visit_all(node.decorators)
        self.statement = node
        outer = self.scope
        with self.type_parameters(node.type_parameters):
            self.parameter_defaults(node.params)
            if node.returns is not None:
                self.visit(node.returns)
            scope = Scope(FUNCTION, node, self.scope)
        qualname = ".".join([*self.qualname, node.name.value])
        owner = outer.class_info if outer.kind == CLASS else None
        info = FunctionInfo(self.tree.path, node.name.value, qualname, node, scope, outer, owner)
        scope.function_info = info
        self.facts.functions.append(info)
        self.bind(node.name, "function", node)
        self.qualname.append(node.name.value)
        with self.inside(scope):
            self.parameters(node.params, node)
            self.visit(node.body)
        self.qualname.pop()
        self.statement = statement

    @contextmanager
    def type_parameters(self, node: cst.TypeParameters | None) -> Iterator[None]:
        if node is None:
            yield
            return
        with self.inside(Scope(TYPE_PARAMETERS, node, self.scope)):
            for parameter in node.params:
                self.bind(parameter.param.name, "type", parameter)
            for parameter in node.params:
                bound = getattr(parameter.param, "bound", None)
                for part in (bound, parameter.default):
                    if isinstance(part, cst.CSTNode):
                        self.visit(part)
            yield

    def all_parameters(self, node: cst.Parameters) -> Iterator[cst.Param]:
        yield from node.posonly_params
        yield from node.params
        if isinstance(node.star_arg, cst.Param):
            yield node.star_arg
        yield from node.kwonly_params
        if node.star_kwarg is not None:
            yield node.star_kwarg

    def parameter_defaults(self, node: cst.Parameters) -> None:
        for parameter in self.all_parameters(node):
            if parameter.annotation is not None:
                self.visit(parameter.annotation)
            if parameter.default is not None:
                self.visit(parameter.default)

    def parameters(self, node: cst.Parameters, function: cst.CSTNode) -> None:
        for parameter in self.all_parameters(node):
            annotation = parameter.annotation.annotation if parameter.annotation else None
            self.bind(
                parameter.name,
                "parameter",
                parameter,
                value=parameter.default,
                annotation=annotation,
            )

    def on_class(self, node: cst.ClassDef) -> None:
        statement = self.statement
        self.visit_all(node.decorators)
        self.statement = node
        outer = self.scope
        with self.type_parameters(node.type_parameters):
            self.visit_all([a.value for a in node.bases])
            for argument in node.keywords:
                if argument.keyword is not None:
                    self.keyword(node, argument.keyword)
                self.visit(argument.value)
            scope = Scope(CLASS, node, self.scope)
        qualname = ".".join([*self.qualname, node.name.value])
        owner = outer.class_info if outer.kind == CLASS else None
        info = ClassInfo(self.tree.path, node.name.value, qualname, node, scope, outer, owner)
        scope.class_info = info
        self.facts.classes.append(info)
        self.qualname.append(node.name.value)
        with self.inside(scope):
            self.visit(node.body)
        self.qualname.pop()
        self.statement = node
        self.bind(node.name, "class", node)
        self.statement = statement

    def on_type_alias(self, node: cst.TypeAlias) -> None:
        with self.type_parameters(node.type_parameters), self.annotating():
            self.visit(node.value)
        self.bind(node.name, "type", node, annotation=node.value)

    # --- imports -----------------------------------------------------------------------------

    def parts(self, node: cst.BaseExpression | None) -> tuple[tuple[str, int, int], ...]:
        names = dotted_name(node) if node is not None else []
        return tuple((n.value, *self.span(n)) for n in names)

    def on_import(self, node: cst.Import) -> None:
        for alias in node.names:
            parts = self.parts(alias.name)
            asname = alias.asname.name if alias.asname is not None else None
            module = ".".join(p[0] for p in parts)
            bound = asname if isinstance(asname, cst.Name) else dotted_name(alias.name)[0]
            alias_span = self.span(asname) if asname is not None else None
            imported = ImportedName(
                module,
                0,
                "",
                bound.value,
                asname is not None,
                parts,
                None,
                alias_span,
                alias,
                node,
                self.statement,
                self.scope,
            )
            self.facts.imports.append(imported)
            self.bind(bound, "import", alias, imported=imported)

    def on_import_from(self, node: cst.ImportFrom) -> None:
        parts = self.parts(node.module)
        module = ".".join(p[0] for p in parts)
        level = len(node.relative)
        if isinstance(node.names, cst.ImportStar):
            self.facts.imports.append(
                ImportedName(
                    module,
                    level,
                    "*",
                    "*",
                    False,
                    parts,
                    None,
                    None,
                    node.names,
                    node,
                    self.statement,
                    self.scope,
                )
            )
            return
        for alias in node.names:
            assert isinstance(alias.name, cst.Name)  # the grammar allows no dots here
            asname = alias.asname.name if alias.asname is not None else None
            bound = asname if isinstance(asname, cst.Name) else alias.name
            imported = ImportedName(
                module,
                level,
                alias.name.value,
                bound.value,
                asname is not None,
                parts,
                self.span(alias.name),
                self.span(asname) if asname is not None else None,
                alias,
                node,
                self.statement,
                self.scope,
            )
            self.facts.imports.append(imported)
            self.bind(bound, "import", alias, imported=imported)

    # --- match patterns ----------------------------------------------------------------------

    def on_match_as(self, node: cst.MatchAs) -> None:
        if node.pattern is not None:
            self.visit(node.pattern)
        if node.name is not None:
            cls = node.pattern.cls if isinstance(node.pattern, cst.MatchClass) else None
            self.bind(node.name, "match", node, annotation=cls)

    def on_match_star(self, node: cst.MatchStar) -> None:
        if node.name is not None:
            self.bind(node.name, "match", node)

    def on_match_mapping(self, node: cst.MatchMapping) -> None:
        for element in node.elements:
            self.visit(element.key)
            self.visit(element.pattern)
        if node.rest is not None:
            self.bind(node.rest, "match", node)

    def on_match_class(self, node: cst.MatchClass) -> None:
        self.visit(node.cls)
        self.visit_all(node.patterns)
        for element in node.kwds:
            self.keyword(node, element.key)
            self.visit(element.pattern)

    # --- afterwards --------------------------------------------------------------------------

    def resolve_all(self) -> None:
        for load, definition in self.deferred:
            scope = load.occurrence.scope
            if load.name in scope.global_names:
                self.record(scope.module_scope, load.name, definition)
                continue
            binding = find_binding(load.name, scope.parent, skip_classes=True)
            if binding is not None:
                binding.definitions.append(definition)
                binding.occurrences.append(load.occurrence)
        for load in self.loads:
            scope = load.occurrence.scope
            binding = find_binding(load.name, scope, unbound_here=load.unbound_here)
            if binding is None:
                self.facts.unresolved.setdefault(load.name, []).append(load.occurrence)
            else:
                binding.occurrences.append(load.occurrence)

    def collect_self_attributes(self) -> None:
        for uses in self.facts.attributes.values():
            for use in uses:
                value = use.node.value
                if not use.stores or not isinstance(value, cst.Name):
                    continue
                binding = find_binding(value.value, use.scope)
                owner = _self_class(binding)
                if owner is not None:
                    owner.self_attributes.setdefault(use.name, []).append(use)


def _self_class(binding: Binding | None) -> ClassInfo | None:
    """The class of which a binding is the `self` (or `cls`) parameter."""
    if binding is None or binding.scope.function_info is None:
        return None
    function = binding.scope.function_info
    first = first_parameter(function.node)
    if function.owner is None or first is None or first.name.value != binding.name:
        return None
    return None if function.decorated("staticmethod") else function.owner


def first_parameter(node: cst.FunctionDef) -> cst.Param | None:
    """The first positional parameter of a function."""
    positional = [*node.params.posonly_params, *node.params.params]
    return positional[0] if positional else None


def find_binding(
    name: str,
    scope: Scope | None,
    *,
    unbound_here: bool = False,
    skip_classes: bool = False,
) -> Binding | None:
    """What `name` means in `scope`, by Python's rules; None for builtins and unknown names."""
    own = not skip_classes
    while scope is not None:
        if name in scope.global_names:
            return scope.module_scope.bindings.get(name)
        if scope.kind == CLASS and own and unbound_here and name in scope.bindings:
            # Python looks such a name up among the globals, past any function around the class.
            return scope.module_scope.bindings.get(name)
        if (
            name in scope.bindings
            and not (own and unbound_here)
            and (own or scope.kind != CLASS)
            and name not in scope.nonlocal_names
        ):
            return scope.bindings[name]
        # A class body is visible to itself and to the type parameters inside it, to nothing else.
        if scope.kind != TYPE_PARAMETERS:
            own = False
            unbound_here = False
        scope = scope.parent
    return None
