"""Reading and printing operations are exact inverses."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sorte_cli.edits import (
    VERBS,
    Address,
    EditError,
    Operation,
    Script,
    parse_address,
    parse_script,
    print_address,
    print_script,
)
from sorte_cli.edits.addresses import quote, read_quoted
from sorte_cli.edits.verbs import Kind, Target

NAMES = st.from_regex(r"[A-Za-z_çéã][A-Za-z0-9_çéã]{0,8}", fullmatch=True)
QUALIFIED = st.lists(NAMES, min_size=1, max_size=3).map(".".join)
PATHS = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\x85"),
    min_size=1,
    max_size=20,
)
NUMBERS = st.integers(1, 10_000)
RANGES = st.tuples(NUMBERS, NUMBERS).map(lambda pair: (min(pair), max(pair)))
EXPRESSIONS = st.sampled_from(
    [
        "1",
        "-1",
        "a + b",
        "x if y else z",
        "lambda: 0",
        "not a",
        '"a b"',
        "f(1, 'b c', *d)",
        "{'k': [1, 2]}",
        "Decimal('1.0')",
        "a.b[c:d]",
    ]
)
KEYS = st.sampled_from(['"pix"', "'a b'", "Key.PIX", "(1, 2)", "f(x, y)", "NAME"])
LINES = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\n\r"), max_size=30
) | st.sampled_from([">>>", ">>>>", "<<<", "    indented", "# comment", "", ">>> "])
BLOCKS = st.lists(LINES, max_size=5).map(lambda lines: "".join(f"{line}\n" for line in lines))
DECLARATIONS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=30
).filter(lambda text: text == text.strip())

ADDRESSES = {
    Target.FILE: st.builds(Address, PATHS),
    Target.SYMBOL: st.builds(Address, PATHS, QUALIFIED),
    Target.PARAMETER: st.builds(Address, PATHS, QUALIFIED, parameter=NAMES),
    Target.LOCAL: st.builds(Address, PATHS, QUALIFIED, local=NAMES),
    Target.POSITION: st.builds(Address, PATHS, position=st.tuples(NUMBERS, NUMBERS)),
    Target.STATEMENTS: st.builds(Address, PATHS, QUALIFIED | st.just(""), statements=RANGES),
    Target.LINES: st.builds(Address, PATHS, QUALIFIED | st.just(""), lines=RANGES),
}
TEXTS = {
    Kind.NAME: NAMES,
    Kind.PATH: PATHS,
    Kind.QUOTED: DECLARATIONS,
    Kind.EXPRESSION: EXPRESSIONS,
    Kind.STATEMENT: st.sampled_from(["import os", "from a.b import c as d"]),
    Kind.KEYWORDS: st.sampled_from(["LIMIT=300", 'a="x, y", b=f(1, 2)']),
}


@st.composite
def operations(draw: st.DrawFn) -> Operation:
    signature = draw(st.sampled_from(list(VERBS.values())))
    target = draw(st.one_of([ADDRESSES[kind] for kind in sorted(signature.targets)]))
    arguments = []
    for argument in signature.arguments_for(target):
        if argument.optional and draw(st.booleans()):
            continue
        strategy = KEYS if argument.name == "key" else TEXTS[argument.kind]
        arguments.append((argument.name, draw(strategy)))
    blocks = tuple(draw(BLOCKS) for _ in range(signature.blocks))
    return Operation(signature.verb, target, tuple(arguments), blocks)


@given(st.lists(operations(), max_size=4))
@settings(max_examples=120, deadline=None)
def test_a_printed_script_is_read_back_as_the_same_operations(found: list[Operation]) -> None:
    script = Script(tuple(found))
    for brief in (False, True):
        text = print_script(script, brief=brief)
        assert parse_script(text) == script
        assert print_script(parse_script(text), brief=brief) == text


@given(operations())
@settings(max_examples=60, deadline=None)
def test_a_file_is_named_once_in_the_short_form(operation: Operation) -> None:
    text = print_script(Script((operation, operation)), brief=True)
    assert parse_script(text) == Script((operation, operation))
    again = print_address(operation.target, operation.target.path)
    assert again.startswith("::")
    assert f"\n{operation.verb} {again}" in text


@given(st.one_of(list(ADDRESSES.values())))
@settings(max_examples=200, deadline=None)
def test_a_printed_address_is_read_back_as_the_same_address(address: Address) -> None:
    text = print_address(address)
    assert parse_address(text) == address
    assert print_address(parse_address(text)) == text


@given(st.text(alphabet=string.printable + "çé<>#:\u2028\x85", max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused_with_a_line(text: str) -> None:
    try:
        script = parse_script(text)
    except EditError as error:
        assert 1 <= error.line <= text.count("\n") + 1
        assert error.message
    else:
        assert parse_script(print_script(script)) == script


@given(st.data())
@settings(max_examples=120, deadline=None)
def test_a_damaged_script_is_read_or_refused(data: st.DataObject) -> None:
    text = print_script(Script((data.draw(operations()), data.draw(operations()))))
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 5))
    damaged = (
        text[:at]
        + data.draw(st.sampled_from(["", '"', "'", "(", ":", "#", "\n"]))
        + (text[at + cut :])
    )
    try:
        script = parse_script(damaged)
    except EditError as error:
        assert error.line >= 1
    else:
        assert parse_script(print_script(script)) == script


@given(st.text(alphabet="ab\\\"' ", max_size=12))
def test_quoted_text_is_read_back_whatever_backslashes_it_holds(text: str) -> None:
    assert read_quoted(quote(text) + " rest") == (text, " rest")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("shop/a.py", Address("shop/a.py")),
        ("shop/a.py::Pix.charge", Address("shop/a.py", "Pix.charge")),
        ("a.py::f(x)", Address("a.py", "f", parameter="x")),
        ("a.py::f:x", Address("a.py", "f", local="x")),
        ("a.py@3:14", Address("a.py", position=(3, 14))),
        ("a.py::f#3", Address("a.py", "f", statements=(3, 3))),
        ("a.py::f#3-5", Address("a.py", "f", statements=(3, 5))),
        ("a.py#2", Address("a.py", statements=(2, 2))),
        ("a.ts::f#L4-9", Address("a.ts", "f", lines=(4, 9))),
        ('"my dir/a.py"::f', Address("my dir/a.py", "f")),
        ('"odd::name.py"', Address("odd::name.py")),
        ('"a.py@1:2"', Address("a.py@1:2")),
        ('"odd:"::f', Address("odd:", "f")),
        ("app/(group)/@modal/page.tsx", Address("app/(group)/@modal/page.tsx")),
    ],
)
def test_addresses_are_written_as_documented(text: str, expected: Address) -> None:
    assert parse_address(text) == expected
    assert print_address(expected) == text


@pytest.mark.parametrize(
    ("declaration", "printed"),
    [
        ("timeout: float = 30.0", '"timeout: float = 30.0"'),
        ('sep: str = "\\n"', "'sep: str = \"\\n\"'"),
        ("sep: str = '\\n'", "\"sep: str = '\\n'\""),
    ],
)
def test_a_declaration_gets_the_quotes_that_need_no_escape(declaration: str, printed: str) -> None:
    operation = Operation("add_parameter", Address("a.py", "f"), (("declaration", declaration),))
    assert print_script(Script((operation,))) == f"add_parameter a.py::f {printed}\n"


def test_a_block_gets_the_shortest_fence_that_its_lines_do_not_close() -> None:
    operation = Operation("create_file", Address("a.md"), (), (">>>\n>>>>\n",))
    text = print_script(Script((operation,)))
    assert text == "create_file a.md\n<<<<<\n>>>\n>>>>\n>>>>>\n"
    assert parse_script(text) == Script((operation,))


def test_a_block_is_raw() -> None:
    text = 'create_file a.py\n<<<\n  x = "\\n"  # not an escape\n\n\t\n# kept\n>>>\n'
    assert parse_script(text).operations[0].blocks == (
        '  x = "\\n"  # not an escape\n\n\t\n# kept\n',
    )


def test_comments_blank_lines_and_windows_line_endings_are_allowed_around_operations() -> None:
    script = parse_script("# one\r\n\r\n  set_value a.py::X 1  \r\n# two\r\ndelete a.py::Y\r\n")
    assert [op.verb for op in script.operations] == ["set_value", "delete"]
    assert [op.line for op in script.operations] == [3, 5]
    assert script.operations[0].get("value") == "1"


@pytest.mark.parametrize(
    ("rest", "arguments"),
    [
        ('"pix" PixPayment', {"key": '"pix"', "value": "PixPayment"}),
        ('"pix" a + b', {"key": '"pix"', "value": "a + b"}),
        ('"pix": PixPayment', {"key": '"pix"', "value": "PixPayment"}),
        ('NAME = "x y"', {"key": "NAME", "value": '"x y"'}),
        ("a + b", {"value": "a + b"}),
        ("x if y else z", {"value": "x if y else z"}),
        ("lambda a: b", {"value": "lambda a: b"}),
        ('"a b"', {"value": '"a b"'}),
        ("f(a, b) (1, 2)", {"key": "f(a, b)", "value": "(1, 2)"}),
    ],
)
def test_an_entry_has_a_key_where_two_expressions_stand_side_by_side(
    rest: str, arguments: dict[str, str]
) -> None:
    operation = parse_script(f"add_entry a.py::X {rest}").operations[0]
    assert dict(operation.arguments) == arguments


def test_a_file_and_a_symbol_are_cloned_with_their_own_arguments() -> None:
    script = parse_script(
        "clone a.py b.py with X=1\nclone a.py::A B to 'my dir/b.py' with X=1, Y=f(2, 3)\n"
    )
    assert dict(script.operations[0].arguments) == {"new_path": "b.py", "with": "X=1"}
    assert dict(script.operations[1].arguments) == {
        "new_name": "B",
        "to": "my dir/b.py",
        "with": "X=1, Y=f(2, 3)",
    }
