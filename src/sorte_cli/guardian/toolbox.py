"""Checkers that a project may have configured: how to see that, what to ask them, what they answer.

Pure but for looking at the files of a tree: nothing is run here. The formats are those that the
tools document for machines.
"""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sorte_cli.domain import Severity
from sorte_cli.guardian.runners import SCRIPTS

_PYTHON = (".py", ".pyi")
_MOST_ITEMS = 5_000


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that a tool says; `path` is as the tool names it."""

    path: str
    line: int
    rule: str
    severity: Severity
    message: str


@dataclass(frozen=True, slots=True)
class Job:
    """What a tool is asked about. `targets` are paths; `python` is the project's interpreter, or
    empty; `cache` is a folder the tool may write to."""

    tree: Path
    targets: tuple[str, ...]
    python: str
    cache: Path


@dataclass(frozen=True, slots=True)
class Tool:
    """A checker. `configs` are the names of its files; `sections` stand in files of many tools.

    `scope` is "files" (it judges each file by itself), "importers" (also what imports the changed
    files) or "project" (it finds its files itself). `codes` are exit codes with readable results.
    """

    name: str
    suffixes: tuple[str, ...]
    configs: tuple[str, ...]
    scope: str
    codes: tuple[int, ...]
    arguments: Callable[[Job], Sequence[str]]
    read: Callable[[str], Iterator[Said]]
    sections: tuple[tuple[str, str], ...] = ()

    def configured_in(self, tree: Path) -> str:
        """The file in `tree` that configures the tool; empty where none does."""
        for name in self.configs:
            if (tree / name).exists():
                return name
        for name, section in self.sections:
            if _has_section(tree / name, section):
                return name
        return ""


class Unreadable(ValueError):
    """A tool wrote something that is not in its format."""


def _has_section(path: Path, section: str) -> bool:
    """Whether a TOML, INI or JSON file has `section` ("tool.mypy", "mypy", "eslintConfig")."""
    if path.is_symlink() or not path.is_file():
        return False
    return _section(path, section) is not None


def _section(path: Path, section: str) -> Mapping[str, Any] | None:
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".toml":
            return _inner(tomllib.loads(text), section.split("."))
        if path.suffix == ".json":
            return _inner(json.loads(text), [section])
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        parser.read_string(text)
    except (OSError, ValueError, configparser.Error, RecursionError):
        return None
    # `[pylint]`, but also `[pylint.messages control]`.
    found = [s for s in parser.sections() if s == section or s.startswith((f"{section}.",))]
    return dict(parser[found[0]]) if found else None


def _inner(data: Any, names: Sequence[str]) -> Mapping[str, Any] | None:
    for name in names:
        data = data.get(name) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else None


def _items(found: Any) -> list[Any]:
    if not isinstance(found, list):
        raise Unreadable
    return found[:_MOST_ITEMS]


def json_in(output: str, kind: type) -> Any:
    """The first JSON value of that type that begins a line: warnings may stand around it."""
    decoder = json.JSONDecoder()
    for start in (m.start() for m in re.finditer(r"^[\[{]", output, re.MULTILINE)):
        try:
            value, _ = decoder.raw_decode(output, start)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, kind):
            return value
    raise Unreadable


def _mypy(job: Job) -> Sequence[str]:
    options = ["--no-error-summary", "--no-pretty", "--no-color-output", "--show-error-codes"]
    options += ["--hide-error-context", "--cache-dir", str(job.cache / "mypy")]
    if job.python:
        options += ["--python-executable", job.python]
    return [*options, *(() if _names_its_files(job.tree) else ("--", *job.targets))]


def _names_its_files(tree: Path) -> bool:
    """Whether mypy's configuration says what to look at."""
    for name, section in (("mypy.ini", "mypy"), (".mypy.ini", "mypy"),
                          ("pyproject.toml", "tool.mypy"), ("setup.cfg", "mypy")):  # fmt: skip
        found = _section(tree / name, section)
        if found is not None:
            return bool({"files", "packages", "modules"} & found.keys())
    return False


_MYPY_LINE = re.compile(
    r"^(?P<path>[^:\n]+\.pyi?):(?P<line>\d+)(?::\d+)*: error: (?P<text>.*?)"
    r"(?:  \[(?P<code>[\w-]+)\])?$"
)


def _read_mypy(output: str) -> Iterator[Said]:
    seen = False
    for line in output.splitlines()[:_MOST_ITEMS]:
        seen |= ": note: " in line or line.startswith(("Success", "Found"))
        if found := _MYPY_LINE.match(line):
            seen = True
            rule = found["code"] or "error"
            yield Said(found["path"], int(found["line"]), rule, Severity.MEDIUM, found["text"])
    if output.strip() and not seen:
        raise Unreadable


def _pyright(job: Job) -> Sequence[str]:
    return ["--outputjson", *(("--pythonpath", job.python) if job.python else ())]


def _read_pyright(output: str) -> Iterator[Said]:
    for item in _items(json_in(output, dict).get("generalDiagnostics")):
        severity = {"error": Severity.MEDIUM, "warning": Severity.LOW}.get(str(item["severity"]))
        if severity is None:
            continue
        line = int(item.get("range", {}).get("start", {}).get("line", 0)) + 1
        text = " ".join(str(item["message"]).split())
        yield Said(str(item["file"]), line, str(item.get("rule", "error")), severity, text)


def _pylint(job: Job) -> Sequence[str]:
    return ["--output-format=json", "--score=n", "--persistent=n", "--", *job.targets]


def _read_pylint(output: str) -> Iterator[Said]:
    for item in _items(json_in(output, list)):
        kind = str(item["type"])
        severity = Severity.MEDIUM if kind in ("error", "fatal") else Severity.LOW
        rule = str(item.get("symbol") or item["message-id"])
        text = " ".join(str(item["message"]).split())
        yield Said(str(item["path"]), int(item["line"]), rule, severity, text)


def _semgrep(job: Job) -> Sequence[str]:
    config = next(n for n in SEMGREP_CONFIGS if (job.tree / n).exists())
    options = ["scan", "--config", config, "--json", "--quiet", "--metrics=off"]
    return [*options, "--disable-version-check", "--no-git-ignore", "--", *job.targets]


def _read_semgrep(output: str) -> Iterator[Said]:
    levels = {"ERROR": Severity.HIGH, "WARNING": Severity.MEDIUM}
    for item in _items(json_in(output, dict).get("results")):
        extra = item["extra"]
        severity = levels.get(str(extra.get("severity")), Severity.LOW)
        text = " ".join(str(extra["message"]).split())
        rule = str(item["check_id"]).rpartition(".")[2]
        yield Said(str(item["path"]), int(item["start"]["line"]), rule, severity, text)


def _eslint(job: Job) -> Sequence[str]:
    return ["--format", "json", "--", *job.targets]


def _read_eslint(output: str) -> Iterator[Said]:
    for file in _items(json_in(output, list)):
        for item in _items(file["messages"]):
            rule = item.get("ruleId")
            if not rule and not item.get("fatal"):
                continue  # about the file as such: ignored, no configuration for it
            severity = Severity.MEDIUM if item.get("severity") == 2 else Severity.LOW
            text = " ".join(str(item["message"]).split())
            line = int(item.get("line") or 1)
            yield Said(str(file["filePath"]), line, str(rule or "invalid-syntax"), severity, text)


def _phpstan(job: Job) -> Sequence[str]:
    del job
    return ["analyse", "--error-format=json", "--no-progress", "--no-interaction", "--no-ansi"]


def _read_phpstan(output: str) -> Iterator[Said]:
    files = json_in(output, dict).get("files")
    # PHP writes an empty map as an empty list.
    for path, file in (files if isinstance(files, dict) else {}).items():
        for item in _items(file["messages"]):
            text = " ".join(str(item["message"]).split())
            rule = str(item.get("identifier") or "error")
            # A file of a trait is named with the class that uses it: `A.php (in context of ...)`.
            where = str(path).partition(" (in context of ")[0]
            yield Said(where, int(item.get("line") or 1), rule, Severity.MEDIUM, text)


SEMGREP_CONFIGS = (".semgrep.yml", ".semgrep.yaml", ".semgrep", "semgrep.yml", "semgrep.yaml")

TOOLS = (
    Tool(
        "mypy", _PYTHON, ("mypy.ini", ".mypy.ini"), "importers", (0, 1), _mypy, _read_mypy,
        (("pyproject.toml", "tool.mypy"), ("setup.cfg", "mypy")),
    ),
    Tool(
        "pyright", _PYTHON, ("pyrightconfig.json",), "project", (0, 1), _pyright, _read_pyright,
        (("pyproject.toml", "tool.pyright"),),
    ),
    Tool(
        "pylint", _PYTHON, (".pylintrc", "pylintrc", ".pylintrc.toml", "pylintrc.toml"), "files",
        tuple(range(32)), _pylint, _read_pylint,
        (("pyproject.toml", "tool.pylint"), ("setup.cfg", "pylint"), ("tox.ini", "pylint")),
    ),
    Tool(
        "semgrep", (), SEMGREP_CONFIGS, "files", (0, 1), _semgrep, _read_semgrep,
    ),
    Tool(
        "eslint", SCRIPTS,
        (*(f"eslint.config.{e}" for e in ("js", "mjs", "cjs", "ts", "mts", "cts")),
         ".eslintrc", *(f".eslintrc.{e}" for e in ("js", "cjs", "json", "yml", "yaml"))),
        "files", (0, 1), _eslint, _read_eslint, (("package.json", "eslintConfig"),),
    ),
    Tool(
        "phpstan", (".php",), ("phpstan.neon", "phpstan.neon.dist", "phpstan.dist.neon"),
        "project", (0, 1), _phpstan, _read_phpstan,
    ),
)  # fmt: skip

# What judges both sides is what was in force before: a change cannot relax its own judges.
FROZEN = frozenset(
    {name for tool in TOOLS for name in tool.configs}
    | {name for tool in TOOLS for name, _ in tool.sections}
)


def configured_tools(tree: Path) -> tuple[tuple[Tool, str], ...]:
    """The tools that the files in `tree` configure, each with the file that does."""
    found = ((tool, tool.configured_in(tree)) for tool in TOOLS)
    return tuple((tool, name) for tool, name in found if name)
