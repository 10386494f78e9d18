"""`sorte engine` as a person uses it: status, stop, cache, tune."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from inference.tiny import tiny_model
from sorte_cli.inference import ModelSpec
from sorte_cli.inference.warm import WarmEngine, statuses, stop


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    monkeypatch.setenv("SORTE_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("SORTE_CACHE_DIR", str(tmp_path / "cache"))
    yield {"SORTE_RUNTIME_DIR": str(tmp_path / "run"), "SORTE_CACHE_DIR": str(tmp_path / "cache")}
    for status in statuses():
        stop(status, force=True)


def test_nothing_is_loaded_at_first(sorte, runtime: dict[str, str]) -> None:
    assert "no model is loaded" in sorte("engine", "status", env=runtime).out
    assert json.loads(sorte("engine", "status", "--json", env=runtime).out)["engines"] == []
    assert sorte("engine", "stop", env=runtime).code == 0


def test_a_warm_engine_is_seen_used_and_stopped(
    sorte, runtime: dict[str, str], tmp_path: Path
) -> None:
    engine = WarmEngine(ModelSpec(tiny_model(tmp_path / "tiny.gguf")), stay_s=60)
    shown = sorte("engine", "status", env=runtime)
    assert "tiny.gguf" in shown.out and "1 connection" in shown.out
    refused = sorte("engine", "stop", env=runtime)
    assert refused.code == 1 and "--force" in refused.err
    engine.close()
    (row,) = json.loads(sorte("engine", "status", "--json", env=runtime).out)["engines"]
    assert row["pid"] == engine.pid
    stopped = sorte("engine", "stop", "--force", "--json", env=runtime)
    assert json.loads(stopped.out)["stopped"] == [engine.pid]
    assert "nenhum modelo" in sorte("--lang", "pt_BR", "engine", "status", env=runtime).out


def test_a_folder_that_is_not_ours_alone_is_an_error(
    sorte, runtime: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "run").mkdir(mode=0o777)
    (tmp_path / "run").chmod(0o777)
    answer = sorte("engine", "status", env=runtime)
    assert answer.code == 4
    assert "chmod 700" in answer.err
    (tmp_path / "run").chmod(0o700)


def test_kept_prompts_are_shown_and_cleared(sorte, runtime: dict[str, str]) -> None:
    folder = Path(runtime["SORTE_CACHE_DIR"], "prefixes")
    folder.mkdir(parents=True)
    (folder / "a.kv").write_bytes(b"x" * 2_000_000)
    (folder / "b.last").write_bytes(b"x" * 1_000_000)
    (folder / "b.tokens").write_bytes(b"x")
    assert "2 prompts that were read, 3.0 MB" in sorte("engine", "cache", env=runtime).out
    found = json.loads(sorte("engine", "cache", "--json", env=runtime).out)
    assert sorted(row["size_bytes"] for row in found["prefixes"]) == [1_000_000, 2_000_000]
    assert "3.0 MB" in sorte("engine", "cache", "--clear", env=runtime).out
    assert not list(folder.iterdir())


def test_small_models_need_no_tuning(sorte) -> None:
    answer = sorte("engine", "tune")
    assert answer.code == 2
    assert "one thread" in answer.err
