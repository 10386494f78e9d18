"""How many pairs a model gets right, asked through the real engine as a run asks it.

Right means exactly right: all steps of the plan and all operations, both roles, under the grammar.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.agent.executing import STEP_TOKENS
from sorte_cli.agent.grammar import step_grammar
from sorte_cli.agent.grounding import read_mentions
from sorte_cli.agent.planning import Situation, make_plan
from sorte_cli.agent.prompting import Body, step_messages
from sorte_cli.agent.wide_grammar import wide_step_grammar
from sorte_cli.domain import Step, Symbol
from sorte_cli.errors import SorteError
from sorte_cli.inference import Engine, ModelSpec, Options, open_engine
from sorte_cli.learning.examples import Pair

OnPair = Callable[[int, int], None]
"""(pairs measured, pairs in all)."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Which of the pairs were right, in their order."""

    right: tuple[bool, ...]

    @property
    def share(self) -> float:
        """From 0 to 1; 0 where there was nothing to measure."""
        return sum(self.right) / len(self.right) if self.right else 0.0


class Silent:
    """An observer for whom nothing happens."""

    def event(self, name: str, **data: object) -> None:
        pass

    def approve_plan(self, plan_text: str) -> str | None:
        return plan_text

    def consent(self, question_id: str, text: str) -> bool:
        return False


def measure(
    model: Path,
    pairs: Sequence[Pair],
    *,
    adapter: Path | None = None,
    profile: str = "compact",
    on_pair: OnPair = lambda done, total: None,
) -> Measured:
    """Ask the model, with or without the adapter. Raises what the engine raises."""
    adapters = ((adapter, 1.0),) if adapter is not None else ()
    engine = open_engine(ModelSpec(model, adapters=adapters))
    found: list[bool] = []
    try:
        for pair in pairs:
            found.append(is_right(engine, profile, pair))
            on_pair(len(found), len(pairs))
    finally:
        engine.close()
    return Measured(tuple(found))


def is_right(engine: Engine, profile: str, pair: Pair) -> bool:
    """Whether plan and operations come out as the pair has them."""
    situation = Situation(pair.task, read_mentions(pair.task), pair.symbols)
    try:
        plan = make_plan(engine, profile, situation, Silent())
    except SorteError:
        return False
    # A clause as instruction says the same as the task that it is a part of.
    if [(s.verb, s.targets) for s in plan.steps] != [(s.verb, s.targets) for s in pair.steps]:
        return False
    bodies = pair.bodies or ((),) * len(pair.steps)
    created: list[Symbol] = []
    for step, right, body in zip(plan.steps, pair.answers, bodies, strict=True):
        if _answer(engine, profile, situation, step, body, created).strip() != right.strip():
            return False
        created += _made(pair, right)
    return True


def _made(pair: Pair, answer: str) -> list[Symbol]:
    """The class or function that a clone made, as a run tells its later steps."""
    match answer.split():
        case ["clone", address, name, *rest] if "::" in address:
            pattern = next((s for s in pair.symbols if s.address == address), None)
            path = rest[1] if rest[:1] == ["to"] else address.partition("::")[0]
            kind, detail = (pattern.kind, pattern.detail) if pattern else ("class", "")
            return [Symbol(f"{path}::{name}", kind, detail)]
    return []


def _answer(
    engine: Engine,
    profile: str,
    situation: Situation,
    step: Step,
    bodies: tuple[Body, ...],
    created: Sequence[Symbol],
) -> str:
    """The executor's operation; empty where the grammar cannot be made."""
    try:
        if profile == "full":
            grammar = wide_step_grammar(step, (*situation.symbols, *created), (), bodies)
        else:
            grammar = step_grammar(step, situation.symbols, situation.mentions, bodies, created)
        messages = step_messages(profile, situation.symbols, situation.task, step, bodies)
        options = Options(max_tokens=STEP_TOKENS[profile], grammar=grammar)
        return engine.generate([(m.role, m.content) for m in messages], options).text
    except SorteError:
        return ""
