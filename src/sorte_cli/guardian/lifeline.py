"""A process group that ends when Sorte ends, however that comes about."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence

# Blocks on its standard input, of which Sorte alone holds the other end; then ends its group, and
# with it itself. A shell, because it is there everywhere and starts in a millisecond.
_WATCH = "read -r _; kill -KILL 0"


class Lifeline:
    """The leader of a process group that dies with Sorte.

    bubblewrap's own `--die-with-parent` leaves a gap: killed while it starts, it leaves its first
    process behind, waiting for ever. What is started with `process_group=lifeline.group` has none.
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

    @property
    def group(self) -> int:
        """The process group to start processes in; it exists until `end`."""
        return self._process.pid

    def end(self) -> None:
        """SIGKILL to the whole group. To be called once, when the group is needed no more."""
        # The leader is not reaped before this, so its number cannot mean anybody else.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()
