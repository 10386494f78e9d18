"""`rename` of methods, fields and instance attributes: by evidence, along the hierarchy."""

from textwrap import dedent

import pytest
from edit_support import after, applied, edited, refusal

BASE = """\
from abc import ABC, abstractmethod

class Method(ABC):
    @abstractmethod
    def charge(self, amount): ...

    def run(self):
        return self.charge(1)

class Pix(Method):
    fee = 1

    def charge(self, amount):
        return super().charge(amount)

class Fast(Pix):
    pass

class Robot:
    def charge(self): ...
"""


def renamed(app, script="rename pay.py::Pix.charge debit"):
    """`app.py` after the script, and the lines that were left undecided."""
    answer = applied({"pay.py": BASE, "app.py": dedent(app)}, script)
    for change in answer.changes.changes:
        if change.path == "app.py":
            return change.after.decode(), answer.reports[0].possible
    return dedent(app), answer.reports[0].possible


@pytest.mark.parametrize("address", ["pay.py::Method.charge", "pay.py::Pix.charge"])
def test_base_declaration_overrides_and_super_follow(address):
    result = after({"pay.py": BASE}, f"rename {address} debit")["pay.py"]
    kept = "class Robot:\n    def charge"
    assert result == BASE.replace("charge", "debit").replace(kept.replace("charge", "debit"), kept)


@pytest.mark.parametrize(
    "app",
    [
        "from pay import Pix\nPix().charge(1)\n",
        "from pay import Pix\npix = Pix()\npix.charge(1)\n",
        "from pay import Pix\nPix.charge(Pix(), 1)\n",
        "from pay import Fast\nFast().charge(1)\n",
        "import pay\ndef f(m: pay.Method):\n    m.charge(1)\n",
        "from pay import Method\ndef f(m: 'Method | None'):\n    m.charge(1)\n",
        "from pay import Method\ndef f(ms: list[Method]):\n    for m in ms:\n        m.charge(1)\n",
        "from pay import Method\ndef f(ms: dict[str, Method]):\n    ms['a'].charge(1)\n",
        "from pay import Method\nd: dict[str, Method] = {}\n[m.charge(1) for m in d.values()]\n",
        "from pay import Method\ndef f(*ms: Method):\n    ms[0].charge(1)\n",
        "from pay import Pix\ndef make() -> Pix: ...\nmake().charge(1)\n",
        "from pay import Pix\ndef make():\n    return Pix()\nmake().charge(1)\n",
        "from pay import Pix\nclass S:\n    def __init__(self):\n        self.m = Pix()\n"
        "    def go(self):\n        self.m.charge(1)\n",
        "from pay import Pix\nclass S:\n    m: Pix\ndef f(s: S):\n    s.m.charge(1)\n",
        "from pay import Pix\nclass S:\n    @property\n    def m(self) -> Pix: ...\n"
        "S().m.charge(1)\n",
        "from pay import Pix\nwith Pix() as p:\n    p.charge(1)\n",
        "from pay import Pix\nif (p := Pix()):\n    p.charge(1)\n",
        "from pay import Pix, Fast\np = Pix() if x else Fast()\np.charge(1)\n",
        "from pay import Pix as P\nK = P\nK().charge(1)\n",
        "from pay import Pix\nclass Mine(Pix):\n    def charge(self, amount): ...\n",
        "from pay import Pix\nclass Mine(Pix):\n    other = Pix.charge\n",
        "from pay import Pix\nasync def f(p: Pix):\n    await p.charge(1)\n",
        "import pytest\nfrom pay import Pix\n@pytest.fixture\ndef p():\n    return Pix()\n"
        "def test_it(p):\n    p.charge(1)\n",
        "import pytest\nfrom pay import Pix\n@pytest.fixture\ndef p():\n    yield Pix()\n"
        "def test_it(p):\n    p.charge(1)\n",
        "from unittest.mock import patch\nfrom pay import Pix\npatch.object(Pix, 'charge')\n",
        "from unittest.mock import patch\npatch('pay.Pix.charge')\n",
    ],
)
def test_uses_on_evident_instances_follow(app):
    result, possible = renamed(app)
    assert result == app.replace("charge", "debit")
    assert possible == ()


@pytest.mark.parametrize(
    "app",
    [
        "def f(m):\n    m.charge(1)\n",
        "from pay import Pix\ndef f(m):\n    p = Pix()\n    p = m\n    p.charge(1)\n",
        "from pay import Pix, Robot\nx = Pix() if y else Robot()\nx.charge(1)\n",
        "from unittest.mock import Mock\nm = Mock()\nm.charge(1)\n",
        "import requests\nrequests.get('u').charge(1)\n",
        "from typing import Any\ndef f(m: Any):\n    m.charge(1)\n",
    ],
)
def test_uses_that_cannot_be_decided_are_listed_and_stay(app):
    result, possible = renamed(app)
    assert result == app
    lines = app.splitlines()
    assert possible == (f"app.py:{len(lines)}: {lines[-1].strip()}",)


@pytest.mark.parametrize(
    "app",
    [
        "from pay import Robot\nRobot().charge(1)\n",
        "'text'.charge(1)\n",
        "import os\nos.charge(1)\n",
        "class Own:\n    def charge(self): ...\n    def f(self):\n        self.charge()\n",
        "def charge(): ...\ncharge()\n",
    ],
)
def test_uses_of_something_else_stay_without_a_word(app):
    assert renamed(app) == (app, ())


def test_a_property_and_its_setter_are_one():
    text = """\
        class A:
            @property
            def total(self): return self._total
            @total.setter
            def total(self, value): self._total = value
        A().total = 3
        """
    result = edited(text, "rename a.py::A.total amount")
    assert result == dedent(text).replace(" total", " amount").replace("@total", "@amount").replace(
        ".total", ".amount"
    ).replace("self._amount", "self._total")


def test_an_instance_attribute_follows_everywhere():
    text = """\
        class A:
            __slots__ = ("total", "other")
            def __init__(self, total):
                self.total = total
            def more(self):
                return self.total + getattr(self, "total")
        a = A(total=1)
        a.total += 1
        """
    expected = """\
        class A:
            __slots__ = ("amount", "other")
            def __init__(self, total):
                self.amount = total
            def more(self):
                return self.amount + getattr(self, "amount")
        a = A(total=1)
        a.amount += 1
        """
    assert edited(text, "rename a.py::A.total amount") == dedent(expected)


def test_a_dataclass_field_follows_into_constructors_and_patterns():
    text = """\
        from dataclasses import dataclass, replace
        @dataclass
        class Order:
            total: int
            other: int = 0
        order = Order(total=1, other=2)
        copy = replace(order, total=2)
        match order:
            case Order(total=t): print(t)
        dict(total=1)
        """
    result = edited(text, "rename a.py::Order.total amount")
    assert result == dedent(text).replace("total", "amount").replace("dict(amount", "dict(total")


def test_an_enum_member_follows():
    text = """\
        from enum import Enum
        class Status(Enum):
            OPEN = "open"
            DEFAULT = OPEN
            @classmethod
            def first(cls): return cls.OPEN
        print(Status.OPEN, Status["OPEN"], Status.OPEN.value)
        def f(s: Status): return s.OPEN
        """
    result = edited(text, "rename a.py::Status.OPEN FRESH")
    assert result == dedent(text).replace("OPEN", "FRESH").replace('["FRESH"]', '["OPEN"]')


def test_a_private_name_belongs_to_its_class_alone():
    text = """\
        class A:
            def __secret(self): return self.__secret
        class B(A):
            def __secret(self): return self.__secret
        """
    result = edited(text, "rename a.py::A.__secret __hidden")
    assert result.count("__hidden") == 2 and result.count("__secret") == 2


def test_a_nested_class_follows():
    text = """\
        class A:
            class Meta:
                x = 1
            y = Meta.x
        A.Meta.x
        """
    assert edited(text, "rename a.py::A.Meta Options") == dedent(text).replace("Meta", "Options")
    assert edited(text, "rename a.py::A.Meta.x z") == dedent(text).replace("x", "z")


def test_a_diamond_of_classes_keeps_one_member():
    text = """\
        class Base: ...
        class Left(Base):
            def go(self): ...
        class Right(Base):
            def go(self): ...
        class Both(Left, Right):
            def run(self): self.go()
        """
    assert edited(text, "rename a.py::Right.go move") == dedent(text).replace("go", "move")


def test_a_use_on_the_base_is_undecided_where_only_some_subclasses_have_it():
    text = """\
        class Base:
            def run(self): self.go()
        class Left(Base):
            def go(self): ...
        class Right(Base):
            def go(self): ...
        """
    answer = applied({"a.py": dedent(text)}, "rename a.py::Left.go move")
    assert answer.changes.changes[0].after.decode().count("move") == 1
    assert answer.reports[0].possible == ("a.py:2: def run(self): self.go()",)


def test_members_of_classes_in_other_files_follow_through_aliases():
    files = {
        "base.py": "class Base:\n    def go(self): ...\n",
        "mid.py": "from base import Base as B\nclass Mid(B):\n    def go(self): ...\n",
        "top.py": "import mid\nclass Top(mid.Mid):\n    def go(self):\n        super().go()\n",
    }
    result = after(files, "rename mid.py::Mid.go move")
    assert result == {p: t.replace("go", "move") for p, t in files.items()}


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        ("rename pay.py::Pix.__init__ setup", "no symbol"),
        ("rename pay.py::Fast.charge debit", "inherits 'charge'"),
        ("rename pay.py::Pix.charge fee", "pay.py:11: fee = 1"),
        ("rename pay.py::Pix.fee charge", "already taken"),
        ("rename pay.py::Fast.nothing x", "no symbol"),
    ],
)
def test_what_would_break_is_refused(operation, words):
    assert words in str(refusal({"pay.py": BASE}, operation))


def test_a_special_method_is_refused():
    error = refusal("class A:\n    def __init__(self): ...\n", "rename a.py::A.__init__ setup")
    assert "special method" in str(error)


def test_a_base_from_outside_is_mentioned():
    text = "import threading\nclass A(threading.Thread):\n    def run(self): ...\n"
    answer = applied({"a.py": text}, "rename a.py::A.run go")
    assert "threading.Thread" in answer.reports[0].summary


PROTOCOL = """\
from typing import Protocol

class Gateway(Protocol):
    def charge(self, method, amount): ...
"""


@pytest.mark.parametrize(
    ("app", "follows"),
    [
        ("class Bank:\n    def charge(self, method, amount): ...\n", True),
        ("class Bank:\n    def charge(self, method, amount, *, note=''): ...\n", False),
        ("class Bank:\n    def charge(self, order): ...\n", False),
        ("class Bank:\n    def other(self, method, amount): ...\n    charge = 1\n", True),
    ],
)
def test_a_class_that_does_all_that_a_protocol_asks_for_follows(app, follows):
    files = {"a.py": PROTOCOL, "b.py": app}
    assert ("b.py" in after(files, "rename a.py::Gateway.charge debit")) is follows


def test_a_protocol_that_asks_for_too_little_takes_no_one_along():
    files = {
        "a.py": "from typing import Protocol\nclass Closes(Protocol):\n    def close(self): ...\n",
        "b.py": "class File:\n    def close(self): ...\n",
    }
    assert set(after(files, "rename a.py::Closes.close shut")) == {"a.py"}
