"""What stands in functions of JavaScript and TypeScript is left out where it defines nothing."""

import pytest

from sorte_cli.context import bodies
from sorte_cli.context.script_bodies import without_script_bodies
from sorte_cli.context.symbols import definitions

LONG = "  total = compute(total, 'text {', [1, 2, 3]); // one }\n" * 4

SHOP = f"""import {{ Api }} from './api';

const LIMITS = {{
  pay: (a) => {{
    return a;
  }},
}};

export async function charge(
  amount: number,
  {{ retries = 3 }}: {{ retries: number }} = {{}},
): Promise<Receipt> {{
  if (
    amount > 1 &&
    retries
  ) {{
    throw new Error(`too ${{amount ? `much ${{amount}}` : "little }}"}}`);
  }}
{LONG}  const local = items.map((item): {{ a: number }} | null => {{
    return /[`'"{{]/.test(item) ? item : null;
  }});
  return local;
}}

export const Panel: FC<Props> = ({{
  title,
  onClose,
}}) => {{
{LONG}  return (
    <p className="type">
      don't {{title}} say <b onClick={{() => onClose()}}>http://x</b>
    </p>
  );
}};

const wrapped = memo((props) => {{
{LONG}  return props;
}});

function outer() {{
{LONG}  function inner(x) {{
    return x;
  }}
  return inner;
}}

function maker() {{
{LONG}  const api = {{
    run(a: string): void {{
      call(a);
    }},
  }};
  return api;
}}

describe('shop', () => {{
{LONG}  function helper() {{
    return 1;
  }}
}});

class Till {{
  open(): void {{
{LONG}  }}
}}
"""


@pytest.fixture
def whole(monkeypatch):
    """The definitions as the grammar gives them for the whole text."""

    def read(language: str, data: bytes):
        with monkeypatch.context() as patch:
            patch.setattr(bodies, "_SCRIPTS", frozenset())
            return definitions(language, data)

    return read


@pytest.mark.parametrize("language", ["tsx", "typescript", "javascript"])
def test_the_definitions_are_those_of_the_whole_text(language, whole):
    data = SHOP.encode()
    assert definitions(language, data) == whole(language, data)


def test_bodies_of_functions_and_tests_are_left_out_and_lines_stay():
    rest = without_script_bodies(SHOP.encode()).decode()
    assert rest.count("\n") == SHOP.count("\n")
    assert "too" not in rest
    assert "say" not in rest
    assert "helper" not in rest


@pytest.mark.parametrize("name", ["inner", "run", "wrapped", "open", "pay"])
def test_what_has_an_address_or_is_shown_as_a_value_stays(name):
    assert name in without_script_bodies(SHOP.encode()).decode()
    assert f"memo((props) => {{\n{LONG}" in without_script_bodies(SHOP.encode()).decode()


HIDDEN = f"""
function first() {{
{LONG}  return text.replace(/`/g, "");
}}
const second = () => {{
  return 1;
}};
function third() {{
{LONG}  return text.replace(/\\/*$/, "");
}}
const fourth = () => {{
  return text.replace(/`/g, ""); /* the end */
}};
"""


def test_what_looks_like_a_text_hides_no_function(whole):
    for text in (HIDDEN, HIDDEN.replace("replace(", "replace(\n    ")):
        names = [d.qualified for d in definitions("javascript", text.encode())]
        assert names == ["first", "second", "third", "fourth"]
        assert definitions("javascript", text.encode()) == whole("javascript", text.encode())


@pytest.mark.parametrize(
    "text",
    [
        f"\nconst x = (a) ? (b) => {{\n{LONG}}} : (c) => {{\n{LONG}}};\n",
        f"\nconst x = (a) ? (b) => {{\n{LONG}}}\n  : null;\n",
        f"\nconst x = (a as Any).map((b) => {{\n{LONG}}});\n",
        f"\nfoo({{ a: () => {{\n{LONG}  function f() {{}}\n}} }});\n",
        f"\nfunction f(): {{\n  a: string;\n{'  b: string;' * 20}\n}} {{\n  return 1;\n}}\n",
        f"\nfunction f() {{\n{LONG}  type Local = string;\n}}\n",
        f"\nfunction f() {{\n{LONG}  const t = `\nfunction g() {{}}\n`;\n}}\n",
        f"\nfunction f() {{\n{LONG}",
        f"\nfunction f() {{\n{LONG}}} {{\n{LONG}}}\n",
    ],
)
def test_what_is_not_plain_is_read_as_the_grammar_reads_it(text, whole):
    text += "\n" * 500
    assert definitions("typescript", text.encode()) == whole("typescript", text.encode())


def test_half_a_file_is_read_like_a_whole_one(whole):
    data = SHOP.encode()
    for end in range(len(data) // 3, len(data), 61):
        assert definitions("tsx", data[:end]) == whole("tsx", data[:end]), end
