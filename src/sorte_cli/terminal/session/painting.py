"""Colours of the session's own lines, decided once for the whole session."""

from __future__ import annotations

import sys

from sorte_cli.terminal import output
from sorte_cli.terminal.style import code


class Ink:
    """Paints text where colours are wanted."""

    @property
    def color(self) -> bool:
        return output.wants_color(sys.stdout)

    def paint(self, text: str, kind: str) -> str:
        """`text` in the colour of `kind`; each of its lines, so that none bleeds into the next."""
        if not kind or not text or not self.color:
            return text
        return "\n".join(f"\x1b[{code(kind)}m{line}\x1b[0m" for line in text.split("\n"))


ink = Ink()
