"""Step to operations: the executor writes, the edits engine resolves, the guardian judges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sorte_cli.agent.grammar import step_grammar
from sorte_cli.agent.json_form import operations_schema, operations_text
from sorte_cli.agent.patterns import sources
from sorte_cli.agent.planning import Situation
from sorte_cli.agent.prompting import (
    STATEMENT_VERBS,
    Body,
    Message,
    Source,
    step_messages,
    within,
)
from sorte_cli.agent.report import Observer
from sorte_cli.agent.wide_grammar import wide_step_grammar
from sorte_cli.domain import ChangeSet, Step, Symbol
from sorte_cli.edits import (
    Address,
    EditError,
    Operation,
    annotated_source,
    apply_script,
    numbered_statements,
    parse_address,
    parse_script,
    print_address,
    print_script,
)
from sorte_cli.edits.kinds import family_of
from sorte_cli.edits.model import Snapshot
from sorte_cli.edits.outline import outline
from sorte_cli.edits.syntax.lines import numbered_lines
from sorte_cli.inference import Engine, Generation, Options
from sorte_cli.inference.engine import REMOTE

ANSWER_SHARE, BODIES_SHARE = 4, 3
"""An answer may take at least this part of the window, and what it changes at most that one."""
STEP_TOKENS = {"compact": 160, "full": 2_000}


@dataclass(frozen=True, slots=True)
class Draft:
    """What the executor wrote for a step and what it would change; `problem` says why it is no
    good, where it is not. `others` are further answers to the same question, to be tried next."""

    text: str
    operations: tuple[Operation, ...] = ()
    changes: ChangeSet = field(default_factory=ChangeSet)
    summaries: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    problem: str = ""
    others: tuple[Draft, ...] = ()


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
    candidates: int = 1,
    thinking_tokens: int = 0,
) -> Draft:
    """One attempt at a step: nothing is written anywhere yet.

    With several `candidates` these are written side by side; those that can be resolved come
    first, and what says the same as another is left out.
    """
    if profile == "full":
        asked = _full_question(engine, situation, step, snapshot, created, remarks)
    else:
        asked = _compact_question(situation, step, snapshot, created, remarks)
    observer.event("thinking", role="executor")
    turns = [(m.role, m.content) for m in asked.messages]
    options = Options(
        max_tokens=STEP_TOKENS[profile],
        grammar=asked.grammar,
        think_tokens=thinking_tokens if profile == "full" else 0,
        schema=asked.schema,
    )

    def on_text(text: str) -> None:
        observer.event("text", text=text)

    def on_prompt(done: int, total: int) -> None:
        observer.event("prompt", done=done, total=total)

    if candidates <= 1:
        answer = engine.generate(turns, options, on_text=on_text, on_prompt=on_prompt)
        return _as_draft(answer, snapshot, step, created)
    found = engine.candidates(turns, options, candidates, on_text=on_text, on_prompt=on_prompt)
    return _best_first([_as_draft(a, snapshot, step, created) for a in found])


def _as_draft(
    answer: Generation, snapshot: Snapshot, step: Step, created: Sequence[Symbol]
) -> Draft:
    if answer.finish == "length":
        return Draft(answer.text, problem="the answer was longer than allowed")
    text = answer.text
    try:
        if answer.form == "json":
            text = operations_text(text)
        if outside := _outside(text, step, created):
            return Draft(text, problem=f"this step does not change {', '.join(outside)}")
    except EditError as error:
        return Draft(text, problem=f"{error.message} {error.hint}".strip())
    except ValueError as error:
        return Draft(text, problem=str(error))
    return draft(text, snapshot)


def _outside(text: str, step: Step, created: Sequence[Symbol]) -> tuple[str, ...]:
    """The files that operations name and their step does not. A grammar holds a model to its step;
    this holds where an engine kept to none."""
    named = {parse_address(target).path for target in step.targets}
    named.update(symbol.path for symbol in created)
    used = [o.target.path for o in parse_script(text).operations if o.verb != "create_file"]
    return tuple(dict.fromkeys(path for path in used if path not in named))


def _best_first(drafts: Sequence[Draft]) -> Draft:
    """The drafts as one with its `others`: those that can be applied first, each only once."""
    different: dict[str, Draft] = {}
    for one in drafts:
        different.setdefault(one.text, one)
    first, *others = sorted(different.values(), key=lambda d: bool(d.problem))
    return replace(first, others=tuple(others))


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


@dataclass(frozen=True, slots=True)
class _Question:
    """What the executor is asked, and in which form it may answer."""

    messages: Sequence[Message]
    grammar: str
    schema: str = ""


def _compact_question(
    situation: Situation, step: Step, snapshot: Snapshot, created: Sequence[Symbol], remarks: str
) -> _Question:
    bodies = _bodies(step, snapshot)
    symbols = situation.symbols
    messages = step_messages(
        "compact", symbols, situation.task, step, bodies, remarks=remarks, around=situation.around
    )
    grammar = step_grammar(step, symbols, situation.mentions, bodies, created)
    return _Question(messages, grammar)


def _full_question(
    engine: Engine,
    situation: Situation,
    step: Step,
    snapshot: Snapshot,
    created: Sequence[Symbol],
    remarks: str,
) -> _Question:
    """With the source of what is changed and what to follow, as far as the window has room."""

    def asked(bodies: Sequence[Body], shown: Sequence[Source]) -> list[Message]:
        return step_messages(
            "full", situation.symbols, situation.task, step, bodies, project=situation.project,
            remarks=remarks, around=situation.around, sources=shown,
        )  # fmt: skip

    window = engine.info.context_tokens
    used = sum(engine.count(m.content) for m in asked((), ()))
    free = max(window - used - min(STEP_TOKENS["full"], window // ANSWER_SHARE), 0)
    bodies = _bodies(step, snapshot, annotated=True)
    share = min(window // BODIES_SHARE, free) // max(len(bodies), 1)
    bodies = tuple(replace(b, text=within(b.text, share, engine.count)) for b in bodies)
    free -= sum(engine.count(b.text) for b in bodies)
    reach = _in_reach(step, snapshot, created)
    shown = sources(engine, step, snapshot, reach, situation.symbols, bodies, room_tokens=free)
    grammar = wide_step_grammar(step, reach, (), bodies)
    remote = engine.info.architecture == REMOTE
    schema = operations_schema(step, reach, bodies) if remote else ""
    return _Question(asked(bodies, shown), grammar, schema)


def _bodies(step: Step, snapshot: Snapshot, *, annotated: bool = False) -> tuple[Body, ...]:
    """The numbered statements or lines of the step's targets, where its verb may address them;
    `annotated`: with their source.
    """
    if step.verb not in STATEMENT_VERBS:
        return ()
    found: list[Body] = []
    for target in step.targets:
        address = parse_address(target)
        python = family_of(address.path) == "python"
        source = snapshot.read(address.path) if address.symbol or not python else None
        if source is None:
            continue
        try:
            if python:
                statements = numbered_statements(source, address.symbol)
            else:
                statements = numbered_lines(address, source)
            text = ""
            if annotated and python:
                text = annotated_source(source, address.symbol)
            elif annotated:
                text = "\n".join(f"#L{n} {line}".rstrip() for n, line in statements)
        except EditError:
            continue  # no function of that name, or a file that does not parse: nothing to show
        found.append(Body(target, tuple(statements), text))
    return tuple(found)


def _in_reach(step: Step, snapshot: Snapshot, created: Sequence[Symbol]) -> tuple[Symbol, ...]:
    """What stands in the files that a step names, and what earlier steps made, as it is now."""
    paths = dict.fromkeys(parse_address(t).path for t in step.targets)
    paths.update(dict.fromkeys(s.path for s in created))
    found: list[Symbol] = []
    for path in paths:
        data = snapshot.read(path)
        if data is not None:
            found += [Symbol(path, "file"), *outline(path, data)]
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
