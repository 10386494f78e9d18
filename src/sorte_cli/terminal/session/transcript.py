"""A talk as text: for export as Markdown, and shortened for going on with it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sorte_cli.terminal.translate import _

if TYPE_CHECKING:
    from sorte_cli.agent.conversation import Turn
    from sorte_cli.memory.talks import Record

REPLAYED = 6
LINE_CHARS = 100


def as_markdown(talk_id: str, records: Iterable[Record]) -> str:
    """The whole talk, readable anywhere."""
    parts = [f"# Sorte {talk_id}"]
    for record in records:
        if text := _markdown_of(record):
            parts.append(text)
    return "\n\n".join(parts) + "\n"


def _markdown_of(record: Record) -> str:
    data = record.data
    at = time.strftime("%H:%M", time.localtime(record.at))
    match record.kind:
        case "user":
            quoted = "\n".join(f"> {line}" for line in str(data.get("text", "")).splitlines())
            return f"## {at}\n\n{quoted}"
        case "answer":
            places = ", ".join(f"`{s}`" for s in data.get("sources", ())[:12])
            sources = "\n\n" + _("sources: {places}").format(places=places) if places else ""
            return f"{data.get('text', '')}{sources}"
        case "run":
            lines = [f"**{data.get('status', '')}** {data.get('summary', '')}"]
            if data.get("run"):
                lines[0] += f" (`{data['run']}`)"
            if plan := str(data.get("plan", "")).strip():
                lines.append(f"```\n{plan}\n```")
            if operations := str(data.get("operations", "")).strip():
                lines.append(f"```\n{operations}\n```")
            return "\n\n".join(lines)
        case "undone":
            return "_" + _("run {run} was undone").format(run=data.get("run", "")) + "_"
        case "redone":
            return "_" + _("run {run} was brought back").format(run=data.get("run", "")) + "_"
        case "lesson":
            return "_" + _("remembered: {text}").format(text=data.get("text", "")) + "_"
        case "feedback":
            mark = "👍" if data.get("good") else "👎"
            return f"{mark} {data.get('note', '')}".strip()
        case _:
            return ""


def turns_of(records: Sequence[Record]) -> list[Turn]:
    """The exchanges of a saved talk, for the model's context. An undone run says so."""
    from sorte_cli.agent.conversation import QUESTION, Turn

    undone: set[str] = set()
    for record in records:
        run = str(record.data.get("run", ""))
        if record.kind == "undone":
            undone.add(run)
        elif record.kind == "redone":
            undone.discard(run)
    turns: list[Turn] = []
    said, kind = "", QUESTION
    for record in records:
        if record.kind == "user":
            said, kind = str(record.data.get("text", "")), str(record.data.get("route", QUESTION))
        elif record.kind in ("answer", "run") and said:
            reply = str(record.data.get("text", record.data.get("summary", "")))
            if record.kind == "run":
                state = "undone" if record.data.get("run") in undone else record.data.get("status")
                reply = f"{state}: {reply}"
            turns.append(Turn(said, reply[:2_000], kind))
            said = ""
    return turns


def replayed(records: Sequence[Record]) -> list[str]:
    """The last exchanges of a talk in short lines, to find one's way back in."""
    lines: list[str] = []
    for turn in turns_of(records)[-REPLAYED:]:
        lines.append("› " + _short(turn.said))
        lines.append("  " + _short(turn.reply))
    return lines


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LINE_CHARS else flat[: LINE_CHARS - 1] + "…"
