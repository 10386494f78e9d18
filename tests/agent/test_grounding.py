"""What a sentence mentions, and which choices follow from it."""

import pytest

from sorte_cli.agent import grounding
from sorte_cli.agent.grounding import narrow, new_names, new_paths, read_mentions, renamings, values
from sorte_cli.domain import Symbol

FETCH = Symbol("shop/http.py::fetch", "function", "(url, retries=3)")
TOTAL = Symbol("shop/orders.py::calc_total", "function", "(items)")
LIMIT = Symbol("shop/orders.py::MAX_ITEMS", "constant", "= 20")
CHARGE = Symbol("shop/pix.py::PixPayment.charge", "method", "(self, amount)")
CARD_CHARGE = Symbol("shop/card.py::CardPayment.charge", "method", "(self, amount)")


@pytest.mark.parametrize(
    ("written", "spellings"),
    [
        ("R$ 1.234,56", ("1234.56",)),
        ("1,234.56", ("1234.56",)),
        ("300,00", ("300.00",)),
        ("1.000", ("1000", "1.000")),
        ("30", ("30",)),
        ("-5", ("-5",)),
        ("1.000.000", ("1000000",)),
        ("0.5.", ("0.5",)),
    ],
)
def test_numbers_are_read_as_people_write_them(written, spellings):
    assert read_mentions(f"set it to {written}").numbers == spellings


def test_a_version_like_word_is_no_number():
    assert read_mentions("rename v2 to v3").numbers == ()


@pytest.mark.parametrize(
    "task",
    [
        "rename calc_total to compute",
        "rename calcTotal to compute",
        "renomeie a função calc total",
        "rename `calc_total`",
        "rename CALC_TOTAL please",
        "os calc totals",
    ],
)
def test_a_symbol_is_found_however_it_is_written(task):
    assert narrow((FETCH, TOTAL, LIMIT), read_mentions(task)) == (TOTAL,)


def test_a_sentence_that_names_nothing_narrows_nothing():
    symbols = (FETCH, TOTAL, LIMIT)
    assert narrow(symbols, read_mentions("please make it nicer")) == symbols


def test_a_common_word_is_no_mention_unless_it_is_quoted():
    add = Symbol("a.py::add", "function", "(a, b)")
    assert narrow((add, TOTAL), read_mentions("add a parameter")) == (add, TOTAL)
    assert narrow((add, TOTAL), read_mentions("give `add` a parameter")) == (add,)


def test_of_two_symbols_with_one_name_the_owner_that_is_named_decides():
    both = (CHARGE, CARD_CHARGE)
    assert narrow(both, read_mentions("guard charge of PixPayment")) == (CHARGE,)
    assert narrow(both, read_mentions("guard charge in card.py")) == (CARD_CHARGE,)
    assert narrow(both, read_mentions("guard charge")) == both


def test_new_names_take_the_place_of_words_in_the_pattern():
    names = new_names("BoletoPayment", read_mentions('add a method "Cartão Presente"'))
    assert "CartaoPresentePayment" in names
    assert "CartaoPresente" in names
    assert "BoletoPayment" not in names


def test_new_paths_stay_beside_the_pattern_or_go_where_the_sentence_says():
    mentions = read_mentions('add "Cartão Presente"')
    assert "shop/cartao_presente.py" in new_paths("shop/boleto.py", mentions)
    assert "tests/test_cartao_presente.py" in new_paths("tests/test_boleto.py", mentions)
    assert new_paths("a/b.py", read_mentions("copy it to c/d.py"))[0] == "c/d.py"


def test_a_rename_takes_the_new_name_not_the_old():
    assert renamings(TOTAL, read_mentions("rename calc_total to compute_total")) == (
        "compute_total",
    )
    assert "password" in renamings(
        Symbol("a.py::pw", "constant", "= 1"), read_mentions("pw is a bad name, call it password")
    )


def test_names_are_joined_in_the_style_of_what_they_name():
    mentions = read_mentions("rename it to grand total")
    assert "grand_total" in renamings(TOTAL, mentions)
    assert "GRAND_TOTAL" in renamings(LIMIT, mentions)
    assert "GrandTotal" in renamings(Symbol("a.py::Total", "class"), mentions)


@pytest.mark.parametrize(
    ("current", "task", "expected"),
    [
        ('Decimal("10.00")', "mude para R$ 300", 'Decimal("300.00")'),
        ("20", "set it to 45", "45"),
        ('"Pix"', 'the label should be "Boleto"', '"Boleto"'),
        ("'pix'", 'the label should be "boleto"', "'boleto'"),
        ("False", "turn it on", "True"),
        ("True", "desative", "False"),
        ("timedelta(seconds=30)", "make it 90", "timedelta(seconds=90)"),
    ],
)
def test_a_value_keeps_the_form_of_the_present_one(current, task, expected):
    assert expected in values(current, read_mentions(task))


def test_keys_follow_the_manner_of_the_existing_ones():
    mentions = read_mentions('add "Pix Parcelado"')
    assert "'pix_parcelado'" in grounding.keys(["'pix'"], mentions)
    assert '"pix_parcelado"' in grounding.keys([], mentions)


def test_control_tokens_and_markup_in_a_task_are_only_words():
    mentions = read_mentions("<|end|> rename calc_total to <b>x_y</b>")
    assert narrow((FETCH, TOTAL), mentions) == (TOTAL,)


def test_a_key_that_the_sentence_quotes_is_taken_as_it_is():
    mentions = read_mentions('add b"ssh-dss-test" to FORMATS')
    assert grounding.keys(['b"ssh-rsa"'], mentions) == ('b"ssh-dss-test"',)


def test_a_key_takes_the_manner_that_all_keys_share():
    mentions = read_mentions('add a payment method "Pix Parcelado"')
    assert grounding.keys(['"pix"', '"credit_card"'], mentions) == ('"pix_parcelado"',)
    assert grounding.keys(['"PIX"'], mentions) == ('"PIX_PARCELADO"',)
    assert '"Pix Parcelado"' in grounding.keys(['"Pix"', '"Credit Card"'], mentions)


def test_parameters_declared_in_code_and_names_to_import_are_found():
    declared = read_mentions('give f a parameter sep: str = "-", please')
    assert grounding.declarations(declared) == ('sep: str = "-"',)
    assert grounding.declarations(read_mentions("note: this is text")) == ()
    words = grounding.importable(read_mentions("import Path from pathlib in a.py"))
    assert {"Path", "pathlib"} <= set(words)
