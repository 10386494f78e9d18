"""Where a name is written in the files of one family of languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sorte_cli.edits.kinds import syntax_language
from sorte_cli.edits.model import EditError
from sorte_cli.edits.syntax.grammars import LANGUAGES
from sorte_cli.edits.syntax.tree import SyntaxTree, leaves

if TYPE_CHECKING:
    from tree_sitter import Node

    from sorte_cli.edits.registry import Project


@dataclass(frozen=True)
class Mention:
    """A name in code. `defines`: it names a definition there; `imports`: it stands in an import."""

    path: str
    start: int
    end: int
    node: Node
    defines: bool
    imports: bool

    def describe(self, project: Project) -> str:
        """`path:line: source line`"""
        source = project.source(self.path)
        line = source.position(self.start)[0]
        return f"{self.path}:{line}: {source.line_text(line).strip()}"


def files_mentioning(project: Project, family: frozenset[str], name: str) -> Iterator[str]:
    """Paths of the files of a family of languages in whose bytes a name stands, sorted."""
    pattern = re.compile(rb"(?<![\w$])" + re.escape(name.encode("utf-8")) + rb"(?![\w$])")
    for path in project.paths():
        if syntax_language(path) not in family:
            continue
        data = project.snapshot.read(path)
        if data is not None and pattern.search(data):
            yield path


def mentions(project: Project, tree: SyntaxTree, name: str) -> list[Mention]:
    """Every place in the project's files of this family where an identifier is this name."""
    found: list[Mention] = []
    for path in files_mentioning(project, tree.language.family, name):
        try:
            there = project.syntax(path)
        except EditError:
            continue  # binary, or far too large: nobody names a symbol there
        found += mentions_in(there, name)
    return found


def mentions_in(tree: SyntaxTree, name: str) -> list[Mention]:
    """The places in one file where an identifier is this name."""
    names = {d.name_span for d in tree.definitions if d.name_span}
    found: list[Mention] = []
    for node in leaves(tree.root, tree.language.identifiers):
        if tree.text(node).lstrip("#@:$") != name:
            continue
        start, end = tree.span(node)
        start = end - len(name)
        defines = (start, end) in names or tree.span(node) in names
        defines = defines and node.type != "shorthand_property_identifier"  # `{ total }` uses it
        found.append(Mention(tree.path, start, end, node, defines, in_import(tree, node)))
    return found


def in_import(tree: SyntaxTree, node: Node) -> bool:
    """Whether a node stands in an import statement."""
    current: Node | None = node
    while current is not None:
        if current.type in tree.language.imports:
            return True
        current = current.parent
    return False


_MOST = 20  # lines of other texts that are worth listing


def strings_naming(project: Project, family: frozenset[str], name: str) -> list[str]:
    """Lines with a string that is a name, or ends with it as a path does (`'App\\Pix'`)."""
    found: list[str] = []
    for path in files_mentioning(project, family, name):
        try:
            tree = project.syntax(path)
        except EditError:
            continue
        for node in leaves(tree.root, tree.language.strings):
            named = re.fullmatch(rf"(?:.*[\\./])?{re.escape(name)}", tree.text(node))
            if named and not in_import(tree, node):
                line = tree.line(node)
                found.append(f"{path}:{line}: {tree.source.line_text(line).strip()}")
    return found


def textual_places(project: Project, name: str, skipped: frozenset[str]) -> list[str]:
    """Lines of other files (templates, configuration, documents) in which a name stands as code
    does: behind a backslash or a dot, before brackets or two colons, in quotes of its own.
    """
    plain = re.escape(name)
    pattern = re.compile(rf"[\\.<@]{plain}(?![\w$-])|(?<![\w$-]){plain}(?:::|\()|(['\"`]){plain}\1")
    encoded = name.encode("utf-8")
    found: list[str] = []
    for path in project.paths():
        if path in skipped or syntax_language(path) in LANGUAGES:
            continue
        data = project.snapshot.read(path)
        if data is None or encoded not in data or b"\0" in data or len(data) > 1_000_000:
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), 1):
            if pattern.search(line):
                found.append(f"{path}:{number}: {line.strip()[:120]}")
                if len(found) == _MOST:
                    return found
    return found
