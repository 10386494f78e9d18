"""The session of a terminal without cursor control: lines in, lines out, nothing moves."""

from __future__ import annotations

import queue
import sys
from collections.abc import Callable

from sorte_cli.errors import SorteError
from sorte_cli.terminal import ask, output
from sorte_cli.terminal.session import asking
from sorte_cli.terminal.session.core import Session
from sorte_cli.terminal.session.frames import Frame

WAIT_S = 0.2


class PlainScreen:
    """Runs a session line by line. Work is waited for; Ctrl-C stops it."""

    keeps_lines = True

    def __init__(self, session: Session) -> None:
        self.session = session
        self._frames: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        self._told = ""
        self._left = False
        session.voice.screen = self
        session.work.deliver = self._frames.put

    def run(self) -> int:
        """Until the person leaves or the input ends; returns the exit code."""
        self.session.start()
        twice = False
        while not self._left:
            try:
                self._work()
                line = self._read("› ")
                twice = False
            except KeyboardInterrupt:
                if twice:
                    break
                twice = True
                self.session.interrupt()
                output.say()
                output.say(_again())
                continue
            if line is None:
                break
            self.session.submit(line)
        return 0

    def _work(self) -> None:
        """Until nothing runs any more, questions answered on the way."""
        while self.session.working and not self._left:
            if self.session.work.question is not None:
                self._answer()
                continue
            try:
                self.session.work.on_frame(self._frames.get(timeout=WAIT_S))
            except queue.Empty:
                continue
            except KeyboardInterrupt:
                self.session.interrupt()
                continue
        while not self._frames.empty():
            self.session.work.on_frame(self._frames.get())

    def _answer(self) -> None:
        question = self.session.work.question
        assert question is not None
        try:
            line = self._read(asking.prompt(question))
        except KeyboardInterrupt:
            output.say()
            self.session.interrupt()
            return
        self.session.answer(asking.at_end(question) if line is None else line)

    @staticmethod
    def _read(prompt: str) -> str | None:
        """A line without its end; None at the end of the input."""
        sys.stdout.write(prompt)
        sys.stdout.flush()
        line = sys.stdin.readline()
        return line.rstrip("\n") if line else None

    # What the session asks of a screen

    def show(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    def refresh(self) -> None:
        """What goes on is told once, as a line, when it changes."""
        job = self.session.work.job
        status = job.status if job is not None and not job.quiet else ""
        head = status.partition(" ")[0]
        if status and head != self._told:
            self.show(f"({status})\n")
        self._told = head if status else self._told

    def edit(self, text: str, done: Callable[[str | None], None], kind: str = "text") -> None:
        try:
            done(ask.edit_text(text, kind))
        except SorteError as error:
            self.session.voice.error(error.message, error.hint)

    def clear(self) -> None:
        """Nothing to clear on a terminal that cannot move its cursor."""

    def leave(self) -> None:
        self._left = True


def _again() -> str:
    from sorte_cli.terminal.translate import _

    return _("Ctrl+C again leaves")
