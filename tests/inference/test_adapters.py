"""LoRA adapters: loaded, scaled, swapped, per role; those for another base are refused."""

from __future__ import annotations

import random
from array import array
from pathlib import Path

import pytest

from sorte_cli.inference import AdapterError, Engine, ModelSpec, Options
from sorte_cli.inference.local import LocalEngine
from sorte_cli.inference.manager import ModelManager
from sorte_cli.inference.process import ProcessEngine

from .tiny import F32, STRING, tiny_model, write_gguf

HELLO = [("user", "hello")]
WIDTH, RANK = 32, 4


def lora(
    path: Path,
    *,
    architecture: str = "llama",
    width: int = WIDTH,
    tensor: str = "blk.0.attn_q.weight",
    kind: str = "lora",
    seed: int = 0,
) -> Path:
    dice = random.Random(seed)

    def noise(*shape: int) -> tuple[tuple[int, ...], array[float]]:
        return shape, array("f", (dice.gauss(0, 1) for _ in range(shape[0] * shape[1])))

    return write_gguf(
        path,
        {
            "general.type": (STRING, "adapter"),
            "general.architecture": (STRING, architecture),
            "adapter.type": (STRING, kind),
            "adapter.lora.alpha": (F32, 16.0),
        },
        {f"{tensor}.lora_a": noise(width, RANK), f"{tensor}.lora_b": noise(RANK, width)},
    )


def answer(engine: Engine, adapters: tuple[tuple[str, float], ...] | None = None) -> str:
    return engine.generate(HELLO, Options(max_tokens=12, adapters=adapters)).text


def test_an_adapter_changes_answers_by_its_scale_and_goes_without_a_trace(
    tmp_path: Path, model: Path
) -> None:
    one, two = lora(tmp_path / "one.gguf"), lora(tmp_path / "two.gguf", seed=9)
    engine = LocalEngine(ModelSpec(model))
    base = answer(engine)
    with_one = answer(engine, ((str(one), 1.0),))
    assert with_one != base
    assert answer(engine, ((str(one), 0.0),)) == base
    assert answer(engine, ((str(two), 1.0),)) not in (base, with_one)
    assert answer(engine, ((str(one), 1.0), (str(two), 1.0))) != with_one
    assert answer(engine, ((str(one), 1.0),)) == with_one
    assert answer(engine) == base
    engine.close()


def test_the_adapters_of_a_spec_count_in_a_process_too(tmp_path: Path, model: Path) -> None:
    file = lora(tmp_path / "one.gguf")
    inline = LocalEngine(ModelSpec(model, adapters=((file, 0.7),)))
    child = ProcessEngine(ModelSpec(model, adapters=((file, 0.7),)))
    assert answer(inline) == answer(child)
    assert answer(child, ()) == answer(inline, ())
    inline.close()
    child.close()


def test_each_role_has_its_own_over_one_set_of_weights(tmp_path: Path, model: Path) -> None:
    file = lora(tmp_path / "one.gguf")
    brain, executor = ModelSpec(model), ModelSpec(model, adapters=((file, 1.0),))
    with ModelManager(brain, executor) as manager:
        assert manager.shared
        plain = answer(manager.engine("brain"))
        changed = answer(manager.engine("executor"))
        assert changed != plain
        assert answer(manager.engine("brain")) == plain
        assert answer(manager.engine("executor")) == changed


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"architecture": "qwen2"}, "made for 'qwen2'"),
        ({"width": 64}, "another size"),
        ({"tensor": "blk.9.attn_q.weight"}, r"blk\.9"),
        ({"kind": "control"}, "not a LoRA"),
    ],
)
def test_an_adapter_for_another_base_is_refused_and_nothing_is_lost(
    tmp_path: Path, model: Path, changes: dict[str, object], reason: str
) -> None:
    bad = lora(tmp_path / "bad.gguf", **changes)  # type: ignore[arg-type]
    engine = LocalEngine(ModelSpec(model))
    wanted = answer(engine)
    with pytest.raises(AdapterError, match=reason):
        answer(engine, ((str(bad), 1.0),))
    assert answer(engine) == wanted
    engine.close()
    with pytest.raises(AdapterError, match=reason):
        ProcessEngine(ModelSpec(model, adapters=((bad, 1.0),)))


def test_a_model_is_not_an_adapter(tmp_path: Path, model: Path) -> None:
    other = tiny_model(tmp_path / "other.gguf")
    with pytest.raises(AdapterError, match="not a LoRA"):
        LocalEngine(ModelSpec(model, adapters=((other, 1.0),)))
