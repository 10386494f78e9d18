"""The verbs that a sentence is likely to mean, by its words."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from sorte_cli.agent import likely_verbs
from sorte_cli.agent.grounding import read_mentions
from sorte_cli.agent.intents import LEAST_CHANCE, allowed
from sorte_cli.agent.likely_verbs import VERBS, features, likely, read_weights
from sorte_cli.agent.targets import COMPACT_VERBS
from sorte_cli.domain import Symbol
from sorte_cli.errors import EnvironmentFailure

EVALUATION = Path(__file__).parents[2] / "training" / "evaluation"
SYMBOLS = (
    Symbol("shop/http.py", "file"),
    Symbol("shop/http.py::fetch", "function", "(url, retries=3)"),
    Symbol("shop/http.py::LIMIT", "constant", "= 30"),
    Symbol("shop/http.py::CODES", "constant", '= {"alpha": 1}'),
    Symbol("shop/http.py::Client", "class", "()"),
)


def best(text: str) -> str:
    chances = likely(SYMBOLS, read_mentions(text))
    return max(VERBS, key=lambda v: chances[v])


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("nobody remembers what fetch does, download says it", "rename"),
        ("I never want to see Client again", "delete"),
        ("LIMIT ought to stand at 50", "set_value"),
        ("quem chama fetch tem que poder mandar um timeout", "add_parameter"),
        ("retries em fetch passa a valer 5 se ninguém disser nada", "change_parameter"),
        ("CODES não conhece beta, que é 2", "add_entry"),
        ("alpha doesn't belong in CODES", "remove_entry"),
        ("joga a Client lá em shop/client.py", "move"),
        ("fetch must blow up with a ValueError when url is empty", "insert_before"),
        ("let fetch carry @cache", "add_decorator"),
    ],
)
def test_words_that_no_list_has_tell_the_verb(text, verb):
    assert best(text) == verb


def test_what_asks_for_nothing_has_no_likely_verb():
    for text in ("what does fetch do?", "bom dia!", "roda os testes aí"):
        assert max(likely(SYMBOLS, read_mentions(text)).values()) < 0.5


def test_written_sentences_keep_their_verbs_among_few():
    """The development sets, of which no sentence is in the training data."""
    kept, offered, count = 0, 0, 0
    for name in ("hand.jsonl", "hand2.jsonl"):
        contexts = {}
        for line in (EVALUATION / name).read_text("utf-8").splitlines():
            row = json.loads(line)
            if "symbols" in row:
                contexts[row["context"]] = [Symbol(*s) for s in row["symbols"]]
            elif len(row.get("answers", [])) == 1:
                verb = row["answers"][0].split(" ")[0]
                chances = likely(contexts[row["context"]], read_mentions(row["task"]))
                count += 1
                kept += chances[verb] >= LEAST_CHANCE
                offered += sum(c >= LEAST_CHANCE for c in chances.values())
    assert count > 150
    assert kept >= 0.97 * count
    assert offered <= 4 * count


def test_the_verbs_are_those_of_the_compact_profile():
    assert {*VERBS} == {*COMPACT_VERBS}


def test_something_is_offered_even_where_nothing_is_likely():
    assert allowed(COMPACT_VERBS, SYMBOLS, read_mentions("fetch LIMIT Client qwerty"))
    assert not allowed(COMPACT_VERBS, SYMBOLS, read_mentions("fetch LIMIT Client"))


def test_names_count_by_what_they_are_and_not_by_how_they_are_written():
    other = tuple(replace(s, address=s.address.replace("LIMIT", "PORT")) for s in SYMBOLS)
    assert features(SYMBOLS, "set `LIMIT` to 5") == features(other, "set PORT to 81")
    assert features(SYMBOLS, "set LIMIT to 5") != features(SYMBOLS, "set Client to 5")


@pytest.mark.parametrize("raw", [b"", b"no zlib", zlib.compress(b"1 2 3\nshort")])
def test_a_damaged_file_is_told(tmp_path, raw):
    file = tmp_path / "likely_verbs.bin"
    file.write_bytes(raw)
    with pytest.raises(EnvironmentFailure, match="damaged"):
        read_weights(file)
    with pytest.raises(EnvironmentFailure, match="damaged"):
        read_weights(tmp_path / "missing")


def test_the_file_is_small():
    assert likely_verbs._FILE.stat().st_size < 600_000
