"""The thing that is to the new name what another thing is to the old one.

When tests/test_pix.py is copied to tests/test_pix_parcelado.py and the project has
PixParceladoPayment beside PixPayment, the copy should test PixParceladoPayment.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from sorte_cli.edits.python.clone_naming import Renaming, Stem, derive_stem, words_of
from sorte_cli.edits.python.index import Bound, ProjectIndex
from sorte_cli.edits.python.modules import ModuleRef
from sorte_cli.edits.python.scopes import Binding, ClassInfo, ModuleFacts


@dataclass(slots=True)
class Counterparts:
    """Finds counterparts by the stems of a copy, and learns further stems from what it finds."""

    index: ProjectIndex
    stems: list[Stem]
    learned: list[Stem] = field(default_factory=list)
    _found: dict[Binding, Bound | None] = field(default_factory=dict)

    @property
    def renaming(self) -> Renaming:
        return Renaming((*self.stems, *self.learned))

    def module(self, path: str) -> str | None:
        """The module whose path is that of `path` with the stem replaced."""
        head, slash, base = path.rpartition("/")
        stem, dot, suffix = base.partition(".")
        if stem == "__init__":
            new_head = self.renaming.identifier(head.rpartition("/")[2])
            other = f"{head.rpartition('/')[0]}/{new_head}".lstrip("/") + f"/{base}"
        else:
            other = f"{head}{slash}{self.renaming.identifier(stem)}{dot}{suffix}"
        return other if other != path and other in self.index.paths else None

    def name(self, bound: Bound) -> Bound | None:
        """The counterpart of something a module defines; None where the project has none."""
        if bound.binding not in self._found:
            self._found[bound.binding] = None
            self._found[bound.binding] = self._find(bound)
        return self._found[bound.binding]

    def _find(self, bound: Bound) -> Bound | None:
        name = bound.binding.name
        new_name = self.renaming.identifier(name)
        other_module = self.module(bound.facts.path)
        if new_name != name:
            for path in (other_module, bound.facts.path):
                found = self._defined(path, new_name)
                if found is not None:
                    return found
            return self._anywhere(new_name)
        if other_module is None:
            return None
        same = self._defined(other_module, name)
        return same or self._by_kind(bound, other_module)

    def _defined(self, path: str | None, name: str) -> Bound | None:
        facts = self.index.facts(path) if path is not None else None
        binding = facts.root.bindings.get(name) if facts is not None else None
        if facts is None or binding is None or not _is_defined(binding):
            return None
        return Bound(facts, binding)

    def _anywhere(self, name: str) -> Bound | None:
        """The only module-level definition of a name in the project."""
        found = [b for p in self.index.mentions(name) if (b := self._defined(p, name)) is not None]
        return found[0] if len(found) == 1 else None

    def _by_kind(self, bound: Bound, path: str) -> Bound | None:
        """In the counterpart module: the only class (or function) that can be meant.

        That is the only one of its kind in both modules, or the only one that ends in the same
        word. The stems in which the two differ are learned.
        """
        facts = self.index.facts(path)
        kind = _kind(bound.binding)
        if facts is None or kind not in ("class", "function"):
            return None
        here = _of_kind(bound.facts, kind)
        there = [b for b in _of_kind(facts, kind) if b.name not in bound.facts.root.bindings]
        last = words_of(bound.binding.name)[-1:]
        similar = [b for b in there if words_of(b.name)[-1:] == last]
        chosen = there if len(there) == 1 and len(here) == 1 else similar
        rivals = [b for b in here if words_of(b.name)[-1:] == last]
        if len(chosen) != 1 or (chosen is similar and len(rivals) != 1):
            return None
        stem = derive_stem(bound.binding.name, chosen[0].name)
        if stem not in self.stems and stem not in self.learned:
            self.learned.append(stem)
        return Bound(facts, chosen[0])

    def cls(self, info: ClassInfo) -> ClassInfo | None:
        """The counterpart of a class."""
        facts = self.index.facts(info.path)
        binding = facts.root.bindings.get(info.qualname) if facts is not None else None
        if facts is None or binding is None:
            return None
        other = self.name(Bound(facts, binding))
        if other is None:
            return None
        return next((c for c in other.facts.classes if c.qualname == other.binding.name), None)

    def member(self, info: ClassInfo, name: str) -> str | None:
        """What a member of a class is called in the class's counterpart, where that is certain."""
        other = self.cls(info)
        new_name = self.renaming.identifier(name)
        if other is None or new_name == name:
            return None
        return new_name if other.defines(new_name) and not other.defines(name) else None

    def parameter(self, info: ClassInfo, method: str, name: str) -> str | None:
        """What a parameter of a method is called in the counterpart of the class."""
        other = self.cls(info)
        new_name = self.renaming.identifier(name)
        facts = self.index.facts(other.path) if other is not None else None
        if other is None or facts is None or new_name == name:
            return None
        functions = [f for f in facts.functions if f.owner is other and f.name == method]
        names = {n for f in functions for n in f.scope.bindings}
        return new_name if new_name in names and name not in names else None

    def values(self, bound: Bound, other: Bound) -> dict[str, str]:
        """Strings that a class has in its fields, and what its counterpart has instead."""
        found: dict[str, str] = {}
        mine, theirs = _class_of(bound), _class_of(other)
        if mine is None or theirs is None:
            return found
        for name, binding in mine.scope.bindings.items():
            twin = theirs.scope.bindings.get(self.renaming.identifier(name))
            twin = twin or theirs.scope.bindings.get(name)
            old, new = _string_value(binding), _string_value(twin) if twin is not None else None
            if old and new and old != new:
                found.setdefault(old, new)
        return found


def _class_of(bound: Bound) -> ClassInfo | None:
    name = bound.binding.name
    return next((c for c in bound.facts.classes if c.qualname == name), None)


def _string_value(binding: Binding) -> str | None:
    value = binding.definitions[0].value if len(binding.definitions) == 1 else None
    return value.raw_value if isinstance(value, cst.SimpleString) else None


def _is_defined(binding: Binding) -> bool:
    return any(d.imported is None for d in binding.definitions)


def _kind(binding: Binding) -> str:
    return binding.definitions[0].kind if binding.definitions else ""


def _of_kind(facts: ModuleFacts, kind: str) -> list[Binding]:
    return [b for b in facts.root.bindings.values() if _kind(b) == kind]


def module_of(ref: ModuleRef) -> str:
    """The path of a module's file."""
    return f"{ref.path}__init__.py" if ref.path.endswith("/") else ref.path
