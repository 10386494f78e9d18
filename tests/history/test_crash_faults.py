"""Faults other than a kill: full disks, other programs at work, a git that hangs, odd clocks.

A sample of what `crash_harness.py` does; the recorded figures are in docs/reliability.md.
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from crash_actors import Actor
from crash_commands import COMMANDS
from crash_harness import CrashLab
from crash_scenarios import SCENARIOS
from history_support import isolated_environment, quick_folder

HERE = Path(__file__).parent
BRANCH_MOVES = "update-ref -m sorte"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for a lab, which sets variables that must not outlive the test."""
    monkeypatch.setattr(os, "environ", os.environ.copy())
    return tmp_path


@pytest.fixture(scope="module")
def shared() -> Iterator[CrashLab]:
    """One lab for many tries: to make it takes as long as five of them."""
    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryDirectory(dir=quick_folder()) as name,
    ):
        patch.setattr(os, "environ", os.environ.copy())
        yield CrashLab(Path(name).resolve(), SCENARIOS["kept"])


@pytest.fixture(scope="module")
def calls(shared: CrashLab) -> int:
    """How many calls of the shared lab's run change a file."""
    return shared.count("any")


@pytest.fixture
def lab(shared: CrashLab, monkeypatch: pytest.MonkeyPatch) -> CrashLab:
    shared.reset()
    for name, value in isolated_environment(shared.live).items():
        monkeypatch.setenv(name, value)
    return shared


def test_a_switch_to_a_new_branch_while_the_branch_moves(lab: CrashLab) -> None:
    # git takes no lock for it: files and index were those of a branch that had been left.
    assert Actor(lab, "switch").act(lab.git_number(BRANCH_MOVES)) == "before"


def test_a_file_saved_by_the_user_during_the_landing(lab: CrashLab) -> None:
    actor = Actor(lab, "edit")
    assert actor.act(lab.git_number(BRANCH_MOVES)) == "after"
    assert actor.act(lab.git_number("update-ref refs/sorte")) == "before"


@pytest.mark.parametrize("name", ["gc", "second", "lock"])
def test_others_at_work_change_nothing_of_it(name: str, lab: CrashLab) -> None:
    assert Actor(lab, name).act(lab.git_number("update-ref refs/sorte")) in ("before", "after")


@pytest.mark.slow
@pytest.mark.parametrize("words", ["reset --hard", BRANCH_MOVES])
def test_a_git_that_hangs_is_given_up_and_nothing_is_lost(words: str, lab: CrashLab) -> None:
    lab.hang_git(lab.git_number(words))


@pytest.mark.slow
def test_an_answer_that_is_lost_and_a_clock_that_jumps(lab: CrashLab, calls: int) -> None:
    lab.fail("any", calls - calls // 10, error=errno.ESTALE, lost=True)
    assert lab.jump("any", calls // 2, -100_000_000) == "after"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["EACCES", "EMFILE", "ENOMEM", "EXDEV"])
def test_a_call_that_fails(name: str, lab: CrashLab, calls: int) -> None:
    lab.fail("any", calls - calls // 8, error=getattr(errno, name))


@pytest.mark.slow
def test_a_file_system_that_becomes_read_only(lab: CrashLab, calls: int) -> None:
    lab.fail("any", calls - calls // 10, error=errno.EROFS, lasting=True)


@pytest.mark.slow
def test_killed_where_there_are_no_hard_links_and_times_are_coarse(folder: Path) -> None:
    lab = CrashLab(folder, SCENARIOS["run"], coarse=True)
    calls = lab.count("any")
    for at in (calls - calls // 4, calls - calls // 16):
        lab.kill("any", at)


@pytest.mark.slow
def test_fixes_of_a_review_come_all_or_none(folder: Path) -> None:
    lab = CrashLab(folder, COMMANDS["fix"])
    calls = lab.count("any")
    assert lab.kill("any", calls - calls // 12) in ("before", "after")


@pytest.mark.slow
def test_a_disk_that_is_really_full(folder: Path) -> None:
    alone = ("unshare", "--user", "--map-root-user", "--mount")
    command = (*alone, sys.executable, str(HERE / "crash_disk.py"), "--every", "120", "--to", "360")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "'lost': 0" in done.stdout, done.stdout + done.stderr
