"""One moving line at the bottom of a terminal, gone without a trace when it stops."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.status import Status

DETAIL_LIMIT = 60


class Spinner:
    """Shows what is going on. With `enabled` False every method does nothing."""

    def __init__(self, *, enabled: bool) -> None:
        self.enabled = enabled
        self._status: Status | None = None
        self._text = ""

    def show(self, text: str) -> None:
        """Start the spinner, or change its text."""
        self._text = text
        self._update(text)

    def detail(self, text: str) -> None:
        """What a model is writing at the moment, dimmed behind the text."""
        from rich.markup import escape

        if self.enabled:
            shown = text if len(text) <= DETAIL_LIMIT else "…" + text[-DETAIL_LIMIT:]
            self._update(f"{escape(self._text)}  [dim]{escape(shown)}[/dim]", markup=True)

    def stop(self) -> None:
        """Take the line away."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing moves while something else is printed."""
        running = self._status
        if running is None:
            yield
            return
        running.stop()
        try:
            yield
        finally:
            if self._status is running:
                running.start()

    def _update(self, text: str, *, markup: bool = False) -> None:
        if not self.enabled:
            return
        from rich.text import Text

        shown = Text.from_markup(text) if markup else Text(text)
        shown.no_wrap = True
        shown.overflow = "ellipsis"
        if self._status is None:
            from rich.console import Console

            self._status = Console(file=sys.stderr).status(shown)
            self._status.start()
        else:
            self._status.update(shown)
