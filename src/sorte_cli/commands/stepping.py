"""The way of `undo` and `redo`: say what would happen, ask, do it, say what happened."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from sorte_cli.errors import NotLandedError
from sorte_cli.history import Journal, Repository, UndoResult
from sorte_cli.terminal import ask, output
from sorte_cli.terminal.messages import print_note
from sorte_cli.terminal.style import safe
from sorte_cli.terminal.translate import _
from sorte_cli.terminal.undoing import announce, summarise, undo_json


class Engine(Protocol):
    """`history.undo` or `history.redo`."""

    def __call__(
        self, repo: Repository, journal: Journal, run: str | None = None, *, dry_run: bool = False
    ) -> UndoResult: ...


def step(engine: Engine, run_id: str, *, verb: str, yes: bool, as_json: bool) -> None:
    """One undo or redo from question to answer. `verb` is "undo" or "redo".

    Raises NotLandedError where the answer is no, or where nobody is there to ask.
    """
    repository = Repository.discover(Path.cwd())
    with Journal.open() as journal:
        if not yes:
            plan = engine(repository, journal, run_id or None, dry_run=True)
            record = journal.run(repository, plan.run)
            output.say(announce(verb, plan, record.task), to_stderr=True)
            confirm()
            run_id = plan.run  # exactly the run that was announced
        result = engine(repository, journal, run_id or None)
    for sentence in result.recovered:
        print_note(safe(sentence))
    if as_json:
        output.say_json(undo_json(verb, result))
    else:
        output.say(summarise(verb, result))


def confirm() -> None:
    """Ask whether to go on. NotLandedError for a no, or where nobody is there to ask."""
    if not output.is_interactive():
        raise NotLandedError(
            _("nobody is here to confirm; nothing was changed"),
            hint=_("pass --yes to go on without being asked"),
        )
    if not ask.yes_or_no(_("Go on?")):
        raise NotLandedError(_("stopped; nothing was changed"))
