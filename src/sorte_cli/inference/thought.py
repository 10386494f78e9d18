"""A bounded thought: free text before the answer and its grammar begin."""

from __future__ import annotations

import threading
from dataclasses import replace

from sorte_cli.inference.engine import Options
from sorte_cli.inference.memory import Memory
from sorte_cli.inference.native import Cancelled, Model
from sorte_cli.inference.output import Output
from sorte_cli.inference.sampling import Sampler
from sorte_cli.inference.thinking import Style


def think_aloud(
    model: Model,
    memory: Memory,
    style: Style,
    options: Options,
    cancel: threading.Event | None,
) -> str:
    """Lets the model think for at most `options.max_tokens`; returns what it thought.

    Where it does not come to an end by itself the thought is ended for it. Memory then holds all up
    to where the answer begins, and the scores of its first token are there. Raises Cancelled.
    """
    closing = model.tokenize(style.closing, special=True)
    output = Output((style.closing,), None)
    thought: list[int] = []
    closed = False
    with Sampler(model, replace(options, grammar="")) as sampler:
        while len(thought) < options.max_tokens and not closed:
            if cancel is not None and cancel.is_set():
                raise Cancelled
            token, _logprob = sampler.next()
            # A control token has no text of its own, and may count as the end of an answer.
            closed = [*thought, token][-len(closing) :] == closing
            if model.is_end(token) and not closed:
                break
            thought.append(token)
            closed = output.add(model.piece(token)) or closed
            memory.add(token)
    rest = style.answer if closed else f"\n{style.closing}{style.answer}"
    memory.extend(model.tokenize(rest, special=True))
    return output.finish().strip()
