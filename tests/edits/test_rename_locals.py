"""`rename` of parameters and locals."""

from textwrap import dedent

import pytest
from edit_support import after, applied, edited, refusal


def test_a_parameter_follows_into_the_body_closures_and_calls_by_keyword():
    text = """\
        def fetch(url, retries=3):
            def again():
                return retries
            return [url for url in url], lambda retries: retries, again

        fetch("u", retries=1)
        fetch(url="u")
        """
    expected = """\
        def fetch(url, attempts=3):
            def again():
                return attempts
            return [url for url in url], lambda retries: retries, again

        fetch("u", attempts=1)
        fetch(url="u")
        """
    assert edited(text, "rename a.py::fetch(retries) attempts") == dedent(expected)


@pytest.mark.parametrize(
    "app",
    [
        "from lib import fetch\nfetch(url=1)\n",
        "from lib import fetch as f\nf(url=1)\n",
        "import lib\nlib.fetch(url=1)\n",
        "from functools import partial\nfrom lib import fetch\npartial(fetch, url=1)\n",
        "from lib import fetch\ng = fetch\ng(url=1)\n",
    ],
)
def test_calls_in_other_files_follow(app):
    files = {"lib.py": "def fetch(url): return url\n", "app.py": app}
    result = after(files, "rename lib.py::fetch(url) address")
    assert result["app.py"] == app.replace("url", "address")


def test_other_calls_with_that_keyword_stay():
    app = "from other import fetch\nfetch(url=1)\ndict(url=2)\n"
    files = {"lib.py": "def fetch(url): return url\n", "app.py": app}
    assert set(after(files, "rename lib.py::fetch(url) address")) == {"lib.py"}


def test_a_method_s_parameter_follows_along_the_hierarchy():
    text = """\
        class Base:
            def charge(self, amount): ...
        class Pix(Base):
            def charge(self, amount):
                return super().charge(amount=amount)
        Pix().charge(amount=1)
        def f(x): x.charge(amount=2)
        """
    answer = applied({"a.py": dedent(text)}, "rename a.py::Base.charge(amount) value")
    result = answer.changes.changes[0].after.decode()
    assert result == dedent(text).replace("amount", "value").replace(
        "x.charge(value=2)", "x.charge(amount=2)"
    )
    assert answer.reports[0].possible == ("a.py:7: def f(x): x.charge(amount=2)",)


def test_a_constructor_s_parameter_follows_to_where_the_class_is_called():
    text = """\
        class A:
            def __init__(self, rate):
                self.rate = rate
            @classmethod
            def make(cls):
                return cls(rate=1)
        class B(A):
            def __init__(self, more):
                super().__init__(rate=2)
        class C(A): ...
        A(rate=3).rate
        B(more=1)
        C(rate=4)
        """
    result = edited(text, "rename a.py::A.__init__(rate) ratio")
    assert result == dedent(text).replace("(rate=", "(ratio=").replace(
        "self, rate):\n        self.rate = rate", "self, ratio):\n        self.rate = ratio"
    )


def test_a_class_address_stands_for_its_constructor():
    text = "class A:\n    def __init__(self, rate): ...\nA(rate=1)\n"
    assert edited(text, "rename a.py::A(rate) ratio") == text.replace("rate", "ratio")


def test_parametrized_names_of_a_test_follow():
    text = """\
        import pytest
        @pytest.mark.parametrize("amount, expected", [(1, 2)])
        def test_it(amount, expected):
            assert amount == expected
        @pytest.mark.parametrize(("amount", "expected"), [(1, 2)])
        def test_more(amount, expected): ...
        """
    result = edited(text, "rename a.py::test_it(amount) value")
    assert result.count("value") == 3
    assert edited(text, "rename a.py::test_more(amount) value").count("value") == 2


def test_a_parameter_filled_by_a_fixture_is_refused():
    text = """\
        import pytest
        @pytest.fixture
        def gateway(): ...
        def test_it(gateway): ...
        """
    error = refusal(dedent(text), "rename a.py::test_it(gateway) client")
    assert error.hint == "Rename the fixture: rename a.py::gateway NEW_NAME."


def test_a_local_follows_in_its_function_alone():
    text = """\
        total = 0
        def f(items):
            total = 1
            for item in items:
                total += item
            return total
        print(total)
        """
    result = edited(text, "rename a.py::f:total amount")
    assert result.count("amount") == 3
    assert result.startswith("total = 0") and result.endswith("print(total)\n")


def test_a_variable_of_a_comprehension_is_a_local():
    text = "def f(rows):\n    return [row.x for row in rows if row]\n"
    assert edited(text, "rename a.py::f:row r") == (
        "def f(rows):\n    return [r.x for r in rows if r]\n"
    )


def test_a_parameter_is_found_by_its_place():
    text = "def f(amount):\n    return amount\nf(amount=1)\n"
    expected = text.replace("amount", "value")
    for place in ("1:7", "2:12", "3:3"):
        assert edited(text, f"rename a.py@{place} value") == expected


@pytest.mark.parametrize(
    ("text", "operation", "words"),
    [
        ("def f(a, b): ...\n", "rename a.py::f(a) b", "already taken"),
        ("def f(a):\n    return len(a)\n", "rename a.py::f(a) len", "would change"),
        ("def f(a):\n    return x\nx = 1\n", "rename a.py::f(a) x", "would change"),
        ("def f(a):\n    return [a for x in y]\n", "rename a.py::f(a) x", "already taken"),
        ("def f(a): ...\n", "rename a.py::f(b) c", "no parameter 'b'"),
        ("def f(a): ...\n", "rename a.py::f:b c", "no local name 'b'"),
        ("class A: ...\n", "rename a.py::A(b) c", "without __init__"),
        ("x = 1\n", "rename a.py::x(b) c", "not a function"),
        ("def f(a): ...\n", "rename a.py@1:1 x", "No name stands"),
    ],
)
def test_what_would_break_is_refused(text, operation, words):
    assert words in str(refusal(text, operation))


def test_where_the_function_is_handed_on_is_listed():
    text = "def f(amount): ...\nf(amount=1)\nhandlers = [f]\n"
    answer = applied({"a.py": text}, "rename a.py::f(amount) value")
    assert answer.reports[0].possible == ("a.py:3: handlers = [f]",)
