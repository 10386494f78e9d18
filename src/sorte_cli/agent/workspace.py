"""What every command that changes a repository stands on: the repository, locked and recovered,
its settings, the journal entry of this run, and where its tests may run."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from sorte_cli.agent.report import Observer
from sorte_cli.errors import EnvironmentFailure, ExitCode, InterruptedRun, SorteError
from sorte_cli.guardian import Sandbox, find_sandbox
from sorte_cli.history.journal import Journal
from sorte_cli.history.locking import RunLock
from sorte_cli.history.recovery import recover
from sorte_cli.history.repository import Repository
from sorte_cli.settings import Settings, load_settings
from sorte_cli.texts import N_

RUN_BARE = N_("Run this project's tests without a sandbox?")


@dataclass(frozen=True, slots=True)
class Workspace:
    """An open run. `notes` are for the report."""

    repository: Repository
    settings: Settings
    journal: Journal
    run_id: str
    observer: Observer
    notes: tuple[str, ...]
    cancel: threading.Event

    def record(self, event: str, **data: object) -> None:
        """Journal an event and tell the observer."""
        self.journal.record(self.run_id, event, data)


@contextmanager
def open_workspace(
    directory: Path,
    flags: Mapping[str, str | int | None],
    observer: Observer,
    *,
    kind: str,
    task: str,
) -> Iterator[Workspace]:
    """Lock the repository, finish or undo what a crash left, start a journal entry.

    An error or Ctrl-C inside ends the journal entry with the right status and goes on to the
    caller; Ctrl-C and SIGTERM come out as InterruptedRun.
    """
    repository = Repository.discover(directory)
    settings, notes = load_settings(repository.root, flags)
    with RunLock(repository):
        journal = Journal.open()
        for sentence in recover(repository, journal):
            observer.event("recovered", text=sentence)
        run = journal.start_run(repository, task=task, kind=kind, command=kind)
        cancel = threading.Event()
        try:
            with _terminate_as_interrupt():
                yield Workspace(repository, settings, journal, run.id, observer, notes, cancel)
        except KeyboardInterrupt:
            cancel.set()
            journal.set_status(run.id, "interrupted")
            raise InterruptedRun(
                "interrupted: nothing was changed in your working tree",
                hint=f"`sorte show {run.id}` tells how far the run came",
            ) from None
        except SorteError as error:
            refused = error.exit_code == ExitCode.REFUSED
            journal.record(run.id, "error", {"message": error.message, "hint": error.hint})
            journal.set_status(run.id, "refused" if refused else "not landed")
            raise
        except BaseException as error:
            journal.record(run.id, "error", {"message": f"{type(error).__name__}: {error}"})
            journal.set_status(run.id, "not landed")
            raise


@contextmanager
def _terminate_as_interrupt() -> Iterator[None]:
    """SIGTERM and SIGHUP unwind like Ctrl-C, so that the transaction is cleaned up."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {s: signal.signal(s, interrupt) for s in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def choose_sandbox(workspace: Workspace) -> tuple[Sandbox, str]:
    """The sandbox for tests and a note where there is none.

    Raises EnvironmentFailure when no sandbox works here and the user does not agree to go without.
    """
    try:
        return find_sandbox(workspace.settings.sandbox), ""
    except EnvironmentFailure as error:
        if workspace.settings.sandbox == "bubblewrap":
            raise
        question = f"{error.message}\n{error.hint}\n{RUN_BARE}"
        if not workspace.observer.consent("no_sandbox", question):
            raise
        workspace.record("consent", question="no_sandbox", answer=True)
        return find_sandbox("none"), "tests ran without a sandbox, as you allowed"


def recent_subjects(workspace: Workspace) -> tuple[str, ...]:
    """Subjects of the last commits, newest first."""
    text = workspace.repository.git("log", "-50", "--format=%s").decode("utf-8", "replace")
    return tuple(text.splitlines())
