"""What `sorte train` says: progress, the result, and the adapters that there are."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sorte_cli.terminal import output
from sorte_cli.terminal.engine_messages import in_language
from sorte_cli.terminal.messages import print_note
from sorte_cli.terminal.spinner import Spinner
from sorte_cli.terminal.style import paint, safe
from sorte_cli.terminal.tables import render
from sorte_cli.terminal.translate import _, plural

if TYPE_CHECKING:
    from sorte_cli.inference.adapters import Card
    from sorte_cli.learning.collecting import Collected
    from sorte_cli.learning.lifecycle import Known, TrainReport

LOST_SHOWN = 3


class TrainProgress:
    """One moving line on a terminal, one line a phase elsewhere."""

    def __init__(self) -> None:
        self.spinner = Spinner(enabled=output.wants_animation(sys.stderr))
        self._phase = ""

    def __call__(self, phase: str, done: int, total: int, loss: float = 0.0) -> None:
        if self.spinner.enabled:
            text = f"{phase_text(phase)} {done}/{total}"
            self.spinner.show(f"{text}  {_('loss')} {loss:.3f}" if phase == "train" else text)
        elif phase != self._phase:
            output.say(phase_text(phase) + " ...", to_stderr=True)
        self._phase = phase


def phase_text(phase: str) -> str:
    return {
        "collect": _("reading the runs"),
        "train": _("training"),
        "measure": _("measuring"),
    }[phase]


def print_pairs(collected: Collected, least: int) -> None:
    """What the runs teach, before anything is trained."""
    counts = {kind: collected.count(kind) for kind in ("corrected", "accepted", "undone")}
    output.say(
        plural("{count} pair", "{count} pairs", len(collected.pairs))
        + ": "
        + _("{corrected} corrected, {accepted} accepted, {undone} to be refused").format(**counts)
    )
    for line in left_out_lines(collected):
        output.say("  " + line)
    missing = least - len(collected.pairs)
    if missing > 0:
        output.say(plural("{count} pair is missing", "{count} pairs are missing", missing))
    kinds = {"corrected": _("corrected"), "accepted": _("accepted"), "undone": _("to be refused")}
    for pair in collected.pairs:
        output.say(f"{kinds[pair.kind]}: {safe(' '.join(pair.task.split()))}")
        for line in pair.answers or (pair.plan_text,):
            output.say("    " + paint(safe(line.partition("\n")[0]), "accent", sys.stdout))


def left_out_lines(collected: Collected) -> list[str]:
    """How many runs teach nothing, and why."""
    reasons = {
        "undone": _("runs taken back or called bad: {count}"),
        "edited": _("runs edited afterwards in a way that is no other answer: {count}"),
        "beyond": _("runs with operations that small models are not asked for: {count}"),
        "gone": _("runs on commits that git no longer has: {count}"),
        "unseen": _("runs about what the model would not have been shown: {count}"),
    }
    return [reasons[why].format(count=count) for why, count in collected.left_out.items()]


def print_trained(report: TrainReport) -> None:
    """The result of a training: figures first, then what follows from them."""
    card = report.card
    output.say(
        _("adapter {name} for {model}: {pairs} pairs, {corrected} of them corrections, {time}")
        .format(
            name=card.name, model=safe(card.base_name), pairs=card.pairs,
            corrected=card.corrected, time=duration(card.seconds),
        )
    )  # fmt: skip
    for line in left_out_lines(report.collected):
        output.say("  " + line)
    output.say(figures_table([card]))
    for task in report.general_lost[:LOST_SHOWN]:
        output.say("  " + _("was right before and is not now: {task}").format(task=safe(task)))
    for name in report.removed:
        output.say("  " + _("removed, because there are newer ones: {name}").format(name=name))
    if report.in_force:
        output.say(_("it is in force from the next run on; back with: sorte train --rollback"))
    elif card.better:
        output.say(_("it is better; put it in force with: sorte train --activate"))
    else:
        output.say(_("it is not put in force: {why}").format(why=why_not(card)))


def why_not(card: Card) -> str:
    """Why an adapter is not better."""
    if card.held_out_after <= card.held_out_before:
        return _("it is no better on this project's held-out sentences")
    return _("it is more than a point worse on other sentences")


def figures_table(cards: Sequence[Card], active: str = "") -> str:
    """Adapters and how good they are: before and after, in per cent of all sentences right."""
    rows = [
        (
            card.name + (" *" if card.name == active else ""),
            f"{card.held_out_before:.0%} > {card.held_out_after:.0%} ({card.held_out})",
            f"{card.general_before:.1%} > {card.general_after:.1%} ({card.general})",
            time.strftime("%Y-%m-%d %H:%M", time.localtime(card.created)),
        )
        for card in cards
    ]
    return render((_("adapter"), _("held out"), _("elsewhere"), _("made")), rows)


def print_status(known: Known) -> None:
    """What is in force here."""
    if known.note:
        print_note(known.note)
    if known.active is None:
        output.say(_("no adapter is in force here; {model} works alone").format(model=known.model))
        if known.off_because and not known.note:
            why = in_language(known.off_because)
            output.say("  " + _("it was switched off: {why}").format(why=why))
    else:
        output.say(_("in force: {name}").format(name=known.active.name))
        output.say(figures_table([known.active]))
    count = len(known.all)
    if count:
        output.say(plural("{count} adapter is kept", "{count} adapters are kept", count))


def print_list(known: Known) -> None:
    """All adapters of this repository; a star marks the one in force."""
    if not known.all:
        output.say(_("there are no adapters here yet; train one with: sorte train"))
        return
    output.say(figures_table(known.all, known.active.name if known.active else ""))


def duration(seconds: float) -> str:
    if seconds < 90:
        return _("{seconds} s").format(seconds=round(seconds))
    return _("{minutes} min").format(minutes=round(seconds / 60))


def card_json(card: Card | None) -> dict[str, Any] | None:
    """An adapter for `--json`."""
    if card is None:
        return None
    return {**asdict(card), "runs": list(card.runs), "better": card.better}


def collected_json(collected: Collected) -> dict[str, Any]:
    kinds = ("corrected", "accepted", "undone")
    return {
        "pairs": len(collected.pairs),
        **{kind: collected.count(kind) for kind in kinds},
        "left_out": dict(collected.left_out),
    }
