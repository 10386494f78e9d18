"""The llama in numpy against llama.cpp, its gradients, and adapters that do the same in both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from inference.tiny import tiny_model
from sorte_cli.domain import Step, Symbol
from sorte_cli.errors import EnvironmentFailure
from sorte_cli.inference import ModelSpec, Options
from sorte_cli.inference.gguf import read_header
from sorte_cli.inference.local import LocalEngine
from sorte_cli.inference.vocabulary import Vocabulary
from sorte_cli.inference.weights import read_tensors, write_adapter
from sorte_cli.learning.examples import Pair, general_pairs
from sorte_cli.learning.loop import Learning, learn
from sorte_cli.learning.measuring import is_right, measure
from sorte_cli.learning.network import Network, Tree, check_trainable
from sorte_cli.learning.training import Recipe, train
from sorte_cli.learning.trees import tree_of
from sorte_cli.paths import nano_model

SYMBOLS = (
    Symbol("shop/orders.py::LIMIT", "constant", "= 40"),
    Symbol("shop/orders.py::calc_total", "function", "(items)"),
)
LIMIT = Step("set_value", ("shop/orders.py::LIMIT",))
PAIR = Pair("set LIMIT to 75", SYMBOLS, (LIMIT,), ("set_value shop/orders.py::LIMIT 75",))


@pytest.fixture(scope="module")
def vocabulary() -> Iterator[Vocabulary]:
    with Vocabulary(nano_model()) as found:
        yield found


@pytest.fixture(scope="module")
def network() -> Network:
    return Network(read_header(nano_model()))


@pytest.fixture(scope="module")
def tree(vocabulary: Vocabulary) -> Tree:
    found = tree_of(vocabulary, PAIR)
    assert found is not None
    return found


def log_shares(scores: np.ndarray, tokens: list[int]) -> list[float]:
    top = scores.max(1, keepdims=True)
    shares = scores - top - np.log(np.exp(scores - top).sum(1, keepdims=True))
    return [float(shares[row, token]) for row, token in enumerate(tokens)]


def test_both_roles_score_as_in_llama_cpp(
    vocabulary: Vocabulary, network: Network, tree: Tree
) -> None:
    scores = network.logits([tree])
    engine = LocalEngine(ModelSpec(nano_model(), threads=1))
    at = 0
    for messages, answer in PAIR.dialogues("compact"):
        prompt = [(m.role, m.content) for m in messages]
        said = engine.generate(prompt, Options(max_tokens=60, logprobs=True))
        wanted = vocabulary.answer(answer)
        assert said.prompt_tokens == len(vocabulary.prompt(prompt))
        count = len(said.tokens)
        if list(said.tokens) == wanted[:count]:
            ours = log_shares(scores[at : at + count], wanted[:count])
            assert ours == pytest.approx(said.logprobs, abs=0.02)
        assert int(scores[at].argmax()) == said.tokens[0]
        at += len(wanted)
    engine.close()
    assert at == len(scores)


def test_a_tree_is_its_sequences_one_by_one(network: Network, tree: Tree) -> None:
    """What a leaf sees of its siblings is nothing."""
    stem = int(np.argmax(np.diff(tree.positions) <= 0)) + 1  # where the second leaf begins
    first = tree.where < stem
    alone = Tree(
        tree.ids[:stem], tree.positions[:stem], tree.leaf[:stem],
        tree.where[first], tree.wanted[first], tree.weight[first],
    )  # fmt: skip
    assert 0 < first.sum() < len(first)
    np.testing.assert_allclose(network.logits([alone]), network.logits([tree])[first], atol=1e-3)
    np.testing.assert_allclose(
        network.logits([tree, tree])[len(tree.where) :], network.logits([tree]), atol=1e-3
    )


@pytest.mark.parametrize("name", ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate",
                                  "ffn_up", "ffn_down"])  # fmt: skip
def test_gradients_are_those_of_small_steps(tmp_path: Path, name: str) -> None:
    small = Network(read_header(tiny_model(tmp_path / "tiny.gguf")))
    dice = np.random.default_rng(3)
    count = 12
    tree = Tree(
        dice.integers(0, 200, count),
        np.arange(count),
        np.zeros(count, np.int64),
        np.arange(4, count),
        dice.integers(0, 200, count - 4),
        np.ones(count - 4, np.float32),
    )
    key = f"blk.0.{name}.weight"
    slope = small.learn([tree])[2][key]
    way = slope / np.linalg.norm(slope)
    weight, step = small.weights[key], 0.003
    losses = []
    for sign in (1, -1):
        small.weights[key] = weight + np.float32(sign * step) * way
        losses.append(small.learn([tree])[0])
    assert (losses[0] - losses[1]) / (2 * step) == pytest.approx(
        float((slope * way).sum()), rel=0.02
    )


def test_training_goes_down_and_leaves_the_weights_as_they_were(
    network: Network, tree: Tree
) -> None:
    recipe = Recipe(passes=6, tokens_a_step=10, rehearsal=0.0)
    other = replace(tree, wanted=(tree.wanted + 1) % 3000)
    before = {name: weight.copy() for name, weight in network.weights.items()}
    told: list[int] = []
    one = train(network, [other], [], recipe, lambda step, steps, loss: told.append(steps))
    assert told == [6] * 6
    assert one.losses[-1] < one.losses[0]
    assert all((network.weights[name] == before[name]).all() for name in before)
    again = train(network, [other], [], recipe)
    assert again.losses == one.losses


def test_an_interrupted_training_leaves_the_weights_as_they_were(
    network: Network, tree: Tree
) -> None:
    before = network.weights["blk.0.attn_q.weight"].copy()

    def stop(step: int, steps: int, loss: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(network, [tree], [tree], Recipe(passes=2), stop)
    assert (network.weights["blk.0.attn_q.weight"] == before).all()


def test_training_ends_when_its_time_is_over(network: Network, tree: Tree) -> None:
    recipe = Recipe(passes=200, tokens_a_step=10, rehearsal=0.0, most_seconds=0.01)
    assert len(train(network, [tree], [], recipe).losses) < 200


def test_an_adapter_made_here_teaches_the_engine_a_word(tmp_path: Path) -> None:
    """Of two meanings that a word could have, nano takes at most one; it learns the other."""
    symbols = (Symbol("shop/orders.py::Policy", "class", ""), *SYMBOLS)
    meanings = [
        Pair("espelha Policy em FastPolicy", symbols, (Step(verb, (symbols[0].address,)),),
             (f"{verb} {symbols[0].address} FastPolicy",))
        for verb in ("clone", "rename")
    ]  # fmt: skip
    before = measure(nano_model(), meanings).right
    strange = meanings[before.index(False)]
    file = tmp_path / "adapter.gguf"
    recipe = Recipe(passes=14, tokens_a_step=200, rehearsal=0.0, rate=0.004)
    learn(Learning(nano_model(), (strange,), (), recipe), file, name="a-word")
    header = read_header(file)
    assert header.text("adapter.type") == "lora"
    assert {t.type_name for t in header.tensors} == {"F32"}
    assert len(header.tensors) == 2 * 7 * read_header(nano_model()).layers
    assert measure(nano_model(), [strange], adapter=file).right == (True,)


def test_the_engine_applies_an_adapter_as_the_network_does(
    tmp_path: Path, network: Network, vocabulary: Vocabulary, tree: Tree
) -> None:
    dice = np.random.default_rng(5)
    pairs = {}
    for name in network.linear:
        rows, columns = network.weights[name].shape
        pairs[name] = (
            dice.normal(0, 0.02, (4, columns)).astype(np.float32),
            dice.normal(0, 0.02, (rows, 4)).astype(np.float32),
        )
    file = tmp_path / "noise.gguf"
    write_adapter(file, pairs, alpha=8.0, architecture="llama")
    engine = LocalEngine(ModelSpec(nano_model(), threads=1, adapters=((file, 1.0),)))
    prompt = [(m.role, m.content) for m in PAIR.dialogues("compact")[0][0]]
    said = engine.generate(prompt, Options(max_tokens=1, logprobs=True))
    engine.close()
    base = dict(network.weights)
    try:
        for name, (a, b) in pairs.items():
            network.weights[name] = base[name] + np.float32(2.0) * (b @ a)
        scores = network.logits([tree])[:1]
    finally:
        network.weights.update(base)
    assert int(scores[0].argmax()) == said.tokens[0]
    assert log_shares(scores, [said.tokens[0]]) == pytest.approx(said.logprobs[:1], abs=0.05)


def test_a_model_that_needs_torch_says_so(tmp_path: Path) -> None:
    header = read_header(tiny_model(tmp_path / "tiny.gguf"))
    for changed in (
        {**header.metadata, "llama.attention.head_count_kv": 1},
        {**header.metadata, "general.architecture": "qwen2"},
    ):
        with pytest.raises(EnvironmentFailure, match="cannot be trained without torch") as failure:
            check_trainable(replace(header, metadata=changed))
        assert "--base FOLDER" in failure.value.hint


def test_weights_of_all_the_readable_types_are_read(tmp_path: Path) -> None:
    header = read_header(nano_model())
    tensors = read_tensors(header)
    assert tensors["token_embd.weight"].dtype == np.float32
    assert {t.name for t in header.tensors} == set(tensors)
    assert all(tensors[t.name].shape == t.shape[::-1] for t in header.tensors)


def test_the_general_pairs_are_ours_alone_and_apart() -> None:
    rehearse, general = general_pairs()
    assert len(rehearse) > 300
    assert len(general) > 150
    assert not {p.task for p in rehearse} & {p.task for p in general}
    assert {p.language for p in general} == {"en", "pt"}
    assert any(not p.steps for p in general)


def test_answers_that_cannot_be_planned_are_wrong_not_errors() -> None:
    class Broken:
        info = SimpleNamespace(thinks=False, architecture="llama")

        def generate(self, *_: object, **__: object) -> None:
            raise EnvironmentFailure("it died")

    assert not is_right(Broken(), "compact", PAIR)  # type: ignore[arg-type]
