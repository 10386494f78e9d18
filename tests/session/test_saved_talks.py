"""Talks on disk: nothing said is lost, whatever happens to the file."""

from __future__ import annotations

import errno
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sorte_cli.errors import UsageError
from sorte_cli.memory import notes
from sorte_cli.memory.talks import Talk, find_talk, read_records, saved_talks
from sorte_cli.terminal.session.transcript import as_markdown, turns_of


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def test_what_was_said_is_on_disk_at_once(root, tmp_path):
    talk = Talk.new(root, tmp_path)
    talk.add("user", text="oi\nÁ \ud800", route="talk")
    assert [r.kind for r in read_records(talk.path)] == ["begin", "user"]
    assert talk.path.stat().st_mode & 0o777 == 0o600


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.integers(0, 400))
def test_a_file_cut_anywhere_gives_its_whole_lines_and_takes_new_ones(root, tmp_path, cut):
    talk = Talk.new(root, tmp_path)
    for n in range(3):
        talk.add("user", text=f"message {n}")
    talk.close()
    whole = talk.path.read_bytes()
    talk.path.write_bytes(whole[:cut])
    kept = whole[:cut].count(b"\n")
    before = read_records(talk.path)
    assert len(before) in (kept, kept + 1)  # a last line may be whole without its end
    again = Talk(root, talk.path, before)
    again.add("user", text="later")
    again.close()
    assert [r.data.get("text") for r in read_records(talk.path)][-1] == "later"
    talk.path.unlink()


def test_a_full_disk_is_told_and_what_was_said_meanwhile_is_written_later(
    root, tmp_path, monkeypatch
):
    talk = Talk.new(root, tmp_path)
    talk.add("user", text="first")
    real = os.write
    written = []

    def full(fd, data):
        if not written:  # a part fits
            written.append(real(fd, data[:10]))
            return written[0]
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    talk.add("user", text="second")
    assert "No space left" in talk.problem
    monkeypatch.setattr(os, "write", real)
    assert [r.data.get("text") for r in read_records(talk.path)][1:] == ["first"]
    talk.add("user", text="third")
    assert talk.problem == ""
    assert [r.data["text"] for r in read_records(talk.path)[1:]] == ["first", "second", "third"]


def test_a_talk_is_found_by_a_part_of_its_name_and_open_ones_are_not_shared(root, tmp_path):
    with pytest.raises(UsageError, match="no saved talk"):
        find_talk(root, "", tmp_path)
    talk = Talk.new(root, tmp_path)
    talk.add("user", text="one")
    assert find_talk(root, talk.id[-4:], tmp_path).title == "one"
    with pytest.raises(UsageError, match="open in another session"):
        Talk.resume(root, talk.id, tmp_path)
    talk.close()
    assert Talk.resume(root, "", tmp_path).records[-1].data["text"] == "one"
    with pytest.raises(UsageError, match="is no saved talk"):
        find_talk(root, "zzz", tmp_path)


def test_talks_of_other_projects_stay_apart(root, tmp_path):
    Talk.new(root, tmp_path).add("user", text="here")
    other = tmp_path / "other"
    other.mkdir()
    assert saved_talks(other, tmp_path) == []
    assert len(saved_talks(root, tmp_path)) == 1


def test_an_undone_run_is_marked_in_the_talk(root, tmp_path):
    talk = Talk.new(root, tmp_path)
    talk.add("user", text="rename a to b", route="change")
    talk.add("run", task="rename a to b", run="r1", status="landed", summary="changed 1 file")
    talk.add("undone", run="r1")
    assert turns_of(talk.records)[0].reply.startswith("undone")
    assert "run r1 was undone" in as_markdown(talk.id, talk.records)
    talk.add("redone", run="r1")
    assert turns_of(talk.records)[0].reply.startswith("landed")


def test_notes_are_added_forgotten_and_read_in_a_stable_order(root, tmp_path):
    notes.add("amounts are Decimal", root=root, base=tmp_path)
    notes.add("tests in English", root=root, scope="user", base=tmp_path)
    assert [n.text for n in notes.notes(root, tmp_path)] == [
        "tests in English", "amounts are Decimal",
    ]  # fmt: skip
    with pytest.raises(UsageError, match="remembered already"):
        notes.add("amounts  are Decimal", root=root, base=tmp_path)
    prompt = notes.as_prompt(notes.notes(root, tmp_path))
    assert prompt.endswith("- tests in English\n- amounts are Decimal")
    notes.forget(1, root, tmp_path)
    assert [n.text for n in notes.notes(root, tmp_path)] == ["amounts are Decimal"]
    with pytest.raises(UsageError, match="number 9"):
        notes.forget(9, root, tmp_path)
    with pytest.raises(UsageError, match="at most"):
        notes.add("x" * 500, root=root, base=tmp_path)
