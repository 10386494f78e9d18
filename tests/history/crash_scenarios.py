"""From where the crash harness starts: bare operations of the history (see crash_child.py)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from history_support import Project


@dataclass(frozen=True)
class Scenario:
    """`prepare` brings a new project to where `operation` can begin; returns where it works.

    An `operation` that begins with "sorte " is a command line, the others are crash_child.py's.
    """

    name: str
    operation: str
    prepare: Callable[[Project, Callable[[str, Project], None]], Project]


def _plain(project: Project, _: Callable[[str, Project], None]) -> Project:
    return project


def _landed(project: Project, command: Callable[[str, Project], None]) -> Project:
    command("run", project)
    return project


def _undone(project: Project, command: Callable[[str, Project], None]) -> Project:
    command("run", project)
    command("undo", project)
    return project


def _built_upon(project: Project, command: Callable[[str, Project], None]) -> Project:
    command("run", project)
    project.write("later.txt", "later\n")
    project.git("add", "later.txt")
    project.git("commit", "--quiet", "-m", "later", "--", "later.txt")
    return project


def _linked(project: Project, _: Callable[[str, Project], None]) -> Project:
    project.git("worktree", "add", "--quiet", "-b", "side", str(project.root.parent / "side"))
    side = Project(project.root.parent / "side")
    side.write("notes.txt", "my own edit\n")
    return side


def _detached(project: Project, _: Callable[[str, Project], None]) -> Project:
    project.git("checkout", "--quiet", "--detach")
    return project


def _half_landed(project: Project, command: Callable[[str, Project], None]) -> Project:
    command("half", project)
    return project


def _killed_in_kept(project: Project, command: Callable[[str, Project], None]) -> Project:
    """A run was killed in the tree that it had from the run before."""
    _undone(project, command)
    command("working", project)
    return project


SCENARIOS = {
    s.name: s
    for s in (
        Scenario("run", "run", _plain),
        Scenario("undo", "undo", _landed),
        Scenario("redo", "redo", _undone),
        Scenario("revert", "undo", _built_upon),
        Scenario("linked", "run", _linked),
        Scenario("detached", "run", _detached),
        Scenario("recovery", "recover", _half_landed),
        Scenario("kept", "run", _undone),
        Scenario("killed-kept", "run", _killed_in_kept),
    )
}
