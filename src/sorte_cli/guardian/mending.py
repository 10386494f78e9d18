"""What ruff can mend safely of the findings that a change brought, as texts to replace."""

from __future__ import annotations

import difflib
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.domain import ChangeSet, Finding
from sorte_cli.guardian.linters import beside_python, tool_environment

_TIMEOUT_S = 30
_REACH_LINES = 60
_MOST_CONTEXT = 8


@dataclass(frozen=True, slots=True)
class Mending:
    """A text that occurs exactly once in `path` and what should stand there; and for which rule."""

    path: str
    line: int
    rule: str
    old: str
    new: str


def mendings(
    findings: Sequence[Finding], changes: ChangeSet, *, root: Path
) -> tuple[tuple[Mending, ...], tuple[str, ...]]:
    """Safe fixes for those of `findings` that ruff made and can mend; and notes.

    Only the places of these findings change, though ruff would mend the whole file.
    """
    program = beside_python("ruff")
    by_path: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.tool == "ruff":
            by_path[finding.path].append(finding)
    if program is None or not by_path:
        return (), ()
    after = {c.path: c.after for c in changes.changes}
    found: list[Mending] = []
    notes: list[str] = []
    for path, wanted in sorted(by_path.items()):
        source = after.get(path)
        if source is None:
            continue
        rules = sorted({f.rule for f in wanted})
        mended = _mended(program, root, path, source, rules)
        if mended is None:
            notes.append(f"ruff could not mend {path}")
            continue
        try:
            old, new = source.decode("utf-8"), mended.decode("utf-8")
        except UnicodeDecodeError:
            continue
        found += _pieces(path, old, new, wanted)
    return tuple(found), tuple(notes)


def _mended(
    program: str, root: Path, path: str, source: bytes, rules: Sequence[str]
) -> bytes | None:
    # The project's settings tell how (line length, its own modules); `--select` tells what.
    command = [program, "check", "--no-cache", "--fix-only", "--quiet", "--exit-zero"]
    command += ["--select", ",".join(rules), "--stdin-filename", str(root / path), "-"]
    try:
        ran = subprocess.run(
            command,
            input=source,
            cwd=root,
            env=tool_environment(),
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ran.stdout if ran.returncode == 0 else None


def _pieces(path: str, old: str, new: str, wanted: Sequence[Finding]) -> Iterator[Mending]:
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            continue
        # A rule about a block (the imports) speaks of its first line and mends further below.
        near = [f for f in wanted if a + 1 - _REACH_LINES <= f.line <= max(b, a + 1)]
        if not near:
            continue
        finding = max(near, key=lambda f: f.line)
        start, end = a, b
        for _ in range(_MOST_CONTEXT):
            text = "".join(before[start:end])
            if text.strip() and _occurs_once(before, start, end):
                middle = "".join([*before[start:a], *after[c:d], *before[b:end]])
                yield Mending(path, finding.line, finding.rule, text, middle)
                break
            start, end = max(start - 1, 0), min(end + 1, len(before))


def _occurs_once(lines: Sequence[str], start: int, end: int) -> bool:
    wanted, size = list(lines[start:end]), end - start
    return sum(list(lines[i : i + size]) == wanted for i in range(len(lines) - size + 1)) == 1
