"""What every payment method has in common."""

from abc import ABC, abstractmethod
from decimal import Decimal
from typing import ClassVar

from checkout.gateway import PaymentGateway, Receipt
from checkout.orders import Order


class PaymentRefused(Exception):
    """This order cannot be paid with this method."""


class PaymentMethod(ABC):
    """A way to pay. Methods differ in their fields and in what the customer is told."""

    code: ClassVar[str]
    label: ClassVar[str]
    minimum_amount: ClassVar[Decimal]

    def __init__(self, gateway: PaymentGateway) -> None:
        self.gateway = gateway

    @classmethod
    def accepts(cls, amount: Decimal) -> bool:
        """Whether a purchase of this size may be paid with the method."""
        return amount >= cls.minimum_amount

    def charge(self, order: Order) -> Receipt:
        """Charge the order; raises PaymentRefused when the purchase is too small."""
        if not self.accepts(order.total):
            raise PaymentRefused(f"{self.label} needs a purchase of R$ {self.minimum_amount}")
        return self.gateway.charge(self.code, order.number, order.total)

    @abstractmethod
    def instructions(self, order: Order) -> str:
        """What the customer has to do now."""
