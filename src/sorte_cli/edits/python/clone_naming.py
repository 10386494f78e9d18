"""How a copy is renamed: the stem in which two names differ, carried over in every case form. Pure.

PixPayment -> PixParceladoPayment differ by the stem pix -> pix parcelado: so pix_key becomes
pix_parcelado_key, PIX_FEE becomes PIX_PARCELADO_FEE, "Pix" becomes "Pix Parcelado".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_A-Za-z]+")
_RUN = re.compile(r"[\w-]+")
# Around these a run of letters is part of an address (URL, path, dotted name), which stays.
_ADDRESS = "./@\\"


@dataclass(frozen=True, slots=True)
class Stem:
    """Words (in lower case) that become others; `shown` are the new ones as the name has them."""

    old: tuple[str, ...]
    new: tuple[str, ...]
    shown: tuple[str, ...] = ()

    def capitals(self) -> tuple[str, ...]:
        """The new words, each with a capital: Pix, Parcelado."""
        shown = self.shown or self.new
        return tuple(w if not w.islower() and not w.isupper() else w.capitalize() for w in shown)


def words_of(name: str) -> list[str]:
    """The words of an identifier as they are written: PixPayment -> Pix, Payment."""
    return [m.group() for m in _WORD.finditer(name)]


def derive_stem(old_name: str, new_name: str, kinds: frozenset[str] = frozenset()) -> Stem:
    """What differs between two names, as whole words; everything where little is shared.

    `kinds` are words (in lower case) known to say what kind of thing it is, as "payment" does
    where PaymentPix stands beside PaymentBoleto.
    """
    old, new = words_of(old_name), words_of(new_name)
    old_words, new_words = [w.lower() for w in old], [w.lower() for w in new]
    suffix = 0
    while suffix < min(len(old), len(new)) - 1 and old_words[-1 - suffix] == new_words[-1 - suffix]:
        suffix += 1
    end_old, end_new = len(old) - suffix, len(new) - suffix
    prefix = 0
    while prefix < min(end_old, end_new) - 1 and old_words[prefix] == new_words[prefix]:
        prefix += 1
    if old_words[prefix:end_old] == new_words[prefix : prefix + end_old - prefix]:
        prefix = _kind_prefix(old_words[:end_old], kinds)
    return Stem(
        tuple(old_words[prefix:end_old]),
        tuple(new_words[prefix:end_new]),
        tuple(new[prefix:end_new]),
    )


def _kind_prefix(old: list[str], kinds: frozenset[str]) -> int:
    """How many words at the beginning say only what kind of thing a name is for (`test_pix`)."""
    count = 0
    while count < len(old) - 1 and (old[count] in kinds or old[count] in ("test", "tests")):
        count += 1
    return count


@dataclass(frozen=True, slots=True)
class Renaming:
    """Stems, and names that become exactly another name."""

    stems: tuple[Stem, ...]
    exact: dict[str, str] = field(default_factory=dict)

    def identifier(self, name: str) -> str:
        """The name in the copy; the same where it does not carry a stem."""
        if name in self.exact:
            return self.exact[name]
        return self._replaced(name, "identifier")

    def literal(self, text: str) -> str:
        """The content of a string in the copy. Parts of URLs, paths and dotted names stay."""
        spaced = any(c.isspace() for c in text)
        return self._in_runs(text, "prose" if spaced else "literal")

    def prose(self, text: str) -> str:
        """A comment or docstring in the copy."""
        return self._in_runs(text, "prose")

    def touches(self, name: str) -> bool:
        """Whether a name carries a stem."""
        return self.identifier(name) != name

    def _in_runs(self, text: str, style: str) -> str:
        parts: list[str] = []
        last = 0
        for match in _RUN.finditer(text):
            start, end = match.span()
            parts.append(text[last:start])
            run = match.group()
            parts.append(run if _in_address(text, start, end) else self._run(run, style))
            last = end
        return "".join([*parts, text[last:]])

    def _run(self, run: str, style: str) -> str:
        # The stem alone is a word of the text rather than the name of something.
        alone = any(tuple(w.lower() for w in words_of(run)) == s.old for s in self.stems)
        if run in self.exact and not alone:
            return self.exact[run]
        return self._replaced(run, style)

    def _replaced(self, name: str, style: str) -> str:
        found = list(_WORD.finditer(name))
        lower = [m.group().lower() for m in found]
        parts: list[str] = []
        last = position = 0
        while position < len(found):
            stem, already = self._stem_at(lower, position)
            if stem is None:
                position += already or 1
                continue
            start, end = found[position].start(), found[position + len(stem.old) - 1].end()
            parts += [name[last:start], _styled(name, start, end, stem, style)]
            last = end
            position += len(stem.old)
        return "".join([*parts, name[last:]])

    def _stem_at(self, words: list[str], position: int) -> tuple[Stem | None, int]:
        """The stem that begins at a word; or None and how many words already are the new one."""
        for stem in self.stems:
            size = len(stem.new)
            if size > len(stem.old) and tuple(words[position : position + size]) == stem.new:
                return None, size
        for stem in sorted(self.stems, key=lambda s: -len(s.old)):
            if tuple(words[position : position + len(stem.old)]) == stem.old:
                return stem, 0
        return None, 0


def _in_address(text: str, start: int, end: int) -> bool:
    """Whether a run of letters is part of a URL, a path, a dotted name or a format field."""
    if start and text[start - 1] in _ADDRESS + "{":
        return True
    after, second = text[end : end + 1], text[end + 1 : end + 2]
    if after == ":":
        return second.isdigit() or second == "/"  # a host and its port, a URL's scheme
    return (
        bool(after) and after in _ADDRESS and bool(second) and (second.isalnum() or second in "/_.")
    )


def _styled(name: str, start: int, end: int, stem: Stem, style: str) -> str:
    """The new words in the case and with the separators of the place where the old ones stand."""
    old = name[start:end]
    alone = start == 0 and end == len(name)
    separators = _separator(name)
    if old.isupper() and len(old) > 1:
        if _is_camel(name, end):
            first = stem.capitals()
            return stem.new[0].upper() + "".join(first[1:])
        joiner = separators or (" " if style == "prose" else "_")
        return joiner.join(w.upper() for w in stem.new)
    if old[0].isupper():
        if separators == "-":
            return "-".join(stem.capitals())
        if alone and style in ("prose", "literal"):
            return " ".join(stem.capitals())
        return "".join(stem.capitals())
    if _is_camel(name, end):
        return stem.new[0] + "".join(stem.capitals()[1:])
    joiner = separators or (" " if style == "prose" else "_")
    return joiner.join(stem.new)


def _separator(name: str) -> str:
    if "-" in name:
        return "-"
    return "_" if "_" in name else ""


def _is_camel(name: str, end: int) -> bool:
    """Whether a capitalised word follows directly."""
    following = name[end : end + 2]
    return len(following) == 2 and following[0].isupper() and following[1].islower()


def stem_of_path(path: str) -> str:
    """The part of a path that names what is in it: `pix` of shop/pix.py, `test_pix` of a test."""
    head, _, base = path.rpartition("/")
    stem = base.split(".")[0]
    return head.rpartition("/")[2] if stem == "__init__" else stem


def pairs(renaming: Renaming) -> Iterator[tuple[str, str]]:
    """The stems as `pix -> pix parcelado`, for summaries."""
    for stem in renaming.stems:
        yield " ".join(stem.old), " ".join(stem.new)
