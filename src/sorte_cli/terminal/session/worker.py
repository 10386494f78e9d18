"""The worker process of a session: runs, answers, shell commands and index, one at a time.

It lives in a process of its own so that the screen never waits for it and nothing it does can take
the talk or the terminal down. A cancel arrives as Ctrl-C would, in the main thread, so that a run
ends in the same good order as `sorte do`. It leaves when the session's end of the pipe closes.
"""

from __future__ import annotations

import io
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from sorte_cli.errors import InterruptedRun, SorteError
from sorte_cli.terminal.session.frames import Frame, read_frames, write_frame
from sorte_cli.terminal.session.tasks import Tasks

RunCommand = Callable[[Sequence[str]], int]
"""Runs one `sorte` command line and returns its exit code."""


class Link:
    """The worker's end of the pipes. A Ctrl-C never tears a frame: it waits until it is sent."""

    def __init__(self, requests_fd: int, answers_fd: int) -> None:
        self._in, self._out = requests_fd, answers_fd
        self._lock = threading.RLock()
        self._requests: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._sending = False
        self._late = False
        self._interrupted = 0
        self._cancelled = 0
        self._state = threading.Lock()
        self.current = 0
        self.ended = False

    def start(self) -> None:
        signal.signal(signal.SIGINT, self._on_interrupt)
        threading.Thread(target=self._listen, name="sorte-listen", daemon=True).start()

    def _on_interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._sending:
            self._late = True
        elif self.current:
            raise KeyboardInterrupt

    def _listen(self) -> None:
        for frame in read_frames(self._in):
            if "do" in frame:
                self._requests.put(frame)
            elif "cancel" in frame:
                with self._state:
                    self._cancelled = frame["cancel"]
                    if self._cancelled == self.current:
                        self._interrupt()
            elif "answer" in frame:
                self._answers.put(frame["answer"])
            elif "columns" in frame:
                os.environ["COLUMNS"] = str(frame["columns"])
        # The session is gone: whatever runs is undone in good order, then the process ends.
        self.ended = True
        self._requests.put(None)
        self._interrupt()

    def _interrupt(self) -> None:
        """Ctrl-C for the current request, once: a second one would end its cleaning up."""
        if self.current and self._interrupted != self.current:
            self._interrupted = self.current
            os.kill(os.getpid(), signal.SIGINT)

    def next_request(self) -> Frame | None:
        return self._requests.get()

    def begin(self, number: int) -> None:
        """Take up a request. Raises KeyboardInterrupt where it was cancelled while it waited."""
        with self._state:
            self.current = number
            cancelled = number == self._cancelled
        if cancelled:
            raise KeyboardInterrupt

    @property
    def idle(self) -> bool:
        """Whether no request waits."""
        return self._requests.empty()

    def send(self, **frame: Any) -> None:
        """Tell the session something about the current request."""
        with self._lock:
            self._sending = True
            try:
                write_frame(self._out, {"id": self.current, **frame})
            except OSError:
                self.ended = True  # nobody reads any more; the listener sees the end as well
            finally:
                self._sending = False
        if self._late:
            self._late = False
            if threading.current_thread() is threading.main_thread():
                raise KeyboardInterrupt
            os.kill(os.getpid(), signal.SIGINT)  # it came while this thread was sending

    def ask(self, kind: str, text: str) -> Any:
        """Ask the person; waits for the answer, and a Ctrl-C ends the waiting."""
        while not self._answers.empty():
            self._answers.get()
        self.send(ask=kind, text=text)
        while True:  # in small waits, because a signal cannot end a lock's long one
            try:
                return self._answers.get(timeout=0.1)
            except queue.Empty:
                continue


class Printed(io.TextIOBase):
    """A stream whose text goes to the session's screen."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.color = False

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    def isatty(self) -> bool:
        return self.color

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        if text:
            self._link.send(out=text)
        return len(text)


class Worker:
    """Answers requests until the session ends."""

    def __init__(self, link: Link, tasks: Tasks) -> None:
        self._link = link
        self._printed = Printed(link)
        self._tasks = tasks

    def serve(self) -> None:
        sys.stdout = sys.stderr = self._printed
        while (frame := self._link.next_request()) is not None:
            answer: dict[str, Any] = {"ok": False}
            try:
                self._link.begin(frame["id"])
                self._prepare(frame)
                answer = {"ok": True, **self._tasks.do(frame)}
            except KeyboardInterrupt:
                answer["interrupted"] = True
            except InterruptedRun as error:
                answer |= {"interrupted": True, "message": error.message, "hint": error.hint}
            except SorteError as error:
                answer |= {
                    "message": error.message, "hint": error.hint, "code": int(error.exit_code),
                }  # fmt: skip
            self._end(answer)
            if frame["do"] == "names" and self._link.idle:
                self._tasks.import_early()

    def _prepare(self, frame: Frame) -> None:
        from sorte_cli.terminal import output, theme, translate

        theme.use(str(frame.get("theme", "auto")))
        if frame.get("lang"):
            translate.set_language(frame["lang"])
            os.environ["SORTE_LANG"] = frame["lang"]
        if frame.get("columns"):
            os.environ["COLUMNS"] = str(frame["columns"])
        self._printed.color = bool(frame.get("color"))
        if not self._printed.color:
            output.disable_color()

    def _end(self, answer: dict[str, Any]) -> None:
        """The last frame of a request; a cancel that comes as late as this has come too late."""
        try:
            self._link.send(end=answer)
        except KeyboardInterrupt:
            pass
        self._link.current = 0


def serve(run_command: RunCommand, commands: Sequence[str]) -> None:
    """Run as the worker of the session that started this process."""
    requests_fd, answers_fd = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    log = sys.stderr
    link = Link(requests_fd, answers_fd)
    link.start()
    try:
        Worker(link, Tasks(link, Path.cwd(), run_command, commands)).serve()
    finally:
        sys.stderr = log
