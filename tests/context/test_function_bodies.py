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
            patched.setattr(bodies, "without_bodies", lambda _language, text, _code=None: text)
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
    rest = bodies.without_bodies(language, data)
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
    assert bodies.without_bodies("php", page) != page
    for unsure in (page + b"?>\n<p>it's", page.replace(b"call_of", b"echo <<<X"), b"<p>" + page):
        assert bodies.without_bodies("php", unsure) == unsure


def test_brackets_that_do_not_balance_keep_their_body(whole):
    data = b"def f():\n    x = call(\n        1,\n1)\n    return [\n2]\n" + b"y = 1\n" * 200
    data = b"import os\n" + data
    assert definitions("python", data) == whole("python", data)
