"""Runs ruff and bandit on a private copy of the changed files, before and after, in one go."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sorte_cli.domain import Finding, Severity
from sorte_cli.guardian.detect import is_test_file
from sorte_cli.guardian.environment import scrubbed
from sorte_cli.texts import N_

_TIMEOUT_S = 60.0
_PART_BYTES = 60_000
_MOST_PARTS = 4

# Real errors, for projects that chose nothing themselves.
DEFAULT_RULES = (
    "E9,F63,F7,F82,F401,F811,F502,F503,F504,F505,F506,F507,F508,F509,F521,F522,F523,F524"
)
_SYNTAX_RULE = "invalid-syntax"


@dataclass(frozen=True, slots=True)
class Sides:
    """A private folder with `before/` and `after/`, each a small copy of the project's tree.

    `focused` holds both once more, without the functions that did not change. `files` are (side,
    repository-relative path) of the Python files to look at; `has_config` says whether the
    project configures ruff; `bandit_config` is its bandit configuration, if any. `patterns` are
    unchanged files that new ones were copied from; only ruff looks at them.
    """

    folder: Path
    files: tuple[tuple[str, str], ...]
    has_config: bool
    bandit_config: Path | None
    cancel: threading.Event | None = None
    patterns: tuple[tuple[str, str], ...] = ()

    @property
    def focused(self) -> Path:
        return self.folder / "focused"

    def names(self) -> list[str]:
        """File names as given to a tool; each begins with its side, so none is an option."""
        return [f"{side}/{path}" for side, path in (*self.files, *self.patterns)]

    def place(self, name: str) -> tuple[str, str] | None:
        """(side, path) of a file name in a tool's output; None for a file that is not ours."""
        path = Path(os.path.normpath(name))
        if path.is_absolute():
            if not path.is_relative_to(self.folder):
                return None
            path = path.relative_to(self.folder)
        side, _, rest = path.as_posix().partition("/")
        return (side, rest) if side in ("before", "after") and rest else None


@dataclass(frozen=True, slots=True)
class Linted:
    """What a tool found on either side, and notes where it could not do its work."""

    before: tuple[Finding, ...] = ()
    after: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    syntax_known: bool = False


class ToolError(Exception):
    """A tool is missing, crashed or wrote what cannot be read; the text says which."""


def ruff(sides: Sides) -> Linted:
    """Ruff's findings under the project's own rules, or a default selection of real errors."""
    program = beside_python("ruff")
    if program is None:
        return Linted(notes=(N_("ruff is not installed; its checks were left out"),))
    base = [program, "check", "--no-cache", "--no-fix", "--force-exclude", "--quiet"]
    base += ["--output-format", "json", "--exit-zero"]
    own = ["--isolated", "--select", DEFAULT_RULES]
    names = sides.names()
    notes: list[str] = []
    try:
        try:
            said = _run([*base, *([] if sides.has_config else own)], names, sides, "ruff")
        except ToolError as error:
            if not sides.has_config:
                raise
            notes.append(N_(f"{error}; the default rules were used instead of the project's"))
            said = _run([*base, *own], names, sides, "ruff")
        found = _collect(said, sides, _ruff_finding)
    except ToolError as error:
        return Linted(notes=(N_(f"{error}; its checks were left out"),))
    return Linted(found.before, found.after, tuple(notes), syntax_known=True)


def _ruff_finding(item: Any, path: str) -> tuple[str, Finding]:
    rule = str(item["code"] or _SYNTAX_RULE)
    message = str(item["message"])
    line = int(item["location"]["row"])
    if rule == _SYNTAX_RULE:
        return item["filename"], Finding("parse", rule, path, line, Severity.CRITICAL, message)
    return item["filename"], Finding("ruff", rule, path, line, ruff_severity(rule), message)


def ruff_severity(rule: str) -> Severity:
    """How bad a ruff rule is: undefined names and the like break programs, style does not."""
    if rule.startswith(("E9", "F63", "F7", "F82", "F811")):
        return Severity.HIGH
    if rule.startswith(("F50", "F52", "PLE")):
        return Severity.MEDIUM
    return Severity.LOW


def bandit(sides: Sides) -> Linted:
    """Bandit's findings. Asserts are what tests are made of, so B101 does not count there.

    Bandit takes a second for some 7,000 lines. So it sees only what changed, of the side before
    only files that may hold what it found after, and it runs in several processes.
    """
    names = [f"{side}/{path}" for side, path in sides.files]
    total_bytes = sum((sides.focused / name).stat().st_size for name in names)
    try:
        if total_bytes <= _PART_BYTES:  # both sides at once cost less than a second start
            return _bandit_on(sides, names)
        after = _bandit_on(sides, [n for n in names if n.startswith("after/")]).after
        before = _bandit_on(sides, [f"before/{p}" for p in _may_hold(sides, after)]).before
    except ToolError as error:
        return Linted(notes=(N_(f"{error}; its checks were left out"),))
    return Linted(before, after)


def _bandit_on(sides: Sides, names: Sequence[str]) -> Linted:
    command = [sys.executable, "-P", "-m", "bandit", "--quiet", "--format", "json", "--exit-zero"]
    if sides.bandit_config is not None:
        command += ["--configfile", str(sides.bandit_config)]
    parts = _parts({name: (sides.focused / name).stat().st_size for name in sorted(names)})
    before: list[Finding] = []
    after: list[Finding] = []
    with ThreadPoolExecutor(max_workers=max(len(parts), 1)) as pool:
        for said in pool.map(
            lambda part: _run(command, part, sides, "bandit", focused=True), parts
        ):
            collected = _collect(said, sides, _bandit_finding, key="results")
            before += collected.before
            after += collected.after
    return Linted(tuple(before), tuple(after))


def _parts(sizes_bytes: Mapping[str, int]) -> list[list[str]]:
    """Files in about equal parts, one for each process that is worth its start."""
    total_bytes = sum(sizes_bytes.values())
    worth = min(total_bytes // _PART_BYTES + 1, os.cpu_count() or 1, _MOST_PARTS)
    parts: list[list[str]] = [[] for _ in range(worth)]
    filled = [0] * worth
    for name in sorted(sizes_bytes, key=lambda n: -sizes_bytes[n]):
        least = filled.index(min(filled))
        parts[least].append(name)
        filled[least] += sizes_bytes[name]
    return [part for part in parts if part]


def _may_hold(sides: Sides, findings: Sequence[Finding]) -> set[str]:
    """Files of before that may hold a finding of after: the same file, or one with that line."""
    same = {f.path for f in findings}
    lines = {_line(sides.focused / "after" / f.path, f.line) for f in findings} - {b""}
    needed = set()
    for side, path in sides.files:
        if side != "before":
            continue
        if path in same:
            needed.add(path)
        elif lines:
            source = (sides.focused / "before" / path).read_bytes()
            if any(line in source for line in lines):
                needed.add(path)
    return needed


def _line(path: Path, number: int) -> bytes:
    lines = path.read_bytes().splitlines()
    return lines[number - 1].strip() if 0 < number <= len(lines) else b""


def _bandit_finding(item: Any, path: str) -> tuple[str, Finding] | None:
    rule = str(item["test_id"])
    if rule == "B101" and _is_for_tests(path):
        return None
    severity = bandit_severity(str(item["issue_severity"]), str(item["issue_confidence"]))
    message = " ".join(str(item["issue_text"]).split())
    finding = Finding("bandit", rule, path, int(item["line_number"]), severity, message)
    return item["filename"], finding


def bandit_severity(severity: str, confidence: str) -> Severity:
    """Bandit's severity, one step lower where bandit itself is not confident."""
    level = {"HIGH": Severity.HIGH, "MEDIUM": Severity.MEDIUM}.get(severity, Severity.LOW)
    if confidence in ("LOW", "UNDEFINED") and level > Severity.LOW:
        return Severity(level - 1)
    return level


def _is_for_tests(path: str) -> bool:
    folders = path.split("/")[:-1]
    name = path.rpartition("/")[2]
    return is_test_file(path) or name == "conftest.py" or bool({"tests", "test"} & set(folders))


def _collect(
    said: bytes,
    sides: Sides,
    convert: Callable[[Any, str], tuple[str, Finding] | None],
    key: str = "",
) -> Linted:
    found: dict[str, list[Finding]] = {"before": [], "after": []}
    try:
        data = json.loads(said)
        items = data[key] if key else data
        if not isinstance(items, list):
            raise TypeError
        for item in items:
            place = sides.place(str(item["filename"]))
            if place is None:
                continue
            converted = convert(item, place[1])
            if converted is not None:
                found[place[0]].append(converted[1])
    except (ValueError, KeyError, TypeError) as error:
        name = "bandit" if key else "ruff"
        raise ToolError(N_(f"{name} wrote something that cannot be read")) from error
    return Linted(tuple(found["before"]), tuple(found["after"]))


def _run(
    command: Sequence[str], files: Sequence[str], sides: Sides, name: str, *, focused: bool = False
) -> bytes:
    """What a tool writes about `files`, run in the private folder. Raises ToolError."""
    try:
        process = subprocess.Popen(
            [*command, *files],
            cwd=sides.focused if focused else sides.folder,
            env=tool_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except OSError as error:
        raise ToolError(N_(f"{name} cannot be started: {error.strerror}")) from error
    output, errors = _wait(process, sides.cancel, name)
    if process.returncode != 0:
        words = errors.decode("utf-8", "replace").strip().splitlines()
        raise ToolError(f"{name} failed: {words[-1] if words else process.returncode}")
    return output


def tool_environment() -> dict[str, str]:
    """The environment of a checker. What the user set for their own programs (-W error) must not
    stop ours."""
    return scrubbed(os.environ, {"PYTHONWARNINGS": "ignore"})


def _wait(
    process: subprocess.Popen[bytes], cancel: threading.Event | None, name: str
) -> tuple[bytes, bytes]:
    deadline = time.monotonic() + _TIMEOUT_S
    try:
        while True:
            try:
                return process.communicate(timeout=0.2)
            except subprocess.TimeoutExpired:
                if cancel is not None and cancel.is_set():
                    raise ToolError(N_(f"{name} was cancelled")) from None
                if time.monotonic() > deadline:
                    raise ToolError(N_(f"{name} did not end within {_TIMEOUT_S:.0f} s")) from None
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def beside_python(name: str) -> str | None:
    """A console script of Sorte's own environment, else one on PATH."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.is_file() else shutil.which(name)
