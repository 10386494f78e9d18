"""Operations on numbered statements."""

from __future__ import annotations

import pytest
from edit_support import edited, refusal
from hypothesis import given, settings
from hypothesis import strategies as st

from sorte_cli.edits import EditError, numbered_statements

CHARGE = '''\
def charge(amount, fee=0):
    """Charge it."""
    # what the customer pays
    total = amount + fee  # cents
    if total > 10:
        log(total)
        return True
    elif total:
        retry(total)
    else:
        give_up()

    return False
'''


def test_statements_are_numbered_in_pre_order_without_the_docstring() -> None:
    assert numbered_statements(CHARGE.encode(), "charge") == (
        (1, "total = amount + fee"),
        (2, "if total > 10:"),
        (3, "log(total)"),
        (4, "return True"),
        (5, "retry(total)"),
        (6, "give_up()"),
        (7, "return False"),
    )


def test_headers_of_every_kind_are_shown_up_to_their_colon() -> None:
    source = '''\
async def f(x: int = 1, *, y: str = "a:b") -> dict[str, int]:
    async with a as b, c(
        1,
    ) as d:  # comment
        pass
    try:
        x = 1; y = 2
    except* (A, B) as e: raise
    finally:
        pass
    for i in {1: 2}: print(i)
    while x[1:2]: break
    match x:
        case {"a": 1}: return
    @deco
    def inner(q: int) -> int:
        """Doc."""
        return q
    class K(Base): z: int = 1
    x = """
    long
    """
'''
    assert [text for _, text in numbered_statements(source.encode(), "f")] == [
        "async with a as b, c( 1, ) as d:",
        "pass",
        "try:",
        "x = 1; y = 2",
        "raise",
        "pass",
        "for i in {1: 2}:",
        "print(i)",
        "while x[1:2]:",
        "break",
        "match x:",
        "return",
        "def inner(q: int) -> int:",
        "return q",
        "class K(Base):",
        "z: int = 1",
        'x = """ long """',
    ]


def test_a_module_and_a_class_number_their_own_statements_only() -> None:
    source = (
        b'"""Doc."""\nimport os\n\nclass A:\n    """Doc."""\n    x = 1\n'
        b"    def f(self):\n        pass\n"
    )
    assert numbered_statements(source, "") == ((1, "import os"), (2, "class A:"))
    assert numbered_statements(source, "A") == ((1, "x = 1"), (2, "def f(self):"))
    assert numbered_statements(source, "A.f") == ((1, "pass"),)
    assert numbered_statements(source, "A.x") == ()
    with pytest.raises(EditError, match="no symbol"):
        numbered_statements(source, "A.g")


def test_a_block_is_inserted_before_a_statement_and_above_its_comment() -> None:
    result = edited(
        CHARGE,
        """\
        insert_before a.py::charge#1
        <<<
        if amount < 0:
          raise ValueError(
            "negative")
        >>>
        """,
    )
    assert result == CHARGE.replace(
        "    # what",
        '    if amount < 0:\n        raise ValueError(\n            "negative")\n    # what',
    )


def test_a_block_is_inserted_after_a_whole_compound_statement() -> None:
    result = edited(CHARGE, "insert_after a.py::charge#2\n<<<\nnotify()\n>>>\n")
    assert result == CHARGE.replace("give_up()\n", "give_up()\n    notify()\n")


def test_a_block_inserted_in_a_nested_body_gets_its_indentation() -> None:
    result = edited(CHARGE, "insert_after a.py::charge#3\n<<<\nif x:\n    y()\n>>>\n")
    assert result == CHARGE.replace("log(total)\n", "log(total)\n        if x:\n            y()\n")


def test_a_replaced_statement_keeps_its_comments() -> None:
    result = edited(CHARGE, "replace_statement a.py::charge#1\n<<<\ntotal = amount\n>>>\n")
    assert result == CHARGE.replace("amount + fee  # cents", "amount  # cents")


def test_a_comment_behind_a_statement_that_grows_goes_on_top() -> None:
    result = edited(
        "def f():\n    a = 1  # why\n    b = 2  # noqa: E501\n",
        "replace_statement a.py::f#1\n<<<\nif x:\n    a = 1\n>>>\n"
        "replace_statement a.py::f#2\n<<<\nif y:\n    b = 1\n>>>\n",
    )
    assert result == ("def f():\n    # why\n    if x:\n        a = 1\n    if y:\n        b = 1\n")


def test_a_range_of_neighbours_is_replaced() -> None:
    result = edited(CHARGE, "replace_statement a.py::charge#2-7\n<<<\nreturn total\n>>>\n")
    assert result == CHARGE[: CHARGE.index("    if total")] + "    return total\n"


def test_deleting_a_statement_takes_its_comment_where_nothing_else_can_be_meant() -> None:
    assert edited("def f():\n    a()\n\n    # b is b\n    b()\n", "delete_statement a.py::f#2") == (
        "def f():\n    a()\n"
    )
    assert edited("def f():\n    # both\n    a()\n    b()\n", "delete_statement a.py::f#1") == (
        "def f():\n    # both\n    b()\n"
    )


def test_deleting_between_blank_lines_leaves_one_run_of_them() -> None:
    assert edited("x = 1\n\n\ny = 2\n\n\nz = 3\n", "delete_statement a.py#2") == (
        "x = 1\n\n\nz = 3\n"
    )


def test_deleting_the_last_statement_of_a_body_leaves_pass() -> None:
    assert edited("if x:\n    y()\nelse: z()\n", "delete_statement a.py#2") == (
        "if x:\n    pass\nelse: z()\n"
    )
    assert edited("if x:\n    y()\nelse: z()\n", "delete_statement a.py#3") == (
        "if x:\n    y()\nelse: pass\n"
    )
    assert (
        "all that its body has"
        in refusal("def f():\n    pass\n", "delete_statement a.py::f#1").message
    )


def test_statements_are_wrapped_where_the_dots_stand() -> None:
    result = edited(
        '''\
        def f():
            """Doc."""
            a = """
        raw
        """
            # go
            b(a,
              1)
            return a
        ''',
        """\
        wrap a.py::f#1-2
        <<<
        try:
          with lock:
            ...
        except OSError as error:
          raise Failed from error
        >>>
        """,
    )
    assert result == (
        'def f():\n    """Doc."""\n    try:\n        with lock:\n            a = """\nraw\n"""\n'
        "            # go\n            b(a,\n              1)\n"
        "    except OSError as error:\n        raise Failed from error\n    return a\n"
    )


def test_a_one_line_body_gets_lines_of_its_own_when_it_grows() -> None:
    assert edited("def f(x): return x  # c\n", "insert_before a.py::f#1\n<<<\nx += 1\n>>>\n") == (
        "def f(x):\n    x += 1\n    return x  # c\n"
    )
    assert edited("if x: y()\nz()\n", "insert_after a.py#2\n<<<\nw()\n>>>\n") == (
        "if x:\n    y()\n    w()\nz()\n"
    )
    assert edited("def f(): g()\n", "wrap a.py::f#1\n<<<\nwith x:\n    ...\n>>>\n") == (
        "def f():\n    with x:\n        g()\n"
    )
    assert edited(
        "class A:\n    def f(self): ...\n", "insert_after a.py::A.f#1\n<<<\nx()\n>>>\n"
    ) == ("class A:\n    def f(self):\n        x()\n")


@pytest.mark.parametrize("verb", ["insert_before", "insert_after", "replace_statement"])
@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("def f():\n    pass\n", "def f():\n    x()\n"),
        ("def f():\n    ...  # later\n", "def f():\n    x()  # later\n"),
        ("def f(): ...\n", "def f():\n    x()\n"),
        ('def f():\n    """Doc."""\n', 'def f():\n    """Doc."""\n    x()\n'),
        ('def f():\n    """Doc."""', 'def f():\n    """Doc."""\n    x()'),
        ('def f(): "Doc."\n', 'def f():\n    "Doc."\n    x()\n'),
        ('def f():\n    """Doc."""\n    pass\n', 'def f():\n    """Doc."""\n    x()\n'),
    ],
)
def test_the_first_statement_of_an_empty_body_takes_the_place_of_pass(
    verb: str, before: str, expected: str
) -> None:
    assert edited(before, f"{verb} a.py::f#1\n<<<\nx()\n>>>\n") == expected


def test_the_first_statement_of_an_empty_module_goes_below_what_is_there() -> None:
    assert edited("", "insert_before a.py#1\n<<<\nx = 1\n>>>\n") == "x = 1\n"
    assert edited("# only\n", "insert_before a.py#1\n<<<\nx = 1\n>>>\n") == "# only\nx = 1\n"
    assert (
        edited('"""Doc."""\n', "insert_after a.py#1\n<<<\nx = 1\n>>>\n") == '"""Doc."""\n\nx = 1\n'
    )


def test_a_function_inserted_at_top_level_gets_blank_lines() -> None:
    assert edited(
        "import os\n\n\ndef g():\n    pass\n", "insert_after a.py#1\n<<<\ndef f():\n    pass\n>>>\n"
    ) == ("import os\n\n\ndef f():\n    pass\n\n\ndef g():\n    pass\n")


def test_tabs_and_two_spaces_are_kept() -> None:
    block = "<<<\nif x:\n    y()\n>>>\n"
    assert edited("def f():\n\ta()\n", f"insert_after a.py::f#1\n{block}") == (
        "def f():\n\ta()\n\tif x:\n\t\ty()\n"
    )
    assert edited("def f():\n  a()\n", f"insert_after a.py::f#1\n{block}") == (
        "def f():\n  a()\n  if x:\n    y()\n"
    )


def test_string_values_in_a_block_keep_their_lines_and_docstrings_move_along() -> None:
    result = edited(
        "class A:\n    def f(self):\n        a()\n",
        '''\
        insert_after a.py::A.f#1
        <<<
        def g():
            """Doc.

            More.
            """
            return """
        raw
          text"""
        >>>
        ''',
    )
    assert result.endswith(
        '        a()\n        def g():\n            """Doc.\n\n            More.\n            """\n'
        '            return """\nraw\n  text"""\n'
    )


@pytest.mark.parametrize(
    ("script", "message", "hint"),
    [
        ("delete_statement a.py::charge#8", "no statement #8", "#7 return False"),
        ("replace_statement a.py::charge#3-5\n<<<\nx\n>>>", "different bodies", "#2 if total"),
        ("replace_statement a.py::charge#1-3\n<<<\nx\n>>>", "different bodies", ""),
        ("insert_before a.py::charge#1\n<<<\nif x\n>>>", "does not parse at its line 1", ""),
        ("insert_before a.py::charge#1\n<<<\n  x\n y\n>>>", "indented less", "left margin"),
        ("insert_before a.py::charge#1\n<<<\n\n>>>", "empty", ""),
        ("wrap a.py::charge#1\n<<<\nwith x:\n    pass\n>>>", "exactly one line `...`", ""),
        ("insert_before a.py::charge#L1\n<<<\nx\n>>>", "counts statements", "#1"),
        ("insert_before a.py::charges#1\n<<<\nx\n>>>", "no symbol 'charges'", "charge"),
        ("insert_before a.py::charge#3\n<<<\ncontinue\n>>>", "no longer be valid", ""),
        ("insert_before b.py::charge#3\n<<<\ncontinue\n>>>", "no file b.py", "a.py"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_reason(script: str, message: str, hint: str) -> None:
    error = refusal(CHARGE, script + "\n")
    assert message in error.message
    assert hint in error.hint
    assert error.line == 1


SIMPLE = st.sampled_from(["a()", "b = 1", "return c", "pass", "x = '''\n raw\n'''", "# note\nd()"])


@st.composite
def bodies(draw: st.DrawFn, depth: int = 0) -> str:
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        if depth < 2 and draw(st.integers(0, 2)) == 0:
            header = draw(st.sampled_from(["if x:", "while y:", "for i in z:", "with w:"]))
            inner = draw(bodies(depth + 1))
            parts.append(header + "\n" + _indented(inner))
        else:
            parts.append(draw(SIMPLE))
    return draw(st.sampled_from(["\n", "\n\n"])).join(parts)


def _indented(text: str) -> str:
    lines, inside = [], False
    for line in text.split("\n"):
        lines.append(line if inside or not line else f"  {line}")
        inside ^= line.count("'''") % 2 == 1
    return "\n".join(lines)


@given(bodies(), st.data())
@settings(max_examples=60, deadline=None)
def test_any_statement_can_be_replaced_and_nothing_else_changes(
    body: str, data: st.DataObject
) -> None:
    source = "def f():\n" + _indented(body) + "\n"
    numbered = numbered_statements(source.encode(), "f")
    number = data.draw(st.integers(1, len(numbered)))
    result = edited(source, f"replace_statement a.py::f#{number}\n<<<\nnew_one()\n>>>\n")
    texts = [text for _, text in numbered_statements(result.encode(), "f")]
    assert texts[: number - 1] == [text for _, text in numbered][: number - 1]
    assert texts[number - 1] == "new_one()"
    first = next(
        i for i, (a, b) in enumerate(zip(source + "\0", result + "\1", strict=False)) if a != b
    )
    # What follows the first difference contains the new line and then the old text's tail.
    tail = result[first:].split("\n", 1)[1]
    assert source.endswith(tail)


@pytest.mark.parametrize(
    ("script", "result"),
    [
        ("insert_after a.py::f#1\n<<<\n\nn = 0\n>>>", "a = 1\n\n    n = 0\n    b = 2\n\n    c = 3"),
        (
            "insert_before a.py::f#2\n<<<\nn = 0\n\n>>>",
            "a = 1\n    n = 0\n\n    b = 2\n\n    c = 3",
        ),
        # those that the file has count
        (
            "insert_after a.py::f#2\n<<<\n\nn = 0\n\n>>>",
            "a = 1\n    b = 2\n\n    n = 0\n\n    c = 3",
        ),
        ("replace_statement a.py::f#2\n<<<\n\nn = 0\n\n>>>", "a = 1\n\n    n = 0\n\n    c = 3"),
        ("replace_statement a.py::f#2 n = 0", "a = 1\n    n = 0\n\n    c = 3"),
    ],
)
def test_blank_lines_at_the_ends_of_a_block_are_wanted_there(script: str, result: str) -> None:
    source = "def f():\n    a = 1\n    b = 2\n\n    c = 3\n"
    assert edited(source, script) == f"def f():\n    {result}\n"
