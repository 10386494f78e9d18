"""`sorte clean`: let go of what old runs have left."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sorte_cli.terminal.translate import _, plural

if TYPE_CHECKING:
    from sorte_cli.context.cleaning import OldIndex
    from sorte_cli.history.cleaning import Cleaning

HELP = _(
    "Remove what old runs have left.\n\n"
    "Branches `sorte/RUN` of runs that did not land, old details in the journal, indexes of "
    "projects that were not opened for long, the checked-out tree that waits for the next run, and "
    "whatever a crash left behind. A branch that you have committed to or checked out stays."
)
_DAY_S = 86_400.0
_EVENT_DAYS = 365.0


def run(
    days: Annotated[
        int,
        typer.Option("--days", min=0, metavar="N", help=_("Only what is older than N days.")),
    ] = 30,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=_("Show what would be removed; change nothing."))
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help=_("Go on without asking."))] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print the result as one JSON document."))
    ] = False,
) -> None:
    from sorte_cli.commands.stepping import confirm
    from sorte_cli.context.cleaning import old_indexes, remove_index
    from sorte_cli.history import Journal, Repository
    from sorte_cli.history.cleaning import clean, survey
    from sorte_cli.paths import cache_dir
    from sorte_cli.terminal import output
    from sorte_cli.terminal.messages import print_note

    repository = Repository.discover(Path.cwd(), writing=not dry_run)
    ages = {"branch_days": float(days), "event_days": max(_EVENT_DAYS, float(days))}
    indexes = old_indexes(cache_dir(), days * _DAY_S)
    with Journal.open() as journal:
        found = survey(repository, journal, **ages)
        if not dry_run:
            if (found.branches or found.old_events or found.tree or indexes) and not yes:
                output.say(_described(found, indexes), to_stderr=True)
                confirm()
            found = clean(repository, journal, **ages)
            for index in indexes:
                remove_index(index)
    for sentence in found.recovered:
        print_note(sentence)
    if as_json:
        output.say_json(_as_json(found, indexes, dry_run=dry_run))
        return
    heading = _("would be removed:") if dry_run else _("removed:")
    text = _described(found, indexes)
    output.say(f"{heading}\n{text}" if text else _("there is nothing to remove"))


def _described(found: Cleaning, indexes: list[OldIndex]) -> str:
    """One line for each thing."""
    from sorte_cli.terminal.style import safe

    lines = []
    for branch in found.branches:
        age = plural("{count} day old", "{count} days old", int(branch.age_s / _DAY_S))
        lines.append(
            _("  branch {name} ({age}): {task}").format(
                name=safe(branch.name), age=age, task=safe(" ".join(branch.run.task.split()))[:60]
            )
        )
    if found.old_events:
        text = plural(
            "  {count} detail in the journal older than a year",
            "  {count} details in the journal older than a year",
            found.old_events,
        )
        lines.append(text)
    if found.tree:
        text = _("  the tree checked out for the next run ({size} MB)")
        lines.append(text.format(size=f"{found.tree.size_bytes / 1e6:.1f}"))
    if indexes:
        size = sum(index.size_bytes for index in indexes) / 1e6
        text = plural(
            "  {count} index not used for long ({{size}} MB)",
            "  {count} indexes not used for long ({{size}} MB)",
            len(indexes),
        )
        lines.append(text.format(size=f"{size:.1f}"))
    return "\n".join(lines)


def _as_json(found: Cleaning, indexes: list[OldIndex], *, dry_run: bool) -> dict[str, object]:
    return {
        "ok": True,
        "dry_run": dry_run,
        "branches": [
            {"name": b.name, "tip": b.tip, "run": b.run.id, "age_s": round(b.age_s)}
            for b in found.branches
        ],
        "kept": [{"name": name, "reason": reason} for name, reason in found.kept],
        "events": found.old_events,
        "tree": {"path": str(found.tree.path), "size_bytes": found.tree.size_bytes}
        if found.tree
        else None,
        "indexes": [{"path": str(i.path), "size_bytes": i.size_bytes} for i in indexes],
    }
