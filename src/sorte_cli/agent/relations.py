"""What words of a sentence are to each other: "abort in confirm" is a parameter of a function.

Plain text, no model. A word that names a parameter of a function named beside it names nothing
else, whatever else is called so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sorte_cli.agent.grounding import Mentions, plain
from sorte_cli.agent.signatures import parameters
from sorte_cli.domain import Symbol

_FUNCTIONS = ("function", "method")
_OF = r"(?:of|in|from|on|for|de|do|da|em|no|na|para)"
_ARTICLE = r"(?:(?:the|a|o|as|os)\s+)?"
_KIND = r"(?:(?:function|method|funcao|metodo)\s+)?"
_MARK = r"[`'\"]?"


def spoken_of(symbols: Sequence[Symbol], mentions: Mentions) -> tuple[Symbol, ...]:
    """The functions whose parameter the sentence speaks of, and files; all symbols where it does
    not speak of one. What is called like the parameter, like its new name, or like the word
    "parameter" itself is not meant.
    """
    text = plain(mentions.text)
    pairs = [
        (function, name)
        for function in symbols
        if function.kind in _FUNCTIONS and function.name in mentions.tokens
        for name, _ in parameters(function.detail)
        if name in mentions.tokens and name != function.name and belongs(name, function.name, text)
    ]
    if not pairs:
        return tuple(symbols)
    meant = {function.address for function, _ in pairs}
    return tuple(s for s in symbols if s.address in meant or s.kind == "file")


def belongs(name: str, function: str, text: str) -> bool:
    """Whether a sentence says that the one is of the other: "p of f", "f's p", "f(p)"."""
    p, f = re.escape(name), re.escape(function)
    before = rf"(?<!\w){p}{_MARK}\s+{_OF}\s+{_ARTICLE}{_KIND}{_MARK}(?:\w+\.)*{f}(?!\w)"
    after = rf"(?<!\w){f}(?:\(\))?{_MARK}(?:'s|\()\s*(?:\w+\s+)?{_MARK}{p}(?!\w)"
    return bool(re.search(before, text) or re.search(after, text))
