"""The `sorte` program: answers `--version` at once, hands everything else to the commands."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    arguments = sys.argv[1:]
    try:
        if arguments in (["--version"], ["-V"]):
            code = _version()
        elif not arguments and (left := _session()) is not None:
            code = left
        else:
            from sorte_cli.commands.app import run

            code = run(arguments)
    except KeyboardInterrupt:  # during the imports; `run` handles every later one
        code = 130
    sys.exit(code)


def _version() -> int:
    from sorte_cli import __version__

    print(f"sorte {__version__}")
    return 0


def _session() -> int | None:
    """The interactive session, without the command line's parser, which would cost it a third of
    its start; None where there is no terminal for it."""
    from sorte_cli.commands import session

    return session.main() if session.possible() else None


if __name__ == "__main__":
    main()
