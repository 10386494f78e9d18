"""`sorte stats`: what the runs in this repository came to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sorte_cli.terminal import output
from sorte_cli.terminal.translate import _, plural

HELP = _("Count the runs in this repository: how they ended, how you rated them, how long.")


def run(
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print the figures as one JSON document."))
    ] = False,
) -> None:
    from sorte_cli.agent.feedback import figures
    from sorte_cli.terminal.runs import status_text

    found = figures(Path.cwd())
    if as_json:
        output.say_json(
            {
                "ok": True,
                "runs": found.runs,
                "statuses": dict(found.statuses),
                "good": found.good,
                "bad": found.bad,
                "seconds": round(found.seconds, 1),
            }
        )
        return
    output.say(plural("{count} run", "{count} runs", found.runs) + f", {found.seconds:.0f} s")
    for status, number in found.statuses:
        output.say(f"  {status_text(status)}: {number}")
    if found.good or found.bad:
        rated = _("rated: {good} good, {bad} bad")
        output.say("  " + rated.format(good=found.good, bad=found.bad))
