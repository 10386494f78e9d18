"""Grammar rules in the making, shared by the grammars of plans and of operations."""

from __future__ import annotations

from collections.abc import Iterable

from sorte_cli.inference.grammar import Grammar, trie


class Rules:
    """A grammar in the making; names of rules come back for use in expressions."""

    def __init__(self) -> None:
        self._grammar = Grammar()

    def add(self, name: str, expression: str) -> str:
        self._grammar.rule(name, expression)
        return name

    def choice(self, name: str, texts: Iterable[str]) -> str:
        """A rule that matches exactly one of `texts`; they must not be empty."""
        return self.add(name, trie(tuple(texts)))

    @property
    def text(self) -> str:
        return self._grammar.text

    def new_path(self) -> str:
        """A rule for the path of a file that is not there yet."""
        return self.add("new-path", "[a-zA-Z0-9_] [a-zA-Z0-9_./-]{0,120}")
