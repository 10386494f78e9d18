"""Whole definitions and files that the executor of a full prompt sees beside a step.

What is to be changed is shown as it stands; something new is shown the nearest thing of its kind
that the project has: another file of the family, another test.
"""

from __future__ import annotations

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
MOST_BYTES = 64 * 1024
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
    symbols: Sequence[Symbol],
    bodies: Sequence[Body] = (),
) -> tuple[Source, ...]:
    """What to show for a step, each whole, within a share of the window; `bodies` are shown
    already."""
    if step.verb not in WRITING_VERBS:
        return ()
    room = min(SOURCE_TOKENS, engine.info.context_tokens // WINDOW_SHARE)
    numbered = {body.address for body in bodies if body.statements}
    found: list[Source] = []
    for address in _wanted(step, snapshot, symbols):
        text = "" if address in numbered else _text(address, snapshot, symbols)
        cost = engine.count(text) if text else 0
        if text and cost <= room:
            room -= cost
            found.append(Source(address, text))
    return tuple(found)


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
