"""Where a name is used, and what is like it."""

from __future__ import annotations

from sorte_cli.context.index import ProjectIndex


def test_references_name_the_line_and_what_it_stands_in(shop):
    with ProjectIndex.open(shop.root) as index:
        found = index.references("create_payment_method")
    assert [(r.path, r.line, r.inside, r.defines) for r in found] == [
        ("shop/factory.py", 14, "shop/factory.py::create_payment_method", True),
        ("shop/service.py", 3, "", False),
        ("shop/service.py", 12, "shop/service.py::CheckoutService.pay", False),
    ]


def test_references_are_whole_words_and_take_an_address(make_project):
    project = make_project({"a.py": "def pay(): ...\nprepay()\npay_all()\nx.pay()\n"})
    with ProjectIndex.open(project.root) as index:
        assert [r.line for r in index.references("a.py::pay")] == [1, 4]
        assert index.references("") == ()
        assert index.references("nowhere") == ()


def test_similar_definitions_share_a_base_first(shop):
    with ProjectIndex.open(shop.root) as index:
        found = [s.address for s in index.similar("shop/methods/pix.py::PixPayment", 2)]
        assert found == [
            "shop/methods/boleto.py::BoletoPayment",
            "shop/methods/card.py::CardPayment",
        ]
        assert index.similar("shop/methods/pix.py::Nothing") == ()


def test_similar_functions_share_words_and_body(make_project):
    project = make_project(
        {
            "a.py": "def read_config(path):\n    return parse(open(path).read(), strict=True)\n",
            "b.py": "def read_settings(path):\n    return parse(open(path).read(), strict=False)\n",
            "c.py": "def paint(wall):\n    return wall.colour\n",
        }
    )
    with ProjectIndex.open(project.root) as index:
        assert index.similar("a.py::read_config")[0].address == "b.py::read_settings"
