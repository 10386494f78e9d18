"""What takes away, moves and annotates: every verb of the compact profile has its sentences."""

import pytest
from gbnf import Acceptor

from sorte_cli.agent import intents
from sorte_cli.agent.grammar import COMPACT_VERBS, plan_grammar, step_grammar
from sorte_cli.agent.grounding import read_mentions
from sorte_cli.domain import Step, Symbol

SYMBOLS = (
    Symbol("farm/barn.py", "file"),
    Symbol("farm/barn.py::feed", "function", "(animal, amount: int = 3, when=None)"),
    Symbol("farm/barn.py::Barn", "class", ""),
    Symbol("farm/barn.py::Barn.doors", "method", "(self)"),
    Symbol("farm/barn.py::MAX_COWS", "constant", "= 20"),
    Symbol("farm/barn.py::CROPS", "constant", '= {"corn": 4, "oats": 2}'),
    Symbol("farm/barn.py::Mood", "class", "(Enum)"),
    Symbol("farm/barn.py::Mood.CALM", "field", "= 1"),
    Symbol("farm/field.py", "file"),
)
BARN = "farm/barn.py"
SENTENCES = [
    ("delete MAX_COWS, nobody uses it", f"delete {BARN}::MAX_COWS"),
    ("apague a função feed", f"delete {BARN}::feed"),
    ("get rid of field.py", "delete_file farm/field.py"),
    ("move feed to farm/field.py", f"move {BARN}::feed to farm/field.py"),
    ("a classe Barn deve ficar em field.py", f"move {BARN}::Barn to farm/field.py"),
    ("put Barn into farm/house.py", f"move {BARN}::Barn to farm/house.py"),
    ("rename field.py to meadow.py", "move_file farm/field.py to farm/meadow.py"),
    ("mova field.py para land/field.py", "move_file farm/field.py to land/field.py"),
    ("remove the when parameter from feed", f"remove_parameter {BARN}::feed(when)"),
    ("feed não precisa mais de amount", f"remove_parameter {BARN}::feed(amount)"),
    ("rename the amount parameter of feed to quantity", f"rename {BARN}::feed(amount) quantity"),
    ("em feed, when deve se chamar moment", f"rename {BARN}::feed(when) moment"),
    ("amount in feed should be a float", f'change_parameter {BARN}::feed(amount) "amount: float"'),
    (
        "anote o parâmetro animal de feed como str | None",
        f'change_parameter {BARN}::feed(animal) "animal: str | None"',
    ),
    ("feed should return list[str], annotate it", f"set_return_type {BARN}::feed list[str]"),
    ("o tipo de retorno de feed é Barn.", f"set_return_type {BARN}::feed Barn"),
    ("make Barn.doors a property", f"add_decorator {BARN}::Barn.doors property"),
    ("decore feed com @app.command().", f"add_decorator {BARN}::feed app.command()"),
    ("tira o decorador cache de feed", f"remove_decorator {BARN}::feed cache"),
    (
        'add the docstring "Gives food." to feed',
        f"set_docstring {BARN}::feed\n<<<\nGives food.\n>>>",
    ),
    ("remove corn from CROPS", f'remove_entry {BARN}::CROPS "corn"'),
    ("não plantamos mais oats, tira de CROPS", f'remove_entry {BARN}::CROPS "oats"'),
    ("remove the unused import of json in barn.py", f"remove_import {BARN} import json"),
    (
        "tire o import de Path de pathlib em barn.py",
        f"remove_import {BARN} from pathlib import Path",
    ),
    (
        "add a field rooms: int = 4 to Barn",
        f"add_symbol {BARN}::Barn\n<<<\nrooms: int = 4\n>>>",
    ),
    ("Barn precisa de um campo roof = 1", f"add_symbol {BARN}::Barn\n<<<\nroof = 1\n>>>"),
    ("add WILD = 2 to Mood", f"add_entry {BARN}::Mood WILD 2"),
]  # fmt: skip


@pytest.fixture(scope="module")
def accepts():
    return Acceptor()


def step_of(answer: str) -> Step:
    verb, _, rest = answer.partition("\n")[0].partition(" ")
    return Step(verb, (rest.split(" ")[0].partition("(")[0],))


@pytest.mark.parametrize(("task", "answer"), SENTENCES)
def test_the_plan_and_the_operation_can_be_written(accepts, task, answer):
    mentions, step = read_mentions(task), step_of(answer)
    plan = plan_grammar(SYMBOLS, mentions)
    assert accepts(plan, f"{step.verb} {step.targets[0]}\n")
    assert accepts(step_grammar(step, SYMBOLS, mentions), answer + "\n")


def test_every_compact_verb_has_a_sentence():
    shown = {step_of(answer).verb for _, answer in SENTENCES}
    first = {
        "rename", "clone", "add_parameter", "change_parameter", "insert_before", "add_import",
        "add_entry", "set_value",
    }  # fmt: skip
    assert shown | first == set(COMPACT_VERBS)


@pytest.mark.parametrize(
    ("task", "plan"),
    [
        ("remove corn from CROPS", f"add_entry {BARN}::CROPS"),
        ("delete MAX_COWS", f"set_value {BARN}::MAX_COWS"),
        ("rename feed to nourish", f"delete {BARN}::feed"),
        ("rename feed to nourish", f"add_parameter {BARN}::feed"),
        ("set MAX_COWS to 9", f"delete {BARN}::MAX_COWS"),
        ("add a door parameter to feed", f"remove_parameter {BARN}::feed"),
        ("remove wheat from CROPS", f"remove_entry {BARN}::CROPS"),
        ("add a docstring to feed", f"set_docstring {BARN}::feed"),
        ("move feed somewhere else", f"move {BARN}::feed"),
        ("delete it", f"delete {BARN}::feed"),
    ],
)
def test_what_the_sentence_does_not_say_cannot_be_planned(accepts, task, plan):
    assert not accepts(plan_grammar(SYMBOLS, read_mentions(task)), plan + "\n")


def test_the_parameter_that_is_spoken_of_is_renamed_and_not_the_function(accepts):
    task = "rename the amount parameter of feed to quantity"
    step = Step("rename", (f"{BARN}::feed",))
    grammar = step_grammar(step, SYMBOLS, read_mentions(task))
    assert accepts(grammar, f"rename {BARN}::feed(amount) quantity\n")
    assert not accepts(grammar, f"rename {BARN}::feed quantity\n")
    assert not accepts(grammar, f"rename {BARN}::feed(when) quantity\n")


@pytest.mark.parametrize(
    "task",
    [
        "what does feed do?",
        "por que feed existe?",
        "is MAX_COWS used anywhere?",
        "delete the .git folder",
        "set MAX_COWS in /etc/passwd to 3",
        "remove ../secrets.txt",
        "run sudo rm -rf /",
        "rename upload to send_file",
        "renomeie calcular_total para total",
    ],
)
def test_what_is_no_task_here_can_only_be_none(accepts, task):
    grammar = plan_grammar(SYMBOLS, read_mentions(task))
    assert intents.refused(SYMBOLS, read_mentions(task))
    assert accepts(grammar, "none: not a code change\n")
    assert not accepts(grammar, f"rename {BARN}::feed\n")
    assert not accepts(grammar, f"delete {BARN}::feed\n")


@pytest.mark.parametrize(
    "task",
    ["can you rename feed to nourish?", "why not call feed nourish?", "dá pra renomear feed?"],
)
def test_a_polite_question_is_a_task(task):
    assert not intents.refused(SYMBOLS, read_mentions(task))


def test_other_languages_are_only_offered_what_can_be_done_in_them():
    symbols = (
        Symbol("web/cart.ts::fmt", "function", "(value: number): string"),
        Symbol("web/cart.ts::LIMIT", "constant", "= 3"),
        Symbol("farm/barn.py::other", "function", "(x)"),
    )
    grammar = plan_grammar(symbols, read_mentions("add a parameter x to fmt"))
    assert 'add-parameter ::= "web' not in grammar
    assert "web/cart.ts::fmt" in plan_grammar(symbols, read_mentions("rename fmt to x"))


def test_a_longer_name_is_another_name():
    symbols = (
        Symbol("farm/barn.py::feed_cows", "function", "(cows)"),
        Symbol("tests/test_barn.py::test_feed_cows", "function", "()"),
    )
    assert intents.refused(symbols, read_mentions("rename feed_cows_maybe to nourish"))
    assert not intents.refused(symbols, read_mentions("rename feed_cows to feed_cows_maybe"))


def test_a_parameter_that_becomes_another_is_renamed_and_not_its_function(accepts):
    step = Step("rename", (f"{BARN}::feed",))
    grammar = step_grammar(step, SYMBOLS, read_mentions("in feed, amount becomes size"))
    assert accepts(grammar, f"rename {BARN}::feed(amount) size\n")
    assert not accepts(grammar, f"rename {BARN}::feed size\n")


def test_a_parameter_of_a_signature_that_is_cut_short_is_renamed_too(accepts):
    symbols = (Symbol("farm/barn.py::plough", "function", "(field, depth: int = 3, sp..."),)
    task = "rename the parameter speed of plough to pace"
    grammar = step_grammar(Step("rename", ("farm/barn.py::plough",)), symbols, read_mentions(task))
    assert accepts(grammar, "rename farm/barn.py::plough(speed) pace\n")
    assert not accepts(grammar, "rename farm/barn.py::plough pace\n")


def field_of(accepts, target, task, field):
    grammar = step_grammar(Step("add_symbol", (target.address,)), (target,), read_mentions(task))
    return accepts(grammar, f"add_symbol {target.address}\n<<<\n{field}\n>>>\n")


@pytest.mark.parametrize(
    ("task", "right", "wrong"),
    [
        ("every Barn should remember its owner, a str that's empty to begin with",
         'owner: str = ""', ["owner: str", "every: str"]),
        ("Barn tem que ter telefone: str, vazio no começo", 'telefone: str = ""',
         ["telefone: str"]),
        ("precisamos guardar a idade do Barn (int, começa em zero)", "idade: int = 0",
         ["guardar: int = 0", "idade: int"]),
        ("Barn wants an author, str, left empty, and 1024 cows", 'author: str = ""',
         ["author: str = 1024"]),
        ("a Barn also knows its floor (where it is), an int, twenty-two at first",
         "floor: int = 22", ["floor: int = 2", "floor: int"]),
    ],
)  # fmt: skip
def test_a_field_has_the_name_and_the_default_that_the_sentence_says(accepts, task, right, wrong):
    barn = Symbol(f"{BARN}::Barn", "class", "")
    assert field_of(accepts, barn, task, right)
    assert [w for w in wrong if field_of(accepts, barn, task, w)] == []


def test_fields_of_other_languages_are_taken_as_they_are_written(accepts):
    clock = Symbol("src/clock.ts::Clock", "class", "")
    task = "Clock: new field `late: boolean = false;`"
    assert field_of(accepts, clock, task, "late: boolean = false;")
    assert not field_of(accepts, clock, task, "late: boolean = false")
    desk = Symbol("src/Desk.php::Desk", "class", "")
    task = "the desk counts visitors, so: protected int $visitors = 0;"
    assert field_of(accepts, desk, task, "protected int $visitors = 0;")


@pytest.mark.parametrize(
    ("path", "task", "statement"),
    [
        ("src/route.ts", "route.ts pulls in readFileSync from fs for no reason",
         'import { readFileSync } from "fs";'),
        ("src/route.ts", "drop `import fs from 'fs'`", "import fs from 'fs';"),
        ("src/Desk.php", "Desk.php importa DateTime à toa, tira esse use", "use DateTime;"),
        ("src/Desk.php", "tira o use App\\Mail\\Sender de Desk.php", "use App\\Mail\\Sender;"),
    ],
)  # fmt: skip
def test_an_import_is_removed_as_its_language_writes_it(accepts, path, task, statement):
    step = Step("remove_import", (path,))
    grammar = step_grammar(step, (Symbol(path, "file"),), read_mentions(task))
    assert accepts(grammar, f"remove_import {path} {statement}\n")


def test_a_docstring_may_be_dictated(accepts):
    task = read_mentions("feed's docstring, quote: Feed every animal at once. unquote")
    grammar = step_grammar(Step("set_docstring", (f"{BARN}::feed",)), SYMBOLS, task)
    said = f"set_docstring {BARN}::feed\n<<<\nFeed every animal at once.\n>>>\n"
    assert accepts(grammar, said)
    assert not accepts(grammar, said.replace("Feed every", "feed = True"))


def test_a_folder_needs_no_slash_at_its_end(accepts):
    step = Step("move_file", ("farm/field.py",))
    grammar = step_grammar(step, SYMBOLS, read_mentions("field.py is better off in land/extras"))
    assert accepts(grammar, "move_file farm/field.py to land/extras/field.py\n")
    assert not accepts(grammar, "move_file farm/field.py to land/extras.py\n")
