"""The llama.cpp library: its ctypes bindings, its log, and what it prints besides.

`llama_cpp/__init__.py` also imports the high-level class and numpy (a quarter of a second), which
are not used here; see `native` for why.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any

from sorte_cli.errors import EnvironmentFailure
from sorte_cli.inference.hardware import SPIN_COUNT, library_folder

LOG_LINES = 50
_WARNING, _ERROR, _CONTINUATION = 3, 4, 5  # ggml_log_level
_log_lock = threading.Lock()
_log_lines: deque[str] = deque(maxlen=LOG_LINES)
_echo_fd = -1


@cache
def bindings() -> Any:
    """The module `llama_cpp.llama_cpp`, with logging routed to this module.

    It is imported under a bare package, which is taken away again afterwards.
    """
    try:
        spec = importlib.util.find_spec("llama_cpp")
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise EnvironmentFailure(
            "llama-cpp-python is not installed, so no model can run",
            hint="Install it with: pip install llama-cpp-python==0.3.36",
        )
    bare = "llama_cpp" not in sys.modules
    if bare:
        package = ModuleType("llama_cpp")
        package.__path__ = list(spec.submodule_search_locations)
        package.__spec__ = spec
        sys.modules["llama_cpp"] = package
    os.environ.setdefault("GOMP_SPINCOUNT", SPIN_COUNT)  # read once, when the library is loaded
    try:
        module = importlib.import_module("llama_cpp.llama_cpp")
    except (ImportError, OSError, RuntimeError) as error:
        raise EnvironmentFailure(
            f"llama-cpp-python is installed but its library does not load: {error}",
            hint="Reinstall it: pip install --force-reinstall llama-cpp-python==0.3.36",
        ) from error
    finally:
        if bare:
            del sys.modules["llama_cpp"]
    module.llama_log_set(_log_callback(module), None)
    module.llama_backend_init()
    return module


def build_identity() -> str:
    """What tells one build of llama.cpp from another: saved states are only good for their own."""
    c = bindings()
    folder = library_folder()
    files = sorted(folder.glob("lib*")) if folder is not None else []
    sizes = ",".join(str(file.stat().st_size) for file in files if file.is_file())
    return f"{c.llama_version().decode()} {c.llama_print_system_info().decode()} {sizes}"


@cache  # the callback must outlive every call of llama.cpp
def _log_callback(module: Any) -> Any:
    def log(level: int, text: bytes, _data: object) -> None:
        line = text.decode("utf-8", "replace")
        with _log_lock:
            if level == _CONTINUATION and _log_lines and not _log_lines[-1].endswith("\n"):
                _log_lines[-1] += line
            elif line.strip(" .\n"):
                _log_lines.append(line)
        if _echo_fd >= 0 and level in (_WARNING, _ERROR):
            os.write(_echo_fd, text)

    return module.llama_log_callback(log)


def echo_log_to(fd: int) -> None:
    """Also writes warnings and errors to `fd`, so that they survive a crash of this process."""
    global _echo_fd
    _echo_fd = fd


def log_tail(count: int = LOG_LINES) -> list[str]:
    """The last lines llama.cpp logged in this process."""
    with _log_lock:
        return [line.rstrip() for line in list(_log_lines)[-count:]]


def clear_log() -> None:
    with _log_lock:
        _log_lines.clear()


def grammar_reason(printed: str) -> str:
    """The parser prints its reason to stderr, other checks log theirs; the text follows both."""
    for line in printed.splitlines():
        if "error parsing grammar:" in line:
            reason = line.partition("error parsing grammar:")[2].strip()[:200]
            return f"{reason} the end" if reason.endswith(" at") else reason
    for line in log_tail():
        if "left recursion" in line or "does not contain" in line:
            return line.partition(": ")[2] or line
    return "llama.cpp refused it"


@contextmanager
def stderr_captured() -> Iterator[Callable[[], str]]:
    """What native code prints to stderr meanwhile. Process-wide, so held for moments only."""
    sys.stderr.flush()
    with tempfile.TemporaryFile() as sink:
        saved = os.dup(2)
        os.dup2(sink.fileno(), 2)
        try:

            def text() -> str:
                sink.seek(0)
                return sink.read(65_536).decode("utf-8", "replace")

            yield text
        finally:
            os.dup2(saved, 2)
            os.close(saved)


def reason_lines() -> str:
    """The lines of the log that say why, for the end of a message."""
    lines = log_tail()
    telling = [ln for ln in lines if "error" in ln.lower() or "failed" in ln.lower()]
    return "".join(f"\n  {line}" for line in (telling or lines)[-4:])
