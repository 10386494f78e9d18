"""The two lines about the state of the session: what goes on now, and how things stand."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sorte_cli.terminal.style import safe
from sorte_cli.terminal.translate import _, plural

if TYPE_CHECKING:
    from sorte_cli.terminal.session.core import Session

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
DETAIL_MIN_COLUMNS = 12


def live_line(session: Session, columns: int, *, animated: bool) -> tuple[str, str]:
    """What runs and since when, and what a model is writing, within the width."""
    job = session.work.job
    if job is None:
        return "", ""
    if session.work.question is not None:
        return fit(_("waits for your answer; Esc stops"), columns), ""
    elapsed = time.monotonic() - job.started
    sign = _FRAMES[int(elapsed * 8) % len(_FRAMES)] if animated else "·"
    parts = [job.status or _("working"), f"{elapsed:.0f} s"]
    if waiting := len(session.waiting):
        parts.append(plural("{count} waits", "{count} wait", waiting))
    if not job.cancelled:
        parts.append(_("Esc stops"))
    status = f"{sign} " + " · ".join(parts)
    room = columns - width(status) - 3
    detail = " ".join(safe(job.detail).split())
    if room < DETAIL_MIN_COLUMNS or not detail:
        return fit(status, columns), ""
    return status, "  " + fit_end(detail, room)


def toolbar(session: Session, columns: int, *, leaving: bool) -> str:
    """Mode, branch, models and context use; or what the next Ctrl-C would do."""
    if leaving:
        return fit(" " + _("Ctrl+C again leaves"), columns)
    info = session.info
    mode = mode_name(session.mode)
    brain, executor = (name.rpartition("/")[2] for name in info.models)
    models = brain if brain == executor else f"{brain} + {executor}"
    parts = [mode]
    if info.ready:
        parts += [safe(info.branch) or _("no branch"), safe(models)]
        if info.window:
            parts.append(_("talk {share}").format(share=f"{session.context_share():.0%}"))
    else:
        parts.append(_("starting"))
    hint = _("/help  Shift+Tab: mode")
    text = " " + " · ".join(parts)
    gap = columns - width(text) - width(hint) - 1
    return f"{text}{' ' * gap}{hint} " if gap >= 2 else fit(text, columns)


def mode_name(mode: str) -> str:
    """A mode in one or two words."""
    return {
        "ask": _("ask"),
        "steps": _("ask each step"),
        "plan": _("plan only"),
        "auto": _("automatic"),
    }[mode]


def width(text: str) -> int:
    """Columns that a text takes on the terminal."""
    from prompt_toolkit.utils import get_cwidth

    return get_cwidth(text)


def fit(text: str, columns: int) -> str:
    """The beginning of a text, within a number of columns."""
    if width(text) <= columns:
        return text
    while text and width(text) > columns - 1:
        text = text[:-1]
    return text + "…"


def fit_end(text: str, columns: int) -> str:
    """The end of a text, within a number of columns."""
    text = text[-columns:]
    if width(text) <= columns:
        return text
    while text and width(text) > columns - 1:
        text = text[1:]
    return "…" + text
