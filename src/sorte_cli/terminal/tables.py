"""Tables of text that fit the terminal; the last column gives way."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Sequence

from sorte_cli.terminal import output

WIDTH_WITHOUT_TERMINAL = 80
_STYLES = {"good": "green", "bad": "red", "warning": "yellow", "dim": "dim", "accent": "cyan"}


def render(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    styles: Sequence[Sequence[str]] = (),
    wrap: bool = False,
) -> str:
    """A table as text. `styles` colours cells; the last column is cut, or wrapped with `wrap`."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0))
    *firm, last = headings
    for heading in firm:
        table.add_column(Text(heading, style="bold"), no_wrap=True)
    # Only what may be wrapped gives way; that its texts are cut instead they say themselves.
    table.add_column(Text(last, style="bold"), overflow="fold" if wrap else "ellipsis")
    for number, row in enumerate(rows):
        kinds = styles[number] if styles else [""] * len(row)
        cells = [Text(t, style=_STYLES.get(k, "")) for t, k in zip(row, kinds, strict=True)]
        cells[-1].no_wrap = not wrap
        table.add_row(*cells)
    color = output.wants_color(sys.stdout)
    width = shutil.get_terminal_size((WIDTH_WITHOUT_TERMINAL, 24)).columns
    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=color,
        no_color=not color,
        color_system="standard" if color else None,
        legacy_windows=False,
    )
    with console.capture() as capture:
        console.print(table)
    return "\n".join(line.rstrip() for line in capture.get().rstrip("\n").splitlines())
