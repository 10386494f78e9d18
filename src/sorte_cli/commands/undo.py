"""`sorte undo`: take a run back."""

from __future__ import annotations

from typing import Annotated

import typer

from sorte_cli.terminal.translate import _

HELP = _(
    "Take back what a run changed: the last one, or the RUN that you name.\n\n"
    "Works after a restart, for created and deleted files, and for older or pushed runs (by a "
    "new commit that reverts them). Where you have edited on top, it stops and says so."
)


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
    from sorte_cli.history import undo

    step(undo, run_id, verb="undo", yes=yes, as_json=as_json)
