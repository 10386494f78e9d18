from decimal import Decimal

import pytest

from checkout.gateway import Receipt


class InMemoryGateway:
    """A bank that accepts every charge and remembers it."""

    def __init__(self) -> None:
        self.receipts: list[Receipt] = []

    def charge(self, method: str, reference: str, amount: Decimal) -> Receipt:
        receipt = Receipt(f"{reference}/{len(self.receipts) + 1}", method, amount)
        self.receipts.append(receipt)
        return receipt


@pytest.fixture
def gateway() -> InMemoryGateway:
    return InMemoryGateway()
