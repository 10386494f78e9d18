"""Hunks of two texts, and the ways in which an insertion may slide without changing its result."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_SLIDES = 40
_PAIRS = 900  # lines before times lines after beyond which a hunk is not split
_LIKE = 0.4
_FAR = 3_000  # lines beyond which the matcher may take common lines for noise


@dataclass(frozen=True)
class Hunk:
    """Lines [start, end) of the old text (0-based) become `new` (lines with their newlines)."""

    start: int
    end: int
    new: tuple[str, ...]

    @property
    def text(self) -> str:
        return "".join(self.new)

    @property
    def inserts(self) -> bool:
        return self.start == self.end


def lines_of(text: str) -> list[str]:
    """The lines of a text, each with its "\\n" where it has one."""
    lines = text.split("\n")
    kept = [f"{line}\n" for line in lines[:-1]]
    return [*kept, lines[-1]] if lines[-1] else kept


def hunks_of(old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    """The differing runs of lines, in order; runs that touch are one."""
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) > _FAR)
    return [
        Hunk(i1, i2, tuple(new[j1:j2]))
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal"
    ]


def applied(lines: Sequence[str], hunk: Hunk) -> str:
    """The text with one hunk applied."""
    return "".join([*lines[: hunk.start], *hunk.new, *lines[hunk.end :]])


def applied_all(lines: Sequence[str], hunks: Sequence[Hunk]) -> str:
    """The text with several hunks (in order) applied."""
    parts: list[str] = []
    at = 0
    for hunk in hunks:
        parts += [*lines[at : hunk.start], *hunk.new]
        at = hunk.end
    return "".join([*parts, *lines[at:]])


def merged(lines: Sequence[str], hunks: Sequence[Hunk], gap: int) -> list[Hunk]:
    """The hunks (in order), those with at most `gap` unchanged lines between them as one."""
    found: list[Hunk] = []
    for hunk in hunks:
        if found and hunk.start - found[-1].end <= gap:
            last = found.pop()
            hunk = Hunk(last.start, hunk.end, (*last.new, *lines[last.end : hunk.start], *hunk.new))
        found.append(hunk)
    return found


def split(lines: Sequence[str], hunk: Hunk) -> list[Hunk]:
    """A hunk of several lines in parts: lines that grew out of each other, and those between."""
    old, new = lines[hunk.start : hunk.end], hunk.new
    if not len(old) + len(new) >= 2 or not old or not new or len(old) * len(new) > _PAIRS:
        return []
    parts: list[Hunk] = []
    i = j = 0
    for a, b in [*_alike(old, new), (len(old), len(new))]:
        if i < a or j < b:
            parts.append(Hunk(hunk.start + i, hunk.start + a, tuple(new[j:b])))
        if a < len(old) and old[a] != new[b]:
            parts.append(Hunk(hunk.start + a, hunk.start + a + 1, (new[b],)))
        i, j = a + 1, b + 1
    return parts


def _alike(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of lines, in order, that have the most in common."""
    words = [_words(line) for line in old], [_words(line) for line in new]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    score = [[0.0] * len(new) for _ in old]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            score[i][j] = _share(words[0][i], words[1][j])
            pair = best[i + 1][j + 1] + score[i][j] if score[i][j] >= _LIKE else 0.0
            best[i][j] = max(pair, best[i + 1][j], best[i][j + 1])
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(old) and j < len(new):
        if score[i][j] >= _LIKE and best[i][j] == best[i + 1][j + 1] + score[i][j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _words(line: str) -> Counter[str]:
    return Counter(re.findall(r"\w+|[^\w\s]", line))


def _share(one: Counter[str], other: Counter[str]) -> float:
    """How much of two lines is the same, from 0 to 1."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


def slides(lines: Sequence[str], hunk: Hunk) -> Iterator[Hunk]:
    """The hunk, and an insertion or deletion moved up and down where that comes to the same."""
    yield hunk
    if hunk.inserts and hunk.new:
        at, new = hunk.start, list(hunk.new)
        for _ in range(_SLIDES):
            if at == 0 or lines[at - 1] != new[-1]:
                break
            at, new = at - 1, [new[-1], *new[:-1]]
            yield Hunk(at, at, tuple(new))
        at, new = hunk.start, list(hunk.new)
        for _ in range(_SLIDES):
            if at >= len(lines) or lines[at] != new[0]:
                break
            at, new = at + 1, [*new[1:], new[0]]
            yield Hunk(at, at, tuple(new))
    elif not hunk.new:
        start, end = hunk.start, hunk.end
        while start > 0 and lines[start - 1] == lines[end - 1] and hunk.start - start < _SLIDES:
            start, end = start - 1, end - 1
            yield Hunk(start, end, ())
        start, end = hunk.start, hunk.end
        while end < len(lines) and lines[end] == lines[start] and start - hunk.start < _SLIDES:
            start, end = start + 1, end + 1
            yield Hunk(start, end, ())
