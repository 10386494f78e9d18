"""Files that no one would wish for: broken, binary, huge, in two encodings at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from edit_support import after, refusal

from sorte_cli.edits import DirectorySnapshot, EditError, apply_script, parse_script

BROKEN = "def f(:\n    return 1\n\n\nx = 1\n"


def test_a_python_file_that_did_not_parse_takes_texts_and_no_syntax() -> None:
    error = refusal(BROKEN, "set_value a.py::x 2\n")
    assert "a.py has a syntax error at line 1" in error.message
    assert "replace_text works" in error.hint
    files: dict[str, bytes | str] = {"a.py": BROKEN}
    fixed = after(files, "replace_text a.py\n<<<\ndef f(:\n>>>\n<<<\ndef f():\n>>>\n")
    assert fixed == {"a.py": BROKEN.replace("f(:", "f():")}
    still = after(files, "replace_text a.py\n<<<\nx = 1\n>>>\n<<<\nx = 2\n>>>\n")
    assert still == {"a.py": BROKEN.replace("x = 1", "x = 2")}


def test_a_broken_file_does_not_hinder_operations_on_others() -> None:
    files: dict[str, bytes | str] = {"a.py": BROKEN, "b.py": "def g(): ...\ng()\n"}
    assert after(files, "rename b.py::g h\n") == {"b.py": "def h(): ...\nh()\n"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"x = 1\n\x00\n", "binary"),
        (b"\x89PNG\r\n\x1a\n\x00", "binary"),
        (b"x = '\xe9'\n# \xc3\xa9\n", "not valid UTF-8"),
        (b"# coding: ascii\nx = '\xc3\xa9'\n", ""),
    ],
)
@pytest.mark.parametrize(
    "script", ["set_value a.py::x 2\n", "rename a.py::x y\n", "delete_statement a.py#1\n"]
)
def test_a_python_file_that_python_cannot_read_is_refused(
    data: bytes, words: str, script: str
) -> None:
    error = refusal({"a.py": data}, script)
    assert words in error.message
    assert "a.py" in error.message


def test_two_encodings_in_one_file_both_survive_an_edit() -> None:
    data = b"one = '\xe9'\ntwo = '\xc3\xa9'\nthree\n"
    script = "replace_text a.txt\n<<<\nthree\n>>>\n<<<\n3\n>>>\n"
    changes = apply_script(parse_script(script), DirectoryOf({"a.txt": data})).changes.changes
    assert changes[0].after == data.replace(b"three", b"3")


class DirectoryOf:
    """Files in memory, as little as a snapshot needs."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self.files))

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)


def test_fifty_megabytes_of_python_are_not_parsed() -> None:
    data = b"x = 1\n" * 8_500_000 + b"y = 2\n"
    files: dict[str, bytes | str] = {"a.py": data}
    for script in ("set_value a.py::y 3\n", "replace_expression a.py 2 with 3\n"):
        assert "too large to be parsed" in refusal(files, script).message


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").mkdir()
    snapshot = DirectorySnapshot(tmp_path, ["a.py"])
    for script in (
        "set_value a.py::x 1\n",
        "replace_text a.py\n<<<\nx\n>>>\n<<<\ny\n>>>\n",
        "replace_file a.py\n<<<\nx = 1\n>>>\n",
        "delete_file a.py\n",
        "create_file a.py/b.py\n<<<\nx = 1\n>>>\n",
    ):
        try:
            changes = apply_script(parse_script(script), snapshot).changes.changes
        except EditError as error:
            assert "a.py" in error.message
        else:
            assert script.startswith("create_file a.py/b.py")
            assert [c.path for c in changes] == ["a.py/b.py"]


@pytest.mark.parametrize("last", ["set_value b.py::missing 1\n", "delete a.py::x\n", "frob a.py\n"])
def test_nothing_is_applied_where_one_operation_is_refused(tmp_path: Path, last: str) -> None:
    (tmp_path / "a.py").write_text("x = 1\nprint(x)\n")
    (tmp_path / "b.py").write_text("y = 1\n")
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with pytest.raises(EditError):
        apply_script(
            parse_script(f"set_value a.py::x 2\nset_value b.py::y 2\n{last}"),
            DirectorySnapshot(tmp_path, ["a.py", "b.py"]),
        )
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before
