"""The project index: brought up to date through git, asked for symbols, files and selections."""

from __future__ import annotations

import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from sorte_cli import paths
from sorte_cli.context import query as queries
from sorte_cli.context import ranking, selection, sources, store, words
from sorte_cli.context.analysis import analyse, path_set_aside
from sorte_cli.context.history import History, read_ancestors, read_commits
from sorte_cli.context.languages import language_of
from sorte_cli.context.query import Query
from sorte_cli.domain import RankedFile, Selection, Symbol

BATCH_FILES = 400
STALE_BLOBS_KEPT = 4_000
FREQUENT_PIECES = 1_500
TYPO_LETTERS = 5
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class UpdateStats:
    """What an update did. `set_aside` counts files by reason; `notes` are sentences for people."""

    files: int
    indexed: int
    commits: int
    set_aside: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    duration_s: float = 0.0


class ProjectIndex:
    """What is known about one project. A context manager; not shared between threads.

        with ProjectIndex.open(Path(".")) as index:
            index.update()
            selection = index.select("raise the retry limit to 5")

    Every question first brings the index up to date if `update` was not called yet.
    """

    def __init__(
        self, source: sources.Source, stored: store.Store, repository: sources.Repository
    ) -> None:
        self.source = source
        self.repository = repository
        self._store = stored
        self._files: tuple[ranking.LiveFile, ...] = ()
        self._live: frozenset[int] = frozenset()
        self._history = History.empty()
        self._updated = False
        self._known_postings: dict[str, ranking.Postings] = {}

    @classmethod
    def open(cls, root: Path, cache_dir: Path | None = None) -> Self:
        """The index of the repository that `root` lies in.

        Raises EnvironmentFailure where that is no git working tree. A cache that cannot be
        written, or an index that is broken, is no error: see `UpdateStats.notes`.
        """
        repository = sources.find_repository(root)
        file = store.index_path(cache_dir or paths.cache_dir(), repository.common_dir)
        return cls(sources.WorkingTree(repository), store.Store.open(file), repository)

    @classmethod
    def at_commit(cls, git_dir: Path, commit: str, cache_dir: Path | None = None) -> Self:
        """The index of one commit of a repository, bare or not, as if it were checked out.

        Only the commit and its ancestors are in sight. Raises EnvironmentFailure where git does
        not know the commit (at the first question).
        """
        common = git_dir.resolve()
        repository = sources.Repository(common, common, commit, False)
        file = store.index_path(cache_dir or paths.cache_dir(), common)
        return cls(sources.CommitTree(common, commit), store.Store.open(file), repository)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._store.close()

    # Bringing it up to date

    def update(self) -> UpdateStats:
        """Bring the index to the present state of the files and of the history."""
        began = time.monotonic()
        stats = self._guarded(self._update)
        notes = (*stats.notes, self._store.note) if self._store.note else stats.notes
        self._updated = True
        return UpdateStats(
            stats.files, stats.indexed, stats.commits, stats.set_aside, notes,
            time.monotonic() - began,
        )  # fmt: skip

    def _guarded(self, work: Callable[[], T]) -> T:
        """Do `work`; a damaged or full index is replaced once, first on disk, then in memory."""
        try:
            return work()
        except sqlite3.Error as error:
            path = self._store.path
            self._store.close()
            damaged = not isinstance(error, sqlite3.OperationalError)
            if damaged and path is not None:
                store.remove(path)
                self._store = store.Store.open(path)
            else:
                self._store = store.Store.in_memory(f"The index cannot be kept on disk: {error}")
        try:
            self._update()
            return work()
        except sqlite3.Error as error:
            self._store.close()
            self._store = store.Store.in_memory(f"The index cannot be kept on disk: {error}")
            self._update()
            return work()

    def _update(self) -> UpdateStats:
        listing = self.source.listing()
        aside: dict[str, int] = defaultdict(int)
        for _, reason in listing.left_out:
            aside[reason] += 1
        wanted: list[sources.Entry] = []
        for entry in listing.entries:
            if reason := path_set_aside(entry.path):
                aside[reason] += 1
            else:
                wanted.append(entry)
        blobs = self._store.blobs()
        if len(blobs) > 4 * len(wanted) + STALE_BLOBS_KEPT:
            self._start_afresh()
            blobs = {}
        missing = [e for e in wanted if not e.sha or (e.sha, language_of(e.path)) not in blobs]
        true_ids, indexed = self._index(missing, blobs)
        if missing:
            blobs = self._store.blobs()
        commits = self._update_history()
        self._set_live(wanted, true_ids, blobs, aside)
        return UpdateStats(len(self._files), indexed, commits, tuple(sorted(aside.items())))

    def _start_afresh(self) -> None:
        path = self._store.path
        self._store.close()
        if path is None:
            self._store = store.Store.in_memory()
        else:
            store.remove(path)
            self._store = store.Store.open(path)

    def _index(
        self, entries: Sequence[sources.Entry], known: dict[tuple[str, str], store.Blob]
    ) -> tuple[dict[str, str], int]:
        """Read and store what is new. Gives path -> true blob id of those read, and their count."""
        true_ids: dict[str, str] = {}
        indexed = 0
        for batch in _batches(entries, BATCH_FILES):
            analyses: dict[tuple[str, str], store.Analysis] = {}
            for entry, data in self.source.read(batch):
                if not entry.sha:
                    continue  # gone, no regular file, or huge and never hashed by git
                true_ids[entry.path] = entry.sha
                identity = (entry.sha, language_of(entry.path))
                if identity not in known and identity not in analyses:
                    analyses[identity] = analyse(entry.path, entry.sha, data)
            if analyses:
                with self._store.transaction():
                    self._store.add(analyses.values())
                indexed += len(analyses)
        return true_ids, indexed

    def _update_history(self) -> int:
        head = self.source.head
        if not head:
            self._history = History.empty()
            return 0
        view = self._store.history_view(head)
        added = 0
        if view is None:
            ancestors = read_ancestors(self.repository.common_dir, head)
            known = self._store.known_commits(ancestors)
            if len(known) < len(ancestors):
                anchors = [h for h in self._store.heads() if h in known][:4]
                commits = read_commits(self.repository.common_dir, head, anchors)
                fresh = [c for c in commits if c.sha not in known]
                with self._store.transaction():
                    self._store.add_commits(fresh)
                added = len(fresh)
            with self._store.transaction():
                view = self._store.build_history_view(head, ancestors)
        self._history = view
        return added

    def _set_live(
        self,
        wanted: Sequence[sources.Entry],
        true_ids: dict[str, str],
        blobs: dict[tuple[str, str], store.Blob],
        aside: dict[str, int],
    ) -> None:
        path_ids = self._store.paths() if len(self._history.commits) else {}
        files: list[ranking.LiveFile] = []
        for entry in wanted:
            language = language_of(entry.path)
            blob = blobs.get((true_ids.get(entry.path, entry.sha), language))
            if blob is None:
                aside["unreadable"] += 1
            elif blob.set_aside:
                aside[blob.set_aside] += 1
            else:
                path_id = path_ids.get(entry.path, 0)
                files.append(ranking.LiveFile(entry.path, blob.id, language, blob.length, path_id))
        self._files = tuple(files)
        self._live = frozenset(f.blob for f in files)
        self._known_postings = {}

    def _ensure(self) -> None:
        if not self._updated:
            self.update()

    # Questions

    @property
    def files(self) -> tuple[str, ...]:
        """Every indexed path, sorted."""
        self._ensure()
        return tuple(f.path for f in self._files)

    def symbols(self, path: str) -> tuple[Symbol, ...]:
        """The definitions of one file in source order; empty for an unknown path."""
        self._ensure()
        file = next((f for f in self._files if f.path == path), None)
        return self._guarded(lambda: self._symbols_of([file])) if file is not None else ()

    def find(self, name: str) -> tuple[Symbol, ...]:
        """Symbols by the last part of their name: as written, else with case and underscores
        forgiven. In address order.
        """
        self._ensure()
        last = name.rpartition("::")[2].rpartition(".")[2]
        found = self._guarded(lambda: self._symbols_by_key([words.key(last)]))
        exact = tuple(s for s in found if s.name == last)
        if "." in name.rpartition("::")[2]:
            qualified = name.rpartition("::")[2]
            exact = tuple(s for s in exact if s.qualified_name.endswith(qualified)) or exact
        return exact or found

    def rank(self, task: str, count: int = 20) -> tuple[RankedFile, ...]:
        """The files that matter for a task, best first."""
        self._ensure()
        query = self._guarded(lambda: self._understand(task))
        ranked = self._guarded(lambda: ranking.rank(query, self._evidence(query)))
        return tuple(
            RankedFile(self._files[p].path, round(s, 6), reasons)
            for p, s, reasons in ranked[:count]
        )

    def select(self, task: str, *, max_files: int = 12, max_symbols: int = 40) -> Selection:
        """The files and symbols that matter for a task, best first; the same bytes every time."""
        self._ensure()
        query = self._guarded(lambda: self._understand(task))
        ranked = self._guarded(lambda: ranking.rank(query, self._evidence(query)))
        files = tuple(
            RankedFile(self._files[p].path, round(s, 6), reasons)
            for p, s, reasons in ranked[:max_files]
        )
        chosen = self._guarded(
            lambda: selection.choose(query, self.rank_scores(ranked), _Lookup(self), max_symbols)
        )
        return Selection(files, chosen)

    def rank_scores(
        self, ranked: Sequence[tuple[int, float, tuple[str, ...]]]
    ) -> list[tuple[str, float]]:
        return [(self._files[p].path, s) for p, s, _ in ranked]

    # Reading the store

    def _understand(self, task: str) -> Query:
        """The task as a query; a word that the project does not know is read as a near one."""
        query = queries.understand(task)
        near: dict[str, tuple[str, ...]] = {}
        for term in query.terms:
            known = any(self._postings(a).body for a, _ in term.alternatives)
            if not known and len(term.text) >= TYPO_LETTERS:
                near[term.text] = self._near(term.text)
        return queries.corrected(query, near)

    def _near(self, text: str) -> tuple[str, ...]:
        rows = self._store.connection.execute(
            "SELECT term FROM word WHERE term >= ? AND term < ?", (text[0], chr(ord(text[0]) + 1))
        )
        near = sorted(r[0] for r in rows if words.within_one_edit(r[0], text))
        return tuple(t for t in near if self._postings(t).body)[:3]

    def _evidence(self, query: Query) -> ranking.Evidence:
        texts = sorted({a for t in query.terms for a, _ in t.alternatives})
        postings = {text: self._postings(text) for text in texts}
        messages = {text: self._message_hits(text) for text in texts}
        wanted = sorted({c for hits in messages.values() for c in hits})
        return ranking.Evidence(
            self._files, store.PIECES_PER_BLOB, postings, self._history, messages,
            self._message_lengths(wanted),
        )  # fmt: skip

    def _postings(self, text: str) -> ranking.Postings:
        """Where a term stands in live files, read once between two updates."""
        if text not in self._known_postings:
            self._known_postings[text] = self._read_postings(text)
        return self._known_postings[text]

    def _read_postings(self, text: str) -> ranking.Postings:
        run = self._store.connection.execute
        size, live = store.PIECES_PER_BLOB, self._live
        match = f'"{text}"'
        rows = run("SELECT rowid FROM piece WHERE piece MATCH ?", (match,)).fetchall()
        found = [piece for (piece,) in rows if piece // size in live]
        if len(found) > FREQUENT_PIECES:
            # How often a frequent term stands in each piece tells little, and is slow to count.
            names = run("SELECT rowid FROM piece WHERE piece MATCH ?", (f"names : {match}",))
            in_names = {piece: 1 for (piece,) in names if piece // size in live}
            return ranking.Postings(dict.fromkeys(found, 1), in_names)
        body: dict[int, int] = {}
        named: dict[int, int] = {}
        counted = run(
            "SELECT doc, col, count(*) FROM piece_term WHERE term = ? GROUP BY doc, col", (text,)
        )
        for piece, column, count in counted:
            if piece // size in live:
                (body if column == "body" else named)[piece] = count
        return ranking.Postings(body, named)

    def _message_hits(self, text: str) -> list[int]:
        rows = self._store.connection.execute(
            "SELECT rowid FROM message WHERE message MATCH ?", (f'"{text}"',)
        )
        return [r[0] for r in rows]

    def _message_lengths(self, commits: Sequence[int]) -> dict[int, int]:
        if len(commits) > 3_000:
            rows = self._store.connection.execute("SELECT id, length FROM past")
            return dict(rows.fetchall())
        marks = ",".join("?" * len(commits))
        rows = self._store.connection.execute(
            f"SELECT id, length FROM past WHERE id IN ({marks})", list(commits)
        )
        return dict(rows.fetchall())

    def _symbols_of(self, files: Sequence[ranking.LiveFile]) -> tuple[Symbol, ...]:
        found: list[Symbol] = []
        for file in files:
            rows = self._store.connection.execute(
                "SELECT qualified, kind, detail, line, end_line FROM symbol WHERE blob = ? "
                "ORDER BY n",
                (file.blob,),
            )
            found += [Symbol(f"{file.path}::{q}", *rest) for q, *rest in rows]
        return tuple(found)

    def _symbols_by_key(self, keys: Sequence[str]) -> tuple[Symbol, ...]:
        at: dict[int, list[str]] = defaultdict(list)
        for file in self._files:
            at[file.blob].append(file.path)
        found: list[Symbol] = []
        for start in range(0, len(keys), 500):
            part = list(keys[start : start + 500])
            rows = self._store.connection.execute(
                "SELECT blob, qualified, kind, detail, line, end_line FROM symbol "
                f"WHERE key IN ({','.join('?' * len(part))})",
                part,
            )
            for blob, qualified, *rest in rows:
                found += [Symbol(f"{path}::{qualified}", *rest) for path in at.get(blob, ())]
        return tuple(sorted(found, key=lambda s: (s.path, s.line, s.address)))


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


class _Lookup:
    """What the selection asks, answered from the store for live files, each thing read once."""

    def __init__(self, index: ProjectIndex) -> None:
        self._index = index
        self._run = index._store.connection.execute
        self._by_path = {f.path: f for f in index._files}
        self._at: dict[int, list[str]] = defaultdict(list)
        for file in index._files:
            self._at[file.blob].append(file.path)
        self._cache: dict[tuple[str, str], tuple[Symbol, ...]] = {}
        self._rarities: dict[str, float] = {}

    def symbols(self, path: str) -> tuple[Symbol, ...]:
        key = ("file", path)
        if key not in self._cache:
            file = self._by_path.get(path)
            self._cache[key] = self._index._symbols_of([file]) if file else ()
        return self._cache[key]

    def by_keys(self, keys: Sequence[str]) -> tuple[Symbol, ...]:
        return self._index._symbols_by_key(keys)

    def linked(self, name: str, role: str) -> tuple[Symbol, ...]:
        key = (role, name)
        if key not in self._cache:
            rows = self._run(
                "SELECT s.blob, qualified, kind, detail, line, end_line FROM link l "
                "JOIN symbol s ON s.blob = l.blob AND s.n = l.n WHERE l.name = ? AND l.role = ?",
                (name, role),
            )
            found = [
                Symbol(f"{path}::{qualified}", *rest)
                for blob, qualified, *rest in rows
                for path in self._at.get(blob, ())
            ]
            self._cache[key] = tuple(sorted(found, key=lambda s: (s.path, s.line, s.address)))
        return self._cache[key]

    def links_of(self, symbol: Symbol, role: str) -> tuple[str, ...]:
        file = self._by_path.get(symbol.path)
        if file is None:
            return ()
        rows = self._run(
            "SELECT l.name FROM symbol s JOIN link l ON l.blob = s.blob AND l.n = s.n "
            "WHERE s.blob = ? AND s.qualified = ? AND l.role = ? ORDER BY l.name",
            (file.blob, symbol.qualified_name, role),
        )
        return tuple(r[0] for r in rows)

    def _by_file(self, counts: Mapping[int, int]) -> dict[str, int]:
        found: dict[str, int] = defaultdict(int)
        for piece, count in counts.items():
            for path in self._at.get(piece // store.PIECES_PER_BLOB, ()):
                found[path] += count
        return found

    def defining(self, term: str) -> Mapping[str, int]:
        return self._by_file(self._index._postings(term).names)

    def mentioning(self, name: str) -> Mapping[str, int]:
        own = words.terms_of(name)
        return self._by_file(self._index._postings(own[-1]).body) if own else {}

    def rarity(self, term: str) -> float:
        if term not in self._rarities:
            size = store.PIECES_PER_BLOB
            files = len({piece // size for piece in self._index._postings(term).body})
            total = len(self._index._files)
            self._rarities[term] = ranking.rarity(files, total) if files else 0.0
        return self._rarities[term]
