"""The session's side of the worker process: start it, ask it, stop what it does, replace it."""

from __future__ import annotations

import contextlib
import itertools
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sorte_cli.terminal.session.frames import Frame, read_frames, write_frame

LOG_LINES = 40
_BOOT = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from sorte_cli.commands.session_worker import main; main()"
)


class WorkerClient:
    """A worker process that dies with this one. `on_frame` is called in a reading thread, with
    `{"died": REASON}` as the last frame where the process ended by itself."""

    def __init__(
        self,
        root: Path,
        on_frame: Callable[[Frame], None],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`environment`: the worker's; by default that of this process."""
        self._root = root
        self._on_frame = on_frame
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._closing = False
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        package_root = str(Path(__file__).resolve().parents[3])
        # -P: the current directory may be a stranger's repository, and must not be importable.
        # A new session: Ctrl-C of the terminal is for the screen, which then cancels in good order.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _BOOT, package_root],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=root,
            start_new_session=True,
            env=environment,
        )
        assert self._process.stdin and self._process.stdout
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
        self._threads = [
            threading.Thread(target=target, name=f"sorte{target.__name__}", daemon=True)
            for target in (self._listen, self._keep_log)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return not self._closing and self._process.poll() is None

    def request(self, do: str, /, **data: Any) -> int:
        """Ask for something; its frames bear the number that this returns."""
        number = next(self._numbers)
        self.send({"do": do, "id": number, **data})
        return number

    def send(self, frame: Frame) -> None:
        """Tell the worker something. A worker that is gone is reported by `on_frame`."""
        with self._lock, contextlib.suppress(OSError):
            if not self._closing:
                write_frame(self._to, frame)

    def cancel(self, number: int) -> None:
        """Stop a request as Ctrl-C would; it then ends in good order."""
        self.send({"cancel": number})

    def kill(self) -> None:
        """End the process at once; what it left behind is cleaned up by the next run."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def close(self, *, grace_s: float = 5.0) -> None:
        """End the worker: it cancels what it does, cleans up, and leaves."""
        if self._closing:
            return
        self._closing = True
        assert self._process.stdin
        with self._lock, contextlib.suppress(OSError):
            self._process.stdin.close()  # the end of its input tells it to go
        try:
            self._process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
        for thread in self._threads:
            thread.join(timeout=1)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            for frame in read_frames(self._from):
                self._on_frame(frame)
        if not self._closing:
            code = self._process.wait()
            # The last line of a traceback says it; the ones before are for nobody here.
            self._on_frame({"died": self._log[-1] if self._log else f"exit code {code}"})

    def _keep_log(self) -> None:
        assert self._process.stderr
        with contextlib.suppress(ValueError, OSError):
            for line in self._process.stderr:
                if text := line.decode("utf-8", "replace").rstrip():
                    self._log.append(text)
