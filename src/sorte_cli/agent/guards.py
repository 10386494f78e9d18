"""The grammar of a guard: a test of a function's own parameters, then raise or return.

In the compact profile a statement that begins with `if` is one of these, so that a small model can
only test what is there, with numbers that the sentence names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sorte_cli.agent.grounding import Mentions
from sorte_cli.inference.grammar import trie

_COMMON_ERRORS = ("ValueError", "TypeError", "RuntimeError", "KeyError", "PermissionError")
_NAMED_ERROR = re.compile(r"[A-Z]\w*(?:Error|Exception|Warning)|StopIteration")


def guard_rules(parameters: Sequence[str], mentions: Mentions) -> dict[str, str]:
    """GBNF rules by name; `guard` is the whole statement with its newline.

    `parameters` must not be empty: the names that a condition may test.
    """
    numbers = tuple(dict.fromkeys((*mentions.numbers, "0", "1")))
    errors = tuple(dict.fromkeys(t for t in mentions.tokens if _NAMED_ERROR.fullmatch(t)))
    return {
        "guard": (
            '"if " guard-test ((" or " | " and ") guard-test)? ":\\n    "'
            " (guard-raise | guard-return)"
        ),
        "guard-test": (
            '"not " guard-name'
            ' | guard-name (" is None" | " is not None")'
            ' | (guard-name | "len(" guard-name ")")'
            ' (" < " | " <= " | " > " | " >= " | " == " | " != ") guard-value'
            ' | "not isinstance(" guard-name ", " guard-type ")"'
            ' | guard-name (" not in " | " in ") guard-value'
        ),
        "guard-name": trie(tuple(parameters)),
        "guard-value": f"{trie(numbers)} | guard-text | {trie(tuple(parameters))}",
        "guard-type": '[a-zA-Z_(] [a-zA-Z0-9_.,() |]{0,40}',
        "guard-text": '"\\"" [^"\\n]{0,60} "\\"" | "\'" [^\'\\n]{0,60} "\'"',
        "guard-raise": '"raise " guard-error ("(" (guard-text | "f" guard-text)? ")")? "\\n"',
        "guard-error": trie(errors or _COMMON_ERRORS),
        "guard-return": '"return" (" " [^\\n]{1,40})? "\\n"',
    }  # fmt: skip


def tested(parameters: Sequence[str], mentions: Mentions) -> tuple[str, ...]:
    """The parameters that the sentence names, else all but self and cls."""
    own = [p for p in parameters if p not in ("self", "cls")]
    named = [p for p in own if p in mentions.tokens or p in mentions.quoted]
    folded = [p for p in own if p.lower() in mentions.pieces]
    return tuple(named or folded or own)
