"""Chooses tokens: temperature, top-p, and a grammar applied by rejection.

A grammar over a whole vocabulary of 150,000 tokens costs 10 to 20 ms a token. So the token is
chosen freely first, and only that one is checked; the whole vocabulary is masked only when it is
refused. The distribution is the same: p + refused * p / (1 - refused) = p / (1 - refused).
"""

from __future__ import annotations

import ctypes
import math
from array import array
from typing import Any

from sorte_cli.inference.engine import GrammarError, Options
from sorte_cli.inference.native import Model, bindings

_MAX_SEED = 0xFFFFFFFE  # 0xFFFFFFFF asks llama.cpp for a random one


class Sampler:
    """One generation's sampling state. Use as a context manager: it holds native memory."""

    def __init__(self, model: Model, options: Options) -> None:
        self._c = bindings()
        self._model = model
        self._grammar: Any = None
        if options.grammar:
            self._grammar, reason = model.new_grammar(options.grammar)
            if not self._grammar:
                raise GrammarError(f"the grammar is not valid: {reason}")
        self._chooser = self._make_chooser(options)
        self._softmax = self._c.llama_sampler_init_dist(0)
        size = model.vocab_size
        self._data = (self._c.llama_token_data * size)()
        cells = memoryview(self._data).cast("B")
        self._ids, self._logits = cells.cast("i")[0::3], cells.cast("f")[1::3]
        self._all_ids = memoryview(array("i", range(size)))
        self._all = self._c.llama_token_data_array()
        self._one_cell = (self._c.llama_token_data * 1)()
        self._one = self._c.llama_token_data_array(
            data=self._one_cell, size=1, selected=-1, sorted=False
        )

    def _make_chooser(self, options: Options) -> Any:
        c = self._c
        chain = c.llama_sampler_chain_init(c.llama_sampler_chain_default_params())
        if options.temperature <= 0:
            c.llama_sampler_chain_add(chain, c.llama_sampler_init_greedy())
            return chain
        if options.top_p < 1:
            c.llama_sampler_chain_add(chain, c.llama_sampler_init_top_p(options.top_p, 1))
        c.llama_sampler_chain_add(chain, c.llama_sampler_init_temp(options.temperature))
        seed = options.seed % _MAX_SEED
        c.llama_sampler_chain_add(chain, c.llama_sampler_init_dist(seed))
        return chain

    def __enter__(self) -> Sampler:
        return self

    def __exit__(self, *_: object) -> None:
        for sampler in (self._grammar, self._chooser, self._softmax):
            if sampler:
                self._c.llama_sampler_free(sampler)
        self._grammar = self._chooser = self._softmax = None

    def next(self) -> tuple[int, float]:
        """The next token and its log-probability before any grammar. Raises GrammarError."""
        logits = self._model.logits()
        self._fill(logits)
        normaliser = self._log_normaliser()
        token = self._choose()
        if self._grammar and not self._allowed(token):
            self._fill(logits)
            self._c.llama_sampler_apply(self._grammar, ctypes.byref(self._all))
            token = self._choose()
            if not self._allowed(token):
                raise GrammarError("the grammar allows no token of this model's vocabulary here")
        if self._grammar:
            self._c.llama_sampler_accept(self._grammar, token)
        return token, logits[token] - normaliser

    def _fill(self, logits: memoryview[float]) -> None:
        self._ids[:] = self._all_ids
        self._logits[:] = logits
        self._all.data = self._data
        self._all.size = len(logits)
        self._all.selected = -1
        self._all.sorted = False

    def _log_normaliser(self) -> float:
        """log(sum(exp(logits))): llama.cpp's softmax gives p of one token, and p gives the sum."""
        self._c.llama_sampler_apply(self._softmax, ctypes.byref(self._all))
        cell = self._data[self._all.selected]
        if not cell.p > 0:
            return math.inf
        return float(cell.logit) - math.log(cell.p)

    def _choose(self) -> int:
        self._all.selected = -1
        self._c.llama_sampler_apply(self._chooser, ctypes.byref(self._all))
        return int(self._all.data[self._all.selected].id)

    def _allowed(self, token: int) -> bool:
        cell = self._one_cell[0]
        cell.id, cell.logit, cell.p = token, 1.0, 0.0
        self._one.size, self._one.selected, self._one.sorted = 1, -1, False
        self._c.llama_sampler_apply(self._grammar, ctypes.byref(self._one))
        return bool(cell.logit != -math.inf)
