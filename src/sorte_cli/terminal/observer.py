"""Shows a run while it works: a spinner and colours on a terminal, plain lines anywhere else.

Everything goes to stderr; stdout belongs to the report.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sorte_cli.errors import UsageError
from sorte_cli.terminal import ask, diffs, output
from sorte_cli.terminal.engine_messages import in_language
from sorte_cli.terminal.messages import print_error, print_note
from sorte_cli.terminal.spinner import Spinner
from sorte_cli.terminal.style import paint, safe
from sorte_cli.terminal.translate import _, plural

if TYPE_CHECKING:
    from sorte_cli.agent.proposing import Decision, Proposal

DIFF_LINES_SHOWN = 120
LOAD_STEP = 0.25  # without a spinner, progress is told at each quarter


class TerminalObserver:
    """The Observer of `sorte do` and `sorte apply` for a person at a terminal (or for a log)."""

    def __init__(self, *, yes: bool = False, plan_is_script: bool = False) -> None:
        """`yes`: approve plans without asking. `plan_is_script`: what is approved are operations,
        which were shown as such and cannot be edited at the question."""
        self._yes = yes
        self._plan_is_script = plan_is_script
        self._spinner = Spinner(enabled=output.wants_animation(sys.stderr))
        self._streamed = ""
        self._doing = ""
        self._step = 0
        self._plan_shown = ""
        self._told_load = -1.0
        self._handlers: Mapping[str, Callable[..., None]] = {
            "recovered": self._on_note,
            "index": self._on_index,
            "model_load": self._on_model_load,
            "selected": self._on_selected,
            "look": self._on_look,
            "thinking": self._on_thinking,
            "prompt": self._on_prompt,
            "text": self._on_text,
            "plan": self._on_plan,
            "step_started": self._on_step_started,
            "operations": self._on_operations,
            "diff": self._on_diff,
            "checks": self._on_checks,
            "tests_started": self._on_tests_started,
            "tests": self._on_tests,
            "repair": self._on_repair,
            "step_committed": self._on_step_committed,
            "step_dropped": self._on_step_dropped,
            "step_skipped": self._on_step_skipped,
            "verifying": self._on_verifying,
            "landed": self._on_landed,
            "kept_branch": self._on_kept_branch,
            "note": self._on_note,
        }

    def __enter__(self) -> TerminalObserver:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Take the spinner away; call before anything else is printed."""
        self._spinner.stop()

    # The Observer protocol of the agent.

    def event(self, name: str, **data: Any) -> None:
        """Show one event; unknown ones are ignored, so that the agent may tell more."""
        handler = self._handlers.get(name)
        if handler is not None:
            handler(**data)

    def approve_plan(self, plan_text: str) -> str | None:
        """The plan, perhaps edited; None where the answer is no or there is nobody to ask."""
        self._spinner.stop()
        if not self._plan_is_script:
            self._on_plan(text=plan_text)
        if self._yes:
            return plan_text
        if not output.is_interactive():
            print_note(_("nobody is here to approve the plan; pass --yes to go on without asking"))
            return None
        if self._plan_is_script:
            return plan_text if ask.yes_or_no(_("Apply these operations?")) else None
        return ask.approve(plan_text)

    def consent(self, question_id: str, text: str) -> bool:
        """A yes or no from the person; no where there is nobody to ask. `--yes` does not count."""
        self._spinner.stop()
        if not output.is_interactive():
            return False
        return ask.yes_or_no(safe(in_language(text)))

    def approve_step(self, proposal: Proposal) -> Decision:
        """What to do with a step that was just shown. Where there is nobody to ask: stop."""
        from sorte_cli.agent.proposing import ALL, EDIT, GO, SKIP, STOP, Decision

        self._spinner.stop()
        if not output.is_interactive():
            print_note(_("nobody is here to approve the steps; leave --ask out to go on without"))
            return Decision(STOP)
        self._on_problem(proposal)
        while True:
            answer = ask.about_step(broken=bool(proposal.problem))
            if answer != ask.EDIT:
                kinds = {ask.YES: GO, ask.ALL: ALL, ask.NO: SKIP, ask.QUIT: STOP}
                return Decision(kinds[answer])
            try:
                return Decision(EDIT, ask.edit_text(proposal.script, "script"))
            except UsageError as error:
                print_error(error.message, error.hint)

    # One method an event. Keyword names are the agent's.

    def _on_index(self, files: int = 0, **_more: Any) -> None:
        text = plural("indexing {count} file", "indexing {count} files", files)
        self._spinner.show(text if files else _("reading the project"))

    def _on_model_load(
        self,
        fraction: float = 0.0,
        model: str = "",
        size_bytes: int = 0,
        device: str = "",
        **_more: Any,
    ) -> None:
        label = loading_text(model, size_bytes, device)
        self._spinner.show(f"{label}  {fraction:.0%}")
        if self._spinner.enabled:
            return
        if self._told_load < 0:
            self._line(label, "dim")
            self._told_load = 0.0
        if fraction < 1.0 and fraction >= self._told_load + LOAD_STEP:
            self._told_load = fraction - fraction % LOAD_STEP
            self._line(f"{label}  {fraction:.0%}", "dim")

    def _on_selected(self, files: Any = (), symbols: Any = (), **_more: Any) -> None:
        paths = [safe(str(getattr(f, "path", f))) for f in files][:5]
        if paths:
            text = _("looking at {paths}").format(paths=", ".join(paths))
            self._line(output.wrapped(text), "dim")

    def _on_look(self, text: str = "", **_more: Any) -> None:
        verb, _blank, what = safe(text).partition(" ")
        told = {
            "read": _("the brain reads {what}"),
            "search": _("the brain searches for {what}"),
            "list": _("the brain lists {what}"),
        }.get(verb, "{what}")
        self._line(output.wrapped(told.format(what=what or ".")), "dim")

    def _on_thinking(self, role: str = "", **_more: Any) -> None:
        self._streamed = ""
        self._doing = _("planning") if role == "brain" else _("writing operations")
        self._spinner.show(self._doing)

    def _on_prompt(self, done: int = 0, total: int = 0, **_more: Any) -> None:
        reading = 0 < done < total
        share = f": {_('reading the prompt')} {done / total:.0%}" if reading else ""
        self._spinner.show(self._doing + share)

    def _on_text(self, text: str = "", **_more: Any) -> None:
        self._streamed = (self._streamed + text)[-400:]
        last = self._streamed.rstrip("\n").rpartition("\n")[2]
        self._spinner.detail(safe(last))

    def _on_plan(self, text: str = "", **_more: Any) -> None:
        if text == self._plan_shown:
            return
        self._plan_shown = text
        self._step = 0
        self._line(_("plan"), "heading")
        for number, line in enumerate(text.strip().splitlines(), start=1):
            self._line(f"  {number}. {safe(line)}")

    def _on_step_started(self, step: str = "", total: int = 0, **_more: Any) -> None:
        self._step += 1
        count = f"{self._step}/{total}" if total else str(self._step)
        self._line(_("step {count}: {step}").format(count=count, step=safe(step)), "heading")

    def _on_operations(self, script: str = "", summaries: Any = (), **_more: Any) -> None:
        for line in script.strip("\n").splitlines():
            self._line("  " + paint(safe(line), "accent", sys.stderr))
        for summary in summaries:
            self._line(output.wrapped(f"  {safe(in_language(summary))}", "    "), "dim")

    def _on_diff(self, text: str = "", **_more: Any) -> None:
        lines = text.splitlines()
        shown = "\n".join(lines[:DIFF_LINES_SHOWN])
        for line in diffs.painted(shown, sys.stderr).splitlines():
            self._line("  " + line)
        hidden = len(lines) - DIFF_LINES_SHOWN
        if hidden > 0:
            more = plural("… {count} more line", "… {count} more lines", hidden)
            self._line("  " + more, "dim")

    def _on_checks(self, findings: Any = (), **_more: Any) -> None:
        for finding in findings:
            place = f"{safe(finding.path)}:{finding.line}"
            rule = f"{finding.tool} {finding.rule}"
            self._line(f"  {place}: {safe(finding.message)} [{rule}]", "warning")

    def _on_tests_started(self, command: Any = (), only: Any = (), **_more: Any) -> None:
        self._spinner.show(_("running the tests"))

    def _on_tests(self, report: Any = None, **_more: Any) -> None:
        from sorte_cli.terminal.report import describe_tests

        if report is not None:
            self._line("  " + describe_tests(report), "good" if report.ok else "bad")

    def _on_repair(self, attempt: int = 0, reason: str = "", **_more: Any) -> None:
        text = _("trying again ({attempt}): {reason}").format(
            attempt=attempt, reason=_first_lines(reason)
        )
        self._line("  " + text, "warning")

    def _on_step_committed(self, commit: str = "", **_more: Any) -> None:
        self._line("  " + _("committed {commit}").format(commit=commit[:10]), "good")

    def _on_step_dropped(self, reason: str = "", **_more: Any) -> None:
        text = _("step given up, nothing of it is kept: {reason}")
        self._line("  " + text.format(reason=_first_lines(reason)), "bad")

    def _on_step_skipped(self, **_more: Any) -> None:
        self._line("  " + _("left out, as you said"), "warning")

    def _on_problem(self, proposal: Proposal) -> None:
        """Why the operations that were proposed, or tried, come to nothing."""
        if not proposal.problem:
            return
        for line in proposal.script.strip("\n").splitlines():
            self._line("  " + paint(safe(line), "accent", sys.stderr))
        reason = _first_lines(in_language(proposal.problem))
        self._line("  " + _("it does not work: {reason}").format(reason=reason), "bad")

    def _on_verifying(self, **_more: Any) -> None:
        self._line(_("verifying the whole change"), "heading")

    def _on_landed(self, **_more: Any) -> None:
        self._spinner.stop()

    def _on_kept_branch(self, branch: str = "", **_more: Any) -> None:
        if branch:
            self._line(_("kept on the branch {branch}").format(branch=safe(branch)))

    def _on_note(self, text: str = "", **_more: Any) -> None:
        with self._spinner.paused():
            print_note(safe(text))

    def _line(self, text: str, kind: str = "") -> None:
        self._spinner.stop()  # a line is the end of what was going on
        output.say(paint(text, kind, sys.stderr) if kind else text, to_stderr=True)


def loading_text(name: str, size_bytes: int, device: str) -> str:
    """What is loaded, how large it is, and where to; of a small model nothing but that."""
    if not name:
        return _("loading the model")
    place = safe(device) or _("processor")
    size = f"{size_bytes / 1000**3:.1f} GB"
    return _("loading the model") + f" {safe(name)} ({size}, {place})"


def _first_lines(reason: str, limit: int = 6) -> str:
    """The beginning of a long reason, so that a test's output does not flood the screen."""
    lines = safe(reason).strip().splitlines()
    more = [f"    … (+{len(lines) - limit})"] if len(lines) > limit else []
    return "\n    ".join(lines[:limit]) + ("\n" + more[0] if more else "")
