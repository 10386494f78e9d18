"""`sorte demo`: the main job on a small sample project, for real, and back again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sorte_cli.terminal.translate import _

HELP = _(
    "Watch Sorte work on a small sample project.\n\n"
    "Makes a checkout project in a temporary folder, runs a real `sorte do` on it with the model "
    "that ships with Sorte, shows the commit, and takes it back with `sorte undo`. Needs no "
    "network; nothing of yours is touched."
)


def run(
    keep: Annotated[
        bool, typer.Option("--keep", help=_("Keep the folder and the commit, to look around."))
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print the report as one JSON document."))
    ] = False,
) -> None:
    import tempfile

    from sorte_cli.commands.walkthrough import walk

    if keep:
        code = walk(Path(tempfile.mkdtemp(prefix="sorte-demo-")), keep=True, as_json=as_json)
    else:
        with tempfile.TemporaryDirectory(prefix="sorte-demo-") as folder:
            code = walk(Path(folder), keep=False, as_json=as_json)
    raise typer.Exit(code)
