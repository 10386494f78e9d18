"""`sorte rate`: the person's word on a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sorte_cli.terminal import output
from sorte_cli.terminal.translate import _

HELP = _(
    "Say whether a run was good or bad, and why.\n\n"
    "Your word is kept in the journal. With --remember a bad run's note becomes a lesson.\n\n"
    'Example:  sorte rate bad "the name is too long" --remember'
)

_Note = Annotated[
    list[str] | None, typer.Argument(metavar=_("NOTE"), help=_("Why, in your words."))
]
_Run = Annotated[
    str, typer.Option("--run", metavar=_("RUN"), help=_("Which run; default: the latest."))
]
_AsJson = Annotated[bool, typer.Option("--json", help=_("Print the answer as one JSON document."))]


def good(note: _Note = None, run: _Run = "", as_json: _AsJson = False) -> None:
    _rate(run, note or [], good=True, remember=False, as_json=as_json)


def bad(
    note: _Note = None,
    run: _Run = "",
    remember: Annotated[
        bool, typer.Option("--remember", help=_("Keep the note as a lesson for this project."))
    ] = False,
    as_json: _AsJson = False,
) -> None:
    _rate(run, note or [], good=False, remember=remember, as_json=as_json)


def _rate(run: str, words: list[str], *, good: bool, remember: bool, as_json: bool) -> None:
    from sorte_cli.agent.feedback import rate
    from sorte_cli.history import Repository
    from sorte_cli.memory import notes

    note = " ".join(words)
    record = rate(Path.cwd(), run, good=good, note=note)
    if remember and note:
        root = Repository.discover(Path.cwd(), writing=False).root
        notes.add(note, root=root, kind="lesson", run=record.id)
    if as_json:
        output.say_json({"ok": True, "run": record.id, "good": good, "note": note})
    else:
        output.say(_("noted, thank you: {run}").format(run=record.id))


ACTIONS = {"good": (good, _("The run was good.")), "bad": (bad, _("The run was bad."))}
