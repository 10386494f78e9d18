"""An engine at the other end of a pipe or socket: requests, answers, events, cancelling."""

from __future__ import annotations

import contextlib
import itertools
import re
import select
import signal
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from sorte_cli.inference.engine import (
    EngineDied,
    Generation,
    Messages,
    ModelInfo,
    OnPrompt,
    OnText,
    Options,
)
from sorte_cli.inference.protocol import (
    Frame,
    error_from,
    generation_from,
    read_frame,
    write_frame,
)

CANCEL_POLL_S = 0.02
CANCEL_GRACE_S = 20.0
"""A cancelled engine that says nothing for so long is stuck in native code, and is killed."""
_TELLING = re.compile("error|fail|assert|abort|exception", re.IGNORECASE)
_BUILD_FOLDER = re.compile(r"\S*/vendor/(?=llama\.cpp/)")


class WireEngine:
    """The asking side. Who inherits opens the connection and knows how to end the engine.

    Calls from several threads are answered one after the other.
    """

    info: ModelInfo

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._closed = False
        self._torn = False
        """A frame was begun and is not whole yet."""
        self._to = self._from = -1

    @property
    def alive(self) -> bool:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def _end(self) -> None:
        """Ends the engine at once: it is stuck, or a frame is torn."""
        raise NotImplementedError

    def _death(self) -> EngineDied:
        """Why the engine is gone."""
        raise NotImplementedError

    def tokenize(self, text: str) -> list[int]:
        return list(self._ask({"do": "tokenize", "text": text}))

    def count(self, text: str) -> int:
        return len(self.tokenize(text))

    def render(self, messages: Messages) -> str:
        return str(self._ask({"do": "render", "messages": list(messages)}))

    def check_grammar(self, grammar: str) -> None:
        self._ask({"do": "check_grammar", "grammar": grammar})

    def generate(
        self,
        messages: Messages,
        options: Options,
        *,
        on_text: OnText | None = None,
        on_prompt: OnPrompt | None = None,
        cancel: threading.Event | None = None,
    ) -> Generation:
        request = {"do": "generate", "messages": list(messages), "options": asdict(options)}
        return generation_from(self._ask(request, _listener(on_text, on_prompt), cancel))

    def candidates(
        self,
        messages: Messages,
        options: Options,
        count: int,
        *,
        on_text: OnText | None = None,
        on_prompt: OnPrompt | None = None,
        cancel: threading.Event | None = None,
    ) -> list[Generation]:
        request = {
            "do": "candidates",
            "messages": list(messages),
            "options": asdict(options),
            "count": count,
        }
        answers = self._ask(request, _listener(on_text, on_prompt), cancel)
        return [generation_from(answer) for answer in answers]

    # -- one request

    def _ask(
        self,
        request: Frame,
        on_event: Callable[[str, Any], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> Any:
        with self._lock:
            if self._closed:
                raise EngineDied("the engine is closed", hint="Open it again.")
            number = next(self._numbers)
            try:
                over = cancel is not None and cancel.is_set()
                self._send(request | {"id": number, "cancelled": over})
                return self._answer(number, on_event, cancel)
            except BaseException:
                # Ctrl-C, or an error in a callback: the engine must not go on for nobody.
                # What it still says of this request is skipped by the next one.
                if self._torn:
                    self._end()  # Ctrl-C in the middle of a frame: the two no longer agree
                elif self.alive:
                    with contextlib.suppress(OSError):
                        write_frame(self._to, {"cancel": number})
                raise

    def _send(self, frame: Frame) -> None:
        self._torn = True
        try:
            write_frame(self._to, frame)
        except OSError as error:
            raise self._death() from error
        self._torn = False

    def _answer(
        self,
        number: int,
        on_event: Callable[[str, Any], None] | None,
        cancel: threading.Event | None,
    ) -> Any:
        asked_to_stop = False
        while True:
            if cancel is not None and cancel.is_set() and not asked_to_stop:
                asked_to_stop = True
                self._send({"cancel": number})
            wait_s = None if cancel is None else CANCEL_GRACE_S if asked_to_stop else CANCEL_POLL_S
            if not select.select([self._from], [], [], wait_s)[0]:
                if asked_to_stop:
                    self._end()
                    raise EngineDied(
                        f"the engine did not stop within {CANCEL_GRACE_S:.0f} s and was ended",
                        hint="Run the command again.",
                    )
                continue
            self._torn = True
            try:
                frame = read_frame(self._from)
            except ConnectionError:
                frame = None
            if frame is None:
                raise self._death()
            self._torn = False
            if frame["id"] != number:
                continue
            if "error" in frame:
                raise error_from(frame["error"])
            if "result" in frame:
                return frame["result"]
            if on_event is not None:
                on_event(frame["event"], frame["value"])


def _listener(on_text: OnText | None, on_prompt: OnPrompt | None) -> Callable[[str, Any], None]:
    def event(kind: str, value: Any) -> None:
        if kind == "text" and on_text is not None:
            on_text(value)
        elif kind == "prompt" and on_prompt is not None:
            on_prompt(value[0], value[1])

    return event


def telling_lines(log: Iterable[str]) -> str:
    """The last lines of a log that say why something ended, each on a line of its own."""
    lines = [_BUILD_FOLDER.sub("", line) for line in log]
    telling = [line for line in lines if _TELLING.search(line)]
    return "".join(f"\n  {line[:300]}" for line in (telling or lines)[-5:])


def ending(code: int) -> str:
    """An exit code in words."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"
