"""What a Laravel project asks for: each change is one short operation."""

from __future__ import annotations

import pytest
from edit_support import after, changed, refusal

FACTORY = r"""<?php

namespace App\Payments;

use App\Models\Order;
use App\Services\Gateway;

/**
 * Makes payments.
 */
final class PaymentFactory
{
    public const DEFAULT = 'pix';

    protected static array $methods = [
        'pix' => PixPayment::class,
        'boleto' => BoletoPayment::class, // old
    ];

    public function __construct(private Gateway $gateway)
    {
    }

    public function make(string $type): Payment
    {
        return match ($type) {
            'pix' => new PixPayment($this->gateway),
            default => throw new \Exception("unknown"),
        };
    }
}
"""
F = "app/Payments/PaymentFactory.php"


def test_a_payment_method_enters_the_factory_array_in_the_quotes_of_its_neighbours() -> None:
    script = f'add_entry {F}::PaymentFactory.methods "pix_parcelado" PixParceladoPayment::class\n'
    assert changed(F, FACTORY, script) == FACTORY.replace(
        "// old\n", "// old\n        'pix_parcelado' => PixParceladoPayment::class,\n"
    )


def test_an_entry_may_be_written_with_its_arrow() -> None:
    script = f"add_entry {F}::PaymentFactory.methods 'x' => new X(1, 2),\n"
    assert "        'x' => new X(1, 2),\n    ];" in changed(F, FACTORY, script)


def test_a_match_arm_goes_before_the_default() -> None:
    script = f"add_entry {F}::PaymentFactory.make 'card' new CardPayment($this->gateway)\n"
    assert changed(F, FACTORY, script) == FACTORY.replace(
        "            default =>",
        "            'card' => new CardPayment($this->gateway),\n            default =>",
    )


def test_a_service_method_goes_to_the_end_of_its_class() -> None:
    script = f"""\
add_symbol {F}::PaymentFactory
<<<
/** All names. */
public function names(): array
{{
  return array_keys(self::$methods);
}}
>>>
"""
    assert changed(F, FACTORY, script) == FACTORY.removesuffix("}\n") + (
        "\n    /** All names. */\n    public function names(): array\n    {\n"
        "        return array_keys(self::$methods);\n    }\n}\n"
    )


def test_a_payment_class_is_a_copy_of_its_sibling() -> None:
    pix = r"""<?php

namespace App\Payments;

use App\Services\PixGateway;

/** Pays with Pix. */
class PixPayment implements Payment
{
    public const MINIMUM = 0;

    private string $pixKey = 'pix';

    public function label(): string
    {
        return "Pix {$this->pixKey}";
    }
}
"""
    result = after(
        {"app/Payments/PixPayment.php": pix},
        "clone app/Payments/PixPayment.php::PixPayment PixParceladoPayment"
        " to app/Payments/PixParceladoPayment.php with MINIMUM=300\n",
    )
    assert result == {
        "app/Payments/PixParceladoPayment.php": pix.replace("PixPayment", "PixParceladoPayment")
        .replace("pixKey", "pixParceladoKey")
        .replace("'pix'", "'pix_parcelado'")
        .replace("with Pix.", "with Pix Parcelado.")
        .replace('"Pix ', '"Pix Parcelado ')
        .replace("MINIMUM = 0", "MINIMUM = 300")
    }


def test_a_feature_test_is_a_copy_of_its_sibling() -> None:
    test = """<?php

namespace Tests\\Feature;

use Tests\\TestCase;

class PixPaymentTest extends TestCase
{
    public function test_pix_is_offered(): void
    {
        $this->get('/payments/pix')->assertOk();
    }
}
"""
    result = after(
        {"tests/Feature/PixPaymentTest.php": test},
        "clone tests/Feature/PixPaymentTest.php tests/Feature/BoletoPaymentTest.php\n",
    )
    assert result == {
        "tests/Feature/BoletoPaymentTest.php": test.replace("Pix", "Boleto").replace(
            "test_pix", "test_boleto"
        )
    }


def test_a_constant_a_method_and_an_import_change() -> None:
    script = f"""\
set_value {F}::PaymentFactory.DEFAULT 'boleto'
add_import {F} use App\\Payments\\Contracts\\Method;
replace_symbol {F}::PaymentFactory.make
<<<
public function make(string $type): Payment
{{
    return new $type();
}}
>>>
"""
    result = changed(F, FACTORY, script)
    assert "use App\\Models\\Order;\nuse App\\Payments\\Contracts\\Method;\nuse App\\Serv" in result
    assert "const DEFAULT = 'boleto';" in result
    assert "    {\n        return new $type();\n    }\n}\n" in result
    assert "/**\n * Makes payments.\n */\nfinal class" in result


def test_constants_and_properties_stand_with_their_kind_and_constructors_first() -> None:
    script = f"""\
add_symbol {F}::PaymentFactory
<<<
public const LIMIT = 300;
>>>
add_symbol {F}
<<<
use App\\Models\\User;

interface Payment
{{
}}
>>>
"""
    result = changed(F, FACTORY, script)
    assert "    public const DEFAULT = 'pix';\n\n    public const LIMIT = 300;\n\n" in result
    assert "use App\\Models\\User;\nuse App\\Services\\Gateway;\n" in result
    assert result.endswith("}\n\ninterface Payment\n{\n}\n")


def test_an_enum_case_is_added_in_the_style_of_the_file() -> None:
    enum = "<?php\n\nenum Status: string\n{\n    case Open = 'open';\n    case Paid = 'paid';\n}\n"
    assert changed("S.php", enum, "add_entry S.php::Status Late 'late'\n") == enum.replace(
        "'paid';\n", "'paid';\n    case Late = 'late';\n"
    )


def test_a_model_factory_s_definition_takes_an_entry() -> None:
    text = (
        "<?php\nclass F extends Factory\n{\n    public function definition(): array\n    {\n"
        "        return [\n            'name' => fake()->name(),\n        ];\n    }\n}\n"
    )
    assert changed("F.php", text, "add_entry F.php::F.definition 'limit' 3\n") == text.replace(
        "name(),\n", "name(),\n            'limit' => 3,\n"
    )


def test_entries_are_removed_with_their_line_and_remark() -> None:
    script = f"remove_entry {F}::PaymentFactory.methods boleto\n"
    assert changed(F, FACTORY, script) == FACTORY.replace(
        "        'boleto' => BoletoPayment::class, // old\n", ""
    )


def test_what_is_deleted_takes_its_comment_and_blank_line_along() -> None:
    script = f"delete {F}::PaymentFactory.DEFAULT\n"
    assert changed(F, FACTORY, script) == FACTORY.replace(
        "    public const DEFAULT = 'pix';\n\n", ""
    )


def test_lines_of_a_method_are_addressed_from_its_first_line() -> None:
    script = f"insert_before {F}::PaymentFactory.make#L3\n<<<\n$type = trim($type);\n>>>\n"
    assert "    {\n        $type = trim($type);\n        return match" in changed(
        F, FACTORY, script
    )


@pytest.mark.parametrize(
    ("script", "message", "hint"),
    [
        (
            "replace_symbol {F}::PaymentFactory.make\n<<<\npublic function mk() {{}}\n>>>\n",
            "not 'make'",
            "Keep the name",
        ),
        (
            "replace_symbol {F}::PaymentFactory.make\n<<<\npublic function make( {{\n>>>\n",
            "does not parse as php",
            "brackets closed",
        ),
        ("delete {F}::PaymentFactory.maek\n", "no symbol 'PaymentFactory.maek'", "make"),
        ("add_entry {F}::PaymentFactory.methods Pix::class\n", "a key and a value", "'boleto'"),
        ("add_entry {F}::PaymentFactory.methods 'pix' X::class\n", "already has", "line 16"),
        ("add_parameter {F}::PaymentFactory.make 'x = 1'\n", "does not work on", "replace_symbol"),
        ("add_import {F} use App\\Other\\Order;\n", "already imports another Order", "as OTHER"),
        ("replace_statement {F}::PaymentFactory.make#3\n<<<\n1;\n>>>\n", "no numbers", "#L4-9"),
        ("replace_statement {F}#L400\n<<<\n1;\n>>>\n", "no line 400", "31 lines"),
        ("add_symbol {F}::PaymentFactory\n<<<\nint x\n>>>\n", "does not parse", ""),
        ("add_symbol {F}\n<<<\necho 1;\n>>>\n", "defines no function", "insert_after"),
    ],
)
def test_what_cannot_be_done_says_why_and_what_to_do(script: str, message: str, hint: str) -> None:
    error = refusal({F: FACTORY}, script.format(F=F))
    assert message in error.message
    assert hint in error.message + error.hint


def test_a_class_from_another_namespace_is_imported_where_only_one_can_be_meant() -> None:
    files: dict[str, bytes | str] = {
        F: FACTORY,
        "app/Methods/PixPayment.php": "<?php\n\nnamespace App\\Methods;\n\n"
        "class PixPayment\n{\n}\n",
        "app/One/Twin.php": "<?php\n\nnamespace App\\One;\n\nclass Twin {}\n",
        "app/Two/Twin.php": "<?php\n\nnamespace App\\Two;\n\nclass Twin {}\n",
    }
    result = after(
        files,
        "clone app/Methods/PixPayment.php app/Methods/CardPayment.php\n"
        f"add_entry {F}::PaymentFactory.methods 'card' CardPayment::class\n"
        f"add_entry {F}::PaymentFactory.methods 'twin' Twin::class\n",
    )
    changed_file = result[F]
    assert changed_file is not None
    assert "use App\\Methods\\CardPayment;\nuse App\\Models\\Order;\n" in changed_file
    assert "Twin;" not in changed_file
    assert "        'card' => CardPayment::class,\n        'twin' => Twin::class,\n" in changed_file
