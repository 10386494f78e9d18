"""How much of the prompt for another task a model has not read yet, in a real repository.

    python benchmarks/prefix_share.py --tokenizer GGUF [--window N ...] REPOSITORY [TASK ...]

Builds the first prompt of `sorte do` for one task after the other, and counts what stands behind
the part that it has in common with the one before, as a share of that prompt. Only the tokenizer of
the GGUF is used (a vocabulary without weights will do, such as llama.cpp's `ggml-vocab-*.gguf`); no
model runs. The part in common is what the engine keeps from prompt to prompt (`prefix.py` shows
that with an engine). REPOSITORY is a checkout; its index is made in a scratch folder.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path
from types import SimpleNamespace

import llama_cpp

from sorte_cli.agent import planning, prompting
from sorte_cli.agent.briefing import Background, brief
from sorte_cli.context.index import ProjectIndex
from sorte_cli.history import Repository

TARGET = 0.10
TASKS = (
    "add a timeout option", "retry twice by default", "the cookie should be secure by default",
    "raise an error when a name is registered twice", "rename the result setting",
    "make the command line show everything sorted by name", "fix the crash when there is no header",
    "limit the size of a request", "reload the templates while debugging",
    "read the configuration from environment variables with a prefix", "log the name of the model",
)  # fmt: skip


class Counting:
    """As much of an engine as building a prompt asks for."""

    def __init__(self, vocabulary: Path, window: int) -> None:
        self._model = llama_cpp.Llama(str(vocabulary), vocab_only=True, verbose=False)
        self.info = SimpleNamespace(context_tokens=window, fingerprint=f"{vocabulary}")

    def count(self, text: str) -> int:
        return len(self._model.tokenize(text.encode(), add_bos=False, special=False))


def shares(engine: Counting, index: ProjectIndex, root: Path, tasks: list[str]) -> list[float]:
    """Tokens of each prompt but the first that the one before did not begin with, by all."""
    repository = Repository.discover(root, writing=False)
    background = Background(planning.project_instructions(root))
    texts = []
    for task in tasks:
        seen = brief(engine, "full", task, index, repository, background).situation
        messages = prompting.plan_messages(
            "full", seen.symbols, task, project=seen.project, around=seen.around
        )
        texts.append("\n".join(m.content for m in messages))
    sizes = [engine.count(t) for t in texts]
    print(f"  {min(sizes)} to {max(sizes)} tokens", end="", flush=True)
    pairs = zip(texts, texts[1:], sizes[1:], strict=False)
    return [engine.count(text[_same(before, text) :]) / size for before, text, size in pairs]


def _same(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("repository", type=Path)
    parser.add_argument("tasks", nargs="*", default=list(TASKS))
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--window", type=int, nargs="+", default=[8192, 16384, 32768])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache:
        for window in options.window:
            engine = Counting(options.tokenizer, window)
            with ProjectIndex.open(options.repository, Path(cache)) as index:
                found = shares(engine, index, options.repository, options.tasks)
            print(
                f", window {window}: another task reads {statistics.mean(found):.1%} of its prompt "
                f"again, {min(found):.1%} to {max(found):.1%} (wanted: {TARGET:.0%})"
            )


if __name__ == "__main__":
    main()
