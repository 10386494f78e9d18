"""Indexes on disk that nobody has used for long: which they are, and how to let go of them."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

_PARTS = ("", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class OldIndex:
    """One index file; `idle_s` since it was last written or read, as far as the disk tells."""

    path: Path
    size_bytes: int
    idle_s: float


def old_indexes(cache_dir: Path, idle_s: float) -> list[OldIndex]:
    """The indexes that were not used for `idle_s`. They can be made again at any time."""
    now = time.time()
    found = []
    for path in sorted((cache_dir / "index").glob("*.sqlite")):
        with contextlib.suppress(FileNotFoundError):
            stats = [part.stat() for part in _parts(path) if part.exists()]
            idle = now - max(max(s.st_mtime, s.st_atime) for s in stats)
            if idle >= idle_s:
                found.append(OldIndex(path, sum(s.st_size for s in stats), idle))
    return found


def remove_index(index: OldIndex) -> None:
    """Delete an index. Who has it open goes on with it; the next one makes a new one."""
    for part in (*_parts(index.path), index.path.with_suffix(".lock")):
        part.unlink(missing_ok=True)


def _parts(path: Path) -> list[Path]:
    return [path.with_name(path.name + suffix) for suffix in _PARTS]
