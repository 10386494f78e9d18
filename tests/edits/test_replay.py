"""Diff to operations: a change is said as scripts that make exactly it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sorte_cli.domain import FileChange
from sorte_cli.edits import MemorySnapshot, apply_script, parse_script
from sorte_cli.edits.replay import Expressed, express

SHOP = '''\
"""Shop."""

import os

LIMITS = {
    "low": 1,
}
FEE = 3


def total(items):
    # adds up
    result = 0
    for item in items:
        result += item
    return result


class Cart:
    size = 0

    def add(self, item):
        self.size += 1


def use():
    return total([1])
'''


def said(before: dict[str, bytes], after: dict[str, bytes | None]) -> Expressed:
    changes = [FileChange(p, before.get(p), a) for p, a in sorted(after.items())]
    return express(changes, MemorySnapshot(before))


def said_as(new: str, old: str = SHOP, path: str = "a.py") -> str:
    found = said({path: old.encode()}, {path: new.encode()})
    assert found.exact
    assert parse_script(found.brief) == parse_script(found.text)
    return found.brief


@pytest.mark.parametrize(
    ("old", "new", "script"),
    [
        ("import os\n", "import os\nimport sys\n", "add_import a.py import sys\n"),
        ('"low": 1,\n', '"low": 1,\n    "x": 2,\n', 'add_entry a.py::LIMITS "x" 2\n'),
        ("FEE = 3", "FEE = 4", "set_value a.py::FEE 4\n"),
        (
            "        result += item\n",
            "        result += item\n        log(item)\n",
            "insert_after a.py::total#3 log(item)\n",
        ),
        (
            "        self.size += 1\n",
            "        if item:\n            self.size += 1\n",
            "wrap a.py::Cart.add#1\n<<<\nif item:\n    ...\n>>>\n",
        ),
        (
            "\n\ndef use():",
            "\n\ndef new():\n    return 1\n\n\ndef use():",
            "insert_after a.py#5\n<<<\ndef new():\n    return 1\n>>>\n",
        ),
        (
            "1\n\n\ndef use",
            "1\n\n    def drop(self):\n        self.size -= 1\n\n\ndef use",
            "add_symbol a.py::Cart\n<<<\ndef drop(self):\n    self.size -= 1\n>>>\n",
        ),
        ("# adds up", "# sums up", 'replace_text a.py "adds" with "sums"\n'),
        (
            "return total([1])",
            "return total([1, 2])",
            "replace_expression a.py [1] with [1, 2]\n",
        ),
        (
            "def add(self, item):",
            "def add(self, item, count: int = 1) -> None:",
            'add_parameter a.py::Cart.add "count: int = 1"\nset_return_type ::Cart.add None\n',
        ),
        ("    def add(", "    @cached\n    def add(", "add_decorator a.py::Cart.add cached\n"),
    ],
)
def test_a_hunk_is_said_by_the_finest_operation(old: str, new: str, script: str) -> None:
    assert said_as(SHOP.replace(old, new, 1)) == script


def test_a_rename_and_a_move_come_first_in_scripts_of_their_own() -> None:
    other = b"from a import total\n\nprint(total([]))\n"
    before = {"a.py": SHOP.encode(), "b.py": other}
    new = SHOP.replace("total", "compute").replace("FEE = 3", "FEE = 4")
    found = said(before, {"a.py": new.encode(), "b.py": other.replace(b"total", b"compute")})
    assert found.exact
    assert found.text == "rename a.py::total compute\n# then\nset_value a.py::FEE 4\n"
    moved = said(
        before,
        {"a.py": None, "c.py": SHOP.encode(), "b.py": other.replace(b"from a", b"from c")},
    )
    assert (moved.exact, moved.text) == (True, "move_file a.py to c.py\n")


def test_lines_that_grew_out_of_each_other_are_said_one_by_one() -> None:
    old = "def f(first):\n    alpha = some_call(first, 1)  # a comment that stays as it is\n"
    old += "    beta = some_other_call(first, 22)  # and one more that stays as it is\n"
    new = old.replace(", 1)", ", 11)").replace("22", "23")
    assert said_as(new, old) == (
        "replace_expression a.py 1 with 11\nreplace_expression :: 22 with 23\n"
    )
    assert said({"a.py": old.encode()}, {"a.py": new.encode()}).kinds == {"expression": 1}


def test_a_line_that_goes_is_said_by_itself() -> None:
    old = "def f(\n    one: int = 1,\n    two: int = 2,\n):\n    return one, two\n"
    old += old.replace("f(", "g(")
    text = said_as(old.replace("    two: int = 2,\n", "", 1), old)
    assert text == 'replace_text a.py::f "    two: int = 2," with ""\n'


CALL = "function_of_a_long_name(first=1, second=2, other="


@pytest.mark.parametrize(
    ("old", "new", "script"),
    [
        # the shortest piece that stands once, in the statement where the file has several
        (
            f"    a = {CALL}False)\n    b = {CALL}False)\n",
            f"    a = {CALL}False)\n    b = {CALL}False, k=1)\n",
            'replace_text a.py::f#2 "False" with "False, k=1"\n',
        ),
        # a blank line above what is new
        ("    a = 1\n    b = 2\n", "    a = 1\n\n    c = 3\n    b = 2\n",
         "insert_after a.py::f#1\n<<<\n\nc = 3\n>>>\n"),
        # and one below a statement that another takes the place of
        ("    a = 1\n    b = 2\n", "    a = [1, 2, 3]\n\n    b = 2\n",
         "replace_statement a.py::f#1\n<<<\na = [1, 2, 3]\n\n>>>\n"),
    ],
)  # fmt: skip
def test_what_is_short_is_said_in_short(old: str, new: str, script: str) -> None:
    frame = "def f():\n{}    return a, b\n"
    assert said_as(frame.format(new), frame.format(old)) == script


def test_of_a_long_text_that_goes_only_the_ends_are_said() -> None:
    lines = "".join(f"    Point number {n} of the old text, which is long.\n" for n in range(9))
    old = f'"""Title.\n\n    Before.\n\n{lines}\n    After.\n"""\n\nx = 1\n'
    text = said_as(old.replace(lines, "    All new.\n"), old)
    assert "\n...\n" in text
    assert "number 4" not in text


def test_what_an_import_too_many_brings_is_put_right() -> None:
    # `helper` is not known in b.py, and the script would import it from a.py.
    before = {"a.py": b"def helper():\n    pass\n", "b.py": b"x = 1\ny = 2\n"}
    snapshot = MemorySnapshot(before)
    change = FileChange("b.py", before["b.py"], b"x = 1\ny = helper\n")
    found = express([change], snapshot)
    assert found.exact
    assert len(found.scripts) == 2
    assert "set_value b.py::y helper\n" in found.text
    assert "replace_file" not in found.text


def test_texts_that_come_to_stand_twice_do_not_make_it_a_whole_file() -> None:
    old = (
        "def f(s, n):\n    if n:\n        v = g(n)\n    else:\n        v = h(n)\n\n    put(s, v)\n"
    )
    new = old.replace("        v = g(n)\n", "        put(s, v)\n        return\n")
    new = new.replace("\n    put(s, v)\n", "\n    put(s, v)\n\n    return\n")
    text = said_as(new + "# end\n", old + "# end\n", "a.txt")
    assert "replace_file" not in text


def test_hunks_that_exclude_each_other_leave_the_others_fine() -> None:
    old = '''\
def f(a):
    """One.

    Two.
    """
    return a


def g():
    f(1)
'''
    new = old.replace("One.", "Uno.").replace("Two.", "Due.").replace("f(1)", "f(2)")
    text = said_as(new, old)
    assert "replace_expression :: 1 with 2\n" in text
    assert "replace_file" not in text


def test_a_file_that_comes_out_wrong_leaves_the_others_fine() -> None:
    # Taking the import away would bring it back, as its name is still used.
    before = {"a.py": b"import os\n\nprint(os)\n", "b.py": b"x = f(1)\n"}
    found = said(before, {"a.py": b"\nprint(os)\n", "b.py": b"x = f(2)\n"})
    assert found.exact
    assert "set_value b.py::x f(2)\n" in found.text


def test_other_languages_are_said_by_lines() -> None:
    old = "<?php\nclass A {\n    function m() {\n        return 1;\n    }\n}\n"
    text = said_as(old.replace("return 1;", "$x = 2;\n        log($x);"), old, "a.php")
    assert text == "replace_statement a.php#L4\n<<<\n        $x = 2;\n        log($x);\n>>>\n"
    text = said_as(old.replace("return 1;", "return 2;"), old, "a.php")
    assert text == 'replace_text a.php#L4 "1" with "2"\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, b"a\r\nb"),
        (None, b""),
        (None, b"\xff\x00\x01"),
        (None, b"a\rb\r\nc\n"),
        (None, "\ufeffx\n".encode()),
        (None, b">>>\n<<<\n"),
        (b"a\nb\n", b"a\r\nb\r\n"),
        (b"a\r\nb\r\n", b"a\r\nc\r\n"),
        (b"a\nb", b"a\nb\n"),
        (b"a\nb\n", b"a\nb"),
        (b"\x00\x01", b"\x00\x02"),
        (b"a\n", b""),
        (b"", b"a\n"),
        (b"x\n", None),
    ],
)
@pytest.mark.parametrize("path", ["a.txt", "a.md", "a.bin"])
def test_any_bytes_can_be_said(before: bytes | None, after: bytes | None, path: str) -> None:
    found = said({path: before} if before is not None else {}, {path: after})
    assert found.exact
    assert not found.unchecked


def test_a_file_that_does_not_parse_is_said_and_marked() -> None:
    found = said({}, {"a.py": b"def (\n"})
    assert (found.exact, found.unchecked) == (True, True)


LINES = st.sampled_from(
    ["x = 1\n", "y = 2\n", "\n", "# c\n", "def f(a):\n    return a\n", "if x:\n    y = 3\n",
     "import os\n", "class C:\n    z = 1\n\n    def m(self):\n        pass\n", "L = [\n    1,\n]\n"]
)  # fmt: skip


@given(st.lists(LINES, max_size=8), st.lists(LINES, max_size=8))
@settings(max_examples=40, deadline=None)
def test_any_change_between_python_files_is_exact(old: list[str], new: list[str]) -> None:
    before, after = "".join(old).encode(), "".join(new).encode()
    found = said({"a.py": before}, {"a.py": after})
    assert found.exact
    if len(found.scripts) == 1:
        again = apply_script(parse_script(found.brief), MemorySnapshot({"a.py": before}))
        assert [c.after for c in again.changes.changes] == ([after] if before != after else [])
