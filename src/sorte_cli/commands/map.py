"""`sorte map`: the skeleton of the project within a token budget."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sorte_cli.terminal import output
from sorte_cli.terminal.translate import _

HELP = _(
    "Print the skeleton of the project: files, classes and functions, as much as a number of "
    "tokens holds.\n\n"
    "The same files give the same bytes. Tokens are those of the configured model."
)
DEFAULT_BUDGET = 2_000


def run(
    budget: Annotated[
        int, typer.Option(min=1, metavar=_("TOKENS"), help=_("How long the map may be."))
    ] = DEFAULT_BUDGET,
    task: Annotated[
        str,
        typer.Option(
            metavar=_("TASK"), show_default=False, help=_("Give detail to what matters for a task.")
        ),
    ] = "",
    symbol: Annotated[
        str,
        typer.Option(
            metavar=_("NAME"),
            show_default=False,
            help=_("Only one symbol, and what belongs to it."),
        ),
    ] = "",
    brain: Annotated[
        str,
        typer.Option(metavar=_("MODEL"), show_default=False, help=_("Whose tokens are counted.")),
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print the answer as one JSON document."))
    ] = False,
) -> None:
    from sorte_cli.agent.run import checked_task
    from sorte_cli.context.index import ProjectIndex
    from sorte_cli.context.map import render_map
    from sorte_cli.terminal import context

    with ProjectIndex.open(Path.cwd()) as index:
        context.print_notes(index.update(), index)
        if symbol:
            around = index.surroundings(context.one_symbol(index, symbol).address)
            if as_json:
                output.say_json(context.surroundings_as_json(around))
            else:
                output.say(context.surroundings(around))
            return
        wanted = checked_task(task) if task else None
        with context.token_counter(index.root, brain) as count:
            text = render_map(index, wanted, budget, count)
            tokens = count(text)
    if as_json:
        output.say_json({"ok": True, "map": text, "tokens": tokens, "budget": budget})
    else:
        context.print_map(text, tokens, budget)
