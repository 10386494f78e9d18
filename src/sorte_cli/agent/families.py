"""Families of names: what a new thing joins, and how it is called, kept and tested there.

Pure text. `BoletoPayment` and `CardPayment` share the word Payment, live in `boleto.py` and
`card.py`, stand in one registry and are tested in `test_boleto.py`.
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
    narrow,
    occurs,
    same_word,
    split_words,
    strength,
)
from sorte_cli.agent.naming import (
    CAMEL,
    NAME,
    known_names,
    phrases,
    quoted_names,
    spell,
    unquote,
    without_values,
)  # fmt: skip
from sorte_cli.context.words import stem
from sorte_cli.domain import Symbol

_CONTAINER = re.compile(r"(?:array|dict|list|set|tuple|frozenset|OrderedDict|defaultdict)\(")
_BASE_WORDS = frozenset({"base", "abstract", "protocol", "interface", "mixin", "abc", "object"})


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
        for name in NAME.findall(unquote(s.detail))
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
    mentions = without_values(mentions)
    family = family_of(
        pattern.name, relatives(pattern, symbols), NAME.findall(unquote(pattern.detail))
    )
    explicit = strength(pattern, mentions) >= EXACT or asks_for_copy(mentions)
    stems = _neighbours(pattern.path, symbols)
    found: dict[str, str] = {}
    # "a channel like SMS": the kind is said, so the new name bears it.
    kind_said = family.sure and bool(family.after) and occurs(family.after, mentions.pieces)
    copied = asks_for_copy(mentions) or pattern.name in (*mentions.code, *mentions.quoted)
    numbered = _numbered(mentions)
    for written in (*mentions.code, *mentions.quoted, *numbered):
        if written.isidentifier() and written not in known:
            words = split_words(written)
            whole = family.sure and words[-len(family.after) :] == family.after != ()
            if kind_said and not whole and not copied:
                continue
            if whole or explicit or not family.sure or CAMEL.search(written):
                core = words[: -len(family.after)] if whole else words
                found[written] = _beside(pattern.path, family, family.core, core or words, stems)
    # A copy bears the name that is written, and so does one of no known family.
    exact = any(CAMEL.search(n) or n in numbered for n in found) and (
        not family.sure or asks_for_copy(mentions)
    )
    for phrase in () if exact else quoted_names(mentions, known) or phrases(mentions, known):
        for old, new, words in _placed(family, phrase):
            name = spell(words, pattern.name)
            found.setdefault(name, _beside(pattern.path, family, old, new, stems))
    good = [n for n in found if n.isidentifier() and n not in known]
    return tuple(Newcomer(n, found[n]) for n in good)


_NUMBERED = re.compile(
    r"\b(?:as|to|called|named|como|para|pra|chamad[oa])\s+([A-Z][A-Za-z]*\d\w*)(?!\w)"
)


def _numbered(mentions: Mentions) -> tuple[str, ...]:
    """Names with a figure that copies are to have: "clone ApiClient as Copy2"."""
    return tuple(_NUMBERED.findall(mentions.text)) if asks_for_copy(mentions) else ()


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
    family = family_of(made.name, relatives(made, symbols), NAME.findall(unquote(made.detail)))
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


def path_beside(
    pattern: Symbol, family: Family, own: Sequence[str], symbols: Sequence[Symbol]
) -> str:
    """The file of a sibling whose own words are `own`, by the habit of its pattern; "" for the
    pattern's own file."""
    stems = _neighbours(pattern.path, symbols)
    return _beside(pattern.path, family, family.core, own, stems)


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
            symbol.name, relatives(symbol, symbols), NAME.findall(unquote(symbol.detail))
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
            symbol.name, relatives(symbol, symbols), NAME.findall(unquote(symbol.detail))
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
    return tuple(s for s in symbols if pattern.name in held_by(s))


def held_by(registry: Symbol) -> tuple[str, ...]:
    """The names that a constant collection holds; () for anything else."""
    if registry.kind != "constant" or not registry.detail.startswith("="):
        return ()
    if not is_collection(registry.detail):
        return ()
    return tuple(dict.fromkeys(NAME.findall(unquote(registry.detail))))


def is_collection(detail: str) -> bool:
    """Whether a constant or field with this detail holds entries: `= {"a": 1}`, `= list(...)`."""
    value = detail.partition("=")[2].strip()
    return value[:1] in ("{", "[", "(") or bool(_CONTAINER.match(value))


def tests_of(pattern: Symbol, symbols: Sequence[Symbol]) -> tuple[Symbol, ...]:
    """Test files that are called after the pattern, or after a file of its own."""
    family = family_of(
        pattern.name, relatives(pattern, symbols), NAME.findall(unquote(pattern.detail))
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


_COPIES = re.compile(r"\b(?:clon|cop(?:y|ie|ia)|duplic)")


def asks_for_copy(mentions: Mentions) -> bool:
    """Whether the sentence says copy, clone, duplicate."""
    return bool(_COPIES.search(fold(mentions.text)))


# What a sentence says of a number, by the words of the field that it is for.
_SPOKEN_OF = (
    (r"min", r"at least|above|acima|minim|a partir|\bover\b|\bfrom\b|pelo menos|no min|needs?\b"),
    (r"max|limit", r"at most|up to|\bate\b|maxim|no max|limit|no more"),
    (
        r"cost|price|fee|rate|taxa|preco|custo|tarifa",
        r"cost|cust|pric|prec|\bfee|tax|charg|cobr|tarif",
    ),
    (r"timeout|seconds|wait|delay", r"timeout|tempo limite|second|segund|wait|esper"),
    (r"retr|attempt|tries|tentativ", r"\btimes\b|vezes|retr|tent|\btr(?:y|ies)|attempt"),
    (r"installment|parcel", r"\dx\b|install|parcel"),
    (r"day|prazo|deadline|dias", r"\bdays?\b|\bdias?\b|prazo|deadline"),
    (r"priorit|priorid", r"priorit|priorid"),
    (r"length|size|chars|tamanho", r"character|caracter|\blong|size|tamanho"),
    (r"percent|percentual", r"%|percent|por cento"),
)


def spoken_fields(fields: Sequence[Symbol], mentions: Mentions) -> list[Symbol]:
    """Of the fields that hold numbers those that the sentence's one number is for, by their own
    words or what goes with them ("up to" and `max_items`); all where it is open."""
    text = fold(mentions.text)
    said = {stem(p) for p in mentions.pieces}
    scores: dict[str, int] = {}
    for field in fields:
        if not re.search(r"\d", field.detail.partition("=")[2]):
            continue
        name = "_".join(split_words(field.name))
        own = sum(2 for w in split_words(field.name) if stem(w) in said and len(w) > 2)
        cues = sum(bool(re.search(f, name) and re.search(c, text)) for f, c in _SPOKEN_OF)
        scores[field.address] = own + cues
    best = max(scores.values(), default=0)
    return [f for f in fields if not best or scores.get(f.address, best) == best]
