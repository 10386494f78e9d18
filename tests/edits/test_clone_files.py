"""`clone` of whole files: what the project has a counterpart for is exchanged."""

from textwrap import dedent

import pytest
from edit_support import after, applied, refusal

SHOP = {
    "shop/__init__.py": "",
    "shop/pix.py": dedent("""\
        FEE = 1


        class PixPayment:
            code = "pix"

            def __init__(self, pix_key): self.pix_key = pix_key

            def charge(self, amount): ...
        """),
    "tests/test_pix.py": dedent('''\
        """Tests of Pix."""

        import pytest
        from unittest.mock import patch

        from shop.pix import FEE, PixPayment


        @pytest.fixture
        def pix():
            return PixPayment(pix_key="abc")


        @pytest.mark.parametrize("pix_amount, ok", [(1, True)])
        def test_pix_charge(pix, pix_amount, ok):
            with patch("shop.pix.PixPayment.charge") as charge:
                assert pix.charge(pix_amount) is ok  # a pix
            assert pix.pix_key == "abc"
            assert pix.code == "pix"
            assert FEE
        '''),
}
PARCELADO = {
    "shop/pix_parcelado.py": dedent("""\
        class PixParceladoPayment:
            code = "parcelado"

            def __init__(self, pix_parcelado_key): self.pix_parcelado_key = pix_parcelado_key

            def charge(self, amount): ...
        """),
}
CLONE = "clone tests/test_pix.py tests/test_pix_parcelado.py"


def test_a_test_file_tests_the_counterpart():
    result = after({**SHOP, **PARCELADO}, CLONE)
    assert result["tests/test_pix_parcelado.py"] == dedent('''\
            """Tests of Pix Parcelado."""

            import pytest
            from unittest.mock import patch

            from shop.pix import FEE
            from shop.pix_parcelado import PixParceladoPayment


            @pytest.fixture
            def pix_parcelado():
                return PixParceladoPayment(pix_parcelado_key="abc")


            @pytest.mark.parametrize("pix_parcelado_amount, ok", [(1, True)])
            def test_pix_parcelado_charge(pix_parcelado, pix_parcelado_amount, ok):
                with patch("shop.pix_parcelado.PixParceladoPayment.charge") as charge:
                    assert pix_parcelado.charge(pix_parcelado_amount) is ok  # a pix parcelado
                assert pix_parcelado.pix_parcelado_key == "abc"
                assert pix_parcelado.code == "parcelado"
                assert FEE
            ''')


def test_without_a_counterpart_only_its_own_names_change():
    result = after(SHOP, CLONE)["tests/test_pix_parcelado.py"]
    assert "from shop.pix import FEE, PixPayment\n" in result
    assert 'return PixPayment(pix_key="abc")' in result
    assert "def test_pix_parcelado_charge(pix_parcelado, pix_parcelado_amount, ok)" in result
    assert 'patch("shop.pix.PixPayment.charge")' in result
    assert "pix_parcelado.pix_key ==" in result


def test_a_class_of_another_word_is_found_in_the_counterpart_module():
    files = {
        "shop/pix.py": "class InstantMethod: ...\n",
        "shop/pix_parcelado.py": "class PixParceladoMethod: ...\n",
        "tests/test_pix.py": "from shop.pix import InstantMethod\n\n\n"
        "def test_instant():\n    instant = InstantMethod()\n",
    }
    assert after(files, CLONE)["tests/test_pix_parcelado.py"] == (
        "from shop.pix_parcelado import PixParceladoMethod\n\n\n"
        "def test_pix_parcelado():\n    pix_parcelado = PixParceladoMethod()\n"
    )


@pytest.mark.parametrize(
    ("test", "copy"),
    [
        ("from shop import pix\npix.PixPayment\n",
         "from shop import pix_parcelado\npix_parcelado.PixParceladoPayment\n"),
        ("import shop.pix as p\np.PixPayment\n",
         "import shop.pix_parcelado as p\np.PixParceladoPayment\n"),
        ("from shop import pix\npix.PixPayment, pix.FEE\n",
         "from shop import pix\npix.PixPayment, pix.FEE\n"),
        ("from shop.pix import PixPayment as Pix\nPix()\n",
         "from shop.pix_parcelado import PixParceladoPayment as PixParcelado\nPixParcelado()\n"),
        ("def f():\n    from shop.pix import PixPayment\n    return PixPayment\n",
         "def f():\n    from shop.pix_parcelado import PixParceladoPayment\n"
         "    return PixParceladoPayment\n"),
    ],
)  # fmt: skip
def test_every_form_of_import_is_exchanged(test, copy):
    files = {**SHOP, **PARCELADO, "tests/test_pix.py": test}
    assert after(files, CLONE)["tests/test_pix_parcelado.py"] == copy


def test_relative_imports_are_those_of_the_new_place():
    files = {
        "p/__init__.py": "",
        "p/pix.py": "from .base import X\nfrom . import base\n\n\nclass Pix(X): ...\n",
        "p/base.py": "class X: ...\n",
        "p/sub/__init__.py": "",
    }
    assert after(files, "clone p/pix.py p/sub/boleto.py")["p/sub/boleto.py"] == (
        "from ..base import X\nfrom .. import base\n\n\nclass Boleto(X): ...\n"
    )


def test_a_re_export_of_the_counterpart_is_imported_from_the_same_place():
    files = {
        "shop/__init__.py": "from .pix import Pix\nfrom .boleto import Boleto\n",
        "shop/pix.py": "class Pix: ...\n",
        "shop/boleto.py": "class Boleto: ...\n",
        "tests/test_pix.py": "from shop import Pix\nPix()\n",
    }
    result = after(files, "clone tests/test_pix.py tests/test_boleto.py")
    assert result["tests/test_boleto.py"] == "from shop import Boleto\nBoleto()\n"


def test_exports_of_a_copied_file_follow():
    files = {"pix.py": "__all__ = ['Pix', 'pix_fee']\nclass Pix: ...\npix_fee = 1\n"}
    assert after(files, "clone pix.py boleto.py")["boleto.py"] == (
        "__all__ = ['Boleto', 'boleto_fee']\nclass Boleto: ...\nboleto_fee = 1\n"
    )


def test_values_of_a_copied_file_can_be_given():
    files = {"pix.py": "FEE = 1\n\n\nclass Pix:\n    code = 'x'\n"}
    result = after(files, "clone pix.py boleto.py with FEE=2, code='b'")
    assert result["boleto.py"] == "FEE = 2\n\n\nclass Boleto:\n    code = 'b'\n"


def test_a_fixture_from_conftest_keeps_its_name():
    files = {
        "tests/conftest.py": "import pytest\n@pytest.fixture\ndef pix_api(): ...\n",
        "tests/test_pix.py": "def test_pix(pix_api):\n    assert pix_api\n",
    }
    assert after(files, CLONE)["tests/test_pix_parcelado.py"] == (
        "def test_pix_parcelado(pix_api):\n    assert pix_api\n"
    )


def test_other_text_files_are_copied_with_their_words():
    files = {"docs/pix.md": "# Pix\n\nPay with pix_key at https://pix.com/pix\n"}
    assert after(files, "clone docs/pix.md docs/boleto.md")["docs/boleto.md"] == (
        "# Boleto\n\nPay with boleto_key at https://pix.com/pix\n"
    )


def test_bytes_of_the_pattern_are_kept():
    files = {"pix.py": b"\xef\xbb\xbfclass Pix:\r\n\tx = 1\r\n# end"}
    answer = applied(files, "clone pix.py boleto.py")
    assert answer.changes.changes[0].after == b"\xef\xbb\xbfclass Boleto:\r\n\tx = 1\r\n# end"


def test_an_existing_path_is_refused():
    files = {"a.py": "x = 1\n", "b.py": ""}
    assert "exists already" in str(refusal(files, "clone a.py b.py"))
