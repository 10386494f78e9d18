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
from pathlib import Path

from sorte_cli.errors import EnvironmentFailure

Node = float | tuple[int, float, "Node", "Node"]
"""A leaf, or (feature, bound, node where it is at most the bound, node where it is more)."""
FILE = "ranking.json"
PARTS = ("features", "weights", "trees")


@dataclass(frozen=True, slots=True)
class Learned:
    """Features by name, in the order that weights and splits count them in, and what is added."""

    features: tuple[str, ...]
    weights: tuple[float, ...]
    trees: tuple[Node, ...]

    def score(self, row: Mapping[str, float]) -> float:
        """What all together says of one file; higher is likelier."""
        values = [row[name] for name in self.features]
        total = sum(w * v for w, v in zip(self.weights, values, strict=True))
        for node in self.trees:
            while isinstance(node, tuple):
                feature, bound, below, above = node
                node = below if values[feature] <= bound else above
            total += node
        return total


@lru_cache(maxsize=1)
def shipped() -> Learned:
    """What comes with the package."""
    return loaded((Path(__file__).parent / FILE).read_text(encoding="utf-8"))


def loaded(text: str) -> Learned:
    """What was learned, from its text. Raises EnvironmentFailure where that is damaged."""
    try:
        kept = json.loads(text)
        body = {name: kept[name] for name in PARTS}
        sound = kept["sha256"] == checksum(body)
        trees = tuple(_node(tree, 0) for tree in body["trees"])
        weights = tuple(float(w) for w in body["weights"])
    except (ValueError, LookupError, TypeError) as error:
        raise _damaged() from error
    if not sound:
        raise _damaged()
    return Learned(tuple(body["features"]), weights, trees)


def checksum(body: Mapping[str, object]) -> str:
    """What the file says of its own content, so that damage is noticed."""
    return hashlib.sha256(json.dumps(body, separators=(",", ":")).encode()).hexdigest()


def _node(tree: Sequence[float | Sequence[float]], place: int) -> Node:
    kept = tree[place]
    if isinstance(kept, int | float):
        return float(kept)
    feature, bound, below, above = kept
    if min(below, above) <= place:
        raise ValueError  # a tree that comes back to where it was has no end
    return int(feature), float(bound), _node(tree, int(below)), _node(tree, int(above))


def _damaged() -> EnvironmentFailure:
    return EnvironmentFailure(f"a part of Sorte is damaged: {FILE}", hint="install Sorte again")
