"""One checked-out tree waits for the next run: exactly what a new one would be, or not used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from history_support import Project, assert_sound, commit_in, run_and_land

from sorte_cli.history import kept
from sorte_cli.history.cleaning import clean, survey
from sorte_cli.history.journal import Journal
from sorte_cli.history.kept import kept_tree
from sorte_cli.history.locking import RunLock
from sorte_cli.history.recovery import recover
from sorte_cli.history.transaction import Transaction

STEP: dict[str, bytes | None] = {"shop/pay.py": b"x = 1\n"}


def unit(project: Project) -> Path:
    return project.root / ".git/sorte/kept"


def tree_of(project: Project) -> Path:
    return unit(project) / project.root.name


def begin(project: Project, run: str) -> Transaction:
    return Transaction.begin(project.repo, run)


def used(project: Project, run: str = "run-1") -> Transaction:
    """A transaction that is open; the caller closes it."""
    transaction = begin(project, run)
    assert transaction.git_dir.name == f"sorte-{run}", "a new checkout"
    return transaction


def is_new(transaction: Transaction) -> bool:
    return not transaction.git_dir.name.startswith("sorte-")


def contents(root: Path) -> dict[str, tuple[int, bytes | str]]:
    return {
        path: ((root / path).lstat().st_mode, data) for path, data in Project(root).files().items()
    } | {
        f"{Path(folder, name).relative_to(root)}/": (0, "folder")
        for folder, names, _ in os.walk(root)
        for name in names
    }


def assert_like_new(project: Project, run: str = "run-9") -> None:
    """What the next run gets is what git would check out, in every byte, mode and folder."""
    other = project.root.parent / f"fresh-{run}"
    with RunLock(project.repo), begin(project, run) as transaction:
        seen = contents(transaction.root)
        project.git("worktree", "add", "--quiet", "--detach", str(other), "HEAD")
        assert seen == contents(other)
        assert Project(transaction.root).status() == ""
        assert Project(transaction.root).head() == project.head()
    project.git("worktree", "remove", "--force", str(other))
    assert_sound(project)


def test_the_next_run_writes_only_what_differs(project: Project, journal: Journal) -> None:
    run_and_land(project, journal, STEP)
    before = {p: (tree_of(project) / p).stat() for p in ("notes.txt", "tool.sh")}
    project.write("notes.txt", "committed by me\n")
    project.commit("mine")
    with RunLock(project.repo), used(project) as transaction:
        now = {p: (transaction.root / p).stat() for p in before}
        assert now["tool.sh"].st_ino == before["tool.sh"].st_ino
        assert now["tool.sh"].st_mtime_ns == before["tool.sh"].st_mtime_ns
        assert (transaction.root / "notes.txt").read_bytes() == b"committed by me\n"
    assert_like_new(project)


def test_between_runs_git_knows_no_worktree(project: Project, journal: Journal) -> None:
    run_and_land(project, journal, STEP)
    assert unit(project).is_dir()
    assert len(project.git("worktree", "list").splitlines()) == 1
    assert not (project.root / ".git/worktrees").exists()
    assert_sound(project)


def litter(root: Path) -> None:
    """Whatever tests may leave behind."""
    (root / "dropped.txt").write_text("untracked\n")
    (root / "app.log").write_text("ignored\n")
    (root / "build/deep").mkdir(parents=True)
    (root / "build/deep/out.o").write_text("ignored\n")
    (root / "shop/__pycache__").mkdir()
    (root / "empty/inside").mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet", str(root / "nested")], check=True)
    (root / "nested/file").write_text("1\n")
    (root / "dangling").symlink_to("nowhere")


def spoil(root: Path) -> None:
    """And what they may do to files that are there."""
    (root / "shop/pay.py").write_text("spoilt\n")
    (root / "tool.sh").chmod(0o600)
    (root / "notes.txt").unlink()
    (root / "notes.txt").symlink_to("/etc/hostname")
    (root / "shop/old.py").unlink()
    (root / "shop/old.py").mkdir()
    info = (root / ".gitignore").stat()
    (root / ".gitignore").write_bytes(b"x" * info.st_size)
    os.utime(root / ".gitignore", ns=(info.st_atime_ns, info.st_mtime_ns))


def test_what_tests_leave_behind_is_gone(project: Project) -> None:
    with RunLock(project.repo), begin(project, "run-1") as transaction:
        litter(transaction.root)
        spoil(transaction.root)
    assert not (tree_of(project) / "dropped.txt").exists()
    assert not (tree_of(project) / "build").exists()
    # And what is done to it while nobody looks.
    litter(tree_of(project))
    with RunLock(project.repo):
        used(project).close()
    assert_like_new(project)


def test_a_folder_that_became_a_link_is_not_followed(project: Project, tmp_path: Path) -> None:
    with RunLock(project.repo), begin(project, "run-1") as transaction:
        outside = tmp_path / "outside"
        (transaction.root / "shop").rename(outside)
        (outside / "mine.txt").write_text("mine\n")
        (transaction.root / "shop").symlink_to(outside)
    assert_like_new(project)
    assert (outside / "mine.txt").read_text() == "mine\n"


def test_a_git_pointer_that_was_replaced_is_not_believed(project: Project, tmp_path: Path) -> None:
    with RunLock(project.repo), begin(project, "run-1"):
        pass
    other = Project.make(tmp_path / "other")
    state = other.files(), other.head()
    (tree_of(project) / ".git").unlink()
    (other.root / ".git").rename(tmp_path / "moved")
    (tree_of(project) / ".git").symlink_to(tmp_path / "moved")
    with RunLock(project.repo):
        used(project).close()
    (tmp_path / "moved").rename(other.root / ".git")
    assert (other.files(), other.head()) == state
    assert_like_new(project)


@pytest.mark.parametrize("setting", ["core.autocrlf", "core.eol", "filter.rot.smudge"])
def test_with_other_settings_it_is_checked_out_anew(project: Project, setting: str) -> None:
    project.write(".gitattributes", "*.txt text\n*.rot filter=rot\n")
    project.write("word.rot", "hal\n")
    project.commit("attributes")
    value = {"core.autocrlf": "true", "core.eol": "crlf", "filter.rot.smudge": "tr a-z b-za"}
    with RunLock(project.repo):
        begin(project, "run-1").close()
        project.git("config", setting, value[setting])
        transaction = begin(project, "run-2")
        assert is_new(transaction)
        transaction.close()
        if setting.startswith("filter"):
            return  # without its other half git never finds such a tree clean
        used(project, "run-3").close()
        assert b"\r\n" in (tree_of(project) / "notes.txt").read_bytes()


@pytest.mark.parametrize("where", [".gitattributes", "shop/.gitattributes", ".git/info/attributes"])
def test_with_other_attributes_it_is_checked_out_anew(project: Project, where: str) -> None:
    with RunLock(project.repo):
        begin(project, "run-1").close()
        project.write(where, "* text eol=crlf\n")
        if not where.startswith(".git/"):
            project.git("add", where)
            project.git("commit", "--quiet", "-m", "attributes")
        transaction = begin(project, "run-2")
        assert is_new(transaction)
        assert (transaction.root / "shop/pay.py").read_bytes().endswith(b"\r\n")
        transaction.close()


def test_a_run_that_changes_attributes_leaves_no_tree(project: Project, journal: Journal) -> None:
    run_and_land(project, journal, {"shop/.gitattributes": b"*.py eol=crlf\n"})
    assert not unit(project).exists()
    assert_sound(project)


def test_after_a_restart_of_the_machine_it_is_checked_out_anew(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RunLock(project.repo):
        begin(project, "run-1").close()
        monkeypatch.setattr(kept, "boot_id", lambda: "another")
        transaction = begin(project, "run-2")
        assert is_new(transaction)
        transaction.close()


def test_on_another_branch_and_after_gc_it_is_exact(project: Project, journal: Journal) -> None:
    run_and_land(project, journal, STEP)
    project.git("switch", "--quiet", "--orphan", "other")
    for name in ("thing/deep.py", "notes.txt/now/a/folder.py"):
        project.write(name, "other\n")
    project.commit("other")
    project.git("branch", "-D", "main")
    project.git("update-ref", "-d", project.git("for-each-ref", "--format=%(refname)").split()[-1])
    project.git("reflog", "expire", "--expire=now", "--all")
    project.git("gc", "--prune=now", "--quiet")
    assert_like_new(project)


def test_submodules_have_empty_folders_again(project: Project, tmp_path: Path) -> None:
    lib = Project.make(tmp_path / "lib", {"lib.py": b"lib\n"})
    allow = ("-c", "protocol.file.allow=always")
    project.git(*allow, "submodule", "--quiet", "add", str(lib.root), "lib")
    project.commit("submodule")
    with RunLock(project.repo):
        begin(project, "run-1").close()
        (tree_of(project) / "lib/dropped.py").write_text("1\n")
        transaction = begin(project, "run-2")
        assert is_new(transaction)
        transaction.close()
    assert_like_new(project)


def test_a_sparse_checkout_that_has_changed(project: Project) -> None:
    project.write("big/data.txt", "much\n")
    project.commit("big")
    with RunLock(project.repo):
        begin(project, "run-1").close()
        project.git("sparse-checkout", "set", "shop")
        begin(project, "run-2").close()
        assert not (tree_of(project) / "big").exists()
        used(project, "run-3").close()
        project.git("sparse-checkout", "disable")
        transaction = begin(project, "run-4")
        assert (transaction.root / "big/data.txt").exists()
        transaction.close()


def test_two_at_a_time_and_one_is_kept(project: Project, journal: Journal) -> None:
    with RunLock(project.repo):
        begin(project, "run-1").close()
        one = used(project, "run-2")
        two = begin(project, "run-2-base")
        assert is_new(two)
        commit_in(one, STEP)
        two.close()
        one.close()
    assert_like_new(project)


def test_a_killed_run_leaves_its_tree_to_the_next(project: Project, journal: Journal) -> None:
    for run in ("run-1", "run-2"):  # once in a new tree, once in a kept one
        code = (
            "import os, sys; from pathlib import Path;"
            "from sorte_cli.history import Repository, RunLock, Transaction;"
            "repo = Repository.discover(Path(sys.argv[1])); RunLock(repo).__enter__();"
            f"t = Transaction.begin(repo, {run!r}); (t.root / 'left').write_text('x');"
            "(t.git_dir / 'index.lock').touch(); os.kill(os.getpid(), 9)"
        )
        subprocess.run([sys.executable, "-c", code, str(project.root)], check=False)
        with RunLock(project.repo):
            recover(project.repo, journal)
        assert_sound(project)
        assert unit(project).is_dir()
    assert_like_new(project)


def test_a_tree_that_is_not_whole_is_not_used(project: Project) -> None:
    with RunLock(project.repo):
        begin(project, "run-1").close()
        (unit(project) / ".sorte-note/index").write_bytes(b"nonsense")
        transaction = begin(project, "run-2")
        assert is_new(transaction)
        transaction.close()
        (unit(project) / ".sorte-ready").write_text("{")
        begin(project, "run-3").close()
    assert_like_new(project)


def test_nothing_is_kept_where_the_disk_is_nearly_full(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_FREE_SHARE", 1.1)
    with RunLock(project.repo):
        begin(project, "run-1").close()
    assert not unit(project).exists()
    assert_sound(project)


def test_clean_removes_it_once_it_is_old(project: Project, journal: Journal) -> None:
    run_and_land(project, journal, STEP)
    repo = project.repo
    found = kept_tree(repo)
    assert found is not None
    assert found.size_bytes > 0
    assert survey(repo, journal, branch_days=1, event_days=365).tree is None
    assert clean(repo, journal, branch_days=1, event_days=365).tree is None
    assert unit(project).is_dir()
    assert survey(repo, journal, branch_days=0, event_days=365).tree is not None
    assert clean(repo, journal, branch_days=0, event_days=365).tree is not None
    assert not unit(project).exists()
    assert_sound(project)
