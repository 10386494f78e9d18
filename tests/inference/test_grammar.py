"""Building GBNF; what a grammar accepts is asked of llama.cpp itself, byte by byte."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sorte_cli.inference import GrammarError, ModelSpec, Options
from sorte_cli.inference.grammar import Grammar, any_line, escape, trie, until_fence
from sorte_cli.inference.native import Model
from sorte_cli.inference.sampling import Sampler

from .tiny import vocabulary

END = vocabulary().tokens.index("<|end|>")
NO_FIXTURE_CHECK = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12
)
SIMILAR = st.text('ab\n"\\]é', max_size=7)


@pytest.fixture(scope="module")
def weights(model: Path) -> Iterator[Model]:
    opened = Model(ModelSpec(model), context_tokens=256, threads=(1, 1))
    yield opened
    opened.close()


def accepts(weights: Model, expression: str, text: str) -> bool:
    """Whether the grammar takes all of `text` and may end there. Token ids 0-255 are the bytes."""
    with Sampler(weights, Options(grammar=f"root ::= {expression}")) as sampler:
        for byte in text.encode():
            if not sampler.allows(byte):
                return False
            sampler.accept(byte)
        return sampler.allows(END)


@NO_FIXTURE_CHECK
@given(TEXT)
@example('"\\\n\r\t[]{}^-\x1b\x7fé🎯￿')
def test_a_literal_matches_its_text_and_nothing_longer(weights: Model, text: str) -> None:
    assert accepts(weights, escape(text), text)
    assert not accepts(weights, escape(text), text + "x")
    assert not accepts(weights, escape(text), text[:-1])


@NO_FIXTURE_CHECK
@given(st.lists(st.one_of(TEXT, SIMILAR), min_size=1, max_size=12), st.lists(SIMILAR, max_size=6))
@example(["a", "ab", "abc", ""], ["abcd", "b"])
@example(["é", "è", "ê"], ["e"])
def test_a_trie_accepts_exactly_its_choices(
    weights: Model, choices: list[str], others: list[str]
) -> None:
    expression = trie(choices)
    for choice in choices:
        assert accepts(weights, expression, choice)
    for text in [*others, *(c[:-1] for c in choices), *(c + "a" for c in choices)]:
        assert accepts(weights, expression, text) == (text in choices)


def test_a_trie_can_stand_inside_a_sequence(weights: Model) -> None:
    expression = f'"rename " {trie(["a.py::x", "a.py::xy"])} " " {any_line()}'
    assert accepts(weights, expression, "rename a.py::xy new name")
    assert not accepts(weights, expression, "rename a.py::xz new")
    assert not accepts(weights, expression, "rename a.py::x \n")


def test_a_trie_of_one_choice_and_of_very_deep_ones(weights: Model) -> None:
    assert trie(["only", "only"]) == '"only"'
    chain = ["a" * n for n in range(1, 130)]
    expression = trie(chain)
    assert accepts(weights, expression, "a" * 129)
    assert accepts(weights, expression, "a" * 61)
    assert not accepts(weights, expression, "a" * 130)


def test_ten_thousand_symbols_make_a_usable_trie(weights: Model) -> None:
    names = [f"shop/{n % 97}/module_{n % 911}.py::Class{n}.method_{n % 7}" for n in range(10_000)]
    started = time.perf_counter()
    expression = trie(names)
    built = time.perf_counter()
    assert accepts(weights, expression, names[1234])
    assert not accepts(weights, expression, names[1234] + "x")
    print(
        f"\n10,000 symbols: built in {1000 * (built - started):.0f} ms ({len(expression):,} "
        f"characters), two checks in {1000 * (time.perf_counter() - built):.0f} ms"
    )


@pytest.mark.parametrize("fence", [">>>", "---", "]]", "^", "a", "é\\", "```"])
def test_until_fence_takes_any_lines_but_the_fence(weights: Model, fence: str) -> None:
    expression = f"{until_fence(fence)} {escape(fence)}"
    first = fence[0]
    bodies = [
        "",
        "x\n",
        "\n\n",
        f"{fence} \n",
        f" {fence}\n",
        f"{first}\n" if len(fence) > 1 else "\n",
        f"{fence}{fence}\n",
        'if a < b:\n    print("]^\\")\n',
    ]
    for body in bodies:
        assert accepts(weights, expression, body + fence), body
        assert not accepts(weights, expression, body), body
    assert not accepts(weights, expression, f"x\n{fence}\nmore\n{fence}")
    assert not accepts(weights, expression, f"x{fence}")


@NO_FIXTURE_CHECK
@given(st.lists(st.text("> x\t<", max_size=5), max_size=5))
def test_until_fence_on_lines_that_look_like_one(weights: Model, lines: list[str]) -> None:
    text = "".join(line + "\n" for line in lines) + ">>>"
    expression = f'{until_fence(">>>")} ">>>"'
    assert accepts(weights, expression, text) == (">>>" not in lines)


def test_rules_make_a_grammar(weights: Model) -> None:
    grammar = Grammar().rule("root", 'item ("," item)*').rule("item", "[a-z]+")
    grammar.rule("item", "[a-z]+")
    assert grammar.text == 'root ::= item ("," item)*\nitem ::= [a-z]+\n'
    assert weights.new_grammar(grammar.text)[0]


def test_mistakes_are_grammar_errors() -> None:
    for make in (
        lambda: trie([]),
        lambda: escape("a\0"),
        lambda: escape("\udc80"),
        lambda: until_fence(""),
        lambda: until_fence("a\nb"),
        lambda: Grammar().rule("two words", "x"),
        lambda: Grammar().rule("a", "x").rule("a", "y"),
    ):
        with pytest.raises(GrammarError):
            make()
