from decimal import Decimal

import pytest

from checkout.orders import Order
from checkout.payments.base import PaymentRefused
from checkout.payments.pix import PixPayment

CENT = Decimal("0.01")


def test_pix_charges_the_order_at_the_gateway(gateway):
    order = Order("A-1001", PixPayment.minimum_amount + Decimal("49.90"))
    receipt = PixPayment(gateway).charge(order)
    assert receipt.method == PixPayment.code
    assert receipt.amount == order.total
    assert gateway.receipts == [receipt]


def test_pix_accepts_its_minimum_amount():
    assert PixPayment.accepts(PixPayment.minimum_amount)


def test_pix_refuses_a_smaller_purchase(gateway):
    order = Order("A-1002", PixPayment.minimum_amount - CENT)
    with pytest.raises(PaymentRefused, match=PixPayment.label):
        PixPayment(gateway).charge(order)
    assert gateway.receipts == []


def test_pix_tells_the_customer_what_to_scan(gateway):
    text = PixPayment(gateway).instructions(Order("A-1003", Decimal("350.00")))
    assert PixPayment.label in text
    assert "350.00" in text
