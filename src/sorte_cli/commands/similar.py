"""`sorte similar`: definitions that are most like one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sorte_cli.terminal import output
from sorte_cli.terminal.translate import _

HELP = _(
    "List the definitions that are most like one: the same base, like names, like words.\n\n"
    "NAME is an identifier (`PixCharge`) or an address (`shop/pix.py::PixCharge`)."
)


def run(
    name: Annotated[
        str, typer.Argument(metavar=_("NAME"), help=_("The definition to start from."))
    ],
    limit: Annotated[
        int, typer.Option("-n", "--limit", min=1, metavar="N", help=_("How many to list."))
    ] = 10,
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print the answer as one JSON document."))
    ] = False,
) -> None:
    from sorte_cli.context.index import ProjectIndex
    from sorte_cli.terminal import context

    with ProjectIndex.open(Path.cwd()) as index:
        context.print_notes(index.update(), index)
        target = context.one_symbol(index, name)
        found = index.similar(target.address, limit)
    if as_json:
        output.say_json(context.similar_as_json(target, found))
    elif found:
        output.say(context.symbols_list(found))
    else:
        said = _("nothing in the project is like {address}")
        output.say(said.format(address=context.shown(target.address)))
