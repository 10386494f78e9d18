"""The kinds of machines and the models for them, in words."""

from __future__ import annotations

from sorte_cli.terminal.translate import _


def title(tier: str) -> str:
    """What kind of machine a tier is."""
    return {
        "24gb": _("a card of 24 GB or more"),
        "16gb": _("a card of 16 GB; brain and executor take turns"),
        "8gb-128gb": _("a card of 8 GB and 96 GB of memory or more; experts stay in memory"),
        "8gb": _("a card of 8 GB and 32 GB of memory"),
        "laptop": _("a laptop of 16 GB without a graphics card: one model for both roles"),
        "small": _(
            "less memory: one small model for both roles, or the nano model that ships with Sorte"
        ),
    }[tier]


def reason(model: str) -> str:
    """Why a model is recommended."""
    return {
        "unsloth/Qwen3.6-27B-GGUF:Q4_K_M": _(
            "77.2 % on SWE-bench Verified; dense, so it wants to be whole on the card"
        ),
        "bartowski/Qwen2.5-Coder-7B-Instruct-GGUF:Q4_K_M": _(
            "whole on a card of 8 GB, usable on a laptop's processor"
        ),
        "ggml-org/gpt-oss-20b-GGUF": _(
            "reasons well for its size; its experts come in four bits as trained"
        ),
        "bartowski/Qwen2.5-Coder-14B-Instruct-GGUF:Q4_K_M": _(
            "the largest dense coder that leaves a card of 16 GB room for a long window"
        ),
        "unsloth/Qwen3-Coder-Next-GGUF:UD-Q4_K_M": _(
            "70.6 % on SWE-bench Verified, with 3 B active parameters and its experts in memory"
        ),
        "unsloth/Qwen3-Coder-30B-A3B-Instruct-GGUF:Q4_K_M": _(
            "3 B active parameters: fast with its experts in memory; plain attention,"
            " so prompts are gone back in at no cost"
        ),
        "localweights/Qwen3.5-4B-MTP-Q4_K_M-GGUF:Q4_K_M": _(
            "24 to 30 tokens a second on a Ryzen 9950X, without a graphics card"
        ),
    }[model]
