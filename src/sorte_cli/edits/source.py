"""The bytes of a text file as text and back, without losing one of them.

`decode` and `encode` are exact inverses for every file that is text: UTF-8 with or without a BOM,
any mix of line endings, a Python coding cookie, and bytes that are no valid UTF-8 at all. Pure.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from sorte_cli.edits.model import EditError

_NEWLINE = re.compile(r"\r\n|\r|\n")
# PEP 263: the cookie stands in one of the first two lines, which hold nothing but a comment.
_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:#.*)?$")
_MULTIBYTE = re.compile(rb"[\xc3-\xf4][\x80-\xbf]")
_HEAD_BYTES = 1_000  # enough for two lines that hold a cookie
PYTHON_SUFFIXES = (".py", ".pyi")


def is_python(path: str) -> bool:
    """Whether operations on the syntax tree apply to this file."""
    return path.endswith(PYTHON_SUFFIXES)


@dataclass(frozen=True)
class SourceText:
    """A file's text and what is needed to write the same bytes again.

    `text` keeps the file's own line endings and leaves the BOM out. `newline` is the ending that
    most lines have ("\\n" where there is none). `errors` is the codec's error handler.
    """

    path: str
    text: str
    encoding: str = "utf-8"
    bom: bool = False
    newline: str = "\n"
    errors: str = "strict"

    @property
    def final_newline(self) -> bool:
        """Whether the last line is ended; an empty file counts as ended."""
        return not self.text or self.text[-1] in "\r\n"

    @property
    def python_can_read(self) -> bool:
        """Whether Python itself would decode the file so: UTF-8, or as its coding cookie says."""
        declared = declared_encoding(self.text[:_HEAD_BYTES].encode("ascii", "replace")) or "utf-8"
        return self.errors == "strict" and (self.encoding == declared or self.bom)

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """The offset of each line's first character; lines end with \\r\\n, \\r or \\n alone."""
        return (0, *(match.end() for match in _NEWLINE.finditer(self.text)))

    def encode(self, text: str) -> bytes:
        """`text` as bytes in this file's encoding and with its BOM.

        Raises EditError where the encoding has no such character.
        """
        try:
            body = text.encode(self.encoding, self.errors)
        except UnicodeEncodeError as error:
            raise EditError(
                f"{self.path} is encoded as {self.encoding}, which cannot hold "
                f"{error.object[error.start]!r}.",
                hint="Use other characters, or convert the file to UTF-8 first.",
            ) from error
        return codecs.BOM_UTF8 + body if self.bom else body

    def position(self, offset: int) -> tuple[int, int]:
        """1-based line and 1-based column (in characters) of an offset."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def offset(self, line: int, column: int = 1) -> int:
        """The offset of a 1-based line and column. Raises EditError outside the file."""
        if not 1 <= line <= len(self.line_starts):
            raise EditError(
                f"{self.path} has no line {line}.", hint=f"It has {len(self.line_starts)} lines."
            )
        offset = self.line_starts[line - 1] + column - 1
        if column < 1 or offset > self.line_content_end(line):
            raise EditError(f"{self.path} has no column {column} in line {line}.")
        return offset

    def line_start(self, offset: int) -> int:
        """The offset where the line of `offset` begins."""
        return self.line_starts[bisect_right(self.line_starts, offset) - 1]

    def line_end(self, offset: int) -> int:
        """The offset behind the line ending of the line of `offset`."""
        index = bisect_right(self.line_starts, offset)
        return self.line_starts[index] if index < len(self.line_starts) else len(self.text)

    def line_content_end(self, line: int) -> int:
        """The offset where the content of a 1-based line ends, before its line ending."""
        end = self.line_starts[line] if line < len(self.line_starts) else len(self.text)
        start = self.line_starts[line - 1]
        return start + len(self.text[start:end].rstrip("\r\n"))

    def line_text(self, line: int) -> str:
        """The content of a 1-based line, without its line ending."""
        return self.text[self.line_starts[line - 1] : self.line_content_end(line)]

    def newline_at(self, start: int, end: int | None = None) -> str:
        """The line ending to write in the place of [start, end): that of the line there (of the
        line above where whole lines are inserted), else that of most lines.
        """
        inserted = end is None or end == start
        above = start - 1 if inserted and start == self.line_start(start) else start
        for probe in (above, start, self.line_start(start) - 1):
            if probe >= 0 and (
                match := _NEWLINE.search(self.text, self.line_start(probe), self.line_end(probe))
            ):
                return match.group()
        return self.newline

    def localise(self, text: str, start: int, end: int | None = None) -> str:
        """`text` with every line ending replaced by the one used around [start, end)."""
        newline = self.newline_at(start, end)
        unified = unify_newlines(text)
        return unified if newline == "\n" else unified.replace("\n", newline)


def unify_newlines(text: str) -> str:
    """`text` with "\\n" as its only line ending."""
    return _NEWLINE.sub("\n", text) if "\r" in text else text


def decode(path: str, data: bytes) -> SourceText:
    """The text of a file. Never loses a byte: `decode(p, b).encode(decode(p, b).text) == b`.

    Raises EditError for binary files (a NUL byte).
    """
    if b"\0" in data:
        raise EditError(
            f"{path} is a binary file.", hint="Operations work on text files; leave it as it is."
        )
    bom = data.startswith(codecs.BOM_UTF8)
    body = data[len(codecs.BOM_UTF8) :] if bom else data
    encoding, errors = _encoding_of(path, body, bom=bom)
    text = body.decode(encoding, errors)
    return SourceText(path, text, encoding, bom, _dominant_newline(text), errors)


def declared_encoding(data: bytes) -> str | None:
    """The codec named by a PEP 263 cookie, in Python's spelling; None without a (known) one."""
    for line in re.split(rb"\r\n|\r|\n", data[:_HEAD_BYTES], maxsplit=2)[:2]:
        if match := _COOKIE.match(line):
            return _codec(match.group(1).decode("ascii", "replace"))
        if not _BLANK.match(line):
            return None
    return None


def _codec(name: str) -> str | None:
    # As the tokenizer reads it: editors write "utf-8-unix" and "latin-1-dos".
    plain = name[:12].lower().replace("_", "-")
    if re.match(r"utf-8(-|$)", plain):
        return "utf-8"
    if re.match(r"(latin-1|iso-8859-1|iso-latin-1)(-|$)", plain):
        return "iso8859-1"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _encoding_of(path: str, body: bytes, *, bom: bool) -> tuple[str, str]:
    if is_python(path) and not bom and (declared := declared_encoding(body)):
        try:
            if body.decode(declared).encode(declared) == body:
                return declared, "strict"
        except (UnicodeError, LookupError):
            pass  # a cookie that lies, or a codec that is not for text
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        # Mostly UTF-8 with a stray byte: keep the rest readable. Otherwise one byte, one character.
        if bom or _MULTIBYTE.search(body):
            return "utf-8", "surrogateescape"
        return "iso8859-1", "strict"
    return "utf-8", "strict"


def _dominant_newline(text: str) -> str:
    if "\r" not in text:
        return "\n"
    counted = Counter(match.group() for match in _NEWLINE.finditer(text))
    return max(("\n", "\r\n", "\r"), key=lambda newline: counted[newline])
