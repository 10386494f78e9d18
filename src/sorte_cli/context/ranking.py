"""Which files matter for a task: several rankings from different evidence, fused. Pure.

Postings, paths and history come in as plain values; scores and reasons go out. Nothing here
depends on the order of dictionaries or on anything but the live files and the task.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sorte_cli.context import words
from sorte_cli.context.history import History
from sorte_cli.context.languages import CODE, DOCUMENTS
from sorte_cli.context.query import Query, Term

FUSION_K = 20.0
DEPTH = 150
NEAREST_COMMITS = 40


@dataclass(frozen=True, slots=True)
class LiveFile:
    """A file that can be ranked. `length` counts index terms."""

    path: str
    blob: int
    language: str
    length: int


@dataclass(frozen=True, slots=True)
class Postings:
    """Where one index term stands: piece id -> occurrences, in texts and in defined names."""

    body: Mapping[int, int]
    names: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything the ranking looks at, for live files only."""

    files: Sequence[LiveFile]
    pieces_per_blob: int
    postings: Mapping[str, Postings]
    history: History
    path_ids: Sequence[int]
    messages: Mapping[str, Sequence[int]]
    message_lengths: Mapping[int, int] = field(default_factory=dict)


Scores = dict[int, float]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Files best first as (position, score), and what the order came from."""

    ordered: Sequence[tuple[int, float]]
    lists: Mapping[str, Scores]
    commits: Sequence[tuple[int, float]]
    """Past commits most like the task: (place in the history, likeness), best first."""
    partners: Mapping[int, int] = field(default_factory=dict)
    """For files that came in through others: the one that they changed together with most."""


def rank(query: Query, evidence: Evidence) -> Ranking:
    """Every file that any evidence speaks for."""
    past = _PastScorer(query, evidence)
    lists = signals(query, evidence, past)
    fused: Scores = defaultdict(float)
    for name, scores in lists.items():
        weight = WEIGHTS[name]
        for place, (position, _) in enumerate(top(scores, evidence, DEPTH)):
            fused[position] += weight / (FUSION_K + place + 1)
    for position in fused:
        fused[position] *= _prior(evidence.files[position])
    return Ranking(top(fused, evidence, len(fused)), lists, past.nearest_commits)


WEIGHTS = {
    "content": 1.0, "piece": 1.0, "names": 1.0, "path": 1.0, "messages": 1.0, "nearest": 1.0,
}  # fmt: skip


def signals(query: Query, evidence: Evidence, past: _PastScorer) -> dict[str, Scores]:
    """The separate rankings, by name: file position -> score."""
    text = _TextScorer(query, evidence)
    return {
        "content": text.content(),
        "piece": text.best_piece(),
        "names": text.names(),
        "path": path_scores(query, evidence),
        "messages": past.messages(),
        "nearest": past.nearest(),
    }


def top(scores: Scores, evidence: Evidence, count: int) -> list[tuple[int, float]]:
    """The best positions; ties go by path."""
    files = evidence.files
    positive = [(p, s) for p, s in scores.items() if s > 0]
    return sorted(positive, key=lambda item: (-round(item[1], 9), files[item[0]].path))[:count]


def _prior(file: LiveFile) -> float:
    if file.language in CODE:
        return 1.0
    return 0.5 if file.language in DOCUMENTS else 0.7


def rarity(documents: int, total: int) -> float:
    """BM25's inverse document frequency, never negative."""
    return math.log(1.0 + (total - documents + 0.5) / (documents + 0.5))


class _TextScorer:
    """BM25 over whole files, over their best passage, and over the names they define."""

    def __init__(self, query: Query, evidence: Evidence) -> None:
        self.query = query
        self.evidence = evidence
        self.at: dict[int, list[int]] = defaultdict(list)
        for position, file in enumerate(evidence.files):
            self.at[file.blob].append(position)
        lengths = [f.length for f in evidence.files]
        self.average = max(sum(lengths) / max(len(lengths), 1), 1.0)

    def _by_blob(self, postings: Mapping[int, int], cap: int) -> dict[int, int]:
        size = self.evidence.pieces_per_blob
        found: dict[int, int] = defaultdict(int)
        for piece, count in postings.items():
            found[piece // size] += min(count, cap)
        return found

    def _term_scores(
        self, term: Term, score: Callable[[str], dict[int, float]]
    ) -> dict[int, float]:
        best: dict[int, float] = {}
        for text, weight in term.alternatives:
            for key, value in score(text).items():
                value *= weight * term.weight
                if value > best.get(key, 0.0):
                    best[key] = value
        return best

    def _spread(self, by_blob: Mapping[int, float]) -> Scores:
        return {p: s for blob, s in by_blob.items() for p in self.at.get(blob, ())}

    def content(self) -> Scores:
        lengths = {f.blob: f.length for f in self.evidence.files}
        k1, b, total = 1.2, 0.6, len(self.evidence.files)

        def score(text: str) -> dict[int, float]:
            counts = self._by_blob(self.evidence.postings[text].body, 4)
            idf = rarity(len(counts), total)
            return {
                blob: idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * lengths[blob] / self.average))
                for blob, tf in counts.items()
            }

        return self._spread(self._sum(score))

    def names(self) -> Scores:
        total = len(self.evidence.files)

        def score(text: str) -> dict[int, float]:
            counts = self._by_blob(self.evidence.postings[text].names, 4)
            idf = rarity(len(counts), total)
            return {blob: idf * tf * 1.8 / (tf + 0.8) for blob, tf in counts.items()}

        return self._spread(self._sum(score))

    def best_piece(self) -> Scores:
        total = max(sum(1 + f.length // 250 for f in self.evidence.files), 1)

        def score(text: str) -> dict[int, float]:
            counts = self.evidence.postings[text].body
            idf = rarity(len(counts), total)
            return {piece: idf * tf * 1.9 / (tf + 0.9) for piece, tf in counts.items()}

        size = self.evidence.pieces_per_blob
        best: dict[int, float] = {}
        for piece, value in self._sum(score).items():
            blob = piece // size
            if value > best.get(blob, 0.0):
                best[blob] = value
        return self._spread(best)

    def _sum(self, score: Callable[[str], dict[int, float]]) -> dict[int, float]:
        summed: dict[int, float] = defaultdict(float)
        for term in self.query.terms:
            for key, value in self._term_scores(term, score).items():
                summed[key] += value
        return summed


def path_scores(query: Query, evidence: Evidence) -> Scores:
    """How much of the task stands in a path; the file's own name counts more than its folders."""
    wanted = {a: (t, w) for t in query.terms for a, w in t.alternatives}
    hits: dict[int, dict[str, float]] = {}
    counts: dict[str, int] = defaultdict(int)
    sizes: dict[int, float] = {}
    for position, file in enumerate(evidence.files):
        folder, _, base = file.path.rpartition("/")
        own = words.terms(base.partition(".")[0] or base)
        above = words.terms(folder)
        found: dict[str, float] = {}
        for term in above:
            if term in wanted:
                found[term] = 0.5
        for term in own:
            if term in wanted:
                found[term] = 1.0
        if found:
            hits[position] = found
            sizes[position] = len(own) + 0.3 * len(above)
            for term in found:
                counts[term] += 1
    scores: Scores = {}
    for position, found in hits.items():
        best: dict[str, float] = {}
        for name, place in found.items():
            asked, weight = wanted[name]
            value = place * weight * asked.weight * rarity(counts[name], len(evidence.files))
            best[asked.text] = max(best.get(asked.text, 0.0), value)
        scores[position] = sum(best.values()) / (1.0 + 0.25 * sizes[position])
    for position, file in enumerate(evidence.files):
        for written in query.paths:
            if file.path == written or file.path.endswith("/" + written):
                scores[position] = scores.get(position, 0.0) + 100.0
    return scores


class _PastScorer:
    """What messages of past commits say about the files that those commits touched."""

    def __init__(self, query: Query, evidence: Evidence) -> None:
        self.query = query
        self.evidence = evidence
        self.history = evidence.history
        self.position_of = {p: i for i, p in enumerate(evidence.path_ids) if p}
        places = {commit: i for i, commit in enumerate(self.history.commits)}
        self.hits = {
            text: [places[c] for c in commits if c in places]
            for text, commits in evidence.messages.items()
        }

    def _files(self, commit: int) -> list[int]:
        touched = self.history.touched(commit)
        return [p for t in touched if (p := self.position_of.get(t)) is not None]

    def messages(self) -> Scores:
        total = max(len(self.position_of), 1)
        lengths: dict[int, int] = defaultdict(int)
        for path_id in self.history.paths:
            position = self.position_of.get(path_id)
            if position is not None:
                lengths[position] += 1
        average = max(sum(lengths.values()) / max(len(lengths), 1), 1.0)
        summed: Scores = defaultdict(float)
        for term in self.query.terms:
            best: dict[int, float] = {}
            for text, weight in term.alternatives:
                counts: dict[int, float] = defaultdict(float)
                for commit in self.hits.get(text, ()):
                    files = self._files(commit)
                    for position in files:
                        counts[position] += 1.0 / math.sqrt(len(files))
                idf = rarity(len(counts), total)
                for position, tf in counts.items():
                    norm = 0.4 + 0.6 * lengths[position] / average
                    value = weight * term.weight * idf * tf * 2.2 / (tf + 1.2 * norm)
                    if value > best.get(position, 0.0):
                        best[position] = value
            for position, value in best.items():
                summed[position] += value
        return summed

    @cached_property
    def nearest_commits(self) -> list[tuple[int, float]]:
        """(place in the history, similarity) of the past messages most like the task."""
        total = max(len(self.history.commits), 1)
        summed: dict[int, float] = defaultdict(float)
        for term in self.query.terms:
            best: dict[int, float] = {}
            for text, weight in term.alternatives:
                commits = self.hits.get(text, ())
                idf = rarity(len(commits), total)
                for commit in commits:
                    best[commit] = max(best.get(commit, 0.0), weight * term.weight * idf)
            for commit, value in best.items():
                summed[commit] += value
        for commit in summed:
            length = self.evidence.message_lengths.get(self.history.commits[commit], 10)
            summed[commit] /= math.sqrt(8.0 + length)
        return sorted(summed.items(), key=lambda item: (-item[1], item[0]))[:NEAREST_COMMITS]

    def nearest(self) -> Scores:
        scores: Scores = defaultdict(float)
        for commit, similarity in self.nearest_commits:
            files = self._files(commit)
            for position in files:
                scores[position] += similarity**2 / math.sqrt(len(files))
        return scores
