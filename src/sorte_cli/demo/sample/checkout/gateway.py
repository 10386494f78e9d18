"""How the shop talks to the bank."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol


class GatewayError(Exception):
    """The bank could not be reached or refused the charge."""


@dataclass(frozen=True)
class Receipt:
    """The bank's answer to a charge."""

    transaction_id: str
    method: str
    amount: Decimal


class PaymentGateway(Protocol):
    """The bank's service. Production has an HTTP client; the tests have one in memory."""

    def charge(self, method: str, reference: str, amount: Decimal) -> Receipt:
        """Charge `amount` for the order `reference`; raises GatewayError when that fails."""
        ...
