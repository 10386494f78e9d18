from decimal import Decimal

import pytest

from checkout.orders import Order
from checkout.payments.base import PaymentRefused
from checkout.payments.credit_card import CreditCardPayment

CENT = Decimal("0.01")


def test_credit_card_charges_the_order_at_the_gateway(gateway):
    order = Order("C-3001", CreditCardPayment.minimum_amount)
    receipt = CreditCardPayment(gateway).charge(order)
    assert receipt.method == CreditCardPayment.code
    assert gateway.receipts == [receipt]


def test_credit_card_refuses_a_smaller_purchase(gateway):
    order = Order("C-3002", CreditCardPayment.minimum_amount - CENT)
    with pytest.raises(PaymentRefused, match=CreditCardPayment.label):
        CreditCardPayment(gateway).charge(order)
    assert gateway.receipts == []


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        (CreditCardPayment.minimum_instalment - CENT, 1),
        (CreditCardPayment.minimum_instalment * 3, 3),
        (CreditCardPayment.minimum_instalment * 100, CreditCardPayment.max_instalments),
    ],
)
def test_instalments_never_fall_below_their_minimum(gateway, total, expected):
    assert CreditCardPayment(gateway).instalments(Order("C-3003", total)) == expected


def test_credit_card_tells_the_number_of_instalments(gateway):
    order = Order("C-3004", CreditCardPayment.minimum_instalment * 2)
    assert "up to 2 instalments" in CreditCardPayment(gateway).instructions(order)
