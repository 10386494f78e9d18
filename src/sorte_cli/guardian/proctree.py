"""Looks at the processes of a running command through /proc: who they are, what they use."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class _Process:
    pid: int
    parent: int
    threads: int
    rss_bytes: int


class ProcessTree:
    """`root` and everything that descends from it.

    Where there is no /proc (macOS) nothing is seen, and only the kernel's own limits hold.
    `marker` is a "NAME=value" put into the environment of the command; it finds processes that
    left the family by a double fork.
    """

    def __init__(self, root: int, marker: str = "") -> None:
        self._root = root
        self._marker = marker.encode()
        self._seen: set[int] = set()

    def broken_limit(self, processes: int, memory_bytes: int) -> str:
        """ "processes" or "memory" when all members together use more than that, else ""."""
        members = self._members()
        if len(members) > processes:
            return "processes"
        if sum(m.rss_bytes for m in members) <= memory_bytes:
            return ""
        # Resident sizes count shared pages once for each process; only the exact sum is proof.
        exact = sum(_proportional_bytes(m) for m in members)
        return "memory" if exact > memory_bytes else ""

    def kill_strays(self) -> None:
        """End processes that carry the marker, until none is left that can be seen."""
        if not self._marker:
            return
        for _ in range(20):
            strays = [pid for pid in _pids() if self._carries_marker(pid)]
            if not strays:
                return
            for pid in strays:
                try:
                    os.kill(pid, signal.SIGKILL)
                except (ProcessLookupError, PermissionError):
                    continue

    def _members(self) -> list[_Process]:
        processes = {p.pid: p for pid in _pids() if (p := _read(pid)) is not None}
        children: dict[int, list[int]] = {}
        for process in processes.values():
            children.setdefault(process.parent, []).append(process.pid)
        self._seen &= processes.keys()
        queue = [self._root, *self._seen]
        members: dict[int, _Process] = {}
        while queue:
            pid = queue.pop()
            if pid in processes and pid not in members:
                members[pid] = processes[pid]
                queue.extend(children.get(pid, ()))
        self._seen = set(members)
        return list(members.values())

    def _carries_marker(self, pid: int) -> bool:
        if pid == os.getpid():
            return False
        try:
            environment = (_PROC / str(pid) / "environ").read_bytes()
            state = (_PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()[:1]
        except OSError:
            return False
        return self._marker in environment.split(b"\0") and state != [b"Z"]


def _pids() -> list[int]:
    try:
        return [int(name) for name in os.listdir(_PROC) if name.isdigit()]  # noqa: PTH208
    except OSError:
        return []


def _read(pid: int) -> _Process | None:
    try:
        stat = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return None
    # The command name stands in parentheses and may hold anything, so read from its last ")".
    fields = stat.rpartition(b")")[2].split()
    if len(fields) < 22:
        return None
    page_bytes = os.sysconf("SC_PAGE_SIZE")
    return _Process(pid, int(fields[1]), int(fields[17]), int(fields[21]) * page_bytes)


def _proportional_bytes(process: _Process) -> int:
    """Memory with shared pages divided among their users; the resident size where unreadable."""
    try:
        rollup = (_PROC / str(process.pid) / "smaps_rollup").read_bytes()
    except OSError:
        return process.rss_bytes
    for line in rollup.splitlines():
        if line.startswith(b"Pss:"):
            return int(line.split()[1]) * 1024
    return process.rss_bytes
