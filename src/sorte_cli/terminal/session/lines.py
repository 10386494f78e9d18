"""The lines that were typed, kept across sessions. A full disk only costs the memory of a line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from prompt_toolkit.history import History

KEPT = 2_000
LINE_LIMIT_CHARS = 4_000


class LineHistory(History):
    """One JSON string a line, oldest first, so that a message of many lines stays one entry."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def load_history_strings(self) -> Iterable[str]:
        try:
            lines = self._path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []
        found: list[str] = []
        for line in lines[-KEPT:]:
            try:
                text = json.loads(line)
            except ValueError:
                continue  # torn
            if isinstance(text, str) and (not found or found[-1] != text):
                found.append(text)
        return reversed(found)

    def store_string(self, string: str) -> None:
        if len(string) > LINE_LIMIT_CHARS:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            with os.fdopen(os.open(self._path, flags, 0o600), "a", encoding="utf-8") as file:
                file.write(json.dumps(string) + "\n")
        except OSError:
            pass  # the talk's own file says that the disk is full
