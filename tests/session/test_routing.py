"""What a message is taken for, and what of a talk a model still sees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorte_cli.agent.answering import LOOP_CHARS, goes_round
from sorte_cli.agent.conversation import (
    BACKGROUND_CHARS,
    CHANGE,
    COMMAND,
    PLAN,
    QUESTION,
    SHELL,
    TALK,
    Context,
    Turn,
    add_turn,
    as_background,
    clean,
    compacted,
    fitted,
    route,
)


@pytest.mark.parametrize(
    ("message", "kind", "text"),
    [
        ("/undo last", COMMAND, "undo last"),
        ("! git status", SHELL, "git status"),
        ("where is calc_total used?", QUESTION, "where is calc_total used?"),
        ("onde calc_total é usado", QUESTION, "onde calc_total é usado"),
        ("o que faz Basket", QUESTION, "o que faz Basket"),
        ("how do I add a gateway?", QUESTION, "how do I add a gateway?"),
        ("what does remove do", QUESTION, "what does remove do"),
        ("rename a to b", CHANGE, "rename a to b"),
        ("can you rename a to b?", CHANGE, "can you rename a to b?"),
        ("você pode renomear a para b?", CHANGE, "você pode renomear a para b?"),
        ("Por favor, adicione um limite", CHANGE, "Por favor, adicione um limite"),
        ("Basket should validate the amount", CHANGE, "Basket should validate the amount"),
        ("plan how to add pix", PLAN, "add pix"),
        ("planeje adicionar pix", PLAN, "adicionar pix"),
        ("thanks!", TALK, "thanks!"),
        ("bom dia", TALK, "bom dia"),
        ("the payment module", QUESTION, "the payment module"),
        ("parse_args can go", CHANGE, "parse_args can go"),
        ("joga fora a foo_bar, ninguém usa", CHANGE, "joga fora a foo_bar, ninguém usa"),
        ("QUOTE_PATTERN belongs in special.py", CHANGE, "QUOTE_PATTERN belongs in special.py"),
        ("fetch tem que recusar url vazia", CHANGE, "fetch tem que recusar url vazia"),
        ("the tests are failing again", QUESTION, "the tests are failing again"),
        ("the limit is 30, right?", QUESTION, "the limit is 30, right?"),
        ("eu gosto do Basket", QUESTION, "eu gosto do Basket"),
        ("who says that parse_args can go", QUESTION, "who says that parse_args can go"),
    ],
)
def test_messages_are_taken_for_what_people_mean(message, kind, text):
    routed = route(message)
    assert (routed.kind, routed.text) == (kind, text)


@given(st.text())
def test_any_text_has_a_kind_and_no_control_characters(text):
    routed = route(text)
    assert routed.kind in {COMMAND, SHELL, QUESTION, PLAN, CHANGE, TALK}
    assert not [c for c in clean(text) if ord(c) < 32 and c not in "\n\t"]
    assert clean(clean(text)) == clean(text)


def test_text_that_goes_round_in_circles_is_seen_and_lists_are_not():
    assert goes_round(("er" * 200)[-LOOP_CHARS:])
    assert goes_round(("Order of Orders, " * 40)[-LOOP_CHARS:])
    assert not goes_round(
        "".join(f"- shop/prices.py:{n} uses it\n" for n in range(40))[-LOOP_CHARS:]
    )
    assert not goes_round("short short short")


def test_a_change_sees_the_latest_of_the_talk_within_a_limit():
    assert as_background(Context()) == ""
    turns = tuple(Turn(f"rename a{n} to b{n}", "landed", CHANGE) for n in range(100))
    text = as_background(compacted(Context("", turns)))
    assert text.startswith("Earlier in this talk:\n- ")
    assert text.endswith("rename a99 to b99 -> landed")
    assert len(text) <= BACKGROUND_CHARS + 30


def words(text: str) -> int:
    return len(text.split())


TURNS = st.lists(
    st.builds(Turn, st.text(min_size=1, max_size=60), st.text(max_size=200), st.just(QUESTION)),
    max_size=12,
)


@given(TURNS, st.integers(0, 400))
def test_a_fitted_talk_fits_and_says_when_something_was_left_out(turns, room):
    context = Context()
    for turn in turns:
        context = add_turn(context, turn)
    smaller, told = fitted(context, room, words)
    assert words(smaller.text()) <= room
    assert bool(told) == (smaller != context)


def test_compacting_keeps_the_latest_whole_and_every_older_one_as_a_line():
    turns = tuple(Turn(f"question {n}", f"answer {n}") for n in range(10))
    context = compacted(Context("", turns))
    assert [t.said for t in context.turns] == [f"question {n}" for n in range(6, 10)]
    assert all(f"question {n}" in context.summary for n in range(6))
    again = compacted(add_turn(context, Turn("last", "one")))
    assert "question 0" in again.summary
    assert "question 6" in again.summary
