"""Fixtures of the guardian's tests: both runners, and a home of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from guardian_support import IDENTITY, Project, make_project

from sorte_cli.guardian import Sandbox, find_sandbox, sandbox_status


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """$HOME is a folder of this test, so that nothing of the user's is read or written."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH"):
        monkeypatch.delenv(name, raising=False)
    for name, value in IDENTITY.items():
        monkeypatch.setenv(name, value)
    return home


@pytest.fixture
def bubblewrap() -> Sandbox:
    works, sentence = sandbox_status()
    if not works:
        pytest.fail(f"the sandbox cannot be tested on this machine: {sentence}")
    return find_sandbox("bubblewrap")


@pytest.fixture
def plain() -> Sandbox:
    return find_sandbox("none")


@pytest.fixture(params=["bubblewrap", "none"])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """Each runner in turn."""
    found: Sandbox = request.getfixturevalue(
        "bubblewrap" if request.param == "bubblewrap" else "plain"
    )
    return found


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path, {"shop.py": "LIMIT = 300\n"})
