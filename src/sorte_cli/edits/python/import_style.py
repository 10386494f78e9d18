"""How one file of a project would import from another: the module's name, dots or none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sorte_cli.edits.model import EditError
from sorte_cli.edits.python.import_model import Wanted, render
from sorte_cli.edits.python.index import ProjectIndex

if TYPE_CHECKING:
    from sorte_cli.edits.registry import Project


def module_name(project: Project, path: str) -> str:
    """The dotted name by which a file is imported; "" where it cannot be."""
    return ProjectIndex.of(project).modules.name_of(path)


def import_statement_for(project: Project, from_path: str, target_path: str, name: str) -> str:
    """The statement by which `from_path` imports `name` from `target_path`, without newline.

    Relative or absolute as the file (or else its neighbours) write theirs.
    """
    return render([wanted_for(project, from_path, target_path, name)], 10_000).rstrip("\n")


def wanted_for(
    project: Project, from_path: str, target_path: str, name: str, alias: str = "", like: str = ""
) -> Wanted:
    """The import of `name` of the module `target_path` for `from_path`.

    Where nothing tells the style of `from_path`, it is that of the file `like`. Raises EditError
    where the path of the module is no module name.
    """
    index = ProjectIndex.of(project)
    if _share_a_package(index, from_path, target_path) and prefers_relative(index, from_path, like):
        level, module = relative_name(from_path, target_path)
        return Wanted(module, name, alias, level)
    dotted = index.modules.name_of(target_path)
    if not dotted:
        raise EditError(
            f"{target_path} cannot be imported: its path is no module name.",
            hint="Use letters, digits and underscores in file and folder names.",
        )
    return Wanted(_as_others_write(index, from_path, target_path, dotted), name, alias)


def _share_a_package(index: ProjectIndex, one: str, other: str) -> bool:
    """Whether both are in the same topmost package."""
    root = index.modules.package_root(one)
    if index.modules.package_root(other) != root:
        return False
    tops = [p[len(root) :].lstrip("/").partition("/") for p in (one, other)]
    return tops[0][0] == tops[1][0] and bool(tops[0][2])


def relative_name(from_path: str, target_path: str) -> tuple[int, str]:
    """The dots and the module of a relative import between two files of one package."""
    here = from_path.split("/")[:-1]
    there = target_path.removesuffix(".pyi").removesuffix(".py").split("/")
    if there[-1] == "__init__":
        there.pop()
    common = 0
    while common < min(len(here), len(there)) and here[common] == there[common]:
        common += 1
    return len(here) - common + 1, ".".join(there[common:])


def _as_others_write(index: ProjectIndex, from_path: str, target_path: str, dotted: str) -> str:
    """Another name of the module, where the importing file already uses it."""
    facts = index.facts(from_path)
    if facts is None:
        return dotted
    used = {i.module for i in facts.imports if not i.level}
    return next((n for n in index.modules.names_of(target_path) if n in used), dotted)


def prefers_relative(index: ProjectIndex, path: str, like: str = "") -> bool:
    """Whether a file, or else the files beside it, or else `like`, import with dots."""
    counts = [0, 0]
    facts = index.facts(path)
    for imported in facts.imports if facts is not None else ():
        if imported.level:
            counts[1] += 1
        elif imported.name and index.modules.absolute(imported.module, path) is not None:
            counts[0] += 1
    if counts == [0, 0]:
        directory = path.rpartition("/")[0]
        tops = {p.partition("/")[0] for p in index.paths if "/" in p} | {
            n.partition(".")[0] for n in [index.modules.name_of(path)]
        }
        absolute = re.compile(
            rf"(?m)^\s*from\s+(?:{'|'.join(map(re.escape, sorted(tops)))})(?:\.|\s)"
        )
        for other in index.paths:
            if other.rpartition("/")[0] == directory and other != path:
                text = index.text(other)
                counts[1] += len(re.findall(r"(?m)^\s*from\s+\.", text))
                counts[0] += len(absolute.findall(text))
    if counts == [0, 0] and like:
        return prefers_relative(index, like)
    return counts[1] > counts[0]
