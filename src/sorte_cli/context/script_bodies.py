"""What stands inside of functions of JavaScript and TypeScript, left out before a file is parsed.

Only of what begins at the start of a line: functions, constants that are arrow functions, and
calls with a function as the last argument, as tests are. Regular expressions, templates and text
between tags can be taken for something else here. That does no harm, because a body is left out
only where its brackets balance, it ends where the function began, and nothing in it could have an
address; and what remains must parse.
"""

from __future__ import annotations

import re

LEAST_BODY_BYTES = 80
MOST_HEADER_LINES = 4
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"()[]{}")
_NO_PARENTHESES = bytes(byte for byte in range(256) if byte not in b"()")

_SIMPLE = rb"[^{}`'\"]*+"
_STRING = rb"'[^'\\\n]*+(?:\\.[^'\\\n]*+)*'?|\"[^\"\\\n]*+(?:\\.[^\"\\\n]*+)*\"?"
_TEMPLATE = rb"`[^`\\$]*+(?:(?:\\.|\$(?!\{)|\$\{%s\})[^`\\$]*+)*+`"
_INNER = _TEMPLATE % _SIMPLE
_HELD = rb"%s(?:(?:%s|%s|\{%s\})%s)*+" % (_SIMPLE, _STRING, _INNER, _SIMPLE, _SIMPLE)
_PATTERN = rb"(?![/*])(?:[^\n/\\\[]|\\.|\[(?:[^\n\]\\]|\\.){0,99}+\]){1,300}+/"
# Each kind begins with a character of its own, which is what makes the search quick.
_TEXT = re.compile(
    rb"(/(?:(?<=[(,=:!&|?\[]/)|(?<=[(,=:!&|?\[] /)|(?<=return /))%s|//[^\n]*+|"
    rb"/(?<![\\\[^]/)\*(?:.*?\*/|.*+)|%s|%s)" % (_PATTERN, _STRING, _TEMPLATE % _HELD),
    re.S,
)
_COMMENTS = (b"//", b"/*")
_HEADER = re.compile(
    rb"\n(?:(?:export +)?(?:default +)?(?:(?P<function>(?:async +)?function\b)|"
    rb"(?P<constant>(?:const|let|var) +[\w$]+(?: *:[^=\n]*+(?:=>[^=\n]*+)*)? *= *(?:async +)?"
    rb"(?:<[^<>()=\n]*+>)?(?=\()))|(?P<call>[\w$.]+\((?:[^\n(){}=]*, *)?"
    rb"(?:(?:async +)?(?:\(\)|\((?:[^()\n]*)\)|\w+) *=>|(?:async +)?function *\w*\([^()\n]*\))"
    rb" *\{[ \t]*(?=\n)))"
)
_OPENS = re.compile(rb"\)(?: *:[\w$.<>\[\]|&, ]*)?( *=>)? *\{[ \t]*\n")
_NOT_DEEPER = re.compile(rb"\n[^ \t\n]")
_CLOSES = re.compile(rb"\n\};?[ \t]*(?=\n|\Z)")
_DECLARING = (
    b"function",
    b"class ",
    b"class{",
    b"interface ",
    b"enum ",
    b"namespace ",
    b"module ",
    b"type ",
)
_DECLARES = re.compile(
    rb"\b(?:function\b|class[ {]|(?:interface|enum|namespace|module) +[\w$.]+[^=;]{0,999}\{|"
    rb"type +[\w$]+ *[<=])"
)
_METHOD = re.compile(rb"\)\s*(?:\{|:(?:\s*\n|(?![^\n]{0,400}=>[ \t]*\(?\{[ \t]*\n)[^\n]{0,400}\{))")
_ONE_LINE = bytes.maketrans(b"\t\n", b"  ")
_CONTROL = re.compile(
    rb"\n([ \t]*+)(?:\}[ \t]*)?(?:else[ \t]+)?(?:if|for|while|switch|catch)\b"
    rb"[^\n]*(?:\n(?:\1[ \t][^\n]*\n)*\1\))?[ \t]*\{(?=[ \t]*\n)"
)


def without_script_bodies(data: bytes) -> bytes:
    """The text with the same lines and the same definitions; `data` itself where nothing can be
    left out."""
    texts = _TEXT.split(data)  # every second one is a text or a comment
    texts[1::2] = [(b" " if t[:2] in _COMMENTS else b"x") * len(t) for t in texts[1::2]]
    code = b"".join(texts)
    if b"`" in code:
        return data
    parts: list[bytes] = []
    done = at = 0
    while header := _HEADER.search(code, at):
        at = header.end()
        found = _body(data, code, header)
        if found is None:
            continue
        start, end = found
        parts += (data[done:start], b"\n" * data.count(b"\n", start, end))
        done = at = end
    return b"".join((*parts, data[done:])) if parts else data


def _body(data: bytes, code: bytes, header: re.Match[bytes]) -> tuple[int, int] | None:
    """From where to where the body of a function can be left out: whole lines."""
    is_call = bool(header["call"])
    start = header.end() if is_call else _opened(code, header)
    # As it is written, so that what was taken for text cannot hide where another one begins.
    stop = _NOT_DEEPER.search(data, start) if start >= 0 else None
    if stop is None or stop.start() - start < LEAST_BODY_BYTES:
        return None
    end = stop.start()
    if is_call:
        if not code.startswith(b"\n}", end):
            return None
        close = code.find(b"\n", end + 1)
        return (start, end) if _balanced(code[header.start() : max(close, end + 2)]) else None
    if not _CLOSES.match(code, end):
        return None
    body = code[start:end]
    return (start, end) if _balanced(body) and not _may_have_addresses(body) else None


def _may_have_addresses(body: bytes) -> bool:
    """Whether something may be declared there, or be a method of an object."""
    line = body.translate(_ONE_LINE)
    if any(map(line.__contains__, _DECLARING)) and _DECLARES.search(line):
        return True
    return _METHOD.search(body) is not None and bool(_METHOD.search(_CONTROL.sub(b"\n", body)))


def _opened(code: bytes, header: re.Match[bytes]) -> int:
    """Where the line with the brace of a function or arrow function ends; -1 where it is not
    plain which one that is."""
    begin, at = header.end(), header.end()
    for _ in range(MOST_HEADER_LINES):
        line_end = code.find(b"\n", at)
        if line_end < 0:
            return -1
        for opens in _OPENS.finditer(code, at, line_end + 1):
            if bool(opens[1]) == bool(header["constant"]) and _is_one_group(
                code[begin : opens.start() + 1], bool(header["constant"])
            ):
                return opens.end() - 1
        stop = _NOT_DEEPER.search(code, line_end)
        if stop is None or code[stop.end() - 1] not in b")}":
            return -1
        at = stop.start() + 1
    return -1


def _is_one_group(text: bytes, from_start: bool) -> bool:
    """Whether brackets balance, and the first parenthesis is closed by the last."""
    if not _balanced(text):
        return False
    marks = text.translate(None, _NO_PARENTHESES)
    depth = 0
    for place, mark in enumerate(marks, 1):
        depth += 1 if mark == 0x28 else -1
        if depth == 0:
            return place == len(marks)
    return False


def _balanced(text: bytes) -> bool:
    marks = text.translate(None, _NO_BRACKETS)
    count = marks.count
    return count(b"(") == count(b")") and count(b"[") == count(b"]") and count(b"{") == count(b"}")
