"""`!command`: sandboxed, on a copy, seen while it runs; the person's files change after a yes."""

from __future__ import annotations

import threading

import pytest

from sorte_cli.errors import RefusedError
from sorte_cli.history import Repository
from sorte_cli.terminal.session import trial as trials
from sorte_cli.terminal.session.shell import Shown


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SORTE_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_command_changes_its_copy_and_after_a_yes_the_real_files(sit, project, git):
    (project / "draft.txt").write_text("not committed yet\n")
    before = (project / "shop/prices.py").read_bytes()
    person = sit()
    person.ready()
    person.say("!echo LIMIT = 11 > shop/prices.py; rm test_prices.py; echo new > new.txt")
    text = person.wait("Take this over into your own files? [y/N]")
    assert "the command changed 3 files in its copy:" in text
    assert (project / "shop/prices.py").read_bytes() == before
    person.say("n")
    person.wait("your files are as they were")
    assert (project / "shop/prices.py").read_bytes() == before
    assert (project / "test_prices.py").exists()
    assert not (project / "new.txt").exists()
    person.say("!cat draft.txt; git status --short; mkdir a; echo x > a/new.txt; rm draft.txt")
    text = person.wait("the command changed 2 files in its copy:")
    assert "not committed yet" in text
    assert "?? draft.txt" in text
    person.say("y")
    person.wait("taken over; nothing is committed")
    assert (project / "a/new.txt").read_text() == "x\n"
    assert not (project / "draft.txt").exists()
    assert git("status", "--short") == "?? a/\n"


def test_output_is_seen_while_the_command_runs_and_it_can_be_stopped(sit):
    person = sit()
    person.ready()
    person.say("!echo begun; sleep 600; echo never")
    person.wait("begun\n")
    person.type("\x1b")
    person.wait("stopped")
    assert "never\n" not in person.text.partition("begun\n")[2]
    person.say("what is Basket")
    person.wait("too small to explain")


def test_a_file_that_changed_meanwhile_is_not_overwritten(project, own_cache):
    repository = Repository.discover(project, writing=False)
    with trials.trial(repository) as copy:
        (copy.root / "shop/prices.py").write_text("LIMIT = 11\n")
        (copy.root / "new.txt").write_text("new\n")
        (project / "shop/prices.py").write_text("LIMIT = 12\n")
        with pytest.raises(RefusedError, match="changed meanwhile"):
            copy.keep(copy.changes())
    assert (project / "shop/prices.py").read_text() == "LIMIT = 12\n"
    assert not (project / "new.txt").exists()


def test_links_out_of_the_copy_are_not_followed(project, own_cache, tmp_path):
    secret = tmp_path / "elsewhere"
    secret.mkdir()
    (secret / "prices.py").write_text("secret\n")
    repository = Repository.discover(project, writing=False)
    with trials.trial(repository) as copy:
        for path in sorted((copy.root / "shop").iterdir()):
            path.unlink()
        (copy.root / "shop").rmdir()
        (copy.root / "shop").symlink_to(secret)
        changes = copy.changes()
    assert all(b"secret" not in (c.after or b"") for c in changes.changes)


def test_modes_and_bytes_are_taken_over_exactly(project, own_cache):
    script = project / "run.sh"
    script.write_bytes(b"#!/bin/sh\r\n\xff\n")
    repository = Repository.discover(project, writing=False)
    with trials.trial(repository) as copy:
        (copy.root / "run.sh").chmod(0o755)
        (copy.root / "bin").write_bytes(bytes(range(256)))
        copy.keep(copy.changes())
    assert script.stat().st_mode & 0o111
    assert script.read_bytes() == b"#!/bin/sh\r\n\xff\n"
    assert (project / "bin").read_bytes() == bytes(range(256))


def test_nothing_is_left_behind_also_not_by_one_that_was_killed(project, own_cache):
    (own_cache / "shell" / "999999999-1" / "project").mkdir(parents=True)
    repository = Repository.discover(project, writing=False)
    with trials.trial(repository) as copy:
        assert copy.changes().changes == ()
    assert list((own_cache / "shell").iterdir()) == []


def test_a_project_that_is_too_large_is_not_copied(project, own_cache, monkeypatch):
    monkeypatch.setattr(trials, "FILES_LIMIT", 2)
    with trials.trial(Repository.discover(project, writing=False)) as copy:
        assert copy is None


def test_output_is_safe_whole_and_bounded():
    pieces: list[str] = []
    shown = Shown(pieces.append)
    text = "água \x1b[2J\x1b[1;31mred\x1b[0m 日本\x1b]0;evil\x07 \x05👍\r\nend\x1b[3"
    for byte in text.encode():
        shown.feed(bytes([byte]))
    shown.finish()
    assert "".join(pieces) == "água red 日本 \ufffd👍\nend\ufffd[3\n"


def test_a_flood_is_cut_and_its_end_is_kept():
    pieces: list[str] = []
    shown = Shown(pieces.append)
    for _ in range(40):
        shown.feed(b"x" * 9_999 + b"\n")
    shown.feed(b"the end\n")
    assert sum(map(len, pieces)) <= 200_000
    assert shown.kept.endswith("the end\n")


def test_what_a_pipe_brings_is_read_to_its_end(tmp_path):
    import os

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    pieces: list[str] = []
    shown = Shown(pieces.append)

    def write() -> None:
        with pipe.open("w") as file:
            file.write("line\n" * 50_000)

    with shown.from_pipe(pipe):
        writer = threading.Thread(target=write)
        writer.start()
        writer.join()
    shown.finish()
    assert shown.kept.endswith("line\n")
