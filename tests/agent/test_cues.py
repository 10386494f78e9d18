"""The lists of words that say what a sentence wants."""

import pytest

from sorte_cli.agent.cues import cue


@pytest.mark.parametrize(
    ("section", "text", "met"),
    [
        ("takes away", "please remove it", True),
        ("takes away", "a rumour", False),
        ("takes away", "pare de importar", True),
        ("takes away", "a mission", False),
        ("parameters", "if it takes one", True),
        ("switches", "turn it on", True),
        ("switches", "one", False),
        ("is to be", "it should  be so", True),
    ],
)
def test_a_word_stands_for_itself_and_a_star_for_any_ending(section, text, met):
    assert bool(cue(section).search(text)) == met
