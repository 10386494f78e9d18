"""Two requests in one sentence that begin with no imperative are told apart by their words."""

import pytest

from sorte_cli.agent.clauses import split_clauses
from sorte_cli.domain import Symbol

SYMBOLS = (
    Symbol("stage/console.py", "file"),
    Symbol("stage/console.py::dim_all", "function", "(soft=False, wait=2)"),
    Symbol("stage/console.py::BEAM_COLOR", "constant", '= "white"'),
    Symbol("stage/console.py::MAX_WATTS", "constant", "= 2000"),
    Symbol("stage/console.py::QUIET_HOURS", "constant", '= ["lunch", "night"]'),
)


@pytest.mark.parametrize(
    ("task", "first"),
    [
        ('dim_all perde o soft, e a cor do feixe agora é "red"', "dim_all perde o soft"),
        ('max watts up to 2500, and "dinner" belongs with the quiet hours', "max watts up to 2500"),
        (
            "dim_all could do without its soft, and the maximum of watts drops to 1500",
            "dim_all could do without its soft",
        ),
    ],
)
def test_two_statements_are_two_requests(task: str, first: str) -> None:
    assert split_clauses(task, SYMBOLS)[0] == first
    assert len(split_clauses(task, SYMBOLS)) == 2


@pytest.mark.parametrize(
    "task",
    [
        "dim_all says little; blackout says it better",
        "the lamps burn too bright, and MAX_WATTS should be 1500",
        'BEAM_COLOR is "red" now, and nothing else',
        "what does dim_all do, and who calls it?",
    ],
)
def test_a_reason_and_a_request_are_one(task: str) -> None:
    assert split_clauses(task, SYMBOLS) == (task,)
