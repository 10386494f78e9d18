"""`sorte context`: which files and symbols matter for a task, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sorte_cli.terminal import output
from sorte_cli.terminal.translate import _

HELP = _(
    "Show what Sorte would look at for a task: the files and symbols that matter, best first.\n\n"
    "Nothing is changed and no model is called. --why says what each file's place rests on; "
    "--prompt loads the model's tokenizer and prints exactly what it would read."
)


def run(
    task: Annotated[
        list[str], typer.Argument(metavar=_("TASK"), help=_("What to do; `-` reads it from stdin."))
    ],
    limit: Annotated[
        int, typer.Option("-n", "--limit", min=1, metavar="N", help=_("How many to list."))
    ] = 10,
    symbols: Annotated[
        bool, typer.Option("--symbols", help=_("List functions, classes and values, not files."))
    ] = False,
    why: Annotated[
        bool, typer.Option("--why", help=_("Say for each file what its place rests on."))
    ] = False,
    prompt: Annotated[
        bool,
        typer.Option("--prompt", help=_("Print what the model would read, counted in tokens.")),
    ] = False,
    brain: Annotated[
        str,
        typer.Option(
            metavar=_("MODEL"), show_default=False, help=_("With --prompt: the model that plans.")
        ),
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print the answer as one JSON document."))
    ] = False,
) -> None:
    from sorte_cli.agent.meaning import with_meaning
    from sorte_cli.agent.run import checked_task
    from sorte_cli.context.index import ProjectIndex
    from sorte_cli.settings import load_settings
    from sorte_cli.terminal import context
    from sorte_cli.terminal.messages import print_note

    sentence = checked_task(output.read_stdin() if task == ["-"] else " ".join(task))
    with ProjectIndex.open(Path.cwd()) as index:
        stats = index.update()
        context.print_notes(stats, index, history=True)
        if prompt:
            from sorte_cli.agent.preview import preview

            seen = preview(sentence, index.root, index, brain)
            context.print_preview(seen, as_json=as_json)
            return
        settings, said = load_settings(index.root)
        for note in said if settings.embedding else ():
            print_note(note)
        with with_meaning(index, settings):
            chosen = index.select(sentence, max_files=limit, max_symbols=limit if symbols else 0)
        files = index.files
    if as_json:
        output.say_json(context.selection_as_json(sentence, chosen, len(files), symbols=symbols))
    elif symbols:
        output.say(context.symbols_list(chosen.symbols))
    else:
        output.say(context.files_table(chosen.files, why=why))
