"""Leaving a landed change in the working tree without its commit, for `sorte apply --no-commit`."""

from __future__ import annotations

from sorte_cli.history.journal import Journal, Mark
from sorte_cli.history.landing import Landing, Move, land
from sorte_cli.history.objects import TreeChange
from sorte_cli.history.repository import Repository
from sorte_cli.history.treefiles import Content


def uncommit(repo: Repository, journal: Journal, run_id: str, landing: Landing) -> None:
    """Move the branch back behind `landing` and leave its files as changes that are not staged.

    The caller holds the run lock and has just landed. This is a landing of its own, in which the
    files stay as they are: killed in here, the change is either committed or not, never lost. The
    journal then says "applied". Raises as `land` does, when the user has been at work meanwhile.
    """

    def as_they_are(changes: list[TreeChange]) -> dict[str, Content]:
        found = {change.path: repo.files.read(change.path) for change in changes}
        return {path: content for path, content in found.items() if content is not None}

    mark = Mark(run_id, "applied")
    ref = repo.head_ref()
    land(repo, journal, Move(run_id, ref, landing.new, landing.old, as_they_are, (mark,)))
