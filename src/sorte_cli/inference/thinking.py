"""Models that think before they answer: how they mark it, and where the answer begins. Pure text.

A thought is free text, so it must end before a grammar begins. Templates differ: some open the
thought themselves, some leave that to the model, some only when asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """How a family of models marks a thought: what begins it, what ends it, and what then begins
    the answer.
    """

    opening: str
    closing: str
    answer: str
    always: bool = False
    """The model thinks unless it is put where its answer begins."""


_HARMONY = Style(
    "<|channel|>analysis<|message|>",
    "<|end|>",
    "<|start|>assistant<|channel|>final<|message|>",
    always=True,
)
_TAGS = (
    Style("<think>\n", "</think>", "\n\n"),
    Style("<seed:think>", "</seed:think>", ""),
    Style("[THINK]", "[/THINK]", ""),
)
_SWITCH = re.compile(r"\b(enable_thinking|thinking|reasoning_effort|thinking_budget)\b")
"""Variables of templates whose model thinks when asked to."""


def style_of(template: str) -> Style | None:
    """How the model of this chat template thinks; None where it does not.

    A template may know the tags only to take thoughts out of earlier answers: that does not count.
    """
    if "<|channel|>" in template and "<|message|>" in template:
        return _HARMONY
    for style in _TAGS:
        tag = style.opening.strip()
        begins = re.search(re.escape(tag) + r"(\\n|\s)*['\"]\s*-?\}\}", template)
        if (tag in template or style.closing in template) and (begins or _SWITCH.search(template)):
            return style
    return None


def ready(prompt: str, style: Style, *, think: bool) -> str:
    """What must follow `prompt`, as the template gave it, so that the model thinks next, or so
    that it answers next.
    """
    is_open = prompt.rstrip().endswith(style.opening.strip())
    if think:
        return "" if is_open else style.opening
    if is_open:
        return ("" if prompt.endswith("\n") else "\n") + f"\n{style.closing}{style.answer}"
    return style.answer.partition("assistant")[2] if style.always else ""
