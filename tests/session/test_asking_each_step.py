"""The mode in which each step waits for a yes, at a terminal, with the person's own editor."""

from __future__ import annotations

import stat

import pytest

RENAME = "rename calc_total to compute_total"
STEP = "Apply this step? [y]es, [n]o"


@pytest.fixture
def editor(tmp_path):
    """An `$EDITOR` that writes another name into what it is given."""
    path = tmp_path / "editor"
    path.write_text('#!/bin/sh\nsed -i s/compute_total/sum_up/ "$1"\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_a_step_is_shown_edited_shown_again_and_applied(sit, project, editor):
    person = sit(env={"EDITOR": editor}, lines=50)
    person.ready()
    person.say("/mode steps")
    person.wait("ask each step:")
    person.say(RENAME)
    person.wait("Go on? [y]es")
    person.say("y")
    text = person.wait(STEP)
    assert "+def compute_total(items):" in text
    assert "calc_total" in (project / "shop/prices.py").read_text()
    person.say("x")
    person.wait("answer y, n (leave it out), e (edit it)")
    person.say("e")
    person.wait("+def sum_up(items):")
    person.say("y")
    text = person.wait("Remember this for the project?")  # a correction teaches something
    assert "but `rename shop/prices.py::calc_total sum_up`" in " ".join(text.split())
    person.say("y")
    person.wait("remembered as 1")
    person.wait("/undo takes it back, /good")
    assert "def sum_up(items)" in (project / "shop/prices.py").read_text()


def test_a_step_that_is_not_wanted_changes_nothing(sit, git):
    before = git("rev-parse", "HEAD")
    person = sit()
    person.ready()
    person.say("/mode steps")
    person.say(RENAME)
    person.wait("Go on? [y]es")
    person.say("y")
    person.wait(STEP)
    person.say("q")
    person.wait("no step was approved; nothing was changed")
    assert git("rev-parse", "HEAD") == before


def test_shift_tab_goes_through_the_modes(sit):
    person = sit()
    person.ready()
    for name in ("ask each step ·", "automatic ·", "plan only ·", "ask ·"):
        person.type("\x1b[Z")
        person.wait(f"\n {name}")


def test_a_plain_command_asks_each_step_too(project, environment, editor):
    from terminal_double import Person

    person = Person(
        project, environment | {"EDITOR": editor}, "do", "--yes", "--ask", RENAME, lines=50
    )
    person.wait(STEP)
    person.say("e")
    person.wait("+def sum_up(items):")
    person.say("y")
    assert person.end() == 0
    assert "def sum_up(items)" in (project / "shop/prices.py").read_text()
    person.close()
