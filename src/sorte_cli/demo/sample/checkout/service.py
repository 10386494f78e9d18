"""The checkout: offers payment methods for an order and takes the payment."""

from checkout.gateway import PaymentGateway, Receipt
from checkout.orders import Order
from checkout.payments.factory import PAYMENT_METHODS, create_payment


class CheckoutService:
    """What the shop's pages call."""

    def __init__(self, gateway: PaymentGateway) -> None:
        self.gateway = gateway

    def offered_methods(self, order: Order) -> list[str]:
        """Codes of the methods that the order may be paid with, in the order of the registry."""
        return [code for code, method in PAYMENT_METHODS.items() if method.accepts(order.total)]

    def pay(self, order: Order, code: str) -> Receipt:
        """Charge the order with the method `code`.

        Raises ValueError for an unknown method and PaymentRefused for a purchase below its minimum.
        """
        return create_payment(code, self.gateway).charge(order)
