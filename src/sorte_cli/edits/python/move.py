"""`move`: a symbol goes to another file; what it needs goes along, and its imports follow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from sorte_cli.edits.model import Edit, EditError, FileCreation, Operation, Resolution, SpanEdit
from sorte_cli.edits.python.blank_lines import tidied
from sorte_cli.edits.python.carry import Needs, needs_of
from sorte_cli.edits.python.exports import add_export_edits
from sorte_cli.edits.python.import_model import Wanted
from sorte_cli.edits.python.import_order import kept_sorted
from sorte_cli.edits.python.import_style import wanted_for
from sorte_cli.edits.python.imports import add_imports_edits, drop_imported
from sorte_cli.edits.python.index import ProjectIndex, exported_names, star_imports
from sorte_cli.edits.python.load_order import check_loads
from sorte_cli.edits.python.modules import ModuleRef
from sorte_cli.edits.python.move_files import move_file
from sorte_cli.edits.python.new_files import append_edit, new_file_text, newline_bytes
from sorte_cli.edits.python.parameters import listed
from sorte_cli.edits.python.references import (
    NameTarget,
    Reference,
    ReferenceFinder,
    References,
    describe,
)
from sorte_cli.edits.python.removal import (
    definition_statements,
    drop_export,
    removal_edits,
    unused_after,
    written,
)
from sorte_cli.edits.python.scopes import MODULE, Binding, ModuleFacts
from sorte_cli.edits.python.targets import facts_of, resolve_target
from sorte_cli.edits.source import is_python
from sorte_cli.edits.suggest import counted

if TYPE_CHECKING:
    from sorte_cli.edits.registry import Project

__all__ = ["move", "move_file"]

Span = tuple[int, int]


def move(operation: Operation, project: Project) -> Resolution:
    """Resolve `move PATH::symbol to PATH`."""
    finder = ReferenceFinder(ProjectIndex.of(project))
    target = resolve_target(finder, operation.target)
    if not isinstance(target, NameTarget) or target.bound.binding.scope.kind != MODULE:
        raise EditError(
            "Only symbols at the top of a file can be moved.",
            hint="Move the class or function it is part of.",
        )
    return _Move(project, finder, target, operation.get("to")).resolve()


class _Move:
    def __init__(
        self, project: Project, finder: ReferenceFinder, target: NameTarget, destination: str
    ) -> None:
        self.project = project
        self.finder = finder
        self.facts: ModuleFacts = target.bound.facts
        self.binding: Binding = target.bound.binding
        self.destination = destination
        self.statements = definition_statements(self.facts, self.binding)
        self.spans: list[Span] = [self.facts.tree.statement_span(s) for s in self.statements]
        self.references: References = finder.find(target)

    @property
    def name(self) -> str:
        return self.binding.name

    def resolve(self) -> Resolution:
        self._check()
        skip = frozenset({self.binding})
        needs = needs_of(self.project, self.facts, self.spans, self.destination, skip)
        needs.imports = [w for w in needs.imports if not self._is_destination(w)]
        stays = [r for r in self.references.found if self._used_in_old_file(r)]
        self._check_no_circle(needs, stays)
        edits: list[Edit] = [*self._placed(needs)]
        edits += self._removed(stays)
        edits += self._followed()
        check_loads(self.finder.index, edits, self.destination)
        files = len({e.path for e in edits} - {self.facts.path, self.destination})
        summary = f"moved {self.facts.path}::{self.name} to {self.destination}"
        if files:
            summary += f"; imports in {counted(files, 'other file')} followed"
        return Resolution(tuple(self._tidied(edits)), summary, tuple(self.references.possible))

    def _tidied(self, edits: list[Edit]) -> list[Edit]:
        """The edits with the blank lines that would be left, file by file."""
        spans: dict[str, list[SpanEdit]] = {}
        for edit in edits:
            if isinstance(edit, SpanEdit):
                spans.setdefault(edit.path, []).append(edit)
        result: list[Edit] = [e for e in edits if not isinstance(e, SpanEdit)]
        for path, own in spans.items():
            result += tidied(facts_of(self.finder.index, path), own)
        return result

    def _check(self) -> None:
        if self.destination == self.facts.path:
            raise EditError(f"{self.name!r} already is in {self.destination}.")
        if not is_python(self.destination):
            raise EditError(f"{self.destination} is not a Python file.")
        index = self.finder.index
        other = index.facts(self.destination)
        if other is None and self.project.exists(self.destination):
            facts_of(index, self.destination)  # raises with the reason
        taken = other.root.bindings.get(self.name) if other is not None else None
        if taken is not None and other is not None:
            own = all(d.imported is not None for d in taken.definitions)
            if not (own and any(b.binding is taken for b in self.references.bindings)):
                raise EditError(
                    f"The name {self.name!r} is already taken: "
                    f"{describe(other, taken.occurrences[0].start)}",
                    hint="Rename one of the two first.",
                )

    def _is_destination(self, wanted: Wanted) -> bool:
        module = (
            self.finder.index.modules.relative(wanted.level, wanted.module, self.destination)
            if wanted.level
            else self.finder.index.modules.absolute(wanted.module, self.destination)
        )
        return bool(wanted.name) and module is not None and module.path == self.destination

    def _used_in_old_file(self, reference: Reference) -> bool:
        inside = any(s <= reference.start < e for s, e in self.spans)
        return (
            reference.facts is self.facts
            and not inside
            and reference.kind in ("name", "definition")
        )

    def _check_no_circle(self, needs: Needs, stays: list[Reference]) -> None:
        index = self.finder.index
        back = [
            w.name
            for w in needs.imports
            if w.name and _module_of(index, w, self.destination) == self.facts.path
        ]
        if back and stays:
            lines = listed(list(dict.fromkeys(r.describe() for r in stays)))
            raise EditError(
                f"{self.facts.path} and {self.destination} would import each other: "
                f"{self.name} needs {', '.join(back)}, and is used here:\n{lines}",
                hint="Move those names too, in an earlier script.",
            )

    # --- the new place -------------------------------------------------------------------

    def _placed(self, needs: Needs) -> list[Edit]:
        code = "\n\n".join(_ended(self.facts.text[start:end]) for start, end in self.spans)
        code = re.sub(r"\r\n?", "\n", code)
        existing = self.finder.index.facts(self.destination)
        listed_here = exported_names(self.facts)
        exported = listed_here is not None and self.name in listed_here
        is_value = not isinstance(self.statements[0], cst.ClassDef | cst.FunctionDef)
        if existing is None:
            text = new_file_text(
                self.project,
                self.facts,
                needs,
                code,
                self.destination,
                exports=self.name if exported else "",
                is_value=is_value,
            )
            return [FileCreation(self.destination, newline_bytes(self.facts, text))]
        edits: list[Edit] = [append_edit(self.facts, existing, needs, code, is_value=is_value)]
        if exported:
            edits += add_export_edits(existing, self.name)
        wanted = [*needs.imports]
        wanted += [w for w in needs.typing_only if w.bound not in existing.root.bindings]
        dropped = self._imports_of_it(existing)
        edits += drop_imported(existing, dropped)
        return [*edits, *self._imports(self.destination, wanted)]

    def _removed(self, stays: list[Reference]) -> list[SpanEdit]:
        edits = removal_edits(self.facts, self.statements)
        edits += unused_after(self.facts, self.spans)
        edits += drop_export(self.facts, self.name)
        if stays:
            wanted = wanted_for(self.project, self.facts.path, self.destination, self.name)
            replacing = frozenset({self.name})
            edits += self._imports(self.facts.path, [wanted], replacing)
        return edits

    # --- everyone else -------------------------------------------------------------------

    def _followed(self) -> list[SpanEdit]:
        edits: list[SpanEdit] = []
        by_path: dict[str, list[Reference]] = {}
        for reference in self.references.found:
            by_path.setdefault(reference.path, []).append(reference)
        for path, found in by_path.items():
            facts = found[0].facts
            if path in (self.facts.path, self.destination):
                continue
            own = self._rewritten_imports(facts, found)
            edits += kept_sorted(self.finder.index, facts, own)
            edits += self._rewritten_attributes(facts, found)
        for reference in self.references.found:
            if reference.kind == "string":
                edits += self._rewritten_string(reference)
        return edits

    def _imports_of_it(self, facts: ModuleFacts) -> dict[cst.Import | cst.ImportFrom, set[Wanted]]:
        """The elements of import statements that take the symbol straight from its old file."""
        dropped: dict[cst.Import | cst.ImportFrom, set[Wanted]] = {}
        for imported in facts.imports:
            if imported.name != self.name:
                continue
            module = self.finder.index.imported_module(facts.path, imported)
            if module is not None and module.path == self.facts.path:
                gone = written(facts, imported)
                dropped.setdefault(imported.statement, set()).update(gone)
        return dropped

    def _rewritten_imports(self, facts: ModuleFacts, found: list[Reference]) -> list[SpanEdit]:
        edits: list[SpanEdit] = []
        later: dict[cst.Import | cst.ImportFrom, set[Wanted]] = {}
        new: list[Wanted] = []
        bound: set[str] = set()
        for statement, gone in self._imports_of_it(facts).items():
            assert isinstance(statement, cst.ImportFrom)
            assert not isinstance(statement.names, cst.ImportStar)
            plain = wanted_for(self.project, facts.path, self.destination, self.name)
            if len(statement.names) == len(gone):
                edits.append(_module_edit(facts, statement, plain))
                continue
            line = next(i.line for i in facts.imports if i.statement is statement)
            if line in facts.tree.module.body:
                later[statement] = gone
                new += [Wanted(plain.module, w.name, w.alias, plain.level) for w in gone]
                bound |= {w.bound for w in gone}
                continue
            edits += drop_imported(facts, {statement: gone})
            start = facts.span(statement)[0]
            indent = facts.tree.indent_at(start)
            names = ", ".join(w.element for w in sorted(gone, key=lambda w: w.element))
            text = f"from {plain.source} import {names}\n{indent}"
            edits.append(SpanEdit(facts.path, start, start, text))
        edits += drop_imported(facts, later)
        if any(r.kind == "name" for r in found) and self._by_star(facts):
            new.append(wanted_for(self.project, facts.path, self.destination, self.name))
        return edits + self._imports(facts.path, new, frozenset(bound))

    def _by_star(self, facts: ModuleFacts) -> bool:
        """Whether a file has the symbol by a star import of its old file."""
        modules = [self.finder.index.imported_module(facts.path, i) for i in star_imports(facts)]
        old = any(m is not None and m.path == self.facts.path for m in modules)
        return old and self.name in facts.unresolved

    def _imports(
        self, path: str, wanted: list[Wanted], replacing: frozenset[str] = frozenset()
    ) -> list[SpanEdit]:
        # The destination's module may be about to be made.
        names = self.finder.index.modules.names_of(self.destination)
        own = frozenset(name.partition(".")[0] for name in names)
        return add_imports_edits(self.project, path, wanted, replacing=replacing, own=own)

    def _rewritten_attributes(self, facts: ModuleFacts, found: list[Reference]) -> list[SpanEdit]:
        """`orders.calc_total` becomes `calc_total`, imported from its new place."""
        uses: list[cst.Attribute] = []
        known = False  # whether the file has the name already
        for reference in found:
            node, scope = reference.node, reference.scope
            if reference.kind != "attribute" or not isinstance(node, cst.Attribute):
                continue
            assert scope is not None
            bases = self.finder.evidence.types(facts, node.value, scope)
            if ModuleRef(self.facts.path) in bases:
                uses.append(node)
                taken = self.finder.index.binding_at(self.name, scope)
                same = any(b.binding is taken for b in self.references.bindings)
                known = known or same
                if taken is not None and not same:
                    raise EditError(
                        f"{reference.describe()} would have to be written {self.name}, but that "
                        "name is taken there."
                    )
        if not uses:
            return []
        edits = [SpanEdit(facts.path, *facts.span(node), self.name) for node in uses]
        if not known:
            wanted = wanted_for(self.project, facts.path, self.destination, self.name)
            edits += self._imports(facts.path, [wanted])
        return edits + self._unused_modules(facts, uses)

    def _unused_modules(self, facts: ModuleFacts, uses: list[cst.Attribute]) -> list[SpanEdit]:
        spans = [facts.span(node) for node in uses]
        return unused_after(facts, spans)

    def _rewritten_string(self, reference: Reference) -> list[SpanEdit]:
        """`"shop.orders.calc_total"`: the module in front of the name changes."""
        text = reference.facts.text
        start = reference.start
        while start and (text[start - 1].isalnum() or text[start - 1] in "_."):
            start -= 1
        written_module = text[start : reference.start].rstrip(".")
        index = self.finder.index
        module = index.modules.absolute(written_module, reference.path) if written_module else None
        if module is None or module.path != self.facts.path:
            return []
        known = index.modules.names_of(self.facts.path)
        names = _names_at(index, self.destination)
        place = known.index(written_module) if written_module in known else 0
        new = names[place] if len(names) == len(known) else names[0]
        return [SpanEdit(reference.path, start, start + len(written_module), new)]


def _names_at(index: ProjectIndex, path: str) -> tuple[str, ...]:
    names = index.modules.names_of(path)
    if not names:
        raise EditError(f"{path} cannot be imported: its path is no module name.")
    return names


def _module_of(index: ProjectIndex, wanted: Wanted, path: str) -> str:
    module = (
        index.modules.relative(wanted.level, wanted.module, path)
        if wanted.level
        else index.modules.absolute(wanted.module, path)
    )
    return module.path if module is not None else ""


def _module_edit(facts: ModuleFacts, statement: cst.ImportFrom, plain: Wanted) -> SpanEdit:
    """Replace the module of a `from` statement, dots included."""
    start = facts.span(statement)[0] + len("from")
    text = facts.text
    end = start
    first = facts.span(statement.module)[1] if statement.module is not None else None
    if first is not None:
        end = first
    else:
        end = text.index("import", start)
        while text[end - 1] in " \t":
            end -= 1
    while text[start] in " \t":
        start += 1
    return SpanEdit(facts.path, start, end, plain.source)


def _ended(text: str) -> str:
    return text if text.endswith(("\n", "\r")) else text + "\n"
