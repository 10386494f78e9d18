"""Which tests reach a change: by imports, direct or through others, by name and by mention."""

from __future__ import annotations

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
