"""`sorte apply`: run a script of edit operations, without a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sorte_cli.terminal import output
from sorte_cli.terminal.translate import _, current_language

if TYPE_CHECKING:
    from sorte_cli.edits import Report

HELP = _(
    "Run a script of edit operations, without a model.\n\n"
    "The same guarantees as `sorte do`: all or nothing, tested, committed, and undone with "
    "`sorte undo`.\n\n"
    'Example:  echo "rename shop/orders.py::total compute_total" | sorte apply -'
)


def run(
    script: Annotated[
        str,
        typer.Argument(metavar=_("FILE"), help=_("File with operations, one a line; `-`: stdin.")),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=_("Show the diff; change nothing."))
    ] = False,
    no_commit: Annotated[
        bool,
        typer.Option("--no-commit", help=_("Change the files and leave the commit to you.")),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help=_("Go on without asking."))] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print the report as one JSON document."))
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help=_("Say what each operation did, and where."))
    ] = False,
    test_command: Annotated[
        str | None,
        typer.Option(
            metavar=_("COMMAND"), help=_("How to run the tests; default: found by itself.")
        ),
    ] = None,
    sandbox: Annotated[
        str | None,
        typer.Option(
            metavar=_("KIND"),
            help=_("Where tests run: bubblewrap, or none (without protection); default: auto."),
        ),
    ] = None,
) -> None:
    from sorte_cli.agent.applying import apply
    from sorte_cli.agent.report import ApplyRequest
    from sorte_cli.commands.rendering import finish
    from sorte_cli.terminal.observer import TerminalObserver

    request = ApplyRequest(
        script_text=read_script(script),
        directory=Path.cwd(),
        dry_run=dry_run,
        commit=not no_commit,
        yes=yes,
        test_command=test_command,
        sandbox=sandbox,
        source=script,
        language=current_language(),
    )

    explained: list[Report] = []

    class Explaining(TerminalObserver):
        """Tells of every operation before the run is approved."""

        def event(self, name: str, **data: Any) -> None:
            if name == "diff" and dry_run:
                return  # it is the answer, on stdout
            if name == "explained" and explain:
                explained.extend(data["reports"])
                if not as_json:
                    output.say(_explanation(explained))
            super().event(name, **data)

    with Explaining(yes=yes, plan_is_script=True) as observer:
        report = apply(request, observer)
    if as_json and explain:
        explanation = [_document(r) for r in explained]
        output.say_json({**report.to_json(), "explanation": explanation})
        raise typer.Exit(int(report.exit_code))
    finish(report, as_json=as_json, with_diff=dry_run)


def _explanation(reports: list[Report]) -> str:
    """Each operation, what it did, where, and what it left alone because it cannot be decided."""
    from sorte_cli.edits.script import describe
    from sorte_cli.terminal.engine_messages import in_language
    from sorte_cli.terminal.style import safe

    lines: list[str] = []
    for report in reports:
        lines += [describe(report.operation), f"  {in_language(report.summary)}"]
        lines += [f"    {place}" for place in report.places]
        if report.possible:
            lines.append("  " + _("possible references, not changed:"))
            lines += [f"    {place}" for place in report.possible]
    return safe("\n".join(lines))


def _document(report: Report) -> dict[str, Any]:
    from sorte_cli.edits.script import describe

    return {
        "operation": describe(report.operation),
        "summary": report.summary,
        "places": list(report.places),
        "possible": list(report.possible),
    }


def read_script(source: str) -> str:
    """The text of a script file, or of stdin for `-`. Raises UsageError where it has none."""
    from sorte_cli.errors import UsageError

    if source == "-":
        return output.read_stdin()
    try:
        return Path(source).read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(
            _("cannot read {file}: {reason}").format(file=source, reason=error.strerror),
            hint=_("give a file with operations, or `-` to read them from stdin"),
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(
            _("{file} is not UTF-8 text").format(file=source),
            hint=_("a script holds operations, one a line"),
        ) from error
