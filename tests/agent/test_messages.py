"""Commit messages."""

import pytest

from sorte_cli.agent.messages import Habit, commit_message, follows_conventional, habit_of
from sorte_cli.domain import Step
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
    message = commit_message(parse_script(script).operations, "do it", Habit())
    assert message.splitlines()[0] == subject
    assert message.splitlines()[1] == ""


def test_a_long_subject_is_cut_and_the_task_is_wrapped():
    script = parse_script(f"rename a.py::old {'n' * 90}\n")
    message = commit_message(script.operations, "word " * 60, Habit())
    assert all(len(line) <= 72 for line in message.splitlines())


def test_without_the_habit_the_subject_is_a_plain_sentence():
    script = parse_script("rename a.py::old new\n")
    assert commit_message(script.operations, "x", Habit(conventional=False)).startswith(
        "Rename old to new"
    )


def test_the_habit_is_read_from_the_log():
    assert follows_conventional(())
    assert follows_conventional(["feat: a"] * 3)
    assert follows_conventional(["fix(core)!: a", "Add b", "docs: c", "Merge x", "chore: d", "e f"])
    assert not follows_conventional([f"Add thing {n}" for n in range(10)])


@pytest.mark.parametrize(
    ("path", "said", "subject"),
    [
        (
            "a.py",
            "Add a --json flag that prints an array.",
            "feat: add a --json flag that prints an array",
        ),
        ("a.py", "Corrige o total. Depois o resto.", "fix: corrige o total"),
        ("tests/test_a.py", "test the flag", "test: test the flag"),
        ("app/SongTest.php", "test the size", "test: test the size"),
        ("docs/use.rst", "tell of the flag", "docs: tell of the flag"),
        ("a.py", "SongResource has a file_size", "feat: SongResource has a file_size"),
        ("a.py", "HTTP 404 is no error", "feat: HTTP 404 is no error"),
        ("a.py", "return a.b, not c", "feat: return a.b, not c"),
    ],
)
def test_the_words_of_the_plan_say_what_free_edits_did(path, said, subject):
    script = parse_script(f"replace_text {path}\n<<<\na\n>>>\n<<<\nb\n>>>\ndelete_file x/{path}\n")
    step = Step("edit", (path,), said)
    message = commit_message(script.operations, "do it", Habit(), step)
    assert message == f"{subject}\n\nTask: do it\n"


def test_a_long_plan_is_cut_at_a_word_and_told_whole_below():
    script = parse_script("replace_text a.py\n<<<\na\n>>>\n<<<\nb\n>>>\n")
    said = "make every answer of the checkout carry the amount that was refused, in cents, as text"
    step = Step("edit", ("a.py",), said)
    message = commit_message(script.operations, "do it", Habit(conventional=False), step)
    subject, _, body = message.partition("\n\n")
    assert subject == "Make every answer of the checkout carry the amount that was refused..."
    assert " ".join(body.split()) == f"{said} Task: do it"


def test_an_operation_with_a_name_speaks_for_itself():
    script = parse_script("rename a.py::old new\n")
    step = Step("rename", ("a.py::old",), "the old name misleads")
    message = commit_message(script.operations, "x", Habit(), step)
    assert message.startswith("refactor: rename old to new\n")


@pytest.mark.parametrize(
    ("script", "subject"),
    [
        ("rename a.py::old new\n", "refactor: renomeia old para new"),
        ("rename_parameter a.py::f(x) y\n", "refactor: renomeia o parâmetro x de f para y"),
        ("set_value a.py::C.limit 30\n", "feat: define limit como 30"),
        ("add_decorator a.py::f cache\n", "feat: adiciona @cache a f"),
        ("remove_entry a.py::ALL 'pix'\n", "refactor: remove 'pix' de ALL"),
        ("delete a.py::f\nset_value a.py::X 1\n", "refactor: exclui f e mais 1 edição"),
    ],
)
def test_commits_speak_portuguese_where_the_log_does(script, subject):
    habit = Habit(language="pt_BR")
    message = commit_message(parse_script(script).operations, "faça isso", habit)
    assert message == f"{subject}\n\nTarefa: faça isso\n"


def test_the_language_of_a_log_is_told_by_its_words():
    portuguese = ["Adiciona o cadastro de clientes", "Corrige o cálculo do frete", "wip"] * 4
    english = ["Add the list of clients", "Fix rounding", "wip"] * 4
    assert habit_of(portuguese, "en").language == "pt_BR"
    assert habit_of(english, "pt_BR").language == "en"
    assert habit_of([], "pt_BR") == Habit(conventional=True, language="pt_BR")
    assert habit_of(["v1.0", "wip", "Merge branch"] * 9, "en").language == "en"
