"""Setting values, adding and removing entries."""

from __future__ import annotations

import ast

import pytest
from edit_support import after, edited, refusal
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("before", "target", "value", "expected"),
    [
        ("X = 1  # one\n", "X", "2", "X = 2  # one\n"),
        ("X: int = 1\n", "X", "2", "X: int = 2\n"),
        ("X: int\n", "X", "2", "X: int = 2\n"),
        ("X = (\n    1\n    + 2\n)\n", "X", "f(3)", "X = f(3)\n"),
        ("X = 1, 2\n", "X", "3, 4", "X = 3, 4\n"),
        ("A, B = 1, 2\n", "B", "5", "A, B = 1, 5\n"),
        ("if True:\n    X = 1\n", "X", "2", "if True:\n    X = 2\n"),
        (
            "try:\n    import x\nexcept E:\n    x = 1\n",
            "x",
            "2",
            "try:\n    import x\nexcept E:\n    x = 2\n",
        ),
        (
            "class A:\n    x = 1\n    y: int = 2\n",
            "A.y",
            "3",
            "class A:\n    x = 1\n    y: int = 3\n",
        ),
        ("class A: x = 1; y = 2\n", "A.y", "3", "class A: x = 1; y = 3\n"),
        ("class A(Enum):\n    X = 'x'\n", "A.X", '"y"', 'class A(Enum):\n    X = "y"\n'),
        (
            "class A:\n    class B:\n        x = 1\n",
            "A.B.x",
            "2",
            "class A:\n    class B:\n        x = 2\n",
        ),
        ("X: int\nX = 1\n", "X", "2", "X: int\nX = 2\n"),
    ],
)
def test_a_value_is_set_in_its_place(before: str, target: str, value: str, expected: str) -> None:
    assert edited(before, f"set_value a.py::{target} {value}") == expected


def test_a_value_can_be_addressed_by_its_place() -> None:
    before = "if a:\n    X = 1\nelse:\n    X = 2\n"
    assert edited(before, "set_value a.py@4:5 3") == before.replace("X = 2", "X = 3")
    error = refusal(before, "set_value a.py::X 3")
    assert "defines 'X' 2 times (lines 2, 4)" in error.message
    assert "a.py@2:5" in error.hint


def test_setting_what_is_there_changes_nothing() -> None:
    assert after({"a.py": "X = 1\n"}, "set_value a.py::X 1") == {}


@pytest.mark.parametrize(
    ("before", "script", "message", "hint"),
    [
        ("LIMIT = 1\n", "set_value a.py::LIMITS 2", "no symbol 'LIMITS'", "LIMIT"),
        ("def f(): pass\n", "set_value a.py::f 2", "is a function", "change_parameter"),
        ("X = 1\n", "set_value a.py::X 2 +", "not a Python expression", ""),
        ("a = b = 1\n", "set_value a.py::a 2", "together with other names", ""),
        ("a, *b = c\n", "set_value a.py::a 2", "unpacking", ""),
        (
            "@dataclass\nclass A:\n    x: int\n    y: int\n",
            "set_value a.py::A.x 2",
            "'y' after it has none",
            "",
        ),
    ],
)
def test_a_value_that_cannot_be_set_is_refused(
    before: str, script: str, message: str, hint: str
) -> None:
    error = refusal(before, script)
    assert message in error.message
    assert hint in error.hint


@pytest.mark.parametrize(
    ("before", "entry", "expected"),
    [
        ('X = ["a", "b"]\n', '"c"', 'X = ["a", "b", "c"]\n'),
        ("X = ['a', 'b']\n", '"c"', "X = ['a', 'b', 'c']\n"),
        ("X = ['a', \"b\"]\n", '"c"', 'X = [\'a\', "b", "c"]\n'),
        ("X = ['a']\n", '"it\'s"', "X = ['a', \"it's\"]\n"),
        ("X = [1, 2,]\n", "3", "X = [1, 2, 3,]\n"),
        ("X = []\n", "1", "X = [1]\n"),
        ("X = ()\n", "1", "X = (1,)\n"),
        ("X = (1,)\n", "2", "X = (1, 2)\n"),
        ("X = 1, 2\n", "3", "X = 1, 2, 3\n"),
        ("X = {1}\n", "2", "X = {1, 2}\n"),
        ("X = set()\n", "1", "X = {1}\n"),
        ("X = frozenset()\n", "1", "X = frozenset({1})\n"),
        ("X = frozenset({1})\n", "2", "X = frozenset({1, 2})\n"),
        ("X = {}\n", '"k" v', 'X = {"k": v}\n'),
        ("X = dict()\n", '"k" v', 'X = {"k": v}\n'),
        ("X = dict(a=1)\n", '"k" v', "X = dict(a=1, k=v)\n"),
        (
            "X: dict[str, int] = {'a': 1}  # c\n",
            '"k" 2',
            "X: dict[str, int] = {'a': 1, 'k': 2}  # c\n",
        ),
        ("X = [\n]\n", "1", "X = [\n    1,\n]\n"),
        ("X = {\n    # none yet\n}\n", '"k" v', 'X = {\n    # none yet\n    "k": v,\n}\n'),
        (
            "X = [\n    1,  # one\n    2,  # two\n]\n",
            "3",
            "X = [\n    1,  # one\n    2,  # two\n    3,\n]\n",
        ),
        ("X = [\n    1,\n    2  # two\n]\n", "3", "X = [\n    1,\n    2,  # two\n    3\n]\n"),
        ("X = {1: 2,\n     3: 4}\n", "5 6", "X = {1: 2,\n     3: 4,\n     5: 6}\n"),
        ("X = [\n    1, 2,\n    3, 4,\n]\n", "5", "X = [\n    1, 2,\n    3, 4, 5,\n]\n"),
        ("X = [('a', 1)]\n", '"b" 2', "X = [('a', 1), ('b', 2)]\n"),
        ("X = {**A, 'k': 1}\n", '"l" 2', "X = {**A, 'k': 1, 'l': 2}\n"),
        ("X = [1, 1]\n", "1", "X = [1, 1, 1]\n"),
        (
            "X = field(default_factory=lambda: [1])\n",
            "2",
            "X = field(default_factory=lambda: [1, 2])\n",
        ),
        ("X = [f(\n    1,\n)]\n", "2", "X = [f(\n    1,\n), 2]\n"),
    ],
)
def test_an_entry_is_added_in_the_layout_that_is_there(
    before: str, entry: str, expected: str
) -> None:
    assert edited(before, f"add_entry a.py::X {entry}") == expected


def test_entries_of_one_script_add_up() -> None:
    script = (
        "add_entry a.py::X 1\nadd_entry a.py::X 2\nadd_entry a.py::Y 'k' 1\nadd_entry a.py::X 3\n"
    )
    assert edited("X = []\nY = {\n}\n", script) == "X = [1, 2, 3]\nY = {\n    'k': 1,\n}\n"


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ('__all__ = ["A", "C"]\n', '__all__ = ["A", "B", "C"]\n'),
        (
            '__all__ = [\n    "LIMIT",\n    "C",\n    "f",\n]\n',
            '__all__ = [\n    "LIMIT",\n    "B",\n    "C",\n    "f",\n]\n',
        ),
        ('__all__ = ("C", "A")\n', '__all__ = ("C", "A", "B")\n'),
        ('__all__ = ("A",)\n', '__all__ = ("A", "B")\n'),
    ],
)
def test_a_sorted_all_stays_sorted(before: str, expected: str) -> None:
    assert edited(before, 'add_entry a.py::__all__ "B"') == expected


ENUM = """\
class Status(str, Enum):
    \"\"\"Doc.\"\"\"

    PAID = 'paid'
    OPEN = 'open'  # still

    def label(self):
        return self.value
"""


def test_an_enum_member_is_added_behind_the_last_one() -> None:
    expected = ENUM.replace("# still\n", "# still\n    DONE = 'done'\n")
    for entry in ('DONE "done"', 'DONE = "done"', '"DONE" "done"', "DONE='done'"):
        assert edited(ENUM, f"add_entry a.py::Status {entry}") == expected
    assert edited("class A(Enum):\n    X = auto()\n", "add_entry a.py::A Y") == (
        "class A(Enum):\n    X = auto()\n    Y = auto()\n"
    )
    assert edited("class A(Enum):\n    pass\n", "add_entry a.py::A Y 1") == (
        "class A(Enum):\n    Y = 1\n"
    )


@pytest.mark.parametrize(
    ("before", "entry", "message", "hint"),
    [
        ("X = {'k': 1}\n", '"k" 2', "already has the entry 'k': 1 (line 1)", "remove_entry"),
        ("X = {'k': 1}\n", "pix 2", "pix is no name of its file", '"pix" in quotes'),
        ("X = {A.b: 1}\n", "A . b 2", "already has", ""),
        ("X = {1, 2}\n", "2", "already has", ""),
        ("X = ['a']\n", '"a"', "already has", ""),
        ("X = {}\n", "1", "need a key and a value", "add_entry"),
        ("X = [1]\n", '"k" 2', "have no key", ""),
        ("X = 3\n", "2", "no single dict, list, set or tuple", "set_value"),
        ("X = [a for a in b]\n", "2", "no single dict", ""),
        ("X = [1] + [2]\n", "3", "no single dict", ""),
        ("def X(): pass\n", "3", "holds no entries", ""),
        ("class X: pass\n", "3", "no enum", "add_symbol"),
        ("class X(Enum):\n    A = 1\n", "A 2", "already has A", "set_value"),
        ("class X(Enum):\n    A = 1\n", "B", "needs a name and a value", ""),
        ("X = [1]\n", "2 +", "not a Python expression", ""),
    ],
)
def test_an_entry_that_does_not_fit_is_refused(
    before: str, entry: str, message: str, hint: str
) -> None:
    error = refusal(before, f"add_entry a.py::X {entry}")
    assert message in error.message
    assert hint in error.hint


@pytest.mark.parametrize(
    ("before", "entry", "expected"),
    [
        ("X = [1, 2, 3]\n", "2", "X = [1, 3]\n"),
        ("X = [1, 2, 3]\n", "3", "X = [1, 2]\n"),
        ("X = [1, 2, 3,]\n", "3", "X = [1, 2,]\n"),
        ("X = [1, 2, 3]\n", "1", "X = [2, 3]\n"),
        ("X = [1]\n", "1", "X = []\n"),
        ("X = {1}\n", "1", "X = set()\n"),
        ("X = (1,)\n", "1", "X = ()\n"),
        ("X = 1,\n", "1", "X = ()\n"),
        ("X = (1, 2)\n", "1", "X = (2,)\n"),
        ("X = (1, 2)\n", "2", "X = (1,)\n"),
        ("X = (1, 2,)\n", "2", "X = (1,)\n"),
        ("X = {'a': 1, 'b': 2}\n", '"a"', "X = {'b': 2}\n"),
        ("X = {'a': A, 'b': B}\n", "B", "X = {'a': A}\n"),
        ("X = dict(a=1, b=2)\n", "a", "X = dict(b=2)\n"),
        ("X = [\n    1,  # one\n    2,\n]\n", "1", "X = [\n    2,\n]\n"),
        ("X = [\n    1,\n    2\n]\n", "2", "X = [\n    1\n]\n"),
        ("X = {1: 2,\n     3: 4}\n", "3", "X = {1: 2}\n"),
        ("X = {1: 2,\n     3: 4}\n", "1", "X = {3: 4}\n"),
        ("X = [('a', 'A'), ('b', 'B')]\n", '("b", "B")', "X = [('a', 'A')]\n"),
    ],
)
def test_an_entry_is_removed(before: str, entry: str, expected: str) -> None:
    assert edited(before, f"remove_entry a.py::X {entry}") == expected


def test_removing_what_is_not_there_names_what_is() -> None:
    error = refusal("X = {'pix': 1, 'card': 2}\n", "remove_entry a.py::X 'pixx'")
    assert "no entry 'pixx'" in error.message
    assert "pix" in error.hint


VALUES = st.lists(st.integers(0, 50), max_size=6, unique=True)
LAYOUTS = st.sampled_from(["one", "one,", "many", "many,", "hanging", "pairs"])


def _laid_out(items: list[str], layout: str, brackets: str) -> str:
    if not items:
        return brackets
    if layout.startswith("one") or layout == "hanging":
        joined = (",\n     " if layout == "hanging" else ", ").join(items)
        return f"{brackets[0]}{joined}{',' * layout.endswith(',')}{brackets[1]}"
    if layout == "pairs":
        lines = [", ".join(items[i : i + 2]) for i in range(0, len(items), 2)]
        return brackets[0] + "\n    " + ",\n    ".join(lines) + ",\n" + brackets[1]
    joined = ",\n    ".join(items)
    return f"{brackets[0]}\n    {joined}{',' * layout.endswith(',')}\n{brackets[1]}"


@given(VALUES, LAYOUTS, st.sampled_from(["[]", "{}", "d"]), st.integers(100, 120))
@settings(max_examples=120, deadline=None)
def test_added_and_removed_again_is_what_it_was(
    numbers: list[int], layout: str, brackets: str, new: int
) -> None:
    if brackets == "d":
        items = [f"{n}: 'v'" for n in numbers]
        literal, entry = _laid_out(items, layout, "{}"), f"{new} 'v'"
    elif brackets == "{}" and not numbers:
        literal, entry = "set()", str(new)
    else:
        literal, entry = _laid_out([str(n) for n in numbers], layout, brackets), str(new)
    source = f"X = {literal}\n"
    added = edited(source, f"add_entry a.py::X {entry}")
    value = ast.literal_eval(added.removeprefix("X = "))
    assert set(value) == {*numbers, new}
    assert edited(added, f"remove_entry a.py::X {new}") == source


def test_a_name_that_one_module_defines_is_imported() -> None:
    files = {
        "shop/__init__.py": "",
        "shop/factory.py": "from shop.pix import Pix\n\nGATEWAYS = {\n    'pix': Pix,\n}\n",
        "shop/pix.py": "class Pix:\n    pass\n",
        "shop/card.py": "class Card:\n    pass\n",
        "tests/test_card.py": "class Card:\n    pass\n",
    }
    result = after(files, "add_entry shop/factory.py::GATEWAYS 'card' Card")
    assert result["shop/factory.py"] == (
        "from shop.card import Card\nfrom shop.pix import Pix\n\n"
        "GATEWAYS = {\n    'pix': Pix,\n    'card': Card,\n}\n"
    )


def test_a_name_that_the_project_imports_from_one_place_is_imported_from_there() -> None:
    files = {"a.py": "LIMIT = 1\n", "b.py": "from decimal import Decimal\n\nX = Decimal(1)\n"}
    result = after(files, "set_value a.py::LIMIT Decimal('1.0')")
    assert result["a.py"] == "from decimal import Decimal\n\nLIMIT = Decimal('1.0')\n"


@pytest.mark.parametrize(
    "others",
    [
        {"b.py": "Foo = 1\n", "c.py": "Foo = 2\n"},
        {"b.py": "from x import Foo\n", "c.py": "from y import Foo\n"},
        {"b.py": "from .x import Foo\n"},
        {},
    ],
)
def test_a_name_of_doubtful_origin_is_not_imported(others: dict[str, str]) -> None:
    result = after({"a.py": "X = 1\n", **others}, "set_value a.py::X Foo")
    assert result == {"a.py": "X = Foo\n"}


def test_names_known_in_the_file_need_no_import() -> None:
    files = {
        "a.py": "def f(Foo):\n    X = 1\n    return X\n\n\nY = 2\n",
        "b.py": "Foo = 1\nlen = 2\n",
    }
    result = after(files, "replace_statement a.py::f#1\n<<<\nX = len(Foo)\n>>>\n")
    assert "import" not in str(result["a.py"])
