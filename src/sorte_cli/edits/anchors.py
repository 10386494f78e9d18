"""Finding a text that was copied with small mistakes: white space, quotes, one mistyped line.

Tried in this order, each only where exactly one place fits: white space may differ and blank lines
may be missing; quotes may be the other kind; of three lines or more, one may be mistyped. Lines
that the new text keeps are taken from the file as they stand there. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

_LEAST_LINES = 3  # lines of an anchor of which one may be mistyped
_ALIKE = 0.75
_LEAST_CHARACTERS = 4  # of an anchor that is found by more than its white space
_OPENING_SPACE = re.compile(r"[ \t]*")


@dataclass(frozen=True)
class Match:
    """Lines [first, last] of the file (0-based) and what they become (without a final newline)."""

    first: int
    last: int
    text: str


class Ambiguous(Exception):
    """More than one place fits; `lines` are where they begin (0-based)."""

    def __init__(self, lines: Sequence[int]) -> None:
        super().__init__(f"{len(lines)} places")
        self.lines = list(lines)


def find_anchor(lines: Sequence[str], old: Sequence[str], new: Sequence[str]) -> Match | None:
    """The only run of lines that `old` can mean, and what `new` makes of it.

    `lines` are those of the file, all without line endings. None where nothing fits. Raises
    Ambiguous where several places fit equally well.
    """
    filled = [(number, line) for number, line in enumerate(lines) if line.strip()]
    wanted = [line for line in old if line.strip()]
    if not wanted:
        return None
    for key in (_spaces, _quotes):
        if key is _quotes and sum(len(_quotes(w)) for w in wanted) < _LEAST_CHARACTERS:
            return None
        keys = [key(line) for _, line in filled]
        places = _places(keys, [key(line) for line in wanted])
        if key is _spaces and len(places) > 1:
            places = _as_blank(places, filled, old) or places
        if places:
            return _match(lines, filled, places, old, new)
    places = _nearly(filled, wanted)
    return _match(lines, filled, places, old, new) if places else None


def _match(
    lines: Sequence[str],
    filled: Sequence[tuple[int, str]],
    places: Sequence[int],
    old: Sequence[str],
    new: Sequence[str],
) -> Match:
    if len(places) > 1:
        raise Ambiguous([filled[place][0] for place in places])
    count = sum(1 for line in old if line.strip())
    numbers = [number for number, _ in filled[places[0] : places[0] + count]]
    return Match(numbers[0], numbers[-1], _rewritten(lines, numbers, old, new))


def _spaces(line: str) -> str:
    return " ".join(line.split())


def _quotes(line: str) -> str:
    return re.sub(r"\s+", "", line).replace("'", '"').replace("`", '"')


def _places(keys: Sequence[str], wanted: Sequence[str]) -> list[int]:
    count = len(wanted)
    return [
        index
        for index in range(len(keys) - count + 1)
        if keys[index] == wanted[0] and list(keys[index : index + count]) == list(wanted)
    ]


def _as_blank(
    places: Sequence[int], filled: Sequence[tuple[int, str]], old: Sequence[str]
) -> list[int]:
    """Of several places the one whose blank lines stand as in the anchor."""
    steps = [i for i, line in enumerate(old) if line.strip()]
    wanted = [b - a for a, b in pairwise(steps)]
    fitting = []
    for place in places:
        numbers = [filled[place + k][0] for k in range(len(steps))]
        if [b - a for a, b in pairwise(numbers)] == wanted:
            fitting.append(place)
    return fitting if len(fitting) == 1 else []


def _nearly(filled: Sequence[tuple[int, str]], wanted: Sequence[str]) -> list[int]:
    """Places where all lines but one fit, and that one is alike."""
    count = len(wanted)
    if count < _LEAST_LINES:
        return []
    keys = [_quotes(line) for _, line in filled]
    sought = [_quotes(line) for line in wanted]
    found: list[int] = []
    for index in range(len(keys) - count + 1):
        wrong = [k for k in range(count) if keys[index + k] != sought[k]]
        if len(wrong) == 1 and _alike(keys[index + wrong[0]], sought[wrong[0]]):
            found.append(index)
    return found


def _alike(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > 3:
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= _ALIKE


# --- the new text ------------------------------------------------------------------------------


def _rewritten(
    lines: Sequence[str], numbers: Sequence[int], old: Sequence[str], new: Sequence[str]
) -> str:
    """The new text with the lines it keeps taken from the file, the others indented to fit."""
    place = dict(zip((i for i, line in enumerate(old) if line.strip()), numbers, strict=True))
    indents = {_indent(old[i]): _indent(lines[n]) for i, n in reversed(place.items())}
    style = _style(old, [lines[n] for n in numbers])
    written: list[str] = []
    last = numbers[0] - 1
    pending = False
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag != "equal":
            block = [_moved(line, indents, style) for line in new[j1:j2]]
            gaps = _gaps(lines, last, [place.get(i) for i in range(i1, i2)])
            if len(gaps) == len(block) and all(line.strip() for line in block):
                # Line for line: the blank lines that the anchor left out stay.
                block = [row for gap, line in zip(gaps, block, strict=True) for row in (*gap, line)]
            elif block and pending:
                block.insert(0, "")
            pending = False
            written += block
            last = max([last, *(place[i] for i in range(i1, i2) if i in place)])
            continue
        for i in range(i1, i2):
            if i not in place:
                pending = True
                continue
            gap = range(last + 1, place[i])
            if i > i1 or i1 == 0 or not written:
                written += [lines[n] for n in gap]
            elif gap or pending:
                written += [lines[n] for n in gap] or [""]
            pending = False
            written.append(lines[place[i]])
            last = place[i]
    return "\n".join(written)


def _gaps(lines: Sequence[str], last: int, numbers: Sequence[int | None]) -> list[list[str]]:
    """The blank lines above each of some lines; empty where one of them is no line of the file."""
    found: list[list[str]] = []
    for number in numbers:
        if number is None:
            return []
        found.append(list(lines[last + 1 : number]))
        last = number
    return found


def _moved(line: str, indents: dict[str, str], style: Callable[[str], str]) -> str:
    """A line of the new text with its indentation put in the way the file has it."""
    own = _indent(line)
    if not line.strip():
        return ""
    known = max((i for i in indents if own.startswith(i)), key=len, default=None)
    body = style(line[len(own) :])
    return own + body if known is None else indents[known] + own[len(known) :] + body


def _style(old: Sequence[str], there: Sequence[str]) -> Callable[[str], str]:
    """What undoes a swap of all quotes; nothing where the quotes were right."""
    given = "".join(line for line in old if line.strip())
    real = "".join(there)
    if _ends_blank(old) and not _ends_blank(there):
        plain = _style([line.rstrip() for line in old], there)
        return lambda text: plain(text.rstrip())
    swapped = given.count("'") != real.count("'") and given.count('"') != real.count('"')
    if not swapped:
        return lambda text: text
    for wrong, right in (('"', "'"), ("'", '"')):
        if given.count(wrong) and not real.count(wrong) and not given.count(right):
            return lambda text, w=wrong, r=right: text if r in text else text.replace(w, r)  # type: ignore[misc]
    return lambda text: text


def _ends_blank(lines: Sequence[str]) -> bool:
    return any(line.strip() and line[-1].isspace() for line in lines)


def _indent(line: str) -> str:
    match = _OPENING_SPACE.match(line)
    return match.group() if match else ""
