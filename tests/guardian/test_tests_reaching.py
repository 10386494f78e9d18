"""Which tests reach a change: by imports, direct or through others, by name and by mention."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from guardian_support import write_files

from sorte_cli.domain import ChangeSet, FileChange
from sorte_cli.guardian import reach

FILES = {
    "src/shop/__init__.py": "from .pix import Pix\n",
    "src/shop/pix.py": "from shop.money import cents\n",
    "src/shop/money.py": "",
    "src/shop/report.py": "from . import pix\n",
    "src/shop/data/prices.json": "{}",
    "src/shop/unused.py": "",
    "tests/conftest.py": "",
    "tests/test_pix.py": "from shop.pix import (\n    Pix,  # the thing\n)\n",
    "tests/test_money.py": "def test():\n    import shop.money as m\n",
    "tests/test_public.py": "from shop import Pix\n",
    "tests/test_report.py": "import os, shop.report\n",
    "tests/test_prices.py": "OPEN = 'prices.json'\n",
    "tests/test_alone.py": "import json\n",
    "tests/json.py": "",
}


def reaching(root: Path, *paths: str, deleted: bool = False) -> tuple[str, ...]:
    write_files(root, FILES)
    changes = [FileChange(p, b"old", None if deleted else FILES.get(p, "").encode()) for p in paths]
    left = sorted(set(FILES) - set(paths)) if deleted else sorted(FILES)
    return reach.tests_reaching(ChangeSet.of(changes), root, left)


def test_direct_imports_come_before_indirect_ones(tmp_path: Path) -> None:
    found = reaching(tmp_path, "src/shop/pix.py")
    assert found[0] == "tests/test_pix.py"
    assert set(found) == {
        "tests/test_pix.py",
        "tests/test_public.py",
        "tests/test_report.py",
        "tests/test_money.py",  # importing shop.money runs shop/__init__, which imports pix
    }


def test_a_changed_test_comes_first(tmp_path: Path) -> None:
    found = reaching(tmp_path, "src/shop/pix.py", "tests/test_alone.py")
    assert found[:2] == ("tests/test_alone.py", "tests/test_pix.py")


def test_the_importers_of_a_deleted_file_are_what_it_breaks(tmp_path: Path) -> None:
    assert "tests/test_pix.py" in reaching(tmp_path, "src/shop/pix.py", deleted=True)
    assert reaching(tmp_path, "tests/test_alone.py", deleted=True) == ()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/shop/data/prices.json", ("tests/test_prices.py",)),
        ("src/shop/unused.py", ()),
        ("README.md", ()),
    ],
)
def test_other_files(tmp_path: Path, path: str, expected: tuple[str, ...]) -> None:
    assert reaching(tmp_path, path) == expected


def test_a_shared_fixture_reaches_all_tests_below_it(tmp_path: Path) -> None:
    assert set(reaching(tmp_path, "tests/conftest.py")) == {
        p for p in FILES if p.startswith("tests/test_")
    }


def test_a_new_module_is_known_by_its_content_in_the_change(tmp_path: Path) -> None:
    write_files(tmp_path, FILES)
    changes = ChangeSet.of(
        [
            FileChange("src/shop/boleto.py", None, b"X = 1\n"),
            FileChange("tests/test_boleto_rules.py", None, b"import shop.boleto\n"),
        ]
    )
    paths = [*FILES, *changes.paths]
    assert reach.tests_reaching(changes, tmp_path, paths) == ("tests/test_boleto_rules.py",)


def test_a_name_that_matches_is_enough(tmp_path: Path) -> None:
    write_files(tmp_path, {"scripts/release.py": "", "tests/test_release.py": ""})
    changes = ChangeSet.of([FileChange("scripts/release.py", b"", b"x")])
    paths = ["scripts/release.py", "tests/test_release.py"]
    assert reach.tests_reaching(changes, tmp_path, paths) == ("tests/test_release.py",)


def test_files_that_cannot_be_read_are_passed_over(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.py": b"\xff\xfe\x00", "test_a.py": b"import a\n\xff"})
    changes = ChangeSet.of([FileChange("a.py", b"", b"\xff")])
    assert reach.tests_reaching(changes, tmp_path, ["a.py", "test_a.py", "gone.py"]) == (
        "test_a.py",
    )


def measured(path: Path, lines: dict[tuple[str, str], tuple[int, ...]], *, arcs: bool) -> Path:
    """A data file as coverage.py 7 writes it: who (context) ran which lines of which file."""
    with contextlib.closing(sqlite3.connect(path)) as data, data:
        data.executescript(
            "CREATE TABLE file (id INTEGER PRIMARY KEY, path TEXT);"
            "CREATE TABLE context (id INTEGER PRIMARY KEY, context TEXT);"
            "CREATE TABLE line_bits (file_id INTEGER, context_id INTEGER, numbits BLOB);"
            "CREATE TABLE arc (file_id INTEGER, context_id INTEGER, fromno INT, tono INT);"
        )
        for number, ((file, context), numbers) in enumerate(lines.items()):
            data.execute("INSERT INTO file VALUES (?, ?)", (number, f"/home/ana/{file}"))
            data.execute("INSERT INTO context VALUES (?, ?)", (number, context))
            if arcs:
                rows = [(number, number, -1, n) for n in numbers]
                data.executemany("INSERT INTO arc VALUES (?, ?, ?, ?)", rows)
            else:
                bits = bytearray(8)
                for n in numbers:
                    bits[n // 8] |= 1 << n % 8
                data.execute(
                    "INSERT INTO line_bits VALUES (?, ?, ?)", (number, number, bytes(bits))
                )
    return path


@pytest.mark.parametrize("arcs", [False, True])
def test_what_a_test_ran_counts_before_what_it_imports(tmp_path: Path, arcs: bool) -> None:
    """`test_alone` imports nothing of the shop, and `test_prices` ran other lines."""
    write_files(tmp_path, FILES)
    ran = {
        ("src/shop/money.py", "tests/test_alone.py::test_all|run"): (1, 12),
        ("src/shop/money.py", "tests/test_prices.py::test|run"): (2,),
        ("src/shop/other.py", "tests/test_report.py::test|run"): (12,),
        ("src/shop/money.py", ""): (12,),
        ("src/shop/money.py", "tests.test_public.TestA.test_b"): (11,),
        ("src/shop/money.py", "tests/gone.py::test|run"): (12,),
    }
    data = measured(tmp_path / ".coverage", ran, arcs=arcs)
    before = b"".join(b"x = %d\n" % n for n in range(20))
    after = before.replace(b"x = 10\nx = 11\n", b"x = 0\n")
    changes = ChangeSet.of([FileChange("src/shop/money.py", before, after)])
    found = reach.tests_reaching(changes, tmp_path, sorted(FILES), measured=data)
    assert found[:2] == ("tests/test_alone.py", "tests/test_public.py")
    assert "tests/test_money.py" in found
    assert "tests/test_prices.py" not in found


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no database",
        b"SQLite format 3\0" + b"\xff" * 200,
        "CREATE TABLE file (id, path); INSERT INTO file VALUES ('x', 3)",
        "CREATE VIEW file AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n)"
        " SELECT i AS id, 'x' AS path FROM n",
        "CREATE TABLE file (id, path); INSERT INTO file VALUES (1, 'src/shop/money.py');"
        "CREATE TABLE context (id, context); INSERT INTO context VALUES (1, 7);"
        "CREATE TABLE line_bits (file_id, context_id, numbits);"
        "INSERT INTO line_bits VALUES (1, 1, 'text'), (1, 1, NULL)",
    ],
)
def test_no_measurement_is_too_odd(tmp_path: Path, content: bytes | str) -> None:
    write_files(tmp_path, FILES)
    data = tmp_path / ".coverage"
    if isinstance(content, bytes):
        data.write_bytes(content)
    else:
        with contextlib.closing(sqlite3.connect(data)) as database, database:
            database.executescript(content)
    changes = ChangeSet.of([FileChange("src/shop/money.py", b"a = 1\n", b"a = 2\n")])
    without = reach.tests_reaching(changes, tmp_path, sorted(FILES))
    for place in (data, tmp_path / "gone", tmp_path / "src"):
        assert reach.tests_reaching(changes, tmp_path, sorted(FILES), measured=place) == without


OTHERS = {
    "src/cart.ts": "import { money } from './money.js'\nexport const cart = 1\n",
    "src/money.ts": "export const money = 1\n",
    "src/Cart.vue": "<script>\nimport { cart } from '@/cart'\n</script>\n",
    "src/ui/index.js": "const m = require('../money')\n",
    "tests/cart.test.ts": "import { cart } from '../src/cart'\n",
    "tests/view.spec.js": "import Cart from '@/Cart.vue'\njest.mock('../src/ui')\n",
    "tests/alone.test.js": "import x from 'money'\n",
    "app/Models/Cart.php": "<?php\nnamespace App\\Models;\nclass Cart { public Money $m; }\n",
    "app/Models/Money.php": "<?php\nnamespace App\\Models;\nclass Money {}\n",
    "tests/Unit/CartTest.php": "<?php\nuse App\\Models\\Cart;\n",
    "tests/Unit/SumTest.php": "<?php\nuse App\\Models\\{Cart, Other as O};\n",
    "tests/Unit/AloneTest.php": "<?php\nuse PHPUnit\\Framework\\TestCase;\n",
    "go.mod": "module example.org/shop\n",
    "cart/cart.go": 'package cart\nimport "example.org/shop/money"\n',
    "money/money.go": "package money\n",
    "money/money_test.go": "package money\n",
    "cart/cart_test.go": "package cart\n",
    "alone/alone_test.go": 'package alone\nimport "example.org/other/money"\n',
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/cart.ts", ("tests/cart.test.ts", "tests/view.spec.js")),
        ("src/money.ts", ("tests/cart.test.ts", "tests/view.spec.js")),
        ("tests/alone.test.js", ("tests/alone.test.js",)),
        ("app/Models/Cart.php", ("tests/Unit/CartTest.php", "tests/Unit/SumTest.php")),
        ("app/Models/Money.php", ("tests/Unit/CartTest.php", "tests/Unit/SumTest.php")),
        ("money/money.go", ("money/money_test.go", "cart/cart_test.go")),
        ("cart/cart.go", ("cart/cart_test.go",)),
        ("go.mod", ()),
    ],
)
def test_other_languages_by_imports_and_by_name(
    tmp_path: Path, path: str, expected: tuple[str, ...]
) -> None:
    write_files(tmp_path, OTHERS)
    changes = ChangeSet.of([FileChange(path, b"old", OTHERS[path].encode())])
    assert reach.tests_reaching(changes, tmp_path, sorted(OTHERS)) == expected
