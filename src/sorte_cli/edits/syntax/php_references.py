"""Where PHP code names a class: resolved through namespaces and `use`, so it is sure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sorte_cli.edits.model import SpanEdit
from sorte_cli.edits.syntax.names import files_mentioning, in_import
from sorte_cli.edits.syntax.php_names import PhpNames, names_of
from sorte_cli.edits.syntax.references import is_member
from sorte_cli.edits.syntax.tree import SyntaxTree, leaves, walk

if TYPE_CHECKING:
    from tree_sitter import Node

    from sorte_cli.edits.registry import Project

# Where a bare `name` is not a class: functions, constants, members, labels.
_NOT_CLASSES = frozenset(
    ("function_call_expression", "method_declaration", "function_definition", "const_element",
     "class_declaration", "interface_declaration", "trait_declaration", "enum_declaration",
     "enum_case", "variable_name", "namespace_name", "namespace_definition", "named_label",
     "namespace_use_clause", "primitive_type", "namespace_aliasing_clause")
)  # fmt: skip


def bare_class_names(tree: SyntaxTree) -> set[str]:
    """The class names that a file writes without any backslash."""
    return {tree.text(node) for node in _bare(tree)}


def _bare(tree: SyntaxTree) -> Iterator[Node]:
    for node in leaves(tree.root, frozenset(("name",))):
        parent = node.parent
        if parent is None or parent.type in _NOT_CLASSES or parent.type == "qualified_name":
            continue
        if is_member(node) or in_import(tree, node):
            continue
        yield node


def class_references(
    project: Project, full: str, new: str, skipped: frozenset[str] = frozenset()
) -> list[SpanEdit]:
    """The edits that make every file say `new` where it says the class `full`.

    A changed last name is changed everywhere; a changed namespace in `use` and in full names, and
    a file of the old namespace that named the class bare gets a `use`.
    """
    edits: list[SpanEdit] = []
    short, new_short = full.rpartition("\\")[2], new.rpartition("\\")[2]
    for path in files_mentioning(project, frozenset(("php",)), short):
        if path not in skipped:
            edits += references_in(project.syntax(path), full, new, short, new_short)
    return edits


def references_in(
    tree: SyntaxTree, full: str, new: str, short: str, new_short: str
) -> list[SpanEdit]:
    """`class_references` for one file."""
    names = names_of(tree)
    edits = list(_in_uses(tree, full, new))
    aliased = any(alias != short and what == full for alias, what in names.uses.items())
    for node in walk(tree.root):
        if node.type != "qualified_name" or in_import(tree, node):
            continue
        if names.resolve(tree.text(node)) == full:
            edits.append(SpanEdit(tree.path, *tree.span(node), _requalified(tree, node, new)))
    bare = [
        node
        for node in _bare(tree)
        if tree.text(node) == short and names.resolve(short) == full and not aliased
    ]
    if short != new_short:
        edits += [SpanEdit(tree.path, *tree.span(node), new_short) for node in bare]
    if bare and short not in names.uses:
        edits += _now_imported(tree, names, new)
    return edits


def _in_uses(tree: SyntaxTree, full: str, new: str) -> Iterator[SpanEdit]:
    for clause in leaves(tree.root, frozenset(("namespace_use_clause",))):
        named = clause.named_children[0]
        group = clause.parent
        prefix = ""
        if group is not None and group.type == "namespace_use_group" and group.parent is not None:
            head = next(
                (c for c in group.parent.named_children if c.type == "namespace_name"), None
            )
            prefix = f"{tree.text(head)}\\" if head is not None else ""
        written = tree.text(named)
        if prefix + written.removeprefix("\\") != full:
            continue
        if prefix and not new.startswith(prefix):
            continue  # the group is of another namespace: the parser will say what is missing
        lead = "\\" if written.startswith("\\") else ""
        yield SpanEdit(tree.path, *tree.span(named), lead + new.removeprefix(prefix))


def _requalified(tree: SyntaxTree, node: Node, new: str) -> str:
    written = tree.text(node)
    if written.startswith("\\"):
        return f"\\{new}"
    names = names_of(tree)
    first = written.partition("\\")[0]
    base = names.uses.get(first)
    if base and new.startswith(f"{base}\\"):
        return first + new[len(base) :]
    return f"\\{new}"


def _now_imported(tree: SyntaxTree, names: PhpNames, new: str) -> list[SpanEdit]:
    from sorte_cli.edits.syntax.imports import import_edits

    if names.namespace == new.rpartition("\\")[0]:
        return []
    return import_edits(tree, f"use {new};")
