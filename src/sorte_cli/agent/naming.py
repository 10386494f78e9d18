"""Names for new things: which words of a sentence name them, and in what manner they are spelled.

Pure text; `families` has what follows from the names that are there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sorte_cli.agent.grounding import (
    COMMON,
    Mentions,
    fold,
    is_slip,
    occurs,
    plain,
    read_mentions,
    split_words,
)
from sorte_cli.context.words import stem
from sorte_cli.domain import Symbol

PHRASE_WORDS = 3
QUOTED_WORDS = 5
PHRASES_LIMIT = 24
_RUN = re.compile(r"[A-Z][\w'-]*(?![\w$])(?: +[A-Z][\w'-]*(?![\w$]))*")
CAMEL = re.compile(r"[a-z][A-Z]|_")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;]\s+|^\W+)$")
NAME = re.compile(r"[A-Za-z_]\w*")
_FILE = re.compile(r"[\w./-]*\w\.[A-Za-z]{1,5}")
# What a new name follows: "rename it to x", "chame de x".
_CUES = {
    "to", "into", "as", "call", "called", "named", "use", "with", "para", "pra", "por", "como",
    "chame", "chama", "chamar", "chamado", "chamada", "usa", "usar", "bota", "poe", "nome", "name",
}  # fmt: skip


# "to x" at the end, or before what cannot belong to the name.
_PLAINLY = re.compile(
    r"\b(?:to|into|called|named|para|pra|por|chamar|como) [`\"']?([A-Za-z_]\w*)[`\"']?"
    r"(?=\s*$|[.,;!?]|"
    r"\s(?:and|e|please|thanks|por favor|everywhere|throughout|instead|obrigad[oa]|in|em|na|no)\b)"
)


def spell(words: Sequence[str], like: str) -> str:
    """Words as one identifier in the style of `like`: PascalCase, UPPER_CASE or snake_case."""
    if like.isupper():
        return "_".join(words).upper()
    if like[:1].isupper():
        return "".join(w[:1].upper() + w[1:] for w in words)
    if "_" not in like and re.search(r"[a-z][A-Z]", like):
        return words[0] + "".join(w[:1].upper() + w[1:] for w in words[1:])
    return "_".join(words)


def known_names(symbols: Iterable[Symbol]) -> frozenset[str]:
    """Every name that is there already: symbols, owners, files, members of collections, bases."""
    found: set[str] = set()
    for symbol in symbols:
        found |= {symbol.name, symbol.path, symbol.path.rpartition("/")[2], symbol.address}
        found |= {symbol.qualified_name, *symbol.qualified_name.split(".")}
        if symbol.kind in ("class", "constant"):
            found |= set(NAME.findall(unquote(symbol.detail)))
    return frozenset(found - {""})


def unquote(text: str) -> str:
    return re.sub(r"\"[^\"]*\"|'[^']*'", "", text)


def phrases(mentions: Mentions, known: Iterable[str] = ()) -> tuple[tuple[str, ...], ...]:
    """Word groups that may name something new: quoted texts, capitalised runs and code-like words
    that are not `known`; where there are none, every group of up to three words that are no glue.
    """
    known = {*known}
    old = {split_words(name) for name in known if "." not in name}
    sure: list[tuple[str, ...]] = []
    for quoted in mentions.quoted:
        words = split_words(quoted)
        if quoted not in known and 0 < len(words) <= QUOTED_WORDS and not _is_path(quoted):
            sure.append(words)
    sure += runs(mentions, known)
    sure += [split_words(c) for c in mentions.code if c.isidentifier() and c not in known]
    fresh = [w for w in dict.fromkeys(sure) if w and w not in old]
    if fresh:
        return tuple(fresh[:PHRASES_LIMIT])
    glue = [p for p in mentions.pieces if p not in COMMON]
    groups = (tuple(glue[i : i + n]) for n in range(1, PHRASE_WORDS + 1) for i in range(len(glue)))
    return tuple(dict.fromkeys(g for g in groups if g and g not in old))


_VALUE_QUOTED = re.compile(
    r"\b(?:label\w*|titled?|caption\w*|shown as|displayed as|extension|separat\w+|delimit\w+|"
    r"suffix|descri\w+|r[oó]tulo|t[ií]tulo|extens[aã]o|texto|mostrad[oa] como|"
    r"exibid[oa] como|arquivos?|files?)(?: (?:with|com|de|por|as|como))?:? "
    r"(?P<mark>[`\"'])(?:(?!(?P=mark)).)+(?P=mark)|"
    r"(?P<dot>[`\"'])\.\w+(?P=dot)",
    re.IGNORECASE,
)


def without_values(mentions: Mentions) -> Mentions:
    """The sentence without the quoted texts that are labels, extensions and the like."""
    text = _VALUE_QUOTED.sub(" ", mentions.text)
    return mentions if text == mentions.text else read_mentions(text)


def quoted_names(mentions: Mentions, known: Iterable[str]) -> list[tuple[str, ...]]:
    """The words of the quoted texts that may name something new."""
    there = [{*split_words(name)} for name in {*known}]
    found = [split_words(q) for q in mentions.quoted if not _is_path(q)]
    return [w for w in found if 0 < len(w) <= QUOTED_WORDS and not any({*w} <= t for t in there)]


def _is_path(text: str) -> bool:
    return bool("/" in text or _FILE.fullmatch(text))


def runs(mentions: Mentions, known: set[str]) -> list[tuple[str, ...]]:
    """Capitalised words in a row. The first word of a sentence counts only with company."""
    text = plain(mentions.text)
    found: list[tuple[str, ...]] = []
    alone: list[tuple[str, ...]] = []
    for match in _RUN.finditer(text):
        words = match.group().split()
        if _SENTENCE_START.search(text[: match.start()]):
            if len(words) > 1:
                found.append(tuple(p for w in words for p in split_words(w)))
            elif not (words[0] in known or fold(words[0]) in COMMON):
                (found if text[: match.start()].strip() else alone).append(split_words(words[0]))
            words = words[1:]
        run = [w for w in words if w not in known]
        if run and fold(run[0]) not in COMMON:
            found.append(tuple(p for w in run for p in split_words(w)))
    # "Users want WhatsApp too": where another word has a capital, the first one means nothing.
    return found or alone


# ---------------------------------------------------------------- new names for old things


_NO_NEW_NAMES = COMMON | {"true", "false", "none", "null", "verdadeiro", "falso", "nulo"}


def renamings(
    symbol: Symbol, mentions: Mentions, taken: Iterable[str] = (), known: Iterable[str] = ()
) -> tuple[str, ...]:
    """New names the sentence may mean for `symbol`: code-like words and words after "to", "call",
    "para"...; else single words and groups of words, spelled as `symbol` is."""
    taken = {*taken, *known, symbol.name}
    plainly = [m for m in _PLAINLY.findall(plain(mentions.text)) if fold(m) not in _NO_NEW_NAMES]
    if len(plainly) == 1 and plainly[0].isidentifier() and plainly[0] not in taken:
        return tuple(plainly)
    code = [c for c in mentions.code if c.isidentifier() and c not in taken]
    cued = [t for t in _cued(mentions) if t not in taken]
    code = [c for c in code if not is_slip(c, symbol.name)] or ([] if cued else code)
    if code:
        return tuple(dict.fromkeys([*code, *cued]))
    own = set(split_words(symbol.name))
    single = [t for t in mentions.tokens if t.isidentifier() and fold(t) not in COMMON]
    # Words of one name stand together: "summary is more of a describe" has no summary_describe.
    groups = [p for p in phrases(mentions, taken) if occurs(p, mentions.pieces)]
    joined = [spell(p, symbol.name) for p in groups if not set(p) <= own]
    names = dict.fromkeys([*single, *joined, *cued])
    return tuple(n for n in names if n.isidentifier() and n not in taken)


def _cued(mentions: Mentions) -> list[str]:
    """Single words that follow a word such as "to"."""
    found: list[str] = []
    for before, token in zip(mentions.tokens, mentions.tokens[1:], strict=False):
        if fold(before) in _CUES and token.isidentifier() and fold(token) not in COMMON:
            found.append(token)
    return found


# ---------------------------------------------------------------- keys and elements

_STRING_OPENING = re.compile(r"([a-zA-Z]{0,2})([\"'])")
_LITERAL_NUMBER = re.compile(r"-?\d[\d_]*(?:\.\d+)?")
_WORDS_AS_WRITTEN = re.compile(r"[^\s,;\"'`“”«»()\[\]{}]+")
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


def keys(
    existing: Sequence[str],
    mentions: Mentions,
    own: str = "",
    known: Iterable[str] = (),
    core: Sequence[str] = (),
    more: Sequence[str] = (),
) -> tuple[str, ...]:
    """Key expressions for a new entry, in the manner of the existing ones (`"pix"`).

    `own` is the name of the collection; it is no key of its own. Texts that the sentence quotes,
    and words written with marks inside (`text/csv`, `io.path`), may stand as they are. `core`
    are the words of what was made for the entry: then the key is these, in the others' manner, or
    one of the texts `more`, if it is in their manner.
    """
    if existing and all(_LITERAL_NUMBER.fullmatch(e) for e in existing):
        return mentions.numbers
    prefix, mark = _quotation(existing)
    inside = [_unquoted(e) for e in existing]
    manner = _manner(inside)
    joined = _are_joined(inside, known)
    own_keys = [t for t in _spellings(core, joined) if manner.fullmatch(t)] if core else []
    own_keys += [t for t in more if manner.fullmatch(t)] if core else []
    texts = _not_of(own, spoken_texts(mentions, own, known), mentions)
    spelled = [t for p in phrases(mentions, (*known, own)) for t in _spellings(p, joined)]
    fitting = [t for t in texts if manner.fullmatch(t)]
    fitting = fitting or [t for t in spelled if manner.fullmatch(t)]
    said = [*mentions.quoted, *_marked(mentions, {*known, own})]
    more = [t for t in texts if t in said] if fitting else texts
    chosen = own_keys or ([*fitting, *more] if existing else [*spelled, *texts])
    chosen = [t for t in chosen if t in said or not _is_about(t, own)] or chosen
    found = [f"{prefix}{mark}{t}{mark}" for t in dict.fromkeys(chosen) if mark not in t]
    return tuple(found) if existing else (*found, *mentions.numbers)


def written_like(
    existing: Sequence[str], texts: Sequence[str], *, in_any_manner: bool = False
) -> tuple[str, ...]:
    """Texts as key expressions in the quotes and, unless in any, in the manner of the `existing`
    ones; () where these are no texts."""
    if not all(_STRING_OPENING.match(e) for e in existing):
        return ()
    prefix, mark = _quotation(existing)
    manner = _manner([_unquoted(e) for e in existing])
    fitting = [t for t in texts if mark not in t and (in_any_manner or manner.fullmatch(t))]
    return tuple(f"{prefix}{mark}{t}{mark}" for t in fitting)


def _quotation(existing: Sequence[str]) -> tuple[str, str]:
    """(prefix, quotation mark) of the first of some expressions."""
    opening = _STRING_OPENING.match(existing[0]) if existing else None
    return (opening[1], opening[2]) if opening else ("", '"')


# What sentences about entries are made of.
_OF_ENTRIES = {
    "alias", "apelido", "text", "texto", "label", "rotulo", "key", "chave", "value", "valor",
    "table", "tabela", "entry", "entrada", "counts", "vale", "valendo", "worth",
}  # fmt: skip


def _is_about(text: str, own: str) -> bool:
    """Whether a word tells of the collection, and is hardly what goes into it: "hotfix is a
    protected branch" for PROTECTED_BRANCHES."""
    word = fold(text)
    return word in _OF_ENTRIES or stem(word) in {stem(w) for w in split_words(own)}


def _not_of(own: str, texts: Sequence[str], mentions: Mentions) -> tuple[str, ...]:
    """Without the collection's own name and the words of it: "the status paid in STATUS_LABELS"."""
    words = {w.rstrip("s") for w in split_words(own)}
    kept = [t for t in texts if t in mentions.quoted or fold(t).rstrip("s") not in words]
    return tuple(t for t in kept if t != own) or tuple(texts)


def spoken_texts(mentions: Mentions, own: str = "", known: Iterable[str] = ()) -> tuple[str, ...]:
    """Texts that the sentence gives as they are: quoted ones, else words that are no glue."""
    if mentions.quoted:
        marked = _marked(mentions, {*known, own})
        return tuple(dict.fromkeys([*(q for q in mentions.quoted if q != own), *marked]))
    skip = {*known, own}
    raw = [w.rstrip(".:!?") for w in _WORDS_AS_WRITTEN.findall(mentions.text)]
    return tuple(dict.fromkeys(w for w in raw if w and w not in skip and fold(w) not in COMMON))


def _marked(mentions: Mentions, skip: set[str]) -> list[str]:
    """Words with a slash, a dot, a hyphen or an underscore inside, as written."""
    raw = [w.rstrip(".:!?") for w in _WORDS_AS_WRITTEN.findall(mentions.text)]
    return [w for w in raw if re.search(r"\w[/._-]\w|^\.\w", w) and w not in skip]


def _are_joined(texts: Sequence[str], known: Iterable[str]) -> bool:
    """Whether a text is two words of a known name and more, written as one: `giftcard`."""
    long = {t.lower() for t in texts if t.isalnum()}
    names = [split_words(n) for n in known]
    return any(
        "".join(words[i:j]) in long
        for words in names
        for i in range(len(words) - 1)
        for j in range(i + 2, len(words) + 1)
    )


def _spellings(phrase: Sequence[str], together: bool) -> list[str]:
    """The ways a phrase stands in text: snake_case, kebab-case, words, upper, titles, joined."""
    marks = ("_", "-", " ", "") if together else ("_", "-", " ")
    joined = [mark.join(phrase) for mark in marks]
    titles = [w.capitalize() for w in phrase]
    return [*joined, *(j.upper() for j in joined), " ".join(titles), "".join(titles)]


def _manner(texts: Sequence[str]) -> re.Pattern[str]:
    """The narrowest manner of writing that all the texts share."""
    fitting = (m for m in _MANNERS if texts and all(m.fullmatch(t) for t in texts))
    return next(fitting, re.compile(r".*"))


def _unquoted(expression: str) -> str:
    opening = _STRING_OPENING.match(expression)
    return expression[opening.end() : -1] if opening else expression
