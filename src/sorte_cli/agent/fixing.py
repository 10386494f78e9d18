"""`sorte review --fix`: what can be mended becomes operations, is checked and tested, and is left
in the working tree for the person to look at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sorte_cli.agent.report import Observer, unified_diff
from sorte_cli.agent.reviewing import FullReview, Remark
from sorte_cli.agent.workspace import Workspace, choose_sandbox, open_workspace
from sorte_cli.domain import ChangeSet, FileChange, Finding, TestReport
from sorte_cli.edits import (
    Address,
    EditError,
    MemorySnapshot,
    Operation,
    Script,
    apply_script,
    print_script,
)
from sorte_cli.errors import NotLandedError, RefusedError
from sorte_cli.guardian import (
    Limits,
    check,
    compare,
    detect_test_command,
    run_tests,
    tests_reaching,
)
from sorte_cli.guardian.mending import mendings
from sorte_cli.history.journal import Mark
from sorte_cli.history.leaving import leave_files
from sorte_cli.history.transaction import Transaction
from sorte_cli.history.treefiles import FILE


@dataclass(frozen=True, slots=True)
class Fixed:
    """What was mended: the operations, the files that changed, and how the tests went."""

    script: str
    changes: ChangeSet
    diff: str
    mended: tuple[Finding, ...]
    tests: TestReport | None = None
    notes: tuple[str, ...] = ()


def fix(directory: Path, found: FullReview, observer: Observer, *, what: str) -> Fixed:
    """Mend what can be mended of `found`, and leave it in the working tree, not committed.

    In a worktree of its own the reviewed change is put on HEAD, the operations on top of it. Only
    when the checks find nothing new and the tests that reach it are no worse are the files
    written, and only over files that still are what was reviewed. Raises NotLandedError where
    there is nothing to mend or the result is no better, RefusedError where a file has changed.
    """
    with open_workspace(directory, {}, observer, kind="fix", task=f"fix {what}") as workspace:
        plan, changes, notes = _plan(workspace, found)
        _check_untouched(workspace, changes)
        tests = _verified(workspace, found, changes)
        script = print_script(Script(tuple(o for o, _ in plan)))
        workspace.journal.record(workspace.run_id, "operations", {"script": script})
        leave_files(
            workspace.repository, workspace.journal, changes, Mark(workspace.run_id, "applied")
        )
        return Fixed(
            script, changes, unified_diff(changes), tuple(f for _, f in plan), tests, notes
        )


_Planned = list[tuple[Operation, Finding]]


def _plan(workspace: Workspace, found: FullReview) -> tuple[_Planned, ChangeSet, tuple[str, ...]]:
    """Operations that can be done one after the other, and what all of them change."""
    reviewed = found.review.changes
    pieces, notes = mendings(found.review.findings, reviewed, root=workspace.repository.root)
    by_line = {(f.path, f.line, f.rule): f for f in found.review.findings}
    candidates: _Planned = [
        (_replace(p.path, p.old, p.new), by_line[p.path, p.line, p.rule]) for p in pieces
    ]
    candidates += [pair for r in found.remarks if (pair := _from_remark(r, reviewed)) is not None]
    files = {c.path: c.after for c in reviewed.changes if c.after is not None}
    done: _Planned = []
    said = list(notes)
    for operation, finding in candidates:
        try:
            applied = apply_script(Script((operation,)), MemorySnapshot(files))
        except EditError as error:
            said.append(f"{finding.path}:{finding.line} was not mended: {error.message}")
            continue
        files.update({c.path: c.after for c in applied.changes.changes if c.after is not None})
        done.append((operation, finding))
    before = {c.path: c.after for c in reviewed.changes}
    changes = ChangeSet.of(FileChange(p, before[p], content) for p, content in files.items())
    if not changes:
        raise NotLandedError(
            "nothing here can be mended by itself; the findings are yours to answer"
        )
    return done, changes, tuple(said)


def _replace(path: str, old: str, new: str) -> Operation:
    return Operation("replace_text", Address(path), blocks=(old, new))


def _from_remark(remark: Remark, reviewed: ChangeSet) -> tuple[Operation, Finding] | None:
    """The line of a remark by what the model would write there, with its indentation."""
    if not remark.fix.strip():
        return None
    finding = remark.finding
    source = next(c.after for c in reviewed.changes if c.path == finding.path)
    lines = (source or b"").decode("utf-8", "replace").splitlines(keepends=True)
    index = finding.line - 1
    line = lines[index]
    indent = line[: len(line) - len(line.lstrip())]
    given = remark.fix.splitlines(keepends=True)
    if not given[0][:1].isspace():
        given = [indent + g if g.strip() else g for g in given]
    for start in range(index, max(index - 8, -1), -1):
        old = "".join(lines[start : index + 1])
        if "".join(lines).count(old) == 1:
            return _replace(finding.path, old, "".join([*lines[start:index], *given])), finding
    return None


def _check_untouched(workspace: Workspace, changes: ChangeSet) -> None:
    """The files in the working tree must be what was reviewed: else work would be lost."""
    for change in changes.changes:
        here = workspace.repository.files.read(change.path)
        if here is None or here.kind != FILE or here.data != change.before:
            raise RefusedError(
                f"{change.path} in the working tree is not what was reviewed",
                hint="stage what you have (git add), or review the working tree: sorte review",
            )


def _verified(workspace: Workspace, found: FullReview, changes: ChangeSet) -> TestReport | None:
    """The report of the tests that reach the change; NotLandedError where it made things worse."""
    fresh, _ = check(changes, root=workspace.repository.root)  # against what was reviewed
    if fresh:
        worst = fresh[0]
        raise NotLandedError(
            f"the fixes would bring a new finding: {worst.path}:{worst.line}: {worst.message}"
        )
    transaction = Transaction.begin(workspace.repository, workspace.run_id)
    try:
        transaction.write(_against_head(transaction, found.review.changes))
        command = detect_test_command(
            transaction.root,
            workspace.repository.root,
            workspace.settings.test_command or None,
        )
        if command is None:
            return None
        sandbox, _ = choose_sandbox(workspace)

        def run() -> TestReport:
            return run_tests(
                command,
                sandbox,
                worktree=transaction.root,
                repository=workspace.repository.root,
                common_dir=workspace.repository.common_dir,
                limits=Limits(timeout_s=workspace.settings.test_timeout_s),
                first=first,
                cancel=workspace.cancel,
            )

        first = tests_reaching(changes, transaction.root, transaction.paths())
        if not first:
            return None
        transaction.write(changes)
        after = run()
        if after.ok:
            return after
        transaction.write(
            ChangeSet.of(FileChange(c.path, c.after, c.before) for c in changes.changes)
        )
        broken = compare(run(), after).broken
        if broken or after.status != "failed":
            raise NotLandedError(f"the fixes would break tests:\n{after.output}")
        return after
    finally:
        transaction.abandon(keep_branch=False)


def _against_head(transaction: Transaction, reviewed: ChangeSet) -> ChangeSet:
    """The reviewed files as changes to what HEAD has, which is where the transaction stands."""
    changes = []
    for change in reviewed.changes:
        here = transaction.files.read(change.path)
        changes.append(FileChange(change.path, here.data if here else None, change.after))
    return ChangeSet.of(changes)
