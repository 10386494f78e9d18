"""What the parts of a session tell each other: the screen, the worker, a job, a question."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from sorte_cli.terminal.session.frames import Frame

Done = Callable[[dict[str, Any]], None]
"""Gets the last frame of a request."""


class Screen(Protocol):
    """What the session needs of a screen."""

    keeps_lines: bool
    """Whether what was typed stays in sight by itself."""

    def show(self, text: str) -> None:
        """Print text for good; it ends with a newline or goes on with the next `show`."""
        ...

    def refresh(self) -> None:
        """The state of the session has changed."""
        ...

    def edit(self, text: str, done: Callable[[str | None], None], kind: str = "text") -> None:
        """Let the person edit a text in `$EDITOR`; `done` gets it, or None. For `kind`, see
        `terminal.ask.edit_text`."""
        ...

    def clear(self) -> None: ...

    def leave(self) -> None: ...


class Client(Protocol):
    """The worker, as the session sees it."""

    @property
    def alive(self) -> bool: ...

    def request(self, do: str, /, **data: Any) -> int: ...

    def send(self, frame: Frame) -> None: ...

    def cancel(self, number: int) -> None: ...

    def close(self, *, grace_s: float = 5.0) -> None: ...


@dataclass
class Job:
    """A request that the worker is busy with. `quiet` ones show nothing on the live line."""

    number: int
    kind: str
    started: float
    done: Done
    text: str = ""
    status: str = ""
    detail: str = ""
    quiet: bool = False
    cancelled: bool = False


@dataclass(frozen=True)
class Pending:
    """A request that is not sent yet."""

    do: str
    data: dict[str, Any]
    done: Done
    text: str
    quiet: bool


@dataclass(frozen=True)
class Question:
    """What the worker waits for the person to answer: kind "plan", "script", "step",
    "broken step", "consent" or "yes"."""

    kind: str
    text: str


@dataclass
class Info:
    """What the worker told about the project; empty until it has."""

    ready: bool = False
    branch: str = ""
    models: tuple[str, str] = ("", "")
    window: int = 0
    commands: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()


@dataclass
class Totals:
    """Counters of this session."""

    began: float = field(default_factory=time.monotonic)
    messages: int = 0
    questions: int = 0
    runs: int = 0
    landed: int = 0
    run_seconds: float = 0.0
