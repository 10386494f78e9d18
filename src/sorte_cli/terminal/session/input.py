"""What is typed: pastes of any size in linear time, and a terminal that goes away noticed."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable

from prompt_toolkit.input.posix_utils import PosixStdinReader
from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys

from sorte_cli.terminal import theme

READ_BYTES = 65_536
_END = "\x1b[201~"
_ANSWER_BEGINS = "\x1b]11;"
_ANSWER_CHARS = 40
_BEGINNINGS = tuple(_ANSWER_BEGINS[:n] for n in range(2, len(_ANSWER_BEGINS)))


class PasteParser(Vt100Parser):
    """Collects a paste in pieces. (The parser it replaces looks through all of what was pasted so
    far for each kilobyte that comes: 20 s for 4 MB.)"""

    _pieces: list[str]
    _tail: str
    _answer = ""

    def __init__(
        self, feed_key_callback: Callable[[KeyPress], None], on_background: Callable[[str], None]
    ) -> None:
        """`on_background` gets the colour that the terminal says is its own, when it says so."""
        self._on_background = on_background
        super().__init__(feed_key_callback)

    def reset(self, request: bool = False) -> None:
        super().reset(request)
        self._pieces, self._tail = [], ""

    def feed(self, data: str) -> None:
        if not self._in_bracketed_paste:
            data = self._without_answer(data)
            super().feed(data)  # comes back here with what follows the beginning of a paste
            return
        text = self._tail + data
        end = text.find(_END)
        if end < 0:
            kept = len(_END) - 1  # the mark itself may come in two reads
            self._pieces.append(text[:-kept])
            self._tail = text[-kept:]
            return
        pasted = "".join([*self._pieces, text[:end]])
        self._pieces, self._tail = [], ""
        self._in_bracketed_paste = False
        self.feed_key_callback(KeyPress(Keys.BracketedPaste, pasted))
        if rest := text[end + len(_END) :]:
            self.feed(rest)

    def _without_answer(self, data: str) -> str:
        """The keys in what came: an answer of the terminal, whole or its beginning, is none."""
        data, self._answer = self._answer + data, ""
        if _ANSWER_BEGINS not in data and not data.endswith(_BEGINNINGS):
            return data
        while found := theme.ANSWER.search(data):
            self._on_background(found[1])
            data = data[: found.start()] + data[found.end() :]
        start = data.rfind("\x1b]")
        if start >= 0 and len(data) - start < _ANSWER_CHARS:
            data, self._answer = data[:start], data[start:]
        return data


class TerminalReader(PosixStdinReader):
    """Reads much at once, and takes an error for the end: the terminal is gone."""

    def read(self, count: int = READ_BYTES) -> str:
        if self.closed:
            return ""
        try:
            if not select.select([self.stdin_fd], [], [], 0)[0]:
                return ""
            data = os.read(self.stdin_fd, READ_BYTES)
        except (OSError, ValueError):
            data = b""
        if not data:
            self.closed = True
            return ""
        return self._stdin_decoder.decode(data)


def terminal_input(on_background: Callable[[str], None]) -> Vt100Input:
    """stdin as a session reads it."""
    made = Vt100Input(sys.stdin)
    made.stdin_reader = TerminalReader(sys.stdin.fileno(), encoding=sys.stdin.encoding)
    made.vt100_parser = PasteParser(made.vt100_parser.feed_key_callback, on_background)
    return made
