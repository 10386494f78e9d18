"""What a session must survive: odd text, odd terminals, full disks."""

from __future__ import annotations

import subprocess
import sys

import pytest

PASTE, PASTED = "\x1b[200~", "\x1b[201~"


def test_a_pasted_megabyte_is_shown_short_and_refused_clearly(sit):
    person = sit()
    person.ready()
    person.type(PASTE + "x" * 1_000_000 + PASTED)
    person.wait("pasted 1,000,000 characters #1")
    person.type("\r")
    person.wait("the message has 1,000,000 characters; at most 20,000 are read")
    person.say("what is Basket")
    person.wait("too small to explain")


def test_a_pasted_text_of_many_lines_is_one_message(sit, home):
    person = sit()
    person.ready()
    person.type(PASTE + "where is\ncalc_total\nused?" + PASTED)
    person.wait("used?")
    assert "question" not in person.text
    person.type("\r")
    person.wait("shop/basket.py:6")


def test_a_long_paste_is_put_back_when_it_is_sent(sit, home):
    person = sit()
    person.ready()
    person.type("explain " + PASTE + "calc_total\n" * 40 + PASTED)
    person.wait("[pasted 440 characters #1]")
    person.type("\r")
    person.wait("too small to explain")
    (saved,) = home.glob("state/talks/*/*.jsonl")
    assert saved.read_text().count("calc_total\\n") >= 39


def test_control_characters_neither_show_nor_count(sit):
    person = sit()
    person.ready()
    person.type(PASTE + "what is \x1b]0;evil\x07\x1b[2JBasket\x00\u202e" + PASTED)
    person.type("\r")
    person.wait("shop/basket.py:4")
    assert b"\x1b]0;evil" not in person.raw


def test_wide_and_combining_characters_are_edited_by_character(sit):
    person = sit()
    person.ready()
    person.type("日本語 e\u0301 👍 fim")
    person.wait("fim")
    person.type("\x7f" * 4)
    person.wait(lambda text: "fim" not in text)
    person.type("\x15")
    person.say("what is Basket")
    person.wait("too small to explain")


def test_a_resize_keeps_prompt_and_output(sit):
    person = sit()
    person.ready()
    person.resize(40, 12)
    person.say("where is calc_total used?")
    person.wait("explain)")
    person.resize(200, 60)
    person.say("what is Basket")
    person.wait(lambda text: text.count("explain)") == 2)
    person.wait("Shift+Tab: mode")


@pytest.mark.parametrize("size", [(20, 5), (1, 1)])
def test_a_tiny_terminal_is_no_reason_to_fail(sit, size):
    person = sit(columns=size[0], lines=size[1])
    person.look(1)
    person.type("/exit\r")
    assert person.end() == 0


def test_without_cursor_control_the_session_is_lines(sit, project):
    person = sit(env={"TERM": "dumb"})
    person.say("rename calc_total to compute_total")
    person.wait("Go on? [y]es")
    person.say("perhaps")  # what is not understood is asked again
    person.wait("answer y, n, a")
    person.wait_count("Go on? [y]es", 2)
    person.say("y")
    person.wait("/undo takes it back")
    assert "compute_total" in (project / "shop/prices.py").read_text()
    person.type("\x04")
    assert person.end() == 0
    assert b"\x1b" not in person.raw


def test_without_colours_nothing_is_coloured(sit):
    person = sit(env={"NO_COLOR": "1"})
    person.ready()
    person.say("what is Basket")
    person.wait("too small to explain")
    for code in (b"\x1b[31", b"\x1b[32", b"\x1b[36", b"\x1b[38"):
        assert code not in person.raw


@pytest.mark.parametrize("stdin", [subprocess.DEVNULL, None])
def test_without_a_terminal_there_is_no_prompt(stdin, project, environment):
    done = subprocess.run(
        [sys.executable, "-m", "sorte_cli"],
        cwd=project,
        env=environment,
        stdin=stdin,
        capture_output=True,
        text=True,
        check=False,
        close_fds=True,
    )
    assert "Usage" in done.stdout
    assert "›" not in done.stdout


def test_a_disk_that_is_full_for_the_talk_is_told_and_the_talk_goes_on(sit, home):
    folder = home / "state" / "talks"
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("in the way")
    person = sit()
    person.ready()
    person.say("what is Basket")
    text = person.wait("too small to explain")
    assert "this talk cannot be saved now" in text
    folder.unlink()
    person.say("where is calc_total used?")
    person.wait(lambda text: text.count("too small to explain") == 2)
    (saved,) = home.glob("state/talks/*/*.jsonl")
    assert "what is Basket" in saved.read_text()  # what could not be written then is there now


def test_outside_of_a_repository_the_way_in_is_told(environment, tmp_path):
    from terminal_double import Person

    person = Person(tmp_path, environment)
    assert person.end() == 3
    assert "is not in a git repository" in " ".join(person.text.split())
    assert "sorte demo" in person.text
    person.close()


def test_the_first_start_explains_in_five_lines(sit, home):
    (home / "state" / "welcomed").unlink()
    person = sit()
    text = person.wait("Ask, or say what to change")
    start = text.index("Say what to change")
    assert text[start : text.index("Ask, or")].strip().count("\n") == 4
    assert "This machine: " in person.wait("now? Without")
    person.say("")  # nothing is fetched without a yes
    person.wait("nano it is")
    assert not (home / ".cache" / "huggingface").exists()
    assert not (home / "config").exists()
    again = sit()
    again.ready()
    assert "happens in a copy" not in again.text


def test_a_newcomers_yes_without_a_network_is_told_and_the_session_goes_on(sit, home):
    (home / "state" / "welcomed").unlink()
    person = sit(env={"HF_ENDPOINT": "http://127.0.0.1:9"})
    person.wait("now? Without")
    person.say("y")
    person.wait("hint: ")
    person.say("what is Basket")
    person.wait("too small to explain")
    assert not (home / "config").exists()


def test_a_resize_during_output_loses_none_of_it(sit):
    person = sit(env={"SORTE_SANDBOX": "none"})
    person.ready()
    person.say("!for n in $(seq 300); do echo line-$n-end; sleep 0.005; done")
    for size in ((40, 12), (200, 60), (10, 4), (120, 30), (80, 24)):
        person.look(0.2)
        person.resize(*size)
    person.wait("line-300-end")
    printed = person.raw.decode("utf-8", "replace")
    assert all(f"line-{n}-end" in printed for n in range(1, 301))
    person.say("what is Basket")
    person.wait("too small to explain")


def test_a_plain_session_whose_input_ends_at_a_question_changes_nothing(sit, git):
    person = sit(env={"TERM": "dumb"})
    person.say("rename calc_total to compute_total")
    person.wait("Go on? [y]es")
    person.type("\x04")
    person.wait("stopped; nothing was changed")
    person.type("\x04")
    assert person.end() == 0
    assert git("log", "--oneline").count("\n") == 1


@pytest.mark.parametrize("words", [["-p", "what is Basket"], ["--help"]])
def test_a_reader_that_goes_away_is_no_error(words, project, environment):
    process = subprocess.Popen(
        [sys.executable, "-m", "sorte_cli", *words],
        cwd=project,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    said = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait() in (0, 1)
    assert "Traceback" not in said
    assert "BrokenPipe" not in said
