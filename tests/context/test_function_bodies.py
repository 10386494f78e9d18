"""What stands in functions is left out before parsing, and the definitions are the same."""

import pytest

from sorte_cli.context import bodies
from sorte_cli.context.symbols import definitions

LONG = "        total = compute(total, 'text', [1, 2, 3])  # one more\n" * 3

PYTHON = f'''"""Shop."""
LIMIT = {{"def inside": 1}}


class Pix(Base):
    """Doc with

def not_a_definition():
    pass
    """

    rate: int = 3

    @overload
    def charge(self, a: int) -> int: ...

    @cached
    def charge(
        self,
        a: int = 1,
    ) -> int:
        """Say

    def hidden(): what a doc string shows
        """
{LONG}        # a last comment

    async def wait(self): # comment: with a colon
        text = """
def neither():
    pass
"""
{LONG}        return text

    def holder(self):
{LONG}
        def inner(x):
{LONG}            return x

        class Local:
            pass

        return inner


def later(a, b=(1,
          2)):
    return call(
        a,
)
{LONG.replace("        ", "    ")}
    # after

if True:
    def guarded():
{LONG}
'''

PHP = f"""<?php
use function Shop\\Tools\\rate;

abstract class Pix extends Base implements Charges
{{
    public const LIMIT = 3;

    /**
     * function in_a_comment()
     * {{
     */
    public function charge(int $amount = 1): int
    {{
{LONG.replace("#", "//")}        $text = "}} brace {{$amount}}";
    }}

    abstract public function later(): int;

    private static function wide(
        array $options = [],
    ): string {{
{LONG.replace("#", "//")}        return new class {{ public function nested() {{ return 1; }} }};
    }}
}}

function helper() {{
{LONG.replace("#", "//")}}}
"""

GO = """package shop

import "fmt"

type Pix struct {
\tRate int
}

func (p *Pix) Charge(amount int, options interface{}) (int, error) {
\tfmt.Println("} brace {", '}', `raw
}
text`)
\ttype local struct{ a int }
\tfmt.Println("something that is long enough to be left out")
\tfmt.Println("something that is long enough to be left out")
\treturn amount, nil
}

func Wide(
\ta int,
) error {
\tfmt.Println("something that is long enough to be left out")
\tfmt.Println("something that is long enough to be left out")
\treturn nil
}
"""

RUST = """pub struct Pix<'a> {
    name: &'a str,
}

impl<'a> Pix<'a> {
    pub(crate) async fn charge<T>(&self, amount: T) -> Result<T, Error>
    where
        T: Copy,
    {
        let brace = '}';
        let raw = r#"} "quoted" {"#;
        fn local() {}
        println!("something that is long enough to be left out");
        println!("something that is long enough to be left out");
        Ok(amount)
    }

    pub fn name(&self) -> &'a str {
        println!("something that is long enough to be left out");
        self.name
    }
}
"""

SOURCES = {"python": PYTHON, "php": PHP, "go": GO, "rust": RUST}


@pytest.fixture
def whole(monkeypatch):
    """The definitions of a text that is parsed as it stands."""

    def read(language: str, data: bytes) -> tuple:
        with monkeypatch.context() as patched:
            patched.setattr(
                bodies, "without_bodies", lambda _language, text, _code=None: (text, [])
            )
            return definitions(language, data)

    return read


@pytest.mark.parametrize("language", sorted(SOURCES))
def test_the_same_is_defined_in_the_same_lines(language, whole):
    data = SOURCES[language].encode()
    expected = whole(language, data)
    assert len(expected) >= 3
    assert definitions(language, data) == expected


@pytest.mark.parametrize("language", sorted(SOURCES))
def test_what_functions_hold_is_not_parsed(language):
    data = SOURCES[language].encode()
    rest, _ = bodies.without_bodies(language, data)
    assert len(rest) < 0.8 * len(data)
    assert rest.count(b"\n") == data.count(b"\n")


@pytest.mark.parametrize("language", sorted(SOURCES))
def test_half_a_file_is_read_like_a_whole_one(language, whole):
    data = SOURCES[language].encode()
    for end in range(len(data) // 3, len(data), 97):
        cut = data[:end]
        assert definitions(language, cut) == whole(language, cut), end


def test_a_text_that_may_not_be_code_is_left_as_it_is():
    page = b"<?php\nfunction a()\n{\n" + b"    call_of_something();\n" * 40 + b"}\n"
    assert bodies.without_bodies("php", page)[0] != page
    for unsure in (page + b"?>\n<p>it's", page.replace(b"call_of", b"echo <<<X"), b"<p>" + page):
        assert bodies.without_bodies("php", unsure)[0] == unsure


def test_brackets_that_do_not_balance_keep_their_body(whole):
    data = b"def f():\n    x = call(\n        1,\n1)\n    return [\n2]\n" + b"y = 1\n" * 200
    data = b"import os\n" + data
    assert definitions("python", data) == whole("python", data)


PLAIN = '''import os
from shop import (
    Pix,  # the fast one
)

LIMIT = """
import not_a_module
"""


@first(
    "a",
)
# between
@second
def charge(amount: int = 1, *, note="(" , **more) -> "dict[str, Any]":
    """Import os."""
    # at first
    return {"a": amount}
    # at last

# not of the function


class Box:
    """What it holds."""

    def open(self): return 1

    def close(self, key):  # with a key
        def turn(by):
            @cached
            def undo():
                pass
            return undo
        return turn(key)

    @property
    def size(self) -> int:
        return 1

    # of the class

def generic[T](x: T) -> T:
    return x

def odd(a, b=(1, 2)) -> {1: 2}:
    return a
''' + "x = 1\n" * 100  # fmt: skip


def test_functions_of_which_nothing_is_parsed_keep_all_that_is_said_of_them(whole):
    data = PLAIN.encode()
    expected = whole("python", data)
    assert {d.qualified for d in expected} >= {"charge", "Box.close.turn.undo", "odd", "LIMIT"}
    assert definitions("python", data) == expected


def test_plain_functions_leave_nothing_but_their_lines():
    rest, functions = bodies.without_bodies("python", PLAIN.encode())
    names = [function.name for function in functions]
    assert names == ["charge", "close", "turn", "undo", "size"]
    assert b"amount" not in rest
    assert b"undo" not in rest
    assert rest.count(b"\n") == PLAIN.count("\n")
    assert len({(function.start, function.end) for function in functions}) == len(functions)


@pytest.mark.parametrize(
    "unusual",
    [
        "def f(a, \\\n      b):\n    return a\n",
        "def f(a) -> \\\n        int:\n    return a\n",
        "def g(): x = [\n1]\n\ndef f(a):\n    return (\n1)\n",
        "@a\nx = 1\ndef f():\n    pass\n",
        "def _(a):\n    def inner():\n        pass\n",
        "def café(a):\n    return a\n",
        "if a:\n    @overload\n    def f(a): ...\n    @overload\n    def f(b):\n        ...\n"
        "    def f(c):\n        pass\n",
        "class A:\n    def f(self):\n        pass\n        # deep\n\n    # shallow\nx = 1\n",
        "def f():\n    x = 1\n\n    class A:\n        def g(self):\n            pass\n",
        'def f(a=")"):\n    return ")"\n\ndef g(a): # )\n    return 1\n',
    ],
)
def test_unusual_functions_are_read_as_the_grammar_reads_them(unusual, whole):
    data = ("\n" + unusual + "y = 2\n" * 100).encode()
    assert definitions("python", data) == whole("python", data)
