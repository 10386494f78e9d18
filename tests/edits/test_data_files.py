"""Keys and items of data files: only their own bytes change."""

from __future__ import annotations

import json

import pytest
from edit_support import changed, refusal
from hypothesis import given, settings
from hypothesis import strategies as st

from sorte_cli.edits import MemorySnapshot, apply_script, parse_script

JSON = """\
{
  "name": "shop",
  "scripts": {
    "build": "vite build",
    "test": "vitest"
  },
  "files": ["a", "b"],
  "dependencies": {
    "axios": "^1.0.0",
    "pinia": "^2.0.0",
    "vue": "^3.0.0"
  },
  "empty": {}
}
"""


@pytest.mark.parametrize(
    ("script", "old", "new"),
    [
        ('set_key a.json::scripts.test "vitest run"', '"vitest"', '"vitest run"'),
        ("set_key a.json::scripts.test vitest run", '"vitest"', '"vitest run"'),
        ("set_key a.json::private True", '"empty": {}', '"empty": {},\n  "private": true'),
        (
            'set_key a.json::dependencies.lodash "^4"',
            '"pinia"',
            '"lodash": "^4",\n    "pinia"',
        ),
        (
            "set_key a.json::scripts.lint eslint",
            '"vitest"\n',
            '"vitest",\n    "lint": "eslint"\n',
        ),
        ("set_key a.json::empty.x 1", '"empty": {}', '"empty": {\n    "x": 1\n  }'),
        (
            'set_key a.json::x.y {"z": 1}',
            '"empty": {}',
            '"empty": {},\n  "x": {\n    "y": {"z": 1}\n  }',
        ),
        ("add_item a.json::files c", '"b"]', '"b", "c"]'),
        ("set_key a.json::files[0] z", '["a"', '["z"'),
        ("delete_key a.json::files[0]", '["a", "b"]', '["b"]'),
        ("delete_key a.json::scripts.test", ',\n    "test": "vitest"', ""),
        ("delete_key a.json::scripts.build", '    "build": "vite build",\n', ""),
        ("delete_key a.json::empty", ',\n  "empty": {}', ""),
    ],
)
def test_json(script: str, old: str, new: str) -> None:
    assert changed("a.json", JSON, f"{script}\n") == JSON.replace(old, new, 1)


def test_comments_of_json_stay() -> None:
    text = '{\n  // strict\n  "strict": true, // yes\n  "paths": {"@/*": ["src/*"]}\n}\n'
    assert changed("tsconfig.json", text, "set_key tsconfig.json::strict false\n") == text.replace(
        "true", "false"
    )
    assert changed("tsconfig.json", text, "set_key tsconfig.json::target es2022\n") == text.replace(
        '"]}\n', '"]},\n  "target": "es2022"\n'
    )


TOML = """\
# project
[project]
name = "shop"  # the name
dependencies = [
    "httpx>=0.27",  # http
    "rich",
]
authors = [{ name = "Ana" }]

[project.scripts]
shop = "shop:main"

# linter
[tool.ruff]
line-length = 100

[tool.ruff.lint]
select = ["E", "F"]

[[tool.x]]
a = 1

[[tool.x]]
a = 2
"""


@pytest.mark.parametrize(
    ("script", "old", "new"),
    [
        ("set_key a.toml::project.name loja", '"shop"  #', '"loja"  #'),
        ("set_key a.toml::tool.ruff.line-length 88", "100", "88"),
        (
            'set_key a.toml::tool.ruff.target-version "py311"',
            "100\n",
            '100\ntarget-version = "py311"\n',
        ),
        ("add_item a.toml::tool.ruff.lint.select UP", '"F"]', '"F", "UP"]'),
        (
            'add_item a.toml::project.dependencies "typer"',
            '    "rich",\n',
            '    "rich",\n    "typer",\n',
        ),
        ("delete_key a.toml::project.dependencies[0]", '    "httpx>=0.27",  # http\n', ""),
        (
            "set_key a.toml::tool.ruff.format.quote-style single",
            'select = ["E", "F"]\n',
            'select = ["E", "F"]\n\n[tool.ruff.format]\nquote-style = "single"\n',
        ),
        ("set_key a.toml::tool.x[1].a 3", "a = 2", "a = 3"),
        ("set_key a.toml::tool.x[-1].b true", "a = 2\n", "a = 2\nb = true\n"),
        ("set_key a.toml::project.authors[0].email x", '"Ana" }', '"Ana", email = "x" }'),
        ("delete_key a.toml::project.scripts", '[project.scripts]\nshop = "shop:main"\n\n', ""),
        ("delete_key a.toml::tool.ruff.line-length", "line-length = 100\n", ""),
        ('set_key a.toml::"project.scripts.a b" x', 'main"\n', 'main"\n"a b" = "x"\n'),
    ],
)
def test_toml(script: str, old: str, new: str) -> None:
    assert changed("a.toml", TOML, f"{script}\n") == TOML.replace(old, new, 1)


YAML = """\
# CI
on: [push]
jobs:
  build:
    runs-on: ubuntu-latest  # free
    steps:
      - uses: actions/checkout@v4
      - name: test
        run: |
          make test
          make lint

      # last
      - run: make
  # behind
env:
  A: 'x'
list:
- a
- b
empty:
"""


@pytest.mark.parametrize(
    ("script", "old", "new"),
    [
        ("set_key a.yml::jobs.build.runs-on ubuntu-24.04", "ubuntu-latest", "ubuntu-24.04"),
        ("set_key a.yml::env.B yes please", "'x'\n", "'x'\n  B: yes please\n"),
        ("set_key a.yml::env.C a: b", "'x'\n", "'x'\n  C: 'a: b'\n"),
        ("add_item a.yml::on pull_request", "[push]", "[push, pull_request]"),
        ("add_item a.yml::list c", "- b\n", "- b\n- c\n"),
        (
            "add_item a.yml::jobs.build.steps {run: make docs}",
            "      - run: make\n",
            "      - run: make\n      - {run: make docs}\n",
        ),
        ("set_key a.yml::jobs.build.steps[0].uses x@v5", "actions/checkout@v4", "x@v5"),
        (
            "set_key a.yml::jobs.build.steps[1].run make all",
            "|\n          make test\n          make lint\n",
            "make all\n",
        ),
        ("delete_key a.yml::jobs.build.runs-on", "    runs-on: ubuntu-latest  # free\n", ""),
        ("delete_key a.yml::jobs.build.steps[0]", "      - uses: actions/checkout@v4\n", ""),
        ("delete_key a.yml::jobs.build.steps[1].name", "name: test\n        run", "run"),
        ("delete_key a.yml::list[1]", "- b\n", ""),
        ("delete_key a.yml::env", "env:\n  A: 'x'\n", ""),
        ("set_key a.yml::empty 3", "empty:", "empty: 3"),
        ("set_key a.yml::list [x]", " \n- a\n- b\n".strip(" "), " [x]\n"),
        ("set_key a.yml::new.deep.key 1", "empty:\n", "empty:\nnew:\n  deep:\n    key: 1\n"),
    ],
)
def test_yaml(script: str, old: str, new: str) -> None:
    expected = YAML.replace(old, new, 1)
    if "::list [x]" in script:
        expected = YAML.replace("list:\n- a\n- b\n", "list: [x]\n")
    assert changed("a.yml", YAML, f"{script}\n") == expected


ENV = "APP_NAME=Shop\n# db\nDB_HOST=localhost # local\nDB_PORT=5432\n\nMAIL=\n"


@pytest.mark.parametrize(
    ("script", "old", "new"),
    [
        ("set_key .env.example::DB_HOST db", "localhost", "db"),
        ("set_key .env.example::DB_NAME shop", "5432\n", "5432\nDB_NAME=shop\n"),
        ("set_key .env.example::APP_TITLE My shop", "=Shop\n", '=Shop\nAPP_TITLE="My shop"\n'),
        ("set_key .env.example::PIX_KEY abc", "MAIL=\n", "MAIL=\nPIX_KEY=abc\n"),
        ("set_key .env.example::MAIL x", "MAIL=", "MAIL=x"),
        ("delete_key .env.example::DB_PORT", "DB_PORT=5432\n", ""),
    ],
)
def test_env(script: str, old: str, new: str) -> None:
    assert changed(".env.example", ENV, f"{script}\n") == ENV.replace(old, new, 1)


REQUIREMENTS = "# web\nflask==2.0  # old\nRequests[socks]>=2 ; python_version < '3'\n-r base.txt\n"


@pytest.mark.parametrize(
    ("script", "old", "new"),
    [
        ("set_key requirements.txt::flask ==3.0", "==2.0", "==3.0"),
        ("set_key requirements.txt::Flask 3.1", "==2.0", "==3.1"),
        ("add_item requirements.txt httpx>=0.27", "Requests", "httpx>=0.27\nRequests"),
        ("delete_key requirements.txt::flask", "flask==2.0  # old\n", ""),
    ],
)
def test_requirements(script: str, old: str, new: str) -> None:
    text = REQUIREMENTS
    assert changed("requirements.txt", text, f"{script}\n") == text.replace(old, new, 1)


MARKDOWN = """\
---
title: x
---
# Shop

Intro.

## Usage

```sh
# no heading
```

### Deep

Text.

## License

MIT. See [usage](#usage).
"""


def test_markdown_sections() -> None:
    result = changed("R.md", MARKDOWN, "replace_symbol R.md::Usage\n<<<\n## Usage\n\nNew.\n>>>\n")
    assert "Intro.\n\n## Usage\n\nNew.\n\n## License\n" in result
    result = changed("R.md", MARKDOWN, "delete R.md::License\n")
    assert result.endswith("Text.\n")
    result = changed("R.md", MARKDOWN, "add_symbol R.md::Usage\n<<<\n### More\n\nX.\n>>>\n")
    assert "Text.\n\n### More\n\nX.\n\n## License" in result
    result = changed("R.md", MARKDOWN, "add_symbol R.md\n<<<\n## End\n>>>\n")
    assert result == MARKDOWN + "\n## End\n"
    result = changed("R.md", MARKDOWN, "rename R.md::Usage Use_it\n")
    assert "## Use it\n" in result and "(#use-it)" in result
    assert changed("R.md", MARKDOWN, "insert_after R.md#L6\n<<<\nMore.\n>>>\n") == MARKDOWN.replace(
        "Intro.\n", "Intro.\nMore.\n"
    )


@pytest.mark.parametrize(
    ("path", "text", "script", "message", "hint"),
    [
        ("a.json", JSON, "delete_key a.json::scripts.tset", "no key 'scripts.tset'", "test"),
        ("a.json", JSON, "set_key a.json::name [1", "not a JSON value", "quotes"),
        ("a.json", JSON, "add_item a.json::name x", "is no list", "set_key"),
        ("a.json", JSON, "add_item a.json::files a", "already has", ""),
        ("a.json", JSON, "set_key a.json::files[9] a", "no item", "2 items"),
        ("a.json", "{", "set_key a.json::x 1", "not valid JSON", "replace_text"),
        ("a.json", JSON, "add_symbol a.json\n<<<\nx\n>>>", "does not work on", "set_key"),
        ("a.toml", TOML, "delete_key a.toml::tool.ruf", "no key", "ruff"),
        ("a.toml", TOML, "set_key a.toml::tool.ruff 1", "is a table", "inside"),
        ("a.toml", TOML, "set_key a.toml::project.name None", "no null", "delete_key"),
        ("a.yml", "a: [", "set_key a.yml::a 1", "not valid YAML: line", "replace_text"),
        ("a.yml", "a:\n  b: 1\n", "delete_key a.yml::a.b", "only entry", "Delete a"),
        ("requirements.txt", "a\n", "add_item requirements.txt A>1", "already has A", "set_key"),
        (".env.example", "A=1\nA=2\n", "set_key .env.example::A 3", "2 times", "#L"),
        ("R.md", MARKDOWN, "delete R.md::Usge", "no section", "Usage"),
        ("R.md", MARKDOWN, "set_key R.md::x 1", "does not work on", "replace_symbol"),
        ("a.ini", "[x]\n", "set_key a.ini::x 1", "does not work on", "replace_text"),
    ],
)
def test_refusals_teach(path: str, text: str, script: str, message: str, hint: str) -> None:
    error = refusal({path: text}, f"{script}\n")
    assert message in error.message
    assert hint in error.hint


@pytest.mark.parametrize(("path", "text"), [("a.json", JSON), ("a.toml", TOML), ("a.yml", YAML)])
def test_line_ends_and_byte_order_marks_stay(path: str, text: str) -> None:
    given = (
        "\ufeff" + text.replace("\n", "\r\n") if path != "a.toml" else text.replace("\n", "\r\n")
    )
    key = {"a.json": "scripts.test", "a.toml": "project.name", "a.yml": "env.A"}[path]
    result = changed(path, given, f"set_key {path}::{key} other\n")
    assert result.count("\r\n") == given.count("\r\n")
    assert result.startswith(given[0])
    assert "other" in result


KEYS = st.text("abc_-", min_size=1, max_size=4)
VALUES = st.integers() | st.booleans() | st.text("ab \"'\\é:#", max_size=5)


@given(st.dictionaries(KEYS, VALUES, min_size=1), KEYS, VALUES, st.sampled_from([None, 2, 4]))
@settings(max_examples=60, deadline=None)
def test_a_json_file_means_what_a_dict_would(
    data: dict[str, object], key: str, value: object, indent: int | None
) -> None:
    text = json.dumps(data, indent=indent)
    script = f'set_key a.json::"{key}" {json.dumps(value)}\n'
    result = apply_script(parse_script(script), MemorySnapshot({"a.json": text}))
    after = result.changes.changes[0].after if result.changes else text.encode()
    assert after is not None
    assert json.loads(after) == {**data, key: value}
