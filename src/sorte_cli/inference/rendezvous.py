"""Where warm engines are found: private sockets of this user, and who stands behind them."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import socket
import stat
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sorte_cli import __version__
from sorte_cli.errors import RefusedError
from sorte_cli.inference.engine import ModelSpec
from sorte_cli.inference.gguf import read_header
from sorte_cli.inference.protocol import Frame, read_frame, spec_data
from sorte_cli.paths import cache_dir

PREFIX, SUFFIX = "engine-", ".sock"
HELLO_TIMEOUT_S = 10.0
_PATH_LIMIT = 100  # sun_path holds 108 bytes, on macOS 104


@dataclass(frozen=True, slots=True)
class Contact:
    """A connection to a warm engine, and what it said first."""

    connection: socket.socket
    pid: int
    hello: Frame


def runtime_folder() -> Path:
    """The folder of the sockets, which only this user may enter; made where it is missing.

    Raises RefusedError where somebody else has a hand in it.
    """
    if override := os.environ.get("SORTE_RUNTIME_DIR"):
        folder = Path(override)
    elif base := os.environ.get("XDG_RUNTIME_DIR"):
        folder = Path(base, "sorte")
    else:
        folder = Path(tempfile.gettempdir(), f"sorte-{os.getuid()}")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
    except OSError as error:
        raise RefusedError(f"cannot use {folder} for warm engines: {error.strerror}") from error
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise RefusedError(
            f"{folder} does not belong to you alone, so no engine is kept warm in it",
            hint=f"Look at it, then: chmod 700 {folder}, or set XDG_RUNTIME_DIR.",
        )
    return folder


def key_for(spec: ModelSpec) -> str:
    """Same key, same engine: the model's content, how it is loaded, and this version of Sorte.

    How many layers go to the card is not part of it where that is left to Sorte: it depends on
    what is free, and a warm engine takes some of that.
    """
    package = Path(__file__).parent
    newest = max(file.stat().st_mtime_ns for file in package.glob("*.py"))
    parts = [
        json.dumps(spec_data(spec), sort_keys=True),
        read_header(spec.path).fingerprint,
        __version__,
        str(newest),
        str(cache_dir()),
        os.environ.get("LLAMA_CPP_LIB_PATH", ""),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def socket_path(folder: Path, key: str) -> Path:
    return folder / f"{PREFIX}{key}{SUFFIX}"


def log_path(path: Path) -> Path:
    """Where the engine behind the socket `path` writes what it has to say."""
    return path.with_suffix(".log")


def sockets(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{PREFIX}*{SUFFIX}"))


@contextlib.contextmanager
def only_one_starts(path: Path) -> Iterator[None]:
    """Two terminals that want the same engine start it once."""
    lock = os.open(path.with_suffix(".lock"), os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    """A name for `path` that fits a socket address."""
    if len(os.fsencode(path)) <= _PATH_LIMIT:
        yield os.fspath(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def listen(path: Path) -> socket.socket:
    """A listening socket at `path` that only this user may connect to."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        with _short(path) as name:
            listener.bind(name)
    finally:
        os.umask(before)
    listener.listen(16)
    return listener


def contact(path: Path) -> Contact | None:
    """Connects to the engine at `path`; None where none lives there (a dead socket is removed).

    Raises RefusedError where the socket, or who answers, is not this user's own.
    """
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISSOCK(status.st_mode) or status.st_uid != os.getuid():
        raise RefusedError(
            f"{path} is not a socket of yours; it was left alone",
            hint=f"Find out who made it, then remove it: rm {path}",
        )
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short(path) as name:
            connection.settimeout(HELLO_TIMEOUT_S)
            connection.connect(name)
        pid, user = peer(connection)
        if user != os.getuid():
            raise RefusedError(f"another user's process answers at {path}; it was left alone")
        connection.settimeout(None)
        hello = _hello(connection)
    except (ConnectionError, FileNotFoundError, TimeoutError):
        hello = None
    except BaseException:
        connection.close()
        raise
    if hello is None:
        connection.close()
        path.unlink(missing_ok=True)
        return None
    return Contact(connection, pid, hello)


def _hello(connection: socket.socket) -> Frame | None:
    import select

    if not select.select([connection], [], [], HELLO_TIMEOUT_S)[0]:
        return None
    try:
        frame = read_frame(connection.fileno())
    except ValueError:  # not a frame
        return None
    return frame if frame is not None and frame.get("event") == "hello" else None


def peer(connection: socket.socket) -> tuple[int, int]:
    """(process id, user id) of who is at the other end; process id 0 where that cannot be told."""
    if hasattr(socket, "SO_PEERCRED"):
        size = struct.calcsize("3i")
        data = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
        pid, user, _group = struct.unpack("3i", data)
        return pid, user
    return 0, os.getuid()  # macOS: the folder and the socket's mode are what protects
