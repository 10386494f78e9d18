"""What must leave no trace: an operation that changes nothing, and a rename there and back.

    python benchmarks/round_trip.py [--packages DIR ...] [--files-of-each N] [--names N]
        [--state FILE] [--budget-s S] [--out FILE]

Untouched: every file of the standard library, and N files (drawn at random, the same ones every
time) of every package in the folders given (`site-packages`), gets an operation that says what is
there already: its last statement, else a line, replaced by itself. The bytes must be the same.

There and back: random names of the standard library's modules and of the packages are renamed, some
in one script, and back. The bytes must be what they were. A script whose result does not parse is
refused by the appliers; a refused name is counted, never taken for right.
"""

from __future__ import annotations

import argparse
import json
import random
import sysconfig
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resumable import add_row, read_rows
from sorte_cli.edits import Address, EditError, MemorySnapshot, Operation, Script, apply_script
from sorte_cli.edits.registry import Project
from sorte_cli.edits.source import decode
from sorte_cli.edits.statements import statements_of

SUFFIX = "_renamed_q7"
BATCH = 100  # names that are renamed in one script
CHUNK = 50  # files of one row of results
LARGEST_BYTES = 400_000


def same_again(path: str, data: bytes) -> str:
    """What an operation that says what is there already makes of a file: same, different, or why
    there is none for it.
    """
    snapshot = MemorySnapshot({path: data})
    try:
        operation = _statement(path, snapshot) or _line(path, data)
    except EditError:  # a file without an exact syntax tree has lines all the same
        operation = _line(path, data)
    if operation is None:
        return "nothing to say"
    try:
        changes = apply_script(Script((operation,)), snapshot).changes.changes
    except EditError as error:
        return f"refused: {error.message[:160]}"
    return "same" if all(c.after == data for c in changes) else "different"


def _statement(path: str, snapshot: MemorySnapshot) -> Operation | None:
    project = Project(snapshot)
    tree = project.try_tree(path)
    statements = [s for s in statements_of(tree, None) if not s.inline] if tree else []
    if tree is None or not statements:
        return None
    number = statements[-1].number
    start, end = tree.statement_span(statements[-1].node, comments=False)
    block = tree.source.text[start:end].replace("\r\n", "\n").rstrip("\n")
    margin = block[: len(block) - len(block.lstrip())]
    if margin or not block or ";" in block:
        return None
    target = Address(path, statements=(number, number))
    return Operation("replace_statement", target, (), (f"{block}\n",))


def _line(path: str, data: bytes) -> Operation | None:
    try:
        lines = decode(path, data).text.splitlines()
    except EditError:
        return None
    for line in reversed(lines):
        if line.strip() and lines.count(line) == 1:
            return Operation("replace_text", Address(path), (), (f"{line}\n", f"{line}\n"))
    return None


@dataclass(frozen=True)
class Name:
    """A definition: its file, its qualified name."""

    path: str
    qualified: str


def names_of(files: dict[str, bytes]) -> list[Name]:
    """Every name of a project that one definition has."""
    project = Project(MemorySnapshot(files))
    found: list[Name] = []
    for path in files:
        tree = project.try_tree(path)
        for d in tree.definitions if tree else ():
            dunder = d.name.startswith("__") and d.name.endswith("__")
            if not dunder and len(tree.find_all(d.qualified_name)) == 1:
                found.append(Name(path, d.qualified_name))
    return found


def there_and_back(files: dict[str, bytes], names: list[Name], results: Counter[str]) -> None:
    """Rename names in one script and back in another; halves of a refused one are tried alone."""
    there = [_rename(n, _other(n.qualified.rpartition(".")[2]), set()) for n in names]
    changed = set(names)
    back = [_rename(n, n.qualified.rpartition(".")[2], changed) for n in names]
    try:
        renamed = _applied(files, there)
    except EditError as error:
        if len(names) > 1:
            middle = len(names) // 2
            there_and_back(files, names[:middle], results)
            there_and_back(files, names[middle:], results)
        else:
            results[f"refused: {_reason(error)}"] += 1
        return
    try:
        again = _applied(renamed, back)
    except EditError as error:
        again = {}
        if len(names) == 1:
            results[f"not back: {_reason(error)}"] += 1
            return
    if again == files:
        results["same"] += len(names)
    elif len(names) > 1:
        middle = len(names) // 2
        there_and_back(files, names[:middle], results)
        there_and_back(files, names[middle:], results)
    else:
        results["different"] += 1
        results[f"different: {names[0].path}::{names[0].qualified}"] += 1


def _other(name: str) -> str:
    """Another name, of the same style: a constant's remains a constant's."""
    return name + (SUFFIX.upper() if name.isupper() else SUFFIX)


def _rename(name: Name, new: str, changed: set[Name]) -> Operation:
    """The operation; the parts of the qualified name that have been renamed already are new."""
    parts = name.qualified.split(".")
    whole = [
        _other(part) if Name(name.path, ".".join(parts[: i + 1])) in changed else part
        for i, part in enumerate(parts)
    ]
    return Operation("rename", Address(name.path, ".".join(whole)), (("new_name", new),))


def _applied(files: dict[str, bytes], operations: list[Operation]) -> dict[str, bytes]:
    changes = apply_script(Script(tuple(operations)), MemorySnapshot(files)).changes.changes
    return {**files, **{c.path: c.after or b"" for c in changes}}


def _reason(error: EditError) -> str:
    for words in ("same place", "taken", "already", "exists", "outside", "parse", "several"):
        if words in error.message:
            return words
    return error.message.rpartition(": ")[2][:80]


def library_files() -> list[Path]:
    """Every Python file of the standard library."""
    root = Path(sysconfig.get_paths()["stdlib"])
    return [
        p for p in sorted(root.rglob("*.py")) if "site-packages" not in p.relative_to(root).parts
    ]


def packages(folders: list[Path]) -> Iterator[tuple[str, list[Path]]]:
    """Packages and single modules of `site-packages` folders, each name once, with their files."""
    seen: set[str] = set()
    for folder in folders:
        for path in sorted(folder.iterdir()):
            if path.is_dir() and (path / "__init__.py").exists():
                files = sorted(path.rglob("*.py"))
            elif path.suffix == ".py":
                files = [path]
            else:
                continue
            if path.stem not in seen:
                seen.add(path.stem)
                yield path.stem, files


def untouched(
    name: str, files: list[Path], rows: list[dict[str, Any]], options: argparse.Namespace
) -> None:
    """Rows of results for the files of one tree that have none yet."""
    done = {(r["tree"], r["chunk"]) for r in rows if r["part"] == "untouched"}
    for chunk in range(0, len(files), CHUNK):
        if (name, chunk) in done or time.process_time() > options.budget_s:
            continue
        results: Counter[str] = Counter()
        for file in files[chunk : chunk + CHUNK]:
            data = file.read_bytes()
            results[same_again("a.py", data) if len(data) < LARGEST_BYTES else "too large"] += 1
        rows.append({"part": "untouched", "tree": name, "chunk": chunk, "results": dict(results)})
        add_row(options.state, rows[-1])


def renamed(
    name: str,
    files: dict[str, bytes],
    count: int,
    rows: list[dict[str, Any]],
    options: argparse.Namespace,
) -> None:
    """One row: `count` names of a project there and back."""
    done = {r["tree"] for r in rows if r["part"] == "renamed"}
    if name in done or time.process_time() > options.budget_s:
        return
    found = names_of(files)
    random.Random(1).shuffle(found)
    results: Counter[str] = Counter()
    for start in range(0, len(found[:count]), BATCH):
        there_and_back(files, found[:count][start : start + BATCH], results)
    rows.append({"part": "renamed", "tree": name, "results": dict(results)})
    add_row(options.state, rows[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--packages", type=Path, nargs="*", default=[], help="site-packages folders"
    )
    parser.add_argument("--files-of-each", type=int, default=4, help="files of each package")
    parser.add_argument("--names", type=int, default=40, help="names of each module and package")
    parser.add_argument("--projects", type=Path, default=None, help="folder of whole projects")
    parser.add_argument("--only", choices=("untouched", "renamed"), default=None)
    parser.add_argument("--state", type=Path, default=None, help="results so far, a line each")
    parser.add_argument("--budget-s", type=float, default=240.0, help="CPU seconds to stop after")
    parser.add_argument("--out", type=Path, default=None)
    options = parser.parse_args()
    rows = read_rows(options.state)
    library = library_files()
    if options.only != "renamed":
        untouched("standard library", library, rows, options)
        for name, files in packages(options.packages):
            random.Random(name).shuffle(files)
            untouched(name, files[: options.files_of_each], rows, options)
    if options.only != "untouched":
        for folder in sorted(options.projects.iterdir()) if options.projects else ():
            whole = {
                p.relative_to(folder).as_posix(): p.read_bytes()
                for p in sorted(folder.rglob("*.py"))
            }
            renamed(folder.name, whole, options.names * 10, rows, options)
        random.Random(1).shuffle(library)
        for file in library:
            if file.stat().st_size < LARGEST_BYTES // 4:
                renamed(str(file), {"a.py": file.read_bytes()}, options.names, rows, options)
    text = json.dumps(figures(rows), indent=2)
    print(text)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")


def figures(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The numbers of both parts."""
    found: dict[str, Any] = {}
    for part in ("untouched", "renamed"):
        mine = [r for r in rows if r["part"] == part]
        total: Counter[str] = Counter()
        for row in mine:
            total.update(row["results"])
        found[part] = {
            "trees": len({r["tree"] for r in mine}),
            "results": dict(total.most_common()),
        }
    return found


if __name__ == "__main__":
    main()
