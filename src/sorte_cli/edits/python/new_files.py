"""Putting carried code into a file: a new one with all it needs, or the end of one that exists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from sorte_cli.edits.model import SpanEdit
from sorte_cli.edits.python.carry import Needs
from sorte_cli.edits.python.import_model import Wanted, compose, line_length
from sorte_cli.edits.python.index import ProjectIndex
from sorte_cli.edits.python.scopes import ModuleFacts

if TYPE_CHECKING:
    from sorte_cli.edits.registry import Project

_LICENCE = re.compile(r"copyright|licen[sc]e|SPDX", re.IGNORECASE)


def new_file_text(
    project: Project,
    facts: ModuleFacts,
    needs: Needs,
    code: str,
    path: str,
    *,
    exports: str = "",
    docstring: str = "",
    is_value: bool = False,
) -> str:
    """The text of a new file at `path` for code that comes from the file of `facts`.

    `exports` is the name for its `__all__` (empty: none); `docstring` that of the module.
    """
    index = ProjectIndex.of(project)
    imports = list(needs.imports)
    imports += [Wanted("__future__", i.name) for i in facts.imports if i.module == "__future__"]
    if needs.typing_only:
        imports.append(Wanted("typing", "TYPE_CHECKING"))
    width = line_length(project)
    block = compose(index, path, imports, width)
    if needs.typing_only:
        unit = facts.tree.indent_unit
        guarded = compose(index, path, needs.typing_only, width - len(unit))
        lines = [f"{unit}{line}" if line else line for line in guarded.rstrip("\n").split("\n")]
        block += "\nif TYPE_CHECKING:\n" + "\n".join(lines) + "\n"
    statements = "".join(_lines_of(facts, s) for s in needs.statements)
    listing = f'__all__ = ["{exports}"]\n' if exports else ""
    head = [_licence(facts), docstring, block, listing, statements]
    top = "\n".join(part for part in head if part)
    # A class or function stands two blank lines below what is above it, a value one.
    gap = "\n" if is_value else "\n\n"
    return (top + gap if top else "") + code


def append_edit(
    facts: ModuleFacts, existing: ModuleFacts, needs: Needs, code: str, *, is_value: bool = False
) -> SpanEdit:
    """The edit that puts code at the end of a file that exists."""
    statements = "".join(
        _lines_of(facts, s) for s in needs.statements if not _is_known(facts, s, existing)
    )
    body = existing.tree.module.body
    below_block = bool(body) and isinstance(body[-1], cst.ClassDef | cst.FunctionDef)
    gap = "\n" if is_value and not below_block else "\n\n"
    text = (statements + gap if statements else "") + code
    end = len(existing.text)
    if existing.text.strip():
        text = ("" if existing.tree.source.final_newline else "\n") + gap + text
    return SpanEdit(existing.path, end, end, text)


def newline_bytes(facts: ModuleFacts, text: str) -> bytes:
    """The bytes of a new file, with the line endings of the file its code comes from."""
    text = re.sub(r"\r\n?", "\n", text)
    newline = facts.tree.source.newline
    return (text if newline == "\n" else text.replace("\n", newline)).encode("utf-8")


def _lines_of(facts: ModuleFacts, statement: cst.CSTNode) -> str:
    start, end = facts.tree.statement_span(statement, comments=False)
    return facts.text[start:end].rstrip("\r\n") + "\n"


def _is_known(facts: ModuleFacts, statement: cst.CSTNode, existing: ModuleFacts) -> bool:
    """Whether the other file already has what a statement defines."""
    names = [
        name
        for name, binding in facts.root.bindings.items()
        if any(d.statement is statement for d in binding.definitions)
    ]
    return all(name in existing.root.bindings for name in names)


def _licence(facts: ModuleFacts) -> str:
    """The comment that opens the file, where it is about rights."""
    lines = []
    for line in facts.text.splitlines():
        if not line.startswith("#"):
            break
        if not line.startswith("#!"):
            lines.append(line)
    text = "\n".join(lines)
    return text + "\n" if _LICENCE.search(text) else ""
