"""Builds GBNF, the grammar notation of llama.cpp. Pure text: nothing here needs a model.

Choices become tries, never flat lists: with 10,000 symbols a flat alternation costs some 400 ms a
token over a large vocabulary, a trie 18 ms.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sorte_cli.inference.engine import GrammarError

MAX_TRIE_DEPTH = 60
"""Deeper branches are written flat: llama.cpp's parser recurses into parentheses."""
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
_RULE_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9-]*\Z")

ANY_LINE = r"[^\r\n]+"
"""Some text on one line, without its end."""


def escape(text: str) -> str:
    """A GBNF literal that matches exactly `text`.

    Raises GrammarError for NUL and lone surrogates: no token can stand for them.
    """
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    code = ord(character)
    if code == 0 or 0xD800 <= code <= 0xDFFF:
        raise GrammarError(f"the character U+{code:04X} cannot stand in a grammar")
    return f"\\x{code:02X}" if code < 0x20 or code == 0x7F else character


def any_line() -> str:
    """An expression for some text on one line, without its end."""
    return ANY_LINE


def until_fence(fence: str) -> str:
    """An expression for any number of whole lines, each with its newline, none of which is `fence`.

    The fence itself is not matched: write `until_fence(">>>") + " " + escape(">>>")`.
    """
    if not fence or "\n" in fence or "\r" in fence:
        raise GrammarError("a fence is one non-empty line")
    line = r'[^\r\n]+ "\n"'  # all of the fence was seen: something must follow
    for character in reversed(fence):
        other = f"[^\\r\\n{_in_class(character)}]"
        line = f'"\\n" | {other} [^\\r\\n]* "\\n" | {escape(character)} ({line})'
    return f"({line})*"


def _in_class(character: str) -> str:
    """A character inside `[...]`, where `]`, `^`, `-` and `\\` have a meaning."""
    if character in "]^-[\\":
        return f"\\x{ord(character):02X}"
    return _escaped(character) if character != '"' else character


def trie(choices: Sequence[str]) -> str:
    """An expression that matches exactly the texts in `choices`, sharing their beginnings.

    Raises GrammarError when there is nothing to choose from.
    """
    if not choices:
        raise GrammarError("a choice needs at least one text")
    return _branch(sorted(set(choices)), 0)


def _branch(texts: list[str], depth: int) -> str:
    """`texts` are sorted and distinct; gives one expression, in parentheses if it has parts."""
    shared = _common_prefix(texts[0], texts[-1])
    if len(texts) == 1:
        return escape(texts[0])
    if depth >= MAX_TRIE_DEPTH:
        return "(" + " | ".join(map(escape, texts)) + ")"
    size = len(shared)
    groups: dict[str, list[str]] = {}
    for text in texts:
        rest = text[size:]
        groups.setdefault(rest[:1], []).append(rest)
    # The empty choice is an alternative and not a `?`, which llama.cpp limits to small groups.
    parts = [_branch(group, depth + 1) for group in groups.values()]
    choice = "(" + " | ".join(parts) + ")"
    return f"{escape(shared)} {choice}" if shared else choice


def _common_prefix(first: str, last: str) -> str:
    """Of sorted texts it is enough to look at the first and the last."""
    size = 0
    for ours, theirs in zip(first, last, strict=False):
        if ours != theirs:
            break
        size += 1
    return first[:size]


class Grammar:
    """Rules by name; `text` is the GBNF. The rule called `root` is where a text begins."""

    def __init__(self) -> None:
        self._rules: dict[str, str] = {}

    def rule(self, name: str, expression: str) -> Grammar:
        """Adds a rule and returns the grammar. The same rule may be given twice, no other one."""
        if not _RULE_NAME.match(name):
            raise GrammarError(f"{name!r} is not a rule name: letters, digits and hyphens")
        if self._rules.setdefault(name, expression) != expression:
            raise GrammarError(f"the rule {name!r} is defined twice")
        return self

    @property
    def text(self) -> str:
        return "".join(f"{name} ::= {expression}\n" for name, expression in self._rules.items())
