"""A model with random weights for the other benchmarks: 100 million parameters.

    python benchmarks/made_model.py FILE [q4_0 | q8_0 | f16 | f32]

Its answers mean nothing, but computing them costs what computing them costs. Made from a fixed
seed in a few seconds, so that nothing has to be downloaded.
"""

from __future__ import annotations

import string
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

WIDTH, LAYERS, HEADS, KV_HEADS, INNER = 768, 12, 12, 4, 2048
VOCABULARY, CONTEXT = 32_000, 8192
U32, F32, BOOL, STRING, ARRAY, I32 = 4, 6, 7, 8, 9, 5
TYPES = {"f32": (0, 1, 4), "f16": (1, 1, 2), "q4_0": (2, 32, 18), "q8_0": (8, 32, 34)}
"""ggml's number of a type, the values of a block, and its bytes."""
CONTROLS = ("<|im_start|>", "<|im_end|>")
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "<|im_start|>assistant{{ '\n' }}"
)


def make(path: Path, type_name: str = "q4_0") -> Path:
    """Writes the model to `path`, unless it is there; returns `path`."""
    if path.is_file():
        return path
    tokens, merges = vocabulary()
    shapes = dict(tensors(type_name))
    head = bytearray(b"GGUF")
    metadata = settings(tokens, merges)
    head += struct.pack("<IQQ", 3, len(shapes), len(metadata))
    for key, (kind, value) in metadata.items():
        head += text(key) + struct.pack("<I", kind) + packed(kind, value)
    offset = 0
    for name, (kind, shape) in shapes.items():
        head += text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
        head += struct.pack("<IQ", TYPES[kind][0], offset)
        offset += size_of(kind, shape)
    head += bytes(-len(head) % 32)
    dice = np.random.default_rng(1)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(head)
        for kind, shape in shapes.values():
            file.write(weights(dice, kind, shape))
    part.rename(path)
    return path


def tensors(kind: str) -> Iterator[tuple[str, tuple[str, tuple[int, ...]]]]:
    kv = WIDTH * KV_HEADS // HEADS
    yield "token_embd.weight", (kind, (WIDTH, VOCABULARY))
    yield "output_norm.weight", ("f32", (WIDTH,))
    for layer in range(LAYERS):
        at = f"blk.{layer}."
        for name in ("attn_norm", "ffn_norm"):
            yield f"{at}{name}.weight", ("f32", (WIDTH,))
        for name, size in (("q", WIDTH), ("k", kv), ("v", kv), ("output", WIDTH)):
            yield f"{at}attn_{name}.weight", (kind, (WIDTH, size))
        yield f"{at}ffn_gate.weight", (kind, (WIDTH, INNER))
        yield f"{at}ffn_up.weight", (kind, (WIDTH, INNER))
        yield f"{at}ffn_down.weight", (kind, (INNER, WIDTH))


def size_of(kind: str, shape: tuple[int, ...]) -> int:
    _number, values, size = TYPES[kind]
    return int(np.prod(shape)) // values * size


def weights(dice: np.random.Generator, kind: str, shape: tuple[int, ...]) -> bytes:
    count = int(np.prod(shape))
    if len(shape) == 1:
        return np.ones(count, dtype="<f4").tobytes()
    if kind in ("f32", "f16", "q8_0"):
        values = dice.standard_normal(count, dtype="f4") / np.sqrt(shape[0])
        return (
            eight_bits(values)
            if kind == "q8_0"
            else values.astype({"f32": "<f4", "f16": "<f2"}[kind]).tobytes()
        )
    blocks = np.zeros(count // 32, dtype=[("scale", "<f2"), ("values", "u1", 16)])
    blocks["scale"] = 1.7 / 8 / np.sqrt(shape[0])
    # Four bits each, from -7 to 7: stored with 8 added, two in a byte.
    low, high = dice.integers(1, 16, (2, count // 32, 16), dtype="u1")
    blocks["values"] = low | (high << 4)
    return blocks.tobytes()


def eight_bits(values: np.ndarray) -> bytes:
    rows = values.reshape(-1, 32)
    scales = np.abs(rows).max(axis=1) / 127
    blocks = np.zeros(len(rows), dtype=[("scale", "<f2"), ("values", "i1", 32)])
    blocks["scale"], blocks["values"] = scales, np.round(rows / scales[:, None])
    return blocks.tobytes()


def settings(tokens: list[str], merges: list[str]) -> dict[str, tuple[int, object]]:
    kinds = [3 if t in CONTROLS else 1 for t in tokens]
    return {
        "general.architecture": (STRING, "llama"),
        "general.name": (STRING, "made-100m"),
        "llama.context_length": (U32, CONTEXT),
        "llama.embedding_length": (U32, WIDTH),
        "llama.block_count": (U32, LAYERS),
        "llama.feed_forward_length": (U32, INNER),
        "llama.attention.head_count": (U32, HEADS),
        "llama.attention.head_count_kv": (U32, KV_HEADS),
        "llama.attention.layer_norm_rms_epsilon": (F32, 1e-5),
        "llama.rope.dimension_count": (U32, WIDTH // HEADS),
        "llama.vocab_size": (U32, VOCABULARY),
        "tokenizer.ggml.model": (STRING, "gpt2"),
        "tokenizer.ggml.pre": (STRING, "gpt-2"),
        "tokenizer.ggml.tokens": (ARRAY, (STRING, tokens)),
        "tokenizer.ggml.token_type": (ARRAY, (I32, kinds)),
        "tokenizer.ggml.merges": (ARRAY, (STRING, merges)),
        "tokenizer.ggml.eos_token_id": (U32, tokens.index(CONTROLS[1])),
        "tokenizer.ggml.add_bos_token": (BOOL, False),
        "tokenizer.chat_template": (STRING, TEMPLATE),
    }


def vocabulary() -> tuple[list[str], list[str]]:
    """All bytes, pairs of letters, and pairs of pairs, until there are enough."""
    keep = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {b: chr(b) for b in keep}
    for byte in range(256):
        letters.setdefault(byte, chr(256 + sum(b not in keep for b in range(byte))))
    tokens = [letters[b] for b in range(256)]
    low = string.ascii_lowercase
    merges = [f"{a} {b}" for a in ("Ġ", *low) for b in low]
    tokens += [m.replace(" ", "") for m in merges]
    pairs = tokens[256:]
    for first in pairs:
        for second in pairs[26:]:
            if len(tokens) == VOCABULARY - len(CONTROLS):
                return [*tokens, *CONTROLS], merges
            merges.append(f"{first} {second}")
            tokens.append(first + second)
    raise AssertionError("there are more pairs than that")


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def packed(kind: int, value: object) -> bytes:
    if kind == STRING:
        return text(str(value))
    if kind == ARRAY:
        assert isinstance(value, tuple)
        item, items = value
        return struct.pack("<IQ", item, len(items)) + b"".join(packed(item, i) for i in items)
    return struct.pack("<" + {U32: "I", F32: "f", BOOL: "?", I32: "i"}[kind], value)


if __name__ == "__main__":
    print(make(Path(sys.argv[1]), *sys.argv[2:3]) if len(sys.argv) > 1 else __doc__)
