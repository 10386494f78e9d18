"""Do the answers agree with the sentence? A second opinion on what a small model wrote for a step.

No model, only the words, as `consistency` does for plans: what the sentence quotes, writes as code
or states in figures must be used, what it does not say must not turn up, and a name that is taken
from plain words must be the only one that it could be. What disagrees is not carried out with
nobody looking.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sorte_cli.agent.clauses import VERBS
from sorte_cli.agent.declaring import PARAMETER_WORDS, TYPE_WORDS, TYPES
from sorte_cli.agent.grounding import (
    COMMON,
    Mentions,
    figures_in,
    fold,
    is_slip,
    looks_like_code,
    occurs,
    read_mentions,
    split_words,
    strength,
)
from sorte_cli.agent.joining import keys_under, told_keys
from sorte_cli.agent.naming import known_names
from sorte_cli.agent.signatures import parameters
from sorte_cli.domain import Plan, Step, Symbol

_NUMBER = re.compile(r"(?<![\w.])\d[\d_]*(?:\.\d+)?(?![\w])")
_DECLARED = re.compile(r"^add_parameter \S+ [\"']([A-Za-z_]\w*)")
_RENAMED = re.compile(r"^rename \S+ (\w+)$")
_DETAILS = {
    "extra",
    "optional",
    "opcional",
    "pass",
    "passing",
    "new",
    "string",
    "integer",
    "boolean",
}
_OPERANDS = re.compile(r"^\S+ \S+")


@dataclass(frozen=True, slots=True)
class Objection:
    """`word` is said and not used ("unused"), used and not said ("thought up"), or a name that
    could be another ("one of many")."""

    kind: str
    word: str


def objections(
    answers: Sequence[str], symbols: Sequence[Symbol], mentions: Mentions
) -> tuple[Objection, ...]:
    """What speaks against the operations written for a sentence, or for one clause of it; () where
    nothing does. `answers` are the operations' texts, one step after another. Pure, no I/O."""
    found = (
        ("unused", _unused(answers, symbols, mentions)),
        ("thought up", _thought_up(answers, mentions)),
        ("one of many", _one_of_many(answers, symbols, mentions)),
    )
    return tuple(Objection(kind, word) for kind, word in found if word)


def objections_to_step(
    answer: str, step: Step, plan: Plan, symbols: Sequence[Symbol], mentions: Mentions
) -> tuple[Objection, ...]:
    """Those to what was written for one step of a plan. Of steps that share a clause only the one
    that the others follow from can be judged by itself: the clone of a sibling."""
    together = [s for s in plan.steps if s.instruction == step.instruction]
    if len(together) > 1 and not (step.verb == "clone" and "::" in step.targets[0]):
        return ()
    said = read_mentions(step.instruction) if step.instruction else mentions
    return objections([answer], symbols, said)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", fold(text))


def _unused(answers: Sequence[str], symbols: Sequence[Symbol], mentions: Mentions) -> str:
    """A quoted text, a new name or a number that no operation holds."""
    # The registry and the test of a sibling follow from its clone.
    clones = [a for a in answers if a.startswith("clone ") and "::" in a]
    whole = "\n".join(clones or answers)
    letters = _letters(whole)
    there = known_names(symbols) | {p for s in symbols for p, _ in parameters(s.detail)}
    folded = {fold(n) for n in there}
    keys = {*told_keys(mentions), *keys_under(mentions)} if clones else set()
    for said in dict.fromkeys((*mentions.quoted, *mentions.code)):
        last = said.rstrip("()").rpartition(".")[2]
        known = {said.rstrip("()"), last} & there or {fold(said), fold(last)} & folded
        if known or _describes(said, symbols) or len(_letters(said)) < 3 or said in keys:
            continue
        if said not in mentions.quoted and any(is_slip(said, s.name) for s in symbols):
            continue
        owner, dot, own = said.rstrip("()").rpartition(".")
        if dot and owner in there:  # "Report.render -> Report.draw"
            said = own
        if _letters(said) not in letters and not _in_details(said, answers, symbols):
            return said
    details = " ".join(_detail(a, symbols) for a in answers)
    held = {_plain(n) for n in _NUMBER.findall(f"{whole} {details}".replace("_", ""))}
    text = mentions.text
    for written in (*mentions.quoted, *mentions.code):
        text = text.replace(written, " ")
    for spellings in figures_in(text):
        if not {_plain(s.lstrip("-")) for s in spellings} & held:
            return spellings[0]
    return ""


def _describes(said: str, symbols: Sequence[Symbol]) -> bool:
    """Whether quoted words name something that is there: "lock file" for _lock_file."""
    words = split_words(said)
    parts = [split_words(s.name) for s in symbols] + [
        split_words(s.qualified_name) for s in symbols
    ]
    return bool(words) and any(words == p for p in parts)


def _in_details(said: str, answers: Sequence[str], symbols: Sequence[Symbol]) -> bool:
    """Whether the things that are changed hold the text now: the old value beside the new."""
    return any(_letters(said) in _letters(_detail(a, symbols)) for a in answers)


def _detail(answer: str, symbols: Sequence[Symbol]) -> str:
    head = _OPERANDS.match(answer)
    address = head.group().partition(" ")[2] if head else ""
    address = address.partition("#")[0].partition("(")[0]
    return next((s.detail for s in symbols if s.address == address), "")


def _plain(number: str) -> str:
    number = number.replace("_", "")
    return number.rstrip("0").rstrip(".") if "." in number else number


def _thought_up(answers: Sequence[str], mentions: Mentions) -> str:
    """A number in a new value or default that the sentence does not state."""
    stated = {_plain(n.lstrip("-")) for n in mentions.numbers} | {"0", "1"}
    texts = " ".join(mentions.quoted)
    for answer in answers:
        if answer.partition(" ")[0] not in ("add_parameter", "change_parameter", "set_value"):
            continue
        operand = _OPERANDS.sub("", answer, count=1)
        for match in _NUMBER.finditer(operand):
            number = match.group()
            if _plain(number) not in stated and number not in texts and number not in mentions.text:
                return number
    return ""


def _one_of_many(answers: Sequence[str], symbols: Sequence[Symbol], mentions: Mentions) -> str:
    """A new name that was taken from plain words, where the word beside it would do as well."""
    if any(looks_like_code(c) and c not in known_names(symbols) for c in mentions.code):
        return ""
    for answer in answers:
        match = _DECLARED.match(answer) or _RENAMED.match(answer)
        if not match or match[1] in mentions.quoted:
            continue
        if _beside(match[1], symbols, mentions):
            return match[1]
        if _RENAMED.match(answer) and _in_passing(match[1], symbols, mentions):
            return match[1]
    return ""


# What a new name follows; "Dish is vague, call it Antenna" does not name it vague.
_CUES = (
    r"(?:\b(?:to|into|as|call|called|calling|name|named|use|using|with|be|becomes?|become|now|say|says|"
    r"saying|mean|means|prefer|spelt|spelled|written|para|pra|por|como|chame|chama|chamar|chamad[oa]|"
    r"nome|usa|usar|use|bota|poe|vira|virar|ser|seria|dizer|diga|com|rename|renomeie|renomeia)"
    r"(?: (?:it|simply|just|plain|so|apenas|simplesmente|o|a|um|uma|an|the|de|da|do|class|classe|"
    r"function|funcao|method|metodo|constant|constante|field|campo|parameter|parametro))*|->|=>|→|[:=;,(/|-])"
    r"\s*[`\"'“]*"
)


def _in_passing(name: str, symbols: Sequence[Symbol], mentions: Mentions) -> bool:
    """Whether a plain word became the new name that follows nothing that announces one, while
    other words could be it."""
    text = fold(mentions.text)
    word = re.escape(fold(name))
    if looks_like_code(name) or not re.search(rf"(?<!\w){word}(?!\w)", text):
        return False
    there = {fold(n) for n in known_names(symbols)}
    there |= {w for s in symbols for w in (*split_words(s.qualified_name), fold(s.name))}
    before = re.findall(rf"([\w.]+)[`\"']*\s+[`\"']*{word}(?!\w)", text)
    if re.search(rf"{_CUES}{word}(?!\w)", text) or {*before} & there:
        return False
    glue = {*COMMON, *VERBS, *_DETAILS, *PARAMETER_WORDS, *TYPE_WORDS}
    others = (fold(t) for t in mentions.tokens)
    return any(w != fold(name) and w not in glue and w not in there and len(w) > 2 for w in others)


def _beside(name: str, symbols: Sequence[Symbol], mentions: Mentions) -> bool:
    """Whether a word beside the name is neither glue nor something that is there."""
    folded = [fold(t) for t in re.findall(r"[^\W\d]\w*|[^\w\s]", mentions.text)]
    if fold(name) not in folded:
        # Words of the sentence that are joined stand together in it.
        words = split_words(name)
        return len(words) > 1 and not occurs(words, mentions.pieces)
    at = len(folded) - 1 - folded[::-1].index(fold(name))
    near = [*folded[max(at - 1, 0) : at], *folded[at + 1 : at + 2]]
    glue = {*COMMON, *VERBS, *_DETAILS, *PARAMETER_WORDS, *TYPE_WORDS, *(fold(t) for t in TYPES)}
    open_words = [w for w in near if w.isidentifier() and len(w) > 1 and w not in glue]
    there = {w for s in symbols if strength(s, mentions) for w in split_words(s.qualified_name)}
    there |= {fold(p) for s in symbols if strength(s, mentions) for p, _ in parameters(s.detail)}
    return any(w not in there for w in open_words)


__all__ = ["Objection", "objections", "objections_to_step"]
