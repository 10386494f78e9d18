"""`sorte resume`: go on with a saved talk, list the saved talks, or print one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sorte_cli.terminal import output
from sorte_cli.terminal.translate import _

HELP = _(
    "Go on with a saved talk: the latest one, or the TALK that you name.\n\n"
    "`--list` shows them all. `--export FILE` writes one as Markdown, or as JSON when the name "
    "ends in .json; `-` prints it."
)


def run(
    talk_id: Annotated[
        str, typer.Argument(metavar=_("TALK"), help=_("Which talk, or a unique part of its id."))
    ] = "",
    listing: Annotated[bool, typer.Option("--list", help=_("List the saved talks."))] = False,
    export: Annotated[
        str | None,
        typer.Option(
            "--export", metavar=_("FILE"), help=_("Write the talk to a file; `-`: stdout.")
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print the talks, or the talk, as one JSON document."))
    ] = False,
) -> None:
    from sorte_cli.terminal.session.welcome import find_root

    root = find_root(Path.cwd())
    if listing:
        _list(root, as_json=as_json)
        return
    if export is not None or as_json:
        _export(root, talk_id, export or "-", as_json=as_json)
        return
    from sorte_cli.commands import session
    from sorte_cli.errors import EnvironmentFailure
    from sorte_cli.memory.talks import Talk

    if not session.possible():
        raise EnvironmentFailure(
            _("a talk needs a terminal"), hint=_("`--list` and `--export` work without one")
        )
    raise typer.Exit(session.open_session(Talk.resume(root, talk_id)))


def _list(root: Path, *, as_json: bool) -> None:
    from sorte_cli.memory.talks import saved_talks
    from sorte_cli.terminal.session.slash import when
    from sorte_cli.terminal.style import safe
    from sorte_cli.terminal.tables import render

    talks = saved_talks(root)
    if as_json:
        rows = [{"talk": t.id, "messages": t.messages, "begins_with": t.title} for t in talks]
        output.say_json({"ok": True, "talks": rows})
    elif not talks:
        output.say(_("there is no saved talk here yet; start one: sorte"))
    else:
        lines = [(t.id, when(t.updated), str(t.messages), safe(t.title)) for t in talks]
        output.say(render((_("talk"), _("when"), _("messages"), _("begins with")), lines))


def _export(root: Path, talk_id: str, target: str, *, as_json: bool) -> None:
    import json

    from sorte_cli.errors import UsageError
    from sorte_cli.memory import talks
    from sorte_cli.terminal.session.transcript import as_markdown

    path = talks.find_talk(root, talk_id).path
    records = talks.read_records(path)
    if as_json or target.endswith(".json"):
        text = json.dumps(talks.as_json(path.stem, records), ensure_ascii=False, indent=2)
    else:
        text = as_markdown(path.stem, records).rstrip("\n")
    if target == "-":
        output.say(text)
        return
    try:
        with Path(target).open("x", encoding="utf-8") as file:
            file.write(text + "\n")
    except OSError as error:
        raise UsageError(
            _("cannot write {file}: {reason}").format(file=target, reason=error.strerror)
        ) from error
    output.say(_("written: {file}").format(file=target))
