"""Static checks: what a change made worse is found, what was there before is not."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest
from guardian_support import write_files

from sorte_cli.domain import ChangeSet, FileChange, Finding, Severity, Verdict
from sorte_cli.guardian import check, linters
from sorte_cli.guardian.linters import bandit_severity, ruff_severity

OLD = """import os
import subprocess


def run(line):
    subprocess.run(line, shell=True)
    return undefined_before
"""


def change(path: str, before: str | bytes | None, after: str | bytes | None) -> FileChange:
    def encoded(text: str | bytes | None) -> bytes | None:
        return text.encode() if isinstance(text, str) else text

    return FileChange(path, encoded(before), encoded(after))


def found(root: Path, *changes: FileChange) -> list[tuple[str, int]]:
    """(rule, line) of the new findings. Every check must have run."""
    findings, notes = check(ChangeSet.of(changes), root=root)
    assert notes == ()
    return [(f.rule, f.line) for f in findings]


def test_a_new_fault_is_found_and_an_old_one_is_not(tmp_path: Path) -> None:
    after = OLD + "\n\ndef other(line):\n    return eval(undefined_now)\n"
    assert found(tmp_path, change("a.py", OLD, after)) == [("F821", 11), ("B307", 11)]


def test_findings_are_complete_and_worst_first(tmp_path: Path) -> None:
    source = "import os\nimport subprocess\n\nsubprocess.run('ls ' + x, shell=True)\n"
    findings, _ = check(ChangeSet.of([change("a.py", None, source)]), root=tmp_path)
    assert [f.rule for f in findings] == ["B602", "F821", "F401", "B404"]
    assert findings[0] == Finding(
        tool="bandit",
        rule="B602",
        path="a.py",
        line=4,
        severity=Severity.HIGH,
        message="subprocess call with shell=True identified, security issue.",
        snippet="subprocess.run('ls ' + x, shell=True)",
    )
    assert len(Verdict(findings).blocking) == 2


@pytest.mark.parametrize(
    "after",
    [
        "# a new first line\n\n" + OLD,
        OLD.replace("def run(line):", "def run_all(line):"),
        OLD.replace("line", "command"),
        OLD.replace("    subprocess", "    # why\n    subprocess"),
        "def early():\n    return 1\n\n\n" + OLD,
        OLD.replace("\n", "\r\n"),
    ],
)
def test_a_fault_that_only_moved_is_not_new(tmp_path: Path, after: str) -> None:
    assert found(tmp_path, change("a.py", OLD, after)) == []


def test_a_fault_that_moved_to_another_file_is_not_new(tmp_path: Path) -> None:
    assert found(tmp_path, change("a.py", OLD, None), change("b.py", None, OLD)) == []


def test_a_second_one_of_the_same_kind_is_new(tmp_path: Path) -> None:
    line = "    subprocess.run(line, shell=True)\n"
    assert found(tmp_path, change("a.py", OLD, OLD.replace(line, line * 2))) == [("B602", 7)]
    copied = OLD + "\n\n" + OLD.partition("\n\n\n")[2].replace("run(line):", "again(line):")
    rules = [rule for rule, _ in found(tmp_path, change("a.py", OLD, copied))]
    assert rules == ["F821", "B602"] or rules == ["B602", "F821"]


def test_a_file_that_no_longer_parses_is_critical_and_nothing_else_is_said_of_it(
    tmp_path: Path,
) -> None:
    findings, notes = check(
        ChangeSet.of([change("a.py", OLD, OLD.replace("):", "("))]), root=tmp_path
    )
    assert notes == ()
    assert [(f.tool, f.severity) for f in findings] == [("parse", Severity.CRITICAL)]


def test_a_file_that_did_not_parse_before_is_no_news(tmp_path: Path) -> None:
    assert found(tmp_path, change("a.py", "def f(:\n", "def g(:\n    pass\n")) == []


def test_syntax_newer_than_our_own_interpreter_parses(tmp_path: Path) -> None:
    source = (
        "type Pair[T] = tuple[T, T]\n\n\ndef first[T](pair: Pair[T]) -> T:\n    return pair[0]\n"
    )
    assert found(tmp_path, change("a.py", None, source)) == []


@pytest.mark.parametrize(
    ("path", "before", "after", "line"),
    [
        ("a.toml", "x = 1\n", "x = 1\ny =\n", 2),
        ("a.json", '{"x": 1}\n', '{"x": 1,\n}\n', 2),
        ("new.toml", None, "x = \n", 1),
    ],
)
def test_data_files_that_no_longer_parse(
    tmp_path: Path, path: str, before: str | None, after: str, line: int
) -> None:
    assert found(tmp_path, change(path, before, after)) == [("invalid-syntax", line)]


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("tsconfig.json", '{/* why */ "x": 1}', '{/* why */ "x": 2}'),
        ("new.json", None, '{// comments\n "x": 1}'),
        ("a.json", '{"x": 1}', None),
        ("a.txt", "x", "{"),
        ("a.toml", b"\xff", b"\xfe"),
    ],
)
def test_data_files_that_prove_nothing(
    tmp_path: Path, path: str, before: str | bytes | None, after: str | bytes | None
) -> None:
    assert found(tmp_path, change(path, before, after)) == []


def test_the_projects_own_rules_hold(tmp_path: Path) -> None:
    write_files(tmp_path, {"pyproject.toml": "[tool.ruff.lint]\nselect = ['T20']\n"})
    source = "import os\n\nprint('x')\n"
    assert found(tmp_path, change("a.py", None, source)) == [("T201", 3)]


def test_rules_of_a_folder_and_exceptions_by_path_hold(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            "ruff.toml": "[lint]\nselect = ['T20', 'F401']\n"
            "[lint.per-file-ignores]\n'scripts/*' = ['T20']\n",
            "web/ruff.toml": "extend = '../ruff.toml'\n[lint]\nignore = ['T20', 'F401']\n",
        },
    )
    source = "print('x')\n"
    changes = [change(f"{folder}/a.py", None, source) for folder in ("scripts", "web", "shop")]
    findings, notes = check(ChangeSet.of(changes), root=tmp_path)
    assert notes == ()
    assert [(f.path, f.rule) for f in findings] == [("shop/a.py", "T201")]


def test_imports_of_the_project_itself_are_known_as_such(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {"ruff.toml": "[lint]\nselect = ['I']\n", "src/shop/__init__.py": "", "util.py": ""},
    )
    source = "import json\n\nimport requests\n\nimport shop\nimport util\n\nprint(json, requests)\n"
    assert found(tmp_path, change("src/shop/a.py", None, source)) == []


def test_a_change_cannot_relax_the_rules_that_judge_it(tmp_path: Path) -> None:
    before = "[lint]\nselect = ['F']\n"
    after = "[lint]\nselect = ['D']\nignore = ['ALL']\n"
    write_files(tmp_path, {"ruff.toml": after})  # the worktree holds what was written
    changes = [change("ruff.toml", before, after), change("a.py", None, "print(nowhere)\n")]
    assert found(tmp_path, *changes) == [("F821", 1)]
    added = change("pyproject.toml", None, "[tool.ruff.lint]\nselect = []\n")
    write_files(tmp_path, {"pyproject.toml": "[tool.ruff.lint]\nselect = []\n"})
    (tmp_path / "ruff.toml").unlink()
    assert found(tmp_path, added, changes[1]) == [("F821", 1)]


def test_rules_that_ruff_cannot_read_give_way_to_the_default(tmp_path: Path) -> None:
    write_files(tmp_path, {"ruff.toml": "required-version = '==0.0.1'\n"})
    findings, notes = check(ChangeSet.of([change("a.py", None, "nowhere\n")]), root=tmp_path)
    assert [f.rule for f in findings] == ["F821"]
    assert len(notes) == 1
    assert "default rules" in notes[0]


def test_the_projects_bandit_settings_hold(tmp_path: Path) -> None:
    source = "import pickle\n\n\ndef load(data):\n    return pickle.loads(data)\n"
    assert ("B301", 5) in found(tmp_path, change("a.py", None, source))
    write_files(tmp_path, {"pyproject.toml": "[tool.bandit]\nskips = ['B301', 'B403']\n"})
    assert found(tmp_path, change("a.py", None, source)) == []
    (tmp_path / "pyproject.toml").unlink()
    write_files(tmp_path, {"bandit.yaml": "skips: ['B403']\n"})
    assert found(tmp_path, change("a.py", None, source)) == [("B301", 5)]


def test_asserts_belong_in_tests(tmp_path: Path) -> None:
    source = "def test():\n    assert 1 == 1\n"
    assert found(tmp_path, change("shop/a.py", None, source)) == [("B101", 2)]
    for path in ("tests/helpers.py", "shop/test_a.py", "conftest.py"):
        assert found(tmp_path, change(path, None, source)) == []


def test_a_module_named_like_a_tool_does_not_get_run(tmp_path: Path) -> None:
    evil = "raise SystemExit('ran')\n"
    names = ("bandit.py", "yaml.py", "ruff.py", "json.py", "sitecustomize.py")
    changes = [change(name, None, evil) for name in names]
    assert found(tmp_path, *changes, change("a.py", None, "nowhere\n")) == [("F821", 1)]


def test_odd_names_and_contents_are_no_trouble(tmp_path: Path) -> None:
    changes = [
        change("-n.py", None, "nowhere\n"),
        change("pasta com espaço/ação.py", None, "nowhere\n"),
        change("latin.py", None, "# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1")),
        change("empty.py", None, ""),
        change("nul.py", "\0", "\0\0"),
        change("bom.py", None, b"\xef\xbb\xbfx = 1\n"),
        change("picture.png", b"\x89PNG", b"\x89PNG\0"),
    ]
    findings, _ = check(ChangeSet.of(changes), root=tmp_path)
    assert {f.path for f in findings if f.rule == "F821"} == {
        "-n.py",
        "pasta com espaço/ação.py",
    }


@pytest.mark.parametrize("body", ["", "exit 7", "echo not json", "echo '[{}]'", "kill -9 $$"])
def test_a_tool_that_is_missing_or_broken_becomes_a_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "python").symlink_to(sys.executable)
    if body:
        (folder / "ruff").write_text(f"#!/bin/sh\n{body}\n")
        (folder / "ruff").chmod(0o755)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr(linters.sys, "executable", str(folder / "python"))
    broken = ChangeSet.of([change("a.py", "x = 1\n", "x = (\n")])
    findings, notes = check(broken, root=tmp_path)
    assert any("ruff" in note or "checker" in note for note in notes)
    assert [(f.tool, f.rule) for f in findings] == [("parse", "invalid-syntax")]


def test_a_tool_that_hangs_becomes_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("ruff", "python"):
        (folder / name).write_text("#!/bin/sh\nexec sleep 60\n")
        (folder / name).chmod(0o755)
    monkeypatch.setattr(linters.sys, "executable", str(folder / "python"))
    monkeypatch.setattr(linters, "_TIMEOUT_S", 0.3)
    changes = ChangeSet.of([change("a.py", None, "nowhere\n")])
    _, notes = check(changes, root=tmp_path)
    assert len(notes) == 2
    assert all("did not end" in note for note in notes)
    cancelled = threading.Event()
    cancelled.set()
    monkeypatch.setattr(linters, "_TIMEOUT_S", 60)
    _, notes = check(changes, root=tmp_path, cancel=cancelled)
    assert all("cancelled" in note for note in notes)


def test_nothing_to_check_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linters.subprocess, "Popen", None)
    assert check(ChangeSet(), root=tmp_path) == ((), ())
    assert check(ChangeSet.of([change("a.md", None, "x")]), root=tmp_path) == ((), ())


@pytest.mark.parametrize(
    ("rule", "severity"),
    [
        ("F821", Severity.HIGH),
        ("F811", Severity.HIGH),
        ("E999", Severity.HIGH),
        ("F706", Severity.HIGH),
        ("F507", Severity.MEDIUM),
        ("F401", Severity.LOW),
        ("E501", Severity.LOW),
        ("I001", Severity.LOW),
    ],
)
def test_severity_of_ruff_rules(rule: str, severity: Severity) -> None:
    assert ruff_severity(rule) == severity


@pytest.mark.parametrize(
    ("severity", "confidence", "expected"),
    [
        ("HIGH", "HIGH", Severity.HIGH),
        ("HIGH", "LOW", Severity.MEDIUM),
        ("MEDIUM", "HIGH", Severity.MEDIUM),
        ("MEDIUM", "LOW", Severity.LOW),
        ("LOW", "HIGH", Severity.LOW),
    ],
)
def test_severity_of_bandit_findings(severity: str, confidence: str, expected: Severity) -> None:
    assert bandit_severity(severity, confidence) == expected


UNSORTED = (
    "import sys\nimport os\n\n\ndef test_a():\n    assert os and sys\n    assert 1 + 1 == 2\n"
)


def test_a_copy_is_not_blamed_for_the_style_of_its_pattern(tmp_path: Path) -> None:
    write_files(
        tmp_path, {"ruff.toml": "[lint]\nselect = ['I', 'F']\n", "tests/test_pix.py": UNSORTED}
    )
    copy = UNSORTED.replace("test_a", "test_b")
    assert found(tmp_path, change("tests/test_boleto.py", None, copy)) == []
    other = "import sys\nimport os\n\nvalue = os.sep, sys.path\nname = value\nthird = name\n"
    assert found(tmp_path, change("tests/test_other.py", None, other)) == [("I001", 1)]


def test_a_copy_is_blamed_for_what_it_has_more_of_than_its_pattern(tmp_path: Path) -> None:
    pattern = "import os\n\n\ndef one():\n    return 1\n\n\ndef two():\n    return 2\n"
    write_files(tmp_path, {"shop/a.py": pattern})
    copy = pattern.replace("import os\n", "import os\nimport sys\n")
    assert found(tmp_path, change("shop/b.py", None, copy)) == [("F401", 2)]


def test_a_copied_hole_is_a_second_hole(tmp_path: Path) -> None:
    write_files(tmp_path, {"shop/a.py": OLD})
    assert ("B602", 6) in found(tmp_path, change("shop/b.py", None, OLD))


@pytest.mark.parametrize(
    ("config", "files"),
    [
        ("ruff.toml", {"ruff.toml": "src = ['lib', 'tests']\n[lint]\nselect = ['I']\n"}),
        (
            "lib/ruff.toml",
            {"lib/ruff.toml": "[lint]\nselect = ['I']\n", "tests/.keep": ""},
        ),
        (
            "pyproject.toml",
            {"pyproject.toml": "[tool.ruff]\nsrc = ['lib']\nlint.select = ['I']\n"},
        ),
    ],
)
def test_own_modules_are_known_wherever_the_settings_say_they_are(
    tmp_path: Path, config: str, files: dict[str, str | bytes]
) -> None:
    write_files(tmp_path, {**files, "lib/shop/__init__.py": "", "lib/util.py": ""})
    source = "import json\n\nimport requests\n\nimport shop\nimport util\n\nprint(json, requests)\n"
    assert found(tmp_path, change("lib/shop/a.py", None, source)) == []
