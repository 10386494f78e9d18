"""Two roles: one set of weights, two side by side, or two in turns."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from sorte_cli.errors import EnvironmentFailure, UsageError
from sorte_cli.inference import ModelLoadError, ModelSpec, Options
from sorte_cli.inference.engine import OnProgress
from sorte_cli.inference.hardware import Gpu
from sorte_cli.inference.local import LocalEngine
from sorte_cli.inference.manager import ModelManager
from sorte_cli.inference.native import Model
from sorte_cli.inference.process import ProcessEngine

from .tiny import tiny_model

HELLO = [("user", "hello")]


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("other") / "other.gguf", seed=3, name="other")


def test_one_file_is_loaded_once_for_both_roles(tmp_path: Path, model: Path) -> None:
    link = tmp_path / "link.gguf"
    link.symlink_to(model)
    with ModelManager(ModelSpec(model), ModelSpec(link, context_tokens=300), inline=True) as both:
        assert both.shared
        assert both.engine("brain") is both.engine("executor")
        assert both.engine("brain").info.context_tokens == 300


def test_two_models_that_fit_stay_loaded(model: Path, other: Path) -> None:
    with ModelManager(ModelSpec(model), ModelSpec(other), inline=True) as two:
        brain, executor = two.engine("brain"), two.engine("executor")
        assert (brain.info.name, executor.info.name) == ("tiny", "other")
        assert two.engine("brain") is brain
        assert brain.alive and executor.alive
    assert not brain.alive and not executor.alive


def test_two_models_that_do_not_fit_in_memory_take_turns(
    model: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sorte_cli.inference.manager.memory_bytes", lambda: (100_000, 100_000))
    with ModelManager(ModelSpec(model), ModelSpec(other), inline=True) as two:
        brain = two.engine("brain")
        first = brain.generate(HELLO, Options(max_tokens=5)).tokens
        executor = two.engine("executor")
        assert not brain.alive and executor.alive
        again = two.engine("brain")
        assert not executor.alive
        assert again.generate(HELLO, Options(max_tokens=5)).tokens == first


def test_two_models_that_do_not_fit_the_card_take_turns(
    model: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    margin = 1024**3
    monkeypatch.setattr("sorte_cli.inference.manager.backends", lambda: frozenset({"cpu", "cuda"}))
    monkeypatch.setattr(
        "sorte_cli.inference.manager.gpus",
        lambda: (Gpu("card", margin + 5_000_000, margin + 5_000_000),),
    )
    with ModelManager(ModelSpec(model), ModelSpec(other), inline=True) as two:
        brain = two.engine("brain")
        two.engine("executor")
        assert brain.alive
    monkeypatch.setattr(
        "sorte_cli.inference.manager.gpus",
        lambda: (Gpu("card", margin + 2_000_000, margin + 2_000_000),),
    )
    with ModelManager(ModelSpec(model), ModelSpec(other), inline=True) as two:
        brain = two.engine("brain")
        two.engine("executor")
        assert not brain.alive


def test_how_a_model_fits_is_known_before_it_is_loaded(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ModelManager(ModelSpec(model), ModelSpec(model)) as manager:
        fit = manager.fit("brain")
        assert (fit.layers, fit.gpu_layers, fit.in_memory) == (2, 0, True)
        assert fit.need.total > model.stat().st_size
        monkeypatch.setattr("sorte_cli.inference.manager.memory_bytes", lambda: (1000, 1000))
        assert not manager.fit("brain").in_memory


def test_a_full_card_means_fewer_layers_on_it(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a card llama.cpp ignores the number, so the failure has to be played."""
    tried: list[int] = []

    class Crowded(Model):
        def _load(self, spec: ModelSpec, on_progress: OnProgress | None) -> None:
            tried.append(spec.gpu_layers)
            if spec.gpu_layers:
                error = ModelLoadError("cudaMalloc failed: out of memory")
                error.out_of_memory = True
                raise error
            super()._load(spec, on_progress)

    monkeypatch.setattr("sorte_cli.inference.loading.Model", Crowded)
    monkeypatch.setattr(Crowded, "can_offload", staticmethod(lambda: True))
    engine = LocalEngine(ModelSpec(model))
    assert tried == [-1, 1, 0]
    assert engine.generate(HELLO, Options(max_tokens=2)).tokens
    engine.close()


def test_a_killed_engine_is_replaced(model: Path) -> None:
    with ModelManager(ModelSpec(model), ModelSpec(model)) as manager:
        engine = manager.engine("brain")
        assert isinstance(engine, ProcessEngine)
        os.kill(engine.pid, signal.SIGKILL)
        with pytest.raises(EnvironmentFailure):
            engine.count("x")
        assert manager.engine("brain").generate(HELLO, Options(max_tokens=2)).tokens


def test_nothing_is_loaded_before_it_is_asked_for(tmp_path: Path) -> None:
    missing = ModelSpec(tmp_path / "missing.gguf")
    with ModelManager(missing, missing) as manager:
        with pytest.raises(UsageError, match="role"):
            manager.engine("painter")
        with pytest.raises(EnvironmentFailure, match=r"missing\.gguf"):
            manager.engine("brain")


def test_progress_reaches_the_caller(model: Path) -> None:
    seen: list[float] = []
    with ModelManager(ModelSpec(model), ModelSpec(model), on_progress=seen.append) as manager:
        manager.engine("executor")
    assert seen[-1] == 1.0
