"""Several answers to one prompt, written side by side: one batch gives each of them a token."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from sorte_cli.inference.engine import Generation
from sorte_cli.inference.native import Cancelled, Model
from sorte_cli.inference.output import Output
from sorte_cli.inference.sampling import Sampler


@dataclass(slots=True)
class Line:
    """One answer while it is written; `number` is its sequence in the model's memory."""

    number: int
    sampler: Sampler
    output: Output
    finish: str = ""
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    certainties: list[float] = field(default_factory=list)

    def take(self, model: Model, position: int, budget: int) -> None:
        """Chooses the next token by the scores at `position` of the last batch."""
        token, logprob = self.sampler.next(position)
        if model.is_end(token):
            self.finish = "stop"
            return
        self.tokens.append(token)
        if not math.isnan(logprob):
            self.logprobs.append(logprob)
        if not math.isnan(self.sampler.certainty):
            self.certainties.append(self.sampler.certainty)
        if self.output.add(model.piece(token)):
            self.finish = "stop"
        elif len(self.tokens) >= budget:
            self.finish = "length"

    def answer(
        self, prompt_tokens: int, reused: int, prompt_ms: float, writing_ms: float
    ) -> Generation:
        """What was written, with the times of all of them together."""
        return Generation(
            text=self.output.finish(),
            tokens=tuple(self.tokens),
            logprobs=tuple(self.logprobs),
            certainties=tuple(self.certainties),
            finish=self.finish or "cancelled",
            prompt_tokens=prompt_tokens,
            reused_tokens=reused,
            prompt_ms=prompt_ms,
            generation_ms=writing_ms,
        )


def write_side_by_side(
    model: Model,
    prompt_tokens: int,
    lines: Sequence[Line],
    max_tokens: int,
    cancel: threading.Event | None,
) -> None:
    """Writes all `lines` to their ends; sequence 0 holds the prompt, and does again afterwards.

    The window is shared: where it is full, the last lines end first ("length").
    """
    model.fork(len(lines))
    room = model.context_tokens - prompt_tokens
    try:
        for line in lines:
            line.take(model, -1, max_tokens)
        while writing := _still_writing(model, lines, prompt_tokens, room):
            if cancel is not None and cancel.is_set():
                raise Cancelled
            model.decode_side_by_side(
                [(w.number, prompt_tokens + len(w.tokens) - 1, w.tokens[-1]) for w in writing]
            )
            for position, line in enumerate(writing):
                line.take(model, position, max_tokens)
    except Cancelled:
        for line in lines:
            line.finish = line.finish or "cancelled"
    finally:
        for line in lines:
            _release(model, line, prompt_tokens)


def _still_writing(
    model: Model, lines: Sequence[Line], prompt_tokens: int, room: int
) -> list[Line]:
    """The lines that go on; what the others hold is freed."""
    writing = []
    for line in lines:
        if not line.finish and len(line.tokens) > room:
            line.finish = "length"
        if line.finish:
            _release(model, line, prompt_tokens)
        else:
            writing.append(line)
            room -= len(line.tokens)
    return writing


def _release(model: Model, line: Line, prompt_tokens: int) -> None:
    if line.number:
        model.drop_sequence(line.number)
    else:
        model.forget_from(prompt_tokens)
