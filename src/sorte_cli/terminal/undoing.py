"""What an undo or redo is about to do, and what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sorte_cli.terminal import output
from sorte_cli.terminal.style import safe
from sorte_cli.terminal.translate import _, plural

if TYPE_CHECKING:
    from sorte_cli.history import UndoResult

PATHS_SHOWN = 12


def announce(verb: str, plan: UndoResult, task: str) -> str:
    """What would happen: the run, the way, the files."""
    text = {
        "undo": _("take back run {run}: {task}"),
        "redo": _("bring back run {run}: {task}"),
    }[verb]
    lines = [output.wrapped(text.format(run=plan.run, task=" ".join(safe(task).split())))]
    lines.append("  " + _way(plan))
    lines += [f"  {safe(path)}" for path in plan.paths[:PATHS_SHOWN]]
    if (more := len(plan.paths) - PATHS_SHOWN) > 0:
        lines.append("  " + plural("… and {count} more file", "… and {count} more files", more))
    return "\n".join(lines)


def _way(plan: UndoResult) -> str:
    ways = {
        "moved back": _("the branch moves back"),
        "moved forward": _("the branch moves forward again"),
        "reverted": _("by a new commit that reverts it"),
        "reapplied": _("by a new commit that applies it again"),
    }
    way = ways.get(plan.how, plan.how)
    return f"{way} ({safe(plan.reason)})" if plan.reason else way


def summarise(verb: str, result: UndoResult) -> str:
    """What happened, in one line, and how to go the other way."""
    files = plural("{count} file", "{count} files", len(result.paths))
    text = {
        "undo": _("undone: run {run}, {files}, {way}; `sorte redo` brings it back"),
        "redo": _("redone: run {run}, {files}, {way}; `sorte undo` takes it back"),
    }[verb]
    return output.wrapped(text.format(run=result.run, files=files, way=_way(result)))


def undo_json(verb: str, result: UndoResult) -> dict[str, Any]:
    """The result as plain JSON values."""
    return {
        "ok": True,
        "command": verb,
        "run": result.run,
        "how": result.how,
        "reason": result.reason,
        "commit": result.commit,
        "paths": list(result.paths),
        "recovered": list(result.recovered),
    }
