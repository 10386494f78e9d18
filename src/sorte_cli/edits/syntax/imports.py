"""`add_import` and `remove_import` in files that tree-sitter reads: where the file has its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sorte_cli.edits.model import EditError, Operation, Resolution, SpanEdit
from sorte_cli.edits.suggest import did_you_mean, nearest
from sorte_cli.edits.syntax.js_imports import add_js_import, remove_js_import
from sorte_cli.edits.syntax.layout import after_edits, insert_lines, require_parses
from sorte_cli.edits.syntax.tree import SyntaxTree

if TYPE_CHECKING:
    from tree_sitter import Node

    from sorte_cli.edits.registry import Project

_FORMS = {
    "php": (re.compile(r"(?:use\s+)?((?:function\s+|const\s+)?\\?[\w\\]+(?:\s+as\s+\w+)?);?"),
            "use {};"),
    "go": (re.compile(r"(?:import\s+)?((?:[\w.]+\s+)?\"[^\"\s]+\")"), "import {}"),
    "java": (re.compile(r"(?:import\s+)?((?:static\s+)?[\w.]+(?:\.\*)?);?"), "import {};"),
    "csharp": (re.compile(r"(?:using\s+)?((?:static\s+)?[\w.]+(?:\s*=\s*[\w.]+)?);?"), "using {};"),
    "rust": (re.compile(r"(?:(?:pub\s+)?use\s+)?([\w:{}\s,*]+?);?"), "use {};"),
    "ruby": (re.compile(r"(require(?:_relative)?\s+['\"][^'\"]+['\"])"), "{}"),
    "css": (re.compile(r"(?:@import\s+)?((?:url\()?['\"][^'\"]+['\"]\)?[^;]*);?"), "@import {};"),
}  # fmt: skip
_EXAMPLES = {
    "php": "use App\\Payments\\Pix;",
    "go": 'import "net/http"',
    "java": "import java.util.List;",
    "csharp": "using System.Linq;",
    "rust": "use std::fmt;",
    "ruby": "require 'json'",
    "css": "@import 'base.css';",
}


@dataclass(frozen=True)
class _Import:
    """One import: `what` it brings, as the language writes it, and where it stands."""

    what: str
    node: Node
    start: int
    end: int


def add_import(operation: Operation, project: Project) -> Resolution:
    """Add an import where the file has its own, in their order where they have one."""
    tree = project.syntax(operation.target.path)
    statement = operation.get("statement")
    edits = import_edits(tree, statement)
    if not edits:
        return Resolution((), f"{tree.path} already has `{statement}`.")
    require_parses(tree, after_edits(tree, edits), f"`{statement}`")
    return Resolution(tuple(edits), f"Added `{statement}` to {tree.path}.")


def import_edits(tree: SyntaxTree, statement: str) -> list[SpanEdit]:
    """The edits that add an import; none where the file has it. Raises EditError where the
    statement is not one, or where its name means something else already.
    """
    if "javascript" in tree.language.family:
        return add_js_import(tree, statement)
    what, text = _read(tree, statement)
    imports = _imports(tree)
    if any(_same(i.what, what) for i in imports):
        return []
    _refuse_taken(tree, imports, what)
    if tree.language.name == "go":
        return _add_go(tree, imports, what)
    if not imports:
        return [_first_import(tree, text)]
    return [_among(tree, imports, what, text)]


def remove_import(operation: Operation, project: Project) -> Resolution:
    """Remove an import; uses of its name that remain are listed as possible."""
    tree = project.syntax(operation.target.path)
    statement = operation.get("statement")
    if "javascript" in tree.language.family:
        edits, names = remove_js_import(tree, statement)
    else:
        what, _ = _read(tree, statement)
        imports = _imports(tree)
        found = [i for i in imports if _same(i.what, what)]
        if not found:
            raise EditError(
                f"{tree.path} does not import {what}.",
                hint=did_you_mean(nearest(what, [i.what for i in imports])),
            )
        start, end = tree.whole_lines(found[0].start, found[0].end)
        edits, names = [SpanEdit(tree.path, start, end, "")], [_bound(what)]
    changed = after_edits(tree, edits)
    require_parses(tree, changed, "The rest")
    remaining = [
        f"{tree.path}:{line}: {changed.source.line_text(line).strip()}"
        for name in names
        for line in _uses(changed, name)
    ]
    summary = f"Removed `{statement}` from {tree.path}."
    return Resolution(tuple(edits), summary, tuple(dict.fromkeys(remaining)))


def _read(tree: SyntaxTree, statement: str) -> tuple[str, str]:
    """What an import brings, and its statement as the language writes it."""
    language = tree.language.name
    if language not in _FORMS:
        raise EditError(f"Files in {language} have no imports that Sorte knows.")
    pattern, form = _FORMS[language]
    match = pattern.fullmatch(statement.strip())
    if match is None:
        raise EditError(
            f"{statement!r} is not an import of {language}.", hint=f"Write: {_EXAMPLES[language]}"
        )
    what = " ".join(match[1].split()).removeprefix("\\")
    return what, form.format(what)


def _imports(tree: SyntaxTree) -> list[_Import]:
    """The imports of a file, in order; those of a group (`use A\\{B, C}`, `import (...)`) each."""
    found: list[_Import] = []
    language = tree.language.name
    stack = [tree.root]
    while stack:
        node = stack.pop()
        if language == "ruby" and node.type == "call":
            if re.match(r"require(_relative)?\b", tree.text(node)):
                found.append(_Import(tree.text(node), node, *tree.span(node)))
            continue
        if language == "go" and node.type == "import_spec":
            found.append(_Import(" ".join(tree.text(node).split()), node, *tree.span(node)))
            continue
        if node.type in tree.language.imports and language != "go":
            found += _of_statement(tree, node)
            continue
        if node.type in tree.language.definitions or node.type in tree.language.bodies:
            continue
        stack += reversed(node.named_children)
    return found


def imports_of(tree: SyntaxTree) -> list[str]:
    """What the imports of a file bring, as the language writes it (not for JavaScript)."""
    return [item.what for item in _imports(tree)]


def _of_statement(tree: SyntaxTree, node: Node) -> list[_Import]:
    text = " ".join(tree.text(node).split()).rstrip(";").strip()
    text = re.sub(r"^(?:(?:pub\s+)?use|import|using|global using|@import)\s+", "", text)
    span = tree.span(node)
    if "{" in text and tree.language.name == "php":
        head, _, inside = text.partition("{")
        parts = [p.strip() for p in inside.rstrip("} ").split(",") if p.strip()]
        return [_Import(head.rstrip() + part, node, *span) for part in parts]
    return [_Import(text.removeprefix("\\"), node, *span)]


def _same(one: str, other: str) -> bool:
    return one.replace("'", '"').replace(" ", "") == other.replace("'", '"').replace(" ", "")


def _bound(what: str) -> str:
    """The name that an import makes known."""
    if match := re.search(r"\bas\s+(\w+)$", what):
        return match[1]
    if match := re.match(r"(\w+)\s+\"", what):
        return match[1]
    words = re.findall(r"\w+", what)
    return words[-1] if words else ""


def _refuse_taken(tree: SyntaxTree, imports: list[_Import], what: str) -> None:
    if tree.language.name not in ("php", "java"):
        return
    name = _bound(what)
    for other in imports:
        kind = other.what.split()[0] in ("function", "const") and " " in other.what
        if _bound(other.what) == name and not kind and not what.startswith(("function", "const")):
            line = tree.source.position(other.start)[0]
            raise EditError(
                f"{tree.path} already imports another {name} (line {line}: {other.what}).",
                hint=f"Write: use {what} as OTHER;" if tree.language.name == "php" else "",
            )


def _among(tree: SyntaxTree, imports: list[_Import], what: str, text: str) -> SpanEdit:
    """In the place of a sorted block, else behind the last import of its kind."""
    kind = _kind_of(what)
    same = [i for i in imports if _kind_of(i.what) == kind] or imports
    block = _last_block(tree, same)
    keys = [_sort_key(i.what) for i in block]
    indent = tree.indent_at(block[-1].start)
    if len(block) > 1 and keys == sorted(keys):
        for other, key in zip(block, keys, strict=True):
            if key > _sort_key(what):
                start = tree.source.line_start(other.start)
                return SpanEdit(tree.path, start, start, f"{indent}{text}\n")
    elif len(block) == 1 and _sort_key(what) < keys[0]:
        start = tree.source.line_start(block[0].start)
        return SpanEdit(tree.path, start, start, f"{indent}{text}\n")
    end = tree.source.line_end(block[-1].end)
    return insert_lines(tree.source, end, f"{indent}{text}\n")


def _kind_of(what: str) -> str:
    first = what.split()[0]
    return first if first in ("function", "const", "static", "require_relative") else ""


def _sort_key(what: str) -> str:
    return what.replace("\\", "\0").lower() if "\\" in what else what.lower()


def _last_block(tree: SyntaxTree, imports: list[_Import]) -> list[_Import]:
    """The last imports that stand line under line."""
    block = [imports[-1]]
    for other in reversed(imports[:-1]):
        between = tree.source.text[other.end : block[0].start]
        if between.strip(" \t;\r\n") or between.count("\n") != 1:
            break
        block.insert(0, other)
    return block


def _first_import(tree: SyntaxTree, text: str) -> SpanEdit:
    """Behind the namespace or package, the opening tag, and the comment a file begins with."""
    last = None
    for node in tree.root.named_children:
        if node.type in tree.language.comments and last is None:
            continue
        if node.type in (
            "php_tag", "declare_statement", "namespace_definition", "package_declaration",
            "package_clause", "inner_attribute_item", "charset_statement",
        ):  # fmt: skip
            if node.type == "namespace_definition" and node.child_by_field_name("body"):
                inner = node.child_by_field_name("body")
                assert inner is not None
                start = tree.char(inner.start_byte) + 1
                indent = tree.indent_at(tree.char(node.start_byte)) + tree.unit
                return SpanEdit(tree.path, start, start, f"\n{indent}{text}\n")
            last = node
            continue
        break
    if last is None:
        return insert_lines(tree.source, 0, f"{text}\n", below=1)
    end = tree.source.line_end(tree.char(last.end_byte) - (last.type == "php_tag"))
    above = 0 if last.type == "inner_attribute_item" else 1
    return insert_lines(tree.source, end, f"{text}\n", above=above, below=1)


def _add_go(tree: SyntaxTree, imports: list[_Import], what: str) -> list[SpanEdit]:
    """Into the group of its kind (standard library, others), sorted by path."""
    if not imports:
        return [_first_import(tree, f"import {what}")]
    lists = [i for i in imports if i.node.parent and i.node.parent.type == "import_spec_list"]
    if not lists:
        only = imports[-1]
        declaration = only.node.parent
        assert declaration is not None
        both = sorted((only.what, what), key=_go_path)
        apart = _is_standard(both[0]) != _is_standard(both[1])
        inside = ("\n\n" if apart else "\n").join(f"\t{item}" for item in both)
        return [SpanEdit(tree.path, *tree.span(declaration), f"import (\n{inside}\n)")]
    kind = [i for i in lists if _is_standard(i.what) == _is_standard(what)]
    if not kind:
        first, last = lists[0], lists[-1]
        if _is_standard(what):
            start = tree.source.line_start(first.start)
            return [SpanEdit(tree.path, start, start, f"\t{what}\n\n")]
        end = tree.source.line_end(last.end)
        return [SpanEdit(tree.path, end, end, f"\n\t{what}\n")]
    block = _last_block(tree, kind)
    for other in block:
        if _go_path(other.what) > _go_path(what):
            start = tree.source.line_start(other.start)
            return [SpanEdit(tree.path, start, start, f"\t{what}\n")]
    end = tree.source.line_end(block[-1].end)
    return [SpanEdit(tree.path, end, end, f"\t{what}\n")]


def _go_path(what: str) -> tuple[bool, str]:
    return not _is_standard(what), what[what.index('"') :]


def _is_standard(what: str) -> bool:
    path = what[what.index('"') + 1 : -1]
    return "." not in path.split("/")[0]


def _uses(tree: SyntaxTree, name: str) -> list[int]:
    from sorte_cli.edits.syntax.tree import leaves

    found = [
        tree.line(node)
        for node in leaves(tree.root, tree.language.identifiers)
        if tree.text(node) == name and not _in_import(tree, node)
    ]
    return list(dict.fromkeys(found))


def _in_import(tree: SyntaxTree, node: Node) -> bool:
    current: Node | None = node
    while current is not None:
        if current.type in tree.language.imports:
            return True
        current = current.parent
    return False
