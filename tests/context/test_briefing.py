"""What the larger models read about a task: outline, symbols, a past change, whole sources."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sorte_cli.agent import prompting
from sorte_cli.agent.briefing import Background, Briefing, brief
from sorte_cli.agent.examples import Example, _within, past_example
from sorte_cli.agent.patterns import sources
from sorte_cli.agent.planning import Situation
from sorte_cli.context.index import ProjectIndex
from sorte_cli.domain import Step, Symbol
from sorte_cli.edits import DirectorySnapshot, MemorySnapshot, parse_script
from sorte_cli.edits.outline import outline
from sorte_cli.history import Repository
from sorte_cli.inference import ModelInfo

CARD = """from decimal import Decimal

from shop.methods.base import PaymentMethod


class CardPayment(PaymentMethod):
    label = "Card"

    def charge(self, amount: Decimal) -> str:
        return f"card:{amount}"
"""
DEBIT = CARD.replace("Card", "Debit").replace("card", "debit")


@dataclass
class Counting:
    """The part of an engine that a briefing asks: its window and its tokens."""

    window: int = 8_192

    @property
    def info(self) -> ModelInfo:
        known: dict[str, Any] = {
            "name": "counting", "path": Path("x.gguf"), "architecture": "llama",
            "parameters": 9_000_000_000, "context_tokens": self.window,
            "trained_context_tokens": self.window, "size_bytes": 1, "quantisation": "F16",
            "chat_template": "", "fingerprint": "counting",
        }  # fmt: skip
        return ModelInfo(**known)

    def count(self, text: str) -> int:
        return len(text) // 4 + 1


@pytest.fixture
def grown(shop):
    """The shop, with a past in which a payment method was added."""
    factory = (shop.root / "shop/factory.py").read_text()
    shop.commit(
        "feat: add payment method debit",
        {
            "shop/methods/debit.py": DEBIT,
            "shop/factory.py": factory.replace(
                '    "pix": PixPayment,', '    "pix": PixPayment,\n    "debit": DebitPayment,'
            ).replace("\n\nMETHODS", "\nfrom shop.methods.debit import DebitPayment\n\nMETHODS"),
        },
    )
    shop.commit("docs: say more", {"README.md": "# Shop\n\nA checkout.\n"})
    return shop


def briefed(project, task: str, **changes: Any) -> Briefing:
    engine: Any = Counting(changes.pop("window", 8_192))
    repository = Repository.discover(project.root, writing=False)
    with ProjectIndex.open(project.root) as index:
        profile = changes.pop("profile", "full")
        return brief(engine, profile, task, index, repository, Background(**changes))


def messages(situation: Situation, profile: str = "full") -> list[prompting.Message]:
    return prompting.plan_messages(
        profile,
        situation.symbols,
        situation.task,
        project=situation.project,
        around=situation.around,
    )


def test_the_past_change_most_like_the_task_is_shown_as_operations(grown):
    found = briefed(grown, "add the payment method Pix Parcelado").example
    assert found is not None
    assert found.subject == "feat: add payment method debit"
    said = parse_script(found.script).operations
    assert {o.target.path for o in said} == {"shop/methods/debit.py", "shop/factory.py"}
    assert found.left_out == 0


def test_a_past_change_that_is_too_long_keeps_whole_operations(grown):
    repository = Repository.discover(grown.root, writing=False)
    with ProjectIndex.open(grown.root) as index:
        task = "add the payment method Pix Parcelado"
        whole = past_example(repository, index, task, len, 10_000)
        part = past_example(repository, index, task, len, len(whole.text) - 1)
        assert past_example(repository, index, task, len, 20) is None
    kept = parse_script(part.script).operations
    everything = parse_script(whole.script).operations
    assert [o for o in everything if o in kept] == list(kept)
    assert 0 < part.left_out == len(everything) - len(kept)
    assert f"(and {part.left_out} more)" in part.text


def test_no_past_change_is_shown_where_none_is_like_the_task(grown):
    assert briefed(grown, "paginate the telemetry dashboard").example is None


def test_a_past_change_is_expressed_once(grown, monkeypatch):
    task = "add the payment method Pix Parcelado"
    first = briefed(grown, task).example
    monkeypatch.setattr("sorte_cli.agent.examples._expressed", lambda *_: pytest.fail("again"))
    assert briefed(grown, task).example == first


def test_the_system_text_is_the_same_for_every_task(grown):
    rules = {"instructions": "The project's own instructions (AGENTS.md):\nBe kind."}
    one = messages(briefed(grown, "raise MAX_ITEMS to 60", **rules).situation)
    other = messages(
        briefed(grown, "add the payment method Pix", talk="said so", **rules).situation
    )
    assert one[0] == other[0]
    assert "Be kind." in one[0].content
    assert "class PixPayment(PaymentMethod)" in one[0].content
    assert "said so" in other[1].content
    assert one[1].content.endswith("task: raise MAX_ITEMS to 60\nplan")


def test_what_a_task_changes_is_small_beside_what_stays(grown):
    rules = {"instructions": "\n".join(f"- rule {n}: keep functions short" for n in range(80))}
    system, user = messages(briefed(grown, "raise MAX_ITEMS to 60", **rules).situation)
    assert len(user.content) < 0.2 * len(system.content)


def test_a_large_window_shows_more_of_a_large_project_to_every_task(shop):
    many = {
        f"shop/part_{n}.py": "".join(
            f"def work_{n}_{m}(a, b):\n    return a\n\n\n" for m in range(9)
        )
        for n in range(90)
    }
    shop.commit("feat: parts", many)
    seen = {w: briefed(shop, "add a coupon", window=w) for w in (8_192, 32_768, 131_072)}
    sizes = {w: Counting().count(b.situation.around.overview) for w, b in seen.items()}
    assert 1_200 < sizes[8_192] <= 1_600
    assert 3_600 < sizes[32_768] <= 4_700
    assert sizes[32_768] <= sizes[131_072] <= 4_800
    other = briefed(shop, "rename checkout", window=32_768)
    assert other.situation.project == seen[32_768].situation.project


def test_the_compact_profile_reads_the_very_same_bytes_as_before(grown):
    situation = briefed(grown, "raise MAX_ITEMS to 60", profile="compact").situation
    listed = "\n".join(prompting.render_symbol(s) for s in situation.symbols)
    around = prompting.Around("an outline", "an example", "a talk")
    for given in (prompting.NOTHING, around):
        asked = prompting.plan_messages("compact", situation.symbols, situation.task, around=given)
        assert asked[1].content == f"{listed}\n\ntask: raise MAX_ITEMS to 60\nplan"
    assert situation.around == prompting.NOTHING


@pytest.mark.parametrize("window", [1_024, 2_048, 4_096, 16_384])
def test_the_window_holds_what_was_chosen(grown, window):
    chosen = briefed(grown, "add the payment method Pix Parcelado", window=window).situation
    system, user = messages(chosen)
    fixed = len(prompting.prompt_text("full", "system"))
    assert (len(system.content) - fixed + len(user.content)) // 4 <= max(window - 1_800, 100)


def test_symbols_stand_by_file_and_the_likeliest_with_details():
    shown = prompting.SYMBOLS_DETAILED
    symbols = [
        Symbol("a.py::first", "function", "(x)"),
        Symbol("b.py", "file"),
        *(Symbol(f"a.py::f{n}", "function", "(y)") for n in range(shown)),
    ]
    assert prompting.render_symbols(symbols, "full").splitlines() == [
        "a.py",
        "::first (x)",
        *(f"::f{n} (y)" for n in range(shown - 2)),
        f":: f{shown - 2}, f{shown - 1}",
        "b.py",
    ]


def test_a_new_file_is_written_beside_the_one_it_should_be_like(grown):
    step = Step("create_file", ("shop/methods/parcelado.py",), "a payment method")
    situation = briefed(grown, "add the payment method Pix Parcelado").situation
    paths = tuple(grown.git("ls-files").splitlines())
    snapshot = DirectorySnapshot(grown.root, paths)
    engine: Any = Counting()
    (whole, *_) = sources(engine, step, snapshot, (), situation.symbols)
    assert whole.address.startswith("shop/methods/")
    assert whole.text == (grown.root / whole.address).read_text().rstrip("\n")
    test = Step("create_file", ("tests/test_parcelado.py",), "a test")
    like = sources(engine, test, snapshot, (), situation.symbols)[0]
    assert like.address.startswith("tests/test_")
    none = Step("create_file", ("go/main.go",), "another language")
    assert sources(engine, none, snapshot, (), situation.symbols) == ()


def test_a_source_that_is_too_long_is_left_out_and_not_cut(grown):
    step = Step("add_symbol", ("shop/orders.py",), "a method")
    snapshot = DirectorySnapshot(grown.root, ("shop/orders.py",))
    small: Any = Counting(400)
    assert sources(small, step, snapshot, (), ()) == ()
    large: Any = Counting()
    (found,) = sources(large, step, snapshot, (), ())
    assert found.text == (grown.root / "shop/orders.py").read_text().rstrip("\n")
    renaming = Step("rename", ("shop/orders.py",))
    assert sources(large, renaming, snapshot, (), ()) == ()


def test_of_a_long_file_its_beginning_and_what_the_step_speaks_of_are_shown():
    many = "".join(f"\n\ndef test_case_{n}():\n    assert {n} == {n}\n" for n in range(300))
    wanted = "\n\ndef test_refused_amounts():\n    assert not refused(0)\n"
    text = f"import pytest\n\nfrom shop import refused\n{wanted}{many}"
    snapshot = MemorySnapshot({"tests/test_shop.py": text.encode()})
    reach = outline("tests/test_shop.py", text.encode())
    step = Step("add_symbol", ("tests/test_shop.py",), "a test of the refused amount of one cent")
    engine: Any = Counting()
    found = {s.address: s.text for s in sources(engine, step, snapshot, reach, ())}
    assert found == {
        "tests/test_shop.py::test_refused_amounts": wanted.strip("\n"),
        "the beginning of tests/test_shop.py": "import pytest\n\nfrom shop import refused",
    }


def test_of_a_change_that_is_too_long_code_is_shown_before_the_rest():
    pipeline = "replace_file ci.yml\n<<<\n" + "- step\n" * 40 + ">>>\n"
    code = "set_value shop/orders.py::LIMIT 3\n"
    last = "set_key pyproject.toml::version 3\n"
    example = Example("0" * 40, "a change", pipeline + code + last)
    (shown, none) = (_within(example, lambda t: len(t) // 4, room) for room in (40, 5))
    assert none is None
    assert (shown.script, shown.left_out, shown.left_out_text) == (code + last, 1, pipeline)
