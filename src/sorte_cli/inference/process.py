"""The engine as a child process: starts it, talks to it, and turns its death into one error."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import select
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sorte_cli.inference.engine import (
    EngineDied,
    Generation,
    Messages,
    ModelInfo,
    ModelSpec,
    OnProgress,
    OnPrompt,
    OnText,
    Options,
)
from sorte_cli.inference.gguf import read_header
from sorte_cli.inference.protocol import (
    Frame,
    error_from,
    generation_from,
    info_from,
    read_frame,
    spec_data,
    write_frame,
)

LOG_LINES = 50
CANCEL_POLL_S = 0.02
SPIN_COUNT = "1000"
"""How long OpenMP threads wait busily for each other. By default so long that a second thread on
a machine with other work made a token take 4 to 7 s instead of 0.2 s (measured)."""
CANCEL_GRACE_S = 20.0
"""A cancelled engine that says nothing for so long is stuck in native code, and is killed."""
_TELLING = re.compile("error|fail|assert|abort|exception", re.IGNORECASE)
_BUILD_FOLDER = re.compile(r"\S*/vendor/(?=llama\.cpp/)")
_BOOT = (
    "import sys; sys.path.append(sys.argv[1]); from sorte_cli.inference.worker import main; main()"
)


class ProcessEngine:
    """An `Engine` in a child process that dies with this one."""

    def __init__(self, spec: ModelSpec, *, on_progress: OnProgress | None = None) -> None:
        read_header(spec.path)  # a bad file is cheaper to refuse here
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        self._name = spec.path.name
        self._closed = False
        self._torn = False
        """A frame was begun and is not whole yet."""
        self._start()
        absolute = replace(
            spec,
            path=spec.path.absolute(),
            adapters=tuple((path.absolute(), scale) for path, scale in spec.adapters),
        )

        def event(kind: str, value: Any) -> None:
            if kind == "progress" and on_progress is not None:
                on_progress(value)

        try:
            self.info: ModelInfo = info_from(
                self._ask({"do": "load", "spec": spec_data(absolute)}, event)
            )
        except BaseException:
            self.close()
            raise

    def _start(self) -> None:
        # -P: the current directory may be a stranger's repository, and must not be importable.
        # A new session: Ctrl-C in the terminal reaches Sorte, which then cancels in good order.
        root = str(Path(__file__).resolve().parents[2])
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _BOOT, root],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd="/",
            start_new_session=True,
            env={"GOMP_SPINCOUNT": SPIN_COUNT} | os.environ | {"GGML_NO_BACKTRACE": "1"},
        )
        assert self._process.stdin and self._process.stdout
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
        self._log_reader = threading.Thread(target=self._keep_log, name="sorte-log", daemon=True)
        self._log_reader.start()

    def _keep_log(self) -> None:
        assert self._process.stderr
        with contextlib.suppress(ValueError):  # closed meanwhile
            for line in self._process.stderr:
                if text := line.decode("utf-8", "replace").strip():
                    self._log.append(text)

    @property
    def alive(self) -> bool:
        return not self._closed and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Process id of the engine."""
        return self._process.pid

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
        def event(kind: str, value: Any) -> None:
            if kind == "text" and on_text is not None:
                on_text(value)
            elif kind == "prompt" and on_prompt is not None:
                on_prompt(value[0], value[1])

        request = {"do": "generate", "messages": list(messages), "options": asdict(options)}
        return generation_from(self._ask(request, event, cancel))

    def close(self) -> None:
        """Ends the process. It holds nothing that must be saved, so it is not asked twice."""
        if self._closed:
            return
        self._closed = True
        self._kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._log_reader.join(timeout=5)
        if self._process.stderr is not None and not self._log_reader.is_alive():
            self._process.stderr.close()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()

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
                    self._kill()  # Ctrl-C in the middle of a frame: the two no longer agree
                elif self._process.poll() is None:
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
                    self._kill()
                    raise EngineDied(
                        f"the engine did not stop within {CANCEL_GRACE_S:.0f} s and was ended",
                        hint="Run the command again.",
                    )
                continue
            self._torn = True
            frame = read_frame(self._from)
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

    def _death(self) -> EngineDied:
        """Why the process is gone, with the last lines it wrote."""
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._kill()
            code = self._process.returncode
        self._log_reader.join(timeout=1)
        lines = [_BUILD_FOLDER.sub("", line) for line in self._log]
        telling = [line for line in lines if _TELLING.search(line)]
        shown = "".join(f"\n  {line[:300]}" for line in (telling or lines)[-5:])
        hint = "Run the command again; if it happens again, try another model file."
        if code == -signal.SIGKILL:
            hint = "Something killed it; often memory ran out. Try a smaller model or context."
        return EngineDied(
            f"the engine process for {self._name} died ({_ending(code)}){shown}", hint=hint
        )


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"
