"""Markdown for the terminal: whole blocks as soon as they are complete, at the screen's width."""

from __future__ import annotations

import io
import re
import shutil
import sys

from sorte_cli.terminal import output, theme
from sorte_cli.terminal.style import safe

WIDTH_LIMIT = 100
_CODE = re.compile(r"`([^`]+)`")
_BOLD = re.compile(r"(\*\*)(\S(?:.*?\S)?)\*\*")


def render(text: str) -> str:
    """Markdown as the terminal shows it; without colours as plain text, wrapped nowhere."""
    shown = safe(text).strip("\n")
    if not output.wants_color(sys.stdout):
        return plain(shown)
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.theme import Theme

    width = min(shutil.get_terminal_size((80, 24)).columns, WIDTH_LIMIT)
    accent = "blue" if theme.current() == theme.LIGHT else "cyan"
    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=True,
        color_system="standard",
        theme=Theme({"markdown.code": accent, "markdown.code_block": accent}),
    )
    with console.capture() as capture:
        console.print(Markdown(shown, code_theme=f"ansi_{theme.current()}"))
    return "\n".join(line.rstrip() for line in capture.get().rstrip("\n").splitlines())


def plain(text: str) -> str:
    """Markdown without its marks: `path:line` bare, code indented, the rest as it is."""
    lines: list[str] = []
    fenced = False
    for line in text.split("\n"):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced:
            lines.append(f"    {line}".rstrip())
        else:
            lines.append(_BOLD.sub(r"\2", _CODE.sub(r"\1", line)))
    return "\n".join(lines)


class Stream:
    """Markdown that arrives piece by piece. `feed` gives the blocks that are complete now."""

    def __init__(self) -> None:
        self._rest = ""
        self.text = ""

    @property
    def tail(self) -> str:
        """The beginning of the block that is not complete yet."""
        return self._rest

    def feed(self, piece: str) -> str:
        self.text += piece
        self._rest += piece
        blocks = self._rest.split("\n\n")
        done: list[str] = []
        fenced = False
        kept = 0
        for number, block in enumerate(blocks[:-1], 1):
            done.append(block)
            if block.count("```") % 2:
                fenced = not fenced
            if not fenced:
                kept = number
        self._rest = "\n\n".join(blocks[kept:])
        return "\n\n".join(blocks[:kept])

    def finish(self) -> str:
        """What is left when nothing more comes."""
        rest, self._rest = self._rest, ""
        return rest
