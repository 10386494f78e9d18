"""Landing: all or nothing, only what the run changed, never over the user's own work."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from history_support import (
    Project,
    assert_sound,
    changes_for,
    commit_in,
    git,
    run_and_land,
)

from sorte_cli.domain import ChangeSet, FileChange
from sorte_cli.errors import EnvironmentFailure, NotLandedError, RefusedError
from sorte_cli.history import landing as landing_module
from sorte_cli.history import userindex
from sorte_cli.history.journal import Journal
from sorte_cli.history.landing import DirtyConflict, HeadMovedError
from sorte_cli.history.locking import RunLock
from sorte_cli.history.recovery import recover
from sorte_cli.history.repository import Repository
from sorte_cli.history.transaction import Transaction
from sorte_cli.history.uncommit import uncommit
from sorte_cli.history.undoing import undo

PAY = {"shop/pay.py": b"x = 1\n"}


@contextmanager
def ready(
    project: Project, journal: Journal, wanted: dict[str, bytes | None]
) -> Iterator[tuple[Transaction, str]]:
    """A transaction with one commit, about to land."""
    repo = project.repo
    with RunLock(repo):
        recover(repo, journal)
        run = journal.start_run(repo, "t", "apply", "").id
        with Transaction.begin(repo, run) as transaction:
            commit_in(transaction, wanted)
            yield transaction, run


def refuses(
    project: Project, journal: Journal, wanted: dict[str, bytes | None], *paths: str
) -> DirtyConflict:
    """Landing raises DirtyConflict about exactly `paths` and changes nothing."""
    with ready(project, journal, wanted) as (transaction, run):
        before = (project.files(), project.head(), project.status(), project.git("ls-files", "-s"))
        with pytest.raises(DirtyConflict) as error:
            transaction.land(journal, run)
    assert (
        project.files(),
        project.head(),
        project.status(),
        project.git("ls-files", "-s"),
    ) == before
    assert sorted(error.value.files) == sorted(paths)
    for path in paths:
        assert path in error.value.message
    assert error.value.exit_code == 4
    assert "Commit these files" in error.value.hint
    assert_sound(project)
    return error.value


def test_a_run_lands_and_the_index_is_clean(project: Project, journal: Journal) -> None:
    old = project.head()
    run, landing = run_and_land(
        project, journal, {**PAY, "shop/old.py": None, "a/b/c.py": b"1\n"}, {"d.py": b"2\n"}
    )
    assert (landing.old, landing.new) == (old, project.head())
    assert landing.paths == ("a/b/c.py", "d.py", "shop/old.py", "shop/pay.py")
    assert project.status() == ""
    # Plumbing does not refresh the index by itself: our entries carry their times already.
    assert project.git("diff-files") == ""
    record = journal.run(project.repo, run)
    assert (record.status, record.base, record.tip) == ("landed", old, landing.new)
    assert record.branch == "main"
    assert record.commits == tuple(project.git("rev-list", "--reverse", f"{old}..").split())
    assert project.git("reflog", "-1", "--format=%gs").strip() == f"sorte: {run}"
    assert_sound(project)


def test_only_touched_files_get_a_new_time(project: Project, journal: Journal) -> None:
    times = {p: (project.root / p).stat().st_mtime_ns for p in project.repo.paths()}
    run_and_land(project, journal, PAY)
    moved = {p for p, t in times.items() if (project.root / p).stat().st_mtime_ns != t}
    assert moved == {"shop/pay.py"}


def test_the_users_other_work_stays_byte_for_byte(project: Project, journal: Journal) -> None:
    project.write("notes.txt", b"edited\r\nby me")
    project.write("staged.py", b"staged")
    project.git("add", "staged.py")
    project.write("staged.py", b"staged and edited")
    project.git("rm", "--quiet", "--cached", "tool.sh")
    project.write("new.txt", b"untracked")
    project.write("app.log", b"ignored")
    status = project.status()
    files = project.files()
    run_and_land(project, journal, PAY)
    assert project.status() == status
    assert project.files() == {**files, **PAY}
    assert project.git("show", ":staged.py") == "staged"
    assert_sound(project)


def test_a_dirty_file_that_the_run_touches_stops_the_landing(
    project: Project, journal: Journal
) -> None:
    project.write("shop/pay.py", "mine")
    project.write("notes.txt", "mine, and not touched")
    refuses(project, journal, {**PAY, "d.py": b"1\n"}, "shop/pay.py")


def test_a_staged_file_stops_the_landing(project: Project, journal: Journal) -> None:
    project.write("shop/pay.py", "mine")
    project.git("add", "shop/pay.py")
    project.write("shop/pay.py", project.git("show", "HEAD:shop/pay.py"))
    conflict = refuses(project, journal, PAY, "shop/pay.py")
    assert "staged" in conflict.files["shop/pay.py"]


def test_a_file_that_the_user_deleted_stops_the_landing(project: Project, journal: Journal) -> None:
    (project.root / "shop/pay.py").unlink()
    refuses(project, journal, PAY, "shop/pay.py")
    project.git("checkout", "shop/pay.py")
    (project.root / "shop/old.py").unlink()
    refuses(project, journal, {"shop/old.py": None}, "shop/old.py")


@pytest.mark.parametrize("name", ["d.py", "trace.log"], ids=["untracked", "ignored"])
def test_a_file_in_the_way_of_a_new_one_stops_the_landing(
    project: Project, journal: Journal, name: str
) -> None:
    repo = project.repo
    with RunLock(repo):
        run = journal.start_run(repo, "t", "apply", "").id
        with Transaction.begin(repo, run) as transaction:
            changes = ChangeSet.of([FileChange(name, None, b"1\n")])
            (transaction.root / ".gitignore").write_bytes(b"")
            transaction.write(changes)
            transaction.commit(changes, "feat: x", {})
            project.write(name, b"1\n")
            with pytest.raises(DirtyConflict, match="exists and is not in the repository"):
                transaction.land(journal, run)
    assert (project.root / name).read_bytes() == b"1\n"
    assert_sound(project)


def test_a_dangling_link_in_the_way_stops_the_landing(project: Project, journal: Journal) -> None:
    (project.root / "d.py").symlink_to("nowhere")
    refuses(project, journal, {"d.py": b"1\n"}, "d.py")


def test_a_folder_in_the_way_stops_the_landing_unless_it_is_empty(
    project: Project, journal: Journal
) -> None:
    project.write("d.py/keep.txt", "mine")
    refuses(project, journal, {"d.py": b"1\n"}, "d.py")
    (project.root / "d.py/keep.txt").unlink()
    (project.root / "d.py/inner").mkdir()
    run_and_land(project, journal, {"d.py": b"1\n"})
    assert (project.root / "d.py").read_bytes() == b"1\n"


def test_a_file_or_link_where_a_folder_is_needed_stops_the_landing(
    project: Project, journal: Journal, tmp_path: Path
) -> None:
    project.write("pkg", "a file of mine")
    refuses(project, journal, {"pkg/new.py": b"1\n"}, "pkg/new.py")
    (project.root / "pkg").unlink()
    (tmp_path / "outside").mkdir()
    (project.root / "pkg").symlink_to(tmp_path / "outside")
    refuses(project, journal, {"pkg/new.py": b"1\n"}, "pkg/new.py")
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_tracked_folder_replaced_by_a_link_stops_the_landing(
    project: Project, journal: Journal, tmp_path: Path
) -> None:
    (project.root / "shop").rename(tmp_path / "moved")
    (project.root / "shop").symlink_to(tmp_path / "moved")
    refuses(project, journal, PAY, "shop/pay.py")
    assert (tmp_path / "moved/pay.py").read_bytes().startswith(b"def pay")


def test_a_repository_of_its_own_in_the_way_stops_the_landing(
    project: Project, journal: Journal
) -> None:
    git(project.root, "init", "--quiet", "vendored")
    refuses(project, journal, {"vendored/new.py": b"1\n"}, "vendored/new.py")


def test_edits_hidden_by_index_flags_stop_the_landing(project: Project, journal: Journal) -> None:
    project.git("update-index", "--assume-unchanged", "shop/pay.py")
    project.git("update-index", "--skip-worktree", "shop/old.py")
    project.write("shop/pay.py", "hidden")
    project.write("shop/old.py", "hidden")
    refuses(project, journal, {**PAY, "shop/old.py": b"y\n"}, "shop/pay.py", "shop/old.py")


def test_index_flags_survive_a_landing(project: Project, journal: Journal) -> None:
    project.git("update-index", "--assume-unchanged", "shop/pay.py")
    project.git("update-index", "--skip-worktree", "shop/old.py")
    run_and_land(project, journal, {**PAY, "shop/old.py": b"y\n"})
    flags = project.git("ls-files", "-v")
    assert "h shop/pay.py" in flags
    assert "S shop/old.py" in flags


def test_an_edit_of_the_same_size_and_time_is_seen(project: Project, journal: Journal) -> None:
    path = project.root / "shop/old.py"
    stat = path.stat()
    path.write_bytes(b"OLD = 2\n")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    refuses(project, journal, {"shop/old.py": b"OLD = 3\n"}, "shop/old.py")


def test_an_edit_of_another_file_as_young_as_the_index_stays_visible(
    project: Project, journal: Journal
) -> None:
    # git trusts a file's time only when it is older than the index: a landing must not make the
    # index look younger than it is.
    for number in range(5):
        project.write("notes.txt", f"v{number}\n")
        project.git("add", "notes.txt")
        project.write("notes.txt", f"w{number}\n")
        run_and_land(project, journal, {"shop/pay.py": f"x = {number}\n".encode()})
        assert project.status() == "MM notes.txt\n"


def test_head_moved_meanwhile_is_said_and_a_rebase_lands(
    project: Project, journal: Journal
) -> None:
    with ready(project, journal, PAY) as (transaction, run):
        project.write("notes.txt", "more\n")
        head = project.commit("by the user")
        with pytest.raises(HeadMovedError, match="main has moved"):
            transaction.land(journal, run)
        assert transaction.rebase_onto_head()
        assert transaction.land(journal, run).old == head
    assert project.status() == ""
    assert (project.root / "notes.txt").read_bytes() == b"more\n"
    assert_sound(project)


def test_a_branch_switched_meanwhile_is_refused(project: Project, journal: Journal) -> None:
    with ready(project, journal, PAY) as (transaction, run):
        project.git("switch", "--quiet", "-c", "other")
        with pytest.raises(RefusedError, match="current branch is other") as error:
            transaction.land(journal, run)
    assert "git switch main" in error.value.hint


def test_a_merge_begun_meanwhile_is_refused(project: Project, journal: Journal) -> None:
    with ready(project, journal, PAY) as (transaction, run):
        project.write(".git/MERGE_HEAD", project.head())
        with pytest.raises(RefusedError, match="merge is in progress"):
            transaction.land(journal, run)


def test_a_branch_checked_out_twice_is_refused(
    project: Project, journal: Journal, tmp_path: Path
) -> None:
    project.git("worktree", "add", "--quiet", "--force", str(tmp_path / "twin"), "main")
    with (
        ready(project, journal, PAY) as (transaction, run),
        pytest.raises(RefusedError, match="more than one working tree"),
    ):
        transaction.land(journal, run)


def test_nothing_to_land_is_said(project: Project, journal: Journal) -> None:
    repo = project.repo
    with (
        RunLock(repo),
        Transaction.begin(repo, "run-1") as transaction,
        pytest.raises(NotLandedError, match="nothing to land"),
    ):
        transaction.land(journal, "run-1")


def test_another_gits_lock_is_respected(
    project: Project, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(userindex, "PATIENCE_S", 0.1)
    lock = project.write(".git/index.lock", b"another git")
    before = project.files()
    with ready(project, journal, PAY) as (transaction, run):
        with pytest.raises(RefusedError, match=r"index\.lock exists"):
            transaction.land(journal, run)
        assert lock.read_bytes() == b"another git"
        assert project.files() == before
        lock.unlink()
        transaction.land(journal, run)
    assert_sound(project)


def test_a_hook_that_vetoes_the_move_leaves_everything_as_it_was(
    project: Project, journal: Journal
) -> None:
    before = project.files()
    with ready(project, journal, {**PAY, "a/b.py": b"1\n"}) as (transaction, run):
        hook = project.write(
            ".git/hooks/reference-transaction",
            '#!/bin/sh\nif [ "$1" = prepared ] && grep -q refs/heads/main; then exit 1; fi\n',
        )
        hook.chmod(0o755)
        with pytest.raises(NotLandedError, match="git did not move main"):
            transaction.land(journal, run)
    assert project.files() == before
    assert project.status() == ""
    assert_sound(project)


@pytest.mark.parametrize("path", ["shop/pay.py", "shop/old.py", "d.py"])
def test_a_file_saved_during_the_landing_is_the_users(
    project: Project, journal: Journal, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    real = landing_module.index_lock

    @contextmanager
    def edited_in_between(repo: Repository) -> Iterator[None]:
        project.write(path, "saved just now")
        with real(repo):
            yield

    with ready(project, journal, {**PAY, "shop/old.py": None, "d.py": b"1\n"}) as (txn, run):
        monkeypatch.setattr(landing_module, "index_lock", edited_in_between)
        before = project.files()
        with pytest.raises(DirtyConflict, match="just now"):
            txn.land(journal, run)
    assert project.files() == {**before, path: b"saved just now"}
    assert_sound(project)


def test_a_file_staged_during_the_landing_is_the_users(
    project: Project, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = landing_module.index_lock

    @contextmanager
    def staged_in_between(repo: Repository) -> Iterator[None]:
        old = (project.root / "shop/pay.py").read_bytes()
        project.write("shop/pay.py", "staged just now")
        project.git("add", "shop/pay.py")
        project.write("shop/pay.py", old)
        with real(repo):
            yield

    with ready(project, journal, PAY) as (transaction, run):
        monkeypatch.setattr(landing_module, "index_lock", staged_in_between)
        with pytest.raises(DirtyConflict, match="staged just now"):
            transaction.land(journal, run)
    assert project.git("show", ":shop/pay.py") == "staged just now"
    assert_sound(project)


@pytest.mark.parametrize("path", ["shop/pay.py", "d.py"])
def test_a_file_saved_at_the_very_last_moment_is_the_users(
    project: Project, journal: Journal, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    real = os.fsync

    def slow(fd: int) -> None:
        # While our temporary file goes to the disk, the user's editor saves.
        if Path(f"/proc/self/fd/{fd}").readlink().suffix == ".tmp":
            project.write(path, "saved just now")
        real(fd)

    with ready(project, journal, {path: b"1\n"}) as (transaction, run):
        monkeypatch.setattr(os, "fsync", slow)
        with pytest.raises(DirtyConflict, match="just now"):
            transaction.land(journal, run)
    assert (project.root / path).read_text() == "saved just now"
    assert_sound(project)


def test_a_full_disk_while_landing_leaves_everything_as_it_was(
    project: Project, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.replace
    calls = []

    def full(*args: object, **options: object) -> None:
        calls.append(args)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        real(*args, **options)  # type: ignore[arg-type]

    before = project.files()
    step: dict[str, bytes | None] = {**PAY, "notes.txt": b"2\n", "b/c.py": b"2\n"}
    with ready(project, journal, step) as (transaction, run):
        monkeypatch.setattr(os, "replace", full)
        with pytest.raises(EnvironmentFailure, match="No space left") as error:
            transaction.land(journal, run)
    assert "as they were" in error.value.hint
    assert len(calls) >= 2
    assert project.files() == before
    assert not (project.root / "b").exists()
    assert project.status() == ""
    assert_sound(project)


def test_permissions_of_the_user_are_kept(project: Project, journal: Journal) -> None:
    (project.root / "shop/pay.py").chmod(0o640)
    repo = project.repo
    with RunLock(repo):
        run = journal.start_run(repo, "t", "apply", "").id
        with Transaction.begin(repo, run) as transaction:
            old = (transaction.root / "shop/pay.py").read_bytes()
            changes = ChangeSet.of([FileChange("shop/pay.py", old, b"x\n", executable=True)])
            transaction.write(changes)
            transaction.commit(changes, "feat: x", {})
            transaction.land(journal, run)
    assert (project.root / "shop/pay.py").stat().st_mode & 0o777 == 0o750


def test_objects_survive_gc_after_the_branch_was_reset(project: Project, journal: Journal) -> None:
    run, landing = run_and_land(project, journal, PAY)
    project.git("reset", "--hard", "--quiet", landing.old)
    project.git("reflog", "expire", "--expire=now", "--all")
    project.git("gc", "--prune=now", "--quiet")
    assert project.git("cat-file", "-t", landing.new) == "commit\n"
    assert project.git("rev-parse", f"refs/sorte/runs/{run}").strip() == landing.new


def test_gc_during_a_run_loses_nothing(project: Project, journal: Journal) -> None:
    with ready(project, journal, PAY) as (transaction, run):
        project.git("reflog", "expire", "--expire=now", "--all")
        project.git("gc", "--prune=now", "--quiet")
        project.git("worktree", "prune")
        changes = changes_for(transaction.root, {"more.py": b"1\n"})
        transaction.write(changes)
        transaction.commit(changes, "feat: more", {})
        project.git("gc", "--prune=now", "--quiet")
        transaction.land(journal, run)
    assert project.status() == ""
    assert_sound(project)


def test_ctrl_c_during_the_landing_waits_until_it_is_over(
    project: Project, journal: Journal
) -> None:
    script = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from history_support import Project, run_and_land
from sorte_cli.history import Journal, landing
real = landing.update_index
def interrupted(*args):
    os.kill(os.getpid(), signal.SIGINT)
    return real(*args)
landing.update_index = interrupted
with Journal.open() as journal:
    try:
        run_and_land(Project(Path(sys.argv[1])), journal, {"shop/pay.py": b"x = 1\\n"})
    except KeyboardInterrupt:
        print("interrupted")
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(project.root), str(Path(__file__).parent)],
        capture_output=True,
        check=False,
    )
    assert done.stdout == b"interrupted\n", done.stderr
    assert (project.root / "shop/pay.py").read_bytes() == b"x = 1\n"
    assert journal.runs(project.repo)[0].status == "landed"
    assert project.status() == ""
    with RunLock(project.repo):
        recover(project.repo, journal)
    assert_sound(project)


def test_a_landed_change_can_stay_in_the_tree_without_its_commit(
    project: Project, journal: Journal
) -> None:
    project.write("notes.txt", "mine")
    old = project.head()
    repo = project.repo
    with ready(project, journal, {**PAY, "shop/old.py": None, "a/b.py": b"1\n"}) as (txn, run):
        landing = txn.land(journal, run)
        files = project.files()
        uncommit(repo, journal, run, landing)
    assert project.head() == old
    assert project.files() == files
    assert project.status() == " M notes.txt\n D shop/old.py\n M shop/pay.py\n?? a/b.py\n"
    assert journal.run(repo, run).status == "applied"
    assert_sound(project)
    with pytest.raises(NotLandedError, match="nothing to undo"):
        undo(repo, journal)
