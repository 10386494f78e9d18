"""The engine in this process: prompt, prefix reuse, generation, stop texts, cancelling."""

from __future__ import annotations

import codecs
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from sorte_cli.errors import SorteError
from sorte_cli.inference.engine import (
    ContextOverflow,
    EngineDied,
    Generation,
    GrammarError,
    Messages,
    ModelInfo,
    ModelSpec,
    OnProgress,
    OnPrompt,
    OnText,
    Options,
)
from sorte_cli.inference.gguf import read_header
from sorte_cli.inference.hardware import inference_threads
from sorte_cli.inference.native import UBATCH_TOKENS, Cancelled, Model
from sorte_cli.inference.placement import context_for
from sorte_cli.inference.sampling import Sampler

if TYPE_CHECKING:
    from sorte_cli.inference.chat import Chat

MAX_GRAMMAR_DEPTH = 500


class LocalEngine:
    """An `Engine` that runs llama.cpp in the calling process and thread."""

    def __init__(self, spec: ModelSpec, *, on_progress: OnProgress | None = None) -> None:
        header = read_header(spec.path)
        model = Model(
            spec,
            context_tokens=context_for(header, spec.context_tokens),
            threads=inference_threads(header.size_bytes, spec.threads),
            on_progress=on_progress,
            header=header,
        )
        self._model: Model | None = model
        self.info = ModelInfo(
            name=header.name,
            path=spec.path,
            architecture=header.architecture,
            parameters=header.parameters,
            context_tokens=model.context_tokens,
            trained_context_tokens=header.trained_context_tokens,
            size_bytes=header.size_bytes,
            quantisation=header.quantisation,
            chat_template=header.chat_template,
            fingerprint=header.fingerprint,
        )
        self._lock = threading.RLock()
        self._cached: list[int] = []
        self._chat: Chat | None = None

    @property
    def alive(self) -> bool:
        return self._model is not None

    def close(self) -> None:
        with self._lock:
            if self._model is not None:
                self._model.close()
                self._model = None

    def tokenize(self, text: str) -> list[int]:
        with self._lock:
            return self._open_model().tokenize(text)

    def count(self, text: str) -> int:
        return len(self.tokenize(text))

    def render(self, messages: Messages) -> str:
        with self._lock:
            return self._open_chat().render(messages)

    def check_grammar(self, grammar: str) -> None:
        _check_depth(grammar)
        if not grammar.strip():
            raise GrammarError("the grammar is empty")
        with self._lock, Sampler(self._open_model(), Options(grammar=grammar)):
            pass

    def generate(
        self,
        messages: Messages,
        options: Options,
        *,
        on_text: OnText | None = None,
        on_prompt: OnPrompt | None = None,
        cancel: threading.Event | None = None,
    ) -> Generation:
        _check_depth(options.grammar)
        with self._lock:
            model = self._open_model()
            prompt = self._prompt(messages)
            with Sampler(model, options) as sampler, _aborting(model, cancel):
                return self._run(model, sampler, prompt, options, on_text, on_prompt, cancel)

    def prepare(self) -> None:
        """Does now what the first call would wait for: template, imports. Errors wait, too."""
        with self._lock, contextlib.suppress(SorteError):
            self._open_chat()
            with Sampler(self._open_model(), Options()):
                pass

    # -- inside

    def _open_model(self) -> Model:
        if self._model is None:
            raise EngineDied("the engine is closed", hint="Open it again.")
        return self._model

    def _open_chat(self) -> Chat:
        if self._chat is None:
            from sorte_cli.inference.chat import CHATML, PLAIN, Chat  # jinja2 takes 60 ms

            model = self._open_model()
            specials = model.special_texts()
            fallback = CHATML if "<|im_start|>" in specials else PLAIN
            self._chat = Chat(
                self.info.chat_template or fallback,
                bos=model.token_text(model.bos),
                eos=model.token_text(model.eos),
                tokenize=lambda text, special: model.tokenize(text, special=special),
                special_texts=lambda: specials,
            )
        return self._chat

    def _prompt(self, messages: Messages) -> list[int]:
        model = self._open_model()
        tokens = self._open_chat().tokens(messages)
        if model.adds_bos and tokens[:1] != [model.bos]:
            tokens.insert(0, model.bos)
        if not tokens:
            raise SorteError("the prompt is empty", hint="Give at least one message with text.")
        if len(tokens) >= model.context_tokens:
            raise ContextOverflow(len(tokens), model.context_tokens)
        return tokens

    def _run(
        self,
        model: Model,
        sampler: Sampler,
        prompt: list[int],
        options: Options,
        on_text: OnText | None,
        on_prompt: OnPrompt | None,
        cancel: threading.Event | None,
    ) -> Generation:
        started = time.perf_counter()
        reused = self._keep_prefix(model, prompt)
        output = _Output(options.stop, on_text)
        tokens: list[int] = []
        logprobs: list[float] = []
        prompt_done = started
        try:
            self._read_prompt(model, prompt, reused, on_prompt, cancel)
            prompt_done = time.perf_counter()
            finish = "length"
            budget = min(options.max_tokens, model.context_tokens - len(prompt))
            while len(tokens) < budget:
                _raise_if(cancel)
                token, logprob = sampler.next()
                if model.is_end(token):
                    finish = "stop"
                    break
                tokens.append(token)
                logprobs.append(logprob)
                if output.add(model.piece(token)):
                    finish = "stop"
                    break
                if len(tokens) < budget:
                    model.decode([token])
                    self._cached.append(token)
        except Cancelled:
            finish = "cancelled"
            model.forget_from(len(self._cached))
            prompt_done = max(prompt_done, started)
        ended = time.perf_counter()
        return Generation(
            text=output.finish(),
            tokens=tuple(tokens),
            logprobs=tuple(logprobs),
            finish=finish,
            prompt_tokens=len(prompt),
            reused_tokens=reused,
            prompt_ms=1000 * (prompt_done - started),
            generation_ms=1000 * (ended - prompt_done),
        )

    def _keep_prefix(self, model: Model, prompt: list[int]) -> int:
        """Keeps what memory and prompt have in common; the last token is always read again,
        because its scores are needed.
        """
        common = 0
        for ours, theirs in zip(self._cached, prompt[:-1], strict=False):
            if ours != theirs:
                break
            common += 1
        if common < len(self._cached) and not model.forget_from(common):
            model.forget_from(0)
            common = 0
        elif common == 0:
            model.forget_from(0)
        del self._cached[common:]
        return common

    def _read_prompt(
        self,
        model: Model,
        prompt: list[int],
        start: int,
        on_prompt: OnPrompt | None,
        cancel: threading.Event | None,
    ) -> None:
        for at in range(start, len(prompt), UBATCH_TOKENS):
            _raise_if(cancel)
            batch = prompt[at : at + UBATCH_TOKENS]
            model.decode(batch)
            self._cached += batch
            if on_prompt is not None:
                on_prompt(at + len(batch), len(prompt))


class _Output:
    """Bytes to text as they come: whole characters only, cut at the first stop text."""

    def __init__(self, stop: tuple[str, ...], on_text: OnText | None) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stop = tuple(s for s in stop if s)
        self._emit: Callable[[str], None] = on_text or (lambda _: None)
        self._sent: list[str] = []
        self._held = ""
        self._stopped = False

    def add(self, piece: bytes) -> bool:
        """Takes a token's bytes. True when a stop text is complete."""
        return self._take(self._decoder.decode(piece))

    def finish(self) -> str:
        """Sends what was held back, and returns the whole text."""
        if not self._stopped:
            self._take(self._decoder.decode(b"", final=True))
        if not self._stopped:
            self._send(self._held)
        return "".join(self._sent)

    def _take(self, text: str) -> bool:
        self._held += text
        places = [at for at in map(self._held.find, self._stop) if at >= 0]
        if places:
            self._send(self._held[: min(places)])
            self._stopped = True
            return True
        keep = self._possible_stop()
        self._send(self._held[: len(self._held) - keep])
        self._held = self._held[len(self._held) - keep :]
        return False

    def _possible_stop(self) -> int:
        """How many characters at the end may be the beginning of a stop text."""
        longest = max(map(len, self._stop), default=1) - 1
        for size in range(min(longest, len(self._held)), 0, -1):
            if any(s.startswith(self._held[-size:]) for s in self._stop):
                return size
        return 0

    def _send(self, text: str) -> None:
        if text:
            self._sent.append(text)
            self._emit(text)


def _raise_if(cancel: threading.Event | None) -> None:
    if cancel is not None and cancel.is_set():
        raise Cancelled


@contextlib.contextmanager
def _aborting(model: Model, cancel: threading.Event | None) -> Iterator[None]:
    """Lets `cancel` stop a batch that is being computed, not only the next one."""
    model.abort(False)
    if cancel is None:
        yield
        return
    over = threading.Event()
    turn = threading.Lock()

    def watch() -> None:
        while not over.is_set():
            if cancel.wait(0.05):
                with turn:
                    if not over.is_set():
                        model.abort(True)
                return

    threading.Thread(target=watch, name="sorte-cancel", daemon=True).start()
    try:
        yield
    finally:
        with turn:  # not joined: the watcher may sleep on, and can no longer touch the flag
            over.set()
            model.abort(False)


def _check_depth(grammar: str) -> None:
    """llama.cpp's parser recurses into parentheses and would overflow the stack."""
    depth = deepest = 0
    for character in grammar:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    if deepest > MAX_GRAMMAR_DEPTH:
        raise GrammarError(f"the grammar nests parentheses {deepest} deep")
