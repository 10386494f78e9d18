"""Whole symbols: replacing, adding, decorating, documenting."""

from __future__ import annotations

import pytest
from edit_support import after, edited, refusal

SHOP = '''\
"""Payments."""
import os

LIMIT = 10

# the base of all
@final
class Payment(ABC):
    """A way to pay."""

    fee: int = 0

    @property
    def name(self) -> str:
        return "x"

    # charges
    def charge(self, amount):
        return amount


def total(items):
    # adds up
    return sum(items)
    # nothing after


if __name__ == "__main__":
    print(total([]))
'''


def test_a_function_is_replaced_with_its_trailing_comments_and_keeps_the_ones_above() -> None:
    result = edited(
        SHOP.replace("def total", "# sums\ndef total"),
        "replace_symbol a.py::total\n<<<\ndef total(items, fee=0):\n    return fee\n>>>\n",
    )
    assert "# sums\ndef total(items, fee=0):\n    return fee\n\n\nif __name__" in result


def test_a_method_is_replaced_with_its_decorators_at_its_own_indentation() -> None:
    result = edited(
        SHOP,
        '''\
        replace_symbol a.py::Payment.name
        <<<
        @cached_property
        def name(self) -> str:
          """Doc."""
          return self.label
        >>>
        ''',
    )
    assert result == SHOP.replace(
        '    @property\n    def name(self) -> str:\n        return "x"\n',
        '    @cached_property\n    def name(self) -> str:\n        """Doc."""\n'
        "        return self.label\n",
    )


def test_a_constant_and_a_field_are_replaced_whole() -> None:
    result = edited(
        SHOP,
        "replace_symbol a.py::LIMIT\n<<<\nLIMIT: Final = 300\n>>>\n"
        "replace_symbol a.py::Payment.fee\n<<<\n# in cents\nfee: Decimal = ZERO\n>>>\n",
    )
    assert "LIMIT: Final = 300\n" in result
    assert '    """A way to pay."""\n\n    # in cents\n    fee: Decimal = ZERO\n\n' in result


def test_a_replacement_with_another_name_is_refused() -> None:
    error = refusal(SHOP, "replace_symbol a.py::total\n<<<\ndef sum_up(): ...\n>>>\n")
    assert "defines sum_up, not 'total'" in error.message
    assert "rename" in error.hint


def test_an_overloaded_function_means_its_implementation_and_a_property_its_getter() -> None:
    source = (
        "@overload\ndef f(a: int): ...\n@overload\ndef f(a: str): ...\ndef f(a):\n    return a\n"
        "class A:\n    @property\n    def x(self): return 1\n"
        "    @x.setter\n    def x(self, v): ...\n"
    )
    result = edited(source, "set_return_type a.py::f int\nset_return_type a.py::A.x int\n")
    assert result == source.replace("def f(a):", "def f(a) -> int:").replace(
        "def x(self):", "def x(self) -> int:"
    )


def test_a_function_goes_behind_the_last_one_with_the_blank_lines_of_the_file() -> None:
    result = edited(SHOP, "add_symbol a.py\n<<<\ndef count(items):\n  return len(items)\n>>>\n")
    assert result == SHOP.replace(
        "\n\n\nif __name__",
        "\n\n\ndef count(items):\n    return len(items)\n\n\nif __name__",
    )


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("", "def f(): ...\n"),
        ("import os\n", "import os\n\n\ndef f(): ...\n"),
        ("import os", "import os\n\n\ndef f(): ..."),
        ("def a(): ...\n\ndef b(): ...\n", "def a(): ...\n\ndef b(): ...\n\ndef f(): ...\n"),
        ("def a(): ...\nx = a()\n", "def a(): ...\n\n\ndef f(): ...\n\n\nx = a()\n"),
        ('"""Doc."""\n', '"""Doc."""\n\n\ndef f(): ...\n'),
        (
            "x = 1\nif __name__ == '__main__':\n    x\n",
            "x = 1\n\n\ndef f(): ...\n\n\nif __name__ == '__main__':\n    x\n",
        ),
    ],
)
def test_a_function_finds_its_place_in_any_file(before: str, expected: str) -> None:
    assert edited(before, "add_symbol a.py\n<<<\ndef f(): ...\n>>>\n") == expected


@pytest.mark.parametrize(
    ("before", "constant", "expected"),
    [
        (SHOP, "MAX = 3", SHOP.replace("LIMIT = 10\n", "LIMIT = 10\nMAX = 3\n")),
        ("import os\n\n\ndef f(): ...\n", "X = 1", "import os\n\nX = 1\n\n\ndef f(): ...\n"),
        ("def f(): ...\n", "X = 1", "X = 1\n\n\ndef f(): ...\n"),
        ("def f(): ...\n", "X = [f]", "def f(): ...\n\n\nX = [f]\n"),
        ("", "X = 1", "X = 1\n"),
    ],
)
def test_a_constant_goes_behind_the_last_one_and_what_it_is_made_of(
    before: str, constant: str, expected: str
) -> None:
    assert edited(before, f"add_symbol a.py\n<<<\n{constant}\n>>>\n") == expected


def test_members_go_to_their_natural_places_in_a_class() -> None:
    result = edited(
        SHOP,
        """\
        add_symbol a.py::Payment
        <<<
        def refund(self):
            return None
        >>>
        add_symbol a.py::Payment
        <<<
        limit: int = LIMIT
        >>>
        add_symbol a.py::Payment
        <<<
        def __init__(self):
            self.x = 1
        >>>
        add_symbol a.py::Payment
        <<<
        @name.setter
        def name(self, value):
            pass
        >>>
        """,
    )
    assert result == SHOP.replace(
        "    fee: int = 0\n\n",
        "    fee: int = 0\n    limit: int = LIMIT\n\n"
        "    def __init__(self):\n        self.x = 1\n\n",
    ).replace(
        '        return "x"\n',
        '        return "x"\n\n    @name.setter\n    def name(self, value):\n        pass\n',
    ).replace(
        "        return amount\n",
        "        return amount\n\n    def refund(self):\n        return None\n",
    )


@pytest.mark.parametrize(
    ("before", "member", "expected"),
    [
        ("class A: pass\n", "x = 1", "class A:\n    x = 1\n"),
        ("class A: ...\n", "def f(self): ...", "class A:\n    def f(self): ...\n"),
        ("class A: y = 2  # c\n", "x = 1", "class A:\n    y = 2\n    x = 1  # c\n"),
        ("class A:\n    pass\n", "x = 1", "class A:\n    x = 1\n"),
        ('class A:\n    """D."""\n', "x = 1", 'class A:\n    """D."""\n\n    x = 1\n'),
        (
            'class A:\n    """D."""\n',
            "def f(self): ...",
            'class A:\n    """D."""\n\n    def f(self): ...\n',
        ),
        (
            "class A:\n\tx = 1\n",
            "def f(self):\n    pass",
            "class A:\n\tx = 1\n\n\tdef f(self):\n\t\tpass\n",
        ),
        (
            "class A:\n    def f(self): ...",
            "def g(self): ...",
            "class A:\n    def f(self): ...\n\n    def g(self): ...",
        ),
        (
            "class A:\n    def f(self): ...\n",
            "x = 1",
            "class A:\n    x = 1\n\n    def f(self): ...\n",
        ),
    ],
)
def test_a_member_finds_its_place_in_any_class(before: str, member: str, expected: str) -> None:
    assert edited(before, f"add_symbol a.py::A\n<<<\n{member}\n>>>\n") == expected


def test_imports_that_come_with_a_symbol_go_to_the_imports() -> None:
    result = edited(
        "import os\n\n\ndef f(): ...\n",
        "add_symbol a.py\n<<<\nimport sys\n\n\n# ends\ndef g():\n    sys.exit()\n>>>\n",
    )
    assert result == (
        "import os\nimport sys\n\n\ndef f(): ...\n\n\n# ends\ndef g():\n    sys.exit()\n"
    )


@pytest.mark.parametrize(
    ("script", "message", "hint"),
    [
        (
            "add_symbol a.py\n<<<\ndef total(): ...\n>>>",
            "already defines 'total' (line 22)",
            "replace_symbol",
        ),
        ("add_symbol a.py::Payment\n<<<\nfee = 1\n>>>", "already defines 'fee'", ""),
        ("add_symbol a.py::total\n<<<\nx = 1\n>>>", "is a function", "add_symbol a.py"),
        ("add_symbol a.py\n<<<\nprint(1)\n>>>", "defines no function", "insert_before"),
        ("add_symbol a.py\n<<<\ndef f(\n>>>", "does not parse", ""),
        ("add_symbol a.txt\n<<<\nx = 1\n>>>", "does not work on a.txt", "replace_text"),
        ("set_return_type a.py::Payment int", "is a class, not a function", ""),
        ("add_decorator a.py::LIMIT final", "only functions and classes", ""),
        ("add_decorator a.py::Payment final", "already has the decorator @final", ""),
        ("remove_decorator a.py::Payment finall", "no decorator @finall", "Did you mean final?"),
        ("remove_decorator a.py::total final", "has no decorators", ""),
        ("set_docstring a.py::LIMIT\n<<<\nx\n>>>", "has no docstring", ""),
        ("set_docstring a.py\n<<<\n\n>>>", "empty", ""),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_reason(script: str, message: str, hint: str) -> None:
    error = refusal({"a.py": SHOP, "a.md": "x\n"}, script + "\n")
    assert message in error.message
    assert hint in error.hint


def test_a_dataclass_keeps_its_fields_in_a_legal_order() -> None:
    source = "@dataclass\nclass A:\n    x: int\n    y: int = 1\n"
    error = refusal(source, "add_symbol a.py::A\n<<<\nz: int\n>>>\n")
    assert "needs a default" in error.message
    keyword_only = source.replace("@dataclass", "@dataclass(kw_only=True)")
    assert edited(keyword_only, "add_symbol a.py::A\n<<<\nz: int\n>>>\n") == (
        keyword_only + "    z: int\n"
    )


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("def f(a): ...\n", "def f(a) -> int: ...\n"),
        ("def f(a) -> str : ...\n", "def f(a) -> int : ...\n"),
        (
            "def f(\n    a,  # c\n):  # d\n    ...\n",
            "def f(\n    a,  # c\n) -> int:  # d\n    ...\n",
        ),
        ("async def f(a)  :\n    ...\n", "async def f(a) -> int  :\n    ...\n"),
    ],
)
def test_a_return_type_is_set(before: str, expected: str) -> None:
    assert edited(before, "set_return_type a.py::f int") == expected


@pytest.mark.parametrize(
    ("before", "decorator", "expected"),
    [
        ("def f(): ...\n", "cache", "@cache\ndef f(): ...\n"),
        ("def f(): ...\n", "@cache(1)", "@cache(1)\ndef f(): ...\n"),
        ("# c\n@a\nclass f: ...\n", "b", "# c\n@b\n@a\nclass f: ...\n"),
        ("@property\ndef f(): ...\n", "cache", "@property\n@cache\ndef f(): ...\n"),
        ("@app.get('/')\ndef f(): ...\n", "auth", "@app.get('/')\n@auth\ndef f(): ...\n"),
        ("@cache\ndef f(): ...\n", "staticmethod", "@staticmethod\n@cache\ndef f(): ...\n"),
        (
            "@property\ndef f(): ...\n",
            "abstractmethod",
            "@property\n@abstractmethod\ndef f(): ...\n",
        ),
        ("if 1:\n\tdef f(): ...\n", "a", "if 1:\n\t@a\n\tdef f(): ...\n"),
    ],
)
def test_a_decorator_goes_where_it_has_its_meaning(
    before: str, decorator: str, expected: str
) -> None:
    assert edited(before, f"add_decorator a.py::f {decorator}") == expected


@pytest.mark.parametrize(
    ("decorator", "removed"),
    [
        ("cache", "@cache(1,\n       2)  # c\n"),
        ("cache(1, 2)", "@cache(1,\n       2)  # c\n"),
        ("b.c", "@b.c\n"),
        ("c", "@b.c\n"),
    ],
)
def test_a_decorator_is_removed_by_its_name_or_whole(decorator: str, removed: str) -> None:
    source = "@cache(1,\n       2)  # c\n@b.c\ndef f(): ...\n"
    assert edited(source, f"remove_decorator a.py::f {decorator}") == source.replace(removed, "")


@pytest.mark.parametrize(
    ("before", "block", "expected"),
    [
        ("def f():\n    return 1\n", "Doc.", 'def f():\n    """Doc."""\n    return 1\n'),
        ("def f(): return 1\n", "Doc.", 'def f():\n    """Doc."""\n    return 1\n'),
        ("def f():\n    'old'\n    return 1\n", "New.", 'def f():\n    """New."""\n    return 1\n'),
        ("def f():\n    '''old'''\n", "New.", "def f():\n    '''New.'''\n"),
        (
            "def f():  # c\n    return 1\n",
            "A.\n\n    B.\n  C.",
            'def f():  # c\n    """A.\n\n      B.\n    C.\n    """\n    return 1\n',
        ),
        ("class f:\n    x = 1\n", "Doc.", 'class f:\n    """Doc."""\n\n    x = 1\n'),
        ("def f():\n\treturn 1\n", "A.\n\nB.", 'def f():\n\t"""A.\n\n\tB.\n\t"""\n\treturn 1\n'),
        (
            "def f():\n    return 1\n",
            '"""Quoted."""',
            'def f():\n    """Quoted."""\n    return 1\n',
        ),
        ("def f():\n    return 1\n", 'Say "hi"', 'def f():\n    """Say "hi\\""""\n    return 1\n'),
        ("def f():\n    return 1\n", r"A \d", 'def f():\n    r"""A \\d"""\n    return 1\n'),
    ],
)
def test_a_docstring_is_set(before: str, block: str, expected: str) -> None:
    assert edited(before, f"set_docstring a.py::f\n<<<\n{block}\n>>>\n") == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("x = 1\n", '"""Doc."""\n\nx = 1\n'),
        ("#!/bin/python\n# licence\n\nx = 1\n", '#!/bin/python\n# licence\n"""Doc."""\n\nx = 1\n'),
        ('"""Old."""\nx = 1\n', '"""Doc."""\nx = 1\n'),
        ("", '"""Doc."""\n'),
        ("# only", '# only\n"""Doc."""'),
    ],
)
def test_a_module_docstring_is_set_below_the_comments_of_the_file(
    before: str, expected: str
) -> None:
    assert edited(before, "set_docstring a.py\n<<<\nDoc.\n>>>\n") == expected


def test_a_block_that_brings_a_name_of_the_project_gets_its_import() -> None:
    files = {"shop/__init__.py": "", "shop/a.py": "import os\n", "shop/b.py": "class Card: ...\n"}
    result = after(files, "add_symbol shop/a.py\n<<<\ndef f():\n    return Card()\n>>>\n")
    assert "from shop.b import Card\n" in str(result["shop/a.py"])
