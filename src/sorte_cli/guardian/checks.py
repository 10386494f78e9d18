"""Static checks of a change: parser, ruff, bandit, secrets, dependencies; only what it worsened."""

from __future__ import annotations

import ast
import json
import posixpath
import tempfile
import threading
import tomllib
import warnings
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path, PurePosixPath

from sorte_cli.domain import ChangeSet, FileChange, Finding, Severity
from sorte_cli.errors import SorteError
from sorte_cli.guardian.fingerprints import fingerprints, new_findings
from sorte_cli.guardian.linters import Linted, Sides, bandit, ruff
from sorte_cli.guardian.outline import Outline, without_the_unchanged
from sorte_cli.guardian.patterns import Pattern, find_patterns, without_inherited
from sorte_cli.guardian.risks import new_risks
from sorte_cli.guardian.secrets import new_secrets

_CONFIG_NAMES = ("pyproject.toml", "ruff.toml", ".ruff.toml")
_BANDIT_CONFIGS = ("bandit.yaml", "bandit.yml", ".bandit.yaml", ".bandit.yml", "bandit.toml")
_SNIPPET_CHARACTERS = 200
_MAY_BE_MANIFESTS = (".txt", ".in", ".toml", ".json", ".lock")
_PASSWORD_RULES = ("B105", "B106", "B107")


def check(
    changes: ChangeSet, *, root: Path, cancel: threading.Event | None = None
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """New findings of a change, worst first, and notes about checks that could not run.

    `root` is where the project's configuration is read from; the contents that are checked are
    those of `changes`. A change to the configuration itself does not count: what was in force
    before judges both sides.
    """
    data = [f for change in changes.changes for f in _parse_data(change)]
    data += new_secrets(changes)
    data += new_risks(changes)
    audited, notes = _audited(changes, root)
    data += audited
    python = [c for c in changes.changes if _is_python(c.path)]
    if not python:
        return _ordered(data), notes
    patterns = find_patterns(python, root)
    with tempfile.TemporaryDirectory(prefix="sorte-check-") as folder:
        sides = _lay_out(python, changes, root, Path(folder).resolve(), cancel)
        sides = _with_patterns(sides, patterns.values())
        # Both spend their time in processes of their own, and so do we, with the outlines.
        with ThreadPoolExecutor(max_workers=2) as pool:
            linting = pool.submit(ruff, sides)
            outlines = _outlines(python)
            _write_focused(sides, python, outlines)
            auditing = pool.submit(bandit, sides)
            linted, unsafe = linting.result(), auditing.result()
    if not linted.syntax_known:
        linted = _parsed_by_python(python, linted)
    fresh = without_inherited(_fresh(outlines, (linted, unsafe)), patterns, linted.before)
    return _ordered([*data, *fresh]), (*notes, *linted.notes, *unsafe.notes)


def _audited(changes: ChangeSet, root: Path) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """What is wrong with the dependencies that the change brings, where it brings any."""
    if not any(c.path.endswith(_MAY_BE_MANIFESTS) for c in changes.changes):
        return (), ()
    # Commits wait, and seldom need these.
    from sorte_cli.guardian.dependencies import check_dependencies
    from sorte_cli.settings import load_settings

    try:
        settings, _ = load_settings(root)
    except SorteError:  # wrong settings are named where they matter
        return check_dependencies(changes)
    return check_dependencies(changes, folder=settings.advisories)


def _ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Worst first, each fault once.

    Where bandit and the secrets check mean the same line, the surer one speaks; ruff's S rules are
    bandit's under other names.
    """
    found = list(findings)
    said = {(f.tool, f.rule, f.path, f.line) for f in found}
    secret = {(f.path, f.line) for f in found if f.tool == "secrets"}

    def is_said_better(f: Finding) -> bool:
        if f.tool == "bandit" and f.rule in _PASSWORD_RULES:
            return (f.path, f.line) in secret
        twin = f"B{f.rule[1:]}"
        return f.tool == "ruff" and f.rule[:1] == "S" and ("bandit", twin, f.path, f.line) in said

    kept = [f for f in found if not is_said_better(f)]
    return tuple(sorted(kept, key=lambda f: (-f.severity, f.path, f.line, f.rule)))


def _is_python(path: str) -> bool:
    return path.endswith((".py", ".pyi"))


_Outlines = dict[str, tuple[Outline, Outline]]


def _outlines(python: Iterable[FileChange]) -> _Outlines:
    """The outlines of each file before and after."""
    return {c.path: (Outline(c.before), Outline(c.after)) for c in python}


def _write_focused(sides: Sides, python: Iterable[FileChange], outlines: _Outlines) -> None:
    """A second copy for the checker that is slow, without the functions that did not change."""
    for change in python:
        contents = [change.before, change.after]
        if change.before is not None and change.after is not None:
            contents = list(without_the_unchanged(*outlines[change.path]))
        for side, content in zip(("before", "after"), contents, strict=True):
            if content is not None:
                _write(sides.focused / side / change.path, content)


def _fresh(outlines: _Outlines, tools: Iterable[Linted]) -> list[Finding]:
    """What is new, tool by tool; of a file that no longer parses only that."""
    old = {path: pair[0] for path, pair in outlines.items()}
    new = {path: pair[1] for path, pair in outlines.items()}
    fresh: list[Finding] = []
    for tool in tools:
        before = [_with_snippet(f, old[f.path]) for f in tool.before if f.path in old]
        after = [_with_snippet(f, new[f.path]) for f in tool.after if f.path in new]
        broken_before = {f.path for f in before if f.tool == "parse"}
        found = new_findings(fingerprints(before, old), fingerprints(after, new))
        fresh += [f for f in found if not (f.tool == "parse" and f.path in broken_before)]
    first: dict[str, Finding] = {}
    for finding in fresh:
        if finding.tool == "parse":
            first.setdefault(finding.path, finding)
    return [f for f in fresh if f.path not in first or f is first[f.path]]


def _with_snippet(finding: Finding, outline: Outline) -> Finding:
    return replace(finding, snippet=outline.line(finding.line)[:_SNIPPET_CHARACTERS])


def _parsed_by_python(python: Iterable[FileChange], linted: Linted) -> Linted:
    """Where ruff could not say what parses: Python's own parser, of the version we run on."""
    before = [f for c in python for f in _parse_python(c.path, c.before)]
    after = [f for c in python for f in _parse_python(c.path, c.after)]
    return replace(linted, before=tuple(before), after=tuple(after))


def _parse_python(path: str, source: bytes | None) -> Iterator[Finding]:
    if source is None:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None) or 1
        message = getattr(error, "msg", None) or str(error)
        yield Finding("parse", "invalid-syntax", path, line, Severity.CRITICAL, message)


def _parse_data(change: FileChange) -> Iterator[Finding]:
    """A TOML or JSON file that parsed before (or is new) and does not now."""
    if change.after is None:
        return
    error = _data_error(change.path, change.after)
    if error is None:
        return
    if change.before is None:
        # JSON with comments goes by the same name, so a new file proves nothing.
        if not change.path.endswith(".toml"):
            return
    elif _data_error(change.path, change.before) is not None:
        return
    line, message = error
    finding = Finding("parse", "invalid-syntax", change.path, line, Severity.CRITICAL, message)
    lines = change.after.splitlines()
    text = lines[line - 1].decode("utf-8", "replace") if 0 < line <= len(lines) else ""
    yield replace(finding, snippet=text.strip()[:_SNIPPET_CHARACTERS])


def _data_error(path: str, content: bytes) -> tuple[int, str] | None:
    """(line, message) where a TOML or JSON file does not parse; None for other files."""
    try:
        if path.endswith(".toml"):
            tomllib.loads(content.decode("utf-8"))
        elif path.endswith(".json"):
            json.loads(content)
    except json.JSONDecodeError as error:
        return error.lineno, error.msg
    except tomllib.TOMLDecodeError as error:
        found = [word.rstrip(",") for word in str(error).partition("at line ")[2].split()[:1]]
        return (int(found[0]) if found and found[0].isdigit() else 1), str(error)
    except (UnicodeDecodeError, RecursionError) as error:
        return 1, str(error)
    return None


def _lay_out(
    python: list[FileChange],
    changes: ChangeSet,
    root: Path,
    folder: Path,
    cancel: threading.Event | None,
) -> Sides:
    """Write both sides, with the configuration of before and what import sorting looks at."""
    given = {c.path: c.before for c in changes.changes}
    files: list[tuple[str, str]] = []
    configs: dict[str, bytes] = {}
    for path in _config_paths(c.path for c in python):
        content = given[path] if path in given else _read(root / path)
        if content is not None:
            configs[path] = content
    sources = module_folders(configs)
    for side in ("before", "after"):
        base = folder / side
        for source_folder in sources:
            _mirror_modules(root / source_folder, base / source_folder)
        for path, content in configs.items():
            _write(base / path, content)
        for change in python:
            source = change.before if side == "before" else change.after
            if source is not None:
                _write(base / change.path, source)
                files.append((side, change.path))
    return Sides(
        folder=folder,
        files=tuple(files),
        has_config=any(_configures_ruff(p, c) for p, c in configs.items()),
        bandit_config=_bandit_config(root, given, configs, folder),
        cancel=cancel,
    )


def _with_patterns(sides: Sides, patterns: Iterable[Pattern]) -> Sides:
    """Also let ruff see, on the side before, the files that new ones were copied from."""
    known = {path for side, path in sides.files if side == "before"}
    more = {p.path: p.source for p in patterns if p.path not in known}
    for path, source in more.items():
        _write(sides.folder / "before" / path, source)
    return replace(sides, patterns=tuple(("before", path) for path in sorted(more)))


def _config_paths(paths: Iterable[str]) -> list[str]:
    """Every place from the changed files up to the root where ruff looks for its settings."""
    folders = {p for path in paths for p in PurePosixPath(path).parents}
    return sorted((folder / name).as_posix() for folder in folders for name in _CONFIG_NAMES)


def _configures_ruff(path: str, content: bytes) -> bool:
    if not path.endswith("pyproject.toml"):
        return True
    try:
        return "ruff" in tomllib.loads(content.decode("utf-8")).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return False


def _bandit_config(
    root: Path, given: dict[str, bytes | None], configs: dict[str, bytes], folder: Path
) -> Path | None:
    """A copy of the project's bandit configuration: data that chooses and tunes rules."""
    for name in _BANDIT_CONFIGS:
        content = given[name] if name in given else _read(root / name)
        if content is not None:
            place = folder / f"bandit{PurePosixPath(name).suffix}"
            _write(place, content)
            return place
    try:
        shared = tomllib.loads(configs.get("pyproject.toml", b"").decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return None
    return folder / "before" / "pyproject.toml" if "bandit" in shared.get("tool", {}) else None


def module_folders(configs: Mapping[str, bytes]) -> list[str]:
    """Folders that ruff seeks the project's own modules in: the `src` of each of its settings."""
    found: dict[str, None] = {"": None, "src": None}
    for path, content in configs.items():
        try:
            settings = tomllib.loads(content.decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            continue
        if path.endswith("pyproject.toml"):
            settings = settings.get("tool", {}).get("ruff", {})
        given = settings.get("src", ["", "src"]) if isinstance(settings, dict) else []
        for name in given if isinstance(given, list) else []:
            folder = posixpath.normpath(posixpath.join(posixpath.dirname(path), str(name)))
            if not folder.startswith(("..", "/")) and not set("*?[") & set(folder):
                found[folder.removeprefix(".").lstrip("/")] = None
    return list(found)


def _mirror_modules(source: Path, target: Path) -> None:
    """Empty stand-ins for the modules in a folder: import sorting asks whether they exist."""
    target.mkdir(parents=True, exist_ok=True)
    if not source.is_dir():
        return
    for entry in source.iterdir():
        name = entry.name
        if entry.is_dir() and name.isidentifier():
            (target / name).mkdir(exist_ok=True)
        elif name.endswith(".py") and entry.is_file():
            (target / name).touch()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
