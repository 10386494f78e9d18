"""What a run is asked to do, what it tells while it works, and what it came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sorte_cli.agent.proposing import ApproveStep
from sorte_cli.domain import ChangeSet, Finding, TestReport, Verdict
from sorte_cli.errors import ExitCode


@dataclass(frozen=True, slots=True)
class RunRequest:
    """`sorte do`: None means that the settings decide."""

    task: str
    directory: Path
    yes: bool = False
    plan_only: bool = False
    land: bool = True
    max_repairs: int | None = None
    candidates: int | None = None
    test_command: str | None = None
    brain: str | None = None
    executor: str | None = None
    profile: str | None = None
    sandbox: str | None = None
    talk: str = ""
    """What was said before in the session; models in the full profile see it."""
    language: str = "en"
    """Of commits, where the repository's own log is too short to tell: "en" or "pt_BR"."""
    approve_step: ApproveStep | None = None
    """Asked about each step before it is applied; None: only the plan is asked about."""

    @property
    def flags(self) -> dict[str, str | int | None]:
        return {
            "brain": self.brain,
            "executor": self.executor,
            "profile": self.profile,
            "sandbox": self.sandbox,
            "test_command": self.test_command,
            "max_repairs": self.max_repairs,
            "candidates": self.candidates,
        }


@dataclass(frozen=True, slots=True)
class ApplyRequest:
    """`sorte apply`: run a script of operations without a model."""

    script_text: str
    directory: Path
    dry_run: bool = False
    commit: bool = True
    yes: bool = False
    test_command: str | None = None
    sandbox: str | None = None
    source: str = "script"
    language: str = "en"
    """As in `RunRequest`."""

    @property
    def flags(self) -> dict[str, str | int | None]:
        return {"sandbox": self.sandbox, "test_command": self.test_command}


class Observer(Protocol):
    """Whoever watches a run: the terminal, a JSON writer, a test."""

    def event(self, name: str, **data: Any) -> None:
        """Something happened. Must not raise."""
        ...

    def approve_plan(self, plan_text: str) -> str | None:
        """The plan to go on with, perhaps edited; None stops the run."""
        ...

    def consent(self, question_id: str, text: str) -> bool:
        """A yes or no that Sorte may not answer for the user."""
        ...


@dataclass(frozen=True, slots=True)
class StepReport:
    """One step: its text, what became of it, the operations, the commit, why it failed.

    `status` is "committed", "folded" (into a later step's commit), "dropped" or "skipped" (at the
    person's word).
    """

    text: str
    status: str
    script: str = ""
    commit: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file of the change: "created", "changed" or "deleted", and its line counts."""

    path: str
    kind: str
    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run came to. `status`: "landed", "applied" (files changed, not committed), "planned",
    "kept" (on a branch, as asked), "not landed" or "dry run"."""

    run_id: str
    status: str
    exit_code: ExitCode
    task: str
    plan: tuple[str, ...] = ()
    steps: tuple[StepReport, ...] = ()
    changes: tuple[FileReport, ...] = ()
    diff: str = ""
    verdict: Verdict | None = None
    message: str = ""
    branch: str = ""
    old: str = ""
    new: str = ""
    notes: tuple[str, ...] = ()
    models: Mapping[str, str] = field(default_factory=dict)
    duration_s: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """The document that `--json` prints."""
        return {
            "ok": self.exit_code == ExitCode.OK,
            "run": self.run_id,
            "status": self.status,
            "exit_code": int(self.exit_code),
            "task": self.task,
            "message": self.message,
            "plan": list(self.plan),
            "steps": [
                {
                    "step": s.text,
                    "status": s.status,
                    "operations": s.script,
                    "commit": s.commit,
                    "message": s.message,
                }
                for s in self.steps
            ],
            "changes": [
                {"path": c.path, "kind": c.kind, "added": c.added, "removed": c.removed}
                for c in self.changes
            ],
            "verdict": verdict_json(self.verdict),
            "branch": self.branch,
            "old": self.old,
            "new": self.new,
            "notes": list(self.notes),
            "models": dict(self.models),
            "duration_s": round(self.duration_s, 3),
        }


def verdict_json(verdict: Verdict | None) -> dict[str, Any] | None:
    """A verdict as plain JSON values."""
    if verdict is None:
        return None
    return {
        "ok": verdict.ok,
        "findings": [_finding_json(f) for f in verdict.findings],
        "tests": None if verdict.tests is None else _tests_json(verdict.tests),
        "notes": list(verdict.notes),
    }


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "tool": finding.tool,
        "rule": finding.rule,
        "path": finding.path,
        "line": finding.line,
        "severity": finding.severity.name.lower(),
        "message": finding.message,
    }


def _tests_json(tests: TestReport) -> dict[str, Any]:
    return {
        "status": tests.status,
        "command": list(tests.command),
        "passed": tests.passed,
        "failed": tests.failed,
        "skipped": tests.skipped,
        "failures": list(tests.failures),
        "sandbox": tests.sandbox,
        "duration_s": round(tests.duration_s, 3),
    }


def file_reports(changes: ChangeSet) -> tuple[FileReport, ...]:
    """Line counts of a change set, as `git diff --stat` would count them."""
    return tuple(
        FileReport(c.path, c.kind, *_line_counts(c.before or b"", c.after or b""))
        for c in changes.changes
    )


def _line_counts(before: bytes, after: bytes) -> tuple[int, int]:
    import difflib

    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    added = removed = 0
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, False).get_opcodes():
        if tag != "equal":
            added += j2 - j1
            removed += i2 - i1
    return added, removed


def unified_diff(changes: ChangeSet) -> str:
    """A change set as a unified diff for reading; binary files are only named."""
    import difflib

    parts: list[str] = []
    for change in changes.changes:
        before, after = change.before or b"", change.after or b""
        old = "/dev/null" if change.before is None else f"a/{change.path}"
        new = "/dev/null" if change.after is None else f"b/{change.path}"
        if b"\0" in before or b"\0" in after:
            parts.append(f"Binary files {old} and {new} differ\n")
            continue
        lines = difflib.unified_diff(
            before.decode("utf-8", "replace").splitlines(keepends=True),
            after.decode("utf-8", "replace").splitlines(keepends=True),
            old,
            new,
        )
        for line in lines:
            ending = "" if line.endswith("\n") else "\n\\ No newline at end of file\n"
            parts.append(line + ending)
    return "".join(parts)
