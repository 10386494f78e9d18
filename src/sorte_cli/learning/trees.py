"""Pairs as tokens to learn from: what both roles read of a task is computed once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sorte_cli.inference.vocabulary import Vocabulary
from sorte_cli.learning.examples import Pair
from sorte_cli.learning.network import Tree


def tree_of(
    vocabulary: Vocabulary, pair: Pair, *, weight: float = 1.0, limit_tokens: int = 1_500
) -> Tree | None:
    """The prompts and answers of a pair as one tree; None where it is too long.

    All begin with the same symbols and task: that is the stem, and the rest of each prompt with
    its answer a leaf, which sees the stem and itself.
    """
    read: list[tuple[list[int], list[int]]] = []
    for messages, answer in pair.dialogues("compact"):
        prompt = vocabulary.prompt([(m.role, m.content) for m in messages])
        read.append((prompt, vocabulary.answer(answer)))
    stem = _shared([prompt for prompt, _ in read])
    ids, positions = list(read[0][0][:stem]), list(range(stem))
    leaf = [0] * stem
    where: list[int] = []
    wanted: list[int] = []
    for number, (prompt, answer_ids) in enumerate(read, 1):
        own = [*prompt[stem:], *answer_ids[:-1]]
        first = len(ids) + len(prompt) - stem - 1
        where += range(first, first + len(answer_ids))
        wanted += answer_ids
        ids += own
        positions += range(stem, stem + len(own))
        leaf += [number] * len(own)
    if len(ids) > limit_tokens:
        return None
    return Tree(
        np.array(ids, np.int64),
        np.array(positions, np.int64),
        np.array(leaf, np.int64),
        np.array(where, np.int64),
        np.array(wanted, np.int64),
        np.full(len(where), weight, np.float32),
    )


def _shared(prompts: Sequence[Sequence[int]]) -> int:
    """How many first tokens all prompts share; each keeps at least one of its own."""
    most = min(map(len, prompts)) - 1
    first = prompts[0]
    for at in range(most):
        if any(p[at] != first[at] for p in prompts):
            return at
    return most
