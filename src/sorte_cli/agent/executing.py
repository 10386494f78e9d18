"""Step to operations: the executor writes, the edits engine resolves, the guardian judges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sorte_cli.agent.grammar import step_grammar
from sorte_cli.agent.planning import Situation
from sorte_cli.agent.prompting import STATEMENT_VERBS, Body, step_messages
from sorte_cli.agent.report import Observer
from sorte_cli.domain import ChangeSet, Step, Symbol
from sorte_cli.edits import (
    Address,
    EditError,
    Operation,
    apply_script,
    numbered_statements,
    parse_address,
    parse_script,
    print_address,
    print_script,
)
from sorte_cli.edits.model import Snapshot
from sorte_cli.inference import Engine, Options

STEP_TOKENS = {"compact": 160, "full": 2_000}


@dataclass(frozen=True, slots=True)
class Draft:
    """What the executor wrote for a step and what it would change; `problem` says why it is no
    good, where it is not."""

    text: str
    operations: tuple[Operation, ...] = ()
    changes: ChangeSet = field(default_factory=ChangeSet)
    summaries: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    problem: str = ""


def write_operations(
    engine: Engine,
    profile: str,
    situation: Situation,
    step: Step,
    snapshot: Snapshot,
    observer: Observer,
    *,
    created: Sequence[Symbol] = (),
    remarks: str = "",
) -> Draft:
    """One attempt at a step: nothing is written anywhere yet."""
    bodies = _bodies(step, snapshot)
    grammar = step_grammar(profile, step, situation.symbols, situation.mentions, bodies, created)
    messages = step_messages(
        profile,
        situation.symbols,
        situation.task,
        step,
        bodies,
        project=situation.project if profile == "full" else "",
        remarks=remarks,
    )
    observer.event("thinking", role="executor")
    answer = engine.generate(
        [(m.role, m.content) for m in messages],
        Options(max_tokens=STEP_TOKENS[profile], grammar=grammar),
        on_text=lambda text: observer.event("text", text=text),
        on_prompt=lambda done, total: observer.event("prompt", done=done, total=total),
    )
    if answer.finish == "length":
        return Draft(answer.text, problem="the answer was longer than allowed")
    return draft(answer.text, snapshot)


def draft(text: str, snapshot: Snapshot) -> Draft:
    """Read and resolve a script against a snapshot."""
    try:
        script = parse_script(text)
        applied = apply_script(script, snapshot)
    except EditError as error:
        return Draft(text, problem=f"{error.message} {error.hint}".strip())
    if not applied.changes:
        return Draft(text, script.operations, problem="these operations change nothing")
    return Draft(
        print_script(script),
        script.operations,
        applied.changes,
        tuple(r.summary for r in applied.reports),
        tuple(p for r in applied.reports for p in r.possible),
    )


def _bodies(step: Step, snapshot: Snapshot) -> tuple[Body, ...]:
    """The numbered statements of the step's targets, where its verb may address them."""
    if step.verb not in STATEMENT_VERBS:
        return ()
    found: list[Body] = []
    for target in step.targets:
        address = parse_address(target)
        source = snapshot.read(address.path) if address.symbol else None
        if source is None:
            continue
        try:
            statements = numbered_statements(source, address.symbol)
        except EditError:
            continue  # no function of that name, or a file that does not parse: nothing to show
        found.append(Body(target, tuple(statements)))
    return tuple(found)


def follow(steps: Sequence[Step], done: Sequence[Operation]) -> tuple[Step, ...]:
    """The steps to come, with addresses as they are after renames and moves that were done."""
    moves = [pair for operation in done if (pair := _moved(operation))]
    return tuple(
        Step(s.verb, tuple(_translate(t, moves) for t in s.targets), s.instruction) for s in steps
    )


def _moved(operation: Operation) -> tuple[str, str] | None:
    target = operation.target
    if operation.verb == "rename" and target.symbol and not (target.parameter or target.local):
        parent = target.symbol.rpartition(".")[0]
        new = operation.get("new_name")
        renamed = Address(target.path, f"{parent}.{new}" if parent else new)
        return print_address(target), print_address(renamed)
    if operation.verb == "move_file":
        return target.path, operation.get("to")
    return None


def _translate(target: str, moves: Sequence[tuple[str, str]]) -> str:
    for old, new in moves:
        if target == old or target.startswith((f"{old}.", f"{old}::", f"{old}#", f"{old}(")):
            target = new + target[len(old) :]
    return target
