"""What the engines say, in the user's language.

Engines speak English. A message is looked up among the templates of `engines.po` by its own words:
what stands in the places of the fields is carried over. A message that fits none stays English.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from sorte_cli.terminal.translate import LOCALE_DIR, _, current_language, plural

_FIELD = re.compile(r"\{(\w+)\}")
_JOINS = (re.compile(r"([.?])( )"), re.compile("()(; )"), re.compile("()(: )"))
_COUNTED = re.compile(r"(\d+) (place|file|other file|mention|line|call)s?")
_DEPTH = 3


@dataclass(frozen=True, slots=True)
class _Template:
    """One entry of the catalogue: `key` is its longest fixed piece, a quick test before `regex`."""

    key: str
    regex: re.Pattern[str]
    translation: str
    fixed: int


def in_language(message: str) -> str:
    """`message`, of an engine, in the user's language; as it is where it is not known."""
    language = current_language()
    if language == "en" or not message:
        return message
    templates = _templates(language)
    # A summary becomes a sentence where it is shown.
    summary = message[0].lower() + message[1:-1] if message.endswith(".") else ""
    for loosely in (False, True):
        if said := _translated(message, templates, _DEPTH, loosely):
            return said
        if said := _translated(summary, templates, _DEPTH, loosely):
            # A name that comes first keeps its case.
            first = said[0] if said.split(" ")[0] in message else said[0].upper()
            return f"{first}{said[1:]}."
    return _by_line(message, language)


def _by_line(message: str, language: str) -> str:
    """Line by line: a message may hold a list, or another message."""
    templates = _templates(language)
    lines = message.split("\n")
    if len(lines) == 1:
        return message
    return "\n".join(_translated(line, templates, _DEPTH) or line for line in lines)


def _translated(
    message: str, templates: tuple[_Template, ...], depth: int, loosely: bool = True
) -> str:
    """The translation, or "" where no template fits. Loosely: a field may hold several parts."""
    loose: tuple[_Template, dict[str, str]] | None = None
    for template in templates:
        if template.key not in message:
            continue
        match = template.regex.fullmatch(message)
        if match is None:
            continue
        values = match.groupdict()
        if not any("; " in v or "\n" in v for v in values.values()):
            return _filled(template, values, templates, depth)
        loose = loose or (template, values)
    # "OPERATION: MESSAGE" and "SENTENCE. SENTENCE" are put together where they are said.
    if depth and (said := _joined(message, templates, depth - 1)):
        return said
    return _filled(*loose, templates, depth) if loose and loosely else ""


def _filled(
    template: _Template, values: dict[str, str], templates: tuple[_Template, ...], depth: int
) -> str:
    if depth:
        values = {name: _part(value, templates) for name, value in values.items()}
    return _FIELD.sub(lambda field: values.get(field[1], field[0]), template.translation)


def _joined(message: str, templates: tuple[_Template, ...], depth: int) -> str:
    """The translation of a message of two parts, of which one at least is known."""
    for join in (found for pattern in _JOINS for found in pattern.finditer(message)):
        head, tail = message[: join.start()] + join[1], message[join.end() :]
        first = _translated(head, templates, depth)
        rest = _translated(tail, templates, depth)
        if rest or (first and join[2] != ": "):
            return f"{first or head}{join[2]}{rest or tail}"
    return ""


def _part(value: str, templates: tuple[_Template, ...]) -> str:
    """What stands in a field: a message itself, or a number of things."""
    if counted := _COUNTED.fullmatch(value):
        number = int(counted[1])
        match counted[2]:
            case "place":
                return plural("{count} place", "{count} places", number)
            case "file":
                return plural("{count} file", "{count} files", number)
            case "other file":
                return plural("{count} other file", "{count} other files", number)
            case "mention":
                return plural("{count} mention", "{count} mentions", number)
            case "line":
                return plural("{count} line", "{count} lines", number)
            case "call":
                return plural("{count} call", "{count} calls", number)
    if value in ("undo", "redo"):
        return {"undo": _("undo"), "redo": _("redo")}[value]
    return _translated(value, templates, 0) or value


@cache
def _templates(language: str) -> tuple[_Template, ...]:
    """The catalogue, those with most fixed text first."""
    from sorte_cli.locale.catalogue import parse_po

    path = LOCALE_DIR / language / "LC_MESSAGES" / "engines.po"
    _header, entries = parse_po(path.read_text(encoding="utf-8"))
    made = [_made(e.text.one, e.translations[0]) for e in entries if e.translations[0]]
    return tuple(sorted(made, key=lambda t: -t.fixed))


def _made(source: str, translation: str) -> _Template:
    pieces = _FIELD.split(source)  # text, field, text, field, ..., text
    fixed = pieces[::2]
    pattern = "".join(
        re.escape(piece) if number % 2 == 0 else f"(?P<{piece}>.*?)"
        for number, piece in enumerate(pieces)
    )
    key = max(fixed, key=len)
    return _Template(key, re.compile(pattern, re.DOTALL), translation, sum(map(len, fixed)))
