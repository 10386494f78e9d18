"""Text operations: create, delete, and replace what occurs exactly once."""

from __future__ import annotations

import pytest
from edit_support import after, applied, edited, refusal

README = "# Shop\n\nInstall with pip.\n\nRun it.\n\n    pip install shop\n"


def test_whole_lines_are_replaced() -> None:
    result = after(
        {"README.md": README},
        "replace_text README.md\n<<<\nRun it.\n>>>\n<<<\nRun it:\n\n    shop\n>>>\n",
    )
    assert result == {"README.md": README.replace("Run it.\n", "Run it:\n\n    shop\n")}


def test_a_part_of_a_line_is_replaced_where_it_is_unique() -> None:
    result = after({"a.md": README}, "replace_text a.md\n<<<\nwith pip\n>>>\n<<<\nwith uv\n>>>\n")
    assert result == {"a.md": README.replace("with pip", "with uv")}


def test_an_empty_second_block_deletes_the_lines() -> None:
    result = after({"a.md": README}, "replace_text a.md\n<<<\nRun it.\n\n>>>\n<<<\n>>>\n")
    assert result == {"a.md": README.replace("Run it.\n\n", "")}


def test_a_line_is_not_matched_by_the_end_of_a_longer_one() -> None:
    result = edited("xx = 1\nx = 1\n", "replace_text a.py\n<<<\nx = 1\n>>>\n<<<\nx = 2\n>>>\n")
    assert result == "xx = 1\nx = 2\n"


def test_text_that_occurs_twice_is_refused_with_the_candidates() -> None:
    error = refusal(
        {"a.md": "# A\n\n=======\nfirst\n\n# B\n\n=======\nsecond\n"},
        "replace_text a.md\n<<<\n=======\n>>>\n<<<\n-------\n>>>\n",
    )
    assert "occurs 2 times" in error.message
    assert "line 3" in error.hint and "line 8" in error.hint


def test_text_that_does_not_occur_is_refused_with_the_nearest_lines() -> None:
    error = refusal({"a.md": README}, "replace_text a.md\n<<<\nInstal with pip\n>>>\n<<<\nx\n>>>\n")
    assert "does not contain" in error.message
    assert "line 3: Install with pip." in error.hint


def test_white_space_may_differ_where_the_match_is_unique_and_the_new_text_is_indented() -> None:
    result = edited(
        """\
        class A:
            def f(self):
                if self.x:
                    return  1
                return 2
        """,
        """\
        replace_text a.py
        <<<
        if self.x:
            return 1
        >>>
        <<<
        if self.x:
            y = 1
            return y
        >>>
        """,
    )
    assert result == (
        "class A:\n    def f(self):\n        if self.x:\n            y = 1\n"
        "            return y\n        return 2\n"
    )


def test_a_tab_indented_file_gets_tabs_from_a_block_of_spaces() -> None:
    result = edited(
        "def f():\n\tif x:\n\t\treturn 1\n",
        "replace_text a.py\n<<<\nif x:\n    return 1\n>>>\n"
        "<<<\nif x:\n    y = 1\n    return y\n>>>\n",
    )
    assert result == "def f():\n\tif x:\n\t\ty = 1\n\t\treturn y\n"


def test_a_white_space_match_in_two_places_is_refused() -> None:
    error = refusal(
        {"a.md": "  a\n   b\nx\na\n\tb\n"}, "replace_text a.md\n<<<\na\nb\n>>>\n<<<\nc\n>>>\n"
    )
    assert "occurs 2 times" in error.message


def test_an_empty_text_cannot_be_replaced() -> None:
    assert (
        "empty" in refusal({"a.md": "x\n"}, "replace_text a.md\n<<<\n\n>>>\n<<<\nx\n>>>\n").message
    )


def test_two_replacements_in_one_file_see_each_other() -> None:
    result = after(
        {"a.md": "one\ntwo\n"},
        "replace_text a.md\n<<<\none\n>>>\n<<<\nuno\n>>>\nreplace_text a.md\n<<<\ntwo\n>>>\n"
        "<<<\ndos\n>>>\n",
    )
    assert result == {"a.md": "uno\ndos\n"}


def test_carriage_returns_in_the_file_do_not_hide_a_match() -> None:
    result = applied(
        {"a.md": b"one\r\ntwo\r\nthree\r\n"},
        "replace_text a.md\n<<<\none\ntwo\n>>>\n<<<\n1\n2\n>>>\n",
    )
    assert result.changes.changes[0].after == b"1\r\n2\r\nthree\r\n"


def test_a_file_is_created_with_its_content() -> None:
    assert after({}, "create_file shop/a.py\n<<<\nX = 1\n>>>\n") == {"shop/a.py": "X = 1\n"}


def test_a_file_that_exists_is_not_created_again() -> None:
    error = refusal({"a.py": "X = 1\n"}, "create_file a.py\n<<<\nX = 2\n>>>\n")
    assert "exists already" in error.message


def test_a_file_is_deleted() -> None:
    assert after({"a.md": "x\n", "b.md": "y\n"}, "delete_file a.md") == {"a.md": None}


def test_a_file_that_is_not_there_is_answered_with_the_nearest_paths() -> None:
    error = refusal({"shop/orders.py": "x\n"}, "delete_file shop/order.py")
    assert "no file shop/order.py" in error.message
    assert error.hint == "Did you mean shop/orders.py?"


@pytest.mark.parametrize(
    ("path", "before", "old", "new"),
    [
        ("a.json", '{"a": 1}\n', '"a": 1', '"a": 1,'),
        ("a.toml", "[a]\nb = 1\n", "b = 1", "b = "),
        ("a.py", "def f():\n    return 1\n", "return 1", "return ("),
        ("b.py", "def f():\n    return 1\n", "def f():", "if f():"),
    ],
)
def test_a_file_that_was_whole_may_not_be_broken(
    path: str, before: str, old: str, new: str
) -> None:
    script = f"replace_text {path}\n<<<\n{old}\n>>>\n<<<\n{new}\n>>>\n"
    error = refusal({path: before}, script)
    assert "would no longer be valid" in error.message


def test_a_file_that_was_broken_can_be_mended_as_text() -> None:
    broken = "def f(:\n    return 1\n"
    assert edited(broken, "replace_text a.py\n<<<\nf(:\n>>>\n<<<\nf():\n>>>\n") == (
        "def f():\n    return 1\n"
    )
    error = refusal(broken, "set_return_type a.py::f int")
    assert "syntax error at line 1" in error.message


def test_a_new_file_must_be_valid_too_but_for_json_with_comments() -> None:
    error = refusal({}, "create_file a.json\n<<<\n{,}\n>>>\n")
    assert "a.json would not be valid" in error.message
    assert after({}, "create_file web/tsconfig.json\n<<<\n{} // c\n>>>\n") == {
        "web/tsconfig.json": "{} // c\n"
    }


LONG = """\
def f():
    a = 1
    b = 2
    c = 3
    d = 4
    return a


def g():
    a = 1
    return 2
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_lines_left_out_of_the_old_text_go_with_it(newline: str) -> None:
    source = LONG.replace("\n", newline)
    script = "replace_text a.py\n<<<\n    b = 2\n...\n    d = 4\n>>>\n<<<\n    pass\n>>>\n"
    wanted = LONG.replace("    b = 2\n    c = 3\n    d = 4\n", "    pass\n")
    assert edited(source, script) == wanted.replace("\n", newline)
    # Of two places above, the one that the line below follows; parts of lines; nothing instead.
    script = "replace_text a.py\n<<<\na = 1\n...\n    d =\n>>>\n<<<\nd =\n>>>\n"
    wanted = LONG.replace("a = 1\n    b = 2\n    c = 3\n    d =", "d =", 1)
    assert edited(source, script) == wanted.replace("\n", newline)
    script = "replace_text a.py\n<<<\n    b = 2\n...\n    d = 4\n>>>\n<<<\n>>>\n"
    wanted = LONG.replace("    b = 2\n    c = 3\n    d = 4\n", "")
    assert edited(source, script) == wanted.replace("\n", newline)


def test_a_text_with_lines_left_out_that_fits_twice_is_refused() -> None:
    script = "replace_text a.py\n<<<\n    a = 1\n...\n    return\n>>>\n<<<\nx\n>>>\n"
    error = refusal({"a.py": LONG}, script)
    assert "occurs 2 times" in error.message
    assert "line 2" in error.hint and "line 10" in error.hint


def test_lines_cannot_be_left_out_of_the_new_text() -> None:
    script = "replace_text a.py\n<<<\n    b = 2\n...\n    d = 4\n>>>\n<<<\n    x\n    ...\n>>>\n"
    assert "old text only" in refusal({"a.py": LONG}, script).message


def test_dots_that_stand_in_the_file_are_dots() -> None:
    source = "def f(): pass\n\n\nclass A:\n    x: int\n    ...\n    y: int\n"
    script = "replace_text a.py\n<<<\n    x: int\n    ...\n    y: int\n>>>\n<<<\n    ...\n>>>\n"
    assert edited(source, script) == "def f(): pass\n\n\nclass A:\n    ...\n"
    # also where their indentation was lost
    script = "replace_text a.py\n<<<\nx: int\n...\ny: int\n>>>\n<<<\nx: int\n...\nz: int\n>>>\n"
    assert edited(source, script) == source.replace("y: int", "z: int")


def test_a_text_in_short_is_one_in_quotes() -> None:
    files = {"a.md": README}
    assert after(files, 'replace_text a.md "with pip" with "with uv"') == {
        "a.md": README.replace("with pip", "with uv")
    }
    assert after(files, 'replace_text a.md "Run it." with\n<<<\nRun\nit.\n>>>\n') == {
        "a.md": README.replace("Run it.", "Run\nit.")
    }
    assert after(files, 'replace_text a.md "Install with pip." with ""\n') == {
        "a.md": README.replace("Install with pip.\n", "")
    }
    assert after(files, 'replace_text a.md " with pip" with ""\n') == {
        "a.md": README.replace(" with pip", "")
    }
    assert "empty" in refusal(files, 'replace_text a.md "" with "x"').message


def test_a_text_is_sought_in_the_statements_or_lines_that_are_named() -> None:
    assert edited(LONG, 'replace_text a.py::f#1 "1" with "7"\n') == LONG.replace("1", "7", 1)
    assert edited(LONG, 'replace_text a.py::f#2-4 "= 3" with "= 7"\n') == LONG.replace("= 3", "= 7")
    assert (
        "occurs 3 times" in refusal({"a.py": LONG}, 'replace_text a.py::f#2-4 "=" with ":"').message
    )
    assert (
        "does not contain" in refusal({"a.py": LONG}, 'replace_text a.py::f#2 "1" with "7"').message
    )
    assert (
        "no statement #9" in refusal({"a.py": LONG}, 'replace_text a.py::f#9 "1" with "7"').message
    )
    assert "not lines" in refusal({"a.py": LONG}, 'replace_text a.py#L2 "1" with "7"').message
    files = {"a.txt": "one 1\ntwo 1\n"}
    assert after(files, 'replace_text a.txt#L2 "1" with "2"') == {"a.txt": "one 1\ntwo 2\n"}
    assert "no line 3" in refusal(files, 'replace_text a.txt#L3 "1" with "2"').message
    assert "no numbers" in refusal(files, 'replace_text a.txt#2 "1" with "2"').message


def test_texts_of_several_statements_count_those_of_the_file_as_it_was() -> None:
    script = 'replace_text a.py::f#1 "a = 1" with\n<<<\na = 1\n    aa = 1\n>>>\n'
    script += 'replace_text ::f#2 "2" with "7"\nreplace_text ::f#3 "3" with "8"\n'
    wanted = LONG.replace("a = 1\n", "a = 1\n    aa = 1\n", 1)
    assert edited(LONG, script) == wanted.replace("b = 2", "b = 7").replace("c = 3", "c = 8")


def test_an_ellipsis_that_is_indented_is_code() -> None:
    code = "class P:\n    def f(self):\n        return 1\n\n    def g(self):\n        ...\n"
    old = "    def f(self):\n        ...\n\n    def g(self):\n"
    error = refusal(code, f"replace_text a.py\n<<<\n{old}>>>\n<<<\nX\n>>>")
    assert "does not contain this text" in error.message
    old, new = (f"  def {name}(self):\n      ...\n" for name in "gh")
    changed = edited(code, f"replace_text a.py\n<<<\n{old}>>>\n<<<\n{new}>>>")
    assert changed == code.replace("g(self)", "h(self)")
