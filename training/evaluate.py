"""Measures a nano GGUF through the real engine: both roles, by verb and by language.

    python training/evaluate.py --model src/sorte_cli/nano/nano.gguf [--cache RUN/harvest.pkl]

Sets: `hand` (evaluation/hand.jsonl, written by hand; `--hand` takes another) and, with --cache,
`generated` and `sibling` sentences over packages that training never saw. Scores, exact match but
for the kind of quotation marks: `plan` (all steps), `answer` (one operation, given the right step),
`task` (both roles, everything).
`--grammar` plans clause by clause and decodes under the grounded grammar, as Sorte does at run time.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from sorte_cli.agent import grammar as grammars
from sorte_cli.agent import grounding
from sorte_cli.agent.agreement import objections_to_step
from sorte_cli.agent.planning import Situation, is_sure, make_plan
from sorte_cli.agent.plans import parse_plan
from sorte_cli.agent.prompting import Body, plan_messages, render_step, step_messages
from sorte_cli.domain import Plan, Step, Symbol
from sorte_cli.errors import SorteError
from sorte_cli.inference import Engine, Generation, ModelSpec, Options, open_engine


@dataclass
class Case:
    """One sentence with its candidates, plan and answers."""

    group: str
    language: str
    symbols: list[Symbol]
    task: str
    steps: list[Step]
    answers: list[str]
    bodies: list[tuple[Body, ...]] = field(default_factory=list)


def step_of(answer: str) -> Step:
    """The plan step that an operation belongs to."""
    verb, _, rest = answer.partition("\n")[0].partition(" ")
    address = rest.split(" ")[0].partition("#")[0].partition("(")[0]
    return Step(verb, (address,))


def hand_cases(path: Path) -> list[Case]:
    contexts: dict[str, list[Symbol]] = {}
    bodies: dict[str, Body] = {}
    cases: list[Case] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if "symbols" in row:
            contexts[row["context"]] = [Symbol(*s) for s in row["symbols"]]
            for address, statements in row.get("bodies", {}).items():
                bodies[address] = Body(address, tuple(enumerate(statements, 1)))
            continue
        answers = row.get("answers", [])
        steps = [step_of(a) for a in answers]
        found = [(bodies[s.targets[0]],) if s.verb == "insert_before" else () for s in steps]
        group = "hand none" if not answers else "hand one" if len(answers) == 1 else "hand more"
        if row.get("family") == "sibling":
            group = "hand sibling"
        cases.append(
            Case(
                group, row["language"], contexts[row["context"]], row["task"], steps, answers, found
            )
        )
    return cases


def generated_cases(cache: Path, count: int, seed: int) -> list[Case]:
    from generate import Maker, as_symbol
    from harvest import harvest

    maker = Maker(harvest(cache), held_out=True)
    rng = random.Random(seed)
    wanted = {
        "one": count,
        "two": count // 3,
        "three": 0,
        "none": count // 3,
        "sibling": count // 3,
    }
    cases: list[Case] = []
    while any(wanted.values()):
        tree = maker.tree(rng)
        task = rng.choice(tree.tasks)
        if not wanted.get(task.family):
            continue
        wanted[task.family] -= 1
        cases.append(
            Case(
                f"generated {task.family}",
                task.language,
                [as_symbol(s) for s in tree.symbols],
                task.text,
                [a.step for a in task.acts],
                [a.answer for a in task.acts],
                [(a.body,) if a.body else () for a in task.acts],
            )
        )
    return cases


@dataclass
class Score:
    right: int = 0
    total: int = 0

    def add(self, right: bool) -> None:
        self.right += right
        self.total += 1

    def __str__(self) -> str:
        """Share and its 95 % bootstrap interval (1,000 resamples, seeded)."""
        if not self.total:
            return "-"
        share, draw = self.right / self.total, random.Random(self.total)
        shares = sorted(
            sum(draw.random() < share for _ in range(self.total)) / self.total for _ in range(1000)
        )
        return f"{share:.2f} [{shares[25]:.2f}, {shares[974]:.2f}] {self.right}/{self.total}"


class Silent:
    """An observer for whom nothing happens."""

    def event(self, name: str, **data: object) -> None:
        pass

    def approve_plan(self, plan_text: str) -> str | None:
        return plan_text

    def consent(self, question_id: str, text: str) -> bool:
        return False


class Listening:
    """The engine, with the time and the probabilities of its answers noted down."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.info = engine.info
        self.times_ms: list[float] = []
        self.certainties: list[float] = []

    def count(self, text: str) -> int:
        return self._engine.count(text)

    def generate(self, messages: object, options: Options, **_: object) -> Generation:
        started = time.perf_counter()
        answer = self._engine.generate(messages, options)  # type: ignore[arg-type]
        self.times_ms.append((time.perf_counter() - started) * 1000)
        self.certainties += answer.certainties
        return answer


class Runner:
    """Asks the engine for both roles."""

    def __init__(self, engine: Engine, with_grammar: bool) -> None:
        self.engine = Listening(engine)
        self.with_grammar = with_grammar

    @property
    def times_ms(self) -> list[float]:
        return self.engine.times_ms

    def confidence(self) -> float:
        """The least certain token since the last call, as a natural logarithm."""
        least = min(self.engine.certainties, default=0.0)
        self.engine.certainties.clear()
        return least

    def _ask(self, messages: object, grammar: str) -> str:
        pairs = [(m.role, m.content) for m in messages]  # type: ignore[attr-defined]
        options = Options(max_tokens=200, grammar=grammar)
        return self.engine.generate(pairs, options).text.rstrip("\n")

    def plan(self, case: Case) -> Plan:
        """With the grammar: planned as the agent plans, clause by clause."""
        if self.with_grammar:
            mentions = grounding.read_mentions(case.task)
            situation = Situation(case.task, mentions, tuple(case.symbols))
            return make_plan(self.engine, "compact", situation, Silent())  # type: ignore[arg-type]
        try:
            return parse_plan(self._ask(plan_messages("compact", case.symbols, case.task), ""))
        except SorteError as error:
            return Plan(reason=f"error: {error.message}")

    def step(self, case: Case, step: Step, bodies: tuple[Body, ...], created: list[Symbol]) -> str:
        """The executor's answer; an error of the grammar counts as a wrong answer."""
        text = ""
        messages = step_messages("compact", case.symbols, case.task, step, bodies)
        try:
            if self.with_grammar:
                mentions = grounding.read_mentions(case.task)
                text = grammars.step_grammar(step, case.symbols, mentions, bodies, created)
            return self._ask(messages, text)
        except SorteError as error:
            return f"error: {error.message}"


def same(said: str, answer: str) -> bool:
    """Whether two operations are one; which quotation marks stand around a text does not count."""
    return said.replace("'", '"') == answer.replace("'", '"')


def _made(case: Case, answer: str) -> list[Symbol]:
    """The class or function that a clone made, as the agent tells the later steps."""
    words = answer.split()
    if words[0] != "clone" or "::" not in words[1]:
        return []
    pattern = next(s for s in case.symbols if s.address == words[1])
    path = words[4] if words[3:4] == ["to"] else pattern.path
    return [Symbol(f"{path}::{words[2]}", pattern.kind, pattern.detail)]


@dataclass
class Outcome:
    """What became of a case: how certain its least certain token was, in the plan and in the
    answers, and whether all of it was right."""

    group: str
    plan: float
    answers: float
    done: bool
    planned: bool
    right: bool
    sure: bool
    """Whether the plan would be carried out with nobody looking."""


def evaluate(
    runner: Runner, cases: Iterable[Case], show: bool
) -> tuple[dict[str, Score], list[Outcome]]:
    scores: dict[str, Score] = defaultdict(Score)
    outcomes: list[Outcome] = []
    for case in cases:
        runner.confidence()
        plan = runner.plan(case)
        least = runner.confidence()
        bare = [Step(s.verb, s.targets) for s in plan.steps]
        planned = bare == case.steps
        scores[f"plan {case.group}"].add(planned)
        scores[f"plan {case.language}"].add(planned)
        if not case.steps and not planned:
            scores["none: answered instead"].add(True)
        if case.steps:
            scores["plan: refused a good task"].add(not plan.steps)
        good = planned
        if show and not planned:
            wanted = [render_step(s) for s in case.steps]
            said = [render_step(s) for s in plan.steps] or plan.reason
            print(f"PLAN  {case.task}\n      want {wanted}\n      got  {said}")
        created: list[Symbol] = []
        written: list[str] = []
        steps = plan.steps if planned else case.steps
        for step, answer, bodies in zip(steps, case.answers, case.bodies, strict=True):
            said = runner.step(case, step, bodies, created)
            written.append(said)
            right = same(said, answer)
            created += _made(case, answer)
            good = good and right
            verb = step.verb + (
                " file" if step.verb == "clone" and "::" not in step.targets[0] else ""
            )
            family = "sibling " if "sibling" in case.group else ""
            scores[f"answer {case.group.split()[0]} {family}{verb}"].add(right)
            scores[f"answer {case.language}"].add(right)
            if show and not right:
                print(f"STEP  {case.task}\n      want {answer!r}\n      got  {said!r}")
        scores[f"task {case.group}"].add(good)
        scores[f"task {case.group} {case.language}"].add(good)
        sure = runner.confidence() if planned else 0.0
        situation = Situation(case.task, grounding.read_mentions(case.task), tuple(case.symbols))
        headless = bool(plan.steps) and is_sure(plan, "compact", situation)
        if headless:
            if not planned:
                written = [runner.step(case, step, (), []) for step in plan.steps]
            headless = not any(
                objections_to_step(text, step, plan, case.symbols, situation.mentions)
                for step, text in zip(plan.steps, written, strict=True)
            )
        outcomes.append(Outcome(case.group, least, sure, bool(plan.steps), planned, good, headless))
    return scores, outcomes


def reliability(outcomes: Iterable[Outcome]) -> Iterable[str]:
    """How often what is done is right, when what is less certain is not done: by the certainty of
    the plan alone, and of plan and answers."""
    cases = list(outcomes)
    unseen = [o for o in cases if o.sure]
    out = [o for o in cases if o.group.endswith("none")]
    yield (
        f"as shipped: of {len(cases)} acts on {len(unseen)},"
        f" plan {Score(sum(o.planned for o in unseen), len(unseen))},"
        f" all {Score(sum(o.right for o in unseen), len(unseen))};"
        f" out of scope {sum(o.sure for o in out)} of {len(out)}"
    )
    for percent in (0, 30, 40, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95):
        least = math.log(max(percent, 1) / 100)
        plans = [o for o in cases if o.done and o.plan >= least]
        both = [o for o in plans if o.answers >= least]
        out = sum(o.group.endswith("none") for o in plans)
        yield (
            f"certain {percent:3d} %: plan {Score(sum(o.planned for o in plans), len(plans))}"
            f"  all {Score(sum(o.right for o in both), len(both))}  out of scope {out}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=ROOT / "src/sorte_cli/nano/nano.gguf")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--seed", type=int, default=424242)
    parser.add_argument("--grammar", action="store_true")
    parser.add_argument("--hand", type=Path, action="append", help="other written sentences")
    parser.add_argument("--reliability", action="store_true")
    parser.add_argument("--no-hand", action="store_true")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    cases: list[Case] = []
    for path in args.hand or [Path(__file__).parent / "evaluation" / "hand.jsonl"]:
        if not args.no_hand:
            cases += hand_cases(path)
    if args.cache:
        cases += generated_cases(args.cache, args.count, args.seed)
    engine = open_engine(ModelSpec(args.model, threads=1), inline=True)
    runner = Runner(engine, args.grammar)
    scores, outcomes = evaluate(runner, cases, args.show)
    for name in sorted(scores):
        print(f"{name:42s} {scores[name]}")
    if args.reliability:
        for kind in ("generated", "hand"):
            some = [o for o in outcomes if o.group.startswith(kind)]
            for line in reliability(some) if some else ():
                print(kind, line)
    times = sorted(runner.times_ms)
    print(f"answers {len(times)}, median {times[len(times) // 2]:.0f} ms")
    if args.json:
        data = {k: {"right": s.right, "total": s.total} for k, s in scores.items()}
        args.json.write_text(json.dumps(data, indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
