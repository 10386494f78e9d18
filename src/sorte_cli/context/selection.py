"""Which symbols a model gets to see for a task: few, and the right ones first.

Named symbols come first, then what belongs to them: fields of a class, siblings under the same
base, the registry that lists them, the tests. A task that asks for something new is answered with
the family that the new thing will join. Deterministic; all reading goes through `Lookup`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sorte_cli.context import words
from sorte_cli.context.languages import is_test, tested_stem
from sorte_cli.context.query import Query
from sorte_cli.domain import Symbol

FILES_READ = 16
PIECE_LINES = 40
BODY_WEIGHT = 4.0
"""What a passage of the task's words counts for the definition around it."""
FAMILY_LIMIT = 60
SIGNATURE_READ = 90
"""Characters of a signature whose words count: the first parameters say what a function is for."""
UNASKED_WORD = 3.0
"""The weight of a word in a name that the task does not say: that of a fairly rare word."""
_ADDRESSABLE = frozenset(("class", "function", "method", "constant", "field"))
_KIND_SHARE = {"class": 1.0, "function": 1.0, "method": 0.95, "constant": 0.9, "field": 0.75}


class Lookup(Protocol):
    """What the selection asks of an index."""

    def symbols(self, path: str) -> tuple[Symbol, ...]: ...

    def by_keys(self, keys: Sequence[str]) -> tuple[Symbol, ...]: ...

    def linked(self, name: str, role: str) -> tuple[Symbol, ...]:
        """Classes that have `name` as a base ("base"), collections that mention it ("entry")."""
        ...

    def links_of(self, symbol: Symbol, role: str) -> tuple[str, ...]:
        """The base names of a class, or the names that a collection mentions."""
        ...

    def defining(self, term: str) -> Mapping[str, int]:
        """Paths of files that define names with an index term, with how many."""
        ...

    def mentioning(self, name: str) -> Mapping[str, int]:
        """Paths of files that mention an identifier, with how often."""
        ...

    def rarity(self, term: str) -> float:
        """How much an index term tells; 0 for one that no live file has."""
        ...


@dataclass(frozen=True, slots=True)
class _Family:
    """Things of one kind, best pattern first, and the collections that list them."""

    members: tuple[Symbol, ...]
    base: str
    registries: tuple[Symbol, ...]
    score: float


Passages = Mapping[str, Mapping[int, float]]
"""Path -> number of 40 lines in the file -> how much of the task stands there, 0 to 1."""


def choose(
    query: Query,
    ranked: Sequence[tuple[str, float]],
    lookup: Lookup,
    limit: int,
    passages: Passages | None = None,
) -> tuple[Symbol, ...]:
    """At most `limit` symbols, best first, no address twice."""
    if limit <= 0:
        return ()
    return _Chooser(query, ranked, lookup, passages or {}).choose(limit)


class _Chooser:
    def __init__(
        self,
        query: Query,
        ranked: Sequence[tuple[str, float]],
        lookup: Lookup,
        passages: Passages,
    ) -> None:
        self.query = query
        self.passages = passages
        self.lookup = lookup
        self.ranked = ranked
        best = ranked[0][1] if ranked else 1.0
        self.file_share = {path: score / best for path, score in ranked[:60]}
        self.wants_tests = bool({"test", "tests", "teste", "testes", "spec"} & set(query.pieces))
        self.weights = self._term_weights()
        self.keys = {k: size for size, k in words.ngrams(query.pieces)}

    def _term_weights(self) -> dict[str, float]:
        weights: dict[str, float] = {}
        for term in self.query.terms:
            for text, share in term.alternatives:
                value = share * min(term.weight, 1.0) * self.lookup.rarity(text)
                if value > 0:
                    weights[text] = max(weights.get(text, 0.0), value)
        return weights

    # The order of what is shown

    def choose(self, limit: int) -> tuple[Symbol, ...]:
        scored = self._scored()
        chosen: dict[str, Symbol] = {}
        named = [s for s, score in scored if self._is_named(s)]
        family = self._best_family(scored)
        if family is None:
            self._add(chosen, named[:6])
        else:
            written = [s for s in named if s.name in self.query.names]
            self._add(chosen, [*written[:3], *self._family_order(family)])
        strongest = scored[0][1] if scored else 0.0
        strong = [s for s, score in scored if score >= 0.45 * strongest][:10]
        self._add(chosen, named[:10])
        for symbol in strong[:3] if family is None else ():
            self._add(chosen, [symbol, *self._belongings(symbol)])
        self._add(chosen, strong)
        self._add(chosen, self._surroundings(strong[:3]))
        self._add(chosen, [s for s, _ in scored])
        return tuple(list(chosen.values())[:limit])

    @staticmethod
    def _add(chosen: dict[str, Symbol], symbols: Iterable[Symbol]) -> None:
        for symbol in symbols:
            if symbol.kind == "file" or symbol.kind in _ADDRESSABLE:
                chosen.setdefault(symbol.address, symbol)

    # Scores of single symbols

    def _scored(self) -> list[tuple[Symbol, float]]:
        pool: dict[str, Symbol] = {}
        for symbol in self.lookup.by_keys(sorted(self._name_keys())):
            pool.setdefault(symbol.address, symbol)
        for path in self._paths_to_read():
            for symbol in self.lookup.symbols(path):
                pool.setdefault(symbol.address, symbol)
        scored = [(s, self._score(s)) for s in pool.values() if s.kind in _ADDRESSABLE]
        kept = [(s, score) for s, score in scored if score > 0]
        return sorted(kept, key=lambda item: (-round(item[1], 9), item[0].path, item[0].line))

    def _name_keys(self) -> set[str]:
        keys = {k for k, size in self.keys.items() if size > 1 or self.weights.get(words.stem(k))}
        keys |= {words.key(n) for n in self.query.names}
        if self.query.portuguese:
            pieces = [words.glossary().get(words.stem(p), (p,))[0] for p in self.query.pieces]
            keys |= {k for size, k in words.ngrams(pieces) if size > 1}
        return {k for k in keys if len(k) > 1}

    def _paths_to_read(self) -> list[str]:
        hits: dict[str, float] = defaultdict(float)
        for term, weight in self.weights.items():
            for path, count in self.lookup.defining(term).items():
                hits[path] += weight * min(count, 3) ** 0.5
        for path in hits:
            hits[path] *= 0.5 + self.file_share.get(path, 0.0)
        by_names = sorted(hits, key=lambda p: (-round(hits[p], 9), p))[:FILES_READ]
        return list(dict.fromkeys([*(p for p, _ in self.ranked[:FILES_READ]), *by_names]))

    def _is_named(self, symbol: Symbol) -> bool:
        """Named beyond doubt: as code, or by two words and more that stand together."""
        if symbol.name in self.query.names:
            return True
        own = words.key(symbol.name)
        if any(words.key(n) == own for n in self.query.names):
            return True
        return self.keys.get(own, 0) > 1 and len(words.split_words(symbol.name)) > 1

    def _score(self, symbol: Symbol) -> float:
        name = words.name_terms(symbol.name)
        score = max(self._overlap(name), self.weights.get(words.key(symbol.name), 0.0))
        if self._is_named(symbol):
            score += 12.0 if symbol.name in self.query.names else 8.0
        context = self._context(symbol, name)
        if score > 0:
            score += 0.3 * min(context, 2 * score)
        elif context > 0:
            score = 0.08 * context
        share = self.file_share.get(symbol.path, 0.0)
        inside = self._inside(symbol) * share
        score = score * (0.6 + 0.6 * share) + 0.25 * share + BODY_WEIGHT * inside
        score *= _KIND_SHARE.get(symbol.kind, 0.5)
        if symbol.kind == "function" and "." in symbol.qualified_name:
            score *= 0.5
        if symbol.name.startswith("__"):
            score *= 0.5
        if is_test(symbol.path) and not self.wants_tests:
            score *= 0.35
        return score

    def _inside(self, symbol: Symbol) -> float:
        """How much of the task stands in the lines of a function or value, 0 to 1."""
        pieces = self.passages.get(symbol.path)
        if not pieces or symbol.kind == "class":
            return 0.0
        first, last = (symbol.line - 1) // PIECE_LINES, (symbol.end_line - 1) // PIECE_LINES
        return max((pieces.get(n, 0.0) for n in range(first, last + 1)), default=0.0)

    def _context(self, symbol: Symbol, name: frozenset[str]) -> float:
        """What the task says of the owner, the path and the parameters, beside the name."""
        owner = symbol.qualified_name.rpartition(".")[0]
        around = words.name_terms(owner) | words.name_terms(symbol.path.rpartition(".")[0])
        context = sum(self.weights.get(t, 0.0) for t in around - name)
        if symbol.kind in ("function", "method"):
            inside = words.name_terms(symbol.detail[:SIGNATURE_READ]) - name - around
            context += 1.5 * sum(self.weights.get(t, 0.0) for t in inside)
        return context

    def _overlap(self, name: frozenset[str]) -> float:
        """How much of the task is in a name, less where the name has words that it lacks."""
        matched = sum(self.weights.get(t, 0.0) for t in name)
        if not matched:
            return 0.0
        total = sum(self.weights.get(t, UNASKED_WORD) for t in name)
        return matched * (0.35 + 0.65 * matched / total)

    # What belongs to a symbol

    def _belongings(self, symbol: Symbol) -> list[Symbol]:
        if symbol.kind != "class":
            return []
        inside = [s for s in self.lookup.symbols(symbol.path) if _owner(s) == symbol.address]
        fields = [s for s in inside if s.kind == "field"][:8]
        methods = sorted((s for s in inside if s.kind == "method"), key=lambda s: -self._score(s))
        return [*fields, *sorted(methods[:4], key=lambda s: s.line)]

    def _surroundings(self, strong: Sequence[Symbol]) -> list[Symbol]:
        found: list[Symbol] = []
        for symbol in strong:
            if symbol.kind in ("class", "function"):
                found += self._registries([symbol], needed=1)[:2]
        for symbol in strong:
            found += self.tests_of(symbol)[:2]
        for symbol in strong:
            found.append(_file(symbol.path))
        for symbol in strong[:1]:
            found += self._siblings(symbol)[:4]
        return found

    def _siblings(self, symbol: Symbol) -> list[Symbol]:
        if symbol.kind != "class":
            return []
        found: dict[str, Symbol] = {}
        for base in self.lookup.links_of(symbol, "base"):
            if _is_plain_base(base):
                continue
            for other in self.lookup.linked(base, "base")[:FAMILY_LIMIT]:
                if other.address != symbol.address:
                    found.setdefault(other.address, other)
        return list(found.values())

    def tests_of(self, symbol: Symbol) -> list[Symbol]:
        """Test files for a symbol, surest first: named after its file, or mentioning it most."""
        mentions = self.lookup.mentioning(symbol.name)
        stem = words.key(symbol.path.rpartition("/")[2].rpartition(".")[0])
        graded: list[tuple[float, str]] = []
        for path in mentions:
            if not is_test(path) or path == symbol.path:
                continue
            own = words.key(tested_stem(path))
            named = own in (stem, words.key(symbol.name))
            graded.append((min(mentions[path], 9) + (20.0 if named else 0.0), path))
        graded.sort(key=lambda item: (-item[0], item[1]))
        return [_file(path) for _, path in graded]

    # Families: what something new would join

    def _best_family(self, scored: Sequence[tuple[Symbol, float]]) -> _Family | None:
        if not self.query.creates:
            return None
        score_of = {s.address: score for s, score in scored}
        families = [*self._by_base(scored), *self._by_registry(scored), *self._by_name(scored)]
        graded = [self._grade(f, score_of) for f in families]
        kept = [f for f in graded if f.score > 0]
        kept.sort(key=lambda f: (-round(f.score, 9), f.members[0].address))
        return kept[0] if kept else None

    def _by_base(self, scored: Sequence[tuple[Symbol, float]]) -> list[_Family]:
        bases: dict[str, None] = {}
        for symbol, _ in scored[:40]:
            if symbol.kind == "class" and not is_test(symbol.path):
                bases.update(dict.fromkeys([symbol.name, *self.lookup.links_of(symbol, "base")]))
            elif symbol.kind in ("method", "field"):
                owner = symbol.qualified_name.rpartition(".")[0].rpartition(".")[2]
                owners = [s for s in self.lookup.by_keys([words.key(owner)]) if s.kind == "class"]
                for one in owners[:2]:
                    bases.update(dict.fromkeys(self.lookup.links_of(one, "base")))
        found = []
        for base in bases:
            if _is_plain_base(base):
                continue
            members = [s for s in self.lookup.linked(base, "base") if not is_test(s.path)]
            if members:
                found.append(_Family(tuple(members[:FAMILY_LIMIT]), base, (), 0.0))
        return found

    def _by_registry(self, scored: Sequence[tuple[Symbol, float]]) -> list[_Family]:
        found = []
        for symbol, _ in scored[:40]:
            if symbol.kind not in ("constant", "field") or is_test(symbol.path):
                continue
            entries = self.lookup.links_of(symbol, "entry")
            known = self.lookup.by_keys([words.key(e) for e in entries[:80]])
            members = [
                s
                for s in known
                if s.name in entries and s.kind in ("class", "function") and not is_test(s.path)
            ]
            if len(members) >= 2:
                found.append(_Family(tuple(members[:FAMILY_LIMIT]), "", (symbol,), 0.0))
        return found

    def _by_name(self, scored: Sequence[tuple[Symbol, float]]) -> list[_Family]:
        """Top-level classes or functions of one folder that share their first or last word."""
        groups: dict[tuple[str, str, str], list[Symbol]] = defaultdict(list)
        for symbol, _ in scored[:80]:
            if symbol.kind not in ("class", "function") or "." in symbol.qualified_name:
                continue
            pieces = words.split_words(symbol.name)
            if len(pieces) < 2 or is_test(symbol.path):
                continue
            if symbol.kind == "class" and self.lookup.linked(symbol.name, "base"):
                continue  # the base of a family is what the members are, not one of them
            folder = symbol.path.rpartition("/")[0]
            groups[(folder, symbol.kind, f"-{pieces[-1]}")].append(symbol)
            groups[(folder, symbol.kind, f"{pieces[0]}-")].append(symbol)
        return [_Family(tuple(g), "", (), 0.0) for g in groups.values() if len(g) >= 2]

    def _grade(self, family: _Family, score_of: Mapping[str, float]) -> _Family:
        shared = self._shared_terms(family)
        fit = sum(self.weights.get(t, 0.0) for t in shared)
        registries = family.registries or tuple(self._registries(family.members, needed=2))
        for registry in registries[:1]:
            fit = max(fit, fit + 0.5 * self._overlap(words.name_terms(registry.name) - shared))
        closeness = max(self.file_share.get(s.path, 0.0) for s in family.members)
        bases = self.lookup.by_keys([words.key(family.base)]) if family.base else ()
        spoken_of = (*family.members, *(s for s in bases if s.name == family.base))
        best = max(score_of.get(s.address, 0.0) for s in spoken_of)
        bonus = 1.0 + 0.3 * bool(registries) + 0.2 * bool(family.base)
        size = 1.0 if len(family.members) > 1 else 0.6
        score = (fit + 0.25 * best) * bonus * size * (0.5 + 0.5 * closeness) if fit > 0 else 0.0
        members = sorted(
            family.members,
            key=lambda s: (-round(self._likeness(s, shared), 9), s.path, s.line),
        )
        return _Family(tuple(members), family.base, registries, score)

    def _shared_terms(self, family: _Family) -> frozenset[str]:
        """Words of the kind itself: in the base's name, or in most members' names."""
        counts: dict[str, int] = defaultdict(int)
        for member in family.members:
            for term in words.name_terms(member.name):
                counts[term] += 1
        half = max(2, (len(family.members) + 1) // 2)
        common = {t for t, n in counts.items() if n >= half}
        folders = {s.path.rpartition("/")[0] for s in family.members}
        inside = words.name_terms(folders.pop()) if len(folders) == 1 else frozenset()
        return frozenset(common | words.name_terms(family.base) | inside)

    def _likeness(self, symbol: Symbol, shared: frozenset[str]) -> float:
        """How good a pattern a member is: words of the task that set it apart from the others."""
        own = words.name_terms(symbol.name) - shared
        apart = sum(self.weights.get(t, 0.0) for t in own)
        fields = [s for s in self.lookup.symbols(symbol.path) if _owner(s) == symbol.address]
        values = [s for s in fields if s.kind == "field" and s.detail.startswith("=")]
        named = sum(self._overlap(words.name_terms(s.name)) for s in values)
        return apart + 0.2 * named + 0.3 * min(len(values), 3)

    def _registries(self, members: Sequence[Symbol], needed: int) -> list[Symbol]:
        counts: dict[str, int] = defaultdict(int)
        known: dict[str, Symbol] = {}
        for name in dict.fromkeys(s.name for s in members[:20]):
            for registry in self.lookup.linked(name, "entry"):
                counts[registry.address] += 1
                known[registry.address] = registry
        fitting = [
            known[a]
            for a, n in counts.items()
            if n >= min(needed, len(members)) and not is_test(known[a].path)
        ]
        exported = ("__all__",)
        fitting.sort(key=lambda s: (s.name in exported, -counts[s.address], s.path, s.line))
        return fitting

    def _family_order(self, family: _Family) -> list[Symbol]:
        first, rest = family.members[0], family.members[1:]
        ordered = [first, *self._values(first)[:4]]
        ordered += family.registries[:2]
        ordered += self.tests_of(first)[:1]
        ordered += rest[:1]
        for symbol in rest[:1]:
            ordered += self._values(symbol)[:3]
        bases = self.lookup.by_keys([words.key(family.base)]) if family.base else ()
        ordered += [s for s in bases if s.name == family.base and s.kind == "class"][:1]
        ordered += rest[1:3]
        ordered += [t for s in rest[:2] for t in self.tests_of(s)[:1]]
        ordered.append(_file(first.path))
        ordered += [s for s in self._belongings(first) if s.kind == "method"]
        ordered += rest[3:6]
        return ordered

    def _values(self, symbol: Symbol) -> list[Symbol]:
        if symbol.kind != "class":
            return []
        inside = [s for s in self.lookup.symbols(symbol.path) if _owner(s) == symbol.address]
        fields = [s for s in inside if s.kind == "field" and s.detail.startswith("=")]
        return sorted(
            fields, key=lambda s: (-round(self._overlap(words.name_terms(s.name)), 9), s.line)
        )


def _owner(symbol: Symbol) -> str:
    owner = symbol.qualified_name.rpartition(".")[0]
    return f"{symbol.path}::{owner}" if owner else symbol.path


def _file(path: str) -> Symbol:
    return Symbol(path, "file")


def _is_plain_base(name: str) -> bool:
    """Bases so general that sharing them says nothing."""
    return name in {
        "object", "ABC", "Protocol", "Generic", "Exception", "Enum", "Base", "BaseModel",
        "TestCase", "NamedTuple", "TypedDict", "Model", "type", "dict", "list", "str", "int", "T",
    }  # fmt: skip
