"""`sorte ask`: a question about the project, answered with sources."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from sorte_cli.terminal import output
from sorte_cli.terminal.translate import _

HELP = _(
    "Answer a question about the project; nothing is changed.\n\n"
    "The answer comes from the index, with `path:line` for everything; a model that is large "
    "enough puts it into words.\n\n"
    'Example:  sorte ask "where is calc_total used?"'
)


def run(
    question: Annotated[
        list[str],
        typer.Argument(metavar=_("QUESTION"), help=_("The question. `-` reads it from stdin.")),
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print the answer as one JSON document."))
    ] = False,
) -> None:
    from sorte_cli.agent import conversation
    from sorte_cli.errors import UsageError
    from sorte_cli.terminal.session.answering import Asker
    from sorte_cli.terminal.session.welcome import find_root
    from sorte_cli.terminal.spinner import Spinner

    text = output.read_stdin() if question == ["-"] else " ".join(question)
    text = conversation.clean(text)
    if not text:
        raise UsageError(_("the question is empty"), hint=HELP.rpartition("\n")[2].strip())
    live = Spinner(enabled=output.wants_animation(sys.stderr))
    try:
        answer = Asker(find_root(Path.cwd()), live, quiet=as_json).answer(text)
    finally:
        live.stop()
    if as_json:
        output.say_json({"ok": True, "question": text, **answer})
    elif answer.get("remark"):
        output.say(f"({answer['remark']})", to_stderr=True)
