"""`sorte dirs`: where Sorte keeps its files."""

from __future__ import annotations

from typing import Annotated

import typer

from sorte_cli.terminal.translate import _

HELP = _(
    "Show where Sorte keeps its files.\n\n"
    "SORTE_CONFIG_DIR, SORTE_DATA_DIR, SORTE_STATE_DIR and SORTE_CACHE_DIR put them elsewhere. "
    "Deleting the cache only costs the time to make it again."
)


def run(
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print the folders as one JSON document."))
    ] = False,
) -> None:
    from sorte_cli import paths
    from sorte_cli.terminal import output
    from sorte_cli.terminal.tables import render

    found = {
        "config": (paths.config_dir(), _("your settings")),
        "data": (paths.data_dir(), _("models you put there")),
        "state": (paths.state_dir(), _("journal, talks, memory, trust")),
        "cache": (paths.cache_dir(), _("indexes and model states")),
    }
    if as_json:
        folders = {name: str(folder) for name, (folder, _what) in found.items()}
        output.say_json({"ok": True, "folders": folders})
        return
    rows = [(name, what, str(folder)) for name, (folder, what) in found.items()]
    output.say(render((_("folder"), _("what"), _("where")), rows, wrap=True))
