"""Devices below llama.cpp: its own library and no second copy of it, and RPC workers."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from sorte_cli.errors import EnvironmentFailure, UsageError
from sorte_cli.inference import ModelSpec, devices, open_engine
from sorte_cli.inference.address import read_workers
from sorte_cli.inference.bindings import bindings
from sorte_cli.inference.protocol import spec_data, spec_from
from sorte_cli.inference.specs import spec_for


def loaded_libraries() -> set[str]:
    """Files of ggml that this process has mapped."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    return {line.split()[-1] for line in lines if "/libggml" in line}


def test_the_library_of_llama_cpp_is_used_and_no_copy_of_it() -> None:
    bindings()
    before = loaded_libraries()
    assert before
    devices.expert_overrides(r"blk\.0\.")
    assert loaded_libraries() == before


def test_workers_are_read_and_kept_with_the_spec(model: Path) -> None:
    assert read_workers(" a:1 ,b.example:65535,") == ("a:1", "b.example:65535")
    spec = spec_for(str(model), workers="127.0.0.1:50052")
    assert spec.workers == ("127.0.0.1:50052",)
    assert spec_from(json.loads(json.dumps(spec_data(spec)))) == spec


@pytest.mark.parametrize(
    "text", ["here", "host:", ":50052", "host:port", "host:70000", "a:1 b:2:x"]
)
def test_what_is_no_address_of_a_worker_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not the address of an RPC worker"):
        read_workers(text)


@pytest.mark.parametrize("inline", [True, False])
def test_a_worker_that_is_not_there_is_named_and_nothing_crashes(model: Path, inline: bool) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"  # bound, and nobody listens
        with pytest.raises(EnvironmentFailure, match=f"no RPC worker answers at {address}"):
            open_engine(ModelSpec(model, workers=(address,)), inline=inline)


def test_a_build_without_rpc_says_what_to_install(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "rpc_library", lambda: None)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(EnvironmentFailure, match="cannot use RPC workers") as caught:
            open_engine(ModelSpec(model, workers=(address,)), inline=True)
    assert "-DGGML_RPC=on" in caught.value.hint


def test_a_library_that_is_none_is_named(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = tmp_path / "libggml-rpc.so"
    wrong.write_text("no library")
    monkeypatch.setenv("SORTE_RPC_LIBRARY", str(wrong))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(EnvironmentFailure, match="cannot be loaded"):
            open_engine(ModelSpec(model, workers=(address,)), inline=True)
