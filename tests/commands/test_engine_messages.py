"""What the engines say is found by its template and shown in the person's language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sorte_cli.locale import catalogue
from sorte_cli.locale.catalogue import parse_po
from sorte_cli.locale.engine_texts import collect_engine_texts
from sorte_cli.terminal.engine_messages import in_language
from sorte_cli.terminal.translate import set_language

FIELD = re.compile(r"\{\w+\}")


@pytest.fixture
def portuguese():
    set_language("pt_BR")
    yield
    set_language("en")


def entries():
    (path,) = catalogue.po_files("engines")
    return parse_po(path.read_text(encoding="utf-8"))[1]


def test_every_text_of_the_engines_is_in_the_catalogue_and_no_other():
    assert {e.text.one for e in entries()} == {t.one for t in collect_engine_texts()}


def test_every_text_is_translated_with_fields_of_its_source():
    wrong = [
        entry.text.one
        for entry in entries()
        if not entry.translations[0].strip()
        or not set(FIELD.findall(entry.translations[0])) <= set(FIELD.findall(entry.text.one))
    ]
    assert wrong == []


def test_every_text_is_found_again_with_its_values(portuguese):
    for entry in entries():
        filled = FIELD.sub(lambda m: f"<{m[0][1:-1]}>", entry.text.one)
        wanted = FIELD.sub(lambda m: f"<{m[0][1:-1]}>", entry.translations[0])
        found = in_language(filled)
        # Another template may fit better; then it must be one that says more of the same words.
        assert found == wanted or found != filled, entry.text.one


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("the task is empty", "a tarefa está vazia"),
        ("/tmp/shop has no commits yet", "/tmp/shop ainda não tem commits"),
        ("what nobody has ever translated", "what nobody has ever translated"),
        ("", ""),
    ],
)
def test_messages(portuguese, said, shown):
    assert in_language(said) == shown


def test_a_message_within_an_operation_and_a_hint_of_several_lines(portuguese):
    said = in_language("rename shop.py::totl total: shop.py has no symbol 'totl'.")
    assert said.startswith("rename shop.py::totl total: ")
    assert "símbolo" in said
    assert "'totl'" in said


def test_a_summary_that_became_a_sentence_with_numbers_of_things(portuguese):
    text = "Renamed pay to charge: 1 place in 2 files; charge hides the builtin of that name."
    said = in_language(text)
    assert said == (
        "pay agora se chama charge: 1 lugar em 2 arquivos; charge esconde o nome embutido igual."
    )


def test_english_stays_as_it_is():
    assert in_language("the task is empty") == "the task is empty"


def test_errors_are_collected_with_their_fields(tmp_path: Path):
    (tmp_path / "engine.py").write_text(
        "class SorteError(Exception): ...\n"
        "class EditError(SorteError): ...\n"
        "def f(path, name, near):\n"
        "    raise EditError(f'{path} has no symbol {name!r}', hint='Did you mean ' + near)\n"
        "def g(x):\n"
        "    raise EditError('is a file' if x else 'is a folder')\n"
        "def h():\n"
        "    raise ValueError('not for people')\n",
        encoding="utf-8",
    )
    assert [t.one for t in collect_engine_texts(tmp_path)] == [
        "{path} has no symbol {name}",
        "Did you mean {near}",
        "is a file",
        "is a folder",
    ]


def test_every_part_of_what_an_operation_did_is_said_in_portuguese(portuguese):
    said = "Deleted a.py::B.f; a.py::A.f takes its place."
    assert in_language(said) == "a.py::B.f apagado; a.py::A.f toma o seu lugar."
    said = "Moved a.py::f to b.py; imports in 2 other files followed."
    assert in_language(said) == (
        "a.py::f movido para b.py; as importações em 2 outros arquivos acompanharam."
    )
