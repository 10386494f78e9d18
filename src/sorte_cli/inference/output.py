"""Bytes of tokens to text as they come: whole characters only, cut at the first stop text."""

from __future__ import annotations

import codecs
from collections.abc import Callable

from sorte_cli.inference.engine import OnText


class Output:
    """Collects an answer and passes on what is certain to belong to it."""

    def __init__(self, stop: tuple[str, ...], on_text: OnText | None) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stop = tuple(s for s in stop if s)
        self._emit: Callable[[str], None] = on_text or (lambda _: None)
        self._sent: list[str] = []
        self._held = ""
        self._stopped = False

    def add(self, piece: bytes) -> bool:
        """Takes a token's bytes. True when a stop text is complete."""
        return self._take(self._decoder.decode(piece))

    def finish(self) -> str:
        """Sends what was held back, and returns the whole text."""
        if not self._stopped:
            self._take(self._decoder.decode(b"", final=True))
        if not self._stopped:
            self._send(self._held)
        return "".join(self._sent)

    def _take(self, text: str) -> bool:
        if not self._stop:
            self._send(text)
            return False
        self._held += text
        places = [at for at in map(self._held.find, self._stop) if at >= 0]
        if places:
            self._send(self._held[: min(places)])
            self._stopped = True
            return True
        keep = self._possible_stop()
        self._send(self._held[: len(self._held) - keep])
        self._held = self._held[len(self._held) - keep :]
        return False

    def _possible_stop(self) -> int:
        """How many characters at the end may be the beginning of a stop text."""
        longest = max(map(len, self._stop), default=1) - 1
        for size in range(min(longest, len(self._held)), 0, -1):
            if any(s.startswith(self._held[-size:]) for s in self._stop):
                return size
        return 0

    def _send(self, text: str) -> None:
        if text:
            self._sent.append(text)
            self._emit(text)
