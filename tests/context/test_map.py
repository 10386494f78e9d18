"""The repo map: within its budget, the same bytes every time, calm under small changes."""

from __future__ import annotations

import pytest

from sorte_cli.context.index import ProjectIndex
from sorte_cli.context.map import render_map


def tokens(text: str) -> int:
    return len(text.split())


def many_files() -> dict[str, str]:
    return {
        f"pkg/part_{i}.py": "".join(f"def function_{i}_{n}(a, b): ...\n" for n in range(i % 7 + 1))
        for i in range(60)
    }


def test_a_small_project_is_shown_whole(shop):
    with ProjectIndex.open(shop.root) as index:
        text = render_map(index, None, 2_000, tokens)
    assert 'shop/methods/pix.py:\n  class PixPayment(PaymentMethod)\n    label = "Pix"\n' in text
    assert "    def charge(self, amount: Decimal) -> str\n" in text


@pytest.mark.parametrize("budget", [0, 1, 7, 20, 60, 150, 400, 5_000])
def test_the_budget_is_never_exceeded(make_project, budget):
    project = make_project(many_files())
    with ProjectIndex.open(project.root) as index:
        assert tokens(render_map(index, None, budget, tokens)) <= budget


def test_the_map_is_the_same_in_a_fresh_index_and_after_a_commit(make_project, tmp_path):
    project = make_project(many_files())
    with ProjectIndex.open(project.root) as index:
        one = render_map(index, None, 150, tokens)
    project.commit("nothing changed in the tree")
    with ProjectIndex.open(project.root, tmp_path / "fresh") as index:
        assert render_map(index, None, 150, tokens) == one


def test_a_change_in_one_file_moves_nothing_else(make_project):
    project = make_project(many_files())
    with ProjectIndex.open(project.root) as index:
        before = render_map(index, None, 250, tokens).splitlines()
        project.write({"pkg/part_6.py": many_files()["pkg/part_6.py"] + "def extra(): ...\n"})
        index.update()
        after = render_map(index, None, 250, tokens).splitlines()
    gone = [line for line in before if line not in after]
    assert len(gone) <= 3
    assert [line for line in after if line in before] == [line for line in before if line in after]


def test_a_task_brings_the_detail_to_where_it_matters(shop):
    with ProjectIndex.open(shop.root) as index:
        text = render_map(index, "shipping cost by weight", 40, tokens)
    assert "def shipping_cost(weight_kg: float" in text
    assert "def create_payment_method(" not in text
