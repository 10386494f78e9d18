"""Imports of JavaScript, TypeScript and Vue scripts: reading, adding, merging, removing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sorte_cli.edits.model import EditError, SpanEdit
from sorte_cli.edits.suggest import did_you_mean, nearest
from sorte_cli.edits.syntax.layout import insert_lines
from sorte_cli.edits.syntax.tree import SyntaxTree

if TYPE_CHECKING:
    from tree_sitter import Node

_STATEMENT = re.compile(
    r"import\s+(?P<type>type\s+)?(?:(?P<default>[\w$]+)\s*,?\s*)?"
    r"(?:\*\s*as\s+(?P<space>[\w$]+)\s*|\{(?P<names>[^}]*)\}\s*)?"
    r"(?:from\s*)?(?P<quote>['\"])(?P<source>[^'\"]+)(?P=quote);?"
)


@dataclass(frozen=True)
class JsImport:
    """One import statement; `names` are its specifiers as written (`a as b`)."""

    source: str
    default: str = ""
    namespace: str = ""
    names: tuple[str, ...] = ()
    type_only: bool = False
    node: Node | None = None

    @property
    def bound(self) -> list[str]:
        """The names it makes known in the file."""
        names = [n.removeprefix("type ").split()[-1] for n in self.names]
        return [n for n in (self.default, self.namespace, *names) if n]


def read_js_import(text: str, node: Node | None = None) -> JsImport | None:
    """An import statement as a value; None where the text is none."""
    match = _STATEMENT.fullmatch(" ".join(text.split()))
    if match is None:
        return None
    names = [" ".join(n.split()) for n in (match["names"] or "").split(",") if n.strip()]
    return JsImport(
        match["source"],
        match["default"] or "",
        match["space"] or "",
        tuple(names),
        bool(match["type"]),
        node,
    )


def js_imports(tree: SyntaxTree) -> list[JsImport]:
    """The import statements at the top level of a file."""
    found = (
        read_js_import(tree.text(node), node)
        for node in tree.root.named_children
        if node.type == "import_statement"
    )
    return [item for item in found if item is not None]


def add_js_import(tree: SyntaxTree, statement: str) -> list[SpanEdit]:
    """The edits that add an import, merged into one from the same place where there is one."""
    wanted = read_js_import(statement)
    if wanted is None:
        raise EditError(
            f"{statement!r} is not an import of JavaScript.",
            hint="Write: import { useCart } from './cart'",
        )
    known = js_imports(tree)
    same = [i for i in known if i.source == wanted.source]
    missing = [n for n in wanted.names if all(n not in i.names for i in same)]
    default = wanted.default if all(i.default != wanted.default for i in same) else ""
    space = wanted.namespace if all(i.namespace != wanted.namespace for i in same) else ""
    bare = not wanted.bound
    if not (missing or default or space or (bare and not same)):
        return []
    _refuse_taken(tree, known, [default, space, *(n.split()[-1] for n in missing)])
    for other in same:
        if other.type_only == wanted.type_only and not space and not other.namespace:
            if missing and not default and other.names:
                return [_merged(tree, other, missing)]
            if default and not missing and not other.default and other.names:
                node = other.node
                assert node is not None
                start = tree.span(node)[0] + len("import ")
                return [SpanEdit(tree.path, start, start, f"{default}, ")]
            if missing and not default and other.default and not other.names:
                return [_beside_default(tree, other, missing)]
    text = _written(tree, wanted, default, space, missing)
    return [_placed(tree, known, text)]


def _refuse_taken(tree: SyntaxTree, known: list[JsImport], names: list[str]) -> None:
    for name in filter(None, names):
        for other in known:
            if name in other.bound:
                raise EditError(
                    f"{tree.path} already imports {name!r} from '{other.source}'.",
                    hint=f"Write: import {{ {name} as other }} from ... for another name.",
                )
        for definition in tree.children(None):
            if definition.name == name and definition.kind in ("function", "class", "constant"):
                line = tree.source.position(definition.start)[0]
                raise EditError(
                    f"{tree.path} defines {name!r} itself (line {line}).",
                    hint="Import it under another name: import { x as y } from ...",
                )


def _merged(tree: SyntaxTree, other: JsImport, names: list[str]) -> SpanEdit:
    node = other.node
    assert node is not None
    start, end = tree.span(node)
    text = tree.source.text[start:end]
    close = text.index("}")
    inside = text[text.index("{") + 1 : close]
    added = ", ".join(names)
    last = len(inside.rstrip())
    place = start + text.index("{") + 1 + last
    if "\n" in inside:
        indent = tree.indent_at(place - 1)
        trailing = inside.rstrip().endswith(",")
        lines = f",\n{indent}".join(names)
        lead = "" if trailing else ","
        return SpanEdit(tree.path, place, place, f"{lead}\n{indent}{lines}{',' * trailing}")
    lead = "" if inside.rstrip().endswith(",") else ","
    return SpanEdit(tree.path, place, place, f"{lead} {added}")


def _beside_default(tree: SyntaxTree, other: JsImport, names: list[str]) -> SpanEdit:
    node = other.node
    assert node is not None
    start, end = tree.span(node)
    text = tree.source.text[start:end]
    at = start + re.compile(rf"\b{re.escape(other.default)}\b").search(text).end()  # type: ignore[union-attr]
    return SpanEdit(tree.path, at, at, f", {{ {', '.join(names)} }}")


def _written(tree: SyntaxTree, wanted: JsImport, default: str, space: str, names: list[str]) -> str:
    """The statement in the quotes and with the semicolon that the file's imports have."""
    text = tree.source.text
    quote, semicolon = style_of(text)
    parts = [default] if default else []
    if space:
        parts.append(f"* as {space}")
    if names:
        parts.append(f"{{ {', '.join(names)} }}")
    source = f"{quote}{wanted.source}{quote}{semicolon}"
    if not parts:
        return f"import {source}"
    kind = "type " if wanted.type_only else ""
    return f"import {kind}{', '.join(parts)} from {source}"


def style_of(text: str) -> tuple[str, str]:
    """The quote and the end of statements that most lines of a script have."""
    found = re.findall(r"^\s*import\b[^\n]*(['\"])\s*(;?)[ \t]*$", text, re.M)
    if found:
        quotes = [q for q, _ in found]
        ends = [e for _, e in found]
        return max("'\"", key=quotes.count), max((";", ""), key=ends.count)
    single, double = text.count("'"), text.count('"')
    ended = len(re.findall(r";[ \t]*$", text, re.M))
    return "'" if single >= double else '"', ";" if ended or not text.strip() else ""


def _placed(tree: SyntaxTree, known: list[JsImport], text: str) -> SpanEdit:
    source = tree.source
    nodes = [i.node for i in known if i.node is not None]
    relative = bool(re.search(r"['\"]\.", text))
    if nodes:
        # Packages stand above the project's own files, where the file keeps them apart.
        packages = [
            i.node
            for i in known
            if i.node is not None and not i.source.startswith((".", "@/", "~"))
        ]
        after = packages[-1] if packages and not relative and "@/" not in text else nodes[-1]
        end = source.line_end(tree.char(after.end_byte) - 1)
        return insert_lines(source, end, f"{tree.indent_at(tree.char(after.start_byte))}{text}\n")
    if tree.scripts:
        low, high = tree.scripts[0]
        begin = source.line_end(low)
        first = re.compile(r"[ \t]*").match(source.text, begin)
        indent = first.group() if first and begin < high else ""
        return insert_lines(source, begin, f"{indent}{text}\n", below=1)
    if tree.language.name == "vue":
        raise EditError(f"{tree.path} has no script to import into.")
    offset = _after_head(tree)
    return insert_lines(source, offset, f"{text}\n", below=1)


def _after_head(tree: SyntaxTree) -> int:
    """Behind the shebang, a leading comment block and directives such as "use strict"."""
    end = 0
    for node in tree.root.children:
        directive = node.type == "expression_statement" and tree.text(node).startswith(("'", '"'))
        if node.type in ("hash_bang_line",) or directive:
            end = tree.source.line_end(tree.char(node.end_byte) - 1)
        elif node.type != "comment":
            break
    return end


def remove_js_import(tree: SyntaxTree, statement: str) -> tuple[list[SpanEdit], list[str]]:
    """The edits that remove an import (or some of its names), and the names that go."""
    wanted = read_js_import(statement)
    if wanted is None:
        raise EditError(f"{statement!r} is not an import of JavaScript.")
    known = js_imports(tree)
    for other in known:
        if other.source != wanted.source or other.node is None:
            continue
        gone = [n for n in wanted.names if n in other.names]
        default = wanted.default if wanted.default == other.default else ""
        space = wanted.namespace if wanted.namespace == other.namespace else ""
        if len(gone) != len(wanted.names) or default != wanted.default:
            continue
        left = [n for n in other.names if n not in gone]
        kept_default = "" if default else other.default
        kept_space = "" if space else other.namespace
        start, end = tree.span(other.node)
        names = [default, space, *(n.split()[-1] for n in gone)]
        if not (left or kept_default or kept_space):
            low, high = tree.whole_lines(start, end)
            return [SpanEdit(tree.path, low, high, "")], [n for n in names if n]
        text = _written(tree, other, kept_default, kept_space, left)
        return [SpanEdit(tree.path, start, end, text)], [n for n in names if n]
    sources = [f"import ... from '{i.source}'" for i in known]
    raise EditError(
        f"{tree.path} does not have `{statement}`.",
        hint=did_you_mean(nearest(wanted.source, sources)) or "Nothing was changed.",
    )


def specifiers(tree: SyntaxTree) -> list[tuple[str, int, int]]:
    """Every module specifier of a file with its span inside the quotes: of imports, re-exports,
    `import("./x")` and `require("./x")`.
    """
    from sorte_cli.edits.syntax.tree import walk

    found: list[tuple[str, int, int]] = []
    for node in walk(tree.root):
        string = None
        if node.type in ("import_statement", "export_statement"):
            string = node.child_by_field_name("source")
        elif node.type == "call_expression":
            function = node.child_by_field_name("function")
            arguments = node.child_by_field_name("arguments")
            called = tree.text(function) if function is not None else ""
            if called in ("require", "import", "vi.mock", "jest.mock") and arguments is not None:
                string = arguments.named_children[0] if arguments.named_children else None
        if string is not None and string.type == "string":
            start, end = tree.span(string)
            found.append((tree.text(string)[1:-1], start + 1, end - 1))
    return found
