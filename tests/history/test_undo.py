"""Undo and redo bring back exact bytes, and become commits where the branch cannot simply move."""

from __future__ import annotations

from history_support import Project, assert_sound, run_and_land

from sorte_cli.history.journal import Journal
from sorte_cli.history.undoing import redo, undo

STEPS = (
    {"shop/pay.py": b"def pay(x):\n    return x\n", "shop/old.py": None},
    {"docs/a/new.md": b"hi\n"},
)


def test_undo_and_redo_move_the_branch_and_restore_created_and_deleted_files(
    project: Project, journal: Journal
) -> None:
    project.write("notes.txt", b"mine\n")
    project.write("app.log", b"ignored")
    before, first = project.files(), project.head()
    run, landing = run_and_land(project, journal, *STEPS)
    after = project.files()
    assert landing.paths == ("docs/a/new.md", "shop/old.py", "shop/pay.py")
    assert project.status() == " M notes.txt\n"

    assert undo(project.repo, journal).how == "moved back"
    assert (project.files(), project.head()) == (before, first)
    assert not (project.root / "docs").exists()
    assert journal.run(project.repo, run).status == "undone"

    assert redo(project.repo, journal).how == "moved forward"
    assert (project.files(), project.head()) == (after, landing.new)
    assert project.status() == " M notes.txt\n"
    assert_sound(project)
