"""The user's repository: where it is, what it holds, and the one door to git."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from sorte_cli.errors import EnvironmentFailure, RefusedError, UsageError
from sorte_cli.history.gitcmd import (
    DEFAULT_TIMEOUT_S,
    MINIMUM_VERSION,
    GitError,
    GitResult,
    run_git,
)
from sorte_cli.history.treefiles import TreeFiles, replace_file

__all__ = ["GitError", "Repository"]

RUN_REFS = "refs/sorte/runs/"

# What git keeps in its directory while an operation waits for the user, and how to end it.
_IN_PROGRESS = (
    ("MERGE_HEAD", "merge", "git merge --continue, or git merge --abort"),
    ("rebase-merge", "rebase", "git rebase --continue, or git rebase --abort"),
    ("rebase-apply", "rebase or am", "git rebase --continue, or git rebase --abort"),
    ("CHERRY_PICK_HEAD", "cherry-pick", "git cherry-pick --continue, or git cherry-pick --abort"),
    ("REVERT_HEAD", "revert", "git revert --continue, or git revert --abort"),
    ("BISECT_LOG", "bisect", "git bisect reset"),
)


class Repository:
    """A working tree with its git directory.

    `root` is the top of the working tree (real path), `git_dir` the git directory of this
    worktree, `common_dir` the one shared by all worktrees.
    """

    def __init__(self, root: Path, git_dir: Path, common_dir: Path, object_format: str) -> None:
        self.root = root
        self.git_dir = git_dir
        self.common_dir = common_dir
        self.object_format = object_format
        self.files = TreeFiles(root)
        self.lock_fd: int | None = None
        """Descriptor of the run lock while we hold it; git inherits it (see `locking`)."""

    @classmethod
    def discover(cls, start: Path, *, writing: bool = True) -> Repository:
        """The repository that `start` lies in.

        With `writing`, also refuse what a run could not work in. Raises EnvironmentFailure (not a
        repository, bare, no commits, read-only, git missing or too old) and RefusedError ($HOME or
        / as repository, inside .git, a merge or rebase in progress).
        """
        if not start.is_dir():
            raise UsageError(f"{start} is not a folder")
        _check_git(start)
        flags = _rev_parse(
            start, "--is-bare-repository", "--is-inside-git-dir", "--show-object-format"
        ).split("\n")
        if flags[0] == "true":
            raise EnvironmentFailure(
                f"{start} is a bare repository: it has no files to work on",
                hint="Clone it, and run Sorte in the clone.",
            )
        if flags[1] == "true":
            raise RefusedError(
                f"{start} lies inside a .git directory", hint="Go to the working tree."
            )
        repo = cls(*_folders(start), flags[2])
        repo.check_place()
        if writing:
            repo.head()
            repo.check_writable()
            repo.check_nothing_in_progress()
        return repo

    def check_place(self) -> None:
        """Refuse a home folder or the file system as a repository: a run would touch too much."""
        home = Path.home().resolve()
        if self.root == home or self.root in home.parents:
            raise RefusedError(
                f"{self.root} is the repository here: that is your home folder or above it",
                hint="Run Sorte inside a project of its own (git init in the project's folder).",
            )

    def check_writable(self) -> None:
        """EnvironmentFailure when the git directory or the working tree cannot be written."""
        for folder in (self.common_dir, self.git_dir, self.root):
            if not os.access(folder, os.W_OK | os.X_OK):
                raise EnvironmentFailure(
                    f"{folder} is read-only: a change could not be committed",
                    hint="Make it writable for you, or clone the repository to a folder that is.",
                )

    def check_nothing_in_progress(self) -> None:
        """RefusedError while a merge, rebase, cherry-pick, revert or bisect waits for the user."""
        for name, what, remedy in _IN_PROGRESS:
            if (self.git_dir / name).exists():
                raise RefusedError(
                    f"a {what} is in progress in {self.root}", hint=f"Finish it first: {remedy}."
                )

    @property
    def sorte_dir(self) -> Path:
        """Where Sorte keeps its own things in this repository (made when needed)."""
        folder = self.common_dir / "sorte"
        folder.mkdir(exist_ok=True)
        return folder

    def git_result(
        self,
        *args: str,
        input: bytes | None = None,
        env: Mapping[str, str] | None = None,
        accept: Collection[int] | None = (0,),
        cwd: Path | None = None,
        config: Sequence[tuple[str, str]] = (),
        hooks: bool = False,
        hold_lock: bool = True,
        timeout_s: float = DEFAULT_TIMEOUT_S,
    ) -> GitResult:
        """Run git in the working tree (or `cwd`); see `gitcmd.run_git`.

        `hold_lock` lets git share the run lock, so that the next run waits for a git that outlives
        us; not for commands whose hooks may leave something running for ever.
        """
        held = (self.lock_fd,) if hold_lock and self.lock_fd is not None else ()
        return run_git(
            args,
            cwd=cwd or self.root,
            input=input,
            env=env,
            config=config,
            hooks=hooks,
            accept=accept,
            timeout_s=timeout_s,
            held_fds=held,
        )

    def git(
        self,
        *args: str,
        input: bytes | None = None,
        env: Mapping[str, str] | None = None,
        check: bool = True,
        cwd: Path | None = None,
    ) -> bytes:
        """The standard output of a git command; GitError when it fails (with `check`)."""
        accept = (0,) if check else None
        return self.git_result(*args, input=input, env=env, accept=accept, cwd=cwd).stdout

    def head(self) -> str:
        """The commit HEAD stands at. EnvironmentFailure before the first commit."""
        commit = self.commit_of("HEAD")
        if commit is None:
            raise EnvironmentFailure(
                f"{self.root} has no commits yet",
                hint='Make the first one: git add -A && git commit -m "first commit"',
            )
        return commit

    def commit_of(self, revision: str) -> str | None:
        """The full id of a commit, or None where there is no such commit."""
        spec = f"{revision}^{{commit}}"
        result = self.git_result("rev-parse", "--verify", "--quiet", spec, accept=(0, 1))
        return result.stdout.decode().strip() if result.code == 0 else None

    def branch(self) -> str | None:
        """The short name of the current branch; None with a detached HEAD."""
        ref = self.head_ref()
        return ref.removeprefix("refs/heads/") if ref else None

    def head_ref(self) -> str | None:
        """The full name of the ref that HEAD points to; None when detached."""
        result = self.git_result("symbolic-ref", "--quiet", "HEAD", accept=(0, 1))
        return os.fsdecode(result.stdout).strip() if result.code == 0 else None

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether commit `older` is `newer` or one of its ancestors."""
        args = ("merge-base", "--is-ancestor", older, newer)
        return self.git_result(*args, accept=(0, 1)).code == 0

    def paths(self) -> list[str]:
        """Tracked files and untracked ones that are not ignored: those on disk, sorted."""
        return list_paths(self, self.root)

    def dirty_paths(self) -> dict[str, str]:
        """Path -> porcelain status ("M ", " M", "??"...) of everything that differs from HEAD."""
        args = ("status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames")
        rows = self.git(*args).split(b"\0")
        return {os.fsdecode(row[3:]): row[:2].decode() for row in rows if row}

    @cached_property
    def identity(self) -> str:
        """A stable key of this clone: a hash of its common directory and its root commit."""
        known = self.common_dir / "sorte" / "identity"
        try:
            root_commit = known.read_text().strip()
        except FileNotFoundError:
            root_commit = ""
        if not root_commit:
            # Walking a long history takes seconds, and the answer must not change with the branch.
            out = self.git("rev-list", "--max-parents=0", "--first-parent", "HEAD", "--")
            root_commit = out.decode().split("\n", 1)[0]
            with contextlib.suppress(OSError):
                replace_file(self.sorte_dir / "identity", f"{root_commit}\n".encode(), 0o644)
        key = os.fsencode(self.common_dir) + b"\0" + root_commit.encode()
        return hashlib.sha256(key).hexdigest()[:24]


def list_paths(repo: Repository, root: Path, *, clean: bool = False) -> list[str]:
    """Tracked files and untracked not ignored ones that exist in the working tree `root`, sorted.

    Submodules, and files that a sparse checkout leaves out, are not among them. `clean`: the tree
    is known to be just as its commit is, so that git need not look at every file.
    """
    args: tuple[str, ...] = ("-z", "--stage", "-t", "--cached")
    args += () if clean else ("--deleted", "--others", "--exclude-standard")
    found: set[str] = set()
    gone: set[str] = set()
    for row in os.fsdecode(repo.git("ls-files", *args, cwd=root)).split("\0"):
        if row.startswith("? "):
            # A folder (with a slash at its end) is a repository of its own.
            if not row.endswith("/"):
                found.add(row[2:])
            continue
        meta, _, name = row.partition("\t")
        if meta.startswith("R "):
            gone.add(name)
        elif meta and not meta.startswith("S ") and meta[2:8] != "160000":
            found.add(name)
    return sorted(found - gone)


def _check_git(start: Path) -> None:
    words = run_git(("version",), cwd=start).stdout.decode("utf-8", "replace")
    found = re.search(r"(\d+)\.(\d+)", words)
    if found is None or (int(found[1]), int(found[2])) < MINIMUM_VERSION:
        needed = ".".join(map(str, MINIMUM_VERSION))
        raise EnvironmentFailure(f"{words.strip()} is too old", hint=f"Install git {needed}.")


def _folders(start: Path) -> tuple[Path, Path, Path]:
    """The top of the working tree, its git directory, and the one shared by all worktrees."""
    asked = ("--show-toplevel", "--absolute-git-dir", "--git-common-dir")
    lines = _rev_parse(start, "--path-format=absolute", *asked).split("\n")
    if len(lines) != len(asked):  # a folder's name holds a line break
        lines = [_rev_parse(start, "--path-format=absolute", one) for one in asked]
    root, git_dir, common = (Path(line).resolve() for line in lines)
    return root, git_dir, common


def _rev_parse(start: Path, *args: str) -> str:
    """The answer of `git rev-parse`, with its errors said for people."""
    try:
        out = run_git(("rev-parse", *args), cwd=start).stdout
    except GitError as error:
        if "dubious ownership" in error.stderr:
            raise EnvironmentFailure(
                f"git does not trust {start}: the folder belongs to another user",
                hint=f"If it is yours: git config --global --add safe.directory '{start}'",
            ) from error
        if "not a git repository" in error.stderr:
            raise EnvironmentFailure(
                f"{start} is not in a git repository",
                hint='Make it one: git init && git add -A && git commit -m "first commit"',
            ) from error
        if "must be run in a work tree" in error.stderr:
            raise EnvironmentFailure(f"{start} has no working tree", hint="Use a clone.") from error
        raise EnvironmentFailure(f"git cannot read {start}: {error.stderr.strip()}") from error
    # One newline ends the answer; others may be part of a folder's name.
    return os.fsdecode(out.removesuffix(b"\n"))
