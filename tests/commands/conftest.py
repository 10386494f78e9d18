"""The real `sorte` in a child process, with its folders and the person's settings out of reach."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Answer:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Answer]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """A clean environment: no colours, English, own folders, an identity for git."""
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "TMPDIR", "LD_LIBRARY_PATH")}
    return kept | {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "SORTE_STATE_DIR": str(home / "state"),
        "SORTE_CACHE_DIR": str(home / "cache"),
        "SORTE_CONFIG_DIR": str(home / "config"),
        "SORTE_DATA_DIR": str(home / "data"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Ana",
        "GIT_AUTHOR_EMAIL": "ana@example.com",
        "GIT_COMMITTER_NAME": "Ana",
        "GIT_COMMITTER_EMAIL": "ana@example.com",
        "PYTHONWARNINGS": "error",
    }


@pytest.fixture
def sorte(environment: dict[str, str], tmp_path: Path) -> Run:
    """`sorte("log", "--json", cwd=folder)` runs the program and returns its Answer."""

    def run(
        *arguments: str | bytes,
        cwd: Path | None = None,
        stdin: str | bytes = "",
        env: Mapping[str, str] | None = None,
        timeout_s: float = 300,
    ) -> Answer:
        done = subprocess.run(
            [sys.executable, "-m", "sorte_cli", *arguments],
            cwd=cwd or tmp_path,
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            env={**environment, **(env or {})},
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
        return Answer(
            done.returncode,
            done.stdout.decode("utf-8", "replace"),
            done.stderr.decode("utf-8", "replace"),
        )

    return run


@pytest.fixture
def git(environment: dict[str, str]) -> Callable[..., str]:
    """`git(folder, "log", "--oneline")` runs git and returns what it prints."""

    def run(folder: Path, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, env=environment, capture_output=True, check=True
        )
        return done.stdout.decode()

    return run


@pytest.fixture
def project(tmp_path: Path, git: Callable[..., str]) -> Path:
    """A small repository with one module, one test and one commit."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "prices.py").write_text(
        "def calc_total(items):\n    return sum(items)\n", encoding="utf-8"
    )
    (folder / "test_prices.py").write_text(
        "from prices import calc_total\n\n\n"
        "def test_total():\n    assert calc_total([1, 2]) == 3\n",
        encoding="utf-8",
    )
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "feat: prices")
    return folder
