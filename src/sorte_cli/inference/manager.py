"""Keeps the engines of the two roles: one set of weights for both, side by side, or in turns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType

from sorte_cli.errors import EnvironmentFailure, RefusedError, UsageError
from sorte_cli.inference.engine import Engine, ModelSpec, OnProgress, open_engine
from sorte_cli.inference.gguf import GgufHeader, read_header
from sorte_cli.inference.hardware import SMALL_MODEL_BYTES, backends, gpus, memory_bytes
from sorte_cli.inference.placement import (
    GPU_MARGIN_BYTES,
    RAM_MARGIN_SHARE,
    Fit,
    Need,
    layers_that_fit,
    need,
)
from sorte_cli.inference.roles import WithAdapters
from sorte_cli.inference.warm import WarmEngine, WarmStatus, statuses, stop
from sorte_cli.settings import ROLES, USUAL_ROLES

Adapters = tuple[tuple[str, float], ...]
AUTOMATIC_KEEP_ALIVE_S = 300.0


class ModelManager:
    """Engines by role, loaded when first asked for. A context manager: leaving it frees them."""

    def __init__(
        self,
        brain: ModelSpec,
        executor: ModelSpec,
        *,
        inline: bool = False,
        keep_alive_s: float = 0,
        routes: Mapping[str, str] = USUAL_ROLES,
        on_progress: OnProgress | None = None,
    ) -> None:
        """`keep_alive_s`: how long engines outlive this manager; 0: not at all, below 0:
        `AUTOMATIC_KEEP_ALIVE_S` for models that take a moment to load. `routes`: which role does
        which work, as `settings.routes` gives it.
        """
        self._specs = {"brain": brain, "executor": executor}
        self._adapters: dict[str, Adapters] = {}
        """What each role adds to the weights both share, where that differs."""
        if _same_file(brain, executor):
            shared = replace(brain, context_tokens=_wider(brain, executor))
            if brain.adapters != executor.adapters:
                shared = replace(shared, adapters=())
                self._adapters = {
                    role: tuple((str(path.absolute()), scale) for path, scale in spec.adapters)
                    for role, spec in self._specs.items()
                }
            self._specs = dict.fromkeys(ROLES, shared)
        self._routes = routes
        self._inline = inline
        self._keep_alive_s = keep_alive_s
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
        """The engine of a role, or of a kind of work ("plan", "review"; `settings.USUAL_ROLES`).

        Loads it, and frees the other where both do not fit. An engine that died is replaced.
        Raises what `open_engine` raises.
        """
        role = self._routes.get(role, role)
        if role not in self._specs:
            raise UsageError(f"there is no role {role!r}", hint=f"Use one of {', '.join(ROLES)}.")
        engine = self._engine(self._specs[role])
        if role in self._adapters:
            return WithAdapters(engine, self._adapters[role])
        return engine

    def _engine(self, spec: ModelSpec) -> Engine:
        engine = self._engines.get(spec)
        if engine is not None and engine.alive:
            return engine
        if engine is not None:
            self._engines.pop(spec).close()
        if self._engines and not self._fit_together():
            self._free(for_room=True)
        engine = self._open(spec)
        self._engines[spec] = engine
        return engine

    def fit(self, role: str) -> Fit:
        """Whether and how the role's model fits this machine; reads its header only."""
        spec = self._specs[role]
        if spec.url:
            return Fit(Need(), memory_bytes()[1], 0, 0)
        header = read_header(spec.path)
        placed = self._placed(spec)
        on_card = placed.gpu_layers if _card_bytes(free=True) else 0
        _, available = memory_bytes()
        return Fit(
            need(header, spec.context_tokens, spec.kv_type), available, header.layers, on_card
        )

    def close(self) -> None:
        """Frees all models, but for those that stay warm."""
        self._free()

    def _free(self, *, for_room: bool = False) -> None:
        """`for_room`: also ends warm engines, unless another terminal uses them."""
        while self._engines:
            _, engine = self._engines.popitem()
            if for_room and isinstance(engine, WarmEngine) and not engine.stop():
                raise EnvironmentFailure(
                    f"there is no room for two models, and {engine.info.name} is in use elsewhere",
                    hint="Wait for the other terminal, or see `sorte engine status`.",
                )
            engine.close()

    def _open(self, spec: ModelSpec) -> Engine:
        """A warm engine where that is wanted and possible, else one of our own."""
        if spec.url:
            return open_engine(spec)
        stay_s = self._stay_s(spec)
        if stay_s > 0:
            try:
                return WarmEngine(
                    spec, stay_s=stay_s, place=self._with_room, on_progress=self._on_progress
                )
            except RefusedError:
                pass  # the folder or socket is not ours alone: `sorte engine status` says more
        placed = self._with_room(spec)
        return open_engine(placed, inline=self._inline, on_progress=self._on_progress)

    def _stay_s(self, spec: ModelSpec) -> float:
        if self._inline or self._keep_alive_s == 0:
            return 0
        if self._keep_alive_s > 0:
            return self._keep_alive_s
        loads_slowly = read_header(spec.path).size_bytes >= SMALL_MODEL_BYTES
        return AUTOMATIC_KEEP_ALIVE_S if loads_slowly else 0

    def _with_room(self, spec: ModelSpec) -> ModelSpec:
        """The spec placed, after idle warm engines made the room it needs."""
        header = read_header(spec.path)
        wanted = need(header, spec.context_tokens, spec.kv_type).total
        for idle in self._idle_engines():
            card = _card_bytes(free=True)
            layers = (
                layers_that_fit(header, spec.context_tokens, spec.kv_type, card) if card else -1
            )
            if wanted <= memory_bytes()[1] and layers == -1:
                break
            stop(idle)
        return self._placed(spec)

    def _idle_engines(self) -> list[WarmStatus]:
        """Warm engines that nobody is connected to, the one that would leave first in front."""
        if self._inline:
            return []
        try:
            idle = [s for s in statuses() if not s.clients and not s.problem]
        except RefusedError:
            return []
        return sorted(idle, key=lambda s: s.left_s)

    def _fit_together(self) -> bool:
        """Whether both models fit at once, in memory and, where one is used, on the card."""
        if self._together is None:
            here = [s for s in self._specs.values() if not s.url]
            if len(here) < len(ROLES):
                return True
            headers = [(read_header(s.path), s) for s in here]
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


def _fits_card(header: GgufHeader, spec: ModelSpec) -> bool:
    """Whether all layers fit the card as it is now; True without one."""
    card = _card_bytes(free=True)
    return not card or layers_that_fit(header, spec.context_tokens, spec.kv_type, card) == -1


def _same_file(one: ModelSpec, other: ModelSpec) -> bool:
    if one.url or other.url:
        return one.url == other.url
    try:
        return one.path.samefile(other.path)
    except OSError:
        return one.path == other.path


def _wider(one: ModelSpec, other: ModelSpec) -> int:
    """The larger window; 0 (automatic) only where both leave it open."""
    return max(one.context_tokens, other.context_tokens)
