"""The project index: brought up to date through git, asked for symbols, files and selections."""

from __future__ import annotations

import contextlib
import gc
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from sorte_cli import paths
from sorte_cli.context import explain, questions, ranking, selection, sources, store, words
from sorte_cli.context.analysis import Read, analyse_all, other_translations, path_set_aside
from sorte_cli.context.history import Commit, History, read_ancestors, read_commits
from sorte_cli.context.languages import CODE, language_of
from sorte_cli.context.meaning import Embed, Meaning
from sorte_cli.context.past_scores import PastScores
from sorte_cli.context.query import Query
from sorte_cli.context.questions import Reference, Surroundings
from sorte_cli.context.ranking import LiveFile, Ranking
from sorte_cli.context.view import View
from sorte_cli.domain import RankedFile, Selection, Symbol

BATCH_FILES = 400
BATCH_BYTES = 16 * 2**20
STALE_BLOBS_KEPT = 4_000
FILES_OF_EXAMPLE = 6
LEAST_COVERED = 0.12
UNREADABLE = "unreadable"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class UpdateStats:
    """What an update did. `set_aside` counts files by reason; `notes` are sentences for people."""

    files: int
    indexed: int
    set_aside: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class PastChange:
    """A past commit that resembles a task; `covered` is the share of the task that its message
    says, too, from 0 to 1."""

    sha: str
    subject: str
    covered: float


class ProjectIndex:
    """What is known about one project. A context manager; not shared between threads.

        with ProjectIndex.open(Path(".")) as index:
            index.update()
            selection = index.select("raise the retry limit to 5")

    Every question first brings the index up to date if `update` was not called yet.
    """

    def __init__(self, source: sources.Source, stored: store.Store, common_dir: Path) -> None:
        self._source = source
        self._common_dir = common_dir
        self._store = stored
        self._view: View | None = None
        self._listed: list[str] = []
        self._translations: frozenset[str] = frozenset()
        self._settled: dict[sources.Entry, LiveFile | str] = {}
        self.embed: Embed | None = None
        """What compares files with a task by meaning, where the person has a model for that."""

    @classmethod
    def open(cls, root: Path, cache_dir: Path | None = None) -> Self:
        """The index of the repository that `root` lies in.

        Raises EnvironmentFailure where that is no git working tree. A cache that cannot be
        written, or an index that is broken, is no error: see `UpdateStats.notes`.
        """
        repository = sources.find_repository(root)
        file = store.index_path(cache_dir or paths.cache_dir(), repository.common_dir)
        source = sources.WorkingTree(repository.root)
        return cls(source, store.Store.open(file), repository.common_dir)

    @classmethod
    def at_commit(cls, git_dir: Path, commit: str, cache_dir: Path | None = None) -> Self:
        """The index of one commit of a repository, bare or not, as if it were checked out.

        Only the commit and its ancestors are in sight. Raises EnvironmentFailure where git does
        not know the commit (at the first question).
        """
        common = git_dir.resolve()
        file = store.index_path(cache_dir or paths.cache_dir(), common)
        return cls(sources.CommitTree(common, commit), store.Store.open(file), common)

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
        """Bring the index to the present state of the files.

        The history is read when a question first needs it.
        """
        began = time.monotonic()
        stats = self._guarded(self._update)
        notes = (self._store.note,) if self._store.note else ()
        return replace(stats, notes=notes, duration_s=time.monotonic() - began)

    def _guarded(self, work: Callable[[], T]) -> T:
        """Do `work`; a damaged or full index is replaced once, first on disk, then in memory."""
        try:
            return work()
        except sqlite3.Error as error:
            self._replace_store(error)
        try:
            self._update()
            return work()
        except sqlite3.Error as error:
            self._in_memory(error)
        self._update()
        return work()

    def _replace_store(self, error: sqlite3.Error) -> None:
        path = self._store.path
        if path is None or isinstance(error, sqlite3.OperationalError):
            self._in_memory(error)
        else:
            self._start_afresh()

    def _in_memory(self, error: sqlite3.Error) -> None:
        self._settled.clear()
        self._store.close()
        self._store = store.Store.in_memory(f"The index cannot be kept on disk: {error}")

    def _start_afresh(self) -> None:
        path = self._store.path
        self._settled.clear()
        self._store.close()
        if path is None:
            self._store = store.Store.in_memory(self._store.note)
        else:
            store.remove(path)
            self._store = store.Store.open(path)

    def _update(self) -> UpdateStats:
        listing = self._source.listing()
        aside: dict[str, int] = defaultdict(int)
        for _, reason in listing.left_out:
            aside[reason] += 1
        wanted: list[sources.Entry] = []
        translations = self._other_translations([e.path for e in listing.entries])
        for entry in listing.entries:
            if reason := path_set_aside(entry.path):
                aside[reason] += 1
            elif entry.path in translations:
                aside["translation"] += 1
            else:
                wanted.append(entry)
        blobs = self._store.blobs()
        if len(blobs) > 4 * len(wanted) + STALE_BLOBS_KEPT:
            self._start_afresh()
            blobs = {}
        settled = self._settled
        missing = _unknown([e for e in wanted if e not in settled], blobs)
        true_ids, indexed = self._index(missing, blobs)
        if indexed:
            blobs = self._store.blobs()
        live = self._live(wanted, true_ids, blobs, aside)
        self._view = View(self._store, live, self._load_history, self._source.content)
        return UpdateStats(len(live), indexed, tuple(sorted(aside.items())))

    def _other_translations(self, paths: list[str]) -> frozenset[str]:
        if paths != self._listed:
            self._listed, self._translations = paths, other_translations(paths)
        return self._translations

    def _index(
        self, entries: Sequence[sources.Entry], known: Mapping[tuple[str, str], store.Blob]
    ) -> tuple[dict[str, str], int]:
        """Read and store what is new. Gives path -> true blob id of those read, and their count."""
        with _no_collection():
            return self._index_all(entries, known)

    def _index_all(
        self, entries: Sequence[sources.Entry], known: Mapping[tuple[str, str], store.Blob]
    ) -> tuple[dict[str, str], int]:
        true_ids: dict[str, str] = {}
        seen: set[tuple[str, str]] = set()
        for batch in _batches(entries, BATCH_FILES):
            fresh: list[Read] = []
            held_bytes = 0
            for entry, data in self._source.read(batch):
                if not entry.sha:
                    continue  # gone, no regular file, or huge and never hashed by git
                true_ids[entry.path] = entry.sha
                identity = (entry.sha, language_of(entry.path))
                if identity in known or identity in seen:
                    continue
                seen.add(identity)
                fresh.append(Read(entry.path, entry.sha, data))
                held_bytes += len(data or b"")
                if held_bytes > BATCH_BYTES:
                    self._add(fresh)
                    fresh, held_bytes = [], 0
            self._add(fresh)
        return true_ids, len(seen)

    def _add(self, contents: Sequence[Read]) -> None:
        if contents:
            analyses = analyse_all(contents)
            with self._store.transaction():
                self._store.add(analyses)

    def _load_history(self) -> History:
        """The history of HEAD; what the store does not know yet is read from git."""
        head = self._source.head()
        if not head:
            return History.empty()
        view = self._store.history_view(head)
        if view is not None:
            return view
        anchors = self._store.heads()
        ancestors = read_ancestors(self._common_dir, head) if anchors else []
        known = self._store.known_commits(ancestors)
        fresh: list[Commit] = []
        if not anchors or len(known) < len(ancestors):
            reached = [h for h in anchors if h in known][:4]
            fresh = read_commits(self._common_dir, head, reached)
        if not anchors:
            ancestors = [c.sha for c in fresh]
        with self._store.transaction():
            self._store.add_commits([c for c in fresh if c.sha not in known])
            return self._store.build_history_view(head, ancestors)

    def _live(
        self,
        wanted: Sequence[sources.Entry],
        true_ids: dict[str, str],
        blobs: Mapping[tuple[str, str], store.Blob],
        aside: dict[str, int],
    ) -> list[LiveFile]:
        """What is indexed of the files; `aside` counts the others. What is said of a content does
        not change, so files that are as they were are not looked at again."""
        settled = self._settled
        if len(settled) > 2 * len(wanted):
            settled.clear()  # mostly of other commits by now
        files: list[LiveFile] = []
        for entry in wanted:
            found = settled.get(entry)
            if found is None:
                found = _settle(entry, true_ids.get(entry.path, entry.sha), blobs)
                if entry.sha and found != UNREADABLE:
                    settled[entry] = found
            if isinstance(found, str):
                aside[found] += 1
            else:
                files.append(found)
        return files

    def ask(self, question: Callable[[View], T]) -> T:
        """Answer from an up-to-date view; a damaged index is made anew first."""

        def work() -> T:
            if self._view is None:
                self._update()
            assert self._view is not None
            return question(self._view)

        return self._guarded(work)

    # Questions

    @property
    def root(self) -> Path:
        """The top folder of the working tree (or the git directory, for one commit)."""
        return self._source.root

    @property
    def is_shallow(self) -> bool:
        """Whether the clone holds only a part of the project's past."""
        return sources.is_shallow(self._common_dir)

    @property
    def files(self) -> tuple[str, ...]:
        """Every indexed path, sorted."""
        return self.ask(lambda view: tuple(f.path for f in view.files))

    @property
    def past_commits(self) -> int:
        """How many past commits are known for the present HEAD."""
        return self.ask(lambda view: len(view.history.commits))

    def symbols(self, path: str) -> tuple[Symbol, ...]:
        """The definitions of one file in source order; empty for an unknown path."""
        return self.ask(lambda view: view.symbols(path))

    def find(self, name: str) -> tuple[Symbol, ...]:
        """Symbols by the last part of their name: as written, else with case and underscores
        forgiven. In address order. `Class.method` and `path::name` narrow the answer.
        """
        path, _, qualified = name.rpartition("::")
        last = qualified.rpartition(".")[2]
        found = self.ask(lambda view: view.by_keys([words.key(last)]))
        if path:
            found = tuple(s for s in found if s.path == path)
        exact = tuple(s for s in found if s.name == last)
        owned = tuple(s for s in exact if f".{s.qualified_name}".endswith(f".{qualified}"))
        return owned or exact or found

    def rank(self, task: str, count: int = 20) -> tuple[RankedFile, ...]:
        """The files that matter for a task, best first."""

        def work(view: View) -> tuple[RankedFile, ...]:
            query, ranked = self._rank(view, task)
            return explain.ranked_files(view, query, ranked, count)

        return self.ask(work)

    def _rank(self, view: View, task: str) -> tuple[Query, Ranking]:
        query = view.understand(task)
        evidence = view.evidence(query)
        if self.embed is None:
            return query, ranking.rank(query, evidence)
        meaning = Meaning(self.embed, self._store, view)
        return query, ranking.rank(query, evidence, lambda places: meaning.scores(task, places))

    def select(
        self, task: str, *, max_files: int = 12, max_symbols: int = 40, by_text: bool = True
    ) -> Selection:
        """The files and symbols that matter for a task, best first; the same bytes every time.

        Without `by_text` symbols are chosen by names alone, not by what stands inside of them nor
        by the learned order of files.
        """

        def work(view: View) -> Selection:
            query, ranked = self._rank(view, task)
            order = ranked.ordered if by_text else ranked.by_sum
            scores = [(view.files[p].path, s) for p, s in order]
            passages = view.by_path(ranked.passages) if by_text else {}
            symbols = selection.choose(query, scores, view, max_symbols, passages)
            return Selection(explain.ranked_files(view, query, ranked, max_files), symbols)

        return self.ask(work)

    def past_like(self, task: str, count: int = 5) -> tuple[PastChange, ...]:
        """Past commits whose messages are most like the task, best first.

        Only such as touched few files, of which code is still there: those can be learned from.
        """
        return self.ask(lambda view: _past_like(view, task, count))

    def kept(self, kind: str, key: str, make: Callable[[], str]) -> str:
        """A text that is dear to make: as it was kept, else made and kept with the index."""
        found = self.ask(lambda _view: self._store.kept(kind, key))
        if found is None:
            found = made = make()
            self.ask(lambda _view: self._store.keep(kind, key, made))
        return found

    def references(self, name: str, limit: int = 1_000) -> tuple[Reference, ...]:
        """Every line that mentions an identifier, in path and line order."""
        return self.ask(lambda v: questions.references(v, self._source.content, name, limit))

    def surroundings(self, address: str) -> Surroundings | None:
        """A definition with its owner, members, bases, tests and uses; None where there is none."""
        return self.ask(lambda v: questions.surroundings(v, self._source.content, address))

    def near_names(self, name: str, count: int = 5) -> tuple[str, ...]:
        """Names of definitions that a misspelt or partial name may mean, likeliest first."""
        return self.ask(lambda view: view.near_names(name, count))

    def similar(self, address: str, count: int = 10) -> tuple[Symbol, ...]:
        """Definitions most like the one at `address`, best first; empty where there is none."""
        return self.ask(lambda v: questions.similar(v, self._source.content, address, count))


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """No search for cyclic garbage meanwhile: none is made, and what is alive is much to go
    through again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _past_like(view: View, task: str, count: int) -> tuple[PastChange, ...]:
    query = view.understand(task)
    past = PastScores(query, view.evidence(query))
    code = {pid for pid, f in zip(view.path_ids, view.files, strict=True) if f.language in CODE}
    found: list[PastChange] = []
    for place, likeness in past.nearest_commits:
        touched = set(view.history.touched(place))
        covered = past.covered(place, likeness)
        if len(touched) <= FILES_OF_EXAMPLE and touched & code and covered >= LEAST_COVERED:
            found.append(PastChange(*view.commit(place), round(covered, 4)))
        if len(found) == count:
            break
    return tuple(found)


def _unknown(
    entries: Sequence[sources.Entry], known: Mapping[tuple[str, str], store.Blob]
) -> list[sources.Entry]:
    """Entries whose content must be read; of copies only the first."""
    found: list[sources.Entry] = []
    seen: set[tuple[str, str]] = set()
    for entry in entries:
        identity = (entry.sha, language_of(entry.path))
        if not entry.sha or (identity not in known and identity not in seen):
            found.append(entry)
            seen.add(identity)
    return found


def _settle(
    entry: sources.Entry, sha: str, blobs: Mapping[tuple[str, str], store.Blob]
) -> LiveFile | str:
    """The file with what is stored of its content, or why it is set aside."""
    language = language_of(entry.path)
    blob = blobs.get((sha, language))
    if blob is None:
        return UNREADABLE
    return blob.set_aside or LiveFile(entry.path, blob.id, language, blob.length)


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
