"""apply, log, show, undo, redo on a real repository, from the outside."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

RENAME = "rename prices.py::calc_total compute_total\n"


@pytest.fixture
def renamed(sorte, project) -> Path:
    """The project after a run that landed."""
    answer = sorte("apply", "-", "--yes", cwd=project, stdin=RENAME)
    assert answer.code == 0, answer.err
    return project


def at_a_terminal(
    arguments: Sequence[str], typed: str, *, cwd: Path, env: dict[str, str]
) -> tuple[int, str]:
    """Run `sorte` on a pseudo terminal, type, and return its exit code and what the screen got."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "sorte_cli", *arguments],
        cwd=cwd,
        env={**env, "TERM": "xterm-256color", "COLUMNS": "100"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    screen = b""
    try:
        while piece := os.read(ours, 65536):
            screen += piece
    except OSError:
        pass  # the other end is closed: the program has ended
    os.close(ours)
    return process.wait(timeout=60), screen.decode("utf-8", "replace")


def test_apply_lands_a_tested_commit(sorte, git, project):
    answer = sorte("apply", "-", "--yes", cwd=project, stdin=RENAME)
    assert answer.code == 0
    assert answer.out.startswith("done: changed 2 files, 1 test passes, commit ")
    assert "compute_total" in (project / "test_prices.py").read_text(encoding="utf-8")
    assert git(project, "status", "--porcelain") == ""
    assert len(git(project, "log", "--oneline").splitlines()) == 2


def test_apply_reads_a_file_and_reports_json(sorte, project, tmp_path):
    script = tmp_path / "ops.txt"
    script.write_text(RENAME, encoding="utf-8")
    answer = sorte("apply", str(script), "--yes", "--json", cwd=project)
    document = json.loads(answer.out)
    assert document["ok"] is True
    assert document["status"] == "landed"
    assert document["verdict"]["tests"]["passed"] == 1
    assert {c["path"] for c in document["changes"]} == {"prices.py", "test_prices.py"}


def test_a_dry_run_shows_the_diff_and_changes_nothing(sorte, git, project):
    answer = sorte("apply", "-", "--dry-run", cwd=project, stdin=RENAME)
    assert answer.code == 0
    assert "+def compute_total(items):" in answer.out
    assert git(project, "status", "--porcelain") == ""
    assert len(git(project, "log", "--oneline").splitlines()) == 1
    assert "@@" in answer.out
    assert "@@" not in answer.err  # a terminal shows both: once is enough


def test_no_commit_leaves_the_commit_to_the_person(sorte, git, project):
    answer = sorte("apply", "-", "--yes", "--no-commit", cwd=project, stdin=RENAME)
    assert answer.code == 0
    assert "not committed" in answer.out
    assert "compute_total" in (project / "prices.py").read_text(encoding="utf-8")
    assert len(git(project, "log", "--oneline").splitlines()) == 1
    assert git(project, "status", "--porcelain").split() == [
        "M",
        "prices.py",
        "M",
        "test_prices.py",
    ]


def test_without_yes_and_without_a_terminal_nothing_is_applied(sorte, git, project):
    answer = sorte("apply", "-", cwd=project, stdin=RENAME)
    assert answer.code == 1
    assert "--yes" in answer.err
    assert len(git(project, "log", "--oneline").splitlines()) == 1


@pytest.mark.parametrize(
    ("script", "code"),
    [("", 2), ("frobnicate a b\n", 4), ("rename prices.py::nothing here\n", 4)],
)
def test_scripts_that_make_no_sense(sorte, project, script, code):
    answer = sorte("apply", "-", "--yes", "--json", cwd=project, stdin=script)
    assert answer.code == code
    assert json.loads(answer.out)["exit_code"] == code


@pytest.mark.parametrize("name", ["no/such/file", "."])
def test_a_script_that_cannot_be_read(sorte, project, name):
    answer = sorte("apply", name, cwd=project)
    assert answer.code == 2
    assert name in answer.err


def test_a_script_that_is_not_text(sorte, project, tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    answer = sorte("apply", str(tmp_path / "binary"), cwd=project)
    assert answer.code == 2
    assert "UTF-8" in answer.err


def test_undo_and_redo(sorte, git, renamed):
    undone = sorte("undo", "--yes", cwd=renamed)
    assert undone.code == 0
    assert "`sorte redo`" in undone.out
    assert "calc_total" in (renamed / "prices.py").read_text(encoding="utf-8")
    again = sorte("undo", "--yes", cwd=renamed)
    assert again.code == 1
    redone = sorte("redo", "--yes", "--json", cwd=renamed)
    document = json.loads(redone.out)
    assert document["ok"] is True
    assert document["paths"] == ["prices.py", "test_prices.py"]
    assert "compute_total" in (renamed / "prices.py").read_text(encoding="utf-8")
    assert git(renamed, "status", "--porcelain") == ""


def test_undo_needs_a_yes(sorte, git, renamed):
    before = git(renamed, "rev-parse", "HEAD")
    answer = sorte("undo", cwd=renamed)
    assert answer.code == 1
    assert "prices.py" in answer.err
    assert "--yes" in answer.err
    assert git(renamed, "rev-parse", "HEAD") == before


@pytest.mark.parametrize(("typed", "code", "name"), [("y\n", 0, "calc"), ("n\n", 1, "compute")])
def test_undo_asks_at_a_terminal(environment, renamed, typed, code, name):
    ended, screen = at_a_terminal(["undo"], typed, cwd=renamed, env=environment)
    assert ended == code, screen
    assert "[y/N]" in screen
    assert f"def {name}_total" in (renamed / "prices.py").read_text(encoding="utf-8")


def test_a_portuguese_question_takes_a_portuguese_answer(environment, renamed):
    ended, screen = at_a_terminal(["--lang", "pt", "undo"], "s\n", cwd=renamed, env=environment)
    assert ended == 0
    assert "Continuar? [s/N]" in screen
    assert "desfeita" in screen


def test_unknown_runs_are_usage_errors(sorte, renamed):
    for command in ("show", "undo", "redo"):
        answer = sorte(command, "19990101-000000-0000", cwd=renamed)
        assert answer.code == 2, command
        assert "19990101" in answer.err


def test_log_lists_runs_latest_first_and_fits_the_screen(sorte, renamed):
    sorte("undo", "--yes", cwd=renamed)
    answer = sorte("log", cwd=renamed)
    lines = answer.out.splitlines()
    assert len(lines) == 3
    assert "undo" in lines[1]
    assert "undone" in lines[2]
    assert all(len(line) <= 80 for line in lines)
    assert len(sorte("log", "-n", "1", cwd=renamed).out.splitlines()) == 2


def test_log_is_json_on_request(sorte, renamed):
    document = json.loads(sorte("log", "--json", cwd=renamed).out)
    (run,) = document["runs"]
    assert run["status"] == "landed"
    assert run["started"].endswith("Z")


def test_log_of_a_fresh_repository(sorte, project):
    assert sorte("log", cwd=project).code == 0
    assert json.loads(sorte("log", "--json", cwd=project).out)["runs"] == []
    answer = sorte("show", cwd=project)
    assert answer.code == 2
    assert "no runs" in answer.err


def test_show_tells_everything_about_a_run(sorte, renamed):
    text = sorte("show", "--diff", cwd=renamed).out
    assert "rename prices.py::calc_total compute_total" in text
    assert "1 passed, 0 failed" in text
    assert "+def compute_total(items):" in text
    (run,) = json.loads(sorte("log", "--json", cwd=renamed).out)["runs"]
    by_suffix = sorte("show", run["run"][-4:], "--json", "--diff", cwd=renamed)
    document = json.loads(by_suffix.out)
    assert document["run"] == run["run"]
    assert document["events"]
    assert "+def compute_total(items):" in document["diff"]


def test_a_table_in_portuguese(sorte, renamed):
    text = sorte("log", "--lang", "pt", cwd=renamed).out
    assert "aplicada" in text
