"""Names for new things: which words of a sentence name them, and how their family spells names.

Pure text. A family is what a new thing joins: `BoletoPayment` and `CardPayment` share the word
Payment, live in `boleto.py` and `card.py`, and are tested in `test_boleto.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sorte_cli.agent.grounding import (
    COMMON,
    EXACT,
    Mentions,
    fold,
    looks_like_code,
    narrow,
    plain,
    same_word,
    split_words,
    strength,
)
from sorte_cli.domain import Symbol

PHRASE_WORDS = 3
QUOTED_WORDS = 5
PHRASES_LIMIT = 24
_RUN = re.compile(r"[A-Z][\w'-]*(?: +[A-Z][\w'-]*)*")
_CAMEL = re.compile(r"[a-z][A-Z]|_")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;]\s+|^\W+)$")
_NAME = re.compile(r"[A-Za-z_]\w*")
_FILE = re.compile(r"[\w./-]*\w\.[A-Za-z]{1,5}")
_BASE_WORDS = frozenset({"base", "abstract", "protocol", "interface", "mixin", "abc", "object"})
# What a new name follows: "rename it to x", "chame de x".
_CUES = {
    "to", "into", "as", "call", "called", "named", "use", "with", "para", "pra", "por", "como",
    "chame", "chama", "chamar", "chamado", "chamada", "usa", "usar", "bota", "poe", "nome", "name",
}  # fmt: skip


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
            found |= set(_NAME.findall(_unquote(symbol.detail)))
    return frozenset(found - {""})


def _unquote(text: str) -> str:
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
    sure += _runs(mentions, known)
    sure += [split_words(c) for c in mentions.code if c.isidentifier() and c not in known]
    fresh = [w for w in dict.fromkeys(sure) if w and w not in old]
    if fresh:
        return tuple(fresh[:PHRASES_LIMIT])
    glue = [p for p in mentions.pieces if p not in COMMON]
    groups = (tuple(glue[i : i + n]) for n in range(1, PHRASE_WORDS + 1) for i in range(len(glue)))
    return tuple(dict.fromkeys(g for g in groups if g and g not in old))


def _is_path(text: str) -> bool:
    return bool("/" in text or _FILE.fullmatch(text))


def _runs(mentions: Mentions, known: set[str]) -> list[tuple[str, ...]]:
    """Capitalised words in a row. The first word of a sentence counts only with company."""
    text = plain(mentions.text)
    found: list[tuple[str, ...]] = []
    for match in _RUN.finditer(text):
        words = match.group().split()
        if _SENTENCE_START.search(text[: match.start()]):
            if len(words) > 1 or not (words[0] in known or fold(words[0]) in COMMON):
                found.append(tuple(p for w in words for p in split_words(w)))
            words = words[1:]
        run = [w for w in words if w not in known]
        if run and fold(run[0]) not in COMMON:
            found.append(tuple(p for w in run for p in split_words(w)))
    return found


# ---------------------------------------------------------------- families


@dataclass(frozen=True, slots=True)
class Family:
    """The words of a pattern's name: `before` and `after` are shared with its family, `core` is
    its own. `sure` says whether the family shows what is shared."""

    before: tuple[str, ...]
    core: tuple[str, ...]
    after: tuple[str, ...]
    sure: bool


def family_of(pattern: str, others: Iterable[str], bases: Iterable[str] = ()) -> Family:
    """Splits the pattern's words by what the names of its family begin or end with, whichever more
    of them share."""
    words = split_words(pattern)
    relatives = [o for o in {split_words(n) for n in others} if o and o != words]
    back = [o[::-1] for o in relatives]
    ends = sum(_common(words[::-1], o) > 0 for o in back)
    starts = sum(_common(words, o) > 0 for o in relatives)
    after = _shared(words[::-1], back) if ends >= starts else 0
    before = _shared(words, relatives) if starts > ends else 0
    if not (after or before):
        hints = [tuple(w for w in split_words(b) if w not in _BASE_WORDS) for b in bases]
        after = max((_common(words[::-1], h[::-1]) for h in hints), default=0)
        after = min(after, len(words) - 1)
    sure = bool(after or before)
    return Family(
        words[:before], words[before : len(words) - after], words[len(words) - after :], sure
    )


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if not same_word(a, b):
            break
        count += 1
    return count


def _shared(words: Sequence[str], relatives: Sequence[Sequence[str]]) -> int:
    """How many first words `words` shares with its relatives: one if any does; more only where
    all of these, two at least, share them too."""
    counts = [min(_common(words, r), len(words) - 1, len(r) - 1) for r in relatives]
    near = [c for c in counts if c > 0]
    if not near:
        return 0
    return min(near) if len(near) > 1 else 1


def relatives(pattern: Symbol, symbols: Sequence[Symbol]) -> tuple[str, ...]:
    """Names of the same kind as the pattern, also those that collections hold."""
    own = [s.name for s in symbols if s.kind == pattern.kind]
    held = [
        name
        for s in symbols
        if s.kind == "constant" and re.search(rf"\b{re.escape(pattern.name)}\b", s.detail)
        for name in _NAME.findall(_unquote(s.detail))
    ]
    return tuple(dict.fromkeys([*own, *held]))


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A name for a sibling and the file it goes to ("": the pattern's own)."""

    name: str
    path: str


def newcomers(
    pattern: Symbol, symbols: Sequence[Symbol], mentions: Mentions
) -> tuple[Newcomer, ...]:
    """Names and files for a sibling of `pattern`, as the sentence and the family have it."""
    known = known_names((*symbols, pattern))
    family = family_of(
        pattern.name, relatives(pattern, symbols), _NAME.findall(_unquote(pattern.detail))
    )
    explicit = strength(pattern, mentions) >= EXACT or asks_for_copy(mentions)
    stems = _neighbours(pattern.path, symbols)
    found: dict[str, str] = {}
    for phrase in phrases(mentions, known):
        for old, new, words in _placed(family, phrase):
            name = spell(words, pattern.name)
            path = _beside(pattern.path, family, old, new, stems)
            found.setdefault(name, path)
    for written in (*mentions.code, *mentions.quoted):
        if written.isidentifier() and written not in known:
            words = split_words(written)
            whole = family.sure and words[-len(family.after) :] == family.after != ()
            if whole or explicit or not family.sure or _CAMEL.search(written):
                core = words[: -len(family.after)] if whole else words
                path = _beside(pattern.path, family, family.core, core or words, stems)
                found[written] = path
    good = [n for n in found if n.isidentifier() and n not in known]
    return tuple(Newcomer(n, found[n]) for n in good)


_Words = tuple[str, ...]


def _placed(family: Family, phrase: _Words) -> Iterable[tuple[_Words, _Words, _Words]]:
    """(words that make way, words put there, words of the new name) for a phrase put into the
    pattern's name."""
    if family.sure:
        count = len(family.after)
        repeats = 0 < count < len(phrase) and phrase[-count:] == family.after
        own = phrase[:-count] if repeats else phrase
        yield family.core, own, (*family.before, *own, *family.after)
        return
    words = family.core
    for i, j in _places(words, phrase):
        new = (*words[:i], *phrase, *words[j:])
        if len(set(new)) == len(new):
            yield words[i:j], phrase, new


def _places(words: Sequence[str], phrase: Sequence[str]) -> Iterable[tuple[int, int]]:
    """Which words [i, j) of a name the phrase may take the place of."""
    shared = [k for k, word in enumerate(words) if word in phrase]
    for i in range(len(words)):
        for j in range(i + 1, len(words) + 1):
            if not shared or (i <= shared[0] and shared[-1] < j):
                yield i, j


def core_of(made: Symbol, symbols: Sequence[Symbol]) -> tuple[str, ...]:
    """The words of a name just made that are its own, without those of its family."""
    family = family_of(made.name, relatives(made, symbols), _NAME.findall(_unquote(made.detail)))
    return family.core


# ---------------------------------------------------------------- files


def _neighbours(path: str, symbols: Sequence[Symbol]) -> tuple[tuple[str, ...], ...]:
    """The words of the other files' names in the same folder."""
    folder = path.rpartition("/")[0]
    paths = {s.path for s in symbols if s.path.rpartition("/")[0] == folder and s.path != path}
    return tuple(split_words(_stem(p)) for p in sorted(paths))


def _stem(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0]


def _replace_in(words: Sequence[str], old: Sequence[str], new: Sequence[str]) -> list[str] | None:
    for i in range(len(words) - len(old) + 1):
        if old and tuple(words[i : i + len(old)]) == tuple(old):
            return [*words[:i], *new, *words[i + len(old) :]]
    return None


def _join_like(words: Sequence[str], stem: str) -> str:
    if "-" in stem:
        return "-".join(words)
    if re.search(r"[a-z][A-Z]", stem) or stem[:1].isupper():
        return spell(words, stem)
    return "_".join(words)


def _beside(
    path: str,
    family: Family,
    old: Sequence[str],
    new: Sequence[str],
    neighbours: Sequence[Sequence[str]],
) -> str:
    """The file of a sibling where its pattern has a file of its own, else ""."""
    stem = _stem(path)
    words = split_words(stem)
    replaced = _replace_in(words, old, new)
    if replaced is None:
        return ""
    whole = {*family.before, *family.core, *family.after}
    extra = [w for w in words if w not in whole]
    if extra and not any(set(extra) <= set(n) for n in neighbours):
        return ""
    return _with_stem(path, _join_like(replaced, stem))


def _with_stem(path: str, stem: str) -> str:
    folder, slash, base = path.rpartition("/")
    _, dot, suffix = base.partition(".")
    return f"{folder}{slash}{stem}{dot}{suffix}"


def written_paths(path: str, mentions: Mentions, known: Iterable[str] = ()) -> tuple[str, ...]:
    """Files that the sentence writes and that are not there yet; a bare file name is in the folder
    of `path`."""
    folder, slash, base = path.rpartition("/")
    suffix = base.rpartition(".")[2]
    known = {*known}
    found: list[str] = []
    for token in (*mentions.quoted, *mentions.code):
        if token in known or " " in token or not token.endswith(f".{suffix}"):
            continue
        found.append(token if "/" in token else f"{folder}{slash}{token}")
    return tuple(p for p in dict.fromkeys(found) if p != path and p not in known)


def new_files(
    path: str, symbols: Sequence[Symbol], created: Sequence[Symbol], mentions: Mentions
) -> tuple[str, ...]:
    """Paths for a copy of a file: as written, as the thing it belongs to is called, else by the
    words of the sentence. A test keeps the word that makes it one."""
    known = known_names(symbols)
    if written := written_paths(path, mentions, known):
        return written
    stem = _stem(path)
    before = "test_" * stem.startswith("test_")
    after = "_test" * stem.endswith("_test")
    core = stem.removeprefix(before).removesuffix(after) or stem
    words = split_words(core)
    named = [new for thing in created for new in _follow(words, thing, symbols)]
    if not named:
        family = _file_family(words, path, symbols)
        named = [n for phrase in phrases(mentions, known) for *_, n in _placed(family, phrase)]
    stems = dict.fromkeys(f"{before}{_join_like(n, core)}{after}" for n in named)
    return tuple(p for p in (_with_stem(path, s) for s in stems) if p != path)


def _file_family(words: Sequence[str], path: str, symbols: Sequence[Symbol]) -> Family:
    """What a file's name shares: with the class or function it is called after, or the files
    around it."""
    for symbol in symbols:
        if symbol.kind not in ("class", "function"):
            continue
        family = family_of(
            symbol.name, relatives(symbol, symbols), _NAME.findall(_unquote(symbol.detail))
        )
        own = (*family.before, *family.core, *family.after)
        if family.sure and tuple(words) == own:
            return family
        if family.sure and tuple(words) == family.core:
            return Family((), family.core, (), True)
    stems = ["_".join(w for w in n if w != "test") for n in _neighbours(path, symbols)]
    return family_of("_".join(words), stems)


def _follow(
    words: Sequence[str], thing: Symbol, symbols: Sequence[Symbol]
) -> Iterable[tuple[str, ...]]:
    """The words of a file called after `thing` (just made) as the pattern's file is called after
    the pattern."""
    for symbol in symbols:
        if symbol.kind != thing.kind or symbol.address == thing.address:
            continue
        family = family_of(
            symbol.name, relatives(symbol, symbols), _NAME.findall(_unquote(symbol.detail))
        )
        new = split_words(thing.name)
        cut_old = family.core
        cut_new = new[len(family.before) : len(new) - len(family.after)]
        pairs = [
            (split_words(_stem(symbol.path)), split_words(_stem(thing.path))),
            (split_words(symbol.name), new),
            (cut_old, cut_new),
        ]
        for old, answer in pairs:
            if tuple(words) == tuple(old) and answer and answer != old:
                yield tuple(answer)
                return


def narrow_patterns(symbols: Sequence[Symbol], mentions: Mentions) -> tuple[Symbol, ...]:
    """Like `narrow`, for things to build a sibling of: if none is named, those that share a word
    with the name of the new thing ("Pix Parcelado" and PixPayment, tests/test_pix.py)."""
    named = narrow(symbols, mentions)
    if len(named) < len(symbols):
        return named
    wanted = {word for phrase in phrases(mentions)[:4] for word in phrase} - COMMON
    if not (mentions.quoted or any(t[:1].isupper() for t in mentions.tokens[1:])):
        return named
    related = tuple(s for s in symbols if wanted & set(split_words(s.name.partition(".")[0])))
    return related or named


def registries_of(pattern: Symbol, symbols: Sequence[Symbol]) -> tuple[Symbol, ...]:
    """Collections that hold the pattern."""
    inside = re.compile(rf"\b{re.escape(pattern.name)}\b")
    return tuple(
        s
        for s in symbols
        if s.kind == "constant" and s.detail.startswith("=") and inside.search(_unquote(s.detail))
    )


def tests_of(pattern: Symbol, symbols: Sequence[Symbol]) -> tuple[Symbol, ...]:
    """Test files that are called after the pattern, or after a file of its own."""
    family = family_of(
        pattern.name, relatives(pattern, symbols), _NAME.findall(_unquote(pattern.detail))
    )
    own = {split_words(pattern.name), family.core}
    stem = split_words(_stem(pattern.path))
    if _replace_in(stem, family.core, ("x",)) is not None:
        own.add(stem)
    return tuple(s for s in symbols if s.kind == "file" and _tested(s.path) in own)


def _tested(path: str) -> tuple[str, ...]:
    """What a test file is called after; () for another file."""
    stem = _stem(path)
    if stem.startswith("test_"):
        return split_words(stem.removeprefix("test_"))
    return split_words(stem.removesuffix("_test")) if stem.endswith("_test") else ()


_COPIES = re.compile(r"\b(?:clon|cop(?:y|ie|ia)|duplic|same as|mesm[oa] que|twin)")


def asks_for_copy(mentions: Mentions) -> bool:
    """Whether the sentence says copy, clone, duplicate."""
    return bool(_COPIES.search(fold(mentions.text)))


def asks_for_sibling(symbols: Sequence[Symbol], mentions: Mentions) -> bool:
    """Whether the sentence wants one more of a kind ("a payment method Cash"), and not a copy of
    something under a name that it writes as code."""
    if asks_for_copy(mentions):
        return False
    known = known_names(symbols)
    written = [c for c in mentions.code if c.isidentifier() and c not in known]
    if any(_CAMEL.search(w) for w in written):
        return False
    texts = [q for q in mentions.quoted if q not in known and split_words(q)]
    return bool(texts or _runs(mentions, set(known)))


# ---------------------------------------------------------------- new names for old things


def renamings(
    symbol: Symbol, mentions: Mentions, taken: Iterable[str] = (), known: Iterable[str] = ()
) -> tuple[str, ...]:
    """New names the sentence may mean for `symbol`: code-like words and words after "to", "call",
    "para"...; else single words and groups of words, spelled as `symbol` is."""
    taken = {*taken, *known, symbol.name}
    code = [c for c in mentions.code if c.isidentifier() and c not in taken]
    cued = [t for t in _cued(mentions) if t not in taken]
    if code:
        return tuple(dict.fromkeys([*code, *cued]))
    own = set(split_words(symbol.name))
    single = [t for t in mentions.tokens if t.isidentifier() and fold(t) not in COMMON]
    joined = [spell(p, symbol.name) for p in phrases(mentions, taken) if not set(p) <= own]
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
) -> tuple[str, ...]:
    """Key expressions for a new entry, in the manner of the existing ones (`"pix"`).

    `own` is the name of the collection; it is no key of its own. Texts that the sentence quotes,
    and words written with marks inside (`text/csv`, `io.path`), may stand as they are. `core`
    are the words of what was made for the entry: then the key is these, in the others' manner.
    """
    if existing and all(_LITERAL_NUMBER.fullmatch(e) for e in existing):
        return mentions.numbers
    opening = _STRING_OPENING.match(existing[0]) if existing else None
    mark = opening[2] if opening else '"'
    prefix = opening[1] if opening else ""
    inside = [_unquoted(e) for e in existing]
    manner = _manner(inside)
    joined = _are_joined(inside, known)
    own_keys = [t for t in _spellings(core, joined) if manner.fullmatch(t)] if core else []
    texts = spoken_texts(mentions, own, known)
    spelled = [t for p in phrases(mentions, (*known, own)) for t in _spellings(p, joined)]
    fitting = [t for t in texts if manner.fullmatch(t)]
    fitting = fitting or [t for t in spelled if manner.fullmatch(t)]
    chosen = own_keys or ([*fitting, *texts] if existing else [*spelled, *texts])
    found = [f"{prefix}{mark}{t}{mark}" for t in dict.fromkeys(chosen) if mark not in t]
    return tuple(found) if existing else (*found, *mentions.numbers)


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


__all__ = [
    "Family", "Newcomer", "family_of", "keys", "known_names", "looks_like_code", "new_files",
    "newcomers", "phrases", "renamings", "spell", "spoken_texts", "written_paths",
]  # fmt: skip
