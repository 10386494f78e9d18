"""Models that think: found by their templates, bounded, and never under the grammar."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sorte_cli.inference import Engine, ModelSpec, Options, open_engine
from sorte_cli.inference import thought as thoughts
from sorte_cli.inference.chat import CHATML, Chat
from sorte_cli.inference.local import LocalEngine
from sorte_cli.inference.native import Model
from sorte_cli.inference.sampling import Sampler
from sorte_cli.inference.thinking import style_of

from .tiny import ENDLESS, TEMPLATE, tiny_model

TURNS = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
SWITCHED = TURNS + (
    "{%- if add_generation_prompt %}\n{{- '<|im_start|>assistant\\n' }}"
    "{%- if enable_thinking is defined and enable_thinking is false %}"
    "{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}{%- endif %}"
)
"""As Qwen 3's: the model opens the thought itself, unless told not to think."""
OPENED = TURNS + "{{- '<|im_start|>assistant\\n<think>\\n' }}"
"""As Qwen 3 Thinking's and DeepSeek R1's: the thought is always open."""
CLEANED = TURNS.replace("m.content", "m.content.split('</think>')[-1]") + (
    "{{- '<|im_start|>assistant\\n' }}"
)
"""As Qwen 3 Coder's: it only takes thoughts out of earlier answers."""
DEEPSEEK = TURNS + "<|Assistant|>{% if thinking %}{{'<think>'}}{% else %}{{'</think>'}}{% endif %}"
HARMONY = (
    "{% for m in messages %}<|start|>{{ m.role }}<|message|>{{ m.content }}<|end|>{% endfor %}"
    "{# <|channel|>analysis #}<|start|>assistant"
)
ASK = [("user", "hi")]
OPEN_TINY = TEMPLATE.removesuffix("\n") + "{{ '\\n<think>\\n' }}"


def rendered(template: str, *, think: bool) -> str:
    chat = Chat(template, bos="", eos="", tokenize=lambda _: [], special_texts=lambda: frozenset())
    return chat.render(ASK, think=think)


@pytest.mark.parametrize(
    ("template", "silent", "thinking"),
    [
        (SWITCHED, "assistant\n<think>\n\n</think>\n\n", "assistant\n<think>\n"),
        (OPENED, "assistant\n<think>\n\n</think>\n\n", "assistant\n<think>\n"),
        (DEEPSEEK, "<|Assistant|></think>", "<|Assistant|><think>"),
        (
            HARMONY,
            "<|start|>assistant<|channel|>final<|message|>",
            "<|start|>assistant<|channel|>analysis<|message|>",
        ),
    ],
)
def test_a_prompt_ends_where_the_answer_or_the_thought_begins(
    template: str, silent: str, thinking: str
) -> None:
    assert style_of(template)
    assert rendered(template, think=False).endswith(silent)
    assert rendered(template, think=True).endswith(thinking)


@pytest.mark.parametrize("template", [CHATML, CLEANED, TEMPLATE, ""])
def test_a_template_that_only_knows_the_tags_is_left_alone(template: str) -> None:
    assert style_of(template) is None
    if template:
        assert rendered(template, think=True) == rendered(template, think=False)


@pytest.fixture(scope="module")
def thinker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    path = tmp_path_factory.mktemp("think") / "thinker.gguf"
    opened = open_engine(ModelSpec(tiny_model(path, template=OPEN_TINY)))
    yield opened
    opened.close()


GRAMMAR = 'root ::= "rename " [a-c]{2,4}'


def test_a_thought_is_bounded_and_the_grammar_begins_after_it(thinker: Engine) -> None:
    assert thinker.info.thinks
    pieces: list[str] = []
    options = Options(max_tokens=30, grammar=GRAMMAR, think_tokens=25)
    found = thinker.generate(ASK, options, on_text=pieces.append)
    assert found.text.startswith("rename ") and "".join(pieces) == found.text
    assert found.thought and not found.thought.startswith("rename")
    assert len(found.tokens) <= 12
    again = thinker.generate(ASK, options)
    assert (again.text, again.thought) == (found.text, found.thought)
    assert again.reused_tokens == again.prompt_tokens - 1


def test_without_a_bound_it_answers_at_once(thinker: Engine) -> None:
    found = thinker.generate(ASK, Options(max_tokens=30, grammar=GRAMMAR))
    assert found.thought == "" and found.text.startswith("rename ")
    assert thinker.render(ASK).endswith("<think>\n\n</think>\n\n")


def test_several_answers_have_one_thought(thinker: Engine) -> None:
    options = Options(max_tokens=12, think_tokens=20)
    alone = thinker.generate(ASK, options)
    found = thinker.candidates(ASK, options, 3)
    assert {f.thought for f in found} == {alone.thought} and alone.thought
    assert found[0].text == alone.text
    assert len({f.text for f in found}) == 3


def test_a_thought_leaves_room_for_the_answer(thinker: Engine) -> None:
    options = Options(max_tokens=100, grammar=ENDLESS, think_tokens=30_000)
    found = thinker.generate(ASK, options)
    assert len(found.tokens) == 100


def test_cancelling_ends_a_thought(thinker: Engine) -> None:
    early = threading.Event()
    early.set()
    found = thinker.generate(ASK, Options(think_tokens=400), cancel=early)
    assert (found.finish, found.text, found.thought) == ("cancelled", "", "")
    assert thinker.generate(ASK, Options(max_tokens=5, think_tokens=5)).thought


def test_models_that_do_not_think_take_no_notice(engine: Engine) -> None:
    assert not engine.info.thinks
    plain = engine.generate(ASK, Options(max_tokens=8))
    asked = engine.generate(ASK, Options(max_tokens=8, think_tokens=50))
    assert (asked.text, asked.thought) == (plain.text, "")


@pytest.mark.parametrize(
    ("template", "said"), [(OPEN_TINY, "a b</think>"), (HARMONY, "a b<|end|>")]
)
def test_a_model_that_ends_its_thought_goes_on_with_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, template: str, said: str
) -> None:
    path = tiny_model(tmp_path / "m.gguf", template=template)
    engine = LocalEngine(ModelSpec(path), keep_prefixes=False)
    script = iter(engine._open_model().tokenize(said, special=True))

    class Played(Sampler):
        def __init__(self, model: Model, options: Options) -> None:
            super().__init__(model, options)
            assert not options.grammar

        def next(self, position: int = -1) -> tuple[int, float]:
            super().next(position)
            return next(script), 0.0

    monkeypatch.setattr(thoughts, "Sampler", Played)
    found = engine.generate(ASK, Options(max_tokens=20, grammar=GRAMMAR, think_tokens=99))
    assert found.thought == "a b"
    assert found.text.startswith("rename ")
    read = b"".join(map(engine._open_model().piece, engine._memory.tokens)).decode()
    if template == OPEN_TINY:
        assert "<think>\na b</think>\n\nrename " in read
    else:
        assert read.count("assistant") == 2 and "final" in read
    engine.close()
