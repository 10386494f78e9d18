"""`replace_expression`: one expression for another; `replace_text` inside a symbol."""

from __future__ import annotations

import pytest
from edit_support import changed, edited, refusal

CODE = """\
import os


def f(a, b):
    x = a * b + len("é" + 'x')
    if a > 300:
        return g(a, k='v',
                 z=b.c)
    return a


class C:
    def m(self): return a > 300
"""


@pytest.mark.parametrize(
    ("script", "old", "new"),
    [
        ("a.py::f a > 300 with a >= LIMIT", "if a > 300", "if a >= LIMIT"),
        ("a.py::f#2 a > 300 with a >= LIMIT", "if a > 300", "if a >= LIMIT"),
        ("a.py::f#1 b with b + c", "a * b", "a * (b + c)"),
        ("a.py::f#1 a * b with b + c", "a * b", "b + c"),
        ('a.py::f#1 "x" with 2', "'x'", "2"),
        ("a.py::f#1 len with max", "len(", "max("),
        ('a.py g(a, k="v", z=b.c) with None', "g(a, k='v',\n                 z=b.c)", "None"),
        ("a.py@5:9 a with q", "a * b", "q * b"),
        ("a.py b.c with (yield)", "b.c", "(yield)"),
    ],
)
def test_the_one_expression_that_is_meant_is_replaced(script: str, old: str, new: str) -> None:
    assert edited(CODE, f"replace_expression {script}\n") == CODE.replace(old, new, 1)


@pytest.mark.parametrize(
    ("script", "message", "hint"),
    [
        ("a.py a > 300 with b", "stands 2 times in a.py", "line 6: if a > 300:; line 13:"),
        ("a.py::f#1 b.d with b", "has no expression 'b.d'", "use replace_statement"),
        ("a.py::f#2 b.d with b", "has no expression 'b.d'", "Did you mean b.c?"),
        ("a.py::f b. with c", "'b.' is not an expression", "OLD with NEW"),
        ("a.py::f b with c d", "'c d' is not an expression", ""),
        ("a.py::g b with c", "has no symbol 'g'", "f"),
        ("a.py::f#9 b with c", "has no statement #9", "It has 4"),
        ("a.py::f b.c", "needs `with NEW`", "OLD with NEW"),
    ],
)
def test_what_is_not_there_once_is_refused_with_the_candidates(
    script: str, message: str, hint: str
) -> None:
    error = refusal(CODE, f"replace_expression {script}\n")
    assert message in error.message
    assert hint in error.hint


def test_the_word_with_inside_strings_and_brackets_does_not_end_the_expression() -> None:
    code = 'x = f("a with b", [c])\n'
    script = 'replace_expression a.py f("a with b", [c]) with "with"\n'
    assert edited(code, script) == 'x = "with"\n'


def test_other_languages_are_refused() -> None:
    error = refusal({"a.js": "let x = 1\n"}, "replace_expression a.js 1 with 2\n")
    assert "does not work on a.js" in error.message


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "# é\nx = 1  # one\n\n\ndef f():\n    return 1  # one\n"),
        ("a.php", "<?php\n// é\n$x = 1; // one\nclass f {\n    public $a = 1; // one\n}\n"),
        ("a.ts", "const x = 1 // one\r\n\r\nfunction f() {\r\n  return 1 // one\r\n}\r\n"),
    ],
)
def test_a_text_is_sought_inside_the_symbol_that_is_named(path: str, text: str) -> None:
    script = f"replace_text {path}::f\n<<<\none\n>>>\n<<<\ntwo\n>>>\n"
    head, _, tail = text.rpartition("one")
    assert changed(path, text, script) == f"{head}two{tail}"


def test_a_refusal_names_the_symbol_and_the_lines_of_the_file() -> None:
    text = "x = 1\n\n\ndef f():\n    a = 1\n    a = 1\n"
    error = refusal(text, "replace_text a.py::f\n<<<\na = 1\n>>>\n<<<\nb\n>>>\n")
    assert "Candidates: line 5: a = 1; line 6: a = 1" in error.hint
    error = refusal(text, "replace_text a.py::f\n<<<\nx = 1\n>>>\n<<<\nb\n>>>\n")
    assert "a.py::f does not contain this text" in error.message
    error = refusal({"a.md": "# A\n"}, "replace_text a.md::A\n<<<\nA\n>>>\n<<<\nb\n>>>\n")
    assert "has no symbols to look in" in error.message
