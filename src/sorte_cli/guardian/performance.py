"""The performance guard: a command of the project's, timed before and after a change."""

from __future__ import annotations

import math
import random
import re
import shlex
import statistics
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.domain import ChangeSet, Finding, Severity
from sorte_cli.errors import EnvironmentFailure
from sorte_cli.guardian.projectchecks import Ground
from sorte_cli.guardian.sandbox import Limits, Sandbox
from sorte_cli.guardian.trees import exported, lay
from sorte_cli.texts import N_

_FEWEST_PAIRS = 5
_MOST_PAIRS = 25
_SURE = 0.05
_SELF_TIMED = re.compile(r"(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*s?\s*")


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of each run before and after, as many of one as of the other."""

    before_s: tuple[float, ...]
    after_s: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """How many times as long it takes after: the median of pairs that ran side by side."""
        pairs = zip(self.before_s, self.after_s, strict=True)
        return statistics.median(after / max(before, 1e-9) for before, after in pairs)

    def is_slower(self, percent: int) -> bool:
        """Whether it is slower by more than `percent`, and chance is no likely reason."""
        return self.ratio > 1 + percent / 100 and self.chance(percent) < _SURE

    def is_decided(self, percent: int) -> bool:
        """Whether more runs would hardly change the answer."""
        if len(self.before_s) < _FEWEST_PAIRS:
            return False
        sure = self.chance(percent)
        return sure < _SURE / 5 or (sure > 0.5 and self.ratio < 1 + percent / 100)

    def chance(self, percent: int) -> float:
        """How likely so many slower pairs are if the change costs just `percent` (a sign test)."""
        allowed = 1 + percent / 100
        pairs = list(zip(self.before_s, self.after_s, strict=True))
        slower = sum(after > before * allowed for before, after in pairs)
        total = len(pairs)
        return sum(math.comb(total, k) for k in range(slower, total + 1)) / float(2**total)


def guard(
    command: str,
    changes: ChangeSet,
    ground: Ground,
    sandbox: Sandbox,
    *,
    percent: int,
    timeout_s: float,
    cancel: threading.Event | None = None,
    where: str = "",
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """A finding where `command` takes over `percent` longer after the change; notes otherwise.

    The command runs in the sandbox, on the tree before and after in turn, 5 to 25 times each, until
    it is clear or `timeout_s` have been spent. What counts is its own time where its last line of
    output is a number (of seconds), else how long it ran. A command that fails is a note.
    """
    try:
        argv = shlex.split(command)
        with ExitStack() as stack:
            sides = []
            for side in ("before", "after"):
                tree = stack.enter_context(exported(ground.repository, ground.tree))
                lay(tree, changes, side)
                sides.append(tree)
            timing = _timed(argv, sides, ground, sandbox, percent, timeout_s, cancel)
    except (_NoTime, EnvironmentFailure, ValueError) as error:
        return (), (N_(f"the benchmark was left out: {error}"),)
    before = statistics.median(timing.before_s)
    after = statistics.median(timing.after_s)
    runs, ratio = len(timing.before_s), timing.ratio
    said = N_(f"`{command}` takes {ratio:.2f} times as long as before "
              f"({before:.3g} s, {after:.3g} s, {runs} runs each)")  # fmt: skip
    if not timing.is_slower(percent):
        return (), (said,)
    return (Finding("benchmark", "slower", where or ".", 1, Severity.MEDIUM, said),), ()


class _NoTime(Exception):
    """The command gave no time; the text says why."""


def _timed(
    argv: Sequence[str],
    sides: Sequence[Path],
    ground: Ground,
    sandbox: Sandbox,
    percent: int,
    timeout_s: float,
    cancel: threading.Event | None,
) -> Timing:
    chance = random.Random(len(argv))
    times: list[list[float]] = [[], []]
    left_s = timeout_s
    timing = Timing((), ())
    while len(times[0]) < _MOST_PAIRS and not timing.is_decided(percent):
        order = [0, 1]
        chance.shuffle(order)  # whatever changes meanwhile hits both alike
        found = [0.0, 0.0]
        for side in order:
            found[side], spent_s = _once(argv, sides[side], ground, sandbox, left_s, cancel)
            left_s -= spent_s
        times[0].append(found[0])
        times[1].append(found[1])
        timing = Timing(tuple(times[0]), tuple(times[1]))
        if left_s < 2 * max(found):
            break
    if len(times[0]) < _FEWEST_PAIRS:
        raise _NoTime(N_(f"{timeout_s:.0f} s are not enough for {_FEWEST_PAIRS} runs each"))
    return timing


def _once(
    argv: Sequence[str],
    tree: Path,
    ground: Ground,
    sandbox: Sandbox,
    left_s: float,
    cancel: threading.Event | None,
) -> tuple[float, float]:
    """The time of one run as it counts, and as it was spent. Raises _NoTime."""
    ran = sandbox.run(
        argv,
        worktree=tree,
        repository=ground.repository,
        common_dir=ground.common_dir,
        limits=Limits(timeout_s=max(left_s, 0.1)),
        cancel=cancel,
    )
    if ran.killed_reason and not ran.timed_out:
        raise _NoTime(N_(f"it was ended ({ran.killed_reason})"))
    if ran.timed_out:
        raise _NoTime(N_(f"{ran.duration_s:.0f} s passed before it had run often enough"))
    lines = ran.output.strip().splitlines()
    last = lines[-1].strip() if lines else ""
    if ran.returncode != 0:
        raise _NoTime(N_(f"it failed ({ran.returncode}): {last[:200]}"))
    own = _SELF_TIMED.fullmatch(last)
    return (float(own[1]) if own else ran.duration_s), ran.duration_s
