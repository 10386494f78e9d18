"""What a model has read so far, and how little of the next prompt it must read again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from sorte_cli.inference.engine import OnPrompt
from sorte_cli.inference.native import Cancelled, Model
from sorte_cli.inference.prefixes import PrefixStore

SHORTEST_PREFIX = 256
"""Beginnings of fewer tokens are read again; keeping them is not worth a file."""
SLOW_PREFIX_S = 0.5
"""Beginnings that were read faster than this are not kept on disk."""
SLOW_PROMPT_S = 3.0
"""Prompts that took longer to read are kept whole: the next command often begins the same."""
MAX_CHECKPOINTS = 6
MAX_CHECKPOINT_BYTES = 512 * 1024**2
APART = 512
"""So many tokens lie between roll-back points of a long text."""
TAIL_TOKENS = (64, 16)
"""Prompts of one run differ in their last words: roll-back points so far before the end."""


class Memory:
    """The tokens in a model's context.

    Attention can forget its end at will. Recurrent layers (Qwen 3.5, LFM2, Mamba) cannot: for
    them checkpoints are taken while a prompt is read, and the nearest one is gone back to.
    """

    def __init__(self, model: Model, store: PrefixStore | None = None) -> None:
        self._model = model
        self._store = store
        self.tokens: list[int] = []
        self._checkpoints: dict[int, bytes] = {}

    def enter(
        self,
        prompt: Sequence[int],
        find_prefix: Callable[[], int],
        on_prompt: OnPrompt | None,
        cancel: threading.Event | None,
    ) -> int:
        """Makes memory hold `prompt`; returns how many of its tokens were there already.

        `find_prefix` says how many first tokens stay the same from one command to the next.
        Raises Cancelled; what was read until then stays usable.
        """
        reused = self._keep(prompt)
        prefix = 0
        if self._store is not None and reused < SHORTEST_PREFIX < len(prompt):
            prefix = min(find_prefix(), len(prompt) - 1)
            if prefix >= SHORTEST_PREFIX and self._load(self._store, prompt[:prefix]):
                reused = prefix
        if self._store is not None and len(prompt) - reused > SHORTEST_PREFIX:
            reused = self._recall(self._store, prompt, reused)
        self._read(prompt, reused, prefix, on_prompt, cancel)
        return reused

    def add(self, token: int) -> None:
        """Reads one token of the answer. Raises Cancelled."""
        self._model.decode([token])
        self.tokens.append(token)

    def extend(self, tokens: Sequence[int]) -> None:
        """Reads text that is neither the prompt's nor chosen by the model. Raises Cancelled."""
        for at in range(0, len(tokens), self._model.read_tokens):
            part = tokens[at : at + self._model.read_tokens]
            self._model.decode(part)
            self.tokens += part

    def add_draft(self, token: int, draft: Sequence[int]) -> None:
        """Reads a token and what may follow it; scores of all are there then. Raises Cancelled.

        Only `token` counts as part of the answer. What follows does once `accept` says so.
        """
        self._model.decode_scored([token, *draft])
        self.tokens.append(token)

    def accept(self, token: int) -> None:
        """A drafted token, which has been read, is part of the answer."""
        self.tokens.append(token)

    def drop_draft(self) -> None:
        """Forgets drafted tokens that were not accepted."""
        self._model.forget_from(len(self.tokens))

    def take_back(self) -> None:
        """Forgets the last token."""
        self.tokens.pop()
        self._model.forget_from(len(self.tokens))

    def read_again_from(self, place: int) -> None:
        """Reads all tokens from `place` on one by one, as if they had come one by one.

        Raises Cancelled; what was read until then stays usable.
        """
        again = self.tokens[place:]
        del self.tokens[place:]
        self._model.forget_from(place)
        for token in again:
            self.add(token)

    def switch(self, store: PrefixStore | None) -> None:
        """The model computes differently from now on: forgets everything."""
        self._clear()
        self._store = store

    def drop_unfinished(self) -> None:
        """After Cancelled: forgets what a stopped batch may have left behind."""
        if not self._model.forget_from(len(self.tokens)):
            self._clear()

    def _keep(self, prompt: Sequence[int]) -> int:
        """Forgets all that differs from `prompt`. Its last token is always read again, because
        its scores are needed.
        """
        common = 0
        for ours, theirs in zip(self.tokens, prompt[:-1], strict=False):
            if ours != theirs:
                break
            common += 1
        if common == 0:
            self._clear()
        elif common < len(self.tokens) and not self._model.forget_from(common):
            common = self._go_back(common)
        del self.tokens[common:]
        self._checkpoints = {at: s for at, s in self._checkpoints.items() if at <= common}
        return common

    def _go_back(self, limit: int) -> int:
        """To the last checkpoint at or before `limit`; 0 where there is none."""
        for at in sorted((at for at in self._checkpoints if at <= limit), reverse=True):
            if self._model.restore(self._checkpoints[at]) and self._model.forget_from(at):
                return at
        self._clear()
        return 0

    def _clear(self) -> None:
        self._model.forget_from(0)
        self.tokens.clear()
        self._checkpoints.clear()

    def _load(self, store: PrefixStore, prefix: Sequence[int]) -> bool:
        self._clear()
        if not store.load(self._model, prefix):
            self._clear()
            return False
        self.tokens[:] = prefix
        self._checkpoint()
        return True

    def _recall(self, store: PrefixStore, prompt: Sequence[int], reused: int) -> int:
        """Takes up an earlier prompt that began like this one, where that saves something."""
        kept, common = store.nearest(prompt[:-1])
        if common < reused + SHORTEST_PREFIX:
            return reused
        if not self._model.rolls_back and common < len(kept):
            return reused  # its end could not be forgotten
        self._clear()
        if not store.load_last(self._model, kept):
            self._clear()
            return 0
        self.tokens[:] = kept
        if common < len(kept):
            self._model.forget_from(common)
            del self.tokens[common:]
        self._checkpoint()
        return common

    def _read(
        self,
        prompt: Sequence[int],
        start: int,
        prefix: int,
        on_prompt: OnPrompt | None,
        cancel: threading.Event | None,
    ) -> None:
        began = time.perf_counter()
        at = start
        for stop in self._stops(start, len(prompt), prefix):
            if cancel is not None and cancel.is_set():
                raise Cancelled
            self._model.decode(prompt[at:stop])
            self.tokens += prompt[at:stop]
            at = stop
            # Between the places that matter not too often: a state may take many megabytes.
            if at == prefix or at >= len(prompt) - max(TAIL_TOKENS) or (at - start) % APART == 0:
                self._checkpoint()
            slow = time.perf_counter() - began >= SLOW_PREFIX_S
            if at == prefix and slow and self._store is not None:
                self._store.save(self._model, self.tokens)
            elif self._store is not None and self._is_worth_keeping(at, len(prompt), began):
                self._store.save_last(self._model, self.tokens)
            if on_prompt is not None:
                on_prompt(at, len(prompt))

    def _is_worth_keeping(self, at: int, end: int, began: float) -> bool:
        """Where a slow prompt ends; for recurrent layers a little earlier, because their state
        is only good for prompts that go on exactly there.
        """
        last = end if self._model.rolls_back else end - max(TAIL_TOKENS)
        slow = time.perf_counter() - began >= SLOW_PROMPT_S
        return at == last > SHORTEST_PREFIX and slow

    def _stops(self, start: int, end: int, prefix: int) -> list[int]:
        """Where batches end: every so many tokens, after the prefix, and at roll-back points."""
        most = self._model.read_tokens
        stops = {end, *range(start + most, end, most)}
        if start < prefix >= SHORTEST_PREFIX:
            stops = {*range(start + most, prefix, most), *range(prefix, end, most), end}
        if not self._model.rolls_back:
            stops |= {end - tail for tail in TAIL_TOKENS}
        return sorted(stop for stop in stops if start < stop <= end)

    def _checkpoint(self) -> None:
        """Keeps a roll-back point; of many the first (the system text) and the latest stay."""
        if self._model.rolls_back or len(self.tokens) in self._checkpoints:
            return
        self._checkpoints[len(self.tokens)] = self._model.checkpoint()
        while len(self._checkpoints) > 2 and (
            len(self._checkpoints) > MAX_CHECKPOINTS
            or sum(map(len, self._checkpoints.values())) > MAX_CHECKPOINT_BYTES
        ):
            del self._checkpoints[sorted(self._checkpoints)[1]]
