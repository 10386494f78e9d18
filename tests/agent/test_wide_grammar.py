"""The full profile: whatever the language can say about a file, its grammar lets a model write."""

import pytest

from sorte_cli.agent.plans import parse_plan
from sorte_cli.agent.prompting import Body, prompt_text
from sorte_cli.agent.wide_grammar import MAX_PATHS, wide_plan_grammar, wide_step_grammar
from sorte_cli.domain import Step, Symbol
from sorte_cli.edits import parse_script, print_script
from sorte_cli.edits.examples import EXAMPLES
from sorte_cli.edits.outline import outline
from sorte_cli.edits.verbs import VERBS
from sorte_cli.inference.gbnf import Gbnf

SYMBOLS = (
    Symbol("shop/http.py", "file"),
    Symbol("shop/http.py::fetch", "function", "(url, retries: int = 3)"),
    Symbol("shop/http.py::LIMIT", "constant", "= 3"),
    Symbol("app/Cart.php::Cart.total", "method", "(): int"),
)
PATHS = ("app/Cart.php", "config.toml", "docs/a b.md", "shop/http.py", "tests/test_http.py")


def symbols_of(files):
    return tuple(
        s
        for path, text in files.items()
        for s in (Symbol(path, "file"), *outline(path, text.encode()))
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.verb}: {e.note[:40]}")
def test_every_documented_operation_can_be_written(example):
    script = print_script(parse_script(example.script))
    if "@" in script.split("\n")[0] and "::" not in script.split("\n")[0]:
        return  # an address by position is for people and editors
    symbols = symbols_of(example.files)
    free = Gbnf(wide_step_grammar(Step("edit", tuple(example.files)), symbols, ()))
    assert free.longest(script) == (len(script), True), script
    operation = parse_script(script).operations[0]
    bound = Gbnf(wide_step_grammar(Step(operation.verb, ()), symbols, ()))
    assert bound.matches(script)


@pytest.fixture(scope="module")
def plans():
    return Gbnf(wide_plan_grammar(SYMBOLS, PATHS, 8))


@pytest.mark.parametrize(
    "line",
    [
        "add_symbol tests/test_http.py: a test of the limit\n",
        "edit shop/http.py::fetch, tests/test_http.py: retry only twice\n",
        "set_key config.toml: the new limit\n",
        "rename_nothing",
        "create_file .github/workflows/ci.yml: run the tests\n",
        "replace_text app/Cart.php: the message\n",
        "move shop/http.py::LIMIT: to config\n",
        "delete_file app/Cart.php: nobody needs it\n",
        "none: there is nothing to do\n",
    ],
)
def test_a_plan_may_name_any_file_of_the_project(plans, line):
    assert plans.matches(line) == (line != "rename_nothing")


@pytest.mark.parametrize(
    "line",
    [
        "edit shop/nowhere.py: x\n",
        "edit ../outside.py: x\n",
        "rename shop/http.py: a file has no name to change\n",
        "add_decorator app/Cart.php::Cart.total: PHP has none\n",
        "set_key shop/http.py: no data file\n",
        "edit shop/http.py::fetch\n",
    ],
)
def test_a_plan_cannot_name_what_is_not_there_or_does_not_fit(plans, line):
    assert not plans.matches(line)


def test_a_plan_that_its_grammar_allows_can_be_read():
    line = "edit shop/http.py::fetch, tests/test_http.py: retry: twice, not thrice\n"
    step = parse_plan(line).steps[0]
    assert step.targets == ("shop/http.py::fetch", "tests/test_http.py")
    assert step.instruction == "retry: twice, not thrice"


def test_a_step_does_what_it_says_and_imports_what_that_needs():
    step = Step("insert_before", ("shop/http.py::fetch",), "guard")
    body = Body("shop/http.py::fetch", ((1, "x = 1"), (2, "return x")))
    grammar = Gbnf(wide_step_grammar(step, SYMBOLS[:3], (), (body,)))
    guard = "insert_before shop/http.py::fetch#2\n<<<\nif not url:\n    raise E\n>>>\n"
    assert grammar.matches(guard)
    assert grammar.matches("add_import shop/http.py from e import E\n" + guard)
    assert not grammar.matches("add_import shop/http.py from e import E\n")
    assert not grammar.matches(guard + "delete shop/http.py::LIMIT\n")
    assert not grammar.matches(guard.replace("#2", "#3"))


@pytest.mark.parametrize(
    "script",
    [
        'insert_before shop/http.py::fetch#2 log("x")\n',
        'replace_text shop/http.py::fetch#2 "old" with "new"\n',
        'replace_text shop/http.py "old" with\n<<<\nnew\nlines\n>>>\n',
        "replace_symbol shop/http.py::LIMIT LIMIT = 4\n",
    ],
)
def test_what_is_short_may_be_written_short(script):
    body = Body("shop/http.py::fetch", ((1, "x = 1"), (2, "return x")))
    step = Step("edit", ("shop/http.py",), "x")
    grammar = Gbnf(wide_step_grammar(step, SYMBOLS[:3], (), (body,)))
    assert grammar.matches(script)
    assert parse_script(print_script(parse_script(script))) == parse_script(script)


def test_the_only_file_of_a_step_is_named_once():
    script = 'replace_text shop/http.py::fetch#2 "a" with "b"\n'
    script += "insert_after ::fetch#1 y = 2\nadd_import :: import os\nset_value ::LIMIT 4\n"
    body = Body("shop/http.py::fetch", ((1, "x = 1"), (2, "return x")))
    step = Step("edit", ("shop/http.py",), "x")
    grammar = Gbnf(wide_step_grammar(step, SYMBOLS[:3], ("shop/http.py",), (body,)))
    assert grammar.matches(script)
    assert len(parse_script(script).operations) == 4
    assert not grammar.matches("set_value ::LIMIT 4\n")
    assert not grammar.matches(script.replace("::LIMIT", "::NOTHING"))
    data = Gbnf(wide_step_grammar(Step("edit", ("a.toml",), "x"), (), ("a.toml",)))
    assert data.matches("set_key a.toml::a.b 1\nset_key ::c 2\ndelete_key ::d\ndelete_file ::\n")
    # of two files nobody could tell which one is meant
    two = Gbnf(wide_step_grammar(step, SYMBOLS, PATHS, (body,)))
    assert not two.matches(script)


def test_lines_are_addressed_where_there_are_no_statements():
    body = Body("app/Cart.php::Cart.total", ((1, "{"), (2, "return 1;")))
    step = Step("edit", ("app/Cart.php::Cart.total",), "x")
    grammar = Gbnf(wide_step_grammar(step, SYMBOLS[3:], (), (body,)))
    assert grammar.matches("replace_statement app/Cart.php::Cart.total#L2\n<<<\nreturn 2;\n>>>\n")
    assert not grammar.matches("delete_statement app/Cart.php::Cart.total#L9\n")
    assert not grammar.matches("delete_statement app/Cart.php::Cart.total#2\n")


def test_a_large_project_still_has_a_grammar_that_llama_cpp_reads(accepts):
    paths = [f"pkg{n % 40}/module_{n}.py" for n in range(2 * MAX_PATHS)]
    grammar = wide_plan_grammar(SYMBOLS, paths, 8)
    assert accepts(grammar, "edit pkg3/module_3.py: x\n")
    assert accepts(grammar, "edit shop/http.py::fetch: x\n")


def test_every_verb_of_the_language_can_be_planned(plans):
    targets = ("shop/http.py", *(s.address for s in SYMBOLS), "config.toml", "new/file.py")
    for verb in VERBS:
        assert any(plans.matches(f"{verb} {target}: x\n") for target in targets), verb


def test_the_prompt_tells_of_every_operation():
    told = prompt_text("full", "system")
    assert [verb for verb in VERBS if f"\n{verb} " not in told] == []
