"""`sorte audit`: what was run, checked, approved and overridden, and whether that log is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sorte_cli.errors import ExitCode, UsageError
from sorte_cli.terminal.translate import _, plural

if TYPE_CHECKING:
    from sorte_cli.history.audit import AuditLog

HELP = _(
    "Show the audit log: runs, checks, approvals and overrides on this machine.\n\n"
    "`sorte audit verify` checks that no entry was changed, taken out or put in, and that the "
    "journal still says what the log sealed. It ends with 1 where something is wrong."
)

DEEDS = ("list", "verify")


def run(
    action: Annotated[
        str, typer.Argument(metavar="[ACTION]", help=_("list, or verify."), show_default=False)
    ] = "list",
    limit: Annotated[
        int, typer.Option("-n", "--limit", min=1, metavar="N", help=_("How many entries to list."))
    ] = 20,
    expect: Annotated[
        str,
        typer.Option(
            metavar="HASH",
            show_default=False,
            help=_("A hash that you noted down; it must be in the log."),
        ),
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print the answer as one JSON document."))
    ] = False,
) -> None:
    from sorte_cli.history.audit import AuditLog

    if action not in DEEDS:
        raise UsageError(
            _("`sorte audit {action}` does not exist").format(action=action),
            hint=_("choose one of: {choices}").format(choices=", ".join(DEEDS)),
        )
    log = AuditLog()
    log.take_in()
    if action == "list":
        _list(log, limit, as_json=as_json)
    else:
        _verify(log, expect, as_json=as_json)


def _list(log: AuditLog, limit: int, *, as_json: bool) -> None:
    import json
    import time

    from sorte_cli.terminal import output
    from sorte_cli.terminal.style import safe

    entries = log.entries()[-limit:]
    if as_json:
        rows = [
            {"number": e.number, "at": e.at, "kind": e.kind, "run": e.run, "data": dict(e.data)}
            for e in entries
        ]
        output.say_json({"ok": True, "entries": rows})
        return
    for e in entries:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(e.at))
        details = json.dumps(dict(e.data), ensure_ascii=False)
        words = (f"{e.number:>5}", when, e.kind, e.run, details)
        output.say(safe("  ".join(word for word in words if word)))


def _verify(log: AuditLog, expect: str, *, as_json: bool) -> None:
    from sorte_cli.terminal import output
    from sorte_cli.terminal.messages import print_error

    found = log.verify()
    problems = list(found.problems)
    if expect and not any(e.hash.startswith(expect) for e in log.entries()):
        problems.append(_("no entry has the hash {hash}").format(hash=expect))
    if as_json:
        output.say_json(
            {
                "ok": not problems,
                "entries": found.entries,
                "head": found.head,
                "problems": problems,
            }
        )
    elif problems:
        for problem in problems:
            print_error(problem)
    else:
        said = plural("{count} entry, all as written", "{count} entries, all as they were written",
                      found.entries)  # fmt: skip
        output.say(said + (f"; {found.head}" if found.head else ""))
    if problems:
        raise typer.Exit(int(ExitCode.NOT_LANDED))
