"""Which files matter for a task: evidence of several kinds, each on its own scale, added up. Pure.

Postings, paths and history come in as plain values; scores and what they rest on go out. Nothing
here depends on the order of dictionaries or on anything but the live files and the task.

The weights were chosen on the commits of ten public repositories and checked on nine others. What
the sum cannot say, how one kind of evidence bears on another, was learned from commits of many more
(`features.py`, `learned.py`) and only moves the files that lead; see `docs/context.md`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from sorte_cli.context.evidence import Evidence, LiveFile, Postings, Scores, rarity
from sorte_cli.context.features import Features
from sorte_cli.context.languages import CODE, DOCUMENTS, is_test
from sorte_cli.context.learned import Learned, shipped
from sorte_cli.context.past_scores import PastScores
from sorte_cli.context.query import Query
from sorte_cli.context.text_scores import TextScores, named_files, path_scores

__all__ = ["Evidence", "LiveFile", "Postings", "Ranking", "rank", "rarity", "top"]

WEIGHTS = {
    "named": 10.0, "fields": 1.9, "passage": 2.2, "path": 1.9, "messages": 0.8, "nearest": 1.2,
    "recent": 2.6, "together": 0.8, "defined": 0.3, "meaning": 2.0,
}  # fmt: skip
COMPARED_IN_MEANING = 50
LEARNED_OF = 60
TEST_SHARE = 0.9
"""What a test counts where the task does not speak of tests: the code comes before its tests."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Files best first as (position, score), and what the order came from."""

    ordered: Sequence[tuple[int, float]]
    lists: Mapping[str, Scores]
    commits: Sequence[tuple[int, float]]
    """Past commits most like the task: (place in the history, likeness), best first."""
    partners: Mapping[int, int] = field(default_factory=dict)
    """For files that change together with the leading ones: the one they do so with most."""
    passages: Mapping[int, float] = field(default_factory=dict)
    """Piece id -> how much of the task stands in those lines."""
    by_sum: Sequence[tuple[int, float]] = ()
    """The order by the weighted sum alone, before what was learned of the leading files."""


@dataclass(frozen=True, slots=True)
class Summed:
    """The order by the weighted sum, and all that went into it."""

    query: Query
    evidence: Evidence
    past: PastScores
    text: TextScores
    lists: dict[str, Scores]
    ordered: Sequence[tuple[int, float]]
    partners: Mapping[int, int]

    def leading(self) -> list[tuple[int, float]]:
        """The code files that lead, at most LEARNED_OF: those whose order was learned."""
        files = self.evidence.files
        code = ((p, s) for p, s in self.ordered if files[p].language in CODE)
        return list(islice(code, LEARNED_OF))

    def features(self) -> list[dict[str, float]]:
        """What sets the leading files apart, one row for each."""
        return Features(
            self.query, self.evidence, self.text, self.past, self.lists, self.leading()
        ).rows()


def rank(
    query: Query,
    evidence: Evidence,
    meaning: Callable[[Sequence[int]], Scores] | None = None,
) -> Ranking:
    """Every file that any evidence speaks for.

    `meaning` scores the files that lead by all else, best first, by what an embedding model makes
    of them.
    """
    found = summed(query, evidence)
    ordered, by_sum = learned_order(found), found.ordered
    if meaning is not None and ordered:
        lists = found.lists
        lists["meaning"] = meaning([p for p, _ in ordered[:COMPARED_IN_MEANING]])
        close = with_priors(added({"meaning": lists["meaning"]}), query, evidence)
        ordered, by_sum = (
            top({p: s + close.get(p, 0.0) for p, s in order}, evidence, len(order))
            for order in (ordered, by_sum)
        )
    return Ranking(
        ordered,
        found.lists,
        found.past.nearest_commits,
        found.partners,
        found.text.passages,
        by_sum,
    )


def summed(query: Query, evidence: Evidence) -> Summed:
    """Every kind of evidence by itself, and the order by their weighted sum."""
    past = PastScores(query, evidence)
    text = TextScores(query, evidence, past.by_term)
    lists = {
        "named": named_files(query, evidence),
        "fields": text.fields(),
        "passage": text.passage(),
        "path": path_scores(query, evidence),
        "defined": text.defined(),
        "messages": past.messages(),
        "nearest": past.nearest(),
    }
    fused = added(lists)
    if not fused:
        return Summed(query, evidence, past, text, lists, (), {})
    # Being worked on is no reason by itself, only among files that something else speaks for.
    recent = past.recent()
    lists["recent"] = {p: recent[p] for p in fused if p in recent}
    fused = with_priors(added(lists), query, evidence)
    leaders = top(fused, evidence, 10)
    best = leaders[0][1]
    lists["together"], partners = past.together([(p, s / best) for p, s in leaders])
    fused = with_priors(added(lists), query, evidence)
    return Summed(query, evidence, past, text, lists, top(fused, evidence, len(fused)), partners)


def learned_order(found: Summed, learned: Learned | None = None) -> list[tuple[int, float]]:
    """The order by the sum with the leading code files put in the order that was learned.

    They share their places and scores among themselves, so that documents and data stay where the
    sum puts them and scores mean what they meant.
    """
    ordered = list(found.ordered)
    leading = found.leading()
    if len(leading) < 2:
        return ordered
    learned = learned or shipped()
    judged = {p: learned.score(row) for (p, _), row in zip(leading, found.features(), strict=True)}
    ranked = top_of_all(judged, found.evidence)
    places = [i for i, (p, _) in enumerate(ordered) if p in judged]
    scores = [s for _, s in leading]
    for place, position, score in zip(places, ranked, scores, strict=True):
        ordered[place] = (position, score)
    return ordered


def top_of_all(scores: Scores, evidence: Evidence) -> list[int]:
    """All positions, best first, also where scores are negative; ties go by path."""
    files = evidence.files
    return sorted(scores, key=lambda p: (-round(scores[p], 9), files[p].path))


def added(lists: Mapping[str, Scores]) -> Scores:
    """The weighted sum of all lists, each as a share of its best."""
    fused: Scores = defaultdict(float)
    for name, scores in lists.items():
        best = max(scores.values(), default=0.0)
        if best > 0:
            factor = WEIGHTS[name] / best
            for position, score in scores.items():
                fused[position] += factor * score
    return fused


def with_priors(scores: Scores, query: Query, evidence: Evidence) -> Scores:
    files = evidence.files
    return {p: s * _prior(files[p], query) for p, s in scores.items()}


def _prior(file: LiveFile, query: Query) -> float:
    if file.language in CODE:
        return TEST_SHARE if is_test(file.path) and not query.of_tests else 1.0
    return 0.5 if file.language in DOCUMENTS else 0.7


def top(scores: Scores, evidence: Evidence, count: int) -> list[tuple[int, float]]:
    """The best positions; ties go by path."""
    files = evidence.files
    positive = [(p, s) for p, s in scores.items() if s > 0]
    return sorted(positive, key=lambda item: (-round(item[1], 9), files[item[0]].path))[:count]
