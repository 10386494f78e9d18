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
from sorte_cli.terminal.translate import _

# English answers are understood in every language: fingers remember them.
_YES = frozenset({"y", "yes", "s", "sim"})
_NO = frozenset({"n", "no", "não", "nao"})
_EDIT = frozenset({"e", "edit", "editar"})


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
            edited = edit_text(plan_text)
            if not edited.strip():
                return None
            output.say(edited.rstrip("\n"), to_stderr=True)
            plan_text = edited


def _read(prompt: str) -> str:
    sys.stderr.write(prompt)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:  # end of input: leave the shell's prompt on its own line
        output.say(to_stderr=True)
    return line.strip().lower()


def edit_text(text: str) -> str:
    """`text` after the person edited it in `$VISUAL`, `$EDITOR` or `vi`; comment lines left out.

    Raises UsageError when the editor cannot be started or fails.
    """
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    comment = _("# One step a line. Lines that begin with # are ignored; an empty plan stops.")
    with tempfile.TemporaryDirectory(prefix="sorte-") as folder:
        path = Path(folder) / "plan.txt"
        path.write_text(f"{text.rstrip()}\n\n{comment}\n", encoding="utf-8")
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
    return "".join(f"{line}\n" for line in lines if not line.startswith("#")).rstrip("\n") + "\n"
