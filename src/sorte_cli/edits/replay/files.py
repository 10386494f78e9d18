"""One existing file: each hunk in the cheapest way of saying it that the applier confirms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from sorte_cli.edits.kinds import family_of
from sorte_cli.edits.language import print_script
from sorte_cli.edits.model import EditError, Operation, Script, SpanEdit
from sorte_cli.edits.pieces import PieceTable
from sorte_cli.edits.registry import Project, handler_for
from sorte_cli.edits.replay.candidates import by_imports, by_lines, by_text
from sorte_cli.edits.replay.hunks import (
    Hunk,
    applied,
    applied_all,
    hunks_of,
    lines_of,
    merged,
    slides,
    split,
)
from sorte_cli.edits.replay.wholes import replaced
from sorte_cli.edits.script import apply_script
from sorte_cli.edits.snapshot import MemorySnapshot
from sorte_cli.edits.source import SourceText, decode, unify_newlines

if TYPE_CHECKING:
    from sorte_cli.edits.replay.python_candidates import PythonPlaces

Cost = Callable[[str], int]
_COSTLY_HUNKS = 120  # beyond this many, a file is said in texts and lines only
_LARGE_CHARACTERS = 300_000
_NEAR = 3  # hunks that may give way to one that excludes them
_GAPS = (4, 12, 40, 1_000_000)  # lines between hunks that are said as one where nothing else works
_CHEAP = 25  # tokens below which a hunk is not tried in parts
_DEAR = 60  # tokens by which an alternative may cost more than the best

_KINDS = {
    "replace_symbol": "symbol",
    "replace_text": "text",
    "replace_file": "file",
    "create_file": "new file",
    "delete_file": "deleted file",
    "insert_before": "statement",
    "insert_after": "statement",
    "replace_statement": "statement",
    "delete_statement": "statement",
    "wrap": "statement",
    "replace_expression": "expression",
}


@dataclass(frozen=True)
class Said:
    """One hunk (or several, or a whole file) as operations, and what kind of saying that is."""

    operations: tuple[Operation, ...]
    kind: str
    hunks: int = 1


Way = tuple[float, Said]
"""A confirmed way of saying a hunk, with its cost."""


def kind_of(operation: Operation) -> str:
    """named, statement, expression, lines, words, symbol, text, file, new file or deleted file.

    `words` is a `replace_text` that takes hold of one line or a part of it, `text` one of several
    lines.
    """
    kind = _KINDS.get(operation.verb, "named")
    if kind == "text" and operation.blocks[0].count("\n") <= 1:
        return "words"
    return "lines" if kind == "statement" and operation.target.lines else kind


def printed(operations: Sequence[Operation]) -> str:
    """The short text of operations. Raises EditError for one that has no text form."""
    return print_script(Script(tuple(operations)), brief=True)


def said_file(
    path: str, before: bytes, after: bytes, cost: Cost, *, fine: bool = True
) -> list[Said]:
    """The change of one existing file. Without `fine` only texts and whole files are tried."""
    whole = [Said((replaced(path, before, after),), "file")]
    if b"\0" in before or b"\0" in after or not before:
        return whole
    source, target = decode(path, before), decode(path, after)
    if (source.encoding, source.bom, source.errors) != (target.encoding, target.bom, target.errors):
        return whole
    writer = Writer(path, source, cost, fine=fine)
    said = settled(writer, unify_newlines(target.text), before, after)
    if said is not None:
        return said
    if fine:
        return said_file(path, before, after, cost, fine=False)
    return whole


class Writer:
    """Says the hunks of one file, each checked against the real handlers."""

    def __init__(self, path: str, source: SourceText, cost: Cost, *, fine: bool) -> None:
        self.path = path
        self.source = source
        self.cost = cost
        self.fine = fine and len(source.text) < _LARGE_CHARACTERS
        self.text = unify_newlines(source.text)
        self.lines = lines_of(self.text)
        self.project = Project(MemorySnapshot({path: source.encode(source.text)}))
        self._places: PythonPlaces | None = None
        self._broken = False

    def ways(self, hunk: Hunk) -> list[Way]:
        """The cheapest way of saying a hunk, then the cheapest of the other sort (text or not);
        none where it cannot be said.
        """
        found = self._simple(hunk)
        cheap = found and found[0][0] <= _CHEAP
        parts = split(self.lines, hunk) if self.fine and not cheap else []
        if len(parts) > 1 and (joined := self._in_parts(hunk, parts, found)):
            found = sorted([*found, joined], key=lambda way: way[0])[:3]
        return found

    def _in_parts(self, hunk: Hunk, parts: Sequence[Hunk], found: list[Way]) -> Way | None:
        """The hunk said in parts, where that costs less than all at once."""
        limit = found[0][0] if found else float("inf")
        total, kinds = 0.0, []
        operations: list[Operation] = []
        for part in parts:
            ways = self._simple(part)
            if not ways or total + ways[0][0] >= limit:
                return None
            total += ways[0][0]
            operations += ways[0][1].operations
            kinds.append(ways[0][1].kind)
        if self._result(operations) != applied(self.lines, hunk):
            return None
        return total, Said(tuple(operations), max(kinds, key=_coarseness))

    def _simple(self, hunk: Hunk) -> list[Way]:
        """The cheapest confirmed way in texts and the cheapest other one, the cheaper first."""
        wanted = applied(self.lines, hunk)
        found: list[Way] = []
        sorts: set[bool] = set()
        for cost, kind, operations in sorted(
            self._priced(self._candidates(hunk)), key=lambda one: one[0]
        ):
            plain = all(op.verb == "replace_text" for op in operations)
            if plain in sorts or (found and cost > found[0][0] + _DEAR):
                continue
            if self._result(operations) == wanted:
                sorts.add(plain)
                found.append((cost, Said(tuple(operations), kind)))
                if len(sorts) == 2:
                    break
        return found

    def plain(self, hunk: Hunk) -> list[Said]:
        """The hunk said in texts of the file, at any price; none where they cannot say it."""
        wanted = applied(self.lines, hunk)
        texts = by_text(self.path, self.lines, hunk)
        for _cost, kind, operations in sorted(self._priced(texts), key=lambda one: one[0]):
            if self._result(operations) == wanted:
                return [Said(tuple(operations), kind)]
        return []

    def _priced(
        self, candidates: Iterator[list[Operation]]
    ) -> Iterator[tuple[float, str, list[Operation]]]:
        tried: set[str] = set()
        for operations in candidates:
            try:
                text = printed(operations)
            except EditError:
                continue
            if text not in tried:
                tried.add(text)
                kind = max((kind_of(op) for op in operations), key=_coarseness)
                yield self.cost(text) + _PENALTY[kind], kind, operations

    def _candidates(self, hunk: Hunk) -> Iterator[list[Operation]]:
        yield from by_text(self.path, self.lines, hunk)
        if not self.fine:
            yield from by_lines(self.path, self.lines, hunk)
            return
        places = self._python_places()
        for slid in slides(self.lines, hunk):
            yield from by_imports(self.path, self.lines, slid)
            yield from by_lines(self.path, self.lines, slid)
            if places is not None:
                yield from places.candidates(slid)
        if places is not None:
            yield from places.texts(hunk)
            yield from places.whole_symbols(hunk)

    def _python_places(self) -> PythonPlaces | None:
        if family_of(self.path) != "python":
            return None
        if self._places is None and not self._broken:
            from sorte_cli.edits.replay.python_candidates import PythonPlaces

            try:
                self._places = PythonPlaces(self.project.tree(self.path), self.lines)
            except (EditError, RecursionError):
                self._broken = True
        return self._places

    def _result(self, operations: Sequence[Operation]) -> str | None:
        """The text after operations; None where they are refused."""
        if len(operations) > 1:
            return self.combined(operations)
        operation = operations[0]
        try:
            resolution = handler_for(operation.verb, self.path)(operation, self.project)
        except (EditError, RecursionError):
            return None
        edits = [e for e in resolution.edits if isinstance(e, SpanEdit)]
        if len(edits) != len(resolution.edits):
            return None
        edits.sort(key=lambda e: (e.start, e.end))
        if any(b.start < a.end for a, b in pairwise(edits)):
            return None
        table = PieceTable(self.source.text)
        table.apply(
            [
                SpanEdit(e.path, e.start, e.end, self.source.localise(e.text, e.start, e.end))
                for e in edits
            ]
        )
        return unify_newlines(table.text)

    def combined(self, operations: Sequence[Operation]) -> str | None:
        """The text after a script of operations; None where it is refused."""
        try:
            changes = apply_script(
                Script(tuple(operations)), self.project.snapshot, checked=False, imports=False
            ).changes.changes
        except (EditError, RecursionError):
            return None
        after = changes[0].after if len(changes) == 1 else None
        return unify_newlines(decode(self.path, after).text) if after is not None else None


def settled(writer: Writer, text: str, before: bytes, after: bytes) -> list[Said] | None:
    """The hunks of a file, each in the cheapest way that works together with those of the others;
    None where one of them cannot be said.
    """
    hunks = hunks_of(writer.lines, lines_of(text))
    writer.fine = writer.fine and len(hunks) <= _COSTLY_HUNKS
    choices = [[said for _cost, said in writer.ways(hunk)] for hunk in hunks]
    if not hunks or not all(choices):
        return None
    first = [ways[0] for ways in choices]
    if _comes_to(writer.path, before, after, first):
        return first
    for one in (_Settlement(writer, hunks, choices).run(), first[::-1]):
        if one and _comes_to(writer.path, before, after, one):
            return one
    return _settled_together(writer, hunks, before, after)


def _settled_together(
    writer: Writer, hunks: Sequence[Hunk], before: bytes, after: bytes
) -> list[Said] | None:
    """Hunks that cannot be said beside each other, those near each other said as one."""
    count = len(hunks)
    for gap in _GAPS:
        joined = merged(writer.lines, hunks, gap)
        if len(joined) == count:
            continue
        count = len(joined)
        choices = [[said for _cost, said in writer.ways(hunk)] for hunk in joined]
        if all(choices):
            said = _Settlement(writer, joined, choices).run()
            if said and _comes_to(writer.path, before, after, said):
                return said
    return None


class _Settlement:
    """Chooses among the ways of saying hunks where the cheapest ones exclude each other."""

    def __init__(
        self, writer: Writer, hunks: Sequence[Hunk], choices: Sequence[Sequence[Said]]
    ) -> None:
        self.writer = writer
        self.hunks = hunks
        self.choices = choices
        self.chosen: dict[int, Said] = {}
        self._others: dict[int, list[Said]] = {}

    def run(self) -> list[Said] | None:
        """One way for each hunk; None where one goes with no others."""
        if not self._take(range(len(self.hunks))):
            return None
        return [self.chosen[i] for i in range(len(self.hunks))]

    def _take(self, indices: Sequence[int]) -> bool:
        """Choose for some hunks: the first ways of all, else of one half after the other."""
        if self._works({i: self.choices[i][0] for i in indices}):
            return True
        if len(indices) == 1:
            return any(self._works(change) for change in self._changes(indices[0]))
        middle = len(indices) // 2
        return self._take(indices[:middle]) and self._take(indices[middle:])

    def _works(self, more: dict[int, Said]) -> bool:
        """Whether these ways go with what is chosen; then they are."""
        together = {**self.chosen, **more}
        indices = sorted(together)
        wanted = applied_all(self.writer.lines, [self.hunks[i] for i in indices])
        operations = [op for i in indices for op in together[i].operations]
        if self.writer.combined(operations) != wanted:
            return False
        self.chosen = together
        return True

    def _changes(self, index: int) -> Iterator[dict[int, Said]]:
        """Other ways for a hunk; then such that one chosen near by gives way."""
        others = self._alternatives(index)
        yield from ({index: said} for said in others)
        for other in sorted(self.chosen, key=lambda i: abs(i - index))[:_NEAR]:
            for instead in reversed(self._alternatives(other)):
                for said in (*others, self.choices[index][0]):
                    yield {other: instead, index: said}

    def _alternatives(self, index: int) -> list[Said]:
        """The ways of saying a hunk but the first, plain text the last."""
        if index not in self._others:
            found = list(self.choices[index][1:])
            found += [s for s in self.writer.plain(self.hunks[index]) if s not in found]
            self._others[index] = found
        return self._others[index]


def _comes_to(path: str, before: bytes, after: bytes, said: Sequence[Said]) -> bool:
    script = Script(tuple(op for one in said for op in one.operations))
    try:
        changes = apply_script(script, MemorySnapshot({path: before})).changes.changes
    except EditError:
        return False
    return len(changes) == 1 and changes[0].after == after


# What a coarser way of saying must save, in tokens, to be taken.
_PENALTY = {
    "named": 0, "statement": 0, "expression": 0, "lines": 2, "words": 5, "text": 16,
    "symbol": 20, "file": 50, "new file": 0, "deleted file": 0,
}  # fmt: skip


def _coarseness(kind: str) -> int:
    return _PENALTY[kind]
