"""One run at a time; a dead run leaves no lock."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from history_support import Project

from sorte_cli.errors import RefusedError
from sorte_cli.history import locking
from sorte_cli.history.locking import RunLock
from sorte_cli.history.repository import Repository

HOLDER = """
import sys, time
from pathlib import Path
from sorte_cli.history import Repository, RunLock
repo = Repository.discover(Path(sys.argv[1]))
with RunLock(repo):
    if sys.argv[2] == "orphan":
        import subprocess
        subprocess.Popen(["sleep", "2"], pass_fds=[repo.lock_fd], stdout=subprocess.DEVNULL)
    print("held", flush=True)
    time.sleep(60)
"""


def hold(project: Project, how: str = "plain") -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(project.root), how], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def test_a_second_run_is_refused_and_told_who_works(project: Project) -> None:
    process = hold(project)
    try:
        with (
            pytest.raises(RefusedError, match=f"process {process.pid}, since") as error,
            RunLock(project.repo),
        ):
            pass
        assert error.value.exit_code == 4
    finally:
        end(process)


def test_a_second_run_in_a_linked_worktree_is_refused(project: Project, tmp_path: Path) -> None:
    project.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    process = hold(project)
    try:
        with (
            pytest.raises(RefusedError),
            RunLock(Repository.discover(tmp_path / "linked")),
        ):
            pass
    finally:
        end(process)


def test_a_killed_run_leaves_no_lock(project: Project) -> None:
    end(hold(project))
    with RunLock(project.repo) as lock:
        assert lock.path.exists()
    assert not lock.path.exists()


def test_the_lock_waits_for_a_command_that_outlives_its_run(project: Project) -> None:
    process = hold(project, "orphan")
    end(process)
    began = time.monotonic()
    with RunLock(project.repo):
        assert time.monotonic() - began > 0.05


def test_an_orphan_that_never_ends_is_refused_in_the_end(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locking, "_ORPHAN_WAIT_S", 0.1)
    process = hold(project, "orphan")
    end(process)
    with pytest.raises(RefusedError), RunLock(project.repo):
        pass


def test_the_lock_may_be_nested(project: Project) -> None:
    repo = project.repo
    with RunLock(repo), RunLock(repo):
        assert repo.lock_fd is not None
    assert repo.lock_fd is None


def test_a_process_of_an_earlier_boot_is_dead() -> None:
    assert locking.process_lives(os.getpid(), locking.boot_id())
    assert not locking.process_lives(os.getpid(), "an earlier boot")
    done = subprocess.Popen(["true"])
    done.wait()
    assert not locking.process_lives(done.pid, locking.boot_id())
