"""What stands inside of functions, left out before a file is parsed: parsing costs the most.

The text that remains has the same definitions in the same lines. A body is left out only where it
is certain what it is: strings and comments are told from code first, the brackets must balance, and
nothing that has an address may stand inside. Whoever parses the rest must look whether it has
errors that the whole has not.
"""

from __future__ import annotations

import re
from functools import cache

LEAST_FILE_BYTES = 500
LEAST_BODY_BYTES = 40
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"()[]{}")

# What is not closed reaches to the end, so that no text is gone through more than once.
_PYTHON_TEXT = re.compile(
    rb'#[^\n]*+|\\\n|"""[^"\\]*+(?:(?:\\.|"(?!""))[^"\\]*+)*(?:""")?|'
    rb"'''[^'\\]*+(?:(?:\\.|'(?!''))[^'\\]*+)*(?:''')?|"
    rb"\"[^\"\\\n]*+(?:\\.[^\"\\\n]*+)*\"?|'[^'\\\n]*+(?:\\.[^'\\\n]*+)*'?",
    re.S,
)
_PYTHON_UNUSUAL = (b"\t", b"\r", b"\f", b"\v")
_PYTHON_HEADER = re.compile(
    rb"\n( *+)(?:async +)?def +(?:[^\n]*\n(?:\1[ )]|(?=\n)))*?[^\n]*:[ x]*\n"
    rb"(?=(?: *\n)*\1( ++)[^ \n])"
)

_C_LIKE = rb"//[^\n]*+|/\*(?:.*?\*/|.*+)|"
_QUOTED = rb"\"[^\"\\]*+(?:\\.[^\"\\]*+)*\"?"
_TEXTS = {
    "php": _C_LIKE + rb"#(?!\[)[^\n]*+|'[^'\\]*+(?:\\.[^'\\]*+)*'?|" + _QUOTED,
    "go": _C_LIKE + rb"`[^`]*+`?|'[^'\\\n]*+(?:\\.[^'\\\n]*+)*'?|" + _QUOTED,
    "rust": _C_LIKE
    + rb"\br(?P<marks>#*+)\"(?:.*?\"(?P=marks)|.*+)|"
    + rb"'(?:[^'\\\n]|[\x80-\xff]{2,4}|\\[^\n']?[^\n']*+)'|"
    + _QUOTED,
}
_OPENINGS = {
    "php": rb"(?:(?:public|protected|private|static|abstract|final) +)*function +&?\w",
    "go": rb"func\b",
    "rust": rb"(?:(?:pub(?:\([^)\n]*\))?|const|async|unsafe|default|extern +\"\w+\") +)*fn +\w",
}
_PHP_NOT_CODE = re.compile(rb"\?>|<<<")


def without_bodies(language: str, data: bytes, code: bytes | None = None) -> bytes:
    """The text without what stands in functions; `data` itself where nothing can be left out.

    `code` is what `code_of` says of it, where that is known already.
    """
    if len(data) < LEAST_FILE_BYTES:
        return data
    if language == "python":
        return data if any(map(data.__contains__, _PYTHON_UNUSUAL)) else _python(data)
    if language not in _OPENINGS or b"\r" in data:
        return data
    code = code or code_of(language, data)
    return data if code is None else _braced(language, data, code)


def code_of(language: str, data: bytes) -> bytes | None:
    """The text with strings as `x` and comments as spaces, byte for byte; None where that is not
    certain (PHP with text outside of it, or texts that end where they say)."""
    if language == "php" and (not data.startswith(b"<?php") or _PHP_NOT_CODE.search(data)):
        return None
    return _text(language).sub(_masked, data)


@cache
def _text(language: str) -> re.Pattern[bytes]:
    return re.compile(_TEXTS[language], re.S)


def _masked(match: re.Match[bytes]) -> bytes:
    text = match[0]
    return (b" " if text[0] in b"#/" else b"x") * len(text)


def _python(data: bytes) -> bytes:
    """Bodies become an empty tuple that takes as many lines."""
    code = _PYTHON_TEXT.sub(_masked, data)
    parts: list[bytes] = []
    done = at = 0
    while match := _PYTHON_HEADER.search(code, at):
        begin, start = match.span()
        at = start - 1
        indent = len(match[1])
        stop = _end_of_body(indent).search(code, at)
        if stop is not None and stop[1]:
            continue  # a definition stands inside
        after = len(code) if stop is None else stop.start()
        at = after
        end = start + len(code[start:after].rstrip())
        if end - start >= LEAST_BODY_BYTES and _balanced(code, begin, end):
            empty = b"(%s)" % (b"\n" * data.count(b"\n", start, end))
            parts += (data[done:start], b" " * (indent + len(match[2])), empty)
            done = end
    return b"".join((*parts, data[done:]))


@cache
def _end_of_body(indent: int) -> re.Pattern[bytes]:
    """A line that is not deeper, or (group 1) one inside that begins a definition."""
    return re.compile(rb"\n(?: {0,%d}[^ \n]| *+((?:async +)?def |class |@))" % indent)


def _braced(language: str, data: bytes, code: bytes) -> bytes:
    """Bodies become empty lines; they end where a brace stands as deep as the function began."""
    parts: list[bytes] = []
    done = at = 0
    header = _header(language)
    while match := header.search(code, at):
        begin, start = match.span()
        at = start - 1
        close = match[1] + b"}"
        stop = _not_deeper(match[1]).search(code, at)
        if stop is None or not code.startswith(close, stop.start() + 1):
            continue
        end = stop.start() + 1
        if end - start >= LEAST_BODY_BYTES and _balanced(code, begin, end + len(close)):
            parts += (data[done:start], b"\n" * data.count(b"\n", start, end))
            done = at = end
    return b"".join((*parts, data[done:]))


@cache
def _header(language: str) -> re.Pattern[bytes]:
    line = rb"[^\n{};]*+(?:\{\}[^\n{};]*+)*"
    return re.compile(
        rb"\n([ \t]*+)" + _OPENINGS[language] + line + rb"(?:\n(?:\1(?:[ \t)>]|where\b)" + line
        + rb")?)*?(?:\{|\n\1\{)[ \t]*\n"
    )  # fmt: skip


@cache
def _not_deeper(indent: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"\n(?!%s[ \t])[ \t]*+[^ \t\n]" % indent)


def _balanced(code: bytes, start: int, end: int) -> bool:
    marks = code[start:end].translate(None, _NO_BRACKETS)
    count = marks.count
    return count(b"(") == count(b")") and count(b"[") == count(b"]") and count(b"{") == count(b"}")
