"""Embedding models of the three common kinds, tiny and with random weights, in a real process."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from array import array
from pathlib import Path

import pytest

from sorte_cli.agent.meaning import with_meaning
from sorte_cli.context.index import ProjectIndex
from sorte_cli.errors import SorteError, UsageError
from sorte_cli.inference.embedding import Embedder, LocalEmbedder, prefixes
from sorte_cli.inference.engine import EngineDied, ModelLoadError
from sorte_cli.inference.gguf import read_header
from sorte_cli.settings import Settings

from .tiny import (
    ARRAY,
    BOOL,
    F32,
    I32,
    STRING,
    U32,
    tiny_metadata,
    tiny_model,
    tiny_tensors,
    vocabulary,
    write_gguf,
)

WIDTH, INNER, LAYERS, CONTEXT = 32, 64, 2, 64
SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
Tensor = tuple[tuple[int, ...], "array[float]"]


class Dice:
    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)

    def noise(self, *shape: int) -> Tensor:
        count = 1
        for side in shape:
            count *= side
        return shape, array("f", (self._dice.gauss(0, 0.4) for _ in range(count)))

    @staticmethod
    def same(value: float) -> Tensor:
        return (WIDTH,), array("f", [value] * WIDTH)


def word_pieces() -> list[str]:
    letters = "abcdefghijklmnopqrstuvwxyz0123456789_:./"
    return [*SPECIALS, *(f"\u2581{c}" for c in letters), *letters]


def bert_metadata(architecture: str, tokens: list[str]) -> dict[str, tuple[int, object]]:
    a = architecture
    return {
        "general.architecture": (STRING, a),
        "general.name": (STRING, f"tiny {a}"),
        f"{a}.context_length": (U32, CONTEXT),
        f"{a}.embedding_length": (U32, WIDTH),
        f"{a}.feed_forward_length": (U32, INNER),
        f"{a}.block_count": (U32, LAYERS),
        f"{a}.attention.head_count": (U32, 2),
        f"{a}.attention.layer_norm_epsilon": (F32, 1e-12),
        f"{a}.attention.causal": (BOOL, False),
        f"{a}.pooling_type": (U32, 1),
        f"{a}.rope.freq_base": (F32, 1000.0),
        "tokenizer.ggml.model": (STRING, "bert"),
        "tokenizer.ggml.tokens": (ARRAY, (STRING, tokens)),
        "tokenizer.ggml.token_type": (ARRAY, (I32, [3] * 5 + [1] * (len(tokens) - 5))),
        "tokenizer.ggml.token_type_count": (U32, 2),
        "tokenizer.ggml.padding_token_id": (U32, 0),
        "tokenizer.ggml.unknown_token_id": (U32, 1),
        "tokenizer.ggml.cls_token_id": (U32, 2),
        "tokenizer.ggml.bos_token_id": (U32, 2),
        "tokenizer.ggml.eos_token_id": (U32, 3),
        "tokenizer.ggml.seperator_token_id": (U32, 3),
        "tokenizer.ggml.mask_token_id": (U32, 4),
    }


def tiny_bert(path: Path, architecture: str) -> Path:
    """Post-norm encoder; nomic's has rotary positions, joined queries and a gated inner layer."""
    tokens, dice = word_pieces(), Dice(2)
    nomic = architecture == "nomic-bert"
    tensors: dict[str, Tensor] = {
        "token_embd.weight": dice.noise(WIDTH, len(tokens)),
        "token_types.weight": dice.noise(WIDTH, 2),
        "token_embd_norm.weight": dice.same(1.0),
        "token_embd_norm.bias": dice.same(0.0),
    }
    if not nomic:
        tensors["position_embd.weight"] = dice.noise(WIDTH, CONTEXT)
    for layer in range(LAYERS):
        at = f"blk.{layer}."
        if nomic:
            tensors[at + "attn_qkv.weight"] = dice.noise(WIDTH, 3 * WIDTH)
            tensors[at + "ffn_gate.weight"] = dice.noise(WIDTH, INNER)
        for part in () if nomic else ("q", "k", "v"):
            tensors[at + f"attn_{part}.weight"] = dice.noise(WIDTH, WIDTH)
            tensors[at + f"attn_{part}.bias"] = dice.same(0.1)
        tensors[at + "attn_output.weight"] = dice.noise(WIDTH, WIDTH)
        tensors[at + "ffn_up.weight"] = dice.noise(WIDTH, INNER)
        tensors[at + "ffn_down.weight"] = dice.noise(INNER, WIDTH)
        if not nomic:
            tensors[at + "attn_output.bias"] = dice.same(0.0)
            tensors[at + "ffn_up.bias"] = ((INNER,), array("f", [0.0] * INNER))
            tensors[at + "ffn_down.bias"] = dice.same(0.0)
        for norm in ("attn_output_norm", "layer_output_norm"):
            tensors[at + f"{norm}.weight"] = dice.same(1.0)
            tensors[at + f"{norm}.bias"] = dice.same(0.0)
    return write_gguf(path, bert_metadata(architecture, tokens), tensors)


def tiny_qwen(path: Path) -> Path:
    """A decoder whose last token stands for the text."""
    words = vocabulary()
    metadata = {
        key.replace("llama.", "qwen3."): value
        for key, value in tiny_metadata(words, context=CONTEXT, template=None).items()
    }
    metadata["general.architecture"] = (STRING, "qwen3")
    metadata["qwen3.pooling_type"] = (U32, 3)
    metadata["tokenizer.ggml.add_eos_token"] = (BOOL, True)
    tensors = tiny_tensors(len(words.tokens))
    for layer in range(2):
        for norm in ("attn_q_norm", "attn_k_norm"):
            tensors[f"blk.{layer}.{norm}.weight"] = ((16,), array("f", [1.0] * 16))
    return write_gguf(path, metadata, tensors)


def made(path: Path, kind: str) -> Path:
    return tiny_qwen(path) if kind == "qwen3" else tiny_bert(path, kind)


def product(one: array[float], other: array[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("kind", ["bert", "nomic-bert", "qwen3"])
def test_texts_become_vectors_of_length_one_that_tell_them_apart(tmp_path, kind):
    local = LocalEmbedder(made(tmp_path / "e.gguf", kind))
    one, other, same, empty = map(local.embed, ["pix payment", "map of files", "pix payment", ""])
    assert len(one) == len(empty) == WIDTH
    assert product(one, one) == pytest.approx(1.0, abs=1e-4)
    assert list(one) == list(same)  # whatever was embedded before
    assert product(one, other) < 0.999
    # Models that were trained with words before a question get them.
    assert (list(local.embed("pix payment", query=True)) == list(one)) == (kind == "bert")


@pytest.mark.parametrize("kind", ["bert", "qwen3"])
def test_a_text_longer_than_the_model_reads_is_cut(tmp_path, kind):
    local = LocalEmbedder(made(tmp_path / "e.gguf", kind))
    assert list(local.embed("a b c d " * 200)) == list(local.embed("a b c d " * 300))


def test_the_model_runs_in_a_process_that_ends_with_it(tmp_path):
    embed = Embedder(made(tmp_path / "e.gguf", "bert"))
    (vector,) = embed(["pix"])
    assert list(vector) == list(LocalEmbedder(tmp_path / "e.gguf").embed("pix"))
    assert embed([]) == []
    assert embed._process is not None
    pid = embed._process.pid
    assert pid != os.getpid()
    embed.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert embed(["a"])  # and it can be asked again
    embed.close()


def test_a_process_that_dies_is_one_clear_error(tmp_path):
    with Embedder(made(tmp_path / "e.gguf", "bert")) as embed:
        embed(["a"])
        assert embed._process is not None
        os.kill(embed._process.pid, signal.SIGKILL)
        with pytest.raises(EngineDied, match="died"):
            embed(["b"])


def test_a_chat_model_is_refused_before_anything_is_started(tmp_path):
    with pytest.raises(ModelLoadError, match="not an embedding model"):
        Embedder(tiny_model(tmp_path / "chat.gguf"))


def test_a_model_that_does_not_load_says_why(tmp_path):
    path = made(tmp_path / "e.gguf", "bert")
    tokens = word_pieces()
    write_gguf(path, bert_metadata("bert", tokens), {})
    with Embedder(path) as embed, pytest.raises(SorteError, match=r"could not load|tensor"):
        embed(["a"])


@pytest.mark.parametrize(
    ("architecture", "name", "question"),
    [
        ("qwen3", "Qwen3 Embedding 0.6B", "Instruct: "),
        ("nomic-bert", "nomic-embed-text-v1.5", "search_query: "),
        ("bert", "multilingual-e5-small", "query: "),
        ("bert", "bge-small-en-v1.5", "Represent this sentence"),
        ("bert", "all-MiniLM-L6-v2", ""),
    ],
)
def test_each_kind_gets_the_words_it_was_trained_with(tmp_path, architecture, name, question):
    path = tmp_path / "e.gguf"
    metadata = bert_metadata(architecture, word_pieces())
    write_gguf(path, metadata | {"general.name": (STRING, name)}, {})
    assert prefixes(read_header(path))[0].startswith(question)
    assert bool(prefixes(read_header(path))[0]) == bool(question)


def test_the_index_ranks_with_it_where_it_is_configured(tmp_path, monkeypatch):
    monkeypatch.setenv("SORTE_CACHE_DIR", str(tmp_path / "cache"))
    root = tmp_path / "project"
    root.mkdir()
    for name in ("pix", "boleto"):
        (root / f"{name}.py").write_text(f"def {name}_payment(): ...\n")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    model = made(tmp_path / "e.gguf", "nomic-bert")
    with ProjectIndex.open(root) as index:
        plain = index.rank("a payment")
        with with_meaning(index, Settings(embedding=str(model))):
            meant = index.rank("a payment")
        model.unlink()
        with with_meaning(index, Settings()):
            assert index.rank("a payment") == plain
    assert {f.path for f in meant} == {f.path for f in plain}
    assert [f.score for f in meant] != [f.score for f in plain]
    assert any("close in meaning" in reason for f in meant for reason in f.reasons)


def test_an_address_or_a_missing_file_is_no_embedding_model(tmp_path):
    with (
        pytest.raises(UsageError, match="this machine"),
        with_meaning(None, Settings(embedding="http://localhost:1/v1")),
    ):
        pass
    with pytest.raises(SorteError), with_meaning(None, Settings(embedding=str(tmp_path / "no"))):
        pass
