"""Plans as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorte_cli.agent.plans import parse_plan, print_plan
from sorte_cli.domain import Plan, Step
from sorte_cli.errors import UsageError

addresses = st.from_regex(r"[a-z]{1,8}/[a-z]{1,8}\.py(::[A-Za-z_]{1,10}){0,1}", fullmatch=True)
instructions = st.from_regex(r"([a-zA-Z0-9.:,]+ ?){0,6}[a-z]", fullmatch=True) | st.just("")
steps = st.builds(
    Step,
    st.from_regex(r"[a-z_]{3,12}", fullmatch=True).filter(lambda v: v != "none"),
    st.lists(addresses, min_size=1, max_size=3).map(tuple),
    instructions,
)


@given(st.lists(steps, min_size=1, max_size=5))
def test_printing_and_parsing_are_inverses(some):
    plan = Plan(tuple(some))
    assert parse_plan(print_plan(plan)) == plan


def test_numbers_comments_and_blank_lines_are_for_people():
    text = "# mine\n1. rename a.py::b\n\n- set_value a.py::C: make it 3\n"
    assert parse_plan(text) == Plan(
        (Step("rename", ("a.py::b",)), Step("set_value", ("a.py::C",), "make it 3"))
    )


def test_none_carries_its_reason():
    assert parse_plan("none: not a code change\n") == Plan(reason="not a code change")
    assert print_plan(Plan(reason="x")) == "none: x\n"


def test_a_line_that_is_no_step_is_named():
    with pytest.raises(UsageError, match="line 2"):
        parse_plan("rename a.py::b\n!!! what\n")


@given(st.text())
def test_any_text_is_a_plan_or_a_usage_error(text):
    try:
        parse_plan(text)
    except UsageError:
        return
    assert isinstance(parse_plan(text), Plan)


def test_only_a_line_feed_ends_a_step():
    text = "edit a.py::f: one\u2028two\x0bthree\x85four\r\nrename a.py::g: five\n"
    first, second = parse_plan(text).steps
    assert first.instruction.split() == ["one", "two", "three", "four"]
    assert second.targets == ("a.py::g",)
