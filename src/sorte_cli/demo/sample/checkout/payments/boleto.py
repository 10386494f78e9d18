"""Boleto at the checkout: a bank slip that is paid at any bank or lottery shop."""

from decimal import Decimal

from checkout.orders import Order
from checkout.payments.base import PaymentMethod


class BoletoPayment(PaymentMethod):
    """Pay a printed or digital slip before it falls due."""

    code = "boleto"
    label = "Boleto"
    minimum_amount = Decimal("20.00")
    due_days = 3

    def instructions(self, order: Order) -> str:
        return f"Pay the slip of R$ {order.total} within {self.due_days} business days."
