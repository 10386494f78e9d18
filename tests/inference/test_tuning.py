"""How many threads: measured once, kept, used; never taken from another machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorte_cli.inference import ModelSpec, tuning
from sorte_cli.inference import hardware as hw
from sorte_cli.inference.native import Model


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SORTE_STATE_DIR", str(tmp_path))
    return tmp_path


def test_what_was_measured_is_kept_and_used(model: Path) -> None:
    opened = Model(ModelSpec(model), context_tokens=256, threads=(1, 1))
    tried: list[int] = []
    found = tuning.tune(opened, hw.machine_name(), [1, 2], tried.append)
    opened.close()
    assert tried == [1, 2]
    assert set(found.generate_ms) == set(found.prompt_ms) == {1, 2}
    assert found.memory_gb_s > 0.1
    tuning.save(tuning.Tuning(3, 5, {3: 1.0}, {5: 1.0}, 9.0, "m", hw.machine_name()))
    assert hw.inference_threads(10**9) == (3, 5)
    assert hw.inference_threads(10**9, wanted=2) == (2, 2)
    assert hw.inference_threads(1000) == (1, 1)


def test_the_fewest_threads_that_are_nearly_as_fast_are_taken() -> None:
    assert tuning.best({1: 40.0, 2: 21.0, 4: 20.5, 8: 20.4}) == 2
    assert tuning.best({1: 40.0, 2: 22.0, 4: 20.5, 8: 20.4}) == 4
    assert tuning.best({1: 10.0, 2: 50.0}) == 1
    assert tuning.candidates(8, 28) == [1, 2, 3, 4, 6, 8, 12, 16, 28]
    assert tuning.candidates(1, 1) == [1]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"machine": "another", "threads": 64}'])
def test_a_bad_or_foreign_file_is_as_good_as_none(state: Path, content: str) -> None:
    (state / "tuning.json").write_text(content)
    assert tuning.load(hw.machine_name()) is None
    assert hw.inference_threads(10**9)[0] >= 1
