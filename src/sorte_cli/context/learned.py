"""How likely each of the leading files is, learned from commits of public repositories. Pure.

What was learned lies beside this module in `ranking.json`, made by `training/ranking.py`: a weight
for each feature, and trees that correct their sum. A tree is a list of splits and leaves: a split
is [feature, bound, place of the next where the feature is at most the bound, place where it is
more], a leaf is the number that it adds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from sorte_cli.errors import EnvironmentFailure

Node = float | tuple[int, float, int, int]
FILE = "ranking.json"
PARTS = ("features", "weights", "trees")


@dataclass(frozen=True, slots=True)
class Learned:
    """Features by name, in the order that weights and splits count them in, and what is added."""

    features: tuple[str, ...]
    weights: tuple[float, ...]
    trees: tuple[tuple[Node, ...], ...]

    def score(self, row: Mapping[str, float]) -> float:
        """What all together says of one file; higher is likelier."""
        values = [row[name] for name in self.features]
        total = sum(w * v for w, v in zip(self.weights, values, strict=True))
        for tree in self.trees:
            node = tree[0]
            while isinstance(node, tuple):
                node = tree[node[2] if values[node[0]] <= node[1] else node[3]]
            total += node
        return total


@lru_cache(maxsize=1)
def shipped() -> Learned:
    """What comes with the package."""
    return loaded(resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8"))


def loaded(text: str) -> Learned:
    """What was learned, from its text. Raises EnvironmentFailure where that is damaged."""
    try:
        kept = json.loads(text)
        body = {name: kept[name] for name in PARTS}
        sound = kept["sha256"] == checksum(body)
        trees = tuple(tuple(_node(n) for n in tree) for tree in body["trees"])
        weights = tuple(float(w) for w in body["weights"])
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged() from error
    if not sound:
        raise _damaged()
    return Learned(tuple(body["features"]), weights, trees)


def checksum(body: Mapping[str, object]) -> str:
    """What the file says of its own content, so that damage is noticed."""
    return hashlib.sha256(json.dumps(body, separators=(",", ":")).encode()).hexdigest()


def _node(kept: float | Sequence[float]) -> Node:
    if isinstance(kept, int | float):
        return float(kept)
    feature, bound, left, right = kept
    return int(feature), float(bound), int(left), int(right)


def _damaged() -> EnvironmentFailure:
    return EnvironmentFailure(
        f"{FILE}, which holds how Sorte orders files, is damaged.", hint="Install Sorte again."
    )
