"""A definition as it is found in a file, before it has an address."""

from __future__ import annotations

from typing import NamedTuple


class Definition(NamedTuple):
    """One definition. `qualified` is the part of the address after `::`; lines are 1-based and
    inclusive. `bases` are the last name parts of base classes; `entries` the names that a
    collection value mentions.
    """

    qualified: str
    kind: str
    detail: str
    line: int
    end_line: int
    bases: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.qualified.rpartition(".")[2]
