"""What a sentence mentions: names, numbers, values, quoted text.

Plain text matching, no model. The result narrows the grammar before decoding, so that a model
chooses among what the user said instead of inventing. Accents, case, camelCase and snake_case,
endings, a slip of the finger, and the other language are forgiven. `naming` has the new names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.agent.stated_numbers import TICKET, number_spellings
from sorte_cli.agent.stated_numbers import figures_in as figures_in
from sorte_cli.agent.stated_numbers import numbers_in as numbers_in
from sorte_cli.context.words import glossary, stem, within_one_edit
from sorte_cli.domain import Symbol

_QUOTED = re.compile(r"`([^`]+)`|\"([^\"]+)\"|“([^”]+)”|«([^»]+)»|(?<!\w)'([^']+)'(?!\w)")
_TOKEN = re.compile(r"[^\W\d][\w.]*(?:/[\w./-]+)?|[\w./-]+\.\w+")
_PIECE = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_LITERAL_NUMBER = re.compile(r"(?<![\w.])-?\d[\d_]*(?:\.\d+)?(?![\w.])")
_DOTTED = re.compile(r"\.*[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_DECLARATION = re.compile(
    r"\b[a-zA-Z_]\w*: ?(?:[A-Za-z_][\w.]*(?:\[[^\]]*\])?(?: \| )?)+"
    r"(?: ?= ?(?:\"[^\"]*\"|'[^']*'|[\w.+-]+(?:\([^)]*\))?|\[\]|\{\}|\(\)))?"
)
_TYPED = re.compile(r": ?(?:int|str|float|bool|bytes|list|dict|set|tuple|object|[A-Z])|=")
_LITERAL = re.compile(r"-?\d[\d_.]*|[\"'].*[\"']|\w+\([\"']?[^()]*[\"']?\)")
_LITERAL_STRING = re.compile(r"\"[^\"]*\"|'[^']*'")

_AS = re.compile(r"([\w.]+)[`\"']?\s+(?:as|como)\s+[`\"']?([A-Za-z_]\w*)")

# Words that sentences about code are made of. A symbol that bears one of these as its whole name
# counts as mentioned only when it is quoted.
COMMON = frozenset((Path(__file__).parent / "common_words.txt").read_text(encoding="utf-8").split())
_WORD_VALUES = {
    word: value
    for value, said in {
        "True": """true verdadeiro enable enabled enabling activate active on yes ativar ativa ative
            ativo ativado ligar liga ligue ligado ligada habilite habilitado libera libere
            liberar liberado permita permite""",
        "False": """false falso disable disabled deactivate inactive off no stop desativar desativa
            desative desativado desligar desliga desligue desligado desligada desabilite chega""",
        "None": "none null nulo",
    }.items()
    for word in said.split()
}


@dataclass(frozen=True, slots=True)
class Mentions:
    """What a task says, in the order it says it.

    `text`: the task; `tokens`: words and code-like tokens as written; `pieces`: all of them split
    at case and underscores, folded; `code`: tokens that can only be code; `quoted`: text between
    quotes or backticks; `numbers`: Python spellings of the numbers.
    """

    text: str
    tokens: tuple[str, ...]
    pieces: tuple[str, ...]
    code: tuple[str, ...]
    quoted: tuple[str, ...]
    numbers: tuple[str, ...]


def fold(text: str) -> str:
    """Lower case without accents: "Método" -> "metodo"."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).lower()


def plain(text: str) -> str:
    """Without accents, case kept."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def split_words(identifier: str) -> tuple[str, ...]:
    """`PixPayment`, `pix_payment`, "Pix payment" -> ("pix", "payment")."""
    return tuple(piece.lower() for piece in _PIECE.findall(plain(identifier)))


def read_mentions(task: str) -> Mentions:
    """Everything in the sentence that could be a name or a value."""
    quoted = tuple(dict.fromkeys(next(g for g in m.groups() if g) for m in _QUOTED.finditer(task)))
    tokens = tuple(t.rstrip(".") for t in _TOKEN.findall(TICKET.sub(" ", plain(task))))
    code = [t for t in tokens if looks_like_code(t)]
    code += [q for q in quoted if q.isidentifier() or looks_like_code(q)]
    pieces = tuple(p for t in tokens for p in split_words(t))
    said = numbers_in(task)
    numbers = tuple(dict.fromkeys(n for spellings in said for n in spellings))
    return Mentions(task, tokens, pieces, tuple(dict.fromkeys(code)), quoted, numbers)


_MONEY = re.compile(
    r"(?:R\$|US\$|\$|€|£)\s*(\d[\d.,]*)|(\d[\d.,]*)\s*(?:reais|dollars|dolares|euros?)\b",
    re.IGNORECASE,
)


def amounts_of_money(mentions: Mentions) -> frozenset[str]:
    """The Python spellings of the amounts that bear a currency."""
    said = (m[1] or m[2] for m in _MONEY.finditer(mentions.text))
    spelled = {s for text in said for s in number_spellings(text.rstrip(".,"))}
    return frozenset(spelled | {s.partition(".")[0] for s in spelled})


def looks_like_code(token: str) -> bool:
    if " " in token or not any(c.isalpha() for c in token):
        return False
    inner_capital = bool(re.search(r"[a-z0-9][A-Z]", token))
    return (
        "_" in token
        or inner_capital
        or "/" in token
        or "." in token.strip(".")
        or (token.isupper() and len(token) > 2)
    )


def same_word(one: str, other: str) -> bool:
    return one == other or one.rstrip("s") == other.rstrip("s") != ""


def occurs(words: Sequence[str], pieces: Sequence[str]) -> bool:
    """Whether the words stand in a row among the pieces, plural or singular."""
    span = len(words)
    return span > 0 and any(
        all(same_word(a, b) for a, b in zip(words, pieces[i : i + span], strict=True))
        for i in range(len(pieces) - span + 1)
    )


EXACT, DESCRIBED, WORD, PARTLY, TRANSLATED = 6, 4, 3, 2, 1
SLIP_LENGTH = 5
_ABBREVIATED = {
    "maximum": "max", "minimum": "min", "maximo": "max", "minimo": "min", "number": "num",
    "image": "img", "configuration": "cfg", "config": "cfg", "message": "msg", "amount": "amt",
    "quantity": "qty", "percent": "pct", "address": "addr", "calculation": "calc",
    "calculate": "calc", "directory": "dir", "information": "info", "padrao": "default",
    "temporary": "tmp", "gratis": "free", "gratuito": "free", "diaria": "daily", "diario": "daily",
    "mensal": "monthly",
}  # fmt: skip


def strength(symbol: Symbol, mentions: Mentions) -> int:
    """How surely the sentence names the symbol, 0 to EXACT.

    EXACT: as code, quoted, or by all of two words and more; DESCRIBED: with a slip of the finger,
    or by its content words in any order ("the maximum number of lines"); WORD: by its only word;
    PARTLY: by most of its words, or by its file; TRANSLATED: by its only word, said in the other
    language.
    """
    name = symbol.name
    stem_ = name.rpartition(".")[0] or name if symbol.kind == "file" else name
    if name in mentions.code or name in mentions.quoted:
        return EXACT
    in_file = symbol.path in mentions.code or symbol.path in mentions.quoted
    if in_file and symbol.kind == "file":
        return EXACT
    tail = symbol.qualified_name
    if tail and any(tail == c or c.endswith(f".{tail}") for c in mentions.code):
        return EXACT
    words = split_words(stem_)
    spoken = _spoken_pieces(words, mentions)
    if len(words) > 1 and occurs(words, spoken):
        return EXACT
    if len(words) == 1 and words[0] not in COMMON and occurs(words, spoken):
        return WORD
    if symbol.kind != "file" and _slipped(stem_, mentions):
        return DESCRIBED
    described = _description(words, spoken) if symbol.kind != "file" else 0
    return max(described, PARTLY if in_file else 0)


def _slipped(name: str, mentions: Mentions) -> bool:
    """Whether a word that is nothing else is the name but for one letter."""
    folded = fold(name)
    if len(folded) <= SLIP_LENGTH:
        return False
    before = ("", *mentions.tokens)
    return any(
        len(t) >= SLIP_LENGTH and within_one_edit(fold(t), folded) and fold(b) not in _NEW_AFTER
        for b, t in zip(before, mentions.tokens, strict=False)
    )


def is_slip(said: str, name: str) -> bool:
    """Whether a written name is another but for a slip of the finger: one letter wrong, or two
    that changed places."""
    one, other = fold(said), fold(name)
    if one == other or len(one) <= SLIP_LENGTH:
        return False
    return within_one_edit(one, other) or (len(one) == len(other) and sorted(one) == sorted(other))


# What follows these is a new name, and no slip for an old one: "rename stock to in_stock".
_NEW_AFTER = {"to", "into", "as", "para", "pra", "por", "called", "named", "chamado", "chamada"}


def _said_stems(pieces: Sequence[str]) -> frozenset[str]:
    """Stems of the sentence's words, and of what they mean in the other language."""
    words = glossary()
    found: set[str] = set()
    for piece in pieces:
        own = stem(piece)
        found |= {own, *words.get(own), *words.portuguese(own)}
        if piece in _ABBREVIATED:
            found.add(_ABBREVIATED[piece])
    return frozenset(found)


def _spoken_pieces(words: Sequence[str], mentions: Mentions) -> tuple[str, ...]:
    """The pieces of the sentence without those of longer identifiers that hold these words:
    `want_bytes_maybe` is another name than `want_bytes`."""
    if not mentions.code:
        return mentions.pieces
    found: list[str] = []
    for token in mentions.tokens:
        own = split_words(token)
        longer = len(own) > len(words) and token.isidentifier() and token in mentions.code
        found += ["/"] if longer and occurs(words, own) else own
    return tuple(found)


def _description(words: Sequence[str], pieces: Sequence[str]) -> int:
    content = [w for w in words if w not in _NAME_GLUE]
    said = _said_stems(pieces)
    met = sum(stem(w) in said or w in said for w in content)
    if met == len(content) > 1:
        return DESCRIBED
    if met >= 2:
        return PARTLY
    return TRANSLATED if met == len(content) == 1 and content[0] not in COMMON else 0


_NAME_GLUE = {
    "a", "and", "at", "by", "do", "for", "from", "get", "in", "is", "of", "on", "or", "per", "set",
    "the", "to", "with",
}  # fmt: skip


def narrow(symbols: Sequence[Symbol], mentions: Mentions) -> tuple[Symbol, ...]:
    """The symbols the sentence names, strongest evidence only; all of them if it names none.

    Of symbols with the same name, those whose class or module is named too come alone.
    """
    graded = [(strength(s, mentions), s) for s in symbols]
    best = max((g for g, _ in graded), default=0)
    if best == 0:
        return tuple(symbols)
    named = [s for g, s in graded if g == best]
    kept: list[Symbol] = []
    for symbol in named:
        twins = [t for t in named if t.name == symbol.name]
        owned = [t for t in twins if _owner_named(t, mentions)]
        if symbol in (owned or twins):
            kept.append(symbol)
    # "pop of Queue" speaks of the member, "the class Queue and its pop" of both.
    owners = {s.address.rpartition(".")[0] for s in kept if s.kind in ("method", "field")}
    if not re.search(r"\bclasse?\b", fold(mentions.text)):
        kept = [s for s in kept if s.address not in owners]
    return tuple(kept)


def _owner_named(symbol: Symbol, mentions: Mentions) -> bool:
    owner = symbol.qualified_name.rpartition(".")[0].rpartition(".")[2]
    stem = symbol.path.rpartition("/")[2].rpartition(".")[0]
    return any(occurs(split_words(part), mentions.pieces) for part in (owner, stem) if part)


def values(current: str, mentions: Mentions, own: Sequence[str] = ()) -> tuple[str, ...]:
    """Expressions the sentence may mean for something that is now `current`.

    Numbers and quoted text take the place of the literal inside the present expression, so that
    `Decimal("10.00")` and "300" give `Decimal("300.00")`. `own` are names that are no values.
    Empty: the sentence names no value.
    """
    found = number_values(current, mentions)
    texts = _text_values(current, mentions, own)
    if found and _LITERAL_NUMBER.fullmatch(current):
        texts = []  # a number does not become a text where a number is said
    if texts and mentions.quoted and _LITERAL_STRING.fullmatch(current):
        found = []
    found += texts
    if current in ("True", "False", "None") or not found:
        found += [_WORD_VALUES[p] for p in mentions.pieces if p in _WORD_VALUES]
    if not (found and _LITERAL.fullmatch(current)):
        found += [c for c in mentions.code if _DOTTED.fullmatch(c)]
    return tuple(dict.fromkeys(v for v in found if "\n" not in v))


def number_values(current: str, mentions: Mentions) -> list[str]:
    """The sentence's numbers in the place and the form of the present one."""
    literal = _LITERAL_NUMBER.search(current)
    decimals = len(literal.group().partition(".")[2]) if literal else 0
    said = [n for n in mentions.numbers if not _is_thousands(n, mentions.numbers, decimals)]
    said = [n for n in said if not _is_other_reading(n, said, decimals)]
    inner = re.search(r"(?<=[\"'])-?\d[\d_]*(?:\.\d+)?(?=[\"'])", current)
    places = [place for place in (inner, literal) if place is not None]
    return [
        _put(current, place, _same_decimals(number, place.group()))
        for number in said
        for place in places
    ] or said


def _is_thousands(number: str, others: Sequence[str], decimals: int) -> bool:
    """Whether "1.200" is how a thousand and more is written, where nothing has three decimals."""
    whole, _, fraction = number.partition(".")
    return len(fraction) == 3 and decimals != 3 and whole + fraction in others


def _is_other_reading(number: str, others: Sequence[str], decimals: int) -> bool:
    """Whether the number is that of "four fifty" (450 or 4.50) which the present one is not like:
    a price has cents."""
    whole, _, cents = number.partition(".")
    if cents:
        return not decimals and len(cents) == 2 and whole + cents in others
    return decimals > 0 and f"{number[:-2]}.{number[-2:]}" in others


def _text_values(current: str, mentions: Mentions, own: Sequence[str]) -> list[str]:
    """Quoted texts; for a text without any quoted one, the words that are no glue."""
    quoted = [q for q in mentions.quoted if q not in own]
    place = _LITERAL_STRING.search(current)
    if place is None:
        return [f'"{text}"' for text in quoted]
    if not quoted and _LITERAL_NUMBER.fullmatch(place.group()[1:-1]):
        return []
    mark = place.group()[0]
    texts = quoted
    if not texts:
        words = [w.rstrip(".,;:!?") for w in mentions.text.split()]
        texts = [w for w in words if w and fold(w) not in COMMON and w not in own]
    return [_put(current, place, f"{mark}{t}{mark}") for t in texts if mark not in t]


def _put(text: str, place: re.Match[str], new: str) -> str:
    return text[: place.start()] + new + text[place.end() :]


def _same_decimals(number: str, like: str) -> str:
    """The number with as many decimals as another, where nothing is lost by it."""
    wanted = len(like.partition(".")[2])
    whole, _, fraction = number.partition(".")
    while len(fraction) > wanted and fraction.endswith("0"):
        fraction = fraction[:-1]
    fraction = fraction.ljust(wanted, "0")
    return f"{whole}.{fraction}" if fraction else whole


def declarations(mentions: Mentions) -> tuple[str, ...]:
    """Parameters that the sentence declares in code: `timeout: float = 30.0`, as written."""
    found = (" ".join(m.group().split()) for m in _DECLARATION.finditer(mentions.text))
    named = (d for d in found if "=" in d or fold(d.partition(":")[0]) not in COMMON)
    return tuple(dict.fromkeys(d.rstrip(".,;") for d in named if _TYPED.search(d)))


def alias(mentions: Mentions) -> str:
    """The name that an import is to have here: "numpy as np"."""
    for match in re.finditer(
        r"([\w.]+)[`\"']?\s+(?:as|como)\s+[`\"']?([A-Za-z_]\w*)", mentions.text
    ):
        if not {fold(match[1]), fold(match[2])} & COMMON:
            return match[2]
    return ""


def importable(mentions: Mentions) -> tuple[str, ...]:
    """Words of the sentence that can be modules or names of an import."""
    words = [t for t in (*mentions.tokens, *mentions.quoted) if _DOTTED.fullmatch(t)]
    after = {b for a, b in zip(mentions.tokens, mentions.tokens[1:], strict=False) if _imports(a)}
    words = [w for w in words if len(w) > 1 or w in after or w.isupper()]
    return tuple(dict.fromkeys(w for w in words if fold(w) not in COMMON or w in after))


def _imports(word: str) -> bool:
    return fold(word).startswith("import") or fold(word) in ("from", "de", "as", "como")
