"""From the journal to pairs: what each run teaches, with what its model saw, read from git."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sorte_cli.agent.grounding import read_mentions
from sorte_cli.agent.planning import named_first
from sorte_cli.agent.prompting import STATEMENT_VERBS, SYMBOLS_SHOWN, Body
from sorte_cli.agent.replaying import CommitSnapshot
from sorte_cli.context.index import ProjectIndex
from sorte_cli.domain import FileChange, Step
from sorte_cli.edits import (
    EditError,
    Operation,
    apply_script,
    numbered_statements,
    parse_address,
    print_script,
)
from sorte_cli.edits.model import Script, Snapshot
from sorte_cli.edits.replay import express
from sorte_cli.edits.snapshot import Overlay
from sorte_cli.errors import SorteError
from sorte_cli.history import Repository
from sorte_cli.history.journal import Event, Journal, RunRecord
from sorte_cli.learning.examples import Pair
from sorte_cli.learning.pairs import Lesson, Told, lessons, small, step_of

RUNS_READ = 2_000
OnRun = Callable[[int, int], None]
"""(lessons looked at, lessons in all)."""
NOT_WANTED = "not wanted here"


@dataclass(frozen=True, slots=True)
class Collected:
    """The pairs of a project, oldest first, and how many runs taught nothing, by reason:
    "beyond" (operations that a small model is not asked for), "gone" (commits that git no longer
    has), "unseen" (the index does not show the model what it would have needed), "undone",
    "edited" (changed afterwards, in a way that cannot be said as other operations)."""

    pairs: tuple[Pair, ...]
    left_out: Mapping[str, int]

    def count(self, kind: str) -> int:
        return sum(p.kind == kind for p in self.pairs)


def collect(
    repository: Repository,
    journal: Journal,
    *,
    undone_as_none: bool = False,
    on_run: OnRun = lambda done, total: None,
) -> Collected:
    """Read everything the runs of this repository teach. Changes nothing."""
    records = [r for r in journal.runs(repository, RUNS_READ) if r.kind in ("do", "apply")]
    told = [Told(r, _events(journal, r)) for r in reversed(records)]
    edited = _edited_afterwards(repository, told)
    taught = lessons(told, edited, undone_as_none=undone_as_none)
    left_out: Counter[str] = Counter()
    left_out["undone"] = sum(t.taken_back for t in told if t.record.kind == "do")
    left_out["undone"] -= sum(t.record.id in {x.run for x in taught} for t in told if t.taken_back)
    left_out["edited"] = sum(operations is None for operations in edited.values())
    pairs: list[Pair] = []
    for number, lesson in enumerate(taught, 1):
        if not small(lesson):
            left_out["beyond"] += 1
            continue
        found = _pair(repository, lesson)
        if isinstance(found, str):
            left_out[found] += 1
        else:
            pairs.append(found)
        on_run(number, len(taught))
    return Collected(tuple(pairs), {reason: n for reason, n in left_out.items() if n})


def _events(journal: Journal, record: RunRecord) -> tuple[Event, ...]:
    """Everything recorded of a run; after a `sorte clean` the latest of each kind."""
    events = tuple(journal.events(record.id))
    if events or not record.data:
        return events
    order = ("plan", "plan_edited", "step_answer", "step_held", "step", "operations")
    return tuple(
        Event(record.started, name, record.data[name]) for name in order if name in record.data
    )


def _pair(repository: Repository, lesson: Lesson) -> Pair | str:
    """The lesson with what the model saw; or why it cannot be had."""
    base = repository.commit_of(lesson.base or "HEAD")
    if base is None:
        return "gone"
    try:
        with ProjectIndex.at_commit(repository.common_dir, base) as index:
            selection = index.select(lesson.task, by_text=False)  # as the compact profile is shown
        snapshot: Snapshot = CommitSnapshot(repository, base)
        steps, answers, bodies = [], [], []
        for operation in lesson.operations:
            script = Script((operation,))
            step = step_of(operation)
            steps.append(step)
            answers.append(print_script(script).rstrip("\n"))
            bodies.append(_bodies(step, snapshot))
            changes = apply_script(script, snapshot).changes.changes
            snapshot = Overlay(snapshot, {c.path: c.after for c in changes})
    except SorteError:
        return "gone"
    ranked = named_first(selection.symbols, read_mentions(lesson.task))
    symbols = ranked[: SYMBOLS_SHOWN["compact"]]
    known = {s.address for s in symbols}
    if steps and steps[0].targets[0] not in known:
        return "unseen"
    return Pair(
        lesson.task,
        symbols,
        tuple(steps),
        tuple(answers),
        tuple(bodies),
        "" if steps else NOT_WANTED,
        lesson.kind,
        lesson.run,
    )


def _bodies(step: Step, snapshot: Snapshot) -> tuple[Body, ...]:
    """The numbered statements of the target, as a run shows them."""
    if step.verb not in STATEMENT_VERBS:
        return ()
    address = parse_address(step.targets[0])
    source = snapshot.read(address.path)
    if source is None or not address.symbol:
        return ()
    try:
        return (Body(step.targets[0], tuple(numbered_statements(source, address.symbol))),)
    except EditError:
        return ()


def _edited_afterwards(
    repository: Repository, told: Sequence[Told]
) -> dict[str, tuple[Operation, ...] | None]:
    """For runs whose files the next commit of a person changed: what the run should have done, so
    far as that can be said with the same kinds of operations at the same places; None where not.

    Runs whose own operations still hold in the later commit are not among them.
    """
    found: dict[str, tuple[Operation, ...] | None] = {}
    for one in told:
        if one.record.kind != "do" or not one.accepted or not one.record.tip:
            continue
        operations = one.operations
        later = _next_touching(repository, one) if operations else ""
        if not later:
            continue
        paths = _paths(repository, one)
        try:
            if not _touch(_said(repository, one.record.tip, later, paths), operations):
                continue
            said = _said(repository, one.record.base, later, paths)
        except SorteError:
            found[one.record.id] = None
            continue
        if not set(operations) <= set(said):
            found[one.record.id] = _replaced(operations, said)
    return found


def _paths(repository: Repository, one: Told) -> list[str]:
    out = repository.git(
        "diff", "--name-only", "--no-renames", "-z", one.record.base, one.record.tip, "--"
    )
    return [p.decode("utf-8", "surrogateescape") for p in out.split(b"\0") if p]


def _next_touching(repository: Repository, one: Told) -> str:
    """The first commit after the run's last on the way to HEAD that changes one of its files;
    empty where there is none, where it is Sorte's own, or where git no longer knows the run."""
    base, tip = one.record.base, one.record.tip
    head = repository.commit_of("HEAD")
    if not (base and head and repository.commit_of(base) and repository.commit_of(tip)):
        return ""
    if not repository.is_ancestor(tip, head):
        return ""
    words = ("rev-list", "--reverse", "--no-merges", "--ancestry-path", f"{tip}..{head}", "--")
    commits = repository.git(*words, *_paths(repository, one)).decode().split()
    if not commits:
        return ""
    message = repository.git("show", "-s", "--format=%B", commits[0]).decode("utf-8", "replace")
    return "" if "Sorte-Run:" in message else commits[0]


def _said(
    repository: Repository, old: str, new: str, paths: Sequence[str]
) -> tuple[Operation, ...]:
    """What the change of these files is, as operations."""
    before, after = CommitSnapshot(repository, old), CommitSnapshot(repository, new)
    changes = [FileChange(p, before.read(p), after.read(p)) for p in paths]
    expressed = express([c for c in changes if c.before != c.after], before)
    return tuple(o for script in expressed.scripts for o in script.operations)


def _touch(later: Sequence[Operation], operations: Sequence[Operation]) -> bool:
    """Whether one of the later operations acts on what the run's operations left behind."""
    left = {(o.target.path, _left_behind(o)) for o in operations}
    return any(
        path == o.target.path and (not symbol or o.target.symbol in ("", symbol))
        for o in later
        for path, symbol in left
    )


def _left_behind(operation: Operation) -> str:
    """The symbol that an operation ends with: of a rename or a clone the new one."""
    old = operation.target.symbol
    new = operation.get("new_name")
    if operation.verb not in ("rename", "clone") or not old or not new:
        return old
    parent = old.rpartition(".")[0]
    return f"{parent}.{new}" if parent else new


def _replaced(
    operations: Sequence[Operation], said: Sequence[Operation]
) -> tuple[Operation, ...] | None:
    """The run's operations as they came to be: each by the one of the same verb and target."""
    by_place: dict[Any, list[Operation]] = {}
    for operation in said:
        by_place.setdefault((operation.verb, operation.target), []).append(operation)
    found: list[Operation] = []
    for operation in operations:
        same = by_place.get((operation.verb, operation.target), [])
        if len(same) != 1:
            return None
        found.append(same[0])
    return tuple(found)
