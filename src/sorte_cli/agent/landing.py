"""The end of every run that changes code: verify the whole, land or keep, say what happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sorte_cli.agent.report import RunReport, StepReport, file_reports, unified_diff, verdict_json
from sorte_cli.agent.verifying import Verifier, blame
from sorte_cli.agent.workspace import Workspace
from sorte_cli.domain import ChangeSet, Verdict
from sorte_cli.errors import ExitCode, RefusedError
from sorte_cli.history.transaction import Transaction

REBASES = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the run did before its end, for the report."""

    task: str
    plan: tuple[str, ...]
    steps: tuple[StepReport, ...]
    notes: tuple[str, ...]
    models: Mapping[str, str]


def finish(
    workspace: Workspace,
    transaction: Transaction,
    verifier: Verifier,
    outcome: Outcome,
    *,
    land: bool,
) -> RunReport:
    """Verify the transaction as a whole, then land it (or keep it on a branch, as asked).

    A red verdict lands nothing and keeps the branch `sorte/RUN` for a look. Raises RefusedError
    where the user's own work stands in the way; the branch is kept then too.
    """
    for _ in range(REBASES):
        workspace.observer.event("verifying")
        verdict = verifier.whole(transaction.changes())
        if not verdict.ok:
            return _kept(workspace, transaction, outcome, verdict, asked=False)
        if not land:
            return _kept(workspace, transaction, outcome, verdict, asked=True)
        if workspace.repository.head() == transaction.base:
            return _landed(workspace, transaction, outcome, verdict)
        if not transaction.rebase_onto_head():
            break
    branch = transaction.abandon(keep_branch=True)
    raise RefusedError(
        "the branch moved while this run worked, and the two changes conflict",
        hint=f"the run is kept on {branch}; merge it by hand, or run the task again",
    )


def _landed(
    workspace: Workspace, transaction: Transaction, outcome: Outcome, verdict: Verdict
) -> RunReport:
    changes = transaction.changes()
    workspace.journal.record(workspace.run_id, "verdict", verdict_json(verdict) or {})
    try:
        landing = transaction.land(workspace.journal, workspace.run_id)
    except RefusedError as error:
        branch = transaction.abandon(keep_branch=True)
        kept = f"the finished change is kept on {branch}" if branch else ""
        hint = "; ".join(h for h in (error.hint, kept) if h)
        raise RefusedError(error.message, hint=hint) from error
    workspace.observer.event("landed", old=landing.old, new=landing.new, paths=landing.paths)
    return _report(workspace, outcome, verdict, changes, landing.old, landing.new, "landed")


def _kept(
    workspace: Workspace,
    transaction: Transaction,
    outcome: Outcome,
    verdict: Verdict,
    *,
    asked: bool,
) -> RunReport:
    changes, old, new = transaction.changes(), transaction.base, transaction.tip
    workspace.journal.record(workspace.run_id, "verdict", verdict_json(verdict) or {})
    branch = transaction.abandon(keep_branch=True) or ""
    workspace.observer.event("kept_branch", branch=branch)
    status = "kept" if asked else "not landed"
    workspace.journal.set_status(workspace.run_id, status)
    report = _report(workspace, outcome, verdict, changes, old, new, status)
    return report if asked else replace(report, message=blame(verdict))


def _report(
    workspace: Workspace,
    outcome: Outcome,
    verdict: Verdict,
    changes: ChangeSet,
    old: str,
    new: str,
    status: str,
) -> RunReport:
    return RunReport(
        run_id=workspace.run_id,
        status=status,
        exit_code=ExitCode.NOT_LANDED if status == "not landed" else ExitCode.OK,
        task=outcome.task,
        plan=outcome.plan,
        steps=outcome.steps,
        changes=file_reports(changes),
        diff=unified_diff(changes),
        verdict=verdict,
        branch=f"sorte/{workspace.run_id}" if status != "landed" else "",
        old=old,
        new=new,
        notes=outcome.notes,
        models=outcome.models,
    )
