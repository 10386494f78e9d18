"""Findings as text for people, as JSON, and as SARIF 2.1.0 for code-scanning services."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from sorte_cli.domain import Finding, Severity

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {
    Severity.LOW: "note",
    Severity.MEDIUM: "warning",
    Severity.HIGH: "error",
    Severity.CRITICAL: "error",
}


def as_text(findings: Sequence[Finding], notes: Sequence[str] = ()) -> str:
    """One finding after the other, each with its line of code; empty when there is nothing."""
    parts = []
    for finding in findings:
        head = f"{finding.path}:{finding.line}: {finding.severity.name.lower()}: {finding.message}"
        lines = [f"{head} [{rule_id(finding)}]"]
        if finding.snippet:
            lines.append(f"    {finding.snippet}")
        parts.append("\n".join(lines))
    parts += [f"note: {note}" for note in notes]
    return "\n".join(parts) + "\n" if parts else ""


def as_json(
    findings: Sequence[Finding],
    notes: Sequence[str] = (),
    *,
    scenario: Callable[[Finding], str] = lambda finding: "",
    more: Mapping[str, Any] | None = None,
) -> str:
    """One JSON document: `findings` (rule, path, line, severity, message, snippet, fingerprint,
    and `scenario` where there is one), `notes`, and what `more` holds."""
    prints = stable_fingerprints(findings)
    data = {
        "findings": [
            {
                "tool": f.tool,
                "rule": rule_id(f),
                "path": f.path,
                "line": f.line,
                "severity": f.severity.name.lower(),
                "message": f.message,
                "snippet": f.snippet,
                "fingerprint": print_,
                **({"scenario": said} if (said := scenario(f)) else {}),
            }
            for f, print_ in zip(findings, prints, strict=True)
        ],
        "notes": list(notes),
        **(more or {}),
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def as_sarif(
    findings: Sequence[Finding],
    notes: Sequence[str] = (),
    *,
    version: str,
    scenario: Callable[[Finding], str] = lambda finding: "",
) -> str:
    """A SARIF 2.1.0 log with one run; `version` is Sorte's own.

    `scenario` says how a finding fails; it becomes a part of the message.
    """
    rules = sorted({rule_id(f) for f in findings})
    prints = stable_fingerprints(findings)
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "sorte",
                "semanticVersion": version,
                "rules": [{"id": rule, "name": rule.rpartition("/")[2]} for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"ROOT": {"description": {"text": "the repository's root"}}},
        "results": [
            _result(f, rules.index(rule_id(f)), print_, scenario(f))
            for f, print_ in zip(findings, prints, strict=True)
        ],
    }
    if notes:
        run["invocations"] = [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {"level": "warning", "message": {"text": note}} for note in notes
                ],
            }
        ]
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _result(finding: Finding, rule: int, fingerprint: str, scenario: str) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": max(finding.line, 1)}
    if finding.snippet:
        region["snippet"] = {"text": finding.snippet}
    place = {
        # Paths may hold spaces and bytes that are no text; a URI may not.
        "artifactLocation": {
            "uri": quote(finding.path, errors="surrogateescape"),
            "uriBaseId": "ROOT",
        },
        "region": region,
    }
    return {
        "ruleId": rule_id(finding),
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message}\n{scenario}" if scenario else finding.message},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"sorte/v1": fingerprint},
        "properties": {"severity": finding.severity.name.lower()},
    }


def rule_id(finding: Finding) -> str:
    """`ruff/F821`: the same for ever, and never mistaken for another tool's rule."""
    return f"{finding.tool}/{finding.rule}"


def stable_fingerprints(findings: Sequence[Finding]) -> list[str]:
    """What identifies each finding from run to run: rule, path, and text of the line, no number."""
    seen: Counter[str] = Counter()
    prints = []
    for finding in findings:
        text = " ".join(finding.snippet.split()) or finding.message
        key = "\0".join((rule_id(finding), finding.path, text))
        whole = f"{key}\0{seen[key]}".encode("utf-8", "surrogateescape")
        seen[key] += 1
        prints.append(hashlib.sha256(whole).hexdigest()[:32])
    return prints
