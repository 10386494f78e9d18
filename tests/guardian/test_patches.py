"""Unified diffs: read as git and diff write them, put on, taken off, whatever else they hold."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorte_cli.guardian.patches import applied, fragment, parse_diff, reverted

GIT = b"""\
diff --git a/shop/a.py b/shop/a.py
index 1111111..2222222 100644
--- a/shop/a.py
+++ b/shop/a.py
@@ -1,3 +1,3 @@ def first():
 one
-two
+TWO
 three
"""
OLD, NEW = b"one\ntwo\nthree\n", b"one\nTWO\nthree\n"


def test_a_diff_is_put_on_and_taken_off() -> None:
    [patch] = parse_diff(GIT)
    assert (patch.old_path, patch.new_path, patch.old_blob) == ("shop/a.py", "shop/a.py", "1111111")
    assert applied(OLD, patch.hunks) == NEW
    assert reverted(NEW, patch.hunks) == OLD
    assert applied(NEW, patch.hunks) is None


def test_lines_that_moved_are_found() -> None:
    [patch] = parse_diff(GIT)
    assert applied(b"zero\n" * 50 + OLD, patch.hunks) == b"zero\n" * 50 + NEW


LINES = st.lists(st.sampled_from(["a", "b", "c", "--- x", "+++ y", "@@ -1 +1 @@", ""]), max_size=12)


@given(LINES, LINES, st.booleans(), st.booleans())
def test_any_two_texts_differ_by_what_was_read(
    old: list[str], new: list[str], old_ends: bool, new_ends: bool
) -> None:
    before = "\n".join(old) + ("\n" if old and old_ends else "")
    after = "\n".join(new) + ("\n" if new and new_ends else "")
    text = ""
    for line in difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), "a/x", "b/x"
    ):
        text += line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
    patches = parse_diff(text.encode())
    if before == after:
        assert patches == []
        return
    [patch] = patches
    assert applied(before.encode(), patch.hunks) == after.encode()
    assert reverted(after.encode(), patch.hunks) == before.encode()


@given(st.binary(max_size=400))
def test_no_bytes_are_too_odd(data: bytes) -> None:
    for patch in parse_diff(data + b"\n" + GIT + data):
        fragment(patch.hunks)
        applied(data, patch.hunks)


@pytest.mark.parametrize(
    ("header", "old", "new"),
    [
        (b"diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/x\n", "", "x"),
        (b"diff --git a/x b/x\ndeleted file mode 100644\n--- a/x\n+++ /dev/null\n", "x", ""),
        (b"diff --git a/x b/y\nsimilarity index 90%\nrename from x\nrename to y\n", "x", "y"),
        (b'diff --git "a/a\\303\\247.py" "b/a\\303\\247.py"\n', "a\u00e7.py", "a\u00e7.py"),
        (b"diff --git a/with space b/with space\n", "with space", "with space"),
        (b"--- old.py\t2026-01-01\n+++ new.py\t2026-01-02\n", "old.py", "new.py"),
        (b"diff --git a/x b/x\r\n--- a/x\r\n+++ b/x\r\n", "x", "x"),
    ],
)
def test_names_are_read(header: bytes, old: str, new: str) -> None:
    [patch] = parse_diff(header + b"@@ -1 +1 @@\n-a\n+b\n")
    assert (patch.old_path, patch.new_path) == (old, new)


def test_binary_files_and_modes_hold_no_lines() -> None:
    text = (
        b"diff --git a/logo.png b/logo.png\nindex 1..2 100644\n"
        b"Binary files a/logo.png and b/logo.png differ\n"
        b"diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n"
        b"diff --git a/x.bin b/x.bin\nGIT binary patch\nliteral 3\nKc$`zz\n\n"
    )
    patches = parse_diff(text)
    assert [(p.path, p.binary, p.hunks) for p in patches] == [
        ("logo.png", True, ()),
        ("run.sh", False, ()),
        ("x.bin", True, ()),
    ]


def test_mail_around_a_diff_is_passed_over() -> None:
    text = b"From: Ana\nSubject: [PATCH]\n\nwhy\n---\n a.py | 2 +-\n\n" + GIT + b"-- \n2.39.5\n"
    [patch] = parse_diff(text)
    assert applied(OLD, patch.hunks) == NEW


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"no diff at all\n",
        b"@@ -1 +1 @@\n-a\n+b\n",
        b"--- a/x\n+++ b/x\n",
        b"diff --git\n",
        b"diff --git a/x b/x\n@@ -1,99999999 +1,99999999 @@\n-a\n",
        b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n garbled\nwhat?\n",
    ],
)
def test_what_is_cut_off_or_no_diff_does_no_harm(text: bytes) -> None:
    for patch in parse_diff(text):
        applied(b"a\n", patch.hunks)
        fragment(patch.hunks)


def test_a_hunk_that_lies_about_its_place_does_not_fill_the_memory() -> None:
    [patch] = parse_diff(b"--- a/x\n+++ b/x\n@@ -999999999999 +999999999999 @@\n-a\n+b\n")
    assert fragment(patch.hunks) == (b"a\n", b"b\n")


def test_a_diff_of_ten_megabytes_is_read() -> None:
    line = b"+" + b"x" * 99 + b"\n"
    count = 100_000
    text = b"--- /dev/null\n+++ b/big.txt\n@@ -0,0 +1,%d @@\n" % count + line * count
    [patch] = parse_diff(text)
    assert applied(b"", patch.hunks) == line[1:] * count
