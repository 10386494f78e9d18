"""How fast a model will write, estimated from what it must read for each token. Pure arithmetic.

A token is one pass over the active weights and the cache, so memory bandwidth decides. Figures are
peak rates from the makers' data sheets, of which decoding reaches about two thirds.
"""

from __future__ import annotations

import re

from sorte_cli.inference.gguf import GgufHeader
from sorte_cli.inference.placement import Placement

DEFAULT_RAM_GB_S = 50.0
"""Two channels of DDR4-3200 reach 51 GB/s, of DDR5-5600 90; `sorte engine tune` measures it."""
DEFAULT_GPU_GB_S = 272.0
"""A card that is not in the table is taken for a GeForce RTX 4060."""
REACHED_SHARE = 0.65
_EXPERT = re.compile(r"\.ffn_(up|down|gate|gate_up)_(ch|)exps")

# Longest names first: the first that occurs in the card's name counts.
GPU_GB_S: tuple[tuple[str, float], ...] = (
    ("4070 ti super", 672),
    ("4060 ti", 288),
    ("4070 ti", 504),
    ("5060 ti", 448),
    ("5070 ti", 896),
    ("3060 ti", 448),
    ("3050", 224),
    ("3060", 360),
    ("3070", 448),
    ("3080", 760),
    ("3090", 936),
    ("4050", 192),
    ("4060", 272),
    ("4070", 504),
    ("4080", 717),
    ("4090", 1008),
    ("5060", 448),
    ("5070", 672),
    ("5080", 960),
    ("5090", 1792),
    ("a100", 1555),
    ("h100", 3350),
    ("h200", 4800),
    ("l40", 864),
    ("t4", 320),
)


def gpu_gigabytes_per_s(name: str) -> float:
    """The memory bandwidth of a card by its name."""
    lower = name.lower()
    return next((rate for part, rate in GPU_GB_S if part in lower), DEFAULT_GPU_GB_S)


def tokens_per_s(
    header: GgufHeader,
    placement: Placement,
    *,
    gpu_gb_s: float = DEFAULT_GPU_GB_S,
    ram_gb_s: float = DEFAULT_RAM_GB_S,
) -> float:
    """Tokens a second with a half-full window; 0 where nothing is known."""
    on_card, on_host = _active_bytes(header, placement)
    seconds = (on_card / gpu_gb_s + on_host / ram_gb_s) / (1e9 * REACHED_SHARE)
    return 1 / seconds if seconds > 0 else 0.0


def _active_bytes(header: GgufHeader, placement: Placement) -> tuple[float, float]:
    """Bytes read for one token, on the card and in memory."""
    at = header.architecture
    experts = header.number(f"{at}.expert_count")
    used = header.number(f"{at}.expert_used_count")
    share = used / experts if experts and used else 1.0
    first = placement.layers + 1 - placement.gpu_layers
    card = host = 0.0
    has_output = any(t.name == "output.weight" for t in header.tensors)
    for tensor in header.tensors:
        is_expert = bool(_EXPERT.search(tensor.name))
        size = tensor.size_bytes * (share if is_expert else 1.0)
        if tensor.name == "token_embd.weight" and has_output:
            continue  # one row of it
        block = re.match(r"blk\.(\d+)\.", tensor.name)
        if block is None:
            on_card = placement.gpu_layers > 0
        else:
            number = int(block[1])
            held = is_expert and number < placement.cpu_expert_layers
            on_card = placement.gpu_layers > 0 and number >= first and not held
        card, host = (card + size, host) if on_card else (card, host + size)
    return card + placement.gpu.cache / 2, host + placement.host.cache / 2
