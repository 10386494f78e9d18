"""Anchors that a model copied with small mistakes: found where only one place fits."""

from __future__ import annotations

import pytest
from edit_support import changed, refusal

TEXT = """\
def load(path):
    name = 'shop'

    if path:
        return read(path, 'utf-8')
    return None


def save(path):
    name = 'other'
    return write(path, 'utf-8')
"""


@pytest.mark.parametrize(
    ("old", "new", "old_line", "new_line"),
    [
        # a blank line is missing, and stays in the file
        (
            "    name = 'shop'\n    if path:\n",
            "    name = 'shop'\n    if path and name:\n",
            "    if path:\n",
            "    if path and name:\n",
        ),
        # quotes are the other kind; kept lines stay as they are, new ones follow the file
        (
            'if path:\n    return read(path, "utf-8")\n',
            'if path:\n    log("read")\n    return read(path, "utf-8")\n',
            "        return read",
            "        log('read')\n        return read",
        ),
        # one of three lines is mistyped
        (
            "    if path:\n        retrun read(path, 'utf-8')\n    return None\n",
            "    if path:\n        retrun read(path, 'utf-8')\n    return ''\n",
            "    return None\n",
            "    return ''\n",
        ),
        # trailing blanks
        ("    return None  \n", "    return 1  \n", "    return None\n", "    return 1\n"),
    ],
)
def test_small_mistakes_are_borne(old: str, new: str, old_line: str, new_line: str) -> None:
    script = f"replace_text a.py\n<<<\n{old}>>>\n<<<\n{new}>>>\n"
    result = changed("a.py", TEXT, "\n".join(script.split("\n")))
    assert result == TEXT.replace(old_line, new_line, 1)


@pytest.mark.parametrize(
    "old",
    [
        "    name = 'shopp'\n",  # a typo in a single line
        "    if path:\n        retrun reed(path)\n    return\n",  # two lines are wrong
        "    nonsense = 1\n    if path:\n        return read(path, 'utf-8')\n",  # not alike
    ],
)
def test_what_is_too_far_off_is_refused(old: str) -> None:
    error = refusal(TEXT, f"replace_text a.py\n<<<\n{old}>>>\n<<<\nx\n>>>\n")
    assert "does not contain" in error.message


def test_several_places_that_fit_are_never_chosen_from() -> None:
    text = "a = 'x'\nb = 1\n\nc = 2\na = 'x'\nb = 1\n"
    error = refusal(text, 'replace_text a.py\n<<<\na = "x"\nb = 1\n>>>\n<<<\nq\n>>>\n')
    assert "occurs 2 times" in error.message
    assert "line 1" in error.hint and "line 5" in error.hint


def test_blank_lines_decide_between_places_that_are_else_equal() -> None:
    text = "a = 1\n\nb = 1\nz = 0\na = 1\nb = 1\n"
    script = "replace_text a.py\n<<<\na  = 1\n\nb = 1\n>>>\n<<<\na = 2\n\nb = 1\n>>>\n"
    assert changed("a.py", text, script) == text.replace("a = 1", "a = 2", 1)
