"""The questions at the prompt: what may be answered, and what an answer means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sorte_cli.terminal import ask
from sorte_cli.terminal.translate import _

if TYPE_CHECKING:
    from sorte_cli.terminal.session.parts import Question

YES, NO, ALWAYS, EDIT, UNCLEAR = "yes", "no", "always", "edit", "unclear"
STEPS = ("step", "broken step")
"""The kinds of question about one step's operations; answered with the words of `terminal.ask`."""

# English answers are understood in every language: fingers remember them.
_WORDS = {
    YES: {"y", "yes", "s", "sim"},
    NO: {"", "n", "no", "não", "nao"},
    ALWAYS: {"a", "always", "sempre"},
    EDIT: {"e", "edit", "editar"},
}
FREE = "lesson"
"""The kind of question that is answered in one's own words; nothing at all is a no."""
_ALLOWED = {"plan": (YES, NO, ALWAYS, EDIT), "script": (YES, NO, ALWAYS)}
# The words are those of `sorte_cli.agent.proposing`, which the screen's process does not import.
_STEP_DECISIONS = {ask.YES: "go", ask.ALL: "all", ask.NO: "skip", ask.QUIT: "stop"}


def understand(kind: str, text: str) -> str:
    """What an answer means: one of the constants above. Nothing at all is a no.

    About a step, one of those of `terminal.ask`; there, nothing at all is unclear.
    """
    if kind in STEPS:
        return ask.understand_step(text, broken=kind != "step")
    said = text.strip().lower()
    for meaning in _ALLOWED.get(kind, (YES, NO)):
        if said in _WORDS[meaning]:
            return meaning
    return UNCLEAR


def reply(question: Question, answer: str) -> Any:
    """What the worker is told for an answer that was understood."""
    if question.kind in STEPS:
        return {"kind": _STEP_DECISIONS[answer]}
    agreed = answer in (YES, ALWAYS)
    return question.text if question.kind in ("plan", "script") and agreed else agreed


def edited(question: Question, text: str) -> Any:
    """The same for a text that comes back from the editor."""
    return {"kind": "edit", "script": text} if question.kind in STEPS else text


def at_end(question: Question) -> str:
    """The answer of an input that ended."""
    if question.kind == FREE:
        return ""
    return "q" if question.kind in STEPS else "n"


def can_edit(question: Question) -> bool:
    """Whether what is asked about can be opened in `$EDITOR`."""
    return question.kind in ("plan", *STEPS)


def prompt(question: Question) -> str:
    """What stands before the cursor while a question waits."""
    if question.kind == FREE:
        return _("What should be different next time? (Enter: nothing to remember) ")
    if question.kind == "plan":
        return _("Go on? [y]es, [n]o, [a]lways, [e]dit: ")
    if question.kind == "script":
        return _("Apply these operations? [y]es, [n]o, [a]lways: ")
    if question.kind in STEPS:
        return ask.step_question(broken=question.kind != "step")
    last = question.text.strip().rpartition("\n")[2]
    return f"{last} {_('[y/N]')} "


def explanation(question: Question) -> str:
    """What must be read before the answer, beyond what was printed already."""
    return question.text.strip().rpartition("\n")[0] if question.kind == "consent" else ""


def choices(kind: str) -> str:
    """Said where an answer was not understood."""
    if kind == "plan":
        return _("answer y, n, a (this and all later ones) or e (edit first); Esc stops the run")
    if kind in STEPS:
        return ask.step_choices(broken=kind != "step")
    return _("answer y or n; Esc stops")
