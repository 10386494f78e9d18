"""Tells which model is being loaded, how large it is, and where it goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from sorte_cli.errors import SorteError
from sorte_cli.inference import ModelSpec
from sorte_cli.inference.gguf import read_header
from sorte_cli.inference.hardware import hardware

TOLD_BYTES = 500_000_000
"""Smaller models are there before their size could be read."""


class Tells(Protocol):
    """The part of an Observer that is needed here."""

    def event(self, name: str, **data: Any) -> None: ...


class Loading:
    """Called with the part that is loaded, 0 to 1; `specs` in the order in which they are loaded.

    Each call becomes an event `model_load` with `fraction`, and for a large model `model`,
    `size_bytes` and `device` (the graphics card's name, or "" for the processor).
    """

    def __init__(self, observer: Tells, specs: Sequence[ModelSpec]) -> None:
        self._observer = observer
        self._waiting = list(dict.fromkeys(specs))
        self._last = 1.0
        self._facts: dict[str, Any] = {}

    def __call__(self, fraction: float) -> None:
        if fraction < self._last and self._last >= 1.0 and self._waiting:
            self._facts = _facts(self._waiting.pop(0))
        self._last = fraction
        self._observer.event("model_load", fraction=fraction, **self._facts)


def _facts(spec: ModelSpec) -> dict[str, Any]:
    try:
        header = read_header(spec.path)
    except SorteError:
        return {}  # said by the load itself
    if header.size_bytes < TOLD_BYTES:
        return {}
    gpus = hardware().gpus if spec.gpu_layers != 0 else ()
    device = gpus[0].name if gpus else ""
    return {"model": spec.path.stem, "size_bytes": header.size_bytes, "device": device}
