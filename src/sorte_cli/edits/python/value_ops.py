"""Operations on values: set a constant or field, add and remove entries of what it holds."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable

import libcst as cst

from sorte_cli.edits.missing import is_known
from sorte_cli.edits.model import Address, EditError, Operation, Resolution, SpanEdit
from sorte_cli.edits.python.entries import (
    Container,
    container_of,
    empty_call,
    identity,
    like_quotes,
    refuse_existing,
)
from sorte_cli.edits.python.layout import parse_expression
from sorte_cli.edits.python.placement import insert_lines
from sorte_cli.edits.python.tree import Definition, PythonTree
from sorte_cli.edits.registry import Project, handler_for
from sorte_cli.edits.suggest import did_you_mean, nearest

_ENUM_WORDS = ("Enum", "Flag", "Choices")


def set_value(operation: Operation, project: Project) -> Resolution:
    """Set the value of a module constant, a class field or an enum member."""
    tree = project.tree(operation.target.path)
    definition = tree.resolve(operation.target)
    name = _name(tree, definition)
    text = operation.get("value")
    parse_expression(text, f"the value of {definition.name}")
    node = definition.node
    if isinstance(node, cst.FunctionDef | cst.ClassDef):
        raise EditError(
            f"{name} is a {definition.kind}; set_value acts on constants and fields.",
            hint="Use replace_symbol, or change_parameter for a default value.",
        )
    if node.value is None:
        assert isinstance(node, cst.AnnAssign)
        refuse_default_before_required(tree, definition)
        end = tree.outer_span(node.annotation.annotation)[1]
        edit = SpanEdit(tree.path, end, end, f" = {text}")
        return Resolution((edit,), f"Set {name} to {text}.")
    value = _value_of(tree, definition, node)
    start, end = tree.outer_span(value)
    old = " ".join(tree.source.text[start:end].split())
    if tree.source.text[start:end] == text:
        return Resolution((), f"{name} is {text} already.")
    edit = SpanEdit(tree.path, start, end, text)
    return Resolution((edit,), f"Set {name} to {text} (was {_short(old)}).")


def _value_of(
    tree: PythonTree, definition: Definition, node: cst.Assign | cst.AnnAssign | cst.TypeAlias
) -> cst.BaseExpression:
    """The expression that gives this one name its value."""
    value = node.value
    assert value is not None
    if not isinstance(node, cst.Assign):
        return value
    name = _name(tree, definition)
    if len(node.targets) > 1:
        raise EditError(
            f"{name} is set together with other names (line {tree.line(node)}).",
            hint="Use replace_statement to set them apart.",
        )
    target = node.targets[0].target
    if isinstance(target, cst.Name):
        return value
    if isinstance(target, cst.Tuple | cst.List) and isinstance(value, cst.Tuple | cst.List):
        pairs = list(zip(target.elements, value.elements, strict=False))
        starred = any(
            isinstance(e, cst.StarredElement) for e in (*target.elements, *value.elements)
        )
        if not starred and len(target.elements) == len(value.elements):
            for left, right in pairs:
                if left.value is definition.name_node:
                    return right.value
    raise EditError(
        f"{name} takes its value from unpacking (line {tree.line(node)}).",
        hint="Use replace_statement.",
    )


def add_entry(operation: Operation, project: Project) -> Resolution:
    """Add an entry to the dict, list, set, tuple, call or enum that a symbol holds."""
    tree = project.tree(operation.target.path)
    definition = tree.resolve(operation.target)
    key, value = operation.get("key"), operation.get("value")
    if isinstance(definition.node, cst.ClassDef):
        return _add_member(tree, definition, definition.node, key, value)
    name = _name(tree, definition)
    held = _held_value(tree, definition)
    parse_expression(value, "the value of the entry")
    if key:
        parse_expression(key, "the key of the entry")
    if maker := empty_call(held):
        assert held is not None
        edit = SpanEdit(tree.path, *tree.outer_span(held), _first_of(maker, key, value, name))
        return Resolution((edit,), f"Added {_entry_words(key, value)} to {name}.")
    container = container_of(tree, held)
    if container is None:
        raise _not_a_container(name, tree, held)
    entry, identifying = _entry(container, key, value, name)
    if container.kind != "list" or not isinstance(identifying, cst.BaseNumber):
        refuse_existing(container, identifying, name)
    index = _sorted_place(container, identifying) if definition.name == "__all__" else None
    edits = container.insert(entry, index)
    return Resolution(tuple(edits), f"Added {_entry_words(key, value)} to {name}.")


def remove_entry(operation: Operation, project: Project) -> Resolution:
    """Remove the entry with a key (dict, enum, keywords) or a value (list, set, tuple)."""
    tree = project.tree(operation.target.path)
    definition = tree.resolve(operation.target)
    name = _name(tree, definition)
    text = operation.get("entry")
    wanted = parse_expression(text, "the entry to remove")
    if isinstance(definition.node, cst.ClassDef):
        member = wanted.value if isinstance(wanted, cst.Name) else text.strip("'\"")
        address = Address(tree.path, f"{definition.qualified_name}.{member}")
        resolved = handler_for("delete")(Operation("delete", address), project)
        return Resolution(resolved.edits, f"Removed {member} from {name}.", resolved.possible)
    held = _held_value(tree, definition)
    container = container_of(tree, held)
    if container is None:
        raise _not_a_container(name, tree, held)
    keys = [container.key(element) for element in container.elements]
    found = [
        i for i, key in enumerate(keys) if key is not None and identity(key) == identity(wanted)
    ]
    if not found and container.kind in ("dict", "call"):
        # The value names the entry where it is the only one of that value.
        found = [
            i
            for i, element in enumerate(container.elements)
            if identity(element.value) == identity(wanted)
        ]
    if len(found) != 1:
        shown = [tree.text(key) for key in keys if key is not None]
        count = f"{len(found)} entries" if found else "no entry"
        raise EditError(
            f"{name} has {count} {text}.",
            hint=did_you_mean(nearest(text, shown)) or f"It has: {', '.join(shown[:8])}.",
        )
    return Resolution(tuple(container.remove(found[0])), f"Removed {text} from {name}.")


def refuse_default_before_required(tree: PythonTree, definition: Definition) -> None:
    """Raise EditError where a default would stand before dataclass fields that have none."""
    owner = definition.parent.node if definition.parent else None
    if not isinstance(owner, cst.ClassDef) or not is_positional_dataclass(tree, owner):
        return
    fields = [d for d in tree.definitions if d.parent is definition.parent and d.kind == "field"]
    later = fields[fields.index(definition) + 1 :]
    required = [f for f in later if isinstance(f.node, cst.AnnAssign) and f.node.value is None]
    if required:
        raise EditError(
            f"{_name(tree, definition)} cannot have a default: the field "
            f"{required[0].name!r} after it has none.",
            hint="Give the later fields defaults too, or move this one behind them.",
        )


def is_positional_dataclass(tree: PythonTree, node: cst.ClassDef) -> bool:
    """Whether the order of a class's fields is the order of its constructor's parameters."""
    for decorator in node.decorators:
        code = tree.text(decorator.decorator)
        if code.split("(")[0].rpartition(".")[2] == "dataclass":
            return "kw_only=True" not in code.replace(" ", "")
    return any(tree.text(base.value).endswith("NamedTuple") for base in node.bases)


# --- entries -------------------------------------------------------------------------------------


def _held_value(tree: PythonTree, definition: Definition) -> cst.BaseExpression | None:
    node = definition.node
    if isinstance(node, cst.FunctionDef | cst.ClassDef):
        raise EditError(
            f"{_name(tree, definition)} is a {definition.kind}, which holds no entries.",
            hint="Name a constant or field that holds a dict, list, set or tuple.",
        )
    return None if node.value is None else _value_of(tree, definition, node)


def _not_a_container(name: str, tree: PythonTree, held: cst.BaseExpression | None) -> EditError:
    shown = _short(" ".join(tree.text(held).split())) if held is not None else "nothing"
    return EditError(
        f"{name} holds {shown}, which is no single dict, list, set or tuple.",
        hint="Use set_value or replace_statement.",
    )


def _entry(container: Container, key: str, value: str, name: str) -> tuple[str, cst.BaseExpression]:
    """The text of a new entry in the style of its neighbours, and what identifies it."""
    others = container.elements
    value_tree = parse_expression(value, "the value of the entry")
    key_tree = parse_expression(key, "the key of the entry") if key else None
    value = like_quotes(value, value_tree, others)
    if container.kind in ("dict", "call"):
        if key_tree is None:
            raise EditError(
                f"{name} is a {container.kind}: its entries need a key and a value.",
                hint=f'Write: add_entry {name} "key" {value}',
            )
        if container.kind == "call":
            keyword = _keyword(key_tree, name)
            return f"{keyword.value}={value}", keyword
        keys = [e.key for e in others if isinstance(e, cst.DictElement)]
        _refuse_bare_word(container, keys, key_tree, name)
        return f"{like_quotes(key, key_tree, keys or others)}: {value}", key_tree
    if key_tree is None:
        return value, value_tree
    pairs = [e.value for e in others]
    if pairs and all(isinstance(p, cst.Tuple) and len(p.elements) == 2 for p in pairs):
        pair = f"({like_quotes(key, key_tree, others)}, {value})"
        return pair, parse_expression(pair, "the entry")
    raise EditError(
        f"{name} is a {container.kind}: its entries have no key.",
        hint=f"Write: add_entry {name} {value}",
    )


def _refuse_bare_word(
    container: Container, keys: list[cst.BaseExpression], key: cst.BaseExpression, name: str
) -> None:
    """Raise EditError for an unknown name among keys that are strings: its quotes are missing."""
    if not isinstance(key, cst.Name) or not keys:
        return
    if not all(isinstance(known, cst.SimpleString) for known in keys):
        return
    source = container.tree.source
    if not is_known(key.value, source.encode(source.text)):
        raise EditError(
            f"The keys of {name} are strings, and {key.value} is no name of its file.",
            hint=f'Write "{key.value}" in quotes.',
        )


def _keyword(key: cst.BaseExpression, name: str) -> cst.Name:
    if isinstance(key, cst.Name):
        return key
    if isinstance(key, cst.SimpleString) and key.raw_value.isidentifier():
        return cst.Name(key.raw_value)
    raise EditError(f"{name} is a call with keywords; its keys must be names.")


def _first_of(maker: str, key: str, value: str, name: str) -> str:
    """The literal that an empty call becomes with its first entry."""
    if (maker == "dict") != bool(key):
        needed = "a key and a value" if maker == "dict" else "no key"
        raise EditError(f"{name} is a {maker}: its entries need {needed}.")
    return {
        "dict": f"{{{key}: {value}}}",
        "list": f"[{value}]",
        "set": f"{{{value}}}",
        "tuple": f"({value},)",
        "frozenset": f"frozenset({{{value}}})",
    }[maker]


def _sorted_place(container: Container, new: cst.BaseExpression) -> int | None:
    """Where a name belongs in a list of names that is sorted; None: at the end."""
    names = [identity(container.key(element)) for element in container.elements]
    added = identity(new)
    if len(names) < 2 or not isinstance(added, str):
        return None
    texts = [name for name in names if isinstance(name, str)]
    orders: tuple[Callable[[str], tuple[int, str]], ...] = (lambda text: (0, text), _isort_key)
    for order in orders:
        keys = [order(text) for text in texts]
        if len(texts) == len(names) and keys == sorted(keys):
            return bisect_left(keys, order(added))
    return None


def _isort_key(name: str) -> tuple[int, str]:
    """The order that ruff and isort give `__all__`: CONSTANTS, Classes, functions."""
    if name.isupper() and len(name) > 1:
        return 0, name
    return (1, name) if name[:1].isupper() else (2, name)


def _add_member(
    tree: PythonTree, definition: Definition, node: cst.ClassDef, key: str, value: str
) -> Resolution:
    """Add a member to an enum, after the last one."""
    name = _name(tree, definition)
    bases = [tree.text(base.value) for base in node.bases]
    if not any(word in base for base in bases for word in _ENUM_WORDS):
        raise EditError(
            f"{name} is a class but no enum.", hint="Use add_symbol to add a field or method."
        )
    members = [
        d for d in tree.definitions if d.parent is definition and isinstance(d.node, cst.Assign)
    ]
    if not key:
        key, _, value = (part.strip() for part in value.partition("="))
        automatic = [m for m in members if m.value and tree.text(m.value).endswith("auto()")]
        if not value and members and len(automatic) == len(members):
            value = tree.text(automatic[-1].value) if automatic[-1].value else "auto()"
    member = key.strip("'\"")
    if not member.isidentifier() or not value:
        raise EditError(
            f"A member of {name} needs a name and a value.",
            hint=f'Write: add_entry {name} NAME "value"',
        )
    parsed = parse_expression(value, f"the value of {member}")
    if any(d.name == member and d.parent is definition for d in tree.definitions):
        raise EditError(f"{name} already has {member}.", hint="Use set_value to change it.")
    value = like_quotes(value, parsed, [m.node for m in members])
    edit = _insert_member(tree, node, members, f"{member} = {value}\n")
    return Resolution((edit,), f"Added {member} = {value} to {name}.")


def _insert_member(
    tree: PythonTree, node: cst.ClassDef, members: list[Definition], line: str
) -> SpanEdit:
    from sorte_cli.edits.python.symbol_ops import add_to_class

    if not members:
        return add_to_class(tree, node, line)
    last = members[-1].statement
    if not isinstance(last, cst.SimpleStatementLine):
        return add_to_class(tree, node, line)
    start, end = tree.statement_span(last)
    return insert_lines(tree.source, end, tree.indent_at(start) + line)


def _name(tree: PythonTree, definition: Definition) -> str:
    return f"{tree.path}::{definition.qualified_name}"


def _entry_words(key: str, value: str) -> str:
    return f"{key}: {value}" if key else value


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
