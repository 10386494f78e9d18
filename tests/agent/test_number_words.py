"""Numbers in words: all that the training data says, and what they must not be."""

import itertools
import random
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorte_cli.agent.grounding import number_values, numbers_in, read_mentions
from sorte_cli.agent.number_words import spoken_numbers

sys.path.insert(0, str(Path(__file__).parents[2] / "training"))
from spoken_numbers import LIMIT, in_words, with_half

languages = st.sampled_from(["en", "pt"])
seeds = st.integers(0, 1000)


@given(st.integers(0, LIMIT), languages, seeds)
def test_every_number_is_read_as_the_training_data_says_it(number, lang, seed):
    said = in_words(number, lang, random.Random(seed))
    expected = () if number == 1 else ((str(number),),)
    assert spellings(f"make it {said} seconds") == expected


@given(st.integers(0, LIMIT), languages, seeds)
def test_halves_are_read_as_the_training_data_says_them(number, lang, seed):
    said = with_half(number, lang, random.Random(seed))
    assert spellings(f"agora {said}.") == ((f"{number}.5",),)


@given(st.lists(st.sampled_from([
    "a", "and", "e", "half", "meio", "hundred", "cento", "mil", "dozen", "two", "-", "21", "point",
    "twenty", "vinte", "virgula", "million", "5.000", "²", "_", ",", "one", "zero",
])))  # fmt: skip
def test_numbers_do_not_overlap_whatever_the_words(words):
    text = " ".join(words)
    found = spoken_numbers(text)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    assert numbers_in(text) is not None


def spellings(text):
    return tuple(n.spellings for n in spoken_numbers(text))


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("twenty-two kilos each", ["22"]),
        ("quarenta e cinco cópias", ["45"]),
        ("fifteen hundred seconds", ["1500"]),
        ("três mil e quinhentos", ["3500"]),
        ("seis segundos e meio de duração", ["6.5"]),
        ("a hundred", ["100"]),
        ("a dozen", ["12"]),
        ("meia dúzia", ["6"]),
        ("2 e meio", ["2.5"]),
        ("30 mil reais", ["30000"]),
        ("zero vírgula zero cinco", ["0.05"]),
        ("Fifty seconds", ["50"]),
        ("nine hundred ninety-nine thousand nine hundred and ninety-nine", ["999999"]),
        ("ten percent, quinze por cento", ["10", "15"]),
        ("between three and five", ["3", "5"]),
        ("dez e vinte", ["10", "20"]),
        ("one hundred and three hundred", ["100", "300"]),
        ("dois mil e três mil", ["2000", "3000"]),
        ("five ten-second steps", ["5", "10"]),
    ],
)
def test_numbers_in_words(said, numbers):
    assert numbers_in(said) == [(n,) for n in numbers]


@pytest.mark.parametrize(
    "said",
    ["one of them", "um ou uma", "Zero and One", "ten_max", "two.py", "21/04/2025", "7h30",
     "at 7:30", "2025-04-21", "Twelve_Angry", "cento"],
)  # fmt: skip
def test_what_is_no_number(said):
    assert numbers_in(said) == []


def test_figures_may_bear_a_unit():
    assert numbers_in("30s, 500ms, 50k or 1.5k") == [("30",), ("500",), ("50000",), ("1500",)]


def test_a_price_without_its_point_is_like_the_present_value():
    said = read_mentions("bikes cost four fifty now")
    assert number_values("3.5", said) == ["4.5"]
    assert number_values("300", said) == ["450"]


@given(st.text())
def test_any_text_can_be_read(text):
    for number in spoken_numbers(text):
        assert text[number.start : number.end].strip()
        assert number.spellings


@pytest.mark.parametrize("text", ["¼A", "1⁄4a", "½ mil", "٣ mil", "1__2 mil", "² dozen"])
def test_odd_figures_are_no_figures(text):
    assert all("1" not in text[n.start : n.end] for n in spoken_numbers(text))
