"""What the person sees while a run works and when it ends."""

from __future__ import annotations

import io
import sys

import pytest

from sorte_cli.agent.report import FileReport, RunReport, StepReport
from sorte_cli.domain import Finding, RankedFile, Severity, TestReport, Verdict
from sorte_cli.errors import ExitCode, UsageError
from sorte_cli.terminal import ask, output, runs, style, tables
from sorte_cli.terminal.messages import print_error, print_note
from sorte_cli.terminal.observer import TerminalObserver
from sorte_cli.terminal.report import count_new_tests, describe_tests, print_report, summary_parts
from sorte_cli.terminal.spinner import Spinner

PLAN = "rename shop.py::total\nadd_entry shop.py::METHODS"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    for name in ("NO_COLOR", "CI", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(output, "_no_color", False)


@pytest.fixture
def terminal(monkeypatch):
    """stdin, stdout and stderr are terminals; typed text is put into stdin."""

    def typed(text: str = "") -> tuple[Terminal, Terminal]:
        screen, errors = Terminal(), Terminal()
        monkeypatch.setattr(sys, "stdin", Terminal(text))
        monkeypatch.setattr(sys, "stdout", screen)
        monkeypatch.setattr(sys, "stderr", errors)
        return screen, errors

    return typed


def play(observer: TerminalObserver) -> None:
    """One whole run, with everything that may happen in it."""
    finding = Finding("bandit", "B602", "shop.py", 3, Severity.HIGH, "shell=True")
    observer.event("recovered", text="an interrupted run was undone")
    observer.event("index")
    for fraction in (0.0, 0.1, 0.3, 0.6, 1.0):
        observer.event("model_load", fraction=fraction)
    observer.event("selected", files=(RankedFile("shop.py", 1.0),), symbols=())
    observer.event("thinking", role="brain")
    for piece in ("rename ", "shop.py::total\n", "add_entry [bold]x"):
        observer.event("text", text=piece)
    observer.event("plan", text=PLAN)
    observer.event("step_started", step="rename shop.py::total", total=2)
    observer.event("thinking", role="executor")
    observer.event("operations", script="rename shop.py::total sum_all\n", summaries=("renamed",))
    observer.event("diff", text="--- a/shop.py\n+++ b/shop.py\n@@ -1 +1 @@\n-a\n+b\n")
    observer.event("checks", findings=(finding,))
    observer.event("tests_started", command=("pytest",), only=())
    observer.event("tests", report=TestReport("failed", passed=3, failed=1))
    observer.event("repair", attempt=1, reason="1 test(s) failed\n" + "detail\n" * 20)
    observer.event("tests", report=TestReport("passed", passed=4))
    observer.event("step_committed", commit="0123456789abcdef", step="rename")
    observer.event("step_dropped", step="add_entry", reason="no such dict")
    observer.event("verifying")
    observer.event("note", text="possible reference, not changed: x.py:1: total")
    observer.event("kept_branch", branch="sorte/1")
    observer.event("landed", old="a", new="b", paths=())
    observer.event("an event of the future", anything=1)
    observer.close()


def test_a_log_gets_plain_lines_in_order(capsys):
    play(TerminalObserver())
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "\x1b" not in captured.err and "\r" not in captured.err
    wanted = [
        "note: an interrupted run was undone",
        "loading the model",
        "looking at shop.py",
        "plan",
        "  1. rename shop.py::total",
        "  2. add_entry shop.py::METHODS",
        "step 1/2: rename shop.py::total",
        "  rename shop.py::total sum_all",
        "  +b",
        "  shop.py:3: shell=True [bandit B602]",
        "  1 of 4 tests fail",
        "  trying again (1): 1 test(s) failed",
        "  4 tests pass",
        "  committed 0123456789",
        "  step given up, nothing of it is kept: no such dict",
        "verifying the whole change",
        "kept on the branch sorte/1",
    ]
    lines = captured.err.splitlines()
    positions = [lines.index(line) for line in wanted]
    assert positions == sorted(positions)


def test_a_long_reason_is_cut(capsys):
    play(TerminalObserver())
    assert capsys.readouterr().err.count("detail") < 10


def test_loading_is_told_in_quarters_only(capsys):
    observer = TerminalObserver()
    for hundredth in range(101):
        observer.event("model_load", fraction=hundredth / 100)
    assert len(capsys.readouterr().err.splitlines()) == 4


def test_a_terminal_gets_colours_and_a_spinner_that_goes_away(terminal):
    _screen, errors = terminal()
    play(TerminalObserver())
    shown = errors.getvalue()
    assert "\x1b[32m" in shown
    assert "writing operations" in shown
    assert "[bold]x" in shown  # what a model writes is no markup
    assert shown.rstrip().endswith("\x1b[?25h") or "\x1b[?25h" in shown  # the cursor is back


@pytest.mark.parametrize("variable", ["NO_COLOR", "CI"])
def test_no_animation_where_it_is_not_wanted(terminal, monkeypatch, variable):
    monkeypatch.setenv(variable, "1")
    _screen, errors = terminal()
    play(TerminalObserver())
    assert "\r" not in errors.getvalue()
    assert "\x1b[?25l" not in errors.getvalue()
    if variable == "NO_COLOR":
        assert "\x1b" not in errors.getvalue()


def test_a_dumb_terminal_gets_plain_text(terminal, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    _screen, errors = terminal()
    play(TerminalObserver())
    assert "\x1b" not in errors.getvalue()


def test_text_from_a_repository_cannot_command_the_terminal(capsys):
    observer = TerminalObserver()
    evil = "\x1b[2J\x1b]0;owned\x07 ok\r\x9b31m \u202egnp"
    observer.event("diff", text=f"+{evil}\n")
    observer.event("plan", text=evil)
    observer.event("note", text=evil)
    observer.event("repair", attempt=1, reason=evil)
    shown = capsys.readouterr().err
    assert not any(c in shown for c in "\x1b\x07\r\x9b\u202e")
    assert " ok" in shown


def test_bytes_that_are_not_utf8_are_shown_as_such():
    assert style.safe("caf\udce9") == "caf\ufffd"
    assert style.safe("a\r\nb\tc") == "a\nb\tc"


def test_a_very_long_diff_is_cut_and_says_so(capsys):
    TerminalObserver().event("diff", text="+x\n" * 500)
    assert "380 more lines" in capsys.readouterr().err


def test_yes_approves_without_a_question(capsys):
    assert TerminalObserver(yes=True).approve_plan(PLAN) == PLAN
    assert "1. rename shop.py::total" in capsys.readouterr().err


def test_without_a_terminal_the_plan_is_shown_and_declined(capsys):
    assert TerminalObserver().approve_plan(PLAN) is None
    shown = capsys.readouterr().err
    assert "1. rename shop.py::total" in shown
    assert "--yes" in shown


def test_the_plan_is_not_shown_twice(capsys):
    observer = TerminalObserver(yes=True)
    observer.event("plan", text=PLAN)
    observer.approve_plan(PLAN)
    assert capsys.readouterr().err.count("1. rename") == 1


@pytest.mark.parametrize(
    ("typed", "approved"),
    [
        ("y\n", True),
        ("YES\n", True),
        ("sim\n", True),
        ("n\n", False),
        ("\n", False),
        ("", False),
        ("what?\ny\n", True),
        ("what?\n", False),
    ],
)
def test_only_a_clear_yes_approves(terminal, typed, approved):
    terminal(typed)
    assert TerminalObserver().approve_plan(PLAN) == (PLAN if approved else None)


@pytest.mark.parametrize(("typed", "given"), [("y\n", True), ("\n", False), ("", False)])
def test_consent_is_asked_at_a_terminal(terminal, typed, given):
    _screen, errors = terminal(typed)
    assert TerminalObserver(yes=True).consent("no_sandbox", "Run bare?") is given
    assert "Run bare?" in errors.getvalue()


def test_consent_is_never_given_for_a_person_who_is_not_there(capsys):
    assert TerminalObserver(yes=True).consent("no_sandbox", "Run bare?") is False


def test_operations_are_approved_but_not_edited(terminal):
    _screen, errors = terminal("y\n")
    observer = TerminalObserver(plan_is_script=True)
    assert observer.approve_plan("rename a.py::b c\n") == "rename a.py::b c\n"
    assert "1." not in errors.getvalue()


def test_the_plan_can_be_edited(terminal, monkeypatch, tmp_path):
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsed -i "s/total/sum_all/" "$1"\n', encoding="utf-8")
    editor.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(editor))
    monkeypatch.delenv("VISUAL", raising=False)
    terminal("e\ny\n")
    edited = TerminalObserver().approve_plan(PLAN)
    assert edited == "rename shop.py::sum_all\nadd_entry shop.py::METHODS\n"


def test_an_emptied_plan_is_a_no(terminal, monkeypatch):
    monkeypatch.setenv("EDITOR", "truncate -s 0")
    monkeypatch.delenv("VISUAL", raising=False)
    terminal("e\n")
    assert TerminalObserver().approve_plan(PLAN) is None


@pytest.mark.parametrize("editor", ["no-such-editor-here", "false", "'unclosed"])
def test_an_editor_that_fails_is_a_clear_error(monkeypatch, editor):
    monkeypatch.setenv("VISUAL", editor)
    with pytest.raises(UsageError, match="editor"):
        ask.edit_text(PLAN)


def test_after_an_editor_that_fails_the_plan_is_asked_about_again(terminal, monkeypatch):
    monkeypatch.setenv("VISUAL", "no-such-editor-here")
    _screen, errors = terminal("e\ny\n")
    assert TerminalObserver().approve_plan(PLAN) == PLAN
    assert "no-such-editor-here" in errors.getvalue()


def report(**changes) -> RunReport:
    values = {
        "run_id": "20261121-143502-ab12",
        "status": "landed",
        "exit_code": ExitCode.OK,
        "task": "rename",
        "steps": (StepReport("rename", "committed", commit="aaa"),),
        "changes": (
            FileReport("shop/new.py", "created", 10, 0),
            FileReport("tests/test_new.py", "created", 8, 0),
            FileReport("shop/factory.py", "changed", 2, 1),
        ),
        "diff": "+def test_a():\n+async def test_b():\n-def test_old():\n+    def test_m(self):\n",
        "verdict": Verdict((), TestReport("passed", passed=12)),
        "old": "1" * 40,
        "new": "2" * 40,
    }
    return RunReport(**{**values, **changes})


def test_the_report_says_what_changed_and_how_to_undo(capsys):
    print_report(report())
    shown = capsys.readouterr().out
    headline = shown.partition("\n  created")[0]
    assert max(map(len, headline.splitlines())) <= 80
    assert " ".join(headline.split()) == (
        "done: created 2 files, changed 1 file, added 2 tests, 12 tests pass, commit 2222222222"
    )
    assert "  created  shop/new.py  +10 -0" in shown
    assert "`sorte undo`" in shown


def test_a_run_that_did_not_land_says_so_and_why(capsys):
    failed = Verdict((), TestReport("failed", passed=11, failed=1))
    print_report(
        report(
            status="not landed",
            exit_code=ExitCode.NOT_LANDED,
            verdict=failed,
            message="test_a failed",
            branch="sorte/x",
            notes=("hm",),
        )
    )
    captured = capsys.readouterr()
    assert captured.out.startswith("not landed: ")
    assert "1 of 12 tests fail" in captured.out
    assert "test_a failed" in captured.out
    assert "sorte/x" in captured.out
    assert "`sorte undo`" not in captured.out
    assert captured.err == "note: hm\n"


def test_other_endings(capsys):
    print_report(report(status="planned", plan=("rename a",), changes=(), diff=""))
    print_report(report(status="dry run", new=""))
    print_report(report(status="kept", branch="sorte/y"))
    print_report(report(status="declined", exit_code=ExitCode.NOT_LANDED, changes=()))
    shown = capsys.readouterr().out
    assert "planned, nothing changed:\n  rename a" in shown
    assert "dry run, nothing changed" in shown
    assert "kept on the branch sorte/y" in shown
    assert "stopped before anything was changed" in shown


def test_several_commits_are_counted():
    steps = tuple(StepReport("s", "committed", commit=c) for c in ("a", "b", "b"))
    assert "2 commits" in summary_parts(report(steps=steps))


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("passed", "the tests pass"),
        ("failed", "the tests fail"),
        ("timeout", "the tests did not end in time"),
        ("error", "the tests could not run"),
        ("none", "no tests were found"),
    ],
)
def test_tests_without_a_count(status, text):
    assert describe_tests(TestReport(status)) == text


def test_tests_that_failed_before_too_are_counted():
    report = TestReport("passed", passed=12, failed=1)
    assert describe_tests(report) == "12 tests pass (1 failed before too)"


@pytest.mark.parametrize(
    ("diff", "count"),
    [
        ("", 0),
        ("+def test_a():\n+def helper():\n", 1),
        ("-def test_a():\n+def test_b():\n", 0),
        ("-def test_a():\n", 0),
        ("+    public function testPays(): void\n+  it('pays', () => {\n+  test(`x`, f)\n", 3),
        ("+++ b/def test_x(", 0),
    ],
)
def test_new_tests_are_counted(diff, count):
    assert count_new_tests(diff) == count


def test_errors_and_notes_have_one_style(capsys):
    print_error("it broke\nin two places", "mend it")
    print_note("by the way")
    assert capsys.readouterr().err == (
        "error: it broke\n  in two places\nhint: mend it\nnote: by the way\n"
    )


def test_only_the_last_column_of_a_table_is_cut(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    run = "20261121-192604-4d6d"
    rows = [(run, "not landed", "word " * 30), (run, "landed", "short")]
    _, first, second = tables.render(("run", "status", "task"), rows).splitlines()
    assert first.startswith(f"{run}  not landed  word") and first.endswith("…")
    assert second == f"{run}  landed      short"


def test_tables_fit_the_width(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    text = tables.render(("a", "task"), [("12345", "word " * 30), ("1", "ação 日本" * 10)])
    lines = text.splitlines()
    assert len(lines) == 3
    assert all(len(line) <= 40 for line in lines)
    assert lines[1].endswith("…")


def test_no_runs_is_said():
    assert "sorte do" in runs.table([])


def test_the_spinner_never_shows_two_lines_at_once(monkeypatch):
    errors = Terminal()
    monkeypatch.setattr(sys, "stderr", errors)
    spinner = Spinner(enabled=True)
    spinner.show("one")
    spinner.detail("x" * 500)
    with spinner.paused():
        print("between", file=errors)
    spinner.stop()
    spinner.stop()
    assert "between\n" in errors.getvalue()
    assert "x" * 100 not in errors.getvalue()


def test_a_disabled_spinner_is_silent(capsys):
    spinner = Spinner(enabled=False)
    spinner.show("one")
    spinner.detail("two")
    with spinner.paused():
        pass
    spinner.stop()
    assert capsys.readouterr().err == ""


def test_screen_readers_get_nothing_that_moves(terminal, monkeypatch):
    monkeypatch.setenv("SORTE_PLAIN", "1")
    _screen, errors = terminal()
    play(TerminalObserver())
    assert "\x1b[?25" not in errors.getvalue()
    assert "loading the model" in errors.getvalue()
