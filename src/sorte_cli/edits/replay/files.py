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
from sorte_cli.edits.replay.hunks import Hunk, applied, hunks_of, lines_of, slides
from sorte_cli.edits.replay.wholes import replaced
from sorte_cli.edits.script import apply_script
from sorte_cli.edits.snapshot import MemorySnapshot
from sorte_cli.edits.source import SourceText, decode, unify_newlines

if TYPE_CHECKING:
    from sorte_cli.edits.replay.python_candidates import PythonPlaces

Cost = Callable[[str], int]
_COSTLY_HUNKS = 120  # beyond this many, a file is said in texts and lines only
_LARGE_CHARACTERS = 300_000

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
}


@dataclass(frozen=True)
class Said:
    """One hunk (or a whole file) as operations, and what kind of saying that is."""

    operations: tuple[Operation, ...]
    kind: str


def kind_of(operation: Operation) -> str:
    """named, statement, lines, words, symbol, text, file, new file or deleted file.

    `words` is a `replace_text` within one line, `text` one of whole lines.
    """
    kind = _KINDS.get(operation.verb, "named")
    if kind == "text" and max(block.count("\n") for block in operation.blocks) <= 1:
        return "words"
    return "lines" if kind == "statement" and operation.target.lines else kind


def printed(operations: Sequence[Operation]) -> str:
    """The text of operations. Raises EditError for one that has no text form."""
    return print_script(Script(tuple(operations)))


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
    writer = _Writer(path, source, cost, fine=fine)
    said = writer.say(unify_newlines(target.text))
    if said is not None and _comes_to(path, before, after, said):
        return said
    if fine:
        return said_file(path, before, after, cost, fine=False)
    return whole


def _comes_to(path: str, before: bytes, after: bytes, said: Sequence[Said]) -> bool:
    script = Script(tuple(op for one in said for op in one.operations))
    try:
        changes = apply_script(script, MemorySnapshot({path: before})).changes.changes
    except EditError:
        return False
    return len(changes) == 1 and changes[0].after == after


class _Writer:
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

    def say(self, after: str) -> list[Said] | None:
        """One `Said` for each hunk; None where one of them cannot be said."""
        hunks = hunks_of(self.lines, lines_of(after))
        self.fine = self.fine and len(hunks) <= _COSTLY_HUNKS
        found: list[Said] = []
        for hunk in hunks:
            said = self._hunk(hunk)
            if said is None:
                return None
            found.append(said)
        return found

    def _hunk(self, hunk: Hunk) -> Said | None:
        wanted = applied(self.lines, hunk)
        best: tuple[float, Said] | None = None
        tried: set[str] = set()
        for operations in self._candidates(hunk):
            try:
                text = printed(operations)
            except EditError:
                continue
            if text in tried:
                continue
            tried.add(text)
            kind = max((kind_of(op) for op in operations), key=_coarseness)
            cost = self.cost(text) + _PENALTY[kind]
            if best is not None and cost >= best[0]:
                continue
            if self._result(operations) == wanted:
                best = (cost, Said(tuple(operations), kind))
        return best[1] if best else None

    def _candidates(self, hunk: Hunk) -> Iterator[list[Operation]]:
        yield from by_text(self.path, self.lines, hunk)
        if not self.fine:
            yield from by_lines(self.path, self.lines, hunk)
            return
        for slid in slides(self.lines, hunk):
            yield from by_imports(self.path, self.lines, slid)
            yield from by_lines(self.path, self.lines, slid)
            places = self._python_places()
            if places is not None:
                yield from places.candidates(slid)
        places = self._python_places()
        if places is not None:
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
            script = Script(tuple(operations))
            try:
                changes = apply_script(script, self.project.snapshot).changes.changes
            except EditError:
                return None
            after = changes[0].after if changes else None
            return unify_newlines(decode(self.path, after).text) if after is not None else None
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


# What a coarser way of saying must save, in tokens, to be taken.
_PENALTY = {
    "named": 0, "statement": 0, "lines": 2, "words": 1, "text": 8, "symbol": 12, "file": 50,
    "new file": 0, "deleted file": 0,
}  # fmt: skip


def _coarseness(kind: str) -> int:
    return _PENALTY[kind]
