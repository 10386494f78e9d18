import pytest

from checkout.payments.base import PaymentMethod
from checkout.payments.factory import PAYMENT_METHODS, create_payment


@pytest.mark.parametrize("code", PAYMENT_METHODS)
def test_each_method_is_registered_under_its_own_code(code, gateway):
    payment = create_payment(code, gateway)
    assert isinstance(payment, PaymentMethod)
    assert payment.code == code


def test_labels_are_different():
    labels = [method.label for method in PAYMENT_METHODS.values()]
    assert len(set(labels)) == len(labels)


def test_unknown_method_names_the_ones_we_have(gateway):
    with pytest.raises(ValueError, match="unknown payment method 'cheque'.*pix"):
        create_payment("cheque", gateway)
