"""One set of weights in two roles, each with its own adapters."""

from __future__ import annotations

import threading
from dataclasses import replace

from sorte_cli.inference.engine import (
    Engine,
    Generation,
    Messages,
    ModelInfo,
    OnPrompt,
    OnText,
    Options,
)


class WithAdapters:
    """An engine whose answers are given with these adapters. They are swapped for each answer,
    so that the other role, or another terminal, can have its own in between.
    """

    def __init__(self, engine: Engine, adapters: tuple[tuple[str, float], ...]) -> None:
        self._engine = engine
        self._adapters = adapters

    @property
    def info(self) -> ModelInfo:
        return self._engine.info

    @property
    def alive(self) -> bool:
        return self._engine.alive

    def tokenize(self, text: str) -> list[int]:
        return self._engine.tokenize(text)

    def count(self, text: str) -> int:
        return self._engine.count(text)

    def render(self, messages: Messages) -> str:
        return self._engine.render(messages)

    def check_grammar(self, grammar: str) -> None:
        self._engine.check_grammar(grammar)

    def generate(
        self,
        messages: Messages,
        options: Options,
        *,
        on_text: OnText | None = None,
        on_prompt: OnPrompt | None = None,
        cancel: threading.Event | None = None,
    ) -> Generation:
        if options.adapters is None:
            options = replace(options, adapters=self._adapters)
        return self._engine.generate(
            messages, options, on_text=on_text, on_prompt=on_prompt, cancel=cancel
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
        if options.adapters is None:
            options = replace(options, adapters=self._adapters)
        return self._engine.candidates(
            messages, options, count, on_text=on_text, on_prompt=on_prompt, cancel=cancel
        )

    def close(self) -> None:
        self._engine.close()
