"""The line and its keys: completion, history, lines, editors, modes."""

from __future__ import annotations

import json
import stat

import pytest

UP, TAB, SHIFT_TAB, ALT_ENTER = "\x1b[A", "\t", "\x1b[Z", "\x1b\r"
RENAME = "rename calc_total to compute_total"


@pytest.fixture
def editor(tmp_path):
    """An `$EDITOR` that replaces one text by another."""

    def make(old: str, new: str) -> str:
        path = tmp_path / "editor"
        path.write_text(
            "#!/usr/bin/env python3\nimport sys, pathlib\n"
            "p = pathlib.Path(sys.argv[1])\n"
            f"p.write_text(p.read_text().replace({old!r}, {new!r}))\n"
        )
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(path)

    return make


def test_files_and_symbols_are_completed_after_an_at_sign(sit):
    person = sit()
    person.ready()
    person.type("what is @bask")
    person.wait("shop/basket.py")
    person.type(TAB)
    person.wait("› what is @shop/basket.py::Basket")
    person.type("\r\r")
    text = person.wait("too small to explain")
    assert "shop/basket.py:4" in text


def test_commands_and_their_arguments_are_completed_with_their_help(sit):
    person = sit()
    person.ready()
    person.type("/und")
    person.wait("take a run back, after showing")
    person.type("\x15/mode pl")
    person.wait("plan")
    person.type(TAB + "\r\r")
    person.wait("plan: nothing is changed")


def test_shift_tab_cycles_modes_and_plan_mode_changes_nothing(sit, git):
    person = sit()
    person.ready()
    person.type(SHIFT_TAB * 3)
    person.wait(" plan only · main")
    person.say(RENAME)
    person.wait("next: say it again outside of plan mode")
    assert git("log", "--oneline").count("\n") == 1
    person.type(SHIFT_TAB * 3)
    person.wait(" automatic · main")
    person.say(RENAME)
    person.wait("/undo takes it back")
    person.type(SHIFT_TAB * 2)
    person.wait(" ask · main")


def test_always_goes_on_without_asking_again(sit):
    person = sit()
    person.ready()
    person.say(RENAME)
    person.wait("Go on? [y]es")
    person.say("perhaps")
    person.wait("answer y, n, a")
    person.say("a")
    person.wait("/undo takes it back")
    person.wait(" automatic · main")


def test_a_plan_can_be_edited_before_it_runs(sit, editor, project):
    person = sit(env={"EDITOR": editor("nothing of it", "")})
    person.ready()
    person.say(RENAME)
    person.wait("Go on? [y]es")
    person.say("e")
    person.wait("/undo takes it back")
    assert "compute_total" in (project / "shop/prices.py").read_text()


def test_a_plan_that_was_edited_into_nonsense_is_asked_about_again(sit, editor, git):
    person = sit(env={"EDITOR": editor("rename shop", "?!")})
    person.ready()
    person.say(RENAME)
    person.wait("Go on? [y]es")
    person.say("e")
    person.wait("is no step")
    person.say("n")
    person.wait("nothing was changed")
    assert git("status", "--porcelain") == ""


def test_operations_can_be_edited_and_applied_again(sit, editor, project):
    person = sit(env={"EDITOR": editor("calc_total compute_total", "compute_total sum_up")})
    person.ready()
    person.say("/mode auto")
    person.say(RENAME)
    person.wait("/undo takes it back")
    person.say("/operations")
    person.wait_count("rename shop/prices.py::calc_total compute_total", 2)
    person.say("/operations edit")
    person.wait_count("/undo takes it back", 2)
    assert "def sum_up" in (project / "shop/prices.py").read_text()


def test_the_line_can_be_written_in_the_editor(sit, editor):
    person = sit(env={"EDITOR": editor("WHAT", "where is calc_total used?")})
    person.ready()
    person.type("WHAT")
    person.wait("› WHAT")
    person.type("\x18\x05")
    person.wait("› where is calc_total used?")
    person.type("\r")
    person.wait("shop/basket.py:6")


def test_lines_of_earlier_sessions_come_back_with_the_arrow(sit, home):
    person = sit()
    person.say("/keys")
    person.wait("keys: emacs")
    person.type("one" + ALT_ENTER + "two")
    person.wait("two")
    person.type("\x03")
    person.say("/exit")
    person.end()
    assert [json.loads(x) for x in (home / "state/history.jsonl").read_text().splitlines()] == [
        "/keys", "/exit",
    ]  # fmt: skip
    again = sit()
    again.ready()
    again.type(UP + UP)
    again.wait("› /keys")


def test_alt_enter_and_a_backslash_make_lines(sit, home):
    person = sit()
    person.ready()
    person.type("where is" + ALT_ENTER + "calc_total\\\r")
    person.say("used?")
    person.wait("shop/basket.py:6")
    (saved,) = home.glob("state/talks/*/*.jsonl")
    assert "where is\\ncalc_total\\nused?" in saved.read_text()


def test_vi_keys(sit):
    person = sit()
    person.ready()
    person.say("/keys vi")
    person.wait("keys: vi")
    person.type("hello world")
    person.wait("› hello world")
    person.type("\x1b")
    person.look(0.5)
    person.type("bdw")
    person.wait(lambda text: "› hello\n" in text)


def test_the_language_changes_at_once(sit):
    person = sit()
    person.ready()
    person.say("/lang pt")
    person.wait("daqui em diante em português")
    person.say("what is Basket")
    person.wait("pequeno demais para explicar")
    person.say("/lang xx")
    person.wait("en, pt_BR")


def test_going_on_with_a_talk_from_the_shell(sit):
    person = sit()
    person.ready()
    person.say("what is Basket")
    person.wait("too small to explain")
    person.say("/exit")
    person.end()
    again = sit("resume")
    again.wait("going on with the talk")
    again.wait("what is Basket")
    again.say("/context")
    again.wait("1 exchange is kept whole")


def test_a_talk_is_exported(sit, project):
    person = sit()
    person.ready()
    person.say("what is Basket")
    person.wait("too small to explain")
    person.say("/export talk.md")
    person.wait("written:")
    assert "> what is Basket" in (project / "talk.md").read_text()
    person.say("/export talk.json")
    person.wait_count("written:", 2)
    assert json.loads((project / "talk.json").read_text())["records"][1]["text"] == "what is Basket"
    person.say("/export talk.md")
    person.wait(lambda text: "File exists" in " ".join(text.split()))


def test_a_bad_run_with_a_note_offers_to_become_a_lesson(sit):
    person = sit()
    person.ready()
    person.say("/mode auto")
    person.say(RENAME)
    person.wait("/undo takes it back")
    person.say("/bad the name is too long")
    person.wait("Remember this for the project?")
    person.say("y")
    person.wait("remembered as 1")
    person.say("/memory")
    person.wait("this project  lesson")
