"""`sorte redo`: bring an undone run back."""

from __future__ import annotations

from typing import Annotated

import typer

from sorte_cli.terminal.translate import _

HELP = _("Bring back what `sorte undo` took away: the run undone last, or the RUN that you name.")


def run(
    run_id: Annotated[
        str, typer.Argument(metavar=_("RUN"), help=_("Which run; see `sorte log`."))
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help=_("Do it without asking."))] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print the result as one JSON document."))
    ] = False,
) -> None:
    from sorte_cli.commands.stepping import step
    from sorte_cli.history import redo

    step(redo, run_id, verb="redo", yes=yes, as_json=as_json)
