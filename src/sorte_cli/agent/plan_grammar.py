"""The grammar of a plan in the compact profile (GBNF): which steps a small model may propose.

The choices are narrowed to what the sentence mentions. `wide_grammar` is that of larger models.
"""

from __future__ import annotations

from collections.abc import Sequence

from sorte_cli.agent import families, grounding, intents
from sorte_cli.agent.clauses import joints
from sorte_cli.agent.grounding import Mentions
from sorte_cli.agent.rules import Rules
from sorte_cli.agent.targets import COMPACT_VERBS, candidates, grounded
from sorte_cli.domain import Symbol
from sorte_cli.inference.grammar import escape

MAX_STEPS = 8
LINE_END = "\n"


def plan_grammar(symbols: Sequence[Symbol], mentions: Mentions) -> str:
    """The grammar of a plan: up to eight steps, or `none: REASON`.

    Every target is one of `symbols` that the verb can act on and that the sentence speaks of. Where
    it clearly names one and its words are those of a task, `none` is no choice.
    """
    rules = Rules()
    rules.add("reason", "[^\\n]{1,120}")
    whole: list[str] = []
    lines: list[str] = []
    grades = {s.address: grounding.strength(s, mentions) for s in symbols}
    clear = max(grades.values(), default=0) >= grounding.WORD
    named = [s for s in symbols if grades[s.address]] if clear else []
    for verb in _verbs(symbols, mentions):
        fitting = candidates(verb, symbols)
        if verb != "clone" and named:
            fitting = tuple(s for s in candidates(verb, named) if s in fitting)
        fitting = grounded(verb, fitting, symbols, mentions)
        if not fitting:
            continue
        if verb == "clone":
            families, copies = _clone_lines(rules, fitting, symbols, mentions)
            whole += families
            lines += copies
            continue
        target = rules.choice(f"t-{verb.replace('_', '-')}", (s.address for s in fitting))
        lines.append(f'{escape(verb + " ")} {target} "\\n"')
    plans = ['"none: " reason "\\n"', *whole]
    if lines:
        rules.add("step", " | ".join(lines))
        more = min(MAX_STEPS - 1, len(joints(mentions.text)))
        plans.append(f"step step{{0,{more}}}")
        if intents.forced(symbols, mentions) or (clear and intents.is_task(symbols, mentions)):
            plans = plans[1:]
    rules.add("root", " | ".join(plans))
    return rules.text


def _verbs(symbols: Sequence[Symbol], mentions: Mentions) -> tuple[str, ...]:
    """The compact verbs that the sentence's words can mean, and that can act on what it names."""
    return intents.allowed(_able(symbols, mentions), symbols, mentions)


def _able(symbols: Sequence[Symbol], mentions: Mentions) -> tuple[str, ...]:
    """The compact verbs that can act on what the sentence names; all where it names nothing. A
    pattern to clone need not be named, unless what is named cannot be one."""
    if families.asks_for_sibling(symbols, mentions):
        return COMPACT_VERBS
    grades = {s.address: grounding.strength(s, mentions) for s in symbols}
    best = max(grades.values(), default=0)
    if best < grounding.WORD:
        return COMPACT_VERBS
    named = [s for s in symbols if grades[s.address]]
    able = [v for v in COMPACT_VERBS if candidates(v, named)]
    sure = {s.kind for s in symbols if grades[s.address] == best}
    if not sure <= {"constant", "field", "method"}:
        able.append("clone")
    return tuple(v for v in COMPACT_VERBS if v in able) or COMPACT_VERBS


def _clone_lines(
    rules: Rules, fitting: Sequence[Symbol], symbols: Sequence[Symbol], mentions: Mentions
) -> tuple[list[str], list[str]]:
    """(whole plans, single steps) that clone.

    Where the sentence wants one more of a kind, the plan is all that makes it one: the pattern's
    clone, its registry and its test. A mere copy may do without the last two.
    """
    sibling = families.asks_for_sibling(symbols, mentions)
    patterns = [s for s in fitting if s.kind != "file"]
    if sibling:
        registered = [s for s in patterns if families.registries_of(s, symbols)]
        patterns = _first_if_any_will_do(registered or patterns, symbols, mentions)
        whole = [" ".join(_family_steps(p, symbols, False)) for p in patterns]
    else:
        whole = []
    copies = [] if sibling else [" ".join(_family_steps(p, symbols, True)) for p in patterns]
    files = [s for s in fitting if s.kind == "file"]
    written = {*mentions.code, *mentions.quoted}
    shown = [s for s in files if {s.path, s.name} & written]
    apart = _without(shown, mentions)
    sure = [p for p in patterns if grounding.strength(p, apart) >= grounding.WORD]
    if (sibling and whole) or sure:
        files = shown
    elif shown and not sibling:
        copies = []
    if files:
        copies.append(f'"clone " {rules.choice("t-clone", (s.address for s in files))} "\\n"')
    return whole, copies


def _without(files: Sequence[Symbol], mentions: Mentions) -> Mentions:
    """The sentence without the names of files: "queue.py" names no class Queue."""
    text = mentions.text
    for file in files:
        text = text.replace(file.path, " ").replace(file.name, " ")
    return grounding.read_mentions(text) if files else mentions


def _first_if_any_will_do(
    patterns: Sequence[Symbol], symbols: Sequence[Symbol], mentions: Mentions
) -> list[Symbol]:
    """The most relevant pattern alone where the sentence names none and all are of one family."""
    named = families.narrow_patterns(patterns, mentions)
    if len(named) < len(patterns) or len(patterns) < 2:
        return list(named)
    registries = families.registries_of(patterns[0], symbols)
    one = registries and all(families.registries_of(p, symbols) == registries for p in patterns)
    return [patterns[0]] if one else list(patterns)


def _family_steps(pattern: Symbol, symbols: Sequence[Symbol], optional: bool) -> list[str]:
    mark = "?" if optional else ""
    steps = [escape(f"clone {pattern.address}\n")]
    for registry in families.registries_of(pattern, symbols)[:1]:
        steps.append(f"({escape('add_entry ' + registry.address + LINE_END)}){mark}")
    for test in families.tests_of(pattern, symbols)[:1]:
        steps.append(f"({escape('clone ' + test.path + LINE_END)}){mark}")
    return steps
