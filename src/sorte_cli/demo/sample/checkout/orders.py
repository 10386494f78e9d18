"""What the customer buys."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Order:
    """A purchase that waits for its payment."""

    number: str
    total: Decimal
