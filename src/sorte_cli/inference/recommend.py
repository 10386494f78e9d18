"""Which models suit which machine, with where each figure comes from. A table, no measuring.

Why each was chosen is said in `terminal.tiers`, in the user's language.
"""

from __future__ import annotations

from dataclasses import dataclass

GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Recommended:
    """A model to fetch. `gigabytes` is the size of the file as its page states it."""

    model: str
    """As `sorte models pull` takes it."""
    gigabytes: float
    source: str


@dataclass(frozen=True, slots=True)
class Tier:
    """A kind of machine. The first tier whose needs are met is a machine's own."""

    id: str
    vram_bytes: int
    ram_bytes: int
    brain: Recommended
    executor: Recommended
    modelfiles: str
    """Folder in Modelfiles/."""


_CODER_30B = Recommended(
    "unsloth/Qwen3-Coder-30B-A3B-Instruct-GGUF:Q4_K_M",
    18.6,
    "huggingface.co/unsloth/Qwen3-Coder-30B-A3B-Instruct-GGUF",
)
_CODER_7B = Recommended(
    "bartowski/Qwen2.5-Coder-7B-Instruct-GGUF:Q4_K_M",
    4.68,
    "huggingface.co/bartowski/Qwen2.5-Coder-7B-Instruct-GGUF",
)
_CODER_14B = Recommended(
    "bartowski/Qwen2.5-Coder-14B-Instruct-GGUF:Q4_K_M",
    8.99,
    "huggingface.co/bartowski/Qwen2.5-Coder-14B-Instruct-GGUF",
)
_OSS_20B = Recommended(
    "ggml-org/gpt-oss-20b-GGUF",
    12.1,
    "unsloth.ai: needs 14 GB of memory; size from the published dimensions",
)
_NEXT_80B = Recommended(
    "unsloth/Qwen3-Coder-Next-GGUF:UD-Q4_K_M",
    48.5,
    "huggingface.co/unsloth/Qwen3-Coder-Next-GGUF; tinyweights.dev",
)
_QWEN_27B = Recommended(
    "unsloth/Qwen3.6-27B-GGUF:Q4_K_M",
    17.0,
    "huggingface.co/unsloth/Qwen3.6-27B-GGUF; botmonster",
)
_QWEN_4B = Recommended(
    "localweights/Qwen3.5-4B-MTP-Q4_K_M-GGUF:Q4_K_M",
    2.7,
    "huggingface.co/localweights/Qwen3.5-4B-MTP-Q4_K_M-GGUF; prositronic",
)

TIERS = (
    Tier(
        "24gb",
        22 * GIB,
        24 * GIB,
        _QWEN_27B,
        _CODER_7B,
        "24gb",
    ),
    Tier(
        "16gb",
        15 * GIB,
        24 * GIB,
        _OSS_20B,
        _CODER_14B,
        "16gb-alternating",
    ),
    Tier(
        "8gb-128gb",
        7 * GIB,
        90 * GIB,
        _NEXT_80B,
        _CODER_30B,
        "8gb-128gb",
    ),
    Tier(
        "8gb",
        7 * GIB,
        28 * GIB,
        _CODER_30B,
        _CODER_30B,
        "8gb-128gb",
    ),
    Tier(
        "laptop",
        0,
        12 * GIB,
        _CODER_7B,
        _CODER_7B,
        "laptop",
    ),
    Tier(
        "small",
        0,
        0,
        _QWEN_4B,
        _QWEN_4B,
        "laptop",
    ),
)


def tier_for(vram_bytes: int, ram_bytes: int) -> Tier:
    """The tier of a machine with so much memory in all."""
    return next(t for t in TIERS if vram_bytes >= t.vram_bytes and ram_bytes >= t.ram_bytes)
