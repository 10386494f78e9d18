"""Before it plans a capable model may look: what it sees is there, bounded, and changes nothing."""

from itertools import pairwise

import pytest
from doubles import ScriptedEngine, Silence

from sorte_cli.agent.exploring import MAX_LOOKS, SHARE, Library, look_around, look_grammar
from sorte_cli.agent.prompting import plan_messages
from sorte_cli.context.index import ProjectIndex
from sorte_cli.inference.gbnf import Gbnf

TASK = plan_messages("full", (), "make the total exact")


@pytest.fixture
def library(project):
    (project / "shop" / "data.bin").write_bytes(b"\0\1")
    with ProjectIndex.open(project) as index:
        index.update()
        yield Library(index, lambda path: _read(project, path))


def _read(root, path):
    try:
        return (root / path).read_bytes()
    except OSError:
        return None


def looked(library, *answers, window=4096):
    engine = ScriptedEngine([f"{a}\n" for a in answers], window=window)
    return look_around(engine, TASK, library, Silence(), reserved_tokens=0), engine


def test_a_definition_is_shown_whole(library):
    messages, _ = looked(library, "read shop/orders.py::checkout", "plan")
    shown = messages[-3].content
    assert shown.startswith("def checkout(items):\n") and shown.endswith("calc_total(items)")
    assert messages[-1].content == "plan"


def test_what_was_looked_at_can_be_named_in_the_plan(library):
    assert library.symbols() == []
    library.look("read tests/test_orders.py")
    assert "tests/test_orders.py::test_total" in {s.address for s in library.symbols()}


def test_a_search_tells_lines_and_places(library):
    found = library.look("search calc_total")
    assert "shop/orders.py:14: return calc_total(items)" in found
    assert library.look("search xyzzy_nowhere_9") == "Nothing mentions it."


def test_a_folder_is_listed(library):
    assert library.look("list") == ".gitignore\npyproject.toml\nshop/\ntests/"
    assert "orders.py" in library.look("list shop")
    assert library.look("list nowhere") == "There is no folder nowhere."


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("read shop/nothing.py", "There is no file shop/nothing.py."),
        (
            "read shop/orders.py::nothing",
            "There is no nothing in shop/orders.py. It has: MAX_ITEMS",
        ),
        ("read shop/data.bin", "shop/data.bin is not shown: it is binary or very long."),
        ("run rm -rf /", "There is no 'run' here."),
    ],
)
def test_a_look_that_fails_says_why(library, line, answer):
    assert library.look(line).startswith(answer)


def test_only_looks_at_the_project_can_be_written(library):
    grammar = Gbnf(look_grammar(library.index))
    allowed = ("plan", "read shop/orders.py", "read shop/orders.py::checkout", "list", "list shop")
    for line in (*allowed, "search where is the total"):
        assert grammar.matches(f"{line}\n"), line
    for line in (
        "read /etc/passwd",
        "read ../x.py",
        "list ..",
        "run ls",
        "read shop/nowhere.py",
        "",
    ):
        assert not grammar.matches(f"{line}\n"), line


def test_there_are_only_so_many_looks(library):
    messages, engine = looked(library, *["list"] * (MAX_LOOKS + 3))
    assert len(engine.asked) == MAX_LOOKS
    assert messages[-1].content.endswith("\n\nplan")


def test_what_is_long_is_cut_at_a_line_and_says_so(library, project):
    lines = "".join(f"line_{n} = {n}\n" for n in range(3000))
    (project / "shop" / "orders.py").write_text(lines)
    messages, _ = looked(library, "read shop/orders.py", "plan")
    shown = messages[-3].content
    assert shown.startswith("line_0 = 0\nline_1 = 1\n") and shown.endswith(" more lines")
    assert len(shown) < 4 * 4096 // SHARE + 64


def test_without_room_nothing_is_asked(library):
    messages, engine = looked(library, window=600)
    assert messages == TASK
    assert engine.asked == []


def test_every_turn_begins_with_the_one_before(library):
    turns = []

    class Remembering(ScriptedEngine):
        def generate(self, messages, options, **more):
            turns.append(list(messages))
            return super().generate(messages, options, **more)

    engine = Remembering(["list\n", "read shop/orders.py\n", "plan\n"])
    final = look_around(engine, TASK, library, Silence(), reserved_tokens=0)
    turns.append([(m.role, m.content) for m in final])
    for earlier, later in pairwise(turns):
        assert later[: len(earlier)] == earlier
