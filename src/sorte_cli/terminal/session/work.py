"""What the worker is asked to do: one job at a time, the others wait; questions, stops, deaths."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from sorte_cli.terminal import theme
from sorte_cli.terminal.session import asking
from sorte_cli.terminal.session.frames import Frame
from sorte_cli.terminal.session.painting import ink
from sorte_cli.terminal.session.parts import Client, Done, Job, Pending, Question
from sorte_cli.terminal.session.voice import Voice
from sorte_cli.terminal.translate import _, current_language


class Work:
    """The queue of requests and the process that answers them.

    `deliver` is given to the worker's reading thread; a screen replaces it to come to its own
    thread, where it calls `on_frame`. `when_idle` is called whenever nothing is left to do.
    """

    def __init__(
        self,
        voice: Voice,
        start_worker: Callable[[Callable[[Frame], None]], Client],
        when_idle: Callable[[], None],
    ) -> None:
        self.deliver: Callable[[Frame], None] = self.on_frame
        self.flags: dict[str, str] = {}
        self.columns = 80
        self.job: Job | None = None
        self.question: Question | None = None
        self.wants_steps: Callable[[], bool] = lambda: True
        self._voice = voice
        self._start_worker = start_worker
        self._when_idle = when_idle
        self._client: Client | None = None
        self._backlog: deque[Pending] = deque()
        self._closed = False

    @property
    def busy(self) -> bool:
        """Whether something that the person asked for is running or about to."""
        begun = self.job is not None and not self.job.quiet
        return begun or any(not p.quiet for p in self._backlog)

    def ask(self, do: str, done: Done, *, text: str = "", quiet: bool = False, **data: Any) -> None:
        """Have the worker do something, after what it does now; `done` gets the last frame."""
        self._backlog.append(Pending(do, data, done, text, quiet))
        self._go_on()

    def _go_on(self) -> None:
        if self.job is None and not self._closed:
            if self._backlog:
                self._begin(self._backlog.popleft())
            else:
                self._when_idle()
        self._voice.screen.refresh()

    def _begin(self, pending: Pending) -> None:
        if self._client is not None and not self._client.alive:
            self._client.close()
            self._client = None
        if self._client is None:
            self._client = self._start_worker(lambda frame: self.deliver(frame))
        number = self._client.request(
            pending.do,
            lang=current_language(),
            columns=self.columns,
            color=ink.color,
            theme=theme.current(),
            flags=dict(self.flags),
            **pending.data,
        )
        self.job = Job(
            number, pending.do, time.monotonic(), pending.done, pending.text, quiet=pending.quiet
        )

    # What comes back

    def on_frame(self, frame: Frame) -> None:
        """Something came from the worker."""
        if "died" in frame:
            self._on_death(str(frame["died"]))
            return
        job = self.job
        if job is None or frame.get("id") != job.number:
            return
        if "out" in frame:
            if not job.quiet:
                self._voice.show(frame["out"])
        elif "status" in frame:
            if not job.cancelled:
                job.status, job.detail = frame["status"], frame.get("detail", "")
        elif "ask" in frame:
            if frame["ask"] == "step" and not self.wants_steps():
                self.reply({"kind": "all"})  # "always", said to the plan, holds for its steps
            elif not job.cancelled:
                self.question = Question(frame["ask"], frame["text"])
                if told := asking.explanation(self.question):
                    self._voice.note(told)
        elif "end" in frame:
            self._on_end(job, frame["end"])
        self._voice.screen.refresh()

    def _on_end(self, job: Job, end: dict[str, Any]) -> None:
        self.job, self.question = None, None
        if not job.quiet:
            if end.get("interrupted"):
                safe_now = job.kind in ("run", "script", "step")
                told = _("stopped; nothing was changed") if safe_now else _("stopped")
                self._voice.line(told, "warning")
            elif end.get("message"):
                self._voice.error(end["message"], end.get("hint", ""))
        job.done(end)
        self._go_on()

    def _on_death(self, reason: str) -> None:
        """The worker is gone; what it left is cleaned up by the next run."""
        job, self.job, self.question = self.job, None, None
        if self._closed:
            return
        if job is not None or self._backlog:
            self._voice.error(
                _("the working process ended unexpectedly: {reason}").format(reason=reason),
                _("your files are as they were; the talk goes on with a new process"),
            )
        if job is not None:
            if job.quiet:
                self._backlog = deque(p for p in self._backlog if not p.quiet)  # it would die again
            job.done({"ok": False, "died": True})
        self._go_on()

    # Answers and stops

    def reply(self, value: Any) -> None:
        """The answer to the pending question; None or False is a no."""
        self.question = None
        if self._client is not None:
            self._client.send({"answer": None if value is False else value})
        self._voice.screen.refresh()

    def interrupt(self) -> bool:
        """Stop what runs and forget what waits; False where there was nothing to stop."""
        pending = [p for p in self._backlog if not p.quiet]
        self._backlog = deque(p for p in self._backlog if p.quiet)
        for dropped in pending:
            self._voice.line(_("stopped"), "warning")
            dropped.done({"ok": False, "interrupted": True})
        job = self.job
        if job is None or job.quiet or self._client is None:
            return bool(pending)
        if not job.cancelled:
            job.cancelled = True
            self.question = None
            job.status, job.detail = _("stopping"), ""
            self._client.cancel(job.number)
        self._voice.screen.refresh()
        return True

    def resized(self, columns: int) -> None:
        """The terminal has another width now."""
        if columns != self.columns:
            self.columns = self._voice.columns = columns
            if self._client is not None:
                self._client.send({"columns": columns})

    def close(self) -> None:
        """Cancel what runs, let it clean up, and end the worker."""
        self._closed = True
        if self._client is not None:
            self._client.close()
