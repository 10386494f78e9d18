"""SARIF 2.1.0: the parts that the standard requires, checked by hand.

The logs were also validated against the OASIS schema (see docs/review.md); this keeps the shape
that was validated from changing unnoticed.
"""

from __future__ import annotations

import json
import re
from urllib.parse import unquote, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from sorte_cli.domain import Finding, Severity
from sorte_cli.guardian.sarif import as_sarif

TEXT = st.text(min_size=1, max_size=30)
FINDINGS = st.lists(
    st.builds(
        Finding,
        tool=st.sampled_from(["ruff", "bandit", "secrets", "parse", "model"]),
        rule=st.from_regex(r"[A-Z]{1,3}[0-9]{3}", fullmatch=True),
        path=TEXT,
        line=st.integers(-1, 10_000),
        severity=st.sampled_from(list(Severity)),
        message=TEXT,
        snippet=st.text(max_size=30),
    ),
    max_size=6,
)


@given(FINDINGS, st.lists(TEXT, max_size=2))
def test_every_log_has_what_the_standard_requires(
    findings: list[Finding], notes: list[str]
) -> None:
    log = json.loads(as_sarif(findings, notes, version="0.1.0", scenario=lambda f: f.message))
    assert set(log) == {"$schema", "version", "runs"}
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    assert set(run) <= {"tool", "columnKind", "originalUriBaseIds", "results", "invocations"}
    driver = run["tool"]["driver"]
    assert driver["name"] == "sorte"
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(ids) == len(set(ids))
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    assert len(run["results"]) == len(findings)
    for result, finding in zip(run["results"], findings, strict=True):
        assert set(result) == {
            "ruleId",
            "ruleIndex",
            "level",
            "message",
            "locations",
            "partialFingerprints",
            "properties",
        }
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        assert all(isinstance(v, str) for v in result["partialFingerprints"].values())
        [location] = result["locations"]
        place = location["physicalLocation"]
        uri = place["artifactLocation"]["uri"]
        assert place["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
        assert re.fullmatch(r"[A-Za-z0-9._~/%\-]+", uri)
        assert urlsplit(uri).scheme == ""
        assert unquote(uri, errors="surrogateescape") == finding.path
        assert place["region"]["startLine"] >= 1
    for invocation in run.get("invocations", []):
        assert invocation["executionSuccessful"] is True
        for told in invocation["toolExecutionNotifications"]:
            assert told["level"] == "warning"
            assert told["message"]["text"]
