"""A review as text: few findings, the worst first, each with its line of code, and a verdict."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from sorte_cli.domain import Finding, Severity
from sorte_cli.guardian.review import Review
from sorte_cli.guardian.sarif import rule_id
from sorte_cli.terminal import output
from sorte_cli.terminal.advice import scenario
from sorte_cli.terminal.engine_messages import in_language
from sorte_cli.terminal.messages import print_note
from sorte_cli.terminal.style import paint, safe
from sorte_cli.terminal.translate import _, plural

if TYPE_CHECKING:
    from sorte_cli.agent.fixing import Fixed
    from sorte_cli.agent.reviewing import FullReview, Remark

SHOWN = 12
SHOWN_IN_HOOK = 6
_COLORS = {
    Severity.LOW: "dim",
    Severity.MEDIUM: "warning",
    Severity.HIGH: "bad",
    Severity.CRITICAL: "bad",
}


def severity_name(severity: Severity) -> str:
    """The word for a severity in the user's language."""
    return {
        Severity.LOW: _("low"),
        Severity.MEDIUM: _("medium"),
        Severity.HIGH: _("high"),
        Severity.CRITICAL: _("critical"),
    }[severity]


def print_review(found: FullReview, *, fail_on: Severity | None, everything: bool = False) -> None:
    """The findings and the verdict on stdout, notes on stderr."""
    said_by_model = {r.finding: r for r in found.remarks}
    groups = _grouped(found.findings)
    shown = groups if everything else groups[:SHOWN]
    for group in shown:
        output.say(_finding(group, sys.stdout, said_by_model.get(group[0])) + "\n")
    hidden = sum(len(g) for g in groups[len(shown) :])
    if hidden:
        said = plural(
            "and {count} more that is not worse; --all shows it",
            "and {count} more that are not worse; --all shows them",
            hidden,
        )
        output.say(said + "\n")
    for note in (*found.review.notes, *found.notes):
        print_note(safe(note))
    output.say(_verdict(found, fail_on))


def print_fixed(fixed: Fixed) -> None:
    """What `--fix` did, as operations, and how the tests went."""
    output.say(safe(fixed.script).rstrip("\n"))
    for note in fixed.notes:
        print_note(safe(note))
    files = plural("{count} file", "{count} files", len(fixed.changes.changes))
    mended = plural("{count} place", "{count} places", len(fixed.mended))
    line = _("mended {places} in {files}").format(places=mended, files=files)
    if fixed.tests is not None and fixed.tests.passed:
        line += ", " + plural("{count} test passes", "{count} tests pass", fixed.tests.passed)
    output.say(line)
    output.say(_("look at it with `git diff`; nothing was staged or committed"))


def scenario_of(found: FullReview, finding: Finding) -> str:
    """How a finding fails: what the model said, or our own sentence for the rule."""
    remark = next((r for r in found.remarks if r.finding == finding), None)
    return remark.scenario if remark else scenario(rule_id(finding))


def _grouped(findings: Sequence[Finding]) -> list[list[Finding]]:
    """The same thing said of several lines of a file is said once."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        key = (finding.severity, finding.tool, finding.rule, finding.path, finding.message)
        groups.setdefault(key, []).append(finding)
    return list(groups.values())


def _finding(group: Sequence[Finding], stream: TextIO, remark: Remark | None = None) -> str:
    first = group[0]
    place = paint(f"{safe(first.path)}:{first.line}", "heading", stream)
    level = paint(severity_name(first.severity), _COLORS[first.severity], stream)
    rule = paint(f"[{rule_id(first)}]", "dim", stream)
    message = " ".join(safe(in_language(first.message)).split()).rstrip(".")
    lines = [f"{place}: {level}: {message} {rule}"]
    if first.snippet:
        lines.append(f"    {safe(first.snippet)}")
    if said := safe(remark.scenario) if remark else scenario(rule_id(first)):
        lines.append(f"    {paint('->', 'accent', stream)} {said}")
    if remark and remark.fix:
        lines += [f"    {paint('+', 'good', stream)} {safe(x)}" for x in remark.fix.splitlines()]
    if len(group) > 1:
        others = ", ".join(str(f.line) for f in group[1:6]) + (", ..." if len(group) > 6 else "")
        lines.append("    " + _("also in lines {lines}").format(lines=others))
    return "\n".join(lines)


def _verdict(found: FullReview, fail_on: Severity | None) -> str:
    review, findings = found.review, found.findings
    files = plural("{count} file", "{count} files", review.files)
    if not review.files:
        return _("nothing to review: there is no change")
    if not findings:
        line = _("no new findings in {files}").format(files=files)
    else:
        counted = plural("{count} new finding", "{count} new findings", len(findings))
        line = _("{found} in {files}").format(found=counted, files=files)
        if fail_on is not None:
            bad = len(found.at_least(fail_on))
            if bad:
                line += _(", {count} of them {level} or worse").format(
                    count=bad, level=severity_name(fail_on)
                )
            else:
                line += _(", none of them {level} or worse").format(level=severity_name(fail_on))
    answered = []
    if review.suppressed:
        answered.append(
            plural(
                "{count} answered by a comment",
                "{count} answered by comments",
                len(review.suppressed),
            )
        )
    if review.known:
        answered.append(_("{count} known from the baseline").format(count=review.known))
    return line + (f" ({', '.join(answered)})" if answered else "")


def print_for_hook(review: Review, *, kind: str, fail_on: Severity | None) -> None:
    """A review for somebody who is about to commit: silent where all is well, else all on stderr.

    Shown are the findings that stop git and, below those, what is of medium severity or worse.
    """
    for note in review.notes:
        print_note(safe(note))
    bad = review.at_least(fail_on) if fail_on is not None else ()
    groups = _grouped(review.at_least(min(Severity.MEDIUM, fail_on or Severity.MEDIUM)))
    for group in groups[:SHOWN_IN_HOOK]:
        output.say(_finding(group, sys.stderr) + "\n", to_stderr=True)
    hidden = len(review.findings) - sum(len(g) for g in groups[:SHOWN_IN_HOOK])
    if hidden:
        said = plural(
            "{count} smaller finding is not shown; `sorte review --staged --all` shows it",
            "{count} smaller findings are not shown; `sorte review --staged --all` shows them",
            hidden,
        )
        output.say(said, to_stderr=True)
    if not bad:
        return
    if kind == "pre-push":
        said = _("the push was stopped; `git push --no-verify` goes around this")
    else:
        said = _("the commit was stopped; `git commit --no-verify` goes around this")
    output.say(paint(said, "bad", sys.stderr), to_stderr=True)
    output.say(
        _("to answer a finding, write in its line: # sorte: ignore[{rule}] reason").format(
            rule=rule_id(bad[0])
        ),
        to_stderr=True,
    )
