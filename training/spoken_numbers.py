"""Numbers in words, in English and Portuguese, as people write them in a sentence."""

from __future__ import annotations

import random

_EN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_EN_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_PT = (
    "zero um dois três quatro cinco seis sete oito nove dez onze doze treze quatorze quinze "
    "dezesseis dezessete dezoito dezenove"
).split()
_PT_TENS = "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa".split()
_PT_HUNDREDS = (
    "cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos"
).split()
LIMIT = 100_000
"""Larger numbers are never written in words."""


def in_words(number: int, lang: str, rng: random.Random) -> str:
    """The number in words, 0 up to `LIMIT`, in one of the ways it is said."""
    return _english(number, rng) if lang == "en" else _portuguese(number, rng)


def with_half(number: int, lang: str, rng: random.Random) -> str:
    """`number` and a half, in words."""
    joint = rng.choice((" and a half", " point five")) if lang == "en" else " e meio"
    return in_words(number, lang, rng) + joint


def _english(number: int, rng: random.Random) -> str:
    if number < 20:
        return _EN[number]
    if number < 100:
        tens, rest = _EN_TENS[number // 10 - 2], number % 10
        return f"{tens}{rng.choice('-- ')}{_EN[rest]}" if rest else tens
    if number < 1000:
        head, rest = f"{_EN[number // 100]} hundred", number % 100
        if number == 100:
            head = rng.choice(("a hundred", "one hundred"))
        return f"{head}{rng.choice((' and ', ' '))}{_english(rest, rng)}" if rest else head
    if number < 10_000 and not number % 100 and number % 1000 and rng.random() < 0.6:
        return f"{_english(number // 100, rng)} hundred"
    head, rest = f"{_english(number // 1000, rng)} thousand", number % 1000
    return f"{head} {_english(rest, rng)}" if rest else head


def _portuguese(number: int, rng: random.Random) -> str:
    if number == 14:
        return rng.choice(("quatorze", "catorze"))
    if number < 20:
        return _PT[number]
    if number < 100:
        tens, rest = _PT_TENS[number // 10 - 2], number % 10
        return f"{tens} e {_PT[rest]}" if rest else tens
    if number < 1000:
        rest = number % 100
        head = "cem" if number == 100 else _PT_HUNDREDS[number // 100 - 1]
        return f"{head} e {_portuguese(rest, rng)}" if rest else head
    thousands, rest = number // 1000, number % 1000
    head = "mil" if thousands == 1 else f"{_portuguese(thousands, rng)} mil"
    joint = " e " if rest < 100 or not rest % 100 else " "
    return f"{head}{joint}{_portuguese(rest, rng)}" if rest else head
