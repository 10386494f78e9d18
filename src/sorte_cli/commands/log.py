"""`sorte log`: what Sorte did in this repository, latest first."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sorte_cli.terminal.translate import _

HELP = _(
    "List the runs in this repository, latest first.\n\n"
    "`sorte show RUN` tells all about one; `sorte undo RUN` takes one back."
)


def run(
    limit: Annotated[
        int, typer.Option("-n", "--limit", min=1, metavar="N", help=_("How many runs to list."))
    ] = 20,
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print the runs as one JSON document."))
    ] = False,
) -> None:
    from sorte_cli.history import Journal, Repository
    from sorte_cli.terminal import output, runs

    repository = Repository.discover(Path.cwd(), writing=False)
    with Journal.open() as journal:
        records = journal.runs(repository, limit)
    if as_json:
        output.say_json({"ok": True, "runs": [runs.as_json(r) for r in records]})
    else:
        output.say(runs.table(records))
