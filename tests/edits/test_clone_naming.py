"""How the names, strings and comments of a copy follow from two names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorte_cli.edits.python.clone_naming import Renaming, derive_stem, words_of


@pytest.mark.parametrize(
    ("old", "new", "stem", "becomes"),
    [
        ("PixPayment", "PixParceladoPayment", "pix", "pix parcelado"),
        ("PixPayment", "BoletoPayment", "pix", "boleto"),
        ("charge_pix", "charge_boleto", "pix", "boleto"),
        ("test_pix", "test_pix_parcelado", "pix", "pix parcelado"),
        ("TestPix", "TestPixParcelado", "pix", "pix parcelado"),
        ("PIX_LIMIT", "PIX_PARCELADO_LIMIT", "pix", "pix parcelado"),
        ("HTTPClient", "FTPClient", "http", "ftp"),
        ("calc_total", "calc_subtotal", "total", "subtotal"),
        ("FreeShipping", "ExpressShipping", "free", "express"),
        ("Alpha", "Beta", "alpha", "beta"),
        ("test_pix_refund", "test_pix_parcelado_refund", "pix", "pix parcelado"),
    ],
)
def test_the_stem_is_the_words_that_differ(old, new, stem, becomes):
    found = derive_stem(old, new)
    assert (" ".join(found.old), " ".join(found.new)) == (stem, becomes)


def test_words_that_say_the_kind_are_no_part_of_the_stem():
    assert derive_stem("PaymentPix", "PaymentPixParcelado", frozenset({"payment"})).old == ("pix",)
    assert derive_stem("PaymentPix", "PaymentPixParcelado").old == ("payment", "pix")


RENAMING = Renaming(
    (derive_stem("PixPayment", "PixParceladoPayment"),), {"PixPayment": "PixParceladoPayment"}
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("pix", "pix_parcelado"),
        ("Pix", "PixParcelado"),
        ("PIX", "PIX_PARCELADO"),
        ("pix_key", "pix_parcelado_key"),
        ("_pix", "_pix_parcelado"),
        ("make_pix", "make_pix_parcelado"),
        ("PIX_FEE", "PIX_PARCELADO_FEE"),
        ("PixPayment", "PixParceladoPayment"),
        ("xPix", "xPixParcelado"),
        ("pixFee", "pixParceladoFee"),
        ("PIXPayment", "PIXParceladoPayment"),
        ("pixel", "pixel"),
        ("spix", "spix"),
        ("pix_parcelado_key", "pix_parcelado_key"),
        ("PixParcelado", "PixParcelado"),
    ],
)
def test_identifiers_carry_the_stem_in_their_own_case(old, new):
    assert RENAMING.identifier(old) == new


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("pix", "pix_parcelado"),
        ("Pix", "Pix Parcelado"),
        ("PIX", "PIX_PARCELADO"),
        ("pix-payment", "pix-parcelado-payment"),
        ("pix_payment", "pix_parcelado_payment"),
        ("PixPayment", "PixParceladoPayment"),
        ("Pagamento via Pix", "Pagamento via Pix Parcelado"),
        ("Pix amount must be positive.", "Pix Parcelado amount must be positive."),
        ("pix:%s", "pix_parcelado:%s"),
        ("PIX-%s", "PIX-PARCELADO-%s"),
        ("pay by pix now", "pay by pix parcelado now"),
        ("https://api.pix.com/charge/pix", "https://api.pix.com/charge/pix"),
        ("/pix/charge", "/pix/charge"),
        ("shop.pix.PixPayment", "shop.pix.PixPayment"),
        ("pix@bank.com", "pix@bank.com"),
        ("{pix}", "{pix}"),
        ("pixel art", "pixel art"),
        ("", ""),
    ],
)
def test_strings_carry_it_as_they_are_written(old, new):
    assert RENAMING.literal(old) == new


def test_prose_carries_it_as_words():
    assert RENAMING.prose("# the pix call of Pix, see `PixPayment` and pix_key") == (
        "# the pix parcelado call of Pix Parcelado, see `PixParceladoPayment` and pix_parcelado_key"
    )


@given(st.text(alphabet="abPQ_1-. é", max_size=30))
def test_text_without_the_stem_is_never_touched(text):
    assert RENAMING.literal(text) == text
    assert RENAMING.prose(text) == text


@given(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True))
def test_an_identifier_stays_one(name):
    assert RENAMING.identifier(name).isidentifier()
    assert "".join(words_of(name)) == name.replace("_", "")
