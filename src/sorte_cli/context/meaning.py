"""Likeness in meaning, where an embedding model is configured: vectors of the files in question.

Only the files that other evidence ranks first get a vector, and each content only once: vectors lie
in the index by model and by a digest of the text. So a first question costs some seconds at most,
and the next ones cost little.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Sequence
from typing import Protocol

from sorte_cli.context.evidence import Scores
from sorte_cli.context.store import Store
from sorte_cli.context.view import View

TEXT_LIMIT = 1_800
"""Characters of a file's text: about as much as embedding models read."""
NAMES_SHARE = 0.5
BATCH_TEXTS = 10


class Embed(Protocol):
    """Turns texts into vectors of length one. `model` tells one model from another."""

    @property
    def model(self) -> str: ...

    def __call__(self, texts: Sequence[str], *, query: bool = False) -> list[array[float]]: ...


class Meaning:
    """Scores of files by likeness to a task, for one view."""

    def __init__(self, embed: Embed, stored: Store, view: View) -> None:
        self._embed = embed
        self._stored = stored
        self._view = view

    def scores(self, task: str, positions: Sequence[int]) -> Scores:
        """0 for the file least like the task, 1 for the one most like it."""
        texts = [self._text(p) for p in positions]
        (asked,) = self._vectors([task], query=True)
        likeness = [sum(map(float.__mul__, asked, v)) for v in self._vectors(texts, query=False)]
        if not likeness:
            return {}
        least, most = min(likeness), max(likeness)
        span = most - least or 1.0
        return {p: (value - least) / span for p, value in zip(positions, likeness, strict=True)}

    def _text(self, position: int) -> str:
        """Path, definitions and beginning of a file."""
        path = self._view.files[position].path
        names = ", ".join(dict.fromkeys(s.name for s in self._view.symbols(path)))
        head = f"{path}\n{names[: int(NAMES_SHARE * TEXT_LIMIT)]}\n"
        return head + self._view.beginning(path)[: TEXT_LIMIT - len(head)]

    def _vectors(self, texts: Sequence[str], *, query: bool) -> list[array[float]]:
        kind = "query" if query else "text"
        keys = [
            hashlib.sha256(f"{kind}\n{t}".encode("utf-8", "replace")).hexdigest() for t in texts
        ]
        found = self._stored.vectors(self._embed.model, keys)
        missing = {k: t for k, t in zip(keys, texts, strict=True) if k not in found}
        fresh = list(missing)
        for start in range(0, len(fresh), BATCH_TEXTS):
            part = fresh[start : start + BATCH_TEXTS]
            made = self._embed([missing[k] for k in part], query=query)
            new = dict(zip(part, made, strict=True))
            self._stored.add_vectors(self._embed.model, new)  # kept, also where this is interrupted
            found.update(new)
        return [found[k] for k in keys]
