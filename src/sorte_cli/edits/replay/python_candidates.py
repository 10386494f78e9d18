"""Ways to say one hunk of a Python file: statements, imports, values, symbols."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import product
from textwrap import dedent

import libcst as cst

from sorte_cli.edits.model import Address, EditError, Operation
from sorte_cli.edits.python.definitions import Definition
from sorte_cli.edits.python.expression_ops import expression_places
from sorte_cli.edits.python.tree import PythonTree
from sorte_cli.edits.replay.candidates import by_entry, by_text, differing
from sorte_cli.edits.replay.headers import by_header
from sorte_cli.edits.replay.hunks import Hunk
from sorte_cli.edits.statements import Statement, statements_of

Lines = tuple[int, int]
_SHORT = 4  # lines of a statement that may be said again for the blank lines beside it


class PythonPlaces:
    """The definitions and statements of a file by their lines (0-based, end exclusive)."""

    def __init__(self, tree: PythonTree, lines: Sequence[str]) -> None:
        self.tree = tree
        self.lines = lines
        self._statements: dict[int, list[tuple[Statement, Lines, Lines]]] = {}
        self._definitions: list[tuple[Definition, Lines]] = [
            (d, self._lines(*tree.definition_span(d, comments=False))) for d in tree.definitions
        ]

    def candidates(self, hunk: Hunk) -> Iterator[list[Operation]]:
        """What may say a hunk, the names of refactorings first."""
        yield from self._imports(hunk)
        for definition, place in self._around(hunk):
            if definition is None or not self._is_named(definition):
                continue
            if definition.kind in ("constant", "field"):
                yield from self._value(definition, place, hunk)
            elif isinstance(definition.node, cst.FunctionDef | cst.ClassDef):
                yield from by_header(self.tree, self.lines, definition, place, hunk)
        yield from self._symbols(hunk)
        yield from self._expressions(hunk)
        for definition, _place in self._around(hunk):
            if definition is None or definition.kind in ("function", "method", "class"):
                yield from self._statement_operations(definition, hunk)

    def whole_symbols(self, hunk: Hunk) -> Iterator[list[Operation]]:
        """`replace_symbol` of the innermost definitions around a hunk."""
        for definition, (low, high) in self._around(hunk):
            if definition is None or not self._is_named(definition):
                continue
            text = "".join([*self.lines[low : hunk.start], *hunk.new, *self.lines[hunk.end : high]])
            target = Address(self.tree.path, definition.qualified_name)
            yield [Operation("replace_symbol", target, (), (_at_margin(_block(text)),))]

    def texts(self, hunk: Hunk) -> Iterator[list[Operation]]:
        """`replace_text` inside the definitions around a hunk, and inside its statement."""
        path = self.tree.path
        for definition, place in self._around(hunk)[:2]:
            if definition is not None and not self._is_named(definition):
                continue
            name = definition.qualified_name if definition is not None else ""
            if name:
                yield from by_text(path, self.lines, hunk, Address(path, name), place)
            end = max(hunk.end, hunk.start + 1)
            found = [(s, p) for s, _, p in self._of(definition) if p[0] <= hunk.start < end <= p[1]]
            for statement, lines in found[-1:]:
                if isinstance(statement.node, cst.FunctionDef | cst.ClassDef):
                    continue  # which has a name
                target = Address(path, name, statements=(statement.number, statement.number))
                yield from by_text(path, self.lines, hunk, target, lines)

    # --- places ---

    def _lines(self, start: int, end: int) -> Lines:
        source = self.tree.source
        first = source.position(start)[0] - 1
        last = source.position(max(start, end - 1))[0]
        return first, last

    def _around(self, hunk: Hunk) -> list[tuple[Definition | None, Lines]]:
        """The definitions around a hunk, the innermost first, then the module."""
        last = max(hunk.end, hunk.start)
        found = [(d, p) for d, p in self._definitions if p[0] <= hunk.start and last <= p[1]]
        found.sort(key=lambda item: item[1][1] - item[1][0])
        return [*found, (None, (0, len(self.lines)))]

    def _is_named(self, definition: Definition) -> bool:
        try:
            return self.tree.find(definition.qualified_name) is definition
        except EditError:
            return False

    def _of(self, definition: Definition | None) -> list[tuple[Statement, Lines, Lines]]:
        """The statements of a definition with their lines, and with the comments above them."""
        key = id(definition)
        if key not in self._statements:
            found = []
            for statement in statements_of(self.tree, definition):
                node = statement.node
                if statement.inline or isinstance(node, cst.SimpleStatementSuite):
                    continue
                own = self._lines(*self.tree.statement_span(node, comments=False))
                above = self._lines(*self.tree.statement_span(node))
                found.append((statement, own, above))
            self._statements[key] = found
        return self._statements[key]

    # --- statements ---

    def _statement_operations(
        self, definition: Definition | None, hunk: Hunk
    ) -> Iterator[list[Operation]]:
        name = definition.qualified_name if definition is not None else ""
        if definition is not None and not self._is_named(definition):
            return
        statements = self._of(definition)
        if hunk.inserts:
            if not hunk.text.strip():
                return
            blocks = dict.fromkeys((_block(hunk.text.strip("\n")), _block(hunk.text)))
            before = [s for s, own, _ in statements if own[1] == hunk.start]
            if not before:
                blank = hunk.start
                while blank > 0 and not self.lines[blank - 1].strip():
                    blank -= 1
                before = [s for s, own, _ in statements if own[1] == blank]
            for statement, block in product(before[:4], blocks):
                yield [self._at("insert_after", name, (statement, statement), block)]
            following = [s for s, own, above in statements if hunk.start in (own[0], above[0])]
            for statement, block in product(following[:3], blocks):
                yield [self._at("insert_before", name, (statement, statement), block)]
            return
        for first, last, low, high in self._covering(statements, hunk):
            text = "".join([*self.lines[low : hunk.start], *hunk.new, *self.lines[hunk.end : high]])
            if text.strip():
                yield from self._wrapped(name, (first, last), text, low, high)
                yield [self._at("replace_statement", name, (first, last), _block(text))]
            else:
                yield [self._at("delete_statement", name, (first, last))]

    def _wrapped(
        self, name: str, span: tuple[Statement, Statement], text: str, low: int, high: int
    ) -> Iterator[list[Operation]]:
        """`wrap` where the old lines stand in the new text, all indented by as much more."""
        old = "".join(self.lines[low:high])
        margin = old[: len(old) - len(old.lstrip())]
        for match in re.finditer(r"(?m)^[ \t]+", text):
            inner = match.group()
            if len(inner) <= len(margin) or not inner.startswith(margin):
                continue
            more = inner.removeprefix(margin)
            moved = re.sub(r"(?m)^(?=[^\n])", more, old)
            if text.startswith(moved, match.start()):
                template = f"{text[: match.start()]}{inner}...\n"
                template += text[match.start() + len(moved) :]
                yield [self._at("wrap", name, span, _block(template))]
                return

    def _expressions(self, hunk: Hunk) -> Iterator[list[Operation]]:
        """`replace_expression` of the smallest expressions that take in what a hunk changes."""
        if hunk.inserts or len(hunk.new) != hunk.end - hunk.start:
            return
        text = self.tree.source.text
        if "\r" in text or "\f" in text:
            return
        start, end, size = differing(self.lines, hunk)
        base = sum(map(len, self.lines[: hunk.start]))
        fresh = hunk.text[start - base : start - base + size]
        found = [p for p in expression_places(self.tree.source) if p[1] <= start and end <= p[2]]
        found.sort(key=lambda p: p[2] - p[1])
        around = [d for d, _ in self._around(hunk) if d is None or self._is_named(d)][:2]
        for _node, low, high in found[:4]:
            old, new = text[low:high], text[low:start] + fresh + text[end:high]
            if "\n" in old + new or not new.strip():
                continue
            arguments = (("old", old), ("new", new))
            for target in self._scopes(around, hunk):
                yield [Operation("replace_expression", target, arguments)]

    def _scopes(self, around: Sequence[Definition | None], hunk: Hunk) -> Iterator[Address]:
        """The file, the definitions around a hunk and its innermost statement, as addresses."""
        path = self.tree.path
        yield Address(path)
        for definition in around:
            name = definition.qualified_name if definition is not None else ""
            if name:
                yield Address(path, name)
            inside = [s for s, own, _ in self._of(definition)
                      if own[0] <= hunk.start and hunk.end <= own[1]]  # fmt: skip
            if inside:
                number = inside[-1].number
                yield Address(path, name, statements=(number, number))

    def _covering(
        self, statements: list[tuple[Statement, Lines, Lines]], hunk: Hunk
    ) -> Iterator[tuple[Statement, Statement, int, int]]:
        """Neighbouring statements of one body that take in the lines of a hunk."""
        start, end = hunk.start, hunk.end
        while start < end and not self.lines[start].strip():
            start += 1
        while start < end and not self.lines[end - 1].strip():
            end -= 1
        suites: dict[int, list[tuple[Statement, Lines, Lines]]] = {}
        for item in statements:
            suites.setdefault(id(item[0].suite), []).append(item)
        found: list[tuple[int, Statement, Statement, int, int]] = []
        for items in suites.values():
            touched = [i for i in items if i[1][0] < end and start < i[1][1]]
            if not touched:
                touched = [i for i in items if i[2][0] < end and start < i[1][1]]
            if not touched:
                continue
            if any(self._only_in_part(item, start, end) for item in touched):
                continue
            low, high = touched[0][1][0], touched[-1][1][1]
            if low <= start and end <= high:
                low, high = min(low, hunk.start), max(high, hunk.end)
                found.append((high - low, touched[0][0], touched[-1][0], low, high))
            elif touched[0][2][0] <= start and end <= high:
                found.append((high - low, touched[0][0], touched[-1][0], touched[0][2][0], high))
        found.sort(key=lambda f: f[0])
        for _size, first, last, low, high in found[:3]:
            yield first, last, low, high
        for _size, first, last, low, high in found[:1]:
            yield from self._with_neighbours(statements, first, last, low, high)

    def _only_in_part(self, item: tuple[Statement, Lines, Lines], start: int, end: int) -> bool:
        """Whether lines [start, end) are a part of a function or class: saying all of it again
        would be no finer than `replace_symbol`.
        """
        named = isinstance(item[0].node, cst.FunctionDef | cst.ClassDef)
        return named and not (start <= item[1][0] and item[1][1] <= end)

    def _with_neighbours(
        self,
        statements: list[tuple[Statement, Lines, Lines]],
        first: Statement,
        last: Statement,
        low: int,
        high: int,
    ) -> Iterator[tuple[Statement, Statement, int, int]]:
        """The same with a short statement before or after: blank lines between them change too."""
        body = [item for item in statements if item[0].suite is first.suite]
        numbers = [item[0].number for item in body]
        before, after = numbers.index(first.number) - 1, numbers.index(last.number) + 1
        if after < len(body) and body[after][1][1] - body[after][1][0] <= _SHORT:
            yield first, body[after][0], low, max(high, body[after][1][1])
        if before >= 0 and body[before][1][1] - body[before][1][0] <= _SHORT:
            yield body[before][0], last, min(low, body[before][1][0]), high

    def _at(
        self, verb: str, name: str, span: tuple[Statement, Statement], block: str = ""
    ) -> Operation:
        numbers = (span[0].number, span[1].number)
        target = Address(self.tree.path, name, statements=numbers)
        return Operation(verb, target, (), (_at_margin(block),) if block else ())

    # --- named operations ---

    def _imports(self, hunk: Hunk) -> Iterator[list[Operation]]:
        low, high = hunk.start, hunk.end
        for _statement, own, _above in self._of(None):
            if own[0] < hunk.end and hunk.start < own[1]:
                low, high = min(low, own[0]), max(high, own[1])
        old_text = "".join(self.lines[low:high])
        new_text = "".join([*self.lines[low : hunk.start], *hunk.new, *self.lines[hunk.end : high]])
        old, new = _imported(old_text), _imported(new_text)
        if old is None or new is None or not (old or new):
            return
        target = Address(self.tree.path)
        operations = [
            Operation("remove_import", target, (("statement", s),))
            for s in _grouped(sorted(old - new))
        ]
        operations += [
            Operation("add_import", target, (("statement", s),))
            for s in _grouped(sorted(new - old))
        ]
        if operations:
            yield operations

    def _value(self, definition: Definition, place: Lines, hunk: Hunk) -> Iterator[list[Operation]]:
        low, high = place
        text = "".join([*self.lines[low : hunk.start], *hunk.new, *self.lines[hunk.end : high]])
        name = definition.qualified_name
        yield from by_entry(self.tree.path, name, hunk)
        try:
            parsed = ast.parse(dedent(text))
        except (SyntaxError, ValueError):
            return
        if len(parsed.body) == 1 and isinstance(parsed.body[0], ast.Assign | ast.AnnAssign):
            value = parsed.body[0].value
            segment = ast.get_source_segment(dedent(text), value) if value else None
            if segment and "\n" not in segment:
                target = Address(self.tree.path, name)
                yield [Operation("set_value", target, (("value", segment),))]

    def _symbols(self, hunk: Hunk) -> Iterator[list[Operation]]:
        if not hunk.inserts or not hunk.text.strip():
            return
        text = dedent(hunk.text)
        try:
            body = ast.parse(text).body
        except (SyntaxError, ValueError):
            return
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        if not body or not all(isinstance(node, kinds) for node in body):
            return
        owners = [d for d, _ in self._around(hunk) if d is None or d.kind == "class"]
        if hunk.text.lstrip("\n")[:1] not in (" ", "\t"):
            owners = [None]
        else:
            at = hunk.start
            near = [d for d, p in self._definitions if d.kind == "class" and p[1] in (at, at - 1)]
            owners = [*near, *(o for o in owners if o is not None)]
        for owner in owners[:2]:
            name = owner.qualified_name if owner is not None else ""
            block = _at_margin(_block(hunk.text.strip("\n")))
            yield [Operation("add_symbol", Address(self.tree.path, name), (), (block,))]


def _imported(text: str) -> set[str] | None:
    """The single imports of a text (`from a import b`); None where it holds anything else."""
    if re.search(r"^\s*#", text, re.M):
        return None
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return None
    found: set[str] = set()
    for node in body:
        if isinstance(node, ast.Import):
            found.update(f"import {_alias(a)}" for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found.update(f"from {module} import {_alias(a)}" for a in node.names)
        else:
            return None
    return found


def _alias(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name


def _grouped(statements: list[str]) -> list[str]:
    """`from a import b` and `from a import c` as one statement."""
    groups: dict[str, list[str]] = {}
    for statement in statements:
        head, _, name = statement.partition(" import ")
        groups.setdefault(head if name else statement, []).append(name)
    return [f"{h} import {', '.join(n)}" if n[0] else h for h, n in groups.items()]


def _at_margin(block: str) -> str:
    """The block moved to the left margin, where every line goes along."""
    lines = block.split("\n")
    first = next((line for line in lines if line.strip()), "")
    margin = first[: len(first) - len(first.lstrip())]
    if not all(line.startswith(margin) or not line.strip() for line in lines):
        return block
    return "\n".join(line.removeprefix(margin) for line in lines)


def _block(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"
