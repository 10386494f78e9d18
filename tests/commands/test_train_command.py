"""`sorte train` from the outside, and its whole loop over a written history."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from learning.learning_histories import Past
from sorte_cli.errors import InterruptedRun, NotLandedError
from sorte_cli.inference.adapters import AdapterStore
from sorte_cli.learning import lifecycle
from sorte_cli.learning.lifecycle import TrainRequest, train_project
from sorte_cli.learning.training import Recipe

NAMES = ("Order", "Stock", "Coupon", "Refund", "Report", "Client", "Invoice", "Freight")


@pytest.fixture
def own_folders(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the commands of the fixture `environment` have them."""
    for name in ("STATE", "CACHE", "CONFIG", "DATA"):
        monkeypatch.setenv(f"SORTE_{name}_DIR", str(home / name.lower()))
    monkeypatch.delenv("SORTE_BRAIN", raising=False)


@pytest.fixture
def past(tmp_path: Path, own_folders: None) -> Past:
    """Eight corrections of one kind: "espelha A em B" was always meant as a clone."""
    found = Past(tmp_path / "shop")
    (found.root / "policies.py").write_text(
        "\n\n".join(f"class {name}Policy:\n    days = 3\n" for name in NAMES), encoding="utf-8"
    )
    found.commit("feat: policies")
    for name in NAMES:
        found.fail(f"espelha {name}Policy em Fast{name}Policy")
        found.apply(f"clone policies.py::{name}Policy Fast{name}Policy\n")
    return found


@pytest.fixture
def few_general_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    rehearse, general = lifecycle.general_pairs()
    monkeypatch.setattr(lifecycle, "general_pairs", lambda: (rehearse[:6], general[:4]))


def silent(phase: str, done: int, total: int, loss: float = 0.0) -> None:
    pass


def request(past: Past, passes: int = 1) -> TrainRequest:
    recipe = Recipe(passes=passes, rate=0.004, tokens_a_step=500, rehearsal=0.2)
    return TrainRequest(past.root, recipe=recipe, least_pairs=8)


def store_of(past: Past) -> AdapterStore:
    return AdapterStore(past.repository.identity)


def test_outside_of_a_repository_it_says_so(sorte, tmp_path):
    for words in ((), ("--status",)):
        answer = sorte("train", *words, cwd=tmp_path)
        assert answer.code == 3, words
        assert "not in a git repository" in answer.err


def test_too_few_pairs_are_counted(sorte, project):
    answer = sorte("train", cwd=project)
    assert answer.code == 1
    assert "0 pairs, and training needs 20: 20 are missing" in answer.err
    document = json.loads(sorte("train", "--json", cwd=project).out)
    assert document["exit_code"] == 1
    portuguese = sorte("train", "--lang", "pt_BR", cwd=project)
    assert "faltam 20" in portuguese.err


def test_at_first_there_is_nothing(sorte, project):
    assert (
        "no adapter is in force here; nano works alone"
        in sorte("train", "--status", cwd=project).out
    )
    assert sorte("train", "--rollback", cwd=project).code == 1
    assert sorte("train", "--activate", "nobody", cwd=project).code == 2
    assert json.loads(sorte("train", "--pairs", "--json", cwd=project).out)["pairs"] == 0


@pytest.mark.parametrize("words", [("--status", "--off"), ("someone",)])
def test_wishes_that_do_not_go_together(sorte, project, words):
    assert sorte("train", *words, cwd=project).code == 2


def test_a_base_needs_its_extra_or_its_folder(sorte, project, tmp_path):
    answer = sorte("train", "--base", str(tmp_path), cwd=project)
    assert answer.code == 3
    assert "sorte-cli[train]" in answer.err or "config.json" in answer.err


def test_a_model_that_runs_elsewhere_has_no_weights_here(sorte, project):
    answer = sorte("train", "--brain", "http://localhost:9/v1#m", cwd=project)
    assert answer.code == 3
    assert "runs elsewhere" in answer.err


@pytest.mark.usefixtures("few_general_pairs")
def test_corrections_become_an_adapter_that_is_better_and_in_force(past: Past, sorte):
    report = train_project(request(past, passes=14), silent)
    card = report.card
    assert (card.pairs, card.corrected, card.held_out) == (6, 6, 2)
    assert card.held_out_before == 0.0
    assert card.held_out_after > 0.0
    assert card.general_after >= card.general_before
    assert report.in_force
    assert card.trainer == "numpy"
    assert store_of(past).active == card
    record = past.journal.runs(past.repository, 1)[0]
    assert (record.kind, record.status, record.data["adapter"]["name"]) == (
        "train", "trained", card.name,
    )  # fmt: skip

    # and a run uses it: the sentence was never said, the class is another
    (past.root / "bonus.py").write_text("class BonusPolicy:\n    days = 9\n", encoding="utf-8")
    past.commit("feat: a bonus")
    listed = sorte("train", "--list", cwd=past.root)
    assert f"{card.name} *" in listed.out
    ask = ("do", "--plan-only", "--json", "espelha BonusPolicy em FastBonusPolicy")
    assert json.loads(sorte(*ask, cwd=past.root).out)["plan"] == ["clone bonus.py::BonusPolicy"]
    latest = past.journal.runs(past.repository, 1)[0]
    assert latest.data["with_adapter"] == {"name": card.name}
    assert sorte("train", "--off", cwd=past.root).code == 0
    sorte(*ask, cwd=past.root)
    assert "with_adapter" not in past.journal.runs(past.repository, 1)[0].data
    assert f"back to {card.name}" in sorte("train", "--rollback", cwd=past.root).out
    assert "trained" in sorte("log", cwd=past.root).out


@pytest.mark.usefixtures("few_general_pairs")
def test_one_that_is_not_better_is_kept_but_not_in_force(past: Past, monkeypatch):
    monkeypatch.setattr(lifecycle, "learn", _learn_nothing)
    report = train_project(request(past), silent)
    assert not report.in_force
    assert not report.card.better
    assert store_of(past).active is None
    assert [c.name for c in store_of(past).all()] == [report.card.name]


def _learn_nothing(learning, target, **_):
    import numpy as np

    from sorte_cli.inference.weights import write_adapter
    from sorte_cli.learning.training import Trained

    zero = {"blk.0.attn_q.weight": (np.zeros((2, 128), "f4"), np.zeros((128, 2), "f4"))}
    write_adapter(target, zero, alpha=2.0, architecture="llama")
    return Trained(zero, 1, (1.0,), 0.1)


@pytest.mark.parametrize("phase", ["collect", "train", "measure"])
@pytest.mark.usefixtures("few_general_pairs")
def test_interrupted_at_any_point_nothing_is_left(past: Past, phase: str):
    def stop(now: str, done: int, total: int, loss: float = 0.0) -> None:
        if now == phase:
            raise KeyboardInterrupt

    with pytest.raises(InterruptedRun):
        train_project(request(past), stop)
    folder = store_of(past).folder
    assert not folder.exists() or list(folder.iterdir()) == []
    assert past.journal.runs(past.repository, 1)[0].status == "interrupted"


def test_a_signal_ends_the_command_with_130(past: Past, environment):
    process = subprocess.Popen(
        [sys.executable, "-m", "sorte_cli", "train", "--least", "8"],
        cwd=past.root, env=environment, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if "training" in line:
            break
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=120) == 130
    process.stderr.close()
    folder = store_of(past).folder
    assert not folder.exists() or list(folder.iterdir()) == []


def test_without_a_correction_there_is_nothing_to_learn(past: Past):
    other = Past(past.root.parent / "other")
    for value in range(4):
        other.do(f"set ORDER_LIMIT to {value}", "set_value shop/orders.py::ORDER_LIMIT",
                 f"set_value shop/orders.py::ORDER_LIMIT {value}\n")  # fmt: skip
    with pytest.raises(NotLandedError, match="nothing was ever corrected"):
        train_project(TrainRequest(other.root, least_pairs=4), silent)
