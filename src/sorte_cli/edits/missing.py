"""Imports for names that an edit brought into a Python file which does not know them yet.

Only where there is no doubt: exactly one module of the project defines the name, or every file of
the project that imports it does so from one and the same place.
"""

from __future__ import annotations

import ast
import builtins
import re
import warnings
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from sorte_cli.edits.model import EditError, Snapshot
from sorte_cli.edits.pieces import PieceTable
from sorte_cli.edits.registry import Project
from sorte_cli.edits.snapshot import Overlay
from sorte_cli.edits.source import is_python

_KNOWN = frozenset(dir(builtins)) | {
    *("__file__", "__name__", "__doc__", "__package__", "__spec__", "__path__", "__all__"),
    *("__class__", "__module__", "__qualname__", "__annotations__", "__builtins__", "__loader__"),
}
_TEST_PATH = re.compile(r"(^|/)(tests?/|test_[^/]*$|conftest\.py$)|_test\.py$")


class _Names(NamedTuple):
    bound: frozenset[str]
    used: frozenset[str]
    star_import: bool


class AddedImport(NamedTuple):
    """An import that was added to a file so that a name is known there."""

    path: str
    name: str
    statement: str


def add_missing_imports(
    contents: dict[str, bytes | None], snapshot: Snapshot, paths: Iterable[str]
) -> list[AddedImport]:
    """Add imports to `contents` in place, and say which."""
    added: list[AddedImport] = []
    wanted = {path: names for path in sorted(paths) if (names := _new(path, contents, snapshot))}
    if not wanted:
        return added
    origins = _Origins(Project(Overlay(snapshot, contents)))
    for path, names in wanted.items():
        for name in names:
            statement = origins.statement_for(path, name)
            if statement and _import(path, statement, contents, snapshot):
                added.append(AddedImport(path, name, statement))
    return added


def _new(path: str, contents: dict[str, bytes | None], snapshot: Snapshot) -> list[str]:
    """Names that the new content of a file uses without knowing them, in alphabetical order."""
    content = contents.get(path)
    if content is None or not is_python(path):
        return []
    after = _names(content)
    before = _names(snapshot.read(path) or b"")
    if after is None or before is None or after.star_import:
        return []
    return sorted(after.used - after.bound - before.used - before.bound - _KNOWN)


def _import(
    path: str, statement: str, contents: dict[str, bytes | None], snapshot: Snapshot
) -> bool:
    from sorte_cli.edits.python.imports import add_import_edits

    project = Project(Overlay(snapshot, contents))
    try:
        edits = add_import_edits(project, path, statement)
    except EditError:
        return False  # without the import the project's own checks will say what is missing
    source = project.source(path)
    table = PieceTable(source.text)
    table.apply(
        [
            type(e)(e.path, e.start, e.end, source.localise(e.text, e.start, e.end))
            for e in sorted(edits, key=lambda e: (e.start, e.end))
        ]
    )
    contents[path] = source.encode(table.text)
    return bool(edits)


class _Origins:
    """Where the names of a project come from."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._modules: dict[str, ast.Module | None] = {}

    def statement_for(self, path: str, name: str) -> str:
        """The import that makes `name` known in `path`; empty where it is not certain."""
        from sorte_cli.edits.python.imports import module_name

        mentions = [p for p in self._mentioning(name) if p != path]
        if not _TEST_PATH.search(path):
            mentions = [p for p in mentions if not _TEST_PATH.search(p)]
        defining = [p for p in mentions if self._defines(p, name)]
        if len(defining) == 1:
            module = module_name(self._project, defining[0])
            return f"from {module} import {name}" if module else ""
        if defining:
            return ""
        imports = {statement for p in mentions for statement in self._imports(p, name)}
        return imports.pop() if len(imports) == 1 else ""

    def _mentioning(self, name: str) -> Iterator[str]:
        pattern = re.compile(rb"(?<!\w)" + re.escape(name.encode("utf-8")) + rb"(?!\w)")
        for path in self._project.python_paths():
            data = self._project.snapshot.read(path)
            if data is not None and path.endswith(".py") and pattern.search(data):
                yield path

    def _module(self, path: str) -> ast.Module | None:
        if path not in self._modules:
            self._modules[path] = _parse(self._project.snapshot.read(path) or b"")
        return self._modules[path]

    def _defines(self, path: str, name: str) -> bool:
        module = self._module(path)
        return module is not None and any(name in _defined(s) for s in module.body)

    def _imports(self, path: str, name: str) -> Iterator[str]:
        module = self._module(path)
        for node in ast.walk(module) if module else ():
            if isinstance(node, ast.ImportFrom | ast.Import):
                for alias in node.names:
                    if (alias.asname or alias.name) == name:
                        yield _written(node, alias)


def _written(node: ast.ImportFrom | ast.Import, alias: ast.alias) -> str:
    shown = f"{alias.name} as {alias.asname}" if alias.asname else alias.name
    if isinstance(node, ast.Import):
        return f"import {shown}"
    if node.level:
        return f"relative:{node.level}:{node.module}:{shown}"  # never equal to an absolute one
    return f"from {node.module} import {shown}"


def _defined(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Assign):
        return {t.id for t in statement.targets if isinstance(t, ast.Name)}
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return {statement.target.id}
    return set()


def _parse(data: bytes) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(data)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


@lru_cache(maxsize=16)  # a script is often tried more than once on the same files
def _names(data: bytes) -> _Names | None:
    module = _parse(data)
    if module is None:
        return None
    bound: set[str] = set()
    used: set[str] = set()
    star = False
    for node in ast.walk(module):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.alias):
            star = star or node.name == "*"
            bound.add((node.asname or node.name).split(".")[0])
        else:
            bound.update(_bound_by(node))
    return _Names(frozenset(bound), frozenset(used), star)


def is_known(name: str, data: bytes) -> bool:
    """Whether a Python file binds a name somewhere, or Python itself does."""
    names = _names(data)
    return name in _KNOWN or names is None or names.star_import or name in names.bound


def _bound_by(node: ast.AST) -> Iterator[str]:
    """Names that a node other than a plain name binds, in whatever scope."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.Global | ast.Nonlocal):
        yield from node.names
    elif isinstance(node, ast.MatchMapping):
        if node.rest:
            yield node.rest
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        if node.name:
            yield node.name
    elif type(node).__name__ in ("TypeVar", "ParamSpec", "TypeVarTuple"):
        yield node.name  # type: ignore[attr-defined]  # type parameters, Python 3.12 on
