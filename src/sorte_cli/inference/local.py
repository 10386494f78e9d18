"""The engine in this process: prompt, prefix reuse, generation, stop texts, cancelling."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sorte_cli.errors import SorteError
from sorte_cli.inference.bindings import build_identity
from sorte_cli.inference.drafting import Decoder, Prices
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
    candidate_options,
)
from sorte_cli.inference.gguf import read_header
from sorte_cli.inference.hardware import SMALL_MODEL_BYTES
from sorte_cli.inference.loading import load_model
from sorte_cli.inference.memory import Memory
from sorte_cli.inference.native import Cancelled, Model
from sorte_cli.inference.output import Output
from sorte_cli.inference.prefixes import PrefixStore
from sorte_cli.inference.rounding import Rounding
from sorte_cli.inference.sampling import Sampler
from sorte_cli.inference.side_by_side import Line, write_side_by_side
from sorte_cli.inference.thinking import style_of
from sorte_cli.inference.thought import think_aloud
from sorte_cli.paths import cache_dir

if TYPE_CHECKING:
    from sorte_cli.inference.chat import Chat

MAX_GRAMMAR_DEPTH = 500


class LocalEngine:
    """An `Engine` that runs llama.cpp in the calling process and thread."""

    def __init__(
        self,
        spec: ModelSpec,
        *,
        on_progress: OnProgress | None = None,
        keep_prefixes: bool = True,
    ) -> None:
        header = read_header(spec.path)
        model = load_model(spec, header, on_progress)
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
            thinks=style_of(header.chat_template) is not None,
        )
        self._lock = threading.RLock()
        self._identity = f"{header.fingerprint} {spec.kv_type} {build_identity()}"
        self._keeps_prefixes = keep_prefixes
        self._own_adapters = tuple((os.fspath(path), scale) for path, scale in spec.adapters)
        self._adapters: tuple[tuple[str, float], ...] = ()
        self._memory = Memory(model, self._store())
        self._chat: Chat | None = None
        try:
            self._use_adapters(None)  # an adapter that does not fit is known at once
        except SorteError:
            self.close()
            raise
        # A token of a small model costs less than drafting one.
        self.speculates = header.size_bytes >= SMALL_MODEL_BYTES
        self._prices = Prices()
        self._rounding = Rounding()
        # On a processor its own time tells batches apart, whatever else the machine does.
        self._clock = time.perf_counter if Model.can_offload() else time.process_time

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
            self._use_adapters(options.adapters)
            prompt = self._prompt(messages, think=options.think_tokens > 0)
            with Sampler(model, options) as sampler, _aborting(model, cancel):
                return self._run(
                    sampler,
                    prompt,
                    lambda: self._stable_tokens(messages, prompt),
                    options,
                    on_text,
                    on_prompt,
                    cancel,
                )

    def candidates(
        self,
        messages: Messages,
        options: Options,
        count: int,
        *,
        on_text: OnText | None = None,
        on_prompt: OnPrompt | None = None,
        cancel: threading.Event | None = None,
    ) -> list[Generation]:
        """Side by side, as many as the model can at once; with recurrent layers in turn."""
        _check_depth(options.grammar)
        found: list[Generation] = []
        with self._lock:
            most = self._open_model().most_sequences
            while len(found) < count:
                wanted = [
                    candidate_options(options, n)
                    for n in range(len(found), min(count, len(found) + most))
                ]
                on_first = None if found else on_text
                if len(wanted) > 1:
                    found += self._side_by_side(messages, wanted, on_first, on_prompt, cancel)
                else:
                    found.append(
                        self.generate(
                            messages,
                            wanted[0],
                            on_text=on_first,
                            on_prompt=on_prompt,
                            cancel=cancel,
                        )
                    )
        return found

    def prepare(self) -> None:
        """Does now what the first call would wait for: template, imports. Errors wait, too."""
        with self._lock, contextlib.suppress(SorteError):
            self._open_chat()
            with Sampler(self._open_model(), Options()):
                pass

    # -- inside

    def _store(self) -> PrefixStore | None:
        """States computed with an adapter are good only for the same one at the same scale."""
        if not self._keeps_prefixes:
            return None
        adapters = [(read_header(Path(p)).fingerprint, scale) for p, scale in self._adapters]
        return PrefixStore(cache_dir() / "prefixes", f"{self._identity} {adapters}")

    def _use_adapters(self, wanted: tuple[tuple[str, float], ...] | None) -> None:
        wanted = self._own_adapters if wanted is None else wanted
        if wanted == self._adapters:
            return
        model = self._open_model()
        model.use_adapters(wanted)
        self._adapters = wanted
        self._memory.switch(self._store())

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
                tokenize=lambda text: model.tokenize(text, special=True),
                special_texts=lambda: specials,
            )
        return self._chat

    def _prompt(self, messages: Messages, *, think: bool = False) -> list[int]:
        model = self._open_model()
        tokens = self._open_chat().tokens(messages, think=think)
        if model.adds_bos and tokens[:1] != [model.bos]:
            tokens.insert(0, model.bos)
        if not tokens:
            raise SorteError("the prompt is empty", hint="Give at least one message with text.")
        if len(tokens) >= model.context_tokens:
            raise ContextOverflow(len(tokens), model.context_tokens)
        return tokens

    def _run(
        self,
        sampler: Sampler,
        prompt: list[int],
        find_prefix: Callable[[], int],
        options: Options,
        on_text: OnText | None,
        on_prompt: OnPrompt | None,
        cancel: threading.Event | None,
    ) -> Generation:
        model, memory = self._open_model(), self._memory
        output = Output(options.stop, on_text)
        tokens: list[int] = []
        logprobs: list[float] = []
        certainties: list[float] = []
        scored, certain = options.logprobs, options.logprobs or bool(options.grammar)
        reused, thought = 0, ""
        started = prompt_done = time.perf_counter()
        try:
            reused = memory.enter(prompt, find_prefix, on_prompt, cancel)
            prompt_done = time.perf_counter()
            thought = self._think(options, cancel)
            finish = "length"
            budget = min(options.max_tokens, model.context_tokens - len(memory.tokens))
            speculate = self.speculates and options.temperature <= 0
            decoder = Decoder(
                model,
                memory,
                sampler,
                memory.tokens,
                speculate=speculate,
                prices=self._prices,
                rounding=self._rounding,
                clock=self._clock,
            )
            while len(tokens) < budget:
                if cancel is not None and cancel.is_set():
                    raise Cancelled
                token, logprob = decoder.next()
                if model.is_end(token):
                    finish = "stop"
                    break
                tokens.append(token)
                if scored:
                    logprobs.append(logprob)
                if certain:
                    certainties.append(sampler.certainty)
                if output.add(model.piece(token)):
                    finish = "stop"
                    break
                if len(tokens) < budget:
                    decoder.add(token, budget - len(tokens))
            decoder.finish()
        except Cancelled:
            finish = "cancelled"
            memory.drop_unfinished()
        ended = time.perf_counter()
        return Generation(
            text=output.finish(),
            tokens=tuple(tokens),
            logprobs=tuple(logprobs),
            certainties=tuple(certainties),
            finish=finish,
            prompt_tokens=len(prompt),
            reused_tokens=reused,
            prompt_ms=1000 * (prompt_done - started),
            generation_ms=1000 * (ended - prompt_done),
            thought=thought,
        )

    def _think(self, options: Options, cancel: threading.Event | None) -> str:
        """Lets a model that thinks do so; its memory then holds all up to where the answer begins.

        Raises Cancelled.
        """
        chat, model, memory = self._open_chat(), self._open_model(), self._memory
        if chat.style is None or options.think_tokens <= 0:
            return ""
        room = model.context_tokens - len(memory.tokens)
        most = min(options.think_tokens, max(room - options.max_tokens, room // 2))
        return think_aloud(model, memory, chat.style, replace(options, max_tokens=most), cancel)

    def _side_by_side(
        self,
        messages: Messages,
        wanted: list[Options],
        on_text: OnText | None,
        on_prompt: OnPrompt | None,
        cancel: threading.Event | None,
    ) -> list[Generation]:
        model, memory = self._open_model(), self._memory
        self._use_adapters(wanted[0].adapters)
        prompt = self._prompt(messages, think=wanted[0].think_tokens > 0)
        reused, thought = 0, ""
        started = prompt_done = time.perf_counter()
        with contextlib.ExitStack() as stack, _aborting(model, cancel):
            lines = [
                Line(
                    number,
                    stack.enter_context(Sampler(model, options)),
                    Output(options.stop, None if number else on_text),
                )
                for number, options in enumerate(wanted)
            ]
            try:
                prefix = partial(self._stable_tokens, messages, prompt)
                reused = memory.enter(prompt, prefix, on_prompt, cancel)
                prompt_done = time.perf_counter()
                thought = self._think(wanted[0], cancel)  # they have it in common
                held = len(memory.tokens)
                write_side_by_side(model, held, lines, wanted[0].max_tokens, cancel)
            except Cancelled:
                memory.drop_unfinished()
            reading, writing = prompt_done - started, time.perf_counter() - prompt_done
            found = [
                line.answer(len(prompt), reused, 1000 * reading, 1000 * writing) for line in lines
            ]
            return [replace(one, thought=thought) for one in found]

    def _stable_tokens(self, messages: Messages, prompt: list[int]) -> int:
        """How many first tokens come from the system messages, which seldom change."""
        system = [(role, content) for role, content in messages if role == "system"]
        if not system or len(system) == len(messages):
            return 0
        other = self._prompt([*system, ("user", "?")])
        pairs = zip(prompt, other, strict=False)
        return next((at for at, (ours, theirs) in enumerate(pairs) if ours != theirs), 0)


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
