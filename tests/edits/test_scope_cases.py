"""Every kind of scope and reference, one small program each: rename, delete and move see them all.

Marked with «» is what is one and the same name; what looks like it and is not stays unmarked. Each
program prints something when it is run, and prints the same after it was changed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from edit_support import MemorySnapshot, applied, refusal

from sorte_cli.edits import Applied

NEW = "renamed"
RUN = """
import contextlib, io, runpy, sys
for folder in sys.argv[1:]:
    before = set(sys.modules)
    sys.path.insert(0, folder)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        runpy.run_path(folder + "/main.py", run_name="__main__")
    sys.path.remove(folder)
    for name in set(sys.modules) - before:
        del sys.modules[name]
    sys.path_importer_cache.clear()
    print(repr(out.getvalue()))
"""

# name: (address of the marked name, the other files, main.py)
CASES: dict[str, tuple[str, dict[str, str], str]] = {
    "shadowing by a parameter": ("main.py::total", {}, """
        def «total»(x): return x
        def other(total): return total + 1
        print(«total»(1), other(2))
        """),
    "shadowing by a local": ("main.py::total", {}, """
        «total» = 3
        def other():
            total = 4
            return total
        print(«total», other())
        """),
    "comprehension": ("main.py::total", {}, """
        «total» = [1, 2]
        print([total * 2 for total in «total»], «total», {t: «total»[0] for t in «total»})
        """),
    "comprehension variable": ("main.py::f:total", {}, """
        def f(items):
            return [«total» for «total» in items if «total» > 1]
        total = 5
        print(f([1, 2]), total)
        """),
    "closure": ("main.py::outer:total", {}, """
        def outer():
            «total» = 1
            def inner():
                return «total» + 1
            return inner
        total = 9
        print(outer()(), total)
        """),
    "global": ("main.py::total", {}, """
        «total» = 0
        def add():
            global «total»
            «total» += 1
        def own():
            total = 7
            return total
        add()
        print(«total», own())
        """),
    "nonlocal": ("main.py::outer:total", {}, """
        total = 5
        def outer():
            «total» = 1
            def inner():
                nonlocal «total»
                «total» += 1
            inner()
            return «total»
        print(outer(), total)
        """),
    "class attribute": ("main.py::Cart.total", {}, """
        total = 1
        class Cart:
            «total» = 2
            both = «total» + 1
            def get(self):
                return self.«total» + Cart.«total» + total
        print(Cart().get(), Cart.both)
        """),
    "instance attribute": ("main.py::Cart.total", {}, """
        class Cart:
            def __init__(self, total):
                self.«total» = total
            def double(self):
                return self.«total» * 2
        class Other:
            def __init__(self):
                self.total = 8
        cart = Cart(total=3)
        print(cart.«total», cart.double(), Other().total)
        """),
    "property": ("main.py::Cart.total", {}, """
        class Cart:
            _total = 1
            @property
            def «total»(self):
                return self._total
            @«total».setter
            def «total»(self, value):
                self._total = value
        cart = Cart()
        cart.«total» = 4
        print(cart.«total»)
        """),
    "overrides": ("main.py::Base.total", {}, """
        class Base:
            def «total»(self): return 1
        class Cart(Base):
            def «total»(self): return super().«total»() + 1
        class Other:
            def total(self): return 5
        print(Cart().«total»(), Base().«total»(), Other().total())
        """),
    "dataclass member": ("main.py::Cart.total", {}, """
        from dataclasses import dataclass
        @dataclass
        class Cart:
            «total»: int = 0
        total = 1
        print(Cart(«total»=total).«total»)
        """),
    "enum member": ("main.py::Kind.total", {}, """
        from enum import Enum
        class Kind(Enum):
            «total» = "total"
        print(Kind.«total».value, Kind("total") is Kind.«total»)
        """),
    "keyword arguments": ("main.py::f(total)", {}, """
        def f(«total»=1, other=2): return «total» + other
        def g(total): return total
        print(f(«total»=3), g(total=4), f(other=5))
        """),
    "**kwargs is left alone": ("main.py::f(total)", {}, """
        def f(«total», **kwargs): return «total», kwargs
        def g(**kwargs): return kwargs
        print(f(«total»=1, other=2), g(total=3)["total"])
        """),
    "star import": ("lib.py::total", {"lib.py": "def «total»(): return 1\n"}, """
        from lib import *
        print(«total»())
        """),
    "relative import": ("shop/lib.py::total", {
        "shop/__init__.py": "from .lib import «total»\n",
        "shop/lib.py": "def «total»(): return 1\n",
        "shop/sub/__init__.py": "from ..lib import «total» as other\n",
    }, """
        from shop import «total»
        from shop.sub import other
        print(«total»(), other())
        """),
    "re-export and __all__": ("shop/lib.py::total", {
        "shop/__init__.py": 'from .lib import «total»\n\n__all__ = ["«total»"]\n',
        "shop/lib.py": '__all__ = ["«total»"]\ndef «total»(): return 1\n',
    }, """
        import shop
        print(shop.«total»())
        """),
    "as name": ("lib.py::total", {"lib.py": "def «total»(): return 1\n"}, """
        from lib import «total» as other
        total = 2
        print(other(), total)
        """),
    "alias of an import": ("main.py::other", {"lib.py": "def total(): return 1\n"}, """
        from lib import total as «other»
        print(«other»(), "other")
        """),
    "string annotation": ("main.py::Total", {}, """
        import typing
        def f(x: "list[«Total»]") -> "«Total»": return x[0]
        class «Total»: ...
        print(typing.get_type_hints(f)["return"] is «Total», "Total")
        """),
    "forward reference": ("main.py::Total", {}, """
        class «Total»:
            parent: "«Total» | None" = None
            def me(self) -> "«Total»": return self
        print(«Total»().me().parent)
        """),
    "decorator": ("main.py::total", {}, """
        def «total»(function): return lambda: function() + 1
        @«total»
        def f(): return 1
        print(f())
        """),
    "f-string": ("main.py::total", {}, """
        «total» = 2
        print(f"total {«total»!r} {«total» + 1:>{«total»}} {{total}} {'total'}")
        """),
    "match statement": ("main.py::Total", {}, """
        class «Total»:
            __match_args__ = ("x",)
            def __init__(self, x): self.x = x
        match «Total»(1):
            case «Total»(x): print(x)
            case Other: print(Other)
        """),
    "match capture": ("main.py::f:total", {}, """
        def f(x):
            match x:
                case [«total», *_]: return «total»
                case {"total": «total»}: return «total»
        print(f([1, 2]), f({"total": 3}))
        """),
    "type alias": ("main.py::Total", {}, """
        from typing import TypeAlias
        class «Total»: ...
        Totals: TypeAlias = "list[«Total»]"
        Pair = tuple[«Total», «Total»]
        def f(x: Totals) -> Pair: return (x[0], x[0])
        print(len(f([«Total»()])))
        """),
    "TYPE_CHECKING": ("lib.py::Total", {"lib.py": "class «Total»: ...\n"}, """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from lib import «Total»
        def f(x: "«Total»") -> int: return 1
        print(f(None))
        """),
    "stub": ("lib.py::total", {
        "lib.py": "def «total»(): return 1\n",
        "lib.pyi": "def «total»() -> int: ...\n",
    }, """
        from lib import «total»
        print(«total»())
        """),
    "walrus and lambda": ("main.py::total", {}, """
        if («total» := 3) > 1:
            print(«total», (lambda total: total)(1), (lambda x: «total»)(1))
        """),
    "except and with": ("main.py::f:total", {}, """
        import contextlib
        def f():
            with contextlib.nullcontext(1) as «total»: print(«total»)
            for «total» in (2,): print(«total»)
        f()
        """),
}  # fmt: skip
LOCAL = [name for name, (address, _, _) in CASES.items() if ":" in address.partition("::")[2]]


def program(name: str) -> dict[str, str]:
    _address, files, main = CASES[name]
    return {**files, "main.py": dedent(main).lstrip()}


def plain(files: dict[str, str]) -> dict[str, str]:
    return {p: t.replace("«", "").replace("»", "") for p, t in files.items()}


def after(files: dict[str, str], done: Applied) -> dict[str, str]:
    changed = {c.path: (c.after or b"").decode() for c in done.changes.changes}
    return {**files, **changed}


@pytest.mark.parametrize("name", CASES)
def test_a_rename_changes_what_is_the_name_and_nothing_else(name: str) -> None:
    files = program(name)
    done = applied(plain(files), f"rename {CASES[name][0]} {NEW}\n")
    assert after(plain(files), done) == {p: re.sub("«.*?»", NEW, text) for p, text in files.items()}


@pytest.mark.parametrize("name", [n for n in CASES if n not in LOCAL and "(" not in CASES[n][0]])
def test_what_is_used_is_not_deleted(name: str) -> None:
    address = CASES[name][0]
    error = refusal(plain(program(name)), f"delete {address}\n")
    assert "used" in error.message or "line" in error.message or "statement" in error.message


MOVED = [
    name
    for name, (address, _, _) in CASES.items()
    if re.fullmatch(r"lib.py::\w+|shop/lib.py::\w+", address)
]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What each program prints: as it was, renamed, and (where it can be) moved."""
    folder = tmp_path_factory.mktemp("programs")
    variants: list[tuple[str, dict[str, str]]] = []
    for name in CASES:
        files = plain(program(name))
        address = CASES[name][0]
        variants.append((name, files))
        variants.append((name, after(files, applied(files, f"rename {address} {NEW}\n"))))
        if name in MOVED:
            to = address.partition("::")[0].replace("lib.py", "place.py")
            variants.append((name, after(files, applied(files, f"move {address} to {to}\n"))))
        if "class" not in name and re.fullmatch(r"main.py::(f|total)(\(total\))?", address):
            address = address.partition("(")[0]
            if f"def {address.partition('::')[2]}(" in files["main.py"]:
                script = f'add_parameter {address} "extra: int = 0"\n'
                variants.append((name, after(files, applied(files, script))))
    roots: list[Path] = []
    for index, (_name, files) in enumerate(variants):
        root = folder / str(index)
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        roots.append(root)
    done = subprocess.run(
        [sys.executable, "-B", "-c", RUN, *map(str, roots)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, list[str]] = {}
    for (name, _), line in zip(variants, done.stdout.splitlines(), strict=True):
        found.setdefault(name, []).append(line)
    return found


@pytest.mark.parametrize("name", CASES)
def test_the_program_prints_the_same_afterwards(name: str, runs: dict[str, list[str]]) -> None:
    first, *others = runs[name]
    assert others == [first] * len(others)
    assert first != "''"


def test_a_moved_symbol_takes_every_kind_of_import_along() -> None:
    assert len(MOVED) >= 5
    for name in MOVED:
        files = plain(program(name))
        address = CASES[name][0]
        path, _, symbol = address.partition("::")
        to = path.replace("lib.py", "place.py")
        result = after(files, applied(files, f"move {address} to {to}\n"))
        assert symbol in result[to]
        assert not re.search(rf"def {symbol}\b|class {symbol}\b", result[path])


def test_the_snapshot_is_left_as_it_was() -> None:
    files = plain(program("re-export and __all__"))
    snapshot = MemorySnapshot(files)
    applied(files, f"rename shop/lib.py::total {NEW}\n")
    assert {p: (snapshot.read(p) or b"").decode() for p in snapshot.paths()} == files
