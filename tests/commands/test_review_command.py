"""`sorte review` from the outside: sources, exit codes, formats, answers to findings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SHELL = "import subprocess\n\n\ndef run(name):\n    subprocess.run('ls ' + name, shell=True)\n"
WEAK = "import random\n\n\ndef pick(items):\n    return random.choice(items)\n"


def write(project: Path, name: str, text: str) -> None:
    path = project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_a_bad_change_is_shown_with_its_line_and_fails(sorte, git, project):
    write(project, "shop.py", SHELL)
    git(project, "add", "--all")
    answer = sorte("review", "--staged", cwd=project)
    assert answer.code == 1
    assert answer.out == (
        "shop.py:5: high: subprocess call with shell=True identified, security issue "
        "[bandit/B602]\n"
        "    subprocess.run('ls ' + name, shell=True)\n"
        "    -> who controls a part of that text runs commands of their own\n\n"
        "1 new finding in 1 file, 1 of them high or worse\n"
    )


def test_a_good_change_is_said_to_be_good(sorte, git, project):
    write(project, "shop.py", "LIMIT = 3\n")
    git(project, "add", "--all")
    answer = sorte("review", "--staged", cwd=project)
    assert (answer.code, answer.out) == (0, "no new findings in 1 file\n")


def test_nothing_to_review_is_no_failure(sorte, project):
    for source in (["--staged"], [], ["--range", "HEAD..HEAD"], ["-"]):
        answer = sorte("review", *source, cwd=project)
        assert (answer.code, answer.out) == (0, "nothing to review: there is no change\n")


@pytest.mark.parametrize(
    ("level", "code"), [("low", 1), ("medium", 0), ("critical", 0), ("never", 0)]
)
def test_the_level_decides_the_exit_code(sorte, project, level, code):
    write(project, "shop.py", WEAK)
    answer = sorte("review", "--fail-on", level, cwd=project)
    assert "[bandit/B311]" in answer.out
    assert answer.code == code


def test_each_source_reviews_its_own(sorte, git, project):
    write(project, "one.py", SHELL)
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "-m", "feat: one")
    write(project, "two.py", SHELL)
    git(project, "add", "--all")
    write(project, "three.py", SHELL)

    def files(*arguments: str, stdin: str = "") -> set[str]:
        answer = sorte("review", "--format", "json", *arguments, cwd=project, stdin=stdin)
        assert answer.code == 1, answer.err
        return {f["path"] for f in json.loads(answer.out)["findings"]}

    assert files("--commit", "HEAD") == {"one.py"}
    assert files("--range", "HEAD~1..HEAD") == {"one.py"}
    assert files("--range", "HEAD~1...") == {"one.py"}
    assert files("--staged") == {"two.py"}
    assert files() == {"two.py", "three.py"}
    assert files("-", stdin=git(project, "diff", "--cached")) == {"two.py"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fail-on", "awful"], "--fail-on cannot be `awful`"),
        (["--format", "xml"], "--format cannot be `xml`"),
        (["--deadline", "-5"], "--deadline"),
        (["--deadline", "soon"], "--deadline"),
        (["--staged", "--commit", "HEAD"], "choose one of"),
        (["HEAD"], "`HEAD` cannot be reviewed"),
        (["--commit", "nowhere"], "there is no commit `nowhere` here"),
        (["--commit", "--output=x"], "there is no commit `--output=x` here"),
        (["--range", "main"], "`main` is no range"),
        (["--baseline", "nowhere.json"], "there is no baseline nowhere.json"),
    ],
)
def test_mistakes_are_named(sorte, project, arguments, message):
    answer = sorte("review", *arguments, cwd=project)
    assert answer.code == 2
    assert message in answer.err


def test_mistakes_are_named_in_json_too(sorte, project):
    answer = sorte("review", "--format", "json", "--fail-on", "awful", cwd=project)
    assert json.loads(answer.out)["exit_code"] == answer.code == 2


def test_outside_a_repository_it_says_so(sorte, tmp_path, environment):
    folder = tmp_path / "plain"
    folder.mkdir()
    answer = sorte("review", cwd=folder, env={"GIT_CEILING_DIRECTORIES": str(tmp_path)})
    assert answer.code == 3
    assert "not a git repository" in answer.err


def test_a_comment_with_a_reason_answers_a_finding(sorte, project):
    line = "    subprocess.run('ls ' + name, shell=True)"
    write(project, "shop.py", SHELL.replace(line, f"{line}  # sorte: ignore[B602] names are ours"))
    answer = sorte("review", cwd=project)
    assert answer.code == 0
    assert answer.out == "no new findings in 1 file (1 answered by a comment)\n"


def test_a_comment_without_a_reason_answers_nothing(sorte, project):
    line = "    subprocess.run('ls ' + name, shell=True)"
    write(project, "shop.py", SHELL.replace(line, f"{line}  # sorte: ignore[bandit/B602]"))
    answer = sorte("review", cwd=project)
    assert answer.code == 1
    assert "note: shop.py:5: `sorte: ignore` needs a reason behind it to count" in answer.err


def test_what_stands_in_the_baseline_is_known(sorte, project):
    write(project, "shop.py", SHELL)
    written = sorte("review", "--write-baseline", cwd=project)
    assert written.out == f"1 finding is known now: {project / '.sorte-baseline.json'}\n"
    write(project, "shop.py", "# moved\n\n" + SHELL)
    answer = sorte("review", cwd=project)
    assert answer.code == 0
    assert answer.out.endswith("(1 known from the baseline)\n")
    write(project, "more.py", SHELL)
    assert sorte("review", cwd=project).code == 1


def test_a_broken_baseline_is_named(sorte, project):
    for text in ("{", "[]", '{"version": 9}', '{"version": 1, "findings": 3}'):
        write(project, ".sorte-baseline.json", text)
        answer = sorte("review", cwd=project)
        assert answer.code == 2
        assert "cannot be read as a baseline" in answer.err


def test_a_deadline_that_passed_is_said_and_blocks_nothing_unknown(sorte, project):
    write(project, "shop.py", SHELL)
    answer = sorte("review", "--deadline", "0.0001", cwd=project)
    assert "note: the deadline of 0.0001 s passed" in answer.err
    # A check may have ended before the alarm came; only what it found can block.
    assert answer.code == (1 if "bandit/B602" in answer.out else 0)


def test_sarif_names_tool_rule_and_place(sorte, project):
    write(project, "shop.py", SHELL)
    answer = sorte("review", "--format", "sarif", "--fail-on", "never", cwd=project)
    [run] = json.loads(answer.out)["runs"]
    [result] = run["results"]
    assert result["ruleId"] == "bandit/B602"
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 5


def test_a_secret_is_never_shown_whole(sorte, project):
    key = "AKIA" + "Q3EGVZ7KPL2MNB5T"
    write(project, "settings.ini", f"[aws]\nkey = {key}\n")
    for format_ in ("text", "json", "sarif"):
        answer = sorte("review", "--format", format_, cwd=project)
        assert answer.code == 1
        assert key not in answer.out + answer.err
        assert "settings.ini" in answer.out


def test_fix_mends_in_the_working_tree_and_stages_nothing(sorte, git, project):
    write(project, "prices.py", "import os\n\n\ndef calc_total(items):\n    return sum(items)\n")
    git(project, "add", "--all")
    answer = sorte("review", "--staged", "--fix", "--fail-on", "low", cwd=project)
    assert answer.code == 0, answer.err
    assert answer.out.endswith(
        "mended 1 place in 1 file, 1 test passes\n"
        "look at it with `git diff`; nothing was staged or committed\n"
    )
    assert "os" not in (project / "prices.py").read_text(encoding="utf-8")
    assert git(project, "show", ":prices.py").startswith("import os\n")
    git(project, "restore", "prices.py")  # the index still has what was reviewed
    assert (project / "prices.py").read_text(encoding="utf-8").startswith("import os\n")


def test_fix_says_so_where_nothing_can_be_mended(sorte, project):
    write(project, "shop.py", SHELL)
    answer = sorte("review", "--fix", cwd=project)
    assert answer.code == 1
    assert "nothing here can be mended by itself" in answer.err


def test_without_a_model_it_says_so_once(sorte, project):
    write(project, "shop.py", "LIMIT = 3\n")
    answer = sorte("review", cwd=project)
    assert answer.err == (
        "note: no model looked at this: nano is too small to judge code; see --brain\n"
    )
    assert sorte("review", "--no-model", cwd=project).err == ""


def test_a_model_that_cannot_be_loaded_is_an_error_only_where_it_was_named(
    sorte, project, tmp_path
):
    write(project, "shop.py", SHELL)
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF")
    assert sorte("review", "--brain", str(broken), cwd=project).code == 3
    answer = sorte("review", cwd=project, env={"SORTE_BRAIN": str(broken)})
    assert answer.code == 1
    assert "note: no model looked at this: " in answer.err


def test_checkers_of_a_project_run_only_once_it_is_trusted(sorte, git, project):
    (project / ".gitignore").write_text("vendor/\n", encoding="utf-8")
    (project / "phpstan.neon").write_text("parameters:\n", encoding="utf-8")
    (project / "a.php").write_text("<?php\n", encoding="utf-8")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "-m", "feat: php")
    program = project / "vendor" / "bin" / "phpstan"
    program.parent.mkdir(parents=True)
    answer = '{"files": {"a.php": {"messages": [{"message": "Bad $x", "line": 2}]}}}'
    program.write_text(
        f"#!/bin/sh\nif grep -q x a.php; then echo '{answer}'; else echo '{{\"files\": []}}'; fi\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    (project / "a.php").write_text("<?php\n$x;\n", encoding="utf-8")
    before = sorte("review", "--fail-on", "medium", cwd=project)
    assert before.code == 0
    assert "configured here and not run: phpstan; `sorte trust` lets them" in before.err
    asked = sorte("trust", cwd=project)
    assert (asked.code, "its checkers will run in the sandbox: phpstan" in asked.err) == (4, True)
    assert sorte("trust", "--yes", cwd=project).code == 0
    after = sorte("review", "--fail-on", "medium", cwd=project)
    assert after.code == 1
    assert "a.php:2: medium: Bad $x [phpstan/error]\n    $x;" in after.out
    assert sorte("review", "--no-tools", "--fail-on", "medium", cwd=project).code == 0
    # Settings that the project gets now were not part of what was trusted.
    (project / "sorte.toml").write_text('test_command = "touch owned"\n', encoding="utf-8")
    assert "phpstan" not in sorte("review", "--fail-on", "medium", cwd=project).out
