"""One command of Sorte's history without a model, as a process that the crash harness may kill.

`python crash_child.py run|working|half|committed|undo|redo|recover REPOSITORY`; "working" kills
itself before the landing, "half" when the files are landed and the index is not, "committed" when
the branch has moved and the journal does not know.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from sorte_cli.domain import ChangeSet, FileChange
from sorte_cli.history import (
    Journal,
    Repository,
    RunLock,
    Transaction,
    commits,
    gitcmd,
    kept,
    landing,
    recover,
    redo,
    repository,
    transaction,
    undo,
)


def scripted_changes(root: Path, step: int) -> ChangeSet:
    """What the run changes: files created, changed, deleted, a file that becomes a folder..."""
    wanted: dict[str, bytes | None]
    if step == 1:
        wanted = {
            "shop/pay.py": b"def pay(amount, fee=0):\n    return amount + fee\n",
            "shop/old.py": None,
            "deep/er/new.py": b"NEW = 1\n",
            "windows.txt": b"one\r\nTWO\r\n",
        }
    else:
        wanted = {
            "thing": None,
            "thing/inside.txt": b"a folder now\n",
            "shop/pay.py": b"def pay(amount, fee=0, tax=0):\n    return amount + fee + tax\n",
        }
    changes = [
        FileChange(path, (root / path).read_bytes() if (root / path).is_file() else None, after)
        for path, after in wanted.items()
    ]
    if step == 1:
        script = (root / "plain.sh").read_bytes()
        changes.append(FileChange("plain.sh", script, script, executable=True))
    return ChangeSet.of(changes)


def run(repo: Repository, journal: Journal) -> None:
    """Two commits, landed."""
    with RunLock(repo):
        recover(repo, journal)
        started = journal.start_run(repo, "change the shop", "apply", "sorte apply -")
        with Transaction.begin(repo, started.id) as transaction:
            for step in (1, 2):
                changes = scripted_changes(transaction.root, step)
                transaction.write(changes)
                transaction.commit(changes, f"feat: step {step}", {"Sorte-Run": started.id})
            transaction.land(journal, started.id)


def give_up_early() -> None:
    """A git that hangs is killed after a second, not after minutes."""
    for function in (gitcmd.run_git, repository.run_git, Repository.git_result):
        function.__kwdefaults__["timeout_s"] = 1.0
    commits.HOOK_TIMEOUT_S = 1.0
    transaction._CHECKOUT_TIMEOUT_S = 1.0
    kept._CHECKOUT_TIMEOUT_S = 1.0


def die(*_: object) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def main(operation: str, root: str) -> None:
    # Children that the shim kills take this process with them where the harness asks for it.
    if os.environ.get("CRASH_TREE") == "me":
        os.environ["CRASH_TREE"] = str(os.getpid())
    if "CRASH_PATIENCE" in os.environ:
        give_up_early()
    if operation == "working":
        transaction.land = die
    if operation == "half":
        landing.update_index = die
    if operation == "committed":
        Journal.mark = die  # type: ignore[method-assign]
    carry_out(operation, Path(root))


def carry_out(operation: str, root: Path) -> None:
    """One operation, undisturbed as far as this process goes."""
    repo = Repository.discover(root)
    with Journal.open() as journal:
        if operation in ("run", "working", "half", "committed"):
            run(repo, journal)
        elif operation == "recover":
            with RunLock(repo):
                recover(repo, journal)
        elif operation == "undo":
            undo(repo, journal)
        else:
            redo(repo, journal)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
