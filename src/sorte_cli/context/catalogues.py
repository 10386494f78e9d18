"""Words that a project itself translates: Portuguese to English, from its message catalogues. Pure.

A shop that has `lang/pt/orders.php` beside `lang/en/orders.php` says there what it calls a
"pedido". Only texts of one content word on both sides count: they cannot be aligned wrongly.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from sorte_cli.context import words

_CATALOGUE = re.compile(
    r"(?:^|/)(?P<locale>en|pt)(?:[-_][A-Za-z]{2,4})?(?P<rest>(?:/.+)?\.(?:json|ya?ml|php|js|ts|po|ini|properties))$|"
    r"(?:^|/)(?P<base>[\w-]+)[._-](?P<suffix>en|pt)(?:[-_][A-Za-z]{2,4})?\.(?:json|ya?ml|php|js|ts|po)$"
)
_ENTRY = re.compile(
    r"""^[ \t]*(?:["'](?P<quoted>(?:[^"'\\]|\\.)+)["']|(?P<plain>[\w.-]+))[ \t]*(?:=>|:|=)[ \t]*"""
    r"""(?P<value>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s"'\[{(|>&][^\n]*?)\s*,?\s*;?$""",
    re.M,
)
_PO = re.compile(r'^msgid "(?P<one>[^"\n]+)"\nmsgstr "(?P<other>[^"\n]+)"', re.M)
MAX_PAIRS = 2_000


def catalogue(path: str) -> tuple[str, str] | None:
    """(language, what names the catalogue in every language) of a message catalogue's path."""
    match = _CATALOGUE.search(path)
    if match is None:
        return None
    head = path[: match.start()]
    if match["locale"]:
        return match["locale"], f"{head}|{match['rest']}"
    return match["suffix"], f"{head}|{match['base']}"


def entries(text: str) -> dict[str, str]:
    """Key -> text of a catalogue in PHP, JSON, YAML or JavaScript, by its last key part."""
    found: dict[str, str] = {}
    for match in _ENTRY.finditer(text):
        found.setdefault(match["quoted"] or match["plain"], match["value"].strip("\"'"))
    return found


def learned(texts: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    """Portuguese stem -> English stems, from (path, text) of the project's catalogues."""
    english: dict[str, dict[str, str]] = {}
    portuguese: dict[str, dict[str, str]] = {}
    pairs: list[tuple[str, str]] = []
    for path, text in sorted(texts):
        kind = catalogue(path)
        if kind is None:
            continue
        if path.endswith(".po"):
            if kind[0] == "pt":
                pairs += [(m["other"], m["one"]) for m in _PO.finditer(text)]
            continue
        (english if kind[0] == "en" else portuguese).setdefault(kind[1], {}).update(entries(text))
    for name, own in sorted(portuguese.items()):
        other = english.get(name, {})
        # Some projects use the English text itself as the key.
        pairs += [(value, other.get(key, key)) for key, value in sorted(own.items())]
    return _words(pairs)


def _words(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for portuguese, english in pairs:
        one, other = _only_word(portuguese), _only_word(english)
        if one and other and one != other:
            found[one][other] = None
        if len(found) >= MAX_PAIRS:
            break
    return {one: tuple(others) for one, others in found.items()}


def _only_word(text: str) -> str:
    """The stem of the one word that carries content; "" where there are more, or none."""
    if len(text) > 40:
        return ""
    content = [w for w in re.findall(r"[^\W\d_]+", text) if words.fold(w) not in words.STOP]
    return words.stem(words.fold(content[0])) if len(content) == 1 else ""
