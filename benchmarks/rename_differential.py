"""Random renames of real packages against jedi and rope; every disagreement is classified.

    python benchmarks/rename_differential.py --packages DIR [--tools DIR] [--count N] [--state FILE]

`DIR` holds folders, each the root of one project's Python code. `--tools` is a folder with jedi and
rope (`pip install --target DIR jedi rope`); neither is needed to use Sorte. N names are drawn from
every project, the same ones every time; with `--state` a run goes on where the last one ended
(`--budget-s`). A place is a line of a file that a tool changes.

silent              both others change a line that Sorte neither changes nor lists as possible
others change more  one of them does; the other, or none, does not
listed as possible  the lines that Sorte leaves are listed by it
sorte changes more  lines that no other tool changes
agrees with one     the other tool stands alone
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resumable import add_row, read_rows
from sorte_cli.edits import EditError, MemorySnapshot, apply_script, parse_script
from sorte_cli.edits.registry import Project

SUFFIX = "_renamed"  # behind the old name, so that sorted imports stay in their order
Places = set[tuple[str, int]]


@dataclass(frozen=True)
class Drawn:
    """A name to be renamed: where it is defined."""

    path: str
    name: str
    offset: int
    line: int
    column: int

    @property
    def address(self) -> str:
        return f"{self.path}::{self.name}"


def changed_lines(before: str, after: str) -> set[int]:
    """1-based lines that differ; a rename never moves one."""
    pairs = zip(before.split("\n"), after.split("\n"), strict=False)
    return {n for n, (a, b) in enumerate(pairs, 1) if a != b}


def new_name(address: str) -> str:
    """What a symbol is renamed to."""
    return address.rpartition("::")[2].rpartition(".")[2] + SUFFIX


def by_sorte(files: dict[str, str], address: str) -> tuple[Places | None, Places]:
    """The lines that Sorte changes (None: refused) and those it lists as possible."""
    try:
        applied = apply_script(
            parse_script(f"rename {address} {new_name(address)}\n"), MemorySnapshot(files)
        )
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


def by_jedi(root: Path, files: dict[str, str], one: Drawn) -> Places | None:
    import jedi

    project = jedi.Project(root, load_unsafe_extensions=False)
    try:
        script = jedi.Script(path=root / one.path, project=project)
        found = script.rename(
            line=one.line, column=one.column - 1, new_name=new_name(one.address)
        ).get_changed_files()
    except (jedi.RefactoringError, RecursionError, AttributeError, ValueError):
        return None
    return {
        (name.relative_to(root).as_posix(), n)
        for name, change in found.items()
        for n in changed_lines(files[name.relative_to(root).as_posix()], change.get_new_code())
    }


def by_rope(project: object, files: dict[str, str], one: Drawn) -> Places | None:
    from rope.base.exceptions import RopeError
    from rope.refactor.rename import Rename

    try:
        resource = project.get_resource(one.path)
        changes = Rename(project, resource, one.offset).get_changes(
            new_name(one.address), docs=False
        )
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


def drawn(files: dict[str, str], count: int, seed: int) -> list[Drawn]:
    """Names of a project that have one definition, in a random order that is always the same."""
    project = Project(MemorySnapshot(files))
    found: list[Drawn] = []
    for path in files:
        tree = project.try_tree(path)
        for d in tree.definitions if tree else ():
            if len(tree.find_all(d.qualified_name)) == 1 and not d.name.startswith("__"):
                start = tree.span(d.name_node)[0]
                found.append(Drawn(path, d.qualified_name, start, *tree.source.position(start)))
    random.Random(seed).shuffle(found)
    return found[:count]


def compared(root: Path, files: dict[str, str], rope: object, one: Drawn) -> dict[str, object]:
    """What the three tools make of one rename."""
    sorte, possible = by_sorte(files, one.address)
    jedi = by_jedi(root, files, one)
    other = by_rope(rope, files, one)
    kind = classify(sorte, possible, jedi, other)
    row: dict[str, object] = {"project": root.name, "symbol": one.address, "kind": kind}
    if kind not in ("all agree", "no other answer", "refused"):
        mine, theirs = sorte or set(), (jedi or set()) | (other or set())
        row["sorte_only"] = shown(files, mine - theirs)
        row["jedi_only"] = shown(files, (jedi or set()) - mine - possible)
        row["rope_only"] = shown(files, (other or set()) - mine - possible)
        row["answered"] = [n for n, a in (("jedi", jedi), ("rope", other)) if a is not None]
    return row


def reasons(row: dict[str, Any]) -> list[str]:
    """Why Sorte changes lines that no other tool changes, by what stands in them."""
    name = re.escape(row["symbol"].rpartition("::")[2].rpartition(".")[2])
    found = []
    for place in row.get("sorte_only", ()):
        text = place.split(": ", 1)[1]
        for reason, pattern in _REASONS:
            if re.search(pattern.replace("NAME", name), text):
                found.append(reason)
                break
        else:
            found.append("order of imports, or several lines")
    return list(dict.fromkeys(found))


_REASONS = (
    ("the same member of a base or subclass", r"^(async )?def NAME\b|^class NAME\b|^NAME\s*[:=]"),
    ("a name in a string: __all__, annotation, cast", r"[\"'][^\"']*\bNAME\b[^\"']*[\"']"),
    ("a use of such a member", r"\.\s*NAME\b"),
    ("a keyword or parameter", r"\bNAME\s*[=:]"),
    ("an import", r"\bimport\b|^NAME,?$"),
)


def shown(files: dict[str, str], places: Places) -> list[str]:
    """`path:line: source line` of places, at most eight."""
    return [
        f"{path}:{line}: {files[path].split(chr(10))[line - 1].strip()}"
        for path, line in sorted(places)[:8]
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--packages", type=Path, required=True, help="folder of projects")
    parser.add_argument("--tools", type=Path, default=None)
    parser.add_argument("--count", type=int, default=100, help="names of each project")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--budget-s", type=float, default=240.0, help="CPU seconds to stop after")
    parser.add_argument("--state", type=Path, default=None, help="results so far, a line each")
    parser.add_argument("--out", type=Path, default=None)
    arguments = parser.parse_args()
    if arguments.tools:
        sys.path.append(str(arguments.tools))
    from rope.base.project import Project as RopeProject

    rows = read_rows(arguments.state)
    done = {(r["project"], r["symbol"]) for r in rows}
    with tempfile.TemporaryDirectory() as folder:
        for package in sorted(p for p in arguments.packages.iterdir() if p.is_dir()):
            if time.process_time() > arguments.budget_s:
                break
            if sum(name == package.name for name, _ in done) >= arguments.count:
                continue
            root = Path(folder).resolve() / package.name
            shutil.copytree(package, root)
            files = {
                p.relative_to(root).as_posix(): p.read_text(encoding="utf-8")
                for p in sorted(root.rglob("*.py"))
            }
            rope = RopeProject(str(root), ropefolder=None)
            for one in drawn(files, arguments.count, arguments.seed):
                if time.process_time() > arguments.budget_s:
                    break
                if (root.name, one.address) not in done:
                    rows.append(compared(root, files, rope, one))
                    add_row(arguments.state, rows[-1])
            rope.close()
    told = [r for r in rows if r["kind"] in ("silent", "others change more", "sorte changes more")]
    document = {
        "renames": len(rows),
        "projects": len({r["project"] for r in rows}),
        "results": dict(Counter(r["kind"] for r in rows)),
        "sorte_only": dict(Counter(reason for r in rows for reason in reasons(r)).most_common()),
        "cpu_s": round(time.process_time(), 1),
        "disagreements": told,
    }
    text = json.dumps(document, indent=2)
    print(text)
    if arguments.out:
        arguments.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
