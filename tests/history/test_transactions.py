"""A run works in a tree of its own, commits as the user would, and leaves no trace when dropped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from history_support import Project, assert_sound, changes_for, commit_in, git

from sorte_cli.domain import ChangeSet, FileChange
from sorte_cli.errors import EnvironmentFailure, NotLandedError, RefusedError
from sorte_cli.history.commits import HookFailedError
from sorte_cli.history.repository import GitError, list_paths
from sorte_cli.history.transaction import Transaction


def hook(project: Project, name: str, script: str) -> Path:
    path = project.write(f".git/hooks/{name}", f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def transaction(project: Project) -> Transaction:
    return Transaction.begin(project.repo, "run-1")


def test_the_users_files_are_not_touched_before_landing(
    project: Project, transaction: Transaction
) -> None:
    project.write("notes.txt", "mine")
    before = project.files()
    assert (transaction.root / "notes.txt").read_bytes() == b"notes\n"
    assert transaction.root.name == project.root.name
    commit_in(transaction, {"shop/pay.py": b"x = 1\n"})
    transaction.close()
    assert project.files() == before
    assert_sound(project)


def test_a_fresh_tree_is_listed_as_one_that_was_looked_at(
    project: Project, transaction: Transaction
) -> None:
    project.write("untracked.txt", "mine")
    fresh = transaction.paths()
    assert fresh == transaction.paths() == list_paths(project.repo, transaction.root)
    assert "notes.txt" in fresh
    assert "untracked.txt" not in fresh


def test_what_was_written_and_left_is_listed(transaction: Transaction) -> None:
    changes = {"shop/new.py": b"x = 1\n", "shop/old.py": None}
    commit_in(transaction, changes)
    (transaction.root / "left.txt").write_text("by a test")
    (transaction.root / "notes.txt").unlink()
    found = transaction.paths()
    assert {"shop/new.py", "left.txt"} <= {*found}
    assert not {"shop/old.py", "notes.txt"} & {*found}


def test_a_file_that_changes_right_after_the_checkout_is_seen_to_have_changed(
    transaction: Transaction,
) -> None:
    # Of the same size and in the same second: git must compare the bytes.
    transaction.write(ChangeSet.of([FileChange("shop/new.py", None, b"x = 1\n")]))
    (transaction.root / "notes.txt").write_bytes(b"NOTES\n")
    assert git(transaction.root, "diff", "--name-only").split() == ["notes.txt"]


def test_no_hook_runs_for_our_own_checkout(project: Project) -> None:
    hook(project, "post-checkout", "touch $GIT_DIR/ran; touch ran-here")
    with Transaction.begin(project.repo, "run-1") as transaction:
        transaction.restore()
        assert not (transaction.root / "ran-here").exists()


def test_a_commit_holds_only_its_paths_and_carries_its_trailers(
    project: Project, transaction: Transaction
) -> None:
    (transaction.root / "stray.txt").write_text("left by a test")
    (transaction.root / "notes.txt").write_text("changed by a test")
    commit = commit_in(
        transaction,
        {"shop/pay.py": b"x = 1\n", "shop/old.py": None, "a/b.py": b"1\n"},
        "feat: pix\n\nWhy.\n# not a comment",
    )
    assert transaction.tip == commit
    names = git(transaction.root, "show", "--format=", "--name-only", commit).split()
    assert names == ["a/b.py", "shop/old.py", "shop/pay.py"]
    message = git(transaction.root, "show", "-s", "--format=%B", commit)
    assert message.strip() == "feat: pix\n\nWhy.\n# not a comment\n\nSorte-Run: run-1"
    assert git(transaction.root, "show", "-s", "--format=%(trailers:only)", commit).strip() == (
        "Sorte-Run: run-1"
    )


def test_restore_throws_away_all_since_the_last_commit_but_ignored_files(
    transaction: Transaction,
) -> None:
    commit_in(transaction, {"shop/pay.py": b"x = 1\n"})
    root = transaction.root
    (root / "build" / "venv").mkdir(parents=True)
    (root / "build" / "venv" / "python").write_text("a mount")
    (root / "shop/pay.py").write_text("broken")
    (root / "shop/old.py").unlink()
    (root / "new").mkdir()
    (root / "new" / "file.py").write_text("1")
    git(root, "init", "--quiet", "nested")
    git(root, "add", "new/file.py")
    transaction.restore()
    assert (root / "shop/pay.py").read_bytes() == b"x = 1\n"
    assert (root / "shop/old.py").exists()
    assert (root / "build/venv/python").exists()
    assert git(root, "status", "--porcelain") == ""


def test_restore_gets_past_the_lock_of_a_killed_git(transaction: Transaction) -> None:
    (transaction.git_dir / "index.lock").write_text("")
    transaction.restore()


def test_the_change_set_of_the_whole_run_is_told(transaction: Transaction) -> None:
    commit_in(transaction, {"shop/pay.py": b"x = 1\n", "tmp.py": b"1\n"})
    commit_in(transaction, {"shop/old.py": None, "tmp.py": None, "new.py": b"2\r\n"})
    changes = {c.path: (c.before, c.after) for c in transaction.changes().changes}
    assert changes == {
        "shop/pay.py": (b"def pay(amount):\n    return amount\n", b"x = 1\n"),
        "shop/old.py": (b"OLD = 1\n", None),
        "new.py": (None, b"2\r\n"),
    }


def test_executable_bits_are_kept_set_and_taken(transaction: Transaction) -> None:
    commit_in(transaction, {"tool.sh": b"#!/bin/sh\necho new\n"})
    changes = ChangeSet.of(
        [
            FileChange("new.sh", None, b"#!/bin/sh\n", executable=True),
            FileChange("notes.txt", b"notes\n", b"notes\n", executable=True),
        ]
    )
    transaction.write(changes)
    transaction.commit(changes, "feat: bits", {})
    stage = git(transaction.root, "ls-files", "--stage")
    for name in ("tool.sh", "new.sh", "notes.txt"):
        assert os.access(transaction.root / name, os.X_OK)
        assert any(r.startswith("100755") and r.endswith(name) for r in stage.splitlines())
    told = {c.path: c.executable for c in transaction.changes().changes}
    assert told == {"tool.sh": None, "new.sh": True, "notes.txt": True}
    back = ChangeSet.of([FileChange("notes.txt", b"notes\n", b"notes\n", executable=False)])
    transaction.write(back)
    transaction.commit(back, "feat: bit off", {})
    assert not os.access(transaction.root / "notes.txt", os.X_OK)


@pytest.mark.parametrize(
    "path", ["../out.py", "/etc/x", "a/../../b", ".git/config", "a/.GIT/x", "", "a//b", "./a"]
)
def test_paths_outside_or_inside_dot_git_are_refused(transaction: Transaction, path: str) -> None:
    with pytest.raises(RefusedError):
        transaction.write(ChangeSet((FileChange(path, None, b"x"),)))


def test_a_symlink_is_neither_replaced_nor_followed(project: Project, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (project.root / "link.py").symlink_to("shop/pay.py")
    (project.root / "way").symlink_to(tmp_path / "outside")
    project.commit("links")
    with Transaction.begin(project.repo, "run-1") as transaction:
        with pytest.raises(RefusedError, match="symbolic link"):
            transaction.write(changes_for(transaction.root, {"link.py": b"x"}))
        with pytest.raises(RefusedError, match="way is not a folder"):
            transaction.write(ChangeSet((FileChange("way/new.py", None, b"x"),)))
    assert list((tmp_path / "outside").iterdir()) == []


def test_nothing_is_written_when_one_change_does_not_fit(transaction: Transaction) -> None:
    changes = ChangeSet(
        (FileChange("a.py", None, b"1"), FileChange("notes.txt", b"not this", b"2"))
    )
    with pytest.raises(RefusedError, match=r"notes\.txt is not what"):
        transaction.write(changes)
    assert not (transaction.root / "a.py").exists()


def test_a_new_file_that_git_ignores_is_refused(transaction: Transaction) -> None:
    with pytest.raises(RefusedError, match=r"build/x\.py is ignored"):
        transaction.write(ChangeSet((FileChange("build/x.py", None, b"1"),)))


def test_a_file_may_become_a_folder_and_back(transaction: Transaction) -> None:
    changes = ChangeSet.of(
        [
            FileChange("notes.txt", b"notes\n", None),
            FileChange("notes.txt/today.md", None, b"1\n"),
        ]
    )
    transaction.write(changes)
    transaction.commit(changes, "feat: folder", {})
    back = ChangeSet.of(
        [
            FileChange("notes.txt", None, b"again\n"),
            FileChange("notes.txt/today.md", b"1\n", None),
        ]
    )
    transaction.write(back)
    transaction.commit(back, "feat: file", {})
    assert transaction.changes().paths == ("notes.txt",)


def test_a_commit_without_any_difference_is_said(transaction: Transaction) -> None:
    with pytest.raises(NotLandedError, match="no difference"):
        transaction.commit(
            ChangeSet((FileChange("notes.txt", b"x", b"notes\n"),)), "feat: nothing", {}
        )


def test_a_failing_hook_stops_the_commit_and_its_words_are_told(
    project: Project, transaction: Transaction
) -> None:
    hook(project, "pre-commit", "echo to stdout; echo no tabs please >&2; exit 1")
    with pytest.raises(HookFailedError) as error:
        commit_in(transaction, {"shop/pay.py": b"x = 1\n"})
    assert "no tabs please" in error.value.output
    assert "to stdout" in error.value.output
    assert error.value.exit_code == 1
    assert git(transaction.root, "rev-parse", "HEAD").strip() == transaction.base


def test_a_commit_msg_hook_sees_and_changes_the_message(
    project: Project, transaction: Transaction
) -> None:
    hook(project, "commit-msg", 'grep -q "^feat: " "$1" && echo "Checked: yes" >> "$1"')
    commit = commit_in(transaction, {"shop/pay.py": b"x = 1\n"})
    assert "Checked: yes" in git(transaction.root, "show", "-s", "--format=%B", commit)
    with pytest.raises(HookFailedError):
        commit_in(transaction, {"shop/pay.py": b"x = 2\n"}, "nonsense")


@pytest.mark.parametrize(
    "script",
    [
        "sed -i 's/ *$//' shop/pay.py && git add shop/pay.py",
        "sed -i 's/ *$//' shop/pay.py",
        "grep -q ' $' shop/pay.py && { sed -i 's/ *$//' shop/pay.py; exit 1; }; exit 0",
    ],
    ids=["stages its changes", "leaves them unstaged", "changes and fails (pre-commit)"],
)
def test_a_formatting_hook_has_its_way(
    project: Project, transaction: Transaction, script: str
) -> None:
    hook(project, "pre-commit", script)
    commit_in(transaction, {"shop/pay.py": b"x = 1   \n"})
    assert git(transaction.root, "show", "HEAD:shop/pay.py") == "x = 1\n"
    assert git(transaction.root, "status", "--porcelain") == ""
    assert git(transaction.root, "rev-list", "--count", f"{transaction.base}..HEAD") == "1\n"


def test_a_hook_that_never_comes_to_rest_is_stopped(
    project: Project, transaction: Transaction
) -> None:
    hook(project, "pre-commit", "echo '# more' >> shop/pay.py")
    with pytest.raises(HookFailedError, match="do not come to rest"):
        commit_in(transaction, {"shop/pay.py": b"x = 1\n"})


def test_a_hanging_hook_is_stopped(
    project: Project, transaction: Transaction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sorte_cli.history.commits.HOOK_TIMEOUT_S", 0.5)
    hook(project, "pre-commit", "sleep 60")
    with pytest.raises(HookFailedError, match="did not end within"):
        commit_in(transaction, {"shop/pay.py": b"x = 1\n"})
    transaction.restore()


@pytest.mark.parametrize("committed", [True, False])
def test_core_hookspath_is_honoured_also_where_its_folder_is_not_committed(
    project: Project, committed: bool
) -> None:
    script = project.write("hooks.d/pre-commit", "#!/bin/sh\necho from hooks.d >&2; exit 1\n")
    script.chmod(0o755)
    if committed:
        project.commit("hooks")
    else:
        project.write(".git/info/exclude", "hooks.d\n")
    project.git("config", "core.hooksPath", "hooks.d")
    with (
        Transaction.begin(project.repo, "run-1") as transaction,
        pytest.raises(HookFailedError, match=r"from hooks\.d"),
    ):
        commit_in(transaction, {"shop/pay.py": b"x = 1\n"})


@pytest.mark.parametrize("mount_point", [False, True])
def test_hooks_find_the_users_installed_dependencies(project: Project, mount_point: bool) -> None:
    tool = project.write("web/node_modules/.bin/lint", "#!/bin/sh\necho linted >> web/log.txt\n")
    tool.chmod(0o755)
    project.write("web/app.js", "1\n")
    project.write(".gitignore", "node_modules/\n*.log\n")
    project.commit("web")
    hook(project, "pre-commit", "web/node_modules/.bin/lint && git add -A")
    with Transaction.begin(project.repo, "run-1") as transaction:
        place = transaction.root / "web" / "node_modules"
        if mount_point:
            place.mkdir()
        commit = commit_in(transaction, {"web/app.js": b"2\n"})
        names = git(transaction.root, "show", "--format=", "--name-only", commit).split()
        assert names == ["web/app.js", "web/log.txt"]
        assert not place.is_symlink()
        assert place.is_dir() == mount_point
    assert tool.exists()
    assert_sound(project)


def test_an_unknown_committer_is_said_before_any_work(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME"):
        monkeypatch.delenv(name)
    monkeypatch.delenv("GIT_COMMITTER_EMAIL")
    project.git("config", "user.useConfigOnly", "true")
    with pytest.raises(EnvironmentFailure, match="who you are") as error:
        Transaction.begin(project.repo, "run-1")
    assert "git config --global user.email" in error.value.hint
    assert not (project.root / ".git/sorte/run-1").exists()


def test_a_failing_signature_is_said(project: Project, transaction: Transaction) -> None:
    project.git("config", "commit.gpgsign", "true")
    project.git("config", "gpg.program", "false")
    with pytest.raises(EnvironmentFailure, match="could not be signed") as error:
        commit_in(transaction, {"shop/pay.py": b"x = 1\n"})
    assert "commit.gpgsign" in error.value.hint


def test_commits_are_signed_where_the_repository_wants_it(
    project: Project, transaction: Transaction, tmp_path: Path
) -> None:
    signer = tmp_path / "signer"
    signer.write_text(
        "#!/bin/sh\ncat > /dev/null\n"
        'echo "[GNUPG:] SIG_CREATED D 1 8 00 1 X" >&2\n'
        "printf -- '-----BEGIN PGP SIGNATURE-----\\n\\nabc\\n-----END PGP SIGNATURE-----\\n'\n"
    )
    signer.chmod(0o755)
    project.git("config", "commit.gpgsign", "true")
    project.git("config", "gpg.program", str(signer))
    commit = commit_in(transaction, {"shop/pay.py": b"x = 1\n"})
    assert "BEGIN PGP SIGNATURE" in git(transaction.root, "cat-file", "commit", commit)


def test_a_dropped_run_can_be_kept_as_a_branch(project: Project, transaction: Transaction) -> None:
    commit = commit_in(transaction, {"shop/pay.py": b"x = 1\n"})
    assert transaction.abandon(keep_branch=True) == "sorte/run-1"
    project.git("reflog", "expire", "--expire=now", "--all")
    project.git("gc", "--prune=now", "--quiet")
    assert project.git("show", f"{commit}:shop/pay.py") == "x = 1\n"
    assert project.git("rev-parse", "sorte/run-1").strip() == commit
    assert_sound(project)


def test_nothing_to_keep_makes_no_branch(project: Project, transaction: Transaction) -> None:
    assert transaction.abandon(keep_branch=True) is None
    assert project.git("branch", "--list", "sorte/*") == ""


def test_unreadable_folders_left_by_tests_are_removed(
    project: Project, transaction: Transaction
) -> None:
    inner = transaction.root / "locked" / "inner"
    inner.mkdir(parents=True)
    (inner / "file").write_text("x")
    inner.chmod(0)
    inner.parent.chmod(0o500)
    transaction.close()
    assert_sound(project)


def test_a_failed_checkout_leaves_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = project.repo
    blob = project.git("rev-parse", "HEAD:shop/pay.py").strip()
    (project.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(GitError, match="unable to read"):
        Transaction.begin(repo, "run-1")
    assert not (project.root / ".git/worktrees").exists()
    assert not (project.root / ".git/sorte/run-1").exists()


class TestRebase:
    """HEAD may move while a run works."""

    def test_commits_are_replayed_on_the_new_head(
        self, project: Project, transaction: Transaction
    ) -> None:
        commit_in(transaction, {"shop/pay.py": b"x = 1\n"})
        commit_in(transaction, {"new.py": b"1\n"})
        project.write("notes.txt", "more\n")
        head = project.commit("by the user")
        assert transaction.rebase_onto_head()
        assert transaction.base == head
        assert git(transaction.root, "rev-list", "--count", f"{head}..{transaction.tip}") == "2\n"
        assert (transaction.root / "notes.txt").read_bytes() == b"more\n"
        assert transaction.changes().paths == ("new.py", "shop/pay.py")
        messages = git(transaction.root, "log", "-2", "--format=%(trailers:only)")
        assert messages.count("Sorte-Run: run-1") == 2

    def test_a_conflict_changes_nothing(self, project: Project, transaction: Transaction) -> None:
        commit_in(transaction, {"shop/pay.py": b"x = 1\n"})
        base, tip = transaction.base, transaction.tip
        project.write("shop/pay.py", "another\n")
        project.commit("by the user")
        assert not transaction.rebase_onto_head()
        assert (transaction.base, transaction.tip) == (base, tip)
        assert git(transaction.root, "status", "--porcelain") == ""
        assert git(transaction.root, "rev-parse", "HEAD").strip() == tip
        assert transaction.abandon(keep_branch=True) == "sorte/run-1"

    def test_nothing_to_do_when_head_stands_still(self, transaction: Transaction) -> None:
        assert transaction.rebase_onto_head()

    def test_another_branch_is_refused(self, project: Project, transaction: Transaction) -> None:
        project.git("switch", "--quiet", "-c", "other")
        with pytest.raises(RefusedError, match="switched"):
            transaction.rebase_onto_head()
