"""What could be learned from the person: a wish that holds beyond today, a correction by hand.

Only proposed here; what is remembered is what the person said yes to. Pure: text in, text out.
"""

from __future__ import annotations

import difflib
import re
import unicodedata

from sorte_cli.memory.notes import TEXT_LIMIT_CHARS

PART_CHARS = 160
LINES = 3
_LASTING = re.compile(
    r"(?:(?:no|nao)[,:]?\s+)?(?:please\s+|por favor,?\s+)?"
    r"(?:always|never|from now on|remember(?: that)?|in future|in the future|we (?:always|never)|"
    r"i prefer|sempre|nunca|jamais|a partir de agora|de agora em diante|daqui em diante|"
    r"lembre(?:-se)?(?: de)?(?: que)?|prefiro|nos (?:sempre|nunca))\b"
)


def lasting_wish(message: str) -> str:
    """The message, where it says how things are to be done from now on; "" for any other."""
    flat = " ".join(message.split())
    plain = unicodedata.normalize("NFKD", flat.lower())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    asks = flat.endswith("?")
    fits = len(flat) <= TEXT_LIMIT_CHARS
    return flat if fits and not asks and _LASTING.match(plain) else ""


def correction(before: str, after: str) -> tuple[str, str]:
    """What was changed by hand in a plan or script: (as it was, as it is now), each in one line.

    Two empty texts where it is nothing, or too much to say in a sentence.
    """
    old, new = before.strip().splitlines(), after.strip().splitlines()
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    gone: list[str] = []
    come: list[str] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag != "equal":
            gone += old[i1:i2]
            come += new[j1:j2]
    if not come or max(len(gone), len(come)) > LINES:
        return "", ""
    was, now = (" ".join(" ".join(lines).split()) for lines in (gone, come))
    return ("", "") if max(len(was), len(now)) > PART_CHARS else (was, now)
