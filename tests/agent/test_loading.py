"""Which model is loaded, how large it is and where it goes is told while it loads."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from doubles import Watcher

from sorte_cli.agent import loading
from sorte_cli.inference import ModelSpec


@pytest.fixture
def machine(monkeypatch):
    sizes = {"brain.gguf": 4_700_000_000, "executor.gguf": 1_000_000_000, "nano.gguf": 5_000_000}
    monkeypatch.setattr(
        loading, "read_header", lambda path: SimpleNamespace(size_bytes=sizes[path.name])
    )
    card = SimpleNamespace(name="RTX 4060")
    monkeypatch.setattr(loading, "hardware", lambda: SimpleNamespace(gpus=(card,)))


def loads(*names, gpu_layers=-1):
    watcher = Watcher()
    specs = [ModelSpec(Path(name), gpu_layers=gpu_layers) for name in names]
    told = loading.Loading(watcher, specs)
    for _spec in dict.fromkeys(specs):
        for part in (0.0, 0.5, 1.0):
            told(part)
    return [data for name, data in watcher.events if name == "model_load"]


def test_each_model_is_told_with_its_size_and_place(machine):
    told = loads("brain.gguf", "executor.gguf")
    assert [(d["model"], d["size_bytes"], d["device"]) for d in told[::3]] == [
        ("brain", 4_700_000_000, "RTX 4060"),
        ("executor", 1_000_000_000, "RTX 4060"),
    ]
    assert [d["fraction"] for d in told] == [0.0, 0.5, 1.0] * 2


def test_a_model_for_the_processor_names_no_card(machine):
    assert loads("brain.gguf", gpu_layers=0)[0]["device"] == ""


def test_one_model_in_two_roles_and_a_small_one_are_told_once_and_plainly(machine):
    assert len(loads("brain.gguf", "brain.gguf")) == 3
    assert loads("nano.gguf")[0] == {"fraction": 0.0}
