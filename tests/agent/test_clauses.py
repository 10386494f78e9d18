"""Where a task is cut into clauses, and what the models then see."""

import pytest
from doubles import ScriptedEngine, Silence

from sorte_cli.agent.clauses import split_clauses
from sorte_cli.agent.grammar import step_grammar
from sorte_cli.agent.grounding import read_mentions
from sorte_cli.agent.planning import Situation, make_plan
from sorte_cli.agent.plans import parse_plan, print_plan
from sorte_cli.agent.prompting import plan_messages, step_messages
from sorte_cli.domain import Step, Symbol

SYMBOLS = (
    Symbol("shop/orders.py::MAX_ITEMS", "constant", "= 20"),
    Symbol("shop/orders.py::TAX_RATE", "constant", "= 0.19"),
    Symbol("shop/orders.py::calc_total", "function", "(items)"),
    Symbol("shop/orders.py::STATES", "constant", '= ["new", "paid"]'),
    Symbol("shop/pix.py::PixPayment", "class", "(PaymentMethod)"),
    Symbol("shop/base.py::PaymentMethod", "class", "(ABC)"),
)


@pytest.mark.parametrize(
    ("task", "clauses"),
    [
        (
            "rename calc_total to sum_up and set MAX_ITEMS to 30",
            ("rename calc_total to sum_up", "set MAX_ITEMS to 30"),
        ),
        (
            "renomeie calc_total para somar e depois mude MAX_ITEMS para 30",
            ("renomeie calc_total para somar", "mude MAX_ITEMS para 30"),
        ),
        (
            'MAX_ITEMS should be 30; TAX_RATE is 0.21 now. Also, add "sent" to STATES',
            ("MAX_ITEMS should be 30", "TAX_RATE is 0.21 now", 'add "sent" to STATES'),
        ),
        (
            "set MAX_ITEMS to 30 and TAX_RATE to 0.21",
            ("set MAX_ITEMS to 30", "set TAX_RATE to 0.21"),
        ),
        (
            "MAX_ITEMS deve ser 30 e TAX_RATE 0.21",
            ("MAX_ITEMS deve ser 30", "TAX_RATE deve ser 0.21"),
        ),
        (
            "kindly change MAX_ITEMS to 30 and TAX_RATE to 0.21",
            ("kindly change MAX_ITEMS to 30", "change TAX_RATE to 0.21"),
        ),
        (
            "1) rename calc_total to sum_up 2) MAX_ITEMS should be 30",
            ("rename calc_total to sum_up", "MAX_ITEMS should be 30"),
        ),
        (
            "duas coisas: mude MAX_ITEMS para 30 e, de quebra, apague TAX_RATE",
            ("mude MAX_ITEMS para 30", "apague TAX_RATE"),
        ),
        (
            "add a parameter tax to calc_total and remove items from it",
            ("add a parameter tax to calc_total", "remove items from calc_total"),
        ),
        (
            "adicione tax em calc_total e também coloque @cache nela",
            ("adicione tax em calc_total", "coloque @cache em calc_total"),
        ),
    ],
)
def test_a_task_of_several_edits_is_cut(task, clauses):
    assert split_clauses(task, SYMBOLS) == clauses


@pytest.mark.parametrize(
    "task",
    [
        "rename calc_total to sum_and_round",
        'add "in and out" to STATES',
        "add `a` and `b` to STATES",
        'add a payment method "Cash" like PixPayment and register it',
        'add a payment method "Cash" and it needs a call to the PaymentMethod API',
        "clone PixPayment as CashPayment and put it in shop/cash.py",
        "FooManager is long; let us use LongPixPayment",
        "calc_total must refuse items that are None and empty ones",
        'adicione o pagamento "Vale" e registre',
        "raise ValueError if a is negative and b is zero in calc_total",
        "add a parameter tax to calc_total and default it to 3",
        "add tax to calc_total; type: Decimal",
        "create a CashPayment like PixPayment and write a test for it",
    ],
)
def test_one_edit_stays_one_task(task):
    assert split_clauses(task, SYMBOLS) == (task,)


def situation(task):
    return Situation(task, read_mentions(task), SYMBOLS)


TASK = "rename calc_total to sum_up and set MAX_ITEMS to 30"


def test_each_clause_is_planned_for_itself_and_goes_with_its_steps():
    engine = ScriptedEngine(
        ["rename shop/orders.py::calc_total\n", "set_value shop/orders.py::MAX_ITEMS\n"]
    )
    plan = make_plan(engine, "compact", situation(TASK), Silence())
    assert plan.steps == (
        Step("rename", ("shop/orders.py::calc_total",), "rename calc_total to sum_up"),
        Step("set_value", ("shop/orders.py::MAX_ITEMS",), "set MAX_ITEMS to 30"),
    )
    assert parse_plan(print_plan(plan)) == plan


def test_a_clause_without_a_plan_means_that_the_task_is_planned_as_a_whole():
    engine = ScriptedEngine(
        ["rename shop/orders.py::calc_total\n", "none: no such symbol here\n", "none: too much\n"]
    )
    assert make_plan(engine, "compact", situation(TASK), Silence()).reason == "too much"


def test_a_large_model_plans_the_whole_task():
    line = "rename shop/orders.py::calc_total: as asked\n"
    engine = ScriptedEngine(["let me think", line], parameters=30_000_000_000)
    assert make_plan(engine, "full", situation(TASK), Silence()).steps[0].instruction == "as asked"


def test_the_executor_of_a_clause_sees_the_clause_alone():
    step = Step("set_value", ("shop/orders.py::MAX_ITEMS",), "set MAX_ITEMS to 30")
    bare = Step(step.verb, step.targets)
    whole = step_messages("compact", SYMBOLS, "rename x to y and set MAX_ITEMS to 30", step)
    assert whole == step_messages("compact", SYMBOLS, "set MAX_ITEMS to 30", bare)
    prefix = plan_messages("compact", SYMBOLS, "set MAX_ITEMS to 30")[1].content
    assert whole[1].content.startswith(prefix.removesuffix("plan"))
    two = read_mentions("set TAX_RATE to 7 and set MAX_ITEMS to 30")
    assert "7" not in step_grammar(step, SYMBOLS, two)
