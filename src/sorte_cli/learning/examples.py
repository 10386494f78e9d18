"""A pair: a sentence with what the model saw, and what it should have answered in both roles."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sorte_cli.agent.plans import print_plan
from sorte_cli.agent.prompting import Body, Message, plan_messages, step_messages
from sorte_cli.agent.targets import COMPACT_VERBS
from sorte_cli.domain import Plan, Step, Symbol

GENERAL = Path(__file__).parent / "general.jsonl.gz"


@dataclass(frozen=True, slots=True)
class Pair:
    """`answers` are operations, one text for each of `steps`; without steps the right plan is
    `none: REASON`. `kind` says where it comes from ("accepted", "corrected", "refused",
    "general"), `run` which run taught it.
    """

    task: str
    symbols: tuple[Symbol, ...]
    steps: tuple[Step, ...]
    answers: tuple[str, ...]
    bodies: tuple[tuple[Body, ...], ...] = ()
    reason: str = ""
    kind: str = "general"
    run: str = ""
    language: str = ""

    @property
    def plan_text(self) -> str:
        """The right plan as the brain writes it."""
        return print_plan(Plan(self.steps, self.reason))

    def dialogues(self, profile: str) -> list[tuple[list[Message], str]]:
        """(prompt, right answer) of the plan and of each step."""
        steps = self.steps
        if profile == "full":  # its plans say of each step what to do
            steps = tuple(replace(s, instruction=s.instruction or self.task) for s in steps)
        plan = print_plan(Plan(steps, self.reason))
        found = [(plan_messages(profile, self.symbols, self.task), plan)]
        bodies = self.bodies or ((),) * len(steps)
        for step, answer, body in zip(steps, self.answers, bodies, strict=True):
            prompt = step_messages(profile, self.symbols, self.task, step, body)
            found.append((prompt, answer.rstrip("\n") + "\n"))
        return found


def dump(pairs: Iterable[Pair]) -> str:
    """Pairs as JSON, one a line."""
    return "".join(json.dumps(_plain(pair), ensure_ascii=False) + "\n" for pair in pairs)


def load(text: str) -> list[Pair]:
    """What `dump` wrote."""
    return [_pair(json.loads(line)) for line in text.splitlines() if line]


def general_pairs() -> tuple[list[Pair], list[Pair]]:
    """The general pairs that ship: (to rehearse while training, to measure with). Those with an
    operation that small models are not asked for are left out."""
    found = load(gzip.decompress(GENERAL.read_bytes()).decode("utf-8"))
    found = [p for p in found if all(s.verb in COMPACT_VERBS for s in p.steps)]
    return [p for p in found if p.kind == "rehearse"], [p for p in found if p.kind == "general"]


def _plain(pair: Pair) -> dict[str, Any]:
    return {
        "task": pair.task,
        "symbols": [[s.address, s.kind, s.detail] for s in pair.symbols],
        "steps": [[s.verb, list(s.targets)] for s in pair.steps],
        "answers": list(pair.answers),
        "bodies": [[[b.address, [s[1] for s in b.statements]] for b in bs] for bs in pair.bodies],
        "reason": pair.reason,
        "kind": pair.kind,
        "run": pair.run,
        "language": pair.language,
    }


def _pair(row: dict[str, Any]) -> Pair:
    return Pair(
        row["task"],
        tuple(Symbol(*s) for s in row["symbols"]),
        tuple(Step(verb, tuple(targets)) for verb, targets in row["steps"]),
        tuple(row["answers"]),
        tuple(tuple(_body(*b) for b in bodies) for bodies in row["bodies"]),
        row["reason"],
        row["kind"],
        row["run"],
        row["language"],
    )


def _body(address: str, statements: Sequence[str]) -> Body:
    return Body(address, tuple(enumerate(statements, 1)))
