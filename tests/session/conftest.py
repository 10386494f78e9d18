"""A small project, folders of its own, and a person at a terminal."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from terminal_double import Person


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    (folder / "state").mkdir(parents=True)
    (folder / "state" / "welcomed").touch()
    return folder


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """A clean environment: English, own folders, an identity for git, a capable terminal."""
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "TMPDIR", "LD_LIBRARY_PATH")}
    return kept | {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "EDITOR": "true",
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
def git(environment: dict[str, str], project: Path) -> Callable[..., str]:
    """`git("log", "--oneline")` in the project."""

    def run(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=project, env=environment, capture_output=True, check=True
        )
        return done.stdout.decode()

    return run


@pytest.fixture
def project(tmp_path: Path, environment: dict[str, str]) -> Path:
    """A repository with two modules, one test and one commit."""
    folder = tmp_path / "project"
    (folder / "shop").mkdir(parents=True)
    (folder / "shop" / "__init__.py").touch()
    (folder / "shop" / "prices.py").write_text(
        'LIMIT = 10\n\n\ndef calc_total(items):\n    """The sum of all prices."""\n'
        "    return sum(items)\n",
        encoding="utf-8",
    )
    (folder / "shop" / "basket.py").write_text(
        "from shop.prices import calc_total\n\n\nclass Basket:\n"
        "    def total(self):\n        return calc_total([1, 2])\n",
        encoding="utf-8",
    )
    (folder / "test_prices.py").write_text(
        "from shop.prices import calc_total\n\n\n"
        "def test_total():\n    assert calc_total([1, 2]) == 3\n",
        encoding="utf-8",
    )
    for words in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "--all"),
        ("commit", "--quiet", "-m", "feat: prices"),
    ):
        subprocess.run(["git", *words], cwd=folder, env=environment, check=True)
    return folder


Sit = Callable[..., Person]


@pytest.fixture
def sit(project: Path, environment: dict[str, str]) -> Iterator[Sit]:
    """`sit()` opens a session: `sit("--lang", "pt_BR", columns=200)`, `sit(env={...})`."""
    people: list[Person] = []

    def down(*arguments: str, env: dict[str, str] | None = None, **size: int) -> Person:
        person = Person(project, environment | (env or {}), *arguments, **size)
        people.append(person)
        return person

    yield down
    for person in people:
        person.close()
