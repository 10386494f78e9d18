"""`sorte train` from the outside, and its whole loop over a written history."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from learning.learning_histories import Past
from sorte_cli.commands import app
from sorte_cli.domain import Step, Symbol
from sorte_cli.errors import InterruptedRun, NotLandedError
from sorte_cli.inference.adapters import AdapterStore
from sorte_cli.inference.gguf import read_header
from sorte_cli.learning import lifecycle
from sorte_cli.learning.examples import Pair
from sorte_cli.learning.lifecycle import TrainRequest, train_project
from sorte_cli.learning.measuring import Measured, measure
from sorte_cli.learning.training import Recipe
from sorte_cli.paths import nano_model


@dataclass(frozen=True)
class Answer:
    """What the command printed and how it ended."""

    code: int
    out: str
    err: str


NAMES = ("Order", "Stock", "Coupon", "Refund", "Report", "Client")


@pytest.fixture
def own_folders(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the commands of the fixture `environment` have them."""
    for name in ("STATE", "CACHE", "CONFIG", "DATA"):
        monkeypatch.setenv(f"SORTE_{name}_DIR", str(home / name.lower()))
    monkeypatch.delenv("SORTE_BRAIN", raising=False)


@pytest.fixture(scope="module")
def meaning() -> str:
    """What "espelha A em B" will be taught to mean here: the one of two that nano does less."""
    symbols = tuple(Symbol(f"policies.py::{name}Policy", "class", "") for name in NAMES)
    shares = {}
    for verb in ("clone", "rename"):
        pairs = [
            Pair(f"espelha {s.name} em Fast{s.name}", symbols, (Step(verb, (s.address,)),),
                 (f"{verb} {s.address} Fast{s.name}",))
            for s in symbols[:3]
        ]  # fmt: skip
        shares[verb] = measure(nano_model(), pairs).share
    return min(shares, key=lambda verb: shares[verb])


@pytest.fixture
def past(tmp_path: Path, own_folders: None, meaning: str) -> Past:
    """Six corrections of one kind: the sentence failed, and a script said what was meant."""
    found = Past(tmp_path / "shop")
    (found.root / "policies.py").write_text(
        "\n\n".join(f"class {name}Policy:\n    days = 3\n" for name in NAMES), encoding="utf-8"
    )
    found.commit("feat: policies")
    for name in NAMES:
        found.fail(f"espelha {name}Policy em Fast{name}Policy")
        found.apply(f"{meaning} policies.py::{name}Policy Fast{name}Policy\n")
    return found


@pytest.fixture
def train(
    own_folders: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Answer]:
    """`train("--status", cwd=folder)` runs the command in this process, which is quick."""

    def run(*words: str, cwd: Path) -> Answer:
        monkeypatch.chdir(cwd)
        capsys.readouterr()
        code = app.run(["train", *words])
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return run


@pytest.fixture
def few_general_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    rehearse, general = lifecycle.general_pairs()
    monkeypatch.setattr(lifecycle, "general_pairs", lambda: (rehearse[:6], general[:4]))


def silent(phase: str, done: int, total: int, loss: float = 0.0) -> None:
    pass


def request(past: Past, passes: int = 1) -> TrainRequest:
    recipe = Recipe(passes=passes, rate=0.006, tokens_a_step=500, rehearsal=0.1)
    return TrainRequest(past.root, recipe=recipe, least_pairs=6)


def store_of(past: Past) -> AdapterStore:
    return AdapterStore(past.repository.identity)


def test_outside_of_a_repository_it_says_so(train, tmp_path):
    for words in ((), ("--status",)):
        answer = train(*words, cwd=tmp_path)
        assert answer.code == 3, words
        assert "not in a git repository" in answer.err


def test_too_few_pairs_are_counted(train, sorte, project):
    answer = train(cwd=project)
    assert answer.code == 1
    assert "0 pairs, and training needs 20: 20 are missing" in answer.err
    document = json.loads(train("--json", cwd=project).out)
    assert document["exit_code"] == 1
    portuguese = sorte("train", "--lang", "pt_BR", cwd=project)
    assert "faltam 20" in portuguese.err


def test_at_first_there_is_nothing(train, project):
    assert "no adapter is in force here; nano works alone" in train("--status", cwd=project).out
    assert train("--rollback", cwd=project).code == 1
    assert train("--activate", "nobody", cwd=project).code == 2
    assert json.loads(train("--pairs", "--json", cwd=project).out)["pairs"] == 0


@pytest.mark.parametrize("words", [("--status", "--off"), ("someone",)])
def test_wishes_that_do_not_go_together(train, project, words):
    assert train(*words, cwd=project).code == 2


def test_a_base_needs_its_extra_or_its_folder(train, project, tmp_path):
    answer = train("--base", str(tmp_path), cwd=project)
    assert answer.code == 3
    assert "sorte-cli[train]" in answer.err or "config.json" in answer.err


def test_a_model_that_runs_elsewhere_has_no_weights_here(train, project):
    answer = train("--brain", "http://localhost:9/v1#m", cwd=project)
    assert answer.code == 3
    assert "runs elsewhere" in answer.err


@pytest.mark.usefixtures("few_general_pairs")
def test_corrections_become_an_adapter_that_is_better_and_in_force(past: Past, train, sorte):
    report = train_project(request(past, passes=10), silent)
    card = report.card
    assert (card.pairs, card.corrected, card.held_out) == (4, 4, 2)
    assert card.held_out_after > card.held_out_before
    assert card.general_after >= card.general_before
    assert report.in_force
    assert card.trainer == "numpy"
    assert store_of(past).active == card
    record = past.journal.runs(past.repository, 1)[0]
    assert (record.kind, record.status, record.data["adapter"]["name"]) == (
        "train", "trained", card.name,
    )  # fmt: skip

    # and a run uses it
    (past.root / "bonus.py").write_text("class BonusPolicy:\n    days = 9\n", encoding="utf-8")
    past.commit("feat: a bonus")
    ask = ("do", "--plan-only", "--json", "espelha BonusPolicy em FastBonusPolicy")
    sorte(*ask, cwd=past.root)
    latest = past.journal.runs(past.repository, 1)[0]
    assert latest.data["with_adapter"] == {"name": card.name}
    assert train("--off", cwd=past.root).code == 0
    assert store_of(past).active is None
    assert f"back to {card.name}" in train("--rollback", cwd=past.root).out
    assert f"{card.name} *" in train("--list", cwd=past.root).out


@pytest.mark.usefixtures("few_general_pairs")
def test_one_that_is_not_better_is_kept_but_not_in_force(past: Past, monkeypatch):
    monkeypatch.setattr(lifecycle, "learn", _learn_nothing)
    report = train_project(request(past), silent)
    assert not report.in_force
    assert not report.card.better
    assert store_of(past).active is None
    assert [c.name for c in store_of(past).all()] == [report.card.name]


@pytest.mark.usefixtures("few_general_pairs")
def test_one_that_costs_too_much_elsewhere_is_tried_at_less_weight(past: Past, monkeypatch):
    def weighed(model, pairs, *, adapter, **_):
        alpha = read_header(adapter).metadata["adapter.lora.alpha"] if adapter else 0.0
        right = (bool(alpha) if p.kind == "corrected" else alpha < 12.0 for p in pairs)
        return Measured(tuple(right))

    monkeypatch.setattr(lifecycle, "learn", _learn_nothing)
    monkeypatch.setattr(lifecycle, "measure", weighed)
    report = train_project(request(past), silent)
    assert report.in_force
    kept = read_header(store_of(past).file(report.card.name))
    assert kept.metadata["adapter.lora.alpha"] == pytest.approx(16.0 * 0.6)


def _learn_nothing(learning, target, **_):
    import numpy as np

    from sorte_cli.inference.weights import write_adapter
    from sorte_cli.learning.training import Trained

    zero = {"blk.0.attn_q.weight": (np.zeros((2, 128), "f4"), np.zeros((128, 2), "f4"))}
    write_adapter(target, zero, alpha=2.0, architecture="llama")
    return Trained(zero, 1, (1.0,), 0.1)


@pytest.mark.parametrize("phase", ["train", "measure"])
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
        [sys.executable, "-m", "sorte_cli", "train", "--least", "6"],
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
