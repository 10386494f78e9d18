"""Imports that were sorted stay sorted when an edit changes a module's or a symbol's name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import libcst as cst

from sorte_cli.edits.model import SpanEdit
from sorte_cli.edits.python.import_model import (
    NAME_KEYS,
    NameKey,
    Wanted,
    mixed_key,
    section_of,
    sort_key,
    wanted_of,
)
from sorte_cli.edits.python.index import ProjectIndex
from sorte_cli.edits.python.scopes import ModuleFacts


@dataclass(frozen=True, slots=True)
class _Statement:
    """One import statement that has its lines for itself: before and after the edits."""

    start: int
    end: int
    before: tuple[Wanted, ...]
    after: tuple[Wanted, ...]
    text: str
    section: int

    @property
    def changed(self) -> bool:
        return self.before != self.after


def kept_sorted(
    index: ProjectIndex, facts: ModuleFacts, edits: Iterable[SpanEdit]
) -> list[SpanEdit]:
    """The edits of one file, with import statements and their names put in order where they were
    in order before.
    """
    ordered = sorted(dict.fromkeys(edits), key=lambda e: (e.start, e.end))
    runs = _runs(index, facts, ordered)
    name_key = _name_key([s for run in runs for s in run])
    for run in runs:
        if not any(statement.changed for statement in run):
            continue
        sorted_run = _sorted(run)
        texts = [_with_sorted_names(s, name_key) for s in sorted_run]
        if facts.text[run[-1].end - 1] not in "\r\n":
            # The file's last line is not ended, whichever statement comes last now.
            texts = [t if t.endswith(("\r", "\n")) else t + "\n" for t in texts]
            texts[-1] = texts[-1].rstrip("\r\n")
        if sorted_run == run and texts == [s.text for s in run]:
            continue
        start, end = run[0].start, run[-1].end
        ordered = [e for e in ordered if not (start <= e.start and e.end <= end)]
        pieces = [
            SpanEdit(facts.path, old.start, old.end, text)
            for old, text in zip(run, texts, strict=True)
            if facts.text[old.start : old.end] != text
        ]
        ordered = sorted([*ordered, *pieces], key=lambda e: (e.start, e.end))
    return ordered


def all_kept_sorted(index: ProjectIndex, edits: Iterable[SpanEdit]) -> list[SpanEdit]:
    """`kept_sorted` for the edits of several files."""
    by_path: dict[str, list[SpanEdit]] = {}
    for edit in edits:
        by_path.setdefault(edit.path, []).append(edit)
    result: list[SpanEdit] = []
    for path, own in by_path.items():
        facts = index.facts(path)
        result += own if facts is None else kept_sorted(index, facts, own)
    return result


def _runs(
    index: ProjectIndex, facts: ModuleFacts, edits: Sequence[SpanEdit]
) -> list[list[_Statement]]:
    """Runs of import statements of one section on directly following lines."""
    runs: list[list[_Statement]] = []
    for statement in facts.tree.module.body:
        found = _statement(index, facts, statement, edits)
        if found is None:
            runs.append([])
        elif (
            runs
            and runs[-1]
            and runs[-1][-1].end == found.start
            and runs[-1][-1].section == found.section
        ):
            runs[-1].append(found)
        else:
            runs.append([found])
    return [run for run in runs if run]


def _statement(
    index: ProjectIndex, facts: ModuleFacts, node: cst.CSTNode, edits: Sequence[SpanEdit]
) -> _Statement | None:
    if not isinstance(node, cst.SimpleStatementLine) or len(node.body) != 1:
        return None
    small = node.body[0]
    if not isinstance(small, cst.Import | cst.ImportFrom):
        return None
    start, end = facts.tree.statement_span(node, comments=False)
    text = facts.text
    last = start
    parts: list[str] = []
    for edit in edits:
        if edit.end <= start or edit.start >= end:
            continue
        if edit.start < start or edit.end > end:
            return None
        parts += [text[last : edit.start], edit.text]
        last = edit.end
    new = "".join([*parts, text[last:end]])
    after = _parsed(new) if parts else None
    before = tuple(wanted_of(facts.tree.module, small))
    if parts and (after is None or len(after) != len(before)):
        return None
    section = section_of(index, facts.path, before[0])
    return _Statement(start, end, before, after or before, new, section)


def _parsed(text: str) -> tuple[Wanted, ...] | None:
    """The imports of a text that is one statement; None where it is not."""
    try:
        module = cst.parse_module(text.replace("\r\n", "\n"))
    except cst.ParserSyntaxError:
        return None
    lines = [s for s in module.body if isinstance(s, cst.SimpleStatementLine)]
    if len(lines) != 1 or len(module.body) != 1 or len(lines[0].body) != 1:
        return None
    small = lines[0].body[0]
    if not isinstance(small, cst.Import | cst.ImportFrom):
        return None
    return tuple(wanted_of(module, small))


def _sorted(run: list[_Statement]) -> list[_Statement]:
    """The run in the order it was in, if it was in one.

    Which order that is, the statements tell that do not change: then the way back is the same.
    """
    for key in (sort_key, mixed_key):
        known = [key(s.before[0]) for s in run if not s.changed]
        if known == sorted(known):
            before = [key(s.before[0]) for s in run]
            return sorted(run, key=lambda s: key(s.after[0])) if before == sorted(before) else run
    return run


def _name_key(statements: Sequence[_Statement]) -> NameKey | None:
    """The order that all names follow which do not change."""
    lists = [
        [old.element for old, new in zip(s.before, s.after, strict=True) if old == new]
        for s in statements
    ]
    return next((k for k in NAME_KEYS if all(n == sorted(n, key=k) for n in lists)), None)


def _with_sorted_names(statement: _Statement, key: NameKey | None) -> str:
    """The statement's text with its names in order, where they were in order before."""
    names = [w.element for w in statement.before]
    new = [w.element for w in statement.after]
    if not statement.after[0].name or len(new) < 2 or key is None:
        return statement.text
    if names != sorted(names, key=key) or new == sorted(new, key=key):
        return statement.text
    if "#" in statement.text:
        return statement.text  # a comment belongs to its name
    head, _, tail = statement.text.partition("import")
    for position, element in enumerate(new):
        # Each name in turn is replaced by the one that belongs in its place.
        tail = _replaced_once(tail, element, f"\0{position}\0")
    for position, element in enumerate(sorted(new, key=key)):
        tail = tail.replace(f"\0{position}\0", element)
    return f"{head}import{tail}"


def _replaced_once(text: str, element: str, mark: str) -> str:
    start = 0
    while True:
        found = text.find(element, start)
        if found < 0:
            return text
        before, after = text[found - 1 : found], text[found + len(element) :][:1]
        if not (before.isalnum() or before in "_\0") and not (after.isalnum() or after == "_"):
            return text[:found] + mark + text[found + len(element) :]
        start = found + 1
