"""A terminal for tests: the real `sorte` at a pty, with a screen that can be read."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pyte

PATIENCE_S = 60.0


class Person:
    """Types at a session and looks at the screen. Waits for what it expects, never for a time."""

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        *arguments: str,
        columns: int = 80,
        lines: int = 24,
        program: tuple[str, ...] = (sys.executable, "-m", "sorte_cli"),
    ) -> None:
        self.screen = pyte.HistoryScreen(columns, lines, history=5_000)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.fd, inner = pty.openpty()
        self._set_size(columns, lines)
        self.process = subprocess.Popen(
            [*program, *arguments],
            cwd=folder,
            env=dict(environment),
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0) and None,
        )
        os.close(inner)

    def _set_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def resize(self, columns: int, lines: int) -> None:
        self._set_size(columns, lines)
        self.screen.resize(lines, columns)
        self.process.send_signal(signal.SIGWINCH)

    # Looking

    def look(self, for_s: float = 0.05) -> None:
        """Take in what the terminal shows for a moment."""
        end = time.monotonic() + for_s
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.fd], [], [], left)[0]:
                return
            try:
                data = os.read(self.fd, 65_536)
            except OSError as error:
                if error.errno == errno.EIO:  # the other side is closed
                    return
                raise
            if not data:
                return
            self.raw += data
            self._stream.feed(data)

    @property
    def rows(self) -> list[str]:
        """All lines, the scrolled-off ones first."""
        past = ["".join(row[x].data for x in range(self.screen.columns)).rstrip()
                for row in self.screen.history.top]  # fmt: skip
        return past + [line.rstrip() for line in self.screen.display]

    @property
    def text(self) -> str:
        return "\n".join(self.rows)

    def wait(self, what: str | Callable[[str], bool], patience_s: float = PATIENCE_S) -> str:
        """Until the text is there (or a check holds); the whole text then."""
        check = what if callable(what) else lambda text: what in text
        end = time.monotonic() + patience_s
        while not check(self.text):
            if time.monotonic() > end:
                raise AssertionError(f"{what!r} did not come; the screen shows:\n{self.text}")
            if self.process.poll() is not None:
                self.look(0.2)
                if check(self.text):
                    break
                raise AssertionError(f"it ended ({self.process.returncode}) with:\n{self.text}")
            self.look()
        return self.text

    def wait_count(self, what: str, count: int) -> str:
        return self.wait(lambda text: text.count(what) >= count)

    # Doing

    def type(self, text: str) -> None:
        data = text.encode()
        while data:
            data = data[os.write(self.fd, data[:4096]) :]
            self.look(0.0)

    def say(self, text: str) -> None:
        """A line and Enter. Enter comes after the line was taken in, as with fingers."""
        self.type(text)
        self.look(0.1)
        self.type("\r")

    def ready(self) -> None:
        """Until the worker told about the project."""
        self.wait("talk 0%")

    def end(self, patience_s: float = PATIENCE_S) -> int:
        """Wait for the end; the exit code."""
        end = time.monotonic() + patience_s
        while self.process.poll() is None:
            if time.monotonic() > end:
                raise AssertionError(f"it does not end; the screen shows:\n{self.text}")
            self.look()
        self.look(0.2)
        return self.process.returncode

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        with contextlib.suppress(OSError):
            os.close(self.fd)
