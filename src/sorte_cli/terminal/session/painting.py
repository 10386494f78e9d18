"""Colours of the session's own lines, decided once for the whole session."""

from __future__ import annotations

import sys

from sorte_cli.terminal import output

_CODES = {
    "said": "1",
    "route": "2;3",
    "heading": "1",
    "good": "32",
    "bad": "31;1",
    "warning": "33",
    "dim": "2",
    "accent": "36",
}


class Ink:
    """Paints text where colours are wanted."""

    @property
    def color(self) -> bool:
        return output.wants_color(sys.stdout)

    def paint(self, text: str, kind: str) -> str:
        """`text` in the colour of `kind`; each of its lines, so that none bleeds into the next."""
        if not kind or not text or not self.color:
            return text
        return "\n".join(f"\x1b[{_CODES[kind]}m{line}\x1b[0m" for line in text.split("\n"))


ink = Ink()
