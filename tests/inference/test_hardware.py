"""What the machine has, and the arithmetic of what fits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sorte_cli.inference import hardware as hw
from sorte_cli.inference.gguf import read_header
from sorte_cli.inference.hardware import Gpu, Hardware, hardware, inference_threads, notes
from sorte_cli.inference.placement import (
    GPU_MARGIN_BYTES,
    cache_bytes_per_layer,
    context_for,
    layers_that_fit,
    need,
    place,
)

PLAIN = Hardware(
    cpu="x",
    physical_cores=4,
    logical_cores=8,
    performance_cores=4,
    ram_total_bytes=16 * 1000**3,
    ram_available_bytes=9 * 1000**3,
)


def test_this_machine_is_described() -> None:
    found = hardware()
    assert found.cpu
    assert 1 <= found.performance_cores <= found.physical_cores
    assert found.logical_cores >= 1
    assert 0 < found.ram_available_bytes <= found.ram_total_bytes
    assert found.build_gpu is None
    assert hardware(ask_build=True).build_gpu in (True, False)
    assert "cpu" in hw.backends()


def test_a_card_the_build_cannot_use_is_named_with_the_command() -> None:
    nvidia = replace(PLAIN, gpus=(Gpu("NVIDIA GeForce RTX 4060", driver="550"),), build_gpu=False)
    assert "RTX 4060" in notes(nvidia)[0]
    assert "-DGGML_CUDA=on" in notes(nvidia)[0]
    amd = replace(PLAIN, gpus=(Gpu("AMD graphics"),), build_gpu=False)
    assert "-DGGML_VULKAN=on" in notes(amd)[0]
    assert notes(PLAIN) == ()
    assert notes(replace(nvidia, build_gpu=True)) == ()
    assert "wsl --shutdown" in notes(replace(PLAIN, wsl=True, build_gpu=True))[0]
    assert "0.5 GB" in notes(replace(PLAIN, ram_available_bytes=500_000_000))[0]


def test_nvidia_smi_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'NVIDIA GeForce RTX 4060, 8188, [N/A], 550.54'\necho junk\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    card = Gpu("NVIDIA GeForce RTX 4060", 8188 * 1024**2, 0, "550.54")
    assert hw.gpus() == (card,)
    tool.write_text("#!/bin/sh\nexit 9\n")
    assert card not in hw.gpus()


def test_threads_suit_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hw, "_performance_cores", lambda: 12)
    monkeypatch.setattr(hw, "_logical_cores", lambda: 28)
    assert inference_threads(3_000_000) == (1, 1)
    assert inference_threads(5_000_000_000) == (8, 12)
    assert inference_threads(5_000_000_000, 3) == (3, 3)
    assert inference_threads(5_000_000_000, 9999) == (256, 256)
    monkeypatch.setattr(hw, "_logical_cores", lambda: 2)
    assert inference_threads(5_000_000_000) == (2, 2)


def test_processor_lists_are_read() -> None:
    assert hw._ranges("0-3,8,10-11\n") == [0, 1, 2, 3, 8, 10, 11]
    assert hw._ranges("") == []


def test_a_containers_memory_limit_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "/proc/meminfo": ["MemTotal: 16000000 kB", "MemAvailable: 9000000 kB"],
        "/sys/fs/cgroup/memory.max": ["4000000000"],
        "/sys/fs/cgroup/memory.current": ["1000000000"],
    }
    monkeypatch.setattr(hw, "_lines", lambda path: files.get(str(path), []))
    assert hw.memory_bytes() == (4_000_000_000, 3_000_000_000)
    files["/sys/fs/cgroup/memory.max"] = ["max"]
    assert hw.memory_bytes() == (16_000_000 * 1024, 9_000_000 * 1024)


def test_the_cache_is_computed_as_llama_cpp_reports_it(model: Path) -> None:
    """24 layers, 2 KV heads of 64, f16, 32,768 tokens: 384 MiB in llama.cpp's own report."""
    header = replace(
        read_header(model),
        metadata={
            "general.architecture": "qwen2",
            "qwen2.embedding_length": 896,
            "qwen2.attention.head_count": 14,
            "qwen2.attention.head_count_kv": 2,
            "qwen2.context_length": 32_768,
        },
    )
    assert 24 * cache_bytes_per_layer(header, 32_768, "f16") == 384 * 1024**2
    assert cache_bytes_per_layer(header, 32_768, "q8_0") == 16 * 1024**2 * 34 // 64
    assert context_for(header, 0) == 8192
    assert context_for(header, 999) == 999


def test_layers_fill_a_card_from_the_end(model: Path) -> None:
    """As in llama.cpp: the output layer goes first and counts as one, then the last block."""
    header = read_header(model)
    assert need(header, 512).weights == 4 * header.parameters
    room = {n: place(header, 512, gpu_layers=n).gpu.total for n in range(4)}
    for count in (1, 2):
        assert layers_that_fit(header, 512, "f16", GPU_MARGIN_BYTES + room[count]) == count
        assert layers_that_fit(header, 512, "f16", GPU_MARGIN_BYTES + room[count] - 1) == count - 1
    assert layers_that_fit(header, 512, "f16", GPU_MARGIN_BYTES + room[3]) == -1
    last = sum(t.size_bytes for t in header.tensors if t.name.startswith("blk.1."))
    on_card = place(header, 512, gpu_layers=2).gpu.weights
    assert on_card - place(header, 512, gpu_layers=1).gpu.weights == last
