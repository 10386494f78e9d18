"""The embedding model that a person configured, lent to the index for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sorte_cli.context.index import ProjectIndex
from sorte_cli.errors import UsageError
from sorte_cli.settings import Settings


@contextmanager
def with_meaning(index: ProjectIndex, settings: Settings) -> Iterator[ProjectIndex]:
    """The index, which ranks by meaning too where the setting `embedding` names a model.

    The model is loaded when something has no vector yet, and freed at the end. Raises what a name
    of no model raises, and ModelLoadError for a model that is not made for this.
    """
    if not settings.embedding:
        yield index
        return
    from sorte_cli.inference.embedding import Embedder
    from sorte_cli.inference.specs import spec_for

    spec = spec_for(settings.embedding)
    if spec.url:
        raise UsageError(
            "an embedding model runs on this machine; an address cannot be used",
            hint="name a GGUF file in the setting `embedding`, or empty it",
        )
    with Embedder(spec.path, threads=settings.threads) as embed:
        index.embed = embed
        try:
            yield index
        finally:
            index.embed = None
