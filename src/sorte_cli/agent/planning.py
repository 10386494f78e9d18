"""Task to plan: choose what the brain sees, let it think where it can, take its plan."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sorte_cli.agent import prompting
from sorte_cli.agent.clauses import split_clauses
from sorte_cli.agent.consistency import doubts
from sorte_cli.agent.exploring import Library, look_around
from sorte_cli.agent.grammar import MAX_STEPS, plan_grammar
from sorte_cli.agent.grounding import EXACT, WORD, Mentions, read_mentions, strength
from sorte_cli.agent.json_form import plan_schema, plan_text
from sorte_cli.agent.plans import parse_plan
from sorte_cli.agent.prompting import NOTHING, Around, Message, plan_messages
from sorte_cli.agent.relations import spoken_of
from sorte_cli.agent.report import Observer
from sorte_cli.agent.wide_grammar import wide_plan_grammar
from sorte_cli.domain import Plan, Step, Symbol
from sorte_cli.inference import Engine, ModelInfo, Options
from sorte_cli.inference.engine import REMOTE
from sorte_cli.settings import Settings

COMPACT_LIMIT_PARAMETERS = 3_500_000_000
THINKING_TOKENS = 600
PLAN_TOKENS = {"compact": 40 * MAX_STEPS, "full": 1200}
LEAST_CERTAINTY = {"compact": (0.65, 0.8), "full": (0.0, 0.0)}
"""How sure a plan must be that nobody looks at: when the sentence names all that it changes, and
when it does not. Small models guess rather than refuse; docs/nano.md has the curves."""
DOUBTED = 0.4
"""How sure a plan is at most that does not agree with its sentence (see `consistency`)."""
DEFAULT_BOUNDS = {"compact": (0, 0), "full": (2, 1)}
INSTRUCTION_FILES = ("AGENTS.md", "CLAUDE.md")
INSTRUCTIONS_LIMIT_CHARS = 6_000


@dataclass(frozen=True, slots=True)
class Situation:
    """What both roles see of a run: the task, what it mentions, symbols, what the project says to
    every task, and what stands about this one."""

    task: str
    mentions: Mentions
    symbols: tuple[Symbol, ...]
    project: str = ""
    around: Around = NOTHING
    reach: tuple[Symbol, ...] = ()
    """What else a plan of the full profile may name: all that stands in the chosen files."""
    paths: tuple[str, ...] = ()
    """Every file of the project, for the same."""


def profile_for(info: ModelInfo, setting: str) -> str:
    """ "compact" or "full": as set, else by the model's size."""
    if setting != "auto":
        return setting
    return "compact" if info.parameters <= COMPACT_LIMIT_PARAMETERS else "full"


def bounds(settings: Settings, profile: str) -> tuple[int, int]:
    """How many repairs a step and how many new plans a run may have."""
    repairs, replans = DEFAULT_BOUNDS[profile]
    return (
        settings.max_repairs if settings.max_repairs >= 0 else repairs,
        settings.max_replans if settings.max_replans >= 0 else replans,
    )


def project_instructions(root: Path) -> str:
    """AGENTS.md (else CLAUDE.md) of the project, as data for the prompt; cut where it is huge."""
    for name in INSTRUCTION_FILES:
        path = root / name
        if path.is_file() and not path.is_symlink():
            text = path.read_text(encoding="utf-8", errors="replace").strip()
            if len(text) > INSTRUCTIONS_LIMIT_CHARS:
                text = text[:INSTRUCTIONS_LIMIT_CHARS] + "\n(cut here)"
            return f"The project's own instructions ({name}):\n{text}"
    return ""


def named_first(symbols: Sequence[Symbol], mentions: Mentions) -> tuple[Symbol, ...]:
    """What the sentence names beyond doubt before the rest, so that it is never cut off; files
    that it writes out are among it."""
    paths = {s.path for s in symbols}
    files = {s.path for s in symbols if s.kind == "file"}
    written = dict.fromkeys(t for t in (*mentions.code, *mentions.quoted) if t in paths - files)
    named = [s for s in symbols if strength(s, mentions) >= EXACT]
    return tuple(dict.fromkeys([*named, *(Symbol(path, "file") for path in written), *symbols]))


def fit_symbols(
    engine: Engine, profile: str, symbols: Sequence[Symbol], *, room_tokens: int
) -> tuple[Symbol, ...]:
    """As many symbols as the profile shows and the window holds, best first."""
    shown: list[Symbol] = []
    used = 0
    for symbol in symbols[: prompting.SYMBOLS_SHOWN[profile]]:
        cost = engine.count(prompting.render_symbol(symbol)) + 1
        if used + cost > room_tokens:
            break
        shown.append(symbol)
        used += cost
    return tuple(shown)


def make_plan(
    engine: Engine,
    profile: str,
    situation: Situation,
    observer: Observer,
    remarks: str = "",
    *,
    thinking_tokens: int = THINKING_TOKENS,
    library: Library | None = None,
) -> Plan:
    """Ask the brain for a plan. The grammar lets it name only what is there. In the full profile
    it may first look things up in the `library`.

    In the compact profile a task of several clauses is planned clause by clause; each step then
    carries its clause as its instruction.
    """
    plan = None
    if profile == "compact" and not remarks:
        plan = _by_clauses(engine, situation, observer)
    if plan is None:
        plan = _ask(engine, profile, situation, observer, remarks, thinking_tokens, library)
    if profile == "compact" and doubts(plan, situation.symbols, situation.mentions):
        return replace(plan, certainty=min(plan.certainty, DOUBTED))
    return plan


def _by_clauses(engine: Engine, situation: Situation, observer: Observer) -> Plan | None:
    """The plans of the clauses as one; None where there is but one clause, or one has no plan."""
    clauses = split_clauses(situation.task, situation.symbols)
    if len(clauses) < 2:
        return None
    parts = [_part(situation, clause) for clause in clauses]
    plans = [_ask(engine, "compact", part, observer, "", 0, None) for part in parts]
    if not all(plan.steps for plan in plans):
        return None
    certainty = min(plan.certainty for plan in plans)
    return Plan(_with_clauses(clauses, plans), certainty=certainty)


def _part(situation: Situation, clause: str) -> Situation:
    return replace(situation, task=clause, mentions=read_mentions(clause))


def _with_clauses(clauses: Sequence[str], plans: Sequence[Plan]) -> tuple[Step, ...]:
    steps = [
        replace(step, instruction=clause)
        for clause, plan in zip(clauses, plans, strict=True)
        for step in plan.steps
    ]
    return tuple(steps[:MAX_STEPS])


def _ask(
    engine: Engine,
    profile: str,
    situation: Situation,
    observer: Observer,
    remarks: str,
    thinking_tokens: int,
    library: Library | None,
) -> Plan:
    project = situation.project if profile == "full" else ""
    messages = plan_messages(
        profile,
        situation.symbols,
        situation.task,
        project=project,
        remarks=remarks,
        around=situation.around,
    )
    schema = ""
    if profile == "compact":
        thinking_tokens = 0
        named = spoken_of(situation.symbols, situation.mentions)
        grammar = plan_grammar(named, situation.mentions)
    else:
        seen: Sequence[Symbol] = ()
        if library is not None:
            reserved = PLAN_TOKENS[profile] + thinking_tokens
            messages = look_around(engine, messages, library, observer, reserved_tokens=reserved)
            seen = library.symbols()
        symbols = (*situation.symbols, *situation.reach, *seen)
        grammar = wide_plan_grammar(symbols, situation.paths, MAX_STEPS)
        if engine.info.architecture == REMOTE:
            schema = plan_schema(symbols, situation.paths)
    if thinking_tokens and not engine.info.thinks:
        messages = _think_first(engine, messages, observer, thinking_tokens)
    observer.event("thinking", role="brain")
    answer = engine.generate(
        [(m.role, m.content) for m in messages],
        Options(
            max_tokens=PLAN_TOKENS[profile],
            grammar=grammar,
            think_tokens=thinking_tokens,
            schema=schema,
        ),
        on_text=lambda text: observer.event("text", text=text),
        on_prompt=lambda done, total: observer.event("prompt", done=done, total=total),
    )
    text = _plan_text(answer.text) if answer.form == "json" else answer.text
    plan = parse_plan(_whole_lines(text, answer.finish))
    steps = _once(plan.steps) if profile == "compact" else plan.steps
    return replace(plan, steps=steps, certainty=math.exp(min(answer.certainties, default=0.0)))


def _once(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Without what a small model says twice; two entries of one collection are two steps."""
    kept: list[Step] = []
    for step in steps:
        if step not in kept or step.verb in ("add_entry", "add_parameter", "add_import", "clone"):
            kept.append(step)
    return tuple(kept)


def is_sure(plan: Plan, profile: str, situation: Situation) -> bool:
    """Whether a plan may be carried out without anyone's having looked at it."""
    named, unnamed = LEAST_CERTAINTY[profile]
    graded = {s.address: strength(s, situation.mentions) for s in situation.symbols}
    targets = [t for step in plan.steps for t in step.targets]
    all_named = all(graded.get(t, 0) >= WORD for t in targets)
    if plan.certainty < (named if all_named else unnamed):
        return False
    return profile != "compact" or not doubts(plan, situation.symbols, situation.mentions)


def _think_first(
    engine: Engine, messages: list[Message], observer: Observer, most_tokens: int
) -> list[Message]:
    """A bounded stretch of free thinking before the grammar starts, for models that were not
    trained to think; the others do so in their own way.
    """
    *before, last = messages
    asked = Message("user", last.content.removesuffix("plan") + "think")
    observer.event("thinking", role="brain")
    thought = engine.generate(
        [(m.role, m.content) for m in (*before, asked)],
        Options(max_tokens=most_tokens),
        on_text=lambda text: observer.event("text", text=text),
        on_prompt=lambda done, total: observer.event("prompt", done=done, total=total),
    )
    return [*before, asked, Message("assistant", thought.text.strip()), Message("user", "plan")]


def _plan_text(answer: str) -> str:
    try:
        return plan_text(answer)
    except ValueError as error:
        return f"none: {error}"


def _whole_lines(text: str, finish: str) -> str:
    """Without a last line that the token limit cut off."""
    return text if finish != "length" else text.rpartition("\n")[0]
