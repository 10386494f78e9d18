"""Trains a LoRA: low-rank changes of the network's matrices, by Adam, with rehearsal.

Every step reads some of the project's pairs and some general ones, so that what the model could do
before stays as it is. Deterministic by seed (on one machine, with the same numpy).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sorte_cli.inference.weights import Array
from sorte_cli.learning.network import Network, Tree

OnStep = Callable[[int, int, float], None]
"""(step, steps, loss) after each step."""
WARMUP_STEPS = 10


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an adapter is trained. `passes`: how often each of the project's pairs is read;
    `rehearsal`: tokens of general pairs for each token of the project's."""

    rank: int = 8
    alpha: float = 16.0
    rate: float = 0.002
    passes: int = 20
    tokens_a_step: int = 3_000
    rehearsal: float = 1.0
    most_seconds: float = 480.0
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Trained:
    """The pairs (a, b) of each matrix, and what training came to. `losses` has one for each step
    of the project's and the general pairs together."""

    pairs: dict[str, tuple[Array, Array]]
    steps: int
    losses: tuple[float, ...]
    seconds: float


def train(
    network: Network,
    own: Sequence[Tree],
    general: Sequence[Tree],
    recipe: Recipe,
    on_step: OnStep = lambda step, steps, loss: None,
) -> Trained:
    """Train; the network's weights are as before when it returns or raises.

    Where the time would be over before all passes are done, it makes as many steps as fit.
    """
    began = time.monotonic()
    dice = random.Random(recipe.seed)
    base = {name: network.weights[name] for name in network.linear}
    learner = _Learner(base, recipe)
    batches = list(_batches(own, general, recipe, dice))
    losses: list[float] = []
    steps = len(batches)
    try:
        while len(losses) < steps:
            for name in base:
                network.weights[name] = base[name] + learner.change(name)
            loss, _right, gradients = network.learn(batches[len(losses)])
            losses.append(loss)
            learner.step(gradients, learning_rate(len(losses), steps, recipe.rate))
            steps = min(steps, _fitting(began, len(losses), recipe.most_seconds))
            on_step(len(losses), steps, loss)
    finally:
        network.weights.update(base)
    return Trained(learner.pairs, len(losses), tuple(losses), time.monotonic() - began)


def _fitting(began: float, done: int, most_seconds: float) -> int:
    """How many steps fit into the time, by the speed so far."""
    if done < 5:
        return 1 << 30
    each = (time.monotonic() - began) / done
    return max(done, int(most_seconds / each))


def learning_rate(step: int, steps: int, rate: float) -> float:
    """Warm-up, then linear to nearly zero."""
    return rate * min(1.0, step / WARMUP_STEPS) * max(0.02, 1 - step / steps)


def _batches(
    own: Sequence[Tree], general: Sequence[Tree], recipe: Recipe, dice: random.Random
) -> Iterator[list[Tree]]:
    """Each pass reads the project's pairs in another order, general ones beside them."""
    share = 1 / (1 + recipe.rehearsal)
    endless = _endless(general, dice)
    order: list[Tree] = []
    for _ in range(recipe.passes):
        order += dice.sample(list(own), len(own))
    batch: list[Tree] = []
    size = 0
    for tree in order:
        batch.append(tree)
        size += len(tree.ids)
        if size >= recipe.tokens_a_step * share:
            yield batch + _some(endless, size * recipe.rehearsal)
            batch, size = [], 0
    if batch:
        yield batch + _some(endless, size * recipe.rehearsal)


def _endless(trees: Sequence[Tree], dice: random.Random) -> Iterator[Tree]:
    while trees:
        yield from dice.sample(list(trees), len(trees))


def _some(trees: Iterator[Tree], tokens: float) -> list[Tree]:
    found: list[Tree] = []
    while tokens > 0 and (tree := next(trees, None)) is not None:
        found.append(tree)
        tokens -= len(tree.ids)
    return found


class _Learner:
    """The low-rank pairs and Adam's memory of their gradients."""

    def __init__(self, base: dict[str, Array], recipe: Recipe) -> None:
        chance = np.random.default_rng(recipe.seed)
        self.pairs: dict[str, tuple[Array, Array]] = {}
        self._scale = np.float32(recipe.alpha / recipe.rank)
        self._moments: dict[tuple[str, int], list[Array]] = {}
        self._steps = 0
        for name, weight in base.items():
            rows, columns = weight.shape
            a = chance.normal(0, columns**-0.5, (recipe.rank, columns)).astype(np.float32)
            b = np.zeros((rows, recipe.rank), np.float32)
            self.pairs[name] = (a, b)
            for side, part in enumerate((a, b)):
                self._moments[name, side] = [np.zeros_like(part), np.zeros_like(part)]

    def change(self, name: str) -> Array:
        a, b = self.pairs[name]
        return self._scale * (b @ a)

    def step(self, gradients: dict[str, Array], rate: float) -> None:
        self._steps += 1
        for name, gradient in gradients.items():
            a, b = self.pairs[name]
            of_a, of_b = self._scale * (b.T @ gradient), self._scale * (gradient @ a.T)
            self._adam(name, 0, a, of_a, rate)
            self._adam(name, 1, b, of_b, rate)

    def _adam(self, name: str, side: int, values: Array, gradient: Array, rate: float) -> None:
        mean, square = self._moments[name, side]
        mean += np.float32(0.1) * (gradient - mean)
        square += np.float32(0.01) * (gradient * gradient - square)
        step = mean / (1 - 0.9**self._steps)
        size = np.sqrt(square / (1 - 0.99**self._steps)) + np.float32(1e-8)
        values -= (rate * step / size).astype(np.float32)
