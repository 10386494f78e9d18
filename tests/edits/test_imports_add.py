"""`add_import`: where the file would have put it."""

from textwrap import dedent

import pytest
from edit_support import after, applied, edited, refusal

from sorte_cli.edits import MemorySnapshot
from sorte_cli.edits.python.imports import import_statement_for, module_name
from sorte_cli.edits.registry import Project


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("", "import re\n"),
        ("import os", "import os\nimport re"),
        ("x = 1\n", "import re\n\nx = 1\n"),
        ("def f(): ...\n", "import re\n\n\ndef f(): ...\n"),
        ('"""Doc."""\n', '"""Doc."""\n\nimport re\n'),
        ('"""Doc."""\nx = 1\n', '"""Doc."""\n\nimport re\n\nx = 1\n'),
        ('"""Doc."""\n\n\ndef f(): ...\n', '"""Doc."""\n\nimport re\n\n\ndef f(): ...\n'),
        ("#!/usr/bin/python\n# Copyright\nx = 1\n",
         "#!/usr/bin/python\n# Copyright\n\nimport re\n\nx = 1\n"),
        ("import os\nimport sys\n", "import os\nimport re\nimport sys\n"),
        ("import sys\nimport os\n", "import sys\nimport os\nimport re\n"),
        ("from a import b\n", "import re\n\nfrom a import b\n"),
        ("import os\n\nimport yaml\n", "import os\nimport re\n\nimport yaml\n"),
        ("from __future__ import annotations\n\nx = 1\n",
         "from __future__ import annotations\n\nimport re\n\nx = 1\n"),
        ("import abc\nfrom os import path\n", "import abc\nimport re\nfrom os import path\n"),
        ("import abc\nfrom os import path\nimport sys\n",
         "import abc\nfrom os import path\nimport re\nimport sys\n"),
        ("import os  # first\n\nx = 1\n", "import os  # first\nimport re\n\nx = 1\n"),
        ("import os; x = 1\n", "import re\n\nimport os; x = 1\n"),
    ],
)  # fmt: skip
def test_a_new_statement_goes_where_it_belongs(before, expected):
    assert edited(before, "add_import a.py import re") == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("from a import b, d\n", "from a import b, c, d\n"),
        ("from a import b\n", "from a import b, c\n"),
        ("from a import d, b\n", "from a import d, b, c\n"),
        ("from a import B, d\n", "from a import B, c, d\n"),
        ("from a import (b, d)\n", "from a import (b, c, d)\n"),
        ("from a import (\n    b,\n    d,  # end\n)\n",
         "from a import (\n    b,\n    c,\n    d,  # end\n)\n"),
        ("from a import (\n    b,\n)\n", "from a import (\n    b,\n    c,\n)\n"),
        ("from a import b  # why\n", "from a import b, c  # why\n"),
        ("from a import x as y\n", "from a import c, x as y\n"),
        ("from a import *\n", "from a import *\nfrom a import c\n"),
        ("from .a import b\n", "from a import c\n\nfrom .a import b\n"),
    ],
)  # fmt: skip
def test_a_name_joins_the_statement_of_its_module(before, expected):
    assert edited(before, "add_import a.py from a import c") == expected


def test_a_statement_that_grows_too_long_is_put_in_parentheses():
    names = ", ".join(f"name_{letter}" for letter in "abcdefghi")
    result = edited(f"from a import {names}\n", "add_import a.py from a import name_j")
    assert result == "from a import (\n" + "".join(f"    name_{x},\n" for x in "abcdefghij") + ")\n"


def test_the_line_length_is_the_project_s_own():
    files = {
        "pyproject.toml": "[tool.ruff]\nline-length = 40\n",
        "a.py": "from alpha import beta\n",
    }
    result = after(files, "add_import a.py from alpha import gamma_delta_epsilon")
    assert result["a.py"] == "from alpha import (\n    beta,\n    gamma_delta_epsilon,\n)\n"


@pytest.mark.parametrize(
    "text",
    [
        "import re\n",
        "import re, os\n",
        "import os\nimport re as re\n",
    ],
)
def test_what_is_there_is_not_added_again(text):
    answer = applied({"a.py": text}, "add_import a.py import re")
    assert not answer.changes
    assert "already has" in answer.reports[0].summary


def test_an_import_for_type_checking_alone_does_not_count():
    text = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from a import c\n"
    result = edited(text, "add_import a.py from a import c")
    assert result.startswith("from typing import TYPE_CHECKING\n\nfrom a import c\n")


def test_several_imports_of_one_script_keep_their_groups():
    script = """\
        add_import a.py from shop.pix import Pix
        add_import a.py import yaml
        add_import a.py from decimal import Decimal
        add_import a.py from decimal import ROUND_UP
        add_import a.py from .near import x
        """
    files = {"shop/__init__.py": "", "shop/pix.py": "Pix = 1\n", "a.py": "x = 1\n"}
    expected = """\
        from decimal import ROUND_UP, Decimal

        import yaml

        from shop.pix import Pix

        from .near import x

        x = 1
        """
    files["a.py"] = "y = 1\n"
    assert after(files, script)["a.py"] == dedent(expected).replace("\nx = 1", "\ny = 1")


def test_windows_line_endings_are_kept():
    answer = applied({"a.py": b"import os\r\n\r\nx = 1\r\n"}, "add_import a.py import re")
    assert answer.changes.changes[0].after == b"import os\r\nimport re\r\n\r\nx = 1\r\n"


@pytest.mark.parametrize(
    ("text", "statement", "words"),
    [
        ("re = 1\n", "import re", "already something else in a.py (line 1: re = 1)"),
        ("import regex as re\n", "import re", "already something else"),
        ("def re(): ...\n", "from x import re", "already something else"),
        ("x = 1\n", "x = 2", "not an import statement"),
        ("x = 1\n", "from x import", "not an import statement"),
        ("def (\n", "import re", "syntax error"),
    ],
)
def test_what_cannot_be_added_is_refused(text, statement, words):
    assert words in str(refusal(text, f"add_import a.py {statement}"))


FILES = {
    "src/shop/__init__.py": "",
    "src/shop/pix.py": "class Pix: ...\n",
    "src/shop/api/__init__.py": "",
    "src/shop/api/views.py": "from ..orders import Order\n",
    "src/shop/orders.py": "import os\n",
    "src/shop/plain.py": "from shop.orders import os\n",
    "tests/test_pix.py": "",
}


@pytest.mark.parametrize(
    ("importer", "statement"),
    [
        ("tests/test_pix.py", "from shop.pix import Pix"),
        ("src/shop/api/views.py", "from ..pix import Pix"),
        ("src/shop/plain.py", "from shop.pix import Pix"),
    ],
)
def test_an_import_is_written_in_the_style_of_its_file(importer, statement):
    project = Project(MemorySnapshot(FILES))
    assert import_statement_for(project, importer, "src/shop/pix.py", "Pix") == statement


def test_a_file_without_imports_of_the_project_writes_as_its_neighbours_do():
    files = {"p/__init__.py": "", "p/a.py": "from .b import x\n", "p/b.py": "x = 1\n", "p/c.py": ""}
    project = Project(MemorySnapshot(files))
    assert import_statement_for(project, "p/c.py", "p/b.py", "x") == "from .b import x"
    del files["p/a.py"]
    project = Project(MemorySnapshot(files))
    assert import_statement_for(project, "p/c.py", "p/b.py", "x") == "from p.b import x"


def test_the_name_of_a_module_is_told():
    assert module_name(Project(MemorySnapshot(FILES)), "src/shop/api/views.py") == "shop.api.views"
