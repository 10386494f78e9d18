"""`rename` on generated programs: they run as before, and the way back restores every byte."""

import re
from textwrap import indent

from edit_support import MemorySnapshot, parse_script
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sorte_cli.edits import EditError, apply_script
from sorte_cli.edits.python.index import ProjectIndex
from sorte_cli.edits.registry import Project

NAMES = st.sampled_from(["a", "b", "c"])
ATOMS = st.one_of(st.integers(0, 9).map(str), NAMES)
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: f"({p[0]}, {p[1]})"),
        st.tuples(NAMES, inner).map(lambda p: f"[{p[0]} for {p[0]} in ({p[1]},)]"),
        st.tuples(NAMES, inner, inner).map(lambda p: f"(lambda {p[0]}={p[1]}: {p[2]})()"),
        st.tuples(NAMES, inner).map(lambda p: f"({p[0]} := {p[1]})"),
        inner.map(lambda e: f'f"{{{e}}}"'),
        st.tuples(NAMES, NAMES).map(lambda p: f"getattr({p[0]}, '{p[1]}', 0)"),
        st.tuples(NAMES, NAMES).map(lambda p: f"{p[0]}.{p[1]}"),
    ),
    max_leaves=4,
)


def block(lines):
    return indent("\n".join(lines) or "pass", "    ")


def statements(inner):
    body = st.lists(inner, min_size=1, max_size=4)
    return st.one_of(
        st.tuples(NAMES, EXPRESSIONS).map(lambda p: f"{p[0]} = {p[1]}"),
        st.tuples(NAMES, EXPRESSIONS).map(lambda p: f"{p[0]}: int = {p[1]}"),
        EXPRESSIONS.map(lambda e: f"seen({e})"),
        st.tuples(NAMES, EXPRESSIONS, body).map(
            lambda p: f"for {p[0]} in ({p[1]},):\n{block(p[2])}"
        ),
        st.tuples(NAMES, NAMES, body, EXPRESSIONS).map(
            lambda p: f"def {p[0]}({p[1]}={p[3]}):\n{block(p[2])}\nseen({p[0]}())"
        ),
        st.tuples(NAMES, NAMES, body).map(
            lambda p: f"def {p[0]}():\n    global {p[1]}\n{block(p[2])}\nseen({p[0]}())"
        ),
        st.tuples(NAMES, NAMES, body).map(
            lambda p: f"def {p[0]}():\n    nonlocal {p[1]}\n{block(p[2])}\nseen({p[0]}())"
        ),
        st.tuples(NAMES, body).map(lambda p: f"class {p[0]}:\n{block(p[1])}\nseen({p[0]})"),
        st.tuples(NAMES, body).map(
            lambda p: f"try:\n{block(p[1])}\nexcept Exception as {p[0]}:\n    seen({p[0]})"
        ),
        EXPRESSIONS.map(lambda e: f"match {e}:\n    case (a, b): seen(a)\n    case c: seen(c)"),
        st.just("return 1"),
    )


PROGRAMS = st.lists(
    st.recursive(st.just("pass"), statements, max_leaves=6), min_size=2, max_size=6
).map(lambda lines: "\n".join(lines) + "\n")


def run(program):
    """All statements in one namespace, each on its own so that an error ends only itself."""
    shown = []

    def seen(value=None):
        text = re.sub(r" at 0x[0-9a-f]+", "", repr(value))
        shown.append(re.sub(r"\b[abcz]\b", "_", text))

    space = {"seen": seen}
    for statement in re.split(r"\n(?=\S)(?!except|case)", program.rstrip("\n")):
        try:
            exec(compile(statement, "p", "exec"), space)
        except Exception as error:
            shown.append(type(error).__name__)
    return shown


def bindings(text):
    """The place of every binding of a program whose name can be changed."""
    project = Project(MemorySnapshot({"a.py": text}))
    facts = ProjectIndex.of(project).facts("a.py")
    found = []
    for scope in facts.all_scopes():
        for binding in scope.bindings.values():
            line, column = facts.tree.source.position(binding.occurrences[0].start)
            found.append((binding.name, line, column))
    return found


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(PROGRAMS, st.randoms(use_true_random=False))
def test_a_renamed_program_runs_as_before_and_can_be_renamed_back(program, random):
    try:
        compile(program, "p", "exec")
    except SyntaxError:
        assume(False)
    places = bindings(program)
    assume(places)
    name, line, column = random.choice(places)
    files = {"a.py": program}
    try:
        answer = apply_script(
            parse_script(f"rename a.py@{line}:{column} z\n"), MemorySnapshot(files)
        )
    except EditError as error:
        assert "mistake" not in str(error) and "no longer be valid" not in str(error)
        return
    changed = answer.changes.changes[0].after.decode()
    if not answer.reports[0].possible:
        assert run(changed) == run(program)
    way_back = parse_script(f"rename a.py@{line}:{column} {name}\n")
    try:
        back = apply_script(way_back, MemorySnapshot({"a.py": changed}))
    except EditError as error:
        # A class body may read an outer name before it binds its own of that name; renamed, the
        # two cannot be told from two that would clash.
        assert "already taken" in str(error) and "class" in program
        return
    assert back.changes.changes[0].after.decode() == program
