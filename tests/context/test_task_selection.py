"""From a sentence to the symbols a model should see, in both languages."""

from __future__ import annotations

import pytest

from sorte_cli.context.index import ProjectIndex
from sorte_cli.context.query import name_keys

NEEDED_FOR_A_NEW_METHOD = {
    "shop/methods/pix.py::PixPayment",
    "shop/methods/pix.py::PixPayment.minimum_amount",
    "shop/methods/pix.py::PixPayment.label",
    "shop/factory.py::METHODS",
    "tests/test_pix.py",
    "shop/methods/boleto.py::BoletoPayment",
    "shop/methods/base.py::PaymentMethod",
}


def first(project, task: str, count: int) -> list[str]:
    with ProjectIndex.open(project.root) as index:
        return [s.address for s in index.select(task).symbols[:count]]


@pytest.mark.parametrize(
    "task",
    [
        'Add a payment method "Pix Parcelado" for purchases above R$ 300.00',
        'Adicione um novo método de pagamento "Pix Parcelado" para compras acima de R$ 300,00',
        "crie o pagamento pix parcelado",
    ],
)
def test_a_new_thing_brings_its_siblings_their_values_registry_and_tests(shop, task):
    assert set(first(shop, task, 14)) >= NEEDED_FOR_A_NEW_METHOD


@pytest.mark.parametrize(
    ("task", "address"),
    [
        ("rename apply_discount to compute_discount", "shop/orders.py::apply_discount"),
        ("renomeie applyDiscount para compute_discount", "shop/orders.py::apply_discount"),
        ("renomear aplicar desconto", "shop/orders.py::apply_discount"),
        ("aumente o limite do frete grátis para 300", "shop/orders.py::FREE_SHIPPING_LIMIT"),
        ("raise the minimum amount of boleto to 20",
         "shop/methods/boleto.py::BoletoPayment.minimum_amount"),
        ("o valor mínimo do boleto deve ser 20",
         "shop/methods/boleto.py::BoletoPayment.minimum_amount"),
        ("add a parameter insurance to shipping_cost", "shop/shipping.py::shipping_cost"),
        ("add insurance to shipingcost", "shop/shipping.py::shipping_cost"),
        ("CheckoutService should retry 5 times", "shop/service.py::CheckoutService"),
    ],
)  # fmt: skip
def test_a_symbol_named_in_the_task_comes_first(shop, task, address):
    assert address in first(shop, task, 2)


def test_selection_is_the_same_every_time_and_in_a_fresh_index(shop, tmp_path):
    task = "add a payment method by cheque"
    with ProjectIndex.open(shop.root) as index:
        one = index.select(task)
        assert index.select(task) == one
    with ProjectIndex.open(shop.root, tmp_path / "elsewhere") as index:
        assert index.select(task) == one


@pytest.mark.parametrize("task", ["", "   ", "???", "日本語のタスク", "x" * 100_000, "a\0b", '"'])
def test_odd_tasks_are_answered_without_error(shop, task):
    with ProjectIndex.open(shop.root) as index:
        selection = index.select(task)
    assert len(selection.symbols) <= 40


def test_an_error_beside_the_base_is_no_sibling_of_what_is_new(shop):
    """PaymentMethod and PaymentRefused share a word, and the base is named outright."""
    base = shop.root / "shop/methods/base.py"
    base.write_text(base.read_text() + "\n\nclass PaymentRefused(Exception):\n    pass\n")
    task = 'Add a payment method "Pix Parcelado" for purchases above R$ 300.00'
    assert set(first(shop, task, 14)) >= NEEDED_FOR_A_NEW_METHOD


def ranked_paths(project, task: str) -> dict[str, float]:
    with ProjectIndex.open(project.root) as index:
        return {f.path: f.score for f in index.rank(task)}


@pytest.mark.parametrize("task", ["test: {}", "the test of {}", "o teste de {}"])
def test_a_test_counts_less_than_code_unless_the_task_speaks_of_tests(make_project, task):
    body = "def parcel_weight(items):\n    return sum(i.weight for i in items)\n"
    project = make_project({"parcels.py": body, "parcels_test.py": body})

    def share(task: str) -> float:
        scores = ranked_paths(project, task)
        return scores["parcels_test.py"] / scores["parcels.py"]

    assert share("parcel weight is wrong") < 1.0
    assert share(task.format("parcel weight")) > 1.05 * share("parcel weight is wrong")


def test_of_two_likely_files_the_one_that_the_last_commits_were_about_comes_first(make_project):
    files = {f"{n}.py": f"def {n}_rate(order):\n    return order.rate\n" for n in ("land", "sea")}
    project = make_project(files)
    project.commit("one", {"sea.py": files["sea.py"] + "# one\n"})
    for number in range(3):
        project.commit(f"other {number}", {f"other{number}.py": "x = 1\n"})
    assert next(iter(ranked_paths(project, "the rate of an order"))) == "sea.py"
    project.commit("two", {"land.py": files["land.py"] + "# two\n"})
    with ProjectIndex.open(project.root) as index:
        (first, *_) = index.rank("the rate of an order")
    assert first.path == "land.py"
    assert f"changed lately by: {project.git('rev-parse', 'HEAD')[:7]} two" in first.reasons


def test_a_definition_whose_whole_name_the_task_says_speaks_for_its_file(make_project):
    project = make_project(
        {
            "first.py": "def edge(a):\n    return a\n\n\ndef case(b):\n    return b\n",
            "second.py": "def edge_case(a):\n    return a\n",
        }
    )
    with ProjectIndex.open(project.root) as index:
        assert index.rank("an edge case fails")[0].path == "second.py"
        query, ranked = index.ask(lambda view: index._rank(view, "an edge case fails"))
        assert "edgecase" in name_keys(query)
        second, first = (ranked.lists["defined"][p] for p in (1, 0))
    assert second > first


def test_reasons_spell_words_as_the_task_does(make_project):
    project = make_project({"sessao.py": "sessao = 1\n", "other.py": "x = 1\n"})
    with ProjectIndex.open(project.root) as index:
        (first, *_) = index.rank("a Sessão expira cedo")
    assert "text match: sessão" in first.reasons
