"""Every operation at every kind of address it takes: a name, a place, a parameter, a local."""

from __future__ import annotations

import pytest
from edit_support import edited, refusal

from sorte_cli.edits import VERBS
from sorte_cli.edits.verbs import Target

CODE = '''\
LIMIT = 3
NAMES = ["a"]


def total(items, rate=1):
    """Adds up."""
    result = 0
    for item in items:
        result += item * rate
    return result


class Cart:
    size: int = 0

    def add(self, item, count=1):
        self.size += count
        return item
'''

BLOCK = "\n<<<\ndef more(self):\n    return 1\n>>>"
# (verb, symbol, the line and column of its name, what comes behind the address)
AT = [
    ("rename", "total", "5:5", "compute"),
    ("rename", "Cart.size", "14:5", "length"),
    ("clone", "total", "5:5", "compute"),
    ("move", "total", "5:5", "to b.py"),
    ("delete", "Cart.size", "14:5", ""),
    ("delete", "Cart", "13:7", ""),
    ("add_parameter", "Cart.add", "16:9", '"note=None"'),
    ("set_return_type", "total", "5:5", "int"),
    ("add_decorator", "total", "5:5", "cache"),
    ("set_docstring", "Cart", "13:7", "\n<<<\nA cart.\n>>>"),
    ("replace_symbol", "Cart.add", "16:9", "\n<<<\ndef add(self):\n    pass\n>>>"),
    ("add_symbol", "Cart", "13:7", BLOCK),
    ("set_value", "LIMIT", "1:1", "4"),
    ("set_value", "Cart.size", "14:5", "1"),
    ("add_entry", "NAMES", "2:1", '"b"'),
    ("remove_entry", "NAMES", "2:1", '"a"'),
]  # fmt: skip
PARAMETER = [
    ("rename", "Cart.add(count)", "16:25", "many"),
    ("rename_parameter", "Cart.add(count)", "16:25", "many"),
    ("change_parameter", "total(rate)", "5:18", '"rate: float = 2.0"'),
    ("remove_parameter", "Cart.add(item)", "16:19", ""),
]
LOCAL = [("rename", "total:result", "7:5", "found"), ("rename", "total:item", "8:9", "one")]


def outcome(script: str) -> str:
    """The file afterwards, or why not, without the address that was written."""
    from sorte_cli.edits import EditError

    try:
        return edited(CODE, script)
    except AssertionError:
        raise
    except EditError as error:
        return error.message.partition(": ")[2] + error.hint


@pytest.mark.parametrize(("verb", "symbol", "place", "rest"), [*AT, *PARAMETER, *LOCAL])
def test_a_place_stands_for_the_name_that_is_there(
    verb: str, symbol: str, place: str, rest: str
) -> None:
    if verb == "move":
        assert Target.POSITION in VERBS[verb].targets
        return
    by_name = outcome(f"{verb} a.py::{symbol} {rest}\n")
    assert by_name == outcome(f"{verb} a.py@{place} {rest}\n")
    assert by_name != CODE


def test_every_operation_on_symbols_takes_a_place() -> None:
    named = {v for v, s in VERBS.items() if {Target.SYMBOL, Target.PARAMETER} & s.targets}
    without = {v for v in named if Target.POSITION not in VERBS[v].targets}
    assert without == {"set_key", "delete_key", "replace_text"}


def test_a_parameter_is_renamed_with_its_callers() -> None:
    code = "def f(one, two=2):\n    return one + two\n\n\nf(1, two=3)\n"
    result = edited(code, "rename_parameter a.py::f(two) second\n")
    assert result == code.replace("two", "second")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("rename_parameter a.py@1:1 x", "'LIMIT' is no parameter"),
        ("rename_parameter a.py@7:5 x", "'result' is no parameter"),
        ("rename_parameter a.py::total(rat) x", "has no parameter 'rat'"),
        ("rename_parameter a.py::total(rate) items", "items"),
    ],
)
def test_what_is_no_parameter_is_refused(script: str, words: str) -> None:
    assert words in refusal(CODE, f"{script}\n").message
