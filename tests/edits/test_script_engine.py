"""One script: one snapshot, no overlaps, all or nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from edit_support import after, applied, edited, refusal
from hypothesis import given, settings
from hypothesis import strategies as st

from sorte_cli.domain import FileChange
from sorte_cli.edits import (
    EditError,
    MemorySnapshot,
    apply_script,
    numbered_statements,
    parse_script,
)
from sorte_cli.edits.model import SpanEdit
from sorte_cli.edits.pieces import PieceTable

TWO = {"a.py": "X = 1\n\n\ndef f(a):\n    b = a\n    return b\n", "b.py": "Y = 2\n"}


def test_operations_see_the_files_as_they_were() -> None:
    result = after(
        TWO,
        """\
        insert_before a.py::f#1
        <<<
        one()
        two()
        >>>
        replace_statement a.py::f#2
        <<<
        return a
        >>>
        set_value b.py::Y 3
        """,
    )
    assert result == {
        "a.py": "X = 1\n\n\ndef f(a):\n    one()\n    two()\n    b = a\n    return a\n",
        "b.py": "Y = 3\n",
    }


def test_every_operation_has_its_report_in_the_order_of_the_script() -> None:
    result = applied(TWO, "set_value b.py::Y 3\nset_value a.py::X Y\nset_value b.py::Y 3\n")
    assert [r.operation.line for r in result.reports] == [1, 2, 3]
    assert [r.paths for r in result.reports] == [("b.py",), ("a.py",), ("b.py",)]
    assert result.reports[0].summary == "Set b.py::Y to 3 (was 2)."
    assert result.reports[1].summary.endswith("added `from b import Y` to a.py.")


def test_changes_are_sorted_and_hold_the_bytes_before_and_after() -> None:
    result = applied(TWO, "create_file c.py\n<<<\n>>>\nset_value a.py::X 2\ndelete_file b.py\n")
    a, b, c = result.changes.changes
    assert a == FileChange("a.py", TWO["a.py"].encode(), TWO["a.py"].replace("1", "2", 1).encode())
    assert b == FileChange("b.py", b"Y = 2\n", None)
    assert c == FileChange("c.py", None, b"")


def test_a_script_becomes_executable_where_it_names_its_interpreter() -> None:
    result = applied(
        {}, "create_file run.sh\n<<<\n#!/bin/sh\n>>>\ncreate_file a.txt\n<<<\nx\n>>>\n"
    )
    assert [c.executable for c in result.changes.changes] == [None, True]


@pytest.mark.parametrize(
    "script",
    [
        "set_value a.py::X 2\nset_value a.py::X 3\n",
        "replace_statement a.py::f#1-2\n<<<\nx()\n>>>\ndelete_statement a.py::f#2\n",
        "replace_symbol a.py::f\n<<<\ndef f(a): ...\n>>>\ninsert_after a.py::f#1\n<<<\nx()\n>>>\n",
        "delete_file a.py\nset_value a.py::X 2\n",
        "create_file c.py\n<<<\n>>>\ncreate_file c.py\n<<<\n>>>\n",
        "delete_file b.py\ndelete_file b.py\n",
    ],
)
def test_operations_on_one_place_are_refused_and_both_named(script: str) -> None:
    error = refusal(TWO, script)
    assert "Two operations change the same place" in error.message
    for line in script.split("\n"):
        if line.split(" ")[0] in ("set_value", "delete_file", "replace_symbol"):
            assert f"`{line}`" in error.message


def test_neighbouring_edits_touch_but_do_not_overlap() -> None:
    result = edited(
        TWO["a.py"],
        "insert_before a.py::f#2\n<<<\nx()\n>>>\nreplace_statement a.py::f#1\n<<<\ny()\n>>>\n"
        "insert_after a.py::f#1\n<<<\nz()\n>>>\n",
    )
    assert "    y()\n    x()\n    z()\n    return b\n" in result


def test_nothing_is_applied_where_one_operation_fails() -> None:
    error = refusal(TWO, "set_value a.py::X 2\nset_value a.py::Z 3\n")
    assert error.message.startswith("set_value a.py::Z 3: ")
    assert error.line == 2


def test_a_result_that_does_not_parse_is_refused_with_the_operation_and_the_place() -> None:
    error = refusal(TWO, "set_value b.py::Y 3\ninsert_before a.py::f#1\n<<<\nnonlocal q\n>>>\n")
    assert "insert_before a.py::f#1" in error.message
    assert "line 5: no binding for nonlocal 'q' found" in error.message
    assert error.line == 2


def test_warnings_of_the_edited_file_are_none_of_ours() -> None:
    assert edited("X = '\\d'\nY = 1 is 1\n", "set_value a.py::Y 2") == "X = '\\d'\nY = 2\n"


def test_syntax_newer_than_this_interpreter_is_not_mistaken_for_an_error() -> None:
    source = (
        "type Pair[T] = tuple[T, T]\n\n\ndef first[T](pair: Pair[T]) -> T:\n    return pair[0]\n"
    )
    assert edited(source, "insert_before a.py::first#1\n<<<\nx = 1\n>>>\n") == source.replace(
        "    return", "    x = 1\n    return"
    )


def test_python_that_the_parser_does_not_read_is_not_called_an_error() -> None:
    error = refusal({"a.py": "(x): int = 3\nY = 1\n"}, "set_value a.py::Y 2")
    assert "syntax that is not supported (line " in error.message


def test_a_file_too_large_to_be_parsed_is_refused() -> None:
    error = refusal({"a.py": "X = 1\n" * 400_000}, "set_value a.py::X 2")
    assert "too large" in error.message


@pytest.mark.parametrize(
    "value",
    [
        "(" * 5_000 + ")" * 5_000,
        "[" * 5_000,
        "not " * 6_000 + "1",
        "a and " * 20_000 + "b",
        "f'{" + "(" * 300 + "1" + ")" * 300 + "}'",
        "type " + "(" * 5_000,
        "'a' + " * 700 + "b",
    ],
)
def test_code_nested_too_deeply_is_refused_and_never_crashes(value: str) -> None:
    """libcst's native parser would end the process."""
    error = refusal({"a.py": f"x = {value}\n"}, "set_value a.py::x 2")
    assert "nested too deeply" in error.message or "syntax error" in error.message
    refusal({"a.py": "x = 1\n"}, f"set_value a.py::x {value} +")
    refusal({"a.py": "x = 1\n"}, f"insert_after a.py#1\n<<<\n{value} +\n>>>\n")


def test_a_chain_of_a_thousand_branches_is_refused_where_it_cannot_be_walked() -> None:
    chain = "def f(a):\n    if a:\n        b\n" + "    elif a:\n        b\n" * 1_500
    error = refusal({"a.py": chain}, "insert_before a.py::f#1\n<<<\nx\n>>>\n")
    assert "nested too deeply" in error.message
    with pytest.raises(EditError, match="nested too deeply"):
        numbered_statements(chain.encode(), "f")


def test_several_symbols_added_to_one_file_stand_in_their_order() -> None:
    result = edited(
        "", "".join(f"add_symbol a.py\n<<<\ndef {n}():\n    pass\n>>>\n" for n in "fgh")
    )
    assert result == "\n\n".join(f"def {n}():\n    pass\n" for n in "fgh")


def test_an_operation_is_described_by_its_own_line() -> None:
    error = refusal(TWO, 'add_entry a.py::X "k" 1\n')
    assert error.message.startswith('add_entry a.py::X "k" 1: a.py::X holds 1')


def test_the_snapshot_is_asked_before_a_path_is_touched() -> None:
    class Watchful(MemorySnapshot):
        def check(self, path: str) -> None:
            raise EditError(f"hands off {path}")

    with pytest.raises(EditError, match=r"hands off a\.py"):
        apply_script(parse_script("set_value a.py::X 2"), Watchful(TWO))


def test_the_edits_package_is_light_until_it_is_used() -> None:
    code = (
        "import sys, sorte_cli.edits as e; e.parse_script('delete a.py::f');"
        "print(sorted({'libcst', 'tomllib', 'pathspec'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_unknown_names_of_the_package_are_attribute_errors() -> None:
    import sorte_cli.edits as edits

    with pytest.raises(AttributeError):
        edits.nothing  # noqa: B018
    assert {edits.__getattr__(n) is getattr(edits, n) for n in edits.__all__ if n in edits._HOMES}


@st.composite
def edits_of(draw: st.DrawFn, length: int) -> list[SpanEdit]:
    points = sorted(draw(st.lists(st.integers(0, length), max_size=6)))
    pairs = list(zip(points[::2], points[1::2], strict=False))
    return [SpanEdit("a", s, e, draw(st.text("XYZ", max_size=3))) for s, e in pairs]


def _plainly(text: str, edits: list[SpanEdit]) -> str:
    for edit in reversed(edits):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_edits_applied_one_after_the_other_can_be_told_in_one_go(data: st.DataObject) -> None:
    text = data.draw(st.text("abc", max_size=12))
    table = PieceTable(text)
    wanted = text
    for _ in range(data.draw(st.integers(0, 3))):
        edits = data.draw(edits_of(len(wanted)))
        wanted = _plainly(wanted, edits)
        table.apply(edits)
        assert table.text == wanted
    assert _plainly(text, list(table.edits("a"))) == wanted


def test_the_package_itself_survives_a_script(tmp_path: Path) -> None:
    """A whole small project on disk: changed, and still importable."""
    from sorte_cli.edits import DirectorySnapshot

    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "pix.py").write_text(
        "LIMIT = 1\n\n\nclass Pix:\n    def pay(self, x):\n        return x\n"
    )
    (package / "factory.py").write_text("from shop.pix import Pix\n\nWAYS = {'pix': Pix}\n")
    paths = [p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.py")]
    result = apply_script(
        parse_script(
            "create_file shop/card.py\n<<<\nclass Card:\n    pass\n>>>\n"
            "add_entry shop/factory.py::WAYS 'card' Card\n"
            "insert_before shop/pix.py::Pix.pay#1\n<<<\nif x < LIMIT:\n    raise KeyError(x)\n>>>\n"
        ),
        DirectorySnapshot(tmp_path, paths),
    )
    for change in result.changes.changes:
        assert change.after is not None
        ast.parse(change.after)
        (tmp_path / change.path).write_bytes(change.after)
    code = "from shop.factory import WAYS; print(sorted(WAYS), WAYS['pix']().pay(3))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "['card', 'pix'] 3\n"
