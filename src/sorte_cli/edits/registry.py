"""Which function resolves which verb, and the project those functions look at.

Handlers are imported when the first operation of their kind comes, so that reading a script needs
neither libcst nor anything else that is slow to load.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from sorte_cli.edits.kinds import data_format, family_of
from sorte_cli.edits.model import EditError, Operation, Resolution, Snapshot
from sorte_cli.edits.safety import AST_LIMIT_CHARACTERS
from sorte_cli.edits.source import SourceText, decode, is_python

if TYPE_CHECKING:
    from sorte_cli.edits.python.tree import PythonTree
    from sorte_cli.edits.syntax.tree import SyntaxTree

Handler = Callable[[Operation, "Project"], Resolution]

_PYTHON = "sorte_cli.edits.python"
_MODULES: Mapping[str, str] = MappingProxyType(
    {
        "rename": f"{_PYTHON}.rename",
        "clone": f"{_PYTHON}.clone",
        "move": f"{_PYTHON}.move",
        "move_file": f"{_PYTHON}.move",
        "delete": f"{_PYTHON}.delete",
        "add_parameter": f"{_PYTHON}.parameters",
        "change_parameter": f"{_PYTHON}.parameters",
        "remove_parameter": f"{_PYTHON}.parameters",
        "rename_parameter": f"{_PYTHON}.rename",
        "add_import": f"{_PYTHON}.imports",
        "remove_import": f"{_PYTHON}.imports",
        "set_return_type": f"{_PYTHON}.signature_ops",
        "add_decorator": f"{_PYTHON}.signature_ops",
        "remove_decorator": f"{_PYTHON}.signature_ops",
        "set_docstring": f"{_PYTHON}.signature_ops",
        "insert_before": f"{_PYTHON}.statement_ops",
        "insert_after": f"{_PYTHON}.statement_ops",
        "replace_statement": f"{_PYTHON}.statement_ops",
        "delete_statement": f"{_PYTHON}.statement_ops",
        "wrap": f"{_PYTHON}.statement_ops",
        "replace_expression": f"{_PYTHON}.expression_ops",
        "replace_symbol": f"{_PYTHON}.symbol_ops",
        "add_symbol": f"{_PYTHON}.symbol_ops",
        "set_value": f"{_PYTHON}.value_ops",
        "add_entry": f"{_PYTHON}.value_ops",
        "remove_entry": f"{_PYTHON}.value_ops",
        "create_file": "sorte_cli.edits.text",
        "delete_file": "sorte_cli.edits.text",
        "replace_file": "sorte_cli.edits.text",
        "replace_text": "sorte_cli.edits.text",
    }
)
_SYNTAX = "sorte_cli.edits.syntax"
_DATA = "sorte_cli.edits.data"
_MARKDOWN = frozenset(("replace_symbol", "add_symbol", "delete", "rename"))
_KEYS = frozenset(("set_key", "delete_key", "add_item"))
_LINES: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(
        ("insert_before", "insert_after", "replace_statement", "delete_statement", "wrap"),
        f"{_SYNTAX}.lines",
    )
)
# Verbs of other families of files than Python; what is not here is the same for every file.
_FAMILIES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "syntax": {
            **_LINES,
            "rename": f"{_SYNTAX}.rename",
            "clone": f"{_SYNTAX}.clone",
            "move_file": f"{_SYNTAX}.files",
            "delete": f"{_SYNTAX}.delete",
            "add_import": f"{_SYNTAX}.imports",
            "remove_import": f"{_SYNTAX}.imports",
            "replace_symbol": f"{_SYNTAX}.symbols",
            "add_symbol": f"{_SYNTAX}.symbols",
            "set_value": f"{_SYNTAX}.values",
            "add_entry": f"{_SYNTAX}.values",
            "remove_entry": f"{_SYNTAX}.values",
        },
        "data": {
            **_LINES,
            "set_key": f"{_DATA}.keys",
            "delete_key": f"{_DATA}.keys",
            "add_item": f"{_DATA}.keys",
            "replace_symbol": f"{_DATA}.markdown",
            "add_symbol": f"{_DATA}.markdown",
            "delete": f"{_DATA}.markdown",
            "rename": f"{_DATA}.markdown",
            "clone": f"{_SYNTAX}.clone",
            "move_file": f"{_SYNTAX}.files",
        },
        "text": {**_LINES, "clone": f"{_SYNTAX}.clone", "move_file": f"{_SYNTAX}.files"},
    }
)
_ANY_FILE = frozenset(("create_file", "delete_file", "replace_file", "replace_text"))
HANDLERS: dict[tuple[str, str], Handler] = {}
"""Handlers that were needed so far, by family and verb; `handler_for` fills it."""


def handler_for(verb: str, path: str = "any.py") -> Handler:
    """The function of the verb's own name in the module for files like `path`.

    Raises EditError where files of that kind do not know the verb.
    """
    family = family_of(path)
    key = (data_format(path) or family if family == "data" else family, verb)
    if key not in HANDLERS:
        if verb not in _MODULES and verb not in _KEYS:
            raise EditError(f"There is no operation {verb!r}.")
        modules = _modules_for(verb, family)
        if not knows(verb, path):
            known = {*modules, *_ANY_FILE} - (_other_data(path) if family == "data" else set())
            raise EditError(
                f"{verb} does not work on {path}.", hint=f"There are: {', '.join(sorted(known))}."
            )
        HANDLERS[key] = getattr(import_module(modules[verb]), verb)
    return HANDLERS[key]


def knows(verb: str, path: str) -> bool:
    """Whether files like `path` know the verb."""
    family = family_of(path)
    if family == "data" and verb in _other_data(path):
        return False
    return verb in _modules_for(verb, family)


def _modules_for(verb: str, family: str) -> Mapping[str, str]:
    """Where the verbs of a family of files live; what any file knows is told with Python's."""
    return _MODULES if family == "python" or verb in _ANY_FILE else _FAMILIES[family]


def _other_data(path: str) -> frozenset[str]:
    """Verbs of the other data files: sections of Markdown, keys of the rest."""
    return _KEYS if data_format(path) == "markdown" else _MARKDOWN


class Project:
    """A snapshot with its decoded files and parsed trees, each made at most once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._paths: frozenset[str] | None = None
        self._sources: dict[str, SourceText] = {}
        self._trees: dict[str, PythonTree] = {}
        self._syntax: dict[str, SyntaxTree] = {}

    def exists(self, path: str) -> bool:
        """Whether the snapshot has this file."""
        return self.snapshot.read(path) is not None

    def paths(self) -> list[str]:
        """Every file, sorted."""
        return list(self.snapshot.paths())

    def python_paths(self) -> list[str]:
        """Every Python file (.py and .pyi), sorted."""
        return [path for path in self.snapshot.paths() if is_python(path)]

    def source(self, path: str) -> SourceText:
        """The text of a file. Raises EditError where it is missing or binary."""
        if path not in self._sources:
            data = self.snapshot.read(path)
            if data is None:
                raise EditError(f"There is no file {path}.", hint=self._nearest(path))
            self._sources[path] = decode(path, data)
        return self._sources[path]

    def tree(self, path: str) -> PythonTree:
        """The parsed Python file. Raises EditError where it is no Python or does not parse."""
        if path not in self._trees:
            from sorte_cli.edits.python.tree import parse_tree

            source = self.source(path)
            if len(source.text) > AST_LIMIT_CHARACTERS:
                raise EditError(
                    f"{path} is too large to be parsed ({len(source.text) // 1000:,} kB).",
                    hint="Use replace_text for it.",
                )
            self._trees[path] = parse_tree(source)
        return self._trees[path]

    def try_tree(self, path: str) -> PythonTree | None:
        """The parsed Python file, or None where it cannot be read or parsed."""
        try:
            return self.tree(path)
        except EditError:
            return None

    def syntax(self, path: str) -> SyntaxTree:
        """The file as tree-sitter reads it. Raises EditError where it has no grammar here."""
        if path not in self._syntax:
            from sorte_cli.edits.syntax.tree import parse

            source = self.source(path)
            if len(source.text) > AST_LIMIT_CHARACTERS:
                raise EditError(
                    f"{path} is too large to be parsed ({len(source.text) // 1000:,} kB).",
                    hint="Use replace_text for it.",
                )
            self._syntax[path] = parse(source)
        return self._syntax[path]

    def _nearest(self, path: str) -> str:
        from sorte_cli.edits.suggest import did_you_mean, nearest_paths

        return did_you_mean(nearest_paths(path, self.snapshot.paths()))
