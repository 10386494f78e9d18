"""The reference of the operations is made from examples that work, and is up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorte_cli.edits import VERBS
from sorte_cli.edits.examples import EXAMPLES, Example
from sorte_cli.edits.reference import apply_example, examples_of, markdown

PAGE = Path(__file__).parents[2] / "docs/operations.md"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.verb}: {e.note[:30]}")
def test_every_example_can_be_applied_and_changes_something(example: Example) -> None:
    applied = apply_example(example)
    assert applied.changes
    assert example.script.startswith(example.verb)


def test_every_operation_has_an_example() -> None:
    assert [verb for verb in VERBS if not examples_of(verb)] == []


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == markdown(), (
        "make it again: python -m sorte_cli.edits.reference docs/operations.md"
    )
