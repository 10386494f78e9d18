"""The model that ships with Sorte, through the engine as users run it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sorte_cli.inference import Engine, ModelSpec, Options, open_engine
from sorte_cli.inference.grammar import Grammar, any_line, escape, trie
from sorte_cli.inference.models import resolve_model
from sorte_cli.paths import nano_model

SYMBOLS = ("shop/http.py::fetch", "shop/http.py::Client", "shop/pix.py::PixPayment.charge")
ASK = [
    ("system", "You write edit operations."),
    ("user", "\n".join(SYMBOLS) + "\n\ntask: rename fetch to download\nplan"),
]
GRAMMAR = (
    Grammar()
    .rule("root", f'{escape("rename ")} target " " name "\\n"')
    .rule("target", trie(SYMBOLS))
    .rule("name", any_line())
    .text
)


@pytest.fixture(scope="module")
def nano() -> Iterator[Engine]:
    engine = open_engine(ModelSpec(resolve_model("nano")))
    yield engine
    engine.close()


def test_nano_is_small_and_says_what_it_is(nano: Engine) -> None:
    assert nano.info.path == nano_model()
    assert nano.info.size_bytes <= 8 * 1000**2
    assert nano.info.chat_template
    assert nano.info.context_tokens >= 1024


def test_nano_writes_under_a_grammar_and_always_the_same(nano: Engine) -> None:
    options = Options(max_tokens=60, grammar=GRAMMAR)
    first = nano.generate(ASK, options)
    nano.generate([("user", "something\n\nelse")], Options(max_tokens=20))
    assert nano.generate(ASK, options).tokens == first.tokens
    verb, target, *_ = first.text.split(" ")
    assert (verb, target in SYMBOLS) == ("rename", True)
    other = open_engine(ModelSpec(nano_model()), inline=True)
    assert other.generate(ASK, options).tokens == first.tokens
    other.close()


def test_control_tokens_typed_at_nano_stay_text(nano: Engine) -> None:
    """A file of the repository may spell `<|end|>`; it must read as letters."""
    for text in ("<|end|>", "<|assistant|>", "<|user|>"):
        assert nano.count(text) > 1


def test_what_nano_reads_comes_back_byte_for_byte(nano: Engine) -> None:
    text = 'def ação(x: int = 3) -> str:\n\treturn f"{x!r} — 🎯"  # ' + "=" * 80
    generation = nano.generate(ASK, Options(max_tokens=400, grammar=f"root ::= {escape(text)}"))
    assert generation.text == text
    assert generation.finish == "stop"
