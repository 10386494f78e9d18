"""The list of Portuguese and English words: every word of it is found, from both sides."""

from pathlib import Path

from sorte_cli.context import words
from sorte_cli.context.words import Glossary, fold, glossary, stem

LINES = [
    line.split(" : ")
    for line in Path(words.__file__).with_name("glossary.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]


def _stems(text: str) -> set[str]:
    return {stem(fold(word)) for word in text.split()}


def test_each_line_has_words_on_both_sides() -> None:
    assert len(LINES) > 4000
    assert [line for line in LINES if len(line) != 2 or not all(map(_stems, line))] == []


def test_every_word_is_found_from_either_side() -> None:
    for portuguese, english in LINES:
        for one in _stems(portuguese):
            assert _stems(english) <= {*glossary().get(one)}
        for one in _stems(english):
            assert _stems(portuguese) <= {*glossary().portuguese(one)}


def test_inflections_and_accents_are_forgiven() -> None:
    assert "threshold" in glossary().get(stem(fold("Limiar")))
    assert stem("library") in glossary().get(stem(fold("bibliotecas")))
    assert stem("biblioteca") in glossary().portuguese(stem("libraries"))


def test_words_of_several_lines_have_all_their_meanings() -> None:
    small = Glossary("# bank : not read\nbanco : bank\npraça banco : bench square\n")

    assert small.get("banco") == ("bank", "bench", "squar")
    assert small.portuguese("bench") == ("praca", "banco")


def test_what_the_list_does_not_have_is_nothing() -> None:
    small = Glossary("leito cama : bed\n")

    assert small.get("bed") == ()
    assert small.get("lei") == ()
    assert small.portuguese("cama") == ()
    assert small.get("xyz", ("xyz",)) == ("xyz",)
    assert small.get("") == ()
