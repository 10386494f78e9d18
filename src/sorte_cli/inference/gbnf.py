"""Checks text against a GBNF grammar without llama.cpp: for engines that take no grammar.

Pure parsing. A text is followed through all ways the grammar could read it at once, as sets of
stacks, character by character.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sorte_cli.inference.engine import GrammarError

MAX_STACKS = 5000
MAX_DEPTH = 1000
MAX_REPEATS = 2000
_NAME = re.compile(r"[a-zA-Z0-9_-]+")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class _Class:
    """One character out of ranges, or out of everything else."""

    ranges: tuple[tuple[int, int], ...]
    negated: bool

    def takes(self, code: int) -> bool:
        return any(low <= code <= high for low, high in self.ranges) != self.negated


Item = _Class | str
"""A character class, or the name of a rule."""
Rules = dict[str, list[tuple[Item, ...]]]
Stack = tuple[Item, ...] | None
"""What must still follow, as a linked list would have it; here a tuple, the next item last."""


class Gbnf:
    """A compiled grammar. Raises GrammarError for text that is none."""

    def __init__(self, text: str) -> None:
        self._rules = _Reader(text).rules()
        if "root" not in self._rules:
            raise GrammarError("the grammar has no rule called root")
        for alternatives in self._rules.values():
            for items in alternatives:
                for item in items:
                    if isinstance(item, str) and item not in self._rules:
                        raise GrammarError(f"the grammar has no rule called {item}")

    def matches(self, text: str) -> bool:
        """Whether the whole text is what the grammar describes."""
        return self.longest(text) == (len(text), True)

    def longest(self, text: str) -> tuple[int, bool]:
        """(how many first characters the grammar allows, whether it may end there)."""
        stacks = self._expanded({("root",)})
        for at, character in enumerate(text):
            code = ord(character)
            after = {
                s[:-1] for s in stacks if s and isinstance(s[-1], _Class) and s[-1].takes(code)
            }
            if not after:
                return at, () in stacks
            stacks = self._expanded(after)
        return len(text), () in stacks

    def _expanded(self, stacks: set[tuple[Item, ...]]) -> set[tuple[Item, ...]]:
        """All stacks whose next item is a character, or that are done."""
        found: set[tuple[Item, ...]] = set()
        seen: set[tuple[Item, ...]] = set()
        todo = list(stacks)
        while todo:
            stack = todo.pop()
            if stack in seen:
                continue
            seen.add(stack)
            if len(seen) > MAX_STACKS or len(stack) > MAX_DEPTH:
                raise GrammarError("the grammar is too ambiguous to be checked")
            if not stack or isinstance(stack[-1], _Class):
                found.add(stack)
                continue
            for items in self._rules[stack[-1]]:
                todo.append(stack[:-1] + items[::-1])
        return found


class _Reader:
    """Reads GBNF; groups and repetitions become rules of their own."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._rules: Rules = {}
        self._made = 0

    def rules(self) -> Rules:
        self._blank(lines=True)
        while self._at < len(self._text):
            name = self._name()
            self._blank()
            self._expect("::=")
            self._rules[name] = self._alternatives(nested=False)
            self._blank(lines=True)
        return self._rules

    def _broken(self, what: str) -> GrammarError:
        return GrammarError(f"the grammar is not valid: {what} at {self._text[self._at :][:20]!r}")

    def _blank(self, *, lines: bool = False) -> None:
        space = " \t\r\n" if lines else " \t"
        while self._at < len(self._text):
            character = self._text[self._at]
            if character == "#":
                end = self._text.find("\n", self._at)
                self._at = len(self._text) if end < 0 else end
            elif character in space:
                self._at += 1
            else:
                return

    def _expect(self, word: str) -> None:
        if not self._text.startswith(word, self._at):
            raise self._broken(f"expected {word}")
        self._at += len(word)

    def _name(self) -> str:
        match = _NAME.match(self._text, self._at)
        if match is None:
            raise self._broken("expected a rule's name")
        self._at = match.end()
        return match[0]

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _alternatives(self, *, nested: bool) -> list[tuple[Item, ...]]:
        found = [self._sequence(nested=nested)]
        while self._peek() == "|":
            self._at += 1
            self._blank(lines=True)
            found.append(self._sequence(nested=nested))
        return found

    def _sequence(self, *, nested: bool) -> tuple[Item, ...]:
        items: list[Item] = []
        self._blank(lines=nested)
        while True:
            one = self._element(nested=nested)
            if one is None:
                return tuple(items)
            items += self._repeated(one)
            self._blank(lines=nested)

    def _element(self, *, nested: bool) -> tuple[Item, ...] | None:
        character = self._peek()
        if character == '"':
            return self._literal()
        if character == "[":
            return (self._class(),)
        if character == ".":
            self._at += 1
            return (_Class((), True),)
        if character == "(":
            self._at += 1
            self._blank(lines=True)
            name = self._rule(self._alternatives(nested=True))
            self._blank(lines=True)
            self._expect(")")
            return (name,)
        if _NAME.match(character or "|"):
            before = self._at
            name = self._name()
            self._blank()
            if not nested and self._text.startswith("::=", self._at):
                self._at = before  # the next rule begins
                return None
            return (name,)
        return None

    def _repeated(self, items: tuple[Item, ...]) -> tuple[Item, ...]:
        character = self._peek()
        if character in ("*", "+", "?"):
            self._at += 1
            low, high = {"*": (0, None), "+": (1, None), "?": (0, 1)}[character]
        elif character == "{":
            match = re.compile(r"\{\s*(\d+)\s*(,?)\s*(\d*)\s*\}").match(self._text, self._at)
            if match is None:
                raise self._broken("expected a number of repetitions")
            self._at = match.end()
            low = int(match[1])
            high = int(match[3]) if match[3] else None if match[2] else low
        else:
            return items
        if low > MAX_REPEATS or (high or 0) > MAX_REPEATS:
            raise self._broken("too many repetitions")
        found = items * low
        if high is None:
            name = self._rule([])
            self._rules[name] = [(), (*items, name)]
            return (*found, name)
        rest: tuple[Item, ...] = ()
        for _ in range(high - low):
            rest = (self._rule([(), (*items, *rest)]),)
        return found + rest

    def _rule(self, alternatives: list[tuple[Item, ...]]) -> str:
        self._made += 1
        name = f" {self._made}"  # no name of a written rule begins with a space
        self._rules[name] = alternatives
        return name

    def _literal(self) -> tuple[Item, ...]:
        self._at += 1
        items: list[Item] = []
        while self._peek() != '"':
            code = self._character()
            items.append(_Class(((code, code),), False))
        self._at += 1
        return tuple(items)

    def _class(self) -> _Class:
        self._at += 1
        negated = self._peek() == "^"
        self._at += negated
        ranges = []
        while self._peek() != "]":
            low = high = self._character()
            if self._peek() == "-" and self._text[self._at + 1 : self._at + 2] != "]":
                self._at += 1
                high = self._character()
            ranges.append((low, high))
        self._at += 1
        return _Class(tuple(ranges), negated)

    def _character(self) -> int:
        character = self._peek()
        if not character or character == "\n":
            raise self._broken("a text has no end")
        self._at += 1
        if character != "\\":
            return ord(character)
        kind = self._peek()
        self._at += 1
        sizes = {"x": 2, "u": 4, "U": 8}
        if kind in sizes:
            digits = self._text[self._at : self._at + sizes[kind]]
            self._at += sizes[kind]
            try:
                return int(digits, 16)
            except ValueError:
                raise self._broken("expected hexadecimal digits") from None
        return ord(_ESCAPES.get(kind, kind or "\\"))
