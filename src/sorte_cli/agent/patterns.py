"""Whole definitions and files that the executor of a full prompt sees beside a step.

What is to be changed is shown as it stands; something new is shown the nearest thing of its kind
that the project has: another file of the family, another test.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sorte_cli.agent.prompting import Body, Source
from sorte_cli.context import words
from sorte_cli.context.analysis import decode
from sorte_cli.context.languages import is_test
from sorte_cli.domain import Step, Symbol
from sorte_cli.edits import EditError, parse_address
from sorte_cli.edits.model import Snapshot
from sorte_cli.inference import Engine

SOURCE_TOKENS = 1_500
WINDOW_SHARE = 5
MOST_BYTES = 256 * 1024
HEAD_LINES = 40
WRITING_VERBS = frozenset(
    {
        "create_file", "add_symbol", "replace_symbol", "edit", "add_entry", "insert_before",
        "insert_after", "replace_statement", "set_docstring",
    }
)  # fmt: skip
"""Verbs whose operations hold code that must fit what is there."""


def sources(
    engine: Engine,
    step: Step,
    snapshot: Snapshot,
    reach: Sequence[Symbol],
    symbols: Sequence[Symbol],
    bodies: Sequence[Body] = (),
    *,
    room_tokens: int = SOURCE_TOKENS,
) -> tuple[Source, ...]:
    """What to show for a step, within a share of the window; `bodies` are shown already.

    `reach` is what stands in the files of the step as they are now, `symbols` what was chosen for
    the task, best first. Of a file that is too long to be shown whole it is how it begins, and the
    definitions that the step's words speak of.
    """
    if step.verb not in WRITING_VERBS:
        return ()
    room = min(SOURCE_TOKENS, engine.info.context_tokens // WINDOW_SHARE, room_tokens)
    numbered = {body.address for body in bodies if body.statements}
    known = (*reach, *symbols)
    found: list[Source] = []

    def show(address: str, text: str) -> bool:
        nonlocal room
        cost = engine.count(text) if text else 0
        if text and cost <= room:
            room -= cost
            found.append(Source(address, text))
        return bool(text) and cost <= room

    for address in _wanted(step, snapshot, symbols):
        if address in numbered:
            continue
        if not show(address, _text(address, snapshot, known)) and "::" not in address:
            for part in _speaking_of(step, address, reach):
                show(part, _text(part, snapshot, known))
    shown = {source.address for source in found}
    for path in dict.fromkeys(t.partition("::")[0] for t in step.targets):
        if path not in shown and path not in numbered:
            show(f"the beginning of {path}", _head(path, snapshot, reach))
    return tuple(found)


def _speaking_of(step: Step, path: str, reach: Sequence[Symbol]) -> list[str]:
    """The definitions of a file that share most words with what a step says, at most three."""
    inside = [s for s in reach if s.path == path and s.kind in ("function", "method", "class")]
    often = Counter(term for s in inside for term in words.name_terms(s.name))
    # A word of most of the names, as "test" is, tells nothing.
    said = {t for t in words.name_terms(step.instruction) if 2 * often[t] <= len(inside)}

    def grade(symbol: Symbol) -> float:
        own = words.name_terms(symbol.name)
        return len(own & said) / len(own | said) if own else 0.0

    best = sorted(inside, key=lambda s: (-grade(s), s.line))[:3]
    return [s.address for s in best if grade(s)] or [s.address for s in inside[-1:]]


def _head(path: str, snapshot: Snapshot, reach: Sequence[Symbol]) -> str:
    """What stands above the first function or class of a file: what it imports."""
    starts = [s.line for s in reach if s.path == path and s.kind in ("function", "class")]
    lines = _text(path, snapshot, ()).splitlines()
    first = min(starts, default=len(lines) + 1) - 1
    return "\n".join(lines[: min(first, HEAD_LINES)]).rstrip()


def _wanted(step: Step, snapshot: Snapshot, symbols: Sequence[Symbol]) -> list[str]:
    """Addresses worth seeing: the targets that exist, for the others what is most like them."""
    paths = snapshot.paths()
    there = frozenset(paths)
    wanted: dict[str, None] = {}
    for target in step.targets:
        path = target.partition("::")[0]
        if path in there:
            wanted[target] = None
        elif like := _most_like(path, paths, symbols):
            wanted[like] = None
            # Where the whole file is too long, its first chosen definition still shows the way.
            first = next((s.address for s in symbols if s.path == like and s.kind != "file"), "")
            if first:
                wanted[first] = None
    return list(wanted)


def _most_like(new: str, paths: Sequence[str], symbols: Sequence[Symbol]) -> str:
    """The file that a new one should follow: of its kind, chosen for the task, alike in name."""
    ending = new.rpartition(".")[2]
    folder, own = new.rpartition("/")[0], words.name_terms(new.rpartition("/")[2])
    chosen = {path: place for place, path in enumerate(dict.fromkeys(s.path for s in symbols))}

    def grade(path: str) -> float:
        theirs = words.name_terms(path.rpartition("/")[2])
        alike = len(own & theirs) / len(own | theirs)
        near = 1.0 if path.rpartition("/")[0] == folder else 0.0
        return 2.0 / (1 + chosen[path]) + near + alike if path in chosen else near * 0.5 + alike

    kind = is_test(new)
    same = [p for p in paths if p.rpartition(".")[2] == ending and is_test(p) == kind]
    same = [p for p in same if p in chosen or p.rpartition("/")[0] == folder]
    return min(same, key=lambda p: (-grade(p), p), default="")


def _text(address: str, snapshot: Snapshot, symbols: Sequence[Symbol]) -> str:
    """The lines at an address; "" where they cannot be told or are far too many."""
    try:
        path = parse_address(address).path
    except EditError:
        return ""
    data = snapshot.read(path)
    if data is None or len(data) > MOST_BYTES or b"\0" in data:
        return ""
    lines = decode(data).splitlines()
    if address == path:
        return "\n".join(lines)
    symbol = next((s for s in symbols if s.address == address), None)
    if symbol is None or symbol.end_line > len(lines):
        return ""
    return "\n".join(lines[symbol.line - 1 : symbol.end_line])
