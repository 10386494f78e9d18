"""What the models read: the text of every prompt, built from values, byte-stable.

Two profiles: `compact` for models up to about 3 B parameters, `full` for larger ones. The fixed
texts are files under `prompts/`. Order inside a prompt is by how seldom a part changes (system,
project instructions, map, symbols, example, task, step), so that a model's KV prefix survives from
turn to turn, and most of it from task to task: what a task changes comes last and is kept small.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sorte_cli.domain import Step, Symbol
from sorte_cli.edits.kinds import family_of

DETAIL_LIMIT = 90
STATEMENT_LIMIT = 72
STATEMENTS_SHOWN = 8
SYMBOLS_SHOWN = {"compact": 14, "full": 32}
SYMBOLS_DETAILED = 10
"""So many symbols of a full prompt get their details; of the others the executor sees the source
when it comes to them, and what every task reads anew stays small."""
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
    """The numbered statements of a target, as `edits.numbered_statements` gives them; of what is
    not Python its lines, as `edits.outline.numbered_lines` does."""

    address: str
    statements: tuple[tuple[int, str], ...]
    text: str = ""
    """In the full profile: the source as it stands with the numbers in front, as far as it fits."""

    @property
    def mark(self) -> str:
        """What stands before a number: of statements in Python, of lines in everything else."""
        return "#" if family_of(self.address.partition("::")[0]) == "python" else "#L"


@dataclass(frozen=True, slots=True)
class Source:
    """A definition or file as it stands, whole."""

    address: str
    text: str


@dataclass(frozen=True, slots=True)
class Around:
    """What stands about a task in the full profile: the outline of the project, which is part of
    the system text and only looked up here; a past change; what was said earlier in the talk.
    """

    overview: str = ""
    example: str = ""
    talk: str = ""


NOTHING = Around()


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
    """Numbered statements, one a line: `#1 return items`. Long ones are cut and say so.

    In the full profile a definition stands there whole, so that its nesting can be seen.
    """
    if body.text and profile == "full":
        return body.text
    shown = body.statements[:STATEMENTS_SHOWN]
    lines = [f"{body.mark}{number} {_cut(text, STATEMENT_LIMIT)}" for number, text in shown]
    if len(shown) < len(body.statements):
        lines.append(f"... {len(body.statements) - len(shown)} more")
    return "\n".join(lines)


def within(text: str, room_tokens: int, count: Callable[[str], int]) -> str:
    """As many whole lines from the start as fit, and how many are left out."""
    if count(text) <= room_tokens:
        return text
    lines = text.splitlines()
    low, high = 0, len(lines)
    while low < high:
        middle = (low + high + 1) // 2
        if count("\n".join(lines[:middle])) <= room_tokens:
            low = middle
        else:
            high = middle - 1
    return "\n".join([*lines[:low], f"... {len(lines) - low} more lines"])


def project_text(instructions: str, remembered: str, overview: str) -> str:
    """What a project says to every task, the part that changes most last."""
    listed = f"The project in outline, file by file:\n{overview.rstrip()}" if overview else ""
    return "\n\n".join(text for text in (instructions, remembered, listed) if text)


def render_symbols(symbols: Sequence[Symbol], profile: str) -> str:
    """The candidates. Compact: one a line, best first. Full: in groups by file, the file of the
    best first; the likeliest with details, the others by name.
    """
    if profile == "compact":
        return "\n".join(render_symbol(s) for s in symbols)
    detailed: dict[str, list[str]] = {}
    bare: dict[str, list[str]] = {}
    for place, symbol in enumerate(symbols):
        lines = detailed.setdefault(symbol.path, [])
        if symbol.kind == "file":
            continue
        detail = _cut(symbol.detail, DETAIL_LIMIT)
        if detail and place < SYMBOLS_DETAILED:
            lines.append(f"::{symbol.qualified_name} {detail}")
        else:
            bare.setdefault(symbol.path, []).append(symbol.qualified_name)
    text: list[str] = []
    for path, lines in detailed.items():
        text += [path, *lines]
        if path in bare:
            text.append(f":: {', '.join(bare[path])}")
    return "\n".join(text)


def _context(profile: str, symbols: Sequence[Symbol], task: str, around: Around) -> str:
    parts = [render_symbols(symbols, profile), ""]
    if profile == "compact":
        around = NOTHING
    if around.example:
        parts += [f"A past change of this project: {around.example.rstrip()}", ""]
    if around.talk:
        parts += [around.talk.rstrip(), ""]
    return "\n".join([*parts, f"task: {' '.join(task.split())}\n"])


def plan_messages(
    profile: str,
    symbols: Sequence[Symbol],
    task: str,
    *,
    project: str = "",
    remarks: str = "",
    around: Around = NOTHING,
) -> list[Message]:
    """The brain's prompt: system text, project instructions, symbols, task, then the word `plan`.

    `project` is AGENTS.md, memory and outline, as `project_text` gives them (left out of the
    compact profile by the caller's budget); `remarks` says why an earlier plan failed.
    """
    user = _context(profile, symbols, task, around)
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
    around: Around = NOTHING,
    sources: Sequence[Source] = (),
) -> list[Message]:
    """The executor's prompt: the same prefix as the plan's, then the step and its statements.

    `remarks` is an earlier answer and why it failed; it comes last, so that the prefix holds.
    `sources` are what to follow or to change, whole.
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
    parts += [f"{source.address} as it is:\n{source.text.rstrip()}" for source in sources]
    if remarks:
        parts.append(remarks)
    user = _context(profile, symbols, task, around) + "\n".join(parts)
    return [_system(profile, project), Message("user", user)]


def _system(profile: str, project: str) -> Message:
    text = prompt_text(profile, "system")
    return Message("system", f"{text}\n\n{project}" if project else text)
