"""Is a change good? Static checks with new findings only, and tests against what failed before."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace

from sorte_cli.agent.workspace import Workspace
from sorte_cli.domain import ChangeSet, Finding, Severity, TestReport, Verdict
from sorte_cli.guardian import (
    Limits,
    Sandbox,
    TestCommand,
    check,
    compare,
    detect_test_command,
    run_tests,
    tests_reaching,
)
from sorte_cli.guardian.performance import guard
from sorte_cli.guardian.projectchecks import Ground, check_with_project_tools
from sorte_cli.history.transaction import Transaction
from sorte_cli.settings import tools_are_trusted
from sorte_cli.texts import N_


class Verifier:
    """Verifies one transaction. The tests of the base are run at most once, and only if needed."""

    def __init__(self, workspace: Workspace, transaction: Transaction, sandbox: Sandbox) -> None:
        self._workspace = workspace
        self._transaction = transaction
        self._sandbox = sandbox
        self._limits = Limits(timeout_s=workspace.settings.test_timeout_s)
        self._base: TestReport | None = None
        self._checked: tuple[ChangeSet, tuple[Finding, ...], tuple[str, ...]] | None = None
        self._tested: tuple[str, ChangeSet, TestReport] | None = None
        self.command: TestCommand | None = detect_test_command(
            transaction.root,
            workspace.repository.root,
            workspace.settings.test_command or None,
        )

    def step(self, changes: ChangeSet) -> Verdict:
        """Static checks, and the tests that reach the change (all, where none is known to)."""
        findings, notes = self._static(changes)
        if Verdict(findings).blocking or self.command is None:
            return Verdict(findings, None, notes)
        paths = self._transaction.paths()
        measured = self._workspace.repository.root / ".coverage"
        reaching = tests_reaching(changes, self._transaction.root, paths, measured=measured)
        return Verdict(findings, self._tests(self._transaction.tip, changes, reaching), notes)

    def whole(self, changes: ChangeSet) -> Verdict:
        """Static checks of the whole change, also by the project's own checkers, and all tests."""
        findings, notes = self._static(changes)
        others, said = self._project_tools(changes)
        findings, notes = (*findings, *others), (*notes, *said)
        if others:
            self._workspace.observer.event("checks", findings=others)
        if any(f.severity >= Severity.MEDIUM for f in others):
            return Verdict(findings, None, notes)  # it does not land, whatever the tests say
        if self.command is None:
            note = N_("no tests were found; name a command with --test-command")
            return self._guarded(Verdict(findings, TestReport("none"), (*notes, note)), changes)
        tests = self._tests(self._transaction.base, changes, ())
        return self._guarded(Verdict(findings, tests, notes), changes)

    def _guarded(self, verdict: Verdict, changes: ChangeSet) -> Verdict:
        """The verdict with what the project's benchmark says, where it has one and all is well."""
        settings = self._workspace.settings
        if not settings.benchmark_command or not verdict.ok or not changes:
            return verdict
        self._workspace.observer.event("benchmark", command=settings.benchmark_command)
        findings, notes = guard(
            settings.benchmark_command,
            changes,
            self._ground(),
            self._sandbox,
            percent=settings.benchmark_threshold,
            timeout_s=self._limits.timeout_s,
            cancel=self._workspace.cancel,
            where=settings.sources.get("benchmark_command", ""),
        )
        if findings:
            self._workspace.observer.event("checks", findings=findings)
        return replace(
            verdict,
            findings=(*verdict.findings, *findings),
            notes=(*verdict.notes, *notes),
        )

    def _ground(self) -> Ground:
        repository = self._workspace.repository
        return Ground(repository.root, repository.common_dir, self._transaction.base)

    def _static(self, changes: ChangeSet) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
        """New findings and notes; a change that was just checked is not checked again."""
        if self._checked is None or self._checked[0] != changes:
            findings, notes = check(changes, root=self._transaction.root)
            if findings:
                self._workspace.observer.event("checks", findings=findings)
            self._checked = (changes, tuple(findings), tuple(notes))
        return self._checked[1], self._checked[2]

    def _project_tools(self, changes: ChangeSet) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
        """What the checkers newly say that a trusted project has configured."""
        if not tools_are_trusted(self._workspace.repository.root):
            return (), ()
        return check_with_project_tools(
            changes,
            self._ground(),
            self._sandbox,
            timeout_s=self._limits.timeout_s,
            cancel=self._workspace.cancel,
        )

    def _tests(self, since: str, changes: ChangeSet, first: Sequence[str]) -> TestReport:
        """Run the tests named in `first`, or all.

        The tree is the commit `since` with `changes`; all tests run only once on the same tree.
        """
        assert self.command is not None
        if not first and self._tested is not None and self._tested[:2] == (since, changes):
            return self._tested[2]
        self._workspace.observer.event("tests_started", command=self.command.argv, only=first)
        report = self._run(self._transaction, first)
        if not report.ok:
            report = self._against_base(report, all_ran=not first)
        self._workspace.observer.event("tests", report=report)
        if not first:
            self._tested = (since, changes, report)
        return report

    def _run(self, transaction: Transaction, first: Sequence[str]) -> TestReport:
        assert self.command is not None
        return run_tests(
            self.command,
            self._sandbox,
            worktree=transaction.root,
            repository=self._workspace.repository.root,
            common_dir=self._workspace.repository.common_dir,
            limits=self._limits,
            first=first,
            cancel=self._workspace.cancel,
        )

    def _against_base(self, report: TestReport, *, all_ran: bool) -> TestReport:
        """The report without what failed before the change too."""
        base = self._base_report()
        if report.status == "failed" and report.failures:
            compared = compare(base, report)
            if not compared.broken and all_ran and not report.passed:
                # As many failures as before prove nothing where no test passes.
                note = N_("none of them passes, before this change neither: nothing is verified")
                return replace(
                    report, status="error", output=f"{note}\n{report.output}", unusable=True
                )
            if not compared.broken:
                note = N_(f"{len(compared.failed_before)} test(s) failed before this change too")
                return replace(report, status="passed", output=note)
            return replace(report, failures=compared.broken)
        if report.status in ("error", "timeout") and base.status == report.status:
            # Without tests that run nothing is verified, whoever is to blame: it does not land.
            note = N_("they did not run before this change either; mend them or use --test-command")
            return replace(report, output=f"{note}\n{report.output}", unusable=True)
        return report

    def _base_report(self) -> TestReport:
        if self._base is None:
            repository = self._workspace.repository
            pristine = Transaction.begin(repository, f"{self._workspace.run_id}-base")
            try:
                self._base = self._run(pristine, ())
            finally:
                pristine.abandon(keep_branch=False)
        return self._base


def blame(verdict: Verdict) -> str:
    """Why a verdict is not ok, in a few lines fit for a model and for a person."""
    lines = [f"{f.path}:{f.line}: {f.message} [{f.tool} {f.rule}]" for f in verdict.blocking]
    if verdict.tests is not None and not verdict.tests.ok:
        tests = verdict.tests
        lines.append(_failure(tests))
        lines.append(tests.output.strip())
    return "\n".join(line for line in lines if line)


def _failure(tests: TestReport) -> str:
    if tests.status == "timeout":
        return N_("the tests did not end in time")
    if tests.status == "error":
        return N_("the tests could not run")
    if tests.failed:
        return N_(f"{tests.failed} test(s) failed")
    return N_(f"the test command failed: {shlex.join(tests.command)}")
