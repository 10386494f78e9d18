from decimal import Decimal

import pytest

from checkout.orders import Order
from checkout.payments.base import PaymentRefused
from checkout.payments.boleto import BoletoPayment

CENT = Decimal("0.01")


def test_boleto_charges_the_order_at_the_gateway(gateway):
    order = Order("B-2001", BoletoPayment.minimum_amount)
    receipt = BoletoPayment(gateway).charge(order)
    assert receipt.method == BoletoPayment.code
    assert gateway.receipts == [receipt]


def test_boleto_refuses_a_smaller_purchase(gateway):
    order = Order("B-2002", BoletoPayment.minimum_amount - CENT)
    with pytest.raises(PaymentRefused, match=BoletoPayment.label):
        BoletoPayment(gateway).charge(order)
    assert gateway.receipts == []


def test_boleto_tells_when_the_slip_falls_due(gateway):
    text = BoletoPayment(gateway).instructions(Order("B-2003", Decimal("80.00")))
    assert f"{BoletoPayment.due_days} business days" in text
