"""Writes several tokens at once where the answer repeats what stands in the prompt.

Edits copy much of what they were shown. What followed the last few tokens before is drafted, read
in one batch, and kept only as far as the model itself would have written it: the same text, sooner.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sorte_cli.inference.native import OUTPUTS_MAX

if TYPE_CHECKING:
    from sorte_cli.inference.memory import Memory
    from sorte_cli.inference.native import Model
    from sorte_cli.inference.sampling import Sampler

LONGEST_DRAFT = OUTPUTS_MAX - 1
MATCH_TOKENS = (10, 5, 3)
"""So many last tokens must have occurred before in the same order; the longest match counts."""
FIRST_DRAFT = 3
"""With the token before it a batch of four: llama.cpp's kernels take rows by fours."""
PAUSE_TOKENS = 8
"""After a draft that was wrong at once; doubled while they go on being wrong."""
LONGEST_PAUSE = 128


class Lookup:
    """Finds what followed the last tokens when they last occurred."""

    def __init__(self, tokens: Sequence[int]) -> None:
        self._tokens: list[int] = []
        self._followed: dict[tuple[int, ...], int] = {}
        for token in tokens:
            self.add(token)

    def add(self, token: int) -> None:
        # Noted before the token is appended: the last tokens must not find themselves.
        known = self._tokens
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
            found = self._tokens[at : at + count]
            # In a loop the end of what is known is where it goes on.
            while len(found) < count and at < len(self._tokens):
                found += self._tokens[at:][: count - len(found)]
            return found
        return []


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
    ) -> None:
        self._memory = memory
        self._sampler = sampler
        # Recurrent layers cannot forget a wrong draft.
        self._lookup = Lookup(prompt) if speculate and model.rolls_back else None
        self._draft: list[int] = []
        self._position = -1
        """Where in the last batch the scores of the next token are; -1: it had one token."""
        self._pause = 0
        self._next_pause = PAUSE_TOKENS
        self._length = FIRST_DRAFT
        self._single_s = 0.0
        self._batch_s = 0.0
        self._saved_s = 0.0
        self.drafted = self.accepted = 0

    def next(self) -> tuple[int, float]:
        """The next token of the answer and its log-probability. Raises GrammarError."""
        if self._position >= 0 and not self._sampler.is_clear(self._position):
            self._judge()
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
        began = time.perf_counter()
        if not draft:
            self._memory.add(token)
            used = time.perf_counter() - began
            self._single_s = used if not self._single_s else 0.8 * self._single_s + 0.2 * used
            return
        self._memory.add_draft(token, draft)
        self._batch_s = time.perf_counter() - began
        self._draft, self._position = draft, 0
        self.drafted += len(draft)

    def finish(self) -> None:
        """Forgets what was drafted and not used."""
        if self._position >= 0:
            self._leave_draft()
            self._memory.drop_draft()

    def _propose(self, token: int, room: int) -> list[int]:
        if self._lookup is None:
            return []
        if self._pause > 0:
            self._pause -= 1
            return []
        return self._lookup.draft(token, min(self._length, room - 1))

    def _judge(self) -> None:
        """Drafts that were right grow; after wrong ones there is a pause, longer each time.

        Where arithmetic and not memory takes the time, a batch costs nearly as much as its tokens
        one by one: then even right drafts save nothing, and there are pauses, too.
        """
        if self._single_s and self._draft:
            saved = (self._position + 1) * self._single_s - self._batch_s
            self._saved_s = 0.7 * self._saved_s + 0.3 * saved
            if self._saved_s < 0:
                self._length = FIRST_DRAFT
                self._pause = self._next_pause
                self._next_pause = min(2 * self._next_pause, LONGEST_PAUSE)
                return
        if self._position == len(self._draft):
            self._length = min(2 * self._length + 1, LONGEST_DRAFT)
            self._next_pause = PAUSE_TOKENS
        elif self._position > 0:
            self._length = max(FIRST_DRAFT, self._position)
        elif self._draft:
            self._length = FIRST_DRAFT
            self._pause = self._next_pause
            self._next_pause = min(2 * self._next_pause, LONGEST_PAUSE)

    def _leave_draft(self) -> None:
        self._draft, self._position = [], -1

    def _note(self, token: int) -> None:
        if self._lookup is not None:
            self._lookup.add(token)
