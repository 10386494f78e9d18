"""Hunks of two texts, and the ways in which an insertion may slide without changing its result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_SLIDES = 40
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
