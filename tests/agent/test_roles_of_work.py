"""Plan, new plan, operations and review each go to the model that the rule or the setting names."""

import pytest
from doubles import ScriptedEngine, ScriptedManager, Watcher

from sorte_cli.agent import run
from sorte_cli.agent.report import RunRequest
from sorte_cli.agent.reviewing import reviewer
from sorte_cli.errors import NotLandedError
from sorte_cli.inference import manager

BAD = "rename shop/orders.py::nothing other\n"


class Recording(ScriptedManager):
    """Writes down for which work an engine was asked, and with which routes it was made."""

    def __init__(self, engine, asked):
        super().__init__(engine)
        self.asked = asked

    def __call__(self, *arguments, **named):
        self.asked.append(named["routes"])
        return self

    def engine(self, role):
        self.asked.append(role)
        return super().engine(role)


def test_a_run_asks_for_plan_operations_and_reflection(project, monkeypatch):
    asked = []
    engine = ScriptedEngine(["rename shop/orders.py::calc_total\n", BAD, BAD, "none: enough\n"])
    monkeypatch.setattr(run, "ModelManager", Recording(engine, asked))
    monkeypatch.setattr(run, "model_specs", lambda _settings: ("brain", "executor"))
    monkeypatch.setenv("SORTE_MAX_REPLANS", "1")
    monkeypatch.setenv("SORTE_ROLES", "reflect=executor")
    request = RunRequest("rename calc_total to compute_total", project, max_repairs=2)
    with pytest.raises(NotLandedError, match="enough"):
        run.do(request, Watcher())
    assert asked[0]["reflect"] == "executor" and asked[0]["plan"] == "brain"
    assert list(dict.fromkeys(asked[1:])) == ["plan", "operations", "reflect"]


@pytest.mark.parametrize(
    ("roles", "executor", "engines"),
    [("", "", 0), ("review=executor", "other", 1), ("review=executor", "nano", 0)],
)
def test_a_review_is_the_work_of_the_model_that_the_setting_names(
    project, monkeypatch, roles, executor, engines
):
    asked = []
    monkeypatch.setattr(manager, "ModelManager", Recording(None, asked))
    monkeypatch.setattr(run, "model_specs", lambda _settings: ("brain", "executor"))
    monkeypatch.setenv("SORTE_ROLES", roles)
    monkeypatch.setenv("SORTE_BRAIN", "nano")
    monkeypatch.setenv("SORTE_EXECUTOR", executor)
    with reviewer(project):
        pass
    assert asked.count("review") == engines
