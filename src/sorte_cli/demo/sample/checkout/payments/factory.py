"""Every payment method by its code."""

from checkout.gateway import PaymentGateway
from checkout.payments.base import PaymentMethod
from checkout.payments.boleto import BoletoPayment
from checkout.payments.credit_card import CreditCardPayment
from checkout.payments.pix import PixPayment

PAYMENT_METHODS: dict[str, type[PaymentMethod]] = {
    "pix": PixPayment,
    "credit_card": CreditCardPayment,
    "boleto": BoletoPayment,
}


def create_payment(code: str, gateway: PaymentGateway) -> PaymentMethod:
    """The payment method called `code`; raises ValueError for one that we do not have."""
    if code not in PAYMENT_METHODS:
        known = ", ".join(PAYMENT_METHODS)
        raise ValueError(f"unknown payment method {code!r}; we have: {known}")
    return PAYMENT_METHODS[code](gateway)
