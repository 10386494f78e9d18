"""What words can mean: the lists of `intent_words.txt` as patterns over folded text."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "intent_words.txt"


@cache
def cue(section: str) -> re.Pattern[str]:
    """Matches where one of the section's words or phrases stands in folded text."""
    return re.compile("|".join(_pattern(phrase) for phrase in _sections()[section]))


def phrases(section: str) -> tuple[str, ...]:
    """The section's words and phrases as they are written."""
    return _sections()[section]


@cache
def _sections() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    phrases: list[str] = []
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            phrases = found.setdefault(line.strip("[]"), [])
        elif not line.startswith("#"):
            phrases += [p.strip() for p in line.split(",") if p.strip()]
    return {name: tuple(dict.fromkeys(words)) for name, words in found.items()}


def _pattern(phrase: str) -> str:
    """`remov*` any word that begins so; `go` the word; `->` the marks wherever they stand."""
    words = [
        re.escape(w.removesuffix("*")) + (r"\w*" if w.endswith("*") else "") for w in phrase.split()
    ]
    start = r"\b" if phrase[0].isalnum() else ""
    end = r"\b" if phrase[-1].isalnum() else ""
    return start + r"\s+".join(words) + end
