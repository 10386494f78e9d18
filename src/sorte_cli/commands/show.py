"""`sorte show`: everything about one run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sorte_cli.terminal.translate import _

HELP = _(
    "Show one run: task, plan, operations, checks, tests and commits.\n\n"
    "RUN is an id from `sorte log`, or a part of one that is unique; without it, the latest run."
)


def run(
    run_id: Annotated[str, typer.Argument(metavar=_("RUN"), help=_("Which run."))] = "",
    with_diff: Annotated[
        bool, typer.Option("--diff", help=_("Also show what the run changed in the files."))
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print the run as one JSON document."))
    ] = False,
) -> None:
    from sorte_cli.errors import UsageError
    from sorte_cli.history import Journal, Repository
    from sorte_cli.terminal import output, runs
    from sorte_cli.terminal.report import print_diff

    repository = Repository.discover(Path.cwd(), writing=False)
    with Journal.open() as journal:
        if run_id:
            record = journal.run(repository, run_id)
        elif latest := journal.runs(repository, 1):
            record = latest[0]
        else:
            raise UsageError(_("there are no runs here yet"), hint=_('start one: sorte do "..."'))
        events = journal.events(record.id)
    diff = ""
    if with_diff and record.base and record.tip:
        raw = repository.git("diff", record.base, record.tip)
        diff = raw.decode("utf-8", "replace")
    if as_json:
        document = {"ok": True, **runs.as_json(record), "events": runs.events_as_json(events)}
        output.say_json({**document, "diff": diff} if with_diff else document)
        return
    output.say(runs.details(record, events))
    print_diff(diff)
