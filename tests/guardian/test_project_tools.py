"""Checkers that a project has configured: what they newly say of a change, real ones and doubles.

The doubles print the formats that the tools document, about every line that holds the word FAULT.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest
from guardian_support import Project, make_project, write_files

from sorte_cli.domain import ChangeSet, FileChange, Severity
from sorte_cli.guardian import Sandbox
from sorte_cli.guardian.projectchecks import Ground, check_with_project_tools, tools_of

FINDER = f"""#!{sys.executable}
import json, os, pathlib, sys
named = [pathlib.Path(a) for a in sys.argv[1:] if not a.startswith("-") and "." in a]
files = [f for f in named if f.is_file() and f.suffix in SUFFIXES]
files = files or [f for s in SUFFIXES for f in pathlib.Path().rglob("*" + s)]
found = [(str(f), n) for f in sorted(set(files))
         for n, line in enumerate(f.read_text().splitlines(), 1) if "FAULT" in line]
"""
DOUBLES = {
    "mypy": (
        {"mypy.ini": "[mypy]\n"},
        "a.py",
        'SUFFIXES = [".py"]\n',
        'print("a.py: note: something to know")\n'
        'for f, n in found:\n    print(f"{f}:{n}: error: Bad \\"x\\"; really  [arg-type]")\n'
        "sys.exit(bool(found))\n",
        ("mypy", "arg-type", Severity.MEDIUM, 'Bad "x"; really'),
    ),
    "pyright": (
        {"pyproject.toml": "[tool.pyright]\n"},
        "a.py",
        'SUFFIXES = [".py"]\n',
        'print("a warning that is no JSON", file=sys.stderr)\n'
        'print(json.dumps({"version": "1.1", "generalDiagnostics": [\n'
        '    {"file": os.path.abspath(f), "severity": "error", "message": "no\\n  such",\n'
        '     "range": {"start": {"line": n - 1, "character": 0}}, "rule": "reportX"}\n'
        '    for f, n in found], "summary": {"errorCount": len(found)}}))\n'
        "sys.exit(bool(found))\n",
        ("pyright", "reportX", Severity.MEDIUM, "no such"),
    ),
    "pylint": (
        {"setup.cfg": "[pylint.messages control]\ndisable=C\n"},
        "a.py",
        'SUFFIXES = [".py"]\n',
        'print(json.dumps([{"type": "warning", "module": "a", "obj": "", "line": n, "column": 0,\n'
        '    "path": f, "symbol": "unused-variable", "message": "Unused", "message-id": "W0612"}\n'
        "    for f, n in found], indent=4))\nsys.exit(4 * bool(found))\n",
        ("pylint", "unused-variable", Severity.LOW, "Unused"),
    ),
    "semgrep": (
        {".semgrep.yml": "rules: []\n"},
        "a.rb",
        'SUFFIXES = [".rb"]\n',
        'print(json.dumps({"version": "1", "results": [\n'
        '    {"check_id": "rules.no-eval", "path": f, "start": {"line": n, "col": 1},\n'
        '     "extra": {"message": "No eval.", "severity": "ERROR"}} for f, n in found],\n'
        '    "errors": []}))\n',
        ("semgrep", "no-eval", Severity.HIGH, "No eval."),
    ),
    "eslint": (
        {"eslint.config.js": "module.exports = [];\n"},
        "a.ts",
        'SUFFIXES = [".ts"]\n',
        'print(json.dumps([{"filePath": os.path.abspath(f), "messages": [\n'
        '    {"ruleId": "eqeqeq", "severity": 2, "message": "Expected ===", "line": n},\n'
        '    {"ruleId": None, "severity": 1, "message": "File ignored"}]} for f, n in found]))\n'
        "sys.exit(bool(found))\n",
        ("eslint", "eqeqeq", Severity.MEDIUM, "Expected ==="),
    ),
    "phpstan": (
        {"phpstan.neon": "parameters:\n"},
        "a.php",
        'SUFFIXES = [".php"]\n',
        'print(json.dumps({"totals": {"errors": 0, "file_errors": len(found)}, "files":\n'
        '    {os.path.abspath(f) + " (in context of class A)": {"errors": 1, "messages": [\n'
        '        {"message": "Undefined $x", "line": n, "identifier": "variable.undefined"}]}\n'
        '    for f, n in found} or [], "errors": []}))\nsys.exit(bool(found))\n',
        ("phpstan", "variable.undefined", Severity.MEDIUM, "Undefined $x"),
    ),
}


def install(project: Project, name: str, body: str) -> None:
    program = project.repository / "vendor" / "bin" / name
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(body, encoding="utf-8")
    program.chmod(0o755)


def checked(
    project: Project, sandbox: Sandbox, sides: Mapping[str, tuple[str | None, str | None]]
) -> tuple[tuple[object, ...], tuple[str, ...]]:
    """What the tools say of a change to HEAD, as (tool, rule, severity, message, path, line)."""
    changes = ChangeSet.of(
        FileChange(p, *(t.encode() if t is not None else None for t in pair))
        for p, pair in sides.items()
    )
    ground = Ground(project.repository, project.common_dir, "HEAD")
    found, notes = check_with_project_tools(changes, ground, sandbox)
    said = [(f.tool, f.rule, f.severity, f.message, f.path, f.line) for f in found]
    return tuple(said), notes


@pytest.mark.parametrize("name", DOUBLES)
def test_only_what_is_new_is_reported(tmp_path: Path, plain: Sandbox, name: str) -> None:
    files, path, suffixes, answer, expected = DOUBLES[name]
    before = "one\nFAULT old\n"
    project = make_project(tmp_path / "p", {**files, path: before})
    install(project, name, FINDER.replace("\nnamed", f"\n{suffixes}named", 1) + answer)
    moved = "zero\n\n" + before  # the old one, further down
    assert checked(project, plain, {path: (before, moved)}) == ((), ())
    found, notes = checked(project, plain, {path: (before, moved + "FAULT FRESH; twice as long\n")})
    assert notes == ()
    assert found == ((*expected, path, 5),)
    assert tools_of(project.repository, "HEAD") == (name,)
    # What the change does not concern is not run.
    assert (
        checked(project, plain, {"README.txt": (None, "x FAULT\n")})[0] == () or name == "semgrep"
    )


@pytest.mark.parametrize(
    ("body", "note"),
    [
        ("raise SystemExit(99)", "mypy failed: 99; its checks were left out"),
        ("import sys; sys.exit('a.py: bad option')", ""),
        ("import os; os.kill(os.getpid(), 11)", "mypy failed: -11; its checks were left out"),
        ("print('Segmentation fault?')", "mypy wrote something that cannot be read; its"),
        ("import sys; sys.stdout.buffer.write(b'\\xff\\xfe' * 1000)", "mypy wrote something"),
        ("import time; time.sleep(60)", "mypy did not end within 1 s; its checks were left out"),
    ],
)
def test_a_tool_that_crashes_hangs_or_writes_garbage_is_named(
    tmp_path: Path, plain: Sandbox, body: str, note: str
) -> None:
    project = make_project(tmp_path / "p", {"mypy.ini": "[mypy]\n", "a.py": "X = 1\n"})
    install(project, "mypy", f"#!{sys.executable}\n{body}\n")
    changes = ChangeSet.of([FileChange("a.py", b"X = 1\n", b"X = 2\n")])
    ground = Ground(project.repository, project.common_dir, "HEAD")
    found, notes = check_with_project_tools(changes, ground, plain, timeout_s=1)
    assert found == ()
    assert len(notes) == 1
    assert notes[0].startswith(note or "mypy ")


@pytest.mark.parametrize("name", ["pyright", "pylint", "semgrep", "eslint", "phpstan"])
def test_no_answer_is_too_odd(tmp_path: Path, plain: Sandbox, name: str) -> None:
    files, path, *_ = DOUBLES[name]
    project = make_project(tmp_path / "p", {**files, path: "one\n"})
    left_out = f"{name} wrote something that cannot be read; its checks were left out"
    for answer in ("", "{", "[1, 2]", '{"files": 3, "results": 4}', "[" * 3000):
        install(project, name, f"#!/bin/sh\ncat <<'E'\n{answer}\nE\n")
        found, notes = checked(project, plain, {path: ("one\n", "two\n")})
        assert found == ()
        assert notes in ((), (left_out,))


def test_a_tool_that_is_configured_but_missing_is_named(
    tmp_path: Path, plain: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(tmp_path / "p", {"phpstan.neon": "", "a.php": "<?php\n"})
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert checked(project, plain, {"a.php": ("<?php\n", "<?php \n")}) == (
        (),
        ("phpstan is configured here but not installed; its checks were left out",),
    )


def test_a_change_cannot_relax_or_bring_its_own_judges(tmp_path: Path, plain: Sandbox) -> None:
    files, path, suffixes, answer, _ = DOUBLES["pylint"]
    project = make_project(tmp_path / "p", {**files, path: "one\n"})
    look = (
        "import pathlib\nfound = [] if 'lax' in pathlib.Path('setup.cfg').read_text() else found\n"
    )
    body = FINDER.replace("\nnamed", f"\n{suffixes}named", 1) + look + answer
    install(project, "pylint", body)
    install(project, "phpstan", "#!/bin/sh\nexit 99\n")
    config = files["setup.cfg"]
    relaxed = {path: ("one\n", "FAULT\n"), "setup.cfg": (config, config + "lax=1\n")}
    found, notes = checked(project, plain, {**relaxed, "phpstan.neon": (None, "x\n")})
    assert (len(found), notes) == (1, ())


def test_two_type_checkers_say_the_same_line_once(tmp_path: Path, plain: Sandbox) -> None:
    files = {"mypy.ini": "[mypy]\n", "pyrightconfig.json": "{}\n", "a.py": "one\n"}
    project = make_project(tmp_path / "p", files)
    for name in ("mypy", "pyright"):
        _, _, suffixes, answer, _ = DOUBLES[name]
        install(project, name, FINDER.replace("\nnamed", f"\n{suffixes}named", 1) + answer)
    found, _ = checked(project, plain, {"a.py": ("one\n", "FAULT\n")})
    assert [f[0] for f in found] == ["mypy"]  # type: ignore[index]


def test_real_mypy_finds_what_a_change_breaks_elsewhere(
    tmp_path: Path, bubblewrap: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the sandbox; the fault is in a file that the change did not touch."""
    prices = "def total(items: list[int]) -> int:\n    return sum(items)\n"
    files = {
        "pyproject.toml": "[tool.mypy]\nstrict = true\n",
        "shop/__init__.py": "",
        "shop/prices.py": prices,
        "shop/old.py": "x: int = 'an old fault'\n",
        "shop/cart.py": "from shop.prices import total\n\nSUM: int = total([1, 2])\n",
    }
    project = make_project(tmp_path / "p", files)
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin:/bin"]))
    after = prices.replace("list[int]", "str").replace("sum(items)", "len(items)")
    found, notes = checked(project, bubblewrap, {"shop/prices.py": (prices, after)})
    assert notes == ()
    assert [(f[0], f[1], f[4], f[5]) for f in found] == [  # type: ignore[index]
        ("mypy", "arg-type", "shop/cart.py", 3)
    ]


def test_configuration_that_cannot_be_read_configures_nothing(tmp_path: Path) -> None:
    files = {"pyproject.toml": "[tool.mypy\n", "setup.cfg": "mypy]\n", "package.json": "[1]\n"}
    project = make_project(tmp_path / "p", files)
    assert tools_of(project.repository, "HEAD") == ()
    write_files(project.repository, {"package.json": json.dumps({"eslintConfig": {}})})
    assert tools_of(project.repository, "HEAD") == ()  # what is not committed does not count


def test_at_the_deadline_the_tools_end(tmp_path: Path, plain: Sandbox) -> None:
    project = make_project(tmp_path / "p", {"mypy.ini": "[mypy]\n", "a.py": "X = 1\n"})
    install(project, "mypy", f"#!{sys.executable}\nimport time; time.sleep(600)\n")
    passed = threading.Event()
    passed.set()
    changes = ChangeSet.of([FileChange("a.py", b"X = 1\n", b"X = 2\n")])
    ground = Ground(project.repository, project.common_dir, "HEAD")
    found, notes = check_with_project_tools(changes, ground, plain, cancel=passed)
    assert (found, notes) == ((), ("mypy was ended (cancelled); its checks were left out",))
