"""What is moved or copied leaves modules that can still be imported, or is refused.

Python itself is the judge: what is not refused is imported, beginning with each module in turn.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from edit_support import after, applied, refusal

from sorte_cli.edits import EditError
from sorte_cli.edits.python.load_order import LoadOrder

SHOP = {
    "shop/__init__.py": "from .orders import total\n",
    "shop/money.py": "def rounded(x):\n    return round(x, 2)\n",
    "shop/taxes.py": "from .money import rounded\n\n\ndef tax(x):\n    return rounded(x / 10)\n",
    "shop/orders.py": (
        "from .taxes import tax\n\n\ndef total(x):\n    return x + tax(x)\n\n\nLIMIT = 3\n"
    ),
}


JUDGE = """
import importlib, pathlib, sys
for folder in sorted(pathlib.Path().iterdir()):
    files = [p.relative_to(folder).with_suffix("").parts for p in folder.rglob("*.py")]
    names = [".".join(p[:-1] if p[-1] == "__init__" else p) for p in sorted(files)]
    sys.path.insert(0, str(folder.resolve()))
    outcome = "well"
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:
            outcome = "badly"
        for known in [m for m in sys.modules if m in names]:
            del sys.modules[known]
    sys.path.pop(0)
    importlib.invalidate_caches()
    print(outcome)
"""


def import_well(programs: list[dict[str, str]], folder: Path) -> list[bool]:
    """Whether every module of each program can be the first one to be imported."""
    for number, files in enumerate(programs):
        for path, text in files.items():
            place = folder / f"{number:05}" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
    done = subprocess.run(
        [sys.executable, "-B", "-c", JUDGE], cwd=folder, capture_output=True, check=True, text=True
    )
    return [line == "well" for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("script", "circle"),
    [
        ("move shop/taxes.py::tax to shop/__init__.py", "shop/__init__.py -> shop/orders.py"),
        ("move shop/orders.py::total to shop/money.py", "shop/money.py -> shop/taxes.py"),
        ("clone shop/orders.py::total total_twice to shop/money.py", "shop/taxes.py"),
    ],
)
def test_a_circle_through_other_modules_is_refused_and_shown(script: str, circle: str) -> None:
    error = refusal(SHOP, script)
    assert "import each other before they are complete" in error.message
    assert circle in error.hint


@pytest.mark.parametrize(
    "script",
    [
        "move shop/money.py::rounded to shop/orders.py",
        "move shop/money.py::rounded to shop/taxes.py",
        "move shop/taxes.py::tax to shop/money.py",
        "move shop/orders.py::LIMIT to shop/money.py",
        "move shop/orders.py::total to shop/__init__.py",
        "move shop/orders.py::LIMIT to shop/__init__.py",
        "move_file shop/money.py to shop/sums/money.py",
        "clone shop/orders.py::total total_twice to shop/taxes.py",
        "clone shop/taxes.py::tax duty to shop/orders.py",
    ],
)
def test_what_is_not_refused_can_be_imported(script: str, tmp_path: Path) -> None:
    try:
        changed = after(SHOP, script)
    except EditError as error:
        assert "import each other" in error.message
        return
    files = {path: text for path, text in {**SHOP, **changed}.items() if text is not None}
    assert import_well([files], tmp_path) == [True]


def test_imports_of_functions_and_of_types_alone_make_no_circle() -> None:
    files = {
        "a.py": "from b import g\n\n\ndef f():\n    return g()\n\n\ndef h():\n    return 1\n",
        "b.py": (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from c import C\n\n\n"
            "def g():\n    from c import C\n    return C()\n"
        ),
        "c.py": "from a import f\n\n\nclass C:\n    f = f\n",
    }
    assert applied(files, "move a.py::h to b.py").changes.changes


PIECES = (
    "from {other} import x_{other}\n",
    "import {other}\n",
    "try:\n    from {other} import x_{other}\nexcept ImportError:\n    x_{other} = None\n",
    "def y_{own}():\n    from {other} import x_{other}\n",
    "from {other} import *\n",
    "class C:\n    from {other} import x_{other}\n",
    "if True:\n    from {other} import x_{other} as z\n",
    "",
)


def program(random: Random) -> dict[str, str]:
    """Three modules that import each other somehow."""
    files = {}
    for own in "abc":
        others = [name for name in "abc" if name != own]
        parts = [random.choice(PIECES).format(own=own, other=o) for o in others]
        parts.insert(random.choice((0, 1, 2, 2, 2)), f"def x_{own}():\n    pass\n")
        files[f"{own}.py"] = "".join(parts)
    return files


def test_what_goes_wrong_on_paper_goes_wrong_in_python(tmp_path: Path) -> None:
    random = Random(7)
    programs = [program(random) for _ in range(300)]
    well = import_well(programs, tmp_path)
    assert 50 < sum(well) < 250
    for files, is_well in zip(programs, well, strict=True):
        order = LoadOrder(files, lambda path, files=files: files.get(path, ""))
        assert is_well is not any(order.too_early(path) for path in files), files
