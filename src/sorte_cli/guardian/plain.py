"""No sandbox, by the user's explicit choice: limits and a scrubbed environment, no containment."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import subprocess
import sys
import threading
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from sorte_cli.guardian.environment import python_path, scrubbed
from sorte_cli.guardian.process import Limits, SandboxResult, kill_group, supervise
from sorte_cli.guardian.proctree import ProcessTree

# Sets limits on itself, then becomes the command. A program of its own because code between fork
# and exec is not safe in a process that has threads.
_LAUNCHER = """
import os, resource, sys
for pair in sys.argv[1].split(","):
    kind, value = map(int, pair.split("="))
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    try:
        resource.setrlimit(kind, (value, value))
    except (ValueError, OSError):
        pass
os.execvp(sys.argv[2], sys.argv[2:])
"""


class PlainRunner:
    """Runs commands in the worktree itself, with time, memory, process and output limits."""

    name = "none"

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
        """Run `command` in `worktree`. Nothing can be mounted here, so absolute paths mean the
        repository; Python alone is told by PYTHONPATH to prefer the worktree's code.
        """
        del repository, common_dir, exchange, show
        return run_in_worktree(command, worktree=worktree, limits=limits, env=env, cancel=cancel)


def run_in_worktree(
    command: Sequence[str],
    *,
    worktree: Path,
    limits: Limits,
    env: Mapping[str, str] | None = None,
    cancel: threading.Event | None = None,
    prefix: Sequence[str] = (),
) -> SandboxResult:
    """Run `command`, behind the words of `prefix`, in `worktree` and within `limits`."""
    marker = uuid.uuid4().hex
    environment = scrubbed(os.environ, env)
    environment["PYTHONPATH"] = python_path(worktree, worktree, environment.get("PYTHONPATH", ""))
    environment["SORTE_COMMAND"] = marker
    # A path is meant from the worktree, where the command runs, and not from where we are.
    here = "/" in command[0] and os.access(worktree / command[0], os.X_OK)
    if not here and shutil.which(command[0], path=environment["PATH"]) is None:
        return SandboxResult(127, f"{command[0]}: command not found", False, 0.0)
    # Not `environment`: the launcher is our own interpreter, and -I ignores PYTHONPATH anyway.
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _LAUNCHER, _rlimits(limits), *prefix, *command],
        cwd=worktree,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        start_new_session=True,
    )
    tree = ProcessTree(process.pid, f"SORTE_COMMAND={marker}")

    def kill() -> None:
        kill_group(process.pid)
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        tree.kill_strays()

    return supervise(process, limits=limits, tree=tree, kill=kill, cancel=cancel)


def _rlimits(limits: Limits) -> str:
    """ "KIND=VALUE,..." for the launcher. No process limit: that one counts all of the user's."""
    values = {
        resource.RLIMIT_DATA: limits.memory_bytes,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_CORE: 0,
    }
    return ",".join(f"{kind}={value}" for kind, value in values.items())
