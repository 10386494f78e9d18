"""Which verbs a sentence is likely to mean, by a small linear model over its words.

Trained by `training/verbs.py` on the sentences that nano learns from, and independent of nano: it
sees the words around the names, and what kind of thing each name is, in no order but that of
neighbours. Weights are in `likely_verbs.bin`: for each of `BUCKETS` hashed features one signed byte
for each verb, in the order of `VERBS`.
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

from sorte_cli.agent.grounding import COMMON, Mentions, fold, looks_like_code, split_words
from sorte_cli.agent.number_words import spoken_numbers
from sorte_cli.agent.signatures import parameters
from sorte_cli.context.words import glossary, stem
from sorte_cli.domain import Symbol
from sorte_cli.errors import EnvironmentFailure

VERBS = (
    "rename", "clone", "add_parameter", "change_parameter", "insert_before", "add_import",
    "add_entry", "set_value", "delete", "delete_file", "move", "move_file", "remove_parameter",
    "set_return_type", "add_decorator", "remove_decorator", "set_docstring", "remove_entry",
    "remove_import", "add_symbol",
)  # fmt: skip
BUCKETS = 1 << 15
_FILE = Path(__file__).with_name("likely_verbs.bin")
_PARTS = re.compile(
    r"`(?P<a>[^`]+)`|\"(?P<b>[^\"]+)\"|“(?P<c>[^”]+)”|(?<!\w)'(?P<d>[^']+)'(?!\w)|"
    r"(?P<number>(?<![\w.,])(?:R?\$ ?)?-?\d(?:[\d_.,]*\d)?%?(?!\w))|"
    r"(?P<word>@?[^\W\d][\w.]*(?:[/-][\w./-]+)*(?:\(\))?)|(?P<mark>->|=>|→|[=:?+@()|\[\]])"
)
_NEW_FILE = re.compile(
    r"[\w./-]*\.(?:py|pyi|php|js|ts|tsx|jsx|vue|md|toml|json|ya?ml)|\w+(?:/\w+)+/?"
)
_TYPES = frozenset(
    {
        "int", "str", "float", "bool", "bytes", "dict", "list", "set", "tuple", "none", "object",
        "any", "path", "decimal", "date", "datetime", "string", "integer", "number", "boolean",
        "inteiro", "texto", "booleano", "lista",
    }
)  # fmt: skip


def likely(symbols: Sequence[Symbol], mentions: Mentions) -> Mapping[str, float]:
    """How probable each verb is by itself, 0 to 1: several can be, or none."""
    return _chances(tuple(symbols), mentions.text)


@lru_cache(maxsize=64)
def _chances(symbols: tuple[Symbol, ...], text: str) -> Mapping[str, float]:
    weights = _weights()
    width = len(VERBS)
    sums = [0.0] * width
    found = features(symbols, text)
    for feature in found:
        row = weights.rows[feature * width : (feature + 1) * width]
        for place, weight in enumerate(row):
            sums[place] += weight
    scale = weights.scale / math.sqrt(len(found) or 1)
    return {
        verb: 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, scale * total + bias))))
        for verb, total, bias in zip(VERBS, sums, weights.biases, strict=True)
    }


def features(symbols: Sequence[Symbol], text: str) -> list[int]:
    """The hashed features of a sentence, each once, in no order that matters."""
    described = _described(symbols, text)
    words = ["^", *_normal(symbols, _in_figures(text), described), "$"]
    said = set(words)
    said.update(f"{a} {b}" for a, b in pairwise(words))
    said.update(f"{a} * {b}" for a, b in zip(words, words[2:], strict=False))
    said.update(f"{w[:5]}*" for w in words if len(w) > 5)
    names = [w for w in words if w.startswith("§")]
    said.add("§§ " + " ".join(names[:6]))
    said.update(f"§& {a} {b}" for a, b in pairwise(names))
    hints = {w: hint for w in words if w[:1] != "§" and (hint := described.hint(w))}
    said.update(f"~{hint}" for hint in hints.values())
    said.update(f"~{hint} & {name}" for hint in hints.values() for name in names)
    for before, word, after in zip(words, words[1:], words[2:], strict=False):
        if word in hints:
            said.update((f"{before} ~{hints[word]}", f"~{hints[word]} {after}"))
    return sorted({zlib.crc32(s.encode()) % BUCKETS for s in said})


def _in_figures(text: str) -> str:
    """The text with figures for the numbers that it says in words."""
    for number in reversed(spoken_numbers(text)):
        if not any(c.isdigit() for c in text[number.start : number.end]):
            text = f"{text[: number.start]}{number.spellings[0]}{text[number.end :]}"
    return text


@dataclass(frozen=True, slots=True)
class _Described:
    """Symbols that plain words of a sentence may speak of ("the titles" of TITLES), and what kind
    of thing each of these words, by its stem, stands for."""

    symbols: tuple[Symbol, ...]
    kinds: Mapping[str, str]

    def hint(self, word: str) -> str:
        return next((self.kinds[s] for s in _stems(word) if s in self.kinds), "")


def _described(symbols: Sequence[Symbol], text: str) -> _Described:
    said = {s for word in re.findall(r"[^\W\d_]+", fold(text)) for s in _stems(word)}
    found: list[Symbol] = []
    kinds: dict[str, str] = {}
    for symbol in symbols:
        own = {stem(w) for w in split_words(symbol.name) if len(w) > 2 and w not in COMMON}
        met = own & said
        if symbol.kind == "file" or not met or 2 * len(met) < len(own):
            continue
        found.append(symbol)
        kind = _kind(symbol)
        for one in met:
            kinds[one] = kind if kinds.get(one, kind) == kind else "several"
    return _Described(tuple(found), kinds)


@lru_cache(maxsize=4096)
def _stems(word: str) -> tuple[str, ...]:
    """The stem of a word, and those of what it means in the other language."""
    own = stem(word)
    return (own, *glossary().get(own), *glossary().portuguese(own))


def _normal(symbols: Sequence[Symbol], text: str, described: _Described) -> Iterator[str]:
    """The sentence in folded words, with what kind of thing a name is in the name's place."""
    known = _known(symbols, text, described)
    for match in _PARTS.finditer(text):
        if match["number"]:
            yield "§number"
        elif match["mark"]:
            yield match["mark"]
        elif word := match["word"]:
            yield from _word(word, known)
        else:
            quoted = next(q for q in match.group("a", "b", "c", "d") if q)
            bare = quoted.removesuffix("()").strip()
            if bare.startswith(("import ", "from ")):
                yield "§import"
            else:
                yield _sort(bare, known) or "§text"


def _word(word: str, known: Mapping[str, str]) -> Iterator[str]:
    bare = word.removesuffix("()").rstrip(".-/")
    if sort := _sort(bare, known):
        yield sort
    else:
        yield from fold(bare).replace("-", " ").split()


def _sort(bare: str, known: Mapping[str, str]) -> str:
    """What stands for a name, a type, a file or other code; "" for a plain word."""
    if bare in known:
        return known[bare]
    if bare.startswith("@"):
        return "@"
    if fold(bare) in _TYPES:
        return "§type"
    if _NEW_FILE.fullmatch(bare):
        return "§newfile"
    return "§code" if looks_like_code(bare) else ""


def _known(symbols: Sequence[Symbol], text: str, described: _Described) -> dict[str, str]:
    """What the names of the symbols stand for, and those of the parts (parameters, entries) of the
    symbols that the text names."""
    words = {w.rstrip(".") for w in re.findall(r"[\w.]+", text)}
    found: dict[str, str] = {}
    for symbol in symbols:
        spoken = symbol.name in words or symbol.qualified_name in words
        if spoken or symbol in described.symbols:
            for name in _parts(symbol):
                found[name] = "§part"
    for symbol in symbols:
        kind = f"§{_kind(symbol)}"
        for name in (symbol.name, symbol.qualified_name, symbol.address, symbol.path):
            if name and (symbol.kind == "file" or name != symbol.path):
                found[name] = kind
    return found


def _kind(symbol: Symbol) -> str:
    if symbol.kind in ("constant", "field"):
        return _value_kind(symbol.detail)
    return "function" if symbol.kind == "method" else symbol.kind


def _parts(symbol: Symbol) -> list[str]:
    if symbol.kind in ("function", "method"):
        return [name for name, _ in parameters(symbol.detail) if name not in ("self", "cls")]
    value = symbol.detail.partition("=")[2].strip()
    return re.findall(r"[\"']([^\"']+)[\"']", value) if value[:1] in tuple("{[(") else []


def _value_kind(detail: str) -> str:
    value = detail.partition("=")[2].strip()
    if value[:1] in tuple("{[(") or re.match(r"(?:dict|list|set|tuple|frozenset)\(", value):
        return "collection"
    return "switch" if value in ("True", "False", "true", "false") else "value"


class _Weights:
    """The trained model: `rows` in bytes, what one of them is worth, and each verb's bias."""

    def __init__(self, raw: bytes) -> None:
        head, _, body = raw.partition(b"\n")
        self.scale, *self.biases = (float(n) for n in head.split())
        if len(self.biases) != len(VERBS) or len(body) != BUCKETS * len(VERBS):
            raise ValueError("of another size")
        self.rows = memoryview(body).cast("b")


def read_weights(path: Path) -> _Weights:
    """The weights in a file. Raises EnvironmentFailure where it is not as it was shipped."""
    try:
        return _Weights(zlib.decompress(path.read_bytes()))
    except (OSError, ValueError, zlib.error) as error:
        raise EnvironmentFailure(
            f"a part of Sorte is damaged: {path.name} ({error})", hint="install Sorte again"
        ) from error


@cache
def _weights() -> _Weights:
    return read_weights(_FILE)
