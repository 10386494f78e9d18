"""Review of what is staged: the index exactly, and findings in each format."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from guardian_support import git, write_files

from sorte_cli.domain import Finding, Severity
from sorte_cli.errors import EnvironmentFailure
from sorte_cli.guardian import gitread, review, review_staged
from sorte_cli.guardian.sarif import as_json, as_sarif, as_text, stable_fingerprints

FAULT = "print(nowhere)\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=main")
    return root


def stage(root: Path, files: dict[str, str | bytes]) -> None:
    write_files(root, files)
    git(root, "add", "--all")


def commit(root: Path, files: dict[str, str | bytes]) -> None:
    stage(root, files)
    git(root, "commit", "--quiet", "--message=x")


def found(root: Path) -> list[tuple[str, str, int]]:
    return [(f.rule, f.path, f.line) for f in review_staged(root)]


def test_the_index_counts_and_not_the_working_tree(repository: Path) -> None:
    commit(repository, {"a.py": "x = 1\n", "b.py": "x = 1\n"})
    stage(repository, {"a.py": f"x = 1\n{FAULT}"})
    write_files(repository, {"a.py": "x = 1\n", "b.py": FAULT, "c.py": FAULT})
    assert found(repository) == [("F821", "a.py", 2)]


def test_before_the_first_commit_everything_is_new(repository: Path) -> None:
    assert found(repository) == []
    stage(repository, {"a.py": FAULT})
    assert found(repository) == [("F821", "a.py", 1)]


def test_only_what_is_new_is_found(repository: Path) -> None:
    commit(repository, {"a.py": FAULT, "gone.py": FAULT})
    (repository / "gone.py").unlink()
    stage(repository, {"a.py": f"# moved down\n{FAULT}", "z/moved.py": FAULT})
    assert found(repository) == []


def test_nothing_staged_nothing_found(repository: Path) -> None:
    commit(repository, {"a.py": FAULT})
    write_files(repository, {"a.py": FAULT * 2})
    assert found(repository) == []


def test_other_kinds_of_entries_are_passed_over(repository: Path, tmp_path: Path) -> None:
    commit(repository, {"a.py": "x = 1\n", "run.py": "x = 1\n"})
    (repository / "link.py").symlink_to("/etc/passwd")
    (repository / "a.py").unlink()
    (repository / "a.py").symlink_to("run.py")
    (repository / "run.py").chmod(0o755)
    library = tmp_path / "library"
    library.mkdir()
    git(library, "init", "--quiet")
    commit(library, {"x.py": FAULT})
    stage(repository, {"data.bin": bytes(range(256)) * 10, "nul.py": "\0"})
    head = git(library, "rev-parse", "HEAD").strip()
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{head},library.py")
    assert [rule for rule, path, _ in found(repository) if path != "nul.py"] == []


def test_a_file_deleted_between_staging_and_review_is_read_from_the_index(
    repository: Path,
) -> None:
    stage(repository, {"a.py": FAULT, "ação e espaço.py": FAULT})
    for path in repository.glob("*.py"):
        path.unlink()
    assert {path for _, path, _ in found(repository)} == {"a.py", "ação e espaço.py"}


def test_a_very_large_file_is_left_out_and_named(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gitread, "FILE_LIMIT_BYTES", 100)
    stage(repository, {"big.py": FAULT * 50, "a.py": FAULT})
    findings, notes = review.review_staged_with_notes(repository)
    assert [f.path for f in findings] == ["a.py"]
    assert notes == ("big.py is too large to be looked at",)


def test_the_index_of_a_partial_commit_is_the_one_reviewed(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(repository, {"a.py": "x = 1\n"})
    stage(repository, {"b.py": FAULT})
    other = repository / ".git" / "other-index"
    monkeypatch.setenv("GIT_INDEX_FILE", str(other))
    git(repository, "read-tree", "HEAD")
    assert found(repository) == []


def test_a_folder_that_is_no_repository_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(EnvironmentFailure, match="not a git repository"):
        review_staged(tmp_path)


FINDINGS = (
    Finding("bandit", "B602", "shop/a b.py", 3, Severity.HIGH, "shell=True", "run(x, shell=True)"),
    Finding("ruff", "F401", "shop/a b.py", 1, Severity.LOW, "`os` is not used", "import os"),
)


def test_text_reads_like_a_compiler_and_shows_the_line() -> None:
    assert as_text(FINDINGS, ["bandit is not installed"]) == (
        "shop/a b.py:3: high: shell=True [bandit/B602]\n    run(x, shell=True)\n"
        "shop/a b.py:1: low: `os` is not used [ruff/F401]\n    import os\n"
        "note: bandit is not installed\n"
    )
    assert as_text(()) == ""


def test_json_is_one_document() -> None:
    data = json.loads(as_json(FINDINGS, ["n"]))
    assert data["notes"] == ["n"]
    assert data["findings"][0]["rule"] == "bandit/B602"
    assert data["findings"][0]["severity"] == "high"
    assert json.loads(as_json(())) == {"findings": [], "notes": []}


def test_sarif_has_rules_places_and_fingerprints() -> None:
    log = json.loads(as_sarif(FINDINGS, ["n"], version="0.1.0"))
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    assert [r["id"] for r in run["tool"]["driver"]["rules"]] == ["bandit/B602", "ruff/F401"]
    first, second = run["results"]
    assert (first["ruleId"], first["ruleIndex"], first["level"]) == ("bandit/B602", 0, "error")
    assert second["level"] == "note"
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "shop/a%20b.py"
    assert place["region"] == {"startLine": 3, "snippet": {"text": "run(x, shell=True)"}}
    notifications = run["invocations"][0]["toolExecutionNotifications"]
    assert notifications[0]["message"]["text"] == "n"
    assert json.loads(as_sarif((), version="0.1.0"))["runs"][0]["results"] == []


def test_fingerprints_outlive_a_move_and_tell_twins_apart() -> None:
    moved = [replace(f, line=f.line + 40) for f in FINDINGS]
    assert stable_fingerprints(moved) == stable_fingerprints(FINDINGS)
    twins = stable_fingerprints([FINDINGS[0], FINDINGS[0], FINDINGS[1]])
    assert len(set(twins)) == 3
