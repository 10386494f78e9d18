"""`sorte config`, `dirs`, `memory`, `resume` and `ask`: the session's helpers as plain commands."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import tomllib

import pytest

from sorte_cli.commands.config import descriptions
from sorte_cli.configuring import with_value
from sorte_cli.settings import Settings


@pytest.fixture
def sorte(project, environment):
    def run(*words, code=0):
        done = subprocess.run(
            [sys.executable, "-m", "sorte_cli", *words],
            cwd=project, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr if code else done.stdout

    return run


def test_every_setting_is_described():
    names = {f.name for f in dataclasses.fields(Settings)} - {"sources"}
    assert set(descriptions()) == names


def test_a_setting_is_set_shown_with_its_origin_and_taken_out_again(sorte, home):
    sorte("config", "set", "test_timeout_s", "77")
    file = home / "config" / "config.toml"
    assert tomllib.loads(file.read_text()) == {"test_timeout_s": 77}
    found = json.loads(sorte("config", "list", "--json"))["settings"]["test_timeout_s"]
    assert found == {"value": 77, "source": str(file)}
    assert sorte("config", "get", "test_timeout_s").strip() == "77"
    sorte("config", "unset", "test_timeout_s")
    assert tomllib.loads(file.read_text()) == {}


def test_wrong_names_and_values_are_refused_with_what_was_meant(sorte, home):
    assert "did you mean `sandbox`" in sorte("config", "set", "sandbx", "none", code=2)
    assert "one of auto, bubblewrap, none" in sorte("config", "set", "sandbox", "x", code=2)
    assert "whole number" in sorte("config", "set", "threads", "many", code=2)
    assert not (home / "config" / "config.toml").exists()


def test_the_schema_names_types_and_choices(sorte):
    schema = json.loads(sorte("config", "schema"))
    assert schema["properties"]["sandbox"]["enum"] == ["auto", "bubblewrap", "none"]
    assert schema["properties"]["threads"]["type"] == "integer"


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("", "nano", 'brain = "nano"\n'),
        ("# mine\nthreads = 2", "x", '# mine\nthreads = 2\nbrain = "x"\n'),
        ('brain = "a" # why\nlang = "en"\n', "b", 'brain = "b"\nlang = "en"\n'),
        ('[other]\nbrain = "kept"\n', "x", 'brain = "x"\n[other]\nbrain = "kept"\n'),
        ('brain = "a"\nlang = "en"\n', None, 'lang = "en"\n'),
        ("", 'C:\\a "b"', 'brain = "C:\\\\a \\"b\\""\n'),
    ],
)
def test_a_value_is_written_and_the_rest_stays(before, value, after):
    assert with_value(before, "brain", value) == after
    tomllib.loads(after)


def test_folders_follow_the_environment(sorte, home):
    folders = json.loads(sorte("dirs", "--json"))["folders"]
    assert folders["state"] == str(home / "state")
    assert set(folders) == {"config", "data", "state", "cache"}


def test_memory_is_kept_for_the_project(sorte):
    sorte("memory", "add", "amounts", "are", "Decimal")
    assert "amounts are Decimal" in sorte("memory", "list")
    sorte("memory", "forget", "1")
    assert json.loads(sorte("memory", "list", "--json"))["memory"] == []


def test_a_question_is_answered_without_a_session(sorte):
    answer = json.loads(sorte("ask", "where is calc_total used?", "--json"))
    assert "shop/basket.py:6" in answer["sources"]
    assert "too small" in answer["remark"]
    assert "shop/prices.py:4" in sorte("ask", "what", "is", "calc_total")
    assert "empty" in sorte("ask", " ", code=2)


def test_resuming_needs_a_terminal_and_something_to_resume(sorte):
    assert "no saved talk" in sorte("resume", "--list")
    assert "needs a terminal" in sorte("resume", code=3)
    assert "no saved talk" in sorte("resume", "--export", "-", code=2)


def test_a_run_is_rated_counted_and_its_note_becomes_a_lesson(sorte):
    assert "no runs here yet" in sorte("rate", "good", code=2)
    sorte("do", "rename calc_total to compute_total", "--yes")
    sorte("rate", "bad", "too", "long", "--remember")
    assert "too long" in sorte("memory", "list")
    figures = json.loads(sorte("stats", "--json"))
    assert (figures["runs"], figures["statuses"], figures["bad"]) == (1, {"landed": 1}, 1)
    assert "1 run" in sorte("stats")


def test_the_manual_names_every_command_and_is_clean_roff(sorte):
    from sorte_cli.commands.app import COMMANDS

    for language, heading in (("en", ".SH COMMANDS"), ("pt_BR", ".SH COMANDOS")):
        lines = sorte("man", "--lang", language).splitlines()
        assert heading in lines
        heads = [line for line in lines if line.startswith(".SS sorte ")]
        assert set(COMMANDS) <= {head.split()[2] for head in heads}
        macros = {line.split()[0] for line in lines if line.startswith((".", "'"))}
        assert macros <= {".TH", ".SH", ".SS", ".PP", ".TP", ".B"}


def test_one_message_without_a_session_is_taken_for_what_a_session_would(sorte, project):
    assert "shop/basket.py:6" in sorte("-p", "where is calc_total used?")
    planned = json.loads(sorte("-p", "plan to rename calc_total to compute_total", "--json"))
    assert planned["status"] == "planned"
    assert "nothing was changed" in sorte("-p", "rename calc_total to compute_total", code=1)
    sorte("--print", "rename calc_total to compute_total", "--yes")
    assert "compute_total" in (project / "shop/prices.py").read_text()
    assert "only in a session" in sorte("-p", "/undo", code=2)
    assert "needs a message" in sorte("-p", code=2)


@pytest.mark.parametrize(
    ("words", "english", "portuguese"),
    [
        (["do"], "`TASK` is missing", "falta `TAREFA`"),
        (["dox"], "there is no command `dox`", "não existe o comando `dox`"),
        (["do", "--max-repair", "1", "x"], "did you mean `--max-repairs", "você quis dizer `--max"),
        (["do", "--max-repairs", "a", "x"], "a whole number is wanted", "um número inteiro"),
        (["undo", "a", "b"], "too much was said: b", "palavras a mais: b"),
        (["context", "x", "-n", "0"], "-n / --limit: at least 1 is", "-n / --limit: é preciso no"),
        (["models", "fit", "--ctx", "99999999"], "at most 16777216", "no máximo 16777216"),
    ],
)
def test_wrong_usage_is_told_in_words_of_both_languages(
    words, english, portuguese, project, environment
):
    for language, wanted in (("en", english), ("pt_BR", portuguese)):
        done = subprocess.run(
            [sys.executable, "-m", "sorte_cli", "--lang", language, *words],
            cwd=project, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 2
        assert wanted in done.stderr
        assert "--help" in done.stderr


@pytest.mark.parametrize("language", ["en", "pt_BR"])
def test_the_list_of_commands_is_whole_and_fits_eighty_columns(language, project, environment):
    done = subprocess.run(
        [sys.executable, "-m", "sorte_cli", "--lang", language, "--help"],
        cwd=project,
        env=environment | {"COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=True,
    )
    commands = done.stdout.rpartition(":\n")[2]
    assert "..." not in commands
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
