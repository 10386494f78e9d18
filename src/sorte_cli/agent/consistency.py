"""Does a plan agree with its sentence? A second opinion on what a small model planned.

No model, only the words: names that the sentence writes out must be used, a number it states must
have somewhere to go, what is changed must be named, and a sentence that asks for two things is not
done by one step. A plan that disagrees is not carried out with nobody looking.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sorte_cli.agent.clauses import VERBS, follows, joints, split_clauses
from sorte_cli.agent.grounding import (
    COMMON,
    PARTLY,
    Mentions,
    figures_in,
    fold,
    narrow,
    read_mentions,
    split_words,
    strength,
)
from sorte_cli.agent.intents import asks_for_much, forced
from sorte_cli.agent.joining import asks_for_sibling, joining
from sorte_cli.agent.likely_verbs import likely
from sorte_cli.domain import Plan, Step, Symbol

# Their answers hold names or values that are no targets.
_NAMES_INSIDE = frozenset(
    {
        "clone", "add_entry", "remove_entry", "move", "move_file", "add_import", "remove_import",
        "set_return_type", "set_value", "add_symbol", "set_docstring",
    }
)  # fmt: skip
_NO_NUMBERS = frozenset(
    {
        "rename", "delete", "delete_file", "add_import", "remove_import", "move", "move_file",
        "remove_decorator", "set_return_type", "remove_parameter",
    }
)  # fmt: skip
STRANGE = 0.05
"""Words that make neither verb of a new sibling likelier than this do not ask for one."""
UNLIKELY = 0.2
"""A step whose verb its clause makes less likely than this is doubted."""


def doubts(plan: Plan, symbols: Sequence[Symbol], mentions: Mentions) -> tuple[str, ...]:
    """What speaks against a plan; () where nothing does. Pure, no I/O."""
    steps = plan.steps
    if not steps:
        return ()
    found: list[str] = []
    if len({(s.verb, s.targets) for s in steps}) < len(steps):
        found.append("the same step twice")
    if name := _unused(steps, symbols, mentions):
        found.append(f"the sentence names {name}, the plan leaves it alone")
    if all(s.verb in _NO_NUMBERS for s in steps) and _states_number(mentions):
        found.append("the sentence states a number, the plan has no use for it")
    if verb := _unlikely(steps, symbols, mentions):
        found.append(f"the sentence hardly means {verb}")
    if asks_for_much(symbols, mentions):
        found.append("the sentence asks for more than small edits")
    if _unnamed(steps, symbols, mentions):
        found.append("the sentence does not name what the plan changes")
    if _ambiguous(steps, symbols, mentions):
        found.append("several things bear that name")
    if _contradicts(steps, symbols, mentions):
        found.append("the sentence contradicts itself")
    if _foreign(symbols, mentions):
        found.append("the sentence is in no language that is known")
    if len(steps) == 1 and not _is_cut(steps) and _asks_for_more(symbols, mentions):
        found.append("the sentence asks for more than one thing")
    if len(steps) > 1 and not _is_cut(steps) and not _is_family(steps):
        found.append("the steps are not those of the sentence's clauses")
    return tuple(found)


def _unlikely(steps: Sequence[Step], symbols: Sequence[Symbol], mentions: Mentions) -> str:
    """The verb of a step that the words of its clause do not make likely."""
    for said, together in _by_clause(steps, mentions):
        if len(together) > 1 and _is_family(together):
            chances = likely(symbols, said)
            strange = max(chances["clone"], chances["add_entry"]) < STRANGE
            if strange and joining(symbols, said):
                return "clone"
            continue
        if _is_family(steps):
            continue
        only = forced(symbols, said)
        chances = likely(symbols, said)
        for step in together:
            if only != step.verb and chances.get(step.verb, 1.0) < UNLIKELY:
                return step.verb
    return ""


def _by_clause(steps: Sequence[Step], mentions: Mentions) -> list[tuple[Mentions, list[Step]]]:
    """The steps that belong to one clause each, with what it mentions."""
    groups: dict[str, list[Step]] = {}
    for step in steps:
        groups.setdefault(step.instruction, []).append(step)
    return [(read_mentions(t) if t else mentions, group) for t, group in groups.items()]


def _is_cut(steps: Sequence[Step]) -> bool:
    return all(s.instruction for s in steps)


def _is_family(steps: Sequence[Step]) -> bool:
    return steps[0].verb == "clone" and all(s.verb in ("clone", "add_entry") for s in steps)


def _unused(steps: Sequence[Step], symbols: Sequence[Symbol], mentions: Mentions) -> str:
    """A symbol that the sentence writes out and that no step touches."""
    if any(s.verb in _NAMES_INSIDE for s in steps):
        return ""
    targets = [t for s in steps for t in s.targets]
    for symbol in symbols:
        if symbol.kind not in ("function", "method", "constant", "field"):
            continue
        written = {symbol.name, symbol.qualified_name} & {*mentions.code, *mentions.quoted}
        if not written:
            continue
        twins = {s.address for s in symbols if s.name == symbol.name}
        inside = any(t in twins or t.startswith(f"{symbol.address}.") for t in targets)
        shown = any(
            re.search(rf"\b{re.escape(symbol.name)}\b", _detail(t, symbols)) for t in targets
        )
        if not inside and not shown:
            return symbol.name
    return ""


def _detail(address: str, symbols: Sequence[Symbol]) -> str:
    return next((s.detail for s in symbols if s.address == address), "")


def _states_number(mentions: Mentions) -> bool:
    """Whether a number in figures stands outside of names and quoted texts."""
    text = mentions.text
    for written in (*mentions.quoted, *mentions.code):
        text = text.replace(written, " ")
    return bool(figures_in(text))


def _unnamed(steps: Sequence[Step], symbols: Sequence[Symbol], mentions: Mentions) -> bool:
    """Whether a target is not spoken of at all; patterns of siblings need not be."""
    if len(steps) > 1 and _is_family(steps) and asks_for_sibling(symbols, mentions):
        return False
    graded = {s.address: strength(s, mentions) for s in symbols}
    named = [t for s in steps for t in s.targets if graded.get(t, 0) >= PARTLY]
    return not named


def _ambiguous(steps: Sequence[Step], symbols: Sequence[Symbol], mentions: Mentions) -> bool:
    """Whether the sentence does not tell a target from another symbol of the same name."""
    by_address = {s.address: s for s in symbols}
    for address in (t for s in steps if s.verb != "clone" for t in s.targets):
        target = by_address.get(address)
        if target is None or target.kind == "file":
            continue
        twins = [s for s in symbols if s.name == target.name and s.kind != "file"]
        if len(twins) > 1 and narrow(twins, mentions) != (target,):
            return True
    return False


_TAKEN_BACK = re.compile(
    r"\b(?:but|mas|porem|however|except|exceto)\b.*?\b(?:do not|don.?t|not|never|keep|leave|nao|"
    r"nunca|mantenha|mantem|mantendo|deix[ae])\b(?! (?:touch|change|mexa|mexe|mude|altere)? ?"
    r"(?:everything else|anything else|the rest|others|o resto|no resto|mais nada|outr))"
)
_CURRENT = re.compile(r"-?\d[\d_]*(?:\.\d+)?")


def _contradicts(steps: Sequence[Step], symbols: Sequence[Symbol], mentions: Mentions) -> bool:
    """Whether the sentence takes back what it says, or gives one thing two values."""
    text = fold(mentions.text)
    for quoted in mentions.quoted:
        text = text.replace(fold(quoted), " ")
    if _TAKEN_BACK.search(text):
        return True
    if len(steps) != 1 or steps[0].verb != "set_value":
        return False
    figures = {frozenset(map(_plain, spellings)) for spellings in figures_in(text)}
    now = {_plain(n) for n in _CURRENT.findall(_detail(steps[0].targets[0], symbols))}
    return len([f for f in figures if not f & now]) > 1


def _plain(number: str) -> str:
    number = number.replace("_", "")
    return number.rstrip("0").rstrip(".") if "." in number else number


def _foreign(symbols: Sequence[Symbol], mentions: Mentions) -> bool:
    """Whether hardly a word of the sentence is known: French, or no words at all."""
    text = mentions.text
    for written in sorted((*mentions.quoted, *mentions.code), key=len, reverse=True):
        text = text.replace(written, " ")
    parts = {w for s in symbols for w in split_words(f"{s.qualified_name} {s.detail} {s.path}")}
    words = [w for w in re.findall(r"[^\W\d_]{2,}", fold(text)) if w not in parts]
    strange = sum(not c.isascii() for c in text if c.isalpha() and ord(c) > 0x24F)
    if strange > 2:
        return True
    if len(words) < 4:
        return False
    known = sum(w in COMMON or w in VERBS for w in words)
    return known / len(words) < 0.25 or any(w in _STRANGE for w in words)


# Words that neither English nor Portuguese has, and that sentences in these languages hardly lack.
_STRANGE = frozenset(
    {
        "dans", "avec", "vers", "veuillez", "cette", "fonction", "parametre", "und", "auf", "bitte",
        "nicht", "fur", "ist", "benenne", "funcion", "renombra", "anade", "agrega", "los", "las",
        "rinomina", "aggiungi", "della", "questa", "alla", "funzione", "funktion", "renomme",
        "ajoute", "supprime", "losche", "cambia",
    }
)  # fmt: skip


def _asks_for_more(symbols: Sequence[Symbol], mentions: Mentions) -> bool:
    """Whether a second imperative follows that the plan has no step for: in a sentence that could
    not be cut, or one of whose clauses had no plan."""
    if len(split_clauses(mentions.text, symbols)) > 1:
        return True
    for joint in joints(mentions.text):
        after = re.findall(r"[\w']+", fold(mentions.text[joint.end() :]))
        before = {fold(w) for w in re.findall(r"[\w']+", mentions.text[: joint.start()])}
        if not after[1:] or _points_back(after):
            continue
        sets_default = after[0] == "default" and "to" in after[2:4]
        if (after[0] in VERBS or sets_default) and before & VERBS:
            return True
        if follows(joint) and {*after} & _STATES and before & {*VERBS, *_STATES}:
            return True
    return False


# A clause that says with these what is to be.
_STATES = frozenset({"should", "must", "deve", "precisa", "needs", "vira", "falta"})


def _points_back(words: Sequence[str]) -> bool:
    """ "drop it", "call it so": still the same thing."""
    return bool(
        {*words[1:4]} & {"it", "that", "them", "isso", "ele", "ela", "este", "esse", "nele"}
    )


__all__ = ["doubts"]
