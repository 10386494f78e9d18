"""Which isolation bubblewrap can give on this machine, and its options, found by trying."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sorte_cli.guardian import seccomp

TMPFS_LIMIT_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Isolation:
    """How bubblewrap isolates on this machine: program, namespace options, known options, and the
    system-call filter, if any."""

    program: str
    namespaces: tuple[str, ...]
    features: frozenset[str]
    filter: bytes | None = None


@cache
def isolation() -> Isolation | str:
    """The strongest isolation that works here, found by trying; else bubblewrap's own words.

    An empty string means that the program is not installed.
    """
    program = shutil.which("bwrap")
    if program is None:
        return ""
    features = _features(program)
    common = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    common += ["--unshare-cgroup-try", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    variants = [["--unshare-user", *common]]
    if "--disable-userns" in features:
        variants.insert(0, ["--unshare-user", "--disable-userns", *common])
    if os.geteuid() == 0:  # real root needs no user namespace; containers may allow only this
        variants.append(common)
    said = ""
    for options, calls in itertools.product(variants, (seccomp.program(), None)):
        found = Isolation(program, tuple(options), features, calls)
        error = _try(found)
        if error is None:
            return found
        said = said or error
    return said


def _features(program: str) -> frozenset[str]:
    try:
        shown = subprocess.run(
            [program, "--help"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return frozenset()
    words = (shown.stdout + shown.stderr).split()
    return frozenset(word for word in words if word.startswith("--"))


def _try(found: Isolation) -> str | None:
    """None when a minimal sandbox starts, else what bubblewrap said."""
    with contextlib.ExitStack() as stack:
        fds = Descriptors(stack)
        options = [*found.namespaces, *base_options(found), *filter_options(found, fds)]
        try:
            tried = subprocess.run(
                [found.program, *options, "--", "true"],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=20,
                check=False,
                pass_fds=fds.inherited,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
    return None if tried.returncode == 0 else tried.stderr.strip() or "it ended without a word"


def base_options(found: Isolation, size_bytes: int = TMPFS_LIMIT_BYTES) -> list[str]:
    """Root, devices and processes. /proc is read-only: root could reach the kernel through it."""
    options = ["--ro-bind", "/", "/", "--dev", "/dev"]
    options += tmpfs(found, Path("/dev/shm"), size_bytes, "1777")
    return [*options, "--proc", "/proc", "--remount-ro", "/proc"]


def tmpfs(found: Isolation, place: Path, size_bytes: int, permissions: str = "") -> list[str]:
    options: list[str] = []
    if permissions and "--perms" in found.features:
        options += ["--perms", permissions]
    if "--size" in found.features:
        options += ["--size", str(size_bytes)]
    return [*options, "--tmpfs", str(place)]


def filter_options(found: Isolation, fds: Descriptors) -> list[str]:
    return [] if found.filter is None else ["--seccomp", str(fds.holding(found.filter))]


class Descriptors:
    """The pipes between Sorte and bubblewrap, closed with the stack."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._open: set[int] = set()
        stack.callback(self._close_all)
        self.status_read, self.status_write = self._pipe()
        self.block_read, self.block_write = self._pipe()
        self.inherited: list[int] = [self.status_write, self.block_read]

    def holding(self, content: bytes) -> int:
        """A descriptor from which bubblewrap reads `content` (short: it fits a pipe)."""
        read, write = self._pipe()
        os.write(write, content)
        self.close(write)
        self.inherited.append(read)
        return read

    def close_inherited(self) -> None:
        for fd in self.inherited:
            self.close(fd)

    def close(self, fd: int) -> None:
        if fd in self._open:
            self._open.discard(fd)
            os.close(fd)

    def _pipe(self) -> tuple[int, int]:
        ends = os.pipe()
        self._open.update(ends)
        return ends

    def _close_all(self) -> None:
        for fd in tuple(self._open):
            self.close(fd)
