"""Keeps the computed beginning of prompts on disk, so that the next command need not read it again.

For a 7 B model on a laptop's processor the system text alone costs half a minute; its attention
state loads in milliseconds. Files are made again when lost, and are keyed by everything the state
depends on: the model's content, the build of llama.cpp, the cache type, and the exact tokens.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sorte_cli.inference.native import Model


BUDGET_BYTES = 2 * 1024**3
_SUFFIX = ".kv"
_LAST, _TOKENS = ".last", ".tokens"
MAX_LAST = 3
"""So many whole prompts are kept of each model."""


def kept_prefixes(folder: Path) -> list[tuple[Path, int, float]]:
    """(file, bytes, time of last use) of the states in `folder`, the latest first."""
    found = []
    with contextlib.suppress(OSError):
        for file in (f for f in folder.iterdir() if f.suffix in (_SUFFIX, _LAST)):
            with contextlib.suppress(FileNotFoundError):  # evicted meanwhile
                status = file.stat()
                found.append((file, status.st_size, status.st_mtime))
    return sorted(found, key=lambda entry: entry[2], reverse=True)


def clear_prefixes(folder: Path) -> int:
    """Deletes all states that nobody reads at the moment; returns how many bytes came free."""
    freed = 0
    for file, size, _used in kept_prefixes(folder):
        with contextlib.suppress(OSError):
            file.unlink()
            freed += size
            file.with_suffix(_TOKENS).unlink(missing_ok=True)
    return freed


class PrefixStore:
    """A folder of states. Whatever goes wrong with it only costs time, never a run."""

    def __init__(self, folder: Path, identity: str, *, budget_bytes: int = BUDGET_BYTES) -> None:
        self._folder = folder
        self._identity = identity
        self._budget_bytes = budget_bytes

    def load(self, model: Model, tokens: Sequence[int]) -> bool:
        """Puts the state of exactly `tokens` into the model's empty memory, if it is kept."""
        return self._load(model, self._path(tokens), tokens)

    def nearest(self, prompt: Sequence[int]) -> tuple[list[int], int]:
        """Of the prompts kept whole, the one that begins most like `prompt`: its tokens, and how
        many of them are the same. ([], 0) where there is none.
        """
        wanted = array("i", prompt)
        nearest: tuple[list[int], int] = ([], 0)
        for file in self._folder.glob(f"{self._model_key()}-*{_TOKENS}"):
            kept = array("i")
            try:
                kept.frombytes(file.read_bytes())
            except (OSError, ValueError):
                continue
            common = _common(kept, wanted)
            if common > nearest[1]:
                nearest = kept.tolist(), common
        return nearest

    def load_last(self, model: Model, tokens: Sequence[int]) -> bool:
        """Puts the state of a prompt that `nearest` gave into the model's empty memory."""
        return self._load(model, self._last_path(tokens), tokens)

    def save_last(self, model: Model, tokens: Sequence[int]) -> None:
        """Keeps the memory of a whole prompt, in place of those that it continues."""
        path = self._last_path(tokens)
        if self._write(model, path, tokens):
            with contextlib.suppress(OSError):
                path.with_suffix(_TOKENS).write_bytes(array("i", tokens).tobytes())
                self._replace_older(path, array("i", tokens))
                self._evict()

    def _replace_older(self, newest: Path, tokens: array[int]) -> None:
        """Prompts of one run share most of their text: only the latest of such is kept."""
        others = []
        for file in self._folder.glob(f"{self._model_key()}-*{_TOKENS}"):
            if file.stem == newest.stem:
                continue
            kept = array("i")
            with contextlib.suppress(OSError, ValueError):
                kept.frombytes(file.read_bytes())
            if 2 * _common(kept, tokens) >= len(kept):
                self._drop_last(file)
            else:
                others.append(file)
        for file in sorted(others, key=lambda f: f.stat().st_mtime_ns)[: 1 - MAX_LAST]:
            self._drop_last(file)

    def _drop_last(self, tokens_file: Path) -> None:
        tokens_file.with_suffix(_LAST).unlink(missing_ok=True)
        tokens_file.unlink(missing_ok=True)

    def _load(self, model: Model, path: Path, tokens: Sequence[int]) -> bool:
        # Taken away while it is read: should llama.cpp die of it, the next start is without it.
        taken = path.with_name(f"{path.stem}.{os.getpid()}.reading")
        try:
            path.rename(taken)
        except OSError:
            return False
        loaded = model.load_state(taken, tokens)
        with contextlib.suppress(OSError):
            if loaded:
                taken.rename(path)
                os.utime(path)
            else:
                taken.unlink()
        return loaded

    def save(self, model: Model, tokens: Sequence[int]) -> None:
        """Keeps the model's memory, which must hold exactly `tokens`."""
        if self._write(model, self._path(tokens), tokens):
            with contextlib.suppress(OSError):
                self._evict()

    def _write(self, model: Model, path: Path, tokens: Sequence[int]) -> bool:
        """A full disk, or a folder that cannot be written, leaves nothing behind."""
        part = path.with_name(f"{path.stem}.{os.getpid()}.part")
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                if model.save_state(part, tokens) and part.stat().st_size <= self._budget_bytes:
                    part.rename(path)
                    return True
            finally:
                part.unlink(missing_ok=True)
        return False

    def _model_key(self) -> str:
        return hashlib.sha256(self._identity.encode()).hexdigest()[:16]

    def _last_path(self, tokens: Sequence[int]) -> Path:
        return self._folder / f"{self._model_key()}-{self._path(tokens).stem}{_LAST}"

    def _path(self, tokens: Sequence[int]) -> Path:
        key = hashlib.sha256(self._identity.encode())
        key.update(b"".join(token.to_bytes(4, "little", signed=True) for token in tokens))
        return self._folder / f"{key.hexdigest()[:48]}{_SUFFIX}"

    def _evict(self) -> None:
        """Deletes the longest unused files beyond the budget, and what crashes left behind."""
        files = []
        for file in self._folder.iterdir():
            if file.suffix in (_SUFFIX, _LAST):
                files.append((file.stat(), file))
            elif file.suffix in (".part", ".reading") and not _runs(file.stem.rpartition(".")[2]):
                file.unlink(missing_ok=True)
        total = 0
        for status, file in sorted(files, key=lambda pair: pair[0].st_mtime_ns, reverse=True):
            total += status.st_size
            if total > self._budget_bytes:
                file.unlink(missing_ok=True)
                file.with_suffix(_TOKENS).unlink(missing_ok=True)


def _common(one: array[int], other: array[int]) -> int:
    """How many first tokens are the same."""
    size = min(len(one), len(other))
    if one[:size] == other[:size]:
        return size
    return next(at for at in range(size) if one[at] != other[at])


def _runs(pid: str) -> bool:
    """Whether a process of that number exists; it may own the temporary file."""
    if not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
