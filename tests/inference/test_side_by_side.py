"""Several answers to one prompt at once: each as it would be alone, and none in another's way."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from sorte_cli.inference import Engine, GrammarError, ModelSpec, Options, open_engine
from sorte_cli.inference.engine import candidate_options
from sorte_cli.inference.local import LocalEngine
from sorte_cli.inference.warm import WarmEngine

from .tiny import ENDLESS, tiny_hybrid

HELLO = [("system", "be short"), ("user", "hello")]
FREE = Options(max_tokens=24)


def test_each_is_what_it_would_be_alone(engine: Engine) -> None:
    alone = [engine.generate(HELLO, candidate_options(FREE, n)).text for n in range(5)]
    found = engine.candidates(HELLO, FREE, 5)
    assert [f.text for f in found] == alone
    assert len(set(alone)) > 2
    assert engine.candidates(HELLO, FREE, 5)[0].reused_tokens > 0
    assert engine.generate(HELLO, FREE).text == alone[0]


def test_a_grammar_and_a_stop_text_hold_for_all(engine: Engine) -> None:
    options = Options(max_tokens=60, grammar='root ::= [a-d]{3,9} "." [x-z]{2}', stop=("z",))
    options = replace(options, logprobs=True)
    pieces: list[str] = []
    found = engine.candidates(HELLO, options, 6, on_text=pieces.append)
    assert "".join(pieces) == found[0].text
    for one in found:
        head, dot, tail = one.text.partition(".")
        assert set(head) <= set("abcd") and 3 <= len(head) <= 9
        assert set(tail) <= set("xy") and (dot or one.finish == "length")
        assert len(one.tokens) == len(one.logprobs) == len(one.certainties)


def test_more_than_fit_one_batch_come_in_several(engine: Engine) -> None:
    found = engine.candidates(HELLO, Options(max_tokens=6), 11)
    assert len(found) == 11
    again = engine.candidates(HELLO, Options(max_tokens=6), 9)
    assert [f.text for f in again] == [f.text for f in found[:9]]


def test_where_the_window_is_full_the_last_end_first(model: Path) -> None:
    engine = LocalEngine(ModelSpec(model, context_tokens=128), keep_prefixes=False)
    options = Options(max_tokens=100, grammar=ENDLESS)
    found = engine.candidates(HELLO, options, 4)
    sizes = [len(f.tokens) for f in found]
    assert sizes == sorted(sizes, reverse=True) and sizes[0] > sizes[-1] > 0
    assert sizes[0] == len(engine.generate(HELLO, options).tokens)
    assert {f.finish for f in found} == {"length"}
    engine.close()


def test_cancelling_ends_all_and_the_engine_goes_on(engine: Engine) -> None:
    cancel = threading.Event()
    options = Options(max_tokens=400, grammar=ENDLESS)
    found = engine.candidates(HELLO, options, 3, on_text=lambda _: cancel.set(), cancel=cancel)
    assert {f.finish for f in found} == {"cancelled"}
    early = threading.Event()
    early.set()
    assert engine.candidates(HELLO, FREE, 2, cancel=early)[1].text == ""
    alone = engine.generate(HELLO, FREE).text
    assert engine.candidates(HELLO, FREE, 2)[0].text == alone


def test_an_error_in_one_leaves_no_trace(engine: Engine) -> None:
    alone = engine.generate(HELLO, FREE).text
    with pytest.raises(GrammarError):
        engine.candidates(HELLO, Options(grammar="root ::= ("), 3)
    assert engine.candidates(HELLO, FREE, 2)[0].text == alone


def test_recurrent_layers_write_them_in_turn(tmp_path: Path) -> None:
    engine = LocalEngine(ModelSpec(tiny_hybrid(tmp_path / "h.gguf")), keep_prefixes=False)
    alone = [engine.generate(HELLO, candidate_options(FREE, n)).text for n in range(3)]
    assert [f.text for f in engine.candidates(HELLO, FREE, 3)] == alone
    engine.close()


def test_the_temperature_of_the_first_is_as_asked_for() -> None:
    assert candidate_options(FREE, 0) is FREE
    hot = replace(FREE, temperature=1.2, seed=7)
    assert candidate_options(hot, 2) == replace(hot, seed=9)


def test_a_warm_engine_writes_them_too(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SORTE_RUNTIME_DIR", str(tmp_path / "run"))
    warm = WarmEngine(ModelSpec(model), stay_s=20)
    alone = open_engine(ModelSpec(model), inline=True)
    wanted = [f.text for f in alone.candidates(HELLO, FREE, 3)]
    assert [f.text for f in warm.candidates(HELLO, FREE, 3)] == wanted
    assert warm.stop()
    alone.close()
