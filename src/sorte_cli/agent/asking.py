"""Whether two halves of a sentence each ask for something, by the likely verbs of their words.

This finds requests that begin with no imperative: "blackout perde o soft, e a cor do strobe agora é
vermelha".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sorte_cli.agent.grounding import WORD, fold, read_mentions, strength
from sorte_cli.agent.joining import joining
from sorte_cli.agent.likely_verbs import likely
from sorte_cli.domain import Symbol

# A comma and a conjunction, or a semicolon: what people put between two requests.
_BREAK = re.compile(r"^\s*(?:[,.]\s*\w.*|;.*)$", re.DOTALL)
_LEANS = re.compile(
    r"^(?:it|them|that|this|its|their|which|who|so|ele|ela|isso|isto|que|dele|dela|seu|sua|assim|"
    r"por isso|portanto)\b"
)
_NAMED, _SPOKEN_OF, _ALONE = 0.05, 0.3, 0.8
"""How likely a verb must be in a half that names a thing, that speaks of one, or that does not."""
_COPY = 0.5
"""From here on the whole is about one new thing, and what follows belongs to it."""


def both_ask(head: str, tail: str, joint: str, symbols: Sequence[Symbol]) -> bool:
    """Whether the halves on either side of a joint are two requests."""
    if not _BREAK.match(joint) or min(len(head.split()), len(tail.split())) < 2:
        return False
    one, other = _asked(head, symbols), _asked(tail, symbols)
    if _LEANS.match(fold(tail)) or not (one and other):
        return False
    # "f says little; g says it better" is one.
    if one == other and not any(c.isalpha() for c in joint):
        return False
    whole = read_mentions(f"{head}{joint}{tail}")
    return joining(symbols, whole) is None and likely(symbols, whole)["clone"] < _COPY


def _asked(clause: str, symbols: Sequence[Symbol]) -> str:
    """The verb that a clause asks for; "" where it likely asks for nothing."""
    mentions = read_mentions(clause)
    named = max((strength(s, mentions) for s in symbols), default=0)
    chances = likely(symbols, mentions)
    best = max(chances, key=lambda verb: chances[verb])
    least = _NAMED if named >= WORD else _SPOKEN_OF if named else _ALONE
    return best if chances[best] >= least else ""
