"""The lists of words that say what a sentence wants."""

import pytest

from sorte_cli.agent.cues import cue, phrases


@pytest.mark.parametrize(
    ("section", "text", "met"),
    [
        ("deletes", "please remove it", True),
        ("deletes", "a rumour", False),
        ("takes away", "pare de importar", True),
        ("takes away", "a mission", False),
        ("moves", "calc → b.py", True),
        ("decorates", "@cache on it", True),
        ("switches", "turn it on", True),
        ("switches", "one", False),
        ("is to be", "it should  be so", True),
    ],
)
def test_a_word_stands_for_itself_and_a_star_for_any_ending(section, text, met):
    assert bool(cue(section).search(text)) == met


def test_words_that_lead_are_listed_once():
    sections = ("leads to removal", "leads to a name", "leads to a copy", "leads to more")
    words = [w for section in sections for w in phrases(section)]
    assert len(words) == len({*words})
