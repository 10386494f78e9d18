"""A new sibling that the sentence calls by its class name: where it goes and under which key."""

import pytest

from sorte_cli.agent.agreement import objections
from sorte_cli.agent.clauses import split_clauses
from sorte_cli.agent.consistency import doubts
from sorte_cli.agent.grammar import plan_grammar, step_grammar
from sorte_cli.agent.grounding import read_mentions
from sorte_cli.agent.joining import asks_for_sibling, joining, told_keys
from sorte_cli.domain import Plan, Step, Symbol

HEAT = "kiln/stages/heat_stage.py::HeatStage"
COOL = "kiln/stages/cool_stage.py::CoolStage"
SOAK = "kiln/stages/soak_stage.py::SoakStage"
KILN = (
    Symbol("kiln/base.py::Stage", "class", ""),
    Symbol(HEAT, "class", "(Stage)"),
    Symbol(f"{HEAT}.label", "field", '= "Heat"'),
    Symbol(f"{HEAT}.hours", "field", "= 2.0"),
    Symbol(COOL, "class", "(Stage)"),
    Symbol(SOAK, "class", "(Stage)"),
    Symbol("kiln/plan.py::FIRST", "constant", "= HeatStage"),
    Symbol(
        "kiln/plan.py::STAGES",
        "constant",
        '= {"heat": HeatStage, "cool": CoolStage, "soak": SoakStage}',
    ),
    Symbol("kiln/plan.py::LIMIT", "constant", "= 3"),
    Symbol("tests/test_heat_stage.py", "file"),
)
POOL = (
    Symbol("club/visits.py::VisitaPiscina", "class", "(Visita)"),
    Symbol("club/visits.py::VisitaSalao", "class", "(Visita)"),
    Symbol("club/visits.py::VisitaQuadra", "class", "(Visita)"),
    Symbol("club/all.py::VISITAS", "constant", "= [VisitaPiscina, VisitaSalao, VisitaQuadra]"),
)


def whole(address: str) -> str:
    test = "clone tests/test_heat_stage.py\n" if "heat" in address else ""
    return f"clone {address}\nadd_entry kiln/plan.py::STAGES\n{test}"


def patterns(symbols, task):
    found = joining(symbols, read_mentions(task))
    return [s.name for s in found.patterns] if found else []


@pytest.mark.parametrize(
    ("task", "pattern"),
    [
        ("we could use a GlazeStage, modelled on the cool one", COOL),
        ("clone CoolStage as GlazeStage", COOL),
        ("falta o GlazeStage; copia do soak e registra também", SOAK),
        ("there is heat and cool but no glaze: a GlazeStage starting from soak", SOAK),
        ("mais uma etapa, GlazeStage", HEAT),
    ],
)
def test_one_more_by_its_class_name_is_the_whole_family_plan(accepts, task, pattern):
    grammar = plan_grammar(KILN, read_mentions(task))
    assert accepts(grammar, whole(pattern))
    assert not accepts(grammar, f"clone {pattern}\n"), "a mere copy"
    assert not accepts(grammar, "add_entry kiln/plan.py::STAGES\n"), "an entry of what is not there"
    for other in {HEAT, COOL, SOAK} - {pattern}:
        assert not accepts(grammar, whole(other))


@pytest.mark.parametrize(
    "task",
    [
        "clone CoolStage as Copy2",
        "clone CoolStage as GlazeThing",
        "clone CoolStage as GlazeStage but don't register it",
        "create glaze_stage like CoolStage",
    ],
)
def test_what_does_not_join_the_family_is_a_mere_copy(accepts, task):
    assert joining(KILN, read_mentions(task)) is None
    assert accepts(plan_grammar(KILN, read_mentions(task)), f"clone {COOL}\n")


def test_a_name_with_a_figure_is_that_of_the_copy(accepts):
    task = read_mentions("clone CoolStage as Copy2")
    grammar = step_grammar(Step("clone", (COOL,)), KILN, task)
    assert accepts(grammar, f"clone {COOL} Copy2\n")
    assert not accepts(grammar, f"clone {COOL} Copy2Stage\n")


def test_what_stands_in_no_registry_has_no_family_to_join():
    apart = tuple(s for s in KILN if s.name != "STAGES")
    assert joining(apart, read_mentions("a GlazeStage like CoolStage")) is None


@pytest.mark.parametrize(
    ("task", "names"),
    [
        ("VisitaSauna no jeito da quadra", ["VisitaQuadra"]),
        ("VisitaSauna, baseada na do salão", ["VisitaSalao"]),
        ("VisitaSauna, igual à da pisicna", ["VisitaPiscina"]),
        ("VisitaSauna, patterned on the halls", ["VisitaSalao"]),
        ("take VisitaSalao as the model of a VisitaSauna", ["VisitaSalao"]),
        ("VisitaSalaoNobre, please", ["VisitaSalao"]),
        ("VisitaSauna, please", ["VisitaPiscina"]),
        ("VisitaSauna patterned on whatever", ["VisitaPiscina", "VisitaSalao", "VisitaQuadra"]),
        ("visit_sauna, please", []),
        ("a Sauna, please", []),
    ],
)
def test_the_pattern_is_the_sibling_that_is_named_by_its_own_words(task, names):
    assert patterns(POOL, task) == names


def test_the_file_is_that_of_the_familys_habit(accepts):
    task = read_mentions("a GlazeStage like CoolStage")
    grammar = step_grammar(Step("clone", (COOL,)), KILN, task)
    assert accepts(grammar, f"clone {COOL} GlazeStage to kiln/stages/glaze_stage.py\n")
    assert not accepts(grammar, f"clone {COOL} GlazeStage\n")
    here = read_mentions("a GlazeStage like CoolStage, in the same file")
    assert accepts(step_grammar(Step("clone", (COOL,)), KILN, here), f"clone {COOL} GlazeStage\n")
    one = POOL[0].address
    grammar = step_grammar(Step("clone", (one,)), POOL, read_mentions("VisitaSauna, please"))
    assert accepts(grammar, f"clone {one} VisitaSauna\n")
    assert not accepts(grammar, f"clone {one} VisitaSauna to club/sauna.py\n")


@pytest.mark.parametrize(
    ("task", "key"),
    [
        ("a GlazeStage like cool", "glaze"),
        ('a GlazeStage like cool, key "shiny"', "shiny"),
        ("um GlazeStage como o cool, chave brilho", "brilho"),
        ('a GlazeStage like cool, selectable as "shiny"', "shiny"),
        ("a GlazeStage like cool, registered as shiny", "shiny"),
        ("a GlazeStage like cool, registered as usual", "glaze"),
        ('a GlazeStage like heat, label "shiny"', "glaze"),
        ('another stage "Glaze" like the cool one, with the key "shiny"', "shiny"),
    ],
)
def test_the_key_is_what_the_sentence_says_or_the_names_own_word(accepts, task, key):
    made = (Symbol("kiln/stages/glaze_stage.py::GlazeStage", "class", "(Stage)"),)
    step = Step("add_entry", ("kiln/plan.py::STAGES",))
    grammar = step_grammar(step, KILN, read_mentions(task), (), made)
    for one in ("glaze", "shiny", "brilho"):
        line = f'add_entry kiln/plan.py::STAGES "{one}" GlazeStage\n'
        assert accepts(grammar, line) == (one == key)


def test_a_quoted_text_goes_to_the_field_that_is_named_before_it(accepts):
    start = f"clone {HEAT} GlazeStage to kiln/stages/glaze_stage.py"
    step = Step("clone", (HEAT,))
    task = read_mentions('a GlazeStage like heat with the label "Shine" for 5 hours')
    grammar = step_grammar(step, KILN, task)
    assert accepts(grammar, f'{start} with label="Shine", hours=5.0\n')
    assert not accepts(grammar, f"{start} with hours=5.0\n")
    assert not accepts(grammar, f'{start} with label="Shine"\n')
    once = read_mentions('1x GlazeStage like heat with the label "Shine"')
    assert accepts(step_grammar(step, KILN, once), f'{start} with label="Shine"\n')
    key = read_mentions('a GlazeStage like heat, key "shiny"')
    assert not accepts(step_grammar(step, KILN, key), f'{start} with label="shiny"\n')


@pytest.mark.parametrize(
    "task",
    ["rename CoolStage to GlazeStage", "CoolStage -> GlazeStage", "why is there no GlazeStage?"],
)
def test_a_new_name_for_an_old_thing_and_a_question_want_no_sibling(accepts, task):
    grammar = plan_grammar(KILN, read_mentions(task))
    for pattern in (HEAT, COOL, SOAK):
        assert not accepts(grammar, whole(pattern))


def test_none_stays_a_choice_where_nothing_is_wished(accepts):
    none = "none: not a code change\n"
    for open_ in ("GlazeStage crashes just like CoolStage did", "we don't need a GlazeStage"):
        assert accepts(plan_grammar(KILN, read_mentions(open_)), none)
    wished = read_mentions("a GlazeStage like CoolStage")
    assert not accepts(plan_grammar(KILN, wished), none)


def test_of_two_collections_the_registry_is_named_or_holds_more(accepts):
    few = Symbol("kiln/plan.py::SLOW", "constant", "= [CoolStage]")
    symbols = (*KILN[:6], few, *KILN[6:])
    task = "a GlazeStage like CoolStage"
    assert accepts(plan_grammar(symbols, read_mentions(task)), whole(COOL))
    named = plan_grammar(symbols, read_mentions(f"{task}, in SLOW"))
    assert accepts(named, f"clone {COOL}\nadd_entry kiln/plan.py::SLOW\n")


def test_the_second_opinions_know_such_siblings():
    task = read_mentions('a GlazeStage like cool, key "shiny"')
    steps = (Step("clone", (COOL,)), Step("add_entry", ("kiln/plan.py::STAGES",)))
    assert asks_for_sibling(KILN, task)
    assert doubts(Plan(steps), KILN, task) == ()
    clone = f"clone {COOL} GlazeStage to kiln/stages/glaze_stage.py"
    assert objections([clone], KILN, task) == ()
    assert told_keys(task) == ("shiny",)
    strange = read_mentions("zzz GlazeStage qqq xyz")
    assert any("hardly means" in doubt for doubt in doubts(Plan(steps), KILN, strange))


def test_a_clause_about_the_registry_belongs_to_the_sibling():
    task = "crie GlazeStage igual CoolStage e coloque em STAGES"
    assert split_clauses(task, KILN) == (task,)
    two = "crie GlazeStage igual CoolStage e mude LIMIT para 4"
    assert len(split_clauses(two, KILN)) == 2
