"""Small real git repositories to index."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

_IDENTITY = {
    "GIT_AUTHOR_NAME": "Ana",
    "GIT_AUTHOR_EMAIL": "ana@example.org",
    "GIT_COMMITTER_NAME": "Ana",
    "GIT_COMMITTER_EMAIL": "ana@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


class Project:
    """A git repository in a temporary folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(self.root), *arguments],
            env=os.environ | _IDENTITY,
            capture_output=True,
            check=True,
        )
        return done.stdout.decode()

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, message: str, files: Mapping[str, str | bytes] | None = None) -> str:
        self.write(files or {})
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD").strip()


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's own folders."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SORTE_CACHE_DIR", str(tmp_path / "cache"))
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)


@pytest.fixture
def make_project(tmp_path: Path) -> Callable[..., Project]:
    """Make a repository from files; `commit=False` leaves it without a commit."""

    def make(
        files: Mapping[str, str | bytes], name: str = "project", commit: bool = True
    ) -> Project:
        project = Project(tmp_path / name)
        project.root.mkdir(parents=True)
        project.git("init", "-q", "-b", "main")
        project.write(files)
        if commit:
            project.commit("start")
        return project

    return make


SHOP = {
    "shop/__init__.py": "",
    "shop/methods/__init__.py": "",
    "shop/methods/base.py": '''"""What every payment method can do."""

from abc import ABC, abstractmethod
from decimal import Decimal


class PaymentMethod(ABC):
    """A way to pay."""

    label: str
    minimum_amount = Decimal("0.00")

    def accepts(self, amount: Decimal) -> bool:
        return amount >= self.minimum_amount

    @abstractmethod
    def charge(self, amount: Decimal) -> str:
        ...
''',
    "shop/methods/pix.py": '''"""Instant transfers."""

from decimal import Decimal

from shop.methods.base import PaymentMethod


class PixPayment(PaymentMethod):
    """Pay by Pix."""

    label = "Pix"
    minimum_amount = Decimal("1.00")
    timeout_s = 30

    def charge(self, amount: Decimal) -> str:
        return f"pix:{amount}"
''',
    "shop/methods/boleto.py": '''"""Bank slips."""

from decimal import Decimal

from shop.methods.base import PaymentMethod


class BoletoPayment(PaymentMethod):
    """Pay by bank slip."""

    label = "Boleto"
    minimum_amount = Decimal("10.00")
    days_to_pay = 3

    def charge(self, amount: Decimal) -> str:
        return f"boleto:{amount}"
''',
    "shop/methods/card.py": '''"""Cards."""

from decimal import Decimal

from shop.methods.base import PaymentMethod


class CardPayment(PaymentMethod):
    label = "Card"
    minimum_amount = Decimal("5.00")

    def charge(self, amount: Decimal) -> str:
        return f"card:{amount}"
''',
    "shop/factory.py": '''"""Which payment methods there are."""

from shop.methods.boleto import BoletoPayment
from shop.methods.card import CardPayment
from shop.methods.pix import PixPayment

METHODS = {
    "pix": PixPayment,
    "boleto": BoletoPayment,
    "card": CardPayment,
}


def create_payment_method(kind: str):
    return METHODS[kind]()
''',
    "shop/orders.py": '''"""Orders and their totals."""

from dataclasses import dataclass, field
from decimal import Decimal

MAX_ITEMS = 50
FREE_SHIPPING_LIMIT = Decimal("200.00")


@dataclass
class OrderItem:
    name: str
    price: Decimal
    quantity: int = 1


@dataclass
class Order:
    items: list[OrderItem] = field(default_factory=list)

    def total(self) -> Decimal:
        return sum((i.price * i.quantity for i in self.items), Decimal(0))


def apply_discount(order: Order, percent: Decimal) -> Decimal:
    return order.total() * (1 - percent / 100)
''',
    "shop/shipping.py": '''"""Shipping costs."""

from decimal import Decimal


def shipping_cost(weight_kg: float, distance_km: float = 10.0) -> Decimal:
    return Decimal(weight_kg * distance_km)
''',
    "shop/service.py": '''"""The checkout."""

from shop.factory import create_payment_method
from shop.orders import Order


class CheckoutService:
    def __init__(self, retries: int = 3) -> None:
        self.retries = retries

    def pay(self, order: Order, kind: str) -> str:
        return create_payment_method(kind).charge(order.total())
''',
    "tests/test_pix.py": """from decimal import Decimal

from shop.methods.pix import PixPayment


def test_charge():
    assert PixPayment().charge(Decimal(1)) == "pix:1"
""",
    "tests/test_boleto.py": """from decimal import Decimal

from shop.methods.boleto import BoletoPayment


def test_charge():
    assert BoletoPayment().charge(Decimal(1)) == "boleto:1"
""",
    "tests/test_orders.py": """from shop.orders import Order


def test_total():
    assert Order().total() == 0
""",
    "README.md": "# Shop\n\nA checkout with several payment methods: Pix, boleto, card.\n",
}


@pytest.fixture
def shop(make_project: Callable[..., Project]) -> Project:
    """A checkout: a payment interface, three methods, a registry, a service, tests."""
    return make_project(SHOP)
