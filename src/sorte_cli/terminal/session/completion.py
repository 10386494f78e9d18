"""Completion: slash commands and their arguments, files and symbols of the project after `@`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from sorte_cli.terminal.session.core import Session
from sorte_cli.terminal.session.slash import entries
from sorte_cli.terminal.style import safe

OFFERED = 40
_AT = re.compile(r"(?:^|\s)@([\w./:$-]*)$")


class SessionCompleter(Completer):
    """Completes what the session knows about."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._folded: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterable[Completion]:
        text = document.text_before_cursor
        if self._session.work.question is not None:
            return
        if text.startswith("/") and "\n" not in text:
            yield from self._commands(text[1:])
            return
        if found := _AT.search(text):
            yield from self._names(found[1])

    def _commands(self, text: str) -> Iterator[Completion]:
        name, space, argument = text.partition(" ")
        if space:
            for word in self._session.slash.arguments(name):
                if word.startswith(argument) and word != argument:
                    yield Completion(word, -len(argument))
            return
        for entry in entries():
            if entry.name.startswith(name.lower()):
                yield Completion(
                    entry.name, -len(name), display=f"/{entry.name}", display_meta=entry.help
                )

    def _names(self, part: str) -> Iterator[Completion]:
        for name in matches(part, self._session.info.files, self._session.info.symbols):
            path, _colons, symbol = name.partition("::")
            yield Completion(
                name,
                -len(part),
                display=safe(symbol or path),
                display_meta=safe(path if symbol else ""),
            )


def asks_for_name(text: str) -> bool:
    """Whether the cursor stands behind an `@` and the beginning of a name."""
    return _AT.search(text) is not None


def matches(part: str, files: Sequence[str], symbols: Sequence[str]) -> list[str]:
    """Names that fit what was typed, the nearest first: by the beginning of the last part of the
    name, then by any part. Symbols come in once something is typed."""
    wanted = part.lower()
    if not wanted:
        return list(files[:OFFERED])
    begins: list[str] = []
    holds: list[str] = []
    for name in (*files, *symbols):
        lowered = name.lower()
        if wanted not in lowered:
            continue
        last = re.split(r"::|[./]", lowered.removesuffix(".py"))[-1]
        base = lowered.rpartition("/")[2]
        if last.startswith(wanted) or base.startswith(wanted) or lowered.startswith(wanted):
            begins.append(name)
        elif len(holds) < OFFERED:
            holds.append(name)
        if len(begins) >= 4 * OFFERED:
            break
    begins.sort(key=lambda n: (len(re.split(r"::|/", n)[-1]), n))
    return [*begins, *holds][:OFFERED]
