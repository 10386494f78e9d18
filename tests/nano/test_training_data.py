"""What the generator teaches is what Sorte understands."""

from __future__ import annotations

import json
import random
import sys
import sysconfig
from pathlib import Path

import pytest

from sorte_cli.agent.grammar import COMPACT_VERBS
from sorte_cli.agent.plans import parse_plan
from sorte_cli.edits import parse_script, print_script

ROOT = Path(__file__).resolve().parents[2]
TRAINING = ROOT / "training"
TREES = 60


@pytest.fixture(scope="module")
def modules():
    """A few files of the standard library, read as the generator reads packages."""
    sys.path.insert(0, str(TRAINING))
    from harvest import read_module

    library = Path(sysconfig.get_paths()["stdlib"])
    names = ["argparse.py", "json/decoder.py", "logging/config.py", "zipfile.py", "shutil.py"]
    found = [read_module("x", name, (library / name).read_text("utf-8")) for name in names]
    yield [m for m in found if m is not None]
    sys.path.remove(str(TRAINING))


@pytest.fixture(scope="module")
def trees(modules):
    from generate import Maker, stream, texts

    return [texts(tree) for tree in stream(Maker(modules), 5, TREES)]


def leaves(trees):
    for _, branches in trees:
        for branch in branches:
            for prompt, answer in branch.leaves:
                yield prompt, answer.removesuffix("<|end|>")


def test_every_operation_is_written_in_the_canonical_text_form(trees):
    seen = set()
    for prompt, answer in leaves(trees):
        if prompt.startswith("step: "):
            script = parse_script(answer)
            assert len(script.operations) == 1
            assert print_script(script) == answer
            seen.add(script.operations[0].verb)
    assert seen >= {
        "rename", "clone", "add_parameter", "change_parameter", "insert_before", "add_entry",
        "set_value", "add_import", "delete", "move", "remove_parameter", "set_return_type",
        "add_decorator",
    }  # fmt: skip
    assert seen <= {*COMPACT_VERBS}


def test_every_plan_reads_back_and_names_candidates_only(trees):
    refused = 0
    for context, branches in trees:
        addresses = {line.split(" ")[0] for line in context.removeprefix("<|user|>").splitlines()}
        for branch in branches:
            plan = parse_plan(branch.leaves[0][1].removesuffix("<|end|>"))
            refused += not plan.steps
            assert bool(plan.steps) != bool(plan.reason)
            assert {t for step in plan.steps for t in step.targets} <= addresses
    assert refused > 0


def test_the_same_seed_gives_the_same_text(modules):
    from generate import Maker, stream, texts

    one = [texts(t) for t in stream(Maker(modules), 11, 8)]
    two = [texts(t) for t in stream(Maker(modules), 11, 8)]
    assert one == two
    assert one != [texts(t) for t in stream(Maker(modules), 12, 8)]


def test_the_demo_is_never_in_the_data(modules):
    """Invented payment projects come often; those like the demo's are thrown away."""
    from generate import FORBIDDEN, Maker, stream, texts

    sample = ROOT / "src" / "sorte_cli" / "demo" / "sample"
    classes = {"PixPayment", "BoletoPayment", "CreditCardPayment", "CheckoutService"}
    assert all(FORBIDDEN.search(name) for name in classes)
    assert FORBIDDEN.search("Pix Parcelado")
    text = "\n".join(p.read_text("utf-8") for p in sorted(sample.rglob("*.py")))
    assert all(name in text for name in classes)
    made = [texts(t) for t in stream(Maker(modules), 3, TREES)]
    assert not FORBIDDEN.search(str(made))


WRITTEN = (
    "hand.jsonl", "hand2.jsonl", "hand3.jsonl", "hand4.jsonl", "sealed.jsonl", "sealed2.jsonl",
    "sealed3.jsonl",
)  # fmt: skip


def written(name):
    text = (TRAINING / "evaluation" / name).read_text("utf-8")
    return [row for row in map(json.loads, text.splitlines()) if "task" in row]


def test_there_are_four_hundred_written_sentences_in_both_languages():
    rows = [row for name in WRITTEN for row in written(name)]
    assert len({row["task"] for row in rows}) >= 400
    assert 0.4 < sum(r["language"] == "pt" for r in rows) / len(rows) < 0.6


@pytest.mark.parametrize("name", WRITTEN)
def test_the_written_sentences_are_sound(name):
    for row in written(name):
        for answer in row["answers"]:
            assert print_script(parse_script(answer)) == answer + "\n"


def test_a_tree_shows_each_branch_the_prompt_that_inference_will_show(modules):
    from generate import Maker, as_symbol, stream, texts
    from sorte_cli.agent.prompting import plan_messages

    tree = next(stream(Maker(modules), random.Random(2).randrange(99), 1))
    context, branches = texts(tree)
    for task, branch in zip(tree.tasks, branches, strict=True):
        message = plan_messages("compact", [as_symbol(s) for s in tree.symbols], task.text)[1]
        assert context + branch.stem + branch.leaves[0][0] == (
            f"<|user|>{message.content}<|assistant|>"
        )


def test_many_voices_have_lines_for_every_section_in_both_languages(modules):
    from phrasings import FOLDER, SECTIONS, lines

    voices = [voice.name for voice in FOLDER.glob("*.txt")]
    assert len(voices) >= 12
    said = {v: {(language, section) for language, section, _ in lines(FOLDER, v)} for v in voices}
    for language in ("en", "pt"):
        for section in SECTIONS:
            heard = [voice for voice in voices if (language, section) in said[voice]]
            assert len(heard) >= 9, (language, section)
        for voice in voices:
            assert len([s for one, s in said[voice] if one == language]) >= 15, voice


def test_a_line_that_cannot_be_filled_is_refused(modules, tmp_path):
    from phrasings import lines, problem

    assert not problem("pt", "rename", "{of} [agora |]atende por {new}")
    assert "without" in problem("en", "rename", "call it {new}")
    assert "unknown" in problem("en", "rename", "{f} is {new} in {path}")
    assert "cases" in problem("en", "rename", "{of} is {new}")
    assert "brackets" in problem("en", "rename", "{f} [is {new}")
    (tmp_path / "odd.txt").write_text("== en rename\ncall it {new}\n")
    with pytest.raises(ValueError, match=r"odd.txt:2: without f"):
        list(lines(tmp_path))


def test_no_slot_is_left_in_a_sentence(modules):
    from generate import Maker, stream
    from phrasings import CASES, MAY, SECTIONS

    slots = CASES.union(
        *(s.split() for _, s in SECTIONS.values()), *(m.split() for m in MAY.values())
    )
    for tree in stream(Maker(modules), 23, TREES):
        for task in tree.tasks:
            assert not [s for s in slots if f"{{{s}}}" in task.text], task.text
