"""Which tests ran which lines, where the project's last coverage run wrote that down.

Reads coverage.py's data file (a SQLite database) when it was made with contexts: `pytest
--cov-context=test`, or `dynamic_context = test_function`. The project's own code wrote that file,
so it may hold anything: what cannot be read says nothing.
"""

from __future__ import annotations

import difflib
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

from sorte_cli.domain import ChangeSet, FileChange

_LIMIT_BYTES = 200_000_000
_STEPS = 20_000_000
_DIFF_LINES = 20_000


def tests_that_ran(
    changes: ChangeSet, data_file: Path, modules: Mapping[str, str]
) -> frozenset[str]:
    """The test files that ran lines which the change touches, as they stood before it.

    `modules` are the dotted names of test files, for contexts that name functions.
    """
    touched = {c.path: lines for c in changes.changes if (lines := _touched(c))}
    if not touched or not _is_small_file(data_file):
        return frozenset()
    try:
        with closing(_opened(data_file)) as database:
            contexts = set(_contexts(database, touched))
    except (sqlite3.Error, ValueError, TypeError, OverflowError):
        return frozenset()
    found = (_test_file(context, modules) for context in contexts)
    return frozenset(path for path in found if path)


def _is_small_file(path: Path) -> bool:
    try:
        return path.is_file() and not path.is_symlink() and path.stat().st_size < _LIMIT_BYTES
    except OSError:
        return False


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    database.execute("PRAGMA trusted_schema = OFF")
    steps = 0

    def enough() -> int:  # a made-up database may compute for ever
        nonlocal steps
        steps += 10_000
        return int(steps > _STEPS)

    database.set_progress_handler(enough, 10_000)
    return database


def _touched(change: FileChange) -> frozenset[int]:
    """The lines (1-based) of before that were changed, or that stood around what was put in."""
    if change.before is None or change.after is None:
        return frozenset()
    old, new = change.before.splitlines(), change.after.splitlines()
    if len(old) + len(new) > _DIFF_LINES:
        return frozenset(range(1, len(old) + 1))
    lines: set[int] = set()
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, start, end, _, _ in matcher.get_opcodes():
        if tag == "insert":
            lines |= {start, start + 1}
        elif tag != "equal":
            lines |= set(range(start + 1, end + 1))
    return frozenset(lines)


def _contexts(
    database: sqlite3.Connection, touched: Mapping[str, Collection[int]]
) -> Iterator[str]:
    files: list[tuple[int, str]] = list(database.execute("SELECT id, path FROM file LIMIT 100000"))
    for path, lines in touched.items():
        ids = [number for number, name in files if _is_same(str(name), path)]
        for number in ids:
            yield from _of_file(database, number, lines)


def _is_same(name: str, path: str) -> bool:
    name = name.replace("\\", "/")
    return name == path or name.endswith(f"/{path}")


def _of_file(database: sqlite3.Connection, number: int, lines: Collection[int]) -> Iterator[str]:
    rows: Iterable[tuple[str, bytes]] = database.execute(
        "SELECT c.context, b.numbits FROM line_bits b JOIN context c ON c.id = b.context_id"
        " WHERE b.file_id = ? LIMIT 1000000",
        (number,),
    )
    for context, bits in rows:
        if any(line // 8 < len(bits) and bits[line // 8] & (1 << line % 8) for line in lines):
            yield str(context)
    wanted = set(lines)
    arcs = database.execute(
        "SELECT c.context, a.fromno, a.tono FROM arc a JOIN context c ON c.id = a.context_id"
        " WHERE a.file_id = ? LIMIT 1000000",
        (number,),
    )
    for context, start, end in arcs:  # branch coverage has steps from line to line
        if {start, end} & wanted:
            yield str(context)


def _test_file(context: str, modules: Mapping[str, str]) -> str:
    """`tests/test_a.py::test_b|run`, or `tests.test_a.TestB.test_c`."""
    if "::" in context:
        return context.partition("::")[0]
    while context:
        if context in modules:
            return modules[context]
        context = context.rpartition(".")[0]
    return ""
