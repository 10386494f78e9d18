"""What past commits say of a task: their messages, their likeness, how lately they were. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from sorte_cli.context.evidence import Evidence, Scores, rarity
from sorte_cli.context.history import History
from sorte_cli.context.query import Query

NEAREST_COMMITS = 40
WIDE_COMMIT = 30
"""A commit that touched more files says little about each of them."""
AGE_SCALE = 3_000.0
"""Commits; a past change this far back counts half."""
RECENT_TOUCHES = 6
LEADERS = 8
TOGETHER_LOOKED_AT = 300


def latest_work(history: History, touches: Sequence[int]) -> tuple[float, int]:
    """How lately a file was worked on, and the place of the commit that says so; 0 where no narrow
    commit touched it. `touches` are places in the history, newest first."""
    best = (0.0, 0)
    starts = history.starts
    for place in touches[:RECENT_TOUCHES]:
        files = starts[place + 1] - starts[place]
        if files <= WIDE_COMMIT:
            value = (1.0 + place) ** -0.5 / files**0.25
            if value > best[0]:
                best = (value, place)
    return best


class PastScores:
    """Scores of all files for one query."""

    def __init__(self, query: Query, evidence: Evidence) -> None:
        self.query = query
        self.evidence = evidence
        self.history = evidence.history
        self.position_of = {p: i for i, p in enumerate(evidence.path_ids) if p}
        places = evidence.places
        self.hits = {
            text: [places[c] for c in commits if c in places]
            for text, commits in evidence.messages.items()
        }
        self._touched = evidence.known.files_of

    def files_of(self, place: int) -> list[int]:
        """Positions of the live files that a commit touched."""
        if place not in self._touched:
            touched = self.history.touched(place)
            known = self.position_of
            self._touched[place] = [p for t in touched if (p := known.get(t)) is not None]
        return self._touched[place]

    @cached_property
    def by_term(self) -> Mapping[str, Mapping[int, float]]:
        """Index term -> how much the past messages of each file have of it."""
        found: dict[str, dict[int, float]] = {}
        for text, hits in self.hits.items():
            counts: dict[int, float] = defaultdict(float)
            for place in hits:
                files = self.files_of(place)
                share = 1.0 / math.sqrt(len(files)) if files else 0.0
                for position in files:
                    counts[position] += share
            norms = self._norms
            found[text] = {p: value / norms[p] for p, value in counts.items()}
        return found

    @cached_property
    def _norms(self) -> dict[int, float]:
        """How long each file's past is, against the average, half discounted."""
        touches = self.evidence.touches
        counts = {i: len(touches.get(p, ())) for p, i in self.position_of.items()}
        average = max(sum(counts.values()) / max(len(counts), 1), 1.0)
        return {i: 0.5 + 0.5 * count / average for i, count in counts.items()}

    def messages(self) -> Scores:
        """BM25 over files, each as the messages of the commits that touched it."""
        total = max(len(self.position_of), 1)
        summed: Scores = defaultdict(float)
        for term in self.query.terms:
            best: Scores = {}
            for text, weight in term.alternatives:
                counts = self.by_term.get(text, {})
                factor = weight * term.weight * rarity(len(counts), total) * 2.2
                for position, tf in counts.items():
                    value = factor * tf / (tf + 1.2)
                    if value > best.get(position, 0.0):
                        best[position] = value
            for position, value in best.items():
                summed[position] += value
        return summed

    @cached_property
    def nearest_commits(self) -> list[tuple[int, float]]:
        """(place in the history, likeness) of the past messages most like the task."""
        total = max(len(self.history.commits), 1)
        summed: dict[int, float] = defaultdict(float)
        for term in self.query.terms:
            best: dict[int, float] = {}
            for text, weight in term.alternatives:
                hits = self.hits.get(text, ())
                value = weight * term.weight * rarity(len(hits), total)
                for place in hits:
                    if value > best.get(place, 0.0):
                        best[place] = value
            for place, value in best.items():
                summed[place] += value
        for place in summed:
            summed[place] /= self._length_norm(place)
        return sorted(summed.items(), key=lambda item: (-item[1], item[0]))[:NEAREST_COMMITS]

    def _length_norm(self, place: int) -> float:
        commit = self.history.commits[place]
        return math.sqrt(8.0 + self.evidence.message_lengths.get(commit, 10))

    def covered(self, place: int, likeness: float) -> float:
        """How much of what the task says a past message says, too: 0 to 1."""
        total = max(len(self.history.commits), 1)
        said = sum(
            term.weight
            * max(rarity(len(self.hits.get(t, ())), total) for t, _ in term.alternatives)
            for term in self.query.terms
        )
        return likeness * self._length_norm(place) / said if said else 0.0

    def nearest(self) -> Scores:
        """What the most similar past commits touched; narrow and late ones count most."""
        scores: Scores = defaultdict(float)
        best = self.nearest_commits[0][1] if self.nearest_commits else 1.0
        for place, likeness in self.nearest_commits:
            files = self.files_of(place)
            if not files or len(files) > WIDE_COMMIT:
                continue
            share = (likeness / best) ** 3 / math.sqrt(len(files)) / (1.0 + place / AGE_SCALE)
            for position in files:
                scores[position] += share
        return scores

    def recent(self) -> Scores:
        """Where work went on lately: it mostly goes on there, and most of all where the last few
        commits were."""
        if self.evidence.known.recent is None:
            self.evidence.known.recent = self._recent()
        return self.evidence.known.recent

    def _recent(self) -> Scores:
        touches = self.evidence.touches
        found = (
            (position, latest_work(self.history, touches.get(path_id, ())))
            for path_id, position in self.position_of.items()
        )
        return {position: value for position, (value, _) in found if value > 0}

    def together(self, leaders: Sequence[tuple[int, float]]) -> tuple[Scores, dict[int, int]]:
        """What was changed together with the files that lead so far, and with which of them."""
        scores: Scores = defaultdict(float)
        strongest: dict[int, tuple[float, int]] = {}
        for leader, share in leaders[:LEADERS]:
            shared: dict[int, float] = defaultdict(float)
            all_of_it = 1.0
            touches = self.evidence.touches.get(self.evidence.path_ids[leader], ())
            for place in touches[:TOGETHER_LOOKED_AT]:
                files = self.files_of(place)
                if not 1 < len(files) <= WIDE_COMMIT:
                    continue
                weight = 0.5 ** (place / (AGE_SCALE / 2)) / math.log2(1 + len(files))
                all_of_it += weight
                for position in files:
                    if position != leader:
                        shared[position] += weight
            for position, value in shared.items():
                gained = share * value / all_of_it
                scores[position] += gained
                if gained > strongest.get(position, (0.0, 0))[0]:
                    strongest[position] = (gained, leader)
        return scores, {p: leader for p, (_, leader) in strongest.items()}
