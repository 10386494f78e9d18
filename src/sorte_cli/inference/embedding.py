"""Embeddings: texts to vectors with a GGUF made for that, in a child process of its own.

Qwen3-Embedding, nomic and other BERT kinds, each with the words before a text that it was trained
with. The model runs on the processor, so that it takes no card away from brain and executor; the
process starts with the first texts and ends with `close`.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import os
import signal
import subprocess
from array import array
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from sorte_cli.errors import EnvironmentFailure, SorteError
from sorte_cli.inference.engine import EngineDied, ModelLoadError
from sorte_cli.inference.gguf import GgufHeader, read_header
from sorte_cli.inference.hardware import inference_threads
from sorte_cli.inference.process import engine_command, engine_environment
from sorte_cli.inference.protocol import error_frame, error_from, read_frame, write_frame
from sorte_cli.inference.wire import ending

MAX_TOKENS = 512
"""Longer texts are cut: what matters of a file stands at its beginning."""
MEAN, CLS, LAST = 1, 2, 3
"""How the vectors of a text's tokens become one (llama_pooling_type)."""
ENCODERS = frozenset(
    (
        "bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3", "neo-bert",
        "modern-bert", "eurobert",
    )
)  # fmt: skip
DECODERS = frozenset(("qwen3", "qwen2", "llama", "gemma-embedding", "mistral3"))
_QWEN_TASK = (
    "Instruct: Given a task for a programmer, retrieve the source files that must change\nQuery:"
)
_BOOT = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from sorte_cli.inference.embedding import main; main(sys.argv[2])"
)


def prefixes(header: GgufHeader) -> tuple[str, str]:
    """What a model was trained to see before a question and before a document."""
    name = header.name.lower()
    if header.architecture == "gemma-embedding":
        return "task: code retrieval | query: ", "title: none | text: "
    if header.architecture in DECODERS:
        return _QWEN_TASK, ""
    if header.architecture.startswith("nomic-bert"):
        return "search_query: ", "search_document: "
    if "e5" in name:
        return "query: ", "passage: "
    if "bge" in name and "m3" not in name:
        return "Represent this sentence for searching relevant passages: ", ""
    return "", ""


def check_embedder(path: Path) -> GgufHeader:
    """The header of an embedding model. Raises ModelLoadError where it is none, GgufError."""
    header = read_header(path)
    pooled = header.number(f"{header.architecture}.pooling_type")
    if header.architecture in ENCODERS or (header.architecture in DECODERS and pooled):
        return header
    raise ModelLoadError(
        f"{path.name} ({header.architecture}) is not an embedding model",
        hint="Name one such as Qwen3-Embedding or nomic-embed-text, or empty the setting.",
    )


class Embedder:
    """Vectors of texts, all of length one. A context manager: leaving it ends the process."""

    def __init__(self, path: Path, *, threads: int = 0) -> None:
        """Reads the header only. Raises ModelLoadError and GgufError for a file of no use."""
        self._path = path.absolute()
        self._threads = threads
        self._header = check_embedder(self._path)
        self.model = self._header.fingerprint
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Embedder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __call__(self, texts: Sequence[str], *, query: bool = False) -> list[array[float]]:
        """One vector a text, in order. `query`: the texts are questions, not documents.

        Raises ModelLoadError, or EngineDied where the process ended.
        """
        if not texts:
            return []
        asked = {"texts": list(texts), "query": query, "threads": self._threads}
        try:
            answer = self._ask(asked)
        except BaseException:
            self.close()  # Ctrl-C, or a process that is gone: what it would still say is not wanted
            raise
        if "error" in answer:
            raise error_from(answer["error"])
        vectors = []
        for data in answer["vectors"]:
            vector = array("f")
            vector.frombytes(base64.b64decode(data))
            vectors.append(vector)
        return vectors

    def _ask(self, frame: dict[str, Any]) -> dict[str, Any]:
        if self._process is None:
            # A session of its own: Ctrl-C in the terminal reaches Sorte, which ends this in order.
            self._process = subprocess.Popen(
                engine_command(_BOOT, os.fspath(self._path)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                cwd="/",
                start_new_session=True,
                env=engine_environment(),
            )
        assert self._process.stdin and self._process.stdout
        answer = None
        with contextlib.suppress(BrokenPipeError):
            write_frame(self._process.stdin.fileno(), frame)
            answer = read_frame(self._process.stdout.fileno())
        if answer is None:
            code = self._process.wait()
            raise EngineDied(
                f"the process for {self._path.name} died ({ending(code)})",
                hint="Try another embedding model, or empty the setting `embedding`.",
            )
        return answer

    def close(self) -> None:
        """Ends the process, if one was started."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


# The child


class LocalEmbedder:
    """The model in this process. Texts are computed one after the other."""

    def __init__(self, path: Path, threads: int = 0) -> None:
        from sorte_cli.inference.bindings import bindings, clear_log, reason_lines

        header = check_embedder(path)
        self._prefixes = prefixes(header)
        self._c = c = bindings()
        clear_log()
        params = c.llama_model_default_params()
        params.n_gpu_layers = 0
        self._model = c.llama_model_load_from_file(os.fsencode(path), params)
        if not self._model:
            raise ModelLoadError(f"llama.cpp could not load {path}{reason_lines()}")
        self._vocab = c.llama_model_get_vocab(self._model)
        window = c.llama_context_default_params()
        self.limit = min(MAX_TOKENS, header.trained_context_tokens or MAX_TOKENS)
        # An encoder reads a text at once, so the whole of it must be one batch.
        window.n_ctx = window.n_batch = window.n_ubatch = self.limit
        window.embeddings = True
        window.pooling_type = header.number(f"{header.architecture}.pooling_type") or (
            MEAN if header.architecture in ENCODERS else LAST
        )
        window.n_threads, window.n_threads_batch = inference_threads(header.size_bytes, threads)
        window.no_perf = True
        self._context = c.llama_init_from_model(self._model, window)
        if not self._context:
            raise ModelLoadError(f"no context could be made for {path.name}{reason_lines()}")
        self.size = int(c.llama_model_n_embd(self._model))

    def embed(self, text: str, *, query: bool = False) -> array[float]:
        """The vector of a text, of length one."""
        tokens = self._tokens(self._prefixes[0 if query else 1] + text)
        if not tokens:
            return array("f", bytes(4 * self.size))
        c = self._c
        if memory := c.llama_get_memory(self._context):
            c.llama_memory_clear(memory, True)
        buffer = (c.llama_token * len(tokens))(*tokens)
        batch = c.llama_batch_get_one(buffer, len(tokens))
        wanted = (ctypes.c_int8 * len(tokens))(*([1] * len(tokens)))
        batch.logits = ctypes.cast(wanted, type(batch.logits))
        if c.llama_decode(self._context, batch) != 0:
            raise EnvironmentFailure("llama.cpp could not embed a text")
        pointer = c.llama_get_embeddings_seq(self._context, 0)
        if not pointer:
            raise ModelLoadError("the model gives no vector for a whole text")
        vector = array("f", pointer[: self.size])
        length = sum(x * x for x in vector) ** 0.5 or 1.0
        return array("f", (x / length for x in vector))

    def _tokens(self, text: str) -> list[int]:
        """At most `limit` tokens; the end mark that some models need stays where a text is cut."""
        c = self._c
        data = text.encode("utf-8", "replace")
        capacity = len(data) + 8
        buffer = (c.llama_token * capacity)()
        count = c.llama_tokenize(self._vocab, data, len(data), buffer, capacity, True, False)
        tokens = list(buffer[: max(count, 0)])
        if len(tokens) > self.limit:
            bare = (c.llama_token * 8)()
            ends = c.llama_tokenize(self._vocab, b"", 0, bare, 8, True, False)
            last = [bare[ends - 1]] if ends > 0 and tokens[-1] == bare[ends - 1] else []
            tokens = tokens[: self.limit - len(last)] + last
        return tokens


def main(path: str) -> None:
    """Answers the frames of the parent until the pipe closes."""
    from sorte_cli.inference.worker import private_pipes

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests_fd, answers_fd = private_pipes()
    model: LocalEmbedder | None = None
    while (frame := read_frame(requests_fd)) is not None:
        answer: dict[str, Any]
        try:
            model = model or LocalEmbedder(Path(path), frame["threads"])
            found = (model.embed(text, query=frame["query"]) for text in frame["texts"])
            answer = {"vectors": [base64.b64encode(v.tobytes()).decode() for v in found]}
        except SorteError as error:
            answer = {"error": error_frame(error)}
        write_frame(answers_fd, answer)
