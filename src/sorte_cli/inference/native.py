"""llama.cpp through its ctypes bindings: loading, tokens, text pieces, decoding, log lines.

The high-level `Llama` class of llama-cpp-python is not used: it drops tokens longer than 32 bytes,
crashes on a bad grammar and on use after close, and cannot be cancelled.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any

from sorte_cli.errors import EnvironmentFailure
from sorte_cli.inference.engine import ModelLoadError, ModelSpec, OnProgress
from sorte_cli.inference.gguf import GgufHeader, read_header

UBATCH_TOKENS = 512
LOG_LINES = 50
_WARNING, _ERROR, _CONTINUATION = 3, 4, 5  # ggml_log_level
_CONTROL, _USER_DEFINED, _UNKNOWN = 1 << 3, 1 << 4, 1 << 0  # llama_token_attr
KV_TYPES = {"f32": 0, "f16": 1, "q4_0": 2, "q8_0": 8, "bf16": 30}

_log_lock = threading.Lock()
_log_lines: deque[str] = deque(maxlen=LOG_LINES)
_echo_fd = -1


@cache
def bindings() -> Any:
    """The module `llama_cpp.llama_cpp`, with logging routed to this module.

    `llama_cpp/__init__.py` also imports the high-level class and numpy (a quarter of a second),
    so the submodule is imported under a bare package that is taken away again afterwards.
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


class Cancelled(Exception):
    """Decoding was stopped through the abort flag; the half-done batch was rolled back."""


class Model:
    """Weights, vocabulary and one context. Not thread-safe, except for `abort`."""

    def __init__(
        self,
        spec: ModelSpec,
        *,
        context_tokens: int,
        threads: tuple[int, int],
        on_progress: OnProgress | None = None,
        header: GgufHeader | None = None,
    ) -> None:
        self.header = header or read_header(spec.path)
        if spec.kv_type not in KV_TYPES:
            raise ModelLoadError(
                f"unknown KV cache type {spec.kv_type!r}", hint=f"Use one of {', '.join(KV_TYPES)}."
            )
        self._c = bindings()
        clear_log()
        self._model: Any = None
        self._context: Any = None
        try:
            self._load(spec, on_progress)
            self._open_context(spec, context_tokens, threads)
        except ModelLoadError:
            self.close()
            raise
        self._memory = self._c.llama_get_memory(self._context)
        # llama.cpp rounds a window up to a multiple of 256; what was asked for counts.
        self.context_tokens = min(context_tokens, int(self._c.llama_n_ctx(self._context)))
        self.vocab_size = int(self._c.llama_vocab_n_tokens(self.vocab))
        self._pieces: dict[int, bytes] = {}

    def _load(self, spec: ModelSpec, on_progress: OnProgress | None) -> None:
        c = self._c
        params = c.llama_model_default_params()
        params.n_gpu_layers = spec.gpu_layers
        last = [-1.0]

        def progress(fraction: float, _data: object) -> bool:
            if on_progress is not None and (fraction >= 1.0 or fraction - last[0] >= 0.01):
                last[0] = fraction
                on_progress(fraction)
            return True

        callback = c.llama_progress_callback(progress)
        params.progress_callback = callback
        self._model = c.llama_model_load_from_file(os.fsencode(spec.path), params)
        if not self._model:
            raise _load_failure(spec, self.header)
        self.vocab = c.llama_model_get_vocab(self._model)
        if not c.llama_model_has_decoder(self._model) or c.llama_model_has_encoder(self._model):
            raise ModelLoadError(
                f"{spec.path.name} ({self.header.architecture}) is not a text generator",
                hint="Embedding and encoder models cannot plan or edit. Choose a chat model.",
            )

    def _open_context(self, spec: ModelSpec, context_tokens: int, threads: tuple[int, int]) -> None:
        c = self._c
        params = c.llama_context_default_params()
        params.n_ctx = context_tokens
        params.n_batch = params.n_ubatch = min(UBATCH_TOKENS, context_tokens)
        params.n_outputs_max = 1
        params.flash_attn_type = -1  # AUTO; the bindings' default is DISABLED
        params.type_k = params.type_v = KV_TYPES[spec.kv_type]
        params.n_threads, params.n_threads_batch = threads
        params.no_perf = True
        # strlen as the abort callback over a flag of two bytes ("" or "1"): llama.cpp asks some
        # hundred times a token, and this way no call has to take the GIL.
        self._flag = ctypes.create_string_buffer(2)
        self._abort = ctypes.cast(ctypes.CDLL(None).strlen, c.ggml_abort_callback)
        params.abort_callback = self._abort
        params.abort_callback_data = ctypes.cast(self._flag, ctypes.c_void_p)
        self._context = c.llama_init_from_model(self._model, params)
        if not self._context:
            raise ModelLoadError(
                f"no context of {context_tokens} tokens could be made for {spec.path.name}"
                f"{_reason()}",
                hint="Lower context_tokens, or use a smaller model.",
            )

    # -- tokens and text

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """Tokens of `text`; `special` turns control tokens written in it into themselves."""
        data = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace").encode()
        if not data:
            return []
        capacity = len(data) + 8
        buffer = (self._c.llama_token * capacity)()
        args = (self.vocab, data, len(data))
        count = self._c.llama_tokenize(*args, buffer, capacity, False, special)
        if count < 0:
            buffer = (self._c.llama_token * -count)()
            count = self._c.llama_tokenize(*args, buffer, -count, False, special)
        return list(buffer[:count])

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for; empty for control tokens."""
        known = self._pieces.get(token)
        if known is None:
            known = self._pieces[token] = self._read_piece(token)
        return known

    def _read_piece(self, token: int) -> bytes:
        size = 64
        while True:
            buffer = ctypes.create_string_buffer(size)
            got = int(self._c.llama_token_to_piece(self.vocab, token, buffer, size, 0, False))
            if got >= 0:
                return buffer.raw[:got]
            size = -got  # a token longer than the buffer: llama.cpp says how long

    def token_text(self, token: int) -> str:
        """How the vocabulary spells a token: `<|end|>`. Empty where there is no such token."""
        if token < 0:
            return ""
        text: bytes = self._c.llama_vocab_get_text(self.vocab, token)
        return text.decode("utf-8", "replace")

    def special_texts(self) -> frozenset[str]:
        """The spellings of all control tokens."""
        c, vocab = self._c, self.vocab
        kinds = _CONTROL | _UNKNOWN
        found = (
            self.token_text(t)
            for t in range(self.vocab_size)
            if c.llama_vocab_get_attr(vocab, t) & kinds
        )
        return frozenset(text for text in found if text)

    def is_end(self, token: int) -> bool:
        return bool(self._c.llama_vocab_is_eog(self.vocab, token))

    @property
    def bos(self) -> int:
        return int(self._c.llama_vocab_bos(self.vocab))

    @property
    def eos(self) -> int:
        return int(self._c.llama_vocab_eos(self.vocab))

    @property
    def adds_bos(self) -> bool:
        return bool(self._c.llama_vocab_get_add_bos(self.vocab))

    # -- the context

    def decode(self, tokens: Sequence[int]) -> None:
        """Reads at most one micro-batch of tokens after what is in memory. Raises Cancelled."""
        buffer = (self._c.llama_token * len(tokens))(*tokens)
        status = self._c.llama_decode(
            self._context, self._c.llama_batch_get_one(buffer, len(tokens))
        )
        if status == 2:
            raise Cancelled
        if status != 0:
            raise EnvironmentFailure(
                f"llama.cpp could not process the text (status {status}){_reason()}",
                hint="Lower context_tokens, or report this with the lines above.",
            )

    def forget_from(self, position: int) -> bool:
        """Drops memory from `position` on. False where the model cannot (recurrent layers)."""
        if position <= 0:
            self._c.llama_memory_clear(self._memory, True)
            return True
        return bool(self._c.llama_memory_seq_rm(self._memory, 0, position, -1))

    def logits(self) -> memoryview[float]:
        """The scores of the last position, valid until the next `decode`."""
        pointer = self._c.llama_get_logits_ith(self._context, -1)
        array = ctypes.cast(pointer, ctypes.POINTER(ctypes.c_float * self.vocab_size)).contents
        return memoryview(array).cast("B").cast("f")

    def abort(self, now: bool) -> None:
        """Sets or clears the flag that stops a running `decode`. Safe from any thread."""
        self._flag[0] = b"1" if now else b"\0"

    def new_grammar(self, grammar: str) -> tuple[Any, str]:
        """A grammar sampler, or None and llama.cpp's reason."""
        clear_log()
        with _stderr_captured() as captured:
            text = grammar.encode("utf-8", "replace")
            sampler = self._c.llama_sampler_init_grammar(self.vocab, text, b"root")
            reason = "" if sampler else _grammar_reason(captured())
        return sampler, reason

    def close(self) -> None:
        if self._context:
            self._c.llama_free(self._context)
            self._context = None
        if self._model:
            self._c.llama_model_free(self._model)
            self._model = None


def _grammar_reason(printed: str) -> str:
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
def _stderr_captured() -> Iterator[Callable[[], str]]:
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


def _reason() -> str:
    """The lines of the log that say why, for the end of a message."""
    lines = log_tail()
    telling = [ln for ln in lines if "error" in ln.lower() or "failed" in ln.lower()]
    return "".join(f"\n  {line}" for line in (telling or lines)[-4:])


def _load_failure(spec: ModelSpec, header: GgufHeader) -> ModelLoadError:
    reason = _reason()
    if "unknown model architecture" in reason:
        return ModelLoadError(
            f"{spec.path.name} has the architecture {header.architecture!r}, which the installed "
            "llama.cpp does not know",
            hint="Choose another model, or a newer llama-cpp-python that supports it.",
        )
    return ModelLoadError(
        f"llama.cpp could not load {spec.path}{reason}",
        hint="The lines above are llama.cpp's own. A damaged file is best downloaded again.",
    )
