"""What a project's runs teach: which sentences had which right answer. Pure, no I/O.

A run counts as *accepted* when it landed, was not undone and not called bad; as *corrected* when
somebody said what was right instead (edited its plan, edited its commit, or asked again in other
words); as *undone* when it was taken back or called bad. Everything else teaches nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sorte_cli.agent.clauses import split_clauses
from sorte_cli.agent.plans import parse_plan
from sorte_cli.agent.targets import COMPACT_VERBS
from sorte_cli.domain import Step
from sorte_cli.edits import EditError, Operation, parse_script, print_address, print_script
from sorte_cli.edits.model import Script
from sorte_cli.errors import SorteError
from sorte_cli.history.journal import Event, RunRecord
from sorte_cli.learning.examples import Pair

ASKED_AGAIN_WITHIN_S = 30 * 60
LOOKED_AHEAD = 6
HELD_OUT_SHARE = 0.25
_WORD = re.compile(r"[\w.]+")


@dataclass(frozen=True, slots=True)
class Lesson:
    """A sentence and the operations that were right for it; without operations, that nothing was
    wanted. `base` is the commit that the model saw."""

    task: str
    kind: str
    run: str
    base: str
    operations: tuple[Operation, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """A run and everything that was recorded of it."""

    record: RunRecord
    events: tuple[Event, ...]

    @property
    def accepted(self) -> bool:
        return self.record.status == "landed" and self.rating is not False

    @property
    def taken_back(self) -> bool:
        """Undone, or called bad."""
        return self.record.status == "undone" or self.rating is False

    @property
    def rating(self) -> bool | None:
        """What the person said: good, bad, or nothing."""
        said = self.record.data.get("feedback")
        good = said.get("good") if isinstance(said, Mapping) else None
        return good if isinstance(good, bool) else None

    @property
    def plan(self) -> tuple[Step, ...]:
        """The plan that was carried out: as the person edited it, where they did."""
        said = [e for e in self.events if e.event in ("plan", "plan_edited")]
        text = str(said[-1].data.get("plan", "")) if said else ""
        try:
            return parse_plan(text).steps
        except SorteError:
            return ()

    @property
    def edited_by_hand(self) -> bool:
        """Whether the person changed the plan or an operation, or left a step out."""
        return any(
            e.event == "plan_edited" or e.data.get("answer") in ("edit", "skip")
            for e in self.events
        )

    @property
    def operations(self) -> tuple[Operation, ...]:
        """What was carried out; empty where the journal no longer knows all of it."""
        done = self.steps
        try:
            scripts = [parse_script(str(e.data.get("script", ""))) for e in done]
        except EditError:
            return ()
        skipped = sum(e.data.get("answer") == "skip" for e in self.events)
        if self.record.kind == "do" and len(done) + skipped != len(self.plan):
            return ()
        return tuple(operation for script in scripts for operation in script.operations)

    @property
    def steps(self) -> tuple[Event, ...]:
        """The steps of the last plan that were carried out; of a script, all of it as one."""
        if self.record.kind == "apply":
            return tuple(e for e in self.events if e.event == "operations")[-1:]
        last = max((n for n, e in enumerate(self.events) if e.event == "plan"), default=-1)
        return tuple(e for e in self.events[last + 1 :] if e.event in ("step", "step_held"))


def lessons(
    told: Sequence[Told],
    edited: Mapping[str, tuple[Operation, ...] | None],
    *,
    undone_as_none: bool = False,
) -> list[Lesson]:
    """What the runs teach, oldest first. `told` oldest first; `edited` says of runs whose commits
    were changed afterwards what they should have done (None: that cannot be said).

    `undone_as_none`: a sentence that was taken back and never asked again is one to refuse.
    """
    changes = [t for t in told if t.record.kind in ("do", "apply")]
    found: list[Lesson] = []
    for number, one in enumerate(changes):
        if one.record.kind != "do":
            continue
        if one.accepted:
            found += _accepted(one, edited)
        else:
            later = _asked_again(one, changes[number + 1 :])
            if later is not None:
                found.append(_lesson(one, "corrected", later.operations, later))
            elif one.taken_back and undone_as_none:
                found.append(_lesson(one, "undone", (), one))
    return list(_latest(found))


def _accepted(one: Told, edited: Mapping[str, tuple[Operation, ...] | None]) -> list[Lesson]:
    operations = one.operations
    if one.record.id in edited:
        right = edited[one.record.id]
        return [_lesson(one, "corrected", right, one)] if right else []
    if not operations:
        return []
    kind = "corrected" if one.edited_by_hand else "accepted"
    return [_lesson(one, kind, operations, one)]


def _lesson(one: Told, kind: str, operations: Sequence[Operation], base: Told) -> Lesson:
    return Lesson(
        one.record.task, kind, one.record.id, one.record.base or base.record.base, tuple(operations)
    )


def _asked_again(one: Told, later: Sequence[Told]) -> Told | None:
    """The run soon after in which the same was asked in other words, or said as operations, and
    that was accepted."""
    began = one.record.started
    for other in later[:LOOKED_AHEAD]:
        if other.record.started - began > ASKED_AGAIN_WITHIN_S:
            return None
        if other.accepted:
            operations = other.operations
            return other if operations and _same_wish(one, other, operations) else None
    return None


def _same_wish(one: Told, other: Told, operations: Sequence[Operation]) -> bool:
    """Whether the first sentence speaks of the very things that were then done: what the second
    sentence shares with its operations, or (of a script) their targets and short arguments."""
    done = _words("\n".join(print_script(Script((o,))) for o in operations))
    first = _words(one.record.task)
    if other.record.kind == "do":
        about = _words(other.record.task) & done
    else:
        about = set().union(*(_operands(o) for o in operations))
    return bool(about) and about <= first


def _operands(operation: Operation) -> set[str]:
    target = operation.target
    name = target.symbol.rpartition(".")[2] or target.path.rpartition("/")[2]
    values = " ".join(value for _, value in operation.arguments if "\n" not in value)
    return _words(name) | {w for w in _words(values) if w not in ("import", "from", "as")}


def _words(text: str) -> set[str]:
    return {w.strip(".").casefold() for w in _WORD.findall(text)} - {""}


def _latest(found: Iterable[Lesson]) -> Iterable[Lesson]:
    """Of one sentence only what was right last."""
    kept: dict[str, Lesson] = {}
    for lesson in found:
        key = " ".join(lesson.task.split()).casefold()
        kept.pop(key, None)
        kept[key] = lesson
    return kept.values()


def step_of(operation: Operation) -> Step:
    """The plan's step for an operation: its verb, and the symbol or file that it acts on."""
    address = replace(
        operation.target, parameter="", local="", position=None, statements=None, lines=None
    )
    return Step(operation.verb, (print_address(address),))


def small(lesson: Lesson) -> bool:
    """Whether a model of the compact profile may be asked for all of it."""
    return all(o.verb in COMPACT_VERBS for o in lesson.operations)


def by_clause(pair: Pair) -> list[Pair]:
    """The pair as the agent asks for it: a sentence of several clauses clause by clause."""
    clauses = split_clauses(pair.task, pair.symbols)
    if len(clauses) < 2 or len(clauses) != len(pair.steps):
        return [pair]
    bodies = pair.bodies or ((),) * len(pair.steps)
    return [
        replace(pair, task=clause, steps=(step,), answers=(answer,), bodies=(body,))
        for clause, step, answer, body in zip(
            clauses, pair.steps, pair.answers, bodies, strict=True
        )
    ]


def split(
    pairs: Sequence[Pair], share: float = HELD_OUT_SHARE
) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
    """(to train on, held out): the same for the same pairs, whatever their order, and with the
    same share of corrections on both sides."""
    kept: set[str] = set()
    for kind in sorted({p.kind for p in pairs}):
        tasks = sorted((p.task for p in pairs if p.kind == kind), key=_draw)
        kept.update(tasks[: round(len(tasks) * share)])
    train = tuple(p for p in pairs if p.task not in kept)
    return train, tuple(p for p in pairs if p.task in kept)


def _draw(task: str) -> str:
    return hashlib.sha256(task.encode("utf-8", "replace")).hexdigest()
