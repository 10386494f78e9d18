"""Questions to the person. Anything but a clear yes is a no."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from sorte_cli.errors import UsageError
from sorte_cli.terminal import output
from sorte_cli.terminal.messages import print_error
from sorte_cli.terminal.translate import _

# English answers are understood in every language: fingers remember them.
_YES = frozenset({"y", "yes", "s", "sim"})
_NO = frozenset({"n", "no", "não", "nao"})
_EDIT = frozenset({"e", "edit", "editar"})
_ALL = frozenset({"a", "all", "t", "todas", "todos", "tudo"})
_QUIT = frozenset({"q", "quit", "stop", "p", "parar", "pare"})

YES, NO, EDIT, ALL, QUIT, UNCLEAR = "yes", "no", "edit", "all", "quit", "unclear"
_STEP_ANSWERS = {YES: _YES, NO: _NO, EDIT: _EDIT, ALL: _ALL, QUIT: _QUIT}


def yes_or_no(question: str) -> bool:
    """A question with the default no. The end of input is a no."""
    return _read(f"{question} {_('[y/N]')} ") in _YES


def approve(plan_text: str) -> str | None:
    """Go on with this plan? The plan (perhaps edited in `$EDITOR`), or None for no."""
    while True:
        answer = _read(_("Go on? [y]es, [n]o, [e]dit: "))
        if answer in _YES:
            return plan_text
        if answer in _NO or not answer:
            return None
        if answer in _EDIT:
            try:
                edited = edit_text(plan_text)
            except UsageError as error:
                print_error(error.message, error.hint)
                continue
            if not edited.strip():
                return None
            output.say(edited.rstrip("\n"), to_stderr=True)
            plan_text = edited


def step_question(*, broken: bool) -> str:
    """What to answer about a step; a `broken` one cannot be taken as it is."""
    if broken:
        return _("[e]dit it, [n]o (leave it out), or [q]uit here: ")
    return _("Apply this step? [y]es, [n]o, [e]dit, [a]ll, [q]uit here: ")


def step_choices(*, broken: bool) -> str:
    """Said where an answer about a step was not understood."""
    if broken:
        return _("answer e (edit the operations), n (leave this step out) or q (stop here)")
    return _("answer y, n (leave it out), e (edit it), a (this and all later ones) or q (stop)")


def understand_step(text: str, *, broken: bool) -> str:
    """What an answer about a step means: one of the constants above. Enter alone is unclear: it
    neither applies nor loses anything."""
    said = text.strip().lower()
    for meaning, words in _STEP_ANSWERS.items():
        if said in words:
            return UNCLEAR if broken and meaning in (YES, ALL) else meaning
    return UNCLEAR


def about_step(*, broken: bool) -> str:
    """The person's answer about a step, at the terminal; the end of input is a stop."""
    while True:
        sys.stderr.write(step_question(broken=broken))
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            output.say(to_stderr=True)
            return QUIT
        answer = understand_step(line, broken=broken)
        if answer != UNCLEAR:
            return answer
        output.say(step_choices(broken=broken), to_stderr=True)


def _read(prompt: str) -> str:
    sys.stderr.write(prompt)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:  # end of input: leave the shell's prompt on its own line
        output.say(to_stderr=True)
    return line.strip().lower()


def edit_text(text: str, kind: str = "plan") -> str:
    """`text` after the person edited it in `$VISUAL`, `$EDITOR` or `vi`.

    `kind` "plan": a word of help stands below it, and lines that begin with # are left out.
    "script" (edit operations) and "text": every line is the person's own, and counts.
    Raises UsageError when the editor cannot be started or fails.
    """
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    comment = _("# One step a line. Lines that begin with # are ignored; an empty plan stops.")
    below = f"\n{comment}\n" if kind == "plan" else ""
    with tempfile.TemporaryDirectory(prefix="sorte-") as folder:
        path = Path(folder) / {"plan": "plan.txt", "script": "step.sorte"}.get(kind, "text.md")
        path.write_text(f"{text.rstrip()}\n{below}", encoding="utf-8")
        try:
            done = subprocess.run([*shlex.split(editor), str(path)], check=False)
        except (OSError, ValueError) as error:
            raise UsageError(
                _("cannot start the editor `{editor}`: {reason}").format(
                    editor=editor, reason=error
                ),
                hint=_("set EDITOR to an editor that is installed"),
            ) from error
        if done.returncode != 0:
            raise UsageError(
                _("the editor `{editor}` ended with code {code}").format(
                    editor=editor, code=done.returncode
                ),
                hint=_("nothing was changed"),
            )
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    kept = [line for line in lines if kind != "plan" or not line.startswith("#")]
    return "\n".join(kept).rstrip("\n") + "\n"
