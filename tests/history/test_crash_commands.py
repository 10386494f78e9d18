"""Whole commands, killed: wholly there or wholly not after the next start, and nothing is lost.

A sample of what `crash_harness.py` does; the recorded figures are in docs/reliability.md.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from crash_commands import COMMANDS
from crash_harness import CrashLab

POINTS = {
    "apply": 6,
    "do": 6,
    "cli-undo": 3,
    "cli-redo": 3,
    "apply-linked": 3,
    "apply-submodule": 3,
    "apply-superproject": 3,
    "apply-sparse": 3,
    "apply-shallow": 3,
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for a lab, which sets variables that must not outlive the test."""
    monkeypatch.setattr(os, "environ", os.environ.copy())
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("name", list(POINTS))
def test_a_command_killed_at_any_call_loses_nothing(name: str, folder: Path) -> None:
    lab = CrashLab(folder, COMMANDS[name])
    calls, points = lab.count("any"), POINTS[name]
    # The latter half of a command is where it lands.
    ends = {lab.kill("any", calls - n * calls // (2 * points)) for n in range(points)}
    assert ends <= {"before", "after"}


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "nth"), [("engine", 1), ("bwrap", 2), ("git", 2)])
def test_a_child_killed_alone_fails_the_run_and_loses_nothing(
    kind: str, nth: int, folder: Path
) -> None:
    lab = CrashLab(folder, COMMANDS["do"])
    tries = (lab.kill_child(kind, nth) for _ in range(4))  # on a busy machine one may be missed
    assert next((end for end in tries if end != "missed"), "missed") in ("before", "after")
