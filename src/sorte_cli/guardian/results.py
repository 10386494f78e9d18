"""Reads what a test run left behind: results per test, and failures condensed for a model."""

from __future__ import annotations

import os
import re
import stat
import xml.etree.ElementTree as ET  # what is read has no DTD: see read_junit
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CONDENSED_CHARACTERS = 2000
_XML_LIMIT_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Failure:
    """One test that failed or could not be set up. `text` is pytest's own account of it."""

    node: str
    message: str
    text: str


@dataclass(frozen=True, slots=True)
class Results:
    """Counts and failures of one run. Errors in set-up or collection count as failures."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: tuple[Failure, ...] = ()


def read_junit(path: Path) -> Results | None:
    """The results in a JUnit file that untrusted code may have written; None if there are none.

    It may be a link to somewhere, a device, huge, or hold entity bombs: such a file is not read.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode) or status.st_size > _XML_LIMIT_BYTES:
        os.close(fd)
        return None
    with os.fdopen(fd, "rb") as file:
        data = file.read(_XML_LIMIT_BYTES)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        return None
    try:
        root = ET.fromstring(data)
    except ET.ParseError:
        return None
    return _results(root)


def _results(root: ET.Element) -> Results:
    bad: dict[str, Failure] = {}
    skipped: set[str] = set()
    seen: set[str] = set()
    for case in root.iter("testcase"):
        node = _node_id(case)
        seen.add(node)
        trouble = [e for e in case if e.tag in ("failure", "error")]
        if trouble and node not in bad:
            first = trouble[0]
            bad[node] = Failure(node, first.get("message", ""), first.text or "")
        if case.find("skipped") is not None:
            skipped.add(node)
    skipped -= bad.keys()
    return Results(
        passed=len(seen) - len(bad) - len(skipped),
        failed=len(bad),
        skipped=len(skipped),
        failures=tuple(bad.values()),
    )


def _node_id(case: ET.Element) -> str:
    """`tests/test_pix.py::TestPix::test_limit[300]` from pytest's (xunit1) attributes."""
    name, file = case.get("name", ""), case.get("file", "")
    parts = case.get("classname", "").split(".")
    if not file:
        # A file that could not be collected: its dotted name is all there is.
        if parts == [""] and re.fullmatch(r"[\w.\-/]+", name):
            return name.replace(".", "/") + ".py"
        return "::".join([*(p for p in parts if p), name])
    if parts == [""] and name.replace(".", "/") == file.removesuffix(".py"):
        return file  # the file could not be collected
    module = file.removesuffix(".py").replace(os.sep, "/").split("/")
    # classname is "tests.test_pix.TestPix": what follows the module's own name are classes.
    stem = module[-1]
    classes = parts[parts.index(stem) + 1 :] if stem in parts else []
    if parts[: len(module)] == module:
        classes = parts[len(module) :]
    return "::".join([file.replace(os.sep, "/"), *classes, name])


_SUMMARY = re.compile(r"(\d+) (passed|failed|error|errors|skipped|xfailed|xpassed)\b")
_SHORT = re.compile(r"^(?:FAILED|ERROR) (\S.*?)(?: - (.*))?$", re.MULTILINE)


def read_pytest_output(output: str) -> Results | None:
    """Results from pytest's last line and its short summary, where there is no JUnit file."""
    for line in reversed(output.splitlines()):
        counts = _SUMMARY.findall(line)
        if counts and " in " in line:
            break
    else:
        return None
    total = {word: int(number) for number, word in counts}
    failures = [Failure(node, message, "") for node, message in _SHORT.findall(output)]
    return Results(
        passed=total.get("passed", 0) + total.get("xpassed", 0),
        failed=total.get("failed", 0) + total.get("error", 0) + total.get("errors", 0),
        skipped=total.get("skipped", 0) + total.get("xfailed", 0),
        failures=tuple({f.node: f for f in failures}.values()),
    )


_RAN = re.compile(r"^Ran (\d+) tests? in ", re.MULTILINE)
_BAD = re.compile(r"^(?:FAIL|ERROR): (\w+)(?: \(([\w.]+)\))?.*$", re.MULTILINE)
_SKIPPED = re.compile(r"skipped=(\d+)")


def read_unittest_output(output: str) -> Results | None:
    """Results from the text that unittest prints."""
    ran = _RAN.search(output)
    if ran is None:
        return None
    failures: dict[str, Failure] = {}
    blocks = re.split(r"^={20,}$", output, flags=re.MULTILINE)[1:]
    for block in blocks:
        found = _BAD.search(block)
        if found is None:
            continue
        name, owner = found.groups()
        owner = owner or ""
        node = owner if owner.endswith(name) else f"{owner}.{name}".strip(".")
        text = re.split(r"^-{20,}$", block, flags=re.MULTILINE)
        failures.setdefault(node, Failure(node, "", text[1].strip() if len(text) > 1 else ""))
    skipped = sum(int(n) for n in _SKIPPED.findall(output))
    total = int(ran.group(1))
    return Results(
        passed=max(total - len(failures) - skipped, 0),
        failed=len(failures),
        skipped=skipped,
        failures=tuple(failures.values()),
    )


_FRAME = re.compile(r"^(\S+\.py:\d+): ?(.*)$|^\s*File \"(.+?)\", line (\d+)")
_RAISED = re.compile(r"^(?:E   ?.*|[A-Za-z_][\w.]*(?:Error|Exception|Warning|Exit|Failure)\b.*)$")

_CALL = re.compile(
    r"^\s+(?:at |#\d+ |\d+: )|^\s*(?:note: run with|stack backtrace)|.*/node_modules/"
)
_FIRST_LINES = 14


def condense(failures: Sequence[Failure], limit: int = CONDENSED_CHARACTERS) -> str:
    """Failures for a model: node, the asserting lines, the last frame, the `E` lines.

    Each failure gets an even share of `limit` characters; those that find no room are counted.
    """
    if not failures:
        return ""
    # Fewer than about 240 characters say nothing, so rather show fewer failures.
    shown = list(failures[: max(1, limit // 240)])
    share = limit // len(shown) - 2
    parts = [_condense_one(failure, share) for failure in shown]
    if len(shown) < len(failures):
        parts.append(f"... and {len(failures) - len(shown)} more")
    return cut_middle("\n\n".join(parts), limit + 40)


def _condense_one(failure: Failure, limit: int) -> str:
    lines = failure.text.splitlines()
    kept = [line.rstrip() for line in lines if _RAISED.match(line)]
    frames = [i for i, line in enumerate(lines) if _FRAME.match(line)]
    if not frames and not any(line.startswith("E ") for line in kept):
        # Another language's account: what was expected stands first, a trace of calls last.
        kept = [x.rstrip() for x in lines if x.strip() and not _CALL.match(x)][:_FIRST_LINES]
    body: list[str] = []
    if frames:
        last = frames[-1]
        body.append(lines[last].strip())
        body += [line.rstrip() for line in lines[last + 1 : last + 3] if line.startswith("    ")]
    seen = set(body)
    body += [line for line in kept if line not in seen]
    if not body:
        body = [failure.message] if failure.message else lines[-6:]
    return cut_middle("\n".join([failure.node, *body]), limit)


def cut_middle(text: str, limit: int) -> str:
    """At most about `limit` characters: the beginning and the end, and a mark between."""
    if len(text) <= limit:
        return text
    half = max((limit - 7) // 2, 1)
    return f"{text[:half].rstrip()}\n[...]\n{text[-half:].lstrip()}"
