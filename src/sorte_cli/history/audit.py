"""The audit log: what was run, checked, approved and overridden, each entry sealing the one before.

One line of JSON an entry, appended and never changed. Each holds the hash of the entry before it,
so a line that was changed, taken out or put in breaks the chain from there on. `audit.head` beside
it remembers the end, so that a log that was cut off is noticed too. Whoever can write both files
can still forge the whole; noting down the hash that `sorte audit verify` prints guards against it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sorte_cli.errors import EnvironmentFailure
from sorte_cli.paths import state_dir

_START = "0" * 64
_DATA_LIMIT_BYTES = 4_000
_TAIL_BYTES = 64_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `kind` is "run", "status", "check", "override", "hook", "trust" or "event NAME";
    `at` seconds since 1970; `run` the run's id where it belongs to one."""

    number: int
    at: float
    kind: str
    run: str
    data: Mapping[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class Verification:
    """How many entries there are, the hash of the last, and what is wrong, first things first."""

    entries: int
    head: str
    problems: tuple[str, ...] = ()


class AuditLog:
    """The log of this user, in `state_dir()`, for all repositories."""

    def __init__(self, folder: Path | None = None) -> None:
        self.path = (folder or state_dir()) / "audit.jsonl"
        self._head = self.path.with_name("audit.head")

    def append(self, kind: str, data: Mapping[str, Any], *, run: str = "") -> None:
        """Add an entry, durably. Raises EnvironmentFailure where it cannot be written."""
        with self._locked() as fd:
            self._append(fd, [(kind, data, run, time.time())])

    def take_in(self) -> int:
        """Add what the journal and the trust records say and the log does not; how many entries.

        The journal is complete; the log seals it. An event is sealed at the latest when the command
        that wrote it ends, or when the next one does after a crash.
        """
        with self._locked() as fd:
            fresh = list(self._news(list(_entries(_read_all(fd)))))
            if fresh:
                self._append(fd, fresh)
        return len(fresh)

    def entries(self) -> list[Entry]:
        """All entries that can be read, oldest first; none where there is no log."""
        try:
            return list(_entries(self.path.read_bytes()))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise EnvironmentFailure(f"cannot read {self.path}: {error.strerror}") from error

    def verify(self) -> Verification:
        """Check the chain, its end, and that the journal still says what was sealed."""
        try:
            lines = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            lines = [b""]
        except OSError as error:
            raise EnvironmentFailure(f"cannot read {self.path}: {error.strerror}") from error
        problems: list[str] = []
        if lines.pop():
            problems.append("the last line is not whole")
        previous, count = _START, 0
        for number, line in enumerate(lines, 1):
            entry = _parsed(line)
            if entry is None:
                problems.append(f"line {number} is no entry")
                continue
            if entry["prev"] != previous:
                problems.append(f"entry {number} does not follow the one before it")
            if entry["hash"] != _hash(entry) or entry["number"] != number:
                problems.append(f"entry {number} was changed")
            previous, count = str(entry["hash"]), count + 1
        problems += self._end(count, previous)
        problems += self._against_the_journal()
        return Verification(count, previous if count else "", tuple(problems))

    def _end(self, count: int, last: str) -> Iterator[str]:
        try:
            number, _, known = self._head.read_text(encoding="ascii").strip().partition(" ")
            expected = int(number)
        except FileNotFoundError:
            if count:
                yield "audit.head is missing: whether entries were cut off cannot be told"
            return
        except (OSError, ValueError):
            yield "audit.head cannot be read"
            return
        # An entry is written before the head is; a crash between the two leaves one more.
        if count < expected:
            yield f"{expected - count} entries at the end are missing"
        elif count == expected and last != known:
            yield "the last entry is not the one that was written last"

    def _against_the_journal(self) -> Iterator[str]:
        rows = dict(_journal_events(self.path.with_name("journal.sqlite")))
        for entry in self.entries():
            if not entry.kind.startswith("event "):
                continue
            row = rows.get(entry.data["event"])
            if row is None or row[0] != entry.run:
                yield f"the journal lost an event of run {entry.run} (entry {entry.number})"
            elif row[2] != entry.data["sha256"]:
                yield f"an event of run {entry.run} was changed in the journal ({entry.number})"

    def _news(self, known: list[Entry]) -> Iterator[tuple[str, Mapping[str, Any], str, float]]:
        journal = self.path.with_name("journal.sqlite")
        # A run's event is sealed once, also where the journal was begun anew and counts from 1.
        sealed = {(e.run, e.data["event"]) for e in known if e.kind.startswith("event ")}
        status = {e.run: e.data["status"] for e in known if e.kind in ("run", "status")}
        for run, data, at in _journal_runs(journal):
            if run not in status:
                yield "run", data, run, at
            elif status[run] != data["status"]:
                yield "status", {"status": data["status"]}, run, time.time()
        for event, (run, at, digest, name) in _journal_events(journal):
            if (run, event) not in sealed:
                yield f"event {name}", {"event": event, "sha256": digest}, run, at
        before = next((e.data for e in reversed(known) if e.kind == "trust"), None)
        now = _trusted(self.path.with_name("trust.json"))
        if now if before is None else _bounded({"projects": now}) != before:
            yield "trust", {"projects": now}, "", time.time()

    def _append(self, fd: int, news: list[tuple[str, Mapping[str, Any], str, float]]) -> None:
        number, previous = self._end_of(fd)
        text = b""
        for kind, data, run, at in news:
            number += 1
            entry: dict[str, Any] = {
                "number": number,
                "at": round(at, 3),
                "kind": kind,
                "run": run,
                "data": _bounded(data),
                "prev": previous,
            }
            entry["hash"] = previous = _hash(entry)
            text += json.dumps(entry, ensure_ascii=True, sort_keys=True).encode("ascii") + b"\n"
        try:
            os.lseek(fd, 0, os.SEEK_END)
            view = memoryview(text)
            while view:
                view = view[os.write(fd, view) :]
            os.fsync(fd)
            fresh = self._head.with_suffix(".head-new")
            fresh.write_text(f"{number} {previous}\n", encoding="ascii")
            fresh.replace(self._head)
        except OSError as error:
            raise self._trouble(error) from error

    def _end_of(self, fd: int) -> tuple[int, str]:
        """Number and hash of the last entry. Half a line, left by a crash, is taken away."""
        size = os.fstat(fd).st_size
        start = max(size - _TAIL_BYTES, 0)
        tail = os.pread(fd, _TAIL_BYTES, start)
        if tail and not tail.endswith(b"\n"):
            whole = tail.rfind(b"\n") + 1
            os.ftruncate(fd, start + whole)
            tail = tail[:whole]
        entry = _parsed(tail.rstrip(b"\n").rpartition(b"\n")[2])
        return (int(entry["number"]), str(entry["hash"])) if entry else (0, _START)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._trouble(error) from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield fd
        finally:
            os.close(fd)

    def _trouble(self, error: OSError) -> EnvironmentFailure:
        return EnvironmentFailure(
            f"cannot write the audit log {self.path}: {error.strerror}",
            hint="make the folder writable, or set SORTE_STATE_DIR to one that is",
        )


def _bounded(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """`data`, or its hash where it is long: the log stays small whatever happens in a run."""
    text = json.dumps(data, ensure_ascii=True, sort_keys=True)
    if len(text) <= _DATA_LIMIT_BYTES:
        return dict(json.loads(text))
    return {"sha256": hashlib.sha256(text.encode()).hexdigest(), "bytes": len(text)}


def _hash(entry: Mapping[str, Any]) -> str:
    sealed = {k: v for k, v in entry.items() if k != "hash"}
    text = json.dumps(sealed, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    wanted = {"number", "at", "kind", "run", "data", "prev", "hash"}
    return entry if isinstance(entry, dict) and entry.keys() == wanted else None


def _read_all(fd: int) -> bytes:
    parts, at = [], 0
    while part := os.pread(fd, 1 << 20, at):
        parts.append(part)
        at += len(part)
    return b"".join(parts)


def _entries(content: bytes) -> Iterator[Entry]:
    for line in content.split(b"\n"):
        e = _parsed(line)
        if e is not None:
            yield Entry(e["number"], e["at"], e["kind"], e["run"], e["data"], e["hash"])


@contextmanager
def _journal(path: Path) -> Iterator[sqlite3.Connection | None]:
    """The journal, to be read only; None where there is none yet."""
    if not path.is_file():
        yield None
        return
    try:
        db = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=20)
    except sqlite3.Error as error:
        raise EnvironmentFailure(f"cannot open the journal {path}: {error}") from error
    try:
        yield db
    except sqlite3.Error as error:
        raise EnvironmentFailure(f"cannot read the journal {path}: {error}") from error
    finally:
        db.close()


def _journal_runs(path: Path) -> list[tuple[str, dict[str, Any], float]]:
    with _journal(path) as db:
        if db is None:
            return []
        rows = db.execute("SELECT id, root, task, kind, status, started FROM runs ORDER BY started")
        return [
            (r[0], {"root": r[1], "task": r[2][:500], "kind": r[3], "status": r[4]}, r[5])
            for r in rows
        ]


def _journal_events(path: Path) -> list[tuple[int, tuple[str, float, str, str]]]:
    """(event id, (run, time, hash of the event, its name)) of all events, oldest first."""
    with _journal(path) as db:
        if db is None:
            return []
        rows = db.execute("SELECT id, run, at, event, data FROM events ORDER BY id")
        return [(r[0], (r[1], r[2], _digest(r[1:]), r[3])) for r in rows]


def _digest(fields: tuple[Any, ...]) -> str:
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()


def _trusted(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}
