"""`change_parameter` and `remove_parameter`: callers and overrides follow."""

from textwrap import dedent

import pytest
from edit_support import after, applied, edited, refusal


@pytest.mark.parametrize(
    ("before", "declaration", "expected"),
    [
        ("a=3", "a=5", "a=5"),
        ("a: int = 3", "a=5", "a: int = 5"),
        ("a: int = 3", "=5", "a: int = 5"),
        ("a=3", "a: int", "a: int = 3"),
        ("a", ": int", "a: int"),
        ("a", "a=None", "a=None"),
        ("a: int", "a: str = ''", "a: str = ''"),
        ("a = 3", "a=5", "a = 5"),
        ("a: (int) = (3)", "a=5", "a: (int) = 5"),
        ("*a", ": int", "*a: int"),
        ("*, a=1", "a=2", "*, a=2"),
    ],
)
def test_what_is_given_is_replaced_and_the_rest_stays(before, declaration, expected):
    result = edited(f"def f({before}): ...\n", f'change_parameter a.py::f(a) "{declaration}"')
    assert result == f"def f({expected}): ...\n"


def test_a_changed_name_renames_the_parameter_everywhere():
    files = {"a.py": "def f(a=1):\n    return a\n", "b.py": "from a import f\nf(a=2)\n"}
    assert after(files, 'change_parameter a.py::f(a) "b: int = 3"') == {
        "a.py": "def f(b: int = 3):\n    return b\n",
        "b.py": "from a import f\nf(b=2)\n",
    }


def test_overrides_with_the_same_declaration_follow():
    text = """\
        class A:
            def f(self, x=1): ...
        class B(A):
            def f(self, x=1): ...
        class C(A):
            def f(self, x=7): ...
        """
    result = edited(text, 'change_parameter a.py::A.f(x) "x=2"')
    assert result.count("x=2") == 2 and "x=7" in result


@pytest.mark.parametrize(
    ("before", "declaration", "words"),
    [
        ("a, b", "a=1", "b after it has none"),
        ("a=1", "a=1", "already declared as 'a=1'"),
        ("a", "*a", "cannot be turned into"),
        ("a, b", "b", "already declared"),
    ],
)
def test_a_change_that_cannot_be_is_refused(before, declaration, words):
    name = "b" if declaration == "b" else "a"
    error = refusal(f"def f({before}): ...\n", f'change_parameter a.py::f({name}) "{declaration}"')
    assert words in str(error)


# --- removing --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "call", "expected", "expected_call"),
    [
        ("(a)", "f(1)", "()", "f()"),
        ("(a, b)", "f(1, 2)", "(b)", "f(2)"),
        ("(b, a)", "f(1, 2)", "(b)", "f(1)"),
        ("(b, a)", "f(1, a=2)", "(b)", "f(1)"),
        ("(a, b)", "f(b=1, a=2)", "(b)", "f(b=1)"),
        ("(b, *, a=1)", "f(1, a=2)", "(b)", "f(1)"),
        ("(b, *, a=1, c=2)", "f(1, a=2, c=3)", "(b, *, c=2)", "f(1, c=3)"),
        ("(a, /, b)", "f(1, 2)", "(b)", "f(2)"),
        ("(b, a=1, *args)", "f(1)", "(b, *args)", "f(1)"),
        ("(b, a=1)", "f(*x)", None, None),
        ("(b, a: int = 1,)", "f(1, 2,)", "(b,)", "f(1,)"),
        ("(a,)", "f(1,)", "()", "f()"),
        ("(\n    b,  # b\n    a,  # a\n)", "f(\n    1,\n    2,\n)",
         "(\n    b,  # b\n)", "f(\n    1,\n)"),
        ("(b, a)", "f(1, (i for i in x))", "(b)", "f(1)"),
        ("(b, a)", "f(f(1, 2), f(3, 4))", "(b)", "f(f(1))"),
        ("(b, a=1)", "partial(f, a=2)", "(b)", "partial(f)"),
        ("(b, a=1)", "partial(f, 1, 2)", "(b)", "partial(f, 1)"),
    ],
)  # fmt: skip
def test_the_argument_goes_at_every_call(before, call, expected, expected_call):
    text = f"from functools import partial\ndef f{before}: ...\n{call}\n"
    script = "remove_parameter a.py::f(a)"
    if expected is None:
        assert "cannot be told where * is used" in str(refusal(text, script))
        return
    result = edited(text, script)
    assert result == f"from functools import partial\ndef f{expected}: ...\n{expected_call}\n"


def test_a_parameter_that_only_passes_itself_on_goes_along_the_hierarchy():
    text = """\
        class A:
            def f(self, x, y): return y
        class B(A):
            def f(self, x, y): return super().f(x, y)
        B().f(1, y=2)
        def g(b): b.f(1, 2)
        """
    answer = applied({"a.py": dedent(text)}, "remove_parameter a.py::A.f(x)")
    result = answer.changes.changes[0].after.decode()
    assert result == dedent("""\
        class A:
            def f(self, y): return y
        class B(A):
            def f(self, y): return super().f(y)
        B().f(y=2)
        def g(b): b.f(1, 2)
        """)
    assert answer.reports[0].possible == ("a.py:6: def g(b): b.f(1, 2)",)


@pytest.mark.parametrize(
    ("text", "operation", "words"),
    [
        ("def f(a):\n    return a\n", "a.py::f(a)", "still uses 'a'"),
        ("class A:\n    def f(self): ...\n", "a.py::A.f(self)", "filled by Python"),
        (
            "class A:\n    def f(self, x): ...\nclass B(A):\n    def f(self, x): ...\n",
            "a.py::B.f(x)",
            "overrides a.py::A.f",
        ),
        (
            "import pytest\n@pytest.mark.parametrize('x', [1])\ndef test_a(x): ...\n",
            "a.py::test_a(x)",
            "parametrize",
        ),
        ("def f(a): ...\n", "a.py::f(b)", "no parameter 'b'"),
    ],
)
def test_a_removal_that_would_break_is_refused(text, operation, words):
    assert words in str(refusal(text, f"remove_parameter {operation}"))
