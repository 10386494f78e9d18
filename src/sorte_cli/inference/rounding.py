"""Whether tokens read several at a time get the very scores that they get one by one.

llama.cpp has other kernels for one token than for several. For some weights, caches and numbers of
threads these round alike, for others they do not, and it depends on how much was read before. So it
is measured, on the model that runs: the same token alone and at the head of a batch.
"""

from __future__ import annotations

from typing import Any

DEEP_TOKENS = (512, 4096)
"""llama.cpp changes its way of attending here (the first), or is likely to."""
SAFETY = 3.0
"""The likeliest token must lead by so many times what rounding was seen to do."""
LEAST_LEAD = 0.02


class Rounding:
    """What was measured so far. One for each model that is loaded."""

    def __init__(self) -> None:
        self._checked: set[tuple[int, int]] = set()
        self.deviation = 0.0
        """The largest difference that was seen, in standard deviations of all scores."""

    @property
    def exact(self) -> bool:
        """Whether all that was compared was equal to the last bit."""
        return self.deviation == 0.0

    @property
    def lead(self) -> float:
        """What a token must lead by to be the same whatever the batch, in standard deviations."""
        return max(LEAST_LEAD, SAFETY * self.deviation)

    def is_new(self, batch: int, position: int) -> bool:
        """Whether batches of this size, so deep in the window, were not compared yet."""
        return self._kind(batch, position) not in self._checked

    def note(self, batch: int, position: int, alone: bytes, together: memoryview[float]) -> None:
        """Compares the scores of one token read alone and as the first of `batch` tokens."""
        self._checked.add(self._kind(batch, position))
        raw: Any = together
        if raw.cast("B") == alone:
            return
        import numpy as np

        ours, theirs = np.frombuffer(alone, dtype="f4"), np.frombuffer(raw, dtype="f4")
        spread = float(theirs.std()) or 1.0
        found = float(np.abs(ours - theirs).max()) / spread
        self.deviation = max(self.deviation, found, 1e-9)

    @staticmethod
    def _kind(batch: int, position: int) -> tuple[int, int]:
        return batch, sum(position >= deep for deep in DEEP_TOKENS)
