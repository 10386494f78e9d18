"""`delete`: nothing that is used, and everything that only served it."""

import pytest
from edit_support import MemorySnapshot, after, applied, edited, refusal

from sorte_cli.edits.model import EditError
from sorte_cli.edits.python.delete import check_file_unused, importers_of
from sorte_cli.edits.registry import Project


@pytest.mark.parametrize(
    ("before", "symbol", "expected"),
    [
        ("x = 1\n\n\ndef f(): ...\n\n\ny = 2\n", "f", "x = 1\n\n\ny = 2\n"),
        ("x = 1\n\n\n# why\n@dec\ndef f(): ...\n", "f", "x = 1\n"),
        ("def f(): ...\n\n\nx = 1\n", "f", "x = 1\n"),
        ("x = 1\ny = 2\nz = 3\n", "y", "x = 1\nz = 3\n"),
        ("import os\n\nX = 1\n\n\ndef f(): ...\n", "X", "import os\n\n\ndef f(): ...\n"),
        ("import os\n\n\ndef f(): return os\n\n\nx = 1\n", "f", "x = 1\n"),
        ("import os\n\n\ndef f(): return f(os)\n", "f", ""),
        ("class A:\n    x = 1\n\n    def f(self): ...\n\n    y = 2\n", "A.f",
         "class A:\n    x = 1\n\n    y = 2\n"),
        ("class A:\n    x = 1\n", "A.x", "class A:\n    pass\n"),
        ("class A:\n    # why\n    def f(self): ...\n\n\nx = 1\n", "A.f",
         "class A:\n    pass\n\n\nx = 1\n"),
        ("class A:\n    def f(self): ...\n\n    def g(self): ...\n", "A.g",
         "class A:\n    def f(self): ...\n"),
        ("class A:\n    def f(self): ...\n\n    def g(self): ...\n", "A.f",
         "class A:\n    def g(self): ...\n"),
        ("class A:\n    @property\n    def f(self): ...\n    @f.setter\n    def f(self, v): ...\n\n"
         "    x = 1\n", "A.f", "class A:\n    x = 1\n"),
        ("if x:\n    def f(): ...\nelse:\n    def f(): ...\n", "f",
         "if x:\n    pass\nelse:\n    pass\n"),
        ("__all__ = ['f', 'g']\ndef f(): ...\ng = 1\n", "f", "__all__ = ['g']\ng = 1\n"),
        ("def f(): ...", "f", ""),
        ("x = 1\r\n\r\n\r\ndef f(): ...\r\n\r\n\r\ny = 2\r\n", "f", "x = 1\r\n\r\n\r\ny = 2\r\n"),
    ],
)  # fmt: skip
def test_a_definition_goes_with_its_lines_and_its_space(before, symbol, expected):
    assert edited(before, f"delete a.py::{symbol}") == expected


def test_imports_and_exports_that_only_pass_it_on_go_too():
    files = {
        "shop/__init__.py": "from .a import f, g\n\n__all__ = ['f', 'g']\n",
        "shop/a.py": "def f(): ...\n\n\ndef g(): ...\n",
        "shop/b.py": "from shop import f\nfrom shop.a import f as h\nx = 1\n",
        "shop/a.pyi": "def f() -> None: ...\ndef g() -> None: ...\n",
    }
    assert after(files, "delete shop/a.py::f") == {
        "shop/__init__.py": "from .a import g\n\n__all__ = ['g']\n",
        "shop/a.py": "def g(): ...\n",
        "shop/b.py": "x = 1\n",
        "shop/a.pyi": "def g() -> None: ...\n",
    }


def test_an_override_may_go_where_its_base_has_the_method():
    text = """\
        class A:
            def f(self): ...

        class B(A):
            x = 1

            def f(self): ...

        B().f()
        """
    assert "class B(A):\n    x = 1\n\nB().f()" in edited(text, "delete a.py::B.f")


@pytest.mark.parametrize(
    ("text", "symbol", "words"),
    [
        ("def f(): ...\nf()\n", "f", "still used in 1 place:\n  a.py:2: f()"),
        ("class A: ...\nclass B(A): ...\n", "A", "a.py:2"),
        ("class A:\n    def f(self): ...\nA().f()\n", "A.f", "a.py:3"),
        ("class A:\n    def f(self): ...\n    def g(self): self.f()\n", "A.f", "a.py:3"),
        ("x = 1\ny: 'x' = 2\n", "x", "a.py:2"),
        ("a, b = 1, 2\n", "a", "shares its statement or its line"),
        ("def f():\n    x = 1\n", "f:x", "local"),
        ("from abc import *\nclass A:\n    @abstractmethod\n    def f(self): ...\n"
         "class B(A):\n    def f(self): ...\nB().f()\n", "B.f", "a.py:7"),
        ("import pytest\n@pytest.fixture\ndef fix(): ...\ndef test_a(fix): ...\n", "fix", "a.py:4"),
        ("class A:\n    def f(self):\n        self.x = 1\n", "A.x", "set in methods"),
        ("class A: x = 1\n", "A.x", "its line with others"),
    ],
)  # fmt: skip
def test_what_is_used_is_refused_with_the_places(text, symbol, words):
    assert words in str(refusal(text, f"delete a.py::{symbol}"))


def test_at_most_ten_places_are_listed():
    text = "def f(): ...\n" + "".join(f"x{i} = f()\n" for i in range(14))
    error = refusal(text, "delete a.py::f")
    assert "14 places" in error.message and "and 4 more" in error.message
    assert error.message.count("a.py:") == 12  # the operation, the symbol, ten places


def test_a_local_function_can_be_deleted():
    text = """\
        def outer():
            def inner(): ...
            return 1
        """
    assert edited(text, "delete a.py::outer.inner") == "def outer():\n    return 1\n"


def test_the_importers_of_a_file_are_known():
    files = {
        "shop/__init__.py": "from . import a\n",
        "shop/a.py": "x = 1\n",
        "b.py": "from shop.a import x\nimport shop.a as s\nfrom other import a\n",
    }
    project = Project(MemorySnapshot(files))
    assert importers_of(project, "shop/a.py") == [
        "b.py:1: from shop.a import x",
        "b.py:2: import shop.a as s",
        "shop/__init__.py:1: from . import a",
    ]
    with pytest.raises(EditError, match="still imported in 3 places"):
        check_file_unused(project, "shop/a.py")
    check_file_unused(project, "b.py")


def test_what_is_inherited_in_its_place_is_named():
    files = {"a.py": "class A:\n    def f(self): pass\n\nclass B(A):\n    x = 1\n    f = None\n"}
    (report,) = applied(files, "delete a.py::B.f").reports
    assert report.summary == "Deleted a.py::B.f; a.py::A.f takes its place."
