"""The command line: global options, commands loaded when they are called, errors in one style."""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from sorte_cli import __version__
from sorte_cli.commands import headless
from sorte_cli.errors import EnvironmentFailure, InterruptedRun, SorteError, UsageError
from sorte_cli.terminal import output
from sorte_cli.terminal.translate import (
    LANGUAGES,
    _,
    language_from_environment,
    match_language,
    set_language,
)

COMMANDS = (
    "do",
    "apply",
    "undo",
    "redo",
    "log",
    "show",
    "stats",
    "rate",
    "ask",
    "review",
    "context",
    "map",
    "replay",
    "operations",
    "refs",
    "similar",
    "hook",
    "audit",
    "clean",
    "resume",
    "memory",
    "train",
    "config",
    "dirs",
    "man",
    "trust",
    "models",
    "engine",
    "doctor",
    "demo",
)
"""In the order of the help; each is the module `sorte_cli.commands.NAME`."""

# Typer bundles click in some versions and imports it in others; this names the class in both.
_ClickUsageError: type[Exception] = typer.BadParameter.__mro__[1]

_BRACES = re.compile(r"\{([^{}]+)\}(?:\.\.\.)?")
_TYPES = re.compile(r" <(?:str|int|list\[str\])>")
_COMPLETION = re.compile(
    r"Show completion for the current shell, to copy it or\s+customize the installation\."
)
_RANGES = re.compile(r"\s+\[(?:\d+<=)?x[<>]=\d+\]|; (?:\d+<=)?x[<>]=\d+(?=\])")


@dataclass
class GlobalOptions:
    """The options that may stand anywhere on the command line, and what is left of it."""

    directory: Path | None = None
    language: str | None = None
    no_color: bool = False
    rest: list[str] = field(default_factory=list)


def read_global_options(arguments: Sequence[str]) -> GlobalOptions:
    """Take `-C DIR`, `--lang LANG` and `--no-color` out of `arguments`, wherever they stand.

    The language must be known before the first help text is built, so this happens before Typer
    sees the line. Nothing after `--` is touched. Raises UsageError where a value is missing or
    the language is unknown.
    """
    options = GlobalOptions()
    words = iter(arguments)
    for word in words:
        if word == "--":
            options.rest += [word, *words]
        elif word == "--no-color":
            options.no_color = True
        elif word == "-C" or (word.startswith("-C") and not word.startswith("--")):
            folder = Path(word[2:] or _value_of("-C", words))
            # Like git: a second -C is relative to the first.
            options.directory = options.directory / folder if options.directory else folder
        elif word == "--lang" or word.startswith("--lang="):
            _flag, _equals, given = word.partition("=")
            options.language = _checked_language(given or _value_of("--lang", words))
        else:
            options.rest.append(word)
    return options


def _value_of(option: str, words: Iterator[str]) -> str:
    value = next(words, None)
    if value is None:
        raise UsageError(_("{option} needs a value").format(option=option))
    return value


def _checked_language(name: str) -> str:
    language = match_language(name)
    if language is None:
        raise UsageError(
            _("unknown language `{name}`").format(name=name),
            hint=_("choose one of: {choices}").format(choices=", ".join(LANGUAGES)),
        )
    return language


class LazyCommands(MutableMapping[str, Any]):
    """Command names to commands; the module of a command is imported when it is looked up."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            if name not in COMMANDS:
                raise KeyError(name)
            self._loaded[name] = _load(name)
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


def _load(name: str) -> Any:
    module = importlib.import_module(f"sorte_cli.commands.{name}")
    if actions := getattr(module, "ACTIONS", None):
        several = typer.Typer(
            add_completion=False,
            rich_markup_mode=None,
            cls=LocalGroup,
            help=module.HELP,
            short_help=_summary(module.HELP),
        )
        for action, (function, help_text) in actions.items():
            summary = _summary(help_text)
            several.command(action, cls=LocalCommand, help=help_text, short_help=summary)(function)
        several.callback(invoke_without_command=True)(_help_without_action)
        return typer.main.get_command(several)
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    summary = _summary(module.HELP)
    single.command(name, cls=LocalCommand, help=module.HELP, short_help=summary)(module.run)
    return typer.main.get_command(single)


def _summary(text: str) -> str:
    """The first paragraph of a help, whole: the list of commands would cut it in the middle."""
    return text.partition("\n\n")[0]


def _help_without_action(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        output.say(context.get_help())


class LocalCommand(TyperCommand):
    """A command with help in the user's language, and Ctrl-C as an error like any other."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:  # Typer would turn it into a bare exit code
            raise InterruptedRun(_("interrupted")) from None

    def get_help(self, ctx: Any) -> str:
        return _with_local_headings(super().get_help(ctx))


class LocalGroup(TyperGroup):
    """A command with actions (`sorte models list`), with help in the user's language."""

    def get_help(self, ctx: Any) -> str:
        return _with_local_headings(super().get_help(ctx))


class LazyGroup(TyperGroup):
    """The group of all commands, which imports only the one that is called."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = LazyCommands()

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_help(self, ctx: Any) -> str:
        return _with_local_headings(super().get_help(ctx))


def _with_local_headings(text: str) -> str:
    """Typer's own few words (headings, the line of `--help`) in the user's language.

    What it says of types (`{TASK}...`, `<list[str]>`, `[x>=0]`) is left out: it helps nobody.
    """
    usage, newline, rest = text.partition("\n")
    for source, local in (
        ("[OPTIONS]", _("[OPTIONS]")),
        ("COMMAND [ARGS]...", _("COMMAND [ARGS]...")),
    ):
        usage = usage.replace(source, local)
    rest = _COMPLETION.sub(_("Show completion for the current shell, to copy it."), rest)
    rest = _TYPES.sub(lambda found: " " * len(found[0]), rest)  # what follows stays aligned
    text = _BRACES.sub(r"\1", usage) + newline + _RANGES.sub("", rest)
    own = {
        "Usage: ": _("Usage: "),
        "Arguments:": _("Arguments:"),
        "Options:": _("Options:"),
        "Commands:": _("Commands:"),
        "Show this message and exit.": _("Show this message and exit."),
        "Install completion for the current shell.": _("Install completion for the current shell."),
    }
    for source, local in own.items():
        text = text.replace(source, local, 1)
    for source, local in (("[required]", _("[required]")), ("[default: ", _("[default: "))):
        text = text.replace(source, local)
    return text


def build() -> Any:
    """The whole command line as one click command."""
    app = typer.Typer(
        cls=LazyGroup,
        invoke_without_command=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        help=_(
            "Sorte changes code for you, on your own machine: it plans, edits, tests and commits, "
            "and every run can be undone.\n\n"
            'Start inside a git repository:  sorte do "add a timeout parameter to fetch"\n\n'
            "Or watch it work on a small sample project:  sorte demo"
        ),
    )
    app.callback()(_root)
    return typer.main.get_command(app)


def _root(
    context: typer.Context,
    directory: Annotated[
        str,
        typer.Option(
            "-C",
            metavar=_("DIR"),
            show_default=False,
            help=_("Work in this folder instead of the current one. May stand anywhere."),
        ),
    ] = "",
    lang: Annotated[
        str,
        typer.Option(
            metavar=_("LANG"),
            show_default=False,
            help=_("Language of messages: en or pt_BR. Default: SORTE_LANG, then the locale."),
        ),
    ] = "",
    no_color: Annotated[
        bool, typer.Option("--no-color", help=_("Plain text. NO_COLOR does the same."))
    ] = False,
    message: Annotated[
        str,
        typer.Option(
            "--print",
            "-p",
            metavar=_("MESSAGE"),
            show_default=False,
            help=_("One message without a session: a question is answered, a change is made."),
        ),
    ] = "",
    version: Annotated[bool, typer.Option("--version", "-V", help=_("Show the version."))] = False,
) -> None:
    # -C, --lang, --no-color and -p were read off the line before; they stand here for the help.
    if version:
        output.say(f"sorte {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        from sorte_cli.commands import session

        if session.possible():
            raise typer.Exit(session.open_session())
        output.say(context.get_help())  # no terminal means no prompt


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code. Every error for people is printed here."""
    output.prepare_streams()
    set_language(language_from_environment())
    wants_json = _wants_json(_before_double_dash(arguments))
    try:
        code = _dispatch(arguments)
    except SorteError as error:
        code = _report(error, wants_json)
    except KeyboardInterrupt:
        code = _report(InterruptedRun(_("interrupted")), wants_json)
    _seal(arguments)
    output.flush_streams()
    return code


def _seal(arguments: Sequence[str]) -> None:
    """Take what this command put into the journal into the audit log."""
    if "sorte_cli.history.journal" not in sys.modules and "trust" not in arguments[:4]:
        return
    from sorte_cli.history.audit import AuditLog
    from sorte_cli.terminal.messages import print_note

    try:
        AuditLog().take_in()
    except EnvironmentFailure as error:
        print_note(error.message)


def _dispatch(arguments: Sequence[str]) -> int:
    options = read_global_options(arguments)
    if options.language:
        set_language(options.language)
        os.environ["SORTE_LANG"] = options.language  # for the processes that Sorte starts
    if options.no_color:
        output.disable_color()
        os.environ["NO_COLOR"] = "1"
    if options.directory is not None:
        _enter(options.directory)
    try:
        words = headless.expanded(options.rest)
        result = build().main(args=words, prog_name="sorte", standalone_mode=False)
    except _ClickUsageError as error:
        raise _from_click(error) from error
    except typer.Abort:  # Ctrl-C or end of input at a question
        raise KeyboardInterrupt from None
    except SystemExit as end:
        if not isinstance(end.__context__, BrokenPipeError):
            raise
        output.silence_all()  # Typer's own help had no reader left; ours are handled in `say`
        return 0
    return result if isinstance(result, int) else 0


def _enter(directory: Path) -> None:
    try:
        os.chdir(directory)
    except OSError as error:
        raise EnvironmentFailure(
            _("cannot work in {folder}: {reason}").format(folder=directory, reason=error.strerror),
            hint=_("give -C a folder that exists and that you may enter"),
        ) from error


def _from_click(error: Any) -> UsageError:
    from sorte_cli.terminal.usage import in_words

    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "sorte"
    return UsageError(
        in_words(error.format_message()),
        hint=_("`{command} --help` shows how it is used").format(command=path),
    )


def _report(error: SorteError, wants_json: bool) -> int:
    code = int(error.exit_code)
    if wants_json:
        details = {"message": error.message, "hint": error.hint, "kind": type(error).__name__}
        output.say_json({"ok": False, "error": details, "exit_code": code})
        return code
    from sorte_cli.terminal.messages import print_error

    print_error(error.message, error.hint)
    return code


def _wants_json(words: Sequence[str]) -> bool:
    """Whether the answer is to be one JSON document: `--json`, or `--format json`."""
    said = f" {' '.join(words)} "
    return any(f" {option} " in said for option in ("--json", "--format=json", "--format json"))


def _before_double_dash(arguments: Sequence[str]) -> Sequence[str]:
    words = list(arguments)
    return words[: words.index("--")] if "--" in words else words
