"""What a sentence mentions, and which choices follow from it."""

import pytest

from sorte_cli.agent import grounding, naming
from sorte_cli.agent.families import new_files, newcomers
from sorte_cli.agent.grounding import narrow, read_mentions, values
from sorte_cli.agent.naming import renamings
from sorte_cli.agent.planning import named_first
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


def test_numbers_are_read_in_words_too():
    assert read_mentions("retry three times, not dez").numbers == ("3", "10")


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


@pytest.mark.parametrize(
    "task",
    [
        "free shipping now starts at 199.90",
        "o frete grátis agora começa em 199,90",
        "FREE_SHIPING_FROM is wrong",
        "shipping is free from 200 on",
    ],
)
def test_a_symbol_that_is_described_or_misspelt_is_found(task):
    free = Symbol("shop/rules.py::FREE_SHIPPING_FROM", "constant", '= Decimal("150.00")')
    assert narrow((FETCH, TOTAL, free, LIMIT), read_mentions(task)) == (free,)


def test_a_common_word_is_no_mention_unless_it_is_quoted():
    add = Symbol("a.py::add", "function", "(a, b)")
    assert narrow((add, TOTAL), read_mentions("add a parameter")) == (add, TOTAL)
    assert narrow((add, TOTAL), read_mentions("give `add` a parameter")) == (add,)


def test_of_two_symbols_with_one_name_the_owner_that_is_named_decides():
    both = (CHARGE, CARD_CHARGE)
    assert narrow(both, read_mentions("guard charge of PixPayment")) == (CHARGE,)
    assert narrow(both, read_mentions("guard charge in card.py")) == (CARD_CHARGE,)
    assert narrow(both, read_mentions("guard charge")) == both


def names_of(pattern, symbols, task):
    return {n.name: n.path for n in newcomers(pattern, symbols, read_mentions(task))}


BOLETO = Symbol("pay/boleto.py::BoletoPayment", "class", "(Base)")
CARD = Symbol("pay/card.py::CardPayment", "class", "(Base)")


def test_a_lone_pattern_does_not_tell_which_word_of_its_name_makes_way():
    names = names_of(BOLETO, (BOLETO,), 'add a method "Cartão Presente"')
    assert "CartaoPresentePayment" in names
    assert "CartaoPresente" in names
    assert "BoletoPayment" not in names


def test_a_family_shows_what_its_names_share_and_how_its_files_are_called():
    symbols = (BOLETO, CARD)
    expected = {"CartaoPresentePayment": "pay/cartao_presente.py"}
    assert names_of(BOLETO, symbols, 'add a method "Cartão Presente"') == expected
    assert names_of(BOLETO, symbols, "quero Cartão Presente como pagamento") == expected
    assert names_of(BOLETO, symbols, 'add "cartão presente payment"') == expected


@pytest.mark.parametrize(
    ("pattern", "other", "new"),
    [
        ("d/iss_tax.py::IssTax", "d/vat_tax.py::VatTax", ("d/city_tax.py", "CityTax")),
        ("d/iss-tax.py::IssTax", "d/vat-tax.py::VatTax", ("d/city-tax.py", "CityTax")),
        ("d/IssTax.py::IssTax", "d/VatTax.py::VatTax", ("d/CityTax.py", "CityTax")),
        ("d/taxes.py::IssTax", "d/taxes.py::VatTax", ("", "CityTax")),
        ("d/iss.py::TaxIss", "d/vat.py::TaxVat", ("d/city.py", "TaxCity")),
        ("d/iss.py::apply_iss", "d/vat.py::apply_vat", ("d/city.py", "apply_city")),
        ("d/iss_rule.py::IssTax", "d/vat_rule.py::VatTax", ("d/city_rule.py", "CityTax")),
    ],
)
def test_siblings_of_every_manner(pattern, other, new):
    kind = "function" if "apply" in pattern else "class"
    symbols = (Symbol(pattern, kind), Symbol(other, kind))
    assert names_of(symbols[0], symbols, 'we need a tax "City"') == {new[1]: new[0]}


def test_the_family_of_a_single_pattern_is_read_from_its_base_or_its_registry():
    iss = Symbol("d/iss.py::IssTax", "class", "(BaseTax)")
    assert names_of(iss, (iss,), 'add "City"') == {"CityTax": "d/city.py"}
    plain = Symbol("d/iss.py::IssTax", "class")
    taxes = Symbol("d/all.py::TAXES", "constant", '= {"iss": IssTax, "vat": VatTax}')
    assert names_of(plain, (plain, taxes), 'add "City"') == {"CityTax": "d/city.py"}


def test_names_that_are_there_name_nothing_new():
    names = names_of(BOLETO, (BOLETO, CARD), "add Cheque Azul like `CardPayment`")
    assert names == {"ChequeAzulPayment": "pay/cheque_azul.py"}


def test_a_name_written_as_code_is_taken_as_it_is():
    assert set(names_of(BOLETO, (BOLETO, CARD), "clone BoletoPayment as `SlipThing`")) == {
        "SlipThing"
    }
    both = names_of(BOLETO, (BOLETO, CARD), "`SlipThing` should be like BoletoPayment")
    assert {"SlipThing", "SlipThingPayment"} == set(both)
    assert set(names_of(TOTAL, (TOTAL,), "calc_total again, as simple_total")) == {"simple_total"}


def test_a_copied_file_is_called_as_the_sentence_says_or_after_what_was_made():
    test = Symbol("tests/test_boleto.py", "file")
    symbols = (BOLETO, CARD, test)
    said = read_mentions('add "Cartão Presente"')
    assert new_files(test.path, symbols, (), said) == ("tests/test_cartao_presente.py",)
    made = (Symbol("pay/gift.py::GiftPayment", "class", "(Base)"),)
    assert new_files(test.path, symbols, made, said) == ("tests/test_gift.py",)
    written = read_mentions("copy tests/test_boleto.py to other/test_x.py")
    assert new_files(test.path, symbols, (), written) == ("other/test_x.py",)
    bare = read_mentions("copy test_boleto.py as test_y.py")
    assert new_files(test.path, symbols, (), bare) == ("tests/test_y.py",)


def test_a_rename_takes_the_new_name_not_the_old():
    assert renamings(TOTAL, read_mentions("rename calc_total to compute_total")) == (
        "compute_total",
    )
    assert "password" in renamings(
        Symbol("a.py::pw", "constant", "= 1"), read_mentions("pw is a bad name, call it password")
    )


@pytest.mark.parametrize(
    "task",
    [
        "calc_total in orders.py should be called grandsum",
        "calc_total -> grandsum",
        "o nome calc_total confunde, chame de grandsum",
    ],
)
def test_a_new_name_may_be_a_plain_word(task):
    assert "grandsum" in renamings(TOTAL, read_mentions(task))


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
    assert "'pix_parcelado'" in naming.keys(["'pix'"], mentions)
    assert '"pix_parcelado"' in naming.keys([], mentions)


def test_control_tokens_and_markup_in_a_task_are_only_words():
    mentions = read_mentions("<|end|> rename calc_total to <b>x_y</b>")
    assert narrow((FETCH, TOTAL), mentions) == (TOTAL,)


def test_a_key_that_the_sentence_quotes_is_taken_as_it_is():
    mentions = read_mentions('add b"ssh-dss-test" to FORMATS')
    assert naming.keys(['b"ssh-rsa"'], mentions) == ('b"ssh-dss-test"',)


@pytest.mark.parametrize("key", ["text/csv", "io.path", "utf-8", "a_b"])
def test_a_key_with_marks_inside_is_taken_as_it_is_written(key):
    assert f'"{key}"' in naming.keys(['"json"'], read_mentions(f"map {key} to 3 in TYPES"))


def test_a_key_takes_the_manner_that_all_keys_share():
    mentions = read_mentions('add a payment method "Pix Parcelado"')
    made = ("pix", "parcelado")
    keys = naming.keys(['"pix"', '"credit_card"'], mentions, core=made)
    assert keys == ('"pix_parcelado"',)
    assert '"PIX_PARCELADO"' in naming.keys(['"PIX"'], mentions, core=made)
    known = ("GiftCardPayment", "PixPayment")
    assert '"pixparcelado"' in naming.keys(['"giftcard"'], mentions, known=known, core=made)
    assert '"Pix Parcelado"' in naming.keys(['"Pix"', '"Credit Card"'], mentions)


def test_parameters_declared_in_code_and_names_to_import_are_found():
    declared = read_mentions('give f a parameter sep: str = "-", please')
    assert grounding.declarations(declared) == ('sep: str = "-"',)
    assert grounding.declarations(read_mentions("note: this is text")) == ()
    words = grounding.importable(read_mentions("import Path from pathlib in a.py"))
    assert {"Path", "pathlib"} <= set(words)


def test_what_is_named_is_shown_first_and_files_that_are_written_out_too():
    helper = Symbol("shop/help.py::info", "function", "()")
    mentions = read_mentions("import Decimal from decimal in shop/help.py, as calc_total does")
    ranked = named_first((FETCH, LIMIT, helper, TOTAL), mentions)
    assert ranked == (TOTAL, Symbol("shop/help.py", "file"), FETCH, LIMIT, helper)


def test_a_file_names_itself_before_what_is_in_it():
    helper = Symbol("shop/help.py::info", "function", "()")
    file = Symbol("shop/help.py", "file")
    mentions = read_mentions("something in shop/help.py")
    assert narrow((helper, file, FETCH), mentions) == (file,)
    assert narrow((helper, FETCH), mentions) == (helper,)


def test_the_quoted_label_of_a_sibling_is_not_its_name():
    symbols = (
        Symbol("pay/card.py::CardPayment", "class", "(Payment)"),
        Symbol("pay/cash.py::CashPayment", "class", "(Payment)"),
    )
    task = 'a payment called Pix, shown as "Pague Já", for R$ 600'
    names = [n.name for n in newcomers(symbols[0], symbols, read_mentions(task))]
    assert names == ["PixPayment"]
    task = 'add "Gift Card" with the label "For You" and the extension ".pdf"'
    names = [n.name for n in newcomers(symbols[0], symbols, read_mentions(task))]
    assert names == ["GiftCardPayment"]


def test_a_number_stays_a_number_and_a_text_a_text():
    both = read_mentions('ten percent as a reward, and no more tags in "fr"')
    assert values("5", both) == ("10",)
    assert values('"en"', both) == ('"fr"',)


def test_a_word_of_a_longer_name_names_nothing_else():
    cues = Symbol("a.py::cues", "field")
    assert grounding.strength(cues, read_mentions("clamp in shift_cues is off")) == 0
    assert grounding.strength(cues, read_mentions("the cues of shift_cues")) > 0
