"""One run at a time in a repository, also across its linked worktrees."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from pathlib import Path
from types import TracebackType

from sorte_cli.errors import EnvironmentFailure, RefusedError
from sorte_cli.history.repository import Repository

_ORPHAN_WAIT_S = 10.0


def boot_id() -> str:
    """Names this boot of the machine, so that a process id from before it means nothing."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def process_lives(pid: int, boot: str) -> bool:
    """Whether the process `pid` of boot `boot` is still there."""
    if boot != boot_id() or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class RunLock:
    """Held while Sorte may write: `with RunLock(repo): ...`; may be nested for one Repository.

    The kernel frees it when the last process that inherited it ends, so a kill leaves no lock; the
    short git commands inherit it, so that none of them still works when the next run begins.
    Raises RefusedError when another run holds it.
    """

    def __init__(self, repo: Repository) -> None:
        self._repo = repo
        self._fd: int | None = None

    @property
    def path(self) -> Path:
        return self._repo.common_dir / "sorte" / "lock"

    def __enter__(self) -> RunLock:
        if self._repo.lock_fd is not None:
            return self
        deadline = time.monotonic() + _ORPHAN_WAIT_S
        while (fd := self._try()) is None:
            pid, since, lives = self._holder()
            # Dead, and the lock still held: a git command that it started is about to end.
            if lives or time.monotonic() > deadline:
                raise RefusedError(
                    f"another Sorte run works in this repository (process {pid}, since {since})",
                    hint="Wait until it has ended, or stop it.",
                )
            time.sleep(0.02)
        self._fd = self._repo.lock_fd = fd
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._fd is None:
            return
        # Unlinked while still held: whoever waits sees that its file is gone and begins anew.
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()
        os.close(self._fd)
        self._fd = self._repo.lock_fd = None

    def _try(self) -> int | None:
        """The locked descriptor, or None while someone else holds the lock."""
        try:
            folder = self._repo.sorte_dir
            fd = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise EnvironmentFailure(
                f"cannot write in {self._repo.common_dir}: {error.strerror}"
            ) from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            current = os.stat(folder / "lock").st_ino  # noqa: PTH116 - beside os.fstat
            if current == os.fstat(fd).st_ino:
                words = {"pid": os.getpid(), "boot": boot_id(), "since": time.time()}
                os.ftruncate(fd, 0)
                os.pwrite(fd, json.dumps(words).encode(), 0)
                return fd
        except (BlockingIOError, FileNotFoundError):
            pass
        except OSError:
            os.close(fd)
            raise
        os.close(fd)
        return None

    def _holder(self) -> tuple[int, str, bool]:
        """Process id, time ("14:35:02"), and whether that process lives."""
        try:
            words = json.loads(self.path.read_text())
            pid, boot, since = int(words["pid"]), str(words["boot"]), float(words["since"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0, "just now", False
        return pid, time.strftime("%H:%M:%S", time.localtime(since)), process_lives(pid, boot)
