"""The past change of a project that is most like a task, as operations: how it is done here.

Expressing a commit costs up to a second, so only narrow commits with files of moderate size are
taken, only a few are tried, and what came out is kept with the project's index.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from sorte_cli.agent.replaying import EMPTY_TREES
from sorte_cli.context.index import PastChange, ProjectIndex
from sorte_cli.domain import FileChange
from sorte_cli.edits import EditError, Script, parse_script, print_script
from sorte_cli.edits.kinds import family_of
from sorte_cli.edits.replay import express
from sorte_cli.errors import SorteError
from sorte_cli.history import Repository
from sorte_cli.history.objects import read_blob, tree_changes

BUDGET_TOKENS = 500
"""At most so much of a prompt is an example; of small windows a sixteenth."""
WINDOW_SHARE = 16
MISSES = 8
"""After so many operations that do not fit the rest is not tried."""
LEAST_TOKENS = 40
CUT_WORTH = 0.7
"""What a part of a change is worth against the whole of one as like."""
TRIED = 4
DEADLINE_S = 2.0
"""No further commit is tried after this time; the next run goes on with what was kept."""
MOST_BYTES = 150_000
REGULAR_MODES = ("100644", "100755")
KIND = "example 1"
"""The kind of kept text; the number grows when operations are said differently."""


@dataclass(frozen=True, slots=True)
class Example:
    """A past commit as a script. `left_out` counts operations that the budget did not hold, and
    `left_out_text` is what they say."""

    commit: str
    subject: str
    script: str
    left_out: int = 0
    left_out_text: str = ""

    @property
    def text(self) -> str:
        """As it stands in the prompt."""
        rest = f"(and {self.left_out} more)\n" if self.left_out else ""
        return f"{self.commit[:7]} {' '.join(self.subject.split())}\n{self.script}{rest}"


@dataclass(frozen=True, slots=True)
class OnlyThese:
    """A snapshot of the changed files alone: an example need not hold for the whole tree."""

    files: dict[str, bytes]

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self.files))

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)


def past_example(
    repository: Repository,
    index: ProjectIndex,
    task: str,
    count: Callable[[str], int],
    budget_tokens: int,
) -> Example | None:
    """The likest past commit that operations say within the budget; None where there is none.

    Of one that is too long the first operations are taken, each whole. Never fails because of a
    commit: one that cannot be read or said is passed over.
    """
    if budget_tokens < LEAST_TOKENS:
        return None
    ends = time.monotonic() + DEADLINE_S
    found: list[tuple[float, Example]] = []
    for past in index.past_like(task, TRIED):
        if found and past.covered <= found[0][0]:
            break
        if script := _script_of(repository, index, past):
            example = _within(Example(past.sha, past.subject, script), count, budget_tokens)
            if example is not None:
                worth = past.covered * (CUT_WORTH if example.left_out else 1.0)
                found = sorted([*found, (worth, example)], key=lambda item: -item[0])
        if time.monotonic() > ends:
            break
    return found[0][1] if found else None


def _script_of(repository: Repository, index: ProjectIndex, past: PastChange) -> str:
    """The script of a commit; "" where operations cannot say it."""

    def make() -> str:
        try:
            return _expressed(repository, past.sha)
        except SorteError:
            return ""  # objects that a shallow or partial clone lacks, or a file beyond parsing

    return index.kept(KIND, past.sha, make)


def _expressed(repository: Repository, commit: str) -> str:
    parent = repository.commit_of(f"{commit}^") or EMPTY_TREES[repository.object_format]
    changes: list[FileChange] = []
    size = 0
    for change in tree_changes(repository, parent, commit):
        if any(e is not None and e.mode not in REGULAR_MODES for e in (change.old, change.new)):
            return ""
        before = read_blob(repository, change.old.oid) if change.old else None
        after = read_blob(repository, change.new.oid) if change.new else None
        size += len(before or b"") + len(after or b"")
        if size > MOST_BYTES:
            return ""
        changes.append(FileChange(change.path, before, after))
    there = {c.path: c.before for c in changes if c.before is not None}
    return express(changes, OnlyThese(there)).text if changes else ""


def _within(example: Example, count: Callable[[str], int], budget_tokens: int) -> Example | None:
    """The example, or those of its operations that fit, code before all else; None where not even
    one of them does.
    """
    if count(example.text) <= budget_tokens:
        return example
    try:
        operations = parse_script(example.script).operations
    except EditError:
        return None
    order = sorted(range(len(operations)), key=lambda n: not _is_code(operations[n].target.path))
    kept: list[int] = []
    fitting: Example | None = None
    missed = 0
    for number in order:
        chosen = sorted([*kept, number])
        script = print_script(Script(tuple(operations[n] for n in chosen)))
        shorter = replace(example, script=script, left_out=len(operations) - len(chosen))
        if count(shorter.text) <= budget_tokens:
            kept, fitting = chosen, shorter
        elif (missed := missed + 1) > MISSES:
            break
    if fitting is None:
        return None
    rest = tuple(o for n, o in enumerate(operations) if n not in kept)
    return replace(fitting, left_out_text=print_script(Script(rest)))


def _is_code(path: str) -> bool:
    return family_of(path) in ("python", "syntax")
