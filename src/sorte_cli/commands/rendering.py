"""How a command ends: its answer as text or as JSON, and its exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from sorte_cli.terminal import output

if TYPE_CHECKING:
    from sorte_cli.agent.report import RunReport


def finish(report: RunReport, *, as_json: bool, with_diff: bool = False) -> None:
    """Show the report of a run and leave with its exit code."""
    if as_json:
        output.say_json(report.to_json())
    else:
        from sorte_cli.terminal.report import print_diff, print_report

        if with_diff:
            print_diff(report.diff)
        print_report(report)
    raise typer.Exit(int(report.exit_code))
