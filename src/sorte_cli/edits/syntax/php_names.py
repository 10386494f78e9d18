"""Names of PHP: namespaces, `use`, and what a name in a file means. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sorte_cli.edits.syntax.tree import SyntaxTree

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(frozen=True)
class PhpNames:
    """What names mean in one file: its namespace and the classes that `use` brings in."""

    namespace: str
    uses: dict[str, str] = field(default_factory=dict)

    def resolve(self, name: str) -> str:
        """The full name of a class that is written `name` (`Pix`, `Pay\\Pix`, `\\App\\Pix`)."""
        if name.startswith("\\"):
            return name[1:]
        first, separator, rest = name.partition("\\")
        if first == "namespace" and separator:
            return self.within(rest)
        if first in self.uses:
            return f"{self.uses[first]}{separator}{rest}"
        return self.within(name)

    def within(self, name: str) -> str:
        """A name of this file's own namespace, in full."""
        return f"{self.namespace}\\{name}" if self.namespace else name


def names_of(tree: SyntaxTree) -> PhpNames:
    """The names of a PHP file."""
    from sorte_cli.edits.syntax.imports import imports_of

    namespace = ""
    for node in tree.root.named_children:
        if node.type == "namespace_definition":
            named = node.child_by_field_name("name")
            namespace = tree.text(named) if named is not None else ""
            break
    uses: dict[str, str] = {}
    for what in imports_of(tree):
        if re.match(r"(function|const)\s", what):
            continue
        full, _, alias = what.partition(" as ")
        uses[alias.strip() or full.rpartition("\\")[2]] = full.strip()
    return PhpNames(namespace, uses)


def namespace_node(tree: SyntaxTree) -> Node | None:
    """The node of the file's namespace name."""
    for node in tree.root.named_children:
        if node.type == "namespace_definition":
            return node.child_by_field_name("name")
    return None


def moved_namespace(namespace: str, old_path: str, new_path: str) -> str:
    """The namespace of a file in its new folder, as far as folders and namespaces run parallel
    (PSR-4); unchanged where they do not.
    """
    parts, old = namespace.split("\\") if namespace else [], old_path.split("/")[:-1]
    new = new_path.split("/")[:-1]
    if old == new:
        return namespace
    same = 0
    while same < min(len(parts), len(old)) and parts[-1 - same] == old[-1 - same]:
        same += 1
    root = old[: len(old) - same]
    if same == 0 and parts:
        # `app` for `App`: the folder of the root namespace is often written small.
        if len(parts) == 1 and old and old[-1].lower() == parts[0].lower():
            root, same = old, 0
        else:
            return namespace
    elif root and len(parts) > same and root[-1].lower() == parts[-1 - same].lower():
        pass
    if new[: len(root)] != root:
        return namespace
    rest = new[len(root) :]
    return "\\".join([*parts[: len(parts) - same], *rest])
