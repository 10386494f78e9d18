"""Sorte may be killed at any moment: what it started in a sandbox ends with it, and soon."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from guardian_support import Project
from test_sandbox_limits import alive, gone

from sorte_cli.guardian.lifeline import Lifeline

# Sorte as a child that runs a command in the sandbox given by `made`, and is killed after a while.
_KILLED = """
import os, signal, sys, time
from pathlib import Path
from sorte_cli.guardian import Limits, find_sandbox
from sorte_cli.guardian.bubblewrap import Bubblewrap
from sorte_cli.guardian.isolation import Isolation
worktree, repository, mark, program, *delays = sys.argv[1:]
made = Bubblewrap(Isolation(program, (), frozenset())) if program else find_sandbox("bubblewrap")
for delay in delays:
    child = os.fork()
    if child == 0:
        made.run([sys.executable, "-c", "import time; time.sleep(600)", mark],
                 worktree=Path(worktree), repository=Path(repository),
                 common_dir=Path(repository, ".git"), limits=Limits())
        os._exit(0)
    time.sleep(float(delay))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""


@pytest.fixture
def mark() -> str:
    return f"mark-{os.getpid()}-{time.monotonic_ns()}"


def killed(project: Project, mark: str, program: str, *delays: float) -> None:
    arguments = [str(project.worktree), str(project.repository), mark, program, *map(str, delays)]
    with subprocess.Popen([sys.executable, "-c", _KILLED, *arguments]) as process:
        assert process.wait(timeout=120) == 0


def test_killed_at_any_moment_of_its_start_the_sandbox_leaves_nothing(
    project: Project, mark: str
) -> None:
    killed(project, mark, "", *(0.002 * n for n in range(1, 20)))
    assert gone(mark)


def test_a_first_process_that_waits_for_ever_ends_with_sorte(
    project: Project, tmp_path: Path, mark: str
) -> None:
    """As bubblewrap's does when bubblewrap is killed before it has told it to go on."""
    ready = tmp_path / "ready"
    program = tmp_path / "bwrap"
    program.write_text(
        "#!/bin/sh\n"
        f"{sys.executable} -c 'import time; time.sleep(600)' {mark} &\n"
        f"touch {ready}\n"
        "kill -KILL $$\n"
    )
    program.chmod(0o755)
    killed(project, mark, str(program), 1.0)
    assert ready.exists()
    assert gone(mark)


def test_a_lifeline_ends_its_group_and_itself(mark: str) -> None:
    line = Lifeline()
    sleeper = [sys.executable, "-c", "import time; time.sleep(600)", mark]
    with subprocess.Popen(sleeper, process_group=line.group) as process:
        line.end()
        assert process.wait() == -signal.SIGKILL
    assert alive(mark) == []
    with pytest.raises(ProcessLookupError):
        os.killpg(line.group, 0)


def test_a_process_that_leaves_the_group_ends_with_it_once_included(mark: str) -> None:
    """As bubblewrap's first process does, some time before it asks to die with its parent."""
    line = Lifeline()
    sleeper = [sys.executable, "-c", "import time; time.sleep(600)", mark]
    with subprocess.Popen(sleeper, start_new_session=True) as process:
        line.include(process.pid)
        line.end()
        assert process.wait() == -signal.SIGKILL


def test_a_process_that_leaves_the_group_ends_when_sorte_is_killed(mark: str) -> None:
    program = """
import os, signal, subprocess, sys
from sorte_cli.guardian.lifeline import Lifeline
line = Lifeline()
sleeper = [sys.executable, "-c", "import time; time.sleep(600)", sys.argv[1]]
line.include(subprocess.Popen(sleeper, start_new_session=True).pid)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", program, mark], check=False)
    assert done.returncode == -signal.SIGKILL
    assert gone(mark)
