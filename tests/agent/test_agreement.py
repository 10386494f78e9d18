"""What speaks against an operation that a small model wrote, by the words of the sentence."""

import pytest

from sorte_cli.agent.agreement import Objection, objections, objections_to_step
from sorte_cli.agent.grounding import read_mentions
from sorte_cli.domain import Plan, Step, Symbol

SYMBOLS = (
    Symbol("shop/orders.py", "file"),
    Symbol("shop/orders.py::MAX_ITEMS", "constant", "= 20"),
    Symbol("shop/orders.py::calc_total", "function", "(items, tax=0.1)"),
    Symbol("shop/orders.py::STATES", "constant", '= ["new", "paid"]'),
    Symbol("shop/orders.py::PixPayment", "class", "(Payment)"),
)


def against(task, *answers):
    return [o.kind for o in objections(answers, SYMBOLS, read_mentions(task))]


@pytest.mark.parametrize(
    ("task", "answer"),
    [
        ("set MAX_ITEMS to 30", "set_value shop/orders.py::MAX_ITEMS 30"),
        ("MAX_ITEMS from 20 to 30", "set_value shop/orders.py::MAX_ITEMS 30"),
        ("TICKET-12: MAX_ITEMS is R$ 1.200,50", "set_value shop/orders.py::MAX_ITEMS 1200.50"),
        ('add "sent" to STATES', 'add_entry shop/orders.py::STATES "sent"'),
        ("rename calc_total to sum_up", "rename shop/orders.py::calc_total sum_up"),
        ("calc_totl should be called sum_up", "rename shop/orders.py::calc_total sum_up"),
        ('clone PixPayment as "Gift Card"', "clone shop/orders.py::PixPayment GiftCardPayment"),
        (
            "PixPayment é vago demais, chama a classe de Antenna",
            "rename shop/orders.py::PixPayment Antenna",
        ),
        (
            "calc_total reads odd, summing is what we say around here",
            "rename shop/orders.py::calc_total summing",
        ),
        ("set MAX_ITEMS to twenty-two", "set_value shop/orders.py::MAX_ITEMS 22"),
        ("calc_total needs a currency", 'add_parameter shop/orders.py::calc_total "currency"'),
        ("o calc_total recebe uma moeda", 'add_parameter shop/orders.py::calc_total "moeda"'),
        (
            "tax of calc_total is 0.2 by default",
            'change_parameter shop/orders.py::calc_total(tax) "tax=0.2"',
        ),
    ],
)
def test_what_the_sentence_says_is_not_objected_to(task, answer):
    assert against(task, answer) == []


@pytest.mark.parametrize(
    ("task", "answer", "kind"),
    [
        ('add "sent" to STATES', 'add_entry shop/orders.py::STATES "add"', "unused"),
        ("set MAX_ITEMS to 30", "set_value shop/orders.py::MAX_ITEMS 3", "unused"),
        ("rename calc_total to sum_up", "rename shop/orders.py::calc_total rename", "unused"),
        (
            "calc_total gets a rate",
            'add_parameter shop/orders.py::calc_total "rate=7"',
            "thought up",
        ),
        (
            "calc_total must accept an otp code",
            'add_parameter shop/orders.py::calc_total "code"',
            "one of many",
        ),
        (
            "PixPayment é vago demais, chama a classe de Antenna",
            "rename shop/orders.py::PixPayment vago",
            "one of many",
        ),
        (
            "calc_total reads odd, summing is what we say around here",
            "rename shop/orders.py::calc_total around",
            "one of many",
        ),
        ("set MAX_ITEMS to twenty-two", "set_value shop/orders.py::MAX_ITEMS 2", "thought up"),
        ('a "Gift Card" like PixPayment', "clone shop/orders.py::PixPayment CardPayment", "unused"),
    ],
)
def test_what_does_not_agree_is_objected_to(task, answer, kind):
    assert kind in against(task, answer)


def test_a_step_is_judged_by_its_own_clause():
    first = Step("set_value", ("shop/orders.py::MAX_ITEMS",), "set MAX_ITEMS to 30")
    second = Step("add_entry", ("shop/orders.py::STATES",), 'add "sent" to STATES')
    plan = Plan((first, second))
    task = read_mentions('set MAX_ITEMS to 30 and add "sent" to STATES')
    text = "set_value shop/orders.py::MAX_ITEMS 30"
    assert objections_to_step(text, first, plan, SYMBOLS, task) == ()
    wrong = 'add_entry shop/orders.py::STATES "set"'
    assert objections_to_step(wrong, second, plan, SYMBOLS, task) == (Objection("unused", "sent"),)
