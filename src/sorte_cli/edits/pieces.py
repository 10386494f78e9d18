"""A text as pieces of its original and new text: applying edits, one set after the other. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sorte_cli.edits.model import SpanEdit


@dataclass(frozen=True, slots=True)
class _Piece:
    """Either characters [start, end) of the original, or new text (then start == end)."""

    start: int
    end: int
    text: str = ""

    @property
    def length(self) -> int:
        return len(self.text) or self.end - self.start


class PieceTable:
    """A text under edit that still knows which of its characters are original."""

    def __init__(self, original: str) -> None:
        self.original = original
        self._pieces: list[_Piece] = [_Piece(0, len(original))] if original else []

    @property
    def text(self) -> str:
        """The text as it is now."""
        return "".join(p.text or self.original[p.start : p.end] for p in self._pieces)

    def apply(self, edits: Sequence[SpanEdit]) -> None:
        """Apply edits that do not overlap, given in offsets of the present text, in order."""
        pieces: list[_Piece] = []
        position = 0
        for edit in edits:
            pieces += self._slice(position, edit.start)
            if edit.text:
                pieces.append(_Piece(0, 0, edit.text))
            position = max(position, edit.end)
        pieces += self._slice(position, sum(p.length for p in self._pieces))
        self._pieces = pieces

    def edits(self, path: str) -> Iterator[SpanEdit]:
        """The edits that lead from the original to the present text in one go."""
        position = 0
        added: list[str] = []
        for piece in [*self._pieces, _Piece(len(self.original), len(self.original))]:
            if piece.text:
                added.append(piece.text)
                continue
            if added or piece.start > position:
                yield SpanEdit(path, position, piece.start, "".join(added))
                added = []
            position = piece.end

    def _slice(self, start: int, end: int) -> Iterator[_Piece]:
        position = 0
        for piece in self._pieces:
            low, high = max(start - position, 0), min(end - position, piece.length)
            position += piece.length
            if low >= high:
                continue
            if piece.text:
                yield _Piece(0, 0, piece.text[low:high])
            else:
                yield _Piece(piece.start + low, piece.start + high)
