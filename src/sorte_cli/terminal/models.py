"""Models for people: lists, headers, and how a model fits a machine."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sorte_cli.errors import UsageError
from sorte_cli.inference.gguf import GgufHeader
from sorte_cli.inference.models import FoundModel
from sorte_cli.inference.pairing import NEITHER, ONE, TOGETHER, TURNS, Pair
from sorte_cli.inference.placement import Need, Placement
from sorte_cli.inference.recommend import Tier
from sorte_cli.inference.tuning import Tuning
from sorte_cli.inference.warm import WarmStatus
from sorte_cli.terminal import tables
from sorte_cli.terminal import tiers as tiers_in_words
from sorte_cli.terminal.sizes import megabytes
from sorte_cli.terminal.style import safe
from sorte_cli.terminal.translate import _, plural

GIB, MIB = 1024**3, 1024**2
_UNITS = {"": GIB, "G": GIB, "GB": 1000**3, "GIB": GIB, "M": MIB, "MB": 1000**2, "MIB": MIB}
_SIZE = re.compile(r"(\d+(?:[.,]\d+)?)\s*([A-Za-z]*)\Z")
MAX_SIZE_BYTES = 1 << 50
LICENCE_LINES = 1


def read_size(text: str, option: str) -> int:
    """ "8GiB", "8 GB", "8192MiB" or "8" (GiB) as bytes. Raises UsageError."""
    match = _SIZE.match(text.strip())
    unit = _UNITS.get(match[2].upper()) if match else None
    if match is None or unit is None:
        raise UsageError(
            _("{option} is a size like 8GiB, not {text!r}").format(option=option, text=text)
        )
    amount = int(float(match[1].replace(",", ".")) * unit)
    if amount > MAX_SIZE_BYTES:
        raise UsageError(_("{option} is more memory than there is").format(option=option))
    return amount


def gib(count: int) -> str:
    """Bytes as "4.41 GiB"."""
    return f"{count / GIB:.2f} GiB" if count else "-"


# -- what there is


def list_as_json(models: Sequence[tuple[FoundModel, GgufHeader | None, str]]) -> dict[str, Any]:
    rows = [
        {
            "name": model.name,
            "source": model.source,
            "path": str(model.path),
            "size_bytes": header.size_bytes if header else None,
            "architecture": header.architecture if header else None,
            "quantisation": header.quantisation if header else None,
            "parameters": header.parameters if header else None,
            "problem": problem,
        }
        for model, header, problem in models
    ]
    return {"ok": True, "models": rows}


def list_of_models(models: Sequence[tuple[FoundModel, GgufHeader | None, str]]) -> str:
    rows, styles = [], []
    for model, header, problem in models:
        if header is None:
            rows.append([safe(model.name), model.source, "-", "-", safe(problem)])
            styles.append(["", "dim", "", "", "bad"])
            continue
        size, kind = f"{header.size_bytes / 1e9:.2f} GB", safe(header.quantisation)
        rows.append([safe(model.name), model.source, size, kind, safe(str(model.path))])
        styles.append(["accent", "dim", "", "", "dim"])
    headings = [_("model"), _("from"), _("size"), _("type"), _("file")]
    return tables.render(headings, rows, styles=styles, wrap=True)


# -- one model


def header_as_json(header: GgufHeader) -> dict[str, Any]:
    at = header.architecture
    return {
        "ok": True,
        "path": str(header.path),
        "name": header.name,
        "architecture": at,
        "parameters": header.parameters,
        "quantisation": header.quantisation,
        "size_bytes": header.size_bytes,
        "layers": header.layers,
        "context_tokens": header.trained_context_tokens,
        "experts": header.number(f"{at}.expert_count"),
        "experts_used": header.number(f"{at}.expert_used_count"),
        "licence": licence(header),
        "template": header.chat_template,
        "fingerprint": header.fingerprint,
        "tensors": len(header.tensors),
    }


def licence(header: GgufHeader) -> str:
    """What the file says of its licence; often the first line of the whole text."""
    for key in ("general.license", "general.license.name"):
        if text := header.text(key).strip():
            return text
    return ""


def header_of_model(
    header: GgufHeader, *, with_template: bool, says: Mapping[str, str] | None = None
) -> str:
    """`says`: what its Modelfile settles, where it was made from one."""
    at = header.architecture
    experts = header.number(f"{at}.expert_count")
    kind = at
    if experts:
        kind += ", " + _("{used} of {count} experts a token").format(
            used=header.number(f"{at}.expert_used_count"), count=experts
        )
    lines = {
        _("name"): header.name,
        _("file"): str(header.path),
        _("architecture"): kind,
        _("parameters"): f"{header.parameters / 1e9:.2f} B"
        if header.parameters >= 1e8
        else f"{header.parameters:,}",
        _("type"): header.quantisation,
        _("size"): f"{header.size_bytes / 1e9:.2f} GB",
        _("layers"): str(header.layers),
        _("window"): plural("{count} token", "{count} tokens", header.trained_context_tokens),
        _("licence"): (licence(header).splitlines() or [_("not stated")])[0][:200],
        _("template"): _("{count} characters; --template shows it").format(
            count=len(header.chat_template)
        )
        if header.chat_template
        else _("none; a plain one is used"),
    }
    if says:
        lines[_("Modelfile")] = ", ".join(f"{name} {value}" for name, value in says.items())
    width = max(map(len, lines))
    text = "\n".join(f"{name.ljust(width)}  {safe(value)}" for name, value in lines.items())
    if with_template and header.chat_template:
        text += "\n\n" + safe(header.chat_template)
    return text


# -- how it fits


def _need_as_json(need: Need) -> dict[str, int]:
    return {
        "weights_bytes": need.weights,
        "cache_bytes": need.cache,
        "compute_bytes": need.compute,
        "total_bytes": need.total,
    }


def placement_as_json(name: str, placement: Placement, tokens_per_s: float) -> dict[str, Any]:
    return {
        "model": name,
        "fits": placement.fits,
        "context_tokens": placement.context_tokens,
        "batch_tokens": placement.batch_tokens,
        "kv_type": placement.kv_type,
        "layers": placement.layers + 1,
        "gpu_layers": placement.gpu_layers,
        "cpu_expert_layers": placement.cpu_expert_layers,
        "gpu": _need_as_json(placement.gpu),
        "host": _need_as_json(placement.host),
        "tokens_per_s": round(tokens_per_s, 1),
    }


def pair_sentence(pair: Pair) -> str:
    """How two models share the machine, in a sentence."""
    return {
        ONE: _("one set of weights plays both roles"),
        TOGETHER: _("both stay loaded side by side"),
        TURNS: _("they take turns: a run changes models at most twice"),
        NEITHER: _("they do not fit this machine"),
    }[pair.mode]


def placement_table(rows: Sequence[tuple[str, Placement, float]]) -> str:
    """One column a model."""
    lines: list[list[str]] = []

    def line(title: str, values: Sequence[str]) -> None:
        lines.append([title, *values])

    placements = [placement for _name, placement, _speed in rows]
    line(_("layers on the card"), [_layers(p) for p in placements])
    if any(p.cpu_expert_layers for p in placements):
        line(_("experts in memory"), [_experts(p) for p in placements])
    line(
        _("window"),
        [plural("{count} token", "{count} tokens", p.context_tokens) for p in placements],
    )
    line(_("cache type, batch"), [f"{p.kv_type}, {p.batch_tokens}" for p in placements])
    for title, share in ((_("card"), "gpu"), (_("memory"), "host")):
        needs = [getattr(p, share) for p in placements]
        if any(n.total for n in needs):
            line(_("{device}: weights").format(device=title), [gib(n.weights) for n in needs])
            line(_("{device}: cache").format(device=title), [gib(n.cache) for n in needs])
            line(_("{device}: computing").format(device=title), [gib(n.compute) for n in needs])
            line(_("{device}: in all").format(device=title), [gib(n.total) for n in needs])
    line(
        _("estimated speed"),
        [
            _("{rate} tokens/s").format(rate=f"{speed:.1f}") if place.fits else "-"
            for _name, place, speed in rows
        ],
    )
    line(_("fits"), [_("yes") if p.fits else _("no") for p in placements])
    return tables.render(["", *(safe(name) for name, _place, _speed in rows)], lines)


def report_as_json(report: Mapping[str, Need]) -> dict[str, Any]:
    return {device: _need_as_json(need) for device, need in report.items()}


def report_sentence(name: str, placement: Placement, report: Mapping[str, Need] | None) -> str:
    """llama.cpp's own figures beside ours."""
    if report is None:
        return _("{name}: this build of llama.cpp cannot be asked").format(name=safe(name))
    theirs = sum(need.total for need in report.values())
    return _("{name}: llama.cpp says {theirs} in all, this table {ours}").format(
        name=safe(name), theirs=gib(theirs), ours=gib(placement.total_bytes)
    )


def _layers(placement: Placement) -> str:
    return _("{on} of {count}").format(on=placement.gpu_layers, count=placement.layers + 1)


def _experts(placement: Placement) -> str:
    if not placement.cpu_expert_layers:
        return "-"
    return plural(
        "of the first {count} block", "of the first {count} blocks", placement.cpu_expert_layers
    )


# -- what is warm


def table_of_engines(found: Sequence[WarmStatus]) -> str:
    rows, styles = [], []
    for engine in found:
        if engine.problem:
            rows.append([safe(engine.socket.name), "-", "-", "-", safe(engine.problem)])
            styles.append(["", "", "", "", "bad"])
            continue
        if engine.busy:
            state = _("computing")
        elif engine.clients:
            state = plural("{count} connection", "{count} connections", engine.clients)
        elif not engine.loaded:
            state = _("loading")
        else:
            state = _("idle, {count} s left").format(count=round(engine.left_s))
        name = Path(engine.model).name
        memory = megabytes(engine.memory_bytes)
        rows.append([safe(name), str(engine.pid), memory, str(engine.served), state])
        styles.append(["accent", "dim", "", "", ""])
    headings = [_("model"), _("process"), _("memory"), _("answers"), _("state")]
    return tables.render(headings, rows, styles=styles, wrap=True)


def tuning_as_json(found: Tuning) -> dict[str, Any]:
    return asdict(found)


def table_of_tuning(found: Tuning) -> str:
    rows = []
    for number, ms in found.generate_ms.items():
        marks = [
            _("best to write") if number == found.threads else "",
            _("best to read") if number == found.prompt_threads else "",
        ]
        prompt = found.prompt_ms[number]
        shown = ", ".join(filter(None, marks))
        rows.append([str(number), f"{1000 / ms:.1f}", f"{1000 / prompt:.1f}", shown])
    headings = [_("threads"), _("written tokens/s"), _("read tokens/s"), ""]
    table = tables.render(headings, rows)
    return (
        table
        + "\n\n"
        + _("measured with {model}; every later run uses it").format(model=safe(found.model))
    )


# -- what to take


def tiers_as_json(tiers: Sequence[Tier], own: Tier) -> dict[str, Any]:
    def model(which: Any) -> dict[str, Any]:
        return {
            "model": which.model,
            "gigabytes": which.gigabytes,
            "why": tiers_in_words.reason(which.model),
            "source": which.source,
        }

    return {
        "ok": True,
        "tier": own.id,
        "tiers": [
            {
                "id": tier.id,
                "title": tiers_in_words.title(tier.id),
                "vram_bytes": tier.vram_bytes,
                "ram_bytes": tier.ram_bytes,
                "brain": model(tier.brain),
                "executor": model(tier.executor),
                "modelfiles": tier.modelfiles,
            }
            for tier in tiers
        ],
    }


def table_of_tiers(tiers: Sequence[Tier], own: Tier) -> str:
    rows, styles = [], []
    for tier in tiers:
        mark = "→ " if tier is own else "  "
        shared = tier.brain is tier.executor
        for role, which in ((_("brain"), tier.brain), (_("executor"), tier.executor)):
            if shared and which is tier.executor:
                role = _("both")
            rows.append([mark + tier.id, role, f"{which.gigabytes:g} GB", which.model])
            styles.append(["good" if tier is own else "", "", "", "accent"])
            mark = "  "
            if shared:
                break
    headings = [_("machine"), _("role"), _("size"), _("model")]
    return tables.render(headings, rows, styles=styles, wrap=True)


def advice(own: Tier) -> str:
    """The own tier in words, with sources and the next command."""
    title = tiers_in_words.title(own.id)
    lines = [_("This machine counts as: {title}.").format(title=title)]
    for which in dict.fromkeys((own.brain, own.executor)):
        lines.append(f"  {which.model}: {tiers_in_words.reason(which.model)} ({which.source})")
    lines.append(_("Fetch one: sorte models pull {model}").format(model=own.executor.model))
    return "\n".join(lines)
