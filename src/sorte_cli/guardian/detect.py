"""Finds out how a project runs its tests, without running any of its code."""

from __future__ import annotations

import ast
import base64
import configparser
import hashlib
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from sorte_cli.errors import UsageError
from sorte_cli.guardian.environment import scrubbed
from sorte_cli.guardian.runners import find_runner, kind_of

_SKIPPED = frozenset(
    {".git", ".hg", ".nox", ".tox", ".venv", "__pycache__", "build", "dist", "env", "node_modules"}
    | {"site-packages", "vendor", "venv"}
)
_FILES_LOOKED_AT = 20_000


@dataclass(frozen=True, slots=True)
class TestCommand:
    """How to run the tests.

    `kind` is "pytest", "unittest", one of `runners.KINDS`, or "configured"; `source` says why
    ("pyproject.toml [tool.pytest]", "tests/ folder", "--test-command"). `lent` is the folder of
    Sorte's own pytest where the project's interpreter has none. `note` is what the user should
    know.
    """

    __test__ = False  # the name begins with Test; pytest must not collect it

    argv: tuple[str, ...]
    kind: str
    source: str
    lent: str = ""
    note: str = ""


def detect_test_command(
    root: Path, repository: Path, configured: str | None = None
) -> TestCommand | None:
    """The test command of the project whose files are in `root`; None when it has no tests.

    `repository` is the real repository, where the virtual environment is. `configured` is a shell
    line of the user's and wins. Raises UsageError when that line cannot be read.
    """
    if configured and configured.strip():
        return _configured(configured)
    source = _pytest_configuration(root)
    style, example = _test_style(root)
    if source is None and style == "none":
        other = find_runner(root, repository)
        return TestCommand(other.argv, other.kind, other.source) if other else None
    python = project_python(repository)
    if source is None and style == "unittest":
        arguments = ("-m", "unittest", "discover", *_unittest_start(root))
        return TestCommand((str(python), *arguments), "unittest", example)
    return _pytest(python, source or example)


def _configured(line: str) -> TestCommand:
    try:
        argv = tuple(shlex.split(line))
    except ValueError as error:
        raise UsageError(
            f"the test command cannot be read: {error}: {line}",
            hint='write it as in a shell, for example --test-command "pytest -q tests"',
        ) from error
    if not argv:
        raise UsageError("the test command is empty")
    kind = "pytest" if _is_pytest(argv) else kind_of(argv) or "configured"
    return TestCommand(argv, kind, "--test-command")


def _is_pytest(argv: tuple[str, ...]) -> bool:
    """`pytest ...`, `path/to/py.test ...` or `python -m pytest ...`."""
    program = Path(argv[0]).name
    if program in ("pytest", "py.test"):
        return True
    return program.startswith("python") and argv[1:3] == ("-m", "pytest")


def _pytest(python: Path, source: str) -> TestCommand:
    argv = (str(python), "-m", "pytest")
    if has_module(python, "pytest"):
        return TestCommand(argv, "pytest", source)
    if lent := _own_pytest(python):
        note = f"{python} has no pytest; Sorte's own was used"
        return TestCommand(argv, "pytest", source, lent=lent, note=note)
    note = f"{python} has no pytest, and Sorte has none to lend; install it there"
    return TestCommand(argv, "pytest", source, note=note)


def project_python(repository: Path) -> Path:
    """The project's interpreter: its own environment, an active one, the one that Poetry, tox or
    nox made for it, the user's `python3` if that has pytest, else Sorte's."""
    for name in (".venv", "venv", "env"):
        python = repository / name / "bin" / "python"
        if python.exists() and (repository / name / "pyvenv.cfg").is_file():
            return python
    active = os.environ.get("VIRTUAL_ENV", "")
    if active and Path(active).resolve() != Path(sys.prefix).resolve():
        python = Path(active) / "bin" / "python"
        if python.exists():
            return python
    for python in (*_poetry_pythons(repository), *_session_pythons(repository)):
        return python
    usual = _usual_python(repository)
    if usual is not None and has_module(usual, "pytest"):
        return usual
    return Path(sys.executable)


def _poetry_pythons(repository: Path) -> Iterator[Path]:
    """Environments that Poetry made outside of the project, the latest Python first.

    It names them after the project and a hash of its folder (poetry/utils/env/env_manager.py).
    """
    project = _toml(repository / "pyproject.toml")
    tool = project.get("tool", {}).get("poetry")
    if tool is None and not (repository / "poetry.lock").is_file():
        return
    name = (tool if isinstance(tool, dict) else {}).get("name")
    name = str(name or project.get("project", {}).get("name", "") or repository.name)
    name = re.sub(r'[ $`!*@"\\\r\n\t]', "_", name.lower())[:42]
    digest = hashlib.sha256(os.path.normcase(repository.resolve()).encode()).digest()
    beginning = f"{name}-{base64.urlsafe_b64encode(digest).decode()[:8]}-py"
    for folder in _poetry_folders():
        found = [p for p in folder.glob("*/bin/python") if p.parts[-3].startswith(beginning)]
        yield from sorted(found, key=lambda p: _numbers(p.parts[-3]), reverse=True)


def _numbers(name: str) -> list[int]:
    return [int(n) for n in re.findall(r"\d+", name.rpartition("-py")[2])]


def _poetry_folders() -> Iterator[Path]:
    if given := os.environ.get("POETRY_VIRTUALENVS_PATH"):
        yield Path(given)
    cache = os.environ.get("POETRY_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    if cache:
        yield Path(cache) / ("" if "POETRY_CACHE_DIR" in os.environ else "pypoetry") / "virtualenvs"
    home = Path.home()
    yield home / ".cache" / "pypoetry" / "virtualenvs"
    yield home / "Library" / "Caches" / "pypoetry" / "virtualenvs"


def _session_pythons(repository: Path) -> Iterator[Path]:
    """Environments of tox and nox in the project that can run its tests, the latest first."""
    for folder in (".tox", ".nox"):
        found = (repository / folder).glob("*/bin/python")
        for python in sorted(found, key=lambda p: p.parts[-3], reverse=True):
            if has_module(python, "pytest"):
                yield python


@cache
def _usual_python(repository: Path) -> Path | None:
    """What `python3` means in that folder. Asked, because it may be a version manager's shim."""
    try:
        asked = subprocess.run(
            ["python3", "-I", "-c", "import sys; print(sys.executable)"],
            cwd=repository,
            env=scrubbed(os.environ),
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    answer = Path(asked.stdout.strip())
    return answer if asked.returncode == 0 and answer.is_file() else None


@cache
def has_module(python: Path, name: str) -> bool:
    """Whether the interpreter's environment holds `name`; looks at folders, runs nothing."""
    if python == Path(sys.executable):
        return find_spec(name) is not None
    folders = list(_site_packages(python))
    return any((f / name).is_dir() or (f / f"{name}.py").is_file() for f in folders)


def _site_packages(python: Path) -> Iterator[Path]:
    """Site folders of an interpreter, of its base where the environment includes those."""
    prefix = python.parent.parent
    yield from prefix.glob("lib*/python3*/site-packages")
    config = prefix / "pyvenv.cfg"
    if not config.is_file():
        yield from prefix.glob("lib/python3*/dist-packages")
        return
    text = config.read_text(encoding="utf-8", errors="replace").lower()
    values = dict(line.partition("=")[::2] for line in text.splitlines() if "=" in line)
    settings = {k.strip(): v.strip() for k, v in values.items()}
    if settings.get("include-system-site-packages") == "true":
        base = Path(os.path.realpath(python)).parent.parent
        yield from base.glob("lib*/python3*/*-packages")


def _own_pytest(python: Path) -> str:
    """Folder with Sorte's own pytest, where `python` has the same version and can use it."""
    found = find_spec("pytest")
    if found is None or found.origin is None:
        return ""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    prefix = python.parent.parent
    if not any(prefix.glob(f"lib*/{version}")):
        return ""
    return str(Path(found.origin).parent.parent)


def _pytest_configuration(root: Path) -> str | None:
    """The file that configures pytest, as people call it; None where there is none."""
    if (root / "pytest.ini").is_file() or (root / ".pytest.ini").is_file():
        return "pytest.ini"
    for name in ("pytest.toml", ".pytest.toml"):
        if (root / name).is_file():
            return name
    if "pytest" in _toml(root / "pyproject.toml").get("tool", {}):
        return "pyproject.toml [tool.pytest]"
    for name, section in (("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read(root / name, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue
        if parser.has_section(section):
            return f"{name} [{section}]"
    return None


def _toml(path: Path) -> dict[str, dict[str, object]]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return {}


def _test_style(root: Path) -> tuple[str, str]:
    """("pytest" | "unittest" | "none", where such tests were seen)."""
    seen_unittest = ""
    for path in _test_files(root):
        relative = path.relative_to(root)
        where = f"{relative.parts[0]}/ folder" if len(relative.parts) > 1 else relative.name
        try:
            source = path.read_bytes()
        except OSError:
            continue
        style = _style_of(source)
        if style == "pytest" or path.name == "conftest.py":
            return "pytest", where
        if style == "unittest":
            seen_unittest = seen_unittest or where
    return ("unittest", seen_unittest) if seen_unittest else ("none", "")


def _style_of(source: bytes) -> str:
    """What a test file is written for; "pytest" also runs unittest's."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return "pytest" if b"def test" in source else "none"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith("test"):
                return "pytest"
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test") and not node.bases:
            return "pytest"
    if b"import pytest" in source or b"from pytest" in source:
        return "pytest"
    return "unittest" if b"unittest" in source or b"TestCase" in source else "none"


def _test_files(root: Path) -> Iterator[Path]:
    """conftest.py, test_*.py and *_test.py, in a stable order, dependency folders left out."""
    looked_at = 0
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in _SKIPPED and not f.endswith(".egg-info"))
        for name in sorted(files):
            looked_at += 1
            if name == "conftest.py" or is_test_file(name):
                yield Path(folder, name)
        if looked_at > _FILES_LOOKED_AT:
            return


def is_test_file(path: str) -> bool:
    """Whether the name is one that pytest collects by default."""
    name = path.rpartition("/")[2]
    return name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py"))


def _unittest_start(root: Path) -> tuple[str, ...]:
    """Arguments for `unittest discover`: it finds only folders that are packages."""
    for name in ("tests", "test"):
        folder = root / name
        if folder.is_dir() and any(folder.glob("test*.py")):
            if (folder / "__init__.py").is_file():
                return ("-s", name, "-t", ".")
            return ("-s", name)
    return ()
