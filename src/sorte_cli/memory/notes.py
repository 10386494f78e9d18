"""Preferences and lessons: short texts that go into every prompt, of one project or of the person.

One JSON document a line, appended; taking one back appends, too. What a model reads is `as_prompt`.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.errors import EnvironmentFailure, UsageError
from sorte_cli.memory.talks import project_folder
from sorte_cli.paths import state_dir

TEXT_LIMIT_CHARS = 400
PROMPT_LIMIT_CHARS = 2_000
KINDS = ("preference", "lesson")


@dataclass(frozen=True, slots=True)
class Note:
    """A remembered text. `scope` is "project" or "user"; `run` the run that taught it, if one."""

    number: int
    text: str
    kind: str
    scope: str
    at: float
    run: str = ""


def note_file(scope: str, root: Path | None, base: Path | None = None) -> Path:
    """Where the notes of a scope are kept."""
    folder = (base or state_dir()) / "memory"
    if scope == "user" or root is None:
        return folder / "user.jsonl"
    return folder / f"{project_folder(root, base).name}.jsonl"


def notes(root: Path | None, base: Path | None = None) -> tuple[Note, ...]:
    """What is remembered: the person's own, then the project's, numbered from 1."""
    found: list[Note] = []
    scopes = ("user", "project") if root is not None else ("user",)
    for scope in scopes:
        kept: dict[str, tuple[str, float, str]] = {}
        for words in _lines(note_file(scope, root, base)):
            text = str(words.get("text", ""))
            if words.get("forget"):
                kept.pop(text, None)
            elif text:
                at = words.get("at", 0.0)
                moment = float(at) if isinstance(at, int | float) else 0.0
                kind, run = str(words.get("kind", KINDS[0])), str(words.get("run", ""))
                kept.setdefault(text, (kind, moment, run))
        for text, (kind, at, run) in kept.items():
            found.append(Note(len(found) + 1, text, kind, scope, at, run))
    return tuple(found)


def add(
    text: str,
    *,
    root: Path | None,
    scope: str = "project",
    kind: str = KINDS[0],
    run: str = "",
    base: Path | None = None,
) -> Note:
    """Remember a text. Raises UsageError where it is empty, too long, or known already."""
    clean = " ".join(text.split())
    if not clean:
        raise UsageError("there is nothing to remember", hint='say it: sorte memory add "..."')
    if len(clean) > TEXT_LIMIT_CHARS:
        raise UsageError(
            f"the text has {len(clean)} characters; at most {TEXT_LIMIT_CHARS} are remembered",
            hint="long instructions belong into AGENTS.md of the project",
        )
    known = {(n.scope, n.text) for n in notes(root, base)}
    if (scope, clean) in known:
        raise UsageError(f"remembered already: {clean}")
    _append(note_file(scope, root, base), {"text": clean, "kind": kind, "run": run})
    return next(n for n in notes(root, base) if (n.scope, n.text) == (scope, clean))


def forget(number: int, root: Path | None, base: Path | None = None) -> Note:
    """Take one back by its number. Raises UsageError where there is none."""
    for note in notes(root, base):
        if note.number == number:
            _append(note_file(note.scope, root, base), {"text": note.text, "forget": True})
            return note
    raise UsageError(f"nothing remembered has the number {number}", hint="see: sorte memory list")


def as_prompt(known: Sequence[Note]) -> str:
    """The notes as a model reads them; byte-stable, the oldest first, within a limit."""
    lines: list[str] = []
    room = PROMPT_LIMIT_CHARS
    for note in known:
        line = f"- {note.text}"
        room -= len(line) + 1
        if room < 0:
            break
        lines.append(line)
    return "The person wants you to remember:\n" + "\n".join(lines) if lines else ""


def _lines(path: Path) -> list[dict[str, object]]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    found: list[dict[str, object]] = []
    for line in text.split("\n"):
        try:
            words = json.loads(line)
        except ValueError:
            continue  # torn by a crash
        if isinstance(words, dict):
            found.append(words)
    return found


def _append(path: Path, words: dict[str, object]) -> None:
    line = json.dumps({"at": round(time.time(), 3), **words}, ensure_ascii=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            size = os.lseek(fd, 0, os.SEEK_END)
            torn = size > 0 and os.pread(fd, 1, size - 1) != b"\n"
            os.write(fd, (b"\n" if torn else b"") + line.encode("ascii") + b"\n")
            os.fsync(fd)
        finally:
            os.close(fd)
    except OSError as error:
        raise EnvironmentFailure(
            f"cannot write {path}: {error.strerror}",
            hint="make the folder writable, or set SORTE_STATE_DIR to one that is",
        ) from error
