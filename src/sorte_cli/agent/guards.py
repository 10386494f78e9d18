"""The grammar of a guard: a test of a function's own parameters, then raise or return.

In the compact profile a statement that begins with `if` is one of these, so that a small model can
only test what is there, in the way and with the numbers that the sentence speaks of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sorte_cli.agent.grounding import Mentions, fold
from sorte_cli.inference.grammar import trie

_COMMON_ERRORS = ("ValueError", "TypeError", "RuntimeError", "KeyError", "PermissionError")
_NAMED_ERROR = re.compile(r"[A-Z]\w*(?:Error|Exception|Warning)|StopIteration")
_CLASS_LIKE = re.compile(r"[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+")
_RAISES = re.compile(r"\b(?:rais|throw|lanc|levant|dispar|excep|error|erro)")
_RETURNS = re.compile(r"\b(?:return|devolv|retorn|early|cedo|skip|nothing|nada|sai[ar]?\b|pula)")
# What a sentence says of a value, and the tests that can mean. `{x}` is the name tested.
_WAYS: dict[str, tuple[str, tuple[str, ...]]] = {
    "negative": (r"negativ", ("< zero",)),
    "not positive": (r"positiv", ("<= zero",)),
    "empty": (r"empt|blank|vazi|branco|\bno items|nothing|nada\b|tiver itens", ("not",)),
    "missing": (
        r"\bnone\b|\bnull|\bnul[oa]s?\b|missing|\bgiven|informad|obrigat|requir|mandator|ausent|"
        r"\bthere is no\b|\bno \w+ is\b|not set|nao houver|nao vier|without|\bsem\b",
        ("is None",),
    ),
    "type": (r"\btypes?\b|\btipo|instanc|\bisn.t an?\b|\bis not an?\b|\bnon-", ("isinstance",)),
    "long": (r"\blong|charact|caracter|\bitems?\b|\bitens\b|length|tamanho|\blen\b", ("len",)),
}
_MORE = re.compile(
    r"\b(?:above|greater|more|over|exceed|larg|bigger|maxim|at most|limit|up to|acima|maior|passar|"
    r"exced|ultrapass|superior|no max|ate\b|high)|>"
)
_LESS = re.compile(
    r"below|less|under|small|lower|minim|at least|or more|abaixo|menor|inferior|<|low"
)
_ZERO = re.compile(r"\bzero|(?<![\d.,])0(?![\d.,]*\d)|zerad")
_TYPES = re.compile(
    r"\b(?:int|str|float|list|dict|bool|bytes|set|tuple|Decimal|Path|datetime|date|integer|string|"
    r"boolean|inteiro|texto|booleano|lista|number)\b"
)


def guard_rules(parameters: Sequence[str], mentions: Mentions) -> dict[str, str]:
    """GBNF rules by name; `guard` is the whole statement with its newline.

    `parameters` must not be empty: the names that a condition may test.
    """
    numbers = tuple(dict.fromkeys((*mentions.numbers, "0", "1")))
    return {
        "guard": (
            '"if " guard-test ((" or " | " and ") guard-test)? ":\\n    "'
            f" ({_outcome(mentions)})"
        ),
        "guard-test": " | ".join(_tests(parameters, mentions)),
        "guard-name": trie(tuple(parameters)),
        "guard-number": trie(_said_numbers(mentions) or numbers),
        "guard-value": f"{trie(numbers)} | guard-text | {trie(tuple(parameters))}",
        "guard-type": '[a-zA-Z_(] [a-zA-Z0-9_.,() |]{0,40}',
        "guard-text": '"\\"" [^"\\n]{0,60} "\\"" | "\'" [^\'\\n]{0,60} "\'"',
        "guard-message": _message(mentions),
        "guard-raise": '"raise " guard-error ("(" guard-message? ")")? "\\n"',
        "guard-error": trie(_errors(mentions)),
        "guard-return": '"return" (" " [^\\n]{1,40})? "\\n"',
    }  # fmt: skip


_ANY_TEST = (
    '"not " guard-name',
    'guard-name (" is None" | " is not None")',
    '(guard-name | "len(" guard-name ")")'
    ' (" < " | " <= " | " > " | " >= " | " == " | " != ") guard-value',
    '"not isinstance(" guard-name ", " guard-type ")"',
    'guard-name (" not in " | " in ") guard-value',
)


def _bare(parameters: Sequence[str], mentions: Mentions) -> str:
    """The folded sentence without names and quoted texts: what is left says how to test."""
    text = mentions.text
    for name in sorted((*mentions.code, *mentions.quoted, *parameters), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", text)
    return fold(text)


def _tests(parameters: Sequence[str], mentions: Mentions) -> tuple[str, ...]:
    """The conditions that the sentence's words can mean; all of them where it says none."""
    text = _bare(parameters, mentions)
    found: list[str] = []
    for pattern, ways in _WAYS.values():
        if re.search(pattern, text):
            found += ways
    more, less = bool(_MORE.search(text)), bool(_LESS.search(text))
    if _ZERO.search(text):
        found += ["<= zero", *(["> zero"] if more else []), *(["< zero"] if less else [])]
        found += [] if more or less else ["== zero"]
        if not (more or less or "< zero" in found):
            found.append("not")
    said = [n for n in _said_numbers(mentions) if n != "0"]
    if said and "len" not in found and (more or less or not found):
        found += [">"] if more and not less else ["<"] if less and not more else [">", "<", "=="]
    if not said and "len" in found:
        found.remove("len")
    if _TYPES.search(mentions.text) and (not found or "isinstance" in found):
        found.append("isinstance")
    if len(parameters) > 1 and (more or less) and len(parameters) < 4:
        found.append("names")
    if not found or (found == ["isinstance"] and not _TYPES.search(mentions.text)):
        return _ANY_TEST
    return tuple(dict.fromkeys(_SPELLED[f] for f in found))


_SPELLED = {
    "not": '"not " guard-name',
    "is None": 'guard-name " is None"',
    "isinstance": '"not isinstance(" guard-name ", " guard-type ")"',
    "len": '"len(" guard-name ")" (" > " | " < " | " >= " | " <= " | " == ") guard-number',
    "< zero": 'guard-name " < 0"',
    "<= zero": 'guard-name " <= 0"',
    "> zero": 'guard-name " > 0"',
    "== zero": 'guard-name " == 0"',
    ">": 'guard-name (" > " | " >= ") guard-number',
    "<": 'guard-name (" < " | " <= ") guard-number',
    "names": 'guard-name (" < " | " > " | " <= " | " >= ") guard-name',
    "==": 'guard-name (" == " | " != ") guard-number',
}  # fmt: skip


def _said_numbers(mentions: Mentions) -> tuple[str, ...]:
    """Numbers that are written in figures, or as words other than zero."""
    return tuple(n for n in mentions.numbers if n != "0" or re.search(r"\b0\b", mentions.text))


def _outcome(mentions: Mentions) -> str:
    """Raise, return, or both where the sentence leaves it open."""
    text = fold(mentions.text)
    raises = bool(_RAISES.search(text)) or bool(_named_errors(mentions))
    if _RETURNS.search(text):
        return "guard-raise | guard-return" if raises else "guard-return"
    return "guard-raise"


def _named_errors(mentions: Mentions) -> tuple[str, ...]:
    return tuple(dict.fromkeys(t for t in mentions.tokens if _NAMED_ERROR.fullmatch(t)))


def _errors(mentions: Mentions) -> tuple[str, ...]:
    """The exceptions that the sentence names, else names that may be one, and the common ones."""
    if named := _named_errors(mentions):
        return named
    like = tuple(dict.fromkeys(t for t in mentions.tokens if _CLASS_LIKE.fullmatch(t)))
    return (*like, *_COMMON_ERRORS)


def _message(mentions: Mentions) -> str:
    """The text that the sentence quotes for the message, else a free one."""
    quoted = [q for q in mentions.quoted if " " in q.strip() and '"' not in q]
    if quoted:
        return trie(tuple(f'"{q}"' for q in quoted))
    return '"f"? guard-text'


def tested(parameters: Sequence[str], mentions: Mentions) -> tuple[str, ...]:
    """The parameters that the sentence names, else all but self and cls."""
    own = [p for p in parameters if p not in ("self", "cls")]
    named = [p for p in own if p in mentions.tokens or p in mentions.quoted]
    folded = [p for p in own if p.lower() in mentions.pieces]
    return tuple(named or folded or own)
