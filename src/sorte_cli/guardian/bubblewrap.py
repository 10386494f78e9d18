"""The bubblewrap sandbox: no network, read-only root, the worktree over the repository's path."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import resource
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sorte_cli.errors import EnvironmentFailure
from sorte_cli.guardian.environment import python_path, scrubbed
from sorte_cli.guardian.isolation import (
    TMPFS_LIMIT_BYTES,
    Descriptors,
    Isolation,
    base_options,
    filter_options,
    tmpfs,
)
from sorte_cli.guardian.lifeline import Lifeline
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

_ROOT_SECRETS = ("/etc/shadow", "/etc/gshadow", "/etc/shadow-", "/etc/gshadow-")


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
        written there is untrusted. `show` are further host folders that it may read. Raises
        EnvironmentFailure when the sandbox cannot be made.
        """
        worktree, repository = worktree.resolve(), repository.resolve()
        common_dir = common_dir.resolve()
        environment = scrubbed(os.environ, {"TMPDIR": "/tmp", **(env or {})})
        given = environment.get("PYTHONPATH", "")
        environment["PYTHONPATH"] = python_path(worktree, repository, given)
        if shutil.which(command[0], path=environment["PATH"]) is None and "/" not in command[0]:
            return SandboxResult(127, f"{command[0]}: command not found", False, 0.0)
        artefacts = _mountable(ignored_artefacts(repository), worktree)
        points = MountPoints(worktree, artefacts)
        environments = [repository / name for name in artefacts]
        size_bytes = min(TMPFS_LIMIT_BYTES, limits.memory_bytes)
        with contextlib.ExitStack() as stack:
            stack.callback(points.remove)
            fds = Descriptors(stack)
            options = [
                *self._found.namespaces,
                *base_options(self._found, size_bytes),
                *self._view(command, environment, repository, (*show, *environments), size_bytes),
                *("--bind", str(worktree), str(repository)),
                *_git(worktree, repository, common_dir, fds),
                *_dependencies(repository, artefacts),
                *(("--bind", str(exchange), str(exchange)) if exchange else ()),
                *("--chdir", str(repository)),
                *filter_options(self._found, fds),
                *("--json-status-fd", str(fds.status_write), "--block-fd", str(fds.block_read)),
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
            options += tmpfs(self._found, folder, size_bytes, "1777" if shared else "0700")
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
        fds: Descriptors,
    ) -> SandboxResult:
        # A group that dies with Sorte, and that is not the terminal's: Ctrl-C goes to Sorte alone.
        # bubblewrap goes on, and out of the group, when nobody is left to tell it to: so the leader
        # holds that descriptor, too.
        lifeline = Lifeline(holding=(fds.block_write,))
        try:
            process = subprocess.Popen(
                [self._found.program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=environment,
                process_group=lifeline.group,
                pass_fds=fds.inherited,
            )
        except BaseException:
            lifeline.end()
            raise

        try:
            fds.close_inherited()
            first = _child_pid(fds.status_read)
            if first is not None:
                # The sandbox's first process dies with bubblewrap, and its pid namespace with it,
                # once it has asked for that. Told to go on, it leaves the group before it does.
                lifeline.include(first)
            _limit(first, limits)
            os.write(fds.block_write, b"x")
            fds.close(fds.block_write)
        except BaseException:
            lifeline.end()
            process.communicate()  # waits, and closes the pipe
            raise
        tree = ProcessTree(process.pid)
        ran = supervise(process, limits=limits, tree=tree, kill=lifeline.end, cancel=cancel)
        if ran.returncode > 0 and not ran.killed_reason and not _command_ended(fds.status_read):
            return _not_run(ran)
        return ran


def _child_pid(fd: int) -> int | None:
    """The pid of the sandbox's first process, waiting for us; None if bubblewrap gave up."""
    said = b""
    while b"\n" not in said:
        data = os.read(fd, 4096)
        if not data:
            return None
        said += data
    return int(json.loads(said.partition(b"\n")[0])["child-pid"])


def _command_ended(fd: int) -> bool:
    """Whether bubblewrap reported the command's exit status. It does not when it failed itself."""
    said = b""
    while data := os.read(fd, 4096):
        said += data
    return b"exit-code" in said


def _not_run(ran: SandboxResult) -> SandboxResult:
    """The command was not started: it cannot be, or the sandbox could not be made.

    Raises EnvironmentFailure for the latter, because no verdict may be built on it.
    """
    said = ran.output.strip().splitlines()
    if said and said[-1].startswith("bwrap: execvp"):
        return dataclasses.replace(ran, returncode=127)
    raise EnvironmentFailure(
        f"the sandbox could not be made: {said[-1] if said else 'bubblewrap did not say why'}",
        hint="`sorte doctor` checks it; --sandbox none runs tests without one, by your own choice",
    )


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


def _git(worktree: Path, repository: Path, common_dir: Path, fds: Descriptors) -> list[str]:
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
