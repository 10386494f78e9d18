"""`sorte doctor` names what is missing with its remedy; `sorte trust` lets settings count."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from sorte_cli.commands import health


def checks_of(answer) -> dict[str, dict[str, str]]:
    return {c["name"]: c for c in json.loads(answer.out)["checks"]}


def test_doctor_lists_machine_models_git_sandbox_and_project(sorte, project):
    answer = sorte("doctor", "--json", cwd=project)
    checks = checks_of(answer)
    wanted = {"sorte", "machine", "llama-cpp-python", "brain", "executor", "git", "sandbox"}
    assert wanted | {"ruff", "bandit", "journal", "caches", "project", "tests"} <= set(checks)
    assert checks["git"]["status"] == "ok"
    assert checks["project"]["detail"].startswith(str(project))
    assert "pytest" in checks["tests"]["detail"]
    for check in checks.values():
        assert check["status"] in ("ok", "warn", "fail")
        assert check["remedy"] or check["status"] == "ok"
    failing = any(c["status"] == "fail" for c in checks.values())
    assert answer.code == (3 if failing else 0)


def test_doctor_works_outside_a_project(sorte, tmp_path):
    checks = checks_of(sorte("doctor", "--json", cwd=tmp_path))
    assert checks["project"]["status"] == "warn"
    assert "git init" in checks["project"]["remedy"]


def test_doctor_tells_of_uncommitted_work(sorte, project):
    (project / "new.py").write_text("x = 1\n", encoding="utf-8")
    checks = checks_of(sorte("doctor", "--json", cwd=project))
    assert "1 file" in checks["your changes"]["detail"]


def test_a_missing_model_fails_with_a_remedy(sorte, project):
    answer = sorte("doctor", cwd=project, env={"SORTE_BRAIN": "no-such-model"})
    assert answer.code == 3
    line = next(x for x in answer.out.splitlines() if " brain: " in x)
    assert line.startswith("missing") and "no-such-model" in line
    assert "→ " in answer.out


def test_a_crash_of_the_native_library_is_one_finding(monkeypatch, tmp_path):
    crasher = tmp_path / "python"
    crasher.write_text("#!/bin/sh\nkill -SEGV $$\n", encoding="utf-8")
    crasher.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(crasher))
    (check,) = health._llama()
    assert check.status == "fail"
    assert "-11" in check.detail
    assert "pip install" in check.remedy


def test_missing_git_is_found(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    (check,) = health._git()
    assert (check.status, check.detail) == ("fail", "not installed")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("git version 2.39.5", "ok"),
        ("git version 2.50.1 (Apple Git-155)", "ok"),
        ("git version 1.8.3.1", "fail"),
    ],
)
def test_the_version_of_git_counts(monkeypatch, tmp_path, said, status):
    program = tmp_path / "git"
    program.write_text(f"#!/bin/sh\necho '{said}'\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    (check,) = health._git()
    assert check.status == status


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0.0 MB"), (5_100_000, "5.1 MB"), (2_500_000_000, "2.5 GB")]
)
def test_sizes_for_people(count, text):
    assert health.megabytes(count) == text


@pytest.fixture
def configured(project: Path) -> Path:
    (project / "sorte.toml").write_text('test_command = "pytest -q"\n', encoding="utf-8")
    return project


def test_a_projects_settings_count_only_after_trust(sorte, configured):
    before = checks_of(sorte("doctor", "--json", cwd=configured))
    assert "not trusted" in before["settings"]["detail"]
    answer = sorte("trust", "--yes", cwd=configured)
    assert answer.code == 0
    assert "test_command = 'pytest -q'" in answer.err
    after = checks_of(sorte("doctor", "--json", cwd=configured))
    assert "settings" not in after
    assert after["tests"]["detail"] == "pytest -q"


def test_trust_ends_when_the_settings_change(sorte, configured):
    sorte("trust", "--yes", cwd=configured)
    (configured / "sorte.toml").write_text('test_command = "rm -rf x"\n', encoding="utf-8")
    assert "settings" in checks_of(sorte("doctor", "--json", cwd=configured))


def test_trust_can_be_taken_back(sorte, configured):
    sorte("trust", "--yes", cwd=configured)
    assert sorte("trust", "--revoke", cwd=configured).code == 0
    assert "settings" in checks_of(sorte("doctor", "--json", cwd=configured))


def test_nobody_there_means_no_trust(sorte, configured):
    answer = sorte("trust", cwd=configured)
    assert answer.code == 4
    assert "test_command" in answer.err
    assert json.loads(sorte("trust", "--json", cwd=configured).out)["ok"] is False


def test_a_project_without_settings_needs_no_trust(sorte, project):
    assert sorte("trust", cwd=project).code == 0
    document = json.loads(sorte("trust", "--json", cwd=project).out)
    assert document["trusted"] is False


def test_a_machine_that_has_everything_ends_with_zero(sorte, project):
    answer = sorte("doctor", cwd=project)
    assert answer.code == 0, answer.out
