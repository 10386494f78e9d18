"""What the session itself says, in the one style of all commands."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from sorte_cli.terminal.engine_messages import in_language
from sorte_cli.terminal.session.painting import ink
from sorte_cli.terminal.style import safe
from sorte_cli.terminal.translate import _

if TYPE_CHECKING:
    from sorte_cli.terminal.session.parts import Screen

ECHO_CHARS = 2_000


class Voice:
    """Prints through the screen, which is set before anything is said."""

    screen: Screen

    def __init__(self) -> None:
        self.columns = 80
        self._line_open = False

    def show(self, text: str) -> None:
        """Print text as it is; it may be a part of a line."""
        self.screen.show(text)
        self._line_open = not text.endswith("\n")

    def line(self, text: str = "", kind: str = "", *, indent: int | None = None) -> None:
        """Print a line of the session's own. `indent`: where its further lines begin."""
        start = "\n" if self._line_open else ""
        self.show(f"{start}{ink.paint(self._wrapped(text, indent), kind)}\n")

    def _wrapped(self, text: str, further: int | None = None) -> str:
        """Prose broken between words, not by the terminal in the middle of one."""
        if len(text) <= self.columns or "\x1b" in text or "\n" in text:
            return text
        least = len(text) - len(text.lstrip()) + 2
        indent = " " * (further if further is not None and further < self.columns // 2 else least)
        return textwrap.fill(
            text,
            self.columns,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
            drop_whitespace=True,
        )

    def said(self, message: str) -> None:
        """The person's own message in the scrollback; of a very long one the beginning."""
        if self.screen.keeps_lines:
            return
        shown = safe(message[:ECHO_CHARS]).replace("\n", "\n  ")
        if len(message) > ECHO_CHARS:
            shown += _(" … ({count} characters)").format(count=f"{len(message):,}")
        self.line(f"› {shown}", "said")

    def error(self, message: str, hint: str = "") -> None:
        """An error and what to do next."""
        self._told(_("error"), "error", message)
        if hint:
            self._told(_("hint"), "accent", hint)

    def note(self, message: str) -> None:
        """Something worth knowing."""
        self._told(_("note"), "warning", message)

    def _told(self, label: str, kind: str, message: str) -> None:
        lines = safe(in_language(message)).split("\n")
        first = self._wrapped(f"{label}: {lines[0]}").removeprefix(f"{label}:")
        rest = "".join("\n" + self._wrapped(f"  {line}") for line in lines[1:])
        self.line(f"{ink.paint(label + ':', kind)}{first}{rest}")
