"""`use` for classes that an edit brought into a PHP file which does not know them yet.

Only where there is no doubt: exactly one file of the project defines a class of that name.
"""

from __future__ import annotations

from collections.abc import Iterable

from sorte_cli.edits.missing import AddedImport
from sorte_cli.edits.model import EditError, Snapshot
from sorte_cli.edits.registry import Project
from sorte_cli.edits.snapshot import Overlay
from sorte_cli.edits.source import decode
from sorte_cli.edits.syntax.imports import import_edits
from sorte_cli.edits.syntax.layout import after_edits
from sorte_cli.edits.syntax.names import files_mentioning
from sorte_cli.edits.syntax.php_names import names_of
from sorte_cli.edits.syntax.php_references import bare_class_names
from sorte_cli.edits.syntax.tree import parse

_KNOWN = frozenset(("self", "static", "parent", "true", "false", "null", "TRUE", "FALSE", "NULL"))
_PHP = frozenset(("php",))


def add_missing_uses(
    contents: dict[str, bytes | None], snapshot: Snapshot, paths: Iterable[str]
) -> list[AddedImport]:
    """Add `use` statements to `contents` in place, and say which."""
    added: list[AddedImport] = []
    for path in sorted(paths):
        content = contents.get(path)
        if content is None or not path.endswith(".php") or path.endswith(".blade.php"):
            continue
        try:
            new = _new_names(path, content, snapshot)
            for name in new:
                statement = _statement(path, name, Project(Overlay(snapshot, contents)))
                if statement:
                    tree = parse(decode(path, contents[path] or b""))
                    done = after_edits(tree, import_edits(tree, statement))
                    contents[path] = done.source.encode(done.source.text)
                    added.append(AddedImport(path, name, statement))
        except EditError:
            continue  # without the import the project's own checks will say what is missing
    return added


def _new_names(path: str, content: bytes, snapshot: Snapshot) -> list[str]:
    """Class names that the new content writes and neither it nor the old one knows."""
    tree = parse(decode(path, content))
    before = snapshot.read(path)
    old = bare_class_names(parse(decode(path, before))) if before is not None else set()
    own = {d.name for d in tree.children(None)}
    known = {*names_of(tree).uses, *own, *_KNOWN}
    return sorted(n for n in bare_class_names(tree) - old - known if n[:1].isupper())


def _statement(path: str, name: str, project: Project) -> str:
    """The `use` that makes a name known; empty where it is known, or not certain."""
    namespace = names_of(project.syntax(path)).namespace
    found: list[str] = []
    for other in files_mentioning(project, _PHP, name):
        tree = project.syntax(other)
        if any(d.name == name and d.kind == "class" for d in tree.children(None)):
            found.append(names_of(tree).within(name))
    if len(found) != 1 or not namespace or found[0] == f"{namespace}\\{name}":
        return ""
    return f"use {found[0]};"
