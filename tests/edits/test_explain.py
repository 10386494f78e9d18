"""`sorte apply --explain` and `sorte operations`: what each operation did, and where."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from sorte_cli.commands.app import run

A = "LIMIT = 1\n\n\ndef total(cart):\n    return cart.total()\n\n\nprint(total(x))\n"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("SORTE_STATE_DIR", "SORTE_CACHE_DIR", "SORTE_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    root = tmp_path / "shop"
    root.mkdir()
    (root / "a.py").write_text(A)
    (root / "script").write_text("rename a.py::total add_up\nset_value a.py::LIMIT 2\n")
    names = ("-c", "user.name=Ana", "-c", "user.email=ana@example.com")
    for args in (["init", "-q"], ["add", "-A"], [*names, "commit", "-qm", "first"]):
        subprocess.run(["git", *args], cwd=root, check=True, capture_output=True)
    monkeypatch.chdir(root)
    return root


def test_every_operation_is_explained_with_its_places(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["apply", "script", "--dry-run", "--explain"]) == 0
    shown = capsys.readouterr().out
    assert "rename a.py::total add_up\n  Renamed total to add_up" in shown
    assert "    a.py:4\n    a.py:8\n" in shown
    assert "set_value a.py::LIMIT 2\n  Set a.py::LIMIT to 2 (was 1).\n    a.py:1\n" in shown


def test_the_explanation_is_part_of_the_json(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["apply", "script", "--dry-run", "--explain", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [e["places"] for e in document["explanation"]] == [["a.py:4", "a.py:8"], ["a.py:1"]]


def test_operations_that_change_nothing_say_why(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "same").write_text("set_value a.py::LIMIT 1\n")
    assert run(["apply", "same", "--dry-run"]) == 1
    assert "a.py::LIMIT is 1 already." in capsys.readouterr().err


def test_the_reference_is_at_hand(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["operations"]) == 0
    assert "add_entry PATH::SYMBOL [KEY] VALUE\n    add an entry" in capsys.readouterr().out
    assert run(["operations", "wrap"]) == 0
    assert "    wrap a.py::load#1-2\n" in capsys.readouterr().out
    assert run(["operations", "renam"]) == 2
    assert "rename" in capsys.readouterr().err
    assert run(["operations", "set_key", "--json"]) == 0
    (operation,) = json.loads(capsys.readouterr().out)["operations"]
    assert "after" in operation["examples"][0]
