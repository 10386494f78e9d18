"""Tiny llama-architecture GGUF models with random weights, written from scratch for the tests."""

from __future__ import annotations

import random
import struct
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

U32, F32, BOOL, STRING, ARRAY, I32, U64 = 4, 6, 7, 8, 9, 5, 10
TEMPLATE = (
    "{% for message in messages %}<|{{ message.role }}|>\n{{ message.content }}<|end|>\n"
    "{% endfor %}<|assistant|>\n"
)
CONTROLS = ("<|end|>", "<|system|>", "<|user|>", "<|assistant|>")
LONG = "=" * 128
ENDLESS = "root ::= [a-z] root"
"""A grammar that never lets an answer end."""


def byte_alphabet() -> list[str]:
    """GPT-2's way to write the 256 bytes as printable characters."""
    keep = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {b: chr(b) for b in keep}
    spare = 0
    for byte in range(256):
        if byte not in letters:
            letters[byte] = chr(256 + spare)
            spare += 1
    return [letters[b] for b in range(256)]


@dataclass
class Vocabulary:
    tokens: list[str] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    merges: list[str] = field(default_factory=list)

    def add(self, text: str, kind: int = 1) -> None:
        if text not in self.tokens:
            self.tokens.append(text)
            self.kinds.append(kind)

    def merge(self, left: str, right: str) -> None:
        self.merges.append(f"{left} {right}")
        self.add(left + right)


def vocabulary() -> Vocabulary:
    """All bytes, some words, `=` doubled up to 128 (a very long token), four control tokens."""
    found = Vocabulary()
    for letter in byte_alphabet():
        found.add(letter)
    half = "="
    while len(half) < len(LONG):
        found.merge(half, half)
        half += half
    for left, right in (("a", "b"), ("Ġ", "a"), ("r", "e"), ("re", "n"), ("ren", "a")):
        found.merge(left, right)
    for control in CONTROLS:
        found.add(control, 3)
    return found


def write_gguf(
    path: Path,
    metadata: Mapping[str, tuple[int, object]],
    tensors: Mapping[str, tuple[tuple[int, ...], array[float]]],
) -> Path:
    """`metadata`: key -> (GGUF type, value); arrays as (ARRAY, (item type, items)).
    `tensors`: name -> (shape, fastest dimension first; F32 values).
    """
    head = bytearray(b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata)))
    for key, (kind, value) in metadata.items():
        head += packed_string(key) + struct.pack("<I", kind) + packed(kind, value)
    offset = 0
    data = bytearray()
    for name, (shape, values) in tensors.items():
        head += packed_string(name) + struct.pack("<I", len(shape))
        head += struct.pack(f"<{len(shape)}Q", *shape) + struct.pack("<IQ", 0, offset)
        data += values.tobytes()
        data += bytes(-len(data) % 32)
        offset = len(data)
    head += bytes(-len(head) % 32)
    path.write_bytes(bytes(head + data))
    return path


def packed_string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def packed(kind: int, value: object) -> bytes:
    if kind == STRING:
        assert isinstance(value, str)
        return packed_string(value)
    if kind == ARRAY:
        assert isinstance(value, tuple)
        item_kind, items = value
        assert isinstance(items, Sequence)
        head = struct.pack("<IQ", item_kind, len(items))
        return head + b"".join(packed(item_kind, item) for item in items)
    return struct.pack("<" + {U32: "I", F32: "f", BOOL: "?", I32: "i", U64: "Q"}[kind], value)


def tiny_metadata(
    words: Vocabulary, *, template: str | None = TEMPLATE, context: int = 512, name: str = "tiny"
) -> dict[str, tuple[int, object]]:
    end = words.tokens.index("<|end|>")
    found: dict[str, tuple[int, object]] = {
        "general.architecture": (STRING, "llama"),
        "general.name": (STRING, name),
        "general.file_type": (U32, 0),
        "llama.context_length": (U32, context),
        "llama.embedding_length": (U32, 32),
        "llama.block_count": (U32, 2),
        "llama.feed_forward_length": (U32, 64),
        "llama.attention.head_count": (U32, 2),
        "llama.attention.layer_norm_rms_epsilon": (F32, 1e-5),
        "llama.rope.dimension_count": (U32, 16),
        "llama.vocab_size": (U32, len(words.tokens)),
        "tokenizer.ggml.model": (STRING, "gpt2"),
        "tokenizer.ggml.pre": (STRING, "gpt-2"),
        "tokenizer.ggml.tokens": (ARRAY, (STRING, words.tokens)),
        "tokenizer.ggml.token_type": (ARRAY, (I32, words.kinds)),
        "tokenizer.ggml.merges": (ARRAY, (STRING, words.merges)),
        "tokenizer.ggml.eos_token_id": (U32, end),
        "tokenizer.ggml.add_bos_token": (BOOL, False),
        "tokenizer.ggml.add_space_prefix": (BOOL, False),
    }
    if template is not None:
        found["tokenizer.chat_template"] = (STRING, template)
    return found


def tiny_tensors(vocab_size: int, seed: int = 0) -> dict[str, tuple[tuple[int, ...], array[float]]]:
    dice = random.Random(seed)
    width, inner = 32, 64

    def noise(*shape: int) -> tuple[tuple[int, ...], array[float]]:
        count = 1
        for side in shape:
            count *= side
        return shape, array("f", (dice.gauss(0, 0.4) for _ in range(count)))

    def ones() -> tuple[tuple[int, ...], array[float]]:
        return (width,), array("f", [1.0] * width)

    found = {"token_embd.weight": noise(width, vocab_size), "output_norm.weight": ones()}
    for layer in range(2):
        at = f"blk.{layer}."
        found[at + "attn_norm.weight"] = ones()
        found[at + "ffn_norm.weight"] = ones()
        for part in "qkv":
            found[at + f"attn_{part}.weight"] = noise(width, width)
        found[at + "attn_output.weight"] = noise(width, width)
        found[at + "ffn_gate.weight"] = noise(width, inner)
        found[at + "ffn_up.weight"] = noise(width, inner)
        found[at + "ffn_down.weight"] = noise(inner, width)
    return found


def tiny_model(path: Path, *, seed: int = 0, **changes: object) -> Path:
    """A model that loads in milliseconds and babbles. `changes` are those of `tiny_metadata`."""
    words = vocabulary()
    metadata = tiny_metadata(words, **changes)  # type: ignore[arg-type]
    return write_gguf(path, metadata, tiny_tensors(len(words.tokens), seed))


def tiny_hybrid(path: Path, *, context: int = 4096) -> Path:
    """A tiny LFM2: one convolution layer, which cannot forget its end, and one of attention."""
    words = vocabulary()
    metadata = {
        key.replace("llama.", "lfm2."): value
        for key, value in tiny_metadata(words, context=context, name="hybrid").items()
    }
    metadata["general.architecture"] = (STRING, "lfm2")
    metadata["lfm2.shortconv.l_cache"] = (U32, 3)
    metadata["lfm2.attention.head_count_kv"] = (ARRAY, (I32, [0, 2]))
    tensors = tiny_tensors(len(words.tokens))
    tensors["token_embd_norm.weight"] = tensors.pop("output_norm.weight")
    for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
        tensors.pop(f"blk.0.{part}.weight")
    dice = random.Random(1)

    def noise(*shape: int) -> tuple[tuple[int, ...], array[float]]:
        return shape, array("f", (dice.gauss(0, 0.4) for _ in range(shape[0] * shape[1])))

    tensors["blk.0.shortconv.conv.weight"] = noise(3, 32)
    tensors["blk.0.shortconv.in_proj.weight"] = noise(32, 96)
    tensors["blk.0.shortconv.out_proj.weight"] = noise(32, 32)
    for norm in ("attn_q_norm", "attn_k_norm"):
        tensors[f"blk.1.{norm}.weight"] = ((16,), array("f", [1.0] * 16))
    return write_gguf(path, metadata, tensors)
