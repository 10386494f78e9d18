"""`sorte hook` with real git: commits and pushes that are stopped, and hooks that were there."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

BAD = "import subprocess\n\n\ndef run(name):\n    subprocess.run('ls ' + name, shell=True)\n"
GOOD = "LIMIT = 3\n"


@dataclass(frozen=True)
class Tried:
    """How a git command ended, and all that it said."""

    code: int
    said: str


Try = Callable[..., Tried]


@pytest.fixture
def attempt(environment: dict[str, str]) -> Try:
    """`attempt(folder, "commit", "-m", "x")` runs git, which may fail."""

    def run(folder: Path, *arguments: str, **extra: str) -> Tried:
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            env={**environment, **extra},
            capture_output=True,
            text=True,
            check=False,
        )
        return Tried(done.returncode, done.stdout + done.stderr)

    return run


def stage(project: Path, git: Callable[..., str], text: str, name: str = "shop.py") -> None:
    (project / name).write_text(text, encoding="utf-8")
    git(project, "add", "--all")


def hook(project: Path, name: str = "pre-commit", folder: str = ".git/hooks") -> Path:
    return project / folder / name


def write_hook(path: Path, body: str) -> str:
    text = f"#!/bin/sh\n{body}\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return text


def test_a_bad_commit_is_stopped_with_a_reason_and_a_good_one_is_made(sorte, git, attempt, project):
    assert sorte("hook", "install", cwd=project).code == 0
    stage(project, git, BAD)
    tried = attempt(project, "commit", "-m", "bad")
    assert tried.code == 1
    assert "shop.py:5: high: " in tried.said
    assert "the commit was stopped; `git commit --no-verify` goes around this" in tried.said
    stage(project, git, GOOD)
    assert attempt(project, "commit", "-m", "good").code == 0
    assert git(project, "log", "-1", "--format=%s") == "good\n"


def test_the_index_is_what_counts(sorte, git, attempt, project):
    sorte("hook", "install", cwd=project)
    stage(project, git, GOOD)
    (project / "shop.py").write_text(BAD, encoding="utf-8")
    assert attempt(project, "commit", "-m", "good").code == 0
    assert attempt(project, "commit", "--all", "-m", "bad").code == 1
    assert attempt(project, "commit", "shop.py", "-m", "bad").code == 1


def test_a_good_commit_is_silent(sorte, git, attempt, project):
    sorte("hook", "install", cwd=project)
    stage(project, git, GOOD)
    assert "sorte" not in attempt(project, "commit", "--quiet", "-m", "good").said


def test_a_hook_that_was_there_runs_first_and_comes_back(sorte, git, attempt, project):
    text = write_hook(hook(project), "echo mine >> seen.txt; [ ! -e stop ]")
    sorte("hook", "install", cwd=project)
    sorte("hook", "install", cwd=project)  # again: nothing is chained twice
    stage(project, git, GOOD)
    assert attempt(project, "commit", "-m", "one").code == 0
    assert (project / "seen.txt").read_text(encoding="utf-8") == "mine\n"
    stage(project, git, GOOD + "X = 1\n")
    (project / "stop").touch()
    assert attempt(project, "commit", "-m", "two").code == 1
    answer = sorte("hook", "uninstall", cwd=project)
    assert answer.out == "taken out: pre-commit\n"
    assert hook(project).read_text(encoding="utf-8") == text
    assert os.access(hook(project), os.X_OK)
    assert [p.name for p in hook(project).parent.glob("*sorte*")] == []


def test_uninstall_leaves_nothing_and_touches_no_other_hook(sorte, project):
    text = write_hook(hook(project), "exit 0")
    answer = sorte("hook", "uninstall", cwd=project)
    assert (answer.code, answer.out) == (0, "no hook of Sorte was installed here\n")
    assert hook(project).read_text(encoding="utf-8") == text
    hook(project).unlink()
    sorte("hook", "install", "--pre-push", "--commit-msg", cwd=project)
    sorte("hook", "uninstall", cwd=project)
    assert [p for p in hook(project).parent.iterdir() if not p.name.endswith(".sample")] == []


def test_a_hook_that_somebody_edited_is_not_taken_out(sorte, project):
    sorte("hook", "install", cwd=project)
    edited = hook(project).read_text(encoding="utf-8") + "echo mine\n"
    hook(project).write_text(edited, encoding="utf-8")
    for action in ("install", "uninstall"):
        answer = sorte("hook", action, cwd=project)
        assert answer.code == 4
        assert "was edited since Sorte wrote it" in answer.err
    assert hook(project).read_text(encoding="utf-8") == edited


def test_hooks_that_lead_back_to_ours_end(sorte, git, attempt, project):
    write_hook(hook(project), "git -c core.editor=true commit --quiet --allow-empty -m inner")
    sorte("hook", "install", cwd=project)
    stage(project, git, GOOD)
    attempt(project, "commit", "-m", "outer")
    assert "inner" in git(project, "log", "--format=%s")


def test_the_folder_that_git_is_told_of_is_used(sorte, git, attempt, project):
    git(project, "config", "core.hooksPath", "tools/hooks")
    sorte("hook", "install", cwd=project)
    assert hook(project, folder="tools/hooks").is_file()
    assert not hook(project).exists()
    (project / "shop.py").write_text(BAD, encoding="utf-8")
    git(project, "add", "shop.py")
    assert attempt(project, "commit", "-m", "bad").code == 1


def test_a_folder_for_all_repositories_is_left_alone(sorte, git, project, home):
    folder = home / "hooks"
    (home / ".gitconfig").write_text(f"[core]\n\thooksPath = {folder}\n", encoding="utf-8")
    answer = sorte("hook", "install", cwd=project)
    assert answer.code == 4
    assert "those of all your repositories" in answer.err
    assert not folder.exists()
    assert sorte("hook", "install", "--force", cwd=project).code == 0
    assert (folder / "pre-commit").is_file()


@pytest.mark.parametrize(
    ("file", "manager", "line"),
    [
        (".husky/pre-commit", "Husky", "sorte hook run pre-commit"),
        ("lefthook.yml", "lefthook", "run: if command -v sorte >/dev/null; then sorte hook run"),
        (".pre-commit-config.yaml", "pre-commit", "entry: sorte hook run pre-commit"),
    ],
)
def test_hook_managers_are_told_what_to_add(sorte, project, file, manager, line):
    (project / file).parent.mkdir(exist_ok=True)
    (project / file).write_text("{}\n", encoding="utf-8")
    answer = sorte("hook", "install", cwd=project)
    assert answer.code == 4
    assert f"{manager} looks after the hooks here" in answer.err
    assert line in answer.err
    assert not hook(project).exists()
    assert manager in sorte("hook", "status", cwd=project).out


def test_in_a_linked_worktree_the_hook_reviews_that_worktree(
    sorte, git, attempt, project, tmp_path
):
    sorte("hook", "install", cwd=project)
    other = tmp_path / "other"
    git(project, "worktree", "add", "--quiet", str(other))
    stage(other, git, BAD)
    assert attempt(other, "commit", "-m", "bad").code == 1
    stage(other, git, GOOD)
    assert attempt(other, "commit", "-m", "good").code == 0


def test_a_push_is_reviewed_against_what_the_remote_has(sorte, git, attempt, project, tmp_path):
    remote = tmp_path / "remote.git"
    git(tmp_path, "init", "--quiet", "--bare", str(remote))
    git(project, "remote", "add", "origin", str(remote))
    stage(project, git, BAD, "old.py")
    git(project, "commit", "--quiet", "-m", "old")
    git(project, "push", "--quiet", "origin", "main")
    seen = write_hook(hook(project, "pre-push"), "cat > refs.txt")
    sorte("hook", "install", "--pre-push", cwd=project)
    stage(project, git, GOOD)
    git(project, "commit", "--quiet", "-m", "good")
    assert attempt(project, "push", "origin", "main").code == 0
    assert "refs/heads/main" in (project / "refs.txt").read_text(encoding="utf-8")
    stage(project, git, BAD)
    git(project, "commit", "--quiet", "--no-verify", "-m", "bad")
    for target in ("main", "HEAD:refs/heads/new"):
        tried = attempt(project, "push", "origin", target)
        assert tried.code == 1
        assert "shop.py:5" in tried.said
        assert "old.py" not in tried.said
    assert attempt(project, "push", "origin", "HEAD~1:refs/heads/new").code == 0
    assert attempt(project, "push", "origin", ":refs/heads/new").code == 0
    sorte("hook", "uninstall", cwd=project)
    assert hook(project, "pre-push").read_text(encoding="utf-8") == seen


def test_a_secret_in_a_commit_message_stops_the_commit(sorte, git, attempt, project):
    sorte("hook", "install", "--commit-msg", cwd=project)
    stage(project, git, GOOD)
    key = "AKIA" + "Q3EGVZ7KPL2MNB5T"
    tried = attempt(project, "commit", "-m", f"use {key}")
    assert tried.code == 1
    assert "an AWS access key" in tried.said
    assert key not in tried.said
    long = attempt(project, "commit", "-m", "x" * 90)
    assert long.code == 0
    assert "note: the first line is longer than 72 characters" in long.said


def test_a_review_that_cannot_be_done_stops_nothing_and_says_so(sorte, git, attempt, project):
    sorte("hook", "install", cwd=project)
    (project / ".sorte-baseline.json").write_text("{", encoding="utf-8")
    stage(project, git, BAD)
    tried = attempt(project, "commit", "-m", "bad")
    assert tried.code == 0
    assert "note: not reviewed: " in tried.said


def test_a_sorte_that_is_gone_stops_nothing_and_says_so(sorte, git, attempt, project, tmp_path):
    sorte("hook", "install", cwd=project)
    path = hook(project)
    text = path.read_text(encoding="utf-8")
    gone = next(line for line in text.splitlines() if "-P -m sorte_cli" in line).split()[2]
    path.write_text(text.replace(gone, "/nowhere/python"), encoding="utf-8")
    stage(project, git, BAD)
    empty = tmp_path / "bin"
    empty.mkdir()
    tried = attempt(project, "commit", "-m", "bad", PATH="/usr/bin:/bin")
    assert tried.code == 0
    assert "sorte was not found; this was not reviewed" in tried.said


def test_modules_of_the_repository_do_not_run_in_the_hook(sorte, git, attempt, project):
    sorte("hook", "install", cwd=project)
    for name in ("typer.py", "sorte_cli.py", "sitecustomize.py"):
        stage(project, git, "open('ran', 'w')\nraise SystemExit(0)\n", name)
    attempt(project, "commit", "-m", "evil")
    assert not (project / "ran").exists()


def test_going_around_the_review_is_possible(sorte, git, attempt, project):
    sorte("hook", "install", cwd=project)
    stage(project, git, BAD)
    tried = attempt(project, "commit", "-m", "bad", SORTE_SKIP="1")
    assert tried.code == 0
    assert "not reviewed, as SORTE_SKIP says" in tried.said


def test_status_and_wrong_words(sorte, project):
    answer = sorte("hook", "status", "--json", cwd=project)
    assert [h["installed"] for h in json.loads(answer.out)["hooks"]] == [False, False, False]
    write_hook(hook(project), "exit 0")
    assert "pre-commit: another hook is there" in sorte("hook", "status", cwd=project).out
    for words in (["remove"], ["install", "now"], ["run"], ["install", "--fail-on", "x"]):
        assert sorte("hook", *words, cwd=project).code == 2


def test_the_level_is_the_persons_choice(sorte, git, attempt, project):
    sorte("hook", "install", "--fail-on", "never", "--deadline", "0", cwd=project)
    stage(project, git, BAD)
    tried = attempt(project, "commit", "-m", "bad")
    assert tried.code == 0
    assert "shop.py:5: high: " in tried.said
