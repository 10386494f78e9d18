"""Errors, notes and questions, each in one style."""

from __future__ import annotations

import sys

from sorte_cli.terminal import output
from sorte_cli.terminal.engine_messages import in_language
from sorte_cli.terminal.style import paint
from sorte_cli.terminal.translate import _

_STYLES = {"error": "error", "hint": "accent", "note": "warning"}


def print_error(message: str, hint: str = "") -> None:
    """`error: message` on stderr, and `hint: what to do next` where there is a hint."""
    _tell("error", _("error"), message)
    if hint:
        _tell("hint", _("hint"), hint)


def print_note(message: str) -> None:
    """`note: message` on stderr."""
    _tell("note", _("note"), message)


def _tell(kind: str, word: str, message: str) -> None:
    text = in_language(message).replace("\n", "\n  ")
    said = output.wrapped(f"{word}: {text}").removeprefix(f"{word}:")
    output.say(paint(f"{word}:", _STYLES[kind], sys.stderr) + said, to_stderr=True)
