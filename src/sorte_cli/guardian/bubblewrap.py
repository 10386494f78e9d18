"""The bubblewrap sandbox: no network, read-only root, the worktree over the repository's path."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import resource
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sorte_cli.guardian import seccomp
from sorte_cli.guardian.environment import scrubbed
from sorte_cli.guardian.mounts import (
    MountPoints,
    borrowed_objects,
    hidden_folders,
    ignored_artefacts,
    linked_git_dir,
    tools_to_show,
)
from sorte_cli.guardian.process import Limits, SandboxResult, supervise
from sorte_cli.guardian.proctree import ProcessTree

_TMPFS_LIMIT = 1 << 30
_ROOT_SECRETS = ("/etc/shadow", "/etc/gshadow", "/etc/shadow-", "/etc/gshadow-")


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
        fds = _Descriptors(stack)
        options = [*found.namespaces, *_base(found), *_filter(found, fds)]
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


def _base(found: Isolation, size_bytes: int = _TMPFS_LIMIT) -> list[str]:
    """Root, devices and processes. /proc is read-only: root could reach the kernel through it."""
    options = ["--ro-bind", "/", "/", "--dev", "/dev"]
    options += _tmpfs(found, Path("/dev/shm"), size_bytes, "1777")
    return [*options, "--proc", "/proc", "--remount-ro", "/proc"]


def _tmpfs(found: Isolation, place: Path, size_bytes: int, permissions: str = "") -> list[str]:
    options: list[str] = []
    if permissions and "--perms" in found.features:
        options += ["--perms", permissions]
    if "--size" in found.features:
        options += ["--size", str(size_bytes)]
    return [*options, "--tmpfs", str(place)]


def _filter(found: Isolation, fds: _Descriptors) -> list[str]:
    return [] if found.filter is None else ["--seccomp", str(fds.holding(found.filter))]


class Bubblewrap:
    """Runs commands inside bubblewrap. Make it through `find_sandbox`."""

    name = "bubblewrap"

    def __init__(self, found: Isolation) -> None:
        self._found = found

    def run(
        self,
        command: Sequence[str],
        *,
        worktree: Path,
        repository: Path,
        common_dir: Path,
        limits: Limits,
        env: Mapping[str, str] | None = None,
        cancel: threading.Event | None = None,
        exchange: Path | None = None,
        show: Sequence[Path] = (),
    ) -> SandboxResult:
        """Run `command` with `worktree` standing at the path of `repository`.

        `exchange` is a host folder that the command may write to, at the same path. What was
        written there is untrusted. `show` are further host folders that it may read.
        """
        worktree, repository = worktree.resolve(), repository.resolve()
        common_dir = common_dir.resolve()
        environment = scrubbed(os.environ, {"TMPDIR": "/tmp", **(env or {})})
        if shutil.which(command[0], path=environment["PATH"]) is None and "/" not in command[0]:
            return SandboxResult(127, f"{command[0]}: command not found", False, 0.0)
        artefacts = _mountable(ignored_artefacts(repository), worktree)
        points = MountPoints(worktree, artefacts)
        environments = [repository / name for name in artefacts]
        size_bytes = min(_TMPFS_LIMIT, limits.memory_bytes)
        with contextlib.ExitStack() as stack:
            stack.callback(points.remove)
            fds = _Descriptors(stack)
            options = [
                *self._found.namespaces,
                *_base(self._found, size_bytes),
                *self._view(command, environment, repository, (*show, *environments), size_bytes),
                *("--bind", str(worktree), str(repository)),
                *_git(worktree, repository, common_dir, fds),
                *_dependencies(repository, artefacts),
                *(("--bind", str(exchange), str(exchange)) if exchange else ()),
                *("--chdir", str(repository)),
                *_filter(self._found, fds),
                *("--info-fd", str(fds.info_write), "--block-fd", str(fds.block_read)),
            ]
            return self._launch([*options, "--", *command], environment, limits, cancel, fds)

    def _view(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        repository: Path,
        shown: Sequence[Path],
        size_bytes: int,
    ) -> list[str]:
        """Empty private folders, and the tools that must be seen in them."""
        hidden = hidden_folders(Path(environment["HOME"]) if "HOME" in environment else None)
        options: list[str] = []
        for folder in hidden:
            shared = folder in (Path("/tmp"), Path("/var/tmp"))
            options += _tmpfs(self._found, folder, size_bytes, "1777" if shared else "0700")
        if os.geteuid() == 0:
            for name in _ROOT_SECRETS:
                if Path(name).exists():
                    options += ["--ro-bind", "/dev/null", name]
        tools = tools_to_show(
            command,
            wanted=shown,
            hidden=hidden,
            env=environment,
            repository=repository,
        )
        for path in tools.paths:
            options += ["--ro-bind", str(path), str(path)]
        for place, target in tools.links:
            options += ["--symlink", target, str(place)]
        home = environment.get("HOME", "")
        if home and Path(home).is_dir():
            options += ["--dir", str(Path(home).resolve())]
        return options

    def _launch(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        limits: Limits,
        cancel: threading.Event | None,
        fds: _Descriptors,
    ) -> SandboxResult:
        process = subprocess.Popen(
            [self._found.program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,  # Ctrl-C goes to Sorte alone, which then ends the sandbox
            pass_fds=fds.inherited,
        )

        def kill() -> None:
            # The sandbox's first process dies with this one, and its whole pid namespace with it.
            if process.poll() is None:
                process.kill()

        try:
            fds.close_inherited()
            _limit(_child_pid(fds.info_read), limits)
            os.write(fds.block_write, b"x")
            fds.close(fds.block_write)
        except BaseException:
            kill()
            process.wait()
            raise
        return supervise(
            process, limits=limits, tree=ProcessTree(process.pid), kill=kill, cancel=cancel
        )


class _Descriptors:
    """The pipes between Sorte and bubblewrap, closed with the stack."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._open: set[int] = set()
        stack.callback(self._close_all)
        self.info_read, self.info_write = self._pipe()
        self.block_read, self.block_write = self._pipe()
        self.inherited: list[int] = [self.info_write, self.block_read]

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


def _child_pid(fd: int) -> int | None:
    """The pid of the sandbox's first process, waiting for us; None if bubblewrap gave up."""
    said = b""
    while b"}" not in said:
        data = os.read(fd, 4096)
        if not data:
            return None
        said += data
    return int(json.loads(said)["child-pid"])


def _limit(pid: int | None, limits: Limits) -> None:
    """Set limits on the waiting first process; all others inherit them.

    From outside and only now: set before, the process limit would count everything else that the
    user runs. It counts threads, of which honest processes have several, so it is set wider; the
    number of processes is watched by ProcessTree. RLIMIT_DATA rather than RLIMIT_AS, because
    runtimes reserve address space that they never use.
    """
    if pid is None:
        return
    with contextlib.suppress(ProcessLookupError):
        for kind, value in (
            (resource.RLIMIT_DATA, limits.memory_bytes),
            (resource.RLIMIT_FSIZE, limits.file_bytes),
            (resource.RLIMIT_NPROC, 8 * limits.processes),
            (resource.RLIMIT_CORE, 0),
        ):
            hard = resource.prlimit(pid, kind)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.prlimit(pid, kind, (value, value))


def _mountable(artefacts: Sequence[str], worktree: Path) -> tuple[str, ...]:
    """Those whose place in the worktree is free: what the worktree itself holds comes first."""

    def parents_are_folders(place: Path) -> bool:
        return not any(p.is_symlink() for p in _up_to(place, worktree))

    kept = []
    for name in artefacts:
        place = worktree / name
        empty = place.is_dir() and not place.is_symlink() and not any(place.iterdir())
        if (empty or not os.path.lexists(place)) and parents_are_folders(place):
            kept.append(name)
    return tuple(kept)


def _up_to(place: Path, root: Path) -> Iterator[Path]:
    for parent in place.parents:
        if parent == root:
            return
        yield parent


def _dependencies(repository: Path, artefacts: Sequence[str]) -> list[str]:
    options: list[str] = []
    for name in artefacts:
        options += ["--ro-bind", str(repository / name), str(repository / name)]
    return options


def _git(worktree: Path, repository: Path, common_dir: Path, fds: _Descriptors) -> list[str]:
    """Git inside: it answers, and cannot write.

    A worktree's `.git` is a file that names the real directory, which the worktree hides. So the
    repository's git directory is shown elsewhere, and that file is replaced by one that points
    there. (GIT_DIR in the environment would do as well, but would break every test that makes a
    repository of its own.)
    """
    own = linked_git_dir(worktree, common_dir)
    if own is None:
        inside = repository / ".git"
        if common_dir.is_dir() and (worktree / ".git").is_dir():
            return ["--ro-bind", str(worktree / ".git"), str(inside)]
        return []
    place = Path("/run" if Path("/run").is_dir() else "/tmp", "sorte", "git")
    borrowed = [a for p in borrowed_objects(common_dir) for a in ("--ro-bind", str(p), str(p))]
    pointer = fds.holding(os.fsencode(f"gitdir: {place / own}\n"))
    return [
        *borrowed,
        *("--ro-bind", str(common_dir), str(place)),
        *("--ro-bind-data", str(pointer), str(repository / ".git")),
    ]
