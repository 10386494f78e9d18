"""What the names of one module mean: scopes, bindings and where each binding is used.

Values only; `binder.py` fills them in. Offsets are characters of the module's text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from sorte_cli.edits.python.tree import PythonTree

MODULE, CLASS, FUNCTION, LAMBDA, COMPREHENSION, TYPE_PARAMETERS = (
    "module",
    "class",
    "function",
    "lambda",
    "comprehension",
    "type parameters",
)


class Scope:
    """A region in which names are bound. `node` is what it belongs to: the module, a class, ..."""

    __slots__ = (
        "bindings",
        "class_info",
        "function_info",
        "global_names",
        "kind",
        "node",
        "nonlocal_names",
        "parent",
    )

    def __init__(self, kind: str, node: cst.CSTNode, parent: Scope | None) -> None:
        self.kind = kind
        self.node = node
        self.parent = parent
        self.bindings: dict[str, Binding] = {}
        self.global_names: set[str] = set()
        self.nonlocal_names: set[str] = set()
        self.class_info: ClassInfo | None = None
        self.function_info: FunctionInfo | None = None

    @property
    def module_scope(self) -> Scope:
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def enclosing_function(self) -> FunctionInfo | None:
        """The function whose body this scope is in (not past a class)."""
        scope: Scope | None = self
        while scope is not None and scope.kind != CLASS:
            if scope.function_info is not None:
                return scope.function_info
            scope = scope.parent
        return None

    def enclosing_class(self) -> ClassInfo | None:
        """The nearest class around this scope, through functions too."""
        scope: Scope | None = self
        while scope is not None:
            if scope.class_info is not None:
                return scope.class_info
            scope = scope.parent
        return None


@dataclass(slots=True, eq=False)
class Occurrence:
    """One place where a name stands. `stores` is true where it is bound or deleted.

    `order` counts places in the order in which they run (a value before its target).
    """

    start: int
    end: int
    scope: Scope
    stores: bool = False
    node: cst.CSTNode | None = None
    order: int = 0


@dataclass(slots=True, eq=False)
class Definition:
    """One way in which a name gets its value.

    `kind`: "class", "function", "import", "assign", "annotated", "augmented", "parameter", "for",
    "with", "walrus", "except", "match", "unpack", "delete", "type". `value` is the expression
    that gives the value (iterable of a "for", context manager of a "with"); `statement` is the
    statement line or compound statement it stands in.
    """

    kind: str
    node: cst.CSTNode
    occurrence: Occurrence
    statement: cst.CSTNode | None = None
    value: cst.BaseExpression | None = None
    annotation: cst.BaseExpression | None = None
    imported: ImportedName | None = None


class Binding:
    """A name in a scope, with every place that means it."""

    __slots__ = ("definitions", "name", "occurrences", "scope")

    def __init__(self, name: str, scope: Scope) -> None:
        self.name = name
        self.scope = scope
        self.definitions: list[Definition] = []
        self.occurrences: list[Occurrence] = []


@dataclass(slots=True, eq=False)
class ImportedName:
    """One name of an import statement.

    `import a.b as c`: `module` is "a.b", `name` empty, `bound` "c". `from ..m import n as k`:
    `level` 2, `module` "m", `name` "n", `bound` "k". A star has the name "*". `parts` are the
    spans of the module's dotted parts; `name_span` and `alias_span` those of `n` and `k`.
    """

    module: str
    level: int
    name: str
    bound: str
    has_alias: bool
    parts: tuple[tuple[str, int, int], ...]
    name_span: tuple[int, int] | None
    alias_span: tuple[int, int] | None
    node: cst.ImportAlias | cst.ImportStar
    statement: cst.Import | cst.ImportFrom
    line: cst.CSTNode | None
    scope: Scope


@dataclass(slots=True, eq=False)
class AttributeUse:
    """`value.name` somewhere in the module; `stores` where it is assigned or deleted."""

    node: cst.Attribute
    name: str
    start: int
    end: int
    scope: Scope
    stores: bool = False
    # For `self.x = value` and `self.x: T = value`.
    assigned: cst.BaseExpression | None = None
    annotation: cst.BaseExpression | None = None


@dataclass(slots=True, eq=False)
class KeywordUse:
    """`name=` in a call, a class header or a class pattern (`call` is that node)."""

    call: cst.CSTNode
    name: str
    start: int
    end: int
    scope: Scope


@dataclass(slots=True, eq=False)
class ClassInfo:
    """A class statement. `scope` is its body; `outer` is where its name is bound."""

    path: str
    name: str
    qualname: str
    node: cst.ClassDef
    scope: Scope
    outer: Scope
    owner: ClassInfo | None
    # Names assigned through `self` in its methods.
    self_attributes: dict[str, list[AttributeUse]] = field(default_factory=dict)

    def defines(self, name: str) -> bool:
        return name in self.scope.bindings or name in self.self_attributes


@dataclass(slots=True, eq=False)
class FunctionInfo:
    """A function statement. `scope` is its body; `owner` is the class it is a method of."""

    path: str
    name: str
    qualname: str
    node: cst.FunctionDef
    scope: Scope
    outer: Scope
    owner: ClassInfo | None
    returns: list[cst.BaseExpression] = field(default_factory=list)
    yields: list[cst.BaseExpression] = field(default_factory=list)

    def decorated(self, *names: str) -> bool:
        """Whether a decorator's last name part is one of `names` (`@abc.abstractmethod`)."""
        return any(last_name(d.decorator) in names for d in self.node.decorators)


def words(text: str) -> frozenset[str]:
    """The words of a text as a set, for tables of names."""
    return frozenset(text.split())


def last_name(expression: cst.BaseExpression) -> str:
    """The last name part of `a.b.c`, `c(...)` or `c[...]`; "" for anything else."""
    if isinstance(expression, cst.Call):
        return last_name(expression.func)
    if isinstance(expression, cst.Subscript):
        return last_name(expression.value)
    if isinstance(expression, cst.Attribute):
        return expression.attr.value
    return expression.value if isinstance(expression, cst.Name) else ""


@dataclass(slots=True)
class ModuleFacts:
    """Everything the binder found in one module."""

    tree: PythonTree
    root: Scope
    unresolved: dict[str, list[Occurrence]] = field(default_factory=dict)
    attributes: dict[str, list[AttributeUse]] = field(default_factory=dict)
    keywords: dict[str, list[KeywordUse]] = field(default_factory=dict)
    calls: dict[str, list[tuple[cst.Call, Scope]]] = field(default_factory=dict)
    imports: list[ImportedName] = field(default_factory=list)
    classes: list[ClassInfo] = field(default_factory=list)
    functions: list[FunctionInfo] = field(default_factory=list)
    strings: list[tuple[cst.SimpleString, Scope]] = field(default_factory=list)
    # Parsed string annotations, by their string, and where their nodes stand in the file.
    annotations: dict[cst.SimpleString, cst.BaseExpression] = field(default_factory=dict)
    quoted_spans: dict[cst.CSTNode, tuple[int, int]] = field(default_factory=dict)
    # The scope of every class, function, lambda and comprehension.
    scopes: dict[cst.CSTNode, Scope] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return self.tree.path

    @property
    def text(self) -> str:
        return self.tree.source.text

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """[start, end) of a node's own code, also of one inside a string annotation."""
        return self.quoted_spans.get(node) or self.tree.span(node)

    def all_scopes(self) -> Iterator[Scope]:
        """Every scope, the module's own first."""
        yield self.root
        yield from self.scopes.values()
