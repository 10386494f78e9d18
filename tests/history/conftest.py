"""Real repositories for the tests of history, shut off from the machine's own git configuration."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from history_support import Project, isolated_environment, quick_folder

from sorte_cli.history.journal import Journal


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder in memory where there is such a file system: everything here waits for fsync."""
    with tempfile.TemporaryDirectory(dir=quick_folder()) as name:
        yield Path(name).resolve()


@pytest.fixture(autouse=True)
def isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No git configuration but the test's own; Sorte's folders below tmp_path."""
    for name, value in isolated_environment(tmp_path).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A small project with a first commit, on branch main."""
    return Project.make(tmp_path / "shop")


@pytest.fixture
def journal() -> Iterator[Journal]:
    with Journal.open() as opened:
        yield opened
