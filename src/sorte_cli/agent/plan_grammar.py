"""The grammar of a plan in the compact profile (GBNF): which steps a small model may propose.

The choices are narrowed to what the sentence mentions. `wide_grammar` is that of larger models.
"""

from __future__ import annotations

from collections.abc import Sequence

from sorte_cli.agent import families, grounding, intents
from sorte_cli.agent.clauses import joints
from sorte_cli.agent.grounding import Mentions
from sorte_cli.agent.joining import Joining, asks_for_sibling, complains, joining
from sorte_cli.agent.likely_verbs import likely
from sorte_cli.agent.rules import Rules
from sorte_cli.agent.targets import COMPACT_VERBS, candidates, grounded
from sorte_cli.domain import Symbol
from sorte_cli.inference.grammar import escape

MAX_STEPS = 8
LINE_END = "\n"


def plan_grammar(symbols: Sequence[Symbol], mentions: Mentions) -> str:
    """The grammar of a plan: up to eight steps, or `none: REASON`.

    Every target is one of `symbols` that the verb can act on and that the sentence speaks of. Where
    it speaks of one and its words are those of a task, `none` is no choice.
    """
    rules = Rules()
    rules.add("reason", "[^\\n]{1,120}")
    whole: list[str] = []
    lines: list[str] = []
    grades = {s.address: grounding.strength(s, mentions) for s in symbols}
    best = max(grades.values(), default=0)
    named = [s for s in symbols if grades[s.address]] if best >= grounding.WORD else []
    called = joining(symbols, mentions)
    verbs = _verbs(symbols, mentions)
    if called and _only_renames(called, symbols, mentions):
        called = None
    if called and verbs and not intents.forced(symbols, mentions):
        verbs = ("clone", *_besides(called, verbs, symbols, mentions))
    for verb in verbs:
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
        if intents.forced(symbols, mentions) or (best and intents.is_task(symbols, mentions)):
            plans = plans[1:]
    elif whole and called and _is_wish(called, symbols, mentions):
        plans = whole
    rules.add("root", " | ".join(plans))
    return rules.text


OTHERWISE = 0.5
"""What else than one more of a kind is offered, where the sentence calls that by its name, must be
so likely by the words, and likelier than a clone or an entry."""
_OF_NEW_NAMES = ("rename", "add_import", "set_return_type", "change_parameter")
RENAME, UNLIKELY_WISH, WISH = 0.85, 0.1, 0.3
"""How likely a clone or an entry must be for `none` to be no choice then; a sentence that says what
the new thing is to be like is a wish in any words. Below the first it may be a mere new name."""


def _besides(
    called: Joining, verbs: Sequence[str], symbols: Sequence[Symbol], mentions: Mentions
) -> tuple[str, ...]:
    """Those of the verbs that such a sentence may mean all the same: "import `PulseEffect`"."""
    chances = likely(symbols, mentions)
    least = max(OTHERWISE, chances["clone"], chances["add_entry"])
    fitting = {*_OF_NEW_NAMES}
    if not called.likened and not mentions.numbers:
        fitting.add("set_value")
    if intents.takes_away(symbols, mentions):
        fitting |= {v for v in verbs if v.startswith(("remove", "delete"))}
    return tuple(v for v in verbs if v in fitting and chances[v] >= least)


def _only_renames(called: Joining, symbols: Sequence[Symbol], mentions: Mentions) -> bool:
    """Whether the new name is surely one for something that is there: "FadeEffect -> DimEffect"."""
    chances = likely(symbols, mentions)
    wish = max(chances["clone"], chances["add_entry"])
    return not called.likened and chances["rename"] >= RENAME and wish < UNLIKELY_WISH


def _is_wish(called: Joining, symbols: Sequence[Symbol], mentions: Mentions) -> bool:
    if complains(mentions):
        return False
    chances = likely(symbols, mentions)
    return called.likened or max(chances["clone"], chances["add_entry"]) >= WISH


def _verbs(symbols: Sequence[Symbol], mentions: Mentions) -> tuple[str, ...]:
    """The compact verbs that the sentence's words can mean, and that can act on what it names."""
    return intents.allowed(_able(symbols, mentions), symbols, mentions)


def _able(symbols: Sequence[Symbol], mentions: Mentions) -> tuple[str, ...]:
    """The compact verbs that can act on what the sentence names; all where it names nothing. A
    pattern to clone need not be named, unless what is named cannot be one."""
    if asks_for_sibling(symbols, mentions):
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
    sibling = asks_for_sibling(symbols, mentions)
    patterns = [s for s in fitting if s.kind != "file"]
    whole: list[str] = []
    copies: list[str] = []
    if sibling:
        if joining(symbols, mentions) is None:
            registered = [s for s in patterns if families.registries_of(s, symbols)]
            patterns = _first_if_any_will_do(registered or patterns, symbols, mentions)
        whole = [" ".join(_family_steps(p, symbols, mentions, False)) for p in patterns]
    else:
        whole = []
    copies = (
        [] if sibling else [" ".join(_family_steps(p, symbols, mentions, True)) for p in patterns]
    )
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


def _fitness(registry: Symbol, mentions: Mentions) -> tuple[int, int]:
    """Of two collections the better registry is the one that is named, or else holds more."""
    return grounding.strength(registry, mentions), len(families.held_by(registry))


def _family_steps(
    pattern: Symbol, symbols: Sequence[Symbol], mentions: Mentions, optional: bool
) -> list[str]:
    mark = "?" if optional else ""
    steps = [escape(f"clone {pattern.address}\n")]
    if registries := families.registries_of(pattern, symbols):
        registry = max(registries, key=lambda r: _fitness(r, mentions))
        steps.append(f"({escape('add_entry ' + registry.address + LINE_END)}){mark}")
    for test in families.tests_of(pattern, symbols)[:1]:
        steps.append(f"({escape('clone ' + test.path + LINE_END)}){mark}")
    return steps
