"""`sorte operations`: the reference of the edit language, in the terminal."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from sorte_cli.terminal.translate import _

HELP = _(
    "List the operations of the edit language, or show one with examples.\n\n"
    "Example:  sorte operations add_entry"
)


def run(
    name: Annotated[str, typer.Argument(metavar=_("NAME"), help=_("Which operation."))] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print the operations as one JSON document."))
    ] = False,
) -> None:
    from sorte_cli.edits import VERBS
    from sorte_cli.edits.suggest import did_you_mean, nearest
    from sorte_cli.errors import UsageError
    from sorte_cli.terminal import output
    from sorte_cli.terminal.engine_messages import in_language
    from sorte_cli.terminal.style import paint

    if name and name not in VERBS:
        raise UsageError(
            _("there is no operation `{name}`").format(name=name),
            hint=did_you_mean(nearest(name, VERBS)) or ", ".join(VERBS),
        )
    chosen = [VERBS[name]] if name else list(VERBS.values())
    if as_json:
        operations = [
            {"name": s.verb, "usage": s.usage, "summary": s.summary, "examples": _examples(s.verb)}
            for s in chosen
        ]
        output.say_json({"ok": True, "operations": operations})
    elif name:
        output.say(_page(name))
    else:
        for signature in chosen:
            usage = paint(signature.usage, "accent", sys.stdout)
            output.say(f"{usage}\n    {in_language(signature.summary)}")
        output.say(_("`sorte operations NAME` shows one with examples."))


def _examples(verb: str) -> list[dict[str, object]]:
    from sorte_cli.edits.reference import apply_example, examples_of

    return [
        {
            "note": example.note,
            "before": dict(example.files),
            "script": example.script,
            "after": {
                c.path: c.after.decode() if c.after is not None else None
                for c in apply_example(example).changes.changes
            },
        }
        for example in examples_of(verb)
    ]


def _page(verb: str) -> str:
    from sorte_cli.edits import VERBS
    from sorte_cli.edits.reference import apply_example, examples_of
    from sorte_cli.terminal.engine_messages import in_language
    from sorte_cli.terminal.style import paint

    signature = VERBS[verb]
    lines = [paint(signature.usage, "heading", sys.stdout), f"  {in_language(signature.summary)}"]
    for example in examples_of(verb):
        lines += ["", *([in_language(example.note)] if example.note else [])]
        for path, text in example.files.items():
            lines += [paint(f"{_('before')}: {path}", "dim", sys.stdout), *_indented(text)]
        lines += [paint(_("script"), "dim", sys.stdout), *_indented(example.script)]
        for change in apply_example(example).changes.changes:
            lines.append(paint(f"{_('after')}: {change.path}", "dim", sys.stdout))
            lines += _indented(change.after.decode() if change.after is not None else "-")
    return "\n".join(lines)


def _indented(text: str) -> list[str]:
    return [f"    {line}".rstrip() for line in text.rstrip("\n").split("\n")]
