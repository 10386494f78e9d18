"""The same change in other edit formats, to compare output sizes: SEARCH/REPLACE, whole files."""

from __future__ import annotations

from collections.abc import Sequence

from sorte_cli.domain import FileChange
from sorte_cli.edits.replay.hunks import hunks_of, lines_of

CONTEXT = 3
"""Unchanged lines that a SEARCH block takes along on either side, as diffs do."""


def search_replace(changes: Sequence[FileChange]) -> str:
    """SEARCH/REPLACE blocks as aider's models write them, each with `CONTEXT` lines around."""
    return "".join(_blocks(c) for c in changes)


def whole_files(changes: Sequence[FileChange]) -> str:
    """Every changed file in full, under its path."""
    return "".join(
        f"{c.path}\n```\n{_text(c.after)}```\n" if c.after is not None else f"delete {c.path}\n"
        for c in changes
    )


def _blocks(change: FileChange) -> str:
    if change.after is None:
        return f"delete {change.path}\n"
    old, new = lines_of(_text(change.before)), lines_of(_text(change.after))
    found: list[tuple[int, int, int, int]] = []
    shift = 0
    for hunk in hunks_of(old, new):
        low, high = max(0, hunk.start - CONTEXT), min(len(old), hunk.end + CONTEXT)
        grown = len(hunk.new) - (hunk.end - hunk.start)
        new_low, new_high = low + shift, high + shift + grown
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], high, found[-1][2], new_high)
        else:
            found.append((low, high, new_low, new_high))
        shift += grown
    return "".join(
        f"{change.path}\n```\n<<<<<<< SEARCH\n{''.join(old[a:b])}=======\n{''.join(new[c:d])}"
        ">>>>>>> REPLACE\n```\n"
        for a, b, c, d in found
    )


def _text(data: bytes | None) -> str:
    text = (data or b"").decode("utf-8", "replace").replace("\r\n", "\n")
    return text if text.endswith("\n") or not text else f"{text}\n"
