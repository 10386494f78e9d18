"""New parameters: the name that stands beside its type, and the default that the words leave."""

import pytest
from gbnf import Acceptor

from sorte_cli.agent.grammar import step_grammar
from sorte_cli.agent.grounding import read_mentions
from sorte_cli.agent.said_names import name_beside_type
from sorte_cli.domain import Step, Symbol

PATH = "club/guests.py"
BARE = Symbol(f"{PATH}::greet", "function", "(guest, loud=False)")
SINGLE = Symbol(f"{PATH}::sign", "function", "(guest, pen='blue')")
DOUBLE = Symbol(f"{PATH}::seat", "function", "(guest, row=\"a\", side='l')")


@pytest.fixture(scope="module")
def accepts():
    return Acceptor()


def declares(accepts, target, task, declaration):
    step = Step("add_parameter", (target.address,))
    grammar = step_grammar(step, (BARE, SINGLE, DOUBLE), read_mentions(task))
    return accepts(grammar, f"add_parameter {target.address} {declaration}\n")


@pytest.mark.parametrize(
    ("task", "right", "wrong"),
    [
        ("greet may take a title, a str, empty when left out",
         ["'title: str = \"\"'"], ["\"title: str\"", "\"title: str = ''\"", "'a: str = \"\"'"]),
        ("greet aceita apelido, que é str e vem vazio",
         ["'apelido: str = \"\"'"], ["\"apelido: str\"", "\"apelido: str = None\""]),
        ("let greet pass a boolean quiet flag, off by default",
         ['"quiet: bool = False"'], ['"boolean_quiet: bool = False"', '"quiet: bool = True"']),
        ("greet precisa saber se vai pelo zap: um whatsapp do tipo bool, ligado por padrão",
         ['"whatsapp: bool = True"'], ['"zap: bool = True"', '"whatsapp: bool = False"']),
        ("guests have spouses now, hence spouse in greet, None unless there is one",
         ['"spouse=None"'], ['"hence=None"', '"spouse"']),
        ('greet recebe um lang, str, com "pt" de padrão',
         ["'lang: str = \"pt\"'"], ["'pt: str = \"pt\"'", "\"lang: str = 'pt'\""]),
        ("greet gets tags: list, empty by default",
         ['"tags: list = []"'], ["'tags: list = \"\"'"]),
        ("greet takes a table of type int, twenty-two by default",
         ['"table: int = 22"'], ['"table: int = 20"', '"table: int = 2"']),
    ],
)  # fmt: skip
def test_what_the_words_leave(accepts, task, right, wrong):
    assert [d for d in right if not declares(accepts, BARE, task, d)] == []
    assert [d for d in wrong if declares(accepts, BARE, task, d)] == []


def test_texts_are_in_the_marks_of_the_signature(accepts):
    assert declares(accepts, SINGLE, "sign takes a note of type str, empty", "\"note: str = ''\"")
    assert not declares(
        accepts, SINGLE, "sign takes a note of type str, empty", "'note: str = \"\"'"
    )
    assert declares(accepts, DOUBLE, "seat takes note, 'x y' by default", "'note=\"x y\"'")
    assert not declares(accepts, DOUBLE, "seat takes note, 'x y' by default", "\"note='x y'\"")


@pytest.mark.parametrize(
    "task",
    ["accept an otp code of type str", "say which scene it ends, a str", "a str, an int", "x in y"],
)
def test_where_the_words_leave_a_doubt_no_name_is_found(task):
    assert name_beside_type(read_mentions(task)) == ""
