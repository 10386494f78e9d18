"""Fixtures: tiny models, and an engine in either form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sorte_cli.inference import Engine, ModelSpec, open_engine

from .tiny import tiny_model


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """States of prefixes go into a folder of the tests, also those of child processes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SORTE_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random model of 512 tokens context."""
    return tiny_model(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture(scope="session")
def long_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model of 8,192 tokens context: its answers outgrow the pipe to the parent."""
    return tiny_model(tmp_path_factory.mktemp("models") / "long.gguf", context=8192)


@pytest.fixture(scope="module", params=["inline", "process"])
def engine(request: pytest.FixtureRequest, model: Path) -> Iterator[Engine]:
    """The tiny model, in this process and in a child."""
    opened = open_engine(ModelSpec(model), inline=request.param == "inline")
    yield opened
    opened.close()
