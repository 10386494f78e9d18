"""The outline of a Python file: which symbol each line belongs to, and what a change left alone."""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterator

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SIMPLE = (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Raise, ast.Pass)
_BODIES = ("body", "orelse", "finalbody", "handlers", "cases")


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """The statements (and handlers and cases, which hold some) directly inside a node."""
    for name in _BODIES:
        found = getattr(node, name, None)
        if isinstance(found, list):
            yield from found


class Outline:
    """Symbols and their lines. Knows nothing of a file with errors: it has no symbols then."""

    def __init__(self, source: bytes | None) -> None:
        self.lines = (source or b"").splitlines(keepends=True)
        self._spans: list[tuple[int, int, str]] = []
        self._units: list[tuple[int, int]] = []
        self._imports: dict[str, list[str]] = {}  # statement: the names it binds
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(source or b"")
        except (SyntaxError, ValueError, RecursionError):
            return
        self._visit(tree, (), in_function=False)

    def symbol(self, line: int) -> str:
        """`PixPayment.charge`; empty at module level."""
        inside = [s for s in self._spans if s[0] <= line <= s[1]]
        return max(inside, key=lambda s: s[0])[2] if inside else ""

    def line(self, number: int) -> str:
        """The text of a line (1-based) without the spaces around it; empty outside the file."""
        if not 0 < number <= len(self.lines):
            return ""
        return self.lines[number - 1].decode("utf-8", "replace").strip()

    def _visit(self, node: ast.AST, names: tuple[str, ...], *, in_function: bool) -> None:
        """Statements only: expressions hold no symbols, and they are most of a tree."""
        units = not in_function and isinstance(node, ast.Module | ast.ClassDef)
        for child in _statements(node):
            inner, inside = names, in_function
            if isinstance(child, (*_FUNCTIONS, ast.ClassDef)):
                inner = (*names, child.name)
                first = min([child.lineno, *(d.lineno for d in child.decorator_list)])
                last = child.end_lineno or child.lineno
                self._spans.append((first, last, ".".join(inner)))
                if isinstance(child, _FUNCTIONS):
                    inside = True
                    if units:
                        self._units.append((first, last))
            elif isinstance(child, ast.Import | ast.ImportFrom):
                if not in_function:
                    bound = [a.asname or a.name.partition(".")[0] for a in child.names]
                    self._imports[ast.dump(child)] = bound
                continue
            elif isinstance(child, _SIMPLE):
                continue
            self._visit(child, inner, in_function=inside)

    def _unit_texts(self) -> list[tuple[bytes, tuple[int, int]]]:
        return [(b"".join(self.lines[a - 1 : b]), (a, b)) for a, b in self._units]


def without_the_unchanged(before: Outline, after: Outline) -> tuple[bytes, bytes]:
    """Both sources with the functions that are the same on both sides emptied to `pass`.

    Lines keep their numbers. For a checker that judges function by function this gives the same
    new findings, in a fraction of the time. A function that uses a name whose import changed is
    not the same: the name may mean something else now.
    """
    differing = before._imports.keys() ^ after._imports.keys()
    names = {n for d in differing for n in (before._imports.get(d) or after._imports[d])}
    old, new = before._unit_texts(), after._unit_texts()
    counted_old = Counter(text for text, _ in old)
    counted_new = Counter(text for text, _ in new)
    same = {text for text, count in counted_old.items() if counted_new[text] == count}
    if "*" in names:
        same = set()
    elif names:
        used = re.compile(rb"\b(?:%s)\b" % b"|".join(re.escape(n.encode()) for n in sorted(names)))
        same = {text for text in same if not used.search(text)}
    return (
        _emptied(before.lines, [span for text, span in old if text in same]),
        _emptied(after.lines, [span for text, span in new if text in same]),
    )


def _emptied(lines: list[bytes], spans: list[tuple[int, int]]) -> bytes:
    kept = list(lines)
    for first, last in spans:
        line = lines[first - 1]
        indent = line[: len(line) - len(line.lstrip())]
        kept[first - 1 : last] = [indent + b"pass\n", *[b"\n"] * (last - first)]
    return b"".join(kept)
