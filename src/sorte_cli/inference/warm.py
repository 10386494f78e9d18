"""Engines that outlive a command: finds a warm one or starts it, and says how they are."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sorte_cli.errors import EnvironmentFailure, RefusedError, SorteError
from sorte_cli.inference import rendezvous
from sorte_cli.inference.engine import EngineDied, ModelSpec, OnProgress
from sorte_cli.inference.gguf import read_header
from sorte_cli.inference.process import absolute, engine_command, engine_environment
from sorte_cli.inference.protocol import info_from, read_frame, spec_data, write_frame
from sorte_cli.inference.wire import WireEngine, telling_lines

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 30.0
_BOOT = (
    "import sys; sys.path.append(sys.argv[1]); from sorte_cli.inference.keeper import main; main()"
)


class WarmEngine(WireEngine):
    """An `Engine` in a process that stays when this one ends. `close` only leaves it."""

    def __init__(
        self,
        spec: ModelSpec,
        *,
        stay_s: float,
        place: Callable[[ModelSpec], ModelSpec] = lambda spec: spec,
        on_progress: OnProgress | None = None,
    ) -> None:
        """`place` decides about layers on the card, and is asked only where none is warm."""
        super().__init__(spec.path.name)
        read_header(spec.path)
        wanted = absolute(spec)
        folder = rendezvous.runtime_folder()
        self._path = rendezvous.socket_path(folder, rendezvous.key_for(wanted))
        with rendezvous.only_one_starts(self._path):
            found = rendezvous.contact(self._path)
            self.was_warm = found is not None
            if found is None:
                _start(self._path, place(wanted), stay_s)
                found = rendezvous.contact(self._path)
        if found is None:
            raise self._death()
        self._connection, self.pid = found.connection, found.pid
        self._to = self._from = found.connection.fileno()

        def event(kind: str, value: Any) -> None:
            if kind == "progress" and on_progress is not None:
                on_progress(value)

        try:
            self.info = info_from(self._ask({"do": "load"}, event))
        except BaseException:
            self.close()
            raise

    @property
    def alive(self) -> bool:
        return not self._closed and _runs(self.pid)

    def close(self) -> None:
        """Leaves the engine warm. What it still computes for this one is cancelled."""
        if not self._closed:
            self._closed = True
            self._connection.close()

    def stop(self) -> bool:
        """Ends the engine's process, unless someone else uses it. True when it is gone."""
        try:
            agreed = bool(self._ask({"do": "stop"}))
        except SorteError:
            agreed = not _runs(self.pid)
        self.close()
        return agreed and _wait_until_gone(self.pid)

    def _end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.close()

    def _death(self) -> EngineDied:
        try:
            log = rendezvous.log_path(self._path).read_text(errors="replace").splitlines()
        except OSError:
            log = []
        return EngineDied(
            f"the warm engine for {self._name} died{telling_lines(log)}",
            hint="Run the command again: a new one is started. `sorte engine status` shows them.",
        )


@dataclass(frozen=True, slots=True)
class WarmStatus:
    """A warm engine as it is now. `problem` says why one cannot be asked."""

    socket: Path
    pid: int = 0
    model: str = ""
    loaded: bool = False
    busy: bool = False
    clients: int = 0
    left_s: float = 0.0
    memory_bytes: int = 0
    served: int = 0
    problem: str = ""


def statuses() -> list[WarmStatus]:
    """All warm engines of this user; sockets without one are removed. Raises RefusedError."""
    found = []
    for path in rendezvous.sockets(rendezvous.runtime_folder()):
        try:
            contact = rendezvous.contact(path)
        except RefusedError as error:
            found.append(WarmStatus(path, problem=error.message))
            continue
        if contact is None:
            continue
        with contact.connection:
            said = _ask(contact, {"do": "status"})
        if isinstance(said, dict):
            found.append(
                WarmStatus(
                    path,
                    pid=said["pid"],
                    model=said["model"],
                    loaded=said["loaded"],
                    busy=said["busy"],
                    clients=said["clients"],
                    left_s=said["left_s"],
                    memory_bytes=_memory_of(said["pid"]),
                    served=said["served"],
                )
            )
    return found


def stop(status: WarmStatus, *, force: bool = False) -> bool:
    """Ends a warm engine; False where someone uses it and `force` was not given."""
    contact = rendezvous.contact(status.socket)
    if contact is None:
        return True
    with contact.connection:
        agreed = bool(_ask(contact, {"do": "stop", "force": force}))
    return agreed and _wait_until_gone(contact.pid)


def _ask(contact: rendezvous.Contact, request: dict[str, Any]) -> Any:
    try:
        write_frame(contact.connection.fileno(), request | {"id": 1})
        frame = read_frame(contact.connection.fileno())
    except (OSError, ValueError):
        return None
    return None if frame is None else frame.get("result")


def _start(path: Path, spec: ModelSpec, stay_s: float) -> None:
    """Starts the process; it has its socket when this returns."""
    try:
        done = subprocess.run(
            engine_command(_BOOT, os.fspath(path), str(stay_s)),
            input=json.dumps(spec_data(spec)).encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd="/",
            start_new_session=True,
            env=engine_environment(),
            timeout=START_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise EngineDied("the engine process did not start in time") from error
    if done.returncode != 0:
        lines = done.stderr.decode("utf-8", "replace").splitlines()
        raise EnvironmentFailure(f"the warm engine could not be started{telling_lines(lines)}")


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:  # a process that ended and was not waited for
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state != "Z"


def _wait_until_gone(pid: int) -> bool:
    """Its memory is back only when the process is gone."""
    end = time.monotonic() + STOP_TIMEOUT_S
    while _runs(pid):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def _memory_of(pid: int) -> int:
    """Bytes of memory the process holds."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return 0
