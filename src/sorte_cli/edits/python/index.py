"""The modules of a project tied together: imports followed to where a name is really defined."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, ref

import libcst as cst

from sorte_cli.edits.model import EditError
from sorte_cli.edits.python.binder import bind_module, find_binding
from sorte_cli.edits.python.modules import ModuleMap, ModuleRef
from sorte_cli.edits.python.scopes import Binding, ImportedName, ModuleFacts, Occurrence, Scope

if TYPE_CHECKING:
    from sorte_cli.edits.registry import Project


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """A binding together with the module it is in."""

    facts: ModuleFacts
    binding: Binding

    def is_same(self, other: object) -> bool:
        return isinstance(other, Bound) and other.binding is self.binding


Origin = ModuleRef | Bound


def word_pattern(name: str) -> re.Pattern[str]:
    """`name` as a whole identifier."""
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")


class ProjectIndex:
    """Facts of modules, made when they are first needed, and the way imports lead between them."""

    def __init__(self, project: Project) -> None:
        self._project = ref(project)  # the project outlives its index; a cycle would keep both
        self._facts: dict[str, ModuleFacts | None] = {}
        self._texts: dict[str, str] = {}
        self._mentions: dict[str, list[str]] = {}

    @property
    def project(self) -> Project:
        project = self._project()
        assert project is not None  # whoever asks holds the project
        return project

    @staticmethod
    def of(project: Project) -> ProjectIndex:
        """The index of a project; operations of one script share it."""
        index = _INDEXES.get(project)
        if index is None:
            index = _INDEXES[project] = ProjectIndex(project)
        return index

    @cached_property
    def paths(self) -> tuple[str, ...]:
        return tuple(self.project.python_paths())

    @cached_property
    def modules(self) -> ModuleMap:
        return ModuleMap(self.paths)

    def text(self, path: str) -> str:
        """The text of a file; "" where it cannot be read as text."""
        if path not in self._texts:
            try:
                self._texts[path] = self.project.source(path).text
            except EditError:
                self._texts[path] = ""
        return self._texts[path]

    def facts(self, path: str) -> ModuleFacts | None:
        """The facts of a Python file, or None where it does not exist or does not parse."""
        if path not in self._facts:
            try:
                self._facts[path] = _facts_of(self.project, path)
            except (EditError, RecursionError):
                self._facts[path] = None
        return self._facts[path]

    def mentions(self, name: str) -> list[str]:
        """The Python files in which `name` occurs as a word, anywhere."""
        if name not in self._mentions:
            raw = name.encode("ascii", "ignore")
            pattern = word_pattern(name)
            found = []
            for path in self.paths:
                if path not in self._texts:
                    data = self.project.snapshot.read(path)
                    if data is None or (raw and raw not in data):
                        continue
                text = self.text(path)
                if name in text and pattern.search(text):  # the pattern alone is slow to miss
                    found.append(path)
            self._mentions[name] = found
        return self._mentions[name]

    # --- imports -----------------------------------------------------------------------------

    def imported_module(self, path: str, imported: ImportedName) -> ModuleRef | None:
        """The module after `from` or `import`; None outside the project."""
        if imported.level:
            return self.modules.relative(imported.level, imported.module, path)
        return self.modules.absolute(imported.module, path)

    def imported_origins(self, facts: ModuleFacts, imported: ImportedName) -> list[Origin]:
        """What one imported name means; empty outside the project."""
        if not imported.name:
            whole = imported.has_alias
            dotted = imported.module if whole else imported.module.partition(".")[0]
            found = self.modules.absolute(dotted, facts.path)
            return [found] if found is not None else []
        module = self.imported_module(facts.path, imported)
        return self.exported(module, imported.name) if module is not None else []

    def exported(
        self, module: ModuleRef, name: str, seen: frozenset[tuple[str, str]] = frozenset()
    ) -> list[Origin]:
        """What `module.name` means: a definition somewhere in the project, a module, or nothing."""
        if (module.path, name) in seen:
            return []
        seen |= {(module.path, name)}
        for path in self._files_of(module):
            facts = self.facts(path)
            if facts is None:
                continue
            binding = facts.root.bindings.get(name)
            if binding is not None:
                origins = self.origins(facts, binding, seen)
                if origins:
                    return origins
            for imported in star_imports(facts):
                source = self.imported_module(path, imported)
                if source is not None and self.star_exports(source, name):
                    found = self.exported(source, name, seen)
                    if found:
                        return found
        inner = self.modules.submodule(module, name)
        return [inner] if inner is not None else []

    def _files_of(self, module: ModuleRef) -> Iterator[str]:
        if not module.path.endswith("/"):
            yield module.path
            twin = self.modules.twin(module.path)
            if twin is not None:
                yield twin

    def origins(
        self,
        facts: ModuleFacts,
        binding: Binding,
        seen: frozenset[tuple[str, str]] = frozenset(),
    ) -> list[Origin]:
        """Where a binding's values come from, through imports; itself where it is defined here."""
        found: list[Origin] = []
        here = False
        for definition in binding.definitions:
            imported = definition.imported
            if imported is None:
                here = here or definition.kind != "delete"
                continue
            if not imported.name:
                found.extend(self.imported_origins(facts, imported))
                continue
            module = self.imported_module(facts.path, imported)
            if module is not None:
                found.extend(self.exported(module, imported.name, seen))
        if here:
            found.append(Bound(facts, binding))
        return found

    def star_exports(self, module: ModuleRef, name: str) -> bool:
        """Whether `from module import *` brings `name`."""
        facts = self.facts(module.path) if not module.path.endswith("/") else None
        if facts is None:
            return False
        listed = exported_names(facts)
        return name in listed if listed is not None else not name.startswith("_")

    def lookup(
        self, facts: ModuleFacts, name: str, scope: Scope, occurrence: Occurrence | None = None
    ) -> list[Origin]:
        """What a name means where it stands; empty for builtins, outside names and unknown ones."""
        binding = self.binding_at(name, scope, occurrence)
        if binding is not None:
            return self.origins(facts, binding)
        for imported in star_imports(facts):
            module = self.imported_module(facts.path, imported)
            if module is not None and self.star_exports(module, name):
                found = self.exported(module, name)
                if found:
                    return found
        return []

    @staticmethod
    def binding_at(name: str, scope: Scope, occurrence: Occurrence | None = None) -> Binding | None:
        """The binding a name has in a scope, or at one occurrence of it."""
        binding = find_binding(name, scope)
        if occurrence is not None and binding is not None and occurrence not in binding.occurrences:
            return find_binding(name, scope, unbound_here=True)
        return binding


def star_imports(facts: ModuleFacts) -> Iterator[ImportedName]:
    """The star imports of a module, the last first, as the last one wins."""
    return (i for i in reversed(facts.imports) if i.name == "*")


def exported_names(facts: ModuleFacts) -> set[str] | None:
    """The strings of `__all__`, or None where the module has none that can be read."""
    strings = list(all_strings(facts))
    if "__all__" not in facts.root.bindings:
        return None
    return {str(node.evaluated_value) for node in strings}


def all_strings(facts: ModuleFacts) -> Iterable[cst.SimpleString]:
    """The string literals that stand in assignments and additions to `__all__`."""
    binding = facts.root.bindings.get("__all__")
    if binding is None:
        return []
    found: list[cst.SimpleString] = []
    for definition in binding.definitions:
        if definition.value is not None:
            found.extend(_strings_in(definition.value))
    for name in ("append", "extend", "remove"):
        for call, _ in facts.calls.get(name, ()):
            if (
                isinstance(call.func, cst.Attribute)
                and isinstance(call.func.value, cst.Name)
                and call.func.value.value == "__all__"
            ):
                for argument in call.args:
                    found.extend(_strings_in(argument.value))
    return found


def _strings_in(node: cst.BaseExpression) -> Iterator[cst.SimpleString]:
    if isinstance(node, cst.SimpleString):
        yield node
    elif isinstance(node, cst.List | cst.Tuple | cst.Set):
        for element in node.elements:
            yield from _strings_in(element.value)
    elif isinstance(node, cst.BinaryOperation):
        yield from _strings_in(node.left)
        yield from _strings_in(node.right)


# A run resolves script after script in the same files. Trees are some hundred times the size of
# their text, so only so much of it is remembered.
_REMEMBERED_CHARACTERS = 300_000
_remembered: OrderedDict[tuple[str, str], ModuleFacts] = OrderedDict()


def _facts_of(project: Project, path: str) -> ModuleFacts:
    key = (path, project.source(path).text)
    facts = _remembered.get(key)
    if facts is not None:
        _remembered.move_to_end(key)
        return facts
    facts = bind_module(project.tree(path))
    if len(key[1]) < _REMEMBERED_CHARACTERS // 4:
        _remembered[key] = facts
        while sum(len(text) for _, text in _remembered) > _REMEMBERED_CHARACTERS:
            _remembered.popitem(last=False)
    return facts


_INDEXES: WeakKeyDictionary[Project, ProjectIndex] = WeakKeyDictionary()
