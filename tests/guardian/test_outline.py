"""Symbols of lines, and the focus on what changed: it must find what the whole file would show."""

from __future__ import annotations

import ast

import pytest

from sorte_cli.guardian.outline import Outline, without_the_unchanged

SOURCE = b"""import os

LIMIT = 300


class Pix:
    @property
    def label(self):
        return os.sep

    async def pay(self, amount):
        def inner():
            return amount
        return inner()


def offered(amount):
    return amount > LIMIT
"""


def test_every_line_knows_its_symbol() -> None:
    outline = Outline(SOURCE)
    symbols = [outline.symbol(n) for n in range(1, 20)]
    assert symbols[0] == symbols[2] == ""
    assert outline.symbol(7) == outline.symbol(9) == "Pix.label"
    assert outline.symbol(13) == "Pix.pay.inner"
    assert outline.symbol(14) == "Pix.pay"
    assert outline.symbol(18) == "offered"
    assert outline.line(3) == "LIMIT = 300"
    assert outline.line(0) == outline.line(99) == ""


@pytest.mark.parametrize("source", [None, b"def f(:", b"\0", b"(" * 5000, b"\xff\xfe"])
def test_a_file_with_errors_has_no_symbols(source: bytes | None) -> None:
    assert Outline(source).symbol(1) == ""


def focused(after: bytes, before: bytes = SOURCE) -> tuple[bytes, bytes]:
    return without_the_unchanged(Outline(before), Outline(after))


def test_only_what_changed_is_left_with_the_same_line_numbers() -> None:
    old, new = focused(SOURCE.replace(b"> LIMIT", b">= LIMIT"))
    for text in (old, new):
        ast.parse(text)
        assert text.count(b"\n") == SOURCE.count(b"\n")
        assert b"return os.sep" not in text
        assert b"inner" not in text
    assert old.splitlines()[17:] == [b"    return amount > LIMIT"]
    assert new.splitlines()[17:] == [b"    return amount >= LIMIT"]


def test_a_function_whose_names_mean_something_else_now_is_kept() -> None:
    _, new = focused(SOURCE.replace(b"import os", b"import shady as os"))
    assert b"return os.sep" in new
    assert b"inner" not in new
    _, new = focused(SOURCE.replace(b"import os", b"import os\nfrom shady import *"))
    assert new.count(b"return") == SOURCE.count(b"return")


def test_a_copy_of_a_function_is_kept() -> None:
    copy = b"\n\ndef offered(amount):\n    return amount > LIMIT\n"
    _, new = focused(SOURCE + copy)
    assert new.count(b"return amount > LIMIT") == 2


def test_line_endings_and_files_with_errors_are_kept() -> None:
    windows = SOURCE.replace(b"\n", b"\r\n")
    _, new = focused(windows + b"x = 1\r\n", windows)
    assert len(new.splitlines()) == len(windows.splitlines()) + 1
    assert focused(b"def f(:\n")[1] == b"def f(:\n"
