"""Killed anywhere, a run is wholly there or wholly not after the next start, and nothing is lost.

A sample of what `crash_harness.py` does at every single call.
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from crash_harness import CHILD, SCENARIOS, CrashLab
from history_support import Project, assert_sound, run_and_land

from sorte_cli.errors import EnvironmentFailure, RefusedError
from sorte_cli.history import recovery, settle, userindex
from sorte_cli.history.journal import Journal
from sorte_cli.history.locking import RunLock
from sorte_cli.history.recovery import recover
from sorte_cli.history.repository import Repository
from sorte_cli.history.transaction import Transaction
from sorte_cli.history.undoing import undo

POINTS = {
    "run": 10,
    "undo": 6,
    "redo": 5,
    "revert": 6,
    "linked": 5,
    "detached": 4,
    "recovery": 5,
    "kept": 6,
    "killed-kept": 3,
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for a lab, which sets variables that must not outlive the test."""
    monkeypatch.setattr(os, "environ", os.environ.copy())
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("name", list(POINTS))
def test_killed_at_any_call_nothing_is_lost(name: str, folder: Path) -> None:
    lab = CrashLab(folder, SCENARIOS[name])
    calls, points = lab.count("any"), POINTS[name]
    ends = {lab.kill("any", 1 + (2 * n + 1) * calls // (2 * points)) for n in range(points)}
    assert ends <= {"before", "after"}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["run", "undo"])
def test_a_git_command_killed_alone_fails_the_run_and_nothing_is_lost(
    name: str, folder: Path
) -> None:
    lab = CrashLab(folder, SCENARIOS[name])
    calls = lab.count("git")
    for number in range(5):
        lab.kill("git", 1 + (2 * number + 1) * calls // 10, tree=False)
    lab.kill("git", calls, tree=False)  # the branch has moved, its locks are still there


@pytest.mark.slow
@pytest.mark.parametrize(("error", "lasting"), [(errno.ENOSPC, True), (errno.EIO, False)])
def test_a_disk_that_is_full_or_broken_loses_nothing(
    error: int, lasting: bool, folder: Path
) -> None:
    lab = CrashLab(folder, SCENARIOS["run"])
    calls = lab.count("any")
    for number in range(6):
        at = 1 + (2 * number + 1) * calls // 12
        lab.fail("any", at, error=error, lasting=lasting)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["run", "revert"])
def test_a_git_command_that_fails_loses_nothing(name: str, folder: Path) -> None:
    lab = CrashLab(folder, SCENARIOS[name])
    commands = int(lab.break_git(0))
    for number in range(6):
        lab.break_git(1 + (2 * number + 1) * commands // 12)


@pytest.mark.slow
def test_killed_at_any_time_nothing_is_lost(folder: Path) -> None:
    lab = CrashLab(folder, SCENARIOS["run"])
    for seconds in (0.15, 0.3, 0.45, 0.6):
        lab.kill_at_time(seconds)


FILES = {
    "shop/pay.py": b"def pay(amount):\n    return amount\n",
    "shop/old.py": b"OLD = 1\n",
    "windows.txt": b"one\r\ntwo\r\n",
    "thing": b"a file\n",
    "plain.sh": b"#!/bin/sh\n",
    "notes.txt": b"notes\n",
}


@pytest.fixture
def half(tmp_path: Path) -> Project:
    """A project whose run was killed when its files had landed, and nothing else."""
    return killed(Project.make(tmp_path / "shop", FILES), "half")


def killed(project: Project, how: str) -> Project:
    code = subprocess.run([sys.executable, str(CHILD), how, str(project.root)], check=False)
    assert code.returncode == -signal.SIGKILL
    return project


def start(project: Project, journal: Journal) -> list[str]:
    repo = project.repo
    with RunLock(repo):
        return recover(repo, journal)


def test_a_half_landing_is_undone_and_said(half: Project, journal: Journal) -> None:
    assert half.files()["shop/pay.py"] != FILES["shop/pay.py"]
    said = start(half, journal)
    assert half.files() == FILES
    assert half.status() == ""
    assert any("interrupted while landing; your files are as before" in s for s in said)
    assert journal.runs(half.repo)[0].status == "interrupted"
    assert_sound(half)
    assert start(half, journal) == []


def test_a_file_that_had_only_become_an_empty_folder_comes_back(
    half: Project, journal: Journal
) -> None:
    (half.root / "thing/inside.txt").unlink()
    said = start(half, journal)
    assert half.files() == FILES
    assert not any("was changed since then" in s for s in said)


def test_edits_made_after_the_crash_are_kept_and_named(half: Project, journal: Journal) -> None:
    half.write("shop/pay.py", "edited after the crash\n")
    half.write("shop/old.py", "made again by me\n")
    half.write("notes.txt", "another file\n")
    (half.root / "windows.txt").unlink()
    half.write("thing/mine.txt", "beside what landed\n")
    said = "\n".join(start(half, journal))
    files = half.files()
    assert files["shop/pay.py"] == b"edited after the crash\n"
    assert files["shop/old.py"] == b"made again by me\n"
    assert files["notes.txt"] == b"another file\n"
    assert files["thing/mine.txt"] == b"beside what landed\n"
    assert "windows.txt" not in files
    assert "deep/er/new.py" not in files
    for path in ("shop/pay.py", "shop/old.py", "windows.txt", "thing"):
        assert f"{path} was changed since then" in said
    assert "notes.txt" not in said
    assert_sound(half)


def test_what_the_user_committed_after_the_crash_stays(half: Project, journal: Journal) -> None:
    # Our lock is still there; git tells the user to remove it.
    (half.root / ".git/index.lock").unlink(missing_ok=True)
    half.git("add", "shop/pay.py", "deep")
    half.git("commit", "--quiet", "-m", "by the user")
    start(half, journal)
    files = half.files()
    assert b"tax" in files["shop/pay.py"]  # type: ignore[operator]
    assert files["deep/er/new.py"] == b"NEW = 1\n"
    assert files["shop/old.py"] == FILES["shop/old.py"]
    assert files["windows.txt"] == FILES["windows.txt"]
    assert half.status() == ""
    assert_sound(half)


def test_a_landing_killed_after_the_branch_moved_is_complete(
    tmp_path: Path, journal: Journal
) -> None:
    project = killed(Project.make(tmp_path / "shop", FILES), "committed")
    project.write("later.txt", "later\n")
    project.commit("the user goes on")
    said = start(project, journal)
    assert any("had landed" in s for s in said)
    record = journal.runs(project.repo)[0]
    assert record.status == "landed"
    assert project.status() == ""
    assert_sound(project)
    assert undo(project.repo, journal).how == "reverted"
    assert project.files() == {**FILES, "later.txt": b"later\n"}


def test_a_half_landing_is_settled_on_the_branch_that_the_user_went_to(
    half: Project, journal: Journal
) -> None:
    (half.root / ".git/index.lock").unlink(missing_ok=True)
    half.git("switch", "--quiet", "-c", "other")
    start(half, journal)
    assert half.files() == FILES
    assert half.status() == ""


def test_a_half_landing_in_a_linked_worktree_is_settled_from_the_main_one(
    tmp_path: Path, journal: Journal
) -> None:
    project = Project.make(tmp_path / "shop", FILES)
    project.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    side = killed(Project(tmp_path / "side"), "half")
    start(project, journal)
    assert side.files() == FILES
    assert side.status() == ""
    assert_sound(side)
    assert_sound(project)


def test_a_half_landing_whose_worktree_is_gone_is_dropped(tmp_path: Path, journal: Journal) -> None:
    project = Project.make(tmp_path / "shop", FILES)
    project.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    side = killed(Project(tmp_path / "side"), "half")
    project.git("worktree", "remove", "--force", str(side.root))
    assert any("now gone" in s for s in start(project, journal))
    assert project.files() == FILES
    assert_sound(project)


def test_the_lock_of_another_git_stops_recovery_until_it_is_gone(
    half: Project, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(userindex, "PATIENCE_S", 0.1)
    # Killed once more, this time with the index written.
    lock = half.root / ".git/index.lock"
    lock.unlink(missing_ok=True)
    half.git("add", "--all", "shop")
    lock.write_bytes(b"another git")
    with pytest.raises(RefusedError, match=r"index\.lock exists"):
        start(half, journal)
    assert lock.read_bytes() == b"another git"
    lock.unlink()
    start(half, journal)
    assert half.files() == FILES
    assert half.status() == ""
    assert_sound(half)


def test_a_stale_lock_of_our_branch_is_removed_and_an_older_one_is_not(
    half: Project, journal: Journal
) -> None:
    ours = half.write(".git/refs/heads/main.lock", b"")
    other = half.write(".git/HEAD.lock", b"")
    os.utime(other, (1, 1))
    start(half, journal)
    assert not ours.exists()
    assert other.exists()


def test_a_lock_that_a_process_has_open_is_not_removed(tmp_path: Path) -> None:
    lock = tmp_path / "main.lock"
    with lock.open("wb"):
        assert not settle.remove_if_stale(lock, 0)
    assert settle.remove_if_stale(lock, 0)
    lock.write_bytes(b"something else")
    assert not settle.remove_if_stale(lock, 0, (b"",))


def test_an_intent_that_cannot_be_read_is_left_for_a_person(
    project: Project, journal: Journal
) -> None:
    path = project.write(".git/sorte/landing.json", "{")
    with pytest.raises(EnvironmentFailure, match="cannot be read"):
        start(project, journal)
    assert path.exists()


def test_dead_runs_are_closed_and_living_ones_left(project: Project, journal: Journal) -> None:
    repo = project.repo
    dead = subprocess.Popen(["true"])
    dead.wait()
    runs = [journal.start_run(repo, "t", "do", "").id for _ in range(3)]
    other = subprocess.Popen(["sleep", "60"])
    try:
        for run, pid in zip(runs, (dead.pid, other.pid, 2**22 + 1), strict=True):
            journal._db.execute("UPDATE runs SET pid = ? WHERE id = ?", (pid, run))
        said = start(project, journal)
    finally:
        other.kill()
        other.wait()
    statuses = {r.id: r.status for r in journal.runs(repo)}
    assert [statuses[run] for run in runs] == ["interrupted", "running", "interrupted"]
    assert len(said) == 2


def test_left_worktrees_are_removed_and_the_users_own_are_not(
    project: Project, journal: Journal, tmp_path: Path
) -> None:
    project.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    Transaction.begin(project.repo, "run-1")
    Transaction.begin(project.repo, "run-1-base")
    start(project, journal)
    assert_sound(project)
    assert Project(tmp_path / "side").status() == ""


def test_only_so_many_runs_are_kept(
    project: Project, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "KEPT_RUNS", 2)
    runs = [
        run_and_land(project, journal, {"shop/pay.py": f"x = {n}\n".encode()})[0] for n in range(4)
    ]
    project.git("pack-refs", "--all")
    start(project, journal)
    kept = project.git("for-each-ref", "--format=%(refname:lstrip=3)", "refs/sorte").split()
    assert kept == sorted(runs)[-2:]
    assert_sound(project)


def test_recovery_of_a_repository_that_never_saw_a_run_says_nothing(
    project: Project, journal: Journal
) -> None:
    assert start(project, journal) == []
    assert Repository.discover(project.root).dirty_paths() == {}
