"""From pairs to an adapter file, by numpy for small llamas, by torch and peft for all others."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sorte_cli.inference.gguf import read_header
from sorte_cli.inference.vocabulary import Vocabulary
from sorte_cli.inference.weights import write_adapter
from sorte_cli.learning.examples import Pair
from sorte_cli.learning.network import Network
from sorte_cli.learning.pairs import by_clause
from sorte_cli.learning.training import OnStep, Recipe, Trained, train
from sorte_cli.learning.trees import tree_of


@dataclass(frozen=True, slots=True)
class Learning:
    """What is learnt from: the GGUF, the project's pairs, and general ones to rehearse.

    `base` is the folder of the model's Hugging Face weights, where it is not a small llama.
    """

    model: Path
    own: tuple[Pair, ...]
    rehearse: tuple[Pair, ...]
    recipe: Recipe = field(default_factory=Recipe)
    profile: str = "compact"
    base: Path | None = None


def learn(
    learning: Learning,
    target: Path,
    *,
    name: str = "",
    on_step: OnStep = lambda step, steps, loss: None,
) -> Trained:
    """Train and write the adapter to `target`. Raises EnvironmentFailure where that cannot be."""
    header = read_header(learning.model)
    if learning.base is not None:
        from sorte_cli.learning.foreign import train_foreign

        trained = train_foreign(learning, header, on_step)
    else:
        trained = _train_here(learning, Network(header), on_step)
    write_adapter(
        target,
        trained.pairs,
        alpha=learning.recipe.alpha,
        architecture=header.architecture,
        name=name,
    )
    return trained


def _train_here(learning: Learning, network: Network, on_step: OnStep) -> Trained:
    with Vocabulary(learning.model) as vocabulary:
        own = [tree_of(vocabulary, part) for pair in learning.own for part in by_clause(pair)]
        general = [tree_of(vocabulary, p) for pair in learning.rehearse for p in by_clause(pair)]
    return train(
        network,
        [t for t in own if t is not None],
        [t for t in general if t is not None],
        learning.recipe,
        on_step,
    )
