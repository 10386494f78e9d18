"""Adapters of a repository: in force, back, off, stale, damaged, capped; on a full disk."""

from __future__ import annotations

import errno
import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inference.tiny import tiny_model
from sorte_cli.errors import EnvironmentFailure, NotLandedError, UsageError
from sorte_cli.inference import ModelSpec
from sorte_cli.inference.adapters import KEPT, AdapterStore, Card, with_adapter
from sorte_cli.inference.gguf import read_header
from sorte_cli.inference.weights import write_adapter


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tiny_model(tmp_path / "tiny.gguf")


@pytest.fixture
def store(tmp_path: Path) -> AdapterStore:
    return AdapterStore("somewhere", tmp_path / "state")


def added(store: AdapterStore, model: Path, name: str, *, better: bool = True) -> Card:
    header = read_header(model)
    a, b = np.ones((2, 32), np.float32), np.ones((32, 2), np.float32)
    write_adapter(
        store.file(name), {"blk.0.attn_q.weight": (a, b)}, alpha=4.0, architecture="llama"
    )
    card = Card(
        name, header.name, str(model), header.fingerprint, created=time.time(),
        held_out_before=0.5, held_out_after=0.8 if better else 0.5,
        general_before=0.9, general_after=0.9,
    )  # fmt: skip
    store.keep(card)
    return card


def test_nothing_is_in_force_at_first(store: AdapterStore, model: Path) -> None:
    assert (store.active, store.all(), store.off_because) == (None, [], "")
    assert with_adapter(ModelSpec(model), store) == (ModelSpec(model), "")
    with pytest.raises(NotLandedError, match="nothing to go back to"):
        store.rollback()
    with pytest.raises(NotLandedError, match="no adapter here that was better"):
        store.activate()
    with pytest.raises(UsageError, match="no adapter 'x'"):
        store.activate("x")


def test_activate_roll_back_and_off(store: AdapterStore, model: Path) -> None:
    for name in ("one", "two"):
        added(store, model, name)
    store.activate("one")
    store.activate("two")
    spec, note = with_adapter(ModelSpec(model), store)
    assert (spec.adapters, note) == (((store.file("two"), 1.0),), "")
    assert (store.rollback() or store.active).name == "one"  # type: ignore[union-attr]
    assert store.rollback() is None
    assert store.active is None
    store.activate("two")
    assert store.off() is not None
    assert with_adapter(ModelSpec(model), store)[0].adapters == ()
    back = store.rollback()
    assert back is not None
    assert back.name == "two"


def test_without_a_name_the_latest_better_one_is_taken(store: AdapterStore, model: Path) -> None:
    added(store, model, "good")
    added(store, model, "later-and-worse", better=False)
    assert store.activate().name == "good"


@pytest.mark.parametrize(
    ("own", "general", "better"),
    [((0.5, 0.6), (0.9, 0.89), True), ((0.5, 0.6), (0.9, 0.885), False),
     ((0.5, 0.5), (0.9, 0.95), False), ((0.5, 0.4), (0.9, 0.9), False)],
)  # fmt: skip
def test_better_means_better_here_and_at_most_a_point_worse_elsewhere(
    own: tuple[float, float], general: tuple[float, float], better: bool
) -> None:
    card = Card(
        "a", "m", "/m", "f", held_out_before=own[0], held_out_after=own[1],
        general_before=general[0], general_after=general[1],
    )  # fmt: skip
    assert card.better is better


def test_a_changed_model_switches_the_adapter_off_with_a_sentence(
    store: AdapterStore, model: Path
) -> None:
    added(store, model, "one")
    store.activate("one")
    tiny_model(model, seed=9)
    spec, note = with_adapter(ModelSpec(model), store)
    assert spec.adapters == ()
    assert "one was switched off: the model has changed" in note
    assert store.off_because == "the model has changed since it was trained"
    assert with_adapter(ModelSpec(model), store)[1] == ""  # said once


def test_one_for_an_older_version_of_the_model_is_not_put_in_force(
    store: AdapterStore, model: Path
) -> None:
    added(store, model, "old")
    tiny_model(model, seed=9)
    now = read_header(model)
    with pytest.raises(NotLandedError, match="old was trained for another version of tiny"):
        store.activate("old", now)
    with pytest.raises(NotLandedError, match="no adapter here that was better"):
        store.activate("", now)
    added(store, model, "new")
    assert store.activate("", now).name == "new"


def test_for_another_model_the_adapter_waits(store: AdapterStore, model: Path) -> None:
    card = added(store, model, "one")
    store.keep(replace(card, base_name="big", base_path="/big.gguf", base_fingerprint="0"))
    store.activate("one")
    assert with_adapter(ModelSpec(model), store) == (ModelSpec(model), "")
    assert store.active is not None


@pytest.mark.parametrize("content", [b"", b"GGUF", b"text", b"GGUF" + bytes(200)])
def test_a_damaged_adapter_is_switched_off_and_the_run_goes_on(
    store: AdapterStore, model: Path, content: bytes
) -> None:
    added(store, model, "one")
    store.activate("one")
    store.file("one").write_bytes(content)
    spec, note = with_adapter(ModelSpec(model), store)
    assert spec.adapters == ()
    assert "its file is damaged" in note


def test_a_lost_file_or_torn_card_is_as_if_it_were_not_there(
    store: AdapterStore, model: Path
) -> None:
    for name in ("one", "two", "three"):
        added(store, model, name)
    store.activate("one")
    store.file("one").unlink()
    (store.folder / "two.json").write_text('{"name": "two"', encoding="utf-8")
    assert [c.name for c in store.all()] == ["three"]
    assert store.active is None
    (store.folder / "now").write_text('{"name": "../../etc/passwd"}', encoding="utf-8")
    assert store.active is None
    (store.folder / "now").write_text("[]", encoding="utf-8")
    assert with_adapter(ModelSpec(model), store)[1] == ""


def test_old_ones_go_but_never_the_one_in_force_or_the_one_before(
    store: AdapterStore, model: Path
) -> None:
    added(store, model, "a0")
    added(store, model, "a1")
    store.activate("a0")
    store.activate("a1")
    for number in range(KEPT + 3):
        added(store, model, f"b{number}")
    names = [c.name for c in store.all()]
    assert {"a0", "a1"} <= set(names)
    assert len(names) == KEPT + 2
    assert not store.file("b0").exists()


def test_on_a_full_disk_nothing_half_written_stays(
    store: AdapterStore, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(store, model, "one")
    before = sorted(store.folder.iterdir())

    def full(_fd: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EnvironmentFailure, match="No space left"):
        added(store, model, "two")
    with pytest.raises(EnvironmentFailure, match="No space left"):
        store.activate("one")
    assert sorted(store.folder.iterdir()) == before
    assert store.active is None


def test_names_are_new_and_safe(store: AdapterStore, model: Path) -> None:
    name = store.fresh_name("../Qwen 2.5/Coder")
    assert name.startswith("qwen-2.5-coder-")
    added(store, model, name)
    assert store.fresh_name("../Qwen 2.5/Coder") != name


def test_what_a_killed_training_left_goes_after_a_day(store: AdapterStore, model: Path) -> None:
    added(store, model, "one")
    yesterday = time.time() - 2 * 24 * 3600
    for name in ("killed.gguf", "running.gguf", ".one.gguf.0a.tmp"):
        (store.folder / name).write_bytes(b"GGUF")
    for name in ("killed.gguf", ".one.gguf.0a.tmp", "one.gguf"):
        os.utime(store.folder / name, (yesterday, yesterday))
    store.sweep()
    assert sorted(f.name for f in store.folder.iterdir()) == [
        "one.gguf",
        "one.json",
        "running.gguf",
    ]
