"""What stands inside of functions, left out before a file is parsed: parsing costs the most.

The text that remains has the same definitions in the same lines. A body is left out only where it
is certain what it is: strings and comments are told from code first, the brackets must balance, and
nothing that has an address may stand inside. Whoever parses the rest must look whether it has
errors that the whole has not.

Of Python the head goes with the body where it is a plain one: half of what is left of a file would
be the heads of its functions. What they say comes back beside the text.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

_SCRIPTS = frozenset(("javascript", "typescript", "tsx"))
LEAST_FILE_BYTES = 500
LEAST_BODY_BYTES = 40
DEEPEST_BLOCKS = 3
"""Around a function; what begins deeper may lie too deep in the tree for the query to find it."""
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"()[]{}")

# What is not closed reaches to the end, so that no text is gone through more than once.
_PYTHON_TEXT = re.compile(
    rb'(#[^\n]*+|\\\n|"""[^"\\]*+(?:(?:\\.|"(?!""))[^"\\]*+)*(?:""")?|'
    rb"'''[^'\\]*+(?:(?:\\.|'(?!''))[^'\\]*+)*(?:''')?|"
    rb"\"[^\"\\\n]*+(?:\\.[^\"\\\n]*+)*\"?|'[^'\\\n]*+(?:\\.[^'\\\n]*+)*'?)",
    re.S,
)
_HASH = ord("#")
_PYTHON_UNUSUAL = (b"\t", b"\r", b"\f", b"\v")
_PYTHON_HEADER = re.compile(
    rb"\n( *+)(?:async +)?def +(?:[^\n]*\n(?:\1[ )]|(?=\n)))*?[^\n]*:[ x]*\n"
    rb"(?=(?: *\n)*\1( ++)[^ \n])"
)

_PYTHON_HEAD = re.compile(
    rb"\n *(?:async +)?def +([A-Za-z_]\w{0,119}) *(\([^()]*+\)) *"
    rb"(?:-> *([\w.\[\], |]*[\w\]]) *)?: *\n"
)
_PYTHON_DEFINES = re.compile(rb"\n *+(?:(?:async +)?def |class |@)")
# The first line stands outside of what repeats: a search for a line is much quicker so.
_IMPORT = rb"\n(?:from|import) [\w., *]+(?:\([\w\s,]*\) *)?(?=\n)"
_PYTHON_IMPORTS = re.compile(rb"%s(?:%s)*" % (_IMPORT, _IMPORT))
_OVERLOAD = re.compile(rb"@(?:\w+\.)?overload\b")

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


class Function(NamedTuple):
    """A function that was left out whole: in the text that remains, `start` and `end` are the
    bytes that stand for it. Lines are 1-based and inclusive, the first one that of a decorator.
    """

    start: int
    end: int
    name: str
    parameters: bytes
    result: bytes
    line: int
    end_line: int
    is_overload: bool


def without_bodies(
    language: str, data: bytes, code: bytes | None = None
) -> tuple[bytes, list[Function]]:
    """The text without what stands in functions, and the functions of which nothing is left.

    The text is `data` itself where nothing can be left out. `code` is what `code_of` says of it,
    where that is known already.
    """
    if len(data) < LEAST_FILE_BYTES:
        return data, []
    if language == "python":
        return (data, []) if any(map(data.__contains__, _PYTHON_UNUSUAL)) else _python(data)
    if b"\r" in data:
        return data, []
    if language in _SCRIPTS:
        from sorte_cli.context.script_bodies import without_script_bodies

        return without_script_bodies(data), []
    if language not in _OPENINGS:
        return data, []
    code = code or code_of(language, data)
    return (data if code is None else _braced(language, data, code)), []


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


class _Found(NamedTuple):
    """A function in a Python text: from the line where it or its decorators begin to its end."""

    indent: int
    first: int
    end: int
    head: re.Match[bytes]


def _python(data: bytes) -> tuple[bytes, list[Function]]:
    """Functions, or bodies, become an empty tuple that takes as many lines."""
    parts = _PYTHON_TEXT.split(data)  # every second one is a string or a comment
    parts[1::2] = [(b" " if text[0] == _HASH else b"x") * len(text) for text in parts[1::2]]
    code = b"".join(parts)
    rest = _Rest(data, code)
    at = 0
    while match := _PYTHON_HEADER.search(code, at):
        begin, start = match.span()
        at = start - 1
        after = _after(code, match, len(code))
        inner = _inner(data, code, at, after) if _defines(code, at, after) else []
        if inner is None:
            continue  # a class stands inside, or something less plain
        found = _plain(data, code, match, after, rest.done)
        if found is not None:
            rest.leave_out_functions([found, *inner])
        elif inner:
            continue
        else:
            end = start + len(code[start:after].rstrip())
            if end - start >= LEAST_BODY_BYTES and _balanced(code, begin, end):
                rest.leave_out(start, end, b" " * (len(match[1]) + len(match[2])))
        at = after
    return rest.text(), rest.functions


def _after(code: bytes, header: re.Match[bytes], end: int) -> int:
    """Where the line before the first one that is not deeper than a function ends."""
    stop = _not_deeper_than(len(header[1])).search(code, header.end() - 1, end)
    return end if stop is None else stop.start()


def _inner(data: bytes, code: bytes, at: int, end: int) -> list[_Found] | None:
    """All that is defined between two ends of lines, in the order of the source; None where
    that is more than plain functions."""
    found: list[_Found] = []
    while _defines(code, at, end):
        match = _PYTHON_HEADER.search(code, at, end)
        if match is None:
            return None
        after = _after(code, match, end)
        one = _plain(data, code, match, after, at)
        inner = None if one is None else _inner(data, code, match.end() - 1, after)
        if one is None or inner is None or _defines(code, at, one.first):
            return None
        found += (one, *inner)
        at = after
    return found


def _plain(
    data: bytes, code: bytes, header: re.Match[bytes], after: int, least: int
) -> _Found | None:
    """The function with this header, if its text says all. Its decorators begin at `least` or
    later."""
    begin, start = header.span()
    indent, deeper = len(header[1]), len(header[2])
    if indent > DEEPEST_BLOCKS * deeper:
        return None
    head = _PYTHON_HEAD.fullmatch(code, begin, start)
    end = start + len(code[start:after].rstrip())
    if head is None or b"\\" in data[begin:start] or not _balanced(code, begin, end):
        return None
    if data.find(b"#", end, after) >= 0:
        comments = _with_comments(indent + deeper).match(data, end)
        end = comments.end() if comments else end
    return _Found(indent, _decorated(code, header[1], begin, least) + 1, end, head)


class _Rest:
    """What remains of a Python text, put together from front to back. `done` is how much of the
    whole text is in it."""

    def __init__(self, data: bytes, code: bytes) -> None:
        self.data = data
        self.code = code
        self.functions: list[Function] = []
        self.done = 0
        self._parts: list[bytes] = []
        self._length = 0
        self._line = self._counted = 0
        self._indent = -1  # of the functions whose tuple is still open

    def text(self) -> bytes:
        self._keep(len(self.data))
        return b"".join(self._parts)

    def leave_out(self, start: int, end: int, before: bytes = b"") -> None:
        """An empty tuple for what stands there."""
        self._keep(start)
        self._add(b"%s(%s)" % (before, b"\n" * self.data.count(b"\n", start, end)), end)

    def leave_out_functions(self, found: list[_Found]) -> None:
        """One tuple for functions that follow each other. The first one holds all others."""
        data, done = self.data, self.done
        indent, first, end, _ = found[0]
        line = self._line + data.count(b"\n", self._counted, first)
        if indent == self._indent and self.code[done:first].isspace():
            before = b"\n" * data.count(b"\n", done, first)
        else:
            self._keep(first)
            before = b" " * indent + b"("
            self._indent = indent
        place = self._length + len(before) - line
        height = data.count(b"\n", first, end)
        self.functions.append(_function(data, found[0], place, line, height))
        self._add(before + b"\n" * height, end)
        self._counted, self._line = end, line + height
        for one in found[1:]:
            line += data.count(b"\n", first, one.first)
            first = one.first
            height = data.count(b"\n", first, one.end)
            self.functions.append(_function(data, one, place, line, height))

    def _keep(self, end: int) -> None:
        """What stands there as it is, but for imports."""
        if self._indent >= 0:
            self._indent = -1
            self._add(b")", self.done)
        if self.done == 0:
            for match in _PYTHON_IMPORTS.finditer(self.code, 0, end):
                start, stop = match.span()
                self._add(self.data[self.done : start], start)
                self._add(b"\n" * self.data.count(b"\n", start, stop), stop)
        if self.done < end:
            self._add(self.data[self.done : end], end)

    def _add(self, part: bytes, done: int) -> None:
        self._parts.append(part)
        self._length += len(part)
        self.done = done


def _function(data: bytes, found: _Found, place: int, line: int, height: int) -> Function:
    """`line` is counted from 0; every line has a byte of its own in what remains, and `place` is
    where line 0 would have it."""
    indent, first, _, head = found
    opening, close = head.span(2)
    begin = first + indent
    return Function(
        place + line,
        place + line + height,
        head[1].decode("ascii", "replace"),
        data[opening:close],
        data[head.start(3) : head.end(3)] if head[3] else b"",
        line + 1,
        line + 1 + height,
        data.startswith(b"@", begin) and _OVERLOAD.match(data, begin) is not None,
    )


def _defines(code: bytes, start: int, end: int) -> bool:
    """Whether a definition begins in one of the lines after the first."""
    find = code.find
    if max(find(b"def ", start, end), find(b"class ", start, end), find(b"@", start, end)) < 0:
        return False
    return _PYTHON_DEFINES.search(code, start, end) is not None


def _decorated(code: bytes, indent: bytes, begin: int, least: int) -> int:
    """Where the decorators of the function at `begin` begin; `begin` itself where it has none."""
    mark = b"\n" + indent + b"@"
    at = begin
    while (above := code.rfind(mark, least, at)) >= 0:
        if not _decorator(indent).fullmatch(code, above, at) or not _balanced(code, above, at):
            break
        at = above
    return at


@cache
def _decorator(indent: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"\n%s@[^\n]*(?:\n(?: *+(?=\n|\Z)|%s[ )\]}][^\n]*))*" % (indent, indent))


@cache
def _with_comments(indent: int) -> re.Pattern[bytes]:
    """The rest of a line, and comments on lines of their own that are as deep as the body."""
    return re.compile(rb"[^\n]*+(?:\n(?: *+\n)*+ {%d,}+#[^\n]*+)*+" % indent)


@cache
def _not_deeper_than(indent: int) -> re.Pattern[bytes]:
    """A line that is not deeper."""
    return re.compile(rb"\n {0,%d}[^ \n]" % indent)


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
