"""`sorte operations`: the reference of the edit language, in the user's language."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sorte_cli.edits.examples import EXAMPLES
from sorte_cli.edits.verbs import VERBS
from sorte_cli.terminal import translate
from sorte_cli.terminal.engine_messages import in_language


def test_operations_are_told_in_the_language_of_the_user(sorte: Callable[..., Any]) -> None:
    assert "set the docstring" in sorte("operations").out
    told = sorte("--lang", "pt_BR", "operations").out
    assert "define a docstring" in told
    assert "set the docstring" not in told
    one = sorte("--lang", "pt_BR", "operations", "replace_text").out
    assert "Em forma curta" in one and 'replace_text a.py::pair#2 "False" with "True"' in one


def test_the_json_is_english_for_programs(sorte: Callable[..., Any]) -> None:
    told = json.loads(sorte("--lang", "pt_BR", "operations", "--json").out)
    assert [o["summary"] for o in told["operations"]] == [s.summary for s in VERBS.values()]


def test_no_summary_and_no_note_stays_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translate, "_language", "pt_BR")
    texts = [*(s.summary for s in VERBS.values()), *(e.note for e in EXAMPLES if e.note)]
    assert [t for t in texts if in_language(t) == t] == []


def test_what_an_operation_did_is_told_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translate, "_language", "pt_BR")
    assert in_language("Inserted 2 lines after statement #1 of a.py::f.") == (
        "Inserido depois de instrução #1 de a.py::f: 2 linhas."
    )
    assert in_language("Replaced statements #1-3 of a.py.") == (
        "Substituídas as instruções #1-3 de a.py."
    )
