"""Real repositories with a linked worktree, as a run has them, and commands run in a sandbox."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.domain import TestReport
from sorte_cli.guardian import Limits, Sandbox, SandboxResult, TestCommand, run_tests

IDENTITY = {
    "GIT_AUTHOR_NAME": "Ana",
    "GIT_AUTHOR_EMAIL": "ana@example.org",
    "GIT_COMMITTER_NAME": "Ana",
    "GIT_COMMITTER_EMAIL": "ana@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}
PYTEST = TestCommand((sys.executable, "-m", "pytest"), "pytest", "a test")


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**os.environ, **IDENTITY},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@dataclass(frozen=True)
class Project:
    """A repository and a transaction's worktree of its HEAD."""

    repository: Path
    worktree: Path

    @property
    def common_dir(self) -> Path:
        return self.repository / ".git"

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Change files in the worktree."""
        write_files(self.worktree, files)

    def listing(self) -> set[str]:
        """Everything in the worktree, as relative paths."""
        return {p.relative_to(self.worktree).as_posix() for p in self.worktree.rglob("*")}

    def run(
        self,
        sandbox: Sandbox,
        command: Sequence[str],
        *,
        limits: Limits | None = None,
        cancel: threading.Event | None = None,
        env: Mapping[str, str] | None = None,
    ) -> SandboxResult:
        return sandbox.run(
            command,
            worktree=self.worktree,
            repository=self.repository,
            common_dir=self.common_dir,
            limits=limits or Limits(timeout_s=120),
            cancel=cancel,
            env=env,
        )

    def python(self, sandbox: Sandbox, code: str, **options: object) -> SandboxResult:
        return self.run(sandbox, [sys.executable, "-c", code], **options)  # type: ignore[arg-type]

    def test(
        self,
        sandbox: Sandbox,
        command: TestCommand = PYTEST,
        *,
        first: Sequence[str] = (),
        limits: Limits | None = None,
    ) -> TestReport:
        return run_tests(
            command,
            sandbox,
            worktree=self.worktree,
            repository=self.repository,
            common_dir=self.common_dir,
            limits=limits or Limits(timeout_s=120),
            first=first,
        )


def write_files(root: Path, files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def make_project(folder: Path, files: Mapping[str, str | bytes]) -> Project:
    """Commit `files` in a new repository and add a worktree as a transaction does."""
    repository = folder / "repository"
    repository.mkdir(parents=True)
    git(repository, "init", "--quiet", "--initial-branch=main")
    write_files(repository, {".gitignore": "", **files})
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message=base")
    worktree = repository / ".git" / "sorte" / "run"
    git(repository, "worktree", "add", "--quiet", "--detach", str(worktree))
    return Project(repository, worktree)
