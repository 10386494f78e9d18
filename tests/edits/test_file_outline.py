"""What can be addressed in a file, and its statements and lines with their numbers."""

import pytest

from sorte_cli.edits import EditError, annotated_source, parse_address
from sorte_cli.edits.outline import outline
from sorte_cli.edits.syntax.lines import numbered_lines

PYTHON = b"""import os

LIMIT = 3


class Shop:
    name = "x"

    @property
    def total(self, *prices, tax=0):
        \"\"\"The sum.\"\"\"
        for price in prices:
            if price:  # paid
                yield price; tax += 1
            else:
                continue
        # nothing more
        return tax
"""
PHP = b"""<?php
class Cart
{
    #[Pure]
    public function total(): int
    {
        return 1;
    }
}
"""


def test_python_definitions_have_their_lines_and_parameters():
    found = [(s.address, s.kind, s.detail, s.line, s.end_line) for s in outline("a.py", PYTHON)]
    assert found == [
        ("a.py::LIMIT", "constant", "", 3, 3),
        ("a.py::Shop", "class", "", 6, 18),
        ("a.py::Shop.name", "field", "", 7, 7),
        ("a.py::Shop.total", "method", "(self, prices, tax)", 9, 18),
    ]


def test_other_languages_have_theirs():
    assert [s.address for s in outline("a.php", PHP)] == ["a.php::Cart", "a.php::Cart.total"]
    sections = outline("README.md", b"# Shop\n\n## How to buy\n\nPay.\n\n## More\n")
    assert [s.address for s in sections][1:] == ['README.md::"How to buy"', "README.md::More"]
    assert sections[1].line == 3 and sections[1].end_line == 6


@pytest.mark.parametrize("data", [b"", b"def (", b"\0\1\2", b"\xff\xfe"])
def test_what_cannot_be_read_has_no_symbols(data):
    assert outline("a.py", data) == ()
    assert outline("a.bin", data) == ()


def test_a_definition_is_shown_as_it_stands_with_the_numbers_of_its_statements():
    assert annotated_source(PYTHON, "Shop.total").splitlines() == [
        "       @property",
        "       def total(self, *prices, tax=0):",
        '           """The sum."""',
        "#1         for price in prices:",
        "#2             if price:  # paid",
        "#3                 yield price; tax += 1",
        "               else:",
        "#4                 continue",
        "           # nothing more",
        "#5         return tax",
    ]


def test_lines_of_a_symbol_count_from_its_declaration():
    lines = numbered_lines(parse_address("a.php::Cart.total"), PHP)
    assert lines[0] == (1, "    #[Pure]")
    assert lines[-1] == (5, "    }")
    assert len(numbered_lines(parse_address("a.php"), PHP)) == 9
    with pytest.raises(EditError):
        numbered_lines(parse_address("a.php::Cart.nothing"), PHP)
