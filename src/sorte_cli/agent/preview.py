"""What the brain would read for a task: the very prompt, its parts in tokens, what stayed out.

Nothing is generated and nothing is changed; the model is loaded for its tokenizer and template.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.agent import planning, prompting
from sorte_cli.agent.briefing import Background, Briefing, brief
from sorte_cli.agent.meaning import with_meaning
from sorte_cli.agent.run import checked_task, model_specs
from sorte_cli.context.index import ProjectIndex
from sorte_cli.domain import Symbol
from sorte_cli.errors import SorteError
from sorte_cli.history import Repository
from sorte_cli.inference import Engine, Options
from sorte_cli.inference.manager import ModelManager
from sorte_cli.memory import notes
from sorte_cli.settings import load_settings, routes

SYSTEM, INSTRUCTIONS, REMEMBERED, OUTLINE, SYMBOLS, EXAMPLE, TASK, TEMPLATE = (
    "system text", "project instructions", "memory", "outline of the project", "symbols",
    "past change", "task", "chat template",
)  # fmt: skip
PROFILE_LIMIT, WINDOW, COMPACT, NO_SYSTEM, TOO_LONG = (
    "the profile shows no more", "the window is full", "left out of the compact profile",
    "the model's chat template has no place for it", "its other operations do not fit",
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
    settings, said = load_settings(root, {"brain": brain or None})
    background = Background(planning.project_instructions(root), notes.as_prompt(notes.notes(root)))
    try:
        repository = Repository.discover(root, writing=False)
    except SorteError:
        repository = None  # only past changes need it
    with ModelManager(
        *model_specs(settings), keep_alive_s=settings.keep_alive, routes=routes(settings.roles)
    ) as models:
        engine = models.engine("plan")
        profile = planning.profile_for(engine.info, settings.profile)
        with with_meaning(index, settings):
            chosen = brief(engine, profile, task, index, repository, background)
        return _of(engine, profile, chosen, background, said)


def _of(
    engine: Engine,
    profile: str,
    chosen: Briefing,
    background: Background,
    said: tuple[str, ...],
) -> Preview:
    situation = chosen.situation
    around = situation.around if profile == "full" else prompting.NOTHING
    project = situation.project if profile == "full" else ""
    messages = prompting.plan_messages(
        profile, situation.symbols, situation.task, project=project, around=around
    )
    turns = [(m.role, m.content) for m in messages]
    prompt = engine.render(turns)
    size = _size(engine, turns)
    listed = prompting.render_symbols(situation.symbols, profile)
    own = background if profile == "full" else Background()
    texts = {
        SYSTEM: prompting.prompt_text(profile, "system"),
        INSTRUCTIONS: own.instructions,
        REMEMBERED: own.remembered,
        OUTLINE: around.overview.rstrip(),
        SYMBOLS: listed,
        EXAMPLE: around.example.rstrip(),
        TASK: f"task: {' '.join(situation.task.split())}\nplan",
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
    lost += _left_out(engine, profile, chosen)
    if profile == "compact":
        for name, text in (
            (INSTRUCTIONS, background.instructions),
            (REMEMBERED, background.remembered),
        ):
            if text:
                lost.append(LeftOut(name, engine.count(text), COMPACT))
    info = engine.info
    return Preview(
        info.name, profile, info.context_tokens, prompt, size, tuple(parts), tuple(lost),
        situation.symbols, said,
    )  # fmt: skip


def _size(engine: Engine, turns: Sequence[tuple[str, str]]) -> int:
    """The prompt's size as the engine counts it; cancelled before anything is computed."""
    at_once = threading.Event()
    at_once.set()
    return engine.generate(list(turns), Options(max_tokens=1), cancel=at_once).prompt_tokens


def _left_out(engine: Engine, profile: str, chosen: Briefing) -> list[LeftOut]:
    lost: list[LeftOut] = []
    shown = chosen.situation.symbols
    if missing := tuple(chosen.selected[len(shown) :]):
        full = len(shown) >= prompting.SYMBOLS_SHOWN[profile]
        tokens = sum(engine.count(prompting.render_symbol(s)) + 1 for s in missing)
        lost.append(LeftOut(SYMBOLS, tokens, PROFILE_LIMIT if full else WINDOW, missing))
    if chosen.example is not None and chosen.example.left_out_text:
        tokens = engine.count(chosen.example.left_out_text)
        lost.append(LeftOut(EXAMPLE, tokens, TOO_LONG))
    return lost
