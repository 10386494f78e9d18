"""Credit card at the checkout, at once or in monthly instalments."""

from decimal import Decimal

from checkout.orders import Order
from checkout.payments.base import PaymentMethod


class CreditCardPayment(PaymentMethod):
    """Pay with a credit card, in up to `max_instalments` without interest."""

    code = "credit_card"
    label = "Credit card"
    minimum_amount = Decimal("5.00")
    max_instalments = 6
    minimum_instalment = Decimal("30.00")

    def instalments(self, order: Order) -> int:
        """The largest number of instalments for the order, at least one."""
        return max(1, min(self.max_instalments, int(order.total / self.minimum_instalment)))

    def instructions(self, order: Order) -> str:
        count = self.instalments(order)
        return f"Enter your card to pay R$ {order.total} in up to {count} instalments."
