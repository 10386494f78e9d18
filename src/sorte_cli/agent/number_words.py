"""Numbers said in words, in English and Portuguese: "twenty-two", "três mil e quinhentos", "6 mil".

Exact, no model: from 0 to 999,999 (and millions), with halves and spoken decimals. The words of a
longer number count as that number alone. "One", "um" and "uma" alone are articles.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sorte_cli.context.words import fold

_TOKEN = re.compile(r"[0-9]+(?:[.,][0-9]+)*|[^\W\d_]+")
MAX_FIGURES = 15
_JOINT = re.compile(r"[ \t]+|-")


@dataclass(frozen=True, slots=True)
class SpokenNumber:
    """A number between `start` and `end` of a text, `words` words long. `spellings`: what it may
    be in Python: "four fifty" is 450 or 4.50."""

    start: int
    end: int
    words: int
    spellings: tuple[str, ...]


def spoken_numbers(text: str) -> tuple[SpokenNumber, ...]:
    """The numbers in words in a text, from left to right, none inside another. Pure."""
    tokens = _tokens(text)
    found: list[SpokenNumber] = []
    at = 0
    while at < len(tokens):
        read = max((_english(tokens, at), _portuguese(tokens, at)), key=lambda r: r[0])
        end, spellings = read
        if end == at:
            at += 1
            continue
        found.append(SpokenNumber(tokens[at].start, tokens[end - 1].end, end - at, spellings))
        at = end
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Token:
    word: str
    """Folded; "" for a word that can be part of no number."""
    joined: bool
    """Whether only spaces, or one hyphen, part it from the token before."""
    hyphened: bool
    start: int
    end: int


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    for match in _TOKEN.finditer(text):
        gap = text[found[-1].end : match.start()] if found else ""
        said = _can_count(text, match)
        joined = bool(found) and bool(_JOINT.fullmatch(gap))
        word = fold(match.group()) if said else ""
        found.append(_Token(word, joined, gap == "-", match.start(), match.end()))
    return found


def _can_count(text: str, match: re.Match[str]) -> bool:
    """Whether a word may be part of a number: no piece of a name or a path. "Zero" with a capital
    is a name; the first word of a sentence has one anyway."""
    before, after = text[: match.start()], text[match.end() : match.end() + 2]
    if before[-1:] in tuple("_./@#$") or after[:1] in tuple("_/(") or re.match(r"\.\w", after):
        return False
    word = match.group()
    if _is_figure(word):
        return len(word) <= MAX_FIGURES
    if word.islower():
        return True
    opens = not before.strip() or before.rstrip(" \t")[-1:] in tuple(".!?:;\n")
    return opens and word.istitle() and word not in ("Zero", "One")


def _is_figure(word: str) -> bool:
    """Whether a word is a number in figures; "¼a" folds to figures and more, and is none."""
    return re.fullmatch(r"[0-9]+(?:[.,][0-9]+)*", word) is not None


# ---------------------------------------------------------------- the words


def _numbered(words: str, first: int, step: int = 1) -> dict[str, int]:
    """Words in a row, with variants of one number parted by a slash."""
    return {
        variant: first + step * i
        for i, word in enumerate(words.split())
        for variant in word.split("/")
    }


@dataclass(frozen=True, slots=True)
class _Language:
    units: dict[str, int]
    teens: dict[str, int]
    tens: dict[str, int]
    hundreds: dict[str, int]
    """Only Portuguese has words for them."""
    thousand: tuple[str, ...]
    million: tuple[str, ...]
    dozen: tuple[str, ...]
    articles: tuple[str, ...]
    joint: str
    point: tuple[str, ...]
    halves: tuple[tuple[str, ...], ...]


_ENGLISH = _Language(
    units=_numbered("one two three four five six seven eight nine", 1),
    teens=_numbered(
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", 10
    ),
    tens=_numbered("twenty thirty forty/fourty fifty sixty seventy eighty ninety/ninty", 20, 10),
    hundreds={},
    thousand=("thousand",),
    million=("million",),
    dozen=("dozen",),
    articles=("a", "one"),
    joint="and",
    point=("point",),
    halves=(("and", "a", "half"), ("and", "half")),
)
_PORTUGUESE = _Language(
    units=_numbered("um/uma dois/duas tres quatro cinco seis sete oito nove", 1),
    teens=_numbered(
        "dez onze doze treze quatorze/catorze quinze dezesseis/dezasseis dezessete/dezassete "
        "dezoito dezenove/dezanove",
        10,
    ),
    tens=_numbered("vinte trinta quarenta cinquenta/cincoenta sessenta setenta oitenta noventa",
                   20, 10),
    hundreds=_numbered(
        "cento/cem duzentos/duzentas trezentos/trezentas quatrocentos/quatrocentas "
        "quinhentos/quinhentas seiscentos/seiscentas setecentos/setecentas oitocentos/oitocentas "
        "novecentos/novecentas", 100, 100,
    ),
    thousand=("mil",),
    million=("milhao", "milhoes"),
    dozen=("duzia", "duzias"),
    articles=("um", "uma"),
    joint="e",
    point=("virgula", "ponto"),
    halves=(("e", "meio"), ("e", "meia")),
)  # fmt: skip
_Read = tuple[int, int]
"""The token after a number, and its value; (at, 0) where there is none."""


def _word(tokens: Sequence[_Token], at: int) -> str:
    return tokens[at].word if at < len(tokens) else ""


def _next(tokens: Sequence[_Token], at: int) -> str:
    """The word at a place, if it belongs to the one before."""
    return tokens[at].word if at < len(tokens) and tokens[at].joined else ""


def _below_hundred(tokens: Sequence[_Token], at: int, lang: _Language) -> _Read:
    word = _word(tokens, at)
    if word in lang.tens:
        value, after = lang.tens[word], at + 1
        if lang is _PORTUGUESE:
            after += _next(tokens, after) == lang.joint
        rest = lang.units.get(_next(tokens, after))
        return (after + 1, value + rest) if rest else (at + 1, value)
    value = lang.units.get(word) or lang.teens.get(word) or 0
    return (at + 1, value) if value else (at, 0)


def _below_thousand(tokens: Sequence[_Token], at: int, lang: _Language) -> _Read:
    if lang is _PORTUGUESE:
        head = lang.hundreds.get(_word(tokens, at), 0)
        if not head:
            return _below_hundred(tokens, at, lang)
        after = at + 1
        joint = _next(tokens, after) == lang.joint
        rest_at, rest = _below_hundred(tokens, after + 1, lang) if joint else (after, 0)
        # "Cem e dez" are two numbers, "cento e dez" is one, "por cento" is none.
        if rest and _word(tokens, at) != "cem":
            return rest_at, head + rest
        return (at, 0) if _word(tokens, at) == "cento" else (after, head)
    after, head = _below_hundred(tokens, at, lang)
    if not head and _word(tokens, at) == "a" and _next(tokens, at + 1) == "hundred":
        after, head = at + 1, 1
    if not head and _word(tokens, at) == "hundred":
        after, head = at, 1
    if not head or (after > at and _next(tokens, after) != "hundred"):
        return after, head
    after += 1
    start = after + (_next(tokens, after) == lang.joint)
    rest_at, rest = _below_hundred(tokens, start, lang) if _next(tokens, start) else (start, 0)
    if rest and _next(tokens, rest_at) not in ("hundred", *lang.dozen):
        return rest_at, head * 100 + rest
    return after, head * 100


def _below_million(tokens: Sequence[_Token], at: int, lang: _Language) -> _Read:
    after, head = _below_thousand(tokens, at, lang)
    if not head and _word(tokens, at) == "a" and _next(tokens, at + 1) in lang.thousand:
        after, head = at + 1, 1
    if not head and _word(tokens, at) in lang.thousand:
        after, head = at, 1
    if not head or head > 999 or (after > at and _next(tokens, after) not in lang.thousand):
        return after, head
    after += 1
    start = after + (_next(tokens, after) == lang.joint)
    rest_at, rest = _below_thousand(tokens, start, lang) if _next(tokens, start) else (start, 0)
    # "Two thousand and three thousand" are two numbers.
    if rest and rest < 1000 and _next(tokens, rest_at) not in (*lang.thousand, *lang.million):
        return rest_at, head * 1000 + rest
    return after, head * 1000


# ---------------------------------------------------------------- whole, with halves and decimals


def _english(tokens: Sequence[_Token], at: int) -> tuple[int, tuple[str, ...]]:
    if _price(tokens, at):
        # "Four fifty", "nineteen ninety-nine": as a price, or read out in two halves.
        middle, head = _below_hundred(tokens, at, _ENGLISH)
        after, rest = _below_hundred(tokens, middle, _ENGLISH)
        return after, (f"{head}{rest}", f"{head}.{rest}")
    return _said(tokens, at, _ENGLISH)


def _price(tokens: Sequence[_Token], at: int) -> bool:
    middle, head = _below_hundred(tokens, at, _ENGLISH)
    if not head or middle - at > 1 or not _next(tokens, middle) or tokens[middle].hyphened:
        return False
    after, rest = _below_hundred(tokens, middle, _ENGLISH)
    if after < len(tokens) and tokens[after].hyphened:
        return False  # "five ten-second steps"
    big = ("hundred", *_ENGLISH.thousand, *_ENGLISH.million, *_ENGLISH.dozen)
    return rest >= 10 and _next(tokens, after) not in big


def _portuguese(tokens: Sequence[_Token], at: int) -> tuple[int, tuple[str, ...]]:
    return _said(tokens, at, _PORTUGUESE)


def _said(tokens: Sequence[_Token], at: int, lang: _Language) -> tuple[int, tuple[str, ...]]:
    """One number of a language; (at, ()) where there is none."""
    nothing = (at, ())
    word = _word(tokens, at)
    if dozens := _dozens(tokens, at, lang):
        return dozens
    figure = _is_figure(word)
    if figure:
        after, value = _scaled(tokens, at, lang)
    else:
        after, whole = _below_million(tokens, at, lang)
        value = Decimal(whole)
        if word == "zero":
            after = at + 1
        if after > at and value and _next(tokens, after) in lang.million:
            after, value = after + 1, value * 1_000_000
    if after == at and not figure:
        return nothing
    whole_end = max(after, at + 1)
    decimals = "" if figure else _decimals(tokens, whole_end, lang)
    if decimals:
        return whole_end + 1 + len(decimals), (f"{value}.{decimals}",)
    half = _half(tokens, whole_end, lang)
    if half > whole_end and value == value.to_integral_value():
        return half, (f"{value}.5",)
    if figure and after == at:
        return nothing
    if word in lang.units and lang.units[word] == 1 and after == at + 1:
        return nothing
    return after, (_written(value),)


def _written(value: Decimal) -> str:
    return str(int(value)) if value == value.to_integral_value() else f"{value.normalize():f}"


def _dozens(
    tokens: Sequence[_Token], at: int, lang: _Language
) -> tuple[int, tuple[str, ...]] | None:
    """ "A dozen", "two dozen", "half a dozen", "meia dúzia"."""
    word = _word(tokens, at)
    halves = ("half", "a") if lang is _ENGLISH else ("meia",)
    said = (word, *(_next(tokens, at + i) for i in range(1, len(halves) + 1)))
    if said[: len(halves)] == halves and said[len(halves)] in lang.dozen:
        return at + len(halves) + 1, ("6",)
    if word in lang.dozen:
        return at + 1, ("12",)
    after, count = _below_hundred(tokens, at, lang)
    if not count and (word in lang.articles or re.fullmatch("[0-9]+", word)):
        after, count = at + 1, int(word) if _is_figure(word) else 1
    if count and _next(tokens, after) in lang.dozen:
        return after + 1, (str(12 * count),)
    return None


def _scaled(tokens: Sequence[_Token], at: int, lang: _Language) -> tuple[int, Decimal]:
    """Figures before "thousand" and the like: "30 mil", "1.5 million"; (at, figures) without."""
    word = _word(tokens, at)
    value = _figures(word)
    scale = _next(tokens, at + 1)
    if scale in lang.thousand:
        return at + 2, value * 1000
    if scale == "hundred":
        return at + 2, value * 100
    if scale in lang.million:
        return at + 2, value * 1_000_000
    return at, value


def _figures(written: str) -> Decimal:
    """`1,5` and `1.5` -> 1.5; thousands in groups of three are joined."""
    parts = re.split(r"[.,]", written)
    if len(parts) == 1:
        return Decimal(written)
    if all(len(p) == 3 for p in parts[1:]) and len(parts) > 1 and parts[0] != "0":
        return Decimal("".join(parts))
    return Decimal("".join(parts[:-1]) + "." + parts[-1])


def _decimals(tokens: Sequence[_Token], at: int, lang: _Language) -> str:
    """The digits that are said after "point" or "vírgula": "two five" -> "25"."""
    if _next(tokens, at) not in lang.point:
        return ""
    digits: list[str] = []
    at += 1
    while (word := _next(tokens, at)) and (word == "zero" or word in lang.units):
        digits.append(str(lang.units.get(word, 0)))
        at += 1
    return "".join(digits)


def _half(tokens: Sequence[_Token], at: int, lang: _Language) -> int:
    """The token after "and a half", right there or behind one noun ("seis segundos e meio");
    `at` where there is none."""
    for start in (at, at + 1):
        if start > at and not (_joined(tokens, at) and _next(tokens, start)):
            break
        for half in lang.halves:
            said = tuple(_next(tokens, start + i) for i in range(len(half)))
            if said == half:
                return start + len(half)
    return at


def _joined(tokens: Sequence[_Token], at: int) -> bool:
    return at < len(tokens) and tokens[at].joined


__all__ = ["SpokenNumber", "spoken_numbers"]
