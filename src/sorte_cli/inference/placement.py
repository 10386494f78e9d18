"""How much memory a model needs, and how many of its layers fit a graphics card. Pure arithmetic.

The formulas agree with llama.cpp's own buffer report: with one output a batch and flash attention,
compute buffers are small beside weights and attention cache.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sorte_cli.inference.engine import DEFAULT_CONTEXT_TOKENS
from sorte_cli.inference.gguf import GgufHeader

GPU_MARGIN_BYTES = 1024**3
"""Left free on a graphics card, as llama.cpp's own --fit-target does."""
UBATCH_TOKENS = 512
_KV_BYTES = {"f32": 4.0, "f16": 2.0, "bf16": 2.0, "q8_0": 34 / 32, "q4_0": 18 / 32}
_BLOCK = re.compile(r"blk\.(\d+)\.")


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes a model needs: weights, attention cache, and buffers while computing."""

    weights: int
    cache: int
    compute: int

    @property
    def total(self) -> int:
        return self.weights + self.cache + self.compute


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether and how a model fits this machine, known before it is loaded.

    `gpu_layers` of `layers` go to the graphics card; -1 means all, with the output layer.
    """

    need: Need
    ram_available_bytes: int
    layers: int
    gpu_layers: int

    @property
    def in_memory(self) -> bool:
        """False where weights would have to be read from disk again and again: very slow."""
        share = 1.0 if self.gpu_layers < 0 else self.gpu_layers / max(1, self.layers)
        return self.need.total * (1 - share) <= self.ram_available_bytes


def context_for(header: GgufHeader, wanted: int) -> int:
    """The context window in tokens: what was asked, else what was trained, at most 8,192."""
    trained = header.trained_context_tokens or DEFAULT_CONTEXT_TOKENS
    return wanted or min(trained, DEFAULT_CONTEXT_TOKENS)


def cache_bytes_per_layer(header: GgufHeader, context_tokens: int, kv_type: str) -> int:
    """Keys and values of one attention layer (recurrent layers need less; counted as this)."""
    at = header.architecture
    heads = max(header.numbers(f"{at}.attention.head_count", 1))
    kv_heads = max(header.numbers(f"{at}.attention.head_count_kv", heads))
    width = header.number(f"{at}.embedding_length")
    head = width // max(1, heads)
    key = header.number(f"{at}.attention.key_length", head)
    value = header.number(f"{at}.attention.value_length", head)
    return int(kv_heads * (key + value) * _KV_BYTES.get(kv_type, 2.0) * context_tokens)


def need(header: GgufHeader, context_tokens: int, kv_type: str = "f16") -> Need:
    """What the model needs in all, wherever it is placed."""
    context = context_for(header, context_tokens)
    width = header.number(f"{header.architecture}.embedding_length")
    return Need(
        weights=sum(t.size_bytes for t in header.tensors),
        cache=header.layers * cache_bytes_per_layer(header, context, kv_type),
        compute=UBATCH_TOKENS * width * 40 + UBATCH_TOKENS * context * 2,
    )


def layers_that_fit(header: GgufHeader, context_tokens: int, kv_type: str, free_bytes: int) -> int:
    """How many layers fit `free_bytes` of a card; -1 when all do, with the output layer.

    llama.cpp moves the last layers first, so layers are counted from the end.
    """
    context = context_for(header, context_tokens)
    whole = need(header, context_tokens, kv_type)
    room = free_bytes - GPU_MARGIN_BYTES - whole.compute
    if whole.weights + whole.cache <= room:
        return -1
    sizes = [0] * header.layers
    for tensor in header.tensors:
        match = _BLOCK.match(tensor.name)
        if match and int(match[1]) < len(sizes):
            sizes[int(match[1])] += tensor.size_bytes
    cache = cache_bytes_per_layer(header, context, kv_type)
    fitting = 0
    for size in reversed(sizes):
        room -= size + cache
        if room < 0:
            break
        fitting += 1
    return fitting
