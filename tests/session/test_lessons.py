"""What is learned from the person: proposed, approved, and then part of what a model reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorte_cli.agent import prompting
from sorte_cli.memory import notes
from sorte_cli.memory.lessons import correction, lasting_wish

RENAME = "rename calc_total to compute_total"


@pytest.mark.parametrize(
    "message",
    [
        "always use Decimal for amounts",
        "No, never touch the migrations",
        "please always add a test",
        "from now on write docstrings in Portuguese",
        "Sempre use Decimal para valores",
        "nunca altere as migrações",
        "não, nunca use float",
        "prefiro nomes em inglês",
        "a partir de agora escreva os testes primeiro",
        "lembre-se de que o banco é Postgres",
    ],
)
def test_a_wish_that_lasts_is_known(message):
    assert lasting_wish(message) == message


@pytest.mark.parametrize(
    "message",
    [
        "rename a to b",
        "what is never called?",
        "should I always use Decimal?",
        "neverland is a class, where is it",
        "add a flag that is always on",
        "nunca " + "x" * 500,
        "",
    ],
)
def test_other_messages_are_no_wishes(message):
    assert lasting_wish(message) == ""


@given(st.text())
def test_any_message_can_be_looked_at(message):
    assert lasting_wish(message) in ("", " ".join(message.split()))


def test_a_correction_is_what_was_changed():
    assert correction("rename a b\nset c 1\n", "rename a z\nset c 1\n") == (
        "rename a b",
        "rename a z",
    )
    assert correction("a\n", "a\n") == ("", "")
    assert correction("a\n", "") == ("", "")
    assert correction("a\n", "\n".join("bcdef")) == ("", "")
    assert correction("a\n", "a\n# why\n") == ("", "# why")


def test_a_wish_is_remembered_after_a_yes_and_stands_in_the_prompt(sit, project, home):
    person = sit()
    person.ready()
    person.say("always where is Basket")
    person.wait("Remember this for the project?")
    person.say("n")  # then it is a message like any other
    person.wait("too small to explain")
    person.say("always use Decimal for amounts")
    person.wait("  “always use Decimal for amounts”")
    person.say("y")
    person.wait("remembered as 1")
    remembered = notes.as_prompt(notes.notes(project, home / "state"))
    read = prompting.plan_messages(
        "full", (), "rename a to b", project=prompting.project_text("", remembered, "")
    )
    assert "always use Decimal for amounts" in read[0].content


def test_an_undone_run_asks_what_to_learn(sit):
    person = sit()
    person.ready()
    person.say("/mode auto")
    person.say(RENAME)
    person.wait("/undo takes it back")
    person.say("/undo")
    person.wait("Go on? [y/N]")
    person.say("y")
    person.wait("What should be different next time?")
    person.say("keep the names of public functions")
    person.wait("Remember this for the project?")
    person.say("y")
    person.wait("remembered as 1")
