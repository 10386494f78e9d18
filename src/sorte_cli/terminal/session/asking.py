"""The questions at the prompt: what may be answered, and what an answer means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sorte_cli.terminal.translate import _

if TYPE_CHECKING:
    from sorte_cli.terminal.session.parts import Question

YES, NO, ALWAYS, EDIT, UNCLEAR = "yes", "no", "always", "edit", "unclear"

# English answers are understood in every language: fingers remember them.
_WORDS = {
    YES: {"y", "yes", "s", "sim"},
    NO: {"", "n", "no", "não", "nao"},
    ALWAYS: {"a", "always", "sempre"},
    EDIT: {"e", "edit", "editar"},
}
_ALLOWED = {"plan": (YES, NO, ALWAYS, EDIT), "script": (YES, NO, ALWAYS)}


def understand(kind: str, text: str) -> str:
    """What an answer means: one of the constants above. Nothing at all is a no."""
    said = text.strip().lower()
    for meaning in _ALLOWED.get(kind, (YES, NO)):
        if said in _WORDS[meaning]:
            return meaning
    return UNCLEAR


def prompt(question: Question) -> str:
    """What stands before the cursor while a question waits."""
    if question.kind == "plan":
        return _("Go on? [y]es, [n]o, [a]lways, [e]dit: ")
    if question.kind == "script":
        return _("Apply these operations? [y]es, [n]o, [a]lways: ")
    last = question.text.strip().rpartition("\n")[2]
    return f"{last} {_('[y/N]')} "


def explanation(question: Question) -> str:
    """What must be read before the answer, beyond what was printed already."""
    return question.text.strip().rpartition("\n")[0] if question.kind == "consent" else ""


def choices(kind: str) -> str:
    """Said where an answer was not understood."""
    if kind == "plan":
        return _("answer y, n, a (this and all later ones) or e (edit first); Esc stops the run")
    return _("answer y or n; Esc stops")
