"""Folders of Sorte's own, and a repository whose journal is written by hand."""

from __future__ import annotations

import os
from pathlib import Path

# As the package does; a test module may import numpy before it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from learning_histories import Past


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "STATE", "CACHE", "DATA"):
        monkeypatch.setenv(f"SORTE_{name}_DIR", str(tmp_path / "sorte" / name.lower()))
    for name in ("SORTE_BRAIN", "SORTE_EXECUTOR", "DEFAULT_MODEL", "EXECUTOR_MODEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def past(tmp_path: Path) -> Past:
    """A small shop under git, and its journal."""
    return Past(tmp_path / "shop")
