"""The audit log: everything is sealed, and whatever is changed afterwards shows."""

from __future__ import annotations

import json
import multiprocessing
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from history_support import Project
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sorte_cli.errors import EnvironmentFailure
from sorte_cli.history.audit import AuditLog
from sorte_cli.history.journal import Journal


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    made = AuditLog(tmp_path / "state")
    for number in range(4):
        made.append("check", {"number": number, "what": "ação"})
    return made


def test_entries_come_back_as_they_were_written(log: AuditLog) -> None:
    assert [(e.number, e.kind, e.data["number"]) for e in log.entries()] == [
        (1, "check", 0),
        (2, "check", 1),
        (3, "check", 2),
        (4, "check", 3),
    ]
    found = log.verify()
    assert (found.entries, found.problems) == (4, ())
    assert found.head == log.entries()[-1].hash


def test_an_empty_log_is_whole(tmp_path: Path) -> None:
    found = AuditLog(tmp_path).verify()
    assert (found.entries, found.head, found.problems) == (0, "", ())


def edit(log: AuditLog, change: Callable[[list[str]], list[str]]) -> tuple[str, ...]:
    lines = log.path.read_text(encoding="utf-8").splitlines()
    log.path.write_text("".join(f"{line}\n" for line in change(lines)), encoding="utf-8")
    return log.verify().problems


def test_a_changed_entry_shows(log: AuditLog) -> None:
    assert edit(log, lambda ls: [ls[0].replace('"number": 0', '"number": 9'), *ls[1:]]) == (
        "entry 1 was changed",
    )


def test_an_entry_that_was_taken_out_shows(log: AuditLog) -> None:
    assert (
        edit(log, lambda ls: [*ls[:1], *ls[2:]])[0] == "entry 2 does not follow the one before it"
    )


def test_an_entry_that_was_put_in_shows(log: AuditLog) -> None:
    assert edit(log, lambda ls: [ls[0], ls[0], *ls[1:]])


def test_swapped_entries_show(log: AuditLog) -> None:
    assert edit(log, lambda ls: [ls[1], ls[0], *ls[2:]])


def test_a_log_that_was_cut_off_shows(log: AuditLog) -> None:
    assert edit(log, lambda ls: ls[:2]) == ("2 entries at the end are missing",)
    log.path.unlink()
    assert log.verify().problems == ("4 entries at the end are missing",)


def test_an_end_that_was_written_anew_shows(log: AuditLog) -> None:
    edit(log, lambda ls: ls[:3])
    head = log.path.with_name("audit.head").read_text(encoding="ascii")
    log.append("check", {"number": 99})
    log.path.with_name("audit.head").write_text(head, encoding="ascii")
    assert log.verify().problems == ("the last entry is not the one that was written last",)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_any_changed_byte_shows(log: AuditLog, data: st.DataObject) -> None:
    whole = log.path.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda b: b != whole[place]))
    log.path.write_bytes(whole[:place] + bytes([byte]) + whole[place + 1 :])
    try:
        same = [json.loads(a) for a in log.path.read_bytes().splitlines()] == [
            json.loads(a) for a in whole.splitlines()
        ]
    except ValueError:
        same = False
    assert log.verify().problems or same
    log.path.write_bytes(whole)


def test_half_a_line_left_by_a_crash_is_taken_away(log: AuditLog) -> None:
    with log.path.open("ab") as file:
        file.write(b'{"number": 5, "at"')
    assert log.verify().problems == ("the last line is not whole",)
    log.append("check", {})
    assert log.verify().problems == ()
    assert [e.number for e in log.entries()] == [1, 2, 3, 4, 5]


def test_long_data_is_kept_as_its_hash(log: AuditLog) -> None:
    log.append("check", {"text": "x" * 100_000})
    assert set(log.entries()[-1].data) == {"sha256", "bytes"}
    log.append("check", {})
    assert log.verify().problems == ()


def write_some(folder: Path) -> None:
    for _ in range(20):
        AuditLog(folder).append("check", {"a": "b" * 200})


def test_several_processes_write_one_chain(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_some, args=(tmp_path,)) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = AuditLog(tmp_path).verify()
    assert (found.entries, found.problems) == (60, ())


def test_a_log_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file", encoding="utf-8")
    with pytest.raises(EnvironmentFailure, match="cannot write the audit log"):
        AuditLog(tmp_path / "state").append("check", {})


@pytest.fixture
def journalled(tmp_path: Path, project: Project) -> tuple[AuditLog, Path]:
    """A log that sealed a journal with one run of two events."""
    state = tmp_path / "sealed"
    path = state / "journal.sqlite"
    with Journal.open(path) as journal:
        run = journal.start_run(project.repo, task="rename a to b", kind="do", command="do")
        journal.record(run.id, "plan", {"text": "rename"})
        journal.record(run.id, "consent", {"answer": True})
        journal.set_status(run.id, "not landed")
    log = AuditLog(state)
    assert log.take_in() == 3
    return log, path


def test_runs_events_and_their_end_are_sealed_once(
    journalled: tuple[AuditLog, Path], project: Project
) -> None:
    log, path = journalled
    assert [e.kind for e in log.entries()] == ["run", "event plan", "event consent"]
    assert log.take_in() == 0
    with Journal.open(path) as journal:
        run = journal.start_run(project.repo, task="more", kind="do", command="do")
        log.take_in()
        journal.set_status(run.id, "interrupted")
    log.take_in()
    assert [e.kind for e in log.entries()[3:]] == ["run", "status"]
    assert log.verify().problems == ()


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE events SET data = '{}' WHERE event = 'consent'", "was changed in the journal"),
        ("DELETE FROM events WHERE event = 'consent'", "the journal lost an event"),
    ],
)
def test_a_journal_that_was_changed_shows(
    journalled: tuple[AuditLog, Path], statement: str, problem: str
) -> None:
    log, path = journalled
    db = sqlite3.connect(path)
    with db:
        db.execute(statement)
    db.close()
    [said] = log.verify().problems
    assert problem in said


def test_trust_that_was_given_and_taken_is_sealed(tmp_path: Path) -> None:
    log = AuditLog(tmp_path)
    assert log.take_in() == 0
    (tmp_path / "trust.json").write_text('{"/home/ana/shop": "ab12"}', encoding="utf-8")
    assert log.take_in() == 1
    assert log.take_in() == 0
    (tmp_path / "trust.json").write_text("{}", encoding="utf-8")
    assert log.take_in() == 1
    assert [e.data["projects"] for e in log.entries()] == [{"/home/ana/shop": "ab12"}, {}]
