from decimal import Decimal

import pytest

from checkout.orders import Order
from checkout.payments.base import PaymentRefused
from checkout.payments.factory import PAYMENT_METHODS
from checkout.service import CheckoutService

CENT = Decimal("0.01")


@pytest.mark.parametrize("code", PAYMENT_METHODS)
def test_a_method_is_offered_from_its_minimum_on(code, gateway):
    service = CheckoutService(gateway)
    minimum = PAYMENT_METHODS[code].minimum_amount
    assert code in service.offered_methods(Order("S-1", minimum))
    assert code not in service.offered_methods(Order("S-2", minimum - CENT))


def test_a_large_purchase_may_use_every_method(gateway):
    order = Order("S-3", Decimal("10000.00"))
    assert CheckoutService(gateway).offered_methods(order) == list(PAYMENT_METHODS)


def test_paying_charges_the_gateway_once(gateway):
    receipt = CheckoutService(gateway).pay(Order("S-4", Decimal("129.90")), "pix")
    assert gateway.receipts == [receipt]
    assert receipt.amount == Decimal("129.90")


def test_paying_below_the_minimum_charges_nothing(gateway):
    with pytest.raises(PaymentRefused):
        CheckoutService(gateway).pay(Order("S-5", Decimal("0.50")), "pix")
    assert gateway.receipts == []
