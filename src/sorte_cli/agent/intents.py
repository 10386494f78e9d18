"""What a sentence wants done, by its own words: which verbs it can mean, and when it means none.

An independent second opinion: a small model's plan is only offered the verbs that the words make
likely (`likely_verbs`: "remove ..." never adds). What asks a question, names nothing that is there,
or reaches into `.git` or the system is left to `none`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sorte_cli.agent import grounding, guards, reshaping
from sorte_cli.agent.cues import cue, phrases
from sorte_cli.agent.grounding import Mentions, fold
from sorte_cli.agent.likely_verbs import likely
from sorte_cli.agent.naming import known_names
from sorte_cli.agent.signatures import parameters
from sorte_cli.domain import Symbol

_WORD = re.compile(r"[^\W\d]+(?:[-'][^\W\d]+)*")
_ASKS = re.compile(
    r"^(?:(?:hi|hey|hello|oi|ola|ok|so|and|e|entao|by the way|btw)[,!: ]+)*"
    r"(?:what (?!about|if)|why (?!not)|who |whose |where |when |which |how (?!about)|"
    r"is (?!it possible)|are |was |were |does |do |did |has |have |"
    r"o que |oq |por ?que (?!nao)|pq (?!nao)|quem |qual |quais |onde |quando |como (?!combinado)|"
    r"quant[oa]s |cade |sera (?!que da |que pode|que voce)|acha |existe |tem (?!como|jeito))"
)
LEAST_CHANCE = 0.2
"""A verb that is less likely than this is not offered: the model of verbs is right oftener than a
small model of language, which takes one of what it is offered."""
KNOWN_CHANCE, LEAST_CHANCE_UNKNOWN = 0.5, 0.005
"""Where no verb is likely, the words are strange, and the model may know better: one that was
taught a team's own words does."""
FORCED_CHANCE = 0.1
"""What a rule takes for certain must be so likely by the words, too."""
TASK_CHANCE, TASK_CHANCE_UNKNOWN = 0.4, 0.85
"""A sentence with so likely a verb, that speaks of something that is there, asks for an edit: then
a plan is made (and asked about where it is doubted) rather than refused."""
AT_LEAST = 3
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
    if (only := forced(symbols, mentions)) in verbs:
        return (only,)
    chances = likely(symbols, mentions)
    knows = max(chances.values()) >= KNOWN_CHANCE
    least = LEAST_CHANCE if knows else LEAST_CHANCE_UNKNOWN
    meant = tuple(v for v in verbs if chances[v] >= least)
    return meant or tuple(sorted(verbs, key=lambda v: -chances[v])[:AT_LEAST])


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


def is_task(symbols: Sequence[Symbol], mentions: Mentions) -> bool:
    """Whether the words are those of an edit, if what they speak of is there. A name that is
    written as code and is not there may be a new one, or another one that is meant."""
    known = {*mentions.code} <= known_names(symbols)
    least = TASK_CHANCE if known else TASK_CHANCE_UNKNOWN
    return max(likely(symbols, mentions).values()) >= least


def forced(symbols: Sequence[Symbol], mentions: Mentions) -> str:
    """The verb of a sentence that can mean nothing else: a switch that it turns, a name that it
    calls bad beside a better one, "rename a to b"; "" where it is open."""
    verb = _forced(symbols, mentions)
    return verb if verb and likely(symbols, mentions)[verb] >= FORCED_CHANCE else ""


def _forced(symbols: Sequence[Symbol], mentions: Mentions) -> str:
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
    if len(fresh) == 1 and speaks_of_name:
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


def refused(symbols: Sequence[Symbol], mentions: Mentions) -> bool:
    """Whether the sentence is no task for small edits on these symbols, by its words alone."""
    text = " ".join(fold(mentions.text).split())
    if len(text) > LONGEST or _REACHES_OUT.search(text) or _MARKUP.search(text):
        return True
    if (text.endswith("?") and _ASKS.match(text)) or _EXPLAIN.match(text):
        return True
    if {*mentions.tokens} <= known_names(symbols) and not (mentions.numbers or mentions.quoted):
        return True  # names what is there, and says nothing of it
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


__all__ = ["allowed", "asks_for_much", "forced", "is_task", "refused", "takes_away"]
