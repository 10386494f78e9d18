"""Runs of the journal for people: a table of many, all about one."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sorte_cli.terminal.style import paint, safe
from sorte_cli.terminal.tables import render
from sorte_cli.terminal.translate import _

if TYPE_CHECKING:
    from sorte_cli.history.journal import Event, RunRecord

_KINDS = {"landed": "good", "not landed": "bad", "refused": "bad", "interrupted": "warning"}


def status_text(status: str) -> str:
    """The status of a run in the user's language; an unknown one as it is."""
    return {
        "running": _("running"),
        "landed": _("landed"),
        "not landed": _("not landed"),
        "applied": _("applied, not committed"),
        "kept": _("kept on a branch"),
        "planned": _("planned"),
        "declined": _("declined"),
        "dry run": _("dry run"),
        "refused": _("refused"),
        "interrupted": _("interrupted"),
        "undone": _("undone"),
        "recovered": _("recovered"),
        "trained": _("trained"),
    }.get(status, safe(status))


def table(records: Sequence[RunRecord]) -> str:
    """One line a run, at most as wide as the terminal (80 columns where there is none)."""
    if not records:
        return _('no runs here yet; start one: sorte do "..."')
    rows = [(r.id, status_text(r.status), _headline(r)) for r in records]
    return render(
        (_("run"), _("status"), _("task")),
        rows,
        styles=[("", _KINDS.get(r.status, ""), "") for r in records],
    )


def _headline(record: RunRecord) -> str:
    task = " ".join(safe(record.task).split())
    return task if record.kind in ("do", "apply") else f"{record.kind}: {task}"


def details(record: RunRecord, events: Sequence[Event]) -> str:
    """Everything about a run, to be read from top to bottom."""
    facts = [
        (_("run"), paint(record.id, "heading", sys.stdout)),
        (_("task"), " ".join(safe(record.task).split())),
        (_("status"), _status(record)),
        (_("when"), _when(record)),
        *([(_("branch"), safe(record.branch))] if record.branch else []),
        *((_("commit"), commit[:10]) for commit in record.commits),
    ]
    width = max(len(label) for label, _value in facts)
    lines = [f"{label:{width}}  {value}" for label, value in facts]
    for event in events:
        lines += _event_lines(event)
    return "\n".join(lines)


def _status(record: RunRecord) -> str:
    return paint(status_text(record.status), _KINDS.get(record.status, "dim"), sys.stdout)


def _when(record: RunRecord) -> str:
    began = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.started))
    if record.ended is None:
        return began
    return f"{began} ({record.ended - record.started:.1f} s)"


def _event_lines(event: Event) -> list[str]:
    writer = _WRITERS.get(event.event)
    return [] if writer is None else ["", *writer(event.data)]


def _title(text: str) -> str:
    return paint(text, "heading", sys.stdout)


def _block(text: Any, kind: str = "") -> list[str]:
    lines = safe(str(text)).strip("\n").splitlines()
    return ["  " + (paint(line, kind, sys.stdout) if kind else line) for line in lines]


def _plan(data: Mapping[str, Any]) -> list[str]:
    return [_title(_("plan")), *_block(data.get("plan", ""))]


def _step(data: Mapping[str, Any]) -> list[str]:
    title = _("step {step}").format(step=safe(str(data.get("step", ""))))
    lines = [_title(title), *_block(data.get("script", ""), "accent")]
    if commit := str(data.get("commit", "")):
        lines.append("  " + _("committed {commit}").format(commit=commit[:10]))
    return lines


def _operations(data: Mapping[str, Any]) -> list[str]:
    return [_title(_("operations")), *_block(data.get("script", ""), "accent")]


def _dropped(data: Mapping[str, Any]) -> list[str]:
    title = _("step given up: {step}").format(step=safe(str(data.get("step", ""))))
    return [paint(title, "bad", sys.stdout), *_block(data.get("reason", ""))]


def _repair(data: Mapping[str, Any]) -> list[str]:
    title = paint(_("tried, and not good enough"), "warning", sys.stdout)
    return [title, *_block(data.get("script", ""), "dim"), *_block(data.get("reason", ""))]


def _verdict(data: Mapping[str, Any]) -> list[str]:
    lines = [_title(_("checks"))]
    tests = data.get("tests")
    if isinstance(tests, dict):
        counts = _("{passed} passed, {failed} failed, {skipped} skipped").format(
            passed=tests.get("passed", 0),
            failed=tests.get("failed", 0),
            skipped=tests.get("skipped", 0),
        )
        lines.append("  " + _("tests: {counts}").format(counts=counts))
        lines += [f"    {safe(str(f))}" for f in tests.get("failures", ())]
    for finding in data.get("findings", ()):
        place = f"{safe(str(finding.get('path', '')))}:{finding.get('line', 0)}"
        lines.append(f"  {place}: {safe(str(finding.get('message', '')))}")
    lines += [f"  {safe(str(note))}" for note in data.get("notes", ())]
    return lines


def _error(data: Mapping[str, Any]) -> list[str]:
    lines = [paint(_("error"), "bad", sys.stdout), *_block(data.get("message", ""))]
    return lines + (_block(data["hint"]) if data.get("hint") else [])


_WRITERS: Mapping[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "plan": _plan,
    "step": _step,
    "step_held": _step,
    "operations": _operations,
    "step_dropped": _dropped,
    "repair": _repair,
    "verdict": _verdict,
    "error": _error,
}


def as_json(record: RunRecord) -> dict[str, Any]:
    """A run as plain JSON values; times are ISO 8601 in UTC."""
    return {
        "run": record.id,
        "task": record.task,
        "kind": record.kind,
        "status": record.status,
        "started": _utc(record.started),
        "ended": None if record.ended is None else _utc(record.ended),
        "base": record.base,
        "tip": record.tip,
        "branch": record.branch,
        "commits": list(record.commits),
    }


def events_as_json(events: Sequence[Event]) -> list[dict[str, Any]]:
    """The events of a run as plain JSON values."""
    return [{"at": _utc(e.at), "event": e.event, "data": dict(e.data)} for e in events]


def _utc(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
