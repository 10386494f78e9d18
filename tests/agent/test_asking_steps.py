"""Each step is shown before it is applied; what was approved is never lost, the rest not landed."""

import pytest
from doubles import Watcher, git

from sorte_cli.agent.proposing import ALL, EDIT, GO, SKIP, STOP, Decision
from sorte_cli.errors import NotLandedError
from sorte_cli.history import Journal

PLAN = "rename shop/orders.py::calc_total\nset_value shop/orders.py::MAX_ITEMS\n"
RENAME = "rename shop/orders.py::calc_total compute_total\n"
SET_LIMIT = "set_value shop/orders.py::MAX_ITEMS 30\n"
RED = "replace_statement shop/orders.py::calc_total#1\n<<<\nreturn sum(items) + 1\n>>>\n"
GREEN = "replace_statement shop/orders.py::calc_total#1\n<<<\n# all\nreturn sum(items)\n>>>\n"


class Asked:
    """Answers in order, and remembers what was proposed and what had been shown by then."""

    def __init__(self, watcher, *answers):
        self.watcher, self.answers, self.proposals = watcher, list(answers), []

    def __call__(self, proposal):
        self.proposals.append(proposal)
        answer = self.answers.pop(0)
        return answer if isinstance(answer, Decision) else Decision(answer)


@pytest.fixture
def stepwise(scripted):
    """A run that asks about each step: stepwise(model's answers, person's answers) -> report."""

    def start(answers, decisions, *, watcher=None, **options):
        watcher = watcher or Watcher()
        options.setdefault("sandbox", "none")  # what is asked here is none of its business
        start.asked = Asked(watcher, *decisions)
        return scripted(answers, watcher=watcher, approve_step=start.asked, **options)

    return start


def orders(project):
    return (project / "shop/orders.py").read_text()


def test_each_step_is_shown_with_its_diff_before_it_is_asked_about(stepwise, project):
    watcher = Watcher()
    report = stepwise([PLAN, RENAME, SET_LIMIT], [GO, GO], watcher=watcher)
    assert report.status == "landed"
    first, second = stepwise.asked.proposals
    assert (first.number, first.total, first.script) == (1, 2, RENAME)
    assert (second.number, second.script) == (2, SET_LIMIT)
    names = watcher.names()
    assert names.index("diff") < names.index("step_committed")


def test_a_step_that_is_skipped_does_not_land_and_the_others_do(stepwise, project):
    report = stepwise([PLAN, RENAME, SET_LIMIT], [SKIP, GO])
    assert report.status == "landed"
    assert [s.status for s in report.steps] == ["skipped", "committed"]
    assert "def calc_total" in orders(project)
    assert "MAX_ITEMS = 30" in orders(project)
    with Journal.open() as journal:
        events = journal.events(report.run_id)
    assert [e.data["answer"] for e in events if e.event == "step_answer"] == [SKIP, GO]


def test_an_edit_is_asked_about_again_with_the_reason_where_it_cannot_be_applied(stepwise, project):
    wrong = Decision(EDIT, "rename shop/orders.py::nothing_here compute_total\n")
    edited = RENAME.replace("compute_total", "sum_up")
    report = stepwise([PLAN, RENAME, SET_LIMIT], [wrong, Decision(EDIT, edited), ALL])
    assert report.status == "landed"
    assert "nothing_here" in stepwise.asked.proposals[1].problem
    assert stepwise.asked.proposals[2].script == edited
    assert "def sum_up" in orders(project)
    assert "MAX_ITEMS = 30" in orders(project)  # "all": not asked about


def test_stopping_keeps_what_was_approved_on_a_branch(stepwise, project):
    before = git(project, "rev-parse", "HEAD")
    report = stepwise([PLAN, RENAME, SET_LIMIT], [GO, STOP], watcher=Watcher(agree=False))
    assert report.status == "kept"
    assert git(project, "rev-parse", "HEAD") == before
    assert "compute_total" in git(project, "show", f"{report.branch}:shop/orders.py")
    assert "MAX_ITEMS = 20" in git(project, "show", f"{report.branch}:shop/orders.py")


def test_stopping_may_land_what_was_approved(stepwise, project):
    report = stepwise([PLAN, RENAME, SET_LIMIT], [GO, STOP], watcher=Watcher(agree=True))
    assert report.status == "landed"
    assert "def compute_total" in orders(project)
    assert "MAX_ITEMS = 20" in orders(project)


@pytest.mark.parametrize("decisions", [[STOP], [SKIP, SKIP]])
def test_where_nothing_was_approved_nothing_changes(stepwise, project, decisions):
    before = git(project, "rev-parse", "HEAD")
    with pytest.raises(NotLandedError, match="no step was approved"):
        stepwise([PLAN, RENAME, SET_LIMIT], decisions)
    assert git(project, "rev-parse", "HEAD") == before
    assert git(project, "status", "--porcelain") == ""
    assert len(git(project, "worktree", "list").splitlines()) == 1


def test_a_step_whose_tests_fail_can_be_mended_by_hand(stepwise, project):
    plan = "replace_statement shop/orders.py::calc_total\n"
    report = stepwise([plan, RED], [GO, Decision(EDIT, GREEN), GO], max_repairs=0)
    assert report.status == "landed"
    assert "test_total" in stepwise.asked.proposals[1].problem
    assert "# all" in orders(project)
