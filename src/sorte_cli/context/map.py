"""The repo map: the skeleton of a project as text, within a token budget, stable under changes.

Files stand in path order and each file's lines depend on that file alone, so that a change in one
file moves nothing else; what does not fit is counted, folder by folder. Which files get more detail
depends on how many others mention what they define, in coarse steps, never on the history.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sorte_cli.context import words
from sorte_cli.context.index import ProjectIndex
from sorte_cli.context.languages import CODE, is_test
from sorte_cli.context.ranking import LiveFile
from sorte_cli.context.view import View
from sorte_cli.domain import Symbol

RANKED_FOR_TASK = 60
FILES_OF_TASK = 5
MENTIONS_LOOKED_AT = 400
NAMES_LOOKED_AT = 3
LINE_LIMIT = 110
SAMPLE_CHARS = 20_000
STEPS = 25
Count = Callable[[str], int]
_ASIDE = re.compile(r"(?:^|/)(?:examples?|docs?|samples?|fixtures?|playground|bench\w*|demos?)/")
_TOP_KINDS = ("class", "function", "constant")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file with its possible texts, from its bare name to all its symbols."""

    path: str
    levels: tuple[str, ...]
    weight: float


def render_map(index: ProjectIndex, task: str | None, budget_tokens: int, count: Count) -> str:
    """The map as text of at most `budget_tokens`, counted by `count`; the same bytes every time.

    With a task, the files that matter for it get the detail; without, those that others use most.
    """
    shares = {f.path: f.score for f in index.rank(task, RANKED_FOR_TASK)} if task else {}
    entries = index.ask(lambda view: _entries(view, shares))
    levels = _fit(entries, budget_tokens, count, bool(shares))
    return _within(entries, levels, budget_tokens, count)


def kept_map(index: ProjectIndex, budget_tokens: int, count: Count, counted_by: str) -> str:
    """The map without a task, made once for a state of the files and kept with the index.

    `counted_by` names the tokenizer behind `count`. Sizes are reckoned from a sample, so that a
    count over a pipe is asked for a few times and not for every file.
    """
    state = index.ask(lambda view: "\n".join(f"{f.path} {f.blob}" for f in view.files))
    digest = hashlib.sha256(f"{counted_by}\n{budget_tokens}\n{state}".encode()).hexdigest()

    def make() -> str:
        entries = index.ask(lambda view: _entries(view, {}))
        sample = "".join(e.levels[-1] for e in entries if len(e.levels) > 2)[:SAMPLE_CHARS]
        # Rounded up in steps, so that a small change does not move the measure of all files.
        share = math.ceil(STEPS * count(sample) / len(sample)) / STEPS if sample else 1.0
        levels = _fit(entries, budget_tokens, lambda text: math.ceil(share * len(text)), False)
        return _within(entries, levels, budget_tokens, count)

    return index.kept("map", digest, make)


def _within(
    entries: Sequence[_Entry], levels: dict[str, int], budget_tokens: int, count: Count
) -> str:
    """The text, with detail taken away until it holds the budget."""
    text = _render(entries, levels)
    while count(text) > budget_tokens and any(levels.values()):
        _shrink(entries, levels)
        text = _render(entries, levels)
    return text if count(text) <= budget_tokens else ""


def _entries(view: View, shares: dict[str, float]) -> list[_Entry]:
    code = [f for f in view.files if f.language in CODE]
    first = {f.path: _plain_weight(f, view.symbols(f.path)) for f in code}
    order = sorted(first, key=lambda p: (-first[p], p))
    weights = dict(first)
    for path in order[:MENTIONS_LOOKED_AT]:
        weights[path] *= 1.0 + _used_elsewhere(view, path)
    if shares:
        best = max(shares.values())
        weights = {p: 0.01 * w + shares.get(p, 0.0) / best for p, w in weights.items()}
    return [_Entry(f.path, _levels(f.path, view.symbols(f.path)), weights[f.path]) for f in code]


def _plain_weight(file: LiveFile, symbols: Sequence[Symbol]) -> float:
    shown = sum(s.kind in _TOP_KINDS and not s.name.startswith("_") for s in symbols)
    weight = 1.0 + math.floor(math.log2(1 + shown))
    if is_test(file.path):
        return 0.1 * weight
    return weight * (0.3 if _ASIDE.search(file.path) else 1.0)


def _used_elsewhere(view: View, path: str) -> float:
    """How many files mention what this one defines, in steps of a doubling."""
    names = [s.name for s in view.symbols(path) if s.kind in ("class", "function")]
    # A name of one small word, such as `add`, is mentioned everywhere by chance.
    public = [n for n in names if not n.startswith("_") and len(words.split_words(n)) > 1]
    public = public[:NAMES_LOOKED_AT]
    most = max((len(view.mentioning(n)) for n in public), default=0)
    return float(math.floor(math.log2(1 + most)))


def _levels(path: str, symbols: Sequence[Symbol]) -> tuple[str, ...]:
    name = f"{path}\n"
    top = [s for s in symbols if s.kind in _TOP_KINDS and "." not in s.qualified_name]
    if not top:
        return ("", name)
    # What others use comes first, because the line is cut.
    telling = sorted(top, key=lambda s: (s.name.startswith("_"), s.kind == "constant"))
    brief = _cut(f"{path}: {', '.join(dict.fromkeys(s.name for s in telling))}")
    outline = [f"{path}:"]
    full = [f"{path}:"]
    for symbol in symbols:
        depth = symbol.qualified_name.count(".")
        line = _cut(f"{'  ' * (depth + 1)}{_word(symbol)}{symbol.name}{_space(symbol)}")
        if depth == 0 and symbol.kind in _TOP_KINDS:
            outline.append(line)
        if depth <= 1 and not (depth and symbol.kind == "function"):
            full.append(line)
    texts = [name, brief, "\n".join(outline), "\n".join(full)]
    kept = dict.fromkeys(t if t.endswith("\n") else t + "\n" for t in texts)
    return ("", *kept)


def _word(symbol: Symbol) -> str:
    if symbol.kind == "class":
        return "class "
    return "def " if symbol.kind in ("function", "method") else ""


def _space(symbol: Symbol) -> str:
    return f" {symbol.detail}" if symbol.detail.startswith(("=", ":")) else symbol.detail


def _cut(line: str) -> str:
    return line if len(line) <= LINE_LIMIT else line[: LINE_LIMIT - 3] + "..."


def _fit(entries: Sequence[_Entry], budget: int, count: Count, task: bool) -> dict[str, int]:
    """The level of each file: everything a little, then the weightiest files more."""
    levels = dict.fromkeys((e.path for e in entries), 0)
    spent = count(_render(entries, levels))
    order = sorted(entries, key=lambda e: (-e.weight, e.path))

    def raise_to(entry: _Entry, wanted: int, share: float) -> None:
        nonlocal spent
        present = levels[entry.path]
        before = count(entry.levels[present]) if present else 0
        more = count(entry.levels[wanted]) - before
        if spent + more <= share * budget:
            spent += more
            levels[entry.path] = wanted

    if task:
        for entry in order[:FILES_OF_TASK]:
            for wanted in range(1, len(entry.levels)):
                raise_to(entry, wanted, 0.6)
    # Each kind of detail may take its part of the budget; what is left goes round once more.
    for shares in ((0.1, 0.6, 0.85, 1.0), (1.0, 1.0, 1.0, 1.0)):
        for wanted, share in enumerate(shares, 1):
            for entry in order:
                if levels[entry.path] < wanted < len(entry.levels):
                    raise_to(entry, wanted, share)
    return levels


def _shrink(entries: Sequence[_Entry], levels: dict[str, int]) -> None:
    """Take detail from the least weighty tenth of the files that have the most."""
    highest = max(levels.values())
    rich = sorted(
        (e for e in entries if levels[e.path] == highest), key=lambda e: (e.weight, e.path)
    )
    for entry in rich[: max(1, len(rich) // 10)]:
        levels[entry.path] = highest - 1


def _render(entries: Sequence[_Entry], levels: dict[str, int]) -> str:
    parts: list[str] = []
    hidden: dict[str, int] = {}
    for entry in entries:
        level = levels[entry.path]
        if level:
            parts.append(entry.levels[level])
        else:
            top = entry.path.split("/", 1)[0] if "/" in entry.path else "."
            hidden[top] = hidden.get(top, 0) + 1
    if hidden:
        rest = ", ".join(f"{n} in {folder}" for folder, n in sorted(hidden.items())[:12])
        parts.append(f"and more files: {rest}\n")
    return "".join(parts)
