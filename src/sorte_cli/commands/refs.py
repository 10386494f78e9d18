"""`sorte refs`: every line that mentions a name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sorte_cli.terminal import output
from sorte_cli.terminal.translate import _

HELP = _(
    "List every line that mentions a name: where it is defined, then where it is used.\n\n"
    "NAME is an identifier (`fetch`, `Order.total`) or an address (`shop/http.py::fetch`)."
)


def run(
    name: Annotated[str, typer.Argument(metavar=_("NAME"), help=_("The name to look for."))],
    limit: Annotated[
        int, typer.Option("-n", "--limit", min=1, metavar="N", help=_("How many lines to list."))
    ] = 200,
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print the answer as one JSON document."))
    ] = False,
) -> None:
    from sorte_cli.context.index import ProjectIndex
    from sorte_cli.terminal import context

    with ProjectIndex.open(Path.cwd()) as index:
        context.print_notes(index.update(), index)
        wanted = context.checked_name(name)
        found = index.references(wanted, limit + 1)
        if not found:
            raise context.unknown_name(index, name)
    if as_json:
        output.say_json(context.references_as_json(wanted, found[:limit], len(found) > limit))
    else:
        output.say(context.references(found[:limit], more=len(found) > limit))
