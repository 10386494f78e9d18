"""Files keep every byte that an edit does not touch, whatever their encoding and line endings."""

from __future__ import annotations

import codecs
import sysconfig
from pathlib import Path

import pytest
from edit_support import applied
from hypothesis import given
from hypothesis import strategies as st

from sorte_cli.edits import EditError, MemorySnapshot, apply_script, parse_script
from sorte_cli.edits.source import decode

LATIN_1 = "# -*- coding: latin-1 -*-\nPRICE = 'preço'\nX = 1\n"


@given(st.binary(max_size=60).filter(lambda data: b"\0" not in data), st.sampled_from(["py", "md"]))
def test_any_bytes_survive_decoding_and_encoding(data: bytes, suffix: str) -> None:
    source = decode(f"a.{suffix}", data)
    assert source.encode(source.text) == data


@given(st.text(alphabet="a\r\n\x0c\x0b\x85\u2028", max_size=20))
def test_offsets_and_line_columns_are_inverses(text: str) -> None:
    source = decode("a.txt", text.encode())
    for offset in range(len(source.text) + 1):
        line, column = source.position(offset)
        start = source.line_starts[line - 1]
        assert start + column - 1 == offset
        assert source.line_start(offset) == start
    joined = "".join(
        source.text[a:b]
        for a, b in zip(source.line_starts, [*source.line_starts[1:], len(text)], strict=True)
    )
    assert joined == text


@pytest.mark.parametrize(
    ("data", "encoding", "newline", "bom"),
    [
        (b"a\n", "utf-8", "\n", False),
        (b"a\r\nb\r\nc\n", "utf-8", "\r\n", False),
        (b"a\rb\r", "utf-8", "\r", False),
        (codecs.BOM_UTF8 + b"x = 1\n", "utf-8", "\n", True),
        (LATIN_1.encode("latin-1"), "iso8859-1", "\n", False),
        ("# coding: cp1252\nx = '€'\n".encode("cp1252"), "cp1252", "\n", False),
        ("# -*- coding: latin-1-unix -*-\nx = 'é'\n".encode("latin-1"), "iso8859-1", "\n", False),
        ("# vim: set fileencoding=UTF_8 :\nx = 'é'\n".encode(), "utf-8", "\n", False),
        (b"x = 1\n# coding: latin-1\n", "utf-8", "\n", False),
        (b"# one\r# coding: latin-1\r\xe9\r", "iso8859-1", "\r", False),
        ("preço\n".encode("latin-1"), "iso8859-1", "\n", False),
        ("preço\n".encode() + b"\xff\n", "utf-8", "\n", False),
    ],
)
def test_the_way_a_file_is_written_is_recognised(
    data: bytes, encoding: str, newline: str, bom: bool
) -> None:
    source = decode("a.py", data)
    assert (source.encoding, source.newline, source.bom) == (encoding, newline, bom)
    assert source.encode(source.text) == data


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (b"X = 1\r\nY = 2\r\n", b"X = 5\r\nY = 2\r\n"),
        (b"X = 1\rY = 2\r", b"X = 5\rY = 2\r"),
        (b"A = 0\r\nX = 1\nY = 2\r", b"A = 0\r\nX = 5\nY = 2\r"),
        (codecs.BOM_UTF8 + b"X = 1", codecs.BOM_UTF8 + b"X = 5"),
        (LATIN_1.encode("latin-1"), LATIN_1.replace("X = 1", "X = 5").encode("latin-1")),
        (b"\x0c\nX = 1  \n\x0cY = 2\n\n\n", b"\x0c\nX = 5  \n\x0cY = 2\n\n\n"),
        (b"if 1:\n\tX = 1\t# c\n", b"if 1:\n\tX = 5\t# c\n"),
        (
            b"\x0ctry: pass\r\nexcept A  :\n    pass\nX = 1\nY = f'{X !r : >3}'\n",
            b"\x0ctry: pass\r\nexcept A  :\n    pass\nX = 5\nY = f'{X !r : >3}'\n",
        ),
    ],
)
def test_a_value_is_set_without_touching_another_byte(before: bytes, expected: bytes) -> None:
    result = applied({"a.py": before}, "set_value a.py::X 5")
    assert [change.after for change in result.changes.changes] == [expected]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_inserted_lines_get_the_line_ending_of_the_file(newline: str) -> None:
    lines = ["def f(a):", "    b = a", "    return b", ""]
    result = applied(
        {"a.py": newline.join(lines).encode()},
        "insert_after a.py::f#1\n<<<\nif b:\n    b = 2\n>>>",
    )
    lines[2:2] = ["    if b:", "        b = 2"]
    assert result.changes.changes[0].after == newline.join(lines).encode()


def test_in_a_file_of_mixed_endings_new_lines_look_like_their_neighbours() -> None:
    result = applied(
        {"a.py": b"A = 1\r\nB = 2\r\n\ndef f():\n    return 1\n"},
        "insert_before a.py::f#1\n<<<\nx = 1\n>>>\nadd_symbol a.py\n<<<\nC = 3\n>>>",
    )
    assert result.changes.changes[0].after == (
        b"A = 1\r\nB = 2\r\nC = 3\r\n\ndef f():\n    x = 1\n    return 1\n"
    )


def test_a_missing_final_newline_stays_missing() -> None:
    result = applied({"a.py": b"def f():\n    return 1"}, "insert_after a.py::f#1\n<<<\nx\n>>>")
    assert result.changes.changes[0].after == b"def f():\n    return 1\n    x"


def test_latin_1_without_a_cookie_can_be_edited_as_text_only() -> None:
    files = {"a.py": "x = 'preço'\ny = 1\n".encode("latin-1")}
    result = applied(files, "replace_text a.py\n<<<\ny = 1\n>>>\n<<<\ny = 'maçã'\n>>>")
    assert result.changes.changes[0].after == "x = 'preço'\ny = 'maçã'\n".encode("latin-1")
    with pytest.raises(EditError, match="Python cannot read it"):
        applied(files, "set_value a.py::y 2")


def test_a_character_that_the_encoding_lacks_is_refused() -> None:
    with pytest.raises(EditError, match="cannot hold"):
        applied({"a.py": LATIN_1.encode("latin-1")}, "set_value a.py::X '€'")


def test_a_binary_file_is_refused() -> None:
    with pytest.raises(EditError, match="binary"):
        applied({"a.bin": b"a\0b"}, "replace_text a.bin\n<<<\na\n>>>\n<<<\nb\n>>>")


@pytest.mark.slow
def test_the_whole_standard_library_survives_a_round_trip_and_a_first_edit() -> None:
    root = Path(sysconfig.get_paths()["stdlib"])
    paths = [p for p in sorted(root.rglob("*.py")) if "site-packages" not in p.parts]
    assert len(paths) > 500
    for path in paths:
        data = path.read_bytes()
        if b"\0" in data:
            continue
        source = decode(path.name, data)
        assert source.encode(source.text) == data, path
    edited = 0
    for path in paths[:: len(paths) // 30]:
        snapshot = MemorySnapshot({"a.py": path.read_bytes()})
        if len(snapshot.read("a.py") or b"") > 25_000:
            continue
        try:
            result = apply_script(
                parse_script("add_symbol a.py\n<<<\ndef zzz():\n    pass\n>>>"), snapshot
            )
        except EditError as error:
            assert "syntax error" in error.message or "cannot read" in error.message, path
            continue
        (change,) = result.changes.changes
        assert change.before is not None and change.after is not None
        rest = change.after.replace(b"\r\n", b"\n")
        assert rest.count(b"def zzz():\n    pass") == 1, path
        edited += 1
    assert edited > 15


def test_blanks_that_the_parser_loses_stay_where_they_are() -> None:
    before = b"class A(Exception): pass\r\ntry:\n    pass\nexcept A  :\n    raise A\n"
    result = applied({"a.py": before}, "rename a.py::A Fault")
    assert result.changes.changes[0].after == before.replace(b"A(", b"Fault(").replace(
        b"except A  :\n    raise A", b"except Fault  :\n    raise Fault"
    )


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("a.py", 'def f(a):\n    """One.\n    \n    Two.\n    """\n    \n    return a\n'),
        ("a.js", "function f(a) {\n  b();\n  \n  return a;\n}\n"),
        ("a.py", "def g():\n  return 1\n\n\ndef f(a):\n      '''One.'''\n      return a\n"),
        ("a.py", "def g():\n    return 1\n\n\ndef f(a):\n\tif a:\n\t\treturn a\n"),
    ],
)
def test_what_is_replaced_by_itself_keeps_its_blanks(path: str, code: str) -> None:
    block = code[code.index("def f") :] if path == "a.py" else code
    for target in ("::f", "::#2") if "def g" in code else ("::f",):
        verb = "replace_statement" if "#" in target else "replace_symbol"
        script = parse_script(f"{verb} {path}{target}\n<<<\n{block}>>>")
        result = apply_script(script, MemorySnapshot({path: code.encode()}))
        assert result.changes.changes == ()
