"""The text of a copy: names, strings and comments renamed by their stems, the rest as it is.

A name that the copied code defines itself follows the stem; a name from outside follows only where
the project already has the counterpart (PixGateway stays where there is no PixParceladoGateway).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sorte_cli.edits.python.clone_naming import Renaming
from sorte_cli.edits.syntax.names import files_mentioning, in_import
from sorte_cli.edits.syntax.references import is_declaration, is_member, receiver_of
from sorte_cli.edits.syntax.tree import SyntaxTree, walk

if TYPE_CHECKING:
    from tree_sitter import Node

    from sorte_cli.edits.registry import Project

Span = tuple[int, int]
_TOKEN = re.compile(r"\S+")
_OWN = frozenset(("this", "$this", "self", "static", "@", "Self"))


class Copier:
    """Copies spans of one file under new names."""

    def __init__(self, project: Project, tree: SyntaxTree, renaming: Renaming) -> None:
        self.project = project
        self.tree = tree
        self.renaming = renaming
        self._known: dict[str, bool] = {}

    def copy(self, start: int, end: int) -> str:
        """The text of [start, end) under the new names."""
        own = self._own_names(start, end)
        low, high = self.tree.byte(start), self.tree.byte(end)
        edits: list[tuple[int, int, str]] = []
        stack = [self.tree.root]
        while stack:
            node = stack.pop()
            if node.end_byte <= low or node.start_byte >= high:
                continue
            new = self._renamed(node, own)
            if new is not None:
                edits.append((*self.tree.span(node), new))
            else:
                stack += reversed(node.children)
        if self.tree.language.name == "vue":
            edits += self._outside_scripts(start, end)
        text, position, parts = self.tree.source.text, start, []
        for first, last, new in sorted(edits):
            if first < position:
                continue
            parts += [text[position:first], new]
            position = last
        return "".join([*parts, text[position:end]])

    def _renamed(self, node: Node, own: set[str]) -> str | None:
        language = self.tree.language
        if node.type in language.comments:
            return self.renaming.prose(self.tree.text(node))
        if node.type in language.strings:
            if in_import(self.tree, node):
                return self.tree.text(node)
            return self.renaming.literal(self.tree.text(node))
        if node.type in language.identifiers and not node.named_children:
            return self._name(node, own)
        return None

    def _name(self, node: Node, own: set[str]) -> str:
        name = self.tree.text(node)
        new = self.renaming.identifier(name)
        if new == name:
            return name
        if in_import(self.tree, node):
            # A JavaScript import also names the file, which stays: so does the name.
            named = self.tree.language.name in ("php", "java", "csharp")
            return new if named and self._exists(new) else name
        if name in self.renaming.exact or name in own or self._is_local(node):
            return new
        return new if self._exists(new) else name

    def _is_local(self, node: Node) -> bool:
        parent = node.parent
        if parent is not None and parent.type == "variable_name":
            return True  # PHP: every $variable that code may name is its own
        return is_member(node) and receiver_of(self.tree, node) in _OWN

    def _exists(self, name: str) -> bool:
        if name not in self._known:
            found = files_mentioning(self.project, self.tree.language.family, name)
            self._known[name] = any(True for _ in found)
        return self._known[name]

    def _own_names(self, start: int, end: int) -> set[str]:
        names = {d.name for d in self.tree.definitions if start <= d.start < end}
        low, high = self.tree.byte(start), self.tree.byte(end)
        for node in walk(self.tree.root):
            inside = low <= node.start_byte < high
            if inside and node.type in self.tree.language.identifiers and is_declaration(node):
                names.add(self.tree.text(node))
        return names

    def _outside_scripts(self, start: int, end: int) -> list[tuple[int, int, str]]:
        """Template and styles of a Vue file, word by word."""
        found: list[tuple[int, int, str]] = []
        for match in _TOKEN.finditer(self.tree.source.text, start, end):
            if any(low <= match.start() < high for low, high in self.tree.scripts):
                continue
            new = self.renaming.literal(match.group())
            if new != match.group():
                found.append((*match.span(), new))
        return found


def copied_text(text: str, renaming: Renaming) -> str:
    """A text that has no grammar here under new names, word by word."""
    return _TOKEN.sub(lambda match: renaming.literal(match.group()), text)
