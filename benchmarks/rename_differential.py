"""Random renames of real packages against jedi and rope; every disagreement is classified.

    python benchmarks/rename_differential.py --repo DIR [--package NAME] [--tools DIR] [--count N]

`--tools` is a folder with jedi and rope (`pip install --target DIR jedi rope`); neither is needed
to use Sorte. A place is a line of a file that a tool changes. Silent: both others change a line
that Sorte neither changes nor lists as possible; those are Sorte's alone to explain.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from sorte_cli.edits import EditError, MemorySnapshot, apply_script, parse_script
from sorte_cli.edits.registry import Project

NEW = "renamed_by_test"
Places = set[tuple[str, int]]


def changed_lines(before: str, after: str) -> set[int]:
    """1-based lines that differ; a rename never moves one."""
    pairs = zip(before.split("\n"), after.split("\n"), strict=False)
    return {n for n, (a, b) in enumerate(pairs, 1) if a != b}


def by_sorte(files: dict[str, str], address: str) -> tuple[Places | None, Places]:
    """The lines that Sorte changes (None: refused) and those it lists as possible."""
    try:
        applied = apply_script(parse_script(f"rename {address} {NEW}\n"), MemorySnapshot(files))
    except EditError:
        return None, set()
    changed = {
        (c.path, line)
        for c in applied.changes.changes
        for line in changed_lines(files[c.path], (c.after or b"").decode())
    }
    possible = {
        (place.split(":")[0], int(place.split(":")[1]))
        for report in applied.reports
        for place in report.possible
    }
    return changed, possible


def by_jedi(root: Path, files: dict[str, str], path: str, line: int, column: int) -> Places | None:
    import jedi

    project = jedi.Project(root, load_unsafe_extensions=False)
    try:
        script = jedi.Script(path=root / path, project=project)
        found = script.rename(line=line, column=column - 1, new_name=NEW).get_changed_files()
    except (jedi.RefactoringError, RecursionError, AttributeError, ValueError):
        return None
    return {
        (name.relative_to(root).as_posix(), n)
        for name, change in found.items()
        for n in changed_lines(files[name.relative_to(root).as_posix()], change.get_new_code())
    }


def by_rope(project: object, files: dict[str, str], path: str, offset: int) -> Places | None:
    from rope.base.exceptions import RopeError
    from rope.refactor.rename import Rename

    try:
        resource = project.get_resource(path)
        changes = Rename(project, resource, offset).get_changes(NEW, docs=False)
    except (RopeError, AttributeError, RecursionError, ValueError, TypeError, IndexError):
        return None
    return {
        (change.resource.path, n)
        for change in changes.changes
        for n in changed_lines(files[change.resource.path], change.new_contents)
    }


def classify(
    sorte: Places | None, possible: Places, jedi: Places | None, rope: Places | None
) -> str:
    if sorte is None:
        return "refused"
    others = [o for o in (jedi, rope) if o is not None]
    if not others:
        return "no other answer"
    if all(o == sorte for o in others):
        return "all agree"
    agreed = set.intersection(*others) if len(others) == 2 else set()
    if (agreed - sorte) - possible:
        return "silent"
    if any(o == sorte for o in others):
        return "agrees with one"
    if any(o - sorte for o in others):
        return "others change more" if not (agreed - sorte) else "listed as possible"
    return "sorte changes more"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repo", type=Path, required=True)
    parser.add_argument("--package", default="src")
    parser.add_argument("--tools", type=Path, default=None)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--budget-s", type=float, default=240.0)
    parser.add_argument("--out", type=Path, default=None)
    arguments = parser.parse_args()
    if arguments.tools:
        sys.path.append(str(arguments.tools))
    from rope.base.project import Project as RopeProject

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "project"
        shutil.copytree(arguments.repo / arguments.package, root)
        files = {
            p.relative_to(root).as_posix(): p.read_text(encoding="utf-8")
            for p in sorted(root.rglob("*.py"))
        }
        project = Project(MemorySnapshot(files))
        symbols = []
        for path in files:
            tree = project.try_tree(path)
            for d in tree.definitions if tree else ():
                if len(tree.find_all(d.qualified_name)) == 1 and not d.name.startswith("__"):
                    start = tree.span(d.name_node)[0]
                    symbols.append((path, d, start, tree.source.position(start)))
        random.Random(arguments.seed).shuffle(symbols)
        rope = RopeProject(str(root), ropefolder=None)
        results: Counter[str] = Counter()
        told: list[dict[str, object]] = []
        began = time.process_time()
        for path, definition, offset, (line, column) in symbols[: arguments.count]:
            if time.process_time() - began > arguments.budget_s:
                break
            address = f"{path}::{definition.qualified_name}"
            sorte, possible = by_sorte(files, address)
            jedi = by_jedi(root, files, path, line, column)
            other = by_rope(rope, files, path, offset)
            kind = classify(sorte, possible, jedi, other)
            results[kind] += 1
            if kind in ("silent", "others change more", "sorte changes more"):
                told.append(
                    {
                        "symbol": address,
                        "kind": kind,
                        "sorte_only": sorted((sorte or set()) - (jedi or set()) - (other or set())),
                        "jedi_only": sorted((jedi or set()) - (sorte or set()) - possible),
                        "rope_only": sorted((other or set()) - (sorte or set()) - possible),
                    }
                )
        rope.close()
    document = {
        "renames": sum(results.values()),
        "results": dict(results),
        "cpu_s": round(time.process_time() - began, 1),
        "disagreements": told,
    }
    text = json.dumps(document, indent=2)
    print(text)
    if arguments.out:
        arguments.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
