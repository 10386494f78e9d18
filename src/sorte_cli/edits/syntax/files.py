"""`move_file` for every file but Python: what surely names the file by its path follows.

JavaScript follows relative imports; PHP follows the namespace of its folder (PSR-4) and the `use`
of other files. Other mentions of the path are reported as possible.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sorte_cli.edits.kinds import syntax_language
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
from sorte_cli.edits.syntax.grammars import LANGUAGES
from sorte_cli.edits.syntax.js_imports import specifiers
from sorte_cli.edits.syntax.js_paths import moved_specifier, resolve_module
from sorte_cli.edits.syntax.php_names import moved_namespace, names_of, namespace_node

if TYPE_CHECKING:
    from sorte_cli.edits.registry import Project
    from sorte_cli.edits.syntax.tree import SyntaxTree

_JS = LANGUAGES["javascript"].family


def move_file(operation: Operation, project: Project) -> Resolution:
    """Move a file; imports follow."""
    path, new_path = operation.target.path, operation.get("to")
    source = project.source(path) if _is_text(project, path) else None
    if project.exists(new_path):
        raise EditError(f"{new_path} exists already.", hint="Choose another path.")
    data = project.snapshot.read(path)
    if data is None:
        project.source(path)
        raise EditError(f"There is no file {path}.")
    edits: list[Edit] = [FileDeletion(path)]
    own: list[SpanEdit] = []
    language = syntax_language(path)
    if language in _JS and source is not None:
        own = _own_specifiers(project, path, new_path)
        edits += _specifiers_elsewhere(project, path, new_path)
    elif language == "php" and source is not None:
        own, others = _php(project, path, new_path)
        edits += others
    if own and source is not None:
        table = PieceTable(source.text)
        table.apply(sorted(own, key=lambda e: e.start))
        data = source.encode(table.text)
    edits.append(FileCreation(new_path, data))
    changed = frozenset((path, *(e.path for e in edits)))
    possible = _mentions_of_path(project, path, changed)
    files = len({e.path for e in edits}) - 2
    also = f"; changed what names it in {files} file{'s' * (files != 1)}" if files else ""
    return Resolution(tuple(edits), f"Moved {path} to {new_path}{also}.", tuple(possible))


def _is_text(project: Project, path: str) -> bool:
    data = project.snapshot.read(path)
    return data is None or b"\0" not in data


def _own_specifiers(project: Project, path: str, new_path: str) -> list[SpanEdit]:
    """Relative imports of the file itself, from its new folder."""
    tree = project.syntax(path)
    edits: list[SpanEdit] = []
    for specifier, start, end in specifiers(tree):
        target = resolve_module(specifier, path, project.exists)
        if target and specifier.startswith("."):
            new = moved_specifier(specifier, new_path, target, target)
            if new != specifier:
                edits.append(SpanEdit(path, start, end, new))
    return edits


def _specifiers_elsewhere(project: Project, path: str, new_path: str) -> list[SpanEdit]:
    edits: list[SpanEdit] = []
    stem = re.escape(path.rpartition("/")[2].split(".")[0]).encode()
    folder = re.escape(path.split("/")[-2]).encode() if "/" in path else stem
    likely = re.compile(stem + b"|" + folder)
    for other in project.paths():
        if other == path or syntax_language(other) not in _JS:
            continue
        data = project.snapshot.read(other)
        if data is None or not likely.search(data):
            continue
        for specifier, start, end in specifiers(project.syntax(other)):
            if resolve_module(specifier, other, project.exists) == path:
                new = moved_specifier(specifier, other, new_path, path)
                edits.append(SpanEdit(other, start, end, new))
    return edits


def _php(project: Project, path: str, new_path: str) -> tuple[list[SpanEdit], list[Edit]]:
    tree = project.syntax(path)
    named = namespace_node(tree)
    if named is None:
        return [], []
    old = names_of(tree).namespace
    new = moved_namespace(old, path, new_path)
    if new == old:
        return [], []
    from sorte_cli.edits.syntax.php_references import class_references

    own = [SpanEdit(path, *tree.span(named), new)]
    others: list[Edit] = []
    for definition in tree.children(None):
        if definition.kind != "class":
            continue
        full = f"{old}\\{definition.name}"
        others += class_references(project, full, f"{new}\\{definition.name}", frozenset((path,)))
    own += _imports_of_neighbours(project, tree, old)
    return own, others


def _imports_of_neighbours(project: Project, tree: SyntaxTree, old: str) -> list[SpanEdit]:
    """`use` for classes of the old namespace, which the file could name without one."""
    from sorte_cli.edits.syntax.imports import import_edits
    from sorte_cli.edits.syntax.php_references import bare_class_names

    folder = tree.path.rpartition("/")[0]
    names = names_of(tree)
    edits: list[SpanEdit] = []
    for name in sorted(bare_class_names(tree)):
        if name in names.uses or not project.exists(f"{folder}/{name}.php"):
            continue
        if f"{folder}/{name}.php" != tree.path:
            edits += import_edits(tree, f"use {old}\\{name};")
    merged: dict[tuple[int, int], str] = {}
    for edit in edits:
        merged[edit.start, edit.end] = merged.get((edit.start, edit.end), "") + edit.text
    return [SpanEdit(tree.path, s, e, text) for (s, e), text in merged.items()]


def _mentions_of_path(project: Project, path: str, changed: frozenset[str]) -> list[str]:
    """Lines of other files that name the file by its path or name."""
    base = path.rpartition("/")[2]
    pattern = re.compile(rf"(?<![\w.-]){re.escape(base)}(?![\w-])")
    encoded = base.encode()
    found: list[str] = []
    for other in project.paths():
        if other in changed:
            continue
        data = project.snapshot.read(other)
        if data is None or encoded not in data or b"\0" in data or len(data) > 1_000_000:
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), 1):
            if pattern.search(line):
                found.append(f"{other}:{number}: {line.strip()[:120]}")
    return found
