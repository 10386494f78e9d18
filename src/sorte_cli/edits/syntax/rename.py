"""`rename` in files that tree-sitter reads: syntactic, and open about it.

Changed is what is sure: the definition; unshadowed uses of a top-level name in its file and in
files that import it from there; members of `this`, `self` and the class itself inside the class.
Every other place with the same name is reported as possible, not changed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sorte_cli.edits.model import (
    Edit,
    EditError,
    FileCreation,
    FileDeletion,
    Operation,
    Resolution,
    SpanEdit,
)
from sorte_cli.edits.pieces import PieceTable
from sorte_cli.edits.suggest import counted
from sorte_cli.edits.syntax.layout import after_edits, require_parses
from sorte_cli.edits.syntax.names import Mention, mentions, strings_naming, textual_places
from sorte_cli.edits.syntax.rename_scopes import Decider
from sorte_cli.edits.syntax.tree import Definition, SyntaxTree

if TYPE_CHECKING:
    from sorte_cli.edits.registry import Project

_IDENTIFIER = re.compile(r"[A-Za-z_$\u00c0-\U0010ffff][\w$]*[?!]?")
_NOT_RENAMED = ("section", "rule", "element", "property")


def rename(operation: Operation, project: Project) -> Resolution:
    """Rename a definition and the uses that are sure; report the others."""
    tree = project.syntax(operation.target.path)
    address = operation.target
    if address.parameter or address.local:
        raise EditError(
            f"Parameters and local names of {tree.language.name} are not renamed by Sorte.",
            hint="Use replace_statement with #L, or replace_symbol.",
        )
    definition = tree.resolve(address)
    new, name = operation.get("new_name"), tree.address(definition)
    _check(tree, definition, new, name)
    if definition.kind == "test":
        return _rename_test(tree, definition, new)
    if definition.name == new:
        return Resolution((), f"{name} is called that already.")
    decider = Decider(project, tree, definition)
    edits: list[SpanEdit] = []
    possible: list[str] = []
    for mention in mentions(project, tree, definition.name):
        text = decider.replacement(mention, new)
        if text is not None:
            edits.append(SpanEdit(mention.path, mention.start, mention.end, text))
        elif decider.may_be(mention):
            possible.append(mention.describe(project))
    edits += decider.in_templates(new)
    for path in sorted({e.path for e in edits}):
        there = project.syntax(path)
        require_parses(there, after_edits(there, edits), f"{path} with {new}")
    changed = frozenset(e.path for e in edits)
    possible += decider.possible_in_templates()
    if _distinct(definition):
        possible += strings_naming(project, tree.language.family, definition.name)
        possible += textual_places(project, definition.name, frozenset())
    places, files = counted(len(edits), "place"), counted(len(changed), "file")
    summary = f"renamed {name} to {new}: {places} in {files}"
    if possible:
        summary += "; by syntax alone, so places that need types are listed, not changed"
    moved = _with_file(project, tree, definition, new, edits)
    return Resolution(tuple(moved), summary, tuple(dict.fromkeys(possible)))


def _check(tree: SyntaxTree, definition: Definition, new: str, name: str) -> None:
    if definition.kind in _NOT_RENAMED:
        raise EditError(
            f"{name} is a {definition.kind}, which Sorte does not rename.",
            hint="Use replace_symbol or replace_text.",
        )
    if definition.kind != "test" and not _IDENTIFIER.fullmatch(new):
        raise EditError(f"{new!r} is no name in {tree.language.name}.")
    for other in tree.children(definition.parent):
        if other.name == new and other is not definition and other.kind != "scope":
            line = tree.source.position(other.start)[0]
            raise EditError(f"{tree.path} already defines {other.qualified!r} (line {line}).")


def _rename_test(tree: SyntaxTree, definition: Definition, new: str) -> Resolution:
    arguments = definition.node.child_by_field_name("arguments")
    assert arguments is not None
    start, end = tree.span(arguments.named_children[0])
    edit = SpanEdit(tree.path, start + 1, end - 1, new)
    return Resolution((edit,), f"Renamed the test {definition.name!r} to {new!r}.")


def _distinct(definition: Definition) -> bool:
    """Whether a name says enough that its mentions in other texts are worth a line."""
    return len(definition.name) > 5 and definition.kind in ("class", "function", "constant")


def _with_file(
    project: Project, tree: SyntaxTree, definition: Definition, new: str, edits: list[SpanEdit]
) -> list[Edit]:
    """PHP and Java want a class in a file of its own name: that file moves along."""
    stem, dot, ending = tree.path.rpartition("/")[2].partition(".")
    follows = tree.language.name in ("php", "java") and definition.kind == "class"
    if not follows or definition.parent is not None or stem != definition.name:
        return list(edits)
    folder = tree.path[: len(tree.path) - len(stem) - len(dot) - len(ending)]
    path = f"{folder}{new}.{ending}"
    if project.exists(path):
        raise EditError(f"{path} exists already.", hint="Move it, or choose another name.")
    table = PieceTable(tree.source.text)
    table.apply(sorted((e for e in edits if e.path == tree.path), key=lambda e: e.start))
    others: list[Edit] = [e for e in edits if e.path != tree.path]
    creation = FileCreation(path, tree.source.encode(table.text))
    return [*others, FileDeletion(tree.path), creation]


__all__ = ["Mention", "rename"]
