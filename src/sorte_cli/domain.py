"""The words of Sorte as types.

Data travels one way: Task -> Selection -> Plan -> operations -> ChangeSet -> Verdict -> commit ->
report. The engines never import each other, so the values that pass between them live here. All
are small and immutable. Paths are repository-relative POSIX strings ("shop/pix.py").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file before and after. `None` as content means that the file does not exist.

    `executable` is the wanted executable bit afterwards; `None` keeps what is there.
    """

    path: str
    before: bytes | None
    after: bytes | None
    executable: bool | None = None

    @property
    def kind(self) -> str:
        """One of "created", "deleted", "changed"."""
        if self.before is None:
            return "created"
        return "deleted" if self.after is None else "changed"


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Files before and after, in memory, ordered by path, without files that stay the same."""

    changes: tuple[FileChange, ...] = ()

    @staticmethod
    def of(changes: Iterable[FileChange]) -> ChangeSet:
        """A change set in its normal form: sorted, no-op changes left out."""
        kept = [c for c in changes if c.before != c.after or c.executable is not None]
        return ChangeSet(tuple(sorted(kept, key=lambda c: c.path)))

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(c.path for c in self.changes)

    def __bool__(self) -> bool:
        return bool(self.changes)


@dataclass(frozen=True, slots=True)
class Symbol:
    """A named thing in a file that an operation can address.

    `address` is the text form of the operation language (`shop/pix.py::PixPayment.charge`; for a
    whole file just the path). `kind` is one of "file", "class", "function", "method", "constant"
    (module level), "field" (class level). `detail` is what a reader needs beside the address:
    `(self, amount: Decimal) -> bool` for functions, `(PaymentMethod)` for classes with bases,
    `= Decimal("10.00")` for values, empty for files. Lines are 1-based and inclusive.
    """

    address: str
    kind: str
    detail: str = ""
    line: int = 1
    end_line: int = 1

    @property
    def path(self) -> str:
        return self.address.partition("::")[0]

    @property
    def qualified_name(self) -> str:
        """`PixPayment.charge`; empty for a file."""
        return self.address.partition("::")[2]

    @property
    def name(self) -> str:
        """`charge`; for a file its base name."""
        qualified = self.qualified_name
        return qualified.rpartition(".")[2] if qualified else self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class RankedFile:
    """A file that matters for a task; `reasons` are short phrases a person can follow."""

    path: str
    score: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """What matters for a task: files and symbols, best first."""

    files: tuple[RankedFile, ...] = ()
    symbols: tuple[Symbol, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan: a verb, its targets, and (where the task does not say it) what to do.

    `verb` is the name of an operation, or "edit" when the executor may choose. Text form:
    `VERB TARGET[, TARGET...][: INSTRUCTION]`.
    """

    verb: str
    targets: tuple[str, ...]
    instruction: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the brain proposes: steps in order, or none and the reason."""

    steps: tuple[Step, ...] = ()
    reason: str = ""
    certainty: float = field(default=1.0, compare=False)
    """How sure the model was, 0 to 1: the least probable choice it made."""


class Severity(IntEnum):
    """How bad a finding is; ordered."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a check says about a line. `tool` names the check ("ruff", "bandit", "parse")."""

    tool: str
    rule: str
    path: str
    line: int
    severity: Severity
    message: str
    snippet: str = ""


@dataclass(frozen=True, slots=True)
class TestReport:
    """One run of the project's tests.

    `status`: "passed", "failed", "error" (could not run), "timeout", or "none" (no tests, or no
    command is known). `failures` are node ids. `output` is condensed text for people and models.
    """

    __test__ = False  # the name begins with Test; pytest must not collect it

    status: str
    command: tuple[str, ...] = ()
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: tuple[str, ...] = ()
    output: str = ""
    duration_s: float = 0.0
    sandbox: str = ""
    unusable: bool = False
    """Whether they tell nothing, because they did not run before the change either."""

    @property
    def ok(self) -> bool:
        return self.status in ("passed", "none")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the guardian says of a change: new findings, tests, and which checks could not run."""

    findings: tuple[Finding, ...] = ()
    tests: TestReport | None = None
    notes: tuple[str, ...] = ()

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """New findings that stop a landing: anything of medium severity or worse."""
        return tuple(f for f in self.findings if f.severity >= Severity.MEDIUM)

    @property
    def ok(self) -> bool:
        return not self.blocking and (self.tests is None or self.tests.ok)
