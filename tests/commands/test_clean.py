"""`sorte clean`: what old runs have left goes, what the person has made of it stays."""

from __future__ import annotations

import json
import os
import sqlite3
import time

import pytest

DAY_S = 86_400
BREAK = 'set_value prices.py::LIMIT "nothing"\n'


@pytest.fixture
def project(tmp_path, git):
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "prices.py").write_text("LIMIT = 3\n", encoding="utf-8")
    (folder / "check.sh").write_text("grep -q 3 prices.py\n", encoding="utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "first")
    return folder


@pytest.fixture
def kept(sorte, git, project) -> str:
    """The branch of a run whose tests failed."""
    answer = sorte("apply", "-", "--yes", "--test-command", "sh check.sh", cwd=project, stdin=BREAK)
    assert answer.code == 1, answer.err
    return git(project, "for-each-ref", "--format=%(refname:short)", "refs/heads/sorte").strip()


def branches(git, project) -> list[str]:
    return git(project, "for-each-ref", "--format=%(refname:short)", "refs/heads").split()


def test_a_dry_run_tells_and_changes_nothing(sorte, git, project, kept):
    answer = sorte("clean", "--days", "0", "--dry-run", cwd=project)
    assert answer.code == 0
    assert answer.out.startswith("would be removed:\n")
    assert kept in answer.out
    assert kept in branches(git, project)


def test_old_branches_go_and_young_ones_stay(sorte, git, project, kept):
    assert sorte("clean", "--yes", cwd=project).out == "there is nothing to remove\n"
    assert kept in branches(git, project)
    answer = sorte("clean", "--yes", "--days", "0", "--json", cwd=project)
    assert [b["name"] for b in json.loads(answer.out)["branches"]] == [kept]
    assert branches(git, project) == ["main"]
    assert not (project / ".git" / "packed-refs.lock").exists()


def test_a_branch_that_the_person_went_on_with_stays(sorte, git, project, kept):
    tree = git(project, "rev-parse", "HEAD^{tree}").strip()
    own = git(project, "commit-tree", tree, "-p", kept, "-m", "my own work").strip()
    git(project, "branch", "--force", kept, own)
    answer = sorte("clean", "--yes", "--days", "0", "--json", cwd=project)
    found = json.loads(answer.out)
    assert found["branches"] == []
    assert found["kept"] == [{"name": kept, "reason": "has commits that its run did not make"}]
    assert kept in branches(git, project)


def test_a_branch_that_is_checked_out_stays(sorte, git, project, kept):
    git(project, "switch", "--quiet", kept)
    answer = sorte("clean", "--yes", "--days", "0", "--json", cwd=project)
    assert json.loads(answer.out)["kept"] == [{"name": kept, "reason": "checked out"}]
    assert kept in branches(git, project)


def test_indexes_not_used_for_long_go(sorte, project, home):
    folder = home / "cache" / "index"
    folder.mkdir(parents=True)
    old, young = folder / "old.sqlite", folder / "young.sqlite"
    for file in (old, young):
        file.write_bytes(bytes(2_000_000))
    month_ago = time.time() - 40 * DAY_S
    os.utime(old, (month_ago, month_ago))
    answer = sorte("clean", "--yes", cwd=project)
    assert "1 index not used for long (2.0 MB)" in answer.out
    assert not old.exists()
    assert young.exists()


def test_details_older_than_a_year_go_and_the_run_stays(sorte, project, kept, home):
    journal = home / "state" / "journal.sqlite"
    with sqlite3.connect(journal) as db:
        db.execute("UPDATE events SET at = at - ?", (400 * DAY_S,))
    db.close()
    answer = sorte("clean", "--yes", cwd=project)
    assert "details in the journal older than a year" in answer.out
    listed = json.loads(sorte("log", "--json", cwd=project).out)
    assert [r["run"] for r in listed["runs"]] == [kept.removeprefix("sorte/")]
    assert sorte("show", kept.removeprefix("sorte/"), cwd=project).code == 0


def test_with_nobody_to_ask_nothing_is_removed(sorte, git, project, kept):
    answer = sorte("clean", "--days", "0", cwd=project)
    assert answer.code == 1
    assert "--yes" in answer.err
    assert kept in branches(git, project)
