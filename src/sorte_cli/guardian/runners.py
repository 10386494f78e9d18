"""Test runners of other languages: how a project has them, what they are asked, what they write."""

from __future__ import annotations

import json
import os
import posixpath
import re
import stat
import xml.etree.ElementTree as ET  # what is read has no DTD: see read_report
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sorte_cli.guardian.results import Failure, Results

SCRIPTS = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".vue")
_REPORT_LIMIT_BYTES = 32 * 1024 * 1024
_MESSAGE_CHARACTERS = 4_000
_COLOR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Found:
    """A runner that a project has: its kind, its command, and what gave it away."""

    kind: str
    argv: tuple[str, ...]
    source: str


KINDS = ("phpunit", "vitest", "jest", "go", "cargo", "make")


def find_runner(root: Path, repository: Path) -> Found | None:
    """The first runner that the project's files speak of and that is installed; None where none is.

    Well-known commands only: what a project's own scripts would run is not asked.
    """
    return next(_runners(root, repository), None)


def _runners(root: Path, repository: Path) -> Iterator[Found]:
    if (root / "composer.json").is_file() or _any(root, "phpunit.xml", "phpunit.xml.dist"):
        for name in ("pest", "phpunit"):
            if (repository / "vendor" / "bin" / name).exists():
                yield Found("phpunit", (f"vendor/bin/{name}",), "composer.json")
    if (root / "package.json").is_file():
        for kind, more in (("vitest", ("run",)), ("jest", ())):
            if (repository / "node_modules" / ".bin" / kind).exists():
                yield Found(kind, (f"node_modules/.bin/{kind}", *more), "package.json")
    if (root / "go.mod").is_file():
        yield Found("go", ("go", "test", "./..."), "go.mod")
    if (root / "Cargo.toml").is_file():
        yield Found("cargo", ("cargo", "test", "--offline", "--no-fail-fast"), "Cargo.toml")
    if _has_make_test(root):
        yield Found("make", ("make", "test"), "Makefile")


def _any(root: Path, *names: str) -> bool:
    return any((root / name).is_file() for name in names)


def _has_make_test(root: Path) -> bool:
    for name in ("GNUmakefile", "makefile", "Makefile"):
        try:
            text = (root / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        return re.search(r"^test\s*:(?!=)", text, re.MULTILINE) is not None
    return False


def kind_of(argv: Sequence[str]) -> str:
    """The runner that a command line starts; empty where it is none of ours."""
    words = [Path(a).name for a in argv[:3]]
    if words[:1] == ["npx"]:
        words = words[1:]
    if words[:1] in (["phpunit"], ["pest"]) or words[:2] in (["php", "phpunit"], ["php", "pest"]):
        return "phpunit"
    if words[:1] in (["jest"], ["vitest"]):
        return words[0]
    if words[:2] in (["go", "test"], ["cargo", "test"]):
        return words[0]
    return ""


_SUFFIXES = {"phpunit": (".php",), "jest": SCRIPTS, "vitest": SCRIPTS, "go": (".go",)}


def can_run(kind: str, name: str) -> bool:
    """Whether a runner can be given that test file alone; a Go package goes by its own name."""
    if kind in ("pytest", "unittest"):
        return name.endswith(".py") or (kind == "unittest" and "/" not in name)
    return name.endswith(_SUFFIXES.get(kind, ())) or (kind == "go" and "." in name)


def narrowed(kind: str, argv: tuple[str, ...], files: Sequence[str]) -> tuple[str, ...]:
    """The command for the tests of some files only; as it is where the runner cannot do that."""
    if not files:
        return argv
    if kind == "jest":
        return (*argv, "--runTestsByPath", *files)
    if kind == "vitest":
        return (*argv, *files)
    if kind == "go":
        packages = [f"./{posixpath.dirname(f)}" if f.endswith(".go") else f for f in files]
        kept = [a for a in argv if a != "./..."]
        return (*kept, *dict.fromkeys(packages))
    if kind == "phpunit" and len(files) == 1:
        return (*argv, files[0])
    if kind == "phpunit" and Path(argv[-1]).name != "pest":  # whose filter is of another kind
        classes = "|".join(sorted({posixpath.basename(f).removesuffix(".php") for f in files}))
        return (*argv, "--filter", f"({classes})::")
    return argv


def asked(kind: str, argv: tuple[str, ...], report: Path) -> tuple[str, ...]:
    """The command with what makes it write its results to `report` (or to its output)."""
    if kind == "phpunit":
        return (*argv, "--log-junit", str(report), "--colors=never")
    if kind == "jest":
        return (*argv, "--ci", "--json", f"--outputFile={report}")
    if kind == "vitest":
        return (*argv, "--reporter=default", "--reporter=json", f"--outputFile.json={report}")
    if kind == "go":
        at = 2 if argv[1:2] == ("test",) else len(argv)
        return (*argv[:at], "-json", *argv[at:])
    return argv


def read(kind: str, output: str, report: Path, root: Path) -> Results | None:
    """The results of a run; None where it left none that can be read."""
    if kind in ("jest", "vitest"):
        return read_jest(read_report(report), root)
    if kind == "phpunit":
        return read_phpunit(read_report(report), root)
    if kind == "go":
        return read_go(output)
    return read_cargo(output) if kind == "cargo" else None


def read_report(path: Path) -> bytes:
    """A report that untrusted code may have written; empty for links, devices and huge files."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    with os.fdopen(fd, "rb") as file:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _REPORT_LIMIT_BYTES:
            return b""
        return file.read(_REPORT_LIMIT_BYTES)


def _results(cases: Iterable[tuple[str, str, str]]) -> Results | None:
    """From (node, "passed" | "failed" | "skipped", text). The worst counts where a name returns."""
    seen: dict[str, tuple[str, str]] = {}
    worst = {"skipped": 0, "passed": 1, "failed": 2}
    for node, outcome, text in cases:
        if node not in seen or worst[outcome] > worst[seen[node][0]]:
            seen[node] = (outcome, text)
    if not seen:
        return None
    counts = [outcome for outcome, _ in seen.values()]
    failures = tuple(
        Failure(node, _first_line(text), text)
        for node, (outcome, text) in seen.items()
        if outcome == "failed"
    )
    return Results(
        counts.count("passed"), counts.count("failed"), counts.count("skipped"), failures
    )


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")[:200]


def _clean(text: object) -> str:
    return _COLOR.sub("", str(text))[:_MESSAGE_CHARACTERS]


def _relative(name: str, root: Path) -> str:
    """A file as the project names it."""
    path = Path(name)
    for base in (root, root.resolve()):
        if path.is_absolute() and path.is_relative_to(base):
            return path.relative_to(base).as_posix()
    return name


def read_jest(data: bytes, root: Path) -> Results | None:
    """Jest's JSON, which vitest writes too: `tests/cart.test.ts::cart > adds an item`."""
    try:
        found = json.loads(data)
        return _results(_jest_cases(found, root))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _jest_cases(found: Mapping[str, Any], root: Path) -> Iterator[tuple[str, str, str]]:
    for file in found["testResults"]:
        path = _relative(str(file["name"]), root)
        tests = file.get("assertionResults") or []
        if not tests and file.get("status") == "failed":
            yield path, "failed", _clean(file.get("message") or "the file could not be run")
        for test in tests:
            title = " > ".join([*(test.get("ancestorTitles") or []), str(test.get("title", ""))])
            status = str(test.get("status", ""))
            outcome = {"passed": "passed", "failed": "failed"}.get(status, "skipped")
            text = "\n".join(_clean(m) for m in test.get("failureMessages") or [])
            yield f"{path}::{title}", outcome, text


def read_phpunit(data: bytes, root: Path) -> Results | None:
    """PHPUnit's JUnit file: `tests/Unit/CartTest.php::test_it_adds`."""
    if not data or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        return None
    try:
        return _results(_phpunit_cases(ET.fromstring(data), root))
    except ET.ParseError:
        return None


def _phpunit_cases(tree: ET.Element, root: Path) -> Iterator[tuple[str, str, str]]:
    for case in tree.iter("testcase"):
        # Pest writes `tests/CartTest.php::it adds` into `file`.
        file = _relative(case.get("file", "").partition("::")[0], root)
        node = f"{file or case.get('class', '')}::{case.get('name', '')}"
        bad = next((e for e in case if e.tag in ("failure", "error")), None)
        if bad is not None:
            yield node, "failed", _clean((bad.text or bad.get("message") or "").strip())
        else:
            yield node, "skipped" if case.find("skipped") is not None else "passed", ""


def read_go(output: str) -> Results | None:
    """`go test -json`: `shop/cart::TestAdd/empty`. A package that does not build fails whole."""
    said: dict[str, list[str]] = {}
    ended: dict[str, str] = {}
    parents: set[str] = set()
    for line in output.splitlines():
        event = _event(line)
        package, test = str(event.get("Package", "")), str(event.get("Test", ""))
        action = event.get("Action")
        node = f"{package}::{test}" if test else package
        if action in ("output", "build-output"):
            node = node or str(event.get("ImportPath", "")).partition(" ")[0]
            said.setdefault(node, []).append(str(event.get("Output", "")))
        elif action in ("pass", "fail", "skip") and package:
            ended[node] = {"pass": "passed", "fail": "failed", "skip": "skipped"}[str(action)]
            if "/" in test:
                parents.add(f"{package}::{test.rpartition('/')[0]}")
    failed = {n.partition("::")[0] for n, o in ended.items() if "::" in n and o == "failed"}
    cases = []
    for node, outcome in ended.items():
        # A package fails because of its tests, and a test because of its parts: named once.
        whole = "::" not in node and (outcome != "failed" or node in failed)
        if not whole and node not in parents:
            cases.append((node, outcome, _clean("".join(said.get(node, [])))))
    return _results(cases)


def _event(line: str) -> Mapping[str, Any]:
    if not line.startswith("{"):
        return {}
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}


_CARGO_TEST = re.compile(
    r"^test (?P<name>.+?)(?: - should panic)? \.\.\. (?P<how>ok|FAILED|ignored)"
)
_CARGO_PLACE = re.compile(r"^\s+(?:Running|Doc-tests) (?P<what>.+?)(?: \(.*\))?$")
_CARGO_SAID = re.compile(r"^---- (?P<name>.+?) stdout ----$")


def read_cargo(output: str) -> Results | None:
    """The text of `cargo test`: `src/lib.rs::cart::adds`. What does not build fails as one."""
    cases: list[tuple[str, str, str]] = []
    said: dict[str, list[str]] = {}
    target, open_name = "", ""
    for line in _COLOR.sub("", output).splitlines():
        if place := _CARGO_PLACE.match(line):
            target = place["what"].removeprefix("unittests ").strip()
        elif found := _CARGO_TEST.match(line):
            how = {"ok": "passed", "FAILED": "failed", "ignored": "skipped"}[found["how"]]
            cases.append((f"{target}::{found['name']}", how, ""))
        elif block := _CARGO_SAID.match(line):
            open_name = f"{target}::{block['name']}"
            said[open_name] = []
        elif line in ("failures:", "successes:") or line.startswith("test result:"):
            open_name = ""
        elif open_name:
            said[open_name].append(line)
    if not cases and re.search(r"^error(?:\[E\d+\])?: ", output, re.MULTILINE):
        errors = "\n".join(x for x in output.splitlines() if not x.lstrip().startswith("Compiling"))
        return _results([("cargo build", "failed", _clean(errors.strip()))])
    return _results((n, how, _clean("\n".join(said.get(n, [])).strip())) for n, how, _ in cases)
