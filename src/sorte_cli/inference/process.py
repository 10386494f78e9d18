"""The engine as a child process: starts it, talks to it, and turns its death into one error."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sorte_cli.inference.engine import EngineDied, ModelSpec, OnProgress
from sorte_cli.inference.gguf import read_header
from sorte_cli.inference.hardware import SPIN_COUNT
from sorte_cli.inference.protocol import info_from, spec_data
from sorte_cli.inference.wire import WireEngine, ending, telling_lines

LOG_LINES = 50
LARGE_PAGES = "glibc.malloc.hugetlb=1"
"""Asks for large pages, where the system gives them on request: a token then takes 4 to 8 % less
time (measured), because all weights are walked through for each. Other systems take no notice."""
_BOOT = (
    "import sys; sys.path.append(sys.argv[1]); from sorte_cli.inference.worker import main; main()"
)


def engine_command(boot: str, *arguments: str) -> list[str]:
    """How Python is started for an engine. Run it in "/".

    -P: the current directory may be a stranger's repository, and must not be importable.
    """
    root = str(Path(__file__).resolve().parents[2])
    return [sys.executable, "-P", "-c", boot, root, *arguments]


def engine_environment() -> Mapping[str, str]:
    """The environment of a process that runs a model. What the user set is left as it is."""
    ours = {"GOMP_SPINCOUNT": SPIN_COUNT, "GLIBC_TUNABLES": LARGE_PAGES}
    return ours | os.environ | {"GGML_NO_BACKTRACE": "1"}


def absolute(spec: ModelSpec) -> ModelSpec:
    """The spec with paths that hold in any folder."""
    adapters = tuple((path.absolute(), scale) for path, scale in spec.adapters)
    return replace(spec, path=spec.path.absolute(), adapters=adapters)


class ProcessEngine(WireEngine):
    """An `Engine` in a child process that dies with this one."""

    def __init__(self, spec: ModelSpec, *, on_progress: OnProgress | None = None) -> None:
        super().__init__(spec.path.name)
        read_header(spec.path)  # a bad file is cheaper to refuse here
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        self._start()

        def event(kind: str, value: Any) -> None:
            if kind == "progress" and on_progress is not None:
                on_progress(value)

        try:
            request = {"do": "load", "spec": spec_data(absolute(spec))}
            self.info = info_from(self._ask(request, event))
        except BaseException:
            self.close()
            raise

    def _start(self) -> None:
        # A new session: Ctrl-C in the terminal reaches Sorte, which then cancels in good order.
        self._process = subprocess.Popen(
            engine_command(_BOOT),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd="/",
            start_new_session=True,
            env=engine_environment(),
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

    def close(self) -> None:
        """Ends the process. It holds nothing that must be saved, so it is not asked twice."""
        if self._closed:
            return
        self._closed = True
        self._end()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._log_reader.join(timeout=5)
        if self._process.stderr is not None and not self._log_reader.is_alive():
            self._process.stderr.close()

    def _end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()

    def _death(self) -> EngineDied:
        """Why the process is gone, with the last lines it wrote."""
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._end()
            code = self._process.returncode
        self._log_reader.join(timeout=1)
        hint = "Run the command again; if it happens again, try another model file."
        if code == -signal.SIGKILL:
            hint = "Something killed it; often memory ran out. Try a smaller model or context."
        return EngineDied(
            f"the engine process for {self._name} died ({ending(code)}){telling_lines(self._log)}",
            hint=hint,
        )
