"""The strings of `__all__`: one more, or one less."""

from __future__ import annotations

import libcst as cst

from sorte_cli.edits.model import SpanEdit
from sorte_cli.edits.python.comma_lists import Item, insert_item, remove_items
from sorte_cli.edits.python.scopes import ModuleFacts

_Listing = cst.List | cst.Tuple | cst.Set


def _listings(facts: ModuleFacts) -> list[_Listing]:
    binding = facts.root.bindings.get("__all__")
    values = [d.value for d in binding.definitions] if binding is not None else []
    return [v for v in values if isinstance(v, cst.List | cst.Tuple | cst.Set)]


def _items(facts: ModuleFacts, listing: _Listing) -> list[Item]:
    return [Item(*facts.tree.outer_span(e.value), e.value) for e in listing.elements]


def _names(listing: _Listing) -> list[str]:
    return [
        e.value.raw_value if isinstance(e.value, cst.SimpleString) else "" for e in listing.elements
    ]


def add_export_edits(facts: ModuleFacts, name: str, beside: str = "") -> list[SpanEdit]:
    """Add a name to `__all__`: in order where it is sorted, else after `beside`, else at the end.

    With `beside`, nothing is added where that name is not exported. None without an `__all__`.
    """
    for listing in _listings(facts):
        names = _names(listing)
        if name in names or (beside and beside not in names):
            continue
        place = names.index(beside) + 1 if beside else len(names)
        if names == sorted(names):
            place = len([n for n in names if n < name])
        quote = next(
            (e.value.quote for e in listing.elements if isinstance(e.value, cst.SimpleString)), '"'
        )
        opening = facts.span(listing)[0] + 1
        items = _items(facts, listing)
        return insert_item(facts.tree, items, place, f"{quote}{name}{quote}", opening)
    return []


def remove_export_edits(facts: ModuleFacts, name: str) -> list[SpanEdit]:
    """Take a name out of `__all__`."""
    edits: list[SpanEdit] = []
    for listing in _listings(facts):
        gone = {i for i, n in enumerate(_names(listing)) if n == name}
        if gone:
            edits += remove_items(facts.tree, _items(facts, listing), gone)
    return edits
