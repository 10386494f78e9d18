"""What files say of a task: their text and names, their closest passage, their paths. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import chain

from sorte_cli.context import words
from sorte_cli.context.evidence import Evidence, Scores, rarity
from sorte_cli.context.query import Query, Term, name_keys

# A file is read as one document of several fields; a word counts more where it names something.
# The weights are in occurrences of the text, and a high saturation lets fields add up.
NAME_WEIGHT, STEM_WEIGHT, FOLDER_WEIGHT, MESSAGE_WEIGHT = 2.0, 3.0, 1.0, 2.0
SATURATION = 10.0
LENGTH_SHARE = 0.5
OCCURRENCES_IN_PIECE = 4
NAMES_COUNTED = 3
PIECE_TERMS = 250
SINGLE_WORD = 0.5


class TextScores:
    """Scores of all files for one query. `messages` is what `PastScores.by_term` gives."""

    def __init__(
        self, query: Query, evidence: Evidence, messages: Mapping[str, Mapping[int, float]]
    ) -> None:
        self.query = query
        self.evidence = evidence
        self.messages = messages
        self.at: dict[int, list[int]] = defaultdict(list)
        for position, file in enumerate(evidence.files):
            self.at[file.blob].append(position)
        lengths = [f.length for f in evidence.files]
        average = max(sum(lengths) / max(len(lengths), 1), 1.0)
        self._counted: dict[str, tuple[dict[int, int], dict[int, int]]] = {}
        self.norms = [1.0 - LENGTH_SHARE + LENGTH_SHARE * n / average for n in lengths]

    def fields(self) -> Scores:
        """BM25 over text, defined names, file name, folders and past messages together."""
        summed: Scores = defaultdict(float)
        for term in self.query.terms:
            for position, value in self._best(term, self._field_scores).items():
                summed[position] += value
        return summed

    def _field_scores(self, text: str) -> Scores:
        counts, named = self.counted(text)
        rare = rarity(len(counts), len(self.evidence.files))
        norms = self.norms
        mass = {p: count / norms[p] for p, count in counts.items()}
        for position, count in named.items():
            mass[position] = mass.get(position, 0.0) + NAME_WEIGHT * min(count, NAMES_COUNTED)
        for position in self.evidence.paths.stems.get(text, ()):
            mass[position] = mass.get(position, 0.0) + STEM_WEIGHT
        for position in self.evidence.paths.folders.get(text, ()):
            mass[position] = mass.get(position, 0.0) + FOLDER_WEIGHT
        for position, value in self.messages.get(text, {}).items():
            mass[position] = mass.get(position, 0.0) + MESSAGE_WEIGHT * value
        return {p: rare * m / (SATURATION + m) for p, m in mass.items()}

    def counted(self, text: str) -> tuple[dict[int, int], dict[int, int]]:
        """How often an index term stands in the text and in the names of each file."""
        if text not in self._counted:
            postings = self.evidence.postings[text]
            self._counted[text] = self._counts(postings.body), self._counts(postings.names)
        return self._counted[text]

    def _counts(self, postings: Mapping[int, int]) -> dict[int, int]:
        size, at = self.evidence.pieces_per_blob, self.at
        found: dict[int, int] = defaultdict(int)
        for piece, count in postings.items():
            for position in at.get(piece // size, ()):
                found[position] += min(count, OCCURRENCES_IN_PIECE)
        return found

    def _best(self, term: Term, score: Callable[[str], Scores]) -> Scores:
        """The best alternative of a term at each place."""
        (text, weight), *others = term.alternatives
        factor = weight * term.weight
        best = {k: v * factor for k, v in score(text).items()}
        for text, weight in others:
            for key, value in score(text).items():
                value *= weight * term.weight
                if value > best.get(key, 0.0):
                    best[key] = value
        return best

    def defined(self) -> Scores:
        """The rarest definition whose whole name the task says; single words count half."""
        total = len(self.evidence.files)
        sizes = name_keys(self.query)
        best: Scores = {}
        for key, blobs in self.evidence.defining.items():
            there = {p for blob in blobs for p in self.at.get(blob, ())}
            value = rarity(len(there), total) * (1.0 if sizes.get(key, 1) > 1 else SINGLE_WORD)
            for position in there:
                best[position] = max(best.get(position, 0.0), value)
        return best

    def passage(self) -> Scores:
        """The passage of 40 lines that is closest to the task."""
        size = self.evidence.pieces_per_blob
        best: dict[int, float] = {}
        for piece, value in self.passages.items():
            blob = piece // size
            if value > best.get(blob, 0.0):
                best[blob] = value
        return {p: value for blob, value in best.items() for p in self.at.get(blob, ())}

    @cached_property
    def passages(self) -> Scores:
        """Piece id -> how much of the task stands in those 40 lines."""
        total = max(sum(1 + f.length // PIECE_TERMS for f in self.evidence.files), 1)

        def score(text: str) -> Scores:
            counts = self.evidence.postings[text].body
            rare = rarity(len(counts), total)
            return {piece: rare * tf * 1.9 / (tf + 0.9) for piece, tf in counts.items()}

        summed: dict[int, float] = defaultdict(float)
        for term in self.query.terms:
            for piece, value in self._best(term, score).items():
                summed[piece] += value
        return summed


@lru_cache(maxsize=100_000)
def _words_of(part: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words.terms(part)))


class PathWords:
    """Which files bear a word in their own name and in the names of their folders."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.stems: dict[str, list[int]] = defaultdict(list)
        self.folders: dict[str, list[int]] = defaultdict(list)
        self.sizes: list[float] = []
        for position, path in enumerate(paths):
            folder, _, base = path.rpartition("/")
            own, above = _words_of(base.partition(".")[0] or base), _words_of(folder)
            for word in own:
                self.stems[word].append(position)
            for word in above:
                if word not in own:
                    self.folders[word].append(position)
            self.sizes.append(len(own) + 0.3 * len(above))


def path_scores(query: Query, evidence: Evidence) -> Scores:
    """How much of the task stands in a path; the file's own name counts more than its folders."""
    paths, total = evidence.paths, len(evidence.files)
    scores: Scores = defaultdict(float)
    for term in query.terms:
        best: Scores = {}
        for text, weight in term.alternatives:
            own, above = paths.stems.get(text, ()), paths.folders.get(text, ())
            value = weight * term.weight * rarity(len(own) + len(above), total)
            for position, share in chain(((p, 1.0) for p in own), ((p, 0.5) for p in above)):
                best[position] = max(best.get(position, 0.0), share * value)
        for position, value in best.items():
            scores[position] += value
    return {p: value / (1.0 + 0.25 * paths.sizes[p]) for p, value in scores.items()}


def named_files(query: Query, evidence: Evidence) -> Scores:
    """Files that the task names by path; 1 for each."""
    return {
        position: 1.0
        for written in query.paths
        for position, file in enumerate(evidence.files)
        if file.path == written or file.path.endswith(f"/{written}")
    }
