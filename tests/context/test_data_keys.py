"""Configuration keys and template parts are found by name, with their lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorte_cli.context.data_keys import MAX_KEYS, keys
from sorte_cli.context.index import ProjectIndex
from sorte_cli.context.symbols import definitions


def found(language: str, text: str) -> dict[str, int]:
    return {d.qualified: d.line for d in keys(language, text)}


def test_toml_tables_and_keys():
    text = '[project]\nname = "x"\n\n[tool.ruff]\nline-length = 100\na.b = 1\n[[bin]]\npath = "p"\n'
    assert found("toml", text) == {
        "project": 1, "project.name": 2, "tool.ruff": 4, "tool.ruff.line-length": 5,
        "tool.ruff.a.b": 6, "bin": 7, "bin.path": 8,
    }  # fmt: skip


def test_text_of_several_lines_has_no_toml_keys():
    assert found("toml", 'a = """\nb = 1\n"""\nc = 2\n') == {"a": 1, "c": 4}


def test_yaml_keys_by_indentation():
    text = "jobs:\n  test:\n    steps:\n      - uses: x\n        with:\n          k: 1\non: push\n"
    assert found("yaml", text) == {
        "jobs": 1, "jobs.test": 2, "jobs.test.steps": 3, "jobs.test.steps.uses": 4,
        "jobs.test.steps.with": 5, "jobs.test.steps.with.k": 6, "on": 7,
    }  # fmt: skip


def test_a_literal_yaml_text_has_no_keys():
    assert found("yaml", "run: |\n  a: 1\n  b: 2\nnext: 1\n") == {"run": 1, "next": 4}


def test_json_keys_by_indentation():
    text = '{\n  "scripts": {\n    "build": "vite",\n    "a b": 1\n  },\n  "type": "module"\n}\n'
    assert found("json", text) == {"scripts": 2, "scripts.build": 3, "type": 6}


def test_ini_and_environment_files_keep_no_values():
    assert found("ini", "[mysqld]\nport = 3306\n") == {"mysqld": 1, "mysqld.port": 2}
    (only,) = keys("ini", "API_KEY=secret-value\n")
    assert (only.qualified, only.detail) == ("API_KEY", "")


def test_parts_of_templates():
    assert found("blade", "@extends('app')\n@section('title')\n@stack('js')\n") == {
        "title": 2,
        "js": 3,
    }
    assert found("jinja", "{% block body %}\n{%- macro field(x) -%}\n") == {"body": 1, "field": 2}


def test_a_huge_file_gives_a_bounded_number():
    assert len(keys("yaml", "\n".join(f"k{i}: 1" for i in range(3_000)))) == MAX_KEYS


@given(st.sampled_from(["toml", "yaml", "json", "ini", "blade", "html"]), st.binary(max_size=300))
def test_no_bytes_are_too_odd(language, data):
    for definition in definitions(language, data):
        assert definition.qualified
        assert 1 <= definition.line <= data.count(b"\n") + 1


def test_a_key_is_found_by_name(make_project):
    project = make_project({"pyproject.toml": "[tool.ruff]\nline-length = 100\n"})
    with ProjectIndex.open(project.root) as index:
        assert [s.address for s in index.find("line-length")] == [
            "pyproject.toml::tool.ruff.line-length"
        ]


def test_a_component_is_found_where_it_is_used_as_a_tag(make_project):
    project = make_project(
        {
            "PixPayment.vue": "<template><p>pix</p></template>\n",
            "Checkout.vue": "<template>\n  <pix-payment :amount='1' />\n</template>\n"
            "<script setup>\nimport PixPayment from './PixPayment.vue'\n</script>\n",
            "shop.blade.php": "<x-pix-payment/>\n<pix-payment-list/>\n",
            "pix-payment.css": ".pix-payment { color: red }\n",
        }
    )
    with ProjectIndex.open(project.root) as index:
        lines = [(r.path, r.line) for r in index.references("PixPayment")]
    assert lines == [("Checkout.vue", 2), ("Checkout.vue", 5), ("shop.blade.php", 1)]


@pytest.mark.parametrize(
    "text",
    [
        "<?php return new class { public $a = 1; };",
        "<?php\nfinal\nclass\n\tShop {}",
        "<?php function & total() {}",
        "<?php enum Kind: string { case A = 'a'; }",
        "<?php const LIMIT = 3;",
        "<?php trait Paying { private int $x = 1; }",
        "<?php interface é {}",
    ],
)
def test_a_php_file_that_defines_something_is_never_passed_over(text):
    assert definitions("php", text.encode())


def test_a_php_file_of_texts_defines_nothing():
    assert definitions("php", b"<?php return ['class' => 'The class', 'a' => ['b' => 'c']];") == ()
