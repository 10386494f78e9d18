"""The shell of the program: version, help, global options, errors, completion, broken pipes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sorte_cli import __version__
from sorte_cli.commands.app import COMMANDS, read_global_options
from sorte_cli.errors import UsageError


@pytest.mark.parametrize("spelling", ["--version", "-V"])
def test_version_is_one_line(sorte, spelling):
    answer = sorte(spelling)
    assert (answer.code, answer.out, answer.err) == (0, f"sorte {__version__}\n", "")


def test_version_is_also_answered_among_other_options(sorte):
    answer = sorte("--no-color", "--version")
    assert (answer.code, answer.out) == (0, f"sorte {__version__}\n")


def test_help_names_every_command(sorte):
    answer = sorte("--help")
    assert answer.code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in answer.out


def test_no_command_shows_the_help(sorte):
    assert sorte().out == sorte("--help").out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_that_fits_the_screen(sorte, name):
    answer = sorte(name, "--help")
    assert answer.code == 0
    assert f"Usage: sorte {name}" in answer.out
    assert max(len(line) for line in answer.out.splitlines()) <= 80


def test_unknown_command_suggests_the_near_one(sorte):
    answer = sorte("unod")
    assert answer.code == 2
    assert answer.out == ""
    assert answer.err.startswith("error: ")
    assert "`undo`" in answer.err
    assert "hint: `sorte --help`" in answer.err


def test_unknown_option_points_to_the_help_of_its_command(sorte):
    answer = sorte("log", "--frobnicate")
    assert answer.code == 2
    assert "--frobnicate" in answer.err
    assert "`sorte log --help`" in answer.err


def test_usage_errors_are_json_when_json_is_asked_for(sorte):
    answer = sorte("do", "--json")
    assert answer.code == 2
    document = json.loads(answer.out)
    assert document["ok"] is False
    assert document["exit_code"] == 2
    assert "TASK" in document["error"]["message"]
    assert answer.err == ""


def test_json_after_the_double_dash_is_text(sorte):
    answer = sorte("log", "--", "--json")
    assert answer.code == 2
    assert answer.out == ""


def test_not_a_repository_is_an_environment_error(sorte, tmp_path):
    answer = sorte("log", cwd=tmp_path)
    assert answer.code == 3
    assert answer.err.startswith("error: ")
    assert "hint: " in answer.err


def test_errors_from_the_engines_are_json_too(sorte, tmp_path):
    answer = sorte("do", "rename a to b", "--json", cwd=tmp_path)
    assert answer.code == 3
    assert json.loads(answer.out)["exit_code"] == 3


def test_dash_c_works_before_and_after_the_command(sorte, project, tmp_path):
    before = sorte("-C", str(project), "log")
    after = sorte("log", "-C", project.name, cwd=tmp_path)
    glued = sorte("log", f"-C{project.name}", cwd=tmp_path)
    assert before.code == after.code == glued.code == 0
    assert before.out == after.out == glued.out


def test_dash_c_to_nowhere_is_a_clear_error(sorte):
    answer = sorte("-C", "no/such/folder", "log")
    assert answer.code == 3
    assert "no/such/folder" in answer.err


def test_a_second_dash_c_is_relative_to_the_first():
    assert read_global_options(["-C", "a", "log", "-C", "b"]).directory == Path("a/b")


def test_global_options_leave_the_rest_in_order():
    options = read_global_options(["--lang", "pt", "do", "x", "--no-color", "--", "-C", "--lang"])
    assert options.language == "pt_BR"
    assert options.no_color
    assert options.directory is None
    assert options.rest == ["do", "x", "--", "-C", "--lang"]


@pytest.mark.parametrize("line", [["-C"], ["log", "--lang"], ["--lang", "tlh"], ["--lang=xx"]])
def test_global_options_without_a_sensible_value_are_refused(line):
    with pytest.raises(UsageError):
        read_global_options(line)


def test_portuguese_by_option_by_variable_and_by_locale(sorte):
    by_option = sorte("--lang", "pt-BR", "--help").out
    assert "Comandos:" in by_option
    assert sorte("--help", env={"SORTE_LANG": "pt_BR"}).out == by_option
    assert sorte("--help", env={"LANG": "pt_BR.UTF-8"}).out == by_option
    assert sorte("--help", "--lang", "en", env={"LANG": "pt_BR.UTF-8"}).out == sorte("--help").out


def test_portuguese_by_the_users_configuration(sorte, home):
    (home / "config").mkdir()
    (home / "config" / "config.toml").write_text('lang = "pt_BR"\n', encoding="utf-8")
    assert "Comandos:" in sorte("--help").out
    assert "Commands:" in sorte("--help", env={"SORTE_LANG": "en"}).out


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_terminal_encoding_takes_any_text(sorte, tmp_path, encoding):
    answer = sorte("-C", "não/ção/日本", "log", "--lang", "pt", env={"PYTHONIOENCODING": encoding})
    assert answer.code == 3
    assert "Traceback" not in answer.err


def test_bytes_that_are_not_text_are_no_crash(sorte, tmp_path):
    answer = sorte("-C", b"\xff\xfe", "log")
    assert answer.code == 3
    assert "Traceback" not in answer.err


def test_a_reader_that_goes_away_is_no_error(environment, tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "sorte_cli", "--help"],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(timeout=60) == 0
    assert errors == ""


def test_closed_output_is_no_crash(environment, tmp_path):
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" -m sorte_cli log >&- 2>&-', sys.executable],
        env=environment,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 3


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_offers_commands(environment, tmp_path, shell):
    line = {"bash": {"COMP_WORDS": "sorte un", "COMP_CWORD": "1"}}.get(
        shell, {"_TYPER_COMPLETE_ARGS": "sorte un", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    )
    done = subprocess.run(
        [str(Path(sys.executable).with_name("sorte"))],
        env={**environment, "_SORTE_COMPLETE": f"complete_{shell}", **line},
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"undo" in done.stdout
    assert b"redo" not in done.stdout


def test_the_completion_script_is_for_the_shell(environment, tmp_path):
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m sorte_cli --show-completion; true"],
        env={**environment, "SHELL": "/bin/bash"},
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert b"_SORTE_COMPLETE=complete_bash" in done.stdout


def test_no_color_and_pipes_get_plain_text(sorte, project):
    answer = sorte("log", "--no-color", cwd=project)
    assert "\x1b" not in answer.out + answer.err
    assert os.linesep  # the text is lines, not cursor movement


@pytest.mark.parametrize("task", ["", "   ", "\x00\x1b"])
def test_an_empty_task_is_a_usage_error(sorte, project, task):
    answer = sorte("do", "-", cwd=project, stdin=task)
    assert answer.code == 2
    assert "empty" in answer.err


def test_an_enormous_task_is_a_usage_error(sorte, project):
    assert sorte("do", "-", cwd=project, stdin="word " * 50_000).code == 2


@pytest.mark.parametrize("command", ["do", "apply"])
def test_standard_input_that_is_not_text_is_no_crash(sorte, project, command):
    answer = sorte(command, "-", "--yes", cwd=project, stdin=b"\xff\xfe\x00")
    assert answer.code in (1, 2, 3, 4)
    assert "Traceback" not in answer.err
