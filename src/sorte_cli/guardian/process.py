"""Runs one untrusted command under limits: time, memory, processes, output; nothing outlives it."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sorte_cli.guardian.proctree import ProcessTree

_MIB = 1024 * 1024
_GIB = 1024 * _MIB
_TICK_S = 0.1
_DRAIN_S = 2.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What a command may use. `memory_bytes` holds for each process and for all together."""

    timeout_s: float = 300
    memory_bytes: int = 4 * _GIB
    processes: int = 512
    output_bytes: int = 2_000_000
    file_bytes: int = _GIB


@dataclass(frozen=True, slots=True)
class SandboxResult:
    """How a command ended.

    `returncode` is negative for a signal. `output` is stdout and stderr as they came, cut in the
    middle with a note where there was too much. `killed_reason` is empty, or why Sorte ended the
    command: "timeout", "memory", "processes", "output" or "cancelled".
    """

    returncode: int
    output: str
    timed_out: bool
    duration_s: float
    killed_reason: str = ""


class Tail:
    """Keeps the first and the last half of a byte stream within `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._half = max(limit // 2, 1)
        self._head = bytearray()
        self._tail = bytearray()
        self.total = 0

    def feed(self, data: bytes) -> None:
        self.total += len(data)
        room = self._half - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        self._tail += data
        if len(self._tail) > 2 * self._half:
            del self._tail[: -self._half]

    def text(self) -> str:
        """What was kept, as text, with a line in the middle that says how much is missing."""
        tail = self._tail[-self._half :]
        missing = self.total - len(self._head) - len(tail)
        head = self._head.decode("utf-8", "replace")
        if missing <= 0:
            return (self._head + tail).decode("utf-8", "replace")
        return f"{head}\n[... {missing:,} bytes left out ...]\n{tail.decode('utf-8', 'replace')}"


def supervise(
    process: subprocess.Popen[bytes],
    *,
    limits: Limits,
    tree: ProcessTree,
    kill: Callable[[], None],
    cancel: threading.Event | None,
) -> SandboxResult:
    """Wait for `process`, whose stdout is a pipe, and end everything in `tree` by `kill`.

    Called with a running process; returns, or lets KeyboardInterrupt through, only when `kill` was
    called and the process has been reaped.
    """
    return _Supervisor(process, limits, tree, kill, cancel).run()


class _Supervisor:
    def __init__(
        self,
        process: subprocess.Popen[bytes],
        limits: Limits,
        tree: ProcessTree,
        kill: Callable[[], None],
        cancel: threading.Event | None,
    ) -> None:
        assert process.stdout is not None
        self._process = process
        self._pipe = process.stdout
        self._limits = limits
        self._tree = tree
        self._kill = kill
        self._cancel = cancel
        self._output = Tail(limits.output_bytes)
        self._started = time.monotonic()
        self._reason = ""

    def run(self) -> SandboxResult:
        os.set_blocking(self._pipe.fileno(), False)
        with selectors.DefaultSelector() as selector, self._pipe:
            try:
                self._wait(selector)
            finally:
                self._kill()
                self._process.wait()
            self._drain(selector)
        return SandboxResult(
            returncode=self._process.returncode,
            output=self._output.text(),
            timed_out=self._reason == "timeout",
            duration_s=time.monotonic() - self._started,
            killed_reason=self._reason,
        )

    def _wait(self, selector: selectors.BaseSelector) -> None:
        """Until the process ends or breaks a limit. A pidfd wakes us the moment it ends."""
        exit_fd = _pidfd(self._process.pid)
        selector.register(self._pipe, selectors.EVENT_READ, "output")
        if exit_fd is not None:
            selector.register(exit_fd, selectors.EVENT_READ, "exit")
        tick_s = _TICK_S if exit_fd is not None else _TICK_S / 5
        next_look = self._started + tick_s
        try:
            while self._process.poll() is None:
                now = time.monotonic()
                if now >= next_look:
                    self._reason = self._broken_limit()
                    if self._reason:
                        return
                    # Looking at /proc costs; on a busy machine look less often.
                    next_look = time.monotonic() + max(tick_s, 20 * (time.monotonic() - now))
                for key, _ in selector.select(max(next_look - time.monotonic(), 0)):
                    if key.data == "output" and not self._read():
                        selector.unregister(self._pipe)
        finally:
            if exit_fd is not None:
                selector.unregister(exit_fd)
                os.close(exit_fd)

    def _broken_limit(self) -> str:
        if self._cancel is not None and self._cancel.is_set():
            return "cancelled"
        if time.monotonic() - self._started >= self._limits.timeout_s:
            return "timeout"
        # A flood would be cut anyway; far beyond the limit it only burns the machine.
        if self._output.total > 1000 * self._limits.output_bytes:
            return "output"
        return self._tree.broken_limit(self._limits.processes, self._limits.memory_bytes)

    def _read(self) -> bool:
        """Take what the pipe holds; False at its end."""
        try:
            data = os.read(self._pipe.fileno(), 1 << 16)
        except BlockingIOError:
            return True
        self._output.feed(data)
        return bool(data)

    def _drain(self, selector: selectors.BaseSelector) -> None:
        """What was written before the end. Bounded: a process that got away may hold the pipe."""
        if self._pipe not in {key.fileobj for key in selector.get_map().values()}:
            return
        deadline = time.monotonic() + _DRAIN_S
        while (left := deadline - time.monotonic()) > 0:
            if selector.select(left) and not self._read():
                return


def _pidfd(pid: int) -> int | None:
    """A descriptor that is readable once `pid` has ended; None where the system has none."""
    if not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None


def kill_group(pid: int) -> None:
    """SIGKILL to the process group that `pid` leads, if it is still there."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
