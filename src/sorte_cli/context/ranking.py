"""Which files matter for a task: evidence of several kinds, each on its own scale, added up. Pure.

Postings, paths and history come in as plain values; scores and what they rest on go out. Nothing
here depends on the order of dictionaries or on anything but the live files and the task.

The weights were chosen on the commits of ten public repositories and checked on nine others; see
`docs/context.md`. They are few on purpose: more of them gained nothing on projects not seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sorte_cli.context.evidence import Evidence, LiveFile, Postings, Scores, rarity
from sorte_cli.context.languages import CODE, DOCUMENTS, is_test
from sorte_cli.context.past_scores import PastScores
from sorte_cli.context.query import Query
from sorte_cli.context.text_scores import TextScores, named_files, path_scores

__all__ = ["Evidence", "LiveFile", "Postings", "Ranking", "rank", "rarity", "top"]

WEIGHTS = {
    "named": 10.0, "fields": 1.9, "passage": 2.2, "path": 1.9, "messages": 0.8, "nearest": 1.2,
    "recent": 2.6, "together": 0.8, "defined": 0.3, "meaning": 2.0,
}  # fmt: skip
COMPARED_IN_MEANING = 50
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


def rank(
    query: Query,
    evidence: Evidence,
    meaning: Callable[[Sequence[int]], Scores] | None = None,
) -> Ranking:
    """Every file that any evidence speaks for.

    `meaning` scores the files that lead by all else, best first, by what an embedding model makes
    of them.
    """
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
        return Ranking((), lists, past.nearest_commits)
    # Being worked on is no reason by itself, only among files that something else speaks for.
    recent = past.recent()
    lists["recent"] = {p: recent[p] for p in fused if p in recent}
    fused = with_priors(added(lists), query, evidence)
    leaders = top(fused, evidence, 10)
    best = leaders[0][1]
    lists["together"], partners = past.together([(p, s / best) for p, s in leaders])
    fused = with_priors(added(lists), query, evidence)
    if meaning is not None:
        lists["meaning"] = meaning([p for p, _ in top(fused, evidence, COMPARED_IN_MEANING)])
        fused = with_priors(added(lists), query, evidence)
    ordered = top(fused, evidence, len(fused))
    return Ranking(ordered, lists, past.nearest_commits, partners, text.passages)


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
