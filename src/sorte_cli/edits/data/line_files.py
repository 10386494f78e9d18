"""Files of one entry a line: `.env` files (NAME=value) and pip requirements (name>=version)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from sorte_cli.edits.data.keys import Part
from sorte_cli.edits.model import EditError, SpanEdit
from sorte_cli.edits.source import SourceText
from sorte_cli.edits.suggest import did_you_mean, nearest
from sorte_cli.edits.syntax.layout import insert_lines

_ENV = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*")
_REQUIREMENT = re.compile(r"([A-Za-z0-9][\w.-]*)[ \t]*(?:\[[^\]]*\])?")
_NAME = {"env": re.compile(r"[A-Za-z_][\w.-]*"), "requirements": _REQUIREMENT}


def open_file(source: SourceText, form: str) -> LineFile:
    """The file as lines."""
    return LineFile(source, form)


class LineFile:
    """One such file; names of packages are compared as pip does (case, `-` and `_`)."""

    def __init__(self, source: SourceText, form: str) -> None:
        self.source = source
        self.form = form
        self.entries: list[tuple[str, int, int, int]] = []  # name, line, start and end of value
        for number in range(1, len(source.line_starts) + 1):
            entry = self._entry(number)
            if entry is not None:
                self.entries.append(entry)

    def set(self, path: Sequence[Part], value: str) -> tuple[SpanEdit, str]:
        name = self._name(path)
        value = self._value(name, value)
        found = self._found(name)
        if found is not None:
            _name, _line, start, end = found
            return SpanEdit(self.source.path, start, end, value), self.source.text[start:end] or " "
        return self._insert(name, f"{name}={value}" if self.form == "env" else name + value), ""

    def delete(self, path: Sequence[Part]) -> SpanEdit:
        found = self._found(self._name(path))
        if found is None:
            raise self._missing(self._name(path))
        start = self.source.line_starts[found[1] - 1]
        return SpanEdit(self.source.path, start, self.source.line_end(found[3]), "")

    def add(self, path: Sequence[Part], value: str) -> SpanEdit:
        if self.form == "env" or path:
            raise EditError(
                f"{self.source.path} holds no lists.",
                hint=f"Write: set_key {self.source.path}::NAME value",
            )
        text = value.strip().strip("'\"")
        match = _REQUIREMENT.match(text)
        if match is None:
            raise EditError(f"{value!r} is no requirement.", hint="Write: httpx>=0.27")
        if self._found(match[1]) is not None:
            raise EditError(
                f"{self.source.path} already has {match[1]}.",
                hint=f"Write: set_key {self.source.path}::{match[1]} {text[match.end() :].strip()}",
            )
        return self._insert(match[1], text)

    # --- reading ---

    def _entry(self, number: int) -> tuple[str, int, int, int] | None:
        text, start = self.source.line_text(number), self.source.line_starts[number - 1]
        if self.form == "env":
            match = _ENV.match(text)
            if match is None:
                return None
            end = (
                len(text) if text[match.end() :][:1] in ("'", '"') else _comment(text, match.end())
            )
            return match[1], number, start + match.end(), start + end
        match = _REQUIREMENT.match(text)
        if match is None or text.startswith("-"):
            return None
        return match[1], number, start + match.end(), start + _comment(text, match.end())

    def _found(self, name: str) -> tuple[str, int, int, int] | None:
        same = [e for e in self.entries if self._plain(e[0]) == self._plain(name)]
        if len(same) > 1:
            lines = ", ".join(str(e[1]) for e in same)
            raise EditError(
                f"{self.source.path} has {name} {len(same)} times (lines {lines}).",
                hint="Use replace_statement with #L for the line you mean.",
            )
        return same[0] if same else None

    def _plain(self, name: str) -> str:
        return name if self.form == "env" else re.sub(r"[-_.]+", "-", name).lower()

    def _name(self, path: Sequence[Part]) -> str:
        name = str(path[0]) if path else ""
        if not _NAME[self.form].fullmatch(name):
            raise EditError(f"{name!r} is no name for a line of {self.source.path}.")
        return name

    def _value(self, name: str, value: str) -> str:
        text = value.strip()
        if self.form == "env":
            quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
            spaced = bool(re.search(r"[\s#]", text)) and not quoted
            return f'"{text}"' if spaced and '"' not in text else text
        text = text.strip("'\"")
        own = _REQUIREMENT.match(text)
        if own and self._plain(own[1]) == self._plain(name):
            text = text[own.end() :].strip()
        if text and not re.match(r"[<>=!~;@]", text):
            text = f"=={text}" if re.match(r"\d", text) else text
        if text and not re.match(r"[<>=!~;@]|\s*;", text):
            raise EditError(f"{value!r} is no version.", hint=">=2.31,<3 or ==2.31.0")
        return f" {text}" if text.startswith(("@", ";")) else text

    def _missing(self, name: str) -> EditError:
        known = [e[0] for e in self.entries]
        return EditError(
            f"{self.source.path} has no {name}.",
            hint=did_you_mean(nearest(name, known)) or f"It has: {', '.join(known[:10])}.",
        )

    # --- inserting ---

    def _insert(self, name: str, line: str) -> SpanEdit:
        """In a sorted file in its place; in an .env file behind the names of its group."""
        if self.form == "env":
            group = name.split("_")[0]
            same = [e for e in self.entries if e[0].split("_")[0] == group]
            after = same[-1] if same else None
        else:
            names = [self._plain(e[0]) for e in self.entries]
            in_order = len(names) > 1 and all(a <= b for a, b in pairwise(names))
            after = self.entries[-1] if self.entries else None
            if in_order:
                before = [e for e in self.entries if self._plain(e[0]) < self._plain(name)]
                if not before:
                    start = self.source.line_starts[self.entries[0][1] - 1]
                    return insert_lines(self.source, start, f"{line}\n")
                after = before[-1]
        offset = self.source.line_end(after[3]) if after else len(self.source.text)
        if offset and self.source.text[offset - 1] not in "\r\n" and offset < len(self.source.text):
            offset = self.source.line_end(offset)
        return insert_lines(self.source, offset, f"{line}\n")


def _comment(text: str, start: int) -> int:
    """Where the value of a line ends: before a comment and the space in front of it."""
    match = re.compile(r"[ \t]+#").search(text, start)
    return match.start() if match else len(text.rstrip())
