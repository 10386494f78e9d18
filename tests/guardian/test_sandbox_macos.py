"""The macOS sandbox as text, and behind the common interface with a stand-in for `sandbox-exec`.

What the kernel of macOS makes of the profile is not tested here: that needs a Mac.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from guardian_support import Project

from sorte_cli.guardian import find_sandbox, sandbox_status, seatbelt
from sorte_cli.guardian.seatbelt import Seatbelt, profile

RULES = profile(
    worktree=Path("/Users/ana/shop/.git/sorte/run"),
    common_dir=Path("/Users/ana/shop/.git"),
    home=Path("/Users/ana"),
    private=Path('/private/var/folders/a "b\\c'),
    exchange=Path("/private/var/folders/x"),
    show=[Path("/Users/ana/shop/.venv")],
)


def rules(kind: str) -> list[str]:
    """The rules of one kind, in their order."""
    return [line for line in RULES.splitlines() if line.startswith(f"({kind}")]


def test_the_profile_is_balanced_and_denies_by_default() -> None:
    bare = re.sub(r'"(?:\\.|[^"\\])*"', '""', RULES)
    assert bare.count("(") == bare.count(")")
    assert RULES.startswith("(version 1)\n(deny default)\n")
    assert '(subpath "/private/var/folders/a \\"b\\\\c")' in RULES


def test_later_rules_win_in_the_right_order() -> None:
    lines = RULES.splitlines()

    def at(beginning: str) -> int:
        return next(n for n, line in enumerate(lines) if line.startswith(beginning))

    assert at("(allow file-read*)") < at("(deny file-read*") < at("(allow file-read* (subpath")
    assert at("(allow file-write* ") < at("(deny file-write*")
    assert at("(deny network*)") < at("(allow network* ")


def test_only_the_worktree_and_private_folders_are_written_and_git_is_not() -> None:
    (written,) = rules("allow file-write* ")
    assert re.findall(r'"((?:\\.|[^"\\])*)"', written) == [
        "/Users/ana/shop/.git/sorte/run",
        '/private/var/folders/a \\"b\\\\c',
        "/private/var/folders/x",
    ]
    # The worktree lies within the git directory: a rule for all of that would shut it off.
    assert rules("deny file-write*") == [
        '(deny file-write* (subpath "/Users/ana/shop/.git/sorte/run/.git"))'
    ]


def test_the_home_is_hidden_but_for_tools_and_what_is_shown() -> None:
    (hidden,) = rules("deny file-read*")
    assert '(subpath "/Users/ana")' in hidden
    (shown,) = rules("allow file-read* ")
    assert '(subpath "/Users/ana/.pyenv")' in shown
    assert '(subpath "/Users/ana/shop/.venv")' in shown
    assert ".ssh" not in RULES


def test_there_is_no_network_but_sockets_in_the_private_folder() -> None:
    (allowed,) = rules("allow network")
    assert "ip" not in re.sub(r'"[^"]*"', "", allowed).replace("(ip", "ip").split()
    assert "localhost" not in RULES


@pytest.fixture
def mac(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine that says it is a Mac; its `sandbox-exec` keeps the profile and runs the rest."""
    program = tmp_path / "sandbox-exec"
    program.write_text(f'#!/bin/sh\nprintf "%s" "$2" > {tmp_path}/profile\nshift 2\nexec "$@"\n')
    program.chmod(0o755)
    monkeypatch.setattr(seatbelt, "PROGRAM", program)
    monkeypatch.setattr(sys, "platform", "darwin")
    return tmp_path


def test_on_a_mac_it_is_found_and_runs_commands(mac: Path, project: Project) -> None:
    sandbox = find_sandbox()
    assert isinstance(sandbox, Seatbelt)
    assert sandbox.name == "sandbox-exec"
    assert sandbox_status() == (True, f"sandbox-exec is used ({mac / 'sandbox-exec'})")
    ran = project.python(sandbox, "import os; print(os.getcwd(), os.environ['TMPDIR'])")
    where, private = ran.output.split()
    assert where == str(project.worktree)
    assert not Path(private).exists()  # it is gone with the command
    rules = (mac / "profile").read_text(encoding="utf-8")
    assert f'(subpath "{private}")' in rules
    assert f'(subpath "{project.worktree}")' in rules
