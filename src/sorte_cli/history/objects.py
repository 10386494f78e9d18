"""What commits and indexes say about paths, and what git would make of the files on disk.

Only plumbing, on the paths asked for. Small throw-away indexes answer the questions that depend on
filters and line endings, since only git itself knows those.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.history.repository import Repository
from sorte_cli.history.treefiles import FILE, LINK, Content

GITLINK = "160000"
SYMLINK = "120000"
EXECUTABLE = "100755"
_CHUNK = 200


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """A path in a tree or index: git's mode ("100644") and object id."""

    mode: str
    oid: str


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A path in an index. `tag` is git's letter: "S" skip-worktree, lower case assume-unchanged."""

    entry: TreeEntry
    stage: int
    tag: str


@dataclass(frozen=True, slots=True)
class TreeChange:
    """A path that differs between two commits. None: it is not in that commit."""

    path: str
    old: TreeEntry | None
    new: TreeEntry | None


def tree_changes(repo: Repository, old: str, new: str) -> list[TreeChange]:
    """The paths in which two commits differ, sorted."""
    args = ("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", old, new, "--")
    fields = repo.git(*args).split(b"\0")
    changes = []
    for meta, name in zip(fields[0::2], fields[1::2], strict=False):
        old_mode, new_mode, old_oid, new_oid, _ = meta.decode().lstrip(":").split(" ")
        changes.append(
            TreeChange(os.fsdecode(name), _entry(old_mode, old_oid), _entry(new_mode, new_oid))
        )
    return sorted(changes, key=lambda change: change.path)


def _entry(mode: str, oid: str) -> TreeEntry | None:
    return None if mode == "000000" else TreeEntry(mode, oid)


def _chunks(paths: Iterable[str]) -> Iterator[Sequence[str]]:
    every = list(paths)
    for start in range(0, len(every), _CHUNK):
        yield every[start : start + _CHUNK]


def tree_entries(repo: Repository, commit: str, paths: Iterable[str]) -> dict[str, TreeEntry]:
    """Files, links and submodules that `commit` has at these paths."""
    found = {}
    for chunk in _chunks(paths):
        out = repo.git("ls-tree", "-z", "--full-tree", commit, "--", *chunk)
        for row in filter(None, out.split(b"\0")):
            meta, _, name = row.partition(b"\t")
            mode, kind, oid = meta.decode().split(" ")
            if kind != "tree":
                found[os.fsdecode(name)] = TreeEntry(mode, oid)
    return found


def index_entries(
    repo: Repository, paths: Iterable[str], env: Mapping[str, str] | None = None
) -> dict[str, list[IndexEntry]]:
    """What the index holds at exactly these paths (several stages while unmerged)."""
    wanted = set(paths)
    found: dict[str, list[IndexEntry]] = {}
    for chunk in _chunks(sorted(wanted)):
        args = ("ls-files", "-z", "--stage", "-v", "--", *chunk)
        for row in filter(None, repo.git(*args, env=env).split(b"\0")):
            meta, _, raw = row.partition(b"\t")
            name = os.fsdecode(raw)
            if name in wanted:
                tag, mode, oid, stage = meta.decode().split(" ")
                found.setdefault(name, []).append(IndexEntry(TreeEntry(mode, oid), int(stage), tag))
    return found


@contextmanager
def scratch(repo: Repository) -> Iterator[Path]:
    """A folder for throw-away files; recovery removes those that a kill left."""
    with tempfile.TemporaryDirectory(prefix="scratch-", dir=repo.sorte_dir) as folder:
        yield Path(folder)


def index_lines(entries: Mapping[str, TreeEntry | None], zero: str) -> bytes:
    """Input of `git update-index -z --index-info`; None removes a path. `zero`: the null id."""
    lines = b""
    # Removals first: a file may make room for a folder, or the other way round.
    for path, entry in sorted(entries.items(), key=lambda item: (item[1] is not None, item[0])):
        mode, oid = ("0", zero) if entry is None else (entry.mode, entry.oid)
        lines += f"{mode} {oid} 0\t".encode() + os.fsencode(path) + b"\0"
    return lines


def null_oid(repo: Repository) -> str:
    return "0" * (64 if repo.object_format == "sha256" else 40)


def entries_on_disk(
    repo: Repository, known: Mapping[str, TreeEntry]
) -> dict[str, TreeEntry | None]:
    """What git would record for the files that are at these paths now (None: no file).

    `known` is what it had recorded, on which line-ending rules depend. The answer looks at
    contents, never at timestamps or assume-unchanged marks.
    """
    if not known:
        return {}
    with scratch(repo) as folder:
        env = {"GIT_INDEX_FILE": str(folder / "index")}
        lines = index_lines(known, null_oid(repo))
        repo.git("update-index", "-z", "--index-info", input=lines, env=env)
        names = b"".join(os.fsencode(path) + b"\0" for path in known)
        repo.git_result(
            *("update-index", "--add", "--remove", "-z", "--stdin"),
            input=names,
            env=env,
            config=(("core.safecrlf", "false"),),
        )
        now = index_entries(repo, known, env)
    return {path: now[path][0].entry if path in now else None for path in known}


def checkout_contents(
    repo: Repository,
    entries: Mapping[str, TreeEntry],
    *,
    cwd: Path,
    config: Sequence[tuple[str, str]] = (),
) -> dict[str, Content]:
    """The bytes that a checkout of these entries would write, with the attributes found in `cwd`.

    Permissions are None (what the umask gives). Submodules are left out.
    """
    wanted = {path: entry for path, entry in entries.items() if entry.mode != GITLINK}
    if not wanted:
        return {}
    with scratch(repo) as folder:
        env = {"GIT_INDEX_FILE": str(folder / "index")}
        lines = index_lines(wanted, null_oid(repo))
        repo.git("update-index", "-z", "--index-info", input=lines, env=env, cwd=cwd)
        prefix = f"{folder / 'files'}/"
        names = b"".join(os.fsencode(path) + b"\0" for path in wanted)
        repo.git_result(
            *("checkout-index", "--force", f"--prefix={prefix}", "-z", "--stdin"),
            input=names,
            env=env,
            cwd=cwd,
            config=config,
        )
        return {path: _content(Path(prefix + path)) for path in wanted}


def _content(path: Path) -> Content:
    if stat.S_ISLNK(path.lstat().st_mode):
        return Content(LINK, os.fsencode(path.readlink()), None)
    return Content(FILE, path.read_bytes(), None)


def read_blob(repo: Repository, oid: str) -> bytes:
    """The bytes of a blob, unfiltered."""
    return repo.git("cat-file", "blob", oid)


def missing_objects(repo: Repository, oids: Iterable[str]) -> list[str]:
    """Those of these objects that the repository does not have."""
    lines = "".join(f"{oid}\n" for oid in oids).encode()
    if not lines:
        return []
    rows = repo.git("cat-file", "--batch-check", input=lines).decode().splitlines()
    return [row.split(" ", 1)[0] for row in rows if row.endswith(" missing")]


def without_filters(repo: Repository) -> tuple[tuple[str, str], ...]:
    """Configuration that switches off every content filter (such as git-lfs) of this repository."""
    args = ("config", "-z", "--name-only", "--get-regexp", r"^filter\.")
    out = repo.git_result(*args, accept=(0, 1)).stdout
    names = {name.rpartition(".")[0] for name in os.fsdecode(out).split("\0") if name}
    values = (("smudge", ""), ("clean", ""), ("process", ""), ("required", "false"))
    return tuple((f"{name}.{key}", value) for name in sorted(names) for key, value in values)


def filtered_paths(repo: Repository, paths: Iterable[str], cwd: Path) -> dict[str, str]:
    """The paths that go through a content filter, each with its name ("lfs")."""
    names = b"".join(os.fsencode(path) + b"\0" for path in paths)
    out = repo.git("check-attr", "-z", "--stdin", "filter", input=names, cwd=cwd)
    fields = [os.fsdecode(field) for field in out.split(b"\0")]
    return {
        path: value
        for path, value in zip(fields[0::3], fields[2::3], strict=False)
        if value not in ("unspecified", "unset", "set", "")
    }
