"""A run as the session shows it: the lines of `sorte do` above the prompt, one live line below."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from sorte_cli.terminal.engine_messages import in_language
from sorte_cli.terminal.observer import TerminalObserver
from sorte_cli.terminal.spinner import Spinner
from sorte_cli.terminal.style import safe
from sorte_cli.terminal.translate import _

if TYPE_CHECKING:
    from sorte_cli.agent.proposing import Decision, Proposal

FRAME_EVERY_S = 0.05
DETAIL_CHARS = 400


class Sender(Protocol):
    """The worker's end of the pipes."""

    def send(self, **frame: Any) -> None: ...

    def ask(self, kind: str, text: str) -> Any: ...


class LiveLine(Spinner):
    """The spinner of the worker: what goes on is sent to the screen, which shows it."""

    def __init__(self, link: Sender) -> None:
        super().__init__(enabled=True)
        self._link = link
        self._sent_at = 0.0
        self._tokens = 0
        self._since = 0.0

    def show(self, text: str) -> None:
        self._text = text
        self._tokens, self._since = 0, 0.0
        self._link.send(status=text, detail="")

    def detail(self, text: str) -> None:
        """What a model is writing, with how fast it writes."""
        now = time.monotonic()
        self._since = self._since or now
        self._tokens += 1
        if now - self._sent_at >= FRAME_EVERY_S:
            self._sent_at = now
            self._link.send(status=self._with_speed(now), detail=text[-DETAIL_CHARS:])

    def _with_speed(self, now: float) -> str:
        elapsed = now - self._since
        if elapsed < 0.5:
            return self._text
        speed = _("{speed} tokens/s").format(speed=f"{self._tokens / elapsed:.0f}")
        return f"{self._text} · {speed}"

    def stop(self) -> None:
        self._link.send(status="", detail="")

    @contextmanager
    def paused(self) -> Iterator[None]:
        yield  # what is printed never meets the live line: the screen keeps them apart


class SessionObserver(TerminalObserver):
    """Watches a run for the session; questions go to the person at the prompt."""

    def __init__(self, link: Sender, *, yes: bool = False, plan_is_script: bool = False) -> None:
        super().__init__(yes=yes, plan_is_script=plan_is_script)
        self._link = link
        self._spinner = LiveLine(link)
        self.corrections: list[tuple[str, str]] = []
        """What the person changed by hand before it was done: (as written, as changed)."""
        self.declined = False

    def approve_plan(self, plan_text: str) -> str | None:
        self._spinner.stop()
        if not self._plan_is_script:
            self._on_plan(text=plan_text)
        if self._yes:
            return plan_text
        answer = self._link.ask("script" if self._plan_is_script else "plan", plan_text)
        if isinstance(answer, str) and answer != plan_text and not self._plan_is_script:
            self._on_plan(text=answer)
            self.corrections.append((plan_text, answer))
        self.declined = not isinstance(answer, str)
        return answer if isinstance(answer, str) else None

    def consent(self, question_id: str, text: str) -> bool:
        self._spinner.stop()
        return self._link.ask("consent", safe(in_language(text))) is True

    def approve_step(self, proposal: Proposal) -> Decision:
        from sorte_cli.agent.proposing import STOP, Decision

        self._spinner.stop()
        self._on_problem(proposal)
        kind = "broken step" if proposal.problem else "step"
        answer = self._link.ask(kind, proposal.script)
        if not isinstance(answer, dict):
            return Decision(STOP)
        decision = Decision(str(answer["kind"]), str(answer.get("script", "")))
        if decision.script:
            self.corrections.append((proposal.script, decision.script))
        return decision
