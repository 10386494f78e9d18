"""`clone` of classes, functions, constants and methods."""

from textwrap import dedent

import pytest
from edit_support import after, applied, edited, refusal

SHOP = {
    "shop/__init__.py": "",
    "shop/base.py": dedent("""\
        class PaymentMethod:
            code: str

            def charge(self, amount): ...
        """),
    "shop/pix.py": dedent('''\
        """Pix: instant payments."""

        from __future__ import annotations

        import logging
        from dataclasses import dataclass
        from decimal import Decimal
        from typing import TYPE_CHECKING

        from . import http
        from .base import PaymentMethod

        if TYPE_CHECKING:
            from collections.abc import Iterable

        logger = logging.getLogger(__name__)
        PIX_URL = "https://api.pix.com/pix"
        LIMIT = Decimal("1")


        # Instant.
        @dataclass
        class PixPayment(PaymentMethod):
            """Pays with Pix, see `PixPayment`."""

            code = "pix"
            pix_key: str = ""

            def charge(self, amount: Decimal, items: Iterable[str] = ()) -> bool:
                # the pix call
                pix_id = f"pix-{self.pix_key}"
                logger.info("Pix charge %s", pix_id)
                if amount > LIMIT:
                    raise ValueError("Pix amount too big")
                return http.post(PIX_URL, id=pix_id) and self._send_pix(pix_id)

            def _send_pix(self, pix_id):
                return PixPayment(pix_key=pix_id)


        def other():
            return PixPayment()
        '''),
    "shop/http.py": "def post(url, **kw): ...\n",
}


def test_a_class_goes_to_a_new_file_with_what_it_needs_and_nothing_more():
    result = after(
        SHOP, "clone shop/pix.py::PixPayment PixParceladoPayment to shop/pix_parcelado.py"
    )
    assert set(result) == {"shop/pix_parcelado.py"}
    assert result["shop/pix_parcelado.py"] == dedent('''\
        """Pix Parcelado: instant payments."""

        from __future__ import annotations

        import logging
        from dataclasses import dataclass
        from decimal import Decimal
        from typing import TYPE_CHECKING

        from . import http
        from .base import PaymentMethod
        from .pix import LIMIT, PIX_URL

        if TYPE_CHECKING:
            from collections.abc import Iterable

        logger = logging.getLogger(__name__)


        # Instant.
        @dataclass
        class PixParceladoPayment(PaymentMethod):
            """Pays with Pix Parcelado, see `PixParceladoPayment`."""

            code = "pix_parcelado"
            pix_parcelado_key: str = ""

            def charge(self, amount: Decimal, items: Iterable[str] = ()) -> bool:
                # the pix parcelado call
                pix_parcelado_id = f"pix-parcelado-{self.pix_parcelado_key}"
                logger.info("Pix Parcelado charge %s", pix_parcelado_id)
                if amount > LIMIT:
                    raise ValueError("Pix Parcelado amount too big")
                return http.post(PIX_URL, id=pix_parcelado_id) and self._send_pix_parcelado(pix_parcelado_id)

            def _send_pix_parcelado(self, pix_parcelado_id):
                return PixParceladoPayment(pix_parcelado_key=pix_parcelado_id)
        ''')  # fmt: skip  # noqa: E501


def test_a_copy_in_another_folder_imports_from_where_it_stands():
    files = {**SHOP, "shop/more/__init__.py": ""}
    result = after(files, "clone shop/pix.py::PixPayment BoletoPayment to shop/more/boleto.py")
    assert "from .. import http\n" in result["shop/more/boleto.py"]
    assert "from ..base import PaymentMethod\n" in result["shop/more/boleto.py"]
    assert "from ..pix import LIMIT, PIX_URL\n" in result["shop/more/boleto.py"]


def test_without_a_path_the_copy_follows_its_pattern():
    text = """\
        class Pix:
            name = "Pix"


        x = 1
        """
    expected = """\
        class Pix:
            name = "Pix"


        class Boleto:
            name = "Boleto"


        x = 1
        """
    assert edited(text, "clone a.py::Pix Boleto") == dedent(expected)


@pytest.mark.parametrize(
    ("before", "script", "expected"),
    [
        (
            "PIX_LIMIT = 1\nx = 2\n",
            "clone a.py::PIX_LIMIT BOLETO_LIMIT",
            "PIX_LIMIT = 1\nBOLETO_LIMIT = 1\nx = 2\n",
        ),
        (
            "PIX_LIMIT = 1",
            "clone a.py::PIX_LIMIT BOLETO_LIMIT with value=5",
            "PIX_LIMIT = 1\nBOLETO_LIMIT = 5",
        ),
        (
            "def pay_pix(x, fee=1):\n    return pay_pix(x)",
            "clone a.py::pay_pix pay_boleto with fee=2",
            "def pay_pix(x, fee=1):\n    return pay_pix(x)\n\n\n"
            "def pay_boleto(x, fee=2):\n    return pay_boleto(x)",
        ),
        (
            "class A:\n    PIX = 'pix'\n    X = 1\n",
            "clone a.py::A.PIX BOLETO",
            "class A:\n    PIX = 'pix'\n    BOLETO = 'boleto'\n    X = 1\n",
        ),
        (
            "class A:\n    def pix(self): ...\n\n    def x(self): ...\n",
            "clone a.py::A.pix boleto",
            "class A:\n    def pix(self): ...\n\n    def boleto(self): ...\n\n"
            "    def x(self): ...\n",
        ),
        (
            "__all__ = ['Pix', 'x']\nclass Pix: ...\n",
            "clone a.py::Pix Boleto",
            "__all__ = ['Boleto', 'Pix', 'x']\nclass Pix: ...\n\n\nclass Boleto: ...\n",
        ),
        (
            "class A:\n    @property\n    def pix(self): return 1\n    @pix.setter\n"
            "    def pix(self, v): ...\n",
            "clone a.py::A.pix boleto",
            "class A:\n    @property\n    def pix(self): return 1\n    @pix.setter\n"
            "    def pix(self, v): ...\n\n    @property\n    def boleto(self): return 1\n"
            "    @boleto.setter\n    def boleto(self, v): ...\n",
        ),
    ],
)
def test_every_kind_of_symbol_can_be_a_pattern(before, script, expected):
    assert edited(before, script) == expected


@pytest.mark.parametrize(
    ("body", "values", "expected"),
    [
        ("    fee = 1\n", "fee=2", "    fee = 2\n"),
        ("    fee: int\n", "fee=2", "    fee: int = 2\n"),
        ("    fee: int = 1  # why\n", "fee=2", "    fee: int = 2  # why\n"),
        ("    pix_fee = 1\n", "pix_fee=2", "    boleto_fee = 2\n"),
        ("    pix_fee = 1\n", "boleto_fee=2", "    boleto_fee = 2\n"),
        ("    fee = 1\n", "more='x'", "    fee = 1\n    more = 'x'\n"),
        ("    pass\n", "more='x'", "    more = 'x'\n"),
        ('    """Doc."""\n', "more='x'", '    """Doc."""\n\n    more = \'x\'\n'),
        ("    def f(self): ...\n", "more=1", "    more = 1\n\n    def f(self): ...\n"),
        (
            "    def __init__(self, fee=1):\n        self.fee = fee\n",
            "fee=2",
            "    def __init__(self, fee=2):\n        self.fee = fee\n",
        ),
        (
            "    def __init__(self):\n        self.fee = 1\n",
            "fee=2",
            "    def __init__(self):\n        self.fee = 2\n",
        ),
        (
            "    @property\n    def fee(self):\n        return 1\n",
            "fee=2",
            "    @property\n    def fee(self):\n        return 2\n",
        ),
        ("    fee, x = 1, 2\n    y = 1\n", "y=3", "    fee, x = 1, 2\n    y = 3\n"),
    ],
)
def test_values_that_differ_are_put_into_the_copy(body, values, expected):
    result = edited(f"class Pix:\n{body}", f"clone a.py::Pix Boleto with {values}")
    assert result == f"class Pix:\n{body}\n\nclass Boleto:\n{expected}"


def test_members_that_a_base_asks_for_keep_their_names():
    text = """\
        class Base:
            def pay_pix(self, pix_key): ...


        class Pix(Base):
            def pay_pix(self, pix_key):
                return self.own_pix(pix_key)

            def own_pix(self, pix_key):
                return pix_key
        """
    result = edited(text, "clone a.py::Pix Boleto").split("class Boleto")[1]
    assert result == dedent("""\
        (Base):
            def pay_pix(self, pix_key):
                return self.own_boleto(pix_key)

            def own_boleto(self, boleto_key):
                return boleto_key
        """)


def test_names_from_elsewhere_stay_unless_the_project_has_their_counterpart():
    files = {
        "gateways.py": "def pix_gateway(): ...\ndef boleto_gateway(): ...\ndef pix_log(): ...\n",
        "pay.py": "from gateways import pix_gateway, pix_log\n\n\n"
        "def pay_pix():\n    pix_log()\n    return pix_gateway()\n",
    }
    result = after(files, "clone pay.py::pay_pix pay_boleto")["pay.py"]
    assert result == (
        "from gateways import boleto_gateway, pix_gateway, pix_log\n\n\n"
        "def pay_pix():\n    pix_log()\n    return pix_gateway()\n\n\n"
        "def pay_boleto():\n    pix_log()\n    return boleto_gateway()\n"
    )


def test_a_copy_is_added_to_a_file_that_exists():
    files = {
        **SHOP,
        "shop/slow.py": "from .base import PaymentMethod\n\n\nclass Slow(PaymentMethod): ...\n",
    }
    result = after(files, "clone shop/pix.py::PixPayment BoletoPayment to shop/slow.py")
    text = result["shop/slow.py"]
    assert text.startswith("import logging\nfrom collections.abc import Iterable\n")
    assert text.count("from .base import PaymentMethod\n") == 1
    tail = text.split("class Slow(PaymentMethod): ...\n")[1]
    assert tail.startswith(
        "\n\nlogger = logging.getLogger(__name__)\n\n\n"
        "# Instant.\n@dataclass\nclass BoletoPayment(PaymentMethod):\n"
    )


def test_two_copies_in_one_script_share_a_new_file():
    files = {"a.py": "import os\n\n\nclass PixOne:\n    x = os\n\n\nclass PixTwo:\n    x = os\n"}
    script = "clone a.py::PixOne BoletoOne to b.py\nclone a.py::PixTwo BoletoTwo to b.py\n"
    assert after(files, script)["b.py"] == (
        "import os\n\n\nclass BoletoOne:\n    x = os\n\n\nclass BoletoTwo:\n    x = os\n"
    )


def test_a_file_named_otherwise_than_its_only_class_gives_its_word_too():
    files = {"pix.py": 'class InstantMethod:\n    code = "pix"\n    kind = "instant"\n'}
    result = after(files, "clone pix.py::InstantMethod PixParceladoMethod to pix_parcelado.py")
    assert result["pix_parcelado.py"] == (
        'class PixParceladoMethod:\n    code = "pix_parcelado"\n    kind = "pix_parcelado"\n'
    )


def test_exports_and_licence_are_carried_over():
    files = {"a.py": "# Copyright us\n\n__all__ = ['Pix']\n\n\nclass Pix: ...\n"}
    assert after(files, "clone a.py::Pix Boleto to b.py")["b.py"] == (
        '# Copyright us\n\n__all__ = ["Boleto"]\n\n\nclass Boleto: ...\n'
    )


def test_line_endings_of_the_pattern_are_kept_in_a_new_file():
    files = {"a.py": b"import os\r\n\r\n\r\nclass Pix:\r\n    x = os\r\n"}
    answer = applied(files, "clone a.py::Pix Boleto to b.py")
    assert (
        answer.changes.changes[0].after == b"import os\r\n\r\n\r\nclass Boleto:\r\n    x = os\r\n"
    )


@pytest.mark.parametrize(
    ("files", "script", "words"),
    [
        ("class Pix: ...\nclass Boleto: ...\n", "clone a.py::Pix Boleto", "already taken: a.py:2"),
        ("class Pix: ...\n", "clone a.py::Pix 2x", "2x"),
        ("class Pix: ...\n", "clone a.py::Pix class", "keyword"),
        ("class Pix: ...\n", "clone a.py::Pixx Boleto", "Did you mean Pix"),
        ("class Pix:\n    x = 1\n", "clone a.py::Pix.x y to b.py", "stands inside another symbol"),
        ("a, b = 1, 2\n", "clone a.py::a c", "shares its statement"),
        ("class Pix: ...\n", "clone a.py::Pix Boleto to b.txt", "not a Python file"),
        ("def f(a): ...\n", "clone a.py::f g with b=1", "nothing called 'b'"),
        ("class A:\n    def f(self):\n        self.x = 1\n", "clone a.py::A.x y", "no statement"),
    ],
)
def test_what_cannot_be_copied_is_refused(files, script, words):
    assert words in str(refusal(files, script))
