"""Keeping one checked-out tree per repository, so that the next run writes only what differs.

The folder of a run, `<common dir>/sorte/<run>`, holds the tree and, once its checkout was complete,
a note that says under which settings. After the run the folder is renamed to `sorte/kept`, with
git's own note of the worktree inside: git knows no worktree of ours while none works. The next run
renames it back and makes it clean, whatever state it is in; where anything is odd, it is removed
and the tree is checked out anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from sorte_cli.errors import SorteError
from sorte_cli.history.locking import boot_id
from sorte_cli.history.repository import Repository
from sorte_cli.history.treefiles import replace_file
from sorte_cli.history.worktrees import (
    KEPT,
    READY,
    entries,
    is_kept,
    notes,
    remove_tree,
    remove_worktrees,
)

_NOTE = ".sorte-note"
_OURS = frozenset({_NOTE, READY, f"{READY}.new"})
# Of git's note only what describes the tree is taken over; the rest belongs to the last run.
_LASTING = ("index", "sharedindex.", "info", "config.worktree")
_SETTINGS = (b"core.", b"filter.", b"extensions.")
_CHECKOUT_TIMEOUT_S = 1800.0
_FREE_SHARE = 0.1
# Every file is looked at again, by everything that stat tells, whatever the user has set.
STRICT = (
    ("core.trustctime", "true"),
    ("core.checkStat", "default"),
    ("core.ignoreStat", "false"),
    ("core.untrackedCache", "false"),
)


@dataclass(frozen=True, slots=True)
class KeptTree:
    """The tree that waits for the next run: its size and the seconds since it was used."""

    path: Path
    size_bytes: int
    age_s: float


def take(repo: Repository, folder: Path, root: Path, commit: str) -> bool:
    """Make the kept tree the worktree `root` in `folder`, exactly at `commit`.

    False where there is none that would do; `folder` does not exist then.
    """
    home = repo.common_dir / "sorte" / KEPT
    if not home.is_dir() or folder.exists():
        return False
    ready = _ready(home)
    if ready is None or not _fits(repo, home, ready, commit):
        drop(repo)
        return False
    done = False
    try:
        home.rename(folder)
        _register(repo, folder, root, commit)
        if not ready.swept or _left(repo, root):
            _clean(repo, root, commit)
        _note(folder, _Ready(ready.key, commit, swept=False))
        done = True
    except (SorteError, OSError):
        return False  # whatever is wrong with it, a new checkout is not
    finally:
        if not done:
            remove_worktrees(repo, folder)
    return True


def mark_ready(repo: Repository, folder: Path, commit: str) -> None:
    """Note that the tree in `folder` was checked out to the end, at `commit`."""
    if any(p.name in _OURS for p in entries(folder) if p.is_dir()):
        return  # a repository of that name
    key = _key(repo)
    if key:
        _note(folder, _Ready(key, commit, swept=False))


def give_back(repo: Repository, folder: Path) -> None:
    """Keep the tree in `folder` for the next run, or remove it where it will not do."""
    kept = False
    try:
        if _is_worth_it(repo, folder):
            (root,) = _trees(folder)
            # What tests have left may be large, and may be secret.
            repo.git("clean", "-ffdxq", cwd=root)
            if ready := _ready(folder):
                _note(folder, replace(ready, swept=True))
            kept = _put_back(repo, folder)
    except (SorteError, OSError, ValueError):
        kept = False
    finally:
        if not kept:
            remove_worktrees(repo, folder)


def put_back_left(repo: Repository) -> None:
    """Keep, or leave for removal, the trees of runs that were killed. Under the run lock."""
    for folder in sorted(entries(repo.common_dir / "sorte")):
        if not folder.is_symlink() and (folder / READY).is_file() and not is_kept(folder):
            with contextlib.suppress(OSError):
                _put_back(repo, folder)


def kept_tree(repo: Repository, now: float | None = None) -> KeptTree | None:
    """The kept tree of this repository, if there is one."""
    home = repo.common_dir / "sorte" / KEPT
    if not is_kept(home):
        return None
    age = (time.time() if now is None else now) - (home / READY).stat().st_mtime
    sizes = (
        (Path(folder) / name).lstat().st_blocks * 512
        for folder, _, names in os.walk(home)
        for name in names
    )
    return KeptTree(home, sum(sizes), age)


def drop(repo: Repository) -> None:
    """Remove the kept tree. Under the run lock."""
    home = repo.common_dir / "sorte" / KEPT
    (home / READY).unlink(missing_ok=True)
    remove_tree(home)


def _put_back(repo: Repository, folder: Path) -> bool:
    """Take git's note of the worktree in, give the folder its name; False where that is taken."""
    note, home = folder / _NOTE, folder.with_name(KEPT)
    (folder / f"{READY}.new").unlink(missing_ok=True)
    for admin, place in notes(repo):
        if place is not None and place.is_relative_to(folder):
            for lock in admin.glob("*.lock"):
                lock.unlink()
            remove_tree(note)
            admin.rename(note)
    with contextlib.suppress(OSError):
        (repo.common_dir / "worktrees").rmdir()
    if is_kept(home) or not (note / "index").is_file():
        return False
    remove_tree(home)
    os.utime(folder / READY)
    folder.rename(home)
    return True


def _is_worth_it(repo: Repository, folder: Path) -> bool:
    if not (folder / READY).is_file() or is_kept(folder.with_name(KEPT)):
        return False
    disk = shutil.disk_usage(repo.common_dir)
    return disk.free >= disk.total * _FREE_SHARE


def _trees(folder: Path) -> list[Path]:
    return [p for p in entries(folder) if p.name not in _OURS]


@dataclass(frozen=True, slots=True)
class _Ready:
    """What is noted of a tree: under which settings it was checked out, and with the attributes of
    which commit; and whether nothing but tracked files was left in it."""

    key: str
    commit: str
    swept: bool


def _ready(folder: Path) -> _Ready | None:
    try:
        words = json.loads((folder / READY).read_bytes())
        return _Ready(str(words["key"]), str(words["commit"]), words["swept"] is True)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _note(folder: Path, ready: _Ready) -> None:
    replace_file(folder / READY, json.dumps(asdict(ready)).encode())


def _fits(repo: Repository, home: Path, ready: _Ready, commit: str) -> bool:
    """Whether a checkout of `commit` would look just like the kept tree brought up to it."""
    if ready.key != _key(repo) or len(_trees(home)) != 1:
        return False
    if ready.commit == commit:
        return True
    # Attributes say how files are written, also such as do not change themselves.
    which = (ready.commit, commit, "--", ":(glob)**/.gitattributes")
    env = {"GIT_LITERAL_PATHSPECS": "0"}
    result = repo.git_result("diff-tree", "-r", "--name-only", *which, env=env, accept=None)
    return result.code == 0 and not result.stdout


def _key(repo: Repository) -> str:
    """What a checkout depends on beside the commit; "" where a tree cannot be kept at all."""
    listed = repo.git("config", "-z", "--list").split(b"\0")
    settings = [entry for entry in listed if entry.lower().startswith(_SETTINGS)]
    if any(entry.lower().startswith(b"extensions.refstorage") for entry in settings):
        return ""  # there HEAD is not a file that could be written beforehand
    digest = hashlib.sha256()
    # After a power cut the disk may hold less than was written.
    for part in (boot_id().encode(), repo.object_format.encode(), *settings):
        digest.update(part + b"\0")
    own = [entry.partition(b"\n")[2] for entry in settings if entry.startswith(b"core.attributesf")]
    configured = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    for file in (
        Path("/etc/gitattributes"),
        Path(configured) / "git" / "attributes",
        *(Path(os.fsdecode(name)).expanduser() for name in own),
        repo.common_dir / "info" / "attributes",
        repo.git_dir / "info" / "sparse-checkout",
        repo.git_dir / "config.worktree",
    ):
        digest.update((file.read_bytes() if file.is_file() else b"") + b"\0")
    return digest.hexdigest()


def _register(repo: Repository, folder: Path, root: Path, commit: str) -> None:
    """Let git know the tree again, as `git worktree add` would have."""
    (tree,) = _trees(folder)
    if tree != root:
        tree.rename(root)
    note = folder / _NOTE
    for path in entries(note):
        if not path.name.startswith(_LASTING) or path.name.endswith(".lock"):
            remove_tree(path) if path.is_dir() else path.unlink()
    (note / "HEAD").write_text(f"{commit}\n")
    (note / "commondir").write_text("../..\n")
    (note / "gitdir").write_bytes(os.fsencode(root / ".git") + b"\n")
    admin = repo.common_dir / "worktrees" / f"sorte-{folder.name}"
    admin.parent.mkdir(exist_ok=True)
    pointer = root / ".git"
    if pointer.is_dir() and not pointer.is_symlink():
        remove_tree(pointer)
    pointer.unlink(missing_ok=True)
    pointer.write_bytes(b"gitdir: " + os.fsencode(admin) + b"\n")
    note.rename(admin)


def _clean(repo: Repository, root: Path, commit: str) -> None:
    """Bring the tree to exactly `commit`. SorteError where that does not succeed."""
    _git(repo, root, "reset", "--hard", "--quiet", commit)
    _git(repo, root, "clean", "-ffdxq")
    if left := _left(repo, root):
        raise SorteError(f"the kept tree is not clean: {left}")


def _left(repo: Repository, root: Path) -> str:
    """What differs from the commit, or is there beside it; nothing in a clean tree."""
    # The folders of submodules stay empty in a worktree, and git does not look into them.
    for row in _git(repo, root, "ls-files", "-z", "--stage").split(b"\0"):
        if row.startswith(b"160000 "):
            place = root / os.fsdecode(row.partition(b"\t")[2])
            if entries(place) or place.is_symlink():
                return str(place)
    args = ("status", "--porcelain", "-z", "--ignored", "--untracked-files=normal", "--no-renames")
    return os.fsdecode(_git(repo, root, *args)[:200])


def _git(repo: Repository, root: Path, *args: str) -> bytes:
    return repo.git_result(*args, cwd=root, config=STRICT, timeout_s=_CHECKOUT_TIMEOUT_S).stdout
