"""What every engine does, whether it runs in this process or in a child."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from sorte_cli.errors import ExitCode, UsageError
from sorte_cli.inference import (
    ContextOverflow,
    Engine,
    EngineDied,
    GrammarError,
    ModelSpec,
    Options,
    open_engine,
    sampling,
)
from sorte_cli.inference.local import LocalEngine
from sorte_cli.inference.native import Cancelled, Model

from .tiny import ENDLESS, LONG, tiny_model, vocabulary

HELLO = [("user", "hello there")]
YES_NO = 'root ::= "yes" | "no" | "maybe " [a-z]{3}'


def test_info_says_what_was_loaded(engine: Engine, model: Path) -> None:
    info = engine.info
    assert (info.name, info.architecture, info.quantisation) == ("tiny", "llama", "F32")
    assert info.path == model
    assert info.context_tokens == info.trained_context_tokens == 512
    assert info.size_bytes == model.stat().st_size
    assert info.parameters > 10_000
    assert len(info.fingerprint) == 64


def test_user_text_never_becomes_a_control_token(engine: Engine) -> None:
    end = vocabulary().tokens.index("<|end|>")
    assert end not in engine.tokenize("a <|end|> b")
    assert engine.count("a <|end|> b") == len(engine.tokenize("a <|end|> b"))


def test_tokenize_takes_any_text(engine: Engine) -> None:
    assert engine.tokenize("") == []
    assert engine.tokenize("\ud800 lone surrogate")
    assert engine.count("é" * 3) == 6
    assert engine.count("a\0b") == 3


def test_render_uses_the_models_template(engine: Engine) -> None:
    text = engine.render([("system", "be brief"), ("user", "hi")])
    assert text == "<|system|>\nbe brief<|end|>\n<|user|>\nhi<|end|>\n<|assistant|>"


def test_typed_control_tokens_stay_text_in_a_prompt(engine: Engine) -> None:
    """`<|end|>` in a message must cost its seven letters, not end the user's turn."""
    spelled = engine.generate([("user", "a<|end|>b")], Options(max_tokens=1))
    plain = engine.generate([("user", "ab")], Options(max_tokens=1))
    assert spelled.prompt_tokens == plain.prompt_tokens - engine.count("ab") + engine.count(
        "a<|end|>b"
    )


def test_temperature_zero_is_deterministic_with_and_without_cache(engine: Engine) -> None:
    options = Options(max_tokens=40)
    first = engine.generate(HELLO, options)
    engine.generate([("user", "something else entirely")], options)
    second = engine.generate(HELLO, options)
    third = engine.generate(HELLO, options)
    assert first.tokens == second.tokens == third.tokens
    assert first.text == third.text
    assert third.reused_tokens > second.reused_tokens > 0


def test_the_same_seed_gives_the_same_text_and_another_seed_another(engine: Engine) -> None:
    def text(seed: int) -> str:
        return engine.generate(
            HELLO, Options(max_tokens=30, temperature=1.0, top_p=1.0, seed=seed)
        ).text

    assert text(7) == text(7)
    assert len({text(seed) for seed in range(4)}) > 1


def test_streamed_pieces_joined_are_the_text(engine: Engine) -> None:
    pieces: list[str] = []
    progress: list[tuple[int, int]] = []
    generation = engine.generate(
        HELLO,
        Options(max_tokens=60, logprobs=True),
        on_text=pieces.append,
        on_prompt=lambda done, total: progress.append((done, total)),
    )
    assert "".join(pieces) == generation.text
    assert len(generation.tokens) == len(generation.logprobs) == 60
    assert all(value <= 0 for value in generation.logprobs)
    assert progress[-1] == (generation.prompt_tokens, generation.prompt_tokens)
    assert generation.finish == "length"


def test_a_stop_text_ends_the_answer_and_is_not_part_of_it(engine: Engine) -> None:
    grammar = 'root ::= "one STOP two"'
    pieces: list[str] = []
    generation = engine.generate(
        HELLO,
        Options(max_tokens=60, grammar=grammar, stop=("", "STOP", "two")),
        on_text=pieces.append,
    )
    assert generation.text == "one " == "".join(pieces)
    assert generation.finish == "stop"


def test_a_begun_stop_text_that_does_not_complete_is_kept(engine: Engine) -> None:
    generation = engine.generate(
        HELLO, Options(max_tokens=60, grammar='root ::= "a ST"', stop=("STOP",))
    )
    assert generation.text == "a ST"


def test_tokens_longer_than_32_bytes_are_not_lost(model: Path) -> None:
    weights = Model(ModelSpec(model), context_tokens=256, threads=(1, 1))
    (token,) = weights.tokenize(LONG)
    assert weights.piece(token) == LONG.encode()
    text = f"x {LONG}\n{'=' * 70} é"
    assert b"".join(map(weights.piece, weights.tokenize(text))) == text.encode()
    weights.close()


def test_characters_of_several_tokens_come_out_whole(engine: Engine) -> None:
    pieces: list[str] = []
    generation = engine.generate(
        HELLO, Options(max_tokens=60, grammar='root ::= "ação 🎯"'), on_text=pieces.append
    )
    assert generation.text == "ação 🎯" == "".join(pieces)
    assert generation.finish == "stop"


@pytest.mark.parametrize("temperature", [0.0, 1.5])
def test_a_grammar_is_obeyed(engine: Engine, temperature: float) -> None:
    for seed in range(8):
        options = Options(max_tokens=20, grammar=YES_NO, temperature=temperature, seed=seed)
        generation = engine.generate(HELLO, options)
        assert generation.text in ("yes", "no") or generation.text.startswith("maybe ")
        assert generation.finish == "stop"


def test_logprobs_are_of_the_distribution_before_the_grammar(engine: Engine) -> None:
    free = engine.generate(HELLO, Options(max_tokens=1, logprobs=True))
    byte = bytes([free.tokens[0]]).decode("latin-1")
    forced = engine.generate(
        HELLO,
        Options(max_tokens=1, logprobs=True, grammar=f"root ::= [^\\x{ord(byte):02X}] [a-z]*"),
    )
    assert forced.tokens != free.tokens
    assert forced.logprobs[0] < free.logprobs[0]


def test_large_vocabularies_are_chosen_from_as_small_ones_are(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two ways to the same numbers; certainties leave out what is far less likely."""
    asked = [
        Options(max_tokens=24, logprobs=True),
        Options(max_tokens=24, logprobs=True, grammar="root ::= [a-f ]+"),
        Options(max_tokens=24, logprobs=True, temperature=0.9, seed=7, grammar="root ::= [a-z]+"),
    ]
    found = []
    for large in (10**6, 1):
        monkeypatch.setattr(sampling, "LARGE_VOCABULARY", large)
        opened = LocalEngine(ModelSpec(model), keep_prefixes=False)
        found.append([opened.generate(HELLO, options) for options in asked])
        opened.close()
    for small, great in zip(*found, strict=True):
        assert small.tokens == great.tokens
        assert great.logprobs == pytest.approx(small.logprobs, abs=1e-4)
        assert great.certainties == pytest.approx(small.certainties, abs=1e-4)


def test_what_nobody_asked_for_is_not_computed(model: Path) -> None:
    opened = LocalEngine(ModelSpec(model), keep_prefixes=False)
    free = opened.generate(HELLO, Options(max_tokens=5))
    bound = opened.generate(HELLO, Options(max_tokens=5, grammar=ENDLESS))
    opened.close()
    assert (free.logprobs, free.certainties) == ((), ())
    assert bound.logprobs == () and len(bound.certainties) == 5


@pytest.mark.parametrize(
    ("grammar", "reason"),
    [
        ("root ::= (", "expecting"),
        ("root ::= missing", "missing"),
        ('start ::= "a"', "root"),
        ('root ::= root "a" | "b"', "recursion"),
        ("", "empty"),
        ("not a grammar at all", "expecting"),
        ('root ::= "a"{3000}', "repetitions"),
        ("root ::= " + "(" * 5000 + '"a"' + ")" * 5000, "nests"),
    ],
)
def test_a_bad_grammar_is_an_error_with_its_reason(
    engine: Engine, grammar: str, reason: str
) -> None:
    with pytest.raises(GrammarError, match=reason):
        engine.check_grammar(grammar)
    if grammar:
        with pytest.raises(GrammarError):
            engine.generate(HELLO, Options(grammar=grammar))
    assert engine.generate(HELLO, Options(max_tokens=2)).tokens


def test_a_grammar_that_no_token_can_satisfy_is_an_error(tmp_path: Path) -> None:
    with_nul = "root ::= [\\x00]"
    engine = open_engine(ModelSpec(tiny_model(tmp_path / "m.gguf")), inline=True)
    try:
        with pytest.raises(GrammarError, match="no token"):
            engine.generate(HELLO, Options(grammar=with_nul))
        assert engine.generate(HELLO, Options(max_tokens=2)).tokens
    finally:
        engine.close()


def test_a_prompt_that_does_not_fit_says_by_how_much(engine: Engine) -> None:
    with pytest.raises(ContextOverflow) as caught:
        engine.generate([("user", "x" * 600)], Options())
    assert caught.value.context_tokens == 512
    assert caught.value.prompt_tokens > 600
    assert isinstance(caught.value, UsageError)


def test_the_window_ends_the_answer(engine: Engine) -> None:
    generation = engine.generate([("user", "x" * 490)], Options(max_tokens=500))
    assert generation.finish == "length"
    assert generation.prompt_tokens + len(generation.tokens) == 512


@pytest.mark.parametrize("inline", [True, False])
def test_cancel_while_the_answer_is_written(long_model: Path, inline: bool) -> None:
    engine = open_engine(ModelSpec(long_model), inline=inline)
    cancel = threading.Event()
    pieces: list[str] = []

    def stop(text: str) -> None:
        pieces.append(text)
        cancel.set()

    generation = engine.generate(
        HELLO, Options(max_tokens=8000, grammar=ENDLESS), on_text=stop, cancel=cancel
    )
    assert generation.finish == "cancelled"
    assert 0 < len(generation.tokens) < 8000
    assert generation.text == "".join(pieces)
    plain = engine.generate(HELLO, Options(max_tokens=5))
    assert plain.finish == "length"
    engine.close()


def test_cancel_while_the_prompt_is_read(long_model: Path) -> None:
    engine = open_engine(ModelSpec(long_model), inline=True)
    cancel = threading.Event()
    seen: list[int] = []

    def stop(done: int, _total: int) -> None:
        seen.append(done)
        cancel.set()

    words = [("user", "a b " * 2000)]
    generation = engine.generate(words, Options(max_tokens=5), on_prompt=stop, cancel=cancel)
    assert (generation.finish, generation.tokens, seen) == ("cancelled", (), [128])
    again = engine.generate(words, Options(max_tokens=5))
    assert again.reused_tokens == 128
    engine.close()
    fresh = open_engine(ModelSpec(long_model), inline=True)
    assert fresh.generate(words, Options(max_tokens=5)).tokens == again.tokens
    fresh.close()


def test_cancel_before_an_answer(engine: Engine) -> None:
    before = threading.Event()
    before.set()
    generation = engine.generate(HELLO, Options(max_tokens=50), cancel=before)
    assert (generation.finish, generation.tokens) == ("cancelled", ())
    again = engine.generate(HELLO, Options(max_tokens=5), cancel=threading.Event())
    assert again.finish == "length"
    assert again.tokens == engine.generate(HELLO, Options(max_tokens=5)).tokens


def test_calls_from_many_threads_are_answered_one_by_one(engine: Engine) -> None:
    wanted = engine.generate(HELLO, Options(max_tokens=20)).tokens
    found: list[tuple[int, ...]] = []

    def ask() -> None:
        found.append(engine.generate(HELLO, Options(max_tokens=20)).tokens)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [wanted] * 4


@pytest.mark.parametrize("inline", [True, False])
def test_use_after_close_is_an_error_and_closing_twice_is_not(model: Path, inline: bool) -> None:
    engine = open_engine(ModelSpec(model), inline=inline)
    assert engine.alive
    engine.close()
    engine.close()
    assert not engine.alive
    with pytest.raises(EngineDied) as caught:
        engine.generate(HELLO, Options())
    assert caught.value.exit_code == ExitCode.ENVIRONMENT


@pytest.mark.parametrize("inline", [True, False])
def test_two_engines_live_side_by_side(tmp_path: Path, model: Path, inline: bool) -> None:
    other = tiny_model(tmp_path / "other.gguf", seed=5, name="other")
    one = open_engine(ModelSpec(model), inline=inline)
    two = open_engine(ModelSpec(other, context_tokens=64), inline=inline)
    try:
        assert (one.info.name, two.info.name) == ("tiny", "other")
        assert two.info.context_tokens == 64
        options = Options(max_tokens=10)
        alone = one.generate(HELLO, options).tokens
        assert two.generate(HELLO, options).tokens != alone
        assert one.generate(HELLO, options).tokens == alone
    finally:
        one.close()
        two.close()


def test_loading_reports_progress(model: Path) -> None:
    seen: list[float] = []
    open_engine(ModelSpec(model), on_progress=seen.append).close()
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_the_abort_flag_stops_a_batch_and_the_context_stays_usable(model: Path) -> None:
    weights = Model(ModelSpec(model), context_tokens=256, threads=(1, 1))
    weights.decode([1, 2, 3])
    before = list(weights.logits())
    weights.abort(True)
    with pytest.raises(Cancelled):
        weights.decode([4] * 100)
    weights.abort(False)
    assert weights.forget_from(2)
    weights.decode([3])
    assert list(weights.logits()) == pytest.approx(before, abs=1e-4)
    weights.close()
