"""A review as a whole: the guardian's findings first, then what a model has to say.

The model answers under a grammar in which a place can only be a line that the change wrote, so it
can neither invent a file nor speak of old code. What it says is data: it runs nothing, and a fix is
an operation that the person applies with `--fix`, in a transaction.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sorte_cli.agent.prompting import prompt_text
from sorte_cli.domain import ChangeSet, Finding, Severity
from sorte_cli.errors import EnvironmentFailure
from sorte_cli.guardian import Sandbox, find_sandbox
from sorte_cli.guardian.gitread import base_tree
from sorte_cli.guardian.projectchecks import tools_of
from sorte_cli.guardian.review import DEADLINE_S, Review, Source, added_lines, review
from sorte_cli.inference import Engine, Options
from sorte_cli.inference.grammar import Grammar, escape, trie, until_fence
from sorte_cli.settings import load_settings, routes, tools_are_trusted
from sorte_cli.texts import N_

CATEGORIES = ("crash", "wrong-result", "security", "data-loss", "concurrency", "performance")
MOST_REMARKS = 6
ANSWER_TOKENS = 900
PLACES_SHOWN = 600
CONTEXT_LINES = 3
LINE_CHARS = 240
_SCENARIO_WORDS = 4
_RESERVE_TOKENS = 400
_TOOL = "model"


@dataclass(frozen=True, slots=True)
class Remark:
    """What a model found: a finding, its category, how it fails, and a new text for the line.

    `fix` is the line (or lines) that should stand in the place of `finding.line`; empty: none.
    """

    finding: Finding
    category: str
    scenario: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class FullReview:
    """Both halves. `model` names who looked, empty where none did; then `notes` say why."""

    review: Review
    remarks: tuple[Remark, ...] = ()
    model: str = ""
    notes: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, worst first; of the same severity the deterministic ones first."""
        found = [*self.review.findings, *(r.finding for r in self.remarks)]
        return tuple(sorted(found, key=lambda f: -f.severity))

    def at_least(self, level: Severity) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.severity >= level)


@contextmanager
def reviewer(
    root: Path,
    flags: Mapping[str, str | int | None] | None = None,
    *,
    on_progress: Callable[[float], None] | None = None,
) -> Iterator[Engine | None]:
    """The engine that reviews, as the settings say; None where that is nano.

    nano was made for edits of a line or two: it cannot judge code, and does not try.
    Raises UsageError or EnvironmentFailure where the model that is set cannot be loaded.
    """
    settings, _ = load_settings(root, flags)
    if settings.model_for("review") == "nano":
        yield None
        return
    from sorte_cli.agent.run import model_specs
    from sorte_cli.inference.manager import ModelManager

    brain, executor = model_specs(settings)
    with ModelManager(
        brain,
        executor,
        keep_alive_s=settings.keep_alive,
        routes=routes(settings.roles),
        on_progress=on_progress,
    ) as models:
        yield models.engine("review")


def tools_sandbox(root: Path, source: Source) -> tuple[Sandbox | None, tuple[str, ...]]:
    """Where the checkers that the project has configured may run, and notes where they may not.

    Their configuration is code of the project: they run in the sandbox, and only once the person
    has said `sorte trust`.
    """
    tools = tools_of(root, base_tree(root, source.kind, source.text))
    if not tools:
        return None, ()
    names = ", ".join(tools)
    if not tools_are_trusted(root):
        note = N_(f"configured here and not run: {names}; `sorte trust` lets them, in the sandbox")
        return None, (note,)
    settings, _ = load_settings(root)
    try:
        return find_sandbox(settings.sandbox), ()
    except EnvironmentFailure as error:
        return None, (N_(f"configured here and not run: {names}; {error.message}"),)


def review_change(
    root: Path,
    source: Source,
    *,
    engine: Engine | None = None,
    deadline_s: float = DEADLINE_S,
    known: frozenset[str] | None = None,
    sandbox: Sandbox | None = None,
    cancel: threading.Event | None = None,
    on_text: Callable[[str], None] | None = None,
) -> FullReview:
    """Review a change of the repository at `root`; changes nothing.

    Without an `engine` only the deterministic half works, with a `sandbox` (see `tools_sandbox`)
    also the project's own checkers. `deadline_s` holds for both halves: a
    model that is still writing then is stopped, and what it had said in full counts. Raises as
    `guardian.review.review` does.
    """
    started = time.monotonic()
    found = review(root, source, deadline_s=deadline_s, known=known, sandbox=sandbox)
    if engine is None or not found.changes or not found.complete:
        return FullReview(found)
    left_s = deadline_s - (time.monotonic() - started)
    remarks, notes = remarks_on(
        engine, found.changes, deadline_s=left_s, cancel=cancel, on_text=on_text
    )
    kept = without_duplicates(remarks, found.findings)
    return FullReview(found, kept, engine.info.name, notes)


def remarks_on(
    engine: Engine,
    changes: ChangeSet,
    *,
    deadline_s: float = DEADLINE_S,
    cancel: threading.Event | None = None,
    on_text: Callable[[str], None] | None = None,
) -> tuple[tuple[Remark, ...], tuple[str, ...]]:
    """What the model says of a change, and notes. Files that do not fit its window are named."""
    shown = show_change(changes, room_tokens=_room(engine), count=engine.count)
    if not shown.places:
        return (), shown.notes
    stop = cancel or threading.Event()
    timer = threading.Timer(max(deadline_s, 0.0), stop.set)
    timer.daemon = True
    timer.start()
    try:
        answer = engine.generate(
            [
                ("system", prompt_text("full", "review")),
                ("user", f"change begins\n{shown.text}change ends\n"),
            ],
            Options(max_tokens=ANSWER_TOKENS, grammar=remark_grammar(shown.places)),
            on_text=on_text,
            cancel=stop,
        )
    finally:
        timer.cancel()
    notes = list(shown.notes)
    if answer.finish == "cancelled":
        notes.append(N_("the model did not finish in time; what it had said by then is shown"))
    return read_remarks(answer.text, changes, shown.places), tuple(notes)


def _room(engine: Engine) -> int:
    fixed = engine.count(prompt_text("full", "review"))
    return engine.info.context_tokens - fixed - ANSWER_TOKENS - _RESERVE_TOKENS


@dataclass(frozen=True, slots=True)
class Shown:
    """A change as the model sees it, the places it may name, and what was left out."""

    text: str
    places: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass
class _Page:
    """Text in the making, within a number of tokens."""

    room: int
    parts: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)


def show_change(changes: ChangeSet, *, room_tokens: int, count: Callable[[str], int]) -> Shown:
    """The changed lines with some around them, whole files as long as there is room."""
    page = _Page(room_tokens)
    left_out: list[str] = []
    after = {c.path: c.after for c in changes.changes}
    for path, numbers in sorted(added_lines(changes).items()):
        lines = (after[path] or b"").decode("utf-8", "replace").split("\n")
        text = "".join(_file_lines(path, lines, set(numbers)))
        cost = count(text)
        if not _speakable(path) or cost > page.room:
            left_out.append(path)
            continue
        if len(page.places) + len(numbers) > PLACES_SHOWN:
            left_out.append(path)
            continue
        page.room -= cost
        page.parts.append(text)
        page.places += [f"{path}:{n}" for n in numbers if lines[n - 1].strip()]
    notes: tuple[str, ...] = ()
    if left_out:
        notes = (f"the model did not see {len(left_out)} file(s): {', '.join(left_out[:3])}",)
    return Shown("".join(page.parts), tuple(page.places), notes)


def _speakable(path: str) -> bool:
    """Whether a path can stand in a grammar and in one line of an answer."""
    return path.isprintable() and " " not in path


def _file_lines(path: str, lines: Sequence[str], added: set[int]) -> Iterator[str]:
    wanted = {n for a in added for n in range(a - CONTEXT_LINES, a + CONTEXT_LINES + 1)} & set(
        range(1, len(lines) + 1)
    )
    last = 0
    for number in sorted(wanted):
        if number != last + 1:
            yield "...\n"
        last = number
        text = _plain(lines[number - 1])
        yield f"+{path}:{number} {text}\n" if number in added else f" {text}\n"


def _plain(line: str) -> str:
    """A line without characters that hide or reorder text, and not too long."""
    kept = "".join(c if c.isprintable() or c == "\t" else "\ufffd" for c in line.rstrip("\r"))
    return kept[:LINE_CHARS]


def remark_grammar(places: Sequence[str]) -> str:
    """GBNF for `none`, or a few remarks, each at one of `places`."""
    grammar = Grammar()
    grammar.rule("root", f'{escape("none")} "\\n"? | remark{{1,{MOST_REMARKS}}}')
    grammar.rule(
        "remark",
        'place " " severity " " category "\\n" '
        f'{escape("problem: ")} sentence "\\n" {escape("scenario: ")} sentence "\\n" fix?',
    )
    grammar.rule("fix", f'{escape("fix:")} "\\n<<<\\n" {until_fence(">>>")} ">>>\\n"')
    grammar.rule("place", trie(tuple(places)))
    grammar.rule("severity", trie([s.name.lower() for s in Severity]))
    grammar.rule("category", trie(CATEGORIES))
    grammar.rule("sentence", r"[^\r\n]{12,300}")
    return grammar.text


_REMARK = re.compile(
    r"^(?P<place>\S+:\d+) (?P<severity>low|medium|high|critical) (?P<category>[a-z-]+)\n"
    r"problem: (?P<problem>[^\n]+)\nscenario: (?P<scenario>[^\n]+)\n"
    r"(?:fix:\n<<<\n(?P<fix>(?:(?!>>>\n).*\n)*)>>>\n)?",
    re.MULTILINE,
)


def read_remarks(text: str, changes: ChangeSet, places: Sequence[str]) -> tuple[Remark, ...]:
    """The remarks in an answer. What names another place, or no scenario, is left out."""
    after = {c.path: c.after or b"" for c in changes.changes}
    allowed = frozenset(places)
    found: dict[str, Remark] = {}
    for match in _REMARK.finditer(text if text.endswith("\n") else text + "\n"):
        place, scenario = match["place"], match["scenario"].strip()
        if place not in allowed or match["category"] not in CATEGORIES:
            continue
        if len(scenario.split()) < _SCENARIO_WORDS or place in found:
            continue
        path, _, number = place.rpartition(":")
        line = after[path].decode("utf-8", "replace").split("\n")[int(number) - 1]
        finding = Finding(
            tool=_TOOL,
            rule=match["category"],
            path=path,
            line=int(number),
            severity=Severity[match["severity"].upper()],
            message=match["problem"].strip(),
            snippet=line.strip()[:200],
        )
        fix = match["fix"] or ""
        fix = "" if fix.strip() == line.strip() else fix
        found[place] = Remark(finding, match["category"], scenario, fix)
    return tuple(sorted(found.values(), key=lambda r: -r.finding.severity))


def without_duplicates(
    remarks: Sequence[Remark], findings: Sequence[Finding]
) -> tuple[Remark, ...]:
    """The remarks about lines of which no check has already said something as bad."""
    said: Mapping[tuple[str, int], Severity] = {
        (f.path, f.line): f.severity for f in reversed(findings)
    }
    return tuple(
        r
        for r in remarks
        if said.get((r.finding.path, r.finding.line), Severity.LOW) <= Severity.LOW
    )
