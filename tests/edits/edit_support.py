"""Applying a script to files in memory, as the tests of this folder read best."""

from __future__ import annotations

from textwrap import dedent

import pytest

from sorte_cli.edits import Applied, EditError, MemorySnapshot, apply_script, parse_script


def applied(files: dict[str, bytes | str], script: str) -> Applied:
    """The whole answer of the script engine."""
    return apply_script(parse_script(dedent(script)), MemorySnapshot(files))


def after(files: dict[str, bytes | str], script: str) -> dict[str, str | None]:
    """The changed files after a script, as text; None for a deleted one."""
    return {
        change.path: None if change.after is None else change.after.decode("utf-8")
        for change in applied(files, script).changes.changes
    }


def edited(text: str, script: str) -> str:
    """The file `a.py` after a script that changes nothing else. Both are dedented."""
    result = after({"a.py": dedent(text)}, script)
    assert set(result) <= {"a.py"}
    changed = result.get("a.py", dedent(text))
    assert changed is not None
    return changed


def refusal(files: dict[str, bytes | str] | str, script: str) -> EditError:
    """The error that a script is refused with."""
    given = {"a.py": dedent(files)} if isinstance(files, str) else files
    with pytest.raises(EditError) as caught:
        applied(given, script)
    return caught.value


def changed(path: str, text: str, script: str) -> str:
    """One file after a script that changes nothing else."""
    result = after({path: text}, script)
    assert set(result) <= {path}
    found = result.get(path, text)
    assert found is not None
    return found
