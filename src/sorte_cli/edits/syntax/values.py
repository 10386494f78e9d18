"""`set_value`, `add_entry` and `remove_entry` in files that tree-sitter reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sorte_cli.edits.model import EditError, Operation, Resolution, SpanEdit
from sorte_cli.edits.suggest import did_you_mean, nearest
from sorte_cli.edits.syntax.containers import Container, require_container, value_node
from sorte_cli.edits.syntax.layout import after_edits, require_parses
from sorte_cli.edits.syntax.tree import Definition, SyntaxTree

if TYPE_CHECKING:
    from sorte_cli.edits.registry import Project

_ARROW = re.compile(r"^(?:=>|:(?!:)|=(?![=>]))\s*")


def set_value(operation: Operation, project: Project) -> Resolution:
    """Set the value of a constant, field, option or CSS property."""
    tree = project.syntax(operation.target.path)
    definition = tree.resolve(operation.target)
    name, text = tree.address(definition), operation.get("value").rstrip(";").strip()
    if definition.node.type == "declaration":
        return _set_property(tree, definition, text)
    if definition.kind in ("class", "function", "test", "section", "element", "rule") or (
        definition.kind == "method" and definition.node.type != "pair"
    ):
        raise EditError(
            f"{name} is a {definition.kind}; set_value acts on constants, fields and options.",
            hint="Use replace_symbol.",
        )
    value = value_node(definition)
    if value is None:
        edit = _first_value(tree, definition, text)
        old = ""
    else:
        start, end = tree.span(value)
        old = tree.source.text[start:end]
        if old == text:
            return Resolution((), f"{name} is {text} already.")
        edit = SpanEdit(tree.path, start, end, text)
    require_parses(tree, after_edits(tree, [edit]), text)
    was = f" (was {_short(old)})" if old else ""
    return Resolution((edit,), f"Set {name} to {_short(text)}{was}.")


def _first_value(tree: SyntaxTree, definition: Definition, text: str) -> SpanEdit:
    if definition.node.type == "shorthand_property_identifier":
        end = tree.span(definition.node)[1]
        return SpanEdit(tree.path, end, end, f": {text}")
    end = tree.span(definition.node)[1]
    if tree.source.text[end - 1 : end] == ";":
        end -= 1
    return SpanEdit(tree.path, end, end, f" = {text}")


def _set_property(tree: SyntaxTree, definition: Definition, text: str) -> Resolution:
    values = definition.node.named_children[1:]
    start = tree.char(values[0].start_byte) if values else tree.span(definition.node)[1] - 1
    end = tree.char(values[-1].end_byte) if values else start
    edit = SpanEdit(tree.path, start, end, text)
    require_parses(tree, after_edits(tree, [edit]), text)
    return Resolution((edit,), f"Set {tree.address(definition)} to {text}.")


def add_entry(operation: Operation, project: Project) -> Resolution:
    """Add an entry to the array, object, map, enum or match that a symbol holds or returns."""
    tree = project.syntax(operation.target.path)
    definition = tree.resolve(operation.target)
    name = tree.address(definition)
    key, value = operation.get("key"), _ARROW.sub("", operation.get("value")).rstrip(",;").strip()
    container = require_container(tree, definition)
    if container.kind == "enum":
        return _add_member(tree, definition, container, key, value)
    if container.kind == "list" and key:
        key, value = "", f"{key} {value}"  # `new Pix()` is one value, not a key and a value
    if container.kind in ("dict", "object", "match") and not key:
        spread = value.startswith("...") or (container.kind == "object" and value.isidentifier())
        if not spread and not (container.kind == "object" and "(" in value.split("{")[0]):
            raise EditError(
                f"The entries of {name} need a key and a value.",
                hint=f"Write: add_entry {name} {_sample_key(container)} {value}",
            )
    key = _key_like(container, key)
    _refuse_existing(container, key or value, name)
    entry = f"{key}{container.joiner}{value}" if key else value
    edit = container.insert(entry)
    require_parses(tree, after_edits(tree, [edit]), entry)
    return Resolution((edit,), f"Added {_short(entry)} to {name}.")


def _sample_key(container: Container) -> str:
    keys = [container.key(e) for e in container.elements]
    return keys[-1] if keys and len(keys[-1]) < 40 else '"key"'


def _key_like(container: Container, key: str) -> str:
    """The key in the quotes that its neighbours have; bare where theirs are."""
    if not key:
        return key
    keys = [container.key(e) for e in container.elements if container.kind != "list"]
    bare = key.strip("'\"")
    quoted = key[:1] in ("'", '"')
    language = container.tree.language.name
    if container.node.type == "object":
        words = [k for k in keys if k[:1] not in ("'", '"', "[")]
        plain = bool(re.fullmatch(r"[A-Za-z_$][\w$]*", bare))
        if quoted and plain and (len(words) == len(keys)):
            return bare
        if not quoted and not plain and key[:1] != "[":
            return f"'{bare}'"
    if language == "ruby" and container.joiner == ": " and bare.isidentifier():
        return bare
    first = next((k[0] for k in keys if k[:1] in ("'", '"')), "")
    simple = first not in bare and "\\" not in bare and (first == "'" or "$" not in bare)
    if quoted and first and key[0] != first and simple:
        return f"{first}{bare}{first}"
    return key


def _refuse_existing(container: Container, wanted: str, name: str) -> None:
    same = _plain(wanted)
    for element in container.elements:
        if container.kind == "list" and container.key(element) != wanted:
            continue
        if _plain(container.key(element)) == same:
            line = container.tree.line(element)
            raise EditError(
                f"{name} already has {wanted} (line {line}).",
                hint="Use replace_statement with #L, or remove_entry first.",
            )


def _plain(text: str) -> str:
    return text.strip().strip("'\"").removeprefix(":")


def _add_member(
    tree: SyntaxTree, definition: Definition, container: Container, key: str, value: str
) -> Resolution:
    """Add a member to an enum: PHP writes `case A = 'a';`, others `A = 1,` or `A`."""
    name = tree.address(definition)
    key = key.strip("'\"")
    if not key:
        match = re.fullmatch(r"(?:case\s+)?(\w+)\s*(?:=\s*(.+?))?;?", value)
        key, value = (match[1], match[2] or "") if match else ("", value)
    if not re.fullmatch(r"\w+", key) and not (key or re.match(r"\w+\s*\(", value)):
        raise EditError(
            f"A member of {name} needs a name.", hint=f'Write: add_entry {name} NAME "value"'
        )
    if any(d.parent is definition and d.name == key for d in tree.definitions):
        raise EditError(f"{name} already has {key}.", hint="Use set_value to change it.")
    assigned = f" = {value}" if value and key else ""
    if tree.language.name == "java" and value and key:
        assigned = value if value.startswith("(") else f"({value})"
    entry = f"{key}{assigned}" if key else value
    cases = [e for e in container.elements if e.type == "enum_case"]
    if tree.language.name == "php":
        entry = f"case {entry};"
        if cases:
            last = tree.char(cases[-1].end_byte)
            lead = f"\n{tree.indent_at(tree.char(cases[-1].start_byte))}"
            edit = SpanEdit(tree.path, last, last, lead + entry)
        else:
            lead = f"\n{tree.indent_at(definition.start)}{tree.unit}"
            edit = SpanEdit(tree.path, container.open, container.open, lead + entry)
    else:
        edit = container.insert(entry)
    require_parses(tree, after_edits(tree, [edit]), entry)
    return Resolution((edit,), f"Added {_short(entry)} to {name}.")


def remove_entry(operation: Operation, project: Project) -> Resolution:
    """Remove the entry with a key, or with a value where it is the only one of that value."""
    tree = project.syntax(operation.target.path)
    definition = tree.resolve(operation.target)
    name, wanted = tree.address(definition), _plain(operation.get("entry"))
    container = require_container(tree, definition)
    found = [e for e in container.elements if _plain(container.key(e)) == wanted]
    if not found:
        found = [
            e
            for e in container.elements
            if (value := container.value(e)) is not None and _plain(tree.text(value)) == wanted
        ]
    if len(found) != 1:
        shown = [container.key(e) for e in container.elements]
        count = f"{len(found)} entries" if found else "no entry"
        raise EditError(
            f"{name} has {count} {operation.get('entry')}.",
            hint=did_you_mean(nearest(wanted, [_plain(s) for s in shown]))
            or f"It has: {', '.join(shown[:8])}.",
        )
    edit = container.remove(found[0])
    require_parses(tree, after_edits(tree, [edit]), "The rest")
    return Resolution((edit,), f"Removed {operation.get('entry')} from {name}.")


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else f"{flat[:57]}..."
