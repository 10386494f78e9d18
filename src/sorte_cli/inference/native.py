"""llama.cpp through its ctypes bindings: loading, tokens, text pieces, decoding, log lines.

The high-level `Llama` class of llama-cpp-python is not used: it drops tokens longer than 32 bytes,
crashes on a bad grammar and on use after close, and cannot be cancelled.
"""

from __future__ import annotations

import ctypes
import math
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sorte_cli.errors import EnvironmentFailure
from sorte_cli.inference.bindings import (
    bindings,
    clear_log,
    grammar_reason,
    reason_lines,
    stderr_captured,
)
from sorte_cli.inference.devices import expert_overrides, use_workers
from sorte_cli.inference.engine import AdapterError, ModelLoadError, ModelSpec, OnProgress
from sorte_cli.inference.gguf import GgufHeader, read_header
from sorte_cli.inference.hardware import SMALL_MODEL_BYTES
from sorte_cli.inference.lora import check_adapter
from sorte_cli.inference.placement import experts_pattern

UBATCH_TOKENS = 512
READ_TOKENS, READ_TOKENS_LARGE = 128, 64
"""So many tokens of a prompt are read at once on a processor, for models with small and with large
matrices. It can be stopped between two operations, and the longest takes as long as its tokens:
these stay far below 0.1 s. Reading is as quick as with 512 (2.36 and 2.35 ms a token, measured)."""
LARGE_MATRIX = 1 << 24
OUTPUTS_MAX = 16
"""So many positions of a batch can have scores: drafts are checked several tokens at a time."""
CANDIDATES_MAX = 8
"""So many answers can be written side by side."""
_CONTROL, _USER_DEFINED, _UNKNOWN = 1 << 3, 1 << 4, 1 << 0  # llama_token_attr
_FLASH_AUTO, _FLASH_OFF = -1, 0  # llama_flash_attn_type
_PARTIAL_ONLY = 1  # llama_state_seq_flags: only what cannot be rolled back
KV_TYPES = {"f32": 0, "f16": 1, "q4_0": 2, "q8_0": 8, "bf16": 30}


_OUT_OF_MEMORY = re.compile("out of memory|alloc|no memory", re.IGNORECASE)


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
        self.read_tokens = read_tokens(spec, self.header)
        """So many tokens of a prompt are best read with one `decode`."""
        self._pieces: dict[int, bytes] = {}
        self._ends: dict[int, bool] = {}
        self._rows: dict[int, memoryview[float]] = {}
        # The same function with a plain number as its result: a pointer object costs more.
        row_at = ctypes.cast(self._c.llama_get_logits_ith, ctypes.c_void_p).value or 0
        kind = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int32)
        self._row_at = kind(row_at)
        self._adapters: dict[str, Any] = {}

    def _load(self, spec: ModelSpec, on_progress: OnProgress | None) -> None:
        c = self._c
        params = c.llama_model_default_params()
        params.n_gpu_layers = spec.gpu_layers
        if spec.workers:
            use_workers(spec.workers)
        if spec.cpu_expert_layers:
            # Kept: llama.cpp reads the patterns while it loads.
            self._overrides = expert_overrides(experts_pattern(spec.cpu_expert_layers))
            params.tensor_buft_overrides = ctypes.cast(self._overrides, ctypes.c_void_p)
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
        params.n_outputs_max = OUTPUTS_MAX
        if self.rolls_back:
            # Sequences share one cache, and with it the prompt: more of them cost nothing. Each
            # would need a state of its own in recurrent layers.
            params.n_seq_max, params.kv_unified = CANDIDATES_MAX, True
        params.flash_attn_type = _flash_attention(spec, self.header)
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
            reason = reason_lines()
            error = ModelLoadError(
                f"no context of {context_tokens} tokens could be made for {spec.path.name}{reason}",
                hint="Lower context_tokens, or use a smaller model.",
            )
            raise _marked(error, reason)

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
        known = self._ends.get(token)
        if known is None:
            known = self._ends[token] = bool(self._c.llama_vocab_is_eog(self.vocab, token))
        return known

    @property
    def bos(self) -> int:
        return int(self._c.llama_vocab_bos(self.vocab))

    @property
    def eos(self) -> int:
        return int(self._c.llama_vocab_eos(self.vocab))

    @property
    def adds_bos(self) -> bool:
        return bool(self._c.llama_vocab_get_add_bos(self.vocab))

    # -- adapters

    def use_adapters(self, adapters: Sequence[tuple[str, float]]) -> None:
        """LoRA files and scales that count from now on, in place of those before.

        What is in memory was computed with the others: `forget_from(0)` must follow. Raises
        AdapterError and leaves everything as it was.
        """
        c = self._c
        handles = [self._adapter(path) for path, _scale in adapters]
        array = (c.llama_adapter_lora_p_ctypes * len(handles))(*handles)
        scales = (ctypes.c_float * len(handles))(*(scale for _path, scale in adapters))
        if c.llama_set_adapters_lora(self._context, array, len(handles), scales) != 0:
            raise AdapterError(f"llama.cpp did not take the adapters{reason_lines()}")

    def _adapter(self, path: str) -> Any:
        """Loaded once, freed with the model."""
        if path not in self._adapters:
            check_adapter(Path(path), self.header)
            clear_log()
            handle = self._c.llama_adapter_lora_init(self._model, os.fsencode(path))
            if not handle:
                raise AdapterError(
                    f"the adapter {path} does not go with {self.header.name}{reason_lines()}",
                    hint="An adapter works only with the model it was trained on.",
                )
            self._adapters[path] = handle
        return self._adapters[path]

    # -- the context

    def decode(self, tokens: Sequence[int]) -> None:
        """Reads at most one micro-batch of tokens after what is in memory. Raises Cancelled."""
        buffer = (self._c.llama_token * len(tokens))(*tokens)
        self._decode(self._c.llama_batch_get_one(buffer, len(tokens)))

    def decode_scored(self, tokens: Sequence[int]) -> None:
        """The same for at most OUTPUTS_MAX tokens, each of which gets scores: `logits(n)`."""
        buffer = (self._c.llama_token * len(tokens))(*tokens)
        batch = self._c.llama_batch_get_one(buffer, len(tokens))
        wanted = (ctypes.c_int8 * len(tokens))(*([1] * len(tokens)))
        batch.logits = ctypes.cast(wanted, type(batch.logits))
        self._decode(batch)

    def _decode(self, batch: Any) -> None:
        status = self._c.llama_decode(self._context, batch)
        if status == 2:
            raise Cancelled
        if status != 0:
            raise EnvironmentFailure(
                f"llama.cpp could not process the text (status {status}){reason_lines()}",
                hint="Lower context_tokens, or report this with the lines above.",
            )

    # -- several answers side by side, each a sequence; sequence 0 is the one that all else uses

    @property
    def most_sequences(self) -> int:
        return int(self._c.llama_n_seq_max(self._context))

    def fork(self, count: int) -> None:
        """Sequences 1 to `count` - 1 begin with what sequence 0 holds; nothing is copied."""
        for sequence in range(1, count):
            self._c.llama_memory_seq_cp(self._memory, 0, sequence, -1, -1)

    def drop_sequence(self, sequence: int) -> None:
        """Frees what only this sequence holds."""
        self._c.llama_memory_seq_rm(self._memory, sequence, -1, -1)

    def decode_side_by_side(self, tokens: Sequence[tuple[int, int, int]]) -> None:
        """Reads (sequence, position, token), each of which gets scores: `logits(n)`.

        Raises Cancelled.
        """
        count = len(tokens)
        ids = [(self._c.llama_seq_id * 1)(sequence) for sequence, _, _ in tokens]
        pointer = ctypes.POINTER(self._c.llama_seq_id)
        batch = self._c.llama_batch(
            n_tokens=count,
            token=(self._c.llama_token * count)(*(token for _, _, token in tokens)),
            pos=(self._c.llama_pos * count)(*(position for _, position, _ in tokens)),
            n_seq_id=(ctypes.c_int32 * count)(*([1] * count)),
            seq_id=(pointer * count)(*(ctypes.cast(i, pointer) for i in ids)),
            logits=(ctypes.c_int8 * count)(*([1] * count)),
        )
        self._decode(batch)

    def set_threads(self, generating: int, reading: int) -> None:
        """How many threads compute from now on."""
        self._c.llama_set_n_threads(self._context, generating, reading)

    def forget_from(self, position: int) -> bool:
        """Drops memory from `position` on. False where the model cannot (recurrent layers)."""
        if position <= 0:
            self._c.llama_memory_clear(self._memory, True)
            return True
        return bool(self._c.llama_memory_seq_rm(self._memory, 0, position, -1))

    @staticmethod
    def can_offload() -> bool:
        """Whether this build of llama.cpp can put layers on a graphics card."""
        return bool(bindings().llama_supports_gpu_offload())

    @property
    def rolls_back(self) -> bool:
        """Whether memory can forget its end; recurrent layers cannot."""
        c = self._c
        return not (c.llama_model_is_recurrent(self._model) or c.llama_model_is_hybrid(self._model))

    def checkpoint(self) -> bytes:
        """The state of the recurrent layers as it is now, for `restore`."""
        c = self._c
        size = c.llama_state_seq_get_size_ext(self._context, 0, _PARTIAL_ONLY)
        buffer = (ctypes.c_uint8 * size)()
        got = c.llama_state_seq_get_data_ext(self._context, buffer, size, 0, _PARTIAL_ONLY)
        return bytes(buffer[:got]) if got < size else bytes(buffer)

    def restore(self, state: bytes) -> bool:
        """Puts a checkpoint back; `forget_from` its position must follow."""
        buffer = (ctypes.c_uint8 * len(state)).from_buffer_copy(state)
        return bool(
            self._c.llama_state_seq_set_data_ext(
                self._context, buffer, len(state), 0, _PARTIAL_ONLY
            )
        )

    def save_state(self, path: Path, tokens: Sequence[int]) -> bool:
        """Writes all that was computed for `tokens`, which are in memory, to a file."""
        buffer = (self._c.llama_token * len(tokens))(*tokens)
        written = self._c.llama_state_seq_save_file(
            self._context, os.fsencode(path), 0, buffer, len(tokens)
        )
        return bool(written)

    def load_state(self, path: Path, tokens: Sequence[int]) -> bool:
        """Reads such a file into empty memory. False where it is not of exactly `tokens`."""
        buffer = (self._c.llama_token * len(tokens))()
        count = ctypes.c_size_t()
        read = self._c.llama_state_seq_load_file(
            self._context, os.fsencode(path), 0, buffer, len(tokens), ctypes.byref(count)
        )
        return bool(read) and count.value == len(tokens) and list(buffer) == list(tokens)

    def logits(self, position: int = -1) -> memoryview[float]:
        """The scores of a position of the last batch, valid until the next `decode`.

        One view for each place in llama.cpp's buffer is kept: making one takes as long as
        choosing a token.
        """
        place = self._row_at(self._context, position)
        row = self._rows.get(place)
        if row is None:
            if len(self._rows) > 4 * OUTPUTS_MAX:  # the buffer moved
                self._rows.clear()
            cells = (ctypes.c_float * self.vocab_size).from_address(place)
            row = self._rows[place] = memoryview(cells).cast("B").cast("f")
        return row

    def abort(self, now: bool) -> None:
        """Sets or clears the flag that stops a running `decode`. Safe from any thread."""
        self._flag[0] = b"1" if now else b"\0"

    def new_grammar(self, grammar: str) -> tuple[Any, str]:
        """A grammar sampler, or None and llama.cpp's reason."""
        clear_log()
        with stderr_captured() as captured:
            text = grammar.encode("utf-8", "replace")
            sampler = self._c.llama_sampler_init_grammar(self.vocab, text, b"root")
            reason = "" if sampler else grammar_reason(captured())
        return sampler, reason

    def close(self) -> None:
        if self._context:
            self._c.llama_free(self._context)
            self._context = None
        if self._model:
            self._c.llama_model_free(self._model)
            self._model = None


def read_tokens(spec: ModelSpec, header: GgufHeader) -> int:
    """How many tokens of a prompt are best read at once.

    By the model alone, never by the time it takes: the same prompt gives the same scores.
    """
    if spec.workers or (spec.gpu_layers and Model.can_offload()):
        return UBATCH_TOKENS  # cards stop only between batches, and want large ones
    matrices = (math.prod(t.shape[:2]) for t in header.tensors if t.name.startswith("blk."))
    return READ_TOKENS if max(matrices, default=0) <= LARGE_MATRIX else READ_TOKENS_LARGE


def _flash_attention(spec: ModelSpec, header: GgufHeader) -> int:
    """AUTO for real models; off for very small ones, where it saves nothing.

    Its kernels round differently for short and long batches (0.008 on a score of 5), so that an
    answer could depend on what was read before. Quantised caches need it.
    """
    small = header.size_bytes < SMALL_MODEL_BYTES and not spec.kv_type.startswith("q")
    return _FLASH_OFF if small else _FLASH_AUTO


def _load_failure(spec: ModelSpec, header: GgufHeader) -> ModelLoadError:
    reason = reason_lines()
    if "unknown model architecture" in reason:
        return ModelLoadError(
            f"{spec.path.name} has the architecture {header.architecture!r}, which the installed "
            "llama.cpp does not know",
            hint="Choose another model, or a newer llama-cpp-python that supports it.",
        )
    error = ModelLoadError(
        f"llama.cpp could not load {spec.path}{reason}",
        hint="The lines above are llama.cpp's own. A damaged file is best downloaded again.",
    )
    return _marked(error, reason)


def _marked(error: ModelLoadError, reason: str) -> ModelLoadError:
    """Notes on the error whether memory was what lacked, by llama.cpp's words."""
    error.out_of_memory = bool(_OUT_OF_MEMORY.search(reason))
    if error.out_of_memory:
        error.hint = "Memory ran out: lower context_tokens or gpu_layers, or use a smaller model."
    return error
