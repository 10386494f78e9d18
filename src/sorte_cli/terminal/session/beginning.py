"""For somebody new who has nano only: what this machine could run, and, after a yes, getting it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sorte_cli.terminal import output
from sorte_cli.terminal.session.view import LiveLine
from sorte_cli.terminal.style import safe
from sorte_cli.terminal.translate import _, plural

if TYPE_CHECKING:
    from sorte_cli.inference.hardware import Hardware
    from sorte_cli.inference.models import FoundModel
    from sorte_cli.inference.recommend import Recommended
    from sorte_cli.terminal.session.view import Sender

GB = 1000**3
LOOK_EVERY_S = 0.5
NAMED = 3


def offer(link: Sender, brain: str) -> dict[str, Any]:
    """Look at the machine, and offer the models that fit. `brain` is the one that is set.

    Nothing is fetched without a yes. Raises what `inference.pull` raises after one.
    """
    if brain != "nano":
        return {}
    from sorte_cli.inference.hardware import hardware
    from sorte_cli.inference.models import list_models
    from sorte_cli.inference.recommend import tier_for
    from sorte_cli.terminal import tiers

    machine = hardware()
    card = sum(gpu.total_bytes for gpu in machine.gpus)
    tier = tier_for(card, machine.ram_total_bytes)
    output.say(f"  {in_words(machine)}")
    here = [m for m in list_models() if m.name != "nano"]
    if here:
        _name_those_here(here)
        return {}
    wanted = tuple(dict.fromkeys((tier.brain, tier.executor)))
    for model in wanted:
        output.say(f"  {safe(model.model)} ({model.gigabytes:.1f} GB)")
        output.say(f"    {tiers.reason(model.model)}")
    question = plural(
        "Fetch it from Hugging Face now? Without it, nano makes simple changes.",
        "Fetch them from Hugging Face now? Without them, nano makes simple changes.",
        len(wanted),
    )
    if link.ask("yes", question) is not True:
        output.say(_("nano it is; `sorte models recommend` says this again at any time"))
        return {}
    for model in wanted:
        _fetch(link, model)
    _set({"brain": tier.brain.model, "executor": tier.executor.model})
    output.say(_("these models are set from now on; /model chooses others"))
    return {"models": [tier.brain.model, tier.executor.model]}


def in_words(machine: Hardware) -> str:
    """What this machine has, in one line."""
    cores = plural("{count} core", "{count} cores", machine.physical_cores)
    memory = _("{size} GB of memory").format(size=round(machine.ram_total_bytes / 1024**3))
    cards = ", ".join(f"{safe(g.name)} ({round(g.total_bytes / 1024**3)} GB)" for g in machine.gpus)
    return _("This machine: {cores}, {memory}, {cards}.").format(
        cores=cores, memory=memory, cards=cards or _("no graphics card")
    )


def _name_those_here(here: list[FoundModel]) -> None:
    names = ", ".join(safe(m.name) for m in here[:NAMED])
    more = "" if len(here) <= NAMED else f" (+{len(here) - NAMED})"
    output.say("  " + _("Models that are here already: {names}").format(names=names + more))
    output.say("  " + _("use one: /model {name}").format(name=safe(here[0].name)))


def _fetch(link: Sender, model: Recommended) -> None:
    from sorte_cli.inference.pull import pull

    live = LiveLine(link)
    try:
        with _progress(live, model):
            pull(model.model)
    finally:
        live.stop()


def _set(values: Mapping[str, str]) -> None:
    from sorte_cli import configuring

    for name, value in values.items():
        configuring.set_value(name, value)


@contextmanager
def _progress(live: LiveLine, model: Recommended) -> Iterator[None]:
    """While inside, the live line says how much of a model has arrived."""
    done = threading.Event()
    folder = _folder(model.model)
    total = model.gigabytes * GB

    def look() -> None:
        while not done.is_set():
            got = _arrived(folder)
            share = f"{min(got / total, 1):.0%}"
            live.show(
                _("fetching {model}: {got} of {total} GB, {share}").format(
                    model=safe(model.model.rpartition("/")[2]),
                    got=f"{got / GB:.1f}",
                    total=f"{model.gigabytes:.1f}",
                    share=share,
                )
            )
            done.wait(LOOK_EVERY_S)

    thread = threading.Thread(target=look, name="sorte-fetching", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _folder(model: str) -> Path:
    """Where the Hugging Face cache collects a repository's files."""
    import os

    home = os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface"
    cache = os.environ.get("HF_HUB_CACHE") or Path(home) / "hub"
    repository = model.partition(":")[0].replace("/", "--")
    return Path(cache) / f"models--{repository}" / "blobs"


def _arrived(folder: Path) -> int:
    try:
        return sum(p.stat().st_size for p in folder.iterdir())
    except OSError:
        return 0  # not there yet, or a file that was just renamed
