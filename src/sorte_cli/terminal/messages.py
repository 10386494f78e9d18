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
    said = _indented(in_language(message))
    output.say(f"{_tag('error', _('error'))} {said}", to_stderr=True)
    if hint:
        next_step = _indented(in_language(hint))
        output.say(f"{_tag('hint', _('hint'))} {next_step}", to_stderr=True)


def print_note(message: str) -> None:
    """`note: message` on stderr."""
    output.say(f"{_tag('note', _('note'))} {_indented(in_language(message))}", to_stderr=True)


def _tag(kind: str, word: str) -> str:
    return paint(f"{word}:", _STYLES[kind], sys.stderr)


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")
