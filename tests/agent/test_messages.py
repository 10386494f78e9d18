"""Commit messages."""

import pytest

from sorte_cli.agent.messages import commit_message, follows_conventional
from sorte_cli.edits import parse_script


@pytest.mark.parametrize(
    ("script", "subject"),
    [
        ("rename a.py::old new\n", "refactor: rename old to new"),
        ("rename a.py::f(x) y\n", "refactor: rename parameter x of f to y"),
        ("clone a.py::Pix Boleto to b.py\n", "feat: add Boleto after the pattern of Pix"),
        (
            "clone tests/test_a.py tests/test_b.py\n",
            "test: add test_b.py after the pattern of test_a.py",
        ),
        ('add_parameter a.py::f "timeout: float = 3.0"\n', "feat: add parameter timeout to f"),
        ("set_value a.py::C.limit 30\n", "feat: set limit to 30"),
        ('add_entry a.py::ALL "pix" Pix\n', 'feat: add "pix" to ALL'),
        ("add_import a.py import os\n", "chore: import what a.py needs"),
        ("insert_before a.py::f#1\n<<<\npass\n>>>\n", "feat: change a.py::f"),
        (
            "rename a.py::old new\nset_value a.py::X 1\n",
            "refactor: rename old to new and 1 more edit",
        ),
    ],
)
def test_the_subject_says_what_the_operations_did(script, subject):
    message = commit_message(parse_script(script).operations, "do it", conventional=True)
    assert message.splitlines()[0] == subject
    assert message.splitlines()[1] == ""


def test_a_long_subject_is_cut_and_the_task_is_wrapped():
    script = parse_script(f"rename a.py::old {'n' * 90}\n")
    message = commit_message(script.operations, "word " * 60, conventional=True)
    assert all(len(line) <= 72 for line in message.splitlines())


def test_without_the_habit_the_subject_is_a_plain_sentence():
    script = parse_script("rename a.py::old new\n")
    assert commit_message(script.operations, "x", conventional=False).startswith(
        "Rename old to new"
    )


def test_the_habit_is_read_from_the_log():
    assert follows_conventional(())
    assert follows_conventional(["feat: a"] * 3)
    assert follows_conventional(["fix(core)!: a", "Add b", "docs: c", "Merge x", "chore: d", "e f"])
    assert not follows_conventional([f"Add thing {n}" for n in range(10)])
