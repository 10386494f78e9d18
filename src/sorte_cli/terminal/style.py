"""Colours for a few kinds of text, and text from outside made safe to show."""

from __future__ import annotations

import re
from typing import TextIO

from sorte_cli.terminal import output

_CODES = {
    "heading": "1",
    "good": "32",
    "bad": "31",
    "warning": "33",
    "dim": "2",
    "accent": "36",
}
# Everything a terminal could take for a command, but for the newline and the tab.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def safe(text: str) -> str:
    """Text from a repository or a model without terminal control sequences.

    A file could otherwise clear the screen or forge what Sorte says. Lone surrogates (bytes that
    were not UTF-8) are shown as `\ufffd`.
    """
    whole = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return _CONTROL.sub("\ufffd", whole.replace("\r\n", "\n"))


def paint(text: str, kind: str, stream: TextIO) -> str:
    """`text` in the colour of `kind`, where `stream` shows colours."""
    if not text or not output.wants_color(stream):
        return text
    return f"\x1b[{_CODES[kind]}m{text}\x1b[0m"


def paint_diff(diff: str, stream: TextIO) -> str:
    """A unified diff: added lines green, removed ones red, file names bold."""
    return "\n".join(_diff_line(safe(line), stream) for line in diff.splitlines())


def _diff_line(line: str, stream: TextIO) -> str:
    if line.startswith(("+++", "---", "diff ", "index ")):
        return paint(line, "heading", stream)
    kinds = {"+": "good", "-": "bad", "@": "accent"}
    kind = kinds.get(line[:1])
    return paint(line, kind, stream) if kind else line
