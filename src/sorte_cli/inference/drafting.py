"""Writes several tokens at once where the answer repeats what stands in the prompt.

Edits copy much of what they were shown. What followed the last few tokens before is drafted, read
in one batch, and kept only as far as the model itself would have written it: the same text, sooner.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sorte_cli.inference.native import OUTPUTS_MAX
from sorte_cli.inference.rounding import Rounding

if TYPE_CHECKING:
    from sorte_cli.inference.memory import Memory
    from sorte_cli.inference.native import Model
    from sorte_cli.inference.sampling import Sampler

LONGEST_DRAFT = OUTPUTS_MAX - 1
MATCH_TOKENS = (10, 5, 3)
"""So many last tokens must have occurred before in the same order; the longest match counts."""
SLIP, BACK, NEAR = 0, 1, 2
"""Drafts of other kinds. The copy goes on in step after one changed token; some tokens after that
were right again; it goes on close by, because something was put in or left out.
"""
WINDOW = 12
"""So far from where it would have gone on a copy is looked for."""
GIVE_UP = 6
"""After so many tokens that were not copied it is no longer the same copy."""
BATCHES = (4, 8, 16)
"""Sizes of batches that are tried: llama.cpp's kernels take rows by fours."""
FIRST_RIGHT = {10: 0.9, 5: 0.8, 3: 0.65, BACK: 0.9, SLIP: 0.85, NEAR: 0.75}
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
BALANCE_TOKENS, DEBT_TOKENS = 16, 4
"""What was won or lost counts as so many single tokens at most; at such a loss drafts pause."""
RELENT_BALANCE = 0.01
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
        self._balance = 0.0

    @property
    def single(self) -> float:
        """Seconds that one token takes by itself, as far as is known."""
        return self._seconds.get(1, 0.0)

    def settle(self, seconds: float) -> None:
        """So much was won by a draft, or lost by reading tokens again. Where more is lost than won
        there are no drafts for a while.
        """
        most = BALANCE_TOKENS * self.single
        self._balance = max(-most, min(most, self._balance + seconds))

    def begin(self) -> None:
        """Another answer: what was learnt from the text of the last one counts a little less."""
        self._balance = min(self._balance, 0.0)
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
        if self._balance < 0:
            self._balance *= 1 - RELENT_BALANCE
            if self._balance < -DEBT_TOKENS * single:
                return 1
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
    """Finds where the last tokens come from, and so what may come next.

    A copy is followed through changes: after a token that is another one it goes on in step, or
    close by. That is known one token after the change, and a match of several is not waited for.
    """

    def __init__(self, tokens: Sequence[int]) -> None:
        self._tokens: list[int] = []
        self._followed: dict[tuple[int, ...], int] = {}
        self.kind = MATCH_TOKENS[0]
        """Of the last draft: the length of its match, or SLIP, BACK or NEAR."""
        self._at = -1
        """Where the copy goes on; -1: there is none."""
        self._run = self._astray = 0
        """So many last tokens were copied; so many were not."""
        self._sure = False
        """Whether the copy was so long that what comes after a change belongs to it, too."""
        for token in tokens:
            self.add(token)

    def add(self, token: int) -> None:
        known = self._tokens
        if self._at >= 0:
            self._follow(token)
        # Noted before the token is appended: the last tokens must not find themselves.
        for size in MATCH_TOKENS:
            if len(known) >= size:
                self._followed[tuple(known[-size:])] = len(known)
        known.append(token)

    def _follow(self, token: int) -> None:
        copied = self._tokens[self._at] == token if self._at < len(self._tokens) else False
        self._at += 1
        if copied:
            self._run, self._astray = self._run + 1, 0
            return
        self._run, self._astray = 0, self._astray + 1
        if self._astray > GIVE_UP:
            self._at = -1

    def draft(self, count: int) -> list[int]:
        """What may come next, at most `count` tokens; often nothing."""
        if count <= 0:
            return []
        known, longest = self._tokens, MATCH_TOKENS[0]
        for size in MATCH_TOKENS:
            if self._run >= size or (self._sure and self._run):
                break  # the copy that goes on is as good a match, and in step
            at = self._followed.get(tuple(known[-size:]))
            if at is not None:
                self._at, self._run, self._astray, self._sure = at, size, 0, False
                break
        if self._at < 0:
            return []
        self._sure = self._sure or self._run >= longest
        if not self._run:
            self._look_near()
        elif self._run < longest and self._sure:
            self.kind = BACK
        else:
            self.kind = next((s for s in MATCH_TOKENS if self._run >= s), NEAR)
        at = self._at
        found = known[at : at + count]
        # In a loop the end of what is known is where it goes on.
        while len(found) < count and at < len(known) and self.kind == longest:
            found += known[at:][: count - len(found)]
        return found

    def _look_near(self) -> None:
        """Where the copy goes on after a token that was not copied."""
        known, last = self._tokens, self._tokens[-1]
        self.kind = SLIP
        ahead = range(self._at, min(self._at + WINDOW, len(known) - 1))
        behind = range(self._at - 2, max(self._at - WINDOW, 0), -1) if self._astray > 1 else ()
        for place in (*ahead, *behind):
            if known[place] == last:
                self.kind, self._at, self._run, self._sure = NEAR, place + 1, 1, False
                return


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
        rounding: Rounding | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`prices` and `rounding` were learnt before. `clock`: what to measure batches with."""
        self._model = model
        self._memory = memory
        self._sampler = sampler
        # Recurrent layers cannot forget a wrong draft.
        self._lookup = Lookup(prompt) if speculate and model.rolls_back else None
        self._draft: list[int] = []
        self._kind = MATCH_TOKENS[0]
        self._position = -1
        """Where in the last batch the scores of the next token are; -1: it had one token."""
        self._tainted = -1
        """From here on memory holds what was read in batches that round differently; -1: nothing
        of the kind."""
        self._took = 0.0
        self._rounding = rounding or Rounding()
        self._prices = prices or Prices()
        self._prices.begin()
        self._clock = clock
        self._singles = 0
        self.drafted = self.accepted = 0

    def next(self) -> tuple[int, float]:
        """The next token of the answer and its log-probability. Raises GrammarError, Cancelled."""
        if self._tainted >= 0 and not self._sampler.is_clear(self._position, self._rounding.lead):
            self._judge()
            self._leave_draft()
            self._read_again()
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
        self._note(token)
        if draft := self._propose(room):
            self._add_draft(token, draft)
            return
        # Asking the clock is a system call; single tokens are many, and cost nearly the same.
        measured = self._lookup is not None and self._singles % MEASURE_EACH == 0
        began = self._clock() if measured else 0.0
        self._memory.add(token)
        self._singles += 1
        if measured:
            self._prices.note_time(1, self._clock() - began)

    def _add_draft(self, token: int, draft: list[int]) -> None:
        size, place = 1 + len(draft), len(self._memory.tokens)
        alone = b""
        if self._rounding.is_new(size, place):
            self._memory.add(token)
            alone = bytes(self._model.logits())
            self._memory.take_back()
        began = self._clock()
        self._memory.add_draft(token, draft)
        self._took = self._clock() - began
        if alone:
            self._rounding.note(size, place, alone, self._model.logits(0))
        if not self._rounding.exact and self._tainted < 0:
            self._tainted = place
        self._draft, self._position = draft, 0
        self.drafted += len(draft)
        self._prices.note_time(size, self._took)

    def _read_again(self) -> None:
        """Where rounding could decide, all that was read in batches is read one by one.

        What is in memory then, and the scores of the last token, are what they would be had
        nothing been drafted.
        """
        began = self._clock()
        self._memory.read_again_from(self._tainted)
        self._tainted = -1
        self._prices.settle(began - self._clock())

    def finish(self) -> None:
        """Forgets what was drafted and not used."""
        if self._position >= 0:
            self._leave_draft()
            self._memory.drop_draft()

    def _propose(self, room: int) -> list[int]:
        if self._lookup is None:
            return []
        draft = self._lookup.draft(min(BATCHES[-1], room) - 1)
        if draft:
            self._kind = self._lookup.kind
            draft = draft[: self._prices.best_batch(self._kind) - 1]
        return draft

    def _judge(self) -> None:
        """Learns from a draft that is used up."""
        if self._draft:
            wrong = self._position < len(self._draft)
            self._prices.note_draft(self._kind, self._position, int(wrong))
            if not self._rounding.exact:
                self._prices.settle((1 + self._position) * self._prices.single - self._took)

    def _leave_draft(self) -> None:
        self._draft, self._position = [], -1

    def _note(self, token: int) -> None:
        if self._lookup is not None:
            self._lookup.add(token)
