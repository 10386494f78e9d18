"""What a sentence mentions: names, numbers, quoted text, and the new names that follow from them.

Plain text matching, no model. The result narrows the grammar before decoding, so that a model
chooses among what the user said instead of inventing. Accents, case, camelCase and snake_case, and
the plural s are forgiven.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.domain import Symbol

_QUOTED = re.compile(r"`([^`]+)`|\"([^\"]+)\"|“([^”]+)”|«([^»]+)»|(?<!\w)'([^']+)'(?!\w)")
_NUMBER = re.compile(r"(?<![\w.,])-?\d(?:[\d_.,]*\d)?(?![\w])")
_TOKEN = re.compile(r"[^\W\d][\w.]*(?:/[\w./-]+)?|[\w./-]+\.\w+")
_PIECE = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_LITERAL_NUMBER = re.compile(r"(?<![\w.])-?\d[\d_]*(?:\.\d+)?(?![\w.])")
_DOTTED = re.compile(r"\.*[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_DECLARATION = re.compile(
    r"\b[a-zA-Z_]\w*: ?(?:[A-Za-z_][\w.]*(?:\[[^\]]*\])?(?: \| )?)+"
    r"(?: ?= ?(?:\"[^\"]*\"|'[^']*'|[\w.+-]+(?:\([^)]*\))?|\[\]|\{\}|\(\)))?"
)
_TYPED = re.compile(r": ?(?:int|str|float|bool|bytes|list|dict|set|tuple|object|[A-Z])|=")
_STRING_OPENING = re.compile(r"([a-zA-Z]{0,2})([\"'])")
_LITERAL_STRING = re.compile(r"\"[^\"]*\"|'[^']*'")
PHRASE_WORDS = 3

# Words that sentences about code are made of. A symbol that bears one of these as its whole name
# counts as mentioned only when it is quoted.
_COMMON = frozenset(
    (Path(__file__).parent / "common_words.txt").read_text(encoding="utf-8").split()
)
_WORD_VALUES = {
    "true": "True", "verdadeiro": "True", "enable": "True", "enabled": "True", "on": "True",
    "ativar": "True", "ative": "True", "ligar": "True", "ligado": "True", "habilite": "True",
    "false": "False", "falso": "False", "disable": "False", "disabled": "False", "off": "False",
    "desativar": "False", "desative": "False", "desligar": "False", "desligado": "False",
    "desabilite": "False", "none": "None", "null": "None", "nulo": "None",
}  # fmt: skip


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


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def split_words(identifier: str) -> tuple[str, ...]:
    """`PixPayment`, `pix_payment`, "Pix payment" -> ("pix", "payment")."""
    return tuple(piece.lower() for piece in _PIECE.findall(_plain(identifier)))


def read_mentions(task: str) -> Mentions:
    """Everything in the sentence that could be a name or a value."""
    quoted = tuple(dict.fromkeys(next(g for g in m.groups() if g) for m in _QUOTED.finditer(task)))
    tokens = tuple(t.rstrip(".") for t in _TOKEN.findall(_plain(task)))
    code = [t for t in tokens if _looks_like_code(t)]
    code += [q for q in quoted if q.isidentifier() or _looks_like_code(q)]
    pieces = tuple(p for t in tokens for p in split_words(t))
    numbers = tuple(
        dict.fromkeys(n for m in _NUMBER.finditer(task) for n in _number_spellings(m.group()))
    )
    return Mentions(task, tokens, pieces, tuple(dict.fromkeys(code)), quoted, numbers)


def _looks_like_code(token: str) -> bool:
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


def _number_spellings(text: str) -> list[str]:
    """Python spellings of a number as people write it: `1.234,56` -> 1234.56; `1.000` -> both."""
    body = text.replace("_", "")
    if "," in body and "." in body:
        decimal = "," if body.rindex(",") > body.rindex(".") else "."
        thousands = "." if decimal == "," else ","
        return [body.replace(thousands, "").replace(decimal, ".")]
    mark = "," if "," in body else "."
    if mark not in body:
        return [body]
    whole, _, fraction = body.rpartition(mark)
    joined = body.replace(mark, "")
    if body.count(mark) > 1:
        return [joined]
    as_decimal = f"{whole}.{fraction}"
    return [joined, as_decimal] if len(fraction) == 3 else [as_decimal]


def _same_word(one: str, other: str) -> bool:
    return one == other or one.rstrip("s") == other.rstrip("s") != ""


def _occurs(words: Sequence[str], pieces: Sequence[str]) -> bool:
    span = len(words)
    return span > 0 and any(
        all(_same_word(a, b) for a, b in zip(words, pieces[i : i + span], strict=True))
        for i in range(len(pieces) - span + 1)
    )


def strength(symbol: Symbol, mentions: Mentions) -> int:
    """2: named beyond doubt (as code, quoted, or by two words and more); 1: by one word; 0: not."""
    name = symbol.name
    stem = name.rpartition(".")[0] or name if symbol.kind == "file" else name
    if name in mentions.code or name in mentions.quoted or symbol.path in mentions.code:
        return 2
    tail = symbol.qualified_name
    if tail and any(tail == c or c.endswith(f".{tail}") for c in mentions.code):
        return 2
    words = split_words(stem)
    if len(words) > 1:
        return 2 if _occurs(words, mentions.pieces) else 0
    if words and words[0] not in _COMMON and _occurs(words, mentions.pieces):
        return 1
    return 0


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
    return tuple(kept)


def narrow_patterns(symbols: Sequence[Symbol], mentions: Mentions) -> tuple[Symbol, ...]:
    """Like `narrow`, for things to build a sibling of: if none is named, those that share a word
    with the name of the new thing ("Pix Parcelado" and PixPayment, tests/test_pix.py)."""
    named = narrow(symbols, mentions)
    if len(named) < len(symbols):
        return named
    wanted = {word for phrase in phrases(mentions)[:4] for word in phrase} - _COMMON
    if not (mentions.quoted or any(t[:1].isupper() for t in mentions.tokens[1:])):
        return named
    related = tuple(s for s in symbols if wanted & set(split_words(s.name.partition(".")[0])))
    return related or named


def _owner_named(symbol: Symbol, mentions: Mentions) -> bool:
    owner = symbol.qualified_name.rpartition(".")[0].rpartition(".")[2]
    stem = symbol.path.rpartition("/")[2].rpartition(".")[0]
    return any(_occurs(split_words(part), mentions.pieces) for part in (owner, stem) if part)


def phrases(mentions: Mentions, own: Sequence[str] = ()) -> tuple[tuple[str, ...], ...]:
    """Word groups that may name something new, surest first: quoted text, else capitalised runs,
    else every group of up to three words that are not glue. `own` are the words of the name that
    is there already; it names nothing new."""
    quoted = [split_words(q) for q in mentions.quoted if len(split_words(q)) <= 5]
    if found := [q for q in quoted if q and q != tuple(own)]:
        return tuple(dict.fromkeys(found))
    runs: list[tuple[str, ...]] = []
    run: list[str] = []
    for i, token in enumerate((*mentions.tokens, "")):
        if token[:1].isupper() and (i > 0 or _looks_like_code(token)):
            run.extend(split_words(token))
        elif run:
            runs.append(tuple(run))
            run = []
    if found := [r for r in runs if r != tuple(own)]:
        return tuple(dict.fromkeys(found))
    plain = [p for p in mentions.pieces if p not in _COMMON]
    groups = (
        tuple(plain[i : i + n]) for n in range(1, PHRASE_WORDS + 1) for i in range(len(plain))
    )
    return tuple(dict.fromkeys(g for g in groups if g))


def spell(words: Sequence[str], like: str) -> str:
    """Words as one identifier in the style of `like`: PascalCase, UPPER_CASE or snake_case."""
    if like.isupper():
        return "_".join(words).upper()
    if like[:1].isupper():
        return "".join(w[:1].upper() + w[1:] for w in words)
    if "_" not in like and re.search(r"[a-z][A-Z]", like):
        return words[0] + "".join(w[:1].upper() + w[1:] for w in words[1:])
    return "_".join(words)


def new_names(
    pattern: str, mentions: Mentions, taken: Iterable[str] = (), family: Sequence[str] = ()
) -> tuple[str, ...]:
    """Names for a sibling of `pattern`: each phrase in its place of the pattern's words.

    `PixPayment` and "Boleto" give BoletoPayment, PixBoleto and Boleto. A word that phrase and
    pattern share is replaced, not repeated; a last word that the `family` (names of the same kind)
    shares with the pattern stays. Names that the sentence writes as code come alone.
    """
    taken = {*taken, pattern}
    written = [c for c in mentions.code if c.isidentifier() and c not in taken]
    if written:
        return tuple(written)
    words = split_words(pattern)
    kept = _family_words(words, family)
    spelled = [
        spell((*words[:i], *phrase, *words[j:]), pattern)
        for phrase in phrases(mentions, words)
        for i, j in _places(words[: len(words) - kept] if kept else words, phrase)
    ]
    fresh = [n for n in dict.fromkeys(spelled) if n.isidentifier() and n not in taken]
    return tuple(n for n in fresh if len(set(split_words(n))) == len(split_words(n)))


def _family_words(words: Sequence[str], family: Sequence[str]) -> int:
    """How many last words the pattern shares with others of its family (0: none)."""
    others = [split_words(name) for name in family]
    others = [o for o in others if o and o != tuple(words) and o[-1:] == tuple(words[-1:])]
    count = 0
    while len(others) > 1 and count + 1 < len(words):
        count += 1
        same = [o for o in others if o[-count:] == tuple(words[-count:]) and len(o) > count]
        if len(same) < 2:
            return count - 1
        others = same
    return count


def _places(words: Sequence[str], phrase: Sequence[str]) -> Iterable[tuple[int, int]]:
    """Which words [i, j) of a name the phrase may take the place of."""
    shared = [k for k, word in enumerate(words) if word in phrase]
    for i in range(len(words)):
        for j in range(i + 1, len(words) + 1):
            if not shared or (i <= shared[0] and shared[-1] < j):
                yield i, j


def renamings(symbol: Symbol, mentions: Mentions, taken: Iterable[str] = ()) -> tuple[str, ...]:
    """New names the sentence may mean for `symbol`: code-like tokens, else its words joined."""
    taken = {*taken, symbol.name}
    code = [c.rpartition(".")[2] for c in mentions.code]
    fresh = [c for c in dict.fromkeys(code) if c.isidentifier() and c not in taken]
    if fresh:
        return tuple(fresh)
    own = set(split_words(symbol.name))
    single = [t for t in mentions.tokens if t.isidentifier() and fold(t) not in _COMMON]
    joined = [spell(p, symbol.name) for p in phrases(mentions) if not set(p) <= own]
    names = dict.fromkeys([*single, *joined])
    return tuple(n for n in names if n.isidentifier() and n not in taken)


def new_paths(pattern: str, mentions: Mentions) -> tuple[str, ...]:
    """Paths for a sibling file of `pattern`, in the same folder unless the sentence names one."""
    written = [c for c in (*mentions.code, *mentions.quoted) if "/" in c and "." in c]
    folder, _, base = pattern.rpartition("/")
    stem, dot, suffix = base.partition(".")
    # A test is found by its name: the word that makes it one stays.
    before, after = ("test_" * stem.startswith("test_"), "_test" * stem.endswith("_test"))
    core = stem.removeprefix(before).removesuffix(after) or stem
    names = [f"{before}{name}{after}" for name in new_names(core, mentions)]
    beside = [f"{folder}/{n}{dot}{suffix}" if folder else f"{n}{dot}{suffix}" for n in names]
    return tuple(p for p in dict.fromkeys([*written, *beside]) if p != pattern)


def values(current: str, mentions: Mentions) -> tuple[str, ...]:
    """Expressions the sentence may mean for something that is now `current`.

    Numbers and quoted text take the place of the literal inside the present expression, so that
    `Decimal("10.00")` and "300" give `Decimal("300.00")`. Empty: the sentence names no value.
    """
    found: list[str] = []
    literal = _LITERAL_NUMBER.search(current)
    inner = re.search(r"(?<=[\"'])-?\d[\d_]*(?:\.\d+)?(?=[\"'])", current)
    for number in mentions.numbers:
        for place in (inner, literal):
            if place is not None:
                found.append(_put(current, place, _same_decimals(number, place.group())))
        found.append(number)
    text = _LITERAL_STRING.search(current)
    for quoted in mentions.quoted:
        if text is not None:
            mark = text.group()[0]
            found.append(_put(current, text, f"{mark}{quoted}{mark}"))
        found.append(f'"{quoted}"')
    found += [_WORD_VALUES[p] for p in mentions.pieces if p in _WORD_VALUES]
    found += [c for c in mentions.code if c.isidentifier()]
    return tuple(dict.fromkeys(v for v in found if "\n" not in v))


def _put(text: str, place: re.Match[str], new: str) -> str:
    return text[: place.start()] + new + text[place.end() :]


def _same_decimals(number: str, like: str) -> str:
    wanted = len(like.partition(".")[2])
    whole, _, fraction = number.partition(".")
    return f"{whole}.{fraction.ljust(wanted, '0')}" if wanted > len(fraction) else number


def keys(existing: Sequence[str], mentions: Mentions, own: str = "") -> tuple[str, ...]:
    """Key expressions for a new entry, in the manner of the existing ones (`"pix"`).

    `own` is the name of the collection; it is no key of its own.
    """
    if existing and all(_LITERAL_NUMBER.fullmatch(e) for e in existing):
        return mentions.numbers
    opening = _STRING_OPENING.match(existing[0]) if existing else None
    mark = opening[2] if opening else '"'
    prefix = opening[1] if opening else ""
    manner = _manner([_unquoted(e) for e in existing])
    written = [*mentions.quoted, *(c for c in mentions.code if c.isidentifier() and c != own)]
    named = phrases(mentions, split_words(own))
    spelled = [text for phrase in named for text in _spellings(phrase)]
    fitting = [t for t in written if existing and manner.fullmatch(t)]
    fitting = fitting or [t for t in (*spelled, *written) if manner.fullmatch(t)]
    spelled = fitting or [*spelled, *written]
    texts = [f"{prefix}{mark}{t}{mark}" for t in dict.fromkeys(spelled) if mark not in t]
    return tuple(texts) if existing else (*texts, *mentions.numbers)


def _spellings(phrase: Sequence[str]) -> list[str]:
    """The ways a phrase stands in text: snake_case, kebab-case, words, joined, upper, titles."""
    joined = [mark.join(phrase) for mark in ("_", "-", " ")]
    titles = [w.capitalize() for w in phrase]
    return [*joined, *(j.upper() for j in joined), " ".join(titles), "".join(titles)]


_MANNERS = tuple(
    re.compile(pattern)
    for pattern in (
        r"[a-z0-9_]+",
        r"[A-Z0-9_]+",
        r"[a-z0-9-]+",
        r"[a-z0-9 ]+",
        r"[A-Z][a-z]\w*( \w+)*",
    )
)


def _manner(texts: Sequence[str]) -> re.Pattern[str]:
    """The narrowest manner of writing that all the texts share."""
    fitting = (m for m in _MANNERS if texts and all(m.fullmatch(t) for t in texts))
    return next(fitting, re.compile(r".*"))


def _unquoted(expression: str) -> str:
    opening = _STRING_OPENING.match(expression)
    return expression[opening.end() : -1] if opening else expression


def declarations(mentions: Mentions) -> tuple[str, ...]:
    """Parameters that the sentence declares in code: `timeout: float = 30.0`, as written."""
    found = (" ".join(m.group().split()) for m in _DECLARATION.finditer(mentions.text))
    return tuple(dict.fromkeys(d.rstrip(".,;") for d in found if _TYPED.search(d)))


def importable(mentions: Mentions) -> tuple[str, ...]:
    """Words of the sentence that can be modules or names of an import."""
    words = (t for t in (*mentions.tokens, *mentions.quoted) if _DOTTED.fullmatch(t))
    return tuple(dict.fromkeys(w for w in words if fold(w) not in _COMMON))
