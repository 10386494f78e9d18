"""`sorte replay`: commits as scripts of operations, re-applied to their parent and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sorte_cli.domain import FileChange
from sorte_cli.edits.replay import Expressed, express
from sorte_cli.edits.replay.baselines import search_replace, whole_files
from sorte_cli.errors import UsageError
from sorte_cli.history import Repository
from sorte_cli.history.objects import TreeChange, read_blob, tree_changes

EMPTY_TREES = {
    "sha1": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "sha256": "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
_REGULAR = ("100644", "100755")
_MANY = 12  # single reads after which the rest of a tree's files of that kind come at once


@dataclass(frozen=True)
class Replayed:
    """One commit and what became of it. Tokens are those of the given tokenizer: of the script,
    of the same change as SEARCH/REPLACE blocks, and of its files in full. `left_out` names what
    no operation can say: links, submodules, a taken-away executable bit.
    """

    commit: str
    subject: str
    expressed: Expressed
    files: int
    tokens: int
    search_replace_tokens: int
    whole_files_tokens: int
    left_out: tuple[str, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether the scripts make the very tree of the commit."""
        return self.expressed.exact and not self.left_out


def commits_of(repository: Repository, revision: str, limit: int = 0) -> list[str]:
    """The commits that `REV` or `OLD..NEW` means, oldest first, merges left out.

    Raises UsageError where there is none.
    """
    if revision.startswith("-"):
        raise UsageError(
            f"{revision} is no revision", hint="name a commit or a range: HEAD~3..HEAD"
        )
    if ".." in revision:
        count = ("--max-count", str(limit)) if limit else ()
        found = repository.git(
            "rev-list", "--no-merges", *count, revision, "--", check=False
        ).decode()
        commits = list(reversed(found.split()))
        if not commits:
            raise UsageError(
                f"there are no commits in {revision}", hint="a range is OLD..NEW: HEAD~3..HEAD"
            )
        return commits
    commit = repository.commit_of(revision)
    if commit is None:
        raise UsageError(
            f"there is no commit {revision}", hint="name a commit or a range: HEAD~3..HEAD"
        )
    return [commit]


def replay(
    repository: Repository, revision: str, count_tokens: Callable[[str], int], *, limit: int = 0
) -> Iterator[Replayed]:
    """Express each commit, oldest first, and check it against its parent."""
    for commit in commits_of(repository, revision, limit):
        yield replay_commit(repository, commit, count_tokens)


def replay_commit(
    repository: Repository, commit: str, count_tokens: Callable[[str], int]
) -> Replayed:
    """Express one commit (of a merge: what it is to its first parent)."""
    parent = repository.commit_of(f"{commit}^") or EMPTY_TREES[repository.object_format]
    snapshot = CommitSnapshot(repository, parent)
    changes: list[FileChange] = []
    left_out: list[str] = []
    for change in tree_changes(repository, parent, commit):
        found = _file_change(repository, change)
        if isinstance(found, str):
            left_out.append(found)
        else:
            changes.append(found)
    expressed = express(changes, snapshot)
    subject = repository.git("show", "-s", "--format=%s", commit).decode("utf-8", "replace")
    return Replayed(
        commit,
        subject.strip(),
        expressed,
        len(changes) + len(left_out),
        count_tokens(expressed.brief),
        count_tokens(search_replace(changes)),
        count_tokens(whole_files(changes)),
        tuple(left_out),
    )


def _file_change(repository: Repository, change: TreeChange) -> FileChange | str:
    """The change of one path; why it cannot be said, where it is no regular file."""
    for entry in (change.old, change.new):
        if entry is not None and entry.mode not in _REGULAR:
            kind = {"120000": "a link", "160000": "a submodule"}.get(entry.mode, "no file")
            return f"{change.path} is {kind}"
    before = read_blob(repository, change.old.oid) if change.old else None
    after = read_blob(repository, change.new.oid) if change.new else None
    executable = None
    if change.new is not None:
        now = change.new.mode == "100755"
        was = change.old is not None and change.old.mode == "100755"
        executable = now if now != was else None
    return FileChange(change.path, before, after, executable)


class CommitSnapshot:
    """The files of one commit (or tree), read from git's objects when they are asked for."""

    def __init__(self, repository: Repository, tree: str) -> None:
        self._repository = repository
        self._oids: dict[str, str] = {}
        self._contents: dict[str, bytes] = {}
        rows = repository.git("ls-tree", "-r", "-z", "--full-tree", tree).split(b"\0")
        for row in filter(None, rows):
            meta, _, name = row.partition(b"\t")
            mode, _kind, oid = meta.decode().split(" ")
            if mode in _REGULAR:
                self._oids[name.decode("utf-8", "surrogateescape")] = oid

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self._oids))

    def read(self, path: str) -> bytes | None:
        if path not in self._oids:
            return None
        if path not in self._contents:
            if len(self._contents) >= _MANY:
                self._read_all(path[path.rfind(".") :])
            if path not in self._contents:
                self._contents[path] = read_blob(self._repository, self._oids[path])
        return self._contents[path]

    def _read_all(self, ending: str) -> None:
        wanted = [p for p in self._oids if p.endswith(ending) and p not in self._contents]
        asked = "".join(f"{self._oids[p]}\n" for p in wanted).encode()
        answer = self._repository.git("cat-file", "--batch", input=asked)
        position = 0
        for path in wanted:
            end = answer.index(b"\n", position)
            size = int(answer[position:end].split(b" ")[2])
            self._contents[path] = answer[end + 1 : end + 1 + size]
            position = end + 1 + size + 1
