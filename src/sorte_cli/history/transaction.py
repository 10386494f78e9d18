"""A run's own working tree: it lands whole or vanishes, and the user's files wait untouched."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from sorte_cli.domain import ChangeSet, FileChange
from sorte_cli.errors import EnvironmentFailure, NotLandedError, RefusedError
from sorte_cli.history import kept
from sorte_cli.history.commits import CommitPlace, commit_paths
from sorte_cli.history.journal import Journal, Mark
from sorte_cli.history.landing import Landing, Move, land
from sorte_cli.history.objects import (
    EXECUTABLE,
    GITLINK,
    SYMLINK,
    TreeChange,
    TreeEntry,
    checkout_contents,
    tree_changes,
    tree_entries,
    without_filters,
)
from sorte_cli.history.repository import GitError, Repository, list_paths
from sorte_cli.history.treefiles import (
    FILE,
    Blocked,
    Content,
    TreeFiles,
    check_path,
    told,
    with_executable,
)
from sorte_cli.history.worktrees import remove_worktrees

_TEMPORARY = ".sorte-write.tmp"
_CHECKOUT_TIMEOUT_S = 1800.0


class Transaction:
    """A git worktree at HEAD in which a run works; made by `begin`.

    `root` is its top folder, `base` the commit it began from, `tip` its latest commit, `ref` the
    branch it will land on (None: a detached HEAD).
    """

    def __init__(
        self, repo: Repository, run_id: str, root: Path, base: str, ref: str | None
    ) -> None:
        self.repo = repo
        self.run_id = run_id
        self.root = root
        self.base = base
        self.tip = base
        self.ref = ref
        self.files = TreeFiles(root)
        self.config: tuple[tuple[str, str], ...] = ()
        self._clean = True
        self._checked_out = False
        self._folders_seen: set[str] = set()
        self._may_keep = True
        self._changes: tuple[str, str, ChangeSet, Mapping[str, Content]] | None = None

    @classmethod
    def begin(cls, repo: Repository, run_id: str) -> Transaction:
        """Check HEAD out into `<common dir>/sorte/<run>/<name>`, or use the tree kept from the
        last run (see `kept`). The caller holds the run lock.

        Raises EnvironmentFailure when git does not know who commits, RefusedError during a merge.
        """
        repo.check_nothing_in_progress()
        check_identity(repo)
        folder = repo.sorte_dir / run_id
        root = folder / (repo.root.name or "tree")
        transaction = cls(repo, run_id, root, repo.head(), repo.head_ref())
        if kept.take(repo, folder, root, transaction.base):
            return transaction
        folder.mkdir()
        done = False
        try:
            transaction._check_out()
            done = True
        finally:
            if not done:
                remove_worktrees(repo, folder)
        return transaction

    def _check_out(self) -> None:
        args = ("worktree", "add", "--quiet", "--detach", str(self.root), self.base)
        try:
            self._git(*args, cwd=self.repo.root, timeout_s=_CHECKOUT_TIMEOUT_S)
        except GitError:
            # A filter that is not installed (git-lfs) stops a checkout, in many words. Without it
            # its files stay pointers, which is what the user has too.
            self.config = without_filters(self.repo)
            if not self.config:
                raise
            remove_worktrees(self.repo, self.root)
            self._git(*args, cwd=self.repo.root, timeout_s=_CHECKOUT_TIMEOUT_S)
        top = os.fsdecode(self._git("rev-parse", "--show-toplevel").removesuffix(b"\n"))
        if Path(top).resolve() != self.root.resolve():
            raise EnvironmentFailure(
                f"git works in {top} instead of {self.root}",
                hint="Is core.worktree set in a configuration file outside this repository?",
            )
        self._checked_out = True
        self._checked_out = True
        if not self.config:
            kept.mark_ready(self.repo, self.root.parent, self.base)

    def _git(
        self,
        *args: str,
        input: bytes | None = None,
        cwd: Path | None = None,
        timeout_s: float = 120.0,
    ) -> bytes:
        return self.repo.git_result(
            *args, input=input, cwd=cwd or self.root, config=self.config, timeout_s=timeout_s
        ).stdout

    def paths(self) -> list[str]:
        """Files of the transaction's working tree, as `Repository.paths`."""
        clean, self._clean = self._clean, False  # later, tests may have run in it
        return list_paths(self.repo, self.root, clean=clean)

    def write(self, changes: ChangeSet) -> None:
        """Apply a change set to the worktree, after checking that all of it can be.

        Raises RefusedError for a path outside, beyond or at a symbolic link, in a submodule, for a
        new file that is ignored, or where the file is not what `before` says.
        """
        self._clean = False
        self._note_attributes(changes)
        leaving = frozenset(c.path for c in changes.changes if c.after is None)
        for change in changes.changes:
            check_path(change.path)
            self._check_before(change, leaving)
        self._check_submodules(changes.paths)
        self._check_ignored([c.path for c in changes.changes if c.before is None])
        self._date_index()
        with told(f"could not write in {self.root}"):
            for change in sorted(changes.changes, key=lambda c: c.after is not None):
                self._apply(change)

    def _date_index(self) -> None:
        """Tell git that nothing has changed since it wrote the files and, in the same second, the
        index; or it would read every one of them again."""
        if self._checked_out:
            self._checked_out = False
            os.utime(self.git_dir / "index")

    def _note_attributes(self, changes: ChangeSet) -> None:
        """Attributes say how other files are written: with new ones the tree is not kept."""
        if any(path.rpartition("/")[2] == ".gitattributes" for path in changes.paths):
            self._may_keep = False

    def _check_before(self, change: FileChange, leaving: frozenset[str]) -> None:
        try:
            found = self.files.read(change.path)
        except Blocked as blocked:
            # A folder may give way to a file, and a file to a folder, within one change set.
            if not self.files.makes_room(change.path, blocked, leaving):
                raise
            found = None
        if found is not None and found.kind != FILE:
            raise RefusedError(f"{change.path} is a symbolic link; it is not followed or replaced")
        if (found.data if found else None) != change.before:
            raise RefusedError(f"{change.path} is not what the change was made for")
        if found is None and tree_entries(self.repo, self.tip, [change.path]):
            raise RefusedError(f"{change.path} is outside the sparse checkout of this repository")

    def _check_submodules(self, paths: Sequence[str]) -> None:
        above = {p[:i] for p in paths for i, letter in enumerate(p) if letter == "/"}
        unseen = above - self._folders_seen
        for path, entry in tree_entries(self.repo, self.tip, sorted(unseen)).items():
            if entry.mode == GITLINK:
                raise RefusedError(f"{path} is a submodule: a repository of its own")
        self._folders_seen |= unseen

    def _check_ignored(self, created: Sequence[str]) -> None:
        if not created:
            return
        # check-ignore takes no literal pathspecs; behind "./" nothing is read as magic.
        names = b"".join(b"./" + os.fsencode(path) + b"\0" for path in created)
        args = ("check-ignore", "-z", "--stdin")
        env = {"GIT_LITERAL_PATHSPECS": "0"}
        result = self.repo.git_result(*args, input=names, env=env, cwd=self.root, accept=(0, 1))
        if result.code == 0:
            found = [os.fsdecode(name) for name in result.stdout.split(b"\0") if name]
            ignored = ", ".join(name.removeprefix("./") for name in found)
            raise RefusedError(
                f"{ignored} is ignored by git and could not be committed",
                hint="Choose another path, or change .gitignore first.",
            )

    def _apply(self, change: FileChange) -> None:
        if change.after is None:
            self.files.remove(change.path)
            return
        perm = None
        if change.before is not None:
            found = self.files.read(change.path)
            perm = found.perm if found else None
            if perm is not None and change.executable is not None:
                perm = with_executable(perm, change.executable)
        content = Content(FILE, change.after, perm)
        self.files.write(
            change.path, content, temporary=_TEMPORARY, executable=bool(change.executable)
        )

    def restore(self) -> None:
        """Throw away everything since the last commit; ignored files stay."""
        self._drop_stale_locks()
        self._git("reset", "--hard", "--quiet", self.tip)
        self._git("clean", "-ffd", "--quiet")

    def _drop_stale_locks(self) -> None:
        """A git that was killed in here may have left its locks; nobody else works here."""
        admin = self.git_dir
        for name in ("index.lock", "HEAD.lock"):
            (admin / name).unlink(missing_ok=True)

    @property
    def git_dir(self) -> Path:
        """git's own folder for this worktree."""
        words = os.fsdecode((self.root / ".git").read_bytes()).strip()
        return Path(words.removeprefix("gitdir: "))

    def commit(self, changes: ChangeSet, message: str, trailers: Mapping[str, str]) -> str:
        """Commit the paths of `changes` as they are in the worktree; returns the commit's id.

        The repository's hooks run. Raises HookFailedError, NotLandedError when git sees no
        difference, EnvironmentFailure without an identity.
        """
        self.commit_staged(changes, message, trailers)
        return self.tip

    def commit_staged(
        self,
        changes: ChangeSet,
        message: str,
        trailers: Mapping[str, str],
        author_of: str | None = None,
    ) -> None:
        """As `commit`, but taking the author (and date) of another commit."""
        self._checked_out = False
        self._note_attributes(changes)
        place = CommitPlace(self.repo, self.root, self.config)
        self.tip = commit_paths(place, changes, message, trailers, author_of=author_of)

    def changes(self) -> ChangeSet:
        """What the commits of this transaction change together, as bytes on disk."""
        return self._found()[0]

    def _found(self) -> tuple[ChangeSet, Mapping[str, Content]]:
        """The changes, and the contents afterwards."""
        if self._changes is None or self._changes[:2] != (self.base, self.tip):
            self._changes = (self.base, self.tip, *self._find_changes())
        return self._changes[2:]

    def _find_changes(self) -> tuple[ChangeSet, Mapping[str, Content]]:
        rows = [
            c
            for c in tree_changes(self.repo, self.base, self.tip)
            if GITLINK not in {e.mode for e in (c.old, c.new) if e}
        ]
        old = self._contents({c.path: c.old for c in rows if c.old})
        new = self._contents({c.path: c.new for c in rows if c.new})
        changes = ChangeSet.of(
            FileChange(
                c.path,
                old[c.path].data if c.old else None,
                new[c.path].data if c.new else None,
                _executable(c),
            )
            for c in rows
        )
        return changes, new

    def _contents(self, entries: Mapping[str, TreeEntry]) -> dict[str, Content]:
        return checkout_contents(self.repo, entries, cwd=self.root, config=self.config)

    def rebase_onto_head(self) -> bool:
        """Replay the commits onto where the branch is now. False: they conflict, nothing changed.

        Raises RefusedError when the user has switched to another branch meanwhile.
        """
        head = self.repo.head()
        if self.repo.head_ref() != self.ref:
            raise RefusedError("the branch was switched during the run")
        if head == self.base:
            return True
        old_base, old_tip = self.base, self.tip
        self.restore()
        self._git("reset", "--hard", "--quiet", head)
        if old_tip != old_base:
            pick = ("cherry-pick", "--allow-empty", f"{old_base}..{old_tip}")
            result = self.repo.git_result(*pick, cwd=self.root, config=self.config, accept=(0, 1))
            if result.code != 0:
                self._git("cherry-pick", "--quit")
                self._git("reset", "--hard", "--quiet", old_tip)
                self._git("clean", "-ffd", "--quiet")
                return False
        self.base, self.tip = head, self._git("rev-parse", "HEAD").decode().strip()
        return True

    def land(self, journal: Journal, run_id: str, marks: Sequence[Mark] | None = None) -> Landing:
        """Bring the commits to the user's branch, index and files (see `landing`).

        Raises DirtyConflict, HeadMovedError (then `rebase_onto_head`), NotLandedError when there is
        nothing to land. The journal then says "landed".
        """
        if self.tip == self.base:
            raise NotLandedError("there is nothing to land")
        log = self._git("rev-list", "--reverse", f"{self.base}..{self.tip}").decode().split()
        if marks is None:
            marks = [self.landed_mark(run_id, tuple(log))]
        _, contents = self._found()
        move = Move(run_id, self.ref, self.base, self.tip, lambda _: contents, tuple(marks))
        return land(self.repo, journal, move)

    def landed_mark(self, run_id: str, commits: tuple[str, ...]) -> Mark:
        """What the journal says once this transaction has landed."""
        branch = self.ref.removeprefix("refs/heads/") if self.ref else ""
        return Mark(run_id, "landed", self.base, self.tip, branch, commits, "landed", {})

    def abandon(self, *, keep_branch: bool) -> str | None:
        """Remove the worktree. With `keep_branch`, a branch `sorte/<run>` keeps its commits.

        Returns that branch; None when there was nothing to keep.
        """
        branch = None
        if keep_branch and self.tip != self.base:
            branch = f"sorte/{self.run_id}"
            self.repo.git("branch", "--no-track", "--force", branch, self.tip)
        self.close()
        return branch

    def close(self) -> None:
        """Give the worktree up (the next run may use it again); commits that have landed stay."""
        folder = self.repo.sorte_dir / self.run_id
        if self._may_keep:
            kept.give_back(self.repo, folder)
        else:
            remove_worktrees(self.repo, folder)

    def __enter__(self) -> Transaction:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _executable(change: TreeChange) -> bool | None:
    """The wanted executable bit of a change, None where it stays as it was."""
    new = change.new.mode if change.new else ""
    old = change.old.mode if change.old else ""
    if new in ("", SYMLINK, old):
        return None
    if not old:
        return True if new == EXECUTABLE else None
    return new == EXECUTABLE


def check_identity(repo: Repository) -> None:
    """EnvironmentFailure when git does not know who commits here."""
    for name in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
        result = repo.git_result("var", name, accept=(0, 128))
        if result.code != 0:
            raise EnvironmentFailure(
                "git does not know who you are, so nothing could be committed",
                hint='Tell it: git config --global user.name "Your Name"\n'
                "         git config --global user.email you@example.org",
            )
