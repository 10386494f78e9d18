"""Checking text against a grammar without a model, beside llama.cpp's own judgement."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sorte_cli.inference import GrammarError, ModelSpec, Options
from sorte_cli.inference.bindings import bindings
from sorte_cli.inference.gbnf import Gbnf
from sorte_cli.inference.grammar import Grammar, escape, trie, until_fence
from sorte_cli.inference.native import Model
from sorte_cli.inference.sampling import Sampler

OPERATIONS = (
    Grammar()
    .rule("root", '"plan\\n" step+')
    .rule("step", f'"rename " name " " name {escape(chr(10))} | "edit " name body')
    .rule("name", trie(["shop.py::total", "shop.py::tax", "http.py::fetch"]))
    .rule("body", f'"\\n<<<\\n" {until_fence(">>>")} ">>>\\n"')
    .text
)


@pytest.mark.parametrize(
    ("grammar", "right", "wrong"),
    [
        ('root ::= "a" ("b" | "c")* "d"?', ["a", "ad", "abcbd"], ["", "b", "add", "abx"]),
        ("root ::= [a-c]{2,3} [^\\n0-9]", ["abx", "abcx", "cc-"], ["ax", "abcax", "ab\n", "ab5"]),
        ('root ::= "\\x41\\u00e7\\"" .', ['Aç"!'], ["A", 'Aç"']),
        ("root ::= [\\]\\-^]+ # a comment\n", ["]-^"], ["a"]),
        ('root ::= pair*\npair ::= "(" pair* ")"', ["", "()(())"], ["(", "())"]),
        ('root ::= (\n  "a"\n  | "b"\n) "c"{2}', ["acc", "bcc"], ["ac", "cc"]),
        (
            OPERATIONS,
            [
                "plan\nrename shop.py::total http.py::fetch\n",
                "plan\nedit shop.py::tax\n<<<\nx = 1\n>> >\n>>>\n",
            ],
            ["plan\n", "plan\nrename shop.py::nothing x\n", "plan\nedit shop.py::tax\n<<<\nx\n"],
        ),
    ],
)
def test_texts_are_judged(grammar: str, right: list[str], wrong: list[str]) -> None:
    found = Gbnf(grammar)
    assert [t for t in right if not found.matches(t)] == []
    assert [t for t in wrong if found.matches(t)] == []


def test_where_a_text_goes_wrong_is_known() -> None:
    assert Gbnf(OPERATIONS).longest("plan\nrename shop.py::t") == (
        len("plan\nrename shop.py::t"),
        False,
    )
    assert Gbnf(OPERATIONS).longest("plan: nothing") == (len("plan"), False)


def test_ten_thousand_symbols_are_no_burden() -> None:
    names = [f"module_{n % 100}.py::Class{n}.method_{n}" for n in range(10_000)]
    grammar = Gbnf(Grammar().rule("root", f'({trie(names)} "\\n")+').text)
    assert grammar.matches("".join(f"{name}\n" for name in names[:50]))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "root",
        "root ::= (",
        'root ::= "a',
        "root ::= [a",
        "root ::= missing",
        'x ::= "a"',
        "root ::= [a]{9999}",
        "root ::= [a]{,}",
        'root ::= "\\xZZ"',
        "root ::= )",
    ],
)
def test_what_is_no_grammar_is_refused(text: str) -> None:
    with pytest.raises(GrammarError):
        Gbnf(text)


def test_left_recursion_ends() -> None:
    with pytest.raises(GrammarError, match="ambiguous"):
        Gbnf('root ::= root "a" | "a"').matches("aa")


@pytest.fixture(scope="module")
def weights(model: Path) -> Iterator[Model]:
    opened = Model(ModelSpec(model), context_tokens=256, threads=(1, 1))
    yield opened
    opened.close()


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(
    st.recursive(
        st.sampled_from(['"a"', '"bc"', "[ab]", "[^a]", '""']),
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}"])).map(
                lambda p: f"({p[0]}){p[1]}"
            ),
            st.tuples(inner, inner).map(lambda p: f"({p[0]} | {p[1]})"),
            st.tuples(inner, inner).map(lambda p: f"({p[0]} {p[1]})"),
        ),
        max_leaves=3,
    ),
    st.text("abcd", max_size=6),
)
def test_it_agrees_with_llama_cpp(weights: Model, expression: str, text: str) -> None:
    grammar = f"root ::= {expression}\n"
    right, may_end = Gbnf(grammar).longest(text)
    handle, _reason = weights.new_grammar(grammar)
    assume(handle)  # it takes no repetition of what may be empty
    bindings().llama_sampler_free(handle)
    with Sampler(weights, Options(grammar=grammar)) as sampler:
        taken = 0
        for character in text:
            (token,) = weights.tokenize(character)
            if not sampler.allows(token):
                break
            sampler.accept(token)
            taken += 1
        assert taken == right
        assert sampler.allows(weights.eos) == may_end
