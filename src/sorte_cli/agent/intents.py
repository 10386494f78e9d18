"""What a sentence wants done, by its own words: which verbs it can mean, and when it means none.

Plain text, no model: an independent second opinion. A plan is only offered the verbs that the
sentence's verb allows ("remove ..." never adds), and the newer verbs only where the sentence has
their word. What asks a question, names nothing that is there, or reaches into `.git` or the system
is left to `none`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from sorte_cli.agent import grounding, guards, reshaping
from sorte_cli.agent.cues import cue, phrases
from sorte_cli.agent.grounding import Mentions, fold
from sorte_cli.agent.signatures import parameters
from sorte_cli.domain import Symbol

REMOVALS = frozenset(
    {
        "delete",
        "delete_file",
        "remove_parameter",
        "remove_decorator",
        "remove_entry",
        "remove_import",
    }
)
_ADDS = frozenset(
    {
        "add_parameter", "add_entry", "add_import", "insert_before", "add_decorator", "add_symbol",
        "clone", "set_docstring", "set_return_type", "change_parameter",
    }
)  # fmt: skip
# The first word of one of these sections of intent_words.txt says what a sentence is about.
_LEADING: dict[str, frozenset[str]] = {
    "leads to removal": REMOVALS | {"move"},
    "leads to a name": frozenset({"rename", "move_file"}),
    "leads to an import": frozenset({"add_import", "remove_import"}),
    "leads to a copy": frozenset({"clone"}),
    "leads to a decorator": frozenset({"add_decorator"}),
    "leads to a docstring": frozenset({"set_docstring"}),
    "leads to more": _ADDS,
    "leads to a value": frozenset(
        {"set_value", "change_parameter", "rename", "set_return_type", "set_docstring", "add_entry"}
    ),
    "leads to a number": frozenset({"set_value", "change_parameter"}),
}


@cache
def _family_of() -> dict[str, frozenset[str]]:
    return {word: verbs for section, verbs in _LEADING.items() for word in phrases(section)}


# What is set to this is no name: "to 'https://x'", "= 3", "should be str | None".
_IS_VALUE = re.compile(
    r"(?:\bto|\bpara|\bpra|->|=|:|\bser|\bbe)\s+"
    r"(?:[\"'][^\"']*[^\w\"'][^\"']*[\"']|-?\d[\d.,]*(?!\w))|"
    r"\| ?none\b|\w\[\w"
)
_SETS = re.compile(r"(?:->|=|:)\s*(?:[\"'`]|-?\d)")
# The section of intent_words.txt that a verb needs a word of.
_NEEDS_WORD = {
    "move": "moves", "add_decorator": "decorates", "set_return_type": "returns",
    "set_docstring": "documents", "add_symbol": "fields", "add_import": "imports",
    }  # fmt: skip
_WORD = re.compile(r"[^\W\d]+(?:[-'][^\W\d]+)*")
_ASKS = re.compile(
    r"^(?:(?:hi|hey|hello|oi|ola|ok|so|and|e|entao|by the way|btw)[,!: ]+)*"
    r"(?:what (?!about|if)|why (?!not)|who |whose |where |when |which |how (?!about)|"
    r"is (?!it possible)|are |was |were |does |do |did |has |have |"
    r"o que |oq |por ?que (?!nao)|pq (?!nao)|quem |qual |quais |onde |quando |como (?!combinado)|"
    r"quant[oa]s |cade |sera (?!que da |que pode|que voce)|acha |existe |tem (?!como|jeito))"
)
LONGEST = 1_200
"""Characters of a sentence; what is longer is a text, and no task of one or two lines."""
# A model's own marks, and markup: such a text was pasted from elsewhere.
_MARKUP = re.compile(r"<\|[^|>]*\|>|\[/?inst\]|</[a-z][^<>]*>|<(?:script|s|br|div|img)\b|<<sys>>")
_EXPLAIN = re.compile(
    r"^(?:(?:please|pls|por favor|can you|could you|pode|voce pode|oi|hi|hey)[,!:]? )*"
    r"(?:me )?(?:explain|explica|explique|tell me|show me|mostra pra mim|me mostr|me cont[ae]|"
    r"me diz|me diga|me fal[ae]|descri?[bv]\w+(?!.*[\"'`“]))\b"
)
_REACHES_OUT = re.compile(
    r"(?<![\w.])\.git(?![\w-])|/etc/|\brm +-|\bsudo\b|~/|\.ssh\b|/(?:dev|proc|usr|bin|home|root)/|"
    r"\.\./|\bmkfs\b|\bcurl\b|\bwget\b|\bchmod\b|\b[a-z]:\\"
)
_RENAMED = re.compile(
    r"\b(?:rename|renomei[ea]|renomear)\s+(?:the |a |o |um )?"
    r"(?:(?:function|method|class|constant|variable|field|funcao|metodo|classe|constante|variavel|"
    r"campo|atributo)\s+)?[`\"']?([\w.]+)[`\"']?(?:\(\))?\s+(?:to|as|into|para|pra|por|->)\s"
)


def allowed(verbs: Sequence[str], symbols: Sequence[Symbol], mentions: Mentions) -> tuple[str, ...]:
    """Those of `verbs` that the sentence's words can mean; () where it means none of them."""
    if refused(symbols, mentions):
        return ()
    text, words = _bare(symbols, mentions)
    meant = [v for v in verbs if _cued(v, text, mentions)]
    if _is_text(symbols, mentions) and not cue("names").search(text):
        meant = [v for v in meant if v != "rename" or "rename" in _leading_family(words)]
    family = REMOVALS | {"move"} if _TAKE_OUT.search(text) else _leading_family(words)
    if "remove_import" in family and "add_import" in family and cue("deletes").search(text):
        family = frozenset({"remove_import"})
    if only := forced(symbols, mentions):
        family = frozenset({only})
    if not family:
        return tuple(meant)
    if cue("names").search(text):
        family |= {"rename"}
    return tuple(v for v in meant if v in family) or tuple(meant)


_TAKE_OUT = re.compile(r"\btak(?:e|ing)\b[^,;:]*\b(?:out|off|away)\b")
_CALLED_SO = (
    r"\b{}\b[`'\"]*(?:\(\))? (?:fica(?:ria)? melhor (?:como|se fosse)|"
    r"(?:should|must|ought to|has to|needs to) be (?:called|named|renamed to)|"
    r"(?:deve|deveria|devia|passa a|tem que|precisa) "
    r"(?:se )?chamar|agora se chama) "
)


def _retyped(target: Symbol, symbols: Sequence[Symbol], mentions: Mentions) -> bool:
    """Whether a parameter that is there is said to be of a type: "year of f has to be an int"."""
    if target.kind not in ("function", "method") or mentions.numbers or mentions.quoted:
        return False
    own = [p for p, _ in parameters(target.detail)]
    named = reshaping.named_parameters(own, target, mentions)
    return (
        len(named) == 1
        and bool(cue("is to be").search(fold(mentions.text)))
        and bool(reshaping.said_types(mentions, symbols))
        and not reshaping.speaks_of_default(mentions)
        and not cue("results").search(fold(mentions.text))
    )


def _guarded(target: Symbol, mentions: Mentions) -> bool:
    """Whether the sentence forbids a parameter of the function something that can be tested."""
    if target.kind not in ("function", "method") or not cue("forbids").search(fold(mentions.text)):
        return False
    own = [p for p, _ in parameters(target.detail) if p not in ("self", "cls")]
    named = reshaping.named_parameters(own, target, mentions)
    return len(named) == 1 and guards.can_test(named, mentions)


def forced(symbols: Sequence[Symbol], mentions: Mentions) -> str:
    """The verb of a sentence that can mean nothing else: a switch that it turns, a name that it
    calls bad beside a better one, "rename a to b"; "" where it is open."""
    graded = [(grounding.strength(s, mentions), s) for s in symbols if s.kind != "file"]
    best = max((g for g, _ in graded), default=0)
    named = [s for g, s in graded if g == best >= grounding.WORD]
    text, words = _bare(symbols, mentions)
    if len(named) != 1 or text.rstrip().endswith("?"):
        return ""
    value = named[0].detail.partition("=")[2].strip().lower()
    switch = named[0].kind in ("constant", "field") and value in ("true", "false")
    turns = cue("switches").search(text) and not cue("parameters").search(text)
    if switch and best == grounding.EXACT and turns and len(words) < 9:
        return "set_value"
    known = {n for s in symbols for n in (s.name, s.qualified_name, s.path)}
    fresh = [c for c in mentions.code if c.isidentifier() and c not in known]
    speaks_of_name = cue("a name").search(text) and not cue("another use of a name").search(text)
    if len(fresh) == 1 and speaks_of_name and not _leading_family(words):
        return "rename"
    renamed = _RENAMED.search(" ".join(fold(mentions.text).split()))
    spelled = re.escape(fold(named[0].name))
    said = fold(mentions.text)
    if named[0].kind != "file" and re.search(_CALLED_SO.format(spelled), said):
        own = [p for p, _ in parameters(named[0].detail)]
        if not reshaping.speaks_of_parameter(mentions) or not own:
            return "rename"
    if _retyped(named[0], symbols, mentions):
        return "change_parameter"
    if _guarded(named[0], mentions):
        return "insert_before"
    return "rename" if renamed and fold(named[0].name) == renamed[1] and len(words) < 7 else ""


def _is_text(symbols: Sequence[Symbol], mentions: Mentions) -> bool:
    """Whether all that is named are texts, and the sentence quotes one: their value, no name."""
    grades = [(grounding.strength(s, mentions), s) for s in symbols]
    best = max((g for g, _ in grades), default=0)
    named = [s for g, s in grades if g == best >= grounding.WORD]
    values = [s.detail.partition("=")[2].strip()[:1] for s in named]
    known = {s.name for s in symbols}
    quoted = [q for q in mentions.quoted if q not in known]
    return bool(named) and bool(quoted) and all(v and v in "\"'" for v in values)


_ARTICLES = frozenset({"a", "an", "the", "um", "uma", "is"})


def _leading_family(words: Sequence[str]) -> frozenset[str]:
    """What the first verb that says something can mean; nothing where it is the last word, or one
    of a phrase ("set up")."""
    for i, word in enumerate(words):
        last = 0 < i == len(words) - 1
        noun = i > 0 and words[i - 1] in _ARTICLES and not word.startswith("import")
        if word in _family_of() and not (last or noun) and words[i : i + 2] != ("set", "up"):
            return _family_of()[word]
    return frozenset()


def refused(symbols: Sequence[Symbol], mentions: Mentions) -> bool:
    """Whether the sentence is no task for small edits on these symbols, by its words alone."""
    text = " ".join(fold(mentions.text).split())
    if len(text) > LONGEST or _REACHES_OUT.search(text) or _MARKUP.search(text):
        return True
    if (text.endswith("?") and _ASKS.match(text)) or _EXPLAIN.match(text):
        return True
    renamed = _RENAMED.search(text)
    return renamed is not None and not _is_there(renamed[1], symbols)


def _is_there(name: str, symbols: Sequence[Symbol]) -> bool:
    """Whether something bears this name, or nearly: a symbol, a file, a parameter."""
    said = grounding.read_mentions(name)
    least = grounding.DESCRIBED if grounding.looks_like_code(name) else 1
    if any(grounding.strength(s, said) >= least for s in symbols):
        return True
    last = fold(name.rpartition(".")[2])
    inside = (fold(f"{s.qualified_name} {s.path} {s.detail}") for s in symbols)
    return any(last in text for text in inside)


def asks_for_much(symbols: Sequence[Symbol], mentions: Mentions) -> bool:
    """Whether the sentence begins with what no small edit does: "sort ...", "otimiza ..."."""
    words = [
        w for w in _bare(symbols, mentions)[1][:3] if w not in ("please", "can", "you", "pode")
    ]
    return bool(words) and words[0] in phrases("asks for much")


def takes_away(symbols: Sequence[Symbol], mentions: Mentions) -> bool:
    return bool(cue("takes away").search(_bare(symbols, mentions)[0]))


def _cued(verb: str, text: str, mentions: Mentions) -> bool:
    if verb == "clone" and _SETS.search(mentions.text) and not cue("creates").search(text):
        return False  # 'header of the report: "Grades"'
    if verb in ("delete", "delete_file"):
        if cue("one more").search(text):
            text = re.sub(r":\s*\w+\W*$", "", text)  # "one more in SCOPES: delete" adds that
        return bool(cue("deletes").search(text))
    if verb == "remove_import" and cue("lacks").search(text):
        return False
    if verb in REMOVALS and not cue("takes away").search(text):
        return False
    if verb == "rename" and not cue("names").search(text) and _IS_VALUE.search(fold(mentions.text)):
        return False
    section = _NEEDS_WORD.get(verb, "")
    return not section or any(cue(section).search(t) for t in (text, fold(mentions.text)))


def _bare(symbols: Sequence[Symbol], mentions: Mentions) -> tuple[str, tuple[str, ...]]:
    """The folded sentence without quoted texts and code, and its words that are no names."""
    text = mentions.text
    for quoted in sorted(mentions.quoted, key=len, reverse=True):
        text = re.sub(rf"[`\"'“«]{re.escape(quoted)}[`\"'”»]", " ", text)
    for code in sorted(mentions.code, key=len, reverse=True):
        text = re.sub(rf"(?<![\w.]){re.escape(code)}(?!\w)", " ", text)
    names = {s.name for s in symbols}
    words = tuple(fold(w) for w in _WORD.findall(text) if w not in names)
    return fold(text), words


__all__ = ["REMOVALS", "allowed", "asks_for_much", "refused", "takes_away"]
