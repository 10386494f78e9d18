"""Findings that people have answered: `sorte: ignore[rule] reason` in the line, or a baseline.

Pure, but for reading and writing the baseline file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.domain import ChangeSet, Finding
from sorte_cli.errors import EnvironmentFailure, UsageError
from sorte_cli.guardian.sarif import rule_id, stable_fingerprints
from sorte_cli.texts import N_

BASELINE_NAME = ".sorte-baseline.json"
_VERSION = 1
_LIMIT_BYTES = 8_000_000

# In the comment of any language, at the end of the line or alone on the line above.
_MARK = re.compile(
    r"(?:#|//|/\*|--|;|<!--|%|\{#|\{\{--)\s*sorte:\s*ignore\[([^\]]*)\][ \t:]*"
    r"(.*?)\s*(?:\*/|-->|#\}|--\}\})?\s*$"
)


@dataclass(frozen=True, slots=True)
class Sifted:
    """Findings that stay, findings that a comment answers, and notes about comments that do not."""

    kept: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    notes: tuple[str, ...]


def sift(findings: Sequence[Finding], changes: ChangeSet) -> Sifted:
    """Take out what the code itself answers. A comment without a reason answers nothing."""
    texts = {c.path: c.after for c in changes.changes if c.after is not None}
    lines: dict[str, list[str]] = {}
    kept: list[Finding] = []
    suppressed: list[Finding] = []
    notes: list[str] = []
    for finding in findings:
        if finding.path not in texts:
            kept.append(finding)
            continue
        if finding.path not in lines:
            text = texts[finding.path].decode("utf-8", "replace")
            lines[finding.path] = text.split("\n") if "sorte:" in text else []
        place, reason = _answer(finding, lines[finding.path])
        if reason:
            suppressed.append(finding)
            continue
        kept.append(finding)
        if place:
            notes.append(
                N_(f"{finding.path}:{place}: `sorte: ignore` needs a reason behind it to count")
            )
    return Sifted(tuple(kept), tuple(suppressed), tuple(dict.fromkeys(notes)))


def _answer(finding: Finding, lines: Sequence[str]) -> tuple[int, str]:
    """(line of a comment that names this finding's rule, its reason); (0, "") without one."""
    for number in (finding.line, finding.line - 1):
        if not 0 < number <= len(lines):
            continue
        found = _MARK.search(lines[number - 1])
        if found is None:
            continue
        if number != finding.line and lines[number - 1][: found.start()].strip():
            continue  # it stands behind other code, and speaks of that
        rules = {name.strip().lower() for name in found[1].split(",")}
        if {finding.rule.lower(), rule_id(finding).lower()} & rules:
            return number, found[2].strip()
    return 0, ""


def read_baseline(path: Path) -> frozenset[str]:
    """The fingerprints in a baseline file; none where there is no such file.

    Raises UsageError for a file that is none of ours.
    """
    try:
        if path.stat().st_size > _LIMIT_BYTES:
            raise UsageError(f"{path} is too large for a baseline")
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return frozenset()
    except OSError as error:
        raise EnvironmentFailure(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise _not_ours(path) from error
    entries = data.get("findings") if isinstance(data, Mapping) else None
    if not isinstance(entries, list) or data.get("version") != _VERSION:
        raise _not_ours(path)
    prints = [e.get("fingerprint") for e in entries if isinstance(e, Mapping)]
    return frozenset(p for p in prints if isinstance(p, str))


def _not_ours(path: Path) -> UsageError:
    return UsageError(
        f"{path} cannot be read as a baseline",
        hint="write a new one with `sorte review --write-baseline`",
    )


def without_known(
    findings: Sequence[Finding], known: frozenset[str]
) -> tuple[tuple[Finding, ...], int]:
    """The findings that a baseline does not hold, and how many it does."""
    if not known:
        return tuple(findings), 0
    prints = stable_fingerprints(findings)
    fresh = [f for f, print_ in zip(findings, prints, strict=True) if print_ not in known]
    return tuple(fresh), len(findings) - len(fresh)


def write_baseline(path: Path, findings: Sequence[Finding]) -> None:
    """Write the findings of now as those that are known. Readable, and stable under sorting."""
    prints = stable_fingerprints(findings)
    entries = [
        {"fingerprint": print_, "rule": rule_id(f), "path": f.path, "message": f.message}
        for f, print_ in zip(findings, prints, strict=True)
    ]
    entries.sort(key=lambda e: (e["path"], e["rule"], e["fingerprint"]))
    text = json.dumps({"version": _VERSION, "findings": entries}, indent=2, ensure_ascii=True)
    fresh = path.with_name(f".{path.name}.tmp")
    try:
        fresh.write_text(text + "\n", encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise EnvironmentFailure(f"cannot write {path}: {error.strerror}") from error
