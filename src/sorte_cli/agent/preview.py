"""What the brain would read for a task: the very prompt, its parts in tokens, what stayed out.

Nothing is generated and nothing is changed; the model is loaded for its tokenizer and template.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.agent import planning, prompting
from sorte_cli.agent.grounding import read_mentions
from sorte_cli.agent.run import PROMPT_OVERHEAD_TOKENS, checked_task, model_specs
from sorte_cli.context.index import ProjectIndex
from sorte_cli.domain import Symbol
from sorte_cli.inference import Engine, Options
from sorte_cli.inference.manager import ModelManager
from sorte_cli.settings import load_settings

SYSTEM, INSTRUCTIONS, SYMBOLS, TASK, TEMPLATE = (
    "system text", "project instructions", "symbols", "task", "chat template",
)  # fmt: skip
PROFILE_LIMIT, WINDOW, COMPACT, NO_SYSTEM = (
    "the profile shows no more", "the window is full", "left out of the compact profile",
    "the model's chat template has no place for it",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the prompt and its size in the model's own tokens."""

    name: str
    tokens: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that was chosen and is not in the prompt; `symbols` where it is symbols."""

    name: str
    tokens: int
    why: str
    symbols: tuple[Symbol, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """`prompt` is the text after the chat template, `tokens` its size as the model counts it."""

    model: str
    profile: str
    window: int
    prompt: str
    tokens: int
    parts: tuple[Part, ...]
    left_out: tuple[LeftOut, ...]
    symbols: tuple[Symbol, ...]
    notes: tuple[str, ...] = ()


def preview(task: str, root: Path, index: ProjectIndex, brain: str = "") -> Preview:
    """The prompt of the first plan for `task`, as `sorte do` would build it on these files.

    Raises UsageError for an empty task and what loading the model raises.
    """
    task = checked_task(task)
    settings, notes = load_settings(root, {"brain": brain or None})
    selected = planning.named_first(index.select(task).symbols, read_mentions(task))
    instructions = planning.project_instructions(root)
    with ModelManager(*model_specs(settings)) as models:
        engine = models.engine("brain")
        profile = planning.profile_for(engine.info, settings.profile)
        return _of(engine, profile, task, selected, instructions, notes)


def _of(
    engine: Engine,
    profile: str,
    task: str,
    selected: tuple[Symbol, ...],
    instructions: str,
    notes: tuple[str, ...],
) -> Preview:
    used = engine.count(task) + PROMPT_OVERHEAD_TOKENS + planning.PLAN_TOKENS[profile]
    project = instructions if profile == "full" else ""
    if profile == "full":
        used += engine.count(instructions) + planning.THINKING_TOKENS
    room = max(engine.info.context_tokens - used, 0)
    shown = planning.fit_symbols(engine, profile, selected, room_tokens=room)
    messages = prompting.plan_messages(profile, shown, task, project=project)
    turns = [(m.role, m.content) for m in messages]
    prompt = engine.render(turns)
    size = _size(engine, turns)
    listed = "\n".join(map(prompting.render_symbol, shown))
    texts = {
        SYSTEM: prompting.prompt_text(profile, "system"),
        INSTRUCTIONS: project,
        SYMBOLS: listed,
        TASK: messages[-1].content.removeprefix(listed).strip("\n"),
    }
    # Some templates have no system role: what is not in the text was not sent.
    inside = {n: t for n, t in texts.items() if t and t.strip() in prompt}
    parts = [Part(name, engine.count(text)) for name, text in inside.items()]
    rest = size - sum(p.tokens for p in parts)
    parts.append(Part(TEMPLATE, max(rest, 0)))
    lost = [
        LeftOut(name, engine.count(text), NO_SYSTEM)
        for name, text in texts.items()
        if text and name not in inside
    ]
    lost += _left_out(engine, profile, selected, shown)
    if instructions and not project:
        lost.append(LeftOut(INSTRUCTIONS, engine.count(instructions), COMPACT))
    info = engine.info
    return Preview(
        info.name, profile, info.context_tokens, prompt, size, tuple(parts), tuple(lost), shown,
        notes,
    )  # fmt: skip


def _size(engine: Engine, turns: Sequence[tuple[str, str]]) -> int:
    """The prompt's size as the engine counts it; cancelled before anything is computed."""
    at_once = threading.Event()
    at_once.set()
    return engine.generate(list(turns), Options(max_tokens=1), cancel=at_once).prompt_tokens


def _left_out(
    engine: Engine, profile: str, selected: Sequence[Symbol], shown: Sequence[Symbol]
) -> list[LeftOut]:
    missing = tuple(selected[len(shown) :])
    if not missing:
        return []
    full = len(shown) >= prompting.SYMBOLS_SHOWN[profile]
    tokens = sum(engine.count(prompting.render_symbol(s)) + 1 for s in missing)
    return [LeftOut(SYMBOLS, tokens, PROFILE_LIMIT if full else WINDOW, missing)]
