"""`sorte` alone: the interactive session."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sorte_cli.terminal import output, theme

if TYPE_CHECKING:
    from sorte_cli.memory.talks import Talk


def possible() -> bool:
    """Whether a person sits at a terminal; without one there is no prompt."""
    return output.is_interactive() and sys.stdout is not None and sys.stdout.isatty()


def capable() -> bool:
    """Whether the terminal can move its cursor, and nobody asked for plain lines."""
    plain = os.environ.get("SORTE_PLAIN", "") not in ("", "0")
    return os.environ.get("TERM", "") not in ("", "dumb", "unknown") and not plain


def main() -> int:
    """`sorte` alone on a terminal: the whole program, with its errors."""
    from sorte_cli.errors import SorteError
    from sorte_cli.terminal.messages import print_error
    from sorte_cli.terminal.translate import language_from_environment, set_language

    output.prepare_streams()
    set_language(language_from_environment())
    try:
        return open_session()
    except SorteError as error:
        print_error(error.message, error.hint)
        return int(error.exit_code)
    except KeyboardInterrupt:
        return 130


def open_session(talk: Talk | None = None) -> int:
    """Talk until the person leaves; returns the exit code. `talk` is one to go on with.

    Raises EnvironmentFailure outside of a git repository.
    """
    from sorte_cli.memory.talks import Talk
    from sorte_cli.paths import state_dir
    from sorte_cli.terminal.session.client import WorkerClient
    from sorte_cli.terminal.session.core import Session
    from sorte_cli.terminal.session.welcome import find_root, greet

    root = find_root(Path.cwd())
    theme.use(os.environ.get("SORTE_THEME", ""))  # the worker reads the settings, and tells
    session = Session(root, talk or Talk.new(root), lambda deliver: WorkerClient(root, deliver))
    if capable():
        from sorte_cli.terminal.session.prompt import PromptScreen

        screen: PromptScreen | PlainScreen = PromptScreen(session, state_dir() / "history.jsonl")
    else:
        from sorte_cli.terminal.session.plain import PlainScreen

        screen = PlainScreen(session)
    session.work.resized(shutil.get_terminal_size((80, 24)).columns)
    greet(session, resumed=talk is not None)
    try:
        return screen.run()
    finally:
        session.close()
