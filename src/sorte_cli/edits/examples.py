"""One or more examples of every operation: files before and a script. What comes after is never
written down: it is what the appliers make of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import dedent

from sorte_cli.texts import N_


@dataclass(frozen=True)
class Example:
    """`note` says what to look at; `files` are those before."""

    verb: str
    note: str
    files: Mapping[str, str]
    script: str


def _example(verb: str, note: str, files: dict[str, str], script: str) -> Example:
    return Example(
        verb, note, {p: dedent(t).lstrip("\n") for p, t in files.items()}, dedent(script).lstrip()
    )


_ORDERS = '''
    """Orders."""


    def calc_total(items):
        """Add up the prices."""
        result = 0
        for item in items:
            result += item.price
        return result
'''
_TWO = """
    def load(path):
        data = path.read_text()
        return data


    def save(path, data):
        path.write_text(data)
"""
_PIX = """
    class PixCharge:
        label = "Pix"
        minimum = 0

        def charge(self, amount):
            return amount
"""
_FACTORY_PHP = """
    <?php

    namespace App\\Payments;

    class PaymentFactory
    {
        protected static array $methods = [
            'pix' => PixCharge::class,
        ];

        public function make(string $type): Payment
        {
            return match ($type) {
                'pix' => new PixCharge(),
                default => throw new UnknownPayment($type),
            };
        }
    }
"""
_CART_VUE = """
    <script>
    import { mapState } from 'vuex'

    export default {
      name: 'Cart',
      methods: {
        clear() {
          this.items = []
        },
      },
    }
    </script>
"""

EXAMPLES: tuple[Example, ...] = (
    _example(
        "rename",
        N_(
            "Definitions, uses, imports and `__all__` follow, by scope; what cannot be decided is "
            "listed, not changed."
        ),
        {
            "shop/orders.py": _ORDERS,
            "shop/report.py": """
            from shop.orders import calc_total


            def report(items):
                calc_total_label = "total"
                return calc_total_label, calc_total(items)
            """,
        },
        "rename shop/orders.py::calc_total compute_total",
    ),
    _example(
        "rename",
        N_("A parameter: keyword arguments of its callers follow."),
        {
            "http.py": """
            def fetch(url, wait=3):
                return url, wait


            fetch("x", wait=5)
            """
        },
        "rename http.py::fetch(wait) timeout",
    ),
    _example(
        "rename",
        N_("Other languages are renamed by syntax alone: what is sure changes."),
        {
            "src/calc.ts": """
            export function total(items: number[]): number {
              return items.length
            }
            """,
            "src/cart.ts": """
            import { total } from './calc'

            console.log(total([1]), order.total)
            """,
        },
        "rename src/calc.ts::total sum",
    ),
    _example(
        "clone",
        N_("A class as the pattern of a new one: what carries its name follows, fields are set."),
        {"shop/pix.py": _PIX},
        "clone shop/pix.py::PixCharge PixParceladoCharge to shop/pix_parcelado.py with minimum=300",
    ),
    _example(
        "clone",
        N_("A whole file."),
        {
            "tests/Feature/PixChargeTest.php": """
            <?php

            namespace Tests\\Feature;

            use App\\Payments\\PixCharge;

            class PixChargeTest extends TestCase
            {
                public function test_pix_is_offered(): void
                {
                    $this->assertTrue(PixCharge::isOffered(300));
                }
            }
            """,
            "app/Payments/BoletoCharge.php": """
            <?php

            namespace App\\Payments;

            class BoletoCharge {}
            """,
        },
        "clone tests/Feature/PixChargeTest.php tests/Feature/BoletoChargeTest.php",
    ),
    _example(
        "move",
        "",
        {
            "shop/a.py": """
            def total(items):
                return sum(items)


            def other():
                return total([1])
            """,
            "shop/b.py": '"""Prices."""\n',
        },
        "move shop/a.py::total to shop/b.py",
    ),
    _example(
        "delete",
        N_("Refused while something refers to it."),
        {
            "shop/a.py": """
            LIMIT = 3


            # no longer needed
            def old():
                return LIMIT


            def new():
                return 2
            """
        },
        "delete shop/a.py::old",
    ),
    _example(
        "add_parameter",
        N_("With a default, callers stay as they are."),
        {
            "http.py": """
            def fetch(url, *, retries=3):
                return url
            """
        },
        'add_parameter http.py::fetch "timeout: float = 30.0"',
    ),
    _example(
        "change_parameter",
        N_("Type and default of a parameter."),
        {
            "http.py": """
            def fetch(url, timeout=3):
                return url
            """
        },
        'change_parameter http.py::fetch(timeout) "timeout: float = 30.0"',
    ),
    _example(
        "rename_parameter",
        N_("Keyword arguments follow; `rename http.py::fetch(timeout) seconds` is the same."),
        {
            "http.py": """
            def fetch(url, timeout=3):
                return url, timeout
            """,
            "app.py": """
            from http import fetch

            fetch("a", timeout=5)
            """,
        },
        "rename_parameter http.py::fetch(timeout) seconds",
    ),
    _example(
        "remove_parameter",
        N_("Callers follow."),
        {
            "http.py": """
            def fetch(url, debug=False):
                return url


            fetch("x", debug=True)
            """
        },
        "remove_parameter http.py::fetch(debug)",
    ),
    _example(
        "set_return_type",
        "",
        {"shop/orders.py": _ORDERS},
        "set_return_type shop/orders.py::calc_total float",
    ),
    _example(
        "add_decorator",
        N_("Above those that are there."),
        {
            "a.py": """
            class Cart:
                def size(self):
                    return 1
            """
        },
        "add_decorator a.py::Cart.size property",
    ),
    _example(
        "remove_decorator",
        "",
        {
            "a.py": """
            @cache
            def size():
                return 1
            """
        },
        "remove_decorator a.py::size cache",
    ),
    _example(
        "set_docstring",
        "",
        {"shop/orders.py": _ORDERS},
        """
        set_docstring shop/orders.py::calc_total
        <<<
        The sum of the prices of `items`.
        >>>
        """,
    ),
    _example(
        "add_import",
        N_("Merged and sorted as the file does it."),
        {
            "a.py": """
            import os
            from decimal import Decimal

            print(os, Decimal)
            """
        },
        "add_import a.py from decimal import ROUND_HALF_UP",
    ),
    _example(
        "add_import",
        "",
        {"Cart.vue": _CART_VUE},
        "add_import Cart.vue import { mapActions } from 'vuex'",
    ),
    _example(
        "remove_import",
        N_("Uses that remain are listed."),
        {"a.py": "import os\nimport sys\n\nprint(sys)\n"},
        "remove_import a.py import os",
    ),
    _example(
        "insert_before",
        N_("Statements are numbered in pre-order; a docstring has no number."),
        {"shop/orders.py": _ORDERS},
        """
        insert_before shop/orders.py::calc_total#2
        <<<
        items = list(items)
        >>>
        """,
    ),
    _example(
        "insert_after",
        N_("In other languages, lines of the symbol are counted: `#L1` is its first."),
        {"Cart.vue": _CART_VUE},
        """
        insert_after Cart.vue::methods.clear#L2
        <<<
        this.saved = false
        >>>
        """,
    ),
    _example(
        "insert_after",
        N_("A block of one line may stand behind the address, and `::` is the file named before."),
        {"a.py": _TWO},
        """
        insert_after a.py::load#1 log.debug("loaded")
        insert_after ::save#1 log.debug("saved")
        """,
    ),
    _example(
        "replace_statement",
        "",
        {"shop/orders.py": _ORDERS},
        """
        replace_statement shop/orders.py::calc_total#1-4
        <<<
        return sum(item.price for item in items)
        >>>
        """,
    ),
    _example(
        "delete_statement",
        "",
        {
            "a.py": """
            def size(items):
                print(items)
                return len(items)
            """
        },
        "delete_statement a.py::size#1",
    ),
    _example(
        "wrap",
        N_("`...` marks the place of the wrapped statements."),
        {
            "a.py": """
            def load(path):
                data = path.read_text()
                return data
            """
        },
        """
        wrap a.py::load#1-2
        <<<
        with lock:
            ...
        >>>
        """,
    ),
    _example(
        "replace_expression",
        N_(
            "Compared by meaning: spaces, quotes and line breaks do not matter. The new one gets "
            "parentheses where it would come apart."
        ),
        {
            "a.py": """
            def total(price, count):
                return price * count
        """
        },
        """
        replace_expression a.py::total price with price - discount
        """,
    ),
    _example(
        "replace_symbol",
        N_("Comments above stay; decorators and attributes are part of the symbol."),
        {"app/PaymentFactory.php": _FACTORY_PHP},
        """
        replace_symbol app/PaymentFactory.php::PaymentFactory.make
        <<<
        public function make(string $type): Payment
        {
            return new self::$methods[$type]();
        }
        >>>
        """,
    ),
    _example(
        "add_symbol",
        N_("To a class, behind its last method."),
        {"shop/pix.py": _PIX},
        """
        add_symbol shop/pix.py::PixCharge
        <<<
        def refund(self, amount):
            return -amount
        >>>
        """,
    ),
    _example(
        "add_symbol",
        N_("To an object of options."),
        {"Cart.vue": _CART_VUE},
        """
        add_symbol Cart.vue::methods
        <<<
        add(item) {
          this.items.push(item)
        },
        >>>
        """,
    ),
    _example(
        "add_symbol",
        N_("A section of a Markdown file."),
        {"README.md": "# Shop\n\n## Usage\n\nRun it.\n\n## License\n\nMIT\n"},
        """
        add_symbol README.md::Usage
        <<<
        ### Options

        None.
        >>>
        """,
    ),
    _example(
        "set_value", "", {"shop/pix.py": _PIX}, "set_value shop/pix.py::PixCharge.minimum 300"
    ),
    _example(
        "add_entry",
        N_("To a dict, list, set, tuple or enum."),
        {
            "shop/factory.py": """
            GATEWAYS = {
                "pix": PixCharge,
            }
            """
        },
        'add_entry shop/factory.py::GATEWAYS "pix_parcelado" PixParceladoCharge',
    ),
    _example(
        "add_entry",
        N_("To an array, and to the match that a method returns."),
        {"app/PaymentFactory.php": _FACTORY_PHP},
        """
        add_entry app/PaymentFactory.php::PaymentFactory.methods "boleto" BoletoCharge::class
        add_entry app/PaymentFactory.php::PaymentFactory.make 'boleto' new BoletoCharge()
        """,
    ),
    _example(
        "remove_entry",
        N_("By key, or by a value that stands once."),
        {"a.py": 'NAMES = ["pix", "boleto"]\n'},
        'remove_entry a.py::NAMES "pix"',
    ),
    _example(
        "set_key",
        N_("Comments, order and style of the rest stay."),
        {
            "pyproject.toml": """
            [tool.ruff]
            line-length = 88  # as black

            [tool.ruff.lint]
            select = ["E"]
            """
        },
        "set_key pyproject.toml::tool.ruff.line-length 100\n"
        "set_key pyproject.toml::tool.ruff.target-version py311",
    ),
    _example(
        "set_key",
        "",
        {".env.example": "APP_NAME=Shop\nPIX_URL=\n"},
        "set_key .env.example::PIX_KEY secret",
    ),
    _example(
        "delete_key",
        N_("Also items of lists."),
        {
            "ci.yml": """
            on: [push]
            jobs:
              test:
                steps:
                  - run: make test
                  - run: make lint  # slow
            """
        },
        "delete_key ci.yml::jobs.test.steps[0]",
    ),
    _example(
        "add_item",
        "",
        {"package.json": '{\n  "files": ["dist"],\n  "private": true\n}\n'},
        'add_item package.json::files "types"',
    ),
    _example(
        "add_item",
        N_("A sorted requirements file stays sorted."),
        {"requirements.txt": "flask==3.0\nrequests>=2  # http\n"},
        "add_item requirements.txt httpx>=0.27",
    ),
    _example(
        "create_file",
        N_("`with` sets newline, final_newline, bom, encoding or executable."),
        {},
        """
        create_file run.sh with executable=True
        <<<
        make test
        >>>
        """,
    ),
    _example(
        "replace_file",
        N_("The last resort."),
        {"a.txt": "one\ntwo\n"},
        """
        replace_file a.txt
        <<<
        three
        >>>
        """,
    ),
    _example("delete_file", "", {"a.txt": "one\n"}, "delete_file a.txt"),
    _example(
        "move_file",
        "",
        {
            "src/a/x.ts": "import { y } from './y'\n",
            "src/a/y.ts": "export const y = 1\n",
            "src/main.ts": "import './a/x'\n",
        },
        "move_file src/a/x.ts to src/b/x.ts",
    ),
    _example(
        "replace_text",
        N_(
            "The text must stand exactly once; else white space may differ; else it is refused "
            "with the candidates."
        ),
        {"a.txt": "one\ntwo\nthree\n"},
        """
        replace_text a.txt
        <<<
        two
        >>>
        <<<
        2
        >>>
        """,
    ),
    _example(
        "replace_text",
        N_("With a symbol the text need only be the only one in there."),
        {
            "a.py": """
            def low():
                return 1  # euros


            def high():
                return 9  # euros
        """
        },
        """
        replace_text a.py::high
        <<<
        # euros
        >>>
        <<<
        # cents
        >>>
        """,
    ),
    _example(
        "replace_text",
        N_("In short: two texts of one line in quotes, here of one statement."),
        {
            "a.py": """
            def pair():
                low = draw(size=3, solid=False)
                high = draw(size=3, solid=False)
                return low, high
        """
        },
        """
        replace_text a.py::pair#2 "False" with "True"
        """,
    ),
    _example(
        "replace_text",
        N_("A line `...` leaves out what stands between the lines around it."),
        {"a.txt": "first\none\ntwo\nthree\nfour\nlast\n"},
        """
        replace_text a.txt
        <<<
        one
        ...
        four
        >>>
        <<<
        1 to 4
        >>>
        """,
    ),
)
"""In the order of the verbs."""
