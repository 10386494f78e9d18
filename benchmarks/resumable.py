"""Results of a long benchmark, a JSON line each: a run goes on where the last one ended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def read_rows(state: Path | None) -> list[dict[str, Any]]:
    """The rows so far; none without a file. A last line cut short by a kill is left out."""
    if state is None or not state.exists():
        return []
    rows = []
    for line in state.read_text(encoding="utf-8").splitlines():
        try:
            rows.append(json.loads(line))
        except ValueError:
            continue
    return rows


def add_row(state: Path | None, row: dict[str, Any]) -> None:
    """Write a row down at once."""
    if state is not None:
        with state.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
