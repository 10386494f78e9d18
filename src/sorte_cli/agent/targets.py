"""What each verb can act on, and what of it a sentence speaks of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sorte_cli.agent import families, grounding
from sorte_cli.agent.grounding import Mentions
from sorte_cli.domain import Symbol

_FUNCTIONS = ("function", "method")
_SYMBOLS = ("class", "function", "method", "constant", "field")

TARGET_KINDS: Mapping[str, tuple[str, ...]] = {
    "rename": _SYMBOLS,
    "clone": ("class", "function", "file"),
    "delete": _SYMBOLS,
    "add_parameter": _FUNCTIONS,
    "change_parameter": _FUNCTIONS,
    "set_return_type": _FUNCTIONS,
    "add_decorator": ("class", "function", "method"),
    "set_docstring": ("class", "function", "method", "file"),
    "add_import": ("file",),
    "insert_before": _FUNCTIONS,
    "insert_after": _FUNCTIONS,
    "replace_statement": _FUNCTIONS,
    "delete_statement": _FUNCTIONS,
    "replace_symbol": ("class", "function", "method"),
    "add_symbol": ("file", "class"),
    "set_value": ("constant", "field"),
    "add_entry": ("constant", "class"),
    "replace_text": ("file",),
}
"""Which kinds of symbol each verb can act on."""

COMPACT_VERBS = (
    "rename",
    "clone",
    "add_parameter",
    "change_parameter",
    "insert_before",
    "add_import",
    "add_entry",
    "set_value",
)
"""What the compact profile plans with: edits of one or two lines."""


def candidates(verb: str, symbols: Sequence[Symbol]) -> tuple[Symbol, ...]:
    """The symbols that `verb` can act on."""
    kinds = TARGET_KINDS.get(verb, (*_SYMBOLS, "file"))
    fitting = tuple(s for s in symbols if s.kind in kinds)
    if verb == "add_entry":
        return tuple(s for s in fitting if is_collection(s.detail) or _is_enum(s))
    if verb == "set_value":
        return tuple(s for s in fitting if not is_collection(s.detail)) or fitting
    return fitting


def grounded(verb: str, symbols: Sequence[Symbol], mentions: Mentions) -> tuple[Symbol, ...]:
    """The candidates that the sentence speaks of. What may be cloned is narrowed for files and
    symbols apart, because a new sibling often needs one of each: the thing and its test."""
    if verb != "clone":
        return grounding.narrow(symbols, mentions)
    others = _patterns([s for s in symbols if s.kind != "file"], mentions)
    patterns = families.narrow_patterns(others, mentions)
    files = [s for s in symbols if s.kind == "file"]
    # Of a file whose class or function is the pattern, that symbol is copied, not the file.
    written = {*mentions.code, *mentions.quoted}
    homes = {s.path for s in patterns}
    apart = [f for f in files if f.path not in homes or {f.path, f.name} & written]
    return (*patterns, *families.narrow_patterns(apart, mentions))


def _patterns(symbols: Sequence[Symbol], mentions: Mentions) -> list[Symbol]:
    """Without what is no pattern unless it is written out: bases of others ("a payment method"
    names the kind of thing) and single tests (their file is the pattern)."""
    written = {*mentions.code, *mentions.quoted}
    bases = {base for s in symbols for base in re.findall(r"\w+", s.detail) if s.kind == "class"}
    kept = [
        s
        for s in symbols
        if s.name in written or not (s.name in bases or s.name.lower().startswith("test"))
    ]
    return kept or list(symbols)


def is_collection(detail: str) -> bool:
    value = detail.partition("=")[2].strip()
    return value[:1] in ("{", "[", "(") or bool(
        re.match(r"(?:dict|list|set|tuple|frozenset|OrderedDict|defaultdict)\(", value)
    )


def _is_enum(symbol: Symbol) -> bool:
    return symbol.kind == "class" and bool(re.search(r"(Enum|Flag)\)|(Enum|Flag),", symbol.detail))
