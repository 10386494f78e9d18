"""`sorte doctor`: what this machine and project have, and the remedy for what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sorte_cli.terminal.translate import _

HELP = _(
    "Check that everything Sorte needs is there, with the remedy for what is not.\n\n"
    "Looks at the machine, the models, git, the sandbox, and the project in this folder. Ends with "
    "code 3 when something that is needed does not work."
)


def run(
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print the findings as one JSON document."))
    ] = False,
) -> None:
    from sorte_cli.commands.health import FAIL, examine
    from sorte_cli.errors import ExitCode
    from sorte_cli.terminal import output
    from sorte_cli.terminal.health import print_checks

    checks = examine(Path.cwd())
    healthy = all(check.status != FAIL for check in checks)
    if as_json:
        output.say_json({"ok": healthy, "checks": [check.to_json() for check in checks]})
    else:
        print_checks(checks)
    raise typer.Exit(int(ExitCode.OK if healthy else ExitCode.ENVIRONMENT))
