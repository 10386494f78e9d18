"""`add_import` and `remove_import`: where the file would have put it, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import libcst as cst

from sorte_cli.edits.model import EditError, Operation, Resolution, SpanEdit
from sorte_cli.edits.python.import_model import (
    FUTURE,
    Wanted,
    in_order,
    line_length,
    mixed_key,
    order_of,
    parse_imports,
    plain_key,
    render,
    section_of,
    sort_key,
    wanted_of,
)
from sorte_cli.edits.python.import_removal import drop_imported, remove_import_edits
from sorte_cli.edits.python.import_style import import_statement_for, module_name, wanted_for
from sorte_cli.edits.python.index import ProjectIndex
from sorte_cli.edits.python.scopes import ModuleFacts
from sorte_cli.edits.python.targets import facts_of

if TYPE_CHECKING:
    from sorte_cli.edits.registry import Project

__all__ = [
    "Wanted",
    "add_import",
    "add_import_edits",
    "add_imports_edits",
    "drop_imported",
    "import_statement_for",
    "module_name",
    "remove_import",
    "remove_import_edits",
    "wanted_for",
]

_Order = tuple[int, int, int, str]


# --- the verbs -------------------------------------------------------------------------------


def add_import(operation: Operation, project: Project) -> Resolution:
    """Resolve `add_import PATH statement`."""
    statement = operation.get("statement")
    path = operation.target.path
    edits = add_import_edits(project, path, statement)
    summary = f"added `{statement}` to {path}" if edits else f"{path} already has `{statement}`"
    return Resolution(tuple(edits), summary)


def remove_import(operation: Operation, project: Project) -> Resolution:
    """Resolve `remove_import PATH statement`; uses that remain are listed as possible."""
    statement = operation.get("statement")
    path = operation.target.path
    wanted = parse_imports(statement)
    index = ProjectIndex.of(project)
    facts = facts_of(index, path)
    edits = remove_import_edits(project, path, statement)
    remaining = []
    for item in wanted:
        binding = facts.root.bindings.get(item.bound)
        definitions = {d.occurrence for d in binding.definitions} if binding else set()
        for occurrence in binding.occurrences if binding else ():
            if occurrence not in definitions:
                line = facts.tree.source.position(occurrence.start)[0]
                text = facts.tree.source.line_text(line).strip()
                remaining.append(f"{path}:{line}: {text}")
    return Resolution(
        tuple(edits), f"removed `{statement}` from {path}", tuple(dict.fromkeys(remaining))
    )


# --- adding ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    """One import statement at the top level of a file."""

    start: int
    end: int  # behind its line ending
    node: cst.Import | cst.ImportFrom
    wanted: tuple[Wanted, ...]
    section: int
    in_block: bool


def add_import_edits(project: Project, path: str, statement: str) -> list[SpanEdit]:
    """The edits that add an import statement to a file; none where it is already there.

    Raises EditError where the name it brings means something else in the file.
    """
    return add_imports_edits(project, path, parse_imports(statement))


def add_imports_edits(
    project: Project,
    path: str,
    wanted: Iterable[Wanted],
    *,
    replacing: frozenset[str] = frozenset(),
    own: frozenset[str] = frozenset(),
) -> list[SpanEdit]:
    """Like `add_import_edits`, for several imports at once, each merged or placed by itself.

    Names in `replacing` lose the meaning they have in the file by other edits; `own` are
    top-level modules of the project that are about to be made.
    """
    index = ProjectIndex.of(project)
    facts = facts_of(index, path)
    lines = _import_lines(index, facts)
    missing = [
        w for w in dict.fromkeys(wanted) if w.bound in replacing or not _present(facts, lines, w)
    ]
    groups: dict[tuple[int, str, bool], list[Wanted]] = {}
    for item in missing:
        single = not item.name or item.name == "*"
        key = (item.level, item.module + (f" {item.element}" if single else ""), bool(item.name))
        groups.setdefault(key, []).append(item)
    edits: list[SpanEdit] = []
    inserts: dict[int, list[tuple[_Order, str]]] = {}
    for group in groups.values():
        merged = _merge(project, facts, lines, group)
        if merged is not None:
            edits.extend(merged)
            continue
        section = section_of(index, path, group[0], own)
        offset, before, after = _place(index, facts, lines, group[0], section)
        text = before + render(group, line_length(project)) + after
        inserts.setdefault(offset, []).append(((section, *sort_key(group[0])), text))
    for offset, found in inserts.items():
        text = _joined(sorted(found, key=lambda f: f[0]))
        if offset == len(facts.text) and not facts.tree.source.final_newline:
            text = text.removesuffix("\n")  # the file keeps its last line as it was: not ended
        edits.append(SpanEdit(path, offset, offset, text))
    return sorted(edits, key=lambda e: e.start)


def _joined(parts: Sequence[tuple[_Order, str]]) -> str:
    """Statements that go to one place: blank lines only between sections and around all."""
    if len(parts) == 1:
        return parts[0][1]
    first, last = parts[0][1], parts[-1][1]
    lead = first[: len(first) - len(first.lstrip("\n"))]
    tail = last[len(last.rstrip("\n")) + 1 :]
    text = lead
    for position, (key, part) in enumerate(parts):
        if position and key[0] != parts[position - 1][0][0]:
            text += "\n"
        text += part.strip("\n") + "\n"
    return text + tail


def _import_lines(index: ProjectIndex, facts: ModuleFacts) -> list[_Line]:
    lines: list[_Line] = []
    in_block = True
    for position, statement in enumerate(facts.tree.module.body):
        small = statement.body if isinstance(statement, cst.SimpleStatementLine) else ()
        nodes = [s for s in small if isinstance(s, cst.Import | cst.ImportFrom)]
        if not nodes:
            in_block = in_block and position == 0 and _is_docstring(statement)
            continue
        start, end = facts.tree.statement_span(statement, comments=False)
        for node in nodes:
            wanted = tuple(wanted_of(facts.tree.module, node))
            section = section_of(index, facts.path, wanted[0])
            alone = len(small) == 1
            lines.append(_Line(start, end, node, wanted, section, in_block and alone))
    return lines


def _is_docstring(statement: cst.CSTNode) -> bool:
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return False
    only = statement.body[0]
    return isinstance(only, cst.Expr) and isinstance(
        only.value, cst.SimpleString | cst.ConcatenatedString
    )


def _present(facts: ModuleFacts, lines: Sequence[_Line], wanted: Wanted) -> bool:
    """Whether the file has the import. Raises EditError where its name is taken."""
    if any(wanted in line.wanted for line in lines):
        return True
    if wanted.name == "*":
        return False
    binding = facts.root.bindings.get(wanted.bound)
    if binding is None:
        return False
    for definition in binding.definitions:
        imported = definition.imported
        if imported is None:
            break
        same = (imported.module, imported.level, imported.name) == (
            wanted.module,
            wanted.level,
            wanted.name,
        )
        if same:
            return imported.scope is facts.root and _at_top_level(facts, imported.line)
        if not wanted.name and not wanted.alias and not imported.name and not imported.has_alias:
            return False  # `import a.b` beside `import a.c`: both bind `a`, which is one package
    line = facts.tree.source.position(binding.occurrences[0].start)[0]
    text = facts.tree.source.line_text(line).strip()
    raise EditError(
        f"{wanted.bound!r} is already something else in {facts.path} (line {line}: {text}).",
        hint=f"Import it under another name: {wanted.element.split(' as ')[0]} as NAME.",
    )


def _at_top_level(facts: ModuleFacts, line: cst.CSTNode | None) -> bool:
    """Whether a statement always runs: not under `if TYPE_CHECKING:` or in a function."""
    return line is not None and line in facts.tree.module.body


# --- merging into `from x import a` ------------------------------------------------------------


def _merge(
    project: Project, facts: ModuleFacts, lines: Sequence[_Line], group: Sequence[Wanted]
) -> list[SpanEdit] | None:
    """Edits that add names to an existing `from` statement of the same module; None without one."""
    first = group[0]
    if not first.name or first.name == "*":
        return None
    for line in lines:
        node = line.node
        if not isinstance(node, cst.ImportFrom) or isinstance(node.names, cst.ImportStar):
            continue
        known = line.wanted[0]
        if (known.module, known.level) == (first.module, first.level):
            return _merged(project, facts, line, node, group)
    return None


def _merged(
    project: Project,
    facts: ModuleFacts,
    line: _Line,
    node: cst.ImportFrom,
    group: Sequence[Wanted],
) -> list[SpanEdit]:
    assert not isinstance(node.names, cst.ImportStar)
    tree = facts.tree
    names = [w.element for w in line.wanted]
    key = order_of(names)
    start, end = tree.span(node)
    if node.lpar is None:
        added = sum(len(w.element) + 2 for w in group)
        column = start - tree.source.line_start(start)
        if column + (end - start) + added > line_length(project):
            everything = in_order([*line.wanted, *group], key)
            rendered = render(everything, line_length(project)).rstrip("\n")
            return [SpanEdit(facts.path, start, end, rendered)]
    starts = [tree.span(alias)[0] for alias in node.names]
    last = node.names[-1]
    end_of_names = tree.span(last.asname.name if last.asname is not None else last.name)[1]
    own_lines = _on_own_lines(facts, starts)
    edits: dict[int, str] = {}
    for item in sorted(group, key=lambda w: (key or plain_key)(w.element)):
        place = len(names)
        if key is not None:
            later = (i for i, name in enumerate(names) if key(name) > key(item.element))
            place = next(later, place)
        separator = "\n" + tree.indent_at(starts[0]) if own_lines else " "
        if place < len(names):
            offset, text = starts[place], f"{item.element},{separator}"
        else:
            offset, text = end_of_names, f",{separator}{item.element}"
        edits[offset] = edits.get(offset, "") + text
    return [SpanEdit(facts.path, offset, offset, new) for offset, new in edits.items()]


def _on_own_lines(facts: ModuleFacts, starts: Sequence[int]) -> bool:
    """Whether every name of a statement begins a line."""
    source = facts.tree.source
    return all(not source.text[source.line_start(s) : s].strip() for s in starts)


def _place(
    index: ProjectIndex,
    facts: ModuleFacts,
    lines: Sequence[_Line],
    wanted: Wanted,
    section: int,
) -> tuple[int, str, str]:
    """The offset for a new statement, and the text before and after it."""
    block = [line for line in lines if line.in_block]
    if not block:
        return _without_block(facts, section)
    same = [line for line in block if line.section == section]
    if same:
        later = _later(same, wanted)
        if later is not None:
            return later.start, "", ""
        return same[-1].end, _final_newline(facts, same[-1].end), ""
    earlier = [line for line in block if line.section < section]
    if earlier:
        # A file that keeps its imports in one run is not given a blank line of its own.
        separate = _separates(facts, block) or earlier[-1].section == FUTURE
        blank = "\n" if separate else ""
        end = earlier[-1].end
        return end, _final_newline(facts, end) + blank, ""
    blank = "\n" if _separates(facts, block) or section == FUTURE else ""
    return block[0].start, "", blank


def _later(lines: Sequence[_Line], wanted: Wanted) -> _Line | None:
    """The first statement that comes after a new one in the order that a group follows."""
    for key in (sort_key, mixed_key):
        keys = [key(line.wanted[0]) for line in lines]
        if keys == sorted(keys):
            new = key(wanted)
            return next((line for line, k in zip(lines, keys, strict=True) if k > new), None)
    return None


def _separates(facts: ModuleFacts, block: Sequence[_Line]) -> bool:
    """Whether the file puts blank lines between groups of imports (yes, where it has one group)."""
    if len({line.section for line in block}) < 2:
        return True
    text = facts.text
    return any(
        not text[a.end : b.start].strip() and text[a.end : b.start]
        for a, b in pairwise(block)
        if a.section != b.section
    )


def _final_newline(facts: ModuleFacts, offset: int) -> str:
    """A newline where the line before `offset` is the file's last and has none."""
    return "\n" if offset and facts.text[offset - 1] not in "\r\n" else ""


def _without_block(facts: ModuleFacts, section: int) -> tuple[int, str, str]:
    """Where the first import of a file goes: below docstring, shebang and licence comment."""
    tree = facts.tree
    body = tree.module.body
    rest = body
    if body and _is_docstring(body[0]):
        offset = tree.statement_span(body[0])[1]
        rest = body[1:]
        before = _final_newline(facts, offset) + "\n"
    else:
        offset = _below_header(facts)
        before = ""
        if offset and facts.text[:offset].strip():
            blank_above = re.search(r"(?:\r\n?|\n)[ \t]*(?:\r\n?|\n)$", facts.text[:offset])
            before = _final_newline(facts, offset) + ("" if blank_above else "\n")
    if not rest:
        return offset, before, ""
    following = facts.text[offset : tree.span(rest[0])[0]]
    lead = re.match(r"(?:[ \t]*(?:\r\n?|\n))*", following)
    blank_lines = len(lead.group().splitlines()) if lead is not None else 0
    needed = 2 if isinstance(rest[0], cst.FunctionDef | cst.ClassDef) else 1
    return offset, before, "\n" * max(0, needed - blank_lines)


def _below_header(facts: ModuleFacts) -> int:
    """The offset below the comment block that opens the file."""
    source = facts.tree.source
    line = 1
    last = len(source.line_starts)
    while line <= last and source.line_text(line).lstrip().startswith("#"):
        line += 1
    if line == 1:
        return 0
    return source.line_starts[line - 1] if line <= last else len(source.text)
