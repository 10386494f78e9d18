"""Questions about one name: where it is used, and what is like it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sorte_cli.context import store, words
from sorte_cli.context.analysis import decode
from sorte_cli.context.languages import TEMPLATES, is_test, language_of
from sorte_cli.context.view import View
from sorte_cli.domain import Symbol

LINE_LIMIT = 200
TERMS_COMPARED = 24
CANDIDATES_READ = 40
Reader = Callable[[str], bytes | None]


@dataclass(frozen=True, slots=True)
class Reference:
    """A line that mentions a name. `inside` is the address of the definition it stands in ("" at
    the top of a file); `defines` is set where the line is the definition itself.
    """

    path: str
    line: int
    text: str
    inside: str = ""
    defines: bool = False


def references(view: View, read: Reader, name: str, limit: int = 1_000) -> tuple[Reference, ...]:
    """Every line of live files that mentions the identifier, in path and line order."""
    last = re.split(r"::|[.#@]", name)[-1] if name else ""
    if not last:
        return ()
    spellings = re.escape(last)
    paths = set(view.mentioning(last))
    if tag := _tag_of(last):
        # A component is `PixPayment` in code and `<pix-payment>` in templates.
        spellings = f"(?:{spellings}|(?<=[</]){re.escape(tag)}|(?<=<x-){re.escape(tag)})"
        paths |= {p for p in view.mentioning_all(tag.split("-")) if language_of(p) in TEMPLATES}
    pattern = re.compile(
        rf"(?<![\w]){spellings}(?![\w-])" if tag else rf"(?<![\w]){spellings}(?![\w])"
    )
    found: list[Reference] = []
    for path in sorted(paths):
        data = read(path)
        if data is None:
            continue
        symbols = view.symbols(path)
        for number, line in enumerate(decode(data).split("\n"), 1):
            if pattern.search(line):
                found.append(_reference(path, number, line, last, symbols))
                if len(found) >= limit:
                    return tuple(found)
    return tuple(found)


def _tag_of(name: str) -> str:
    """The tag of a component: `PixPayment` -> "pix-payment"; "" where the name can be none."""
    pieces = words.split_words(name)
    is_class_like = name[:1].isupper() and name.isalnum() and not name.isupper()
    return "-".join(pieces) if is_class_like and len(pieces) > 1 else ""


def _reference(
    path: str, number: int, line: str, name: str, symbols: Iterable[Symbol]
) -> Reference:
    around = [s for s in symbols if s.line <= number <= s.end_line]
    inner = max(around, key=lambda s: (s.line, -s.end_line), default=None)
    defines = inner is not None and inner.name == name and _is_head(line, name)
    return Reference(
        path, number, line.strip()[:LINE_LIMIT], inner.address if inner else "", defines
    )


def _is_head(line: str, name: str) -> bool:
    """Whether a line of a definition is the one that names it."""
    keywords = r"(?:def|class|function|func|fn|struct|enum|trait|interface|type|const|let|var)"
    return bool(re.search(rf"\b{keywords}\s+(?:\([^)]*\)\s*)?{re.escape(name)}\b", line)) or bool(
        re.match(rf"\s*(?:[\w.<>\[\]]+\s+)*[$]?{re.escape(name)}\s*[:=(]", line)
    )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A definition and what belongs to it. `used` are the lines elsewhere that mention it."""

    symbol: Symbol
    owner: Symbol | None
    members: tuple[Symbol, ...]
    bases: tuple[Symbol, ...]
    derived: tuple[Symbol, ...]
    registries: tuple[Symbol, ...]
    tests: tuple[str, ...]
    used: tuple[Reference, ...]


def surroundings(view: View, read: Reader, address: str) -> Surroundings | None:
    """What the index knows around the definition at `address`; None where there is none."""
    symbol = _at(view, address)
    if symbol is None:
        return None
    inside = view.symbols(symbol.path)
    own, dot = symbol.qualified_name, f"{symbol.qualified_name}."
    owner = next((s for s in inside if s.qualified_name == own.rpartition(".")[0]), None)
    bases = view.links_of(symbol, "base")
    known = view.by_keys([words.key(b) for b in bases])
    mentions = references(view, read, symbol.name)
    outside = [
        r for r in mentions
        if not (r.path == symbol.path and symbol.line <= r.line <= symbol.end_line)
    ]  # fmt: skip
    tests = dict.fromkeys(r.path for r in outside if is_test(r.path))
    return Surroundings(
        symbol,
        owner,
        tuple(s for s in inside if s.qualified_name.startswith(dot)),
        tuple(s for s in known if s.name in bases and s.kind == "class"),
        view.linked(symbol.name, "base") if symbol.kind == "class" else (),
        view.linked(symbol.name, "entry"),
        tuple(tests),
        tuple(r for r in outside if not is_test(r.path)),
    )


def _at(view: View, address: str) -> Symbol | None:
    path, _, qualified = address.partition("::")
    return next((s for s in view.symbols(path) if s.qualified_name == qualified), None)


def similar(view: View, read: Reader, address: str, count: int = 10) -> tuple[Symbol, ...]:
    """Definitions of the same kind that are most like the one at `address`, best first.

    Likeness: the same bases, shared name words, and rare words that both bodies use.
    """
    target = _at(view, address)
    if target is None:
        return ()
    bodies = _Bodies(read)
    own = _rarest(view, bodies.terms(target))
    bases = view.links_of(target, "base")
    pool = {s.address: s for base in bases for s in view.linked(base, "base")}
    for other in _sharing(view, own, target.kind):
        pool.setdefault(other.address, other)
    for term in words.name_terms(target.name):
        for file in list(view.defining(term))[:CANDIDATES_READ]:
            for other in view.symbols(file):
                if other.kind == target.kind and term in words.name_terms(other.name):
                    pool.setdefault(other.address, other)
    pool.pop(target.address, None)
    graded = [(_likeness(view, target, other, bases), other) for other in pool.values()]
    graded.sort(key=lambda item: (-round(item[0], 9), item[1].address))
    final = []
    for score, other in graded[:CANDIDATES_READ]:
        theirs = bodies.terms(other)
        shared = sum(weight for term, weight in own.items() if term in theirs)
        total = sum(own.values()) or 1.0
        final.append((score + 2.0 * shared / total, other))
    final.sort(key=lambda item: (-round(item[0], 9), item[1].address))
    return tuple(other for _, other in final[:count])


def _likeness(view: View, target: Symbol, other: Symbol, bases: tuple[str, ...]) -> float:
    mine, theirs = words.name_terms(target.name), words.name_terms(other.name)
    names = len(mine & theirs) / len(mine | theirs) if mine | theirs else 0.0
    related = bool(bases) and bool(set(bases) & set(view.links_of(other, "base")))
    folder = target.path.rpartition("/")[0] == other.path.rpartition("/")[0]
    return 1.5 * related + names + 0.3 * folder + 0.2 * (target.kind == other.kind)


def _rarest(view: View, terms: Iterable[str]) -> dict[str, float]:
    weights = {t: view.rarity(t) for t in terms}
    files = len(view.files)
    # A word that stands in one file only cannot be shared with another.
    shared = {t: w for t, w in weights.items() if len(view.postings(t).body) > 1 or files < 2}
    best = sorted(shared.items(), key=lambda item: (-item[1], item[0]))[:TERMS_COMPARED]
    return dict(best)


def _sharing(view: View, terms: dict[str, float], kind: str) -> list[Symbol]:
    """Definitions in the passages that share most of the terms."""
    scores: dict[tuple[str, int], float] = defaultdict(float)
    for term, weight in terms.items():
        for path, number in view.places(term):
            scores[(path, number)] += weight
    best = sorted(scores.items(), key=lambda item: (-round(item[1], 9), item[0]))
    found: list[Symbol] = []
    for (path, number), _ in best[:CANDIDATES_READ]:
        first, last = number * store.PIECE_LINES + 1, (number + 1) * store.PIECE_LINES
        found += [
            s
            for s in view.symbols(path)
            if s.kind == kind and s.line <= last and s.end_line >= first
        ]
    return found


class _Bodies:
    """Index terms of the text of definitions; each file is read once."""

    def __init__(self, read: Reader) -> None:
        self._read = read
        self._lines: dict[str, list[str]] = {}

    def terms(self, symbol: Symbol) -> frozenset[str]:
        if symbol.path not in self._lines:
            data = self._read(symbol.path)
            self._lines[symbol.path] = decode(data).split("\n") if data is not None else []
        body = self._lines[symbol.path][symbol.line - 1 : symbol.end_line]
        return frozenset(words.terms("\n".join(body)))
