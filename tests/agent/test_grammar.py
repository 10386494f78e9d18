"""The grammars, judged by llama.cpp itself: what a model can and cannot write under them."""

import pytest

from sorte_cli.agent.grammar import parameters, plan_grammar, step_grammar
from sorte_cli.agent.grounding import read_mentions
from sorte_cli.agent.plans import parse_plan
from sorte_cli.agent.prompting import Body
from sorte_cli.domain import Step, Symbol
from sorte_cli.edits import parse_script

SYMBOLS = (
    Symbol("shop/http.py::fetch", "function", "(url, retries: int = 3)"),
    Symbol("shop/boleto.py::BoletoPayment", "class", "(Base)"),
    Symbol("shop/card.py::CardPayment", "class", "(Base)"),
    Symbol("shop/boleto.py::BoletoPayment.minimum", "field", '= Decimal("10.00")'),
    Symbol("shop/f.py::METHODS", "constant", '= {"boleto": BoletoPayment, "card": CardPayment}'),
    Symbol("shop/f.py::LIMIT", "constant", "= 3"),
    Symbol("shop/f.py::LABEL", "constant", '= "old"'),
    Symbol("tests/test_boleto.py", "file"),
)
BODY = Body("shop/http.py::fetch", ((1, "x = 1"), (2, "return x")))
NEW = (Symbol("shop/cheque_azul.py::ChequeAzulPayment", "class", "(Base)"),)
SIBLING = 'add a payment method "Cheque Azul" for purchases above R$ 300.00'

RIGHT = [
    (
        'add a payment method "Cheque Azul"',
        "clone shop/boleto.py::BoletoPayment ChequeAzulPayment to shop/cheque_azul.py",
    ),
    (
        SIBLING,
        "clone shop/boleto.py::BoletoPayment ChequeAzulPayment to shop/cheque_azul.py "
        'with minimum=Decimal("300.00")',
    ),
    (SIBLING, "clone tests/test_boleto.py tests/test_cheque_azul.py"),
    (SIBLING, 'add_entry shop/f.py::METHODS "cheque_azul" ChequeAzulPayment'),
    ("rename fetch to download", "rename shop/http.py::fetch download"),
    ("add a timeout to fetch", 'add_parameter shop/http.py::fetch "timeout: float = 30.0"'),
    ("add a timeout to fetch", 'add_parameter shop/http.py::fetch "timeout=30.0"'),
    ("retries of fetch: 5", 'change_parameter shop/http.py::fetch(retries) "retries=5"'),
    (
        "fetch must refuse an empty url",
        "insert_before shop/http.py::fetch#1\n<<<\nif not url:\n"
        '    raise ValueError("url must not be empty")\n>>>',
    ),
    ("set LIMIT to 9", "set_value shop/f.py::LIMIT 9"),
    ('LABEL should say "new"', 'set_value shop/f.py::LABEL "new"'),
    (
        "import Decimal from decimal in tests/test_boleto.py",
        "add_import tests/test_boleto.py from decimal import Decimal",
    ),
]


@pytest.mark.parametrize(("task", "script"), RIGHT)
def test_the_right_answer_can_be_written_and_read(accepts, task, script):
    text = script + "\n"
    operation = parse_script(text).operations[0]
    target = script.split("\n")[0].split(" ")[1].partition("#")[0].partition("(")[0]
    step = Step(operation.verb, (target,))
    mentions = read_mentions(task)
    line = f"{step.verb} {target}\n"
    if operation.verb not in ("clone", "add_entry"):
        assert accepts(plan_grammar(SYMBOLS, mentions), line)
    assert parse_plan(line).steps == (step,)
    created = NEW if operation.verb == "add_entry" else ()
    assert accepts(step_grammar(step, SYMBOLS, mentions, (BODY,), created), text)


@pytest.mark.parametrize(
    "line",
    [
        "rename shop/http.py::fetsh\n",
        "rename /etc/passwd\n",
        "rename tests/test_boleto.py\n",
        "set_value shop/http.py::fetch\n",
        "add_entry shop/f.py::LIMIT\n",
        "add_entry shop/boleto.py::BoletoPayment\n",
        "run rm -rf /\n",
        "rename shop/http.py::fetch",
        "",
    ],
)
def test_a_plan_cannot_name_what_is_not_there_or_does_not_fit(accepts, line):
    assert not accepts(plan_grammar(SYMBOLS, read_mentions("do it")), line)


def test_a_plan_may_say_none_with_a_reason(accepts):
    grammar = plan_grammar(SYMBOLS, read_mentions("what time is it?"))
    assert accepts(grammar, "none: not a code change\n")


def test_a_name_in_the_sentence_rules_the_others_out(accepts):
    grammar = plan_grammar(SYMBOLS, read_mentions("set LIMIT to 9"))
    assert accepts(grammar, "set_value shop/f.py::LIMIT\n")
    assert not accepts(grammar, "set_value shop/f.py::LABEL\n")


def test_a_sibling_is_made_after_a_member_of_the_family_not_after_its_base(accepts):
    base = Symbol("shop/base.py::PaymentMethod", "class", "(ABC)")
    boleto = Symbol("shop/boleto.py::BoletoPayment", "class", "(PaymentMethod)")
    sentence = 'add a payment method "Cheque Azul"'
    grammar = plan_grammar((base, boleto), read_mentions(sentence))
    assert accepts(grammar, "clone shop/boleto.py::BoletoPayment\n")
    assert not accepts(grammar, "clone shop/base.py::PaymentMethod\n")
    named = plan_grammar((base, boleto), read_mentions("clone PaymentMethod as Other"))
    assert accepts(named, "clone shop/base.py::PaymentMethod\n")


def test_a_step_is_bound_to_its_verb_and_target(accepts):
    step = Step("set_value", ("shop/f.py::LIMIT",))
    grammar = step_grammar(step, SYMBOLS, read_mentions("set LIMIT to 9"))
    assert not accepts(grammar, "set_value shop/f.py::LABEL 9\n")
    assert not accepts(grammar, "rename shop/f.py::LIMIT nine\n")
    assert not accepts(grammar, "set_value shop/f.py::LIMIT 8\n")


def test_an_edit_step_may_use_several_operations_on_its_targets(accepts):
    step = Step("edit", ("shop/http.py::fetch", "shop/f.py::LIMIT"), "do it")
    grammar = step_grammar(step, SYMBOLS, read_mentions("x"))
    assert accepts(grammar, "rename shop/http.py::fetch get\nset_value shop/f.py::LIMIT 9\n")
    assert accepts(grammar, "create_file a/b.py\n<<<\nx = 1\n>>>\n")
    assert not accepts(grammar, "set_value shop/f.py::LABEL 9\n")


def test_a_project_without_symbols_still_has_a_grammar(accepts):
    assert accepts(plan_grammar((), read_mentions("x")), "none: nothing here\n")


def test_a_number_that_the_sentence_states_cannot_be_left_out(accepts):
    step = Step("clone", ("shop/boleto.py::BoletoPayment",))
    grammar = step_grammar(step, SYMBOLS, read_mentions(SIBLING))
    without = "clone shop/boleto.py::BoletoPayment ChequeAzulPayment to shop/cheque_azul.py"
    assert not accepts(grammar, without + "\n")
    assert accepts(grammar, without + ' with minimum=Decimal("300.00")\n')


def test_each_field_is_set_once_and_as_many_as_there_are_numbers(accepts):
    days = Symbol("shop/boleto.py::BoletoPayment.days", "field", "= 3")
    step = Step("clone", ("shop/boleto.py::BoletoPayment",))
    task = 'add a payment method "Cheque Azul" from 300.00 on, due in 9 days'
    grammar = step_grammar(step, (*SYMBOLS, days), read_mentions(task))
    start = "clone shop/boleto.py::BoletoPayment ChequeAzulPayment to shop/cheque_azul.py with "
    assert accepts(grammar, start + 'minimum=Decimal("300.00"), days=9\n')
    assert not accepts(grammar, start + "days=9\n")
    assert not accepts(grammar, start + "days=9, days=9\n")
    label = Symbol("shop/boleto.py::BoletoPayment.label", "field", '= "Boleto"')
    task = 'add a payment method "Cheque Azul" due in 9 days shown as "Azul"'
    grammar = step_grammar(step, (*SYMBOLS, days, label), read_mentions(task))
    assert accepts(grammar, start + 'days=9, label="Azul"\n')


def test_the_name_of_the_new_thing_is_no_value_of_its_fields(accepts):
    label = Symbol("shop/boleto.py::BoletoPayment.label", "field", '= "Boleto"')
    step = Step("clone", ("shop/boleto.py::BoletoPayment",))
    grammar = step_grammar(step, (*SYMBOLS, label), read_mentions(SIBLING))
    start = "clone shop/boleto.py::BoletoPayment ChequeAzulPayment to shop/cheque_azul.py with "
    assert not accepts(grammar, start + 'label="Cheque Azul"\n')
    assert accepts(grammar, start + 'minimum=Decimal("300.00")\n')


BOLETO_STEPS = (
    "clone shop/boleto.py::BoletoPayment\n"
    "add_entry shop/f.py::METHODS\n"
    "clone tests/test_boleto.py\n"
)


def test_one_more_of_a_kind_is_registered_and_tested_as_its_pattern_is(accepts):
    grammar = plan_grammar(SYMBOLS, read_mentions(SIBLING))
    assert accepts(grammar, BOLETO_STEPS)
    assert not accepts(grammar, 2 * BOLETO_STEPS)
    assert not accepts(grammar, "clone shop/boleto.py::BoletoPayment\n")
    card = "clone shop/card.py::CardPayment\nadd_entry shop/f.py::METHODS\n"
    assert not accepts(grammar, card), "any will do, so the most relevant it is"
    named = plan_grammar(SYMBOLS, read_mentions(SIBLING + " like the card"))
    assert accepts(named, card)
    assert not accepts(named, card + "clone tests/test_boleto.py\n")
    assert not accepts(grammar, "clone tests/test_boleto.py\n")


def test_what_cannot_be_done_to_the_thing_that_is_named_is_no_step(accepts):
    grammar = plan_grammar(SYMBOLS, read_mentions("LIMIT must be 9"))
    assert accepts(grammar, "set_value shop/f.py::LIMIT\n")
    assert not accepts(grammar, "insert_before shop/http.py::fetch\n")
    assert not accepts(grammar, "clone shop/card.py::CardPayment\n")


def test_none_is_no_choice_where_an_edit_of_something_named_is_surely_meant(accepts):
    none = "none: no such symbol here\n"
    for sure in ("LIMIT must be 9", "põe 9 em LIMIT"):
        assert not accepts(plan_grammar(SYMBOLS, read_mentions(sure)), none)
    for open_ in ("hm, LIMIT again", "LIMITS must be 9 for everything else", "who wrote LIMIT?"):
        assert accepts(plan_grammar(SYMBOLS, read_mentions(open_)), none)


@pytest.mark.parametrize(
    "task", ["clone BoletoPayment as Slip", "create slip_payment like BoletoPayment"]
)
def test_a_mere_copy_need_not_be_registered(accepts, task):
    grammar = plan_grammar(SYMBOLS, read_mentions(task))
    assert accepts(grammar, "clone shop/boleto.py::BoletoPayment\n")
    assert accepts(grammar, BOLETO_STEPS)


def test_the_home_of_the_pattern_is_no_pattern_of_its_own(accepts):
    symbols = (*SYMBOLS, Symbol("shop/boleto.py", "file"))
    grammar = plan_grammar(symbols, read_mentions(SIBLING))
    assert not accepts(grammar, "clone shop/boleto.py\n")
    assert accepts(grammar, BOLETO_STEPS)
    written = read_mentions("copy shop/boleto.py to shop/cheque.py")
    assert accepts(plan_grammar(symbols, written), "clone shop/boleto.py\n")


def test_a_single_test_is_no_pattern_unless_it_is_named(accepts):
    single = Symbol("tests/test_boleto.py::test_boleto_is_paid", "function", "()")
    symbols = (*SYMBOLS, single)
    line = "clone tests/test_boleto.py::test_boleto_is_paid\n"
    assert not accepts(plan_grammar(symbols, read_mentions(SIBLING)), line)
    named = read_mentions("clone test_boleto_is_paid as test_boleto_is_late")
    assert accepts(plan_grammar(symbols, named), line)


@pytest.mark.parametrize(
    ("value", "task", "entry"),
    [
        ("[1, 2]", "add 45 to THINGS", "45"),
        ('{"a": 1}', 'add "b" with 3 to THINGS', '"b" 3'),
        ("[one, two]", "add other_thing to THINGS", "other_thing"),
        ("{'x': 'y'}", "add 'left' to THINGS as 'right'", "'left' 'right'"),
        ('("a", "b")', 'inclua "c" em THINGS', '"c"'),
    ],
)
def test_entries_of_every_kind(accepts, value, task, entry):
    things = Symbol("a.py::THINGS", "constant", f"= {value}")
    step = Step("add_entry", ("a.py::THINGS",))
    grammar = step_grammar(step, (things,), read_mentions(task))
    assert accepts(grammar, f"add_entry a.py::THINGS {entry}\n")


def test_parameters_are_read_from_a_signature():
    detail = "(self, a, b: dict[str, int] = {}, *args, c: str = 'x, y', **kwargs) -> bool"
    assert parameters(detail) == (
        ("self", ""),
        ("a", ""),
        ("b", "{}"),
        ("args", ""),
        ("c", "'x, y'"),
        ("kwargs", ""),
    )


def guarded(task: str) -> str:
    step = Step("insert_before", ("shop/http.py::fetch",))
    return step_grammar(step, SYMBOLS, read_mentions(task), (BODY,))


OK = "    raise ValueError\n"


@pytest.mark.parametrize(
    ("task", "guard"),
    [
        ("url must not be None", "if url is None:\n" + OK),
        ("url é obrigatório", "if url is None:\n" + OK),
        ("return None when url is empty", "if not url:\n    return None\n"),
        ("url não pode vir em branco", "if not url:\n" + OK),
        ("retries below zero is wrong", "if retries < 0:\n" + OK),
        ("retries tem que ser maior que zero", "if retries <= 0:\n" + OK),
        ("retries must be positive", "if retries <= 0:\n" + OK),
        ("retries can't be zero", "if retries == 0:\n" + OK),
        ("retries must be at most 9", "if retries > 9:\n" + OK),
        ("retries tem que ser no mínimo 2", "if retries < 2:\n" + OK),
        ("url has at most 80 characters", "if len(url) > 80:\n" + OK),
        ("url must be a str", "if not isinstance(url, str):\n" + OK),
        ("something is odd about it", "if retries < 0 or retries in url:\n" + OK),
        ("no empty url", 'if not url:\n    raise ValueError("url must not be empty")\n'),
        ("no empty url, 'o dear'", 'if not url:\n    raise KeyError("o dear")\n'),
        ("retries must be 4 or more", "if retries < 4:\n" + OK),
        ("leave early when retries > 9", "if retries > 9:\n    return\n"),
        ("mais de doze retries é erro", "if retries > 12:\n" + OK),
        ("menos de duas retries é erro", "if retries < 2:\n" + OK),
        ("retries has zero as its floor", "if retries < 0:\n" + OK),
        ("if no url is given, raise", "if not url:\n" + OK),
        ("se não houver url, retorna 0", "if not url:\n    return 0\n"),
        ("se não veio url nenhuma, responde 0 e pronto", "if not url:\n    return 0\n"),
        ("sem url não vale nada, então recusa url vazia", "if not url:\n" + OK),
        ("fetch returns a float and rejects a url that is None", "if url is None:\n" + OK),
        ("return an empty list when url is None", "if url is None:\n    return []\n"),
        ("check url first", "url = url.strip()\n"),
        ("check url first", 'import os\nprint("x")\n'),
    ],
)
def test_a_guard_tests_the_functions_own_parameters(accepts, task, guard):
    text = f"insert_before shop/http.py::fetch#1\n<<<\n{guard}>>>\n"
    assert accepts(guarded(task), text)


@pytest.mark.parametrize(
    ("task", "guard"),
    [
        ("retries must be greater than zero", "if retries == 0:\n" + OK),
        ("retries must be at most 9", "if retries < 9:\n" + OK),
        ("retries must be at most 9", "if retries > 8:\n" + OK),
        ("url must not be empty", "if url < 0:\n" + OK),
        ("retries must not be negative", "if not retries:\n" + OK),
        ("no empty url", 'if not url:\n    raise ValueError("url must must be")\n'),
        ("retries must not be negative", "if retries < 0:\n    return\n"),
        ("mais de doze retries é erro", "if retries < 12:\n" + OK),
        ("se não houver url, retorna 0", "if not url:\n    return 1\n"),
        ("sem url não vale nada, então recusa url vazia", "if not url:\n    return\n"),
        ("recusa url vazia, sem exceção", "if url is None:\n" + OK),
        ("não há conta sem isso: retries é sempre positivo", "if not retries:\n" + OK),
        ("fetch returns a float and rejects a url that is None", "if url is None:\n    return\n"),
        ("return an empty list when url is None", "if not url:\n    return []\n"),
    ],
)
def test_a_guard_says_what_the_sentence_says(accepts, task, guard):
    text = f"insert_before shop/http.py::fetch#1\n<<<\n{guard}>>>\n"
    assert not accepts(guarded(task), text)


@pytest.mark.parametrize(
    "guard",
    [
        'if date < 0:\n    raise ValueError("x")\n',
        "if retries > 8:\n    return\n",
        'if url:\n    raise Problem("x")\n',
    ],
)
def test_a_small_model_cannot_test_what_is_not_there(accepts, guard):
    text = f"insert_before shop/http.py::fetch#1\n<<<\n{guard}>>>\n"
    assert not accepts(guarded("check that it is at most 9"), text)


def test_the_error_that_the_sentence_names_is_the_one_raised(accepts):
    grammar = guarded("raise a BrokenUrlError when url is empty")
    start = "insert_before shop/http.py::fetch#1\n<<<\nif not url:\n    raise "
    assert accepts(grammar, start + "BrokenUrlError\n>>>\n")
    assert not accepts(grammar, start + "ValueError\n>>>\n")


def test_a_new_entry_is_written_like_the_others(accepts):
    formats = Symbol("a.py::FORMATS", "constant", '= (b"one", b"two")')
    step = Step("add_entry", ("a.py::FORMATS",))
    grammar = step_grammar(step, (formats,), read_mentions('add b"three" to FORMATS'))
    assert accepts(grammar, 'add_entry a.py::FORMATS b"three"\n')
    assert not accepts(grammar, 'add_entry a.py::FORMATS "three"\n')


def test_a_word_of_the_collections_name_is_no_key(accepts):
    labels = Symbol("a.py::STATUS_LABELS", "constant", '= {"paid": "Paid"}')
    task = read_mentions("inclui o status refunded com o texto Refunded em STATUS_LABELS")
    grammar = step_grammar(Step("add_entry", ("a.py::STATUS_LABELS",)), (labels,), task)
    assert accepts(grammar, 'add_entry a.py::STATUS_LABELS "refunded" "Refunded"\n')
    assert not accepts(grammar, 'add_entry a.py::STATUS_LABELS "status" "Refunded"\n')


def test_what_is_exported_is_spelled_as_it_is_written(accepts):
    exported = Symbol("a.py::__all__", "constant", '= ["one_thing", "two_things"]')
    grammar = step_grammar(
        Step("add_entry", ("a.py::__all__",)),
        (exported,),
        read_mentions("export oneMore in __all__"),
    )
    assert accepts(grammar, 'add_entry a.py::__all__ "oneMore"\n')
    assert not accepts(grammar, 'add_entry a.py::__all__ "one_more"\n')


FETCH_STEP = Step("add_parameter", ("shop/http.py::fetch",))


def declares(accepts, task, declaration):
    grammar = step_grammar(FETCH_STEP, SYMBOLS, read_mentions(task))
    return accepts(grammar, f"add_parameter shop/http.py::fetch {declaration}\n")


@pytest.mark.parametrize(
    ("task", "declaration"),
    [
        ("fetch needs a parameter name", '"name"'),
        ("fetch should take verify, True unless told otherwise", '"verify=True"'),
        ("give fetch a mode of type string, default strict", "'mode: str = \"strict\"'"),
        ("give fetch a mode, default 'strict'", "'mode=\"strict\"'"),
        ("add preco:Decimal (padrão None) to fetch", '"preco: Decimal = None"'),
        ("fetch precisa do parâmetro limite, normalmente 2,5", '"limite=2.5"'),
        ("fetch precisa do parâmetro limite: int", '"limite: int"'),
        ("add fee, ten by default, to fetch", '"fee: int = 10"'),
        ("add `LIMIT` to fetch", '"LIMIT"'),
        ("let fetch take a bool keyword strict", '"strict: bool"'),
        ("issue 12: fetch needs pool_size. It is an int", '"pool_size: int"'),
        ("fetch aceita um modo vazio por padrão: modo=''", "'modo=\"\"'"),
    ],
)
def test_a_new_parameter_is_made_of_the_sentences_words(accepts, task, declaration):
    assert declares(accepts, task, declaration)


@pytest.mark.parametrize(
    ("task", "declaration"),
    [
        ("fetch needs a parameter name", '"fetch"'),
        ("fetch needs a parameter name", '"url"'),
        ("add timeout, 25 by default, to fetch", '"timeout=30"'),
        ("add timeout: int = 5 to fetch", '"timeout=5"'),
        ("issue 12: fetch needs pool_size", '"issue"'),
        ("fetch gets one more bool kwarg, strict", '"kwarg: bool"'),
        ("fetchh has to accept strict", '"fetchh"'),
        ("fetch aceita um modo vazio por padrão: modo=''", "\"padrão: modo=''\""),
    ],
)
def test_a_new_parameter_is_nothing_else(accepts, task, declaration):
    assert not declares(accepts, task, declaration)


@pytest.mark.parametrize(
    ("task", "statement", "right"),
    [
        ("import numpy as np in tests/test_boleto.py", "import numpy as np", True),
        ("import numpy as np in tests/test_boleto.py", "import numpy", False),
        ("importe re em tests/test_boleto.py", "import re", True),
        ("import date from date in tests/test_boleto.py", "from date import date", True),
        ("import date from date in tests/test_boleto.py", "import date", False),
        ("importe re em tests/test_boleto.py", "from re import re", False),
        ("tests/test_boleto.py needs Path_x from b.c", "from b.c import Path_x", True),
    ],
)
def test_an_import_is_what_the_sentence_says(accepts, task, statement, right):
    step = Step("add_import", ("tests/test_boleto.py",))
    grammar = step_grammar(step, SYMBOLS, read_mentions(task))
    assert accepts(grammar, f"add_import tests/test_boleto.py {statement}\n") == right


@pytest.mark.parametrize(
    "detail", ["(self, uri, lifespan: int = 300, timeo...", "(self, uri, cache_ke..."]
)
def test_a_default_in_a_signature_that_is_cut_short(accepts, detail):
    long = Symbol("a.py::Client.__init__", "method", detail)
    step = Step("change_parameter", (long.address,))
    task = "mude o padrão de lifespan em Client.__init__ para 600"
    grammar = step_grammar(step, (long,), read_mentions(task))
    start = "change_parameter a.py::Client.__init__"
    assert accepts(grammar, f'{start}(lifespan) "lifespan=600"\n')
    assert not accepts(grammar, f'{start}(uri) "uri=600"\n')
