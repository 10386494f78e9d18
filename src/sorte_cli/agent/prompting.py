"""What the models read: the text of every prompt, built from values, byte-stable.

Two profiles: `compact` for models up to about 3 B parameters, `full` for larger ones. The fixed
texts are files under `prompts/`. Order inside a prompt is by how seldom a part changes (system,
project instructions, symbols, task, step), so that a model's KV prefix survives from turn to turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sorte_cli.domain import Step, Symbol

DETAIL_LIMIT = 90
STATEMENT_LIMIT = 72
STATEMENTS_SHOWN = {"compact": 8, "full": 60}
SYMBOLS_SHOWN = {"compact": 14, "full": 60}
STATEMENT_VERBS = frozenset(
    {"insert_before", "insert_after", "replace_statement", "delete_statement", "wrap", "edit"}
)


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message; `role` is "system", "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Body:
    """The numbered statements of a target, as `edits.numbered_statements` gives them."""

    address: str
    statements: tuple[tuple[int, str], ...]


@cache
def prompt_text(profile: str, name: str) -> str:
    """The fixed text `prompts/PROFILE/NAME.txt`, without its final newline."""
    path = Path(__file__).parent / "prompts" / profile / f"{name}.txt"
    return path.read_text(encoding="utf-8").rstrip("\n")


def _cut(text: str, limit: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 3] + "..."


def render_symbol(symbol: Symbol) -> str:
    """One candidate line, the whole address first: `shop/http.py::fetch (url, retries=3)`."""
    detail = _cut(symbol.detail, DETAIL_LIMIT)
    return f"{symbol.address} {detail}" if detail else symbol.address


def render_step(step: Step) -> str:
    """The canonical text of a step: `VERB TARGET[, TARGET...][: INSTRUCTION]`."""
    line = f"{step.verb} {', '.join(step.targets)}" if step.targets else step.verb
    return f"{line}: {step.instruction}" if step.instruction else line


def render_body(body: Body, profile: str) -> str:
    """Numbered statements, one a line: `#1 return items`. Long ones are cut and say so."""
    shown = body.statements[: STATEMENTS_SHOWN[profile]]
    lines = [f"#{number} {_cut(text, STATEMENT_LIMIT)}" for number, text in shown]
    if len(shown) < len(body.statements):
        lines.append(f"... {len(body.statements) - len(shown)} more")
    return "\n".join(lines)


def _context(symbols: Sequence[Symbol], task: str) -> str:
    lines = "\n".join(render_symbol(s) for s in symbols)
    return f"{lines}\n\ntask: {' '.join(task.split())}\n"


def plan_messages(
    profile: str, symbols: Sequence[Symbol], task: str, *, project: str = "", remarks: str = ""
) -> list[Message]:
    """The brain's prompt: system text, project instructions, symbols, task, then the word `plan`.

    `project` is AGENTS.md and memory (left out of the compact profile by the caller's budget);
    `remarks` says why an earlier plan failed.
    """
    user = _context(symbols, task)
    if remarks:
        user += f"failed before: {remarks}\n"
    return [_system(profile, project), Message("user", user + "plan")]


def step_messages(
    profile: str,
    symbols: Sequence[Symbol],
    task: str,
    step: Step,
    bodies: Sequence[Body] = (),
    *,
    project: str = "",
    remarks: str = "",
) -> list[Message]:
    """The executor's prompt: the same prefix as the plan's, then the step and its statements.

    `remarks` is an earlier answer and why it failed; it comes last, so that the prefix holds.
    In the compact profile a step's instruction is the clause of the task that it does; it stands
    in the place of the task, because a small model would do all of the sentence again.
    """
    if profile == "compact" and step.instruction:
        task, step = step.instruction, Step(step.verb, step.targets)
    parts = [f"step: {render_step(step)}"]
    for body in bodies:
        if len(bodies) > 1:
            parts.append(f"body of {body.address}")
        parts.append(render_body(body, profile))
    if remarks:
        parts.append(remarks)
    return [_system(profile, project), Message("user", _context(symbols, task) + "\n".join(parts))]


def _system(profile: str, project: str) -> Message:
    text = prompt_text(profile, "system")
    return Message("system", f"{text}\n\n{project}" if project else text)
