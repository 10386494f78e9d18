"""What an engine is: the model it runs, what it is asked, what it answers, and how to open one.

An engine owns one model. By default it lives in a child process, so that a crash of native code
is one clear error here and nothing else; `inline=True` runs it in this process, for library use
and debugging. This module is light: numpy, jinja2 and llama_cpp are imported only by the process
that runs the model.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from sorte_cli.errors import EnvironmentFailure, SorteError, UsageError

DEFAULT_CONTEXT_TOKENS = 8192

CANDIDATE_TEMPERATURE = 0.7

REMOTE = "remote"
"""`ModelInfo.architecture` of engines elsewhere."""

OnText = Callable[[str], None]
OnPrompt = Callable[[int, int], None]
OnProgress = Callable[[float], None]
Messages = Sequence[tuple[str, str]]


class EngineDied(EnvironmentFailure):
    """The process that ran the model is gone: crashed, killed, or it stopped answering."""


class ModelLoadError(EnvironmentFailure):
    """llama.cpp could not load the model; the message carries its reason.

    `out_of_memory` tells that fewer layers on the card, or a smaller window, may help.
    """

    out_of_memory: bool = False


class AdapterError(EnvironmentFailure):
    """A LoRA file that cannot be used with this model; the message says why."""


class GrammarError(SorteError):
    """A grammar that llama.cpp does not accept, or that no token of the model can satisfy."""


class ChatTemplateError(EnvironmentFailure):
    """The model's own chat template cannot be used for these messages."""


class ContextOverflow(UsageError):
    """The prompt does not fit the context window. Both sizes are in tokens."""

    def __init__(self, prompt_tokens: int, context_tokens: int) -> None:
        super().__init__(
            f"the prompt has {prompt_tokens} tokens and the model's window holds {context_tokens}",
            hint="Ask for less at once, or raise context_tokens in the settings.",
        )
        self.prompt_tokens = prompt_tokens
        self.context_tokens = context_tokens


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """Which model to load, and how."""

    path: Path
    context_tokens: int = 0
    """Context window; 0: what the model was trained for, at most 8,192."""
    gpu_layers: int = -1
    """Layers on the GPU; -1: all (where this build of llama.cpp can use a GPU)."""
    threads: int = 0
    """CPU threads; 0: one for models under 50 MB, else the performance cores."""
    kv_type: str = "f16"
    """How attention keys and values are stored: "f32", "f16", "bf16", "q8_0" or "q4_0"."""
    cpu_expert_layers: int = 0
    """In so many first blocks the experts stay in the machine's memory."""
    adapters: tuple[tuple[Path, float], ...] = ()
    """LoRA files with their scales."""
    workers: tuple[str, ...] = ()
    """llama.cpp's RPC servers ("host:port"); layers go to them as to graphics cards."""
    url: str = ""
    """The address of an engine elsewhere; then only `context_tokens` counts besides."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The model that is loaded. `fingerprint` identifies its content."""

    name: str
    path: Path
    architecture: str
    parameters: int
    context_tokens: int
    trained_context_tokens: int
    size_bytes: int
    quantisation: str
    chat_template: str
    fingerprint: str
    thinks: bool = False
    """Whether it was trained to think before it answers, by its chat template."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to generate. Temperature 0 takes the likeliest token and is deterministic."""

    max_tokens: int = 512
    temperature: float = 0.0
    top_p: float = 0.95
    seed: int = 0
    stop: tuple[str, ...] = ()
    """Generation ends before the first of these texts; it is not part of the answer."""
    grammar: str = ""
    """GBNF with the root rule `root`; empty: free text."""
    schema: str = ""
    """JSON schema of what the grammar says as text, for engines elsewhere that take no grammar."""
    adapters: tuple[tuple[str, float], ...] | None = None
    """LoRA files with their scales, for this answer; None: those of the model's spec."""
    logprobs: bool = False
    """Whether `Generation.logprobs` is wanted: adding up a whole vocabulary takes some time."""
    think_tokens: int = 0
    """A model that thinks may do so freely for so many tokens before the answer and its grammar
    begin; 0: it answers at once. Others take no notice."""


def candidate_options(options: Options, number: int) -> Options:
    """How the answer `number` of several is written; 0 is the first."""
    if number == 0:
        return options
    temperature = max(options.temperature, CANDIDATE_TEMPERATURE)
    return replace(options, temperature=temperature, seed=options.seed + number)


@dataclass(frozen=True, slots=True)
class Generation:
    """An answer. `logprobs` are natural logarithms under the distribution before any grammar,
    one for each of `tokens`, where `Options` asked for them; the end-of-answer token is in
    neither.
    """

    text: str
    tokens: tuple[int, ...]
    logprobs: tuple[float, ...]
    finish: str
    """"stop" (the model or a stop text ended it), "length" or "cancelled"."""
    prompt_tokens: int
    reused_tokens: int
    """How many tokens of the prompt were still in the cache and were not computed again."""
    prompt_ms: float
    generation_ms: float
    certainties: tuple[float, ...] = ()
    """One for each of `tokens`: its log-probability among the tokens that the grammar allowed.
    Empty without a grammar, unless log-probabilities were asked for."""
    form: str = "text"
    """"json" where `text` follows `Options.schema`, because the engine takes no grammar."""
    thought: str = ""
    """What a model that thinks said to itself before; no part of `text` or `tokens`."""


class Engine(Protocol):
    """One loaded model. Calls from several threads are answered one after the other."""

    @property
    def info(self) -> ModelInfo: ...

    @property
    def alive(self) -> bool:
        """False once the engine was closed or its process died."""
        ...

    def tokenize(self, text: str) -> list[int]:
        """Tokens of user text; control tokens written in it stay plain text."""
        ...

    def count(self, text: str) -> int:
        """How many tokens `tokenize` gives."""
        ...

    def render(self, messages: Messages) -> str:
        """(role, content) pairs through the model's chat template, ready for an answer."""
        ...

    def generate(
        self,
        messages: Messages,
        options: Options,
        *,
        on_text: OnText | None = None,
        on_prompt: OnPrompt | None = None,
        cancel: threading.Event | None = None,
    ) -> Generation:
        """An answer to `messages`.

        `on_text` gets the answer piece by piece; joined, the pieces are `Generation.text`.
        `on_prompt(done, total)` reports the tokens of the prompt that were read. Setting
        `cancel` ends the call within one batch with `finish == "cancelled"`. Raises
        ContextOverflow, GrammarError, ChatTemplateError or EngineDied.
        """
        ...

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
        """`count` answers to the same `messages`; the prompt is read once.

        The first is as `options` say, and `on_text` is about it alone; the others are drawn by
        chance, each with a seed of its own, at least at CANDIDATE_TEMPERATURE. Raises as
        `generate` does.
        """
        ...

    def check_grammar(self, grammar: str) -> None:
        """Raises GrammarError with the reason where llama.cpp would not accept `grammar`."""
        ...

    def close(self) -> None:
        """Frees the model. Calling it twice is fine."""
        ...


def open_engine(
    spec: ModelSpec, *, inline: bool = False, on_progress: OnProgress | None = None
) -> Engine:
    """Loads the model. `on_progress` gets fractions from 0 to 1 while it loads.

    Raises ModelLoadError (or GgufError) where the file cannot be loaded, EngineDied where the
    engine's process ends while it tries.
    """
    if spec.url:
        from sorte_cli.inference.remote import RemoteEngine

        return RemoteEngine(spec.url, context_tokens=spec.context_tokens)
    if inline:
        from sorte_cli.inference.local import LocalEngine

        return LocalEngine(spec, on_progress=on_progress)
    from sorte_cli.inference.process import ProcessEngine

    return ProcessEngine(spec, on_progress=on_progress)
