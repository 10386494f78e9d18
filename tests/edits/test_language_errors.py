"""What a script that cannot be read is answered with."""

from __future__ import annotations

import pytest

from sorte_cli.edits import Address, EditError, Operation, Script, parse_script, print_script
from sorte_cli.edits.language import split_keywords
from sorte_cli.errors import ExitCode


def read_error(text: str) -> EditError:
    with pytest.raises(EditError) as caught:
        parse_script(text)
    return caught.value


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("renam a.py::f g", "no operation 'renam'", "Did you mean rename?"),
        ("frobnicate a.py", "no operation 'frobnicate'", "rename"),
        ("rename", "needs a target", "rename PATH::SYMBOL NEW_NAME"),
        ("rename a.py::f", "needs NEW_NAME", "rename PATH::SYMBOL NEW_NAME"),
        ("rename a.py::f g h", "does not understand 'h'", "rename"),
        ("rename a.py::f 2x", "'2x' is not a name", ""),
        ("rename a.py g", "cannot act on a file", "a symbol"),
        ("insert_before a.py::f", "cannot act on a symbol", "#k"),
        ("set_value a.py::X", "needs VALUE", "set_value"),
        ("add_parameter a.py::f x: int", "must stand in quotes", ""),
        ('add_parameter a.py::f "x: int', "not closed", ""),
        ('add_parameter a.py::f "x"y', "After the quotes", ""),
        ("move a.py::f b.py", "needs `to PATH`", "move"),
        ("delete a.py::f g", "does not understand", "delete"),
        ("delete a.py::", "malformed symbol", "path::Class.method"),
        ("delete a.py::f(1)", "malformed symbol", ""),
        ("insert_after a.py#1 <<<\nx\n>>>", "does not understand '<<<'", "block"),
        ('replace_text a.py "x"', "does not understand", '"OLD" with "NEW"'),
        ('replace_text a.py "x" to "y"', "does not understand", '"OLD" with "NEW"'),
        ('replace_text a.py "x" with "y" z', "does not understand", '"OLD" with "NEW"'),
        ("replace_text a.py x with y", "does not understand", '"OLD" with "NEW"'),
        ('replace_text a.py "x" with', "needs a block", "<<<"),
        ("delete a.py@0:1", "counted from 1", ""),
        ("wrap a.py::f#5-3\n<<<\n...\n>>>", "runs backwards", ""),
        ("set_docstring a.py::f", "needs a block", "<<<"),
        ("<<<\nx\n>>>", "block stands here without", ""),
    ],
)
def test_a_mistake_is_named_with_the_way_to_write_it(line: str, message: str, hint: str) -> None:
    error = read_error(f"# first\nset_value a.py::X 1\n{line}\n")
    assert message in error.message
    assert hint in error.hint
    assert error.line == 3
    assert error.exit_code is ExitCode.REFUSED


def test_an_unclosed_block_is_reported_where_it_opens() -> None:
    error = read_error("create_file a.py\n<<<<\nx = 1\n>>>\n")
    assert "not closed" in error.message
    assert ">>>>" in error.hint
    assert error.line == 2


def test_replace_text_needs_both_blocks() -> None:
    assert "needs a block" in read_error("replace_text a.md\n<<<\nx\n>>>\n").message


@pytest.mark.parametrize(
    "operation",
    [
        Operation("unknown", Address("a.py")),
        Operation("set_value", Address("a.py", "X"), (("value", "1\n2"),)),
        Operation("set_value", Address("a.py", "X"), (("value", " 1"),)),
        Operation("set_value", Address("a\n.py", "X"), (("value", "1"),)),
        Operation("set_value", Address("a.py", "X\ny"), (("value", "1"),)),
        Operation("set_value", Address("", "X"), (("value", "1"),)),
        Operation("set_value", Address("a.py", "X")),
        Operation("set_docstring", Address("a.py")),
        Operation("set_docstring", Address("a.py"), (), ("no newline",)),
        Operation("delete", Address("a.py", "f", parameter="x")),
    ],
)
def test_what_has_no_text_form_is_refused_by_the_printer(operation: Operation) -> None:
    with pytest.raises(EditError):
        print_script(Script((operation,)))


def test_keywords_are_split_at_commas_outside_brackets_and_strings() -> None:
    assert split_keywords('a=1, b=f(2, 3), c="x, y",') == (
        ("a", "1"),
        ("b", "f(2, 3)"),
        ("c", '"x, y"'),
    )
    with pytest.raises(EditError):
        split_keywords("a, b=1")


@pytest.mark.parametrize(
    "line", ["delete ::f", "replace_text ::#1", "set_docstring :: A.", "delete ::@1:2"]
)
def test_an_address_without_a_path_needs_an_operation_before(line: str) -> None:
    error = read_error(f"# first\n{line}\n")
    assert error.line == 2
    assert "names no file" in error.message
    assert "the operation before" in error.hint
