"""The operation language and its appliers: text in, span edits against one snapshot, bytes out.

`language` reads and writes scripts, `verbs` is the table of operations, `script` applies them,
`snapshot` holds the files they see, `statements` numbers statements for prompts; `python/` has the
operations on Python files, `text` those on any text. The names below are the public interface;
each is imported when it is first used, because syntax trees are slow to load.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from sorte_cli.edits.model import Address, EditError, Operation, Script

if TYPE_CHECKING:
    from sorte_cli.edits.addresses import parse_address, print_address
    from sorte_cli.edits.language import parse_script, print_script
    from sorte_cli.edits.script import Applied, Report, apply_script
    from sorte_cli.edits.snapshot import DirectorySnapshot, MemorySnapshot
    from sorte_cli.edits.statements import annotated_source, numbered_statements
    from sorte_cli.edits.verbs import VERBS

_HOMES = {
    "Applied": "script",
    "DirectorySnapshot": "snapshot",
    "MemorySnapshot": "snapshot",
    "Report": "script",
    "VERBS": "verbs",
    "apply_script": "script",
    "annotated_source": "statements",
    "numbered_statements": "statements",
    "parse_address": "addresses",
    "parse_script": "language",
    "print_address": "addresses",
    "print_script": "language",
}

__all__ = [
    "VERBS",
    "Address",
    "Applied",
    "DirectorySnapshot",
    "EditError",
    "MemorySnapshot",
    "Operation",
    "Report",
    "Script",
    "annotated_source",
    "apply_script",
    "numbered_statements",
    "parse_address",
    "parse_script",
    "print_address",
    "print_script",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
