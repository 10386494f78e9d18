"""Helpers for the tests of history: projects, runs without a model, what must hold."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.domain import ChangeSet, FileChange
from sorte_cli.history.journal import Journal
from sorte_cli.history.landing import Landing
from sorte_cli.history.locking import RunLock
from sorte_cli.history.recovery import recover
from sorte_cli.history.repository import Repository
from sorte_cli.history.transaction import Transaction

IDENTITY = {
    "GIT_AUTHOR_NAME": "Ana",
    "GIT_AUTHOR_EMAIL": "ana@example.org",
    "GIT_COMMITTER_NAME": "Ana",
    "GIT_COMMITTER_EMAIL": "ana@example.org",
}

FILES = {
    "shop/__init__.py": b"",
    "shop/pay.py": b"def pay(amount):\n    return amount\n",
    "shop/old.py": b"OLD = 1\n",
    "tool.sh": b"#!/bin/sh\necho hi\n",
    "notes.txt": b"notes\n",
    ".gitignore": b"*.log\nbuild/\n",
}


def isolated_environment(folder: Path) -> dict[str, str]:
    """Variables that keep git and Sorte away from the machine's own files."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    return {
        **IDENTITY,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(home / "gitconfig"),
        "SORTE_STATE_DIR": str(folder / "state"),
        "SORTE_CACHE_DIR": str(folder / "cache"),
        "SORTE_CONFIG_DIR": str(folder / "config"),
    }


def quick_folder() -> str | None:
    """A file system in memory where there is one: the run waits for every fsync."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def git(folder: Path, *args: str, check: bool = True, **options: object) -> str:
    """The user's own git."""
    done = subprocess.run(
        ["git", *args],
        cwd=folder,
        capture_output=True,
        check=False,
        **options,  # type: ignore[call-overload]
    )
    if check and done.returncode:
        raise AssertionError(f"git {args}: {done.stderr.decode()}")
    return os.fsdecode(done.stdout)


@dataclass(frozen=True)
class Project:
    """A repository of the user."""

    root: Path

    @classmethod
    def make(cls, root: Path, files: Mapping[str, bytes] = FILES) -> Project:
        root.mkdir(parents=True)
        git(root, "init", "--quiet", "--initial-branch=main")
        project = cls(root)
        for path, data in files.items():
            project.write(path, data)
        if "tool.sh" in files:
            (root / "tool.sh").chmod(0o755)
        project.commit("first")
        return project

    def git(self, *args: str, **options: object) -> str:
        return git(self.root, *args, **options)  # type: ignore[arg-type]

    def write(self, path: str, data: bytes | str) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data.encode() if isinstance(data, str) else data)
        return target

    def commit(self, message: str) -> str:
        self.git("add", "-A")
        self.git("commit", "--quiet", "-m", message)
        return self.head()

    def head(self) -> str:
        return self.git("rev-parse", "HEAD").strip()

    def status(self) -> str:
        return self.git("status", "--porcelain", "--untracked-files=all")

    def files(self) -> dict[str, bytes | str]:
        """Every file on disk outside .git: bytes, or "-> target" for a link."""
        found: dict[str, bytes | str] = {}
        for folder, folders, names in os.walk(self.root):
            if ".git" in folders:
                folders.remove(".git")
            for name in [*names, *folders]:
                path = Path(folder) / name
                key = path.relative_to(self.root).as_posix()
                if path.is_symlink():
                    found[key] = f"-> {path.readlink()}"
                elif path.is_file() and key != ".git":
                    found[key] = path.read_bytes()
        return found

    @property
    def repo(self) -> Repository:
        return Repository.discover(self.root)


def changes_for(root: Path, wanted: Mapping[str, bytes | None]) -> ChangeSet:
    """The change set that brings files of `root` to `wanted` (None: deleted)."""
    return ChangeSet.of(
        FileChange(path, (root / path).read_bytes() if (root / path).exists() else None, after)
        for path, after in wanted.items()
    )


def commit_in(
    transaction: Transaction, wanted: Mapping[str, bytes | None], message: str = "feat: change"
) -> str:
    changes = changes_for(transaction.root, wanted)
    transaction.write(changes)
    return transaction.commit(changes, message, {"Sorte-Run": transaction.run_id})


def run_and_land(
    project: Project, journal: Journal, *steps: Mapping[str, bytes | None], task: str = "a task"
) -> tuple[str, Landing]:
    """A whole run without a model: one commit for each step."""
    repo = project.repo
    with RunLock(repo):
        recover(repo, journal)
        run = journal.start_run(repo, task, "apply", "sorte apply -")
        with Transaction.begin(repo, run.id) as transaction:
            for step in steps:
                commit_in(transaction, step)
            return run.id, transaction.land(journal, run.id)


def assert_sound(project: Project) -> None:
    """What must be true whenever Sorte is not running."""
    assert project.git("fsck", "--full", "--strict", "--no-dangling") == ""
    git_dir = Path(project.git("rev-parse", "--absolute-git-dir").strip())
    common = Path(project.git("rev-parse", "--path-format=absolute", "--git-common-dir").strip())
    kept = common.resolve() / "sorte" / "kept"
    leftovers = [p for p in {git_dir, common} for p in p.resolve().rglob("*.lock")]
    leftovers += [p for p in git_dir.iterdir() if p.name.startswith("sorte-")]
    leftovers += [p for p in (common / "sorte").glob("*") if p.name not in ("identity", "kept")]
    leftovers += project.root.resolve().rglob(".sorte-*")
    leftovers = [p for p in leftovers if not p.is_relative_to(kept) or p == kept]
    if kept.exists():  # one whole tree for the next run, of which git knows nothing
        names = {p.name for p in kept.iterdir()}
        assert {".sorte-note", ".sorte-ready"} < names, names
        assert len(names) == 3, names
    assert leftovers == [], leftovers
    assert project.git("stash", "list") == ""
    assert "/sorte/" not in project.git("worktree", "list", "--porcelain")
    notes = common / "worktrees"
    assert not notes.exists() or all((n / "gitdir").exists() for n in notes.iterdir())
