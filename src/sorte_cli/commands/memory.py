"""`sorte memory`: preferences and lessons that go into every prompt."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sorte_cli.terminal import output
from sorte_cli.terminal.translate import _

HELP = _(
    "Preferences and lessons that go into every prompt of a model large enough to heed them.\n\n"
    'Example:  sorte memory add "amounts are Decimal, never float"'
)

_AsJson = Annotated[bool, typer.Option("--json", help=_("Print the answer as one JSON document."))]


def list_(as_json: _AsJson = False) -> None:
    from sorte_cli.memory.notes import notes
    from sorte_cli.terminal.style import safe
    from sorte_cli.terminal.tables import render

    found = notes(_root())
    if as_json:
        rows = [
            {"number": n.number, "text": n.text, "kind": n.kind, "scope": n.scope, "run": n.run}
            for n in found
        ]
        output.say_json({"ok": True, "memory": rows})
    elif not found:
        output.say(_('nothing is remembered yet; begin with: sorte memory add "..."'))
    else:
        scopes = {"user": _("everywhere"), "project": _("this project")}
        kinds = {"preference": _("preference"), "lesson": _("lesson")}
        lines = [
            (str(n.number), scopes[n.scope], kinds.get(n.kind, n.kind), safe(n.text)) for n in found
        ]
        output.say(render(("#", _("where"), _("kind"), _("text")), lines, wrap=True))


def add(
    text: Annotated[list[str], typer.Argument(metavar=_("TEXT"), help=_("What to remember."))],
    everywhere: Annotated[
        bool, typer.Option("--user", help=_("For all projects, not only this one."))
    ] = False,
    lesson: Annotated[
        bool, typer.Option("--lesson", help=_("A lesson from what went wrong."))
    ] = False,
    as_json: _AsJson = False,
) -> None:
    from sorte_cli.memory import notes
    from sorte_cli.terminal.style import safe

    root = _root()
    scope = "user" if everywhere or root is None else "project"
    kind = "lesson" if lesson else "preference"
    note = notes.add(" ".join(text), root=root, scope=scope, kind=kind)
    if as_json:
        output.say_json({"ok": True, "number": note.number, "text": note.text, "scope": scope})
    else:
        told = _("remembered as {number}: {text}")
        output.say(output.wrapped(told.format(number=note.number, text=safe(note.text))))


def forget(
    number: Annotated[int, typer.Argument(metavar="N", help=_("Its number in the list."))],
    as_json: _AsJson = False,
) -> None:
    from sorte_cli.memory import notes
    from sorte_cli.terminal.style import safe

    note = notes.forget(number, _root())
    if as_json:
        output.say_json({"ok": True, "forgotten": note.text})
    else:
        output.say(_("forgotten: {text}").format(text=safe(note.text)))


def _root() -> Path | None:
    from sorte_cli.terminal.session.welcome import find_root_or_none

    return find_root_or_none(Path.cwd())


ACTIONS = {
    "list": (list_, _("What is remembered.")),
    "add": (add, _("Remember something for this project, or with --user everywhere.")),
    "forget": (forget, _("Take one back by its number.")),
}
