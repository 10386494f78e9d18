"""`set_key`, `delete_key` and `add_item`: keys of data files by their path (`tool.ruff.lint[0]`).

Parts are separated by dots; a part that holds dots may be quoted, and is also found as it stands
where such a key exists. `[2]` is the third item of a list, `[-1]` the last.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from sorte_cli.edits.kinds import data_format
from sorte_cli.edits.model import EditError, Operation, Resolution, SpanEdit
from sorte_cli.edits.safety import AST_LIMIT_CHARACTERS
from sorte_cli.edits.source import SourceText
from sorte_cli.edits.suggest import did_you_mean, nearest

if TYPE_CHECKING:
    from sorte_cli.edits.registry import Project

Part = str | int
_PART = re.compile(r"\.?(?:\"([^\"]*)\"|'([^']*)'|\[(-?\d{1,6})\]|([^.\[\]\"']+))")
_MODULES = {
    "json": "json_file",
    "toml": "toml_file",
    "yaml": "yaml_file",
    "env": "line_files",
    "requirements": "line_files",
}


class DataFile(Protocol):
    """One data file under edit. Paths are key paths as `read_path` gives them."""

    def set(self, path: Sequence[Part], value: str) -> tuple[SpanEdit, str]:
        """The edit that gives a key a value, and the old value's text ("" where it is new)."""
        ...

    def delete(self, path: Sequence[Part]) -> SpanEdit:
        """The edit that takes a key and its value away."""
        ...

    def add(self, path: Sequence[Part], value: str) -> SpanEdit:
        """The edit that adds an item to the list at a path."""
        ...


def set_key(operation: Operation, project: Project) -> Resolution:
    """Set the value of a key; a key that is not there yet is added."""
    source, path, name = _read(operation, project)
    value = operation.get("value")
    edit, old = _open(source).set(path, value)
    if source.text[edit.start : edit.end] == edit.text:
        return Resolution((), f"{name} is {_short(value)} already.")
    did = f"Set {name} to {_short(value)} (was {_short(old)})" if old else f"Added {name}"
    return Resolution((edit,), f"{did}.")


def delete_key(operation: Operation, project: Project) -> Resolution:
    """Delete a key with its value, or an item of a list."""
    source, path, name = _read(operation, project)
    if not path:
        raise EditError(f"{name} names no key.", hint=f"Write: delete_key {source.path}::KEY")
    return Resolution((_open(source).delete(path),), f"Deleted {name}.")


def add_item(operation: Operation, project: Project) -> Resolution:
    """Add an item to the end of a list."""
    source, path, name = _read(operation, project)
    value = operation.get("value")
    edit = _open(source).add(path, value)
    return Resolution((edit,), f"Added {_short(value)} to {name}.")


def _read(operation: Operation, project: Project) -> tuple[SourceText, list[Part], str]:
    address = operation.target
    source = project.source(address.path)
    name = f"{address.path}::{address.symbol}" if address.symbol else address.path
    if data_format(address.path) in ("env", "requirements"):
        return source, [address.symbol] if address.symbol else [], name
    return source, read_path(address.symbol), name


def _open(source: SourceText) -> DataFile:
    form = data_format(source.path)
    if form not in _MODULES:
        raise EditError(
            f"{source.path} has no keys that Sorte knows.", hint="Use replace_text for it."
        )
    if len(source.text) > AST_LIMIT_CHARACTERS:
        raise EditError(
            f"{source.path} is too large to be parsed.", hint="Use replace_text for it."
        )
    module = import_module(f"{__package__}.{_MODULES[form]}")
    opened: DataFile = module.open_file(source, form)
    return opened


def read_path(text: str) -> list[Part]:
    """`tool.x[0]."a.b"` as ["tool", "x", 0, "a.b"]. Raises EditError where it is malformed."""
    parts: list[Part] = []
    position = 0
    while position < len(text):
        match = _PART.match(text, position)
        if match is None or (position and text[position] not in ".["):
            raise EditError(
                f"The key {text!r} is malformed.",
                hint='Write parts with dots, items with [0]: tool.ruff.lint, steps[0]."a.b".',
            )
        double, single, index, bare = match.groups()
        if index is not None:
            parts.append(int(index))
        else:
            parts.append(next(p for p in (double, single, bare) if p is not None))
        position = match.end()
    return parts


def written(path: Sequence[Part]) -> str:
    """A key path as people write it."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            shown = f'"{part}"' if re.search(r"[.\[\]\s]", part) or not part else part
            text += f".{shown}" if text else shown
    return text


def joined(path: Sequence[Part], known: Sequence[str]) -> tuple[str, int]:
    """The first key of a path, and how many parts it takes: keys may hold dots themselves."""
    for count in range(len(path), 0, -1):
        parts = [p for p in path[:count] if isinstance(p, str)]
        if len(parts) == count and ".".join(parts) in known:
            return ".".join(parts), count
    first = path[0]
    return (first, 1) if isinstance(first, str) else ("", 0)


def no_key(source: SourceText, path: Sequence[Part], known: Sequence[str]) -> EditError:
    """The error for a key that is not there, with the nearest names."""
    last = str(path[-1])
    names = nearest(last, known)
    shown = ", ".join(known[:10])
    return EditError(
        f"{source.path} has no key {written(path)!r}.",
        hint=did_you_mean(names) or (f"There are: {shown}." if known else "It is empty there."),
    )


def python_literal(value: str) -> str | None:
    """JSON for what a Python writer means: True, None, 'text'; None where it is neither."""
    plain = {"True": "true", "False": "false", "None": "null"}.get(value.strip())
    if plain:
        return plain
    match = re.fullmatch(r"'((?:[^'\\]|\\.)*)'", value.strip())
    return json.dumps(match[1], ensure_ascii=False) if match else None


def item(items: Sequence[object], index: int, source: SourceText, path: Sequence[Part]) -> int:
    """A list index counted from the front. Raises EditError where there is no such item."""
    at = index + len(items) if index < 0 else index
    if not 0 <= at < len(items):
        raise EditError(
            f"{source.path} has no item {written(path)!r}.",
            hint=f"The list has {len(items)} item{'s' * (len(items) != 1)}, counted from [0].",
        )
    return at


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else f"{flat[:57]}..."
