"""Which classes of the project derive from which, and which of them share a member."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

import libcst as cst

from sorte_cli.edits.python.evidence import ClassType, Evidence
from sorte_cli.edits.python.index import ProjectIndex
from sorte_cli.edits.python.scopes import ClassInfo, FunctionInfo, ModuleFacts, last_name, words

# Bases from outside the project that bring no members a project would override by name.
_HARMLESS_BASES = words(
    "object ABC Protocol Generic Enum IntEnum StrEnum Flag IntFlag NamedTuple TypedDict "
    "BaseModel Exception BaseException ValueError TypeError RuntimeError KeyError "
    "LookupError OSError"
)
_ENUMS = frozenset(
    {"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "TextChoices", "IntegerChoices"}
)


class Hierarchy:
    """Answers about classes; what it finds it remembers."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self._bases: dict[ClassInfo, tuple[list[ClassInfo], list[str]]] = {}
        self._subclasses: dict[ClassInfo, list[ClassInfo]] = {}

    @cached_property
    def evidence(self) -> Evidence:
        return Evidence(self.index, self)

    # --- upwards -----------------------------------------------------------------------------

    def bases(self, info: ClassInfo) -> list[ClassInfo]:
        """The direct bases that are classes of the project."""
        return self._resolved_bases(info)[0]

    def outside_bases(self, info: ClassInfo) -> list[str]:
        """Bases anywhere above whose members are not known, as they are written."""
        found: list[str] = []
        for cls in self.ancestry(info):
            found.extend(self._resolved_bases(cls)[1])
        return list(dict.fromkeys(found))

    def _resolved_bases(self, info: ClassInfo) -> tuple[list[ClassInfo], list[str]]:
        if info in self._bases:
            return self._bases[info]
        known: list[ClassInfo] = []
        outside: list[str] = []
        self._bases[info] = (known, outside)  # a class that derives from itself ends here
        facts = self.index.facts(info.path)
        assert facts is not None
        for argument in info.node.bases:
            found = [
                t.info
                for t in self.evidence.types(facts, argument.value, info.outer)
                if isinstance(t, ClassType) and t.info is not info
            ]
            known.extend(found)
            name = last_name(argument.value)
            if not found and name not in _HARMLESS_BASES:
                outside.append(facts.tree.text(argument.value))
        return known, outside

    def ancestry(self, info: ClassInfo) -> list[ClassInfo]:
        """The class and its project ancestors, nearest first: left to right, a shared base last."""
        order: list[ClassInfo] = []

        def walk(cls: ClassInfo, path: tuple[ClassInfo, ...]) -> None:
            if cls in path:
                return
            if cls in order:
                order.remove(cls)
            order.append(cls)
            for base in self.bases(cls):
                walk(base, (*path, cls))

        walk(info, ())
        return order

    def definers(self, info: ClassInfo, name: str, *, above: bool = False) -> list[ClassInfo]:
        """The classes in the ancestry that define a member, the one that is found first."""
        classes = self.ancestry(info)
        return [c for c in (classes[1:] if above else classes) if c.defines(name)]

    def is_enum(self, info: ClassInfo) -> bool:
        """Whether a class is an enumeration, as far as the names of its bases say."""
        return any(last_name(a.value) in _ENUMS for c in self.ancestry(info) for a in c.node.bases)

    # --- downwards ---------------------------------------------------------------------------

    def subclasses(self, info: ClassInfo) -> list[ClassInfo]:
        """The direct subclasses in the project."""
        if info not in self._subclasses:
            self._subclasses[info] = []
            self._subclasses[info] = list(self._find_subclasses(info))
        return self._subclasses[info]

    def _find_subclasses(self, info: ClassInfo) -> Iterator[ClassInfo]:
        name = re.escape(info.name)
        # It stands among the bases of a class, or gets another name under which it may. Each
        # pattern begins with a letter of its own: one of all three would be slow to miss.
        patterns = [
            re.compile(rf"class\s+\w+[^(:]*\([^:]*?(?<!\w){name}(?!\w)"),
            re.compile(rf"{name}\s+as\s"),
            re.compile(rf"(?m)=\s*[\w.]*(?<!\w){name}\s*$"),
        ]
        for path in self.index.mentions(info.name):
            text = self.index.text(path)
            if not any(pattern.search(text) for pattern in patterns):
                continue
            facts = self.index.facts(path)
            if facts is None:
                continue
            for candidate in facts.classes:
                if candidate.node.bases and info in self.bases(candidate):
                    yield candidate

    def descendants(self, info: ClassInfo) -> list[ClassInfo]:
        """Every class of the project that derives from `info`, itself not included."""
        found: list[ClassInfo] = []
        queue = [info]
        while queue:
            for cls in self.subclasses(queue.pop()):
                if cls not in found and cls is not info:
                    found.append(cls)
                    queue.append(cls)
        return found

    def family(self, info: ClassInfo, name: str) -> list[ClassInfo]:
        """The classes whose member `name` is one and the same by inheritance, `info` first."""
        start = info if info.defines(name) else next(iter(self.definers(info, name)), info)
        members = [start]
        if name.startswith("__") and not name.endswith("__"):
            return members  # private to the class by name mangling
        for cls in members:  # grows while it is walked
            below = self.descendants(cls)
            # A class with several bases ties their members of one name together.
            related = [c for one in (cls, *below) for c in self.ancestry(one)]
            related += self._fulfilling(cls, name)
            members.extend(c for c in related if c.defines(name) and c not in members)
        return members

    def _fulfilling(self, info: ClassInfo, name: str) -> Iterator[ClassInfo]:
        """Classes that do all that a protocol asks for, in the same words.

        A protocol of one method without parameters asks for too little to tell.
        """
        wanted = _protocol_methods(info)
        if wanted is None or (len(wanted) < 2 and sum(len(p) for p in wanted.values()) < 2):
            return
        for path in self.index.mentions(name):
            facts = self.index.facts(path)
            for cls in facts.classes if facts is not None else ():
                if cls is not info and _does(self.index, cls, wanted):
                    yield cls

    # --- pytest ------------------------------------------------------------------------------

    def fixture(self, facts: ModuleFacts, function: FunctionInfo, name: str) -> FunctionInfo | None:
        """The pytest fixture that a parameter of a test or of another fixture names."""
        if not (function.name.startswith("test") or is_fixture(function)):
            return None
        own = function.owner
        candidates = [f for f in facts.functions if is_fixture(f) and fixture_name(f) == name]
        for candidate in candidates:
            if candidate.owner in (None, own) and candidate is not function:
                return candidate
        directory = facts.path
        while directory:
            directory = directory.rpartition("/")[0]
            path = f"{directory}/conftest.py" if directory else "conftest.py"
            conftest = self.index.facts(path) if path in self.index.paths else None
            if conftest is None:
                continue
            for candidate in conftest.functions:
                if is_fixture(candidate) and fixture_name(candidate) == name:
                    return candidate if candidate is not function else None
        return None


def _protocol_methods(info: ClassInfo) -> dict[str, list[str]] | None:
    """The methods a protocol asks for with their parameters; None for any other class."""
    if not any(last_name(a.value) == "Protocol" for a in info.node.bases):
        return None
    found: dict[str, list[str]] = {}
    for name, binding in info.scope.bindings.items():
        for definition in binding.definitions:
            if isinstance(definition.node, cst.FunctionDef):
                found[name] = _parameters(definition.node)
            elif not name.startswith("__"):
                found.setdefault(name, [])
    return found


def _parameters(node: cst.FunctionDef) -> list[str]:
    positional = [*node.params.posonly_params, *node.params.params, *node.params.kwonly_params]
    return [p.name.value for p in positional][1:]


def _does(index: ProjectIndex, info: ClassInfo, wanted: dict[str, list[str]]) -> bool:
    """Whether a class itself has every member, each method with the same parameters."""
    for name, parameters in wanted.items():
        binding = info.scope.bindings.get(name)
        if binding is None:
            if parameters or name not in info.self_attributes:
                return False
            continue
        nodes = [d.node for d in binding.definitions if isinstance(d.node, cst.FunctionDef)]
        if nodes and _parameters(nodes[-1]) != parameters:
            return False
    return True


def is_fixture(function: FunctionInfo) -> bool:
    """Whether a function is a pytest fixture."""
    return function.decorated("fixture")


def fixture_name(function: FunctionInfo) -> str:
    """The name under which tests ask for a fixture."""
    for decorator in function.node.decorators:
        call = decorator.decorator
        if isinstance(call, cst.Call) and last_name(call) == "fixture":
            for argument in call.args:
                named = argument.keyword is not None and argument.keyword.value == "name"
                if named and isinstance(argument.value, cst.SimpleString):
                    return str(argument.value.evaluated_value)
    return function.name
