"""`sorte apply`: a script of operations through the same transaction as a run, without a model."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sorte_cli.agent.landing import Outcome, finish
from sorte_cli.agent.messages import commit_message, habit_of
from sorte_cli.agent.report import (
    ApplyRequest,
    Observer,
    RunReport,
    StepReport,
    file_reports,
    unified_diff,
)
from sorte_cli.agent.verifying import Verifier
from sorte_cli.agent.workspace import (
    Workspace,
    choose_sandbox,
    open_workspace,
    recent_subjects,
)
from sorte_cli.edits import (
    Applied,
    DirectorySnapshot,
    Script,
    apply_script,
    parse_script,
    print_script,
)
from sorte_cli.errors import ExitCode, NotLandedError, UsageError
from sorte_cli.history.landing import Landing
from sorte_cli.history.transaction import Transaction
from sorte_cli.history.uncommit import uncommit


def apply(request: ApplyRequest, observer: Observer) -> RunReport:
    """Run a script: all of it is verified and lands as one commit, or nothing happens.

    Raises EditError (exit 4) for an operation that cannot be done exactly, and SorteError for
    usage, environment and conflicts, as `do` does.
    """
    script = parse_script(request.script_text)
    if not script.operations:
        raise UsageError("the script holds no operations", hint="see `sorte apply --help`")
    started = time.monotonic()
    count = len(script.operations)
    task = f"apply {request.source} ({count} operation{'s' * (count != 1)})"
    with open_workspace(
        request.directory, request.flags, observer, kind="apply", task=task
    ) as workspace:
        report = _apply(workspace, request, script, task)
        return replace(report, duration_s=time.monotonic() - started)


def _apply(workspace: Workspace, request: ApplyRequest, script: Script, task: str) -> RunReport:
    with _transaction(workspace) as transaction:
        snapshot = DirectorySnapshot(transaction.root, transaction.paths())
        applied = apply_script(script, snapshot)
        if not applied.changes:
            why = " ".join(r.summary for r in applied.reports)
            raise NotLandedError("these operations change nothing", hint=why)
        text = print_script(script)
        workspace.journal.record(workspace.run_id, "operations", {"script": text})
        workspace.observer.event(
            "operations", script=text, summaries=tuple(r.summary for r in applied.reports)
        )
        workspace.observer.event("explained", reports=applied.reports)
        workspace.observer.event("diff", text=unified_diff(applied.changes))
        for report in applied.reports:
            for place in report.possible:
                workspace.observer.event("note", text=f"possible reference, not changed: {place}")
        if request.dry_run:
            workspace.journal.set_status(workspace.run_id, "dry run")
            return _dry_run(workspace, applied, text, task)
        if not request.yes and workspace.observer.approve_plan(text) is None:
            raise NotLandedError(
                "the script was not approved; nothing was changed",
                hint="pass --yes to go on without being asked",
            )
        return _land(workspace, transaction, request, script, applied, task)


def _dry_run(workspace: Workspace, applied: Applied, text: str, task: str) -> RunReport:
    return RunReport(
        run_id=workspace.run_id,
        status="dry run",
        exit_code=ExitCode.OK,
        task=task,
        steps=_steps(applied, text, "dry run"),
        changes=file_reports(applied.changes),
        diff=unified_diff(applied.changes),
        notes=workspace.notes,
    )


def _land(
    workspace: Workspace,
    transaction: Transaction,
    request: ApplyRequest,
    script: Script,
    applied: Applied,
    task: str,
) -> RunReport:
    sandbox, note = choose_sandbox(workspace)
    verifier = Verifier(workspace, transaction, sandbox)
    transaction.write(applied.changes)
    habit = habit_of(recent_subjects(workspace), request.language)
    commit = transaction.commit(
        applied.changes,
        commit_message(script.operations, task, habit),
        {"Sorte-Run": workspace.run_id, "Sorte-Step": "1/1"},
    )
    workspace.observer.event("step_committed", commit=commit, step=task)
    outcome = Outcome(
        task,
        (),
        tuple(
            replace(s, commit=commit) for s in _steps(applied, print_script(script), "committed")
        ),
        (*workspace.notes, *([note] if note else [])),
        {},
    )
    report = finish(workspace, transaction, verifier, outcome, land=True)
    if request.commit or report.status != "landed":
        return report
    paths = tuple(c.path for c in report.changes)
    landing = Landing(report.old, report.new, paths)
    uncommit(workspace.repository, workspace.journal, workspace.run_id, landing)
    steps = tuple(replace(s, status="applied", commit="") for s in report.steps)
    return replace(report, status="applied", steps=steps, new=report.old)


def _steps(applied: Applied, text: str, status: str) -> tuple[StepReport, ...]:
    summary = "; ".join(r.summary for r in applied.reports)
    return (StepReport("apply", status, text, "", summary),)


@contextmanager
def _transaction(workspace: Workspace) -> Iterator[Transaction]:
    transaction = Transaction.begin(workspace.repository, workspace.run_id)
    try:
        yield transaction
    finally:
        transaction.abandon(keep_branch=False)
