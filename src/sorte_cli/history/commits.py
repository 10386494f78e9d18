"""Committing chosen paths of a worktree as the user would: with hooks, signing, identity."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from sorte_cli.domain import ChangeSet
from sorte_cli.errors import EnvironmentFailure, NotLandedError
from sorte_cli.history.gitcmd import GitResult, GitTimeout
from sorte_cli.history.repository import GitError, Repository

HOOK_TIMEOUT_S = 900.0
_ATTEMPTS = 3


class HookFailedError(NotLandedError):
    """A commit hook of the repository refused the commit. `output` is what it said."""

    def __init__(self, output: str) -> None:
        said = output.strip() or "(it said nothing)"
        super().__init__(
            f"a commit hook of this repository refused the commit:\n{said}",
            hint="Nothing has landed. Hooks are never skipped.",
        )
        self.output = output


def commit_paths(
    repo: Repository,
    root: Path,
    changes: ChangeSet,
    message: str,
    trailers: Mapping[str, str],
    *,
    author_of: str | None = None,
) -> str:
    """Commit the paths of `changes` as they are in the worktree `root`; returns the commit's id.

    A hook that reformats one of these paths, staged or not, has its way. `author_of` names a commit
    whose author (with date) is kept. Raises HookFailedError, NotLandedError, EnvironmentFailure.
    """
    before = _head(repo, root)
    _stage(repo, root, changes)
    if repo.git_result("diff", "--cached", "--quiet", cwd=root, check=False).code == 0:
        raise NotLandedError("git sees no difference: there is nothing to commit")
    text = _message(message, trailers)
    args = ["commit", "--quiet", "--cleanup=whitespace", "--no-status", "-F", "-"]
    env = _author(repo, author_of) if author_of else {}
    for _ in range(_ATTEMPTS):
        result = _run(repo, root, args, text, env)
        rewritten = _rewritten(repo, root, changes)
        if result.code == 0 and not rewritten:
            return _head(repo, root)
        if result.code != 0 and not rewritten:
            raise _failure(repo, root, result, before)
        # A formatter changed files that are being committed: take its changes in and go again.
        _stage(repo, root, changes)
        if result.code == 0:
            args = [*args, "--amend"] if "--amend" not in args else args
    raise HookFailedError(f"{result.stderr}\nIts changes do not come to rest.")


def _head(repo: Repository, root: Path) -> str:
    return repo.git("rev-parse", "HEAD", cwd=root).decode().strip()


def _stage(repo: Repository, root: Path, changes: ChangeSet) -> None:
    names = b"".join(os.fsencode(path) + b"\0" for path in changes.paths)
    args = ("update-index", "--add", "--remove", "--replace", "-z", "--stdin")
    repo.git(*args, input=names, cwd=root)
    for wanted, sign in ((True, "+x"), (False, "-x")):
        marked = [c.path for c in changes.changes if c.executable is wanted and c.after is not None]
        if marked:
            stdin = b"".join(os.fsencode(path) + b"\0" for path in marked)
            repo.git("update-index", f"--chmod={sign}", "-z", "--stdin", input=stdin, cwd=root)


def _rewritten(repo: Repository, root: Path, changes: ChangeSet) -> bool:
    """Whether the files to be committed differ on disk from what is staged."""
    repo.git("update-index", "-q", "--refresh", cwd=root, check=False)
    out = repo.git("diff-files", "--name-only", "-z", cwd=root)
    changed = {os.fsdecode(name) for name in out.split(b"\0") if name}
    return not changed.isdisjoint(changes.paths)


def _message(message: str, trailers: Mapping[str, str]) -> bytes:
    lines = [f"{key}: {' '.join(value.split())}" for key, value in trailers.items()]
    text = message.strip() + "\n"
    if lines:
        text += "\n" + "\n".join(lines) + "\n"
    return text.encode("utf-8", "surrogateescape")


def _author(repo: Repository, commit: str) -> dict[str, str]:
    out = repo.git("show", "-s", "--format=%an%x00%ae%x00%ad", "--date=raw", commit)
    name, email, date = out.decode("utf-8", "surrogateescape").rstrip("\n").split("\0")
    return {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": email, "GIT_AUTHOR_DATE": date}


def _run(
    repo: Repository, root: Path, args: list[str], text: bytes, env: Mapping[str, str]
) -> GitResult:
    try:
        return repo.git_result(
            *args,
            input=text,
            env=env,
            cwd=root,
            config=_hooks_path(repo, root),
            hooks=True,
            hold_lock=False,
            check=False,
            timeout_s=HOOK_TIMEOUT_S,
        )
    except GitTimeout as error:
        raise HookFailedError(f"it did not end within {HOOK_TIMEOUT_S:g} s") from error


def _hooks_path(repo: Repository, root: Path) -> tuple[tuple[str, str], ...]:
    """A relative core.hooksPath whose folder is not committed (husky) is the user's own one.

    Without this the hooks would be skipped in the worktree, silently.
    """
    result = repo.git_result(
        "config", "--type=path", "--get", "core.hooksPath", hooks=True, check=False
    )
    value = os.fsdecode(result.stdout).rstrip("\n")
    if not value or Path(value).is_absolute() or (root / value).is_dir():
        return ()
    return (("core.hooksPath", str(repo.root / value)),)


def _failure(
    repo: Repository, root: Path, result: GitResult, before: str
) -> NotLandedError | EnvironmentFailure | GitError:
    """What a failed `git commit` means."""
    said = (result.stderr + os.fsdecode(result.stdout)).strip()
    if "gpg failed to sign" in said or "failed to write commit object" in said:
        return EnvironmentFailure(
            f"the commit could not be signed (commit.gpgsign is set):\n{said}",
            hint="Make signing work (git commit -S in this repository), or switch it off here:"
            " git config commit.gpgsign false",
        )
    if result.code == 1:
        return HookFailedError(said)
    return GitError(("commit",), result.code, said)
