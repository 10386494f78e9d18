"""Drafts from the prompt: the same text as one token after the other, whatever is drafted."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorte_cli.inference import ModelSpec, Options, drafting
from sorte_cli.inference.drafting import (
    BACK,
    LONGEST_DRAFT,
    MATCH_TOKENS,
    NEAR,
    SLIP,
    Decoder,
    Lookup,
    Prices,
)
from sorte_cli.inference.grammar import Grammar, escape, trie
from sorte_cli.inference.local import LocalEngine
from sorte_cli.inference.memory import Memory
from sorte_cli.inference.rounding import Rounding

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
    assert lookup.draft(3) == []
    lookup.add(3)
    assert lookup.draft(3) == [4, 5, 6]
    assert lookup.draft(0) == []
    lookup.add(7)
    for token in (1, 2, 3):
        lookup.add(token)
    assert lookup.draft(2) == [7, 1]  # the latest counts


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), st.integers(0, LONGEST_DRAFT))
def test_a_draft_is_what_stands_somewhere_and_no_longer_than_asked_for(
    tokens: list[int], count: int
) -> None:
    lookup = Lookup([])
    for number, token in enumerate(tokens):
        lookup.add(token)
        found = lookup.draft(count)
        assert len(found) <= count
        known = tokens[: number + 1]
        places = [n for n in range(len(known)) if known[n : n + len(found)] == found]
        assert places or lookup.kind == MATCH_TOKENS[0]


SOURCE = list(range(100, 140))


def after(*answer: int) -> Lookup:
    lookup = Lookup(SOURCE)
    for token in answer:
        lookup.add(token)
    return lookup


def test_after_one_wrong_token_the_copy_goes_on_in_step() -> None:
    lookup = after(*range(105, 116))
    assert lookup.draft(2) == [116, 117]
    assert lookup.kind == MATCH_TOKENS[0]
    lookup.add(9)
    assert lookup.draft(3) == [117, 118, 119]
    assert lookup.kind == SLIP
    lookup.add(117)
    assert lookup.draft(2) == [118, 119]
    assert lookup.kind == BACK


def test_after_tokens_were_put_in_or_left_out_it_goes_on_close_by() -> None:
    lookup = after(110, 111, 112)
    assert lookup.draft(1)
    lookup.add(116)  # 113 to 115 were left out
    assert lookup.draft(2) == [117, 118]
    assert lookup.kind == NEAR
    for token in (8, 9, 117):  # 8 and 9 were put in
        lookup.add(token)
        found = lookup.draft(2)
    assert found == [118, 119]
    for token in (1, 2, 3, 4, 5, 6, 7):
        lookup.add(token)
        found = lookup.draft(2)
    assert found == []


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


# -- rounding


def test_what_was_read_in_batches_is_read_again_where_rounding_could_decide(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch, counted: list[tuple[int, int]]
) -> None:
    """Batches round differently here, by more than any lead: nothing of them may stay."""
    again: list[int] = []
    read_again = Memory.read_again_from

    def note(self: Memory, place: int) -> None:
        again.append(len(self.tokens) - place)
        read_again(self, place)

    monkeypatch.setattr(Memory, "read_again_from", note)
    rounding = Rounding()
    rounding.deviation = 10.0
    monkeypatch.setattr(engine, "_rounding", rounding)
    monkeypatch.setattr(engine, "_prices", Prices())
    found, wanted = answers(engine, "ab " * 40, Options(max_tokens=120), monkeypatch)
    assert found == wanted
    assert counted[0][0] > 0  # drafts were made
    assert again


def test_a_lead_follows_from_what_rounding_does() -> None:
    alone = array("f", [1.0, 2.0, 3.0, 4.0])
    other = array("f", [1.0, 2.0, 3.0, 4.1])
    rounding = Rounding()
    assert rounding.exact and rounding.is_new(8, 100)
    rounding.note(8, 100, alone.tobytes(), memoryview(alone))
    assert rounding.exact and not rounding.is_new(8, 300)
    assert rounding.is_new(4, 100) and rounding.is_new(8, 600)
    rounding.note(8, 600, alone.tobytes(), memoryview(other))
    assert not rounding.exact
    assert 0.2 < rounding.lead < 0.4


def test_where_reading_again_costs_more_than_drafts_win_there_are_none_for_a_while() -> None:
    prices = Prices({1: 1.0, 4: 1.1, 8: 1.2, 16: 1.4})
    prices.settle(+3.0)
    assert prices.best_batch(10) == 16
    prices.settle(-20.0)
    assert prices.best_batch(10) == 1
    declined = 0
    while prices.best_batch(10) == 1:
        declined += 1
        assert declined < 200
    assert declined > 10


def test_small_models_are_quicker_without_drafts(long_model: Path) -> None:
    opened = LocalEngine(ModelSpec(long_model), keep_prefixes=False)
    assert not opened.speculates
    opened.close()
