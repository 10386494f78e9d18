"""Keeps the engines of the two roles: one set of weights for both, side by side, or in turns."""

from __future__ import annotations

from dataclasses import replace
from types import TracebackType

from sorte_cli.errors import UsageError
from sorte_cli.inference.engine import Engine, ModelSpec, OnProgress, open_engine
from sorte_cli.inference.gguf import read_header
from sorte_cli.inference.hardware import backends, gpus, memory_bytes
from sorte_cli.inference.placement import GPU_MARGIN_BYTES, Fit, layers_that_fit, need

ROLES = ("brain", "executor")
RAM_MARGIN_SHARE = 0.1


class ModelManager:
    """Engines by role, loaded when first asked for. A context manager: leaving it frees them."""

    def __init__(
        self,
        brain: ModelSpec,
        executor: ModelSpec,
        *,
        inline: bool = False,
        on_progress: OnProgress | None = None,
    ) -> None:
        self._specs = {"brain": brain, "executor": executor}
        if _same_file(brain, executor):
            shared = replace(brain, context_tokens=_wider(brain, executor))
            self._specs = dict.fromkeys(ROLES, shared)
        self._inline = inline
        self._on_progress = on_progress
        self._engines: dict[ModelSpec, Engine] = {}
        self._together: bool | None = None

    def __enter__(self) -> ModelManager:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def shared(self) -> bool:
        """True when one set of weights plays both roles."""
        return self._specs["brain"] == self._specs["executor"]

    def engine(self, role: str) -> Engine:
        """The engine of "brain" or "executor"; loads it, and frees the other where both do not fit.

        An engine that died is replaced. Raises what `open_engine` raises.
        """
        if role not in self._specs:
            raise UsageError(f"there is no role {role!r}", hint=f"Use one of {', '.join(ROLES)}.")
        spec = self._specs[role]
        engine = self._engines.get(spec)
        if engine is not None and engine.alive:
            return engine
        if engine is not None:
            self._engines.pop(spec).close()
        if self._engines and not self._fit_together():
            self._free()
        engine = open_engine(self._placed(spec), inline=self._inline, on_progress=self._on_progress)
        self._engines[spec] = engine
        return engine

    def fit(self, role: str) -> Fit:
        """Whether and how the role's model fits this machine; reads its header only."""
        spec = self._specs[role]
        header = read_header(spec.path)
        placed = self._placed(spec)
        on_card = placed.gpu_layers if _card_bytes(free=True) else 0
        _, available = memory_bytes()
        return Fit(
            need(header, spec.context_tokens, spec.kv_type), available, header.layers, on_card
        )

    def close(self) -> None:
        """Frees all models."""
        self._free()

    def _free(self) -> None:
        while self._engines:
            _, engine = self._engines.popitem()
            engine.close()

    def _fit_together(self) -> bool:
        """Whether both models fit at once, in memory and, where one is used, on the card."""
        if self._together is None:
            headers = [(read_header(s.path), s) for s in self._specs.values()]
            wanted = sum(need(h, s.context_tokens, s.kv_type).total for h, s in headers)
            ram_total, _ = memory_bytes()
            self._together = wanted <= ram_total * (1 - RAM_MARGIN_SHARE)
            card = _card_bytes(free=False)
            if card and all(s.gpu_layers for _, s in headers):
                # A card that holds neither model whole is shared by layers, not by turns.
                sizes = [need(h, s.context_tokens, s.kv_type).total for h, s in headers]
                room = card - GPU_MARGIN_BYTES
                if any(size <= room for size in sizes):
                    self._together = self._together and sum(sizes) <= room
        return self._together

    def _placed(self, spec: ModelSpec) -> ModelSpec:
        """The spec with as many layers on the card as fit, where it leaves that to us."""
        free = _card_bytes(free=True)
        if spec.gpu_layers != -1 or not free:
            return spec
        layers = layers_that_fit(read_header(spec.path), spec.context_tokens, spec.kv_type, free)
        return replace(spec, gpu_layers=layers)


def _card_bytes(*, free: bool) -> int:
    """Memory of the graphics cards this build can use; 0 where it can use none."""
    if not backends() - {"cpu", "base", "rpc", "blas"}:
        return 0
    return sum(g.free_bytes if free else g.total_bytes for g in gpus())


def _same_file(one: ModelSpec, other: ModelSpec) -> bool:
    try:
        return one.path.samefile(other.path)
    except OSError:
        return one.path == other.path


def _wider(one: ModelSpec, other: ModelSpec) -> int:
    """The larger window; 0 (automatic) only where both leave it open."""
    return max(one.context_tokens, other.context_tokens)
