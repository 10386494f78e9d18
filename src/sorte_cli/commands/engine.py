"""`sorte engine`: the processes and files that make the next command start at once."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from sorte_cli.terminal.translate import _, plural

HELP = _(
    "See and stop what Sorte keeps warm: loaded models, and prompts it has read.\n\n"
    "After a command the model stays loaded for a while (setting `keep_alive`, in seconds; 0 "
    "turns it off), so that the next one starts at once. Small models are not kept: they load in "
    "a moment."
)

_Json = Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))]


def status(as_json: _Json = False) -> None:
    from dataclasses import asdict

    from sorte_cli.inference.warm import statuses
    from sorte_cli.terminal import models, output

    found = statuses()
    if as_json:
        rows = [asdict(s) | {"socket": str(s.socket)} for s in found]
        output.say_json({"ok": True, "engines": rows})
    elif found:
        output.say(models.table_of_engines(found))
    else:
        output.say(_("no model is loaded"))


def stop(
    force: Annotated[
        bool, typer.Option("--force", help=_("Also where another terminal uses it."))
    ] = False,
    as_json: _Json = False,
) -> None:
    from sorte_cli.inference import warm
    from sorte_cli.terminal import output

    found = [s for s in warm.statuses() if not s.problem]
    stopped = [s for s in found if warm.stop(s, force=force)]
    kept = len(found) - len(stopped)
    if as_json:
        output.say_json({"ok": not kept, "stopped": [s.pid for s in stopped], "in_use": kept})
    else:
        output.say(plural("{count} model was freed", "{count} models were freed", len(stopped)))
        if kept:
            text = plural(
                "{count} is in use by another terminal; --force ends it",
                "{count} are in use by other terminals; --force ends them",
                kept,
            )
            output.say(text, to_stderr=True)
    raise typer.Exit(1 if kept else 0)


def cache(
    clear: Annotated[bool, typer.Option("--clear", help=_("Delete them all."))] = False,
    as_json: _Json = False,
) -> None:
    from sorte_cli.inference.prefixes import BUDGET_BYTES, clear_prefixes, kept_prefixes
    from sorte_cli.paths import cache_dir
    from sorte_cli.terminal import output
    from sorte_cli.terminal.sizes import megabytes

    folder = cache_dir() / "prefixes"
    freed = clear_prefixes(folder) if clear else 0
    found = kept_prefixes(folder)
    if as_json:
        rows = [{"file": str(f), "size_bytes": size, "used": used} for f, size, used in found]
        document = {"ok": True, "folder": str(folder), "budget_bytes": BUDGET_BYTES}
        output.say_json({**document, "freed_bytes": freed, "prefixes": rows})
        return
    if clear:
        output.say(_("{size} are free again").format(size=megabytes(freed)))
        return
    total = megabytes(sum(size for _file, size, _used in found))
    text = plural("{count} prompt that was read", "{count} prompts that were read", len(found))
    budget = megabytes(BUDGET_BYTES)
    output.say(
        _("{prompts}, {size} of at most {budget}, in {folder}").format(
            prompts=text, size=total, budget=budget, folder=folder
        )
    )


def tune(
    model: Annotated[
        str, typer.Argument(metavar=_("MODEL"), help=_("The model to measure with."))
    ] = "",
    as_json: _Json = False,
) -> None:
    from sorte_cli.commands.tuning import measure
    from sorte_cli.settings import load_settings
    from sorte_cli.terminal import models, output
    from sorte_cli.terminal.spinner import Spinner

    settings, _notes = load_settings(None)
    spinner = Spinner(enabled=output.wants_animation(sys.stderr))
    try:
        found = measure(
            model or settings.executor_name,
            lambda count: spinner.show(plural("{count} thread", "{count} threads", count)),
        )
    finally:
        spinner.stop()
    if as_json:
        output.say_json({"ok": True, **models.tuning_as_json(found)})
    else:
        output.say(models.table_of_tuning(found))


ACTIONS = {
    "status": (status, _("Models that are loaded, for how long, and who uses them.")),
    "stop": (stop, _("Free the models that nobody uses.")),
    "cache": (cache, _("Prompts that were read and kept on disk.")),
    "tune": (tune, _("Measure how many threads suit this machine, and keep it.")),
}
