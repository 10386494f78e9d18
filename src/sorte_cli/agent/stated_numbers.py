"""Numbers that a sentence states, in figures or in words, as Python spells them.

Pure text. Numbers of tickets, dates and times of day are no values.
"""

from __future__ import annotations

import re

from sorte_cli.agent.number_words import spoken_numbers

_NUMBER = re.compile(
    r"(?<![\w.,])(?P<number>-?\d(?:[\d_.,]*\d)?)"
    r"(?P<unit>ms|secs?|seg|s|mins?|hrs?|hs?|[kmg]b|kg|g|[kcm]?m|px|pt|x|k|usd|brl)?(?!\w)",
    re.IGNORECASE,
)
# Dates and times of day: "21/04/2025", "2025-04-21", "7:30".
_NO_VALUE = re.compile(
    r"(?<![\w./-])(?:\d{1,2}([/.-])\d{1,2}\1\d{4}|\d{4}([/-])\d{1,2}\2\d{1,2}|"
    r"\d{1,2}/\d{1,2}/\d{2}|\d{1,2}:\d{2}(?::\d{2})?)(?![\w/:-])"
)

# The number of a ticket, with what it follows.
TICKET = re.compile(
    r"\b(?:ticket|issue|bug|chamado|demanda|tarefa|pr|task|gh|ref|re|card|story|jira|req)s?\s*"
    r"(?:n[oº°.]*\s*)?[#-]?\s*\d+\s*(?=[:\],)]|$)|(?<![\w&])#\d+\b|\b[A-Z]{2,8}-\d+\b",
    re.IGNORECASE,
)


def numbers_in(text: str) -> list[tuple[str, ...]]:
    """The Python spellings of each number in a text, in figures or in words, in their order. The
    numbers of tickets ("issue 37:", "#482"), dates and times of day are no values."""
    return [spellings for _, spellings in _stated(text)]


def figures_in(text: str) -> list[tuple[str, ...]]:
    """The Python spellings of each number with figures in it; a ticket's is none."""
    return [spellings for in_figures, spellings in _stated(text) if in_figures]


def _stated(text: str) -> list[tuple[bool, tuple[str, ...]]]:
    """Whether it is in figures, and the Python spellings, of each number."""
    text = _NO_VALUE.sub(_blank, TICKET.sub(_blank, text))
    spoken = spoken_numbers(text)
    found = [
        (n.start, any(c.isdigit() for c in text[n.start : n.end]), n.spellings) for n in spoken
    ]
    for match in _NUMBER.finditer(text):
        if any(n.start < match.end() and match.start() < n.end for n in spoken):
            continue
        spelled = tuple(number_spellings(match["number"]))
        if (match["unit"] or "").lower() == "k":
            spelled = tuple(_thousands(s) for s in spelled[-1:])
        found.append((match.start(), True, spelled))
    return [(in_figures, spellings) for _, in_figures, spellings in sorted(found)]


def _thousands(number: str) -> str:
    """`1.5` -> 1500, as "1.5k" means it."""
    whole, _, fraction = number.partition(".")
    return (whole + fraction.ljust(3, "0")[:3]).lstrip("0") or "0"


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def number_spellings(text: str) -> list[str]:
    """Python spellings of a number as people write it: `1.234,56` -> 1234.56; `1.000` -> both."""
    body = re.sub(r"^(-?)0+(?=\d)", r"\1", text.replace("_", ""))
    if "," in body and "." in body:
        decimal = "," if body.rindex(",") > body.rindex(".") else "."
        thousands = "." if decimal == "," else ","
        return [body.replace(thousands, "").replace(decimal, ".")]
    mark = "," if "," in body else "."
    if mark not in body:
        return [body]
    whole, _, fraction = body.rpartition(mark)
    joined = body.replace(mark, "")
    if body.count(mark) > 1:
        return [joined]
    as_decimal = f"{whole}.{fraction}"
    return [joined, as_decimal] if len(fraction) == 3 else [as_decimal]


__all__ = ["TICKET", "figures_in", "number_spellings", "numbers_in"]
