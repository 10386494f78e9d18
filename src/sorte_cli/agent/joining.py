"""A new sibling that a sentence calls by its class name: the family it joins, whom it follows, and
under which key it is registered.

`PulseEffect` bears the word that `FadeEffect` and `ChaseEffect` share, and these stand in one
registry: in whatever words, the sentence wants one more of them. Pure text, no model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sorte_cli.agent import families
from sorte_cli.agent.families import Family, Newcomer
from sorte_cli.agent.grounding import (
    COMMON,
    Mentions,
    fold,
    is_slip,
    narrow,
    plain,
    read_mentions,
    split_words,
)  # fmt: skip
from sorte_cli.agent.naming import (
    CAMEL,
    NAME,
    known_names,
    runs,
    unquote,
    without_values,
    written_like,
)
from sorte_cli.context.words import glossary, stem, within_one_edit
from sorte_cli.domain import Symbol

_SLIP_LENGTH = 6
# Said before the sibling that the new one is to be like, up to three words in between.
_LIKE = re.compile(
    r"(?<!not )(?<!nao )(?<!\w)(?:like|from|after|following|follow\w*|cop(?:y|ies|ied|ying)|"
    r"clon\w+|duplica\w+|mirror\w*|imitat\w+|similar|analogous|model+ed|patterned|based|same|"
    r"resembl\w+|inspired|template|starting|mimic\w*|spirit|style|manner|lines|counterpart|"
    r"como|igual\w*|feit[oa]|tipo|parecid[oa]|semelhante|basead[oa]|moldes?|jeito|estilo|modelo|"
    r"copi\w+|parte|partindo|partir|mesm[oa]|imitando|espelh\w+|inspirad[oa]|segu(?:e|indo|ir)|"
    r"conforme|que nem|derivad[oa]|idem|base)(?!\w)(?:[^\w.;:!?]+\w+){0,3}[^\w.;:!?]*$"
)
# Said after it.
_AS_PATTERN = re.compile(
    r"^[^\w.;!?]+(?:\w+[^\w.;!?]+){0,3}(?:as|como|de|for|por|serve)\s+(?:\w+\s+)?"
    r"(?:pattern|template|model|modelo|base|molde|exemplo|example|starting point)\b"
)
# Surely after something, though none of the siblings is named: "patterned on the pool".
_LIKE_SOMETHING = re.compile(
    r"\b(?:model+ed (?:on|after)|patterned (?:on|after)|based (?:up)?on|copy of|clone of|"
    r"starting from|derived from|nos? moldes? d\w+|basead[oa] (?:n\w+|em)|copiad[oa] d\w+|"
    r"(?:jeito|estilo|modelo) d\w+|inspirad[oa] (?:n\w+|em))\s+(?:the |a |o )?"
    r"(?!other|rest|outr|demais|existing|existente|usual|siblings?)\w"
)
_BROKEN = re.compile(
    r"\b(?:crash\w*|fail\w*|breaks?|broken?|bugs?|buggy|hangs?|quebr\w+|falh\w+|trav\w+)\b|"
    r"(?:\b(?:not|dont|never|no longer)|n't) (?:really )?(?:need|want|add|creat|mak)|\bno need\b|"
    r"\b(?:nao|nunca) (?:precis|quer|cri|adicion|faz|faca)"
)
_HERE = re.compile(r"\b(?:same (?:file|module)|mesmo (?:arquivo|modulo))\b")
_APART = re.compile(
    r"\b(?:do not|don'?t|never|without|sem|nao)\s+(?:\w+\s+){0,2}(?:regist|list[ae]|add(?:ing)? it)"
)
_KEY_WORD = r"(?:key|chave|slug|identifier|identificador)"
_OF_KEY = r"(?:\s+(?:the|a|o|is|of|name|nome|de|com|e|sera)\b|\s*[:=])*"
_MARKED = r"\s*(?P<mark>[`\"'])(?P<key>[^`\"']+)(?P=mark)"
_KEY = re.compile(
    rf"\b{_KEY_WORD}\b{_OF_KEY}(?:{_MARKED}|\s+(?P<bare>[\w-]+(?:\.[\w-]+)*)"
    r"(?=\s*(?:$|[.,;:!?)]|(?:and|e|in|em|no|na)\b)))",
    re.IGNORECASE,
)
_UNDER = re.compile(rf"\b(?:under|sob|as|como)\b{_OF_KEY}{_MARKED}", re.IGNORECASE)
_LISTED_AS = re.compile(
    r"\b(?:regist\w*|list\w*|select\w*|known|appear\w*|shown?|available|chosen|conhecid\w*|"
    r"aparec\w*|disponivel|selecion\w*|escolh\w*|map\w*)\b[^.;!?]{0,30}?\b(?:as|como|under|sob)\s+"
    r"(?P<key>[\w-]+)(?=\s*(?:$|[.,;:!?)]))",
    re.IGNORECASE,
)
_NO_KEYS = COMMON | {
    "usual", "usually", "always", "normal", "expected", "siblings", "rest", "default", "such",
    "others", "outros", "outras", "sempre", "costume", "soon", "plugin",
}  # fmt: skip
# What a quoted text that may be a key follows: no other word that it could be the value of.
_FREE = re.compile(
    r"(?:^|[^\w\s]|\b(?:and|e|in|em|on|at|no|na|as|como|under|sob|by|named|called|chamad[oa]|"
    r"regist\w+|list\w+|id|nome|name))\s*[`\"'“«]$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Joining:
    """`names`: new names in the sentence that bear the family's word; `patterns`: the siblings
    that the new one may be made after; `likened`: whether the sentence says after which; `held`:
    what the registry holds."""

    names: tuple[str, ...]
    patterns: tuple[Symbol, ...]
    likened: bool
    held: tuple[str, ...]


def joining(symbols: Sequence[Symbol], mentions: Mentions) -> Joining | None:
    """The registered family whose word a new name of the sentence bears; None where there is none,
    or where the sentence says not to register it."""
    if _APART.search(fold(mentions.text)):
        return None
    fresh = _fresh(symbols, mentions)
    if not fresh:
        return None
    for held in sorted((families.held_by(s) for s in symbols), key=len, reverse=True):
        members = [s for s in symbols if s.name in held and s.kind in ("class", "function")]
        for member in members:
            family = _family(member, held)
            names = tuple(n for n in fresh if own_words(n, member.name, family))
            if names:
                near = [m for m in members if own_words(names[0], m.name, _family(m, held))]
                patterns, likened = _patterns(near, held, names, mentions)
                return Joining(names, patterns, likened, held)
    return None


def asks_for_sibling(symbols: Sequence[Symbol], mentions: Mentions) -> bool:
    """Whether the sentence wants one more of a kind ("a payment method Cash", `CashPayment`), and
    not a copy of something under a name that is none of its family's."""
    if joining(symbols, mentions) is not None:
        return True
    if families.asks_for_copy(mentions):
        return False
    known = known_names(symbols)
    written = [c for c in mentions.code if c.isidentifier() and c not in known]
    if any(CAMEL.search(w) for w in written):
        return False
    texts = [q for q in mentions.quoted if q not in known and split_words(q)]
    return bool(texts or runs(mentions, set(known)))


def goes_on(head: str, part: str, symbols: Sequence[Symbol]) -> bool:
    """Whether the second of two clauses only goes on about the new sibling of the first: "create
    CashPayment and put it into METHODS"."""
    called = joining(symbols, read_mentions(head))
    mentions = read_mentions(part)
    if called is None or mentions.numbers or joining(symbols, mentions):
        return False
    named = narrow(symbols, mentions)
    return all(s.name in called.held or {*called.held} & {*families.held_by(s)} for s in named)


def complains(mentions: Mentions) -> bool:
    """Whether the sentence tells of something that does not work, or is not wanted."""
    text = mentions.text
    for written in mentions.code:
        text = text.replace(written, " ")
    return bool(_BROKEN.search(fold(text)))


def joined(pattern: Symbol, symbols: Sequence[Symbol], mentions: Mentions) -> tuple[Newcomer, ...]:
    """The sibling of `pattern` that the sentence calls by its name, with the file that the
    family's habit asks for; () where it calls none so."""
    found = joining(symbols, mentions)
    if found is None or pattern.name not in found.held:
        return ()
    family = _family(pattern, found.held)
    here = bool(_HERE.search(fold(mentions.text)))
    made: list[Newcomer] = []
    for name in found.names:
        if own := own_words(name, pattern.name, family):
            path = "" if here else families.path_beside(pattern, family, own, symbols)
            made.append(Newcomer(name, path))
    return tuple(made)


def own_words(name: str, like: str, family: Family) -> tuple[str, ...]:
    """The words of a name that are its own beside those of the family; () where it does not bear
    these, or is written in another manner."""
    words = split_words(name)
    first, last = len(family.before), len(words) - len(family.after)
    bears = words[:first] == family.before and words[max(last, 0) :] == family.after
    if not family.sure or not bears or first >= last or _manner(name) != _manner(like):
        return ()
    return words[first:last]


def _manner(name: str) -> tuple[bool, bool]:
    return name[:1].isupper(), "_" in name


def _family(member: Symbol, held: Sequence[str]) -> Family:
    return families.family_of(member.name, held, NAME.findall(unquote(member.detail)))


def _fresh(symbols: Sequence[Symbol], mentions: Mentions) -> list[str]:
    """Names written as code that nothing bears, not even but for a slip of the finger."""
    known = known_names(symbols)
    written = [c for c in mentions.code if c.isidentifier() and c not in known]
    return [w for w in written if CAMEL.search(w) and not any(is_slip(w, s.name) for s in symbols)]


# ---------------------------------------------------------------- whom it follows


def _patterns(
    members: Sequence[Symbol], held: Sequence[str], names: Sequence[str], mentions: Mentions
) -> tuple[tuple[Symbol, ...], bool]:
    """(siblings that the new one may be made after, whether the sentence says so): those that it
    is likened to, else those that are named, else those whose name it shares a word with, else
    the first."""
    text = plain(mentions.text)
    for name in names:
        text = re.sub(rf"\b{name}\b", "#" * len(name), text)
    said = fold(text)
    spots = {m.address: _spots(m, _family(m, held), text) for m in members}
    likened = [m for m in members if any(_is_like(said, *spot) for spot in spots[m.address])]
    if likened:
        return tuple(likened), True
    named = [m for m in members if any(fold(text[a:b]) not in COMMON for a, b in spots[m.address])]
    if named:
        return tuple(named), False
    if _LIKE_SOMETHING.search(said):
        return tuple(members), False
    own = {w for m in members for n in names for w in own_words(n, m.name, _family(m, held))}
    related = [m for m in members if own & {*_family(m, held).core}]
    return tuple(related or members[:1]), False


def _is_like(text: str, start: int, end: int) -> bool:
    return bool(_LIKE.search(text[:start]) or _AS_PATTERN.search(text[end:]))


def _spots(member: Symbol, family: Family, text: str) -> list[tuple[int, int]]:
    """Where a text names the sibling: by its name, or by the words that are its own."""
    found: list[tuple[int, int]] = []
    tokens = list(re.finditer(r"[^\W\d]\w*", text))
    span = len(family.core)
    for i, token in enumerate(tokens):
        if fold(token.group()) == fold(member.name) or is_slip(token.group(), member.name):
            found.append(token.span())
        elif span and len(near := tokens[i : i + span]) == span:
            pairs = zip(near, family.core, strict=True)
            if all(same_thing(fold(t.group()), core) for t, core in pairs):
                found.append((near[0].start(), near[-1].end()))
    return found


def same_thing(said: str, own: str) -> bool:
    """Whether a folded word is a name's word: in the plural, of the other gender, with a letter
    wrong, or in the other language."""
    if _root(said) == _root(own):
        return True
    if min(len(said), len(own)) >= _SLIP_LENGTH and within_one_edit(said, own):
        return True
    words = glossary()
    return stem(own) in words.get(stem(said), ()) or stem(said) in words.get(stem(own), ())


def _root(word: str) -> str:
    root = stem(word)
    return root[:-1] if len(root) > 4 and root[-1] in "ao" else root


def said_of_fields(fields: Sequence[Symbol], mentions: Mentions) -> dict[str, Symbol]:
    """The quoted texts that the sentence gives for one of the fields, by its name right before:
    `label "Pulse"`, "com a cor "azul"" and a field `color`."""
    found: dict[str, Symbol] = {}
    for quoted in mentions.quoted:
        before = mentions.text[: max(mentions.text.find(quoted) - 1, 0)]
        words = re.findall(r"[^\W\d_]+|[^\w\s]", fold(before))[-3:]
        while words and words[-1] in ("=", ":", "is", "of", "de", "as", "como", "e", "set", "to"):
            words.pop()
        for field in fields:
            if words and same_thing(words[-1], split_words(field.name)[-1]):
                found[quoted] = field
    return found


# ---------------------------------------------------------------- keys


def told_keys(mentions: Mentions) -> tuple[str, ...]:
    """Keys that the sentence gives as such: `key "pulse"`, "chave pulse"."""
    found = [m["key"] or m["bare"] for m in _KEY.finditer(mentions.text)]
    return tuple(dict.fromkeys(k for k in found if fold(k) not in _NO_KEYS))


def keys_under(mentions: Mentions) -> tuple[str, ...]:
    """Texts under which something is to be registered: under "pulse", listed as pulse."""
    text = without_values(mentions).text
    found = [*_UNDER.finditer(text), *_LISTED_AS.finditer(text)]
    return tuple(dict.fromkeys(m["key"] for m in found if fold(m["key"]) not in _NO_KEYS))


def free_texts(mentions: Mentions) -> tuple[str, ...]:
    """Quoted texts that are no label, and not the value of what is said before them."""
    mentions = without_values(mentions)
    starts = {q: mentions.text.find(q) for q in mentions.quoted}
    return tuple(q for q, start in starts.items() if _FREE.search(mentions.text[:start]))


def keys(
    existing: Sequence[str], made: Symbol, symbols: Sequence[Symbol], mentions: Mentions
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(key expressions of which one it must be, texts that it may be beside those of the name) for
    the entry of a sibling just made, among the `existing` key expressions."""
    if told := told_keys(mentions):
        return written_like(existing, told, in_any_manner=True), ()
    called = joining(symbols, mentions)
    if called is None or made.name not in called.names:
        return (), ()
    there = {*known_names(symbols), made.name}
    under = [k for k in keys_under(mentions) if k not in there]
    free = tuple(k for k in free_texts(mentions) if k not in there)
    return written_like(existing, under), free


__all__ = [
    "Joining", "asks_for_sibling", "complains", "free_texts", "goes_on", "joined", "joining",
    "keys", "keys_under", "own_words", "same_thing", "told_keys",
]  # fmt: skip
