"""What the index found, told as Markdown in the person's language, with `path:line` for all."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from sorte_cli.terminal.translate import _, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sorte_cli.agent.answering import Findings
    from sorte_cli.context.questions import Reference
    from sorte_cli.domain import RankedFile, Symbol

LINES_SHOWN = 30
USES_IN_DEFINITION = 6
TEXT_CHARS = 90


def tell(findings: Findings) -> str:
    """The findings as Markdown."""
    if not findings:
        return _(
            "The index knows nothing about that. Name a function, class or file, "
            "or use words that stand in the code."
        )
    writer = {
        "uses": _uses,
        "definition": _definition,
        "similar": _similar,
        "outline": _outline,
        "tests": _tests,
        "search": _search,
    }[findings.kind]
    return writer(findings)


def _uses(found: Findings) -> str:
    count = len(found.references)
    files = len({r.path for r in found.references})
    places = plural("{count} line", "{count} lines", count)
    text = _("`{name}` is used on {places} in {files}.").format(
        name=found.name, places=places, files=plural("{count} file", "{count} files", files)
    )
    if not count:
        text = _("Nothing in the project uses `{name}`.").format(name=found.name)
    parts = [text]
    if found.symbols:
        parts.append(_list(_symbol(s) for s in found.symbols[:3]))
    return "\n\n".join([*parts, *_places(found.references)])


def _tests(found: Findings) -> str:
    if not found.references:
        return _("No test mentions `{name}`.").format(name=found.name)
    text = _("These tests mention `{name}`:").format(name=found.name)
    return "\n\n".join([text, *_places(found.references)])


def _definition(found: Findings) -> str:
    parts: list[str] = []
    for address, text in found.excerpts[:1]:
        symbol = next(s for s in found.symbols if s.address == address)
        parts.append(_symbol(symbol))
        parts.append(f"```{_language(symbol.path)}\n{text}\n```")
    if others := found.symbols[1:]:
        parts.append(_("Also of that name:"))
        parts.append(_list(_symbol(s) for s in others))
    if found.references:
        count = plural("used on {count} line", "used on {count} lines", len(found.references))
        parts.append(f"{count}:")
        shown = found.references[:USES_IN_DEFINITION]
        parts.append(_list(f"{_place(r.path, r.line)}  `{_cut(r.text)}`" for r in shown))
        if len(found.references) > len(shown):
            more = _("ask “where is {name} used?” for all of them")
            parts.append(more.format(name=found.name))
    return "\n\n".join(parts)


def _similar(found: Findings) -> str:
    if not found.symbols:
        return _("Nothing in the project is like `{name}`.").format(name=found.name)
    text = _("Most like `{name}`:").format(name=found.name)
    return f"{text}\n\n{_list(_symbol(s) for s in found.symbols)}"


def _outline(found: Findings) -> str:
    first, *rest = found.symbols
    if not rest:
        return _("{place} defines nothing that has a name.").format(place=_symbol(first))
    shown = rest[:LINES_SHOWN]
    text = _("{place} defines:").format(place=_symbol(first))
    return f"{text}\n\n{_list(_symbol(s) for s in shown)}{_more(len(rest) - len(shown))}"


def _search(found: Findings) -> str:
    parts = []
    if found.symbols:
        parts += [_("The nearest definitions:"), _list(_symbol(s) for s in found.symbols)]
    if found.files:
        parts += [_("The files that fit best:"), _list(_file(f) for f in found.files)]
    return "\n\n".join(parts)


def _places(references: Sequence[Reference]) -> list[str]:
    """References as a list for each file."""
    parts: list[str] = []
    left = LINES_SHOWN
    for path, lines in groupby(references, key=lambda r: r.path):
        shown = list(lines)[: max(left, 0)]
        left -= len(shown)
        if shown:
            parts.append(_list(f"{_place(path, r.line)}  `{_cut(r.text)}`" for r in shown))
    hidden = len(references) - LINES_SHOWN
    return [*parts, *([_more(hidden).strip()] if hidden > 0 else [])]


def _more(count: int) -> str:
    if count <= 0:
        return ""
    return "\n\n" + plural("… and {count} more line", "… and {count} more lines", count)


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _symbol(symbol: Symbol) -> str:
    detail = f" `{_cut(symbol.detail)}`" if symbol.detail else ""
    name = f" **`{symbol.qualified_name}`**" if symbol.qualified_name else ""
    return f"{_place(symbol.path, symbol.line)}{name}{detail}"


def _file(file: RankedFile) -> str:
    return _place(file.path, 1)


def _place(path: str, line: int) -> str:
    """As code: the underscores of `__init__.py` would be Markdown."""
    return f"`{path}:{line}`"


def _cut(text: str) -> str:
    flat = " ".join(text.split()).replace("`", "'")
    return flat if len(flat) <= TEXT_CHARS else flat[: TEXT_CHARS - 1] + "…"


def _language(path: str) -> str:
    endings = {"py": "python", "php": "php", "js": "javascript", "ts": "typescript", "vue": "html"}
    return endings.get(path.rpartition(".")[2], "")
