"""Does a plan agree with its sentence? A second opinion on what a small model planned.

No model, only the words: names that the sentence writes out must be used, a number it states must
have somewhere to go, what is changed must be named, and a sentence that asks for two things is not
done by one step. A plan that disagrees is not carried out with nobody looking.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sorte_cli.agent.clauses import VERBS, joints, split_clauses
from sorte_cli.agent.families import asks_for_copy, asks_for_sibling
from sorte_cli.agent.grounding import PARTLY, Mentions, fold, states_figure, strength
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
    if _unnamed(steps, symbols, mentions):
        found.append("the sentence does not name what the plan changes")
    if len(steps) == 1 and _asks_for_more(symbols, mentions):
        found.append("the sentence asks for more than one thing")
    if len(steps) > 1 and not _is_cut(steps) and not _is_family(steps):
        found.append("the steps are not those of the sentence's clauses")
    return tuple(found)


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
    return states_figure(text)


def _unnamed(steps: Sequence[Step], symbols: Sequence[Symbol], mentions: Mentions) -> bool:
    """Whether a target is not spoken of at all; patterns of siblings need not be."""
    sibling = asks_for_sibling(symbols, mentions) and not asks_for_copy(mentions)
    if sibling and len(steps) > 1 and _is_family(steps):
        return False
    graded = {s.address: strength(s, mentions) for s in symbols}
    named = [t for s in steps for t in s.targets if graded.get(t, 0) >= PARTLY]
    return not named


def _asks_for_more(symbols: Sequence[Symbol], mentions: Mentions) -> bool:
    """Whether a second imperative follows, in a sentence that could not be cut."""
    if len(split_clauses(mentions.text, symbols)) > 1:
        return False
    for joint in joints(mentions.text):
        after = re.findall(r"[\w']+", fold(mentions.text[joint.end() :]))
        before = {fold(w) for w in re.findall(r"[\w']+", mentions.text[: joint.start()])}
        if after[1:] and after[0] in VERBS and before & VERBS and not _points_back(after):
            return True
    return False


def _points_back(words: Sequence[str]) -> bool:
    """ "drop it", "call it so": still the same thing."""
    return bool(
        {*words[1:4]} & {"it", "that", "them", "isso", "ele", "ela", "este", "esse", "nele"}
    )


__all__ = ["doubts"]
