"""Writes several tokens at once where the answer repeats what stands in the prompt.

Edits copy much of what they were shown. What followed the last few tokens before is drafted, read
in one batch, and kept only as far as the model itself would have written it: the same text, sooner.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sorte_cli.inference.native import OUTPUTS_MAX

if TYPE_CHECKING:
    from sorte_cli.inference.memory import Memory
    from sorte_cli.inference.native import Model
    from sorte_cli.inference.sampling import Sampler

LONGEST_DRAFT = OUTPUTS_MAX - 1
MATCH_TOKENS = (10, 5, 3)
"""So many last tokens must have occurred before in the same order; the longest match counts."""
SLIP = 0
"""A draft of another kind: it goes on in step where the one before had a single wrong token."""
BATCHES = (4, 8, 16)
"""Sizes of batches that are tried: llama.cpp's kernels take rows by fours."""
FIRST_RIGHT = {10: 0.9, 5: 0.75, 3: 0.6, SLIP: 0.6}
"""How likely a drafted token is right, until there is experience."""
FIRST_SEEN = 8.0
MEMORY = 24.0
"""What was seen of drafts weighs as so many tokens at first, and as so many at most."""
OPTIMISM = 1.7
"""What a batch twice as large is taken to cost until it was tried."""
RELENT = 0.004
"""How fast a bad opinion of a kind is forgotten, with every draft that was not made for it."""
RELENT_SECONDS = 0.001
"""The same for what batches take, which changes less."""


MEASURE_EACH = 16


class Prices:
    """What batches take and how often drafts are right; says how large a batch should be.

    Where arithmetic and not memory takes the time, a batch costs nearly as much as its tokens one
    by one, and right drafts save little: then a draft must be nearly certain, or none is made.
    """

    def __init__(self, seconds: dict[int, float] | None = None) -> None:
        """`seconds`: what batches took before, by size; kept up to date."""
        self._seconds = {} if seconds is None else seconds
        self._right = dict(FIRST_RIGHT)
        self._seen = dict.fromkeys(FIRST_RIGHT, FIRST_SEEN)

    def begin(self) -> None:
        """Another answer: what was learnt from the text of the last one counts a little less."""
        for kind, first in FIRST_RIGHT.items():
            self._right[kind] += (first - self._right[kind]) / 4
            self._seen[kind] = FIRST_SEEN

    def note_time(self, tokens: int, seconds: float) -> None:
        """A batch of so many tokens took so long."""
        size = next((b for b in (1, *BATCHES) if tokens <= b), BATCHES[-1])
        seconds = max(seconds, 1e-9)  # a coarse clock may say nothing
        before = self._seconds.get(size)
        self._seconds[size] = seconds if before is None else 0.8 * before + 0.2 * seconds

    def note_draft(self, kind: int, right: int, wrong: int) -> None:
        """Of a draft so many tokens were right, and then (0 or 1) wrong."""
        seen = min(self._seen[kind], MEMORY)
        self._right[kind] = (self._right[kind] * seen + right) / (seen + right + wrong)
        self._seen[kind] = seen + right + wrong

    def best_batch(self, kind: int) -> int:
        """The size of batch that gives most tokens a second; 1: no draft."""
        single = self._seconds.get(1)
        if single is None:
            return BATCHES[0]
        best, most = 1, 1 / single
        seconds = single
        right = min(self._right[kind], 0.99)
        for size in BATCHES:
            seconds = self._seconds.get(size, seconds * OPTIMISM)
            rate = (1 - right**size) / (1 - right) / seconds
            if rate > most:
                best, most = size, rate
        if best == 1:
            self._relent(kind)
        return best

    def _relent(self, kind: int) -> None:
        """What was so may be otherwise by now: other text, or less work on the machine."""
        self._right[kind] += RELENT * (FIRST_RIGHT[kind] - self._right[kind])
        for size in BATCHES:
            if size in self._seconds:
                self._seconds[size] *= 1 - RELENT_SECONDS


class Lookup:
    """Finds what followed the last tokens when they last occurred."""

    def __init__(self, tokens: Sequence[int]) -> None:
        self._tokens: list[int] = []
        self._followed: dict[tuple[int, ...], int] = {}
        self.kind = MATCH_TOKENS[0]
        """Of the last draft: the length of its match, or SLIP."""
        self._at = 0
        """Where the last draft stands."""
        self._next = -1
        """Where it would go on after one wrong token; -1: there is no such draft."""
        for token in tokens:
            self.add(token)

    def add(self, token: int) -> None:
        # Noted before the token is appended: the last tokens must not find themselves.
        known = self._tokens
        self._next = -1
        for size in MATCH_TOKENS:
            if len(known) >= size:
                self._followed[tuple(known[-size:])] = len(known)
        known.append(token)

    def draft(self, next_token: int, count: int) -> list[int]:
        """What may come after `next_token`, at most `count` tokens; often nothing."""
        if count <= 0:
            return []
        for size in MATCH_TOKENS:
            at = self._followed.get((*self._tokens[1 - size :], next_token))
            if at is None:
                continue
            self.kind, self._at, self._next = size, at, -1
            found = self._tokens[at : at + count]
            # In a loop the end of what is known is where it goes on.
            while len(found) < count and at < len(self._tokens):
                found += self._tokens[at:][: count - len(found)]
            return found
        if 0 <= self._next < len(self._tokens):
            self.kind, self._at, self._next = SLIP, self._next, -1
            return self._tokens[self._at : self._at + count]
        return []

    def slipped(self, right: int) -> None:
        """Of the last draft the first `right` tokens were right, and the next was another one."""
        self._next = self._at + right + 1 if self.kind != SLIP or right else -1


class Decoder:
    """Gives one token after the other, computed one by one or from a draft."""

    def __init__(
        self,
        model: Model,
        memory: Memory,
        sampler: Sampler,
        prompt: Sequence[int],
        *,
        speculate: bool,
        prices: Prices | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`prices` were learnt from answers before. `clock`: what to measure batches with."""
        self._memory = memory
        self._sampler = sampler
        # Recurrent layers cannot forget a wrong draft.
        self._lookup = Lookup(prompt) if speculate and model.rolls_back else None
        self._draft: list[int] = []
        self._position = -1
        """Where in the last batch the scores of the next token are; -1: it had one token."""
        self._prices = prices or Prices()
        self._prices.begin()
        self._clock = clock
        self._singles = 0
        self.drafted = self.accepted = 0

    def next(self) -> tuple[int, float]:
        """The next token of the answer and its log-probability. Raises GrammarError."""
        if self._position >= 0 and not self._sampler.is_clear(self._position):
            self._judge(lost=True)
            self._leave_draft()
            self._memory.read_last_again()
        return self._sampler.next(self._position)

    def add(self, token: int, room: int) -> None:
        """Takes a token into the answer; `room` more may follow. Raises Cancelled."""
        if self._position >= 0:
            if self._position < len(self._draft) and self._draft[self._position] == token:
                self._note(token)
                self._memory.accept(token)
                self._position += 1
                self.accepted += 1
                return
            self._judge()
            self._leave_draft()
            self._memory.drop_draft()
        draft = self._propose(token, room)
        self._note(token)
        # Asking the clock is a system call; single tokens are many, and cost nearly the same.
        measured = bool(draft) or (self._lookup is not None and self._singles % MEASURE_EACH == 0)
        began = self._clock() if measured else 0.0
        if draft:
            self._memory.add_draft(token, draft)
            self._draft, self._position = draft, 0
            self.drafted += len(draft)
        else:
            self._memory.add(token)
            self._singles += 1
        if measured:
            self._prices.note_time(1 + len(draft), self._clock() - began)

    def finish(self) -> None:
        """Forgets what was drafted and not used."""
        if self._position >= 0:
            self._leave_draft()
            self._memory.drop_draft()

    def _propose(self, token: int, room: int) -> list[int]:
        if self._lookup is None:
            return []
        draft = self._lookup.draft(token, min(BATCHES[-1], room) - 1)
        return draft[: self._prices.best_batch(self._lookup.kind) - 1] if draft else []

    def _judge(self, *, lost: bool = False) -> None:
        """Learns from a draft that is used up; `lost`: its rest could not be relied upon."""
        if self._lookup is None or not self._draft:
            return
        wrong = self._position < len(self._draft)
        self._prices.note_draft(self._lookup.kind, self._position, int(wrong))
        if wrong and not lost:
            self._lookup.slipped(self._position)

    def _leave_draft(self) -> None:
        self._draft, self._position = [], -1

    def _note(self, token: int) -> None:
        if self._lookup is not None:
            self._lookup.add(token)
