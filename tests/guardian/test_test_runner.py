"""How tests are found, run, counted and condensed."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from guardian_support import PYTEST, Project, make_project, write_files
from hypothesis import given
from hypothesis import strategies as st

from sorte_cli.domain import TestReport
from sorte_cli.errors import UsageError
from sorte_cli.guardian import Limits, Sandbox, TestCommand, compare, detect_test_command
from sorte_cli.guardian.results import (
    Failure,
    condense,
    cut_middle,
    read_junit,
    read_pytest_output,
    read_unittest_output,
)

MIXED = """
import unittest
import pytest


def test_good():
    assert True


@pytest.mark.parametrize("amount", [1, 2])
def test_amount(amount):
    total = amount * 10
    assert total == 10


@pytest.mark.skip(reason="later")
def test_later():
    pass


@pytest.mark.xfail(reason="known")
def test_known():
    assert False


class TestGroup:
    def test_inside(self):
        raise ValueError("the limit is below the minimum")


class TestOld(unittest.TestCase):
    def test_old(self):
        self.assertEqual(1, 1)

    def test_odd(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertEqual(number % 2, 0)


@pytest.fixture
def broken():
    raise RuntimeError("no set-up")


def test_setup(broken):
    pass
"""


def test_results_come_back_test_by_test(tmp_path: Path, sandbox: Sandbox) -> None:
    project = make_project(tmp_path, {"tests/unit/test_mixed.py": MIXED})
    report = project.test(sandbox)
    place = "tests/unit/test_mixed.py"
    assert report.status == "failed"
    assert report.failures == (
        f"{place}::test_amount[2]",
        f"{place}::TestGroup::test_inside",
        f"{place}::TestOld::test_odd",
        f"{place}::test_setup",
    )
    assert (report.failed, report.skipped) == (4, 2)
    assert report.sandbox == sandbox.name
    assert report.command == PYTEST.argv
    for wanted in ("assert 20 == 10", "ValueError: the limit is below", "RuntimeError: no set-up"):
        assert wanted in report.output


def test_all_good_says_so_and_leaves_nothing_behind(tmp_path: Path, sandbox: Sandbox) -> None:
    project = make_project(
        tmp_path,
        {
            "conftest.py": "",
            "test_a.py": "from hypothesis import given, strategies as st\n\n"
            "@given(st.integers())\ndef test_a(x):\n    assert x == x\n",
        },
    )
    before = project.listing()
    report = project.test(sandbox)
    assert (report.status, report.passed, report.failures) == ("passed", 1, ())
    assert report.ok
    assert project.listing() == before


def test_only_the_first_files_run_when_given(tmp_path: Path, plain: Sandbox) -> None:
    project = make_project(
        tmp_path, {"test_a.py": "def test_a(): pass\n", "test_b.py": "def test_b(): assert 0\n"}
    )
    report = project.test(plain, first=["test_a.py", "test_deleted.py"])
    assert (report.status, report.passed) == ("passed", 1)
    configured = TestCommand((*PYTEST.argv, "-q", "test_b.py"), "pytest", "--test-command")
    assert project.test(plain, configured).failures == ("test_b.py::test_b",)
    assert project.test(plain, configured, first=["test_a.py"]).status == "passed"


@pytest.mark.parametrize(
    ("files", "status", "said"),
    [
        ({"test_a.py": "x = 1\n"}, "none", ""),
        ({"test_a.py": "import missing_module\n"}, "failed", "missing_module"),
        ({"test_a.py": "def test(:\n"}, "failed", "SyntaxError"),
        ({"conftest.py": "import missing_module\n", "test_a.py": ""}, "error", "missing_module"),
        ({"pytest.ini": "[pytest]\naddopts = --no-such\n"}, "error", "--no-such"),
        ({"test_a.py": "import os\nos._exit(0)\n"}, "error", "ended early"),
        ({"test_a.py": "import os\nos.kill(os.getpid(), 11)\n"}, "error", ""),
        ({"test_a.py": "def test():\n    import sys; sys.exit(0)\n"}, "failed", "SystemExit"),
    ],
)
def test_every_other_end_has_its_status(
    tmp_path: Path, bubblewrap: Sandbox, files: dict[str, str], status: str, said: str
) -> None:
    report = make_project(tmp_path, files).test(bubblewrap)
    assert report.status == status, report.output
    assert said in report.output


def test_a_file_that_cannot_be_collected_is_named(tmp_path: Path, plain: Sandbox) -> None:
    files = {"tests/test_a.py": "import missing_module\n", "tests/__init__.py": ""}
    assert make_project(tmp_path, files).test(plain).failures == ("tests/test_a.py",)


def test_a_suite_that_hangs_is_a_timeout(tmp_path: Path, bubblewrap: Sandbox) -> None:
    project = make_project(
        tmp_path, {"test_a.py": "import time\n\ndef test_a():\n    time.sleep(99)\n"}
    )
    report = project.test(bubblewrap, limits=Limits(timeout_s=2))
    assert (report.status, report.ok) == ("timeout", False)
    assert re.search(r"no end after \d+ s", report.output)


def test_settings_of_the_project_that_would_get_in_the_way(tmp_path: Path, plain: Sandbox) -> None:
    project = make_project(
        tmp_path,
        {
            "pytest.ini": "[pytest]\naddopts = --failed-first -x -q --strict-config --color=yes\n",
            "test_a.py": "def test_a(): assert 0\n\ndef test_b(): assert 0\n",
        },
    )
    report = project.test(plain)
    assert report.failures == ("test_a.py::test_a", "test_a.py::test_b")
    assert "\x1b" not in report.output


def test_unittest_suites(tmp_path: Path, sandbox: Sandbox) -> None:
    source = (
        "import unittest\n\n\nclass Totals(unittest.TestCase):\n"
        "    def test_good(self): self.assertEqual(1, 1)\n"
        "    def test_bad(self): self.assertEqual(1, 2)\n"
        "    @unittest.skip('later')\n    def test_later(self): pass\n"
    )
    project = make_project(tmp_path, {"tests/__init__.py": "", "tests/test_totals.py": source})
    command = detect_test_command(project.worktree, project.repository)
    assert command is not None
    assert command.kind == "unittest"
    report = project.test(sandbox, command)
    assert (report.status, report.passed, report.failed, report.skipped) == ("failed", 1, 1, 1)
    assert report.failures == ("tests.test_totals.Totals.test_bad",)
    assert "AssertionError: 1 != 2" in report.output
    one = project.test(sandbox, command, first=["tests/test_totals.py"])
    assert one.failures == report.failures
    project.write({"tests/test_totals.py": source.replace("(1, 2)", "(2, 2)")})
    assert project.test(sandbox, command).status == "passed"


def test_any_configured_command_counts_by_its_exit_status(tmp_path: Path, sandbox: Sandbox) -> None:
    project = make_project(tmp_path, {"check.sh": "echo all is well\n"})
    command = detect_test_command(project.worktree, project.repository, "sh check.sh 'a b'")
    assert command == TestCommand(("sh", "check.sh", "a b"), "configured", "--test-command")
    assert project.test(sandbox, command).status == "passed"
    project.write({"check.sh": "echo total is 3, not 4\nexit 1\n"})
    report = project.test(sandbox, command)
    assert (report.status, report.output) == ("failed", "total is 3, not 4")
    missing = TestCommand(("no-such-tool",), "configured", "--test-command")
    assert project.test(sandbox, missing).status == "error"


def test_a_configured_command_that_ends_in_pytest_is_counted(
    tmp_path: Path, plain: Sandbox
) -> None:
    files = {"test_a.py": "def test_a(): assert 0\n\ndef test_b(): pass\n"}
    project = make_project(tmp_path, {**files, "t.sh": f"{sys.executable} -m pytest -rf\n"})
    report = project.test(plain, TestCommand(("sh", "t.sh"), "configured", "--test-command"))
    assert (report.status, report.passed, report.failed) == ("failed", 1, 1)
    assert report.failures == ("test_a.py::test_a",)


@pytest.mark.parametrize(
    ("files", "kind", "source"),
    [
        (
            {"pyproject.toml": "[tool.pytest.ini_options]\n"},
            "pytest",
            "pyproject.toml [tool.pytest]",
        ),
        ({"pytest.ini": "[pytest]\n"}, "pytest", "pytest.ini"),
        ({"setup.cfg": "[tool:pytest]\n"}, "pytest", "setup.cfg [tool:pytest]"),
        ({"tox.ini": "[pytest]\n"}, "pytest", "tox.ini [pytest]"),
        ({"tests/test_a.py": "def test_a(): pass\n"}, "pytest", "tests/ folder"),
        ({"a_test.py": "class TestA:\n    def test(self): pass\n"}, "pytest", "a_test.py"),
        ({"t/test_a.py": "async def test_a(): pass\n"}, "pytest", "t/ folder"),
        (
            {"test/test_a.py": "import unittest\nclass A(unittest.TestCase): pass\n"},
            "unittest",
            "test/ folder",
        ),
    ],
)
def test_the_command_is_detected(
    tmp_path: Path, files: dict[str, str], kind: str, source: str
) -> None:
    write_files(tmp_path, files)
    command = detect_test_command(tmp_path, tmp_path)
    assert command is not None
    assert (command.kind, command.source) == (kind, source)


@pytest.mark.parametrize(
    "files",
    [
        {"a.py": "def test_a(): pass\n"},
        {"node_modules/x/test_a.py": "def test_a(): pass\n"},
        {".venv/lib/test_a.py": "def test_a(): pass\n"},
        {"pyproject.toml": "not toml ["},
        {"setup.cfg": "[[["},
        {"tox.ini": b"\xff\xfe"},
        {"test_data.py": "VALUES = [1]\n"},
    ],
)
def test_no_tests_no_command(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    write_files(tmp_path, files)
    assert detect_test_command(tmp_path, tmp_path) is None


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("pytest -q", "pytest"),
        (".venv/bin/py.test", "pytest"),
        ("python3.12 -m pytest tests", "pytest"),
        ("make test", "configured"),
        ("uv run pytest", "configured"),
    ],
)
def test_a_configured_command_wins(tmp_path: Path, line: str, kind: str) -> None:
    write_files(tmp_path, {"pytest.ini": "[pytest]\n"})
    command = detect_test_command(tmp_path, tmp_path, line)
    assert command == TestCommand(tuple(line.split()), kind, "--test-command")


def test_a_command_that_cannot_be_read_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        detect_test_command(tmp_path, tmp_path, "pytest 'unclosed")


@pytest.mark.parametrize("name", ["link", "folder", "fifo", "bomb", "garbage", "absent"])
def test_a_results_file_that_untrusted_code_prepared_is_not_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / "results.xml"
    good = tmp_path / "elsewhere.xml"
    good.write_text('<testsuite><testcase name="t" classname="a" file="a.py"/></testsuite>')
    assert read_junit(good) is not None
    if name == "link":
        path.symlink_to(good)
    elif name == "folder":
        path.mkdir()
    elif name == "fifo":
        os.mkfifo(path)
    elif name == "bomb":
        path.write_text('<!DOCTYPE a [<!ENTITY b "bbbb">]><testsuite>&b;</testsuite>')
    elif name == "garbage":
        path.write_bytes(b"<testsuite><\x00")
    assert read_junit(path) is None


def test_the_summary_line_is_enough_without_a_results_file() -> None:
    output = (
        "FAILED tests/test_a.py::test_b[x y] - assert 1 == 2\n"
        "ERROR tests/test_c.py\n"
        "== 1 failed, 3 passed, 2 skipped, 1 xfailed, 1 error in 0.12s ==\n"
    )
    results = read_pytest_output(output)
    assert results is not None
    assert (results.passed, results.failed, results.skipped) == (3, 2, 3)
    assert [f.node for f in results.failures] == ["tests/test_a.py::test_b[x y]", "tests/test_c.py"]
    assert read_pytest_output("it passed in my dreams") is None
    assert read_unittest_output("Ran away") is None


@given(st.text(max_size=400))
def test_no_output_confuses_the_readers(text: str) -> None:
    read_pytest_output(text)
    read_unittest_output(text)
    assert len(cut_middle(text, 50)) <= 60


@given(
    st.lists(st.tuples(st.text(max_size=60), st.text(max_size=3000)), min_size=1, max_size=40),
    st.integers(min_value=300, max_value=4000),
)
def test_condensed_failures_keep_within_their_room(
    failures: list[tuple[str, str]], limit: int
) -> None:
    text = condense([Failure(node, "", body) for node, body in failures], limit)
    assert len(text) <= limit + 60


def test_condensed_failures_keep_what_a_model_needs() -> None:
    body = (
        "def test_limit():\n" + "    noise\n" * 400 + "tests/test_pix.py:12: in test_limit\n"
        "    assert offered(299) is False\n"
        "shop/pix.py:7: in offered\n"
        "    return amount < LIMITE\n"
        "E   NameError: name 'LIMITE' is not defined\n"
    )
    failures = [Failure(f"tests/test_pix.py::test_{i}", "", body) for i in range(30)]
    text = condense(failures)
    assert "NameError: name 'LIMITE' is not defined" in text
    assert "shop/pix.py:7: in offered\n    return amount < LIMITE" in text
    assert "noise" not in text
    assert "and 22 more" in text


def test_old_failures_are_told_from_new_ones() -> None:
    before = TestReport("failed", failures=("a", "b"))
    after = TestReport("failed", failures=("b", "c"))
    compared = compare(before, after)
    assert (compared.broken, compared.failed_before, compared.mended) == (("c",), ("b",), ("a",))
    assert compare(None, after).broken == ("b", "c")


def test_the_suite_sees_only_the_worktree(project: Project, bubblewrap: Sandbox) -> None:
    project.write({"test_a.py": "import shop\n\ndef test_a(): assert shop.LIMIT == 500\n"})
    assert project.test(bubblewrap).failures == ("test_a.py::test_a",)
    project.write({"shop.py": "LIMIT = 500\n"})
    assert project.test(bubblewrap).status == "passed"


FLAKY = """
import os
from pathlib import Path

HERE = Path(__file__).parent


def test_good():
    pass


def test_flaky():
    seen = HERE / "seen"
    if not seen.exists():
        seen.touch()
        raise AssertionError("the first time")


def test_bad():
    assert not (HERE / "bad").exists()
"""


def test_a_flaky_test_is_run_again_and_named(project: Project, plain: Sandbox) -> None:
    project.write({"test_it.py": FLAKY})
    report = project.test(plain)
    assert (report.status, report.passed, report.failed) == ("passed", 3, 0)
    assert report.output == ("flaky: failed once and passed when run again: test_it.py::test_flaky")


def test_beside_a_flaky_test_a_bad_one_still_fails(project: Project, plain: Sandbox) -> None:
    project.write({"test_it.py": FLAKY, "bad": ""})
    report = project.test(plain)
    assert (report.status, report.passed, report.failed) == ("failed", 2, 1)
    assert report.failures == ("test_it.py::test_bad",)
    assert "flaky: " in report.output
    assert "the first time" not in report.output


def test_many_failures_are_not_run_again(project: Project, plain: Sandbox) -> None:
    body = "def test_it(n):\n    Path('runs').open('a').write('x')\n    assert 0\n"
    mark = "@pytest.mark.parametrize('n', range(6))\n"
    project.write({"test_it.py": f"from pathlib import Path\n\nimport pytest\n\n\n{mark}{body}"})
    assert project.test(plain).failed == 6
    assert (project.worktree / "runs").read_text(encoding="utf-8") == "x" * 6
