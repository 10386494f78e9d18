"""`sorte context`, `map`, `refs` and `similar`, as a person runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SHOP = {
    "shop/base.py": "class PaymentMethod:\n    label = ''\n\n    def charge(self, amount): ...\n",
    "shop/pix.py": (
        "from shop.base import PaymentMethod\n\n\nclass PixPayment(PaymentMethod):\n"
        '    label = "Pix"\n\n    def charge(self, amount):\n        return amount\n'
    ),
    "shop/boleto.py": (
        "from shop.base import PaymentMethod\n\n\nclass BoletoPayment(PaymentMethod):\n"
        '    label = "Boleto"\n\n    def charge(self, amount):\n        return amount\n'
    ),
    "shop/factory.py": (
        "from shop.boleto import BoletoPayment\nfrom shop.pix import PixPayment\n\n"
        'METHODS = {"pix": PixPayment, "boleto": BoletoPayment}\n'
    ),
    "shop/shipping.py": "def shipping_cost(weight):\n    return weight * 2\n",
    "tests/test_pix.py": (
        "from shop.pix import PixPayment\n\n\n"
        "def test_charge():\n    assert PixPayment().charge(1) == 1\n"
    ),
}


@pytest.fixture
def shop(tmp_path: Path, git) -> Path:
    folder = tmp_path / "shop"
    for name, text in SHOP.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "feat: a shop")
    (folder / "shop/shipping.py").write_text("def shipping_cost(weight):\n    return weight * 3\n")
    git(folder, "commit", "--quiet", "-a", "-m", "fix: freight by truck costs more")
    return folder


def test_the_files_that_matter_come_first_with_reasons(shop, sorte):
    answer = sorte("context", "raise", "the", "shipping", "cost", "--why", cwd=shop)
    assert answer.code == 0, answer.err
    first, *rest = answer.out.splitlines()
    assert first.endswith("shop/shipping.py")
    assert any("symbol match: shipping_cost" in line for line in rest)
    assert any("path match: shipping" in line for line in rest)


def test_a_past_commit_is_named_where_it_gave_the_answer(shop, sorte):
    answer = sorte("context", "freight by truck", "--json", cwd=shop)
    first = json.loads(answer.out)["files"][0]
    assert first["path"] == "shop/shipping.py"
    (past,) = [r for r in first["reasons"] if r.startswith("past commit: ")]
    assert past.endswith("fix: freight by truck costs more")


def test_symbols_are_listed_by_address(shop, sorte):
    answer = sorte("context", "charge of PixPayment", "--symbols", "-n", "3", cwd=shop)
    assert "shop/pix.py::PixPayment" in answer.out.splitlines()
    document = json.loads(sorte("context", "PixPayment", "--symbols", "--json", cwd=shop).out)
    assert document["symbols"][0]["address"] == "shop/pix.py::PixPayment"


def test_the_count_is_kept(shop, sorte):
    document = json.loads(sorte("context", "payment", "-n", "2", "--json", cwd=shop).out)
    assert len(document["files"]) == 2
    assert document["indexed_files"] == len(SHOP)


def test_the_task_may_come_from_standard_input(shop, sorte):
    answer = sorte("context", "-", cwd=shop, stdin="raise the shipping cost\n")
    assert answer.out.splitlines()[0].endswith("shop/shipping.py")


def test_an_empty_task_is_a_mistake(shop, sorte):
    answer = sorte("context", "  ", cwd=shop)
    assert (answer.code, answer.out) == (2, "")
    assert "the task is empty" in answer.err


def test_reasons_are_told_in_portuguese(shop, sorte):
    answer = sorte("--lang", "pt_BR", "context", "custo de shipping", "--why", cwd=shop)
    assert "símbolo" in answer.out
    assert "symbol match" not in answer.out


def test_a_repository_without_commits_says_that_it_has_no_past(tmp_path, git, sorte):
    folder = tmp_path / "new"
    folder.mkdir()
    git(folder, "init", "--quiet")
    (folder / "a.py").write_text("def fetch(): ...\n")
    answer = sorte("context", "change fetch", cwd=folder)
    assert answer.out.strip().endswith("a.py")
    assert "no commits yet" in answer.err


def test_a_shallow_clone_says_how_much_it_knows(shop, tmp_path, git, sorte):
    clone = tmp_path / "clone"
    git(shop, "clone", "--quiet", "--depth", "1", f"file://{shop}", str(clone))
    answer = sorte("context", "shipping", cwd=clone)
    assert answer.code == 0
    assert "shallow and knows 1 past commit;" in answer.err


def test_submodules_are_named_as_not_looked_into(shop, project, git, sorte):
    git(shop, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(project), "sub")
    answer = sorte("refs", "calc_total", cwd=shop)
    assert answer.code == 2
    assert "1 submodule" in answer.err


def test_outside_of_a_repository_is_said_clearly(tmp_path, sorte):
    for command in (["context", "x"], ["map"], ["refs", "x"], ["similar", "x"]):
        answer = sorte(*command, cwd=tmp_path)
        assert answer.code == 3
        assert "not inside a git" in answer.err


def test_a_file_that_is_not_committed_is_seen(shop, sorte):
    (shop / "shop/coupons.py").write_text("def apply_coupon(order): ...\n")
    answer = sorte("context", "apply a coupon", cwd=shop)
    assert answer.out.splitlines()[0].endswith("shop/coupons.py")


def test_the_prompt_is_what_the_run_sends(shop, sorte):
    answer = sorte("context", "rename shipping_cost to freight_cost", "--prompt", cwd=shop)
    assert answer.code == 0, answer.err
    assert "shop/shipping.py::shipping_cost (weight)" in answer.out
    assert answer.out.rstrip().endswith("plan<|assistant|>")
    assert "symbols (" in answer.err
    document = json.loads(sorte("context", "shipping", "--prompt", "--json", cwd=shop).out)
    assert document["tokens"] == sum(p["tokens"] for p in document["parts"])
    assert {lost["name"] for lost in document["left_out"]} >= {"system text"}


def test_the_map_fits_its_budget_and_stays_the_same(shop, sorte):
    first, second = (sorte("map", "--budget", "120", cwd=shop) for _ in range(2))
    assert first.out == second.out
    assert "shop/pix.py" in first.out
    document = json.loads(sorte("map", "--budget", "60", "--json", cwd=shop).out)
    assert document["tokens"] <= 60


def test_a_map_that_cannot_fit_is_refused(shop, sorte):
    answer = sorte("map", "--budget", "1", cwd=shop)
    assert answer.code == 3
    assert "no line of the map fits" in answer.err


def test_a_symbol_is_shown_with_what_belongs_to_it(shop, sorte):
    answer = sorte("map", "--symbol", "PaymentMethod", cwd=shop)
    assert "shop/boleto.py:4  BoletoPayment (PaymentMethod)".replace("  ", " ") in answer.out
    document = json.loads(sorte("map", "--symbol", "PixPayment", "--json", cwd=shop).out)
    assert [s["address"] for s in document["registries"]] == ["shop/factory.py::METHODS"]
    assert document["tests"] == ["tests/test_pix.py"]
    assert [s["address"] for s in document["bases"]] == ["shop/base.py::PaymentMethod"]


def test_references_tell_definitions_from_uses(shop, sorte):
    answer = sorte("refs", "PixPayment", cwd=shop)
    assert answer.code == 0
    defined, used = answer.out.split("used (")
    assert "shop/pix.py" in defined
    assert "shop/factory.py" in used and "tests/test_pix.py" in used
    document = json.loads(sorte("refs", "PixPayment", "-n", "2", "--json", cwd=shop).out)
    assert len(document["references"]) == 2
    assert document["more"] is True


def test_an_unknown_name_gets_the_nearest(shop, sorte):
    for command in ("refs", "similar"):
        answer = sorte(command, "PixPaymnt", cwd=shop)
        assert answer.code == 2
        assert "did you mean `PixPayment`?" in answer.err


def test_a_name_of_several_definitions_must_be_addressed(shop, sorte):
    answer = sorte("similar", "charge", cwd=shop)
    assert answer.code == 2
    assert "shop/pix.py::PixPayment.charge" in answer.err
    answer = sorte("similar", "shop/pix.py::PixPayment.charge", cwd=shop)
    assert "shop/boleto.py::BoletoPayment.charge" in answer.out


def test_similar_definitions_are_those_of_the_same_family(shop, sorte):
    document = json.loads(sorte("similar", "PixPayment", "--json", cwd=shop).out)
    assert document["similar"][0]["address"] == "shop/boleto.py::BoletoPayment"


def test_a_name_without_letters_is_no_name(shop, sorte):
    answer = sorte("refs", "''", cwd=shop)
    assert answer.code == 2
    assert "is no name" in answer.err
