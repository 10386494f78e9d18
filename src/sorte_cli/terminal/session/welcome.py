"""The first lines of a session: where we are; and, the very first time, what will happen."""

from __future__ import annotations

from pathlib import Path

from sorte_cli import __version__
from sorte_cli.errors import EnvironmentFailure
from sorte_cli.paths import state_dir
from sorte_cli.terminal.session.core import Session
from sorte_cli.terminal.style import safe
from sorte_cli.terminal.translate import _


def find_root(start: Path) -> Path:
    """The working tree that `start` lies in, found without git so that the prompt comes at once.

    Raises EnvironmentFailure where there is none.
    """
    found = find_root_or_none(start)
    if found is not None:
        return found
    raise EnvironmentFailure(
        _("{folder} is not in a git repository").format(folder=start),
        hint=_("go to a project, or make one with `git init`; `sorte demo` needs none"),
    )


def find_root_or_none(start: Path) -> Path | None:
    """The same, where none is no error."""
    return next((f for f in (start, *start.parents) if (f / ".git").exists()), None)


def greet(session: Session, *, resumed: bool) -> None:
    """One line, or five more for somebody new."""
    session.voice.line(f"sorte {__version__} · {safe(str(session.root))}", "heading")
    if resumed:
        session.take_up(session.talk)
    elif _first_time():
        session.first = True
        for line in introduction():
            session.voice.line("  " + line)
    session.voice.line(_("Ask, or say what to change. /help lists the commands."), "dim")


def introduction() -> tuple[str, ...]:
    """What a newcomer should know, in five lines."""
    return (
        _("Say what to change, in English or Portuguese. You see a plan and decide."),
        _("The work happens in a copy: your files change only when tests are green."),
        _("Each change is a commit of its own, and /undo takes it back at any time."),
        _("All of it runs on this machine: nothing is sent, or downloaded unasked."),
        _("The small model that came with Sorte works now; larger ones do more."),
    )


def _first_time() -> bool:
    """True once for each person; a state folder that cannot be written says it every time."""
    mark = state_dir() / "welcomed"
    if mark.exists():
        return False
    try:
        mark.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        mark.touch()
    except OSError:
        pass
    return True
