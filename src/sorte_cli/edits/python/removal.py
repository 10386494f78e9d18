"""Taking a definition out of a file: its lines, the blank lines it leaves, imports only it used."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from sorte_cli.edits.model import EditError, SpanEdit
from sorte_cli.edits.python.exports import remove_export_edits
from sorte_cli.edits.python.import_model import Wanted, wanted_of
from sorte_cli.edits.python.imports import drop_imported
from sorte_cli.edits.python.index import exported_names
from sorte_cli.edits.python.references import describe
from sorte_cli.edits.python.scopes import Binding, ImportedName, ModuleFacts

Span = tuple[int, int]
_DEFINING = ("class", "function", "assign", "annotated", "type")


def definition_statements(facts: ModuleFacts, binding: Binding) -> list[cst.CSTNode]:
    """The statements that define a name, in the order of the file.

    Raises EditError where one of them defines other names too, or where there is none.
    """
    found: list[cst.CSTNode] = []
    for definition in binding.definitions:
        statement = definition.statement
        if definition.kind == "unpack":
            raise _shared(facts, binding.name, definition.occurrence.start)
        if definition.kind not in _DEFINING or statement is None:
            continue
        if definition.kind not in ("class", "function"):
            check_alone(facts, statement, binding.name)
        if statement not in found:
            found.append(statement)
    if not found:
        raise EditError(
            f"{binding.name!r} in {facts.path} is not defined by a statement of its own."
        )
    return sorted(found, key=lambda s: facts.tree.span(s)[0])


def check_alone(facts: ModuleFacts, statement: cst.CSTNode, name: str) -> None:
    """Refuse a value that shares its statement with others (`a = b = 1`, `a, b = pair`)."""
    small = statement.body if isinstance(statement, cst.SimpleStatementLine) else ()
    only = small[0] if len(small) == 1 else None
    if isinstance(only, cst.Assign) and len(only.targets) == 1:
        if isinstance(only.targets[0].target, cst.Name):
            return
    elif isinstance(only, cst.AnnAssign | cst.TypeAlias):
        return
    raise _shared(facts, name, facts.tree.span(statement)[0])


def _shared(facts: ModuleFacts, name: str, offset: int) -> EditError:
    return EditError(
        f"{name!r} shares its statement or its line with others: {describe(facts, offset)}",
        hint="Give it a statement of its own first.",
    )


def removal_edits(facts: ModuleFacts, statements: list[cst.CSTNode]) -> list[SpanEdit]:
    """The edits that take statements out; a body that would be empty gets `pass`.

    `tidied` then takes the blank lines around them away.
    """
    tree = facts.tree
    edits: list[SpanEdit] = []
    bodies = _bodies(tree.module)
    for statement in statements:
        body = bodies.get(statement)
        if body is None:
            raise _shared(facts, "It", tree.span(statement)[0])
        start, end = tree.statement_span(statement)
        text = ""
        empties = not isinstance(body, cst.Module) and all(s in statements for s in body.body)
        if empties and statement is body.body[0]:
            ended = "\n" if facts.text[end - 1 : end] in ("\n", "\r") else ""
            text = tree.indent_at(tree.span(statement)[0]) + "pass" + ended
        edits.append(SpanEdit(facts.path, start, end, text))
    return edits


def _bodies(module: cst.Module) -> dict[cst.CSTNode, cst.Module | cst.IndentedBlock]:
    """The body that holds each statement."""
    found: dict[cst.CSTNode, cst.Module | cst.IndentedBlock] = dict.fromkeys(module.body, module)

    class Finder(cst.CSTVisitor):
        def visit_IndentedBlock(self, node: cst.IndentedBlock) -> None:
            found.update(dict.fromkeys(node.body, node))

    module.visit(Finder())
    return found


def unused_after(facts: ModuleFacts, spans: Iterable[Span]) -> list[SpanEdit]:
    """Edits that drop the imports of a file which only the code in `spans` used."""
    gone = list(spans)
    if facts.path.endswith(("__init__.py", "__init__.pyi")):
        return []  # imports there are for others
    dropped: dict[cst.Import | cst.ImportFrom, set[Wanted]] = {}
    for binding in facts.root.bindings.values():
        imports = [d for d in binding.definitions if d.imported is not None]
        if not imports or len(imports) != len(binding.definitions):
            continue
        made = {d.occurrence for d in imports}
        uses = [o for o in binding.occurrences if o not in made]
        if not uses or not all(any(s <= o.start < e for s, e in gone) for o in uses):
            continue
        if _is_exported(facts, binding.name):
            continue
        for definition in imports:
            imported = definition.imported
            inside = any(s <= definition.occurrence.start < e for s, e in gone)
            if imported is not None and not inside:
                dropped.setdefault(imported.statement, set()).update(written(facts, imported))
    return drop_imported(facts, dropped)


def written(facts: ModuleFacts, imported: ImportedName) -> set[Wanted]:
    """The element of its statement that an imported name is."""
    return {
        w
        for w in wanted_of(facts.tree.module, imported.statement)
        if w.bound == imported.bound and (w.name or w.module) == (imported.name or imported.module)
    }


def _is_exported(facts: ModuleFacts, name: str) -> bool:
    listed = exported_names(facts)
    return listed is not None and name in listed


def drop_export(facts: ModuleFacts, name: str) -> list[SpanEdit]:
    """Edits that take a name out of a file's `__all__`."""
    return remove_export_edits(facts, name)
