"""`move_file`: every import of the module follows."""

import pytest
from edit_support import after, applied, refusal

FILES = {
    "shop/__init__.py": "",
    "shop/orders.py": "from .base import X\nfrom . import base\n\nx = 1\n",
    "shop/base.py": "X = 1\n",
    "shop/sub/__init__.py": "",
}


def moved(importer, path="app.py", script="move_file shop/orders.py to shop/sub/sales.py"):
    return after({**FILES, path: importer}, script).get(path, importer)


def test_the_file_goes_with_its_relative_imports_put_right():
    result = after(FILES, "move_file shop/orders.py to shop/sub/sales.py")
    assert result == {
        "shop/orders.py": None,
        "shop/sub/sales.py": "from ..base import X\nfrom .. import base\n\nx = 1\n",
    }


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("from shop.orders import x\n", "from shop.sub.sales import x\n"),
        ("from shop.orders import (\n    x,  # why\n)\n",
         "from shop.sub.sales import (\n    x,  # why\n)\n"),
        ("from shop.orders import *\n", "from shop.sub.sales import *\n"),
        ("import shop.orders\nshop.orders.x\n", "import shop.sub.sales\nshop.sub.sales.x\n"),
        ("import shop.orders as o\no.x\n", "import shop.sub.sales as o\no.x\n"),
        ("from shop import orders\norders.x\n", "from shop.sub import sales\nsales.x\n"),
        ("from shop import orders as o\no.x\n", "from shop.sub import sales as o\no.x\n"),
        ("from shop import base, orders\norders.x\n",
         "from shop import base\nfrom shop.sub import sales\nsales.x\n"),
        ("patch('shop.orders.x')\n", "patch('shop.sub.sales.x')\n"),
        ("from other.orders import x\norders = 1\n", "from other.orders import x\norders = 1\n"),
    ],
)  # fmt: skip
def test_every_kind_of_import_follows(before, expected):
    assert moved(before) == expected


def test_relative_imports_follow():
    assert moved("from .orders import x\n", "shop/a.py") == "from .sub.sales import x\n"
    assert moved("from . import orders\norders.x\n", "shop/a.py") == (
        "from .sub import sales\nsales.x\n"
    )
    assert moved("from ..orders import x\n", "shop/sub/b.py") == "from .sales import x\n"


def test_a_new_folder_of_a_package_becomes_a_package():
    result = after(FILES, "move_file shop/orders.py to shop/new/orders.py")
    assert result["shop/new/__init__.py"] == ""


def test_a_file_that_is_no_python_is_moved_as_it_is():
    answer = applied({"a.bin.txt": b"\xff\xfe"}, "move_file a.bin.txt to b.txt")
    assert [(c.path, c.after) for c in answer.changes.changes] == [
        ("a.bin.txt", None),
        ("b.txt", b"\xff\xfe"),
    ]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("move_file shop/orders.py to shop/base.py", "exists already"),
        ("move_file shop/order.py to shop/b.py", "no file shop/order.py"),
        ("move_file shop/__init__.py to shop/b.py", "makes its folder a package"),
        ("move_file shop/orders.py to shop/orders.py", "already has this path"),
    ],
)
def test_what_cannot_be_moved_is_refused(script, words):
    assert words in str(refusal(FILES, script))
