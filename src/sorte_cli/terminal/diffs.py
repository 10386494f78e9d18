"""Unified diffs for people: the code in its language's colours, on green where it came, on red
where it went. Without colours a diff stays as it is."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TextIO

from sorte_cli.terminal import output, theme
from sorte_cli.terminal.style import paint, safe

if TYPE_CHECKING:
    from pygments.lexer import Lexer

TOO_LONG_CHARS = 200_000
"""Longer diffs are painted by line, without a look at their code."""
_BEFORE_A_TEXT = ("=", "(", ",", "[", "{", ":", "+", "return", "f", "r", "b")
_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@")


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of the 256: grounds of added and removed lines, the text, and what stands out."""

    added: int
    removed: int
    text: int
    keyword: int
    string: int
    number: int
    name: int
    comment: int


PALETTES = {
    theme.DARK: Palette(22, 52, 255, 117, 222, 225, 159, 253),
    theme.LIGHT: Palette(194, 224, 16, 20, 88, 54, 24, 240),
}


def painted(diff: str, stream: TextIO) -> str:
    """A unified diff as `stream` shows it best."""
    lines = [safe(line) for line in diff.splitlines()]
    if not output.wants_color(stream):
        return "\n".join(lines)
    if not _many_colours() or len(diff) > TOO_LONG_CHARS:
        return "\n".join(_by_sign(line, stream) for line in lines)
    return "\n".join(_with_syntax(lines, stream))


def _many_colours() -> bool:
    term, color = os.environ.get("TERM", ""), os.environ.get("COLORTERM", "")
    return "256" in term or "direct" in term or color in ("truecolor", "24bit")


def _by_sign(line: str, stream: TextIO) -> str:
    if line.startswith(("+++", "---", "diff ", "index ")):
        return paint(line, "heading", stream)
    kind = {"+": "good", "-": "bad", "@": "accent"}.get(line[:1])
    return paint(line, kind, stream) if kind else line


def _with_syntax(lines: Sequence[str], stream: TextIO) -> Iterator[str]:
    lexer: Lexer | None = None
    number = 0
    while number < len(lines):
        line = lines[number]
        if _HUNK.match(line):
            end = _hunk_end(lines, number + 1)
            yield paint(line, "accent", stream)
            yield from _hunk(lines[number + 1 : end], lexer)
            number = end
            continue
        if line.startswith(("--- ", "+++ ")):
            path = line[4:].partition("\t")[0]
            lexer = lexer if path == "/dev/null" else _lexer(path.rpartition("/")[2])
        yield _by_sign(line, stream)
        number += 1


def _hunk_end(lines: Sequence[str], number: int) -> int:
    """Where a hunk ends: at the first line that is neither code nor a word about its end."""
    while number < len(lines):
        line = lines[number]
        header = line.startswith("--- ") and lines[number + 1 : number + 2] != []
        if header and lines[number + 1].startswith("+++ "):
            break
        if line and line[0] not in "+- \\":
            break
        number += 1
    return number


def _hunk(lines: Sequence[str], lexer: Lexer | None) -> Iterator[str]:
    """Both sides are read as code of their own, so that a text over many lines stays one."""
    new = iter(_coloured([x[1:] for x in lines if x[:1] in ("+", " ", "")], lexer))
    old = iter(_coloured([x[1:] for x in lines if x[:1] in ("-", " ", "")], lexer))
    palette = PALETTES[theme.current()]
    for line in lines:
        sign = line[:1]
        if sign == "\\":
            yield line
            continue
        pieces = next(old) if sign == "-" else next(new)
        if sign in (" ", ""):
            next(old)
        ground = {"+": palette.added, "-": palette.removed}.get(sign, -1)
        yield _line(sign, pieces, ground, palette)


def _line(sign: str, pieces: Sequence[tuple[str, str]], ground: int, palette: Palette) -> str:
    if ground < 0:
        return sign + "".join(text for _kind, text in pieces)
    shown = [f"\x1b[48;5;{ground};38;5;{palette.text};1m{sign}\x1b[22m"]
    for kind, text in pieces:
        colour = getattr(palette, kind)
        shown.append(f"\x1b[38;5;{colour}m{text}")
    return "".join(shown) + "\x1b[0m"


def _coloured(lines: Sequence[str], lexer: Lexer | None) -> list[list[tuple[str, str]]]:
    """Each line as pieces (kind, text); a kind is a field of Palette."""
    plain = [[("text", line)] for line in lines]
    if lexer is None:
        return plain
    if opening := _opened_above(lines):
        read = _read([opening, *lines], lexer)[1:]
    else:
        read = _read(lines, lexer)
    # A lexer may end with a newline of its own; and never may a line be lost.
    whole = ["".join(text for _kind, text in pieces) for pieces in read[: len(lines)]]
    return read[: len(lines)] if whole == list(lines) else plain


def _opened_above(lines: Sequence[str]) -> str:
    """What a hunk begins inside of: the mark of a long string or comment, or ""."""
    text = "\n".join(lines)
    for quotes in ('"""', "'''"):
        if text.count(quotes) % 2:
            line = next(x for x in lines if quotes in x).strip()
            before, _quotes, after = line.partition(quotes)
            opens = bool(after) if not before else before.rstrip().endswith(_BEFORE_A_TEXT)
            return "" if opens else quotes
    opens_at, closes_at = text.find("/*"), text.find("*/")
    return "/*" if closes_at >= 0 and (opens_at < 0 or closes_at < opens_at) else ""


def _read(lines: Sequence[str], lexer: Lexer) -> list[list[tuple[str, str]]]:
    result: list[list[tuple[str, str]]] = [[]]
    for token, text in lexer.get_tokens("\n".join(lines)):
        kind = _kind(token)
        first, *rest = text.split("\n")
        result[-1].append((kind, first))
        for part in rest:
            result.append([(kind, part)])
    return result


@cache
def _kind(token: Any) -> str:
    from pygments.token import Comment, Keyword, Name, Number, Operator, String

    for kind, family in (
        ("comment", Comment),
        ("comment", String.Doc),
        ("string", String),
        ("number", Number),
        ("keyword", Keyword),
        ("keyword", Operator.Word),
        ("keyword", Name.Tag),
        ("name", Name.Function),
        ("name", Name.Class),
        ("name", Name.Decorator),
        ("name", Name.Builtin),
    ):
        if token in family:
            return kind
    return "text"


@cache
def _lexer(name: str) -> Lexer | None:
    from pygments.lexers import get_lexer_for_filename
    from pygments.util import ClassNotFound

    inline = {"startinline": True} if name.endswith(".php") else {}
    try:
        return get_lexer_for_filename(name, stripnl=False, ensurenl=False, **inline)
    except ClassNotFound:
        return None
