"""The files of a revision in a folder of their own, with a change laid over them or taken off."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath

from sorte_cli.domain import ChangeSet
from sorte_cli.guardian.gitread import git

# What large-file storage would fetch from a network stays the short text that stands for it.
_AS_STORED = ("filter.lfs.process=", "filter.lfs.smudge=", "filter.lfs.required=false")


@contextlib.contextmanager
def exported(root: Path, tree: str) -> Iterator[Path]:
    """The files of `tree` (a revision or tree of the repository at `root`), in a private folder.

    Nothing of the repository is written. Commands may be run on the folder in the sandbox.
    """
    with _private("sorte-tree-") as folder:
        place = folder / "tree"
        place.mkdir()
        index = {"GIT_INDEX_FILE": str(folder / "index")}
        settings = [word for value in _AS_STORED for word in ("-c", value)]
        git(root, "read-tree", tree, env=index)
        git(root, *settings, "checkout-index", "--all", "--quiet", f"--prefix={place}/", env=index)
        yield place


@contextlib.contextmanager
def _private(prefix: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=prefix)).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # untrusted code may have made odd files there


def lay(folder: Path, changes: ChangeSet, side: str, *, but: Collection[str] = ()) -> None:
    """Make the files of `changes` in `folder` those of `side` ("before" or "after").

    `but` are paths that stay as they are. A link is replaced, never followed.
    """
    for change in changes.changes:
        if change.path in but:
            continue
        content = change.before if side == "before" else change.after
        place = _made_room(folder, change.path)
        mode = place.stat().st_mode & 0o777 if place.is_file() else 0o644
        if place.is_symlink() or place.exists():
            _remove(place)
        if content is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            place.chmod(mode)


def _made_room(folder: Path, path: str) -> Path:
    """Where `path` is in `folder`; what is no folder on the way there is taken away."""
    place = folder
    for part in PurePosixPath(path).parts[:-1]:
        place /= part
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            _remove(place)
    return place / PurePosixPath(path).name


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)
