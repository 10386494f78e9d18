"""Diffs in the colours of their language, legible on dark and on light; how a theme is found."""

from __future__ import annotations

import io
import re

import pytest

from sorte_cli.terminal import diffs, output, theme
from sorte_cli.terminal.session.input import PasteParser

DIFF = """\
--- a/shop/prices.py
+++ b/shop/prices.py
@@ -1,5 +1,6 @@
 LIMIT = 10
-def calc_total(items):
+def sum_up(items):
+    # all of them
     \"\"\"The sum
     of all prices.\"\"\"
-    return sum(items)
+    return sum(items, 0)
\\ No newline at end of file
"""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def terminal(monkeypatch):
    for name in ("NO_COLOR", "COLORFGBG", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(output, "_no_color", False)
    monkeypatch.setattr(theme, "_set", "")
    monkeypatch.setattr(theme, "_told", "")


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", text)


def test_a_painted_diff_says_what_the_plain_one_says():
    assert plain(diffs.painted(DIFF, Terminal())) == DIFF.rstrip("\n")


def test_code_has_colours_of_its_own_on_the_ground_of_its_sign():
    lines = diffs.painted(DIFF, Terminal()).splitlines()
    palette = diffs.PALETTES["dark"]
    added, removed = lines[5], lines[4]
    assert f"\x1b[48;5;{palette.added};" in added
    assert f"\x1b[48;5;{palette.removed};" in removed
    assert f"\x1b[38;5;{palette.keyword}mdef" in added
    assert f"\x1b[38;5;{palette.comment}m# all of them" in lines[6]
    assert added.endswith("\x1b[0m")


def test_a_text_over_many_lines_is_one_text():
    text = '--- a/a.py\n+++ b/a.py\n@@ -0,0 +1,3 @@\n+x = """def\n+class\n+"""\n'
    line = diffs.painted(text, Terminal()).splitlines()[4]
    assert f"38;5;{diffs.PALETTES['dark'].string}mclass" in line


@pytest.mark.parametrize("name", ["data.unknown", "Makefile", "page.vue", "a.php", "x.json"])
def test_files_of_any_kind_are_painted_whole(name):
    text = f"--- a/{name}\n+++ b/{name}\n@@ -1 +1,2 @@\n-a\n+<b>'\n+\n"
    assert plain(diffs.painted(text, Terminal())) == text.rstrip("\n")


def test_lines_that_look_like_headers_stay_code():
    text = "--- a/q.sql\n+++ b/q.sql\n@@ -1,2 +1,2 @@\n--- a comment\n+++ b\n@@ x\n"
    assert plain(diffs.painted(text, Terminal())) == text.rstrip("\n")


@pytest.mark.parametrize("variable", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": "unknown"}])
def test_without_colours_a_diff_is_as_it_is(monkeypatch, variable):
    for name, value in variable.items():
        monkeypatch.setenv(name, value)
    assert diffs.painted(DIFF, Terminal()) == DIFF.rstrip("\n")
    assert diffs.painted(DIFF, io.StringIO()) == DIFF.rstrip("\n")


def test_with_sixteen_colours_lines_have_one_each(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    painted = diffs.painted(DIFF, Terminal())
    assert "38;5" not in painted
    assert "\x1b[32m+def sum_up(items):\x1b[0m" in painted


def test_control_characters_of_a_file_do_not_reach_the_terminal():
    text = "--- a/a.py\n+++ b/a.py\n@@ -0,0 +1 @@\n+x = '\x1b]0;evil\x07'\n"
    assert "\x1b]" not in diffs.painted(text, Terminal())


def brightness(colour: int) -> float:
    """The relative luminance of one of the 256 colours (WCAG 2)."""
    if colour >= 232:
        channels = [8 + 10 * (colour - 232)] * 3
    else:
        levels = (0, 95, 135, 175, 215, 255)
        colour -= 16
        channels = [levels[colour // 36], levels[colour // 6 % 6], levels[colour % 6]]
    parts = [c / 255 for c in channels]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", ["dark", "light"])
def test_every_colour_can_be_read_on_every_ground(name):
    palette = diffs.PALETTES[name]
    for ground in (palette.added, palette.removed):
        for kind in ("text", "keyword", "string", "number", "name", "comment"):
            pair = sorted((brightness(ground), brightness(getattr(palette, kind))))
            assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, (kind, ground)


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ("ffff/ffff/dddd", "light"),
        ("ff/ff/ff", "light"),
        ("0000/2b2b/3636", "dark"),
        ("1e1e/1e1e/1e1e", "dark"),
        ("nonsense", ""),
        ("", ""),
    ],
)
def test_the_terminals_own_word_on_its_background_is_understood(colour, name):
    assert theme.understood(colour) == name


def test_what_is_set_counts_more_than_what_is_told_and_that_more_than_a_hint(monkeypatch):
    assert theme.current() == "dark"
    monkeypatch.setenv("COLORFGBG", "0;15")
    assert theme.current() == "light"
    theme.tell("dark")
    assert theme.current() == "dark"
    theme.use("light")
    assert theme.current() == "light"


def test_an_answer_of_the_terminal_is_no_key_however_it_is_torn():
    keys: list[str] = []
    for cut in (1, *range(3, 28)):  # (a lone Esc is a key: it cannot wait)
        told: list[str] = []
        keys.clear()
        parser = PasteParser(lambda key: keys.append(key.data), told.append)
        text = "a\x1b]11;rgb:ffff/ffff/ffff\x1b\\b"
        parser.feed(text[:cut])
        parser.feed(text[cut:])
        assert ("".join(keys), told) == ("ab", ["ffff/ffff/ffff"]), cut


def test_a_terminal_that_says_it_is_light_is_believed(sit):
    person = sit()
    person.wait("/help lists")
    person.look(0.5)
    assert b"\x1b]11;?" in person.raw
    person.type("\x1b]11;rgb:ffff/ffff/ffff\x07")
    person.ready()
    person.say("/nothing")
    person.wait("there is no command")
    assert b"\x1b[34mhint" in person.raw
    assert "rgb:" not in person.text


@pytest.mark.parametrize(
    ("name", "lines", "wanted"),
    [
        ("a.py", ["-    ends here", '     """', "+    return x"], "return"),
        ("a.php", ["     * ends here", "      */", "+    return $x;"], "return"),
        ("a.js", ["    * ends here", "    */", "+  return x;"], "return"),
        ("a.py", ['+    """Begins here', "+    and goes on"], None),
    ],
)
def test_a_hunk_that_begins_inside_a_text_is_read_as_one(name, lines, wanted):
    text = "\n".join([f"--- a/{name}", f"+++ b/{name}", "@@ -5,3 +5,3 @@", *lines])
    last = diffs.painted(text, Terminal()).splitlines()[-1]
    keyword = f"38;5;{diffs.PALETTES['dark'].keyword}m"
    assert (f"{keyword}{wanted}" in last) if wanted else (keyword not in last)
