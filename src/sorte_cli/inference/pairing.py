"""Brain and executor on one machine: together, in turns, or one set of weights. Pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sorte_cli.inference.gguf import GgufHeader
from sorte_cli.inference.placement import (
    GPU_MARGIN_BYTES,
    Placement,
    best_placement,
    context_for,
    place,
)

ONE, TOGETHER, TURNS, NEITHER = "one weight set", "co-resident", "alternating", "does not fit"


@dataclass(frozen=True, slots=True)
class Wish:
    """A model, and how it shall be loaded where that is not left open."""

    header: GgufHeader
    context_tokens: int = 0
    kv_type: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """How two models share a machine. In turns, each placement has the machine to itself."""

    mode: str
    brain: Placement
    executor: Placement


def pair(brain: Wish, executor: Wish, *, vram_bytes: int, ram_bytes: int) -> Pair:
    """The best way for two models on a card with `vram_bytes` and memory of `ram_bytes` free.

    Two are loaded at once only where each is then placed as well as alone: whole on the card (if
    perhaps with experts in memory), or without any card. Otherwise they take turns: with enough
    memory the weights stay in the page cache, and a turn costs seconds.
    """
    if brain.header.fingerprint == executor.header.fingerprint:
        wider = max(
            context_for(w.header, w.context_tokens) if w.context_tokens else 0
            for w in (brain, executor)
        )
        both = _alone(replace(brain, context_tokens=wider), vram_bytes, ram_bytes)
        return Pair(ONE if both.fits else NEITHER, both, both)
    first, second = (_alone(w, vram_bytes, ram_bytes) for w in (brain, executor))
    if not (first.fits and second.fits):
        return Pair(NEITHER, first, second)
    together = _together(brain, executor, vram_bytes, ram_bytes)
    if together is not None:
        return Pair(TOGETHER, *together)
    return Pair(TURNS, first, second)


def _alone(wish: Wish, vram_bytes: int, ram_bytes: int) -> Placement:
    return best_placement(
        wish.header,
        vram_bytes=vram_bytes,
        ram_bytes=ram_bytes,
        context_tokens=wish.context_tokens,
        kv_type=wish.kv_type,
    )


def _together(
    brain: Wish, executor: Wish, vram_bytes: int, ram_bytes: int
) -> tuple[Placement, Placement] | None:
    """Both at once, or None. The margin of the card is left once."""
    on_card = vram_bytes > GPU_MARGIN_BYTES
    found: list[tuple[Placement, Placement]] = []
    for first, second, swapped in ((brain, executor, False), (executor, brain, True)):
        # The one that comes second decides how much the first may take at most.
        least = _least(second) if on_card else 0
        if on_card and least < 0:
            continue
        ours = _alone(first, vram_bytes - least, ram_bytes)
        theirs = _alone(second, vram_bytes - ours.gpu.total, ram_bytes - ours.host.total)
        if not (ours.fits and theirs.fits) or ours.host.total + theirs.host.total > ram_bytes:
            continue
        if on_card and not (ours.whole and theirs.whole):
            continue
        found.append((theirs, ours) if swapped else (ours, theirs))
    # Fewer experts in memory are faster.
    return min(found, key=lambda p: sum(x.host.total for x in p), default=None)


def _least(wish: Wish) -> int:
    """The least a model takes of a card with all its layers on it."""
    kind = wish.kv_type or "q8_0"
    layers = wish.header.layers
    whole = place(wish.header, wish.context_tokens, kind, gpu_layers=-1, cpu_expert_layers=layers)
    return whole.gpu.total
