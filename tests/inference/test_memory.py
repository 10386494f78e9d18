"""Reading as little as possible twice: prefixes, roll-back points, states on disk."""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sorte_cli.inference import ModelSpec, Options
from sorte_cli.inference import memory as memory_module
from sorte_cli.inference.local import LocalEngine
from sorte_cli.inference.memory import MAX_CHECKPOINTS, Memory
from sorte_cli.inference.native import Model
from sorte_cli.inference.prefixes import PrefixStore, clear_prefixes

from .tiny import tiny_hybrid

SYSTEM = ("system", "rules " * 100)
ANSWER = Options(max_tokens=8)


@pytest.fixture(scope="module")
def hybrid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_hybrid(tmp_path_factory.mktemp("hybrid") / "hybrid.gguf")


@pytest.fixture
def keep_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Prefixes are kept on disk however fast they were read; gives their folder."""
    monkeypatch.setattr(memory_module, "SLOW_PREFIX_S", 0.0)
    monkeypatch.setenv("SORTE_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache/prefixes"


@pytest.fixture(params=["attention", "hybrid"])
def path(request: pytest.FixtureRequest, long_model: Path, hybrid: Path) -> Path:
    return long_model if request.param == "attention" else hybrid


@pytest.fixture
def weights(path: Path) -> Iterator[Model]:
    opened = Model(ModelSpec(path), context_tokens=4096, threads=(1, 1))
    yield opened
    opened.close()


def fresh_logits(model: Model, prompt: list[int]) -> list[float]:
    model.forget_from(0)
    Memory(model).enter(prompt, lambda: 0, None, None)
    return list(model.logits())


def test_a_hybrid_model_cannot_forget_its_end_and_says_so(hybrid: Path) -> None:
    model = Model(ModelSpec(hybrid), context_tokens=256, threads=(1, 1))
    model.decode(range(1, 50))
    assert not model.rolls_back
    assert not model.forget_from(20)
    model.close()


def test_what_two_prompts_share_is_read_once(weights: Model) -> None:
    """Whatever is reused, the scores are those of reading everything anew."""
    shared = [65 + n % 26 for n in range(1000)]
    memory = Memory(weights)
    assert memory.enter([*shared, 1, 2, 3], lambda: 0, None, None) == 0
    for token in (7, 8, 9):
        memory.add(token)
    second = [*shared, 4, 5]
    reused = memory.enter(second, lambda: 0, None, None)
    if weights.rolls_back:
        assert reused == 1000
    else:
        assert 1000 - 64 <= reused <= 1000
    found = list(weights.logits())
    assert found == pytest.approx(fresh_logits(weights, second), abs=2e-3)


def test_many_prompts_in_a_row_keep_the_scores_right(weights: Model) -> None:
    memory = Memory(weights)
    base = [65 + n % 7 for n in range(600)]
    prompts = [base, [*base, 1, 2], base[:300], [*base[:300], *range(1, 200)], [9], base[:520]]
    for prompt in prompts:
        memory.enter(prompt, lambda: 0, None, None)
        assert memory.tokens == prompt
        found = list(weights.logits())
        check = Model(weights_spec(weights), context_tokens=4096, threads=(1, 1))
        assert found == pytest.approx(fresh_logits(check, prompt), abs=2e-3)
        check.close()


def weights_spec(model: Model) -> ModelSpec:
    return ModelSpec(model.header.path)


def test_roll_back_points_stay_few(hybrid: Path) -> None:
    model = Model(ModelSpec(hybrid), context_tokens=4096, threads=(1, 1))
    memory = Memory(model)
    memory.enter([65 + n % 26 for n in range(4000)], lambda: 0, None, None)
    points = sorted(memory._checkpoints)
    assert len(points) == MAX_CHECKPOINTS
    assert points[0] == 512
    assert points[-1] == 4000
    model.close()


def test_the_system_text_is_kept_on_disk_for_the_next_process(path: Path, keep_all: Path) -> None:
    def ask(words: str, *, keep: bool = True) -> tuple[int, tuple[int, ...]]:
        engine = LocalEngine(ModelSpec(path), keep_prefixes=keep)
        found = engine.generate([SYSTEM, ("user", words)], ANSWER)
        engine.close()
        return found.reused_tokens, found.tokens

    first, second = ask("one thing"), ask("another thing")
    assert first[0] == 0
    assert second[0] > 500
    assert len(list(keep_all.iterdir())) == 1
    assert keep_all.stat().st_mode & 0o077 == 0
    assert second[1] == ask("another thing", keep=False)[1]
    assert ask("one thing")[1] == first[1]


def test_another_model_or_cache_type_does_not_use_the_state(
    long_model: Path, keep_all: Path
) -> None:
    for kv_type in ("f16", "bf16"):
        engine = LocalEngine(ModelSpec(long_model, kv_type=kv_type))
        assert engine.generate([SYSTEM, ("user", "x")], ANSWER).reused_tokens == 0
        engine.close()
    assert len(list(keep_all.iterdir())) == 2


def test_a_damaged_state_is_thrown_away_and_made_again(long_model: Path, keep_all: Path) -> None:
    def ask() -> tuple[int, tuple[int, ...]]:
        engine = LocalEngine(ModelSpec(long_model))
        found = engine.generate([SYSTEM, ("user", "x")], ANSWER)
        engine.close()
        return found.reused_tokens, found.tokens

    _, wanted = ask()
    (file,) = keep_all.iterdir()
    file.write_bytes(file.read_bytes()[:1000])
    assert ask() == (0, wanted)
    file.write_bytes(b"")
    assert ask() == (0, wanted)
    assert ask()[0] > 500


def test_short_or_fast_prefixes_are_not_kept(long_model: Path, keep_all: Path) -> None:
    engine = LocalEngine(ModelSpec(long_model))
    engine.generate([("system", "short"), ("user", "x " * 300)], ANSWER)
    engine.generate([("user", "y " * 300)], ANSWER)
    engine.close()
    assert not keep_all.exists()


def test_a_folder_that_cannot_be_written_costs_nothing(
    long_model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(memory_module, "SLOW_PREFIX_S", 0.0)
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("SORTE_CACHE_DIR", str(tmp_path / "file"))
    engine = LocalEngine(ModelSpec(long_model))
    assert engine.generate([SYSTEM, ("user", "x")], ANSWER).tokens
    engine.close()


def test_the_budget_is_kept_and_left_overs_go(weights: Model, tmp_path: Path) -> None:
    weights.decode(range(1, 250))
    tokens = list(range(1, 250))
    once = PrefixStore(tmp_path, "probe")
    once.save(weights, tokens)
    size = next(tmp_path.iterdir()).stat().st_size
    (tmp_path / "abc.999999999.part").write_bytes(b"x")
    (tmp_path / f"abc.{os.getpid()}.part").write_bytes(b"x")
    for number in range(4):
        store = PrefixStore(tmp_path, str(number), budget_bytes=2 * size)
        store.save(weights, tokens)
        time.sleep(0.01)
    kept = [f for f in tmp_path.iterdir() if f.suffix == ".kv"]
    assert len(kept) == 2
    assert PrefixStore(tmp_path, "3")._path(tokens) in kept
    assert [f.name for f in tmp_path.glob("*.part")] == [f"abc.{os.getpid()}.part"]


# -- whole prompts


@pytest.fixture
def keep_prompts(keep_all: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(memory_module, "SLOW_PROMPT_S", 0.0)
    return keep_all


def test_the_next_command_goes_on_where_the_last_one_began_the_same(
    path: Path, keep_prompts: Path
) -> None:
    """Whatever of the two prompts is the same, system text or not, is read once."""
    shared = "the same symbols and the same task " * 30

    def ask(words: str, *, keep: bool = True) -> tuple[int, int, tuple[int, ...]]:
        engine = LocalEngine(ModelSpec(path), keep_prefixes=keep)
        found = engine.generate([("user", shared + words)], ANSWER)
        engine.close()
        return found.reused_tokens, found.prompt_tokens, found.tokens

    first = ask("now")
    second = ask("again")
    assert first[0] == 0
    assert second[0] > 0.9 * second[1]
    assert second[2] == ask("again", keep=False)[2]


def test_of_prompts_that_continue_each_other_the_latest_is_kept(
    weights: Model, tmp_path: Path
) -> None:
    store = PrefixStore(tmp_path, "probe")
    tokens = [1 + n % 200 for n in range(600)]
    for end in (300, 400, 600):
        weights.forget_from(0)
        for at in range(0, end, 100):
            weights.decode(tokens[at : at + 100])
        store.save_last(weights, tokens[:end])
    assert len(list(tmp_path.glob("*.last"))) == 1
    assert store.nearest([*tokens[:450], 9, 9]) == (tokens, 450)
    assert store.nearest([9, 9]) == ([], 0)
    for begin in range(2, 8):
        weights.forget_from(0)
        weights.decode([begin] * 300)
        store.save_last(weights, [begin] * 300)
    assert len(list(tmp_path.glob("*.last"))) == len(list(tmp_path.glob("*.tokens"))) == 3
    assert PrefixStore(tmp_path, "another").nearest(tokens) == ([], 0)
    freed = clear_prefixes(tmp_path)
    assert freed > 0
    assert not list(tmp_path.iterdir())


def test_a_disk_that_fills_while_a_state_is_written_leaves_nothing_behind(
    long_model: Path, keep_prompts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """llama.cpp notices a short write and says so; a limit on file sizes plays the full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    engine = LocalEngine(ModelSpec(long_model))
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        found = engine.generate([SYSTEM, ("user", "x " * 300)], ANSWER)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert found.tokens
    assert not [f for f in keep_prompts.iterdir() if f.suffix != ".tokens"]
    assert engine.generate([SYSTEM, ("user", "y")], ANSWER).tokens
    engine.close()


def test_a_conversation_reads_each_turn_once(path: Path) -> None:
    """Turn by turn, what was read before is a prefix of what is read next."""
    engine = LocalEngine(ModelSpec(path), keep_prefixes=False)
    turns = [("system", "be exact " * 30), ("user", "the first question " * 5)]
    for number in range(3):
        found = engine.generate(turns, Options(max_tokens=6, grammar='root ::= [a-z]{6} "."'))
        held = list(engine._memory.tokens)
        turns += [("assistant", found.text), ("user", f"question {number}")]
        assert engine._prompt(turns)[: found.prompt_tokens] == held[: found.prompt_tokens]
        again = engine.generate(turns, ANSWER)
        slack = 0 if engine._open_model().rolls_back else 16
        assert again.reused_tokens >= found.prompt_tokens - slack
    engine.close()
