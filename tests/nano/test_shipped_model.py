"""The model in the package, asked through the real engine."""

from __future__ import annotations

import json

import pytest

from sorte_cli import paths
from sorte_cli.agent import grounding
from sorte_cli.agent.grammar import plan_grammar, step_grammar
from sorte_cli.agent.prompting import Body, plan_messages, step_messages
from sorte_cli.domain import Step, Symbol
from sorte_cli.inference import ModelSpec, Options, open_engine

SYMBOLS = (
    Symbol("garden/plants.py", "file"),
    Symbol("garden/plants.py::water_all", "function", "(plants, liters=2)"),
    Symbol("garden/plants.py::MAX_PLANTS", "constant", "= 40"),
    Symbol("garden/plants.py::Greenhouse", "class", ""),
    Symbol("garden/plants.py::SEASONS", "constant", '= ["spring", "summer"]'),
)
BODIES = {
    "garden/plants.py::water_all": Body(
        "garden/plants.py::water_all", ((1, "for plant in plants:"), (2, "plant.water(liters)"))
    )
}

SENTENCES = [
    ("rename water_all to sprinkle", "rename garden/plants.py::water_all sprinkle"),
    ("set MAX_PLANTS to 75", "set_value garden/plants.py::MAX_PLANTS 75"),
    ("mude MAX_PLANTS para 60", "set_value garden/plants.py::MAX_PLANTS 60"),
    ('add "autumn" to SEASONS', 'add_entry garden/plants.py::SEASONS "autumn"'),
    ("renomeie a classe Greenhouse para Estufa", "rename garden/plants.py::Greenhouse Estufa"),
    (
        "change the default of liters in water_all to 5",
        'change_parameter garden/plants.py::water_all(liters) "liters=5"',
    ),
]


@pytest.fixture(scope="module")
def engine():
    with_model = open_engine(ModelSpec(paths.nano_model(), threads=1), inline=True)
    yield with_model
    with_model.close()


def ask(engine, messages, grammar):
    pairs = [(m.role, m.content) for m in messages]
    return engine.generate(pairs, Options(max_tokens=200, grammar=grammar)).text.strip()


def test_it_is_small_and_says_what_it_is(engine):
    path = paths.nano_model()
    assert path.stat().st_size <= 8_000_000
    assert engine.info.name == "nano"
    assert engine.info.trained_context_tokens == 2048
    card = json.loads(path.with_suffix(".json").read_text("utf-8"))
    assert card["license"] == "MIT"
    assert card["parameters"] == engine.info.parameters


def test_its_template_knows_the_instructions_by_heart(engine):
    messages = plan_messages("compact", SYMBOLS, "rename water_all to sprinkle")
    rendered = engine.render([(m.role, m.content) for m in messages])
    assert rendered == f"<|user|>{messages[1].content}<|assistant|>"


@pytest.mark.parametrize(("task", "wanted"), SENTENCES)
def test_plain_sentences_are_planned_and_carried_out(engine, task, wanted):
    mentions = grounding.read_mentions(task)
    plan = ask(
        engine,
        plan_messages("compact", SYMBOLS, task),
        plan_grammar(SYMBOLS, mentions),
    )
    verb, address = wanted.split(" ")[0], wanted.split(" ")[1].partition("(")[0]
    assert plan == f"{verb} {address}"
    step = Step(verb, (address,))
    bodies = (BODIES[address],) if verb == "insert_before" else ()
    answer = ask(
        engine,
        step_messages("compact", SYMBOLS, task, step, bodies),
        step_grammar(step, SYMBOLS, mentions, bodies),
    )
    assert answer == wanted


@pytest.mark.parametrize("task", ["tell me a joke about cats", "qual é a previsão do tempo hoje?"])
def test_what_is_no_code_change_is_refused(engine, task):
    mentions = grounding.read_mentions(task)
    grammar = plan_grammar(SYMBOLS, mentions)
    assert ask(engine, plan_messages("compact", SYMBOLS, task), grammar).startswith("none: ")
