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
    "error": "31;1",
    "said": "1",
    "route": "2;3",
}
_ON_LIGHT = {"warning": "35", "accent": "34"}
"""Yellow and cyan cannot be read on white."""
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
    return f"\x1b[{code(kind)}m{text}\x1b[0m"


def code(kind: str) -> str:
    """The number of a colour, as this terminal's background wants it."""
    from sorte_cli.terminal import theme

    light = kind in _ON_LIGHT and theme.current() == theme.LIGHT
    return _ON_LIGHT[kind] if light else _CODES[kind]
