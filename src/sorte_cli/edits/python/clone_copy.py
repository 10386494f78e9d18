"""The text of a copy: what the pattern defines is renamed, what it takes from elsewhere stays.

Things from elsewhere are exchanged only where the project has their counterpart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import libcst as cst

from sorte_cli.edits.python.clone_naming import Renaming
from sorte_cli.edits.python.counterparts import Counterparts
from sorte_cli.edits.python.evidence import ClassType, InstanceType, SuperType, Type
from sorte_cli.edits.python.index import Bound, all_strings
from sorte_cli.edits.python.modules import ModuleRef
from sorte_cli.edits.python.references import ReferenceFinder, References, functions_named
from sorte_cli.edits.python.rename import captured_reads
from sorte_cli.edits.python.scopes import (
    CLASS,
    Binding,
    ClassInfo,
    FunctionInfo,
    ModuleFacts,
    Occurrence,
    Scope,
    last_name,
)

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class TextEdit:
    """Replace characters [start, end) of the pattern's file in the copy."""

    start: int
    end: int
    text: str


class Copy:
    """Renames one pattern: the parts of a file in `spans` (all of it, for a file).

    `exact` are the bindings whose new names are given. After `run`, `edits` hold what differs in
    the copy, and `exchanged` which bindings from elsewhere became their counterparts.
    """

    def __init__(
        self,
        finder: ReferenceFinder,
        facts: ModuleFacts,
        spans: list[Span],
        counterparts: Counterparts,
        exact: dict[Binding, str],
        *,
        whole_file: bool = False,
    ) -> None:
        self.finder = finder
        self.facts = facts
        self.spans = spans
        self.counterparts = counterparts
        self.renamed: dict[Binding, str] = dict(exact)
        self.exchanged: dict[Binding, Bound] = {}
        self.modules: dict[Binding, str] = {}
        self.whole_file = whole_file
        self.classes = {c for c in facts.classes if self.inside(facts.span(c.node.name)[0])}
        self._edits: dict[int, TextEdit] = {}
        self._inserted: dict[int, str] = {}
        self._values: dict[str, str] = {}  # whole strings, by the fields of exchanged classes
        self._settled: set[cst.CSTNode] = set()  # strings that are not just text

    @property
    def renaming(self) -> Renaming:
        exact = {b.name: new for b, new in self.renamed.items() if b.scope is self.facts.root}
        exact |= {b.name: bound.binding.name for b, bound in self.exchanged.items()}
        return Renaming(self.counterparts.renaming.stems, exact)

    @property
    def edits(self) -> list[TextEdit]:
        """What differs, in the order of the file."""
        inserted = [TextEdit(offset, offset, text) for offset, text in self._inserted.items()]
        return sorted([*inserted, *self._edits.values()], key=lambda e: (e.start, e.end))

    def run(self) -> None:
        """Find everything that differs in the copy."""
        for binding in list(self.facts.root.bindings.values()):
            self._exchange(binding)
        for imported in self.facts.imports:
            local = imported.scope.bindings.get(imported.bound)
            if imported.scope is not self.facts.root and local is not None:
                self._exchange(local)
        for scope in list(self.facts.all_scopes()):
            if self._is_inside(scope):
                for binding in scope.bindings.values():
                    self._rename(scope, binding)
        for binding, new_name in self.renamed.items():
            self._put_all(binding.occurrences, new_name)
        for binding, bound in self.exchanged.items():
            if not _has_alias(binding):
                self._put_all(binding.occurrences, bound.binding.name)
        self._attributes()
        self._keywords()
        self._exports()
        self._parametrized()
        self._fixture_strings()
        self._texts()

    def override(self, start: int, end: int, text: str) -> None:
        """Put a text into the copy, whatever had been put there."""
        for edit in self.edits:
            if start <= edit.start and edit.end <= end and edit.end > edit.start:
                del self._edits[edit.start]
        self._edits[start] = TextEdit(start, end, text)

    def insert(self, offset: int, text: str) -> None:
        """Insert whole lines at the beginning of a line."""
        before = self._inserted.get(offset, "")
        self._inserted[offset] = before + text

    def text(self, start: int, end: int) -> str:
        """Characters [start, end) of the file as they are in the copy."""
        parts: list[str] = []
        for edit in self.edits:
            if start <= edit.start and edit.end <= end:
                parts += [self.facts.text[start : edit.start], edit.text]
                start = edit.end
        return "".join([*parts, self.facts.text[start:end]])

    def inside(self, offset: int) -> bool:
        """Whether an offset is in the pattern."""
        return any(start <= offset < end for start, end in self.spans)

    def _is_inside(self, scope: Scope) -> bool:
        if scope is self.facts.root:
            return self.whole_file
        return self.inside(self.facts.span(scope.node)[0])

    def _put(self, start: int, end: int, text: str) -> None:
        if self.inside(start) and self.facts.text[start:end] != text:
            self._edits.setdefault(start, TextEdit(start, end, text))

    def _put_all(self, occurrences: Iterable[Occurrence], text: str) -> None:
        for occurrence in occurrences:
            self._put(occurrence.start, occurrence.end, text)

    # --- names from elsewhere ----------------------------------------------------------------

    def _exchange(self, binding: Binding) -> None:
        """Find the counterpart of a name that the pattern takes from outside."""
        if binding in self.renamed or not any(self.inside(o.start) for o in binding.occurrences):
            return
        imported = any(d.imported is not None for d in binding.definitions)
        if self.whole_file and not imported:
            return
        if not imported and any(self.inside(d.occurrence.start) for d in binding.definitions):
            return
        is_local = binding.scope is not self.facts.root
        if is_local and not (self.whole_file and imported):
            return
        origins = self.finder.index.origins(self.facts, binding)
        for origin in origins[:1]:
            if isinstance(origin, Bound):
                other = self.counterparts.name(origin)
                taken = self.facts.root.bindings.get(other.binding.name) if other else None
                if other is not None and (taken is None or taken is binding or not self.whole_file):
                    self.exchanged[binding] = other
                    if self.whole_file:
                        self._values |= self.counterparts.values(origin, other)
            elif self.whole_file:
                self._exchange_module(binding, origin)

    def _exchange_module(self, binding: Binding, module: ModuleRef) -> None:
        """Exchange a module only where everything that is used of it has a counterpart there."""
        other = self.counterparts.module(module.path)
        if other is None:
            return
        other_facts = self.finder.index.facts(other)
        uses = [
            use
            for found in self.facts.attributes.values()
            for use in found
            if isinstance(use.node.value, cst.Name)
            and any(o.node is use.node.value for o in binding.occurrences)
        ]
        if other_facts is None or not uses:
            return
        renamings: list[tuple[int, int, str]] = []
        for use in uses:
            origins = self.finder.index.exported(module, use.name)
            bound = origins[0] if origins and isinstance(origins[0], Bound) else None
            found = self.counterparts.name(bound) if bound is not None else None
            if found is not None and found.facts is other_facts:
                renamings.append((use.start, use.end, found.binding.name))
            elif use.name not in other_facts.root.bindings:
                return
        self.modules[binding] = other
        for start, end, name in renamings:
            self._put(start, end, name)
        new_name = self.counterparts.renaming.identifier(binding.name)
        if not _has_alias(binding):
            self._put_all(binding.occurrences, new_name)

    # --- names of the pattern ----------------------------------------------------------------

    def _rename(self, scope: Scope, binding: Binding) -> None:
        name = binding.name
        if binding in self.renamed or (name.startswith("__") and name.endswith("__")):
            return
        imported = any(d.imported is not None for d in binding.definitions)
        if imported and not (_has_alias(binding) and binding in self.exchanged):
            return
        new_name = self.counterparts.renaming.identifier(name)
        if new_name == name or new_name in scope.bindings:
            return
        if captured_reads(self.facts, scope, new_name) and scope.kind != CLASS:
            return
        if scope.class_info is not None and self._is_inherited(scope.class_info, name):
            return
        function = scope.function_info
        if function is not None and any(d.kind == "parameter" for d in binding.definitions):
            replaced = self._parameter_name(function, name, new_name)
            if replaced is None:
                return
            new_name = replaced
        self.renamed[binding] = new_name

    def _is_inherited(self, info: ClassInfo, name: str) -> bool:
        """Whether a member fulfils what a class outside the pattern asks for."""
        above = self.finder.hierarchy.definers(info, name, above=True)
        return any(cls not in self.classes for cls in above)

    def _parameter_name(self, function: FunctionInfo, name: str, new_name: str) -> str | None:
        """The new name of a parameter; None where others decide it (a base method, a fixture)."""
        if function.owner is not None:
            for cls in self.finder.hierarchy.definers(function.owner, function.name, above=True):
                for base in functions_named(self.finder.index, cls, function.name):
                    if cls not in self.classes and name in base.scope.bindings:
                        return None
        fixture = self.finder.hierarchy.fixture(self.facts, function, name)
        if fixture is None or (
            fixture.path == self.facts.path and self.inside(self.facts.span(fixture.node.name)[0])
        ):
            return new_name
        facts = self.finder.index.facts(fixture.path)
        binding = facts.root.bindings.get(fixture.name) if facts is not None else None
        if facts is None or binding is None:
            return None
        other = self.counterparts.name(Bound(facts, binding))
        return other.binding.name if other is not None else None

    def member_name(self, info: ClassInfo, name: str) -> str | None:
        """What a member of a class of the pattern is called in the copy; None: as before."""
        for cls in self.finder.hierarchy.definers(info, name)[:1]:
            if cls not in self.classes:
                return self.counterparts.member(cls, name)
            binding = cls.scope.bindings.get(name)
            if binding is not None:
                return self.renamed.get(binding)
            new_name = self.counterparts.renaming.identifier(name)
            inherited = self._is_inherited(cls, name)
            return new_name if new_name != name and not inherited else None
        return None

    def _attributes(self) -> None:
        for uses in self.facts.attributes.values():
            for use in uses:
                if not self.inside(use.start) or not self.renaming.touches(use.name):
                    continue
                types = self.finder.evidence.types(self.facts, use.node.value, use.scope)
                names = {self._attribute_of(kind, use.name) for kind in types}
                new_name = names.pop() if len(names) == 1 else None
                if new_name is not None:
                    self._put(use.start, use.end, new_name)

    def _attribute_of(self, kind: Type, name: str) -> str | None:
        if isinstance(kind, ClassType | InstanceType | SuperType):
            return self.member_name(kind.info, name)
        return None

    def _keywords(self) -> None:
        for uses in self.facts.keywords.values():
            for use in uses:
                if not self.inside(use.start) or not self.renaming.touches(use.name):
                    continue
                func = use.call.func if isinstance(use.call, cst.Call) else None
                if isinstance(use.call, cst.MatchClass):
                    func = use.call.cls
                if func is None:
                    continue
                new_name = self._keyword_of(use.call, func, use.scope, use.name)
                if new_name is not None:
                    self._put(use.start, use.end, new_name)

    def _keyword_of(
        self, call: cst.CSTNode, func: cst.BaseExpression, scope: Scope, name: str
    ) -> str | None:
        for kind in self.finder.evidence.types(self.facts, func, scope):
            if isinstance(kind, ClassType) and kind.info not in self.classes:
                other = self.counterparts.parameter(kind.info, "__init__", name)
                return other or self.counterparts.member(kind.info, name)
        if isinstance(call, cst.Call):
            for function in self.finder.called_functions(self.facts, call, scope) or ():
                binding = function.scope.bindings.get(name)
                if binding is not None:
                    if function.owner is not None and function.owner not in self.classes:
                        return self.counterparts.parameter(function.owner, function.name, name)
                    return self.renamed.get(binding)
        for kind in self.finder.evidence.types(self.facts, func, scope):
            if isinstance(kind, ClassType):
                return self.member_name(kind.info, name)
        return None

    # --- strings and comments ----------------------------------------------------------------

    def _exports(self) -> None:
        """`__all__` of a copied file."""
        exact = self.renaming.exact
        names = {b.name: n for b, n in self.renamed.items() if b.scope is self.facts.root}
        for string in all_strings(self.facts):
            self._settled.add(string)
            name = string.raw_value
            new_name = names.get(name) or exact.get(name)
            if self.whole_file and new_name is not None:
                self._put_content(string, new_name)

    def _parametrized(self) -> None:
        """Parameter names in `@pytest.mark.parametrize("pix_key, expected", ...)`."""
        for function in self.facts.functions:
            if not self.inside(self.facts.span(function.node.name)[0]):
                continue
            for decorator in function.node.decorators:
                call = decorator.decorator
                if isinstance(call, cst.Call) and last_name(call) == "parametrize" and call.args:
                    self._settle_names(call.args[0].value)
            for name, binding in function.scope.bindings.items():
                references = References()
                self.finder.parametrized(references, self.facts, function, name)
                for reference in references.found:
                    new_name = self.renamed.get(binding)
                    if new_name is not None:
                        self._put(reference.start, reference.end, new_name)

    def _settle_names(self, node: cst.BaseExpression) -> None:
        if isinstance(node, cst.SimpleString):
            self._settled.add(node)
        elif isinstance(node, cst.List | cst.Tuple):
            for element in node.elements:
                self._settle_names(element.value)

    def _fixture_strings(self) -> None:
        """`usefixtures("pix_gateway")` names a fixture, which may not be of the pattern."""
        for call_name in ("usefixtures", "getfixturevalue"):
            for call, _ in self.facts.calls.get(call_name, ()):
                for argument in call.args:
                    node = argument.value
                    if isinstance(node, cst.SimpleString):
                        self._settled.add(node)
                        binding = self.facts.root.bindings.get(node.raw_value)
                        new_name = self.renamed.get(binding) if binding is not None else None
                        if new_name is not None:
                            self._put_content(node, new_name)

    def _texts(self) -> None:
        visitor = _Texts()
        self.facts.tree.module.visit(visitor)
        renaming = self.renaming
        for string, _ in self.facts.strings:
            if string in self._settled or not self.inside(self.facts.span(string)[0]):
                continue
            content = string.raw_value
            dotted = self._dotted(content)
            if string in visitor.docstrings:
                self._put_content(string, renaming.prose(content))
            else:
                known = dotted or self._values.get(content)
                self._put_content(string, known or renaming.literal(content))
        for part in visitor.parts:
            start, end = self.facts.span(part)
            self._put(start, end, renaming.literal(part.value))
        for comment in visitor.comments:
            start, end = self.facts.span(comment)
            self._put(start, end, renaming.prose(comment.value))

    def _put_content(self, string: cst.SimpleString, content: str) -> None:
        start, end = self.facts.span(string)
        skip = len(string.prefix) + len(string.quote)
        self._put(start + skip, end - len(string.quote), content)

    def _dotted(self, content: str) -> str | None:
        """`shop.pix.requests.post` where the project has a counterpart of `shop.pix`."""
        if not re.fullmatch(r"\w+(?:\.\w+)+", content):
            return None
        parts = content.split(".")
        for size in range(len(parts) - 1, 0, -1):
            module = self.finder.index.modules.absolute(".".join(parts[:size]), self.facts.path)
            if module is None or module.path.endswith("/"):
                continue
            return self._dotted_in(module, parts, size)
        return None

    def _dotted_in(self, module: ModuleRef, parts: list[str], size: int) -> str | None:
        first = parts[size]
        origins = self.finder.index.exported(module, first)
        bound = origins[0] if origins and isinstance(origins[0], Bound) else None
        found = self.counterparts.name(bound) if bound is not None else None
        other = self.counterparts.module(module.path)
        facts = self.finder.index.facts(other) if other is not None else None
        if facts is not None and other is not None:
            name = found.binding.name if found is not None else first
            if name in facts.root.bindings:
                dotted = self.finder.index.modules.name_of(other)
                return ".".join([dotted, name, *parts[size + 1 :]])
        if found is not None and found.facts.path == module.path:
            return ".".join([*parts[:size], found.binding.name, *parts[size + 1 :]])
        return None


class _Texts(cst.CSTVisitor):
    """Collects comments, the text parts of f-strings, and docstrings."""

    def __init__(self) -> None:
        self.comments: list[cst.Comment] = []
        self.parts: list[cst.FormattedStringText] = []
        self.docstrings: set[cst.SimpleString] = set()

    def visit_Comment(self, node: cst.Comment) -> None:
        self.comments.append(node)

    def visit_FormattedStringText(self, node: cst.FormattedStringText) -> None:
        self.parts.append(node)

    def visit_Expr(self, node: cst.Expr) -> None:
        if isinstance(node.value, cst.SimpleString):
            self.docstrings.add(node.value)


def _has_alias(binding: Binding) -> bool:
    return any(d.imported is not None and d.imported.has_alias for d in binding.definitions)
