"""Where Sorte agrees to work, and what it says where it does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from history_support import Project, git

from sorte_cli.errors import EnvironmentFailure, RefusedError, UsageError
from sorte_cli.history import gitcmd
from sorte_cli.history.repository import Repository


def test_a_folder_inside_is_enough_to_find_the_top(project: Project) -> None:
    repo = Repository.discover(project.root / "shop")
    assert repo.root == project.root
    assert repo.git_dir == repo.common_dir == project.root / ".git"
    assert (repo.branch(), repo.head()) == ("main", project.head())


def test_a_folder_that_is_no_repository_says_how_to_make_one(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    with pytest.raises(EnvironmentFailure, match="not in a git repository") as error:
        Repository.discover(tmp_path / "plain")
    assert "git init" in error.value.hint
    assert error.value.exit_code == 3


def test_a_folder_that_does_not_exist_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a folder"):
        Repository.discover(tmp_path / "missing")


def test_a_repository_without_commits_says_how_to_make_the_first(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "fresh")
    with pytest.raises(EnvironmentFailure, match="no commits yet") as error:
        Repository.discover(tmp_path / "fresh")
    assert "git commit" in error.value.hint
    assert Repository.discover(tmp_path / "fresh", writing=False).branch()


def test_a_bare_repository_is_not_worked_in(project: Project, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(project.root), "bare.git")
    with pytest.raises(EnvironmentFailure, match="bare"):
        Repository.discover(tmp_path / "bare.git")


def test_inside_dot_git_is_refused(project: Project) -> None:
    with pytest.raises(RefusedError, match=r"inside a \.git directory") as error:
        Repository.discover(project.root / ".git" / "refs")
    assert error.value.exit_code == 4


def test_home_as_repository_is_refused(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(project.root))
    with pytest.raises(RefusedError, match="home folder"):
        Repository.discover(project.root)
    monkeypatch.setenv("HOME", str(project.root / "shop"))
    with pytest.raises(RefusedError, match="home folder or above"):
        Repository.discover(project.root)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("MERGE_HEAD", "merge"),
        ("CHERRY_PICK_HEAD", "cherry-pick"),
        ("REVERT_HEAD", "revert"),
        ("BISECT_LOG", "bisect"),
        ("rebase-merge/done", "rebase"),
        ("rebase-apply/next", "rebase"),
    ],
)
def test_an_unfinished_git_operation_is_refused(project: Project, name: str, word: str) -> None:
    project.write(f".git/{name}", project.head())
    with pytest.raises(RefusedError, match=f"a {word}.* is in progress") as error:
        Repository.discover(project.root)
    assert f"git {word}" in error.value.hint
    assert Repository.discover(project.root, writing=False).root == project.root


def test_a_real_merge_conflict_is_refused(project: Project) -> None:
    project.git("switch", "--quiet", "-c", "side")
    project.write("notes.txt", "side\n")
    project.commit("side")
    project.git("switch", "--quiet", "main")
    project.write("notes.txt", "main\n")
    project.commit("main")
    project.git("merge", "side", check=False)
    with pytest.raises(RefusedError, match="merge is in progress"):
        Repository.discover(project.root)


def test_a_read_only_git_directory_is_said(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The tests may run as root, whom permissions do not stop.
    real = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: Path(path).name != ".git" and real(path, mode)
    )
    with pytest.raises(EnvironmentFailure, match=r"\.git is read-only"):
        Repository.discover(project.root)


def test_a_folder_of_another_user_names_the_remedy(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gitcmd, "_KEPT", gitcmd._KEPT | {"GIT_TEST_ASSUME_DIFFERENT_OWNER"})
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(EnvironmentFailure, match="does not trust") as error:
        Repository.discover(project.root)
    assert "safe.directory" in error.value.hint


def test_git_missing_is_said(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(EnvironmentFailure, match="git was not found"):
        Repository.discover(project.root)


def test_git_too_old_is_said(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "bin" / "git"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho git version 2.20.1\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(old.parent))
    with pytest.raises(EnvironmentFailure, match="too old"):
        Repository.discover(project.root)


def test_a_detached_head_has_no_branch(project: Project) -> None:
    project.git("checkout", "--quiet", "--detach")
    assert project.repo.branch() is None


def test_paths_are_tracked_and_untracked_but_not_ignored_or_gone(project: Project) -> None:
    project.write("new file.py", "x")
    project.write("app.log", "ignored")
    project.write("build/out.py", "ignored")
    (project.root / "notes.txt").unlink()
    git(project.root, "init", "--quiet", "nested")
    project.write("nested/inner.py", "a repository of its own")
    odd = os.fsdecode(b"caf\xe9.txt")
    (project.root / odd).write_text("latin-1 name")
    (project.root / "line\nbreak.txt").write_text("x")
    assert project.repo.paths() == sorted(
        [
            ".gitignore",
            odd,
            "line\nbreak.txt",
            "new file.py",
            "shop/__init__.py",
            "shop/old.py",
            "shop/pay.py",
            "tool.sh",
        ]
    )


def test_dirty_paths_tell_the_status(project: Project) -> None:
    project.write("notes.txt", "edited")
    project.write("shop/old.py", "staged")
    project.git("add", "shop/old.py")
    project.write("new dir/ü.txt", "x")
    assert project.repo.dirty_paths() == {
        "notes.txt": " M",
        "shop/old.py": "M ",
        "new dir/ü.txt": "??",
    }


def test_stray_git_variables_do_not_lead_elsewhere(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Project.make(tmp_path / "other")
    for name, value in {
        "GIT_DIR": str(other.root / ".git"),
        "GIT_WORK_TREE": str(other.root),
        "GIT_INDEX_FILE": str(tmp_path / "elsewhere"),
        "GIT_OBJECT_DIRECTORY": str(tmp_path / "objects"),
        "GIT_COMMON_DIR": str(other.root / ".git"),
        "GIT_NAMESPACE": "odd",
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "core.worktree",
        "GIT_CONFIG_VALUE_0": str(other.root),
        "GIT_CONFIG_KEY_1": "user.name",
        "GIT_CONFIG_VALUE_1": "Bia",
    }.items():
        monkeypatch.setenv(name, value)
    repo = Repository.discover(project.root)
    assert (repo.root, repo.common_dir) == (project.root, project.root / ".git")
    # Plain configuration given that way still counts.
    assert repo.git("config", "user.name") == b"Bia\n"


def test_identity_is_stable_and_differs_between_clones(project: Project, tmp_path: Path) -> None:
    key = project.repo.identity
    project.write("notes.txt", "more")
    project.commit("second")
    project.git("checkout", "--quiet", "--orphan", "pages")
    project.commit("another root")
    assert project.repo.identity == key
    git(tmp_path, "clone", "--quiet", str(project.root), "clone")
    assert Repository.discover(tmp_path / "clone").identity != key
    project.git("worktree", "add", "--quiet", str(tmp_path / "linked"), "main")
    assert Repository.discover(tmp_path / "linked").identity == key


def test_every_git_failure_is_raised_with_its_words(project: Project) -> None:
    with pytest.raises(gitcmd.GitError, match="git cat-file blob failed: fatal") as error:
        project.repo.git("cat-file", "blob", "HEAD")
    assert error.value.code == 128


def test_a_git_that_hangs_is_stopped(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = project.repo
    hanging = tmp_path / "bin" / "git"
    hanging.parent.mkdir()
    hanging.write_text("#!/bin/sh\nsleep 60\n")
    hanging.chmod(0o755)
    monkeypatch.setenv("PATH", f"{hanging.parent}:{os.environ['PATH']}")
    with pytest.raises(gitcmd.GitTimeout, match="no answer"):
        repo.git_result("status", timeout_s=0.2)
