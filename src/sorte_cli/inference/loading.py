"""From a spec to a loaded model: refused where it cannot fit, with fewer layers where a card is
too small.
"""

from __future__ import annotations

from dataclasses import replace

from sorte_cli.inference.engine import ModelLoadError, ModelSpec, OnProgress
from sorte_cli.inference.gguf import GgufHeader
from sorte_cli.inference.hardware import inference_threads, memory_bytes
from sorte_cli.inference.native import Model
from sorte_cli.inference.placement import context_for, place

MAX_CONTEXT_TOKENS = 1 << 24


def load_model(spec: ModelSpec, header: GgufHeader, on_progress: OnProgress | None) -> Model:
    """The model, with fewer layers on the graphics card where its memory turns out too small."""
    if not 0 <= spec.context_tokens <= MAX_CONTEXT_TOKENS:
        raise ModelLoadError(
            f"a context of {spec.context_tokens} tokens makes no sense",
            hint="Use 0 for the model's own, or a number such as 8192.",
        )
    if not spec.workers:
        _must_fit(spec, header)
    layers = [spec.gpu_layers]
    if spec.gpu_layers and Model.can_offload():
        most = spec.gpu_layers if spec.gpu_layers > 0 else header.layers
        layers = list(dict.fromkeys([spec.gpu_layers, most * 3 // 4, most // 2, 0]))
    for attempt in layers:
        try:
            return Model(
                replace(spec, gpu_layers=attempt),
                context_tokens=context_for(header, spec.context_tokens),
                threads=inference_threads(header.size_bytes, spec.threads),
                on_progress=on_progress,
                header=header,
            )
        except ModelLoadError as error:
            if attempt == layers[-1] or not error.out_of_memory:
                raise
    raise AssertionError("the last attempt returns or raises")


def _must_fit(spec: ModelSpec, header: GgufHeader) -> None:
    """Raises ModelLoadError for what the machine's memory can never hold: the kernel would end
    some process for it, or everything would wait for the disk.
    """
    wanted = place(
        header,
        spec.context_tokens,
        spec.kv_type,
        gpu_layers=spec.gpu_layers if Model.can_offload() else 0,
        cpu_expert_layers=spec.cpu_expert_layers,
    )
    total, _free = memory_bytes()
    if wanted.host.total > total > 0:
        raise ModelLoadError(
            f"{header.name} with a window of {wanted.context_tokens:,} tokens needs "
            f"{wanted.host.total / 1e9:.1f} GB of memory, and this machine has {total / 1e9:.1f}",
            hint="Lower context_tokens, or choose a smaller model: `sorte models recommend`.",
        )
