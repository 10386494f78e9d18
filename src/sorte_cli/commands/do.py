"""`sorte do`: one task, from a sentence to a tested commit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sorte_cli.terminal import output
from sorte_cli.terminal.translate import _, current_language

HELP = _(
    "Plan, edit, test and commit one change.\n\n"
    "Sorte finds the files by itself, shows its plan, works in a copy of your repository, runs the "
    "tests, and moves your branch only when everything is green. Your uncommitted work stays as it "
    "is. `sorte undo` takes the change back.\n\n"
    'Example:  sorte do "rename calc_total to compute_total"'
)


def run(
    task: Annotated[
        list[str],
        typer.Argument(
            metavar=_("TASK"),
            help=_("What to do, in English or Portuguese. `-` reads it from stdin."),
        ),
    ],
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help=_("Go on with the plan without asking."))
    ] = False,
    ask: Annotated[
        bool,
        typer.Option(
            "--ask", help=_("Show each step's edits and wait for a yes before they are applied.")
        ),
    ] = False,
    plan_only: Annotated[
        bool, typer.Option("--plan-only", help=_("Show the plan and stop; nothing is changed."))
    ] = False,
    no_land: Annotated[
        bool,
        typer.Option(
            "--no-land", help=_("Keep the finished commits on a branch of their own, sorte/RUN.")
        ),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print the report as one JSON document."))
    ] = False,
    brain: Annotated[
        str | None,
        typer.Option(
            metavar=_("MODEL"), help=_("Model that plans: a GGUF file, a name, or `nano`.")
        ),
    ] = None,
    executor: Annotated[
        str | None,
        typer.Option(
            metavar=_("MODEL"), help=_("Model that writes the edits; default: the brain's.")
        ),
    ] = None,
    max_repairs: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="N",
            help=_("How often a failed step may be written again (default: 2; small models: 0)."),
        ),
    ] = None,
    candidates: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=16,
            metavar="N",
            help=_(
                "How many answers are written side by side for a step; the first that all checks "
                "accept is taken (default: 1)."
            ),
        ),
    ] = None,
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
    from sorte_cli.agent.report import RunRequest
    from sorte_cli.agent.run import do
    from sorte_cli.commands.rendering import finish
    from sorte_cli.terminal.observer import TerminalObserver

    observer = TerminalObserver(yes=yes)
    request = RunRequest(
        task=_task_text(task),
        directory=Path.cwd(),
        yes=yes,
        plan_only=plan_only,
        land=not no_land,
        max_repairs=max_repairs,
        candidates=candidates,
        test_command=test_command,
        brain=brain,
        executor=executor,
        sandbox=sandbox,
        language=current_language(),
        approve_step=observer.approve_step if ask else None,
    )
    with observer:
        report = do(request, observer)
    finish(report, as_json=as_json)


def _task_text(words: list[str]) -> str:
    return output.read_stdin() if words == ["-"] else " ".join(words)
