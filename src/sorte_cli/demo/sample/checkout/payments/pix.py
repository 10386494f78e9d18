"""Pix at the checkout."""

from decimal import Decimal

from checkout.orders import Order
from checkout.payments.base import PaymentMethod


class PixPayment(PaymentMethod):
    """Pay with Pix: scan a code in the app of the bank."""

    code = "pix"
    label = "Pix"
    minimum_amount = Decimal("1.00")

    def instructions(self, order: Order) -> str:
        return f"Scan the {self.label} code to pay R$ {order.total} for order {order.number}."
