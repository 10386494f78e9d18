"""Bases other than nano: what is checked before torch is asked for, and the order of rows."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from inference.tiny import tiny_model
from sorte_cli.errors import EnvironmentFailure
from sorte_cli.inference.gguf import GgufHeader, read_header
from sorte_cli.learning import foreign
from sorte_cli.learning.foreign import check_base, gguf_pairs


@pytest.fixture
def header(tmp_path: Path) -> GgufHeader:
    """Two layers, width 32, two heads."""
    return read_header(tiny_model(tmp_path / "tiny.gguf"))


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "NEEDED", ("json",))


def folder_of(path: Path, **changes: int) -> Path:
    path.mkdir()
    config = {"num_hidden_layers": 2, "hidden_size": 32, "num_attention_heads": 2, **changes}
    (path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (path / "model.safetensors").write_bytes(b"")
    return path


def test_without_torch_it_says_how_to_install_it(
    tmp_path: Path, header: GgufHeader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EnvironmentFailure, match="needs torch, transformers, peft") as failure:
        check_base(tmp_path, header)
    assert failure.value.exit_code == 3
    assert failure.value.hint == "pip install 'sorte-cli[train]'"


@pytest.mark.usefixtures("installed")
def test_a_folder_must_hold_the_very_model(tmp_path: Path, header: GgufHeader) -> None:
    check_base(folder_of(tmp_path / "right"), header)
    with pytest.raises(EnvironmentFailure, match="num_hidden_layers is 3"):
        check_base(folder_of(tmp_path / "other", num_hidden_layers=3), header)
    with pytest.raises(EnvironmentFailure, match=r"config\.json cannot be read"):
        check_base(tmp_path, header)
    bare = folder_of(tmp_path / "bare")
    (bare / "model.safetensors").unlink()
    with pytest.raises(EnvironmentFailure, match="has no weights"):
        check_base(bare, header)
    (bare / "config.json").write_text("[]", encoding="utf-8")
    (bare / "model.safetensors").write_bytes(b"")
    with pytest.raises(EnvironmentFailure, match="another model"):
        check_base(bare, header)


def test_peft_matrices_get_the_names_and_rows_of_the_gguf(header: GgufHeader) -> None:
    """Rotary halves become neighbours in q and k; all else stays."""
    rows = np.arange(32, dtype=np.float32)[:, None].repeat(2, 1)
    a = np.ones((2, 32), np.float32)
    name = "base_model.model.model.layers.1.{}.lora_{}.default.weight"
    weights = {
        name.format(module, side): values
        for module in ("self_attn.q_proj", "self_attn.v_proj", "mlp.down_proj")
        for side, values in (("A", a), ("B", rows))
    }
    found = gguf_pairs(weights, header)
    assert list(found) == ["blk.1.attn_q.weight", "blk.1.attn_v.weight", "blk.1.ffn_down.weight"]
    assert found["blk.1.attn_q.weight"][1][:6, 0].tolist() == [0, 8, 1, 9, 2, 10]
    assert found["blk.1.attn_q.weight"][1][16:20, 0].tolist() == [16, 24, 17, 25]
    assert (found["blk.1.attn_v.weight"][1] == rows).all()
    assert (found["blk.1.attn_q.weight"][0] == a).all()
