"""GGUF files with the dimensions of real models and no weights: sparse, so they take no room.

Dimensions are those of the models' public configurations; the vocabulary is left out (llama.cpp
calls that `no_vocab`), because only its size matters to memory.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .tiny import F32, STRING, U32, packed, packed_string

_TYPES: Mapping[str, tuple[int, int, int]] = {
    "f32": (0, 1, 4),
    "q8_0": (8, 32, 34),
    "q4_k": (12, 256, 144),
    "q6_k": (14, 256, 210),
    "mxfp4": (39, 32, 17),
}
"""Name -> (ggml type, values in a block, bytes of a block)."""


@dataclass(frozen=True)
class Shape:
    """What a model's configuration says of its size."""

    architecture: str
    layers: int
    width: int
    heads: int
    kv_heads: int
    head_width: int
    inner: int
    vocabulary: int
    experts: int = 0
    experts_used: int = 0
    window: int = 0
    trained: int = 32_768
    qk_norm: bool = False
    qkv_bias: bool = False
    tied: bool = False


SHAPES: Mapping[str, Shape] = {
    "Qwen2.5-Coder-7B": Shape(
        "qwen2", 28, 3584, 28, 4, 128, 18_944, 152_064, qkv_bias=True, trained=32_768
    ),
    "Qwen2.5-Coder-14B": Shape("qwen2", 48, 5120, 40, 8, 128, 13_824, 152_064, qkv_bias=True),
    "Qwen2.5-Coder-32B": Shape("qwen2", 64, 5120, 40, 8, 128, 27_648, 152_064, qkv_bias=True),
    "Qwen3-Coder-30B-A3B": Shape(
        "qwen3moe", 48, 2048, 32, 4, 128, 768, 151_936, 128, 8, trained=262_144, qk_norm=True
    ),
    "gpt-oss-20b": Shape(
        "gpt-oss", 24, 2880, 64, 8, 64, 2880, 201_088, 32, 4, window=128, trained=131_072
    ),
    "Llama-3-70B": Shape("llama", 80, 8192, 64, 8, 128, 28_672, 128_256, trained=8192),
    "Qwen2.5-Coder-0.5B": Shape(
        "qwen2", 24, 896, 14, 2, 64, 4864, 151_936, qkv_bias=True, tied=True
    ),
}


def sparse_model(path: Path, shape: Shape, *, quantisation: str = "q4_k") -> Path:
    """Writes the header and makes the file as long as its weights would be, without them."""
    head = bytearray()
    metadata = _metadata(shape)
    tensors = _tensors(shape, quantisation)
    head += b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata))
    for key, (kind, value) in metadata.items():
        head += packed_string(key) + struct.pack("<I", kind) + packed(kind, value)
    offset = 0
    for name, (type_name, dimensions) in tensors.items():
        type_id, block, block_bytes = _TYPES[type_name]
        head += packed_string(name) + struct.pack("<I", len(dimensions))
        head += struct.pack(f"<{len(dimensions)}Q", *dimensions)
        head += struct.pack("<IQ", type_id, offset)
        elements = 1
        for side in dimensions:
            elements *= side
        size = elements // block * block_bytes
        offset += size + (-size) % 32
    head += bytes(-len(head) % 32)
    path.write_bytes(head)
    with path.open("r+b") as file:
        file.truncate(len(head) + offset)
    return path


def _metadata(shape: Shape) -> dict[str, tuple[int, object]]:
    at = shape.architecture
    found: dict[str, tuple[int, object]] = {
        "general.architecture": (STRING, at),
        "general.name": (STRING, "sparse"),
        f"{at}.context_length": (U32, shape.trained),
        f"{at}.embedding_length": (U32, shape.width),
        f"{at}.block_count": (U32, shape.layers),
        f"{at}.feed_forward_length": (U32, shape.inner),
        f"{at}.attention.head_count": (U32, shape.heads),
        f"{at}.attention.head_count_kv": (U32, shape.kv_heads),
        f"{at}.attention.key_length": (U32, shape.head_width),
        f"{at}.attention.value_length": (U32, shape.head_width),
        f"{at}.attention.layer_norm_rms_epsilon": (F32, 1e-6),
        f"{at}.rope.dimension_count": (U32, shape.head_width),
        f"{at}.rope.freq_base": (F32, 1e6),
        f"{at}.vocab_size": (U32, shape.vocabulary),
        "tokenizer.ggml.model": (STRING, "no_vocab"),
    }
    if shape.experts:
        found[f"{at}.expert_count"] = (U32, shape.experts)
        found[f"{at}.expert_used_count"] = (U32, shape.experts_used)
        found[f"{at}.expert_feed_forward_length"] = (U32, shape.inner)
    if shape.window:
        found[f"{at}.attention.sliding_window"] = (U32, shape.window)
    return found


def _tensors(shape: Shape, quantisation: str) -> dict[str, tuple[str, tuple[int, ...]]]:
    q, f = quantisation, "f32"
    if shape.architecture == "gpt-oss":
        q = "q8_0"  # as published: attention and embeddings in eight bits, experts in MXFP4
    width, heads = shape.width, shape.heads * shape.head_width
    kv = shape.kv_heads * shape.head_width
    found: dict[str, tuple[str, tuple[int, ...]]] = {
        "token_embd.weight": (q, (width, shape.vocabulary)),
        "output_norm.weight": (f, (width,)),
    }
    if not shape.tied:
        found["output.weight"] = ("q6_k" if q == "q4_k" else q, (width, shape.vocabulary))
    for layer in range(shape.layers):
        at = f"blk.{layer}."
        found[at + "attn_norm.weight"] = (f, (width,))
        for part, size in (("q", heads), ("k", kv), ("v", kv)):
            found[at + f"attn_{part}.weight"] = (q, (width, size))
            if shape.qkv_bias or shape.architecture == "gpt-oss":
                found[at + f"attn_{part}.bias"] = (f, (size,))
        found[at + "attn_output.weight"] = (q, (heads, width))
        if shape.qk_norm:
            found[at + "attn_q_norm.weight"] = (f, (shape.head_width,))
            found[at + "attn_k_norm.weight"] = (f, (shape.head_width,))
        found |= _feed_forward(shape, at, q)
    return found


def _feed_forward(shape: Shape, at: str, q: str) -> dict[str, tuple[str, tuple[int, ...]]]:
    width, inner, f = shape.width, shape.inner, "f32"
    found: dict[str, tuple[str, tuple[int, ...]]] = {}
    if shape.architecture == "gpt-oss":
        found[at + "post_attention_norm.weight"] = (f, (width,))
        found[at + "attn_output.bias"] = (f, (width,))
        found[at + "attn_sinks.weight"] = (f, (shape.heads,))
        found[at + "ffn_gate_inp.bias"] = (f, (shape.experts,))
        found[at + "ffn_gate_exps.bias"] = (f, (inner, shape.experts))
        found[at + "ffn_up_exps.bias"] = (f, (inner, shape.experts))
        found[at + "ffn_down_exps.bias"] = (f, (width, shape.experts))
        q = "mxfp4"
    else:
        found[at + "ffn_norm.weight"] = (f, (width,))
    if not shape.experts:
        found[at + "ffn_gate.weight"] = (q, (width, inner))
        found[at + "ffn_up.weight"] = (q, (width, inner))
        found[at + "ffn_down.weight"] = (q, (inner, width))
        return found
    found[at + "ffn_gate_inp.weight"] = (f, (width, shape.experts))
    found[at + "ffn_gate_exps.weight"] = (q, (width, inner, shape.experts))
    found[at + "ffn_up_exps.weight"] = (q, (width, inner, shape.experts))
    found[at + "ffn_down_exps.weight"] = (q, (inner, width, shape.experts))
    return found
