"""How much memory a model needs on each device, and how it is best placed. Pure arithmetic.

The formulas were fitted to what llama.cpp reports for the dimensions of real models, on the
processor and on a card; the tests hold them to within five per cent of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sorte_cli.inference.engine import DEFAULT_CONTEXT_TOKENS
from sorte_cli.inference.gguf import GgufHeader

GPU_MARGIN_BYTES = 1024**3
"""Left free on a graphics card, as llama.cpp's own --fit-target does."""
RAM_MARGIN_SHARE = 0.1
"""Of the machine's memory, left to everything else."""
UBATCH_TOKENS = 512
KV_CHOICES = ("f16", "q8_0")
SMALLEST_CONTEXT_TOKENS = 2048
_KV_BYTES = {"f32": 4.0, "f16": 2.0, "bf16": 2.0, "q8_0": 34 / 32, "q4_0": 18 / 32}
_BLOCK = re.compile(r"blk\.(\d+)\.")
_EXPERT = re.compile(r"\.ffn_(up|down|gate|gate_up)_(ch|)exps")


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes a model needs: weights, attention cache, and buffers while computing."""

    weights: int = 0
    cache: int = 0
    compute: int = 0

    @property
    def total(self) -> int:
        return self.weights + self.cache + self.compute


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the parts of one model go, and what they take there."""

    context_tokens: int
    kv_type: str
    layers: int
    gpu_layers: int
    """llama.cpp's n_gpu_layers: the output layer counts as one and goes first, then blocks from
    the last one on; `layers + 1` is all."""
    cpu_expert_layers: int
    """In so many first blocks the experts stay in the machine's memory."""
    gpu: Need
    host: Need
    fits: bool
    batch_tokens: int = UBATCH_TOKENS

    @property
    def whole(self) -> bool:
        """Whether all layers are on the card, if perhaps without some experts."""
        return self.gpu_layers > self.layers

    @property
    def total_bytes(self) -> int:
        return self.gpu.total + self.host.total


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


@dataclass(frozen=True, slots=True)
class _Sizes:
    """The dimensions that memory depends on; bytes for weights, values for widths."""

    blocks: tuple[int, ...]
    """Bytes of each block without its experts."""
    experts: tuple[int, ...]
    output: int
    embedding: int
    other: int
    """Bytes outside of blocks that stay in the machine's memory."""
    width: int
    inner: int
    heads: int
    experts_used: int
    expert_inner: int
    masks: int
    """Attention masks of a batch: two where some layers see only a window."""


def context_for(header: GgufHeader, wanted: int) -> int:
    """The context window in tokens: what was asked, else what was trained, at most 8,192."""
    trained = header.trained_context_tokens or DEFAULT_CONTEXT_TOKENS
    return wanted or min(trained, DEFAULT_CONTEXT_TOKENS)


def cache_bytes_per_layer(
    header: GgufHeader, context_tokens: int, kv_type: str, layer: int = -1
) -> int:
    """Keys and values of one attention layer; without `layer`, of the largest.

    Layers without attention (recurrent ones) say so with no key-value heads; their constant state
    is small and not counted. Layers that see only a window are kept whole, so that a prompt can be
    gone back in.
    """
    at = header.architecture
    heads = max(header.numbers(f"{at}.attention.head_count", 1))
    per_layer = header.numbers(f"{at}.attention.head_count_kv", heads)
    kv_heads = per_layer[layer] if 0 <= layer < len(per_layer) else max(per_layer)
    width = header.number(f"{at}.embedding_length")
    head = width // max(1, heads)
    key = header.number(f"{at}.attention.key_length", head)
    value = header.number(f"{at}.attention.value_length", head)
    every = header.number(f"{at}.full_attention_interval")
    if every > 1 and layer >= 0 and (layer + 1) % every:
        return 0
    size = _KV_BYTES.get(kv_type, 2.0)
    return int(kv_heads * (int(key * size) + int(value * size)) * context_tokens)


def need(header: GgufHeader, context_tokens: int, kv_type: str = "f16") -> Need:
    """What the model needs in all, in the machine's memory alone."""
    return place(header, context_tokens, kv_type, gpu_layers=0).host


def place(
    header: GgufHeader,
    context_tokens: int,
    kv_type: str = "f16",
    *,
    gpu_layers: int = 0,
    cpu_expert_layers: int = 0,
) -> Placement:
    """What this placement takes on each device. `gpu_layers` of -1 means all."""
    sizes = _sizes(header)
    context = context_for(header, context_tokens)
    layers = len(sizes.blocks)
    wanted = layers + 1 if gpu_layers < 0 else min(gpu_layers, layers + 1)
    first = layers + 1 - wanted  # blocks from this one on are on the card
    offloaded = range(first, layers) if wanted else range(0)
    held = cpu_expert_layers if any(sizes.experts) else 0
    gpu_weights = sum(
        sizes.blocks[n] + (0 if n < held else sizes.experts[n]) for n in offloaded
    ) + (sizes.output if wanted else 0)
    # Tied embeddings exist twice where the card has the output layer.
    everything = sum(sizes.blocks) + sum(sizes.experts) + sizes.embedding + sizes.other
    tied = sizes.output == sizes.embedding and not _has_output(header)
    everything += 0 if tied else sizes.output
    moved = gpu_weights - (sizes.output if wanted and tied else 0)
    caches = [cache_bytes_per_layer(header, context, kv_type, n) for n in range(layers)]
    gpu_cache = sum(caches[n] for n in offloaded)
    gpu = Need(gpu_weights, gpu_cache, _card_compute(sizes, context, wanted, held))
    host = Need(
        everything - moved,
        sum(caches) - gpu_cache,
        _host_compute(sizes, context, wanted, held),
    )
    return Placement(context, kv_type, layers, wanted, held, gpu, host, fits=True)


def best_placement(
    header: GgufHeader,
    *,
    vram_bytes: int,
    ram_bytes: int,
    context_tokens: int = 0,
    kv_type: str = "",
) -> Placement:
    """The best placement for a card with `vram_bytes` and memory of `ram_bytes` free.

    Everything on the card is best; then everything but the experts of as few blocks as
    possible; then as many blocks as fit. A cache of eight bits is used where it makes the
    difference, unless `kv_type` is given. A smaller window is tried only where none was asked
    for. `fits` is False where even memory alone is too small.
    """
    kinds = (kv_type,) if kv_type else KV_CHOICES
    window = context_for(header, context_tokens)
    last = None
    while True:
        for found in _candidates(header, window, kinds, vram_bytes):
            last = found
            if found.host.total <= ram_bytes:
                return found
        if context_tokens or window <= SMALLEST_CONTEXT_TOKENS or last is None:
            break
        window //= 2
    assert last is not None
    return replace(last, fits=False)


def layers_that_fit(header: GgufHeader, context_tokens: int, kv_type: str, free_bytes: int) -> int:
    """The largest n_gpu_layers that fits `free_bytes` of a card; -1 when all layers do."""
    found = next(_partial(header, context_tokens, kv_type, free_bytes - GPU_MARGIN_BYTES))
    return -1 if found.whole else found.gpu_layers


def experts_pattern(cpu_expert_layers: int) -> str:
    """The regular expression of the tensors that llama.cpp's --n-cpu-moe keeps off the card."""
    numbers = "|".join(str(n) for n in range(cpu_expert_layers))
    return rf"blk\.({numbers})\.ffn_(up|down|gate|gate_up)_(ch|)exps"


# -- inside


def _candidates(
    header: GgufHeader, window: int, kinds: tuple[str, ...], vram_bytes: int
) -> Iterator[Placement]:
    room = vram_bytes - GPU_MARGIN_BYTES
    if room > 0:
        for kind in kinds:
            whole = place(header, window, kind, gpu_layers=-1)
            if whole.gpu.total <= room:
                yield whole
        for kind in kinds:
            if (found := _experts_outside(header, window, kind, room)) is not None:
                yield found
        yield next(_partial(header, window, kinds[-1], room))
    for kind in kinds:
        yield place(header, window, kind, gpu_layers=0)


def _experts_outside(header: GgufHeader, window: int, kind: str, room: int) -> Placement | None:
    """All layers on the card but for the experts of as few blocks as possible."""
    if not any(_EXPERT.search(t.name) for t in header.tensors):
        return None
    low, high = 1, header.layers
    if place(header, window, kind, gpu_layers=-1, cpu_expert_layers=high).gpu.total > room:
        return None
    while low < high:
        middle = (low + high) // 2
        found = place(header, window, kind, gpu_layers=-1, cpu_expert_layers=middle)
        low, high = (low, middle) if found.gpu.total <= room else (middle + 1, high)
    return place(header, window, kind, gpu_layers=-1, cpu_expert_layers=low)


def _partial(header: GgufHeader, window: int, kind: str, room: int) -> Iterator[Placement]:
    """Placements with fewer and fewer layers on the card, from the first that fits on."""
    for count in range(header.layers + 1, -1, -1):
        found = place(header, window, kind, gpu_layers=count)
        if found.gpu.total <= max(0, room) or count == 0:
            yield found


def _has_output(header: GgufHeader) -> bool:
    return any(t.name == "output.weight" for t in header.tensors)


def _sizes(header: GgufHeader) -> _Sizes:
    at = header.architecture
    layers = header.layers
    blocks, experts = [0] * layers, [0] * layers
    output = embedding = other = 0
    for tensor in header.tensors:
        match = _BLOCK.match(tensor.name)
        if match and int(match[1]) < layers:
            into = experts if _EXPERT.search(tensor.name) else blocks
            into[int(match[1])] += tensor.size_bytes
        elif tensor.name.startswith("output"):
            output += tensor.size_bytes
        elif tensor.name == "token_embd.weight":
            embedding += tensor.size_bytes
        else:
            other += tensor.size_bytes
    if not _has_output(header):
        other += output  # the norm
        output = embedding
    heads = max(header.numbers(f"{at}.attention.head_count", 1))
    width = header.number(f"{at}.embedding_length")
    return _Sizes(
        blocks=tuple(blocks),
        experts=tuple(experts),
        output=output,
        embedding=embedding,
        other=other,
        width=width,
        inner=max(header.numbers(f"{at}.feed_forward_length")),
        heads=heads * header.number(f"{at}.attention.key_length", width // max(1, heads)),
        experts_used=header.number(f"{at}.expert_used_count"),
        expert_inner=max(header.numbers(f"{at}.expert_feed_forward_length")),
        masks=2 if header.number(f"{at}.attention.sliding_window") else 1,
    )


def _row(values: int) -> int:
    """Bytes of a batch of vectors."""
    return UBATCH_TOKENS * values * 4


def _mask(sizes: _Sizes, context: int) -> int:
    return sizes.masks * UBATCH_TOKENS * context * 2


def _feed_forward(sizes: _Sizes) -> int:
    """The widest moment of a block, beside the vectors that pass through it."""
    if sizes.experts_used and any(sizes.experts):
        used = sizes.experts_used
        return 2 * (_row(used * (sizes.expert_inner or sizes.inner)) + _row(used * sizes.width))
    return 3 * _row(sizes.inner)


def _host_compute(sizes: _Sizes, context: int, wanted: int, held: int) -> int:
    layers = len(sizes.blocks)
    if wanted <= layers:
        # The processor has whole blocks of its own.
        extra = 0 if any(sizes.experts) else 4 * _row(sizes.width)
        return _feed_forward(sizes) + extra + _mask(sizes, context)
    if held:
        used = _row(sizes.experts_used * sizes.width)
        inner = _row(sizes.experts_used * (sizes.expert_inner or sizes.inner))
        return inner + 2 * used + 2 * _row(sizes.width)
    return 2 * _row(sizes.width) + _mask(sizes, context)


def _card_compute(sizes: _Sizes, context: int, wanted: int, held: int) -> int:
    layers = len(sizes.blocks)
    if wanted <= 1:
        return wanted * 2 * _row(sizes.width)
    through = 3 if wanted > layers else 2
    if held >= layers:
        used = _row(sizes.experts_used * sizes.width)
        return used + 4 * _row(sizes.width) + _mask(sizes, context)
    extra = 0 if any(sizes.experts) else through * _row(sizes.width)
    return _feed_forward(sizes) + extra + _mask(sizes, context)
