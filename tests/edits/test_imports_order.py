"""Imports that were sorted stay sorted when what they name changes."""

import pytest
from edit_support import after


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("from a import f, x\n", "from a import x, z\n"),
        ("from a import x, f\n", "from a import x, z\n"),
        ("from a import y, f, x\n", "from a import y, z, x\n"),
        ("from a import (\n    f,\n    x,\n)\n", "from a import (\n    x,\n    z,\n)\n"),
        ("from a import (\n    f,  # why\n    x,\n)\n",
         "from a import (\n    z,  # why\n    x,\n)\n"),
        ("from a import f as g, x\n", "from a import x, z as g\n"),
        ("from a import f, x  # why\n", "from a import z, x  # why\n"),
        ("from a import f, x, fx\n", "from a import z, x, fx\n"),
    ],
)  # fmt: skip
def test_names_of_a_statement(before, expected):
    files = {"a.py": "f = x = y = fx = 1\n", "b.py": before}
    assert after(files, "rename a.py::f z")["b.py"] == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("from p.a import f\nfrom p.m import m\n", "from p.m import m\nfrom p.z import f\n"),
        ("from p.m import m\nfrom p.a import f\n", "from p.m import m\nfrom p.z import f\n"),
        ("from p.n import n\nfrom p.m import m\nfrom p.a import f\n",
         "from p.n import n\nfrom p.m import m\nfrom p.z import f\n"),
        ("import p.a\nimport p.m\nfrom p.a import f\nfrom p.m import m\np.a\n",
         "import p.m\nimport p.z\nfrom p.m import m\nfrom p.z import f\np.z\n"),
        ("from p.a import f\n\nfrom p.m import m\n", "from p.z import f\n\nfrom p.m import m\n"),
        ("from p.a import f  # why\nfrom p.m import (\n    m,\n)\n",
         "from p.m import (\n    m,\n)\nfrom p.z import f  # why\n"),
        ("import os\nfrom p.a import f\nimport p.m\n",
         "import os\nfrom p.z import f\nimport p.m\n"),
        ("from p.a import f\nfrom p.m import m", "from p.m import m\nfrom p.z import f"),
    ],
)  # fmt: skip
def test_statements_of_a_group(before, expected):
    files = {"p/__init__.py": "", "p/a.py": "f = 1\n", "p/m.py": "m = 1\n", "p/n.py": "n = 1\n"}
    assert after({**files, "b.py": before}, "move_file p/a.py to p/z.py")["b.py"] == expected
