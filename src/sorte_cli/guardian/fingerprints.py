"""Tells new findings from old ones by what a finding is about, never by its line number."""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sorte_cli.domain import Finding
from sorte_cli.guardian.outline import Outline

_SIMILAR = 0.6


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What makes two findings the same one: who says what, about which text, in which symbol."""

    tool: str
    rule: str
    path: str
    text: str
    symbol: str
    occurrence: int = 0


def fingerprints(
    findings: Sequence[Finding], outlines: Mapping[str, Outline]
) -> list[tuple[Fingerprint, Finding]]:
    """Each finding with its fingerprint, in the order of path and line."""
    counted: Counter[Hashable] = Counter()
    paired = []
    for finding in sorted(findings, key=lambda f: (f.path, f.line, f.tool, f.rule)):
        outline = outlines.get(finding.path)
        symbol = outline.symbol(finding.line) if outline else ""
        text = " ".join(finding.snippet.split())
        key = (finding.tool, finding.rule, finding.path, text, symbol)
        paired.append((Fingerprint(*key, occurrence=counted[key]), finding))
        counted[key] += 1
    return paired


def new_findings(
    before: Sequence[tuple[Fingerprint, Finding]], after: Sequence[tuple[Fingerprint, Finding]]
) -> list[Finding]:
    """Findings of `after` that `before` does not have.

    A finding that only moved (its line is found elsewhere, unchanged) or whose line was edited in
    place (renamed names) is not new: each finding that is gone excuses at most one.
    """
    known = {f for f, _ in before}
    fresh = [(print_, finding) for print_, finding in after if print_ not in known]
    now = {f for f, _ in after}
    gone = [print_ for print_, _ in before if print_ not in now]
    fresh = _without_moved(fresh, gone)
    return [finding for _, finding in _without_edited(fresh, gone)]


def _without_moved(
    fresh: list[tuple[Fingerprint, Finding]], gone: list[Fingerprint]
) -> list[tuple[Fingerprint, Finding]]:
    """Drop from both what moved to another place. `gone` is changed."""
    available: dict[Hashable, list[Fingerprint]] = defaultdict(list)
    for print_ in gone:
        available[(print_.tool, print_.rule, print_.text)].append(print_)
    kept = []
    for print_, finding in fresh:
        same = available.get((print_.tool, print_.rule, print_.text))
        if same:
            gone.remove(same.pop())
        else:
            kept.append((print_, finding))
    return kept


def _without_edited(
    fresh: Iterable[tuple[Fingerprint, Finding]], gone: list[Fingerprint]
) -> list[tuple[Fingerprint, Finding]]:
    kept = []
    for print_, finding in fresh:
        same = [
            g for g in gone if (g.tool, g.rule, g.path) == (print_.tool, print_.rule, print_.path)
        ]
        best = max(same, key=lambda g: _likeness(g.text, print_.text), default=None)
        if best is not None and _likeness(best.text, print_.text) >= _SIMILAR:
            gone.remove(best)
        else:
            kept.append((print_, finding))
    return kept


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()
