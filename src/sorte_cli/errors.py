"""What can go wrong, said for the person who will read it, with the exit code it leads to."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The documented exit codes of every command."""

    OK = 0
    NOT_LANDED = 1
    USAGE = 2
    ENVIRONMENT = 3
    REFUSED = 4
    INTERRUPTED = 130


class SorteError(Exception):
    """An error for people: what happened, and what to do next.

    `message` says what happened and to which file or symbol; `hint` says what to do next.
    Errors are caught once, at the edge of a command, which prints them and exits with
    `exit_code`.
    """

    exit_code: ExitCode = ExitCode.NOT_LANDED

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class NotLandedError(SorteError):
    """The work was tried and did not land: verification failed, or there was nothing to do."""

    exit_code = ExitCode.NOT_LANDED


class UsageError(SorteError):
    """The command was called in a way that makes no sense (empty task, unknown run)."""

    exit_code = ExitCode.USAGE


class EnvironmentFailure(SorteError):
    """The machine or the repository lacks something: not a repository, no model, no sandbox."""

    exit_code = ExitCode.ENVIRONMENT


class RefusedError(SorteError):
    """Sorte could, and will not: untrusted project, path outside, conflict with the user's work."""

    exit_code = ExitCode.REFUSED


class InterruptedRun(SorteError):
    """The user pressed Ctrl-C (or the process was asked to end) and the run was undone."""

    exit_code = ExitCode.INTERRUPTED
