"""`clone` in files that tree-sitter reads, and of whole files of any text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sorte_cli.edits.kinds import family_of
from sorte_cli.edits.language import split_keywords
from sorte_cli.edits.model import (
    Address,
    Edit,
    EditError,
    FileCreation,
    Operation,
    Resolution,
    SpanEdit,
)
from sorte_cli.edits.python.clone_naming import Renaming, derive_stem, pairs, stem_of_path
from sorte_cli.edits.source import SourceText, unify_newlines
from sorte_cli.edits.suggest import did_you_mean, nearest
from sorte_cli.edits.syntax.copying import Copier, copied_text
from sorte_cli.edits.syntax.layout import after_edits, require_parses
from sorte_cli.edits.syntax.php_names import moved_namespace, names_of, namespace_node
from sorte_cli.edits.syntax.symbols import beside, placed
from sorte_cli.edits.syntax.tree import Definition, SyntaxTree, parse

if TYPE_CHECKING:
    from sorte_cli.edits.registry import Project

_NAME = re.compile(r"[A-Za-z_$#@][\w$-]*")


def clone(operation: Operation, project: Project) -> Resolution:
    """Copy a symbol (beside itself, or to another file) or a file, renaming consistently."""
    values = split_keywords(operation.get("with")) if operation.get("with") else ()
    address = operation.target
    if not address.symbol and address.position is None:
        return _clone_file(project, address.path, operation.get("new_path"), values)
    return _clone_symbol(project, address, operation, values)


# --- files ---------------------------------------------------------------------------------------


def _clone_file(
    project: Project, path: str, new_path: str, values: tuple[tuple[str, str], ...]
) -> Resolution:
    source = project.source(path)
    if project.exists(new_path):
        raise EditError(f"{new_path} exists already.", hint="Choose another path.")
    old, new = stem_of_path(path), stem_of_path(new_path)
    renaming = Renaming((derive_stem(old, new),) if old != new else (), {old: new})
    if family_of(path) != "syntax" or family_of(new_path) != "syntax":
        if values:
            raise EditError(f"{path} has no fields that `with` could set.")
        text = copied_text(source.text, renaming) if old != new else source.text
    else:
        tree = project.syntax(path)
        text = Copier(project, tree, renaming).copy(0, len(source.text))
        text = _with_values(_in_namespace(tree, SourceText(new_path, text), path), "", values).text
    creation = FileCreation(new_path, source.encode(text))
    return Resolution((creation,), f"Copied {path} to {new_path}{_stem_note(renaming)}.")


def _in_namespace(tree: SyntaxTree, copy: SourceText, old_path: str) -> SourceText:
    """The copy of a PHP file with the namespace of its new folder."""
    if tree.language.name != "php":
        return copy
    new_tree = parse(copy)
    named = namespace_node(new_tree)
    if named is None:
        return copy
    namespace = names_of(tree).namespace
    moved = moved_namespace(namespace, old_path, copy.path)
    start, end = new_tree.span(named)
    return SourceText(copy.path, copy.text[:start] + moved + copy.text[end:])


# --- symbols -------------------------------------------------------------------------------------


def _clone_symbol(
    project: Project, address: Address, operation: Operation, values: tuple[tuple[str, str], ...]
) -> Resolution:
    tree = project.syntax(address.path)
    definition = tree.resolve(address)
    new_name, name = operation.get("new_name"), tree.address(definition)
    if definition.kind in ("section", "rule", "element", "test") or definition.name_span is None:
        raise EditError(
            f"{name} is a {definition.kind}; clone copies classes, functions, methods and fields.",
            hint="Use add_symbol with the new text.",
        )
    if not _NAME.fullmatch(new_name):
        raise EditError(f"{new_name!r} is no name.")
    destination = operation.get("to") or tree.path
    taken = any(d.parent is definition.parent and d.name == new_name for d in tree.definitions)
    if taken and destination == tree.path:
        raise EditError(f"{tree.path} already defines {new_name!r}.")
    stem = derive_stem(definition.name, new_name)
    renaming = Renaming((stem,), {definition.name: new_name})
    copier = Copier(project, tree, renaming)
    code = copier.copy(definition.comment_start, definition.end)
    code = tree.indent_at(definition.comment_start) + code
    summary = f"Copied {name} as {new_name}"
    edits: list[Edit]
    if destination == tree.path:
        edits = [_beside(tree, definition, code, new_name, values)]
    else:
        if definition.parent is not None and definition.parent.kind != "scope":
            raise EditError(
                f"{name} stands inside another symbol; only top-level symbols can be copied to "
                "another file.",
                hint="Leave out `to`, or clone the whole class.",
            )
        summary = f"Copied {name} as {new_name} to {destination}"
        edits = _elsewhere(project, copier, definition, code, destination, new_name, values)
    return Resolution(tuple(edits), f"{summary}{_stem_note(renaming)}.")


def _beside(
    tree: SyntaxTree,
    definition: Definition,
    code: str,
    new_name: str,
    values: tuple[tuple[str, str], ...],
) -> SpanEdit:
    """Directly behind the pattern, with the values set."""
    edit = beside(tree, definition, code)
    changed = after_edits(tree, [edit])
    require_parses(tree, changed, "The copy")
    if not values:
        return edit
    done = _with_values(changed.source, new_name, values).text
    old = unify_newlines(tree.source.text)
    new = unify_newlines(done)
    start = min(edit.start, len(old))
    tail = len(old) - edit.end
    return SpanEdit(edit.path, edit.start, edit.end, new[start : len(new) - tail])


def _elsewhere(
    project: Project,
    copier: Copier,
    definition: Definition,
    code: str,
    destination: str,
    new_name: str,
    values: tuple[tuple[str, str], ...],
) -> list[Edit]:
    tree = copier.tree
    if family_of(destination) != "syntax":
        raise EditError(f"{destination} is no file of {tree.language.name}.")
    if project.exists(destination):
        there = project.syntax(destination)
        edit, _names = placed(there, None, code)
        changed = after_edits(there, [edit])
        if not values:
            return [edit]
        done = _with_values(changed.source, new_name, values).text
        tail = len(there.source.text) - edit.end
        return [SpanEdit(edit.path, edit.start, edit.end, done[edit.start : len(done) - tail])]
    others = [
        d
        for d in tree.definitions
        if d is not definition and d.kind != "section"
        and not (definition.start <= d.start < definition.end)
        and not (d.start <= definition.start < d.end)
    ]  # fmt: skip
    text = tree.source.text
    if not others:
        start, end = definition.comment_start, definition.end
        whole = text[:start] + code.lstrip(" \t") + text[end:]
    else:
        whole = f"{_header(tree, code)}{_dedented(code)}\n"
    copy = SourceText(destination, whole)
    copy = _in_namespace(tree, copy, tree.path)
    copy = _with_values(copy, new_name, values)
    check = parse(copy)
    if check.errors > tree.errors:
        raise EditError(f"The copy in {destination} would not parse.", hint="Use create_file.")
    return [FileCreation(destination, tree.source.encode(copy.text))]


def _header(tree: SyntaxTree, code: str) -> str:
    """What a file begins with before its first definition: tag, namespace, the imports in use."""
    kept: list[str] = []
    first = min((d.comment_start for d in tree.definitions if d.kind != "section"), default=0)
    for node in tree.root.named_children:
        if tree.char(node.start_byte) >= first:
            break
        if node.type in tree.language.comments:
            continue
        text = tree.text(node).rstrip("\n")
        if node.type in tree.language.imports and not _uses_any(text, code):
            continue
        line = "\n" if node.type in ("declare_statement", "namespace_definition") else ""
        blank = node.type in ("php_tag", "package_clause", "package_declaration")
        kept.append(f"{line}{text}{chr(10) if blank else ''}")
    header = "\n".join(kept)
    return re.sub(r"\n{3,}", "\n\n", f"{header}\n\n") if kept else ""


def _uses_any(statement: str, code: str) -> bool:
    names = set(re.findall(r"\w+", statement.rpartition("\\")[2] or statement))
    if "{" in statement or "import" in statement.split()[:1]:
        names = set(re.findall(r"\w+", statement))
    return bool(names & set(re.findall(r"\w+", code)))


def _dedented(code: str) -> str:
    margin = code[: len(code) - len(code.lstrip(" \t"))]
    return "\n".join(line.removeprefix(margin) for line in code.split("\n")).rstrip()


def _with_values(copy: SourceText, owner: str, values: tuple[tuple[str, str], ...]) -> SourceText:
    """The copy with fields set. Raises EditError for a field that it does not have."""
    from sorte_cli.edits.model import Address as At
    from sorte_cli.edits.registry import Project as View
    from sorte_cli.edits.snapshot import MemorySnapshot
    from sorte_cli.edits.syntax.values import set_value

    for field, value in values:
        tree = parse(copy)
        fields = [
            d
            for d in tree.definitions
            if d.kind in ("field", "constant", "option")
            and (not owner or owner in d.qualified.split("."))
        ]
        found = [d for d in fields if d.name == field]
        if len(found) != 1:
            known = list(dict.fromkeys(d.name for d in fields))
            raise EditError(
                f"The copy has no field {field!r}." if not found else f"{field!r} is ambiguous.",
                hint=did_you_mean(nearest(field, known)) or f"It has: {', '.join(known[:8])}.",
            )
        line, column = tree.source.position(found[0].name_span[0] if found[0].name_span else 0)
        operation = Operation(
            "set_value", At(copy.path, position=(line, column)), (("value", value),)
        )
        view = View(MemorySnapshot({copy.path: copy.encode(copy.text)}))
        edits = [e for e in set_value(operation, view).edits if isinstance(e, SpanEdit)]
        if edits:
            copy = SourceText(copy.path, after_edits(tree, edits).source.text)
    return copy


def _stem_note(renaming: Renaming) -> str:
    shown = ", ".join(f"{old} -> {new}" for old, new in pairs(renaming) if old != new)
    return f" ({shown})" if shown else ""
