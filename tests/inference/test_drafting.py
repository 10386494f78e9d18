"""Drafts from the prompt: the same text as one token after the other, whatever is drafted."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorte_cli.inference import ModelSpec, Options, drafting
from sorte_cli.inference.drafting import (
    LONGEST_DRAFT,
    MATCH_TOKENS,
    SLIP,
    Decoder,
    Lookup,
    Prices,
)
from sorte_cli.inference.grammar import Grammar, escape, trie
from sorte_cli.inference.local import LocalEngine

from .tiny import ENDLESS, tiny_hybrid


@pytest.fixture(scope="module")
def engine(long_model: Path) -> Iterator[LocalEngine]:
    opened = LocalEngine(ModelSpec(long_model), keep_prefixes=False)
    opened.speculates = True
    ticks = itertools.count()
    opened._clock = lambda: float(next(ticks))  # every batch takes as long: drafts pay
    yield opened
    opened.close()


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """(drafted, accepted) of each answer."""
    counts: list[tuple[int, int]] = []
    finish = Decoder.finish

    def note(self: Decoder) -> None:
        finish(self)
        counts.append((self.drafted, self.accepted))

    monkeypatch.setattr(Decoder, "finish", note)
    return counts


def answers(
    engine: LocalEngine, words: str, options: Options, monkeypatch: pytest.MonkeyPatch
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The same question with and without drafts, each from empty memory."""
    messages = [("user", words)]
    engine._memory._clear()
    with_drafts = engine.generate(messages, options).tokens
    with monkeypatch.context() as patch:
        patch.setattr(drafting.Lookup, "draft", lambda *_: [])
        engine._memory._clear()
        return with_drafts, engine.generate(messages, options).tokens


@pytest.mark.parametrize("words", ["hello", "ab " * 40, "renare " * 30, "x = y\n" * 20, ""])
def test_the_text_is_the_same(
    engine: LocalEngine,
    words: str,
    counted: list[tuple[int, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found, wanted = answers(engine, words, Options(max_tokens=200), monkeypatch)
    assert found == wanted
    assert counted[1] == (0, 0)


def test_the_text_is_the_same_under_a_grammar(
    engine: LocalEngine, counted: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"value_{n}" for n in range(50)]
    line = f"{trie(names)} {escape(' = ')} {trie(names)} {escape(chr(10))}"
    grammar = Grammar().rule("root", f"({line})*").text
    prompt = "".join(f"value_{n} = value_{n + 1}\n" for n in range(20))
    options = Options(max_tokens=150, grammar=grammar)
    found, wanted = answers(engine, prompt, options, monkeypatch)
    assert found == wanted
    for grammar in (ENDLESS, 'root ::= "renarenarenarenarena" root'):
        options = Options(max_tokens=100, grammar=grammar)
        found, wanted = answers(engine, "rena" * 20, options, monkeypatch)
        assert found == wanted
    assert counted


def test_repetition_is_drafted_and_drafts_are_used(
    engine: LocalEngine, counted: list[tuple[int, int]]
) -> None:
    engine._memory._clear()
    engine.generate([("user", "ab " * 40)], Options(max_tokens=200))
    drafted, accepted = counted[0]
    assert 0 < accepted <= drafted


def test_what_comes_after_a_draft_sees_the_right_memory(engine: LocalEngine) -> None:
    """A wrong draft must leave nothing behind that a later answer could see."""
    words = [("user", "ab " * 40)]
    engine._memory._clear()
    first = engine.generate(words, Options(max_tokens=60))
    memory = engine._memory.tokens
    assert tuple(memory[first.prompt_tokens :]) == first.tokens[:-1]
    again = engine.generate(words, Options(max_tokens=60))
    assert again.tokens == first.tokens
    assert again.reused_tokens == again.prompt_tokens - 1


def test_chance_and_recurrent_layers_are_left_without_drafts(
    engine: LocalEngine, tmp_path: Path, counted: list[tuple[int, int]]
) -> None:
    engine.generate([("user", "ab " * 40)], Options(max_tokens=60, temperature=0.8, seed=1))
    hybrid = LocalEngine(ModelSpec(tiny_hybrid(tmp_path / "h.gguf")), keep_prefixes=False)
    hybrid.speculates = True
    hybrid.generate([("user", "ab " * 40)], Options(max_tokens=60))
    hybrid.close()
    assert counted == [(0, 0), (0, 0)]


def test_an_answer_at_the_end_of_the_window_stays_inside(engine: LocalEngine) -> None:
    opened = LocalEngine(ModelSpec(engine.info.path, context_tokens=160), keep_prefixes=False)
    opened.speculates = True
    found = opened.generate([("user", "ab " * 20)], Options(max_tokens=9999))
    assert found.prompt_tokens + len(found.tokens) <= 160
    opened.close()


# -- finding what to draft


def test_what_followed_the_last_time_is_drafted() -> None:
    lookup = Lookup([1, 2, 3, 4, 5, 6, 1, 2])
    assert lookup.draft(3, 3) == [4, 5, 6]
    assert lookup.draft(9, 3) == []
    assert lookup.draft(3, 0) == []
    lookup.add(3)
    lookup.add(7)
    for token in (1, 2):
        lookup.add(token)
    assert lookup.draft(3, 2) == [7, 1]  # the latest counts


@given(st.lists(st.integers(0, 3), max_size=40), st.integers(0, 3), st.integers(0, LONGEST_DRAFT))
def test_a_draft_is_as_long_as_asked_for_at_most_and_follows_an_equal_place(
    tokens: list[int], last: int, count: int
) -> None:
    found = Lookup(tokens).draft(last, count)
    assert len(found) <= count
    if found:
        places: list[int] = []
        for size in MATCH_TOKENS:
            key = [*tokens[1 - size :], last]
            places = [n for n in range(size, len(tokens)) if tokens[n - size : n] == key]
            if places:
                break
        assert places and found[0] == tokens[places[-1]]


def test_after_one_wrong_token_the_copy_goes_on_in_step() -> None:
    lookup = Lookup([1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2])
    assert lookup.draft(3, 4) == [4, 5, 6, 7]
    for token in (3, 4, 5):
        lookup.add(token)
    lookup.slipped(2)  # 4 and 5 were right, and another token came for 6
    assert lookup.draft(77, 3) == [7, 8, 9]
    assert lookup.kind == SLIP
    lookup.slipped(0)  # wrong at once: out of step for good
    assert lookup.draft(78, 3) == []


def test_a_draft_is_as_long_as_it_pays() -> None:
    memory_bound = Prices({1: 1.0, 4: 1.1, 8: 1.2, 16: 1.4})
    arithmetic = Prices({1: 1.0, 4: 3.2, 8: 6.3, 16: 12.0})
    assert memory_bound.best_batch(10) == 16
    assert arithmetic.best_batch(3) == 1
    for _ in range(9):
        memory_bound.note_draft(3, 0, 1)
        arithmetic.note_draft(10, 15, 0)
    assert memory_bound.best_batch(3) < 16
    assert arithmetic.best_batch(10) > 1


def test_a_bad_opinion_of_drafts_is_forgotten_in_time() -> None:
    prices = Prices({1: 1.0, 4: 2.0, 8: 4.0, 16: 8.0})
    for _ in range(20):
        prices.note_draft(5, 0, 1)
    declined = 0
    while prices.best_batch(5) == 1:
        declined += 1
        assert declined < 1000
    assert declined > 10


def test_small_models_are_quicker_without_drafts(long_model: Path) -> None:
    opened = LocalEngine(ModelSpec(long_model), keep_prefixes=False)
    assert not opened.speculates
    opened.close()
