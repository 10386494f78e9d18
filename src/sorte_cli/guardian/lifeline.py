"""A process group that ends when Sorte ends, however that comes about."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence

# Blocks on its standard input, of which Sorte alone holds the other end; then ends whom it was told
# of and its group, and with it itself. A shell: there everywhere, and started in a millisecond.
_WATCH = 'read -r one; read -r _; [ -z "$one" ] || kill -KILL "$one"; kill -KILL 0'


class Lifeline:
    """The leader of a process group that dies with Sorte.

    bubblewrap's own `--die-with-parent` leaves gaps: killed while it starts, it leaves its first
    process behind, waiting for ever or even going on. What is started with
    `process_group=lifeline.group` has none, if whoever is going to leave the group is `include`d.
    The leader holds the descriptors `holding` open, so that whoever waits at their other ends is
    killed before it sees them closed.
    """

    def __init__(self, holding: Sequence[int] = ()) -> None:
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", _WATCH],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={},
            process_group=0,
            pass_fds=tuple(holding),
        )
        self._included: int | None = None

    @property
    def group(self) -> int:
        """The process group to start processes in; it exists until `end`."""
        return self._process.pid

    def include(self, pid: int) -> None:
        """One process more that ends with Sorte, and at `end`, though it leaves the group.

        To be called once, while it cannot have ended.
        """
        with contextlib.suppress(OSError):
            self._included = os.pidfd_open(pid)
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            os.write(self._process.stdin.fileno(), b"%d\n" % pid)

    def end(self) -> None:
        """SIGKILL to the whole group. To be called once, when the group is needed no more."""
        if self._included is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._included, signal.SIGKILL)
            os.close(self._included)
            self._included = None
        # The leader is not reaped before this, so its number cannot mean anybody else.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()
