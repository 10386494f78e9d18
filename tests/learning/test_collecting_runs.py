"""What the runs of a repository teach: accepted, corrected in three ways, taken back, unclear."""

from __future__ import annotations

import time

import pytest
from learning_histories import Past

from sorte_cli.learning.collecting import Collected, collect
from sorte_cli.learning.examples import dump, load
from sorte_cli.learning.pairs import by_clause, split

RAISE = "set_value shop/orders.py::ORDER_LIMIT"


def taught(past: Past, **options: bool) -> Collected:
    return collect(past.repository, past.journal, **options)


def said(collected: Collected) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(p.kind, p.task, p.answers) for p in collected.pairs]


def raised(past: Past, value: int, task: str = "") -> str:
    return past.do(task or f"set ORDER_LIMIT to {value}", RAISE, f"{RAISE} {value}\n")


def test_an_accepted_run_is_a_pair_with_what_the_model_saw(past: Past) -> None:
    run = past.do(
        "find_order must not get None as key",
        "insert_before shop/orders.py::find_order",
        "insert_before shop/orders.py::find_order#1\n"
        "<<<\nif key is None:\n    raise ValueError\n>>>\n",
    )
    (pair,) = taught(past).pairs
    assert (pair.kind, pair.run, pair.steps[0].verb) == ("accepted", run, "insert_before")
    assert "shop/orders.py::find_order" in {s.address for s in pair.symbols}
    # the statements as they were before the run
    assert pair.bodies[0][0].statements == ((1, "return source[key]"),)
    assert pair.plan_text == "insert_before shop/orders.py::find_order\n"


def test_what_was_called_bad_or_undone_teaches_nothing_by_itself(past: Past) -> None:
    past.rate(raised(past, 50), good=False)
    past.undo(raised(past, 60))
    past.rate(raised(past, 70), good=True)
    found = taught(past)
    assert said(found) == [("accepted", "set ORDER_LIMIT to 70", (f"{RAISE} 70",))]
    assert found.left_out == {"undone": 2}


def test_undone_runs_become_refusals_only_when_that_was_approved(past: Past) -> None:
    past.undo(raised(past, 60, "crava ORDER_LIMIT em 60"))
    assert taught(past).pairs == ()
    (pair,) = taught(past, undone_as_none=True).pairs
    assert (pair.kind, pair.steps, pair.plan_text) == ("undone", (), "none: not wanted here\n")


def test_asked_again_in_other_words_corrects_the_first_sentence(past: Past) -> None:
    past.fail("crava ORDER_LIMIT em 75", "rename shop/orders.py::ORDER_LIMIT")
    raised(past, 75)
    assert said(taught(past)) == [
        ("corrected", "crava ORDER_LIMIT em 75", (f"{RAISE} 75",)),
        ("accepted", "set ORDER_LIMIT to 75", (f"{RAISE} 75",)),
    ]


def test_a_script_after_an_undone_run_corrects_it(past: Past) -> None:
    run = past.do(
        "espelha StockPolicy em FastStockPolicy",
        "rename shop/stocks.py::StockPolicy",
        "rename shop/stocks.py::StockPolicy FastStockPolicy\n",
    )
    past.undo(run)
    past.apply("clone shop/stocks.py::StockPolicy FastStockPolicy\n")
    assert said(taught(past)) == [
        (
            "corrected",
            "espelha StockPolicy em FastStockPolicy",
            ("clone shop/stocks.py::StockPolicy FastStockPolicy",),
        )
    ]


def test_another_wish_is_no_correction(past: Past) -> None:
    past.fail("crava ORDER_PAGES em 75")
    raised(past, 75)
    past.fail("crava ORDER_LIMIT em 80")
    raised(past, 81)
    assert [p.kind for p in taught(past).pairs] == ["accepted", "accepted"]


def test_a_plan_that_the_person_edited_is_a_correction(past: Past) -> None:
    past.do("crava ORDER_LIMIT em 9", "rename shop/orders.py::ORDER_LIMIT", f"{RAISE} 9\n",
            edited=RAISE)  # fmt: skip
    assert said(taught(past)) == [("corrected", "crava ORDER_LIMIT em 9", (f"{RAISE} 9",))]


def test_a_commit_that_the_person_changed_afterwards_is_a_correction(past: Past) -> None:
    past.do(
        "rename calc_total to sum_up",
        "rename shop/orders.py::calc_total",
        "rename shop/orders.py::calc_total sum_up\n",
    )
    file = past.root / "shop/orders.py"
    file.write_text(file.read_text().replace("sum_up", "sum_orders"), encoding="utf-8")
    past.commit("refactor: a better name")
    assert said(taught(past)) == [
        (
            "corrected",
            "rename calc_total to sum_up",
            ("rename shop/orders.py::calc_total sum_orders",),
        )
    ]


def test_an_edit_elsewhere_in_the_file_leaves_a_run_accepted(past: Past) -> None:
    raised(past, 50)
    file = past.root / "shop/orders.py"
    file.write_text(file.read_text().replace("ORDER_PAGES = 8", "ORDER_PAGES = 9"))
    past.commit("feat: more pages")
    assert [p.kind for p in taught(past).pairs] == ["accepted"]


def test_an_edit_that_is_no_other_answer_makes_a_run_unclear(past: Past) -> None:
    raised(past, 50)
    file = past.root / "shop/orders.py"
    file.write_text(file.read_text().replace("ORDER_LIMIT = 50\n", ""))
    past.commit("feat: no limit any more")
    found = taught(past)
    assert found.pairs == ()
    assert found.left_out == {"edited": 1}


def test_of_one_sentence_the_last_word_counts(past: Past) -> None:
    raised(past, 50, "no limit for us")
    past.do("No  limit for us", "set_value shop/orders.py::ORDER_PAGES",
            "set_value shop/orders.py::ORDER_PAGES 0\n")  # fmt: skip
    assert [p.answers for p in taught(past).pairs] == [("set_value shop/orders.py::ORDER_PAGES 0",)]


def test_operations_beyond_small_models_and_lost_commits_are_counted(past: Past) -> None:
    past.do(
        "throw find_order away",
        "replace_symbol shop/orders.py::find_order",
        "replace_symbol shop/orders.py::find_order\n<<<\ndef find_order(key):\n    return 1\n>>>\n",
    )
    assert taught(past).left_out == {"beyond": 1}


def test_runs_whose_details_were_cleaned_away_still_teach(past: Past) -> None:
    raised(past, 50)
    past.journal.drop_events(past.repository, time.time() + 1)
    assert [p.answers for p in taught(past).pairs] == [(f"{RAISE} 50",)]


def test_nothing_is_changed_by_collecting(past: Past) -> None:
    raised(past, 50)
    before = past.git("rev-parse", "HEAD"), past.git("status", "--porcelain")
    taught(past)
    assert (past.git("rev-parse", "HEAD"), past.git("status", "--porcelain")) == before


def test_pairs_are_the_same_after_a_trip_through_json(past: Past) -> None:
    raised(past, 50)
    pairs = taught(past).pairs
    # lines of symbols are not kept: a prompt does not show them
    again = load(dump(pairs))
    assert [p.dialogues("compact") for p in again] == [p.dialogues("compact") for p in pairs]


@pytest.mark.parametrize("count", [4, 9, 40])
def test_held_out_pairs_are_drawn_the_same_way_and_shared_out_by_kind(count: int) -> None:
    from sorte_cli.learning.examples import Pair

    pairs = [
        Pair(f"task {n}", (), (), (), kind="corrected" if n % 2 else "accepted")
        for n in range(count)
    ]
    train, held_out = split(pairs)
    assert {p.task for p in train} | {p.task for p in held_out} == {p.task for p in pairs}
    assert not {p.task for p in train} & {p.task for p in held_out}
    other_train, other_held_out = split(pairs[::-1])
    assert set(other_held_out) == set(held_out)
    assert len(other_train) == len(train)
    kinds = [p.kind for p in held_out]
    assert abs(kinds.count("corrected") - kinds.count("accepted")) <= 1


def test_a_sentence_of_two_clauses_is_taught_clause_by_clause(past: Past) -> None:
    past.do(
        "set ORDER_LIMIT to 5 and rename find_order to get_order",
        "set_value shop/orders.py::ORDER_LIMIT: set ORDER_LIMIT to 5",
        "set_value shop/orders.py::ORDER_LIMIT 5\n",
    )
    (pair,) = taught(past).pairs
    assert by_clause(pair) == [pair]  # one operation for two clauses: left whole
