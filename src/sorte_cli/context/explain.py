"""Why a file was ranked where it was, in phrases that a person can check for themselves.

A reason is a kind and what it rests on, as `KIND: DETAIL`; `KINDS` lists them, so that a terminal
can show them in another language.
"""

from __future__ import annotations

from collections.abc import Sequence

from sorte_cli.context import words
from sorte_cli.context.languages import is_test, tested_stem
from sorte_cli.context.past_scores import latest_work
from sorte_cli.context.query import Query
from sorte_cli.context.ranking import Ranking
from sorte_cli.context.view import View
from sorte_cli.domain import RankedFile

NAMED = "named in the task"
SYMBOLS = "symbol match"
PATH = "path match"
TEXT = "text match"
PAST = "past commit"
LATELY = "changed lately by"
TOGETHER = "changed together with"
TEST = "test of"
MEANING = "close in meaning"
KINDS = (NAMED, SYMBOLS, PATH, TEXT, PAST, LATELY, TOGETHER, TEST, MEANING)

STRONG = 0.25
"""A signal is a reason where it gives a file this share of what it gives the best one."""
FAIR_PART = 0.25
CLOSE = 0.6
WORDS_SHOWN = 4
NAMES_SHOWN = 3
SUBJECT_LIMIT = 72
SHA_SHOWN = 7


def split(reason: str) -> tuple[str, str]:
    """A reason's kind and detail; the kind is "" where it is none of ours."""
    kind, _, detail = reason.partition(": ")
    return (kind, detail) if kind in KINDS else ("", reason)


def ranked_files(view: View, query: Query, ranking: Ranking, count: int) -> tuple[RankedFile, ...]:
    """The first `count` files with their reasons."""
    explainer = _Explainer(view, query, ranking)
    return tuple(
        RankedFile(view.files[p].path, round(s, 6), explainer.reasons(p))
        for p, s in ranking.ordered[: max(count, 0)]
    )


class _Explainer:
    def __init__(self, view: View, query: Query, ranking: Ranking) -> None:
        self.view = view
        self.query = query
        self.ranking = ranking
        self.best = {n: max(s.values(), default=0.0) for n, s in ranking.lists.items()}
        self.weights = {
            text: share * term.weight * view.rarity(text)
            for term in query.terms
            for text, share in term.alternatives
        }
        heaviest = sorted(self.weights.values(), reverse=True)[:NAMES_SHOWN]
        self.whole = max(sum(heaviest), 1e-9)
        self.leading = [view.files[p].path for p, _ in ranking.ordered[:20]]

    def reasons(self, position: int) -> tuple[str, ...]:
        path = self.view.files[position].path
        found = [
            self._named(path),
            self._symbols(path),
            self._path(position, path),
            self._past(position) or self._lately(position),
            self._together(position),
            self._test(path),
            self._meaning(position),
            self._text(position),
        ]
        return tuple(r for r in found if r)

    def _is_strong(self, signal: str, position: int, share: float = STRONG) -> bool:
        mine = self.ranking.lists.get(signal, {}).get(position, 0.0)
        return mine > 0 and mine >= share * self.best[signal]

    def _named(self, path: str) -> str:
        written = (w for w in self.query.paths if path == w or path.endswith(f"/{w}"))
        name = next(written, "")
        return f"{NAMED}: {name}" if name else ""

    def _symbols(self, path: str) -> str:
        """The names that say most of the task, where one says a fair part of it."""
        graded: dict[str, float] = {}
        for symbol in self.view.symbols(path):
            value = sum(self.weights.get(t, 0.0) for t in words.name_terms(symbol.name))
            if value >= FAIR_PART * self.whole:
                graded[symbol.name] = value
        best = sorted(graded, key=lambda n: (-graded[n], n))
        return f"{SYMBOLS}: {', '.join(best[:NAMES_SHOWN])}" if best else ""

    def _path(self, position: int, path: str) -> str:
        if not self._is_strong("path", position):
            return ""
        pieces = dict.fromkeys(words.split_words(path))
        shown = [p for p in pieces if self.weights.get(words.stem(p))]
        return f"{PATH}: {', '.join(shown[:WORDS_SHOWN])}" if shown else ""

    def _text(self, position: int) -> str:
        if not (self._is_strong("fields", position) or self._is_strong("passage", position)):
            return ""
        blob = self.view.files[position].blob
        ordered = sorted(self.weights, key=lambda t: (-self.weights[t], t))
        there = [t for t in ordered if self.weights[t] > 0 and self.view.stands_in(t, blob)]
        return f"{TEXT}: {', '.join(self._spelt(there)[:WORDS_SHOWN])}" if there else ""

    def _spelt(self, terms: Sequence[str]) -> list[str]:
        """Terms as the task spells them, translations too."""
        spelt = {words.stem(p): p for p in reversed(self.query.pieces)}
        accented = (w for w in words.WORD.findall(self.query.task) if not w.isascii())
        spelt |= {words.stem(words.fold(w)): w.lower() for w in accented}
        said = {a: spelt.get(t.text, a) for t in self.query.terms for a, _ in t.alternatives}
        return list(dict.fromkeys(said.get(t, t) for t in terms))

    def _past(self, position: int) -> str:
        mine = self.view.path_ids[position]
        for place, _ in self.ranking.commits[:10] if mine else ():
            if mine in self.view.history.touched(place):
                return f"{PAST}: {self._commit(place)}"
        return ""

    def _lately(self, position: int) -> str:
        if not self._is_strong("recent", position, 2 * STRONG):
            return ""
        touches = self.view.touches.get(self.view.path_ids[position], ())
        return f"{LATELY}: {self._commit(latest_work(self.view.history, touches)[1])}"

    def _commit(self, place: int) -> str:
        sha, subject = self.view.commit(place)
        flat = " ".join(subject.split())
        cut = flat if len(flat) <= SUBJECT_LIMIT else f"{flat[: SUBJECT_LIMIT - 1]}…"
        return f"{sha[:SHA_SHOWN]} {cut}"

    def _together(self, position: int) -> str:
        if not self._is_strong("together", position, 2 * STRONG):
            return ""
        partner = self.ranking.partners.get(position)
        return f"{TOGETHER}: {self.view.files[partner].path}" if partner is not None else ""

    def _meaning(self, position: int) -> str:
        value = self.ranking.lists.get("meaning", {}).get(position, 0.0)
        return f"{MEANING}: {value:.0%}" if value >= CLOSE else ""

    def _test(self, path: str) -> str:
        if not is_test(path):
            return ""
        stem = words.key(tested_stem(path))
        for other in self.leading:
            own = other.rpartition("/")[2].partition(".")[0]
            if other != path and not is_test(other) and words.key(own) == stem:
                return f"{TEST}: {other}"
        return ""
