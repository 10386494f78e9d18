"""`add_parameter`: placed where every call still works."""

from textwrap import dedent

import pytest
from edit_support import after, edited, refusal


@pytest.mark.parametrize(
    ("before", "declaration", "expected"),
    [
        ("()", "x=1", "(x=1)"),
        ("(a)", "x=1", "(a, x=1)"),
        ("(a, b=2)", "x: int = 1", "(a, b=2, x: int = 1)"),
        ("(a, /)", "x=1", "(a, /, x=1)"),
        ("(a, *, b)", "x=1", "(a, *, b, x=1)"),
        ("(a, *args)", "x=1", "(a, *args, x=1)"),
        ("(a, **kw)", "x=1", "(a, x=1, **kw)"),
        ("(**kw)", "x=1", "(x=1, **kw)"),
        ("(a, *args, b=1, **kw)", "x=1", "(a, *args, b=1, x=1, **kw)"),
        ("(a)", "*, x=1", "(a, *, x=1)"),
        ("(a, *, b)", "*, x=1", "(a, *, b, x=1)"),
        ("(a)", "*args", "(a, *args)"),
        ("(a, *, b)", "*args: int", "(a, *args: int, b)"),
        ("(a, **kw)", "*args", "(a, *args, **kw)"),
        ("(a)", "**kw", "(a, **kw)"),
        ("(a, b=1)", "x", "(a, x, b=1)"),
        ("()", "x: int", "(x: int)"),
        ("(a,)", "x=1", "(a, x=1,)"),
        ("(a: dict[str, int] = {})", "x=1", "(a: dict[str, int] = {}, x=1)"),
        ("(\n    a,\n    b,  # why\n)", "x=1", "(\n    a,\n    b,  # why\n    x=1,\n)"),
        ("(\n    a,\n    b  # why\n)", "x=1", "(\n    a,\n    b,  # why\n    x=1\n)"),
        ("(\n    a, b\n)", "x=1", "(\n    a, b, x=1\n)"),
        ("[T](a: T)", "x=1", "[T](a: T, x=1)"),
    ],
)
def test_a_parameter_is_put_where_it_may_stand(before, declaration, expected):
    text = f"def f{before}:\n    pass\n"
    result = edited(text, f'add_parameter a.py::f "{declaration}"')
    assert result == f"def f{expected}:\n    pass\n"


def test_overrides_stubs_and_overloads_follow():
    files = {
        "a.py": dedent("""\
            from typing import overload
            class Base:
                def charge(self, amount): ...
            class Pix(Base):
                def charge(self, amount): ...
            class Other(Base):
                def charge(self, amount, note=""): ...
            class Open(Base):
                def charge(self, *args, **kwargs): ...
            @overload
            def f(a: int) -> int: ...
            @overload
            def f(a: str) -> str: ...
            def f(a): ...
            """),
        "a.pyi": "class Base:\n    def charge(self, amount): ...\n",
    }
    result = after(files, "add_parameter a.py::Base.charge \"note: str = ''\"")
    assert result["a.pyi"].count("note: str = ''") == 1
    assert result["a.py"].count("note: str = ''") == 2
    assert 'def charge(self, amount, note="")' in result["a.py"]
    assert after(files, 'add_parameter a.py::f "x=1"')["a.py"].count("x=1") == 3


def test_a_base_is_left_alone_when_an_override_gets_one():
    text = "class A:\n    def f(self): ...\nclass B(A):\n    def f(self): ...\n"
    result = edited(text, 'add_parameter a.py::B.f "x=1"')
    assert result == "class A:\n    def f(self): ...\nclass B(A):\n    def f(self, x=1): ...\n"


def test_several_parameters_of_one_script_come_in_order():
    script = 'add_parameter a.py::f "x=1"\nadd_parameter a.py::f "y=2"\n'
    assert edited("def f(a): ...\n", script) == "def f(a, x=1, y=2): ...\n"


def test_a_name_the_body_already_waits_for_is_welcome():
    text = "def f(a):\n    return a + extra\n"
    assert edited(text, 'add_parameter a.py::f "extra=0"').startswith("def f(a, extra=0):")


def test_without_default_it_is_refused_where_callers_would_break():
    files = {
        "lib.py": "def fetch(url): ...\n",
        "app.py": "from lib import fetch as f\nf('a')\nmap(f, [])\n",
    }
    error = refusal(files, 'add_parameter lib.py::fetch "timeout: float"')
    assert "app.py:2: f('a')" in error.message and "app.py:3: map(f, [])" in error.message
    assert error.hint == 'Give it a default: "timeout: float = VALUE".'


def test_a_constructor_s_callers_count():
    text = "class A:\n    def __init__(self): ...\nclass B(A): ...\nB()\n"
    assert "a.py:4: B()" in str(refusal(text, 'add_parameter a.py::A "x"'))


@pytest.mark.parametrize(
    ("text", "declaration", "words"),
    [
        ("def f(a): ...\n", "a=1", "already has a parameter 'a'"),
        ("def f(a):\n    x = 1\n", "x=1", "already has a local name 'x'"),
        ("x = 1\ndef f(a):\n    return x\n", "x=1", "uses another 'x'"),
        ("def f(a):\n    return len(a)\n", "len=1", "uses another 'len'"),
        ("def f(*a): ...\n", "*b", "already has a * parameter"),
        ("def f(a): ...\n", "1", "does not declare a parameter"),
        ("def f(a): ...\n", "x=1, y=2", "does not declare a parameter"),
        ("def f(a): ...\n", "x) -> (int", "does not declare a parameter"),
        ("f = 1\n", "x=1", "not a function"),
        ("class f: ...\n", "x=1", "class without __init__"),
    ],
)
def test_what_cannot_be_is_refused(text, declaration, words):
    assert words in str(refusal(text, f'add_parameter a.py::f "{declaration}"'))
