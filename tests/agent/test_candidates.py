"""Several answers to a step: the first that all checks accept is taken."""

import pytest
from doubles import ScriptedEngine, git

from sorte_cli.agent.executing import Draft, _best_first
from sorte_cli.edits import parse_script

PLAN = "replace_statement shop/orders.py::calc_total\n"
HEAD = "replace_statement shop/orders.py::calc_total#1\n<<<\n"
RED = HEAD + "return sum(items) + 1\n>>>\n"
OTHER_RED = HEAD + "return sum(items) + 2\n>>>\n"
GREEN = HEAD + "return sum(list(items))\n>>>\n"
NOWHERE = "rename shop/orders.py::nothing other\n"


@pytest.fixture(autouse=True)
def side_by_side(monkeypatch):
    """The scripted engine takes so many of its answers at once."""

    def candidates(self, messages, options, count, *, on_text, on_prompt, cancel=None):
        return [self.generate(messages, options) for _ in range(count)]

    monkeypatch.setattr(ScriptedEngine, "candidates", candidates, raising=False)


def events(watcher, name):
    return [data for event, data in watcher.events if event == name]


def test_the_first_that_all_checks_accept_is_taken(scripted, project):
    report = scripted([PLAN, RED, GREEN, OTHER_RED], candidates=3)
    assert report.status == "landed"
    assert "sum(list(items))" in (project / "shop/orders.py").read_text()
    notes = [d["text"] for d in events(scripted.watcher, "note")]
    assert sum("candidate 1 of 3" in n for n in notes) == 1
    assert not any("candidate 2" in n for n in notes)
    assert scripted.engine.answers == []
    assert len(git(project, "log", "--format=%s").splitlines()) == 2


def test_answers_that_cannot_be_applied_come_last_and_equal_ones_count_once(scripted, project):
    report = scripted([PLAN, NOWHERE, RED, RED, GREEN], candidates=4)
    assert report.status == "landed"
    tried = [d["script"] for d in events(scripted.watcher, "operations")]
    assert [t.splitlines()[2] for t in tried] == [
        "return sum(items) + 1",
        "return sum(list(items))",
    ]


def test_where_none_is_good_the_first_goes_back_with_its_reason(scripted, project):
    report = scripted([PLAN, RED, OTHER_RED, GREEN, GREEN], candidates=2, max_repairs=1)
    assert report.status == "landed"
    assert "sum(items) + 1" in scripted.engine.asked[-1]
    assert "test_total" in scripted.engine.asked[-1]


def test_a_green_one_is_preferred_to_one_held_for_a_later_step(scripted, project):
    plan = "replace_statement shop/orders.py::calc_total\nset_value shop/orders.py::MAX_ITEMS\n"
    limit = "set_value shop/orders.py::MAX_ITEMS 30\n"
    report = scripted([plan, RED, GREEN, limit, limit], candidates=2)
    assert report.status == "landed"
    assert [s.status for s in report.steps] == ["committed", "committed"]


def test_where_none_is_green_the_first_may_be_held(scripted, project):
    plan = "replace_statement shop/orders.py::calc_total\nreplace_text tests/test_orders.py\n"
    test = "replace_text tests/test_orders.py\n<<<\n== 3\n>>>\n<<<\n== 4\n>>>\n"
    report = scripted([plan, RED, OTHER_RED, test, test], candidates=2, max_repairs=0)
    assert report.status == "landed"
    assert [s.status for s in report.steps] == ["folded", "committed"]
    assert "+ 1" in (project / "shop/orders.py").read_text()


def test_the_order_is_kept_among_those_that_can_be_applied():
    operations = parse_script(GREEN).operations
    made = [Draft("a", problem="no"), Draft("b", operations), Draft("c"), Draft("b"), Draft("a")]
    first = _best_first(made)
    assert (first.text, [d.text for d in first.others]) == ("b", ["c", "a"])
