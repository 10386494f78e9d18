"""The journal: a durable record of every run, in one SQLite file for all repositories."""

from __future__ import annotations

import difflib
import json
import os
import secrets
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sorte_cli.errors import EnvironmentFailure, UsageError
from sorte_cli.history.locking import boot_id
from sorte_cli.history.repository import Repository
from sorte_cli.paths import state_dir
from sorte_cli.texts import N_

_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    id TEXT PRIMARY KEY, repo TEXT NOT NULL, root TEXT NOT NULL, task TEXT NOT NULL,
    kind TEXT NOT NULL, command TEXT NOT NULL, status TEXT NOT NULL,
    started REAL NOT NULL, ended REAL, base TEXT NOT NULL DEFAULT '', tip TEXT NOT NULL DEFAULT '',
    branch TEXT NOT NULL DEFAULT '', commits TEXT NOT NULL DEFAULT '[]',
    data TEXT NOT NULL DEFAULT '{}', pid INTEGER NOT NULL, boot TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS runs_by_repo ON runs (repo, started);
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY, run TEXT NOT NULL REFERENCES runs (id), at REAL NOT NULL,
    event TEXT NOT NULL, data TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS events_by_run ON events (run, id);
"""
_OLD = "run IN (SELECT id FROM runs WHERE repo = ? AND status != 'running') AND at < ?"
# Once landed, only undo and redo change what a run is: a late Ctrl-C must not unsay it.
_LANDED = ("landed", "undone")


@dataclass(frozen=True, slots=True)
class Run:
    """A run that has begun. `id` sorts by time: "20261121-143502-ab12"."""

    id: str


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What the journal knows of a run.

    `kind`: "do", "apply", "undo", "redo". `status`: "running", "landed", "not landed", "refused",
    "interrupted", "undone", "recovered". `started` and `ended` are seconds since 1970 (`ended`
    None: not yet). `base`..`tip` are the commits in force; `branch` is empty for a detached HEAD.
    `data` holds the latest record of each event by name (plan, scripts, verdict...).
    """

    id: str
    task: str
    kind: str
    command: str
    status: str
    started: float
    ended: float | None
    base: str = ""
    tip: str = ""
    branch: str = ""
    commits: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in a run, `at` seconds since 1970."""

    at: float
    event: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mark:
    """What becomes true of a run when something lands. None leaves a field as it is."""

    run: str
    status: str
    base: str | None = None
    tip: str | None = None
    branch: str | None = None
    commits: tuple[str, ...] | None = None
    event: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


def as_text(value: str) -> str:
    """Text that SQLite can hold: bytes that were not UTF-8 on the command line become `\\xff`."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


class Journal:
    """Rows are written durably (WAL, synchronous=FULL): what was recorded survives a crash."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    @classmethod
    def open(cls, path: Path | None = None) -> Journal:
        """Open or make `state_dir()/journal.sqlite`. EnvironmentFailure if that cannot be."""
        path = path or state_dir() / "journal.sqlite"
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            db = sqlite3.connect(path, timeout=20, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise EnvironmentFailure(
                f"cannot open the journal {path}: {error}",
                hint="Make the folder writable, or set SORTE_STATE_DIR to one that is.",
            ) from error
        try:
            db.row_factory = sqlite3.Row
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version > _VERSION:
                raise EnvironmentFailure(
                    f"the journal {path} was written by a newer Sorte", hint="Update Sorte."
                )
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
            if version < _VERSION:
                db.executescript(f"BEGIN;{_SCHEMA}PRAGMA user_version={_VERSION};COMMIT;")
                path.chmod(0o600)
        except EnvironmentFailure:
            db.close()
            raise
        except (OSError, sqlite3.Error) as error:
            db.close()
            raise EnvironmentFailure(
                f"the journal {path} cannot be read: {error}",
                hint="Move it away; the commits of past runs stay in their repositories.",
            ) from error
        return cls(db)

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start_run(self, repo: Repository, task: str, kind: str, command: str) -> Run:
        """Write down that a run begins."""
        now = time.time()
        stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
        with self._atomic():
            while True:
                run = Run(f"{stamp}-{secrets.token_hex(2)}")
                added = self._db.execute(
                    "INSERT OR IGNORE INTO runs (id, repo, root, task, kind, command, status,"
                    " started, pid, boot) VALUES (?, ?, ?, ?, ?, ?, 'running', ?, ?, ?)",
                    (
                        run.id,
                        repo.identity,
                        as_text(str(repo.root)),
                        as_text(task),
                        kind,
                        as_text(command),
                        now,
                        os.getpid(),
                        boot_id(),
                    ),
                )
                if added.rowcount:
                    return run

    def record(self, run_id: str, event: str, data: Mapping[str, Any]) -> None:
        """Add an event; its data is also found as `RunRecord.data[event]`."""
        with self._atomic():
            if not self._add_event(run_id, event, data):
                raise UsageError(f"the journal knows no run {run_id}")

    def set_status(self, run_id: str, status: str) -> None:
        """Change what became of a run. A landed run stays landed, whatever is said later."""
        ended = None if status == "running" else time.time()
        with self._atomic():
            self._db.execute(
                "UPDATE runs SET status = ?, ended = ? WHERE id = ? AND status NOT IN (?, ?)",
                (status, ended, run_id, *_LANDED),
            )

    def mark(self, marks: Iterable[Mark]) -> None:
        """Apply all marks, or none."""
        with self._atomic():
            for mark in marks:
                self._apply(mark)

    def runs(self, repo: Repository, limit: int = 20) -> list[RunRecord]:
        """The runs of a repository, latest first. A negative `limit` means all."""
        rows = self._db.execute(
            "SELECT * FROM runs WHERE repo = ? ORDER BY started DESC, id DESC LIMIT ?",
            (repo.identity, limit),
        )
        return [_record(row) for row in rows]

    def run(self, repo: Repository, id_or_prefix: str) -> RunRecord:
        """The run with this id, beginning of an id, or last part of one. UsageError if not one."""
        rows = self._db.execute(
            "SELECT * FROM runs WHERE repo = ? ORDER BY started DESC, id DESC", (repo.identity,)
        ).fetchall()
        wanted = id_or_prefix.strip()
        found = [r for r in rows if r["id"] == wanted]
        found = found or [
            r for r in rows if wanted and (r["id"].startswith(wanted) or r["id"].endswith(wanted))
        ]
        if len(found) == 1:
            return _record(found[0])
        ids = [r["id"] for r in (found or rows)]
        if found:
            raise UsageError(
                f"{id_or_prefix!r} fits {len(found)} runs", hint="One of: " + ", ".join(ids[:5])
            )
        near = difflib.get_close_matches(wanted, ids, n=3, cutoff=0.6) or ids[:3]
        none = N_("There are no runs here yet.")
        hint = N_(f"Did you mean {', '.join(near)}?") if near else none
        raise UsageError(f"no run {id_or_prefix!r} here", hint=f"{hint} See: sorte log")

    def events(self, run_id: str) -> list[Event]:
        """Everything that was recorded of a run, oldest first."""
        rows = self._db.execute("SELECT * FROM events WHERE run = ? ORDER BY id", (run_id,))
        return [Event(row["at"], row["event"], json.loads(row["data"])) for row in rows]

    def count_events(self, repo: Repository, before: float) -> int:
        """How many events are older than `before` (seconds since 1970) in runs that have ended."""
        row = self._db.execute(f"SELECT count(*) FROM events WHERE {_OLD}", (repo.identity, before))
        return int(row.fetchone()[0])

    def drop_events(self, repo: Repository, before: float) -> None:
        """Forget those events. The runs stay, with the latest record of each event."""
        with self._atomic():
            self._db.execute(f"DELETE FROM events WHERE {_OLD}", (repo.identity, before))

    def with_status(self, repo: Repository, statuses: Sequence[str]) -> list[RunRecord]:
        """Runs of a repository with one of these statuses, latest first."""
        places = ", ".join("?" * len(statuses))
        rows = self._db.execute(
            f"SELECT * FROM runs WHERE repo = ? AND status IN ({places})"
            " ORDER BY started DESC, id DESC",
            (repo.identity, *statuses),
        )
        return [_record(row) for row in rows]

    def running(self, repo: Repository) -> list[tuple[str, int, str]]:
        """(run id, process id, boot id) of the runs that have not ended."""
        rows = self._db.execute(
            "SELECT id, pid, boot FROM runs WHERE repo = ? AND status = 'running'",
            (repo.identity,),
        )
        return [(row["id"], row["pid"], row["boot"]) for row in rows]

    @contextmanager
    def _atomic(self) -> Iterator[None]:
        """A transaction: all of what happens inside is kept, or nothing."""
        done = False
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
            done = True
        except sqlite3.Error as error:
            raise EnvironmentFailure(
                f"the journal cannot be written: {error}",
                hint="Is the disk full? Your repository is as it was.",
            ) from error
        finally:
            if not done and self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def _add_event(self, run_id: str, event: str, data: Mapping[str, Any]) -> bool:
        """Whether there is such a run."""
        row = self._db.execute("SELECT data FROM runs WHERE id = ?", (run_id,)).fetchone()
        if row is None:
            return False
        merged = {**json.loads(row["data"]), event: dict(data)}
        self._db.execute("UPDATE runs SET data = ? WHERE id = ?", (json.dumps(merged), run_id))
        self._db.execute(
            "INSERT INTO events (run, at, event, data) VALUES (?, ?, ?, ?)",
            (run_id, time.time(), event, json.dumps(dict(data))),
        )
        return True

    def _apply(self, mark: Mark) -> None:
        commits = None if mark.commits is None else json.dumps(mark.commits)
        self._db.execute(
            "UPDATE runs SET status = ?, ended = coalesce(ended, ?), base = coalesce(?, base),"
            " tip = coalesce(?, tip), branch = coalesce(?, branch),"
            " commits = coalesce(?, commits) WHERE id = ?",
            (
                mark.status,
                time.time(),
                mark.base,
                mark.tip,
                None if mark.branch is None else as_text(mark.branch),
                commits,
                mark.run,
            ),
        )
        if mark.event:
            self._add_event(mark.run, mark.event, mark.data)


def _record(row: sqlite3.Row) -> RunRecord:
    return RunRecord(
        id=row["id"],
        task=row["task"],
        kind=row["kind"],
        command=row["command"],
        status=row["status"],
        started=row["started"],
        ended=row["ended"],
        base=row["base"],
        tip=row["tip"],
        branch=row["branch"],
        commits=tuple(json.loads(row["commits"])),
        data=json.loads(row["data"]),
    )
