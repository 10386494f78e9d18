"""A small model that is not sure does nothing unseen."""

import math
from dataclasses import replace

import pytest
from doubles import ScriptedEngine, Watcher, git

from sorte_cli.errors import ExitCode, NotLandedError

PLAN = "rename shop/orders.py::calc_total\n"
RENAME = "rename shop/orders.py::calc_total compute_total\n"


@pytest.fixture
def hesitant(monkeypatch):
    """The scripted engine, with a choice of that probability in each answer."""

    def set_probability(probability):
        generate = ScriptedEngine.generate

        def hesitating(self, *arguments, **named):
            answer = generate(self, *arguments, **named)
            return replace(answer, certainties=(0.0, math.log(probability), -0.01))

        monkeypatch.setattr(ScriptedEngine, "generate", hesitating)

    return set_probability


def test_without_anyone_to_ask_nothing_is_done_and_the_plan_is_told(scripted, project, hesitant):
    hesitant(0.4)
    before = git(project, "rev-parse", "HEAD")
    with pytest.raises(NotLandedError) as caught:
        scripted([PLAN], yes=True)
    assert "40% sure" in caught.value.message
    assert "rename shop/orders.py::calc_total" in caught.value.message
    assert "--yes" in caught.value.hint
    assert caught.value.exit_code == ExitCode.NOT_LANDED
    assert git(project, "rev-parse", "HEAD") == before
    assert git(project, "status", "--porcelain") == ""


def test_somebody_who_looks_at_the_plan_decides(scripted, hesitant):
    hesitant(0.4)
    watcher = Watcher()
    report = scripted([PLAN, RENAME], watcher=watcher)
    assert report.status == "landed"
    assert "the model is not sure of this plan" in str(watcher.events)


def test_what_the_sentence_does_not_name_must_be_surer(scripted, hesitant):
    hesitant(0.7)
    assert scripted([PLAN, RENAME], yes=True).status == "landed"
    plan, answer = "rename shop/orders.py::checkout\n", "rename shop/orders.py::checkout pay\n"
    with pytest.raises(NotLandedError):
        scripted([plan, answer], yes=True, task="rename compute_total to pay")


def test_a_sure_plan_is_carried_out_unseen(scripted, hesitant):
    hesitant(0.9)
    assert scripted([PLAN, RENAME], yes=True).status == "landed"


def test_a_large_model_is_believed(scripted, hesitant):
    hesitant(0.4)
    plan = "rename shop/orders.py::calc_total: as asked\n"
    answers = ["plan\n", "thinking", plan, RENAME]
    report = scripted(answers, yes=True, parameters=30_000_000_000)
    assert report.status == "landed"
