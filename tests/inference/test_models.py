"""Finding models by name and refusing files that are no models, with advice."""

from __future__ import annotations

import hashlib
import json
from array import array
from pathlib import Path

import pytest

from sorte_cli.errors import EnvironmentFailure, ExitCode
from sorte_cli.inference import ModelLoadError, ModelSpec, open_engine
from sorte_cli.inference.models import architecture_known, list_models, resolve_model

from .tiny import (
    STRING,
    tiny_metadata,
    tiny_model,
    tiny_tensors,
    vocabulary,
    write_gguf,
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("SORTE_DATA_DIR", str(folder / "data"))
    for name in (
        "OLLAMA_MODELS",
        "HF_HUB_CACHE",
        "HUGGINGFACE_HUB_CACHE",
        "HF_HOME",
        "LLAMA_CACHE",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.chdir(folder)
    return folder


def place(path: Path, model: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.read_bytes())
    return path


def refused(name: str) -> EnvironmentFailure:
    with pytest.raises(EnvironmentFailure) as caught:
        resolve_model(name)
    assert caught.value.exit_code == ExitCode.ENVIRONMENT
    assert caught.value.hint
    return caught.value


def odd_model(path: Path, **metadata: tuple[int, object]) -> Path:
    words = vocabulary()
    settings = tiny_metadata(words)
    settings.update({key.replace("_", ".", 1): value for key, value in metadata.items()})
    return write_gguf(path, settings, tiny_tensors(len(words.tokens)))


def test_a_path_is_taken_relative_absolute_and_from_home(home: Path, model: Path) -> None:
    path = place(home / "m.gguf", model)
    assert resolve_model(str(path)) == path
    assert resolve_model("m.gguf") == path
    assert resolve_model("~/m.gguf") == path
    assert resolve_model(" ./m.gguf ") == path


def test_a_folder_with_one_model_is_that_model(home: Path, model: Path) -> None:
    path = place(home / "only/m.gguf", model)
    assert resolve_model("only") == path
    place(home / "only/n.gguf", model)
    assert "n.gguf" in refused("only").hint
    (home / "nothing").mkdir()
    assert "no model" in refused("nothing").message


def test_a_missing_path_names_what_is_near(home: Path, model: Path) -> None:
    place(home / "qwen-coder-7b.gguf", model)
    error = refused("./qwen-codr-7b.gguf")
    assert "qwen-coder-7b.gguf" in error.hint
    assert "there is no model file" in error.message


def test_an_unknown_name_says_where_models_may_lie(home: Path) -> None:
    error = refused("llama-900b")
    assert "no model is called 'llama-900b'" in error.message
    assert str(home / "data/models") in error.hint
    assert "nano" in refused("nona").hint
    assert "named" in refused("  ").message


def test_names_are_found_in_every_place(home: Path, model: Path) -> None:
    mine = place(home / "data/models/deep/Mine.gguf", model)
    studio = place(home / ".lmstudio/models/pub/x/studio-7b.gguf", model)
    hub = place(home / ".cache/huggingface/hub/models--o--n/snapshots/abc/hub-1b.gguf", model)
    tools = place(home / ".cache/llama.cpp/tools-1b.gguf", model)
    data = model.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    blob = place(home / f".ollama/models/blobs/sha256-{digest}", model)
    layers = [
        {"mediaType": "application/vnd.ollama.image.license", "digest": "sha256:0"},
        {"mediaType": "application/vnd.ollama.image.model", "digest": f"sha256:{digest}"},
    ]
    for place_name in ("registry.ollama.ai/library/qwen/latest", "hf.co/org/repo/Q4_K_M"):
        manifest = home / ".ollama/models/manifests" / place_name
        manifest.parent.mkdir(parents=True)
        manifest.write_text(json.dumps({"layers": layers}))
    (home / ".ollama/models/manifests/registry.ollama.ai/library/broken").mkdir()
    (home / ".ollama/models/manifests/registry.ollama.ai/library/broken/latest").write_text("{")

    assert resolve_model("mine") == resolve_model("Mine.gguf") == mine
    assert resolve_model("studio-7b") == studio
    assert resolve_model("hub-1b") == hub
    assert resolve_model("qwen") == resolve_model("qwen:latest") == blob
    names = [(m.name, m.source) for m in list_models()]
    assert ("Mine", "sorte") in names
    assert resolve_model("hf.co/org/repo:Q4_K_M") == blob
    sources = ["sorte", "ollama", "ollama", "lmstudio", "huggingface", "llama.cpp"]
    assert [s for _, s in names] == sources
    assert resolve_model("TOOLS-1b") == tools
    assert "qwen:latest" in refused("qwen:lates").hint


@pytest.mark.parametrize("content", [b"", b"just some text\n" * 9, bytes(999)])
def test_what_is_no_model_is_refused(home: Path, content: bytes) -> None:
    (home / "bad.gguf").write_bytes(content)
    assert "not a GGUF" in refused("bad.gguf").message


def test_a_truncated_model_is_refused(home: Path, model: Path) -> None:
    (home / "half.gguf").write_bytes(model.read_bytes()[:60_000])
    assert "truncated" in refused("half.gguf").message


def test_an_unknown_architecture_is_refused_here_and_by_the_engine(home: Path) -> None:
    path = odd_model(home / "odd.gguf", general_architecture=(STRING, "not-an-architecture"))
    assert "'not-an-architecture'" in refused("odd.gguf").message
    for inline in (True, False):
        with pytest.raises(ModelLoadError, match="does not know"):
            open_engine(ModelSpec(path), inline=inline)


def test_known_architectures_are_known() -> None:
    for name in ("llama", "qwen2", "qwen3moe", "gpt-oss", "gemma3"):
        assert architecture_known(name)
    assert not architecture_known("surely-not-one")


def test_files_that_only_accompany_a_model_are_refused(home: Path) -> None:
    odd_model(home / "lora.gguf", general_type=(STRING, "adapter"))
    odd_model(home / "eyes.gguf", general_architecture=(STRING, "clip"))
    write_gguf(home / "words.gguf", tiny_metadata(vocabulary()), {})
    write_gguf(home / "blank.gguf", {}, {"t": ((1,), array("f", [1.0]))})
    assert "LoRA" in refused("lora.gguf").message
    assert "projector" in refused("eyes.gguf").message
    assert "only a vocabulary" in refused("words.gguf").message
    assert "architecture" in refused("blank.gguf").message


def test_any_part_of_a_split_model_names_the_first(home: Path, model: Path) -> None:
    first = place(home / "big-00001-of-00002.gguf", model)
    assert "big-00002-of-00002.gguf" in refused("big-00001-of-00002.gguf").message
    place(home / "big-00002-of-00002.gguf", model)
    assert resolve_model("big-00002-of-00002.gguf") == first
    assert resolve_model(".") == first


def test_a_model_that_llama_cpp_refuses_says_why(home: Path) -> None:
    words = vocabulary()
    tensors = tiny_tensors(len(words.tokens))
    del tensors["blk.1.ffn_up.weight"]
    path = write_gguf(home / "hole.gguf", tiny_metadata(words), tensors)
    for inline in (True, False):
        with pytest.raises(ModelLoadError, match=r"blk\.1\.ffn_up\.weight"):
            open_engine(ModelSpec(path), inline=inline)


def test_wrong_load_settings_are_errors(model: Path) -> None:
    with pytest.raises(ModelLoadError, match="KV cache type"):
        open_engine(ModelSpec(model, kv_type="q99"), inline=True)
    for tokens in (-1, 1 << 40):
        with pytest.raises(ModelLoadError, match="makes no sense"):
            open_engine(ModelSpec(model, context_tokens=tokens))


def test_a_quantised_cache_works(home: Path) -> None:
    engine = open_engine(ModelSpec(tiny_model(home / "m.gguf"), kv_type="bf16"), inline=True)
    assert engine.count("ab") == 1
    engine.close()
