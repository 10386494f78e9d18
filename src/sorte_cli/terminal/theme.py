"""Whether the terminal is dark or light: as set, as the terminal said, or as its environment hints.

Nobody is asked and waited for: a terminal that answers late, or never, costs nothing.
"""

from __future__ import annotations

import os
import re

from sorte_cli.errors import SorteError

DARK, LIGHT = "dark", "light"
QUESTION = "\x1b]11;?\x1b\\"
"""Asks the terminal for its background; the answer comes through the keyboard, as `ANSWER`."""
ANSWER = re.compile(r"\x1b\]11;rgba?:([0-9a-fA-F/]+)(?:\x07|\x1b\\)")
_SILENT = ("", "dumb", "unknown", "linux", "cons25", "emacs")
_LIGHT_COLOURS = frozenset({"7", "11", "14", "15"})

_set: str | None = None
_told = ""


def current() -> str:
    """DARK or LIGHT."""
    return _chosen() or _told or _from_environment() or DARK


def use(name: str) -> None:
    """What the person set: DARK, LIGHT, or "auto". Without this call their settings are read."""
    global _set
    _set = name if name in (DARK, LIGHT) else ""


def tell(name: str) -> None:
    """What is known of the terminal from now on; "" for nothing."""
    global _told
    _told = name if name in (DARK, LIGHT) else ""


def may_ask() -> bool:
    """Whether this terminal understands `QUESTION`, or at least leaves it alone."""
    name = os.environ.get("TERM", "")
    return name not in _SILENT and not name.startswith("vt")


def understood(colour: str) -> str:
    """DARK or LIGHT for a colour as terminals write it ("ffff/ffff/dddd"); "" for nonsense."""
    parts = colour.split("/")[:3]
    if len(parts) < 3 or not all(0 < len(p) <= 4 for p in parts):
        return ""
    red, green, blue = (int(p, 16) / (16 ** len(p) - 1) for p in parts)
    return LIGHT if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5 else DARK


def _chosen() -> str:
    """What the person set (`theme`); "" where they left it to us, or their settings are broken."""
    if _set is None:
        from sorte_cli.settings import load_settings

        try:
            settings, _notes = load_settings(None)
            use(settings.theme)
        except SorteError:
            use("auto")  # said by the command itself, where it reads them
    return _set or ""


def _from_environment() -> str:
    """What rxvt, Konsole, iTerm and others leave in COLORFGBG: "foreground;background"."""
    background = os.environ.get("COLORFGBG", "").rpartition(";")[2]
    if not background.isdigit():
        return ""
    return LIGHT if background in _LIGHT_COLOURS else DARK
