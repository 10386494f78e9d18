"""What the ranking looks at, as plain values: live files, postings, paths, the past. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sorte_cli.context.history import History

if TYPE_CHECKING:
    from sorte_cli.context.text_scores import PathWords

Scores = dict[int, float]
"""Position of a file among the live files -> score."""


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
class Late:
    """What the last commits were about."""

    folders: Mapping[str, float]
    """Share of the very last commits that touched a folder."""
    kinds: Mapping[str, float]
    """Share of the touched code that is in a language."""
    tests: float
    """Share of the commits that touched a test."""


@dataclass(slots=True)
class Known:
    """What the past says whatever the task; worked out by the first query and kept for the next."""

    files_of: dict[int, list[int]] = field(default_factory=dict)
    """Place in the history -> positions of the live files that the commit touched."""
    recent: Scores | None = None
    late: Late | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything the ranking looks at, for live files only."""

    files: Sequence[LiveFile]
    pieces_per_blob: int
    postings: Mapping[str, Postings]
    paths: PathWords
    history: History
    path_ids: Sequence[int]
    """The history's path id of each file; 0 for one without a past."""
    touches: Mapping[int, Sequence[int]]
    """Path id -> places in the history of the commits that touched it, newest first."""
    places: Mapping[int, int]
    """Commit id -> its place in the history."""
    messages: Mapping[str, Sequence[int]]
    """Index term -> ids of the commits whose message has it."""
    message_lengths: Mapping[int, int] = field(default_factory=dict)
    defining: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Key of a name that the task may say -> contents that define it."""
    known: Known = field(default_factory=lambda: Known())


def rarity(documents: int, total: int) -> float:
    """BM25's inverse document frequency, never negative."""
    return math.log(1.0 + max(total - documents + 0.5, 0.0) / (documents + 0.5))
