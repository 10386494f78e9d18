"""`remove_import`: the names that were named, and nothing else."""

import pytest
from edit_support import applied, edited, refusal


@pytest.mark.parametrize(
    ("before", "statement", "expected"),
    [
        ("import os\nimport re\n", "import os", "import re\n"),
        ("import os, re, sys\n", "import re", "import os, sys\n"),
        ("import os, re, sys\n", "import sys", "import os, re\n"),
        ("from a import b, c, d\n", "from a import c", "from a import b, d\n"),
        ("from a import b, c, d\n", "from a import b, d", "from a import c\n"),
        ("from a import b as x, c\n", "from a import b as x", "from a import c\n"),
        ("from a import (\n    b,\n    c,\n)\n", "from a import b", "from a import (\n    c,\n)\n"),
        ("from a import (\n    b,\n    c,\n)\n", "from a import c", "from a import (\n    b,\n)\n"),
        ("from a import *\n", "from a import *", ""),
        ("import os; x = 1\n", "import os", "x = 1\n"),
        ("x = 1; import os\n", "import os", "x = 1\n"),
        ("if x:\n    import os\ny = 1\n", "import os", "if x:\n    pass\ny = 1\n"),
        ("if x: import os\n", "import os", "if x: pass\n"),
        ("def f():\n    import os\n    return 1\n", "import os", "def f():\n    return 1\n"),
        ("import os\n\nimport yaml\n\nx = 1\n", "import yaml", "import os\n\nx = 1\n"),
        ("import os\n\n\ndef f(): ...\n", "import os", "def f(): ...\n"),
    ],
)
def test_an_import_goes_with_its_line_or_its_comma(before, statement, expected):
    assert edited(before, f"remove_import a.py {statement}") == expected


def test_uses_that_remain_are_listed():
    answer = applied({"a.py": "import os\nprint(os)\n"}, "remove_import a.py import os")
    assert answer.reports[0].possible == ("a.py:2: print(os)",)


def test_an_import_that_is_not_there_is_refused_with_those_that_are():
    error = refusal("import os\nfrom a import b\n", "remove_import a.py import re")
    assert error.hint == "It imports: os; from a import b."
