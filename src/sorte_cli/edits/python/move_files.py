"""`move_file`: a file gets another path; every import of its module follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from sorte_cli.edits.model import (
    Edit,
    EditError,
    FileCreation,
    FileDeletion,
    Operation,
    Resolution,
    SpanEdit,
)
from sorte_cli.edits.python.carry import import_for
from sorte_cli.edits.python.import_model import Wanted, line_length, render
from sorte_cli.edits.python.import_order import kept_sorted
from sorte_cli.edits.python.import_style import relative_name
from sorte_cli.edits.python.index import ProjectIndex
from sorte_cli.edits.python.load_order import check_loads
from sorte_cli.edits.python.modules import ModuleMap, ModuleRef
from sorte_cli.edits.python.references import ReferenceFinder, describe
from sorte_cli.edits.python.scopes import ImportedName, ModuleFacts
from sorte_cli.edits.python.targets import facts_of
from sorte_cli.edits.source import is_python
from sorte_cli.edits.suggest import counted

if TYPE_CHECKING:
    from sorte_cli.edits.registry import Project


def move_file(operation: Operation, project: Project) -> Resolution:
    """Resolve `move_file PATH to PATH`."""
    old, new = operation.target.path, operation.get("to")
    source = project.source(old) if is_python(old) else None
    data = project.snapshot.read(old)
    if data is None:
        project.source(old)  # raises with the nearest paths
        raise EditError(f"There is no file {old}.")
    if old == new:
        raise EditError(f"{old} already has this path.")
    if project.exists(new):
        raise EditError(f"{new} exists already.", hint="Choose another path.")
    summary = f"moved {old} to {new}"
    if source is None or not is_python(new):
        return Resolution((FileCreation(new, data), FileDeletion(old)), summary)
    return _FileMove(project, old, new).resolve(summary)


class _FileMove:
    def __init__(self, project: Project, old: str, new: str) -> None:
        self.project = project
        self.index = ProjectIndex.of(project)
        self.finder = ReferenceFinder(self.index)
        self.old = old
        self.new = new
        # Where modules are once the file has its new path.
        self.after = ModuleMap([*(p for p in self.index.paths if p != old), new])
        self.possible: list[str] = []

    def resolve(self, summary: str) -> Resolution:
        base = self.old.rpartition("/")[2]
        if base in ("__init__.py", "__init__.pyi"):
            raise EditError(
                f"{self.old} is what makes its folder a package.",
                hint="Move the modules of the package one by one.",
            )
        edits: list[Edit] = [self._moved(), FileDeletion(self.old)]
        edits += self._package_marker()
        names = {n.rpartition(".")[2] for n in self.index.modules.names_of(self.old)}
        for path in sorted({p for name in names for p in self.index.mentions(name)} - {self.old}):
            facts = self.index.facts(path)
            if facts is not None:
                edits += kept_sorted(self.index, facts, self._importer(facts))
        check_loads(self.index, edits, self.new, old=self.old)
        files = len({e.path for e in edits} - {self.old, self.new})
        if files:
            summary += f"; {counted(files, 'other file')} followed"
        return Resolution(tuple(edits), summary, tuple(self.possible))

    def _moved(self) -> FileCreation:
        """The file at its new path, with its relative imports as they have to be there."""
        facts = facts_of(self.index, self.old)
        source = facts.tree.source
        text = source.text
        edits = []
        for statement, names in _by_statement(facts).items():
            if not names[0].level or isinstance(statement, cst.Import):
                continue
            new = [self._own_import(facts, i) for i in names]
            if any((w.level, w.module) != (names[0].level, names[0].module) for w in new):
                edits.append(self._statement(facts, statement, new))
        for edit in sorted(edits, key=lambda e: -e.start):
            text = text[: edit.start] + source.localise(edit.text, edit.start) + text[edit.end :]
        return FileCreation(self.new, source.encode(text))

    def _own_import(self, facts: ModuleFacts, imported: ImportedName) -> Wanted:
        if imported.name == "*":
            module = self.index.imported_module(self.old, imported)
            if module is None:
                return Wanted(imported.module, "*", level=imported.level)
        found = import_for(self.index, self.old, imported, self.new)
        if found is None:
            raise EditError(f"{describe(facts, facts.span(imported.statement)[0])} imports itself.")
        return found

    def _package_marker(self) -> list[Edit]:
        """An `__init__.py` for a new folder of a regular package."""
        folder = self.new.rpartition("/")[0]
        above = folder.rpartition("/")[0]
        known = any(p.startswith(folder + "/") for p in self.project.paths())
        is_package = f"{above}/__init__.py" in self.index.paths
        if folder and not known and is_package:
            return [FileCreation(f"{folder}/__init__.py", b"")]
        return []

    # --- those that import it ------------------------------------------------------------

    def _importer(self, facts: ModuleFacts) -> list[SpanEdit]:
        edits: list[SpanEdit] = []
        renamed: list[ImportedName] = []
        for statement, names in _by_statement(facts).items():
            before = [_as_written(i) for i in names]
            after = [self._followed(facts, i) for i in names]
            if before == after:
                continue
            edits.append(self._statement(facts, statement, after))
            renamed += [
                i
                for i, w in zip(names, after, strict=True)
                if i.bound != w.bound or (not i.name and not i.has_alias and i.module != w.module)
            ]
        for imported in renamed:
            edits += self._uses(facts, imported)
        edits += self._strings(facts)
        return edits

    def _followed(self, facts: ModuleFacts, imported: ImportedName) -> Wanted:
        """One imported name, as it has to be written when the file has moved."""
        written = _as_written(imported)
        alias = imported.bound if imported.has_alias else ""
        module = self.index.imported_module(facts.path, imported)
        if module is not None and module.path == self.old:
            if imported.level:
                level, dotted = relative_name(facts.path, self.new)
                return Wanted(dotted, imported.name, alias, level)
            return Wanted(self._dotted(facts.path, imported.module), imported.name, alias)
        is_module = bool(imported.name) and (
            self.index.imported_origins(facts, imported) == [ModuleRef(self.old)]
        )
        if not is_module:
            return written
        if imported.level:
            level, dotted = relative_name(facts.path, self.new)
            package, _, name = dotted.rpartition(".")
            return Wanted(package, name, alias, level)
        dotted = self._dotted(facts.path, f"{imported.module}.{imported.name}")
        package, _, name = dotted.rpartition(".")
        return Wanted(package, name, alias) if package else Wanted(name, alias=alias)

    def _dotted(self, importer: str, written: str) -> str:
        """The new name of the module, counted from the same root as it was written."""
        known = self.index.modules.names_of(self.old)
        names = self.after.names_of(self.new)
        if not names:
            raise EditError(f"{self.new} cannot be imported: its path is no module name.")
        if written in known and len(known) == len(names):
            return names[known.index(written)]
        root = self.old[: -len(written.replace(".", "/") + ".py")].rstrip("/")
        return self.after.name_under(self.new, root) or names[0]

    def _statement(
        self,
        facts: ModuleFacts,
        statement: cst.Import | cst.ImportFrom,
        wanted: list[Wanted],
    ) -> SpanEdit:
        start, end = facts.span(statement)
        indent = facts.tree.indent_at(start)
        groups: dict[tuple[int, str, str], list[Wanted]] = {}
        for item in wanted:
            own = item.element if not item.name else ""
            groups.setdefault((item.level, item.module, own), []).append(item)
        if isinstance(statement, cst.ImportFrom) and len(groups) == 1 and wanted[0].name:
            return self._in_place(facts, statement, wanted)
        width = line_length(self.project) - len(indent)
        lines = "".join(render(group, width) for group in groups.values()).rstrip("\n")
        return SpanEdit(facts.path, start, end, lines.replace("\n", "\n" + indent))

    @staticmethod
    def _in_place(facts: ModuleFacts, statement: cst.ImportFrom, wanted: list[Wanted]) -> SpanEdit:
        """Change the module and the names of a statement, nothing else of its layout."""
        start, end = facts.span(statement)
        text = facts.text[start:end]
        head_end = text.index("import", len("from"))
        if statement.module is not None:
            head_end = facts.span(statement.module)[1] - start
            head_end = text.index("import", head_end)
        rest = text[head_end:]
        if not isinstance(statement.names, cst.ImportStar):
            pieces: list[str] = []
            last = head_end
            for alias, item in zip(statement.names, wanted, strict=True):
                first, behind = (offset - start for offset in facts.span(alias.name))
                pieces += [text[last:first], item.name]
                last = behind
            rest = "".join([*pieces, text[last:]])
        return SpanEdit(facts.path, start, end, f"from {wanted[0].source} {rest}")

    def _uses(self, facts: ModuleFacts, imported: ImportedName) -> list[SpanEdit]:
        """The places where a file uses the module by a name that changes."""
        binding = imported.scope.bindings.get(imported.bound)
        if binding is None:
            return []
        after = self._followed(facts, imported)
        if imported.name:
            taken = imported.scope.bindings.get(after.bound)
            if taken is not None and taken is not binding:
                raise EditError(
                    f"The name {after.bound!r} is already taken: "
                    f"{describe(facts, taken.occurrences[0].start)}"
                )
            made = {d.occurrence for d in binding.definitions}
            return [
                SpanEdit(facts.path, o.start, o.end, after.bound)
                for o in binding.occurrences
                if o not in made
            ]
        stem = imported.module.rpartition(".")[2]
        edits: list[SpanEdit] = []
        if "." not in imported.module:
            made = {d.occurrence for d in binding.definitions}
            return [
                SpanEdit(facts.path, o.start, o.end, after.module)
                for o in binding.occurrences
                if o not in made
            ]
        for use in facts.attributes.get(stem, ()):
            types = self.finder.evidence.types(facts, use.node, use.scope)
            written = facts.tree.text(use.node) if use.node not in facts.quoted_spans else ""
            if ModuleRef(self.old) in types and written.replace(" ", "") == imported.module:
                edits.append(SpanEdit(facts.path, *facts.span(use.node), after.module))
        return edits

    def _strings(self, facts: ModuleFacts) -> list[SpanEdit]:
        """`"shop.orders.calc_total"` and `"shop.orders"` as whole strings."""
        edits: list[SpanEdit] = []
        known = [n for n in self.index.modules.names_of(self.old) if "." in n]
        for string, _ in facts.strings:
            content = string.raw_value
            for name in known:
                if content == name or content.startswith((name + ".", name + ":")):
                    module = self.index.modules.absolute(name, facts.path)
                    if module is None or module.path != self.old:
                        continue
                    start = facts.span(string)[0] + len(string.prefix) + len(string.quote)
                    new = self._dotted(facts.path, name)
                    edits.append(SpanEdit(facts.path, start, start + len(name), new))
                    break
        return edits


def _by_statement(
    facts: ModuleFacts,
) -> dict[cst.Import | cst.ImportFrom, list[ImportedName]]:
    found: dict[cst.Import | cst.ImportFrom, list[ImportedName]] = {}
    for imported in facts.imports:
        found.setdefault(imported.statement, []).append(imported)
    return found


def _as_written(imported: ImportedName) -> Wanted:
    alias = imported.bound if imported.has_alias else ""
    return Wanted(imported.module, imported.name, alias, imported.level)
