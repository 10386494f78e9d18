"""A session as a person lives it: questions, changes, undo, commands; with nano, at a real pty."""

from __future__ import annotations

import json

RENAME = "rename calc_total to compute_total"


def test_a_question_is_answered_from_the_index_with_sources(sit):
    person = sit()
    person.ready()
    person.say("where is calc_total used?")
    text = person.wait("too small to explain")
    assert "question" in text
    assert "shop/basket.py:6" in text
    assert "test_prices.py:5" in text


def test_a_change_is_planned_approved_tested_committed_and_undone(sit, git, project):
    person = sit()
    person.ready()
    person.say(RENAME)
    person.wait("Go on? [y]es")
    assert "rename shop/prices.py::calc_total" in person.text
    assert "calc_total" in (project / "shop/prices.py").read_text()
    person.say("y")
    text = person.wait("/undo takes it back, /good")
    assert "1 test passes" in text
    assert "def compute_total" in (project / "shop/prices.py").read_text()
    assert git("status", "--porcelain") == ""
    person.say("/undo")
    person.wait("Go on? [y/N]")
    person.say("y")
    person.wait("undone: run")
    assert "def calc_total" in (project / "shop/prices.py").read_text()


def test_a_plan_that_is_declined_changes_nothing(sit, git):
    person = sit()
    person.ready()
    before = git("rev-parse", "HEAD")
    person.say(RENAME)
    person.wait("Go on? [y]es")
    person.say("n")
    person.wait("nothing was changed")
    assert git("rev-parse", "HEAD") == before


def test_a_shell_command_runs_and_its_code_is_told(sit):
    person = sit(env={"SORTE_SANDBOX": "none"})
    person.ready()
    person.say("!echo one $((1 + 1)); exit 3")
    text = person.wait("ended with code 3")
    assert "one 2" in text


def test_unknown_commands_suggest_the_nearest(sit):
    person = sit()
    person.say("/udno")
    assert "did you mean /undo" in person.wait("there is no command /udno")


def test_every_command_of_the_help_does_something(sit):
    person = sit(lines=60)
    person.ready()
    person.say("/help")
    text = person.wait("Ctrl+C twice")
    for name in ("plan", "undo", "redo", "diff", "log", "model", "memory", "stats", "resume"):
        assert f"/{name}" in text


def test_the_talk_is_saved_and_can_be_gone_on_with(sit, home):
    person = sit()
    person.ready()
    person.say("what is Basket")
    person.wait("too small to explain")
    person.say("/exit")
    assert person.end() == 0
    (saved,) = home.glob("state/talks/*/*.jsonl")
    kinds = [json.loads(line)["kind"] for line in saved.read_text().splitlines()]
    assert kinds == ["begin", "user", "answer"]
    again = sit()
    again.ready()
    again.say("/resume")
    again.wait("what is Basket")
    again.say(f"/resume {saved.stem}")
    again.wait("going on with the talk")


def test_portuguese_from_the_first_line_to_the_report(sit, project):
    person = sit("--lang", "pt_BR")
    person.wait("conversa 0%")
    person.say("renomeie calc_total para compute_total")
    person.wait("Continuar? [s]im")
    person.say("s")
    person.wait("/undo desfaz")
    assert "compute_total" in (project / "shop/prices.py").read_text()
