"""What each verb can act on, and what of it a sentence speaks of."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from sorte_cli.agent import families, grounding, intents, naming, reshaping
from sorte_cli.agent.families import is_collection
from sorte_cli.agent.grounding import Mentions
from sorte_cli.agent.joining import asks_for_sibling, joining
from sorte_cli.agent.signatures import parameters
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
    "add_entry": ("constant", "class", "field"),
    "replace_text": ("file",),
}
"""Which kinds of symbol each verb can act on."""

_RESHAPING: Mapping[str, tuple[str, ...]] = {
    "move": ("class", "function", "constant"),
    "move_file": ("file",),
    "delete_file": ("file",),
    "remove_parameter": _FUNCTIONS,
    "remove_decorator": ("class", "function", "method"),
    "remove_entry": ("constant", "field"),
    "remove_import": ("file",),
}

COMPACT_VERBS = (
    "rename",
    "clone",
    "add_parameter",
    "change_parameter",
    "insert_before",
    "add_import",
    "add_entry",
    "set_value",
    "delete",
    "delete_file",
    "move",
    "move_file",
    "remove_parameter",
    "set_return_type",
    "add_decorator",
    "remove_decorator",
    "set_docstring",
    "remove_entry",
    "remove_import",
    "add_symbol",
)
"""What the compact profile plans with: edits of one or two lines."""

_ANY_LANGUAGE = frozenset(
    {
        "rename", "clone", "set_value", "add_entry", "add_import", "delete", "delete_file",
        "remove_entry", "move_file",
    }
)  # fmt: skip


def candidates(verb: str, symbols: Sequence[Symbol]) -> tuple[Symbol, ...]:
    """The symbols that `verb` can act on."""
    kinds = TARGET_KINDS.get(verb) or _RESHAPING.get(verb, (*_SYMBOLS, "file"))
    fitting = tuple(s for s in symbols if s.kind in kinds)
    if verb not in _ANY_LANGUAGE:
        fitting = tuple(s for s in fitting if s.path.endswith((".py", ".pyi"))) or fitting
    if verb == "add_entry":
        return tuple(s for s in fitting if is_collection(s.detail) or is_enum(s))
    if verb == "remove_entry":
        return tuple(s for s in fitting if is_collection(s.detail))
    if verb == "set_value":
        return tuple(s for s in fitting if not is_collection(s.detail)) or fitting
    return fitting


def grounded(
    verb: str, fitting: Sequence[Symbol], symbols: Sequence[Symbol], mentions: Mentions
) -> tuple[Symbol, ...]:
    """Those of the `fitting` that the sentence speaks of. What may be cloned is narrowed for files
    and symbols apart, because a new sibling often needs one of each: the thing and its test."""
    if verb == "add_entry" and intents.takes_away(symbols, mentions):
        held = {s.address for s in fitting if _part_goes(s, mentions)}
        fitting = [s for s in fitting if s.address not in held]
    if verb == "add_parameter":
        fitting = [s for s in fitting if _takes_new(s, mentions)]
    if verb in _NEEDS:
        return _reshaped(verb, fitting, symbols, mentions)
    if verb != "clone":
        return grounding.narrow(fitting, mentions)
    others = _patterns([s for s in fitting if s.kind != "file"], mentions)
    patterns = families.narrow_patterns(others, mentions)
    if called := joining(symbols, mentions):
        patterns = called.patterns
    elif asks_for_sibling(symbols, mentions) and not _known(patterns, symbols, mentions):
        # "a new notification channel" names no pattern, whatever else is called get_channel.
        registered = [s for s in others if families.registries_of(s, symbols)]
        patterns = families.narrow_patterns(registered, mentions) or patterns
    files = [s for s in fitting if s.kind == "file"]
    # Of a file whose class or function is the pattern, that symbol is copied, not the file.
    written = {*mentions.code, *mentions.quoted}
    homes = {s.path for s in patterns}
    apart = [f for f in files if f.path not in homes or {f.path, f.name} & written]
    return (*patterns, *families.narrow_patterns(apart, mentions))


def _known(patterns: Sequence[Symbol], symbols: Sequence[Symbol], mentions: Mentions) -> bool:
    """Whether one of the patterns stands in a registry, or is named beyond doubt."""
    return any(
        families.registries_of(p, symbols)
        or grounding.strength(p, mentions) >= grounding.EXACT
        or {p.name} & {*mentions.tokens, *mentions.quoted}
        for p in patterns
    )


def _takes_new(s: Symbol, mentions: Mentions) -> bool:
    return reshaping.adds_parameter([p for p, _ in parameters(s.detail)], s, mentions)


def _held(s: Symbol, symbols: Sequence[Symbol], mentions: Mentions) -> bool:
    """Whether a collection that the sentence names holds the symbol: "take X from the list Y"."""
    return any(
        c.kind == "constant"
        and s.name in reshaping.elements(c.detail)
        and grounding.strength(c, mentions) >= grounding.WORD
        for c in symbols
    )


def _part_goes(s: Symbol, mentions: Mentions) -> bool:
    """Whether only a part of the symbol is to go: an entry of a collection, a parameter."""
    if s.kind in _FUNCTIONS:
        own = [p for p, _ in parameters(s.detail)]
        named = reshaping.named_parameters(own, s, mentions)
        return bool(named) and reshaping.parts_from(named, mentions)
    return is_collection(s.detail) and bool(
        reshaping.entries(reshaping.elements(s.detail), mentions)
    )


def _gone_parameters(s: Symbol, symbols: Sequence[Symbol], mentions: Mentions) -> Sequence[str]:
    own = [p for p, _ in parameters(s.detail)]
    return reshaping.named_parameters(own, s, mentions)


_NEEDS: Mapping[str, Callable[[Symbol, Sequence[Symbol], Mentions], Sequence[str]]] = {
    "delete": lambda s, symbols, mentions: (
        () if _held(s, symbols, mentions) or _part_goes(s, mentions) else (s.name,)
    ),
    "delete_file": lambda s, symbols, mentions: (s.name,),
    "move": reshaping.destinations,
    "move_file": reshaping.new_places,
    "remove_parameter": _gone_parameters,
    "set_return_type": lambda s, symbols, mentions: reshaping.said_types(mentions, symbols),
    "add_decorator": lambda s, symbols, mentions: reshaping.decorators(
        mentions, naming.known_names(symbols), s
    ),
    "remove_decorator": lambda s, symbols, mentions: reshaping.decorators(
        mentions, naming.known_names(symbols), s
    ),
    "set_docstring": lambda s, symbols, mentions: (
        () if s.kind == "file" else reshaping.docstrings(mentions, naming.known_names(symbols))
    ),
    "remove_entry": lambda s, symbols, mentions: reshaping.entries(
        reshaping.elements(s.detail), mentions
    ),
    "remove_import": lambda s, symbols, mentions: reshaping.statements(s, mentions),
    "add_symbol": lambda s, symbols, mentions: (
        () if s.kind != "class" or is_enum(s) else reshaping.fields(s, symbols, mentions)
    ),
}
"""What the answers of a verb are made of; a target without any cannot be meant."""


def _reshaped(
    verb: str, fitting: Sequence[Symbol], symbols: Sequence[Symbol], mentions: Mentions
) -> tuple[Symbol, ...]:
    """Targets that the sentence names and says enough about."""
    named = [s for s in fitting if grounding.strength(s, mentions)]
    able = [s for s in named if _NEEDS[verb](s, symbols, mentions)]
    return grounding.narrow(able, mentions)


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


def is_enum(symbol: Symbol) -> bool:
    return symbol.kind == "class" and bool(re.search(r"(Enum|Flag)\)|(Enum|Flag),", symbol.detail))
