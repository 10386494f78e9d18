"""What each name of one module is bound to."""

from textwrap import dedent

import pytest

from sorte_cli.edits.python.binder import bind_module
from sorte_cli.edits.python.tree import parse_tree
from sorte_cli.edits.source import decode


def facts_of(text):
    source = decode("a.py", dedent(text).encode())
    return bind_module(parse_tree(source))


def lines_of(text, name, scope="module"):
    """The lines on which the binding of `name` in the (first) scope of a kind occurs."""
    facts = facts_of(text)
    for found in facts.all_scopes():
        if found.kind == scope and name in found.bindings:
            starts = sorted(o.start for o in found.bindings[name].occurrences)
            return [facts.tree.source.position(start)[0] for start in starts]
    return []


def test_a_function_s_own_name_hides_the_global_one():
    text = """\
        x = 1
        def f():
            x = 2
            return x
        print(x)
        """
    assert lines_of(text, "x") == [1, 5]
    assert lines_of(text, "x", "function") == [3, 4]


def test_global_and_nonlocal_reach_the_outer_name():
    text = """\
        count = 0
        def outer():
            total = 0
            def inner():
                global count
                nonlocal total
                count += 1
                total += 1
            return inner, total
        """
    assert lines_of(text, "count") == [1, 5, 7]
    assert lines_of(text, "total", "function") == [3, 6, 8, 9]


def test_a_class_body_is_not_seen_by_its_methods():
    text = """\
        rate = 1
        class A:
            rate = 2
            double = rate
            def f(self):
                return rate
        """
    assert lines_of(text, "rate") == [1, 6]
    assert lines_of(text, "rate", "class") == [3, 4]


def test_a_class_attribute_made_from_the_global_of_its_name_reads_the_global():
    text = """\
        def calc(): ...
        class A:
            calc = staticmethod(calc)
            other = calc
        """
    assert lines_of(text, "calc") == [1, 3]
    assert lines_of(text, "calc", "class") == [3, 4]


def test_a_comprehension_has_its_own_variable_but_reads_its_source_outside():
    text = """\
        item = [1]
        found = [item for item in item if item]
        print(item)
        """
    assert lines_of(text, "item") == [1, 2, 3]
    assert lines_of(text, "item", "comprehension") == [2, 2, 2]


def test_a_walrus_in_a_comprehension_binds_outside():
    text = """\
        def f(rows):
            found = [last := row for row in rows]
            return last
        """
    assert lines_of(text, "last", "function") == [2, 3]


def test_defaults_and_annotations_are_read_outside_the_function():
    text = """\
        limit = 1
        def f(limit: "limit" = limit) -> "limit":
            return limit
        """
    assert lines_of(text, "limit") == [1, 2, 2, 2]
    assert lines_of(text, "limit", "function") == [2, 3]


@pytest.mark.parametrize(
    "annotation",
    [
        "x: 'Order'",
        "x: 'list[Order]'",
        "x: Optional['Order']",
        "x = cast('Order', y)",
        "T = TypeVar('T', bound='Order')",
        "x: Annotated['Order', 'Order']",
        "x: 'Order | None' = None",
    ],
)
def test_names_in_string_annotations_count(annotation):
    text = f"class Order: ...\n{annotation}\n"
    assert lines_of(text, "Order") == [1, 2]


@pytest.mark.parametrize(
    "expression", ["x: Literal['Order']", "x = ['Order']", "x: 'not an expression'"]
)
def test_other_strings_do_not(expression):
    assert lines_of(f"class Order: ...\n{expression}\n", "Order") == [1]


def test_f_strings_of_every_shape_are_read():
    text = '''\
        rate = 1
        a = f"{rate}"
        b = f"""
        {rate:>{rate}} {rate!r} {rate=}
        """
        c = rf"{f'{rate}'}"
        '''
    assert lines_of(text, "rate") == [1, 2, 4, 4, 4, 4, 6]


def test_match_patterns_bind_and_read():
    text = """\
        class Point: ...
        def f(value):
            match value:
                case Point(x=found): return found
                case [first, *rest]: return first, rest
                case {"k": inner, **others}: return inner, others
                case Point() as whole: return whole
        """
    assert lines_of(text, "Point") == [1, 4, 7]
    for name, lines in {
        "found": [4, 4],
        "first": [5, 5],
        "rest": [5, 5],
        "inner": [6, 6],
        "others": [6, 6],
        "whole": [7, 7],
    }.items():
        assert lines_of(text, name, "function") == lines


def test_every_way_to_bind_a_name_is_known():
    text = """\
        import a.b
        import c as d
        from e import f as g
        with open(a.b) as h, d: pass
        for i in g: pass
        try: pass
        except E as j: print(j)
        del h
        (k, [l, *m]) = i
        n: int = 1
        o += 1
        """
    facts = facts_of(text)
    assert set(facts.root.bindings) == set("adghijklmno")


def test_type_parameters_belong_to_their_definition():
    text = """\
        T = 1
        def f[T: int](x: T) -> T: ...
        class A[T]:
            def g(self, x: T): ...
        type B[T] = list[T]
        """
    assert lines_of(text, "T") == [1]


def test_a_name_read_before_any_binding_of_it_may_be_the_builtin():
    text = """\
        input = input or 1
        print(input)
        """
    assert lines_of(text, "input") == [1, 2]


def test_offsets_fit_files_with_windows_line_endings():
    facts = facts_of("x = 1\r\n\r\ndef f():\r\n    return x\r\n")
    text = facts.text
    for occurrence in facts.root.bindings["x"].occurrences:
        assert text[occurrence.start : occurrence.end] == "x"


def test_a_class_in_a_function_reads_the_global_before_it_has_its_own():
    text = """\
        b = 1
        def f(b):
            class A:
                c = b
                x = b
                b = x
            class B:
                c = b
        """
    assert lines_of(text, "b") == [1, 4, 5]
    assert lines_of(text, "b", "function") == [2, 8]
    assert lines_of(text, "b", "class") == [6]
