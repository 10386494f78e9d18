"""Saved talks: one JSON record a line, appended and synced, so that a crash loses nothing said.

A file is read leniently (a torn last line, or one that a full disk cut short, is left out) and
written strictly: each record begins on a line of its own, whatever stood before.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sorte_cli.errors import UsageError
from sorte_cli.paths import state_dir

FORMAT = 1
TITLE_CHARS = 72
RECORD_LIMIT_CHARS = 200_000
KINDS = ("begin", "user", "answer", "run", "undone", "redone", "compacted", "note", "feedback")


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that happened in a talk, `at` seconds since 1970. `kind` is one of `KINDS`."""

    kind: str
    at: float
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TalkInfo:
    """A saved talk in a list. `title` is the first message; `updated` seconds since 1970."""

    id: str
    path: Path
    title: str
    messages: int
    updated: float
    open_elsewhere: bool = False


def project_folder(root: Path, base: Path | None = None) -> Path:
    """Where the talks about the project at `root` are kept."""
    name = hashlib.sha256(str(root.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return (base or state_dir()) / "talks" / name


class Talk:
    """An open talk. Nothing is written before the first record; `problem` says why the last write
    failed ("" where it did not), and what could not be written is tried again with the next."""

    def __init__(self, root: Path, path: Path, records: Iterable[Record] = ()) -> None:
        self.root = root
        self.path = path
        self.records = list(records)
        self.problem = ""
        self._unsaved: list[Record] = []
        self._fd: int | None = None

    @property
    def id(self) -> str:
        return self.path.stem

    @classmethod
    def new(cls, root: Path, base: Path | None = None) -> Talk:
        """A fresh talk about the project at `root`."""
        stamp = time.strftime("%Y%m%d-%H%M%S")
        name = f"{stamp}-{secrets.token_hex(2)}.jsonl"
        return cls(root, project_folder(root, base) / name)

    @classmethod
    def resume(cls, root: Path, wanted: str = "", base: Path | None = None) -> Talk:
        """The talk whose id is, begins or ends with `wanted`; the latest one for "".

        Raises UsageError where there is none, more than one, or another session has it open.
        """
        found = find_talk(root, wanted, base)
        if found.open_elsewhere:
            raise UsageError(
                f"the talk {found.id} is open in another session",
                hint="leave it there with /exit first, or begin a new one: sorte",
            )
        talk = cls(root, found.path, read_records(found.path))
        talk._open()
        return talk

    def add(self, kind: str, /, **data: Any) -> Record:
        """Remember a record and write it down. Never fails: see `problem`."""
        if not self.records and kind != "begin":
            self.add("begin", format=FORMAT, root=str(self.root))
        record = Record(kind, time.time(), data)
        self.records.append(record)
        self._unsaved.append(record)
        self._write()
        return record

    def _write(self) -> None:
        try:
            if self._fd is None:
                self._open()
            assert self._fd is not None
            while self._unsaved:
                self._append(self._fd, self._unsaved[0])
                del self._unsaved[0]
            os.fsync(self._fd)
            self.problem = ""
        except OSError as error:
            self.problem = f"cannot write {self.path}: {error.strerror}"

    def _open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(fd)
            raise
        self._fd = fd

    @staticmethod
    def _append(fd: int, record: Record) -> None:
        """One whole line; where only a part fits on the disk, that part is taken back."""
        size = os.lseek(fd, 0, os.SEEK_END)
        torn = size > 0 and os.pread(fd, 1, size - 1) != b"\n"
        words = {"kind": record.kind, "at": round(record.at, 3), **_bounded(record.data)}
        line = json.dumps(words, ensure_ascii=True, separators=(",", ":"))
        data = (b"\n" if torn else b"") + line.encode("ascii") + b"\n"
        try:
            written = 0
            while written < len(data):
                written += os.write(fd, data[written:])
        except OSError:
            os.ftruncate(fd, size)
            raise

    def close(self) -> None:
        """Let go of the file; a later `add` opens it again."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def _bounded(data: Mapping[str, Any]) -> dict[str, Any]:
    """Very long texts cut, with a word about it: a megabyte pasted is no part of a talk."""
    return {
        k: v[:RECORD_LIMIT_CHARS] + f" … (+{len(v) - RECORD_LIMIT_CHARS})"
        if isinstance(v, str) and len(v) > RECORD_LIMIT_CHARS
        else v
        for k, v in data.items()
    }


def read_records(path: Path) -> list[Record]:
    """The whole records of a talk's file, in order."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    return [record for line in text.split("\n") if (record := _record(line)) is not None]


def _record(line: str) -> Record | None:
    try:
        words = json.loads(line)
        kind, at = words.pop("kind"), float(words.pop("at"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # torn by a crash or a full disk
    return Record(str(kind), at, words)


def saved_talks(root: Path, base: Path | None = None) -> list[TalkInfo]:
    """The talks about a project in which something was said, latest first."""
    folder = project_folder(root, base)
    found: list[TalkInfo] = []
    for path in folder.glob("*.jsonl"):
        said = [r for r in read_records(path) if r.kind == "user"]
        if said:
            title = " ".join(str(said[0].data.get("text", "")).split())
            updated = path.stat().st_mtime
            busy = _locked(path)
            found.append(TalkInfo(path.stem, path, title[:TITLE_CHARS], len(said), updated, busy))
    return sorted(found, key=lambda t: (-t.updated, t.id))


def find_talk(root: Path, wanted: str = "", base: Path | None = None) -> TalkInfo:
    """The talk whose id is, begins or ends with `wanted`; the latest one for "".

    Raises UsageError where there is none, or more than one.
    """
    known = saved_talks(root, base)
    if not known:
        raise UsageError("there is no saved talk here yet", hint="start one: sorte")
    if wanted:
        found = [t for t in known if t.id == wanted]
        found = found or [t for t in known if t.id.startswith(wanted) or t.id.endswith(wanted)]
    else:
        found = [t for t in known if not t.open_elsewhere][:1] or known[:1]
    if len(found) != 1:
        names = ", ".join(t.id for t in (found or known)[:5])
        said = f"fits {len(found)} talks" if found else "is no saved talk here"
        raise UsageError(f"`{wanted}` {said}", hint=f"one of: {names}")
    return found[0]


def _locked(path: Path) -> bool:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(fd)
    return False


def as_json(talk_id: str, records: Iterable[Record]) -> dict[str, Any]:
    """A talk as plain JSON values; times are ISO 8601 in UTC."""
    return {
        "talk": talk_id,
        "records": [{"kind": r.kind, "at": _utc(r.at), **r.data} for r in records],
    }


def _utc(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
