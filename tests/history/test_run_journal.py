"""The journal remembers every run, durably, and finds it again by part of its name."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from history_support import Project

from sorte_cli.errors import EnvironmentFailure, UsageError
from sorte_cli.history.journal import Journal, Mark


def test_a_run_is_found_after_a_restart_with_all_that_was_recorded(project: Project) -> None:
    repo = project.repo
    with Journal.open() as journal:
        run = journal.start_run(repo, "adicionar Pix", "do", "sorte do")
        journal.record(run.id, "plan", {"steps": ["edit shop/pay.py"]})
        journal.record(run.id, "plan", {"steps": ["rename"]})
        journal.set_status(run.id, "not landed")
    with Journal.open() as journal:
        (record,) = journal.runs(repo)
        assert (record.id, record.task, record.kind) == (run.id, "adicionar Pix", "do")
        assert record.status == "not landed"
        assert record.ended is not None
        assert record.ended >= record.started
        assert record.data == {"plan": {"steps": ["rename"]}}
        assert [e.data["steps"] for e in journal.events(run.id)] == [
            ["edit shop/pay.py"],
            ["rename"],
        ]


def test_ids_are_short_sortable_and_found_by_beginning_or_end(
    project: Project, journal: Journal
) -> None:
    repo = project.repo
    ids = [journal.start_run(repo, "t", "do", "").id for _ in range(30)]
    assert len(set(ids)) == 30
    assert all(re.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{4}", run) for run in ids)
    assert journal.run(repo, ids[3]).id == ids[3]
    length = next(n for n in range(1, 21) if sum(i.startswith(ids[3][:n]) for i in ids) == 1)
    assert journal.run(repo, ids[3][:length]).id == ids[3]
    assert journal.run(repo, f"-{ids[3][-4:]}").id == ids[3]
    assert [r.id for r in journal.runs(repo, 5)] != ids[:5]


def test_an_unknown_or_ambiguous_run_is_a_usage_error_with_suggestions(
    project: Project, journal: Journal
) -> None:
    repo = project.repo
    with pytest.raises(UsageError, match="no run 'x'") as error:
        journal.run(repo, "x")
    assert "no runs here yet" in error.value.hint
    run = journal.start_run(repo, "t", "do", "")
    journal.start_run(repo, "t", "do", "")
    with pytest.raises(UsageError, match="no run") as error:
        journal.run(repo, run.id[:-1] + "z")
    assert run.id in error.value.hint
    with pytest.raises(UsageError, match="fits 2 runs"):
        journal.run(repo, run.id[:8])
    with pytest.raises(UsageError):
        journal.run(repo, "")


def test_repositories_do_not_see_each_other(
    project: Project, tmp_path: Path, journal: Journal
) -> None:
    other = Project.make(tmp_path / "other")
    run = journal.start_run(project.repo, "t", "do", "")
    assert journal.runs(other.repo) == []
    with pytest.raises(UsageError):
        journal.run(other.repo, run.id)


def test_a_landed_run_stays_landed_whatever_a_late_interrupt_says(
    project: Project, journal: Journal
) -> None:
    run = journal.start_run(project.repo, "t", "do", "").id
    journal.mark([Mark(run, "landed", "a", "b", "main", ("b",), "landed", {"x": 1})])
    journal.set_status(run, "interrupted")
    record = journal.run(project.repo, run)
    assert (record.status, record.base, record.tip) == ("landed", "a", "b")
    assert (record.branch, record.commits) == ("main", ("b",))
    assert record.data["landed"] == {"x": 1}


def test_marks_are_all_or_nothing(project: Project, journal: Journal) -> None:
    run = journal.start_run(project.repo, "t", "do", "").id
    with pytest.raises(TypeError):
        journal.mark([Mark(run, "landed"), Mark(run, "undone", event="x", data={"a": object()})])
    assert journal.run(project.repo, run).status == "running"


def test_text_that_is_not_utf8_is_kept_readable(project: Project, journal: Journal) -> None:
    run = journal.start_run(project.repo, "caf\udce9", "do", "").id
    journal.record(run, "files", {"caf\udce9.py": "x"})
    assert journal.run(project.repo, run).task == "caf\\xe9"
    assert journal.events(run)[0].data == {"caf\udce9.py": "x"}


def test_recording_for_an_unknown_run_is_an_error(journal: Journal) -> None:
    with pytest.raises(UsageError):
        journal.record("nowhere", "plan", {})


def test_a_journal_that_is_no_database_is_said_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(b"this is not a database, " * 100)
    with pytest.raises(EnvironmentFailure, match="cannot be read") as error:
        Journal.open(path)
    assert "Move it away" in error.value.hint
    assert path.read_bytes().startswith(b"this is not")


def test_a_journal_of_a_newer_sorte_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    Journal.open(path).close()
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version=99")
    database.close()
    with pytest.raises(EnvironmentFailure, match="newer Sorte"):
        Journal.open(path)


def test_a_journal_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFailure, match="cannot open the journal") as error:
        Journal.open(tmp_path / "file" / "journal.sqlite")
    assert "SORTE_STATE_DIR" in error.value.hint


def test_the_journal_is_private_and_durable(journal: Journal, tmp_path: Path) -> None:
    path = tmp_path / "state" / "journal.sqlite"
    assert path.stat().st_mode & 0o077 == 0
    assert journal._db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert journal._db.execute("PRAGMA synchronous").fetchone()[0] == 2
