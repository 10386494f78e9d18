"""Chooses tokens: temperature, top-p, and a grammar applied by rejection.

A grammar over a whole vocabulary of 150,000 tokens costs some 20 ms a token. So the token is
chosen freely first, and only that one is checked; others are looked at only when it is refused.
The distribution is the same: p + refused * p / (1 - refused) = p / (1 - refused).
"""

from __future__ import annotations

import ctypes
import math
from array import array
from heapq import nlargest
from typing import Any, cast

from sorte_cli.inference.bindings import bindings
from sorte_cli.inference.engine import GrammarError, Options
from sorte_cli.inference.native import Model

LARGE_VOCABULARY = 8192
"""From this size on numpy pays: importing it costs 0.1 s, using it saves 3 ms a token."""
LIKELIEST = 256
"""Without randomness the best allowed token is nearly always among so many of the likeliest."""
RIVALS = 64
RIVAL_GAP = 4.6
"""How certain a token is shows among so many others, at least a hundredth as likely."""
SURE = -0.01
SAFE_SCORE = 50.0
"""exp() of a score below this, added up over any vocabulary, is far from what a float holds."""
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
        self.certainty = 0.0
        """Of the token that `next` gave last: its log-probability among what was allowed. NaN
        where there is no grammar and no log-probability was asked for."""
        self._greedy = options.temperature <= 0
        self._wants_logprobs = options.logprobs
        self._rows: dict[int, tuple[memoryview[float], Any]] = {}
        self._chooser = self._make_chooser(options)
        self._softmax = self._c.llama_sampler_init_dist(0)
        self._likeliest = self._c.llama_sampler_init_top_k(LIKELIEST)
        self._large = model.vocab_size > LARGE_VOCABULARY
        self._make_cells(model.vocab_size)
        self._one_cell = (self._c.llama_token_data * 1)()
        self._one = self._c.llama_token_data_array(
            data=self._one_cell, size=1, selected=-1, sorted=False
        )

    def _make_chooser(self, options: Options) -> Any:
        c = self._c
        chain = c.llama_sampler_chain_init(c.llama_sampler_chain_default_params())
        if self._greedy:
            c.llama_sampler_chain_add(chain, c.llama_sampler_init_greedy())
            return chain
        if options.top_p < 1:
            c.llama_sampler_chain_add(chain, c.llama_sampler_init_top_p(options.top_p, 1))
        c.llama_sampler_chain_add(chain, c.llama_sampler_init_temp(options.temperature))
        seed = options.seed % _MAX_SEED
        c.llama_sampler_chain_add(chain, c.llama_sampler_init_dist(seed))
        return chain

    def _make_cells(self, size: int) -> None:
        """llama.cpp's array of candidates, with views of its id and score columns."""
        self._data = (self._c.llama_token_data * size)()
        self._in_order = False
        self._all = self._c.llama_token_data_array()
        self._all_ids: Any
        self._ids: Any
        self._scores: Any
        self._work: Any
        if self._large:
            import numpy as np

            cells = np.frombuffer(self._data, dtype="i4").reshape(size, 3)
            self._ids, self._scores = cells[:, 0], cells.view("f4")[:, 1]
            self._all_ids = np.arange(size, dtype="i4")
            self._work = np.empty(size, dtype="f4")
            # The functions themselves: after a token nothing is left in the processor's caches,
            # and each further step through Python costs as much as arithmetic.
            self._exp, self._sum = np.exp, np.add.reduce
        else:
            view = memoryview(self._data).cast("B")
            self._ids, self._scores = view.cast("i")[0::3], view.cast("f")[1::3]
            self._all_ids = memoryview(array("i", range(size)))

    def __enter__(self) -> Sampler:
        return self

    def __exit__(self, *_: object) -> None:
        for sampler in (self._grammar, self._chooser, self._softmax, self._likeliest):
            if sampler:
                self._c.llama_sampler_free(sampler)
        self._grammar = self._chooser = self._softmax = self._likeliest = None

    def is_clear(self, position: int, lead: float) -> bool:
        """Whether the likeliest token leads by more than `lead` standard deviations of all scores,
        and the grammar takes it: then rounding cannot change it.
        """
        import numpy as np

        scores = self._row(self._model.logits(position))
        top = int(scores.argmax())
        first = scores[top]
        others = self._work if self._large else np.empty_like(scores)
        np.copyto(others, scores)
        others[top] = -np.inf
        leads = bool(first - others.max() > lead * scores.std())
        return leads and (not self._grammar or self.allows(top))

    def next(self, position: int = -1) -> tuple[int, float]:
        """The next token and its log-probability before any grammar (NaN where `Options` did not
        ask for it). Raises GrammarError.

        `position` is that of the last batch whose scores count.
        """
        logits = self._model.logits(position)
        token, normaliser = (self._free_large if self._large else self._free_small)(logits)
        if not self._grammar:
            self.certainty = logits[token] - normaliser
            return token, self.certainty
        if not self.allows(token):
            token = self._obedient(logits)
        logprob = logits[token] - normaliser
        self.certainty = logprob if logprob > SURE else self._share(logits, token)
        self.accept(token)
        return token, logprob if self._wants_logprobs else math.nan

    def _share(self, logits: memoryview[float], token: int) -> float:
        """log of the token's share among the likeliest that the grammar allows."""
        floor = logits[token] - RIVAL_GAP
        if self._large:
            return -math.log1p(self._rivals(self._row(logits), token, floor))
        found = (i for i, score in enumerate(logits) if score > floor and i != token)
        rivals = nlargest(RIVALS, found, key=logits.__getitem__)
        return -math.log1p(
            sum(math.exp(logits[i] - logits[token]) for i in rivals if self.allows(i))
        )

    def _rivals(self, scores: Any, token: int, floor: float) -> float:
        """What the rivals that the grammar allows weigh beside the token, which weighs 1."""
        import numpy as np

        near = np.flatnonzero(scores > floor)
        if len(near) == 1:
            return 0.0  # the token itself
        near = near[near != token]
        if len(near) > RIVALS:
            near = near[np.argpartition(scores[near], -RIVALS)[-RIVALS:]]
        # All with one call: each asks llama.cpp to decode the token's text.
        cells = np.zeros(len(near), dtype=[("id", "i4"), ("logit", "f4"), ("p", "f4")])
        cells["id"], cells["logit"] = near, scores[near] - scores[token]
        data = ctypes.cast(cells.ctypes.data, ctypes.POINTER(self._c.llama_token_data))
        few = self._c.llama_token_data_array(data=data, size=len(near), selected=-1, sorted=False)
        self._c.llama_sampler_apply(self._grammar, ctypes.byref(few))
        return float(np.exp(cells["logit"]).sum())  # those refused have -inf

    def _free_small(self, logits: memoryview[float]) -> tuple[int, float]:
        """A token chosen without the grammar, and log(sum(exp(logits))); NaN: not wanted."""
        self._fill(logits)
        if not (self._wants_logprobs or self._grammar):
            return self._choose(), math.nan
        # llama.cpp's softmax gives p of one token, and that gives the sum.
        self._c.llama_sampler_apply(self._softmax, ctypes.byref(self._all))
        cell = self._data[self._all.selected]
        normaliser = float(cell.logit) - math.log(cell.p) if cell.p > 0 else math.inf
        return self._choose(), normaliser

    def _free_large(self, logits: memoryview[float]) -> tuple[int, float]:
        """The same for a large vocabulary."""
        scores = self._row(logits)
        normaliser = self._normaliser(scores) if self._wants_logprobs else math.nan
        if self._greedy:
            return int(scores.argmax()), normaliser
        self._fill(logits)
        return self._choose(), normaliser

    def _normaliser(self, scores: Any) -> float:
        # In place: fresh arrays of this size cost more than the arithmetic.
        if -SAFE_SCORE < (highest := float(scores.max())) < SAFE_SCORE:
            self._exp(scores, out=self._work)
            return math.log(float(self._sum(self._work)))
        self._exp(scores - highest, out=self._work)
        return highest + math.log(float(self._sum(self._work)))

    def _obedient(self, logits: memoryview[float]) -> int:
        """A token chosen among those the grammar allows."""
        if self._greedy and self._large:
            self._fill(logits)
            self._c.llama_sampler_apply(self._likeliest, ctypes.byref(self._all))
            self._in_order = False
            self._c.llama_sampler_apply(self._grammar, ctypes.byref(self._all))
            token = self._choose()
            if self.allows(token):
                return token
        self._fill(logits)
        self._c.llama_sampler_apply(self._grammar, ctypes.byref(self._all))
        token = self._choose()
        # With every candidate refused one is chosen all the same, and accepting it would abort.
        if not self.allows(token):
            raise GrammarError("the grammar allows no token of this model's vocabulary here")
        return token

    def _row(self, logits: memoryview[float]) -> Any:
        """The scores as a numpy array; views are kept, as `Model.logits` keeps them."""
        known = self._rows.get(id(logits))
        if known is None:
            import numpy as np

            row = np.frombuffer(cast(Any, logits), dtype="f4")
            known = self._rows[id(logits)] = (logits, row)  # held, so that the id stays its own
        return known[1]

    def _fill(self, logits: memoryview[float]) -> None:
        if not self._in_order:
            self._ids[:] = self._all_ids
            self._in_order = self._greedy  # drawing by chance sorts them
        self._scores[:] = logits
        self._all.data = self._data
        self._all.size = len(logits)
        self._all.sorted = False

    def _choose(self) -> int:
        self._all.selected = -1
        self._c.llama_sampler_apply(self._chooser, ctypes.byref(self._all))
        return int(self._all.data[self._all.selected].id)

    def accept(self, token: int) -> None:
        """Moves the grammar past `token`, which it must allow: llama.cpp aborts otherwise."""
        self._c.llama_sampler_accept(self._grammar, token)

    def allows(self, token: int) -> bool:
        """Whether the grammar takes `token` next."""
        cell = self._one_cell[0]
        cell.id, cell.logit, cell.p = token, 1.0, 0.0
        self._one.size, self._one.selected, self._one.sorted = 1, -1, False
        self._c.llama_sampler_apply(self._grammar, ctypes.byref(self._one))
        return bool(cell.logit != -math.inf)
