"""The last words of a run: what changed, what the tests say, which commit, how to undo."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sorte_cli.terminal import diffs, output
from sorte_cli.terminal.engine_messages import in_language
from sorte_cli.terminal.messages import print_note
from sorte_cli.terminal.style import paint, safe
from sorte_cli.terminal.translate import _, plural

if TYPE_CHECKING:
    from sorte_cli.agent.report import FileReport, RunReport
    from sorte_cli.domain import TestReport

# How a line of a diff looks that adds or removes a test, in the languages Sorte knows.
_TEST = re.compile(
    r"^([+-])\s*(?:(?:async\s+)?def test\w*\(|(?:public\s+)?function test\w*\(|(?:it|test)\(['\"`])"
)


def print_report(report: RunReport) -> None:
    """The report of `sorte do` and `sorte apply` on stdout; notes on stderr."""
    for note in report.notes:
        print_note(safe(note))
    output.say(_headline(report))
    for change in report.changes:
        output.say(file_line(change))
    if report.message and report.exit_code != 0:
        output.say(output.wrapped(safe(in_language(report.message))))
    if advice := _advice(report):
        output.say(output.wrapped(advice))


def print_diff(diff: str) -> None:
    """A unified diff on stdout."""
    if diff:
        output.say(diffs.painted(diff, sys.stdout))


def _headline(report: RunReport) -> str:
    if report.status == "planned":
        return _("planned, nothing changed:") + "".join(f"\n  {safe(s)}" for s in report.plan)
    if report.status == "declined":
        return _("stopped before anything was changed")
    summary = ", ".join(summary_parts(report))
    if report.status == "dry run":
        return output.wrapped(_("dry run, nothing changed; it would be: ") + summary)
    if report.exit_code == 0:
        return _labelled(_("done: "), "good", summary)
    return _labelled(_("not landed: "), "bad", summary or _("nothing was changed"))


def _labelled(label: str, kind: str, text: str) -> str:
    """A sentence with its first word in colour, broken between words."""
    return paint(label, kind, sys.stdout) + output.wrapped(label + text).removeprefix(label)


def summary_parts(report: RunReport) -> list[str]:
    """ "created 2 files", "changed 3", "added 4 tests", "12 tests pass", "commit abc123"."""
    parts = _file_counts(report.changes)
    if added := count_new_tests(report.diff):
        parts.append(plural("added {count} test", "added {count} tests", added))
    tests = report.verdict.tests if report.verdict is not None else None
    if tests is not None and tests.status != "none":
        parts.append(describe_tests(tests))
    commits = list(dict.fromkeys(s.commit for s in report.steps if s.commit))
    if len(commits) > 1:
        parts.append(plural("{count} commit", "{count} commits", len(commits)))
    if report.new and report.new != report.old:
        parts.append(_("commit {commit}").format(commit=report.new[:10]))
    return parts


def _file_counts(changes: Sequence[FileReport]) -> list[str]:
    def number(kind: str) -> int:
        return sum(c.kind == kind for c in changes)

    parts = []
    if count := number("created"):
        parts.append(plural("created {count} file", "created {count} files", count))
    if count := number("changed"):
        parts.append(plural("changed {count} file", "changed {count} files", count))
    if count := number("deleted"):
        parts.append(plural("deleted {count} file", "deleted {count} files", count))
    return parts


def file_line(change: FileReport) -> str:
    """What became of one file, with its counts of lines."""
    kind = {"created": _("created"), "changed": _("changed"), "deleted": _("deleted")}[change.kind]
    counts = paint(f"+{change.added}", "good", sys.stdout)
    counts += " " + paint(f"-{change.removed}", "bad", sys.stdout)
    return f"  {kind}  {safe(change.path)}  {counts}"


def _advice(report: RunReport) -> str:
    if report.status == "landed":
        return _("look at it with `git show`; take it back with `sorte undo`")
    if report.status == "applied":
        return _("the files are changed and not committed; look at them with `git diff`")
    if report.branch:
        return _("kept on the branch {branch}; look with `git log -p {base}..{branch}`").format(
            branch=safe(report.branch), base=report.old[:10]
        )
    if report.status == "not landed" and report.run_id:
        return _("`sorte show {run}` tells what was tried").format(run=report.run_id)
    return ""


def count_new_tests(diff: str) -> int:
    """How many tests a unified diff adds, less those that it removes; never below zero."""
    signs = [m.group(1) for line in diff.splitlines() if (m := _TEST.match(line))]
    return max(0, signs.count("+") - signs.count("-"))


def describe_tests(tests: TestReport) -> str:
    """ "12 tests pass", "2 of 14 tests fail", "the tests did not end in time".

    A command of the user's own may tell no more than whether it worked.
    """
    counted = tests.passed + tests.failed > 0
    if tests.status == "passed":
        if not counted:
            return _("the tests pass")
        text = plural("{count} test passes", "{count} tests pass", tests.passed)
        if not tests.failed:
            return text
        before = plural("{count} failed before too", "{count} failed before too", tests.failed)
        return f"{text} ({before})"
    if tests.status == "failed":
        if not counted:
            return _("the tests fail")
        total = tests.passed + tests.failed
        text = plural("{{failed}} of {count} test fails", "{{failed}} of {count} tests fail", total)
        return text.format(failed=tests.failed)
    if tests.status == "timeout":
        return _("the tests did not end in time")
    if tests.status == "error":
        return _("the tests could not run")
    return _("no tests were found")
