"""Undo and redo bring back exact bytes, and become commits where the branch cannot simply move."""

from __future__ import annotations

from pathlib import Path

import pytest
from history_support import Project, assert_sound, git, run_and_land

from sorte_cli.errors import NotLandedError, RefusedError, UsageError
from sorte_cli.history.commits import HookFailedError
from sorte_cli.history.journal import Journal
from sorte_cli.history.landing import DirtyConflict
from sorte_cli.history.locking import RunLock
from sorte_cli.history.undoing import redo, undo

STEPS = (
    {"shop/pay.py": b"def pay(x):\n    return x\n", "shop/old.py": None},
    {"docs/a/new.md": b"hi\n"},
)


def land(project: Project, journal: Journal, **files: bytes | None) -> str:
    wanted = {name.replace("__", "."): data for name, data in files.items()}
    return run_and_land(project, journal, wanted)[0]


def state(project: Project) -> tuple[object, ...]:
    return (
        project.files(),
        project.head(),
        project.status(),
        project.git("ls-files", "--stage"),
        project.git("for-each-ref", "refs/heads"),
    )


def test_undo_and_redo_move_the_branch_and_restore_created_and_deleted_files(
    project: Project, journal: Journal
) -> None:
    project.write("notes.txt", b"mine\n")
    project.write("app.log", b"ignored")
    before, first = project.files(), project.head()
    run, landing = run_and_land(project, journal, *STEPS)
    after = project.files()

    result = undo(project.repo, journal)
    assert (result.run, result.how, result.commit) == (run, "moved back", first)
    assert result.paths == ("docs/a/new.md", "shop/old.py", "shop/pay.py")
    assert (project.files(), project.head()) == (before, first)
    assert not (project.root / "docs").exists()
    assert journal.run(project.repo, run).status == "undone"
    assert project.git("reflog", "-1", "--format=%gs").startswith("sorte: ")

    assert redo(project.repo, journal).how == "moved forward"
    assert (project.files(), project.head()) == (after, landing.new)
    assert project.status() == " M notes.txt\n"
    assert journal.run(project.repo, run).status == "landed"
    assert [r.kind for r in journal.runs(project.repo)] == ["redo", "undo", "apply"]
    assert_sound(project)


def test_it_works_after_a_restart_with_a_garbage_collection_between(
    project: Project,
) -> None:
    before = project.files()
    with Journal.open() as journal:
        _, landing = run_and_land(project, journal, *STEPS)
    after = project.files()
    with Journal.open() as journal:
        undo(project.repo, journal)
    assert project.files() == before
    project.git("reflog", "expire", "--expire=now", "--all")
    project.git("gc", "--prune=now", "--quiet")
    with Journal.open() as journal:
        redo(project.repo, journal)
    assert (project.files(), project.head()) == (after, landing.new)


def test_untouched_files_keep_their_times_and_modes_come_back(
    project: Project, journal: Journal
) -> None:
    (project.root / "shop/old.py").chmod(0o600)
    (project.root / "shop/pay.py").chmod(0o640)
    times = {p: (project.root / p).stat().st_mtime_ns for p in project.repo.paths()}
    run_and_land(project, journal, *STEPS)
    undo(project.repo, journal)
    moved = {p for p, t in times.items() if (project.root / p).stat().st_mtime_ns != t}
    assert moved == {"shop/pay.py", "shop/old.py"}
    assert (project.root / "shop/old.py").stat().st_mode & 0o777 == 0o600
    assert (project.root / "shop/pay.py").stat().st_mode & 0o777 == 0o640


def test_runs_are_undone_and_redone_one_after_the_other(project: Project, journal: Journal) -> None:
    states = [state(project)[0]]
    for number in range(3):
        land(project, journal, a__py=f"{number}\n".encode())
        states.append(state(project)[0])
    for expected in (states[2], states[1], states[0]):
        undo(project.repo, journal)
        assert project.files() == expected
    with pytest.raises(NotLandedError, match="nothing to undo on main"):
        undo(project.repo, journal)
    for expected in states[1:]:
        redo(project.repo, journal)
        assert project.files() == expected
    with pytest.raises(NotLandedError, match="nothing to redo"):
        redo(project.repo, journal)
    assert_sound(project)


def test_a_dirty_file_that_undo_would_touch_stops_it(project: Project, journal: Journal) -> None:
    run_and_land(project, journal, *STEPS)
    project.write("docs/a/new.md", "edited on top\n")
    before = state(project)
    for dry_run in (True, False):
        with pytest.raises(DirtyConflict, match=r"docs/a/new\.md") as error:
            undo(project.repo, journal, dry_run=dry_run)
        assert "Commit these files" in error.value.hint
        assert state(project) == before
    assert journal.runs(project.repo)[0].status == "refused"
    project.git("checkout", "docs/a/new.md")
    assert undo(project.repo, journal).how == "moved back"


def test_a_file_made_again_where_undo_would_restore_one_stops_it(
    project: Project, journal: Journal
) -> None:
    run_and_land(project, journal, *STEPS)
    project.write("shop/old.py", "made again by me\n")
    with pytest.raises(DirtyConflict, match=r"shop/old\.py"):
        undo(project.repo, journal)
    assert (project.root / "shop/old.py").read_text() == "made again by me\n"


def test_a_run_below_other_commits_is_reverted_by_a_commit(
    project: Project, journal: Journal
) -> None:
    run, _ = run_and_land(project, journal, *STEPS, task="add the new documents")
    project.write("notes.txt", "later\n")
    later = project.commit("by the user")
    result = undo(project.repo, journal)
    assert result.how == "reverted"
    assert "other commits" in result.reason
    assert project.git("rev-parse", "HEAD^").strip() == later
    assert (project.root / "shop/old.py").read_bytes() == b"OLD = 1\n"
    assert not (project.root / "docs").exists()
    assert (project.root / "notes.txt").read_text() == "later\n"
    message = project.git("show", "-s", "--format=%B")
    assert message.startswith("revert: add the new documents\n\nThis reverts:\n")
    assert f"Sorte-Undo: {run}" in message
    assert project.status() == ""
    assert_sound(project)


def test_a_revert_lets_git_delete_no_reference(project: Project, journal: Journal) -> None:
    """git would lock packed-refs for it; killed then, the user could delete no branch any more."""
    run_and_land(project, journal, *STEPS)
    project.write("notes.txt", "later\n")
    project.commit("by the user")
    log = project.root.parent / "references.log"
    hook = project.root / ".git" / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ncat >> {log}\n")
    hook.chmod(0o755)
    assert undo(project.repo, journal).how == "reverted"
    said = log.read_text()
    assert "HEAD" in said
    assert "REVERT_HEAD" not in said


def test_an_older_run_is_reverted_while_later_runs_stay(project: Project, journal: Journal) -> None:
    first = land(project, journal, a__py=b"1\n")
    land(project, journal, b__py=b"1\n")
    assert undo(project.repo, journal, first[-4:]).run == first
    assert not (project.root / "a.py").exists()
    assert (project.root / "b.py").exists()
    assert redo(project.repo, journal, first).how == "moved forward"
    assert (project.root / "a.py").exists()


def test_a_pushed_run_is_reverted(project: Project, journal: Journal, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    project.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    _, landing = run_and_land(project, journal, *STEPS)
    project.git("push", "--quiet", "origin", f"{landing.new}~1:refs/heads/main")
    result = undo(project.repo, journal)
    assert (result.how, result.reason) == ("reverted", "it has been pushed")
    assert project.git("rev-parse", "HEAD^").strip() == landing.new
    # The revert itself is not pushed yet: redo just takes it away.
    assert redo(project.repo, journal).commit == landing.new


def test_a_pushed_revert_is_reverted_in_turn(
    project: Project, journal: Journal, tmp_path: Path
) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    project.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    run, _ = run_and_land(project, journal, *STEPS)
    after = project.files()
    project.git("push", "--quiet", "origin", "main")
    undo(project.repo, journal)
    project.git("push", "--quiet", "origin", "main")
    assert redo(project.repo, journal).how == "reapplied"
    assert project.files() == after
    assert project.git("show", "-s", "--format=%s").startswith("reapply: ")
    # And once more, now on what was applied again.
    assert undo(project.repo, journal, run).how == "moved back"
    assert redo(project.repo, journal, run).how == "moved forward"
    assert project.files() == after
    assert_sound(project)


def test_an_undone_run_is_applied_again_on_top_of_later_commits(
    project: Project, journal: Journal
) -> None:
    run, landing = run_and_land(project, journal, *STEPS)
    undo(project.repo, journal)
    project.write("notes.txt", "later\n")
    project.commit("by the user")
    result = redo(project.repo, journal)
    assert result.how == "reapplied"
    subjects = project.git("log", "-3", "--format=%s|%an").splitlines()
    assert subjects == ["feat: change|Ana", "feat: change|Ana", "by the user|Ana"]
    record = journal.run(project.repo, run)
    assert (record.status, record.tip) == ("landed", project.head())
    assert record.tip != landing.new
    assert undo(project.repo, journal).how == "moved back"
    assert (project.root / "notes.txt").read_text() == "later\n"
    assert_sound(project)


def test_later_commits_to_the_same_lines_are_refused_with_a_choice(
    project: Project, journal: Journal
) -> None:
    run_and_land(project, journal, *STEPS)
    project.write("shop/pay.py", "def pay(x):\n    return x * 2\n")
    project.commit("on top of it")
    before = state(project)
    for dry_run in (True, False):
        with pytest.raises(RefusedError, match=r"in the way in shop/pay\.py") as error:
            undo(project.repo, journal, dry_run=dry_run)
        assert "by hand" in error.value.hint
        assert state(project) == before
    assert_sound(project)


def test_redo_onto_conflicting_commits_is_refused(project: Project, journal: Journal) -> None:
    run_and_land(project, journal, *STEPS)
    undo(project.repo, journal)
    project.write("shop/pay.py", "something else\n")
    project.commit("by the user")
    before = state(project)
    with pytest.raises(RefusedError, match="in the way"):
        redo(project.repo, journal)
    assert state(project) == before


def test_dirty_files_elsewhere_survive_a_revert(project: Project, journal: Journal) -> None:
    run_and_land(project, journal, *STEPS)
    project.write("tool.sh", "later\n")
    project.commit("by the user")
    project.write("notes.txt", "dirty\n")
    project.write("staged.py", "staged\n")
    project.git("add", "staged.py")
    undo(project.repo, journal)
    assert project.status() == " M notes.txt\nA  staged.py\n"
    assert_sound(project)


def test_a_dry_run_tells_and_changes_nothing(project: Project, journal: Journal) -> None:
    run, _ = run_and_land(project, journal, *STEPS)
    before = state(project)
    plan = undo(project.repo, journal, dry_run=True)
    assert (plan.run, plan.how) == (run, "moved back")
    assert plan.paths == ("docs/a/new.md", "shop/old.py", "shop/pay.py")
    assert state(project) == before
    project.write("notes.txt", "later\n")
    project.commit("later")
    before = state(project)
    plan = undo(project.repo, journal, dry_run=True)
    assert (plan.how, plan.paths) == ("reverted", ("docs/a/new.md", "shop/old.py", "shop/pay.py"))
    assert state(project) == before
    assert len(journal.runs(project.repo)) == 1
    undo(project.repo, journal)
    before = state(project)
    assert redo(project.repo, journal, dry_run=True).how == "moved forward"
    project.write("notes.txt", "later still\n")
    project.commit("later")
    before = state(project)
    assert redo(project.repo, journal, dry_run=True).how == "reapplied"
    assert state(project) == before
    assert_sound(project)


def test_a_run_of_another_branch_is_not_undone_by_accident(
    project: Project, journal: Journal
) -> None:
    run, _ = run_and_land(project, journal, *STEPS)
    project.git("switch", "--quiet", "-c", "other", "HEAD~2")
    with pytest.raises(NotLandedError, match="nothing to undo on other") as error:
        undo(project.repo, journal)
    assert run in error.value.hint
    with pytest.raises(RefusedError, match="not in the history of other"):
        undo(project.repo, journal, run)


def test_a_named_run_is_reverted_on_a_branch_made_from_it(
    project: Project, journal: Journal
) -> None:
    run, landing = run_and_land(project, journal, *STEPS)
    project.git("switch", "--quiet", "-c", "feature")
    result = undo(project.repo, journal, run)
    assert (result.how, result.reason) == ("reverted", "it landed on main")
    assert project.git("rev-parse", "main").strip() == landing.new


def test_a_rebased_run_is_found_by_its_trailers(project: Project, journal: Journal) -> None:
    run, _ = run_and_land(project, journal, *STEPS)
    project.git("switch", "--quiet", "--detach", "HEAD~2")
    project.write("notes.txt", "another base\n")
    base = project.commit("another base")
    project.git("switch", "--quiet", "main")
    project.git("rebase", "--quiet", base)
    assert undo(project.repo, journal, run).how == "reverted"
    assert (project.root / "shop/old.py").exists()
    assert not (project.root / "docs").exists()
    assert (project.root / "notes.txt").read_text() == "another base\n"


def test_an_amended_run_is_refused_with_the_choice(project: Project, journal: Journal) -> None:
    run, _ = run_and_land(project, journal, *STEPS)
    project.write("docs/a/new.md", "amended by the user\n")
    project.git("commit", "--quiet", "-a", "--amend", "--no-edit")
    with pytest.raises(RefusedError, match="changed after it landed") as error:
        undo(project.repo, journal, run)
    assert "git revert" in error.value.hint
    assert (project.root / "docs/a/new.md").read_text() == "amended by the user\n"


def test_reverted_by_hand_already_is_said(project: Project, journal: Journal) -> None:
    run_and_land(project, journal, STEPS[1])
    project.git("revert", "--no-edit", "HEAD")
    with pytest.raises(NotLandedError, match="nothing is left to do"):
        undo(project.repo, journal)


def test_the_repositorys_hooks_judge_a_revert_too(project: Project, journal: Journal) -> None:
    run_and_land(project, journal, *STEPS)
    project.write("notes.txt", "later\n")
    project.commit("by the user")
    hook = project.write(".git/hooks/pre-commit", "#!/bin/sh\necho not on Fridays >&2; exit 1\n")
    hook.chmod(0o755)
    before = state(project)
    with pytest.raises(HookFailedError, match="not on Fridays"):
        undo(project.repo, journal)
    assert state(project) == before
    assert journal.runs(project.repo)[0].status == "not landed"


def test_what_cannot_be_undone_is_said(project: Project, journal: Journal) -> None:
    with pytest.raises(NotLandedError, match="nothing to undo"):
        undo(project.repo, journal)
    with pytest.raises(UsageError):
        undo(project.repo, journal, "nonsense")
    run = land(project, journal, a__py=b"1\n")
    with pytest.raises(NotLandedError, match="is landed: there is nothing to redo"):
        redo(project.repo, journal, run)
    undo(project.repo, journal)
    with pytest.raises(NotLandedError, match="is undone: there is nothing to undo"):
        undo(project.repo, journal, run)
    undone = journal.runs(project.repo)[0]
    with pytest.raises(NotLandedError, match="is itself an undo") as error:
        undo(project.repo, journal, undone.id)
    assert run in error.value.hint


def test_commits_that_are_gone_are_said(project: Project, journal: Journal) -> None:
    run = land(project, journal, a__py=b"1\n")
    undo(project.repo, journal)
    for ref in project.git("for-each-ref", "--format=%(refname)", "refs/sorte").split():
        project.git("update-ref", "-d", ref)
    project.git("reflog", "expire", "--expire=now", "--all")
    project.git("gc", "--prune=now", "--quiet")
    with pytest.raises(NotLandedError, match="no longer kept"):
        redo(project.repo, journal, run)


def test_undo_during_another_run_is_refused(project: Project, journal: Journal) -> None:
    land(project, journal, a__py=b"1\n")
    with RunLock(project.repo), pytest.raises(RefusedError, match="another Sorte run"):
        undo(project.repo, journal)
