"""Committing chosen paths of a worktree as the user would: with hooks, signing, identity."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.domain import ChangeSet
from sorte_cli.errors import EnvironmentFailure, NotLandedError, SorteError
from sorte_cli.history.dependencies import lent_dependencies
from sorte_cli.history.gitcmd import GitResult, GitTimeout
from sorte_cli.history.objects import filtered_paths
from sorte_cli.history.repository import GitError, Repository

HOOK_TIMEOUT_S = 900.0
_ATTEMPTS = 3
_CHUNK = 200


class HookFailedError(NotLandedError):
    """A commit hook of the repository refused the commit. `output` is what it said."""

    def __init__(self, output: str) -> None:
        said = output.strip() or "(it said nothing)"
        super().__init__(
            f"a commit hook of this repository refused the commit:\n{said}",
            hint="Nothing has landed. Hooks are never skipped.",
        )
        self.output = output


@dataclass(frozen=True, slots=True)
class CommitPlace:
    """The worktree `root` of `repo` to commit in. `config` switches missing filters off."""

    repo: Repository
    root: Path
    config: tuple[tuple[str, str], ...] = ()

    def git(
        self, *args: str, input: bytes | None = None, accept: Collection[int] = (0,)
    ) -> GitResult:
        return self.repo.git_result(
            *args, input=input, cwd=self.root, config=self.config, accept=accept
        )

    def head(self) -> str:
        return self.git("rev-parse", "HEAD").stdout.decode().strip()


def commit_paths(
    place: CommitPlace,
    changes: ChangeSet,
    message: str,
    trailers: Mapping[str, str],
    *,
    author_of: str | None = None,
) -> str:
    """Commit the paths of `changes` as they are in the worktree; returns the commit's id.

    A hook that reformats one of these paths, staged or not, has its way. `author_of` names a commit
    whose author (with date) is kept. Raises HookFailedError, NotLandedError, EnvironmentFailure.
    """
    _check_filters(place, changes)
    _stage(place, changes)
    if place.git("diff", "--cached", "--quiet", accept=(0, 1)).code == 0:
        raise NotLandedError("git sees no difference: there is nothing to commit")
    text = _message(message, trailers)
    args = ["commit", "--quiet", "--cleanup=whitespace", "--no-status", "-F", "-"]
    env = _author(place, author_of) if author_of else {}
    for _ in range(_ATTEMPTS):
        result = _run(place, args, text, env)
        rewritten = _rewritten(place, changes)
        if result.code == 0 and not rewritten:
            return place.head()
        if result.code != 0 and not rewritten:
            raise _failure(result)
        # A formatter changed files that are being committed: take its changes in and go again.
        _stage(place, changes)
        if result.code == 0 and "--amend" not in args:
            args.append("--amend")
    raise HookFailedError(f"{result.stderr}\nIts changes do not come to rest.")


def _check_filters(place: CommitPlace, changes: ChangeSet) -> None:
    """A file whose filter is missing cannot be committed: git would store the wrong thing."""
    if not place.config:
        return
    for path, name in filtered_paths(place.repo, changes.paths, place.root).items():
        raise EnvironmentFailure(
            f"{path} goes through the filter {name!r}, which does not work here",
            hint=f"Install what filter.{name} in your git configuration names (git-lfs?).",
        )


def _stage(place: CommitPlace, changes: ChangeSet) -> None:
    names = b"".join(os.fsencode(path) + b"\0" for path in changes.paths)
    place.git("update-index", "--add", "--remove", "--replace", "-z", "--stdin", input=names)
    for wanted, sign in ((True, "+x"), (False, "-x")):
        marked = [c.path for c in changes.changes if c.executable is wanted and c.after is not None]
        if marked:
            stdin = b"".join(os.fsencode(path) + b"\0" for path in marked)
            place.git("update-index", f"--chmod={sign}", "-z", "--stdin", input=stdin)


def _rewritten(place: CommitPlace, changes: ChangeSet) -> bool:
    """Whether the files to be committed differ on disk from what is staged."""
    # Of these paths only: looking at every file of a large tree again costs more than the commit.
    args = ("diff", "--no-ext-diff", "--no-textconv", "--quiet", "--")
    paths = changes.paths
    chunks = [paths[start : start + _CHUNK] for start in range(0, len(paths), _CHUNK)]
    return any(place.git(*args, *chunk, accept=(0, 1)).code == 1 for chunk in chunks)


def _message(message: str, trailers: Mapping[str, str]) -> bytes:
    lines = [f"{key}: {' '.join(value.split())}" for key, value in trailers.items()]
    text = message.strip() + "\n"
    if lines:
        text += "\n" + "\n".join(lines) + "\n"
    return text.encode("utf-8", "surrogateescape")


def _author(place: CommitPlace, commit: str) -> dict[str, str]:
    out = place.git("show", "-s", "--format=%an%x00%ae%x00%ad", "--date=raw", commit).stdout
    name, email, date = out.decode("utf-8", "surrogateescape").rstrip("\n").split("\0")
    return {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": email, "GIT_AUTHOR_DATE": date}


def _run(place: CommitPlace, args: Sequence[str], text: bytes, env: Mapping[str, str]) -> GitResult:
    hooks = _hooks_path(place)
    try:
        with lent_dependencies(place.repo, place.root, hooks) as lent:
            return place.repo.git_result(
                *args,
                input=text,
                env=env,
                cwd=place.root,
                config=(*place.config, *lent, ("core.hooksPath", hooks)),
                hooks=True,
                hold_lock=False,
                accept=None,
                timeout_s=HOOK_TIMEOUT_S,
            )
    except GitTimeout as error:
        raise HookFailedError(f"it did not end within {HOOK_TIMEOUT_S:g} s") from error


def _hooks_path(place: CommitPlace) -> str:
    """Where the repository's hooks are.

    A relative core.hooksPath whose folder is not committed (husky) means the user's own one:
    without this the hooks would be skipped in the worktree, silently.
    """
    # As if for hooks: otherwise our own setting would be the answer.
    args = ("rev-parse", "--git-path", "hooks")
    out = place.repo.git_result(*args, cwd=place.root, hooks=True).stdout
    folder = Path(os.fsdecode(out).rstrip("\n"))
    if not folder.is_absolute() and not (place.root / folder).is_dir():
        return str(place.repo.root / folder)
    return str(place.root / folder)


def _failure(result: GitResult) -> SorteError:
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
