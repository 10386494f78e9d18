"""How text becomes index terms: identifiers split, accents folded, endings cut. Pure functions.

The same functions serve the index and the query, so what matters is that both sides agree, not
that a stem is a word. English and Portuguese are treated alike, because one file often holds both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path

WORD = re.compile(r"[^\W\d_]\w*|_\w+|\d+")
TOKEN_LIMIT_BYTES = 160
_ASCII_PIECE = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_PIECE = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\dA-Za-z_]+")


def fold(text: str) -> str:
    """Lower case without accents: "Método" -> "metodo"."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).lower()


_STOP_WORDS = """
a an and are as at be been but by can could do does for from had has have if in into is it its not
now of on or our so than that the their them then there these they this those to too was we were
when which while will with would you your also instead should via per it's i my me only just some
any each other such no yes please
o os as um uma uns umas e ou de do da dos das em no na nos nas por pelo pela para pra com sem que se
ao aos à às seu sua seus suas meu minha nosso nossa ele ela eles elas este esta isso isto esse essa
aquele aquela ser foi era são está estão deve devem tem ter quando onde como mais menos já não sim
só também muito todo toda todos todas cada entre sobre até
"""
_TASK_VERBS = """
use using used make makes made add adds added adding fix fixes fixed fixing feat feature chore
refactor update updates updated pr change changes changed implement support create new bug issue
close closes resolve resolves
adicionar adicione adiciona crie criar cria novo nova corrigir corrige corrija mudar mude muda
alterar altere altera fazer faça faz implementar implemente atualizar atualize usar incluir inclua
colocar coloque quero preciso
"""

STOP = frozenset(fold(word) for word in _STOP_WORDS.split())
"""Words that carry no content in either language; folded, compared before stemming."""

VERBS = frozenset(fold(word) for word in _TASK_VERBS.split())
"""What sentences about changes are made of; they say little about where to change."""


def plain(text: str) -> str:
    """Without accents, case kept."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def split_words(identifier: str) -> list[str]:
    """`PixPayment`, `pix_payment`, `pix-payment` -> ["pix", "payment"]; folded, not stemmed."""
    return [piece.lower() for piece in _PIECE.findall(plain(identifier))]


@lru_cache(maxsize=50_000)
def key(identifier: str) -> str:
    """A name with case, accents and separators forgiven: `calc_total`, `CalcTotal` -> calctotal."""
    folded = fold(identifier).replace("_", "")
    return folded if folded.isalnum() else "".join(filter(str.isalnum, folded))


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """A folded word without its English or Portuguese inflection."""
    if len(word) <= 3 or word[0].isdigit():
        return word
    if word.endswith("oes"):
        return word[:-3] + "ao"
    if word.endswith(("agens", "igens", "ugens")):
        return word[:-2] + "m"
    if word.endswith("ies"):
        word = word[:-3] + "y"
    elif word.endswith(("ais", "eis", "ois")) and len(word) > 5:
        word = word[:-2] + "l"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: -len(ending)]
            if word[-1] == word[-2] and word[-1] not in "ls":
                word = word[:-1]
            break
    if len(word) > 4 and word.endswith("e"):
        word = word[:-1]
    return word


def terms_of(identifier: str) -> tuple[str, ...]:
    """Index terms of one identifier: its stemmed parts, and the whole where there are several."""
    return tuple(_terms_of_pieces(split_words(identifier)))


def _terms_of_pieces(pieces: list[str]) -> list[str]:
    stems = [stem(p) for p in pieces if len(p) > 1]
    if len(pieces) > 1:
        stems.append("".join(pieces))
    return stems


@lru_cache(maxsize=50_000)
def name_terms(name: str) -> frozenset[str]:
    """The stemmed parts of a name (or of a path), without the whole."""
    pieces = split_words(name)
    return frozenset(stem(p) for p in pieces if len(p) > 1) or frozenset(pieces)


class _TermCache(dict[bytes, str]):
    """token -> its terms joined by spaces. Texts repeat tokens, so this is the tokeniser."""

    LIMIT = 400_000

    def __missing__(self, token: bytes) -> str:
        if len(self) > self.LIMIT:
            self.clear()
        self[token] = joined = _joined_terms(token)
        return joined


def _joined_terms(token: bytes) -> str:
    """The terms of what stands between two spaces; the kinds that code is made of come first."""
    if len(token) > TOKEN_LIMIT_BYTES:
        return ""
    if token.isascii() and not token[:1].isdigit():
        text = token.decode()
        if text.islower() and (bare := text.replace("_", "")).isalpha():
            if bare is text:
                return stem(text) if len(text) > 1 else ""
            return " ".join(_terms_of_pieces([p for p in text.split("_") if p]))
        return " ".join(_terms_of_pieces([p.lower() for p in _ASCII_PIECE.findall(text)]))
    if token.isdigit():
        return token.decode() if len(token) > 1 else ""
    found: list[str] = []
    for word in WORD.findall(token.decode("utf-8", "replace")):
        found.extend(terms_of(word))
    return " ".join(found)


_TERMS = _TermCache()
# Everything that cannot be part of a word becomes a space. Bytes of other scripts stay, and are
# sorted out when a token is seen for the first time.
_SPACES = bytes(
    byte if byte >= 0x80 or chr(byte).isalnum() or chr(byte) in "_\n" else 0x20
    for byte in range(256)
)


def index_pieces(data: bytes, lines: int) -> list[str]:
    """The index terms of UTF-8 text, space-separated, one string for each `lines` lines."""
    rows = data.translate(_SPACES).split(b"\n")
    return [
        " ".join(map(_TERMS.__getitem__, b" ".join(rows[start : start + lines]).split()))
        for start in range(0, len(rows), lines)
    ]


def index_text(text: str) -> str:
    """The text as space-separated index terms."""
    tokens = text.encode("utf-8", "replace").translate(_SPACES).split()
    return " ".join(map(_TERMS.__getitem__, tokens))


def terms(text: str) -> list[str]:
    """Index terms of a text, in order, repeated as they occur."""
    return index_text(text).split()


class Glossary:
    """The built-in list of words, Portuguese and English, asked by stems.

    It is searched as text: that costs some microseconds a word, while reading it all into tables
    would cost every command 30 ms.
    """

    def __init__(self, text: str) -> None:
        lines = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().splitlines()
        self._text = "\n".join(("", *(line for line in lines if line[:1] != "#"), ""))
        self._found: dict[tuple[str, bool], tuple[str, ...]] = {}

    def get(self, term: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """English stems for a Portuguese one; `default` where the list has none."""
        return self._other_side(term, left=True) or default

    def portuguese(self, term: str) -> tuple[str, ...]:
        """Portuguese stems for an English one."""
        return self._other_side(term, left=False)

    def _other_side(self, term: str, *, left: bool) -> tuple[str, ...]:
        key = (term, left)
        if key not in self._found:
            others = dict.fromkeys(stem(w) for w in self._beside(term, left=left))
            self._found[key] = tuple(others)
        return self._found[key]

    def _beside(self, term: str, *, left: bool) -> Iterator[str]:
        """The words on the other side of every line where one on this side has this stem."""
        text, place = self._text, 0
        # A word begins as its stem does, but for one last letter (library, libraries).
        begins = term[:-1] if term.endswith("y") else term
        while begins and (place := text.find(begins, place + 1)) >= 0:
            if text[place - 1] not in " \n":
                continue
            stop = text.find("\n", place)
            word = text[place:stop].partition(" ")[0]
            if stem(word) == term and (text.find(" : ", place, stop) >= 0) == left:
                line = text[text.rfind("\n", 0, place) + 1 : stop]
                yield from line.split(" : ")[left].split()


@cache
def glossary() -> Glossary:
    """The list that comes with Sorte: commerce, programming, and what software is about."""
    return Glossary((Path(__file__).parent / "glossary.txt").read_text(encoding="utf-8"))


def within_one_edit(one: str, other: str) -> bool:
    """Whether one insertion, deletion, substitution or neighbouring swap turns one into the other.

    >>> within_one_edit("paymnet", "payment")
    True
    """
    if one == other:
        return True
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    shorter = min(len(one), len(other))
    while start < shorter and one[start] == other[start]:
        start += 1
    if len(one) == len(other):
        if one[start + 1 :] == other[start + 1 :]:
            return True
        swapped = one[start : start + 2][::-1]
        return swapped == other[start : start + 2] and one[start + 2 :] == other[start + 2 :]
    if len(one) > len(other):
        return one[start + 1 :] == other[start:]
    return one[start:] == other[start + 1 :]


def ngrams(pieces: Sequence[str], longest: int = 4) -> Iterable[tuple[int, str]]:
    """(words, joined key) of each run of up to `longest` neighbouring words, longest first."""
    for size in range(min(longest, len(pieces)), 0, -1):
        for start in range(len(pieces) - size + 1):
            yield size, "".join(pieces[start : start + size])
