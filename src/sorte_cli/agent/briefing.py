"""What both roles see of a run, put together within the model's window.

What stays the same from task to task (instructions, memory, the project's outline) takes a share
that does not depend on the task, so that a model need not read it again.
"""

from __future__ import annotations

from dataclasses import dataclass

from sorte_cli.agent import planning, prompting
from sorte_cli.agent.examples import BUDGET_TOKENS, WINDOW_SHARE, Example, past_example
from sorte_cli.agent.grounding import read_mentions
from sorte_cli.agent.planning import Situation
from sorte_cli.agent.prompting import Around
from sorte_cli.context.index import ProjectIndex
from sorte_cli.context.map import kept_map
from sorte_cli.domain import Selection, Symbol
from sorte_cli.history import Repository
from sorte_cli.inference import Engine

OVERHEAD_TOKENS = 400
OUTLINE_TOKENS = 1_600
"""The outline of the project in a small window; a larger one gives it `OUTLINE_SHARE`."""
OUTLINE_SHARE = 7
"""A large window's part for the outline: one in so many tokens, up to `OUTLINE_MOST`."""
OUTLINE_MOST = 4_800
OUTLINE_FREE = 3
"""The outline takes at most this part of what is free for every task."""
OUTLINE_STEP = 100
"""The outline's size changes in such steps, so that a new line of memory does not change it."""


@dataclass(frozen=True, slots=True)
class Background:
    """What is known beside the task: AGENTS.md, lessons of earlier runs, the talk so far."""

    instructions: str = ""
    remembered: str = ""
    talk: str = ""


@dataclass(frozen=True, slots=True)
class Briefing:
    """The situation, and what it was chosen from: `selected` symbols, best first."""

    situation: Situation
    selection: Selection
    selected: tuple[Symbol, ...]
    example: Example | None = None


def brief(
    engine: Engine,
    profile: str,
    task: str,
    index: ProjectIndex,
    repository: Repository | None,
    background: Background,
) -> Briefing:
    """Choose what the model sees. `repository` is where past changes are read; None: nowhere."""
    # The small models of the compact profile were trained and measured on symbols chosen by name.
    selection = index.select(task, by_text=profile == "full")
    mentions = read_mentions(task)
    selected = planning.named_first(selection.symbols, mentions)
    window = engine.info.context_tokens
    free = window - OVERHEAD_TOKENS - planning.PLAN_TOKENS[profile]
    if profile == "compact":
        project = prompting.project_text(background.instructions, background.remembered, "")
        room = max(free - engine.count(task), 0)
        symbols = planning.fit_symbols(engine, profile, selected, room_tokens=room)
        return Briefing(Situation(task, mentions, symbols, project), selection, selected)
    free -= planning.THINKING_TOKENS
    free -= sum(engine.count(t) for t in (background.instructions, background.remembered) if t)
    budget = _outline_tokens(window, free)
    overview = kept_map(index, budget, engine.count, engine.info.fingerprint) if budget else ""
    free -= engine.count(overview) if overview else 0
    free -= engine.count(f"{task}\n{background.talk}")
    example = None
    if repository is not None:
        most = min(BUDGET_TOKENS, window // WINDOW_SHARE, free // 2)
        example = past_example(repository, index, task, engine.count, most)
    free -= engine.count(example.text) if example else 0
    symbols = planning.fit_symbols(engine, profile, selected, room_tokens=max(free, 0))
    project = prompting.project_text(background.instructions, background.remembered, overview)
    around = Around(overview, example.text if example else "", background.talk)
    reach = tuple(s for f in selection.files for s in index.symbols(f.path))
    situation = Situation(task, mentions, symbols, project, around, reach, index.files)
    return Briefing(situation, selection, selected, example)


def _outline_tokens(window: int, free: int) -> int:
    wanted = min(max(OUTLINE_TOKENS, window // OUTLINE_SHARE), OUTLINE_MOST, free // OUTLINE_FREE)
    return max(wanted // OUTLINE_STEP * OUTLINE_STEP, 0)
