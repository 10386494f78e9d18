"""Leaving a landed change in the working tree without its commit, for `sorte apply --no-commit`."""

from __future__ import annotations

from sorte_cli.history.journal import Journal
from sorte_cli.history.landing import Landing
from sorte_cli.history.objects import tree_entries
from sorte_cli.history.repository import Repository
from sorte_cli.history.userindex import index_lock, update_index


def uncommit(repo: Repository, journal: Journal, run_id: str, landing: Landing) -> None:
    """Move the branch back behind `landing` and leave its files as changes that are not staged.

    The caller holds the run lock and has just landed. The landing went by the protocol that a
    crash cannot break; if the process dies in here, the change is committed or staged, never lost.
    The journal then says "applied". Raises GitError when the branch has moved meanwhile.
    """
    before = tree_entries(repo, landing.old, landing.paths)
    repo.git(
        "update-ref", "-m", f"sorte: {run_id}, not committed", "HEAD", landing.old, landing.new
    )
    with index_lock(repo):
        update_index(repo, {path: before.get(path) for path in landing.paths})
    journal.set_status(run_id, "applied")
