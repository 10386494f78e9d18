"""Keys of configuration files, and the named parts of templates, read line by line. Pure.

A parser for each of these formats would cost more than the index gains: what counts is that a
name is found with its line. Values are never kept, so that no secret gets into the index's names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sorte_cli.context.definition import Definition

MAX_KEYS = 400
MAX_DEPTH = 5
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_$@/-][\w$@/-]{0,79}\Z")
_TOML_TABLE = re.compile(r"\s*\[\[?\s*([^\]\[]+?)\s*\]\]?\s*(?:#.*)?$")
_TOML_KEY = re.compile(r"\s*((?:\"[^\"]+\"|'[^']+'|[\w-]+)(?:\s*\.\s*[\w-]+)*)\s*=(?!=)")
_YAML_KEY = re.compile(
    r"( *)(?:- +)?(\"[^\"]+\"|'[^']+'|[^\s#'\"\[\]{},&*!|>%@-][^#'\"{}\[\],]*?):(?: |$)"
)
_YAML_BLOCK = re.compile(r":\s*[|>][+-]?\d*\s*(?:#.*)?$")
_JSON_KEY = re.compile(r"([ \t]*)(?:\{\s*)?\"((?:[^\"\\]|\\.)+)\"\s*:")
_INI_SECTION = re.compile(r"\s*\[([^\]]+)\]\s*$")
_INI_KEY = re.compile(r"(?:export\s+)?([A-Za-z_][\w.-]*)\s*[=:]")
_BLADE = re.compile(r"@(?:section|yield|push|stack|slot|component)\(\s*['\"]([\w.:/-]+)['\"]")
_BLOCK = re.compile(r"\{%[-+]?\s*(block|macro)\s+([A-Za-z_]\w*)")


def keys(language: str, text: str) -> tuple[Definition, ...]:
    """The named parts of a file in line order, at most `MAX_KEYS`; empty for other languages."""
    reader = _READERS.get(language)
    if reader is None:
        return ()
    found: dict[str, Definition] = {}
    for qualified, kind, line in reader(text.split("\n")):
        found.setdefault(qualified, Definition(qualified, kind, "", line, line))
        if len(found) >= MAX_KEYS:
            break
    return tuple(found.values())


_Found = Iterator[tuple[str, str, int]]


def _parts(written: str) -> list[str] | None:
    """The parts of a dotted key; None where a part has characters that no address can hold."""
    parts = [p.strip().strip("\"'") for p in written.split(".")]
    fine = all(_PLAIN_KEY.match(p) for p in parts) and len(parts) <= MAX_DEPTH
    return parts if fine else None


def _toml(lines: list[str]) -> _Found:
    table: list[str] | None = []
    quotes = ""
    for number, line in enumerate(lines, 1):
        if quotes:  # inside a text of several lines nothing is a key
            quotes = "" if quotes in line else quotes
            continue
        if (match := _TOML_TABLE.match(line)) and "=" not in match[1]:
            table = _parts(match[1])
            if table:
                yield ".".join(table), "section", number
        elif (match := _TOML_KEY.match(line)) and table is not None:
            own = _parts(match[1])
            if own and len(table) + len(own) <= MAX_DEPTH:
                yield ".".join([*table, *own]), "key", number
        for mark in ('"""', "'''"):
            if line.count(mark) % 2:
                quotes = mark


def _nested(found: Iterator[tuple[int, str, int]]) -> _Found:
    """Keys with their owners, from (indentation, key, line)."""
    above: list[tuple[int, str]] = []
    for indent, key, number in found:
        while above and above[-1][0] >= indent:
            above.pop()
        above.append((indent, key))
        names = [k for _, k in above]
        if len(names) <= MAX_DEPTH and all(_PLAIN_KEY.match(n) for n in names):
            yield ".".join(names), "key", number


def _yaml(lines: list[str]) -> _Found:
    def read() -> Iterator[tuple[int, str, int]]:
        block = -1
        for number, line in enumerate(lines, 1):
            indent = len(line) - len(line.lstrip(" "))
            if block >= 0 and (not line.strip() or indent > block):
                continue  # a literal text
            block = -1
            if match := _YAML_KEY.match(line):
                yield match.start(2), match[2].strip("\"'").strip(), number
                if _YAML_BLOCK.search(line):
                    block = indent

    return _nested(read())


def _json(lines: list[str]) -> _Found:
    found = (
        (len(match[1].expandtabs(4)), match[2], number)
        for number, line in enumerate(lines, 1)
        if (match := _JSON_KEY.match(line))
    )
    return _nested(found)


def _ini(lines: list[str]) -> _Found:
    section = ""
    for number, line in enumerate(lines, 1):
        if match := _INI_SECTION.match(line):
            section = match[1].strip()
            if _PLAIN_KEY.match(section):
                yield section, "section", number
            else:
                section = ""
        elif match := _INI_KEY.match(line):
            parts = _parts(match[1])
            if parts:
                yield ".".join([section, *parts] if section else parts), "key", number


def _blade(lines: list[str]) -> _Found:
    for number, line in enumerate(lines, 1):
        for match in _BLADE.finditer(line):
            yield match[1].replace(":", "."), "section", number


def _blocks(lines: list[str]) -> _Found:
    for number, line in enumerate(lines, 1):
        for match in _BLOCK.finditer(line):
            yield match[2], "section" if match[1] == "block" else "function", number


_READERS = {
    "toml": _toml, "yaml": _yaml, "json": _json, "ini": _ini, "blade": _blade,
    "jinja": _blocks, "twig": _blocks, "html": _blocks,
}  # fmt: skip
