"""`replace_symbol` and `add_symbol` in files that tree-sitter reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sorte_cli.edits.model import EditError, Operation, Resolution, SpanEdit
from sorte_cli.edits.source import unify_newlines
from sorte_cli.edits.syntax.layout import (
    after_edits,
    blank_before,
    closed,
    insert_lines,
    listed,
    new_names,
    reindent,
    require_parses,
)
from sorte_cli.edits.syntax.tree import Definition, SyntaxTree, sections

if TYPE_CHECKING:
    from sorte_cli.edits.registry import Project

_CONSTRUCTORS = frozenset(("__construct", "constructor", "initialize"))
_COMMENT = re.compile(r"\s*(?://|/\*|#(?!\[)|<!--)")
_VALUE_KINDS = ("field", "constant", "option")


def replace_symbol(operation: Operation, project: Project) -> Resolution:
    """Replace a whole definition by the block, which must define the same name.

    Comments above stay unless the block brings its own. Attributes, decorators and `export` are
    part of the definition.
    """
    tree = project.syntax(operation.target.path)
    definition = tree.resolve(operation.target)
    name = tree.address(definition)
    if definition.kind == "section":
        return _replace_section(tree, definition, operation.blocks[0])
    if definition.shared and not _own_lines(tree, definition):
        raise EditError(
            f"{name} is declared together with others (line {tree.line(definition.node)}).",
            hint="Use set_value for its value, or replace_statement with #L for the line.",
        )
    brings_comment = bool(_COMMENT.match(operation.blocks[0]))
    start = definition.comment_start if brings_comment else definition.start
    begin = tree.source.line_start(start)
    alone = not tree.source.text[begin:start].strip()
    indent = tree.indent_at(definition.start) if alone else ""
    text = reindent(operation.blocks[0], indent, tree.unit, tree.language)
    if not text:
        raise EditError("The block is empty.", hint=f"To take it away: delete {name}")
    whole_start, end = tree.whole_lines(start, definition.end)
    whole = (whole_start, end) != (start, definition.end) or (alone and begin == start)
    whole = whole and end in (tree.source.line_start(end), len(tree.source.text))
    if whole:
        start, text = whole_start, closed(tree.source, text, end)
    else:
        end = definition.end
        start = begin if alone else start
        text = text.rstrip("\n") if alone else text.strip()
        if tree.source.text[end : end + 1] == ",":
            text = text.removesuffix(",")
    if unify_newlines(tree.source.text[start:end]) == text:
        return Resolution((), f"{name} is like that already.")
    edit = SpanEdit(tree.path, start, end, text)
    changed = after_edits(tree, [edit])
    require_parses(tree, changed, "The block")
    if all(d.qualified != definition.qualified for d in changed.definitions):
        found = listed(new_names(tree, changed))
        raise EditError(
            f"The block defines {found}, not {definition.name!r}.",
            hint=f"Keep the name {definition.name!r}, or use rename for {name}.",
        )
    return Resolution(
        (edit,), f"Replaced {definition.kind} {name}.{_lost_export(definition, text)}"
    )


def _own_lines(tree: SyntaxTree, definition: Definition) -> bool:
    start, end = tree.whole_lines(definition.start, definition.end)
    return (start, end) != (definition.start, definition.end)


def _lost_export(definition: Definition, text: str) -> str:
    exported = definition.outer.type == "export_statement"
    if exported and not re.search(r"^\s*export\b", text, re.M):
        return " It is no longer exported."
    return ""


def _replace_section(tree: SyntaxTree, definition: Definition, block: str) -> Resolution:
    text = closed(tree.source, block, definition.end)
    if f"</{definition.name.split()[0]}" not in text:
        raise EditError(
            f"The block is no whole <{definition.name.split()[0]}> part.",
            hint="Write it with its opening and closing tags.",
        )
    start, end = tree.whole_lines(definition.start, definition.end)
    edit = SpanEdit(tree.path, start, end, text)
    require_parses(tree, after_edits(tree, [edit]), "The block")
    return Resolution((edit,), f"Replaced the {definition.name} part of {tree.path}.")


# --- adding --------------------------------------------------------------------------------------


def add_symbol(operation: Operation, project: Project) -> Resolution:
    """Add functions, classes, methods, fields or options to a file, a class or an object.

    Functions and classes go behind the last one of the file, methods to the end of the class (a
    constructor before the first method), fields behind the last field.
    """
    tree = project.syntax(operation.target.path)
    address = operation.target
    owner = tree.resolve(address) if address.symbol or address.position else None
    block = operation.blocks[0]
    imports, block = split_imports(block, tree)
    if not block.strip():
        raise EditError("The block defines nothing.", hint="Write the declaration in the block.")
    edits: list[SpanEdit] = []
    if imports:
        from sorte_cli.edits.syntax.imports import import_edits

        for statement in imports:
            edits += import_edits(tree, statement)
    edit, added = placed(tree, owner, block)
    name = tree.address(owner) if owner else tree.path
    return Resolution((*edits, edit), f"Added {listed(added)} to {name}.")


def placed(tree: SyntaxTree, owner: Definition | None, block: str) -> tuple[SpanEdit, list[str]]:
    """Where a block goes, by what it defines, and the qualified names it brings.

    Raises EditError where it does not parse there, or where a name exists already.
    """
    name = tree.address(owner) if owner else tree.path
    if owner is not None and owner.kind in ("option", "constant", "method", "function"):
        edit = _into_object(tree, owner, block)
    elif owner is not None and owner.kind == "section":
        edit = _into_section(tree, owner, block)
    else:
        edit = _first_place(tree, owner, block)
    changed = after_edits(tree, [edit])
    require_parses(tree, changed, "The block")
    added = new_names(tree, changed)
    if not added:
        raise EditError(
            "The block defines no function, class, method or field.",
            hint="Use insert_after with lines (PATH::SYMBOL#L4) for statements.",
        )
    top = _outermost(added)
    known = {d.qualified: d for d in tree.definitions}
    for qualified in top:
        if qualified in known and known[qualified].kind != "scope":
            line = tree.source.position(known[qualified].start)[0]
            raise EditError(
                f"{name} already defines {known[qualified].name!r} (line {line}).",
                hint="Use replace_symbol to change it.",
            )
    kinds = [d.kind for d in changed.definitions if d.qualified in top]
    if owner is None or owner.kind in ("class", "scope"):
        better = _better_place(tree, owner, block, kinds, top)
        if better is not None and better != edit:
            try:
                moved = after_edits(tree, [better])
                require_parses(tree, moved, "The block")
                if new_names(tree, moved) == added:
                    edit = better
            except EditError:
                pass  # the end of the body is always right
    return edit, top


def _outermost(names: list[str]) -> list[str]:
    return [n for n in names if not any(n.startswith((f"{o}.", f"{o} ")) for o in names if o != n)]


def _first_place(tree: SyntaxTree, owner: Definition | None, block: str) -> SpanEdit:
    """Behind the last member, or at the end."""
    if owner is None:
        return _into_file(tree, block)
    if tree.language.name == "go" and re.match(r"\s*(?://.*\n\s*)*func\s*\(", block):
        members = [
            d for d in tree.definitions if d.parent is owner and d.node.type == "method_declaration"
        ]
        return _behind(tree, members[-1] if members else owner, block)
    body = body_of(tree, owner, functions=bool(re.search(r"\b(?:fn|func)\b", block)))
    if body is None:
        raise EditError(
            f"{tree.address(owner)} has no body to add to.",
            hint=f"Write: add_symbol {tree.path}",
        )
    members = [
        d
        for d in tree.definitions
        if d.outer.parent is not None and d.outer.parent == body and not d.shared
    ]
    if members:
        return _behind(tree, members[-1], block)
    return _into_body(tree, body, block)


def body_of(tree: SyntaxTree, owner: Definition, *, functions: bool = False):  # type: ignore[no-untyped-def]
    """The node between the braces of a class; for functions of a Rust type, that of its `impl`."""
    if tree.language.name == "rust" and functions and owner.node.type != "trait_item":
        scopes = [
            d
            for d in tree.definitions
            if d.qualified == owner.qualified
            and d.node.type == "impl_item"
            and d.node.child_by_field_name("trait") is None
        ]
        if owner.kind != "scope":
            if not scopes:
                raise EditError(
                    f"{tree.address(owner)} has no impl block.",
                    hint=f"Add one: add_symbol {tree.path} with `impl {owner.name} {{ ... }}`.",
                )
            owner = scopes[0]
    node = owner.node
    body = node.child_by_field_name("body")
    if body is None and tree.language.name == "go":
        kind = node.child_by_field_name("type")
        if kind is not None:
            return next((c for c in kind.named_children if c.type.endswith("_list")), kind)
    if body is None and tree.language.name == "css":
        body = next((c for c in node.named_children if c.type == "block"), None)
    if owner.kind == "test":
        arguments = node.child_by_field_name("arguments")
        function = arguments.named_children[-1] if arguments is not None else None
        body = function.child_by_field_name("body") if function is not None else None
    return body


def _behind(tree: SyntaxTree, last: Definition, block: str, gap: int | None = None) -> SpanEdit:
    """Insert a block behind a definition, apart as its neighbours are."""
    source = tree.source
    end = tree.whole_lines(last.start, last.end)[1]
    if end == last.end and source.text[end : end + 1] == ",":
        end += 1
    if end != source.line_start(end) and end != len(source.text):
        line_end = source.line_end(end)
        rest = source.text[end:line_end].strip()
        if rest and not rest.startswith(tree.language.line_comment):
            return _inline(tree, end, block)
        end = line_end
    text = reindent(block, tree.indent_at(last.start), tree.unit, tree.language)
    if gap is None:
        gap = _usual_gap(tree, last)
    below = gap if tree.source.text[end:].lstrip()[:1] not in ("}", ")", "]", "<") else 0
    if tree.source.text[end:].lstrip().startswith("end") and tree.language.name == "ruby":
        below = 0
    return insert_lines(source, end, text, above=gap, below=below)


def _inline(tree: SyntaxTree, offset: int, block: str) -> SpanEdit:
    text = " ".join(line.strip() for line in block.strip().split("\n"))
    return SpanEdit(tree.path, offset, offset, f" {text}")


def _usual_gap(tree: SyntaxTree, last: Definition) -> int:
    """The blank lines above a definition of the same kind in the same body; one by default."""
    same = [d for d in tree.children(last.parent) if d.kind == last.kind and not d.shared]
    places = [blank_before(tree.source, tree.source.line_start(d.comment_start)) for d in same[1:]]
    if places:
        return min(max(set(places), key=lambda n: (places.count(n), n)), 2)
    return 1 if last.kind not in _VALUE_KINDS or last.comment_start < last.start else 0


def _into_body(tree: SyntaxTree, body, block: str) -> SpanEdit:  # type: ignore[no-untyped-def]
    """Insert at the end of a body that has no members yet (it may hold `use` of traits)."""
    start, end = tree.span(body)
    text = tree.source.text
    close = end - 1 if text[end - 1 : end] in ("}", "]", ")") else end
    inner = text[start + 1 : close]
    base = tree.indent_at(tree.char(body.parent.start_byte if body.parent else body.start_byte))
    indent = base + tree.unit
    code = reindent(block, indent, tree.unit, tree.language)
    if not inner.strip():
        if tree.language.name == "ruby":
            return insert_lines(tree.source, tree.source.line_end(start), code)
        return SpanEdit(tree.path, start + 1, close, f"\n{code}{base}")
    line = tree.source.line_start(close)
    if text[line:close].strip():
        return SpanEdit(tree.path, close, close, f"\n{code}{base}")
    return insert_lines(tree.source, line, code, above=1)


def _into_file(tree: SyntaxTree, block: str) -> SpanEdit:
    """Behind the last function or class of a file, before what a module exports at its end."""
    if tree.language.name == "vue":
        return _into_script(tree, block)
    tops = [
        d
        for d in tree.children(None)
        if d.kind in ("class", "function", "method", "test", "rule", "constant", "scope")
        and d.outer.parent is not None
    ]
    movable = [d for d in tops if not _is_default_export(tree, d)]
    if movable:
        return _behind(tree, movable[-1], block, gap=max(1, _usual_gap(tree, movable[-1])))
    text = reindent(block, "", tree.unit, tree.language)
    source = tree.source
    end = len(source.text)
    if tops and movable != tops:
        place = tree.whole_lines(tops[-1].comment_start, tops[-1].end)[0]
        return insert_lines(source, place, text, below=1)
    return insert_lines(source, end, text, above=1)


def _is_default_export(tree: SyntaxTree, definition: Definition) -> bool:
    return definition.outer.type == "export_statement" and any(
        c.type == "default" for c in definition.outer.children
    )


def _into_script(tree: SyntaxTree, block: str) -> SpanEdit:
    script = next((d for d in tree.definitions if d.name.startswith("script")), None)
    if script is None:
        raise EditError(
            f"{tree.path} has no script.", hint="Use replace_symbol or replace_text to write one."
        )
    return _into_section(tree, script, block)


def _into_section(tree: SyntaxTree, owner: Definition, block: str) -> SpanEdit:
    for tag, _attributes, (start, _end), (low, high) in sections(tree.source.text):
        if start != owner.start:
            continue
        inside = [
            d
            for d in tree.definitions
            if d.parent is None and low <= d.start < high and d.kind in ("function", "constant")
            and not _is_default_export(tree, d)
        ]  # fmt: skip
        if tag == "script" and inside:
            return _behind(tree, inside[-1], block, gap=max(1, _usual_gap(tree, inside[-1])))
        first = tree.source.text[low:high].lstrip("\n")
        indent = re.match(r"[ \t]*", first)
        text = reindent(block, indent.group() if indent else "", tree.unit, tree.language)
        if tag == "script":
            default = re.search(r"^[ \t]*export default\b", tree.source.text[low:high], re.M)
            if default:
                return insert_lines(tree.source, low + default.start(), text, above=1, below=1)
        return insert_lines(tree.source, tree.source.line_start(high), text, above=1)
    raise EditError(f"{tree.path} has no part {owner.name!r}.")


def _into_object(tree: SyntaxTree, owner: Definition, block: str) -> SpanEdit:
    from sorte_cli.edits.syntax.containers import container_in

    container = container_in(tree, owner)
    if container is None or container.kind not in ("dict", "object"):
        raise EditError(
            f"{tree.address(owner)} holds no object; symbols are added to a file, a class or an "
            "object.",
            hint=f"Write: add_symbol {tree.path}",
        )
    members = block.strip().removesuffix(",")
    return container.insert_block(members)


def _better_place(
    tree: SyntaxTree, owner: Definition | None, block: str, kinds: list[str], names: list[str]
) -> SpanEdit | None:
    """Where fields and constructors would stand; None where the end is right."""
    siblings = [d for d in tree.children(owner) if not d.shared or _own_lines(tree, d)]
    if owner is not None and kinds and all(k in ("field", "constant") for k in kinds):
        text = block.strip()
        constant = bool(re.search(r"\bconst\b", text.split("=")[0]))
        fields = [d for d in siblings if d.kind in ("field", "constant")]
        same = [
            d for d in fields
            if bool(re.search(r"\bconst\b", tree.text(d.outer).split("=")[0])) == constant
        ]  # fmt: skip
        case = [d for d in same if (d.node.type == "enum_case") == text.startswith("case ")]
        if chosen := case or same or fields:
            return _behind(tree, chosen[-1], block)
        methods = [d for d in siblings if d.is_callable]
        return _before(tree, methods[0], block) if methods else None
    if owner is None and kinds and all(k == "constant" for k in kinds):
        constants = [d for d in siblings if d.kind == "constant"]
        if constants:
            return _behind(tree, constants[-1], block)
    short = {n.rpartition(".")[2] for n in names}
    if owner is not None and (short & _CONSTRUCTORS or short == {owner.name}):
        methods = [d for d in siblings if d.is_callable]
        return _before(tree, methods[0], block) if methods else None
    return None


def _before(tree: SyntaxTree, first: Definition, block: str) -> SpanEdit:
    start = tree.source.line_start(first.comment_start)
    text = reindent(block, tree.indent_at(first.start), tree.unit, tree.language)
    return insert_lines(tree.source, start, text, below=1)


_IMPORTS = {
    "php": re.compile(r"use\s+(?:function\s+|const\s+)?[\w\\]+[^;(]*;\s*$"),
    "javascript": re.compile(r"import\s.*(?:from\s+)?['\"][^'\"]+['\"];?\s*$"),
    "java": re.compile(r"import\s+[\w.*\s]+;\s*$"),
    "csharp": re.compile(r"using\s+[\w.=\s]+;\s*$"),
    "rust": re.compile(r"use\s+[^;]+;\s*$"),
}


def split_imports(block: str, tree: SyntaxTree) -> tuple[list[str], str]:
    """Imports that a block begins with (one a line), and the rest of it."""
    family = "javascript" if "javascript" in tree.language.family else tree.language.name
    pattern = _IMPORTS.get(family)
    if pattern is None:
        return [], block
    lines = block.split("\n")
    found: list[str] = []
    index = 0
    while index < len(lines):
        line = lines[index].strip()
        if line and not pattern.match(line):
            break
        if line:
            found.append(line)
        index += 1
    if (
        family == "php"
        and found
        and not re.match(
            r"\s*(?:/\*|//|#|\*|abstract|final|class|interface|trait|enum|function|readonly)",
            "\n".join(lines[index:]),
        )
    ):
        return [], block  # `use Trait;` of a class body
    return found, "\n".join(lines[index:]) if found else block


def beside(tree: SyntaxTree, pattern: Definition, code: str) -> SpanEdit:
    """The edit that puts code directly behind a definition, in a list with its comma."""
    parent = pattern.outer.parent
    if parent is not None and parent.type in (
        "object", "enum_body", "enum_variant_list", "enum_member_declaration_list",
    ):  # fmt: skip
        from sorte_cli.edits.syntax.containers import Container

        return Container(tree, parent, "object", ": ").insert_block(code.strip().rstrip(","))
    return _behind(tree, pattern, code)
