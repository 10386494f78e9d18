"""The learned order of the leading files: what is shipped, and what it may and may not move."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sorte_cli.context import learned, ranking
from sorte_cli.context.index import ProjectIndex
from sorte_cli.errors import EnvironmentFailure

EXAMPLES = Path(__file__).parent / "learned_examples.json"
SHIPPED = Path(learned.__file__).parent / learned.FILE
FILES = {
    "shop/__init__.py": "",
    "shop/shipping.py": "def shipping_cost(weight):\n    return weight * 2\n",
    "shop/orders.py": "from shop.shipping import shipping_cost\n\ndef order_total(o): ...\n",
    "shop/invoice.py": "def invoice_total(order):\n    return order\n",
    "tests/test_shipping.py": "from shop.shipping import shipping_cost\n\ndef test_cost(): ...\n",
    "docs/shipping.md": "# Shipping cost\n\nHow the shipping cost is computed.\n",
    "settings.yaml": "shipping:\n  cost: 2\n",
}
TASK = "the shipping cost must include the packaging"


def summed_of(root: Path, task: str) -> ranking.Summed:
    def work(view):
        query = view.understand(task)
        return ranking.summed(query, view.evidence(query))

    with ProjectIndex.open(root) as index:
        return index.ask(work)


def only(feature: str, weight: float) -> learned.Learned:
    """Learned to order by one feature alone."""
    return learned.Learned((feature,), (weight,), ())


def test_scores_are_those_that_the_learner_itself_gave():
    kept = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    told = learned.shipped()
    assert len(kept["rows"]) >= 20
    for score, row in kept["rows"]:
        mine = told.score(dict(zip(kept["names"], row, strict=True)))
        assert mine == pytest.approx(score, abs=2e-3)


def test_what_is_shipped_asks_only_for_features_that_every_file_has(make_project):
    project = make_project(FILES)
    rows = summed_of(project.root, TASK).features()
    assert rows
    for row in rows:
        assert set(learned.shipped().features) <= set(row)
        assert learned.shipped().score(row) == learned.shipped().score(dict(reversed(row.items())))


def test_what_is_shipped_is_small_and_its_checksum_fits():
    assert SHIPPED.stat().st_size < 150_000
    assert learned.loaded(SHIPPED.read_text(encoding="utf-8")) == learned.shipped()


@pytest.mark.parametrize("damage", ["cut", "digit", "part", "empty", "list"])
def test_a_damaged_file_is_noticed(damage):
    text = SHIPPED.read_text(encoding="utf-8")
    kept = json.loads(text)
    weights = [kept["weights"][0] + 0.001, *kept["weights"][1:]]
    damaged = {
        "cut": text[: len(text) // 2],
        "digit": json.dumps(kept | {"weights": weights}),
        "part": json.dumps({k: v for k, v in kept.items() if k != "trees"}),
        "empty": "",
        "list": "[]",
    }[damage]
    with pytest.raises(EnvironmentFailure) as failed:
        learned.loaded(damaged)
    assert "ranking.json" in failed.value.message
    assert failed.value.hint


def test_documents_and_data_keep_their_places_and_every_place_its_score(make_project):
    project = make_project(FILES)
    found = summed_of(project.root, TASK)
    files = found.evidence.files
    turned = ranking.learned_order(found, only("sum", -1.0))
    assert [s for _, s in turned] == [s for _, s in found.ordered]
    assert turned != found.ordered
    assert {p for p, _ in turned} == {p for p, _ in found.ordered}
    for (mine, _), (before, _) in zip(turned, found.ordered, strict=True):
        code = files[before].language in ranking.CODE
        assert (files[mine].language in ranking.CODE) == code
        assert code or mine == before
    sums = dict(found.ordered)
    code = [sums[p] for p, _ in turned if files[p].language in ranking.CODE]
    assert code == sorted(code)


def test_only_the_leading_files_are_moved(make_project, monkeypatch):
    monkeypatch.setattr(ranking, "LEARNED_OF", 2)
    project = make_project(FILES)
    found = summed_of(project.root, TASK)
    turned = ranking.learned_order(found, only("sum", -1.0))
    assert len(found.leading()) == 2
    moved = {a for (a, _), (b, _) in zip(turned, found.ordered, strict=True) if a != b}
    assert moved == {p for p, _ in found.leading()}


def test_equal_files_go_by_path(make_project):
    project = make_project(FILES)
    found = summed_of(project.root, TASK)
    ordered = ranking.learned_order(found, only("sum", 0.0))
    leading = {p for p, _ in found.leading()}
    paths = [found.evidence.files[p].path for p, _ in ordered if p in leading]
    assert paths == sorted(paths)


def test_the_order_is_the_same_every_time(make_project):
    one = make_project(FILES, "one")
    other = make_project(dict(reversed(FILES.items())), "other")
    for project in (one, other):
        project.commit("fix: shipping cost of heavy orders", {"shop/shipping.py": "COST = 2\n"})
    answers = []
    for project in (one, one, other):
        with ProjectIndex.open(project.root) as index:
            answers.append([(f.path, f.score) for f in index.rank(TASK)])
    assert answers[0] == answers[1] == answers[2]


def test_a_file_that_the_task_names_comes_first_whatever_was_learned(make_project):
    project = make_project(FILES)
    with ProjectIndex.open(project.root) as index:
        for path in ("shop/invoice.py", "shop/__init__.py", "tests/test_shipping.py"):
            assert index.rank(f"shipping cost in {path}")[0].path == path


def test_symbols_chosen_by_names_alone_do_not_depend_on_what_was_learned(make_project, monkeypatch):
    project = make_project(FILES)
    with ProjectIndex.open(project.root) as index:
        before = index.select(TASK, by_text=False)
        monkeypatch.setattr(ranking, "shipped", lambda: only("sum", -1.0))
        after = index.select(TASK, by_text=False)
    assert after.symbols == before.symbols
    assert after.files != before.files


def test_a_task_that_nothing_speaks_for_has_no_order(make_project):
    project = make_project({"a.py": "x = 1\n"})
    with ProjectIndex.open(project.root) as index:
        assert index.rank("") == ()
        assert index.rank("zebra crossing") == ()
