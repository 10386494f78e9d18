"""A plan that does not agree with its sentence is not carried out unseen."""

import pytest

from sorte_cli.agent.consistency import doubts
from sorte_cli.agent.grounding import read_mentions
from sorte_cli.agent.planning import Situation, is_sure
from sorte_cli.domain import Plan, Step, Symbol

SYMBOLS = (
    Symbol("farm/barn.py", "file"),
    Symbol("farm/barn.py::feed_all", "function", "(animal, amount: int = 3)"),
    Symbol("farm/barn.py::milk_cows", "function", "(cows)"),
    Symbol("farm/barn.py::MAX_COWS", "constant", "= 20"),
    Symbol("farm/barn.py::CROPS", "constant", '= ["corn", "oats"]'),
)
BARN = "farm/barn.py"


def plan(*steps: tuple[str, str], clause: str = "") -> Plan:
    return Plan(tuple(Step(v, (f"{BARN}::{n}",), clause) for v, n in steps), certainty=1.0)


@pytest.mark.parametrize(
    ("task", "made", "why"),
    [
        ("rename milk_cows to milk", plan(("rename", "feed_all")), "milk_cows"),
        ("set MAX_COWS to 30", plan(("rename", "MAX_COWS")), "number"),
        ("change the thing", plan(("rename", "feed_all")), "does not name"),
        ("set MAX_COWS to 3", plan(("set_value", "MAX_COWS"), ("set_value", "MAX_COWS")), "twice"),
        ("feed_all is deprecated", plan(("add_parameter", "feed_all")), "hardly means"),
        ("what was MAX_COWS before 2019", plan(("rename", "MAX_COWS")), "hardly means"),
        ("fora com a milk_cows, ninguém usa", plan(("rename", "milk_cows")), "hardly means"),
        ("sort CROPS by price", plan(("add_entry", "CROPS")), "more than small"),
        (
            "set MAX_COWS to 30 and rename milk_cows to milk",
            plan(("set_value", "MAX_COWS")),
            "more than one",
        ),
        (
            "rename feed_all to feed and set it up so that rename works and delete more",
            plan(("rename", "feed_all"), ("set_value", "MAX_COWS")),
            "clauses",
        ),
    ],
)
def test_what_speaks_against_a_plan_is_told(task, made, why):
    mentions = read_mentions(task)
    assert any(why in doubt for doubt in doubts(made, SYMBOLS, mentions))
    assert not is_sure(made, "compact", Situation(task, mentions, SYMBOLS))


@pytest.mark.parametrize(
    ("task", "made"),
    [
        ("rename milk_cows to milk", plan(("rename", "milk_cows"))),
        ("issue 37: rename milk_cows to milk", plan(("rename", "milk_cows"))),
        ("set MAX_COWS to 30", plan(("set_value", "MAX_COWS"))),
        ("add wheat to CROPS", plan(("add_entry", "CROPS"))),
        ("remova o parâmetro amount de feed_all", plan(("remove_parameter", "feed_all"))),
        ("feed_all should return what milk_cows takes: int", plan(("set_return_type", "feed_all"))),
    ],
)
def test_a_plan_that_agrees_is_carried_out(task, made):
    mentions = read_mentions(task)
    assert doubts(made, SYMBOLS, mentions) == ()
    assert is_sure(made, "compact", Situation(task, mentions, SYMBOLS))


def test_large_models_are_believed():
    made = plan(("rename", "feed_all"))
    mentions = read_mentions("change the thing")
    assert is_sure(made, "full", Situation("change the thing", mentions, SYMBOLS))


def test_no_plan_has_nothing_against_it():
    assert doubts(Plan(reason="no"), SYMBOLS, read_mentions("rename x")) == ()
