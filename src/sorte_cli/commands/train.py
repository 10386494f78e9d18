"""`sorte train`: learn from this project's runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sorte_cli.terminal import output
from sorte_cli.terminal.translate import _

HELP = _(
    "Learn from this project's runs: a small adapter for the model, trained on this machine.\n\n"
    "What you accepted, corrected or took back becomes pairs of a sentence and its right answer. "
    "Some are held out; the adapter is put in force only if it does better on those, and loses at "
    "most a point elsewhere. nano needs nothing besides; other models need their Hugging Face "
    "weights and pip install 'sorte-cli[train]'.\n\n"
    "Example:  sorte train --status"
)


def run(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help=_("With --activate: which adapter."))
    ] = "",
    status: Annotated[bool, typer.Option("--status", help=_("What is in force here."))] = False,
    listed: Annotated[
        bool, typer.Option("--list", help=_("All adapters of this project."))
    ] = False,
    pairs: Annotated[
        bool, typer.Option("--pairs", help=_("What the runs teach, without training."))
    ] = False,
    activate: Annotated[
        bool, typer.Option("--activate", help=_("Put NAME in force, or the latest that is better."))
    ] = False,
    rollback: Annotated[
        bool, typer.Option("--rollback", help=_("Put in force what was before."))
    ] = False,
    off: Annotated[bool, typer.Option("--off", help=_("Work without an adapter."))] = False,
    brain: Annotated[
        str, typer.Option("--brain", metavar=_("MODEL"), help=_("The model to train for."))
    ] = "",
    base: Annotated[
        Path | None,
        typer.Option(
            "--base", metavar=_("FOLDER"), help=_("Its Hugging Face weights, if not nano.")
        ),
    ] = None,
    minutes: Annotated[
        float, typer.Option("--minutes", min=0.1, metavar="N", help=_("Train at most so long."))
    ] = 8.0,
    least: Annotated[
        int, typer.Option("--least", min=4, metavar="N", help=_("So many pairs are needed."))
    ] = 20,
    undone_as_none: Annotated[
        bool,
        typer.Option(
            "--refuse-undone", help=_("Learn to refuse what was taken back and not asked again.")
        ),
    ] = False,
    no_use: Annotated[
        bool, typer.Option("--no-activate", help=_("Train and measure, change nothing else."))
    ] = False,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help=_("For another draw."))] = 1,
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print the answer as one JSON document."))
    ] = False,
) -> None:
    from sorte_cli.errors import UsageError

    wishes = [status, listed, pairs, activate, rollback, off]
    if sum(wishes) > 1:
        raise UsageError(
            _("only one of --status, --list, --pairs, --activate, --rollback and --off at a time")
        )
    if name and not activate:
        raise UsageError(
            _("`{name}` stands alone").format(name=name),
            hint=_("put it in force with: sorte train --activate {name}").format(name=name),
        )
    flags: dict[str, str | int | None] = {"brain": brain or None}
    if status or listed:
        _show(flags, listed=listed, as_json=as_json)
    elif pairs:
        _pairs(undone_as_none, least, as_json)
    elif activate or rollback or off:
        action = "activate" if activate else "rollback" if rollback else "off"
        _switch(action, name, flags, as_json)
    else:
        from sorte_cli.learning.lifecycle import TrainRequest
        from sorte_cli.learning.training import Recipe

        recipe = Recipe(seed=seed, most_seconds=minutes * 60)
        request = TrainRequest(
            Path.cwd(), flags, base, recipe, undone_as_none, least, use=not no_use
        )
        _train(request, as_json)


def _show(flags: dict[str, str | int | None], *, listed: bool, as_json: bool) -> None:
    from sorte_cli.learning.lifecycle import known
    from sorte_cli.terminal import training

    found = known(Path.cwd(), flags)
    if as_json:
        active = found.active.name if found.active else ""
        output.say_json(
            {
                "ok": True,
                "active": active,
                "model": found.model,
                "off_because": found.off_because,
                "adapters": [training.card_json(card) for card in found.all],
            }
        )
    elif listed:
        training.print_list(found)
    else:
        training.print_status(found)


def _pairs(undone_as_none: bool, least: int, as_json: bool) -> None:
    from sorte_cli.learning.lifecycle import gather
    from sorte_cli.terminal import training

    progress = training.TrainProgress()
    try:
        found = gather(Path.cwd(), undone_as_none=undone_as_none, progress=progress)
    finally:
        progress.spinner.stop()
    if as_json:
        rows = [{"task": p.task, "kind": p.kind, "run": p.run, "answers": p.answers} for p in
                found.pairs]  # fmt: skip
        output.say_json({"ok": True, **training.collected_json(found), "rows": rows})
        return
    training.print_pairs(found, least)


def _switch(action: str, name: str, flags: dict[str, str | int | None], as_json: bool) -> None:
    from sorte_cli.learning.lifecycle import activate, note_in_journal, open_store

    store = open_store(Path.cwd())
    if action == "activate":
        card = activate(Path.cwd(), flags, name)
        text = _("in force from the next run on: {name}").format(name=card.name)
    elif action == "rollback":
        found = store.rollback()
        text = (
            _("back to {name}").format(name=found.name)
            if found is not None
            else _("back to the model alone, without an adapter")
        )
    else:
        before = store.off()
        text = (
            _("switched off: {name}").format(name=before.name)
            if before is not None
            else _("no adapter was in force here")
        )
    active = store.active
    note_in_journal(Path.cwd(), action, active)
    if as_json:
        output.say_json({"ok": True, "active": active.name if active else ""})
    else:
        output.say(text)


def _train(request: object, as_json: bool) -> None:
    import typer as _typer

    from sorte_cli.errors import ExitCode
    from sorte_cli.learning.lifecycle import TrainRequest, train_project
    from sorte_cli.terminal import training

    assert isinstance(request, TrainRequest)
    progress = training.TrainProgress()
    try:
        report = train_project(request, progress)
    finally:
        progress.spinner.stop()
    if as_json:
        output.say_json(
            {
                "ok": True,
                "adapter": training.card_json(report.card),
                "active": report.in_force,
                "collected": training.collected_json(report.collected),
                "removed": list(report.removed),
                "lost": list(report.general_lost),
            }
        )
    else:
        training.print_trained(report)
    if not report.card.better:
        raise _typer.Exit(int(ExitCode.NOT_LANDED))
