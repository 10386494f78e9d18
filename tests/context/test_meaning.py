"""Ranking by meaning: only what leads is compared, and each content once."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from sorte_cli.context.index import ProjectIndex


class Lettered:
    """Compares texts by the letters of one word: a stand-in for a model that knows meanings."""

    def __init__(self, model: str = "one", likes: str = "order_cost") -> None:
        self.model = model
        self.likes = likes
        self.texts: list[str] = []

    def __call__(self, texts: Sequence[str], *, query: bool = False) -> list[array[float]]:
        self.texts += texts
        return [array("f", [1.0, 0.0] if query or self.likes in t else [0.0, 1.0]) for t in texts]


FILES = {
    "shop/shipping.py": "def shipping_cost(weight): return weight\n",
    "shop/freight.py": "def freight(cost): return cost\n",
    "shop/orders.py": "def order_cost(items): return 0\n",
    **{f"other/m{n}.py": f"def function_{n}(): ...\n" for n in range(80)},
}


def test_without_a_model_nothing_is_compared_and_with_one_meaning_counts(make_project):
    project = make_project(FILES)
    embed = Lettered()
    with ProjectIndex.open(project.root) as index:
        before = index.rank("cost of shipping")
        index.embed = embed
        after = index.rank("cost of shipping")
        reasons = {f.path: f.reasons for f in after}
    places = [[f.path for f in found].index("shop/orders.py") for found in (before, after)]
    assert places == [2, 1]
    assert "close in meaning: 100%" in reasons["shop/orders.py"]
    # What nothing else speaks for is not compared: the cost stays bounded.
    assert len(embed.texts) < 10


def test_each_content_is_embedded_once_for_a_model(make_project):
    project = make_project(FILES)
    embed = Lettered()
    with ProjectIndex.open(project.root) as index:
        index.embed = embed
        first = index.select("cost of shipping")
    known = len(embed.texts)
    with ProjectIndex.open(project.root) as index:
        index.embed = embed
        assert index.select("cost of shipping") == first
        assert len(embed.texts) == known
        project.write({"shop/orders.py": "def order_cost(items): return 1\n"})
        index.update()
        index.select("cost of shipping")
        assert [t.split("\n")[0] for t in embed.texts[known:]] == ["shop/orders.py"]
        index.embed = other = Lettered("another")
        index.select("cost of shipping")
        assert len(other.texts) == known
