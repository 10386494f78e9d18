"""`rename` of names at the top of modules: definitions, uses, imports, exports, strings."""

from textwrap import dedent

import pytest
from edit_support import after, applied, edited, refusal

SHOP = {
    "shop/__init__.py": "",
    "shop/orders.py": "def calc_total(items):\n    return sum(items)\n",
}


def renamed(files, script="rename shop/orders.py::calc_total compute_total"):
    """The changed files, without the one that defines the name."""
    result = after({**SHOP, **{p: dedent(t) for p, t in files.items()}}, script)
    result.pop("shop/orders.py")
    return result


def test_definition_and_uses_in_the_own_file_follow():
    before = """\
        def calc_total(items):
            return calc_total(items[1:]) + 1

        handlers = {"total": calc_total}
        print(f"{calc_total([])!r}")
        """
    expected = """\
        def compute_total(items):
            return compute_total(items[1:]) + 1

        handlers = {"total": compute_total}
        print(f"{compute_total([])!r}")
        """
    assert edited(before, "rename a.py::calc_total compute_total") == dedent(expected)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (
            "from shop.orders import calc_total\ncalc_total([])\n",
            "from shop.orders import compute_total\ncompute_total([])\n",
        ),
        (
            "from shop.orders import calc_total as ct\nct([])\n",
            "from shop.orders import compute_total as ct\nct([])\n",
        ),
        (
            "from shop.orders import (\n    calc_total,  # the sum\n)\n",
            "from shop.orders import (\n    compute_total,  # the sum\n)\n",
        ),
        (
            "import shop.orders\nshop.orders.calc_total([])\n",
            "import shop.orders\nshop.orders.compute_total([])\n",
        ),
        (
            "import shop.orders as o\no.calc_total([])\n",
            "import shop.orders as o\no.compute_total([])\n",
        ),
        (
            "from shop import orders\norders.calc_total([])\n",
            "from shop import orders\norders.compute_total([])\n",
        ),
        (
            "from shop.orders import *\ncalc_total([])\n",
            "from shop.orders import *\ncompute_total([])\n",
        ),
        (
            "def f():\n    from shop.orders import calc_total\n    return calc_total\n",
            "def f():\n    from shop.orders import compute_total\n    return compute_total\n",
        ),
        (
            "try:\n    from shop.orders import calc_total\nexcept ImportError:\n"
            "    calc_total = None\n",
            "try:\n    from shop.orders import compute_total\nexcept ImportError:\n"
            "    compute_total = None\n",
        ),
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
            "    from shop.orders import calc_total\nx: 'calc_total'\n",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
            "    from shop.orders import compute_total\nx: 'compute_total'\n",
        ),
    ],
)
def test_every_kind_of_import_follows(before, expected):
    assert renamed({"app.py": before}) == {"app.py": expected}


def test_relative_imports_follow():
    files = {
        "shop/a.py": "from .orders import calc_total\n",
        "shop/b.py": "from . import orders\norders.calc_total\n",
        "shop/sub/__init__.py": "",
        "shop/sub/c.py": "from ..orders import calc_total\n",
    }
    assert renamed(files) == {p: t.replace("calc", "compute") for p, t in files.items() if t}


def test_re_exports_are_followed_to_where_they_lead():
    files = {
        "shop/api.py": "from .orders import calc_total\n__all__ = ['calc_total']\n",
        "app.py": "from shop.api import calc_total\nprint(calc_total)\n",
    }
    assert renamed(files) == {p: t.replace("calc", "compute") for p, t in files.items()}


def test_an_export_in_several_pieces_follows():
    text = """\
        __all__ = ["a"] + ["calc_total"]
        __all__ += ["b"]
        __all__.append("calc_total")
        def calc_total(): ...
        a = b = 1
        """
    result = edited(text, "rename a.py::calc_total compute_total")
    assert result == dedent(text).replace("calc_total", "compute_total")


def test_names_that_only_look_the_same_stay():
    app = """\
        from shop.orders import calc_total
        from other import calc_total as unrelated

        def f(calc_total):
            return calc_total

        def g():
            calc_total = 1
            return [calc_total for calc_total in range(calc_total)]

        class A:
            calc_total = 3

        print(A.calc_total, "calc_total", A().calc_total)
        """
    expected = dedent(app).replace("orders import calc_total", "orders import compute_total")
    assert renamed({"app.py": app}) == {"app.py": expected}


def test_a_local_name_that_hides_the_import_stays():
    app = """\
        from shop.orders import calc_total
        def f():
            calc_total = 1
            def g():
                return calc_total
            return g
        """
    result = renamed({"app.py": app})["app.py"]
    assert result.count("compute_total") == 1


def test_an_unrelated_module_of_the_same_name_stays():
    files = {
        "shop/other.py": "def calc_total(): ...\n",
        "app.py": "from shop.other import calc_total\n",
    }
    assert renamed(files) == {}


def test_dotted_strings_follow_where_they_name_exactly_this():
    app = """\
        from unittest.mock import patch
        import shop.service
        patch("shop.orders.calc_total")
        patch("shop.service.calc_total")
        patch("shop.elsewhere.calc_total")
        """
    service = "from shop.orders import calc_total\n"
    result = renamed({"app.py": app, "shop/service.py": service})
    assert result["app.py"] == dedent(app).replace(
        "orders.calc_total", "orders.compute_total"
    ).replace("service.calc_total", "service.compute_total")


def test_an_attribute_named_by_a_string_follows_where_its_owner_is_evident():
    app = """\
        import shop.orders
        def test(monkeypatch):
            monkeypatch.setattr(shop.orders, "calc_total", None)
            getattr(shop.orders, "calc_total")
            getattr(monkeypatch, "calc_total")
        """
    result = renamed({"app.py": app})["app.py"]
    assert result.count("compute_total") == 2
    assert 'getattr(monkeypatch, "calc_total")' in result


def test_a_stub_beside_the_module_follows():
    files = {"shop/orders.pyi": "def calc_total(items: list[int]) -> int: ...\n"}
    assert renamed(files) == {
        "shop/orders.pyi": "def compute_total(items: list[int]) -> int: ...\n"
    }


def test_an_import_is_followed_from_where_it_is_addressed():
    files = {**SHOP, "app.py": "from shop.orders import calc_total\ncalc_total()\n"}
    result = after(files, "rename app.py::calc_total compute_total")
    assert set(result) == {"app.py", "shop/orders.py"}


@pytest.mark.parametrize("place", ["1:25", "2:1"])
def test_a_place_stands_for_what_is_written_there(place):
    files = {**SHOP, "app.py": "from shop.orders import calc_total\ncalc_total()\n"}
    result = after(files, f"rename app.py@{place} compute_total")
    assert set(result) == {"app.py", "shop/orders.py"}


def test_an_alias_is_renamed_by_itself():
    files = {**SHOP, "app.py": "from shop.orders import calc_total as ct\nct()\n"}
    assert after(files, "rename app.py::ct total") == {
        "app.py": "from shop.orders import calc_total as total\ntotal()\n"
    }


def test_global_statements_follow():
    text = """\
        count = 0
        def f():
            global count
            count += 1
        """
    assert edited(text, "rename a.py::count total") == dedent(text).replace("count", "total")


def test_files_that_do_not_parse_are_listed_not_changed():
    files = {**SHOP, "broken.py": "from shop.orders import calc_total\ndef (\n"}
    answer = applied(files, "rename shop/orders.py::calc_total compute_total")
    assert answer.changes.paths == ("shop/orders.py",)


def test_entry_points_in_data_files_are_listed():
    files = {**SHOP, "pyproject.toml": '[project.scripts]\nx = "shop.orders:calc_total"\n'}
    answer = applied(files, "rename shop/orders.py::calc_total compute_total")
    assert answer.reports[0].possible == ('pyproject.toml:2: x = "shop.orders:calc_total"',)


def test_line_endings_bom_and_final_line_stay():
    before = b"\xef\xbb\xbfdef calc_total():\r\n    return calc_total\r\n# end"
    answer = applied({"a.py": before}, "rename a.py::calc_total compute_total")
    assert answer.changes.changes[0].after == before.replace(b"calc_total", b"compute_total")


def test_a_fixture_takes_the_tests_that_ask_for_it_along():
    files = {
        "tests/conftest.py": "import pytest\n@pytest.fixture\ndef gateway():\n    return 1\n",
        "tests/test_a.py": dedent("""\
            import pytest
            def test_one(gateway):
                assert gateway
            @pytest.mark.usefixtures("gateway")
            def test_two(): ...
            def helper(gateway): ...
            """),
        "tests/test_b.py": "def test_own(gateway):\n    gateway.x\n",
        "elsewhere/test_c.py": "def test_other(gateway): ...\n",
    }
    result = after(files, "rename tests/conftest.py::gateway client")
    assert set(result) == {"tests/conftest.py", "tests/test_a.py", "tests/test_b.py"}
    assert result["tests/test_a.py"].count("client") == 3
    assert "def helper(gateway)" in result["tests/test_a.py"]


# --- refusals --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "operation", "words"),
    [
        ("x = 1\n", "rename a.py::x class", "keyword"),
        ("x = 1\n", "rename a.py::y z", "no symbol 'y'"),
        ("x = 1\n", "rename a.py::x x", "already has this name"),
        ("x = 1\ny = 2\n", "rename a.py::x y", "a.py:2: y = 2"),
        ("x = 1\ndef f(y):\n    return x\n", "rename a.py::x y", "a.py:2"),
        ("x = 1\nprint(len([]))\n", "rename a.py::x len", "would change what 'len' means"),
        ("from os import path\n", "rename a.py::path p", "outside this project"),
        ("__all__ = []\n", "rename a.py::__all__ names", "meaning of its own"),
    ],
)
def test_what_would_break_is_refused_with_the_place(text, operation, words):
    assert words in str(refusal(text, operation))


def test_a_misspelt_symbol_brings_the_nearest_names():
    error = refusal("def calc_total(): ...\n", "rename a.py::calc_totl x")
    assert error.hint == "Did you mean calc_total?"


def test_a_name_taken_where_it_is_imported_is_refused():
    files = {**SHOP, "app.py": "from shop.orders import calc_total\ncompute_total = 1\n"}
    error = refusal(files, "rename shop/orders.py::calc_total compute_total")
    assert "app.py:2" in str(error)


def test_a_module_is_not_renamed_by_its_import():
    files = {**SHOP, "app.py": "from shop import orders\n"}
    assert "move_file" in refusal(files, "rename app.py::orders sales").hint


def test_hiding_an_unused_builtin_is_allowed_and_said():
    answer = applied({"a.py": "x = 1\n"}, "rename a.py::x filter")
    assert "hides the builtin" in answer.reports[0].summary


def test_methods_that_a_visitor_finds_by_the_class_s_name_are_listed():
    files = {"a.py": "class Call: ...\n", "b.py": "class V:\n    def visit_Call(self, n): ...\n"}
    answer = applied(files, "rename a.py::Call Invocation")
    assert answer.reports[0].possible == ("b.py:2: def visit_Call(...)",)
