"""`sorte man`: the manual page, made of the very help texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sorte_cli import __version__
from sorte_cli.terminal import output
from sorte_cli.terminal.translate import _

HELP = _(
    "Print the manual page, in the language in force.\n\n"
    "Read it:     sorte man | man -l -\n\n"
    "Install it:  sorte man > ~/.local/share/man/man1/sorte.1"
)


def run() -> None:
    from sorte_cli.commands.app import build

    output.say("\n".join(page(build())))


def page(group: Any) -> Iterator[str]:
    """The page in roff's man macros."""
    yield f'.TH SORTE 1 "" "sorte {__version__}"'
    yield from (".SH " + _("NAME"), "sorte \\- " + _roff(_first_sentence(group.help)))
    yield from (".SH " + _("SYNOPSIS"), ".B sorte", "[" + _("OPTIONS") + "] [" + _("COMMAND") + "]")
    yield ".SH " + _("DESCRIPTION")
    yield from _paragraphs(group.help)
    yield ".SH " + _("OPTIONS")
    yield from _options(group)
    yield ".SH " + _("COMMANDS")
    context = group.make_context("sorte", [], resilient_parsing=True)
    for name in group.list_commands(context):
        yield from _command(f"sorte {name}", group.get_command(context, name))
    yield ".SH " + _("EXIT STATUS")
    yield _roff(
        _(
            "0 done; 1 not landed; 2 wrong usage; 3 the machine or repository lacks something; "
            "4 refused; 130 interrupted."
        )
    )
    yield from (".SH " + _("ENVIRONMENT"), _roff(_("Every setting of `sorte config list` as")))
    yield from ("SORTE_NAME,", "NO_COLOR, SORTE_LANG, SORTE_PLAIN, EDITOR.")


def _command(path: str, command: Any) -> Iterator[str]:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    shown = " ".join(str(a.metavar or a.name.upper()).strip("{}") for a in arguments)
    yield from (f".SS {_roff(f'{path} {shown}'.strip())}",)
    yield from _paragraphs(command.help or "")
    yield from _options(command)
    actions = getattr(command, "commands", None) or {}
    for name, action in actions.items():
        yield from _command(f"{path} {name}", action)


def _options(command: Any) -> Iterator[str]:
    for option in command.params:
        if option.param_type_name != "option" or getattr(option, "hidden", False):
            continue
        names = ", ".join([*option.opts, *option.secondary_opts])
        metavar = "" if option.is_flag else f" {option.metavar or option.name.upper()}"
        yield from (".TP", f".B {_roff(names + metavar)}", _roff(option.help or ""))


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        yield from (".PP", _roff(" ".join(paragraph.split())))


def _first_sentence(text: str) -> str:
    return " ".join(text.split("\n\n")[0].split()).removeprefix("Sorte ").rstrip(".")


def _roff(text: str) -> str:
    """Text that roff shows as it is."""
    plain = text.replace("\\", "\\e").replace("-", "\\-").replace("\n", " ")
    return "\\&" + plain if plain.startswith((".", "'")) else plain
