"""Answers `sorte models fit`: asks the arithmetic about this machine or an imagined one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sorte_cli.errors import UsageError
from sorte_cli.inference.gguf import GgufHeader, read_header
from sorte_cli.inference.hardware import Hardware, backends, hardware
from sorte_cli.inference.pairing import NEITHER, ONE, Pair, Wish, pair
from sorte_cli.inference.placement import RAM_MARGIN_SHARE, Need, Placement, best_placement
from sorte_cli.inference.reported import reported
from sorte_cli.inference.specs import created_model, local_spec
from sorte_cli.inference.speed import DEFAULT_RAM_GB_S, gpu_gigabytes_per_s, tokens_per_s
from sorte_cli.terminal import models
from sorte_cli.terminal.translate import _

KV_TYPES = ("f32", "f16", "bf16", "q8_0", "q4_0")
_NOT_GPU = {"cpu", "base", "rpc", "blas"}


@dataclass(frozen=True, slots=True)
class Question:
    """One or two names, and what was asked of their placement. None: this machine's own."""

    names: Sequence[str]
    context_tokens: int
    kv_type: str
    vram_bytes: int | None
    ram_bytes: int | None
    check: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """The same answer for a person and as data."""

    fits: bool
    text: str
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Room:
    vram_bytes: int
    ram_bytes: int
    gpu_gb_s: float
    note: str


def answer(question: Question) -> Answer:
    """Reads headers only. Raises EnvironmentFailure for models that are not there."""
    if question.kv_type and question.kv_type not in KV_TYPES:
        raise UsageError(
            _("there is no cache type {name!r}").format(name=question.kv_type),
            hint=_("one of {names}").format(names=", ".join(KV_TYPES)),
        )
    headers = [read_header(local_spec(name).path) for name in question.names]
    room = _room(question)
    wishes = [_wish(n, h, question) for n, h in zip(question.names, headers, strict=True)]
    shared: Pair | None = None
    if len(wishes) == 2:
        shared = pair(*wishes, vram_bytes=room.vram_bytes, ram_bytes=room.ram_bytes)
        placements = [shared.brain, shared.executor]
    else:
        placements = [
            best_placement(
                headers[0],
                vram_bytes=room.vram_bytes,
                ram_bytes=room.ram_bytes,
                context_tokens=wishes[0].context_tokens,
                kv_type=wishes[0].kv_type,
            )
        ]
    speeds = [
        tokens_per_s(h, p, gpu_gb_s=room.gpu_gb_s, ram_gb_s=DEFAULT_RAM_GB_S)
        for h, p in zip(headers, placements, strict=True)
    ]
    fits = all(p.fits for p in placements) and (shared is None or shared.mode != NEITHER)
    rows = list(zip(question.names, placements, speeds, strict=True))
    reports = None
    if question.check:
        reports = [reported(h.path, p) for h, p in zip(headers, placements, strict=True)]
    return Answer(
        fits,
        _text(rows, shared, room, reports),
        _document(rows, shared, room, fits, reports),
    )


Row = tuple[str, Placement, float]
Reports = Sequence[Mapping[str, Need] | None]


def _wish(name: str, header: GgufHeader, question: Question) -> Wish:
    """What was asked for, else what the model's Modelfile says."""
    created = created_model(name)
    kv_type = created.modelfile.metadata.get("kv", "") if created is not None else ""
    return Wish(
        header,
        question.context_tokens or local_spec(name).context_tokens,
        question.kv_type or kv_type,
    )


def _room(question: Question) -> _Room:
    """The memory to plan with. What is imagined counts as a machine that does nothing else."""
    machine = hardware()
    usable = bool(backends() - _NOT_GPU)
    note = ""
    if question.vram_bytes is not None:
        vram = question.vram_bytes
        note = _("an imagined card of {size}").format(size=models.gib(vram))
    elif usable and machine.gpus:
        vram = sum(g.free_bytes for g in machine.gpus)
        note = _("{name}, {free} free").format(name=machine.gpus[0].name, free=models.gib(vram))
    else:
        vram = 0
        note = _without_card(machine)
    if question.ram_bytes is not None:
        ram = question.ram_bytes * (1 - RAM_MARGIN_SHARE)
    else:
        ram = min(machine.ram_available_bytes, machine.ram_total_bytes * (1 - RAM_MARGIN_SHARE))
    name = machine.gpus[0].name if machine.gpus and question.vram_bytes is None else ""
    return _Room(vram, int(ram), gpu_gigabytes_per_s(name), note)


def _without_card(machine: Hardware) -> str:
    if machine.gpus:
        return _("{name} is there, but this build of llama.cpp cannot use it").format(
            name=machine.gpus[0].name
        )
    return _("no graphics card")


def _text(rows: Sequence[Row], shared: Pair | None, room: _Room, reports: Reports | None) -> str:
    parts = [
        f"{room.note}; " + _("{size} of memory to use").format(size=models.gib(room.ram_bytes)),
        "",
        models.placement_table(rows if shared is None or shared.mode != ONE else rows[:1]),
    ]
    if shared is not None:
        parts += ["", models.pair_sentence(shared)]
    for (name, placement, _speed), report in zip(rows, reports or [], strict=False):
        parts += ["", models.report_sentence(name, placement, report)]
    if not all(p.fits for _name, p, _speed in rows):
        parts.append(_("take a smaller model or file type, or a smaller window with --ctx"))
    return "\n".join(parts)


def _document(
    rows: Sequence[Row],
    shared: Pair | None,
    room: _Room,
    fits: bool,
    reports: Reports | None,
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ok": True,
        "fits": fits,
        "vram_bytes": room.vram_bytes,
        "ram_bytes": room.ram_bytes,
        "mode": shared.mode if shared is not None else None,
        "models": [models.placement_as_json(*row) for row in rows],
    }
    for entry, report in zip(found["models"], reports or [], strict=False):
        entry["llama_cpp"] = None if report is None else models.report_as_json(report)
    return found
