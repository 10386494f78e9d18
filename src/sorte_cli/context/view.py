"""One consistent look at a project: its live files, its history, and what the store says of them.

Everything here reads; nothing writes. A view is made by each update of the index and answers from
live files only, so that contents of other branches in the same store never show.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise

from sorte_cli.context import catalogues, ranking, store, words
from sorte_cli.context import query as queries
from sorte_cli.context.analysis import decode
from sorte_cli.context.evidence import Known
from sorte_cli.context.history import History
from sorte_cli.context.query import Query
from sorte_cli.context.ranking import Evidence, LiveFile, Postings
from sorte_cli.context.text_scores import PathWords
from sorte_cli.domain import Symbol

FREQUENT_PIECES = 1_500
CATALOGUES_READ = 200
TYPO_LETTERS = 5
BEGINNING_BYTES = 8_000
_SYMBOL = "qualified, kind, detail, line, end_line"


class View:
    """Live files in path order, and answers about them, each read at most once."""

    def __init__(
        self,
        stored: store.Store,
        files: Sequence[LiveFile],
        load_history: Callable[[], History],
        read: Callable[[str], bytes | None],
    ) -> None:
        self.files = tuple(files)
        self._stored = stored
        self._load_history = load_history
        self._read = read
        self._run = stored.connection.execute
        self._by_path = {f.path: f for f in files}
        self._at: dict[int, list[str]] = defaultdict(list)
        for file in files:
            self._at[file.blob].append(file.path)
        self._postings: dict[str, Postings] = {}
        self._symbols: dict[tuple[str, str], tuple[Symbol, ...]] = {}
        self._rarities: dict[str, float] = {}
        self._blobs: dict[str, frozenset[int]] = {}
        self._known = Known()

    @cached_property
    def history(self) -> History:
        """The past of HEAD, read when it is first asked for."""
        return self._load_history()

    @cached_property
    def path_ids(self) -> list[int]:
        """The history's path id of each live file, in order; 0 for one without a past."""
        known = self._stored.paths() if self.history.commits else {}
        return [known.get(f.path, 0) for f in self.files]

    @cached_property
    def touches(self) -> Mapping[int, Sequence[int]]:
        """Path id -> places in the history of the commits that touched it, newest first."""
        found: dict[int, list[int]] = defaultdict(list)
        paths = self.history.paths
        for place, (start, end) in enumerate(pairwise(self.history.starts)):
            for path in paths[start:end]:
                found[path].append(place)
        return found

    @cached_property
    def place_of(self) -> Mapping[int, int]:
        """Commit id -> its place in the history."""
        return {commit: place for place, commit in enumerate(self.history.commits)}

    @cached_property
    def own_glossary(self) -> Mapping[str, tuple[str, ...]]:
        """What the project's own message catalogues translate from Portuguese to English."""
        wanted = [f.path for f in self.files if catalogues.catalogue(f.path)]
        read = ((path, self._read(path)) for path in wanted[:CATALOGUES_READ])
        return catalogues.learned((path, decode(data)) for path, data in read if data is not None)

    @cached_property
    def path_words(self) -> PathWords:
        return PathWords([f.path for f in self.files])

    def beginning(self, path: str) -> str:
        """The first part of a file's text; "" where it cannot be read."""
        data = self._read(path)
        return decode(data[:BEGINNING_BYTES]) if data is not None else ""

    # Tasks

    def understand(self, task: str) -> Query:
        """The task as a query; a word that the project does not know is read as a near one."""
        query = queries.understand(task)
        if query.portuguese and self.own_glossary:
            query = queries.understand(task, self.own_glossary)
        near: dict[str, tuple[str, ...]] = {}
        for term in query.terms:
            known = any(self.postings(a).body for a, _ in term.alternatives)
            if not known and len(term.text) >= TYPO_LETTERS:
                near[term.text] = self._near(term.text)
        return queries.corrected(query, near)

    def _near(self, text: str) -> tuple[str, ...]:
        rows = self._run(
            "SELECT term FROM word WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ?",
            (text[0], chr(ord(text[0]) + 1), len(text) - 1, len(text) + 1),
        )
        near = sorted(r[0] for r in rows if words.within_one_edit(r[0], text))
        return tuple(t for t in near if self.postings(t).body)[:3]

    def evidence(self, query: Query) -> Evidence:
        """Everything that the ranking looks at."""
        history = self.history  # loading it may store commits whose messages are asked for next
        texts = sorted({a for t in query.terms for a, _ in t.alternatives})
        messages = {text: self._message_hits(text) for text in texts}
        wanted = sorted({c for hits in messages.values() for c in hits})
        return Evidence(
            self.files,
            store.PIECES_PER_BLOB,
            {text: self.postings(text) for text in texts},
            self.path_words,
            history,
            self.path_ids,
            self.touches,
            self.place_of,
            messages,
            self._message_lengths(wanted),
            self._defining(list(queries.name_keys(query))),
            self._known,
        )

    def _defining(self, keys: Sequence[str]) -> Mapping[str, Sequence[int]]:
        """Key of a name -> contents that define it."""
        marks = ",".join("?" * len(keys))
        rows = self._run(f"SELECT DISTINCT key, blob FROM symbol WHERE key IN ({marks})", keys)
        found: dict[str, list[int]] = defaultdict(list)
        for key, blob in rows:
            found[key].append(blob)
        return found

    def _message_hits(self, text: str) -> list[int]:
        rows = self._run("SELECT rowid FROM message WHERE message MATCH ?", (f'"{text}"',))
        return [r[0] for r in rows]

    def _message_lengths(self, commits: Sequence[int]) -> dict[int, int]:
        if len(commits) > 3_000:
            return dict(self._run("SELECT id, length FROM past").fetchall())
        marks = ",".join("?" * len(commits))
        rows = self._run(f"SELECT id, length FROM past WHERE id IN ({marks})", list(commits))
        return dict(rows.fetchall())

    # Text

    def postings(self, text: str) -> Postings:
        """Where an index term stands in live files."""
        if text not in self._postings:
            self._postings[text] = self._read_postings(text)
        return self._postings[text]

    def _read_postings(self, text: str) -> Postings:
        size, live = store.PIECES_PER_BLOB, self._at
        match = f'"{text}"'
        rows = self._run("SELECT rowid FROM piece WHERE piece MATCH ?", (match,)).fetchall()
        found = [piece for (piece,) in rows if piece // size in live]
        if len(found) > FREQUENT_PIECES:
            # How often a frequent term stands in each piece tells little, and is slow to count.
            names = self._run("SELECT rowid FROM piece WHERE piece MATCH ?", (f"names : {match}",))
            in_names = {piece: 1 for (piece,) in names if piece // size in live}
            return Postings(dict.fromkeys(found, 1), in_names)
        body: dict[int, int] = {}
        named: dict[int, int] = {}
        counted = self._run(
            "SELECT doc, col, count(*) FROM piece_term WHERE term = ? GROUP BY doc, col", (text,)
        )
        for piece, column, count in counted:
            if piece // size in live:
                (body if column == "body" else named)[piece] = count
        return Postings(body, named)

    def stands_in(self, term: str, blob: int) -> bool:
        """Whether an index term stands anywhere in a content."""
        if term not in self._blobs:
            size = store.PIECES_PER_BLOB
            self._blobs[term] = frozenset(p // size for p in self.postings(term).body)
        return blob in self._blobs[term]

    def commit(self, place: int) -> tuple[str, str]:
        """Id and subject of the commit at a place in the history."""
        number = self.history.commits[place]
        row = self._run("SELECT sha, subject FROM past WHERE id = ?", (number,)).fetchone()
        return (row[0], row[1]) if row else ("", "")

    def rarity(self, term: str) -> float:
        """How much an index term tells; 0 for one that no live file has."""
        if term not in self._rarities:
            self.stands_in(term, 0)
            files = len(self._blobs[term])
            self._rarities[term] = ranking.rarity(files, len(self.files)) if files else 0.0
        return self._rarities[term]

    def defining(self, term: str) -> Mapping[str, int]:
        """Paths of files that define names with an index term, with how many."""
        return self._by_file(self.postings(term).names)

    def mentioning(self, name: str) -> Mapping[str, int]:
        """Paths of files that mention an identifier, with how often."""
        own = words.terms_of(name)
        return self._by_file(self.postings(own[-1]).body) if own else {}

    def mentioning_all(self, pieces: Sequence[str]) -> frozenset[str]:
        """Paths of files that have every one of these words."""
        found = [frozenset(self._by_file(self.postings(words.stem(p)).body)) for p in pieces]
        return frozenset.intersection(*found) if found else frozenset()

    def places(self, term: str) -> list[tuple[str, int]]:
        """(path, number of the 40-line piece) of every passage with an index term."""
        size = store.PIECES_PER_BLOB
        return [
            (path, piece % size)
            for piece in self.postings(term).body
            for path in self._at.get(piece // size, ())
        ]

    def by_path(self, passages: Mapping[int, float]) -> dict[str, dict[int, float]]:
        """Scores of pieces as path -> number of the piece in the file -> share of the best."""
        size = store.PIECES_PER_BLOB
        best = max(passages.values(), default=0.0) or 1.0
        found: dict[str, dict[int, float]] = defaultdict(dict)
        for piece, value in passages.items():
            for path in self._at.get(piece // size, ()):
                found[path][piece % size] = value / best
        return found

    def _by_file(self, counts: Mapping[int, int]) -> dict[str, int]:
        found: dict[str, int] = defaultdict(int)
        for piece, count in counts.items():
            for path in self._at.get(piece // store.PIECES_PER_BLOB, ()):
                found[path] += count
        return found

    # Symbols

    def symbols(self, path: str) -> tuple[Symbol, ...]:
        """The definitions of one file in source order; empty for an unknown path."""
        key = ("file", path)
        if key not in self._symbols:
            file = self._by_path.get(path)
            blob = file.blob if file is not None else -1
            rows = self._run(f"SELECT {_SYMBOL} FROM symbol WHERE blob = ? ORDER BY n", (blob,))
            self._symbols[key] = tuple(Symbol(f"{path}::{q}", *rest) for q, *rest in rows)
        return self._symbols[key]

    def by_keys(self, keys: Sequence[str]) -> tuple[Symbol, ...]:
        """Symbols whose last name part is one of the keys (see `words.key`), in address order."""
        found: list[Symbol] = []
        for start in range(0, len(keys), 500):
            part = list(keys[start : start + 500])
            marks = ",".join("?" * len(part))
            rows = self._run(f"SELECT blob, {_SYMBOL} FROM symbol WHERE key IN ({marks})", part)
            found += self._placed(rows.fetchall())
        return _in_order(found)

    def near_names(self, name: str, count: int) -> tuple[str, ...]:
        """Names that one slip of the finger turns into `name`, or that it is a part of."""
        wanted = words.key(name.rpartition(".")[2])
        if not wanted:
            return ()
        rows = self._run("SELECT DISTINCT key FROM symbol WHERE length(key) BETWEEN ? AND ?",
                         (len(wanted) - 1, 3 * len(wanted) + 6))  # fmt: skip
        graded: list[tuple[int, int, str]] = []
        for (found,) in rows:
            if words.within_one_edit(found, wanted):
                graded.append((0, len(found), found))
            elif len(wanted) > 3 and wanted in found:
                graded.append((1, len(found), found))
        names: dict[str, None] = {}
        for _, _, found in sorted(graded)[: 20 * count]:
            names.update(dict.fromkeys(s.name for s in self.by_keys([found])))
            if len(names) >= count:
                break
        return tuple(names)[:count]

    def linked(self, name: str, role: str) -> tuple[Symbol, ...]:
        """Classes that have `name` as a base ("base"), collections that mention it ("entry")."""
        key = (role, name)
        if key not in self._symbols:
            rows = self._run(
                f"SELECT s.blob, {_SYMBOL} FROM link l JOIN symbol s ON s.blob = l.blob "
                "AND s.n = l.n WHERE l.name = ? AND l.role = ?",
                (name, role),
            )
            self._symbols[key] = _in_order(self._placed(rows.fetchall()))
        return self._symbols[key]

    def links_of(self, symbol: Symbol, role: str) -> tuple[str, ...]:
        """The base names of a class, or the names that a collection mentions."""
        file = self._by_path.get(symbol.path)
        if file is None:
            return ()
        rows = self._run(
            "SELECT l.name FROM symbol s JOIN link l ON l.blob = s.blob AND l.n = s.n "
            "WHERE s.blob = ? AND s.qualified = ? AND l.role = ? ORDER BY l.name",
            (file.blob, symbol.qualified_name, role),
        )
        return tuple(r[0] for r in rows)

    def _placed(self, rows: Sequence[tuple[int, str, str, str, int, int]]) -> list[Symbol]:
        return [
            Symbol(f"{path}::{qualified}", kind, detail, line, end_line)
            for blob, qualified, kind, detail, line, end_line in rows
            for path in self._at.get(blob, ())
        ]


def _in_order(symbols: Sequence[Symbol]) -> tuple[Symbol, ...]:
    return tuple(sorted(symbols, key=lambda s: (s.path, s.line, s.address)))
