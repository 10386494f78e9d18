"""`move`: a symbol with what it needs; whoever imports it follows."""

from textwrap import dedent

import pytest
from edit_support import after, refusal

FILES = {
    "shop/__init__.py": "from .orders import calc_total\n\n__all__ = ['calc_total']\n",
    "shop/orders.py": dedent('''\
        """Orders."""

        import math
        import os

        RATE = 1


        # How much.
        def calc_total(items):
            return math.floor(sum(items)) * RATE


        def other():
            return os
        '''),
    "shop/pix.py": "from .orders import RATE, calc_total\n\n\n"
    "def pix(): return calc_total([]), RATE\n",
    "app.py": dedent("""\
        from unittest.mock import patch

        import shop.orders
        from shop import orders

        shop.orders.calc_total([1])
        orders.calc_total([1])
        patch("shop.orders.calc_total")
        """),
}


def test_a_function_goes_to_a_new_file_and_everyone_follows():
    result = after(FILES, "move shop/orders.py::calc_total to shop/totals.py")
    assert result == {
        "shop/__init__.py": "from .totals import calc_total\n\n__all__ = ['calc_total']\n",
        "shop/orders.py": '"""Orders."""\n\nimport os\n\nRATE = 1\n\n\n'
        "def other():\n    return os\n",
        "shop/totals.py": "import math\n\nfrom .orders import RATE\n\n\n# How much.\n"
        "def calc_total(items):\n    return math.floor(sum(items)) * RATE\n",
        "shop/pix.py": "from .orders import RATE\nfrom .totals import calc_total\n\n\n"
        "def pix(): return calc_total([]), RATE\n",
        "app.py": "from unittest.mock import patch\n\nfrom shop.totals import calc_total\n\n"
        'calc_total([1])\ncalc_total([1])\npatch("shop.totals.calc_total")\n',
    }


def test_a_class_goes_to_a_file_that_exists_and_already_imports_it():
    files = {
        "a.py": "import os\n\n\nclass A:\n    x = os\n\n\ny = 1\n",
        "b.py": "from a import A\n\n\nclass B(A): ...\n",
    }
    result = after(files, "move a.py::A to b.py")
    assert result["a.py"] == "y = 1\n"
    assert "from a import A" not in result["b.py"] and "import os\n" in result["b.py"]


def test_the_old_file_imports_what_it_still_uses():
    files = {"a.py": "def f(): ...\n\n\ndef g(): f()\n"}
    result = after(files, "move a.py::f to b.py")
    assert result["a.py"] == "from b import f\n\n\ndef g(): f()\n"
    assert result["b.py"] == "def f(): ...\n"


@pytest.mark.parametrize(
    ("importer", "expected"),
    [
        ("from a import f\n", "from b import f\n"),
        ("from a import f as g\n", "from b import f as g\n"),
        ("from a import f, x\n", "from a import x\nfrom b import f\n"),
        ("from a import *\nf()\n", "from a import *\nfrom b import f\nf()\n"),
        ("def h():\n    from a import f\n", "def h():\n    from b import f\n"),
        ("def h():\n    from a import f, x\n",
         "def h():\n    from b import f\n    from a import x\n"),
        ("try:\n    from a import f\nexcept ImportError: ...\n",
         "try:\n    from b import f\nexcept ImportError: ...\n"),
    ],
)  # fmt: skip
def test_every_kind_of_import_follows(importer, expected):
    files = {"a.py": "def f(): ...\n\n\nx = 1\n", "c.py": importer}
    assert after(files, "move a.py::f to b.py")["c.py"] == expected


@pytest.mark.parametrize(
    ("files", "script", "words"),
    [
        (
            {"a.py": "X = 1\ndef f(): return X\ndef g(): f()\n"},
            "move a.py::f to b.py",
            "would import each other",
        ),
        ({"a.py": "def f(): ...\n", "b.py": "f = 1\n"}, "move a.py::f to b.py", "already taken"),
        ({"a.py": "def f(): ...\n"}, "move a.py::f to a.py", "already is in"),
        ({"a.py": "class A:\n    def f(self): ...\n"}, "move a.py::A.f to b.py", "top of a file"),
        ({"a.py": "def f(): ...\n"}, "move a.py::f to b.txt", "not a Python file"),
        ({"a.py": "a, b = 1, 2\n"}, "move a.py::a to b.py", "shares its statement"),
        ({"a.py": "def f(): ...\n", "b.py": "def (\n"}, "move a.py::f to b.py", "syntax error"),
    ],
)
def test_what_cannot_be_moved_is_refused(files, script, words):
    assert words in str(refusal(files, script))
