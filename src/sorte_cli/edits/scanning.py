"""Reading Python expressions as text: words, brackets and strings, without a parser. Pure.

Works on any text: what is not balanced is simply taken to its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

_STRING = re.compile(r"[A-Za-z]{0,2}('''|\"\"\"|'|\")")
_OPEN, _CLOSE = "([{", ")]}"
_INFIX = frozenset(("+", "-", "*", "/", "//", "%", "@", "**", "|", "&", "^", "<<", ">>", ":=")) | {
    *("==", "!=", "<", ">", "<=", ">=", "and", "or", "in", "is"),
    *("if", "else", "for", "async", ",", "."),
}
_PREFIX = frozenset(("lambda", "not", "await", "yield", "-", "+", "~", "*", "**"))


def infix_word(word: str) -> bool:
    """Whether a word joins the words around it into one expression."""
    return word in _INFIX


def prefix_word(word: str) -> bool:
    """Whether a word begins an expression that takes what follows in."""
    return word in _PREFIX or word.startswith("lambda:")


def skip_string(text: str, start: int) -> int:
    """The offset behind the string literal that begins at `start` (quote or prefix); `start` where
    none begins there; the end of the text where it is not closed.
    """
    match = _STRING.match(text, start)
    if match is None:
        return start
    quote = match[1]
    index = match.end()
    while index < len(text):
        if text[index] == "\\":
            index += 2
        elif text.startswith(quote, index):
            return index + len(quote)
        else:
            index += 1
    return len(text)


def top_level(text: str) -> Iterator[tuple[int, str]]:
    """(offset, character) of every character outside strings and brackets; brackets and quotes
    themselves are not given.
    """
    depth = 0
    index = 0
    while index < len(text):
        character = text[index]
        if character in "'\"" or (
            character.isalpha() and (index == 0 or not _in_word(text[index - 1]))
        ):
            after = skip_string(text, index)
            if after > index:
                index = after
                continue
        if character in _OPEN:
            depth += 1
        elif character in _CLOSE:
            depth = max(0, depth - 1)
        elif depth == 0:
            yield index, character
        index += 1


def words(text: str) -> Iterator[tuple[int, int]]:
    """[start, end) of the words that white space separates outside strings and brackets."""
    start = 0
    for index, character in top_level(text):
        if character.isspace():
            if index > start:
                yield start, index
            start = index + 1
    if start < len(text):
        yield start, len(text)


def split_top_level(text: str, separator: str) -> list[str]:
    """The parts between separators outside strings and brackets; an empty last part is dropped."""
    parts: list[str] = []
    start = 0
    for index, character in top_level(text):
        if character == separator:
            parts.append(text[start:index])
            start = index + 1
    parts.append(text[start:])
    if not parts[-1].strip():
        parts.pop()
    return parts


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


class LineKind(StrEnum):
    """What the beginning of a line of Python is."""

    CODE = "code"  # a statement begins here
    COMMENT = "comment"  # nothing but a comment
    BLANK = "blank"
    CONTINUATION = "continuation"  # inside brackets, or after a backslash
    STRING = "string"  # inside a string that is a value: its white space has meaning
    DOCSTRING = "docstring"  # inside a string that is a statement of its own


def line_kinds(text: str) -> list[LineKind]:
    """The kind of each line of a piece of Python (lines end with "\\n"), by brackets and quotes."""
    lines = text.split("\n")
    kinds = [LineKind.CODE] * len(lines)
    depth = 0
    offset = 0
    index = 0
    continued = False
    while index < len(lines):
        line = lines[index]
        stripped = line.strip()
        if depth or continued:
            kinds[index] = LineKind.CONTINUATION
        elif not stripped:
            kinds[index] = LineKind.BLANK
        elif stripped.startswith("#"):
            kinds[index] = LineKind.COMMENT
        position = offset + len(line) - len(line.lstrip())
        own_statement = kinds[index] is LineKind.CODE
        depth, position, inside, continued = _scan_line(text, position, depth, own_statement)
        last = index + text.count("\n", offset, position)
        for inner in range(index + 1, last + 1):
            kinds[inner] = inside
        offset = text.find("\n", position) + 1
        if not offset:
            break
        index = last + 1
    return kinds


def _scan_line(
    text: str, position: int, depth: int, own_statement: bool
) -> tuple[int, int, LineKind, bool]:
    """Read on to the end of a line that is not inside a string: bracket depth and offset there,
    the kind of the lines that strings took in, and whether a backslash continues the line.
    """
    inside = LineKind.STRING
    start = position
    while position < len(text) and text[position] != "\n":
        character = text[position]
        if character == "#":
            end = text.find("\n", position)
            return depth, len(text) if end < 0 else end, inside, False
        if character == "\\" and text[position + 1 : position + 2] == "\n":
            return depth, position + 1, inside, True
        after = position
        if character in "'\"" or (
            character.isalpha() and not _in_word(text[position - 1 : position])
        ):
            after = skip_string(text, position)
        if after > position:
            if own_statement and position == start and text[after : after + 1] in ("", "\n"):
                inside = LineKind.DOCSTRING
            position = after
            continue
        depth += (character in _OPEN) - (character in _CLOSE)
        depth = max(0, depth)
        position += 1
    return depth, position, inside, False
