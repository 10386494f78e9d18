"""The worker process of a session; started by the session, never by a person."""

from __future__ import annotations


def main() -> None:
    """Serve the session at the other end of stdin and stdout."""
    from sorte_cli.commands.app import COMMANDS, run
    from sorte_cli.terminal.session.worker import serve

    serve(run, COMMANDS)
