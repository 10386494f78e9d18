"""What a new file was copied from, so that it is not blamed for the style of its pattern."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.domain import FileChange, Finding, Severity

_ALIKE = 0.5
_LEAST_LINES = 4
_MOST_SIBLINGS = 60
_FILE_LIMIT_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class Pattern:
    """A file that was there before, and its content then."""

    path: str
    source: bytes


def find_patterns(changes: Iterable[FileChange], root: Path) -> dict[str, Pattern]:
    """For each created file the file of its folder that it resembles most, if it does at all."""
    given = {c.path: c for c in changes}
    created = [c for c in given.values() if c.before is None and c.after is not None]
    siblings: dict[str, list[Pattern]] = {}
    found: dict[str, Pattern] = {}
    for change in created:
        folder = change.path.rpartition("/")[0]
        if folder not in siblings:
            siblings[folder] = list(_siblings(root, folder, given))
        lines = _lines(change.after or b"")
        likeness, best = max(
            ((_likeness(lines, _lines(p.source)), p) for p in siblings[folder]),
            key=lambda pair: pair[0],
            default=(0.0, None),
        )
        if best is not None and likeness >= _ALIKE:
            found[change.path] = best
    return found


def _siblings(root: Path, folder: str, given: Mapping[str, FileChange]) -> Iterable[Pattern]:
    try:
        names = sorted(
            p.name for p in (root / folder).iterdir() if p.name.endswith((".py", ".pyi"))
        )
    except OSError:
        return
    for name in names[:_MOST_SIBLINGS]:
        path = f"{folder}/{name}" if folder else name
        source = given[path].before if path in given else _read(root / path)
        if source:
            yield Pattern(path, source)


def _read(path: Path) -> bytes | None:
    try:
        if path.is_symlink() or path.stat().st_size > _FILE_LIMIT_BYTES:
            return None
        return path.read_bytes()
    except OSError:
        return None


def _lines(source: bytes) -> Counter[bytes]:
    return Counter(line.strip() for line in source.splitlines() if line.strip())


def _likeness(one: Counter[bytes], other: Counter[bytes]) -> float:
    """The share of lines that both have; a copy under other names keeps most."""
    total = min(one.total(), other.total())
    return (one & other).total() / total if total >= _LEAST_LINES else 0.0


def without_inherited(
    fresh: Sequence[Finding], patterns: Mapping[str, Pattern], before: Sequence[Finding]
) -> list[Finding]:
    """The findings without those of style that a new file has from its pattern.

    As many of a rule are excused as the pattern has itself. Only of low severity: a copied hole is
    a second hole.
    """
    held = Counter((f.path, f.tool, f.rule) for f in before)
    kept = []
    used: Counter[tuple[str, str, str]] = Counter()
    for finding in fresh:
        pattern = patterns.get(finding.path)
        key = (finding.path, finding.tool, finding.rule)
        style = finding.tool == "ruff" and finding.severity <= Severity.LOW
        has = held[pattern.path, finding.tool, finding.rule] if pattern and style else 0
        if used[key] < has:
            used[key] += 1
        else:
            kept.append(finding)
    return kept
