"""A benchmark of the project's, before and after a change. Times are what the command says."""

from __future__ import annotations

import random

import pytest
from guardian_support import Project, make_project

from sorte_cli.domain import ChangeSet, FileChange, Severity
from sorte_cli.guardian import Sandbox
from sorte_cli.guardian.performance import Timing, guard
from sorte_cli.guardian.projectchecks import Ground


@pytest.fixture
def timed(tmp_path) -> Project:
    return make_project(tmp_path / "timed", {"speed.txt": "0.50\n", "shop.py": "X = 1\n"})


def guarded(project: Project, sandbox: Sandbox, command: str, after: str, percent: int = 10):
    changes = ChangeSet.of([FileChange("speed.txt", b"0.50\n", after.encode())])
    ground = Ground(project.repository, project.common_dir, "HEAD")
    return guard(
        command, changes, ground, sandbox, percent=percent, timeout_s=60, where="sorte.toml"
    )


def test_a_slower_change_is_found_in_the_sandbox(timed: Project, bubblewrap: Sandbox) -> None:
    (found,), notes = guarded(timed, bubblewrap, "cat speed.txt", "warming up\n0.70\n")
    assert notes == ()
    assert (found.tool, found.rule, found.path) == ("benchmark", "slower", "sorte.toml")
    assert found.severity == Severity.MEDIUM
    assert "`cat speed.txt` takes 1.40 times as long as before (0.5 s, 0.7 s," in found.message


def test_a_change_within_the_threshold_is_only_told(timed: Project, plain: Sandbox) -> None:
    for after, percent in (("0.45\n", 10), ("0.54\n", 10), ("0.70\n", 50)):
        found, notes = guarded(timed, plain, "cat speed.txt", after, percent)
        assert found == ()
        assert "times as long as before" in notes[0]


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("cat gone.txt", "it failed (1): cat: gone.txt: No such file or directory"),
        ("no-such-program", "it failed (127): no-such-program: command not found"),
        ("'", "No closing quotation"),
    ],
)
def test_a_benchmark_that_does_not_run_is_named(
    timed: Project, plain: Sandbox, command: str, why: str
) -> None:
    found, notes = guarded(timed, plain, command, "0.9\n")
    assert found == ()
    assert notes == (f"the benchmark was left out: {why}",)


def test_without_a_number_the_time_it_ran_counts(timed: Project, plain: Sandbox) -> None:
    changes = ChangeSet.of([FileChange("sleep.sh", None, b"")])
    ground = Ground(timed.repository, timed.common_dir, "HEAD")
    command = "sh -c 'if [ -e sleep.sh ]; then sleep 0.15; fi'"
    found, _ = guard(command, changes, ground, plain, percent=20, timeout_s=60)
    assert [f.rule for f in found] == ["slower"]


def test_noise_alone_is_seldom_called_slower() -> None:
    """Times that vary by a third, without any difference, in a thousand draws."""
    chance = random.Random(7)
    alarms = 0
    for _ in range(1000):
        before = tuple(chance.uniform(1, 1.3) for _ in range(15))
        after = tuple(chance.uniform(1, 1.3) for _ in range(15))
        alarms += Timing(before, after).is_slower(10)
    assert alarms == 0


def test_one_slow_run_proves_nothing() -> None:
    assert not Timing((1.0,) * 9, (1.0,) * 8 + (30.0,)).is_slower(10)
    assert not Timing((1.0, 1.0), (2.0, 2.0)).is_decided(10)
    assert Timing((1.0,) * 7, (1.4,) * 7).is_slower(10)
    assert Timing((1.0,) * 7, (1.0,) * 7).is_decided(10)
