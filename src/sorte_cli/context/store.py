"""The index on disk: one SQLite file a repository, keyed by content, safe to throw away.

Everything about a file's content is kept under its blob id and language, so that all worktrees and
branches share it and nothing needs a modification time. What a working tree looks like right now is
never stored; it is asked of git each time. Full text is an FTS5 table of 40-line pieces; scoring is
done outside, over live files only, so that results do not depend on what else the file holds.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sorte_cli.context.definition import Definition
from sorte_cli.context.history import Commit, History

SCHEMA_VERSION = 7
PIECE_LINES = 40
PIECES_PER_BLOB = 1 << 14
BUSY_TIMEOUT_S = 20.0
HISTORY_VIEWS_KEPT = 8
TEXTS_KEPT = 200

_SCHEMA = """
CREATE TABLE blob(
  id INTEGER PRIMARY KEY, sha TEXT NOT NULL, language TEXT NOT NULL, lines INTEGER NOT NULL,
  length INTEGER NOT NULL, set_aside TEXT NOT NULL, UNIQUE(sha, language));
CREATE TABLE symbol(
  blob INTEGER NOT NULL, n INTEGER NOT NULL, qualified TEXT NOT NULL, kind TEXT NOT NULL,
  detail TEXT NOT NULL, line INTEGER NOT NULL, end_line INTEGER NOT NULL, key TEXT NOT NULL,
  PRIMARY KEY(blob, n)) WITHOUT ROWID;
CREATE INDEX symbol_key ON symbol(key);
CREATE TABLE link(
  name TEXT NOT NULL, role TEXT NOT NULL, blob INTEGER NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY(name, role, blob, n)) WITHOUT ROWID;
CREATE INDEX link_of ON link(blob, n);
CREATE VIRTUAL TABLE piece USING fts5(
  body, names, content='', detail=full, columnsize=0, tokenize='ascii');
INSERT INTO piece(piece, rank) VALUES('automerge', 16);
CREATE VIRTUAL TABLE piece_term USING fts5vocab('piece', 'instance');
CREATE VIRTUAL TABLE word USING fts5vocab('piece', 'row');
CREATE TABLE path(id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE TABLE past(
  id INTEGER PRIMARY KEY, sha TEXT NOT NULL UNIQUE, time INTEGER NOT NULL,
  subject TEXT NOT NULL, length INTEGER NOT NULL, touched BLOB NOT NULL);
CREATE VIRTUAL TABLE message USING fts5(
  body, content='', detail=none, columnsize=0, tokenize='ascii');
CREATE TABLE history_view(head TEXT PRIMARY KEY, used INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE kept(kind TEXT NOT NULL, key TEXT NOT NULL, used INTEGER NOT NULL, text TEXT NOT NULL,
  PRIMARY KEY(kind, key)) WITHOUT ROWID;
CREATE TABLE vector(model TEXT NOT NULL, key TEXT NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY(model, key)) WITHOUT ROWID;
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What there is to know about one content in one language, ready to be stored.

    `pieces` are (index terms of the text, index terms of the names defined there), one per 40
    lines. `set_aside` says why the content is not indexed; "" when it is.
    """

    sha: str
    language: str
    lines: int = 0
    set_aside: str = ""
    length: int = 0
    pieces: tuple[tuple[str, str], ...] = ()
    definitions: tuple[Definition, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored content. `length` counts index terms."""

    id: int
    lines: int
    length: int
    set_aside: str


def index_path(cache_dir: Path, common_dir: Path) -> Path:
    """Where the index of a repository lies; worktrees share the common git directory."""
    name = hashlib.sha256(os.fsencode(common_dir)).hexdigest()[:24]
    return cache_dir / "index" / f"{name}.sqlite"


class Store:
    """The database. `note` says, for people, when it could not be kept on disk."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None, note: str = "") -> None:
        self.connection = connection
        self.path = path
        self.note = note
        self._blobs: dict[tuple[str, str], Blob] = {}
        self._last_blob = 0

    @classmethod
    def open(cls, path: Path) -> Store:
        """The index at `path`, made anew when it is missing, broken or of another version.

        Where the place cannot be written the index lives in memory, and `note` says so.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with _exclusive(path.with_suffix(".lock")):
                return cls(_open_file(path), path)
        except (OSError, sqlite3.Error) as error:
            return cls.in_memory(f"The index cannot be kept in {path.parent}: {error}")

    @classmethod
    def in_memory(cls, note: str = "") -> Store:
        connection = sqlite3.connect(":memory:", isolation_level=None)
        connection.executescript(_SCHEMA)
        return cls(connection, None, note)

    def close(self) -> None:
        self.connection.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """One write transaction; other processes wait for it."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    # Contents

    def blobs(self) -> Mapping[tuple[str, str], Blob]:
        """(blob id of git, language) -> stored content. Contents are only ever added, so what was
        read before is not read again."""
        rows = self.connection.execute(
            "SELECT sha, language, id, lines, length, set_aside FROM blob WHERE id > ?",
            (self._last_blob,),
        )
        for sha, language, *rest in rows:
            self._blobs[sha, language] = Blob(*rest)
            self._last_blob = max(self._last_blob, rest[0])
        return self._blobs

    def blob_count(self) -> int:
        return int(self.connection.execute("SELECT count(*) FROM blob").fetchone()[0])

    def add(self, analyses: Iterable[Analysis]) -> None:
        """Store contents; those that another process stored meanwhile are left as they are."""
        from sorte_cli.context.words import key

        run, many = self.connection.execute, self.connection.executemany
        pieces: list[tuple[int, str, str]] = []
        symbols: list[tuple[int, int, str, str, str, int, int, str]] = []
        links: list[tuple[str, str, int, int]] = []
        for one in analyses:
            cursor = run(
                "INSERT OR IGNORE INTO blob(sha, language, lines, length, set_aside) "
                "VALUES (?, ?, ?, ?, ?)",
                (one.sha, one.language, one.lines, one.length, one.set_aside),
            )
            if cursor.rowcount != 1 or cursor.lastrowid is None:
                continue
            blob = cursor.lastrowid
            first = blob * PIECES_PER_BLOB
            pieces += [(first + i, *piece) for i, piece in enumerate(one.pieces)]
            for n, d in enumerate(one.definitions):
                qualified, kind, detail, line, end_line, bases, entries = d
                name = key(qualified.rpartition(".")[2])
                symbols.append((blob, n, qualified, kind, detail, line, end_line, name))
                if bases:
                    links += [(base, "base", blob, n) for base in bases]
                if entries:
                    links += [(entry, "entry", blob, n) for entry in entries]
        links.sort()  # in the order of the table, which is quicker to fill so
        many("INSERT INTO piece(rowid, body, names) VALUES (?, ?, ?)", pieces)
        many("INSERT INTO symbol VALUES (?, ?, ?, ?, ?, ?, ?, ?)", symbols)
        many("INSERT OR IGNORE INTO link VALUES (?, ?, ?, ?)", links)

    # History

    def known_commits(self, shas: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for start in range(0, len(shas), 5_000):
            part = shas[start : start + 5_000]
            marks = ",".join("?" * len(part))
            rows = self.connection.execute(f"SELECT sha, id FROM past WHERE sha IN ({marks})", part)
            found.update(rows.fetchall())
        return found

    def add_commits(self, commits: Sequence[Commit]) -> None:
        from sorte_cli.context.words import index_text

        paths = self._path_ids(
            {n for c in commits for t in c.touched for n in (t.path, t.old) if n}
        )
        known = self.known_commits([c.sha for c in commits])
        fresh = [c for c in commits if c.sha not in known]
        first = self.connection.execute("SELECT coalesce(max(id), 0) + 1 FROM past").fetchone()[0]
        texts = [index_text(c.message) for c in fresh]
        self.connection.executemany(
            "INSERT INTO past VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    number,
                    one.sha,
                    one.time,
                    one.message.partition("\n")[0][:200],
                    text.count(" ") + 1,
                    _touched(one, paths),
                )
                for number, (one, text) in enumerate(zip(fresh, texts, strict=True), first)
            ],
        )
        self.connection.executemany(
            "INSERT INTO message(rowid, body) VALUES (?, ?)", list(enumerate(texts, first))
        )

    def _path_ids(self, names: set[str]) -> dict[str, int]:
        self.connection.executemany(
            "INSERT OR IGNORE INTO path(path) VALUES (?)", ((n,) for n in sorted(names))
        )
        return self.paths()

    def paths(self) -> dict[str, int]:
        return dict(self.connection.execute("SELECT path, id FROM path").fetchall())

    def history_view(self, head: str) -> History | None:
        row = self.connection.execute(
            "SELECT data FROM history_view WHERE head = ?", (head,)
        ).fetchone()
        return History.from_bytes(row[0]) if row else None

    def heads(self) -> list[str]:
        rows = self.connection.execute("SELECT head FROM history_view ORDER BY used DESC")
        return [r[0] for r in rows]

    def build_history_view(self, head: str, ancestors: Sequence[str]) -> History:
        """Make and keep the view of `head`, whose ancestors are all stored."""
        rows = self.connection.execute("SELECT sha, id, touched FROM past")
        stored = {sha: (number, touched) for sha, number, touched in rows}
        ordered = [stored[sha] for sha in ancestors if sha in stored]
        view = History.build((number, _pairs(touched)) for number, touched in ordered)
        run = self.connection.execute
        used = run("SELECT coalesce(max(used), 0) + 1 FROM history_view").fetchone()[0]
        run("INSERT OR REPLACE INTO history_view VALUES (?, ?, ?)", (head, used, view.to_bytes()))
        run("DELETE FROM history_view WHERE used <= ?", (used - HISTORY_VIEWS_KEPT,))
        return view

    # What was dear to work out

    def vectors(self, model: str, keys: Sequence[str]) -> dict[str, array[float]]:
        """Vectors of texts by the digest of the text, as far as they are stored."""
        found: dict[str, array[float]] = {}
        for key in keys:
            row = self.connection.execute(
                "SELECT data FROM vector WHERE model = ? AND key = ?", (model, key)
            ).fetchone()
            if row:
                found[key] = array("f")
                found[key].frombytes(row[0])
        return found

    def add_vectors(self, model: str, vectors: Mapping[str, array[float]]) -> None:
        rows = [(model, key, vector.tobytes()) for key, vector in vectors.items()]
        with self.transaction():
            self.connection.executemany("INSERT OR REPLACE INTO vector VALUES (?, ?, ?)", rows)

    def kept(self, kind: str, key: str) -> str | None:
        row = self.connection.execute(
            "SELECT text FROM kept WHERE kind = ? AND key = ?", (kind, key)
        ).fetchone()
        return str(row[0]) if row else None

    def keep(self, kind: str, key: str, text: str) -> None:
        """Keep a text; the oldest of its kind go when there are too many."""
        run = self.connection.execute
        with self.transaction():
            newest = run("SELECT coalesce(max(used), 0) + 1 FROM kept").fetchone()[0]
            run("INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)", (kind, key, newest, text))
            run(
                "DELETE FROM kept WHERE kind = ? AND used NOT IN "
                "(SELECT used FROM kept WHERE kind = ? ORDER BY used DESC LIMIT ?)",
                (kind, kind, TEXTS_KEPT),
            )


def _touched(commit: Commit, paths: Mapping[str, int]) -> bytes:
    """Pairs of path id and former path id (0 where it was not renamed), flat."""
    flat = array("q")
    for touch in commit.touched:
        flat.append(paths[touch.path])
        flat.append(paths[touch.old] if touch.old else 0)
    return flat.tobytes()


def _pairs(data: bytes) -> list[tuple[int, int]]:
    flat = array("q")
    flat.frombytes(data)
    return list(zip(flat[::2], flat[1::2], strict=True))


def _open_file(path: Path) -> sqlite3.Connection:
    try:
        connection = _connect(path)
        if _is_current(connection):
            return connection
        connection.close()
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        pass  # not a database, or a damaged one: made anew below
    remove(path)
    connection = _connect(path)
    connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
    return connection


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    try:
        # Of a new file only: fewer, larger pages are quicker to fill with long lists of words.
        connection.execute("PRAGMA page_size = 8192")
        connection.execute("PRAGMA journal_mode = WAL")
        # Durable against a crash of Sorte; after a power cut the index may be made again.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA cache_size = -16000")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _is_current(connection: sqlite3.Connection) -> bool:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != SCHEMA_VERSION:
        return False
    connection.execute("SELECT count(*) FROM meta").fetchone()
    return True


def remove(path: Path) -> None:
    """Take an index away with its side files."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextlib.contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    """Hold a lock file, so that two processes do not make the index anew at the same time."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
