"""Finishing or undoing what an earlier crash left: under the lock, before any writing."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

from sorte_cli.history import intent as intents
from sorte_cli.history.intent import Intent
from sorte_cli.history.journal import Journal
from sorte_cli.history.kept import put_back_left
from sorte_cli.history.locking import process_lives
from sorte_cli.history.repository import RUN_REFS, Repository
from sorte_cli.history.settle import Settled, remove_if_stale, settle
from sorte_cli.history.worktrees import remove_worktrees
from sorte_cli.texts import N_

KEPT_RUNS = 200
"""How many runs keep their objects alive for undo and redo, whatever happens to the branch."""


def recover(repo: Repository, journal: Journal) -> list[str]:
    """Settle a half landing, remove what dead runs left, close their rows in the journal.

    The caller holds the run lock and has not begun a run of its own. Returns sentences for people
    about what was finished or undone; nothing to say, nothing returned. Files that the user has
    changed since the crash are kept and named.
    """
    said = _settle_landing(repo, journal)
    _remove_ref_locks(repo)
    put_back_left(repo)
    remove_worktrees(repo)
    for pattern in ("*.new", "scratch-*"):
        for half_written in (repo.common_dir / "sorte").glob(pattern):
            half_written.unlink()
    for run_id, pid, boot in journal.running(repo):
        if pid != os.getpid() and process_lives(pid, boot):
            continue
        journal.set_status(run_id, "interrupted")
        said.append(N_(f"Run {run_id} was interrupted; nothing of it had landed."))
    _cap_kept_runs(repo)
    return said


def _settle_landing(repo: Repository, journal: Journal) -> list[str]:
    intent = intents.load(repo)
    if intent is None:
        return []
    place = _place(repo, intent)
    if place is None:
        intents.discard(repo)
        journal.set_status(intent.run, "interrupted")
        return [N_(f"Run {intent.run} was landing in {intent.root}, now gone; it was dropped.")]
    settled = settle(place, intent)
    if settled.landed:
        journal.mark(intent.marks)
    else:
        journal.set_status(intent.run, "interrupted")
    intents.discard(repo)
    return _sentences(intent, settled)


def _place(repo: Repository, intent: Intent) -> Repository | None:
    """The working tree that was landing: this one, another of the same repository, or gone."""
    root, git_dir = Path(intent.root), Path(intent.git_dir)
    if not (root.is_dir() and git_dir.is_dir()):
        return None
    place = Repository(root, git_dir, repo.common_dir, repo.object_format)
    place.lock_fd = repo.lock_fd
    return place


def _sentences(intent: Intent, settled: Settled) -> list[str]:
    if settled.landed:
        return [N_(f"Run {intent.run} had landed when it was interrupted; it is complete.")]
    said = [N_(f"Run {intent.run} was interrupted while landing; your files are as before it.")]
    said += [N_(f"{path} was changed since then; it is left as it is.") for path in settled.kept]
    return said


def _remove_ref_locks(repo: Repository) -> None:
    """Locks below our own names; the run lock says that nobody else makes any."""
    for folder in ("refs/sorte", "refs/heads/sorte"):
        for lock in (repo.common_dir / folder).rglob("*.lock"):
            lock.unlink(missing_ok=True)
    note = repo.common_dir / "sorte" / "pruning"
    with contextlib.suppress(FileNotFoundError):
        since = note.stat().st_mtime
        remove_if_stale(repo.common_dir / "packed-refs.lock", since)
        (repo.common_dir / "packed-refs.new").unlink(missing_ok=True)
        note.unlink()


def _cap_kept_runs(repo: Repository) -> None:
    """Let go of the oldest kept runs beyond the cap (their ids sort by time)."""
    out = repo.git("for-each-ref", "--format=%(refname)", RUN_REFS)
    refs = sorted(out.decode().split())
    surplus = refs[: max(0, len(refs) - KEPT_RUNS)]
    delete_refs(repo, [(ref, "") for ref in surplus])


def delete_refs(repo: Repository, refs: Sequence[tuple[str, str]]) -> None:
    """Delete references, each only if it still names the given commit ("": whatever it names).

    The caller holds the run lock.
    """
    if not refs:
        return
    # git locks packed-refs to delete a ref; killed now, the next start knows whose lock it is.
    note = repo.sorte_dir / "pruning"
    note.touch()
    lines = "".join(f"delete {ref} {old}".rstrip() + "\n" for ref, old in refs)
    repo.git("update-ref", "--stdin", input=os.fsencode(lines))
    note.unlink()
