"""Memory by device: our arithmetic beside llama.cpp's own, for the dimensions of real models."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorte_cli.errors import EnvironmentFailure
from sorte_cli.inference.engine import ModelSpec
from sorte_cli.inference.gguf import GgufHeader, read_header
from sorte_cli.inference.native import read_tokens
from sorte_cli.inference.pairing import NEITHER, ONE, TOGETHER, TURNS, Wish, pair
from sorte_cli.inference.placement import GPU_MARGIN_BYTES, Need, best_placement, place
from sorte_cli.inference.reported import reported
from sorte_cli.inference.speed import gpu_gigabytes_per_s, tokens_per_s

from .shapes import SHAPES, sparse_model

GIB, MIB = 1024**3, 1024**2
REPORT = Path(__file__).with_name("llama_cpp_report.txt")
RECORDED = [
    line.split() for line in REPORT.read_text().splitlines() if line and not line.startswith("#")
]


@pytest.fixture(scope="module")
def headers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, GgufHeader]:
    folder = tmp_path_factory.mktemp("sparse")
    return {
        name: read_header(
            sparse_model(
                folder / f"{name}.gguf", shape, quantisation="q8_0" if shape.tied else "q4_k"
            )
        )
        for name, shape in SHAPES.items()
    }


OPERATIONS_A_SECOND = 3e10
"""Multiplications and additions of one processor with AVX2; 6e10 were measured."""


def test_no_operation_of_a_prompts_batch_lasts_long(headers: dict[str, GgufHeader]) -> None:
    """llama.cpp can be stopped between operations: the longest decides how soon. Eight threads for
    large models, one for the smallest.
    """
    for name, header in headers.items():
        tokens = read_tokens(ModelSpec(header.path, gpu_layers=0), header)
        threads = 1 if header.parameters < 1e9 else 8
        inner = [t for t in header.tensors if t.name.startswith("blk.") and len(t.shape) > 1]
        longest = max(t.shape[0] * t.shape[1] for t in inner)
        assert 2 * longest * tokens / (threads * OPERATIONS_A_SECOND) < 0.2, name
        assert tokens >= 64  # smaller ones would make reading slower


def within_five_per_cent(ours: Need, theirs: Need) -> bool:
    # Figures are whole MiB, each cut off.
    return abs(ours.total - theirs.total) <= max(0.05 * theirs.total, 3 * MIB)


@pytest.mark.parametrize("row", RECORDED, ids=lambda row: "-".join(row[:5]))
def test_the_arithmetic_agrees_with_recorded_reports(
    headers: dict[str, GgufHeader], row: list[str]
) -> None:
    name, window, kv_type, gpu_layers, held = row[:5]
    found = place(
        headers[name],
        int(window),
        kv_type,
        gpu_layers=int(gpu_layers),
        cpu_expert_layers=int(held),
    )
    card = Need(*(int(n) * MIB for n in row[6:9]))
    host = Need(*(int(n) * MIB for n in row[10:13]))
    assert within_five_per_cent(found.gpu, card), (found.gpu, card)
    assert within_five_per_cent(found.host, host), (found.host, host)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize(("window", "kv_type"), [(4096, "f16"), (16_384, "q8_0")])
def test_the_arithmetic_agrees_with_the_installed_llama_cpp(
    headers: dict[str, GgufHeader], name: str, window: int, kv_type: str
) -> None:
    found = place(headers[name], window, kv_type)
    said = reported(headers[name].path, found)
    assert said is not None, "this build of llama-cpp-python has no libllama-common"
    assert within_five_per_cent(found.host, said["Host"]), (found.host, said)


def test_what_llama_cpp_does_not_take_is_an_error_and_no_crash(
    tmp_path: Path, headers: dict[str, GgufHeader]
) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(60))
    with pytest.raises(EnvironmentFailure, match=r"broken\.gguf"):
        reported(broken, place(headers["Qwen2.5-Coder-7B"], 4096))


def test_a_small_model_goes_whole_onto_the_card(headers: dict[str, GgufHeader]) -> None:
    found = best_placement(
        headers["Qwen2.5-Coder-7B"], vram_bytes=8 * GIB, ram_bytes=64 * GIB, context_tokens=32_768
    )
    assert found.whole and found.kv_type == "f16" and found.fits
    assert found.gpu.total <= 8 * GIB - GPU_MARGIN_BYTES


def test_experts_stay_in_memory_where_the_card_is_small(headers: dict[str, GgufHeader]) -> None:
    header = headers["Qwen3-Coder-30B-A3B"]
    found = best_placement(header, vram_bytes=8 * GIB, ram_bytes=100 * GIB, context_tokens=32_768)
    assert found.whole and 0 < found.cpu_expert_layers < 48
    assert found.gpu.total <= 7 * GIB
    fewer = place(header, 32_768, gpu_layers=-1, cpu_expert_layers=found.cpu_expert_layers - 1)
    assert fewer.gpu.total > 7 * GIB  # as few as possible
    assert not place(headers["Llama-3-70B"], 0, cpu_expert_layers=9).cpu_expert_layers


def test_an_eight_bit_cache_is_used_where_it_makes_the_difference(
    headers: dict[str, GgufHeader],
) -> None:
    header = headers["Qwen2.5-Coder-32B"]
    found = best_placement(header, vram_bytes=24 * GIB, ram_bytes=64 * GIB, context_tokens=32_768)
    assert found.whole and found.kv_type == "q8_0"
    given = best_placement(
        header, vram_bytes=24 * GIB, ram_bytes=64 * GIB, context_tokens=32_768, kv_type="f16"
    )
    assert not given.whole and given.kv_type == "f16"


def test_a_window_is_made_smaller_only_where_none_was_asked_for(
    headers: dict[str, GgufHeader],
) -> None:
    header = headers["Qwen2.5-Coder-32B"]
    room = place(header, 4096, "q8_0").host.total
    found = best_placement(header, vram_bytes=0, ram_bytes=room)
    assert found.fits and found.context_tokens == 4096
    asked = best_placement(header, vram_bytes=0, ram_bytes=room, context_tokens=8192)
    assert not asked.fits and asked.context_tokens == 8192


def test_what_memory_cannot_hold_does_not_fit(headers: dict[str, GgufHeader]) -> None:
    found = best_placement(headers["Llama-3-70B"], vram_bytes=8 * GIB, ram_bytes=16 * GIB)
    assert not found.fits


@pytest.mark.parametrize(
    ("brain", "executor", "vram", "ram", "mode"),
    [
        ("Qwen2.5-Coder-7B", "Qwen2.5-Coder-7B", 8, 32, ONE),
        ("gpt-oss-20b", "Qwen3-Coder-30B-A3B", 8, 115, TOGETHER),
        ("Qwen2.5-Coder-32B", "Qwen2.5-Coder-7B", 24, 64, TOGETHER),
        ("Qwen2.5-Coder-32B", "Qwen2.5-Coder-14B", 16, 64, TURNS),
        ("Qwen2.5-Coder-14B", "Qwen2.5-Coder-7B", 0, 16, TOGETHER),
        ("Qwen2.5-Coder-14B", "Qwen2.5-Coder-7B", 0, 12, TURNS),
        ("Llama-3-70B", "Qwen2.5-Coder-7B", 8, 16, NEITHER),
    ],
)
def test_two_models_share_a_machine(
    headers: dict[str, GgufHeader], brain: str, executor: str, vram: int, ram: int, mode: str
) -> None:
    found = pair(
        Wish(headers[brain]),
        Wish(headers[executor]),
        vram_bytes=vram * GIB,
        ram_bytes=ram * GIB,
    )
    assert found.mode == mode
    if mode == TOGETHER:
        assert found.brain.host.total + found.executor.host.total <= ram * GIB
        on_card = found.brain.gpu.total + found.executor.gpu.total
        assert on_card <= max(0, vram * GIB - GPU_MARGIN_BYTES)
    if mode == TURNS and vram:
        assert found.brain.gpu.total <= vram * GIB - GPU_MARGIN_BYTES


def test_one_weight_set_gets_the_wider_window(headers: dict[str, GgufHeader]) -> None:
    header = headers["Qwen2.5-Coder-7B"]
    found = pair(Wish(header, 4096), Wish(header, 16_384), vram_bytes=0, ram_bytes=32 * GIB)
    assert found.brain.context_tokens == 16_384


def test_speed_follows_what_is_read_for_a_token(headers: dict[str, GgufHeader]) -> None:
    dense, moe = headers["Qwen2.5-Coder-32B"], headers["Qwen3-Coder-30B-A3B"]
    on_cpu = [tokens_per_s(h, place(h, 8192)) for h in (dense, moe)]
    assert on_cpu[1] > 4 * on_cpu[0]
    on_card = tokens_per_s(dense, place(dense, 8192, gpu_layers=-1), gpu_gb_s=1008)
    assert on_card > 10 * on_cpu[0]
    assert gpu_gigabytes_per_s("NVIDIA GeForce RTX 4060 Ti") == 288
    assert gpu_gigabytes_per_s("NVIDIA GeForce RTX 4060 Laptop GPU") == 272
