"""Whole commands of Sorte for the crash harness: a script, the model in the box, undo and redo, in
every kind of place where a repository may be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from crash_scenarios import Scenario
from history_support import Project, git

Command = Callable[[str, Project], None]

OPTIONS = "--yes --test-command 'sh check.sh'"
APPLY = f"sorte apply {Path(__file__).parent / 'crash_operations.txt'} {OPTIONS}"
DO = f"sorte do 'rename pay to charge in shop/pay.py' {OPTIONS}"
UNDO = "sorte undo --yes"
REDO = "sorte redo --yes"
FIX = "sorte review --staged --fix --no-model --fail-on low"
PAY = "import os\n\n\ndef pay(amount):\n    return amount\n"


def plain(project: Project, _: Command) -> Project:
    """The user's own mess (see make_project), and a check that tests can be run by."""
    _add(project, "check.sh", "grep -q amount shop/pay.py\n")
    return project


def landed(project: Project, command: Command) -> Project:
    plain(project, command)
    command(APPLY, project)
    return project


def undone(project: Project, command: Command) -> Project:
    landed(project, command)
    command(UNDO, project)
    return project


def reviewed(project: Project, command: Command) -> Project:
    """Two staged files that each bring something to mend."""
    _add(project, "shop/tax.py", "TAX = 3\n")
    for path, text in (("shop/pay.py", PAY), ("shop/tax.py", "import sys\n\nTAX = 4\n")):
        project.write(path, text)
        project.git("add", path)
    return project


def linked(project: Project, command: Command) -> Project:
    plain(project, command)
    side = project.root.parent / "side"
    project.git("worktree", "add", "--quiet", "-b", "side", str(side))
    return _dirtied(Project(side))


def submodule(project: Project, command: Command) -> Project:
    """The repository is a submodule: its git directory lies inside another one's."""
    plain(project, command)
    above = Project.make(project.root.parent / "above", {"readme.txt": b"above\n"})
    allow = ("-c", "protocol.file.allow=always")
    above.git(*allow, "submodule", "--quiet", "add", str(project.root), "shop")
    above.commit("a submodule")
    inside = Project(above.root / "shop")
    inside.git("switch", "--quiet", "main")
    return _dirtied(inside)


def superproject(project: Project, command: Command) -> Project:
    """The repository has a submodule, with changes of the user's in it."""
    plain(project, command)
    other = Project.make(project.root.parent / "other", {"lib.py": b"LIB = 1\n"})
    allow = ("-c", "protocol.file.allow=always")
    project.git(*allow, "submodule", "--quiet", "add", str(other.root), "lib")
    project.git("commit", "--quiet", "-m", "lib", "--", "lib", ".gitmodules")
    project.write("lib/lib.py", "LIB = 2\n")
    return project


def sparse(project: Project, command: Command) -> Project:
    plain(project, command)
    _add(project, "docs/page.txt", "page\n")
    source = project.root
    git(source.parent, "clone", "--quiet", "--sparse", source.as_uri(), "sparse")
    clone = Project(source.parent / "sparse")
    clone.git("sparse-checkout", "set", "shop")
    return _dirtied(clone)


def shallow(project: Project, command: Command) -> Project:
    plain(project, command)
    source = project.root
    git(source.parent, "clone", "--quiet", "--depth", "1", source.as_uri(), "shallow")
    return _dirtied(Project(source.parent / "shallow"))


def _add(project: Project, path: str, text: str) -> None:
    project.write(path, text)
    project.git("add", path)
    project.git("commit", "--quiet", "-m", path, "--", path)


def _dirtied(project: Project) -> Project:
    project.write("notes.txt", "my own edit\n")
    project.write("todo.txt", "staged\n")
    project.git("add", "todo.txt")
    project.write("untracked.txt", "untracked\n")
    return project


COMMANDS = {
    s.name: s
    for s in (
        Scenario("apply", APPLY, plain),
        Scenario("do", DO, plain),
        Scenario("cli-undo", UNDO, landed),
        Scenario("cli-redo", REDO, undone),
        Scenario("fix", FIX, reviewed),
        Scenario("apply-kept", APPLY, undone),
        Scenario("apply-linked", APPLY, linked),
        Scenario("apply-submodule", APPLY, submodule),
        Scenario("apply-superproject", APPLY, superproject),
        Scenario("apply-sparse", APPLY, sparse),
        Scenario("apply-shallow", APPLY, shallow),
    )
}
