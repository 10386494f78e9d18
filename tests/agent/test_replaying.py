"""Commits as scripts: ranges, first commits, what no operation can say; the command."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from sorte_cli.agent.replaying import commits_of, replay
from sorte_cli.commands.app import run
from sorte_cli.errors import UsageError
from sorte_cli.history import Repository


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("SORTE_STATE_DIR", "SORTE_CACHE_DIR", "SORTE_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    root = tmp_path / "shop"
    root.mkdir()

    def git(*args: str) -> None:
        names = ("-c", "user.name=Ana", "-c", "user.email=ana@example.com")
        subprocess.run(["git", *names, *args], cwd=root, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    (root / "a.py").write_text("LIMIT = 1\n\n\ndef total():\n    return LIMIT\n")
    git("add", "-A")
    git("commit", "-qm", "first")
    (root / "a.py").write_text("LIMIT = 2\n\n\ndef compute():\n    return LIMIT\n")
    (root / "b.py").write_text("import a\n")
    git("add", "-A")
    git("commit", "-qm", "rename and more")
    (root / "link").symlink_to("a.py")
    git("add", "-A")
    git("commit", "-qm", "a link")
    monkeypatch.chdir(root)
    return root


def test_each_commit_is_said_and_made_again(repository: Path) -> None:
    repo = Repository.discover(repository, writing=False)
    (first,) = replay(repo, "HEAD~2", len)
    (second,) = replay(repo, "HEAD~1", len)
    assert first.exact and second.exact
    assert first.expressed.text.startswith("create_file a.py\n<<<\nLIMIT = 1\n")
    assert second.expressed.text == (
        "rename a.py::total compute\n# then\nset_value a.py::LIMIT 2\n"
        "create_file b.py\n<<<\nimport a\n>>>\n"
    )
    assert second.tokens == len(second.expressed.text) < second.search_replace_tokens


def test_what_no_operation_can_say_is_named(repository: Path) -> None:
    (last,) = replay(Repository.discover(repository, writing=False), "HEAD", len)
    assert (last.exact, last.left_out) == (False, ("link is a link",))


def test_ranges_go_from_old_to_new(repository: Path) -> None:
    repo = Repository.discover(repository, writing=False)
    assert [r.subject for r in replay(repo, "HEAD~2..HEAD", len)] == ["rename and more", "a link"]
    assert len(commits_of(repo, "HEAD~2..HEAD", 1)) == 1
    for wrong in ("nope", "HEAD..HEAD", "--all", "nope..HEAD"):
        with pytest.raises(UsageError):
            commits_of(repo, wrong)


def test_the_command_prints_scripts_that_can_be_applied(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["replay", "HEAD~1"]) == 0
    shown = capsys.readouterr().out
    assert "rename a.py::total compute\n# then\nset_value a.py::LIMIT 2\n" in shown
    assert run(["replay", "HEAD~2..HEAD", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert [c["exact"] for c in document["commits"]] == [True, False]
    assert document["commits"][0]["kinds"] == {"named": 2, "new file": 1}
    assert run(["replay", "nope"]) == 2
