"""Renames and moves that go through a whole change: said first, in a script of their own."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from sorte_cli.domain import FileChange
from sorte_cli.edits.model import Address, EditError, Operation, Script, Snapshot
from sorte_cli.edits.script import apply_script
from sorte_cli.edits.snapshot import Overlay
from sorte_cli.edits.source import decode, is_python, unify_newlines

_MOST = 4  # candidates tried in one change: each looks at the whole project
_ALIKE = 0.7


def refactorings(changes: Sequence[FileChange], snapshot: Snapshot) -> list[Operation]:
    """`move_file` and `rename` operations that bring the files nearer to what they became."""
    target = {c.path: c.after for c in changes}
    found: list[Operation] = []
    state: Mapping[str, bytes | None] = {}
    for operation in [*_moves(changes), *_renames(changes)][:_MOST]:
        view = Overlay(snapshot, state)
        try:
            applied = apply_script(Script((operation,)), view)
        except EditError:
            continue
        after = {c.path: c.after for c in applied.changes.changes}
        if not after or not set(after) <= set(target):
            continue
        if _better({**state, **after}, state, target, snapshot):
            state = {**state, **after}
            found.append(operation)
    return found


def _moves(changes: Sequence[FileChange]) -> Iterator[Operation]:
    gone = [c for c in changes if c.after is None and c.before]
    new = [c for c in changes if c.before is None and c.after]
    for old in gone:
        alike = [(_likeness(old.before or b"", c.after or b""), c.path) for c in new]
        best = max(alike, default=(0.0, ""))
        if best[0] >= _ALIKE:
            yield Operation("move_file", Address(old.path), (("to", best[1]),))


def _renames(changes: Sequence[FileChange]) -> Iterator[Operation]:
    for change in changes:
        if not is_python(change.path) or not change.before or not change.after:
            continue
        old, new = _bodies(change.path, change.before), _bodies(change.path, change.after)
        gone = [n for n in old if n not in new]
        added = [n for n in new if n not in old]
        for name in gone:
            parent, _, last = name.rpartition(".")
            for other in added:
                other_parent, _, other_last = other.rpartition(".")
                if parent != other_parent:
                    continue
                body = old[name].replace(last, other_last)
                if _text_likeness(body, new[other]) >= _ALIKE:
                    target = Address(change.path, name)
                    yield Operation("rename", target, (("new_name", other_last),))
                    break


def _bodies(path: str, data: bytes) -> dict[str, str]:
    """The text of each function, method and class of a file, by its qualified name."""
    text = unify_newlines(decode(path, data).text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            module = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return {}
    found: dict[str, str] = {}
    lines = text.split("\n")

    def collect(body: Sequence[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                end = node.end_lineno or node.lineno
                found[prefix + node.name] = "\n".join(lines[node.lineno - 1 : end])
                collect(node.body, f"{prefix}{node.name}.")

    collect(module.body, "")
    return found


def _better(
    after: Mapping[str, bytes | None],
    before: Mapping[str, bytes | None],
    target: Mapping[str, bytes | None],
    snapshot: Snapshot,
) -> bool:
    """Whether fewer lines are left to change, in the files that an operation touched."""

    def left(state: Mapping[str, bytes | None]) -> int:
        return sum(
            _lines_apart(state.get(p, snapshot.read(p)), target[p]) for p in after if p in target
        )

    return left(after) < left(before)


def _lines_apart(one: bytes | None, other: bytes | None) -> int:
    if one == other:
        return 0
    a, b = (one or b"").splitlines(), (other or b"").splitlines()
    matcher = SequenceMatcher(None, a, b, autojunk=len(a) > 3_000)
    same = sum(size for _, _, size in matcher.get_matching_blocks())
    return len(a) + len(b) - 2 * same + (one is None) + (other is None)


def _likeness(one: bytes, other: bytes) -> float:
    a, b = one.splitlines(), other.splitlines()
    if not a or not b or min(len(a), len(b)) * 2 < max(len(a), len(b)):
        return float(one == other)
    return SequenceMatcher(None, a, b).ratio()


def _text_likeness(one: str, other: str) -> float:
    a, b = one.split("\n"), other.split("\n")
    return SequenceMatcher(None, a, b).ratio() if one != other else 1.0
